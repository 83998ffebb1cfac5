// SPDX-License-Identifier: GPL-2.0
/*
 * An adapter's life: its device on the vmmq bus, the order in which its parts
 * are made, and the list of adapters.
 */
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "adapter.h"
#include "vector.h"
#include "vport.h"

/* All adapters. The lock is a leaf: CPU hotplug takes it with its own lock
 * held, so nothing that waits for a CPU or for RTNL may be called under it.
 */
static LIST_HEAD(vmmq_adapters);
static DEFINE_MUTEX(vmmq_adapters_lock);

/* Adapters whose memory is not freed yet, and one for the bus itself. */
static refcount_t vmmq_adapters_alive;
static DECLARE_COMPLETION(vmmq_adapters_gone);

static struct bus_type vmmq_bus = {
	.name = VMMQ_DRV_NAME,
};

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
	err = vmmq_nicswitch_init(&adapter->nicswitch);
	if (err) {
		kvfree(adapter);
		return ERR_PTR(err);
	}

	adapter->id = id;
	adapter->config = *config;
	write_pnet(&adapter->net, net);
	refcount_inc(&vmmq_adapters_alive);
	device_initialize(&adapter->dev);
	adapter->dev.bus = &vmmq_bus;
	adapter->dev.release = vmmq_adapter_release;
	err = dev_set_name(&adapter->dev, VMMQ_DRV_NAME "%u", id);
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

static int vmmq_adapter_create_vports(struct vmmq_adapter *adapter)
{
	struct vmmq_vport_config config = {
		.queues = adapter->config.queues,
		.max_queues = adapter->config.max_queues,
	};
	unsigned int id;
	int err = 0;

	rtnl_lock();
	for (id = 0; id < adapter->config.vports && !err; id++) {
		config.id = id;
		err = vmmq_vport_create(adapter, &config);
	}
	rtnl_unlock();
	if (err)
		vmmq_adapter_destroy_vports(adapter);
	return err;
}

/**
 * vmmq_adapter_create() - make an adapter with its vectors and VPorts
 * @net: namespace its VPorts appear in
 * @id: number of the adapter, not in use
 * @config: checked configuration
 *
 * Context: process, without RTNL.
 * Return: 0, or a negative errno and nothing is left.
 */
int vmmq_adapter_create(struct net *net, unsigned int id,
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
	err = vmmq_vectors_create(adapter);
	if (err)
		goto err_del;
	err = vmmq_adapter_create_vports(adapter);
	if (err)
		goto err_vectors;

	mutex_lock(&vmmq_adapters_lock);
	list_add_tail(&adapter->list, &vmmq_adapters);
	mutex_unlock(&vmmq_adapters_lock);
	return 0;

err_vectors:
	vmmq_vectors_destroy(adapter);
err_del:
	device_del(&adapter->dev);
err_put:
	put_device(&adapter->dev);
	return err;
}

static void vmmq_adapter_destroy(struct vmmq_adapter *adapter)
{
	mutex_lock(&vmmq_adapters_lock);
	list_del(&adapter->list);
	mutex_unlock(&vmmq_adapters_lock);

	vmmq_adapter_destroy_vports(adapter);
	vmmq_vectors_destroy(adapter);
	device_unregister(&adapter->dev);
}

/**
 * vmmq_adapter_destroy_all() - remove every adapter, traffic or not
 *
 * Context: process, without RTNL, when no adapter is being created.
 */
void vmmq_adapter_destroy_all(void)
{
	struct vmmq_adapter *adapter, *next;

	list_for_each_entry_safe(adapter, next, &vmmq_adapters, list)
		vmmq_adapter_destroy(adapter);
}

/**
 * vmmq_adapter_next() - walk the adapters of a namespace
 * @net: the namespace
 * @id: where to begin
 *
 * Context: process, RTNL. The adapter stays whole until RTNL is released: its
 * end begins with taking it off the list, and goes on with its VPorts, under
 * RTNL.
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
	refcount_set(&vmmq_adapters_alive, 1);
	return bus_register(&vmmq_bus);
}

/**
 * vmmq_adapter_bus_unregister() - remove the bus once no adapter is left
 *
 * Context: process. Waits for the last reference to any adapter.
 */
void vmmq_adapter_bus_unregister(void)
{
	vmmq_adapters_put();
	wait_for_completion(&vmmq_adapters_gone);
	bus_unregister(&vmmq_bus);
}
