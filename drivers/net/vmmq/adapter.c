// SPDX-License-Identifier: GPL-2.0
/*
 * An adapter's life: its device on the vmmq bus, the order in which its parts
 * are made, and the list of adapters.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "adapter.h"
#include "devlink.h"
#include "netlink.h"
#include "vector.h"
#include "vport.h"

/* All adapters. The lock is a leaf: CPU hotplug takes it with its own lock
 * held, so nothing that waits for a CPU or for RTNL may be called under it.
 */
static LIST_HEAD(vmmq_adapters);
static DEFINE_MUTEX(vmmq_adapters_lock);

/* One adapter is made or destroyed, or gets a VPort, at a time; outside the
 * devlink instance lock and RTNL.
 */
static DEFINE_MUTEX(vmmq_adapters_life);

/* Adapters whose memory is not freed yet, and one for the bus itself. */
static refcount_t vmmq_adapters_alive;
static DECLARE_COMPLETION(vmmq_adapters_gone);

static struct bus_type vmmq_bus = {
	.name = VMMQ_DRV_NAME,
};

/* What devlink and sysfs show an adapter to be driven by. There is nothing to
 * probe, and unbinding would leave an adapter without a driver.
 */
static struct device_driver vmmq_driver = {
	.name = VMMQ_DRV_NAME,
	.bus = &vmmq_bus,
	.owner = THIS_MODULE,
	.suppress_bind_attrs = true,
};

/* Parent of all adapters: their names are their own among its children. */
static struct device *vmmq_adapters_root;

static void vmmq_adapters_put(void)
{
	if (refcount_dec_and_test(&vmmq_adapters_alive))
		complete(&vmmq_adapters_gone);
}

static void vmmq_adapter_release(struct device *dev)
{
	struct vmmq_adapter *adapter = container_of(dev, struct vmmq_adapter,
						    dev);

	vmmq_nicswitch_exit(&adapter->nicswitch);
	free_cpumask_var(adapter->cpus);
	kvfree(adapter);
	vmmq_adapters_put();
}

static struct vmmq_adapter *vmmq_adapter_alloc(struct net *net,
					       unsigned int id,
					       const struct vmmq_config *config)
{
	struct vmmq_adapter *adapter;
	int err;

	adapter = kvzalloc(sizeof(*adapter), GFP_KERNEL);
	if (!adapter)
		return ERR_PTR(-ENOMEM);
	if (!zalloc_cpumask_var(&adapter->cpus, GFP_KERNEL)) {
		kvfree(adapter);
		return ERR_PTR(-ENOMEM);
	}
	err = vmmq_nicswitch_init(&adapter->nicswitch);
	if (err) {
		free_cpumask_var(adapter->cpus);
		kvfree(adapter);
		return ERR_PTR(err);
	}

	adapter->id = id;
	adapter->config = *config;
	adapter->wire = config->wire;
	adapter->nicswitch.max_filters = config->max_filters;
	write_pnet(&adapter->net, net);
	refcount_inc(&vmmq_adapters_alive);
	device_initialize(&adapter->dev);
	adapter->dev.bus = &vmmq_bus;
	adapter->dev.parent = vmmq_adapters_root;
	adapter->dev.release = vmmq_adapter_release;
	err = dev_set_name(&adapter->dev, "%s", config->name);
	if (err) {
		put_device(&adapter->dev);
		return ERR_PTR(err);
	}
	return adapter;
}

static void vmmq_adapter_destroy_vports(struct vmmq_adapter *adapter)
{
	struct vmmq_vport *vport;
	LIST_HEAD(head);
	int id;

	rtnl_lock();
	for (id = VMMQ_MAX_VPORTS - 1; id >= 0; id--) {
		vport = rtnl_dereference(adapter->nicswitch.vports[id]);
		if (vport)
			vmmq_vport_destroy(vport, &head);
	}
	unregister_netdevice_many(&head);
	rtnl_unlock();
}

/* Instance lock. The port comes before RTNL, see devlink.c. */
static int vmmq_adapter_create_vport(struct vmmq_adapter *adapter,
				     struct vmmq_vport_config *config)
{
	int err;

	config->port = vmmq_port_add(adapter, config->id);
	if (IS_ERR(config->port))
		return PTR_ERR(config->port);
	rtnl_lock();
	err = vmmq_vport_create(adapter, config);
	rtnl_unlock();
	return err;
}

static int vmmq_adapter_create_vports(struct vmmq_adapter *adapter)
{
	struct vmmq_vport_config config = { .queues = adapter->config.queues };
	unsigned int id;
	int err = 0;

	devl_lock(adapter->devlink);
	for (id = 0; id < adapter->config.vports && !err; id++) {
		config.id = id;
		config.max_queues = id ? adapter->config.max_queues :
					 adapter->config.default_max_queues;
		err = vmmq_adapter_create_vport(adapter, &config);
	}
	devl_unlock(adapter->devlink);
	if (err)
		vmmq_adapter_destroy_vports(adapter);
	return err;
}

/* The CPUs stay online until their vectors are there. */
static int vmmq_adapter_create_vectors(struct vmmq_adapter *adapter)
{
	int err = -ERANGE;

	cpus_read_lock();
	vmmq_procset_cpus(&adapter->config.processors, adapter->cpus);
	if (!cpumask_empty(adapter->cpus))
		err = vmmq_vectors_create(adapter);
	cpus_read_unlock();
	return err;
}

/* From here on it can be found, and its parts are announced. */
static void vmmq_adapter_publish(struct vmmq_adapter *adapter)
{
	rtnl_lock();
	mutex_lock(&vmmq_adapters_lock);
	list_add_tail(&adapter->list, &vmmq_adapters);
	mutex_unlock(&vmmq_adapters_lock);
	WRITE_ONCE(adapter->whole, true);
	vmmq_nl_announce_adapter(adapter, VMMQ_CMD_ADAPTER_ADD_NTF);
	rtnl_unlock();
}

static void vmmq_adapter_withdraw(struct vmmq_adapter *adapter)
{
	rtnl_lock();
	WRITE_ONCE(adapter->whole, false);
	mutex_lock(&vmmq_adapters_lock);
	list_del(&adapter->list);
	mutex_unlock(&vmmq_adapters_lock);
	rtnl_unlock();
}

/* Also if the user has switched the bus's own matching off */
static int vmmq_adapter_bind(struct vmmq_adapter *adapter)
{
	int bound = device_attach(&adapter->dev);

	if (bound < 0)
		return bound;
	return bound ? 0 : -ENODEV;
}

static int vmmq_adapter_build(struct net *net, unsigned int id,
			      const struct vmmq_config *config)
{
	struct vmmq_adapter *adapter;
	int err;

	adapter = vmmq_adapter_alloc(net, id, config);
	if (IS_ERR(adapter))
		return PTR_ERR(adapter);
	err = device_add(&adapter->dev);
	if (err)
		goto err_put;
	err = vmmq_adapter_bind(adapter);
	if (err)
		goto err_del;
	err = vmmq_adapter_create_vectors(adapter);
	if (err)
		goto err_del;
	err = vmmq_devlink_create(adapter);
	if (err)
		goto err_vectors;
	err = vmmq_adapter_create_vports(adapter);
	if (err)
		goto err_devlink;

	devlink_register(adapter->devlink);
	vmmq_adapter_publish(adapter);
	return 0;

err_devlink:
	vmmq_devlink_destroy(adapter);
err_vectors:
	vmmq_vectors_destroy(adapter);
err_del:
	device_del(&adapter->dev);
err_put:
	put_device(&adapter->dev);
	return err;
}

/* Adapters come and go under vmmq_adapters_life, which the caller holds. */
static struct vmmq_adapter *vmmq_adapter_by_name(const char *name)
{
	struct vmmq_adapter *adapter;

	lockdep_assert_held(&vmmq_adapters_life);
	list_for_each_entry(adapter, &vmmq_adapters, list)
		if (!strcmp(vmmq_adapter_name(adapter), name))
			return adapter;
	return NULL;
}

static bool vmmq_adapter_id_used(unsigned int id)
{
	const struct vmmq_adapter *adapter;

	lockdep_assert_held(&vmmq_adapters_life);
	list_for_each_entry(adapter, &vmmq_adapters, list)
		if (adapter->id == id)
			return true;
	return false;
}

/* The lowest number that is free; without a name of its own, also as a name. */
static int vmmq_adapter_pick_id(struct vmmq_config *config)
{
	bool named = config->name[0];
	unsigned int id;

	for (id = 0; id < VMMQ_MAX_ADAPTERS; id++) {
		if (vmmq_adapter_id_used(id))
			continue;
		if (named)
			return id;
		snprintf(config->name, sizeof(config->name),
			 VMMQ_DRV_NAME "%u", id);
		if (!vmmq_adapter_by_name(config->name))
			return id;
	}
	return -ENOSPC;
}

/**
 * vmmq_adapter_create() - make an adapter with its vectors and VPorts
 * @net: namespace it belongs to
 * @config: checked configuration
 * @name: gets its name, VMMQ_ADAPTER_NAME bytes; may be NULL
 *
 * Context: process, without RTNL.
 * Return: 0, or a negative errno and nothing is left: -EEXIST if the name is
 * in use, -ENOSPC if there are too many, -ERANGE if no CPU of its processor set
 * is online.
 */
int vmmq_adapter_create(struct net *net, const struct vmmq_config *config,
			char *name)
{
	struct vmmq_config named = *config;
	int id, err;

	mutex_lock(&vmmq_adapters_life);
	id = vmmq_adapter_pick_id(&named);
	if (id < 0)
		err = id;
	else if (config->name[0] && vmmq_adapter_by_name(config->name))
		err = -EEXIST;
	else
		err = vmmq_adapter_build(net, id, &named);
	mutex_unlock(&vmmq_adapters_life);
	if (!err && name)
		strscpy(name, named.name, VMMQ_ADAPTER_NAME);
	return err;
}

/**
 * vmmq_adapter_exists() - whether a name is in use, in any namespace
 * @name: the name
 *
 * Context: process, without RTNL. A hint.
 * Return: true if there is such an adapter.
 */
bool vmmq_adapter_exists(const char *name)
{
	bool exists;

	mutex_lock(&vmmq_adapters_life);
	exists = vmmq_adapter_by_name(name);
	mutex_unlock(&vmmq_adapters_life);
	return exists;
}

static void vmmq_adapter_destroy(struct vmmq_adapter *adapter)
{
	lockdep_assert_held(&vmmq_adapters_life);
	vmmq_adapter_withdraw(adapter);
	devlink_unregister(adapter->devlink);
	vmmq_adapter_destroy_vports(adapter);
	vmmq_devlink_destroy(adapter);
	vmmq_vectors_destroy(adapter);
	rtnl_lock();
	vmmq_nl_announce_adapter(adapter, VMMQ_CMD_ADAPTER_DEL_NTF);
	rtnl_unlock();
	device_unregister(&adapter->dev);
}

/**
 * vmmq_adapter_delete() - remove an adapter of a namespace, traffic or not
 * @net: its namespace
 * @name: its name
 *
 * Context: process, without RTNL.
 * Return: 0 or -ENODEV.
 */
int vmmq_adapter_delete(struct net *net, const char *name)
{
	struct vmmq_adapter *adapter;
	int err = -ENODEV;

	mutex_lock(&vmmq_adapters_life);
	adapter = vmmq_adapter_by_name(name);
	if (adapter && net_eq(read_pnet(&adapter->net), net)) {
		vmmq_adapter_destroy(adapter);
		err = 0;
	}
	mutex_unlock(&vmmq_adapters_life);
	return err;
}

/* All, or those of a namespace */
static void vmmq_adapter_destroy_of(const struct net *net)
{
	struct vmmq_adapter *adapter, *next;

	mutex_lock(&vmmq_adapters_life);
	list_for_each_entry_safe(adapter, next, &vmmq_adapters, list)
		if (!net || net_eq(read_pnet(&adapter->net), net))
			vmmq_adapter_destroy(adapter);
	mutex_unlock(&vmmq_adapters_life);
}

/**
 * vmmq_adapter_destroy_all() - remove every adapter, traffic or not
 *
 * Context: process, without RTNL, when no adapter is being created.
 */
void vmmq_adapter_destroy_all(void)
{
	vmmq_adapter_destroy_of(NULL);
}

/**
 * vmmq_adapters_hold() - keep adapters from being made and destroyed
 *
 * An adapter that is found stays whole, and nobody else gives it a VPort.
 *
 * Context: process, without a devlink instance lock and RTNL.
 */
void vmmq_adapters_hold(void)
{
	mutex_lock(&vmmq_adapters_life);
}

/**
 * vmmq_adapters_release() - undo vmmq_adapters_hold()
 *
 * Context: process.
 */
void vmmq_adapters_release(void)
{
	mutex_unlock(&vmmq_adapters_life);
}

/* An adapter goes with its namespace, before devlink would move its instance
 * to the initial one.
 */
static void __net_exit vmmq_adapter_net_pre_exit(struct net *net)
{
	vmmq_adapter_destroy_of(net);
}

static struct pernet_operations vmmq_adapter_net_ops = {
	.pre_exit = vmmq_adapter_net_pre_exit,
};

/**
 * vmmq_adapter_count_queues() - queue pairs in use
 * @adapter: the adapter
 *
 * Context: process, RTNL.
 * Return: those of all VPorts.
 */
unsigned int vmmq_adapter_count_queues(const struct vmmq_adapter *adapter)
{
	const struct vmmq_vport *vport;
	unsigned int id, count = 0;

	for (id = 0; id < VMMQ_MAX_VPORTS; id++) {
		vport = rtnl_dereference(adapter->nicswitch.vports[id]);
		count += vport ? vport->num_queues : 0;
	}
	return count;
}

/**
 * vmmq_adapter_count_vports() - VPorts in use
 * @adapter: the adapter
 *
 * Context: process, RTNL.
 * Return: their number, the default VPort included.
 */
unsigned int vmmq_adapter_count_vports(const struct vmmq_adapter *adapter)
{
	unsigned int id, count = 0;

	for (id = 0; id < VMMQ_MAX_VPORTS; id++)
		count += !!rtnl_dereference(adapter->nicswitch.vports[id]);
	return count;
}

/**
 * vmmq_adapter_set_wire() - let frames pass as a wire carries them, or whole
 * @adapter: the adapter
 * @wire: as a wire carries them
 *
 * Holds for frames sent from now on; none is lost or overtaken.
 *
 * Context: process, RTNL.
 */
void vmmq_adapter_set_wire(struct vmmq_adapter *adapter, bool wire)
{
	struct vmmq_vport *vport;
	unsigned int id;

	ASSERT_RTNL();
	if (wire == adapter->wire)
		return;
	WRITE_ONCE(adapter->wire, wire);
	for (id = 0; id < VMMQ_MAX_VPORTS; id++) {
		vport = rtnl_dereference(adapter->nicswitch.vports[id]);
		if (vport)
			vmmq_vport_follow_wire(vport);
	}
}

/**
 * vmmq_adapter_next() - walk the adapters of a namespace
 * @net: the namespace
 * @id: where to begin
 *
 * Context: process, RTNL. The adapter stays whole until RTNL is released: its
 * end begins with taking it off the list, under RTNL.
 * Return: the adapter with the lowest number that is not below @id, or NULL.
 */
struct vmmq_adapter *vmmq_adapter_next(const struct net *net, unsigned int id)
{
	struct vmmq_adapter *adapter, *next = NULL;

	ASSERT_RTNL();
	mutex_lock(&vmmq_adapters_lock);
	list_for_each_entry(adapter, &vmmq_adapters, list) {
		if (net_eq(read_pnet(&adapter->net), net) &&
		    adapter->id >= id && (!next || adapter->id < next->id))
			next = adapter;
	}
	mutex_unlock(&vmmq_adapters_lock);
	return next;
}

/**
 * vmmq_adapter_find() - find an adapter by name
 * @net: its namespace
 * @name: the name
 *
 * Context: process, RTNL, as for vmmq_adapter_next().
 * Return: the adapter, or NULL.
 */
struct vmmq_adapter *vmmq_adapter_find(const struct net *net, const char *name)
{
	struct vmmq_adapter *adapter;

	for (adapter = vmmq_adapter_next(net, 0); adapter;
	     adapter = vmmq_adapter_next(net, adapter->id + 1)) {
		if (!strcmp(vmmq_adapter_name(adapter), name))
			break;
	}
	return adapter;
}

/**
 * vmmq_adapter_cpu_online() - give vectors back to a CPU
 * @cpu: a CPU that has come online
 *
 * Context: process, CPU hotplug lock held.
 */
void vmmq_adapter_cpu_online(unsigned int cpu)
{
	struct vmmq_adapter *adapter;

	mutex_lock(&vmmq_adapters_lock);
	list_for_each_entry(adapter, &vmmq_adapters, list)
		vmmq_vectors_cpu_online(adapter, cpu);
	mutex_unlock(&vmmq_adapters_lock);
}

/**
 * vmmq_adapter_bus_register() - make the bus adapters sit on
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int vmmq_adapter_bus_register(void)
{
	int err;

	refcount_set(&vmmq_adapters_alive, 1);
	vmmq_adapters_root = root_device_register(VMMQ_DRV_NAME);
	if (IS_ERR(vmmq_adapters_root))
		return PTR_ERR(vmmq_adapters_root);
	err = bus_register(&vmmq_bus);
	if (err)
		goto err_root;
	err = driver_register(&vmmq_driver);
	if (err)
		goto err_bus;
	err = register_pernet_device(&vmmq_adapter_net_ops);
	if (err)
		goto err_driver;
	return 0;

err_driver:
	driver_unregister(&vmmq_driver);
err_bus:
	bus_unregister(&vmmq_bus);
err_root:
	root_device_unregister(vmmq_adapters_root);
	return err;
}

/**
 * vmmq_adapter_bus_unregister() - remove the bus once no adapter is left
 *
 * Context: process. Waits for the last reference to any adapter.
 */
void vmmq_adapter_bus_unregister(void)
{
	unregister_pernet_device(&vmmq_adapter_net_ops);
	vmmq_adapters_put();
	wait_for_completion(&vmmq_adapters_gone);
	driver_unregister(&vmmq_driver);
	bus_unregister(&vmmq_bus);
	root_device_unregister(vmmq_adapters_root);
}
