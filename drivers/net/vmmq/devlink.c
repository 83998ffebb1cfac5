// SPDX-License-Identifier: GPL-2.0
/*
 * An adapter as devlink shows it: an instance with a port for every VPort and a
 * resource for every pool. The instance belongs to the adapter's namespace and
 * stays there.
 *
 * Port and instance. A port is registered before the net device of its VPort
 * and outlives it, as the stack follows the net device and keeps its name in
 * the port. Port number and index are the VPort's id, and the flavour is
 * physical: the ports of a NIC that has several.
 *
 * Locks. The order is vmmq_adapters_life, instance lock, RTNL, so a port can't
 * come or go under RTNL. Whoever makes a VPort therefore takes the instance
 * lock, adds the port, and takes RTNL then. VPorts end in many ways, most of
 * them under RTNL: the destructor of the net device puts the port on a list
 * and leaves the rest to a work. Whoever needs the number again before the work
 * has run does the work's job himself; it is quick once the net device is gone.
 *
 * Life. Only the work and the makers of VPorts, all with the instance lock held,
 * free ports. They take them off the list under its lock, so that who put the
 * last port there has finished with the adapter when the count of ports is 0.
 */
#include <linux/err.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "adapter.h"
#include "devlink.h"
#include "vmmq.h"

/* How long a VPort to be made waits for the one that had its id, jiffies */
#define VMMQ_PORT_WAIT	(5 * HZ)

/**
 * struct vmmq_devlink - private part of a devlink instance
 * @adapter: whose it is
 * @lock: of @gone
 * @gone: ports whose net device is gone
 * @work: frees them
 * @wait: woken when @gone or @ports changes
 * @ports: those not freed; written under the instance lock
 */
struct vmmq_devlink {
	struct vmmq_adapter *adapter;
	spinlock_t lock; /* see above */
	struct list_head gone;
	struct work_struct work;
	wait_queue_head_t wait;
	unsigned int ports;
};

/* Resource ids; 0 would be the parent of all */
enum vmmq_resource {
	VMMQ_RESOURCE_VPORTS = 1,
	VMMQ_RESOURCE_QUEUE_PAIRS,
	VMMQ_RESOURCE_FILTERS,
	VMMQ_RESOURCE_VECTORS,
};

static int vmmq_devlink_info_get(struct devlink *devlink,
				 struct devlink_info_req *req,
				 struct netlink_ext_ack *extack)
{
	const struct vmmq_devlink *own = devlink_priv(devlink);
	int err;

	err = devlink_info_serial_number_put(req,
					     vmmq_adapter_name(own->adapter));
	if (!err)
		err = devlink_info_version_fixed_put(req,
						     DEVLINK_INFO_VERSION_GENERIC_BOARD_ID,
						     VMMQ_DRV_NAME);
	if (!err)
		err = devlink_info_version_running_put(req,
						       DEVLINK_INFO_VERSION_GENERIC_FW_MGMT_API,
						       __stringify(VMMQ_FAMILY_VERSION));
	return err;
}

static const struct devlink_ops vmmq_devlink_ops = {
	.info_get = vmmq_devlink_info_get,
};

static u64 vmmq_devlink_vports(void *priv)
{
	u64 count;

	rtnl_lock();
	count = vmmq_adapter_count_vports(priv);
	rtnl_unlock();
	return count;
}

static u64 vmmq_devlink_queue_pairs(void *priv)
{
	u64 count;

	rtnl_lock();
	count = vmmq_adapter_count_queues(priv);
	rtnl_unlock();
	return count;
}

static u64 vmmq_devlink_filters(void *priv)
{
	const struct vmmq_adapter *adapter = priv;

	return READ_ONCE(adapter->nicswitch.num_filters);
}

static u64 vmmq_devlink_vectors(void *priv)
{
	const struct vmmq_adapter *adapter = priv;

	return adapter->num_vectors;
}

static int vmmq_devlink_add_pool(struct vmmq_adapter *adapter,
				 const char *name, enum vmmq_resource id,
				 u64 size, devlink_resource_occ_get_t *used)
{
	struct devlink_resource_size_params params;
	int err;

	devlink_resource_size_params_init(&params, size, size, 1,
					  DEVLINK_RESOURCE_UNIT_ENTRY);
	err = devl_resource_register(adapter->devlink, name, size, id,
				     DEVLINK_RESOURCE_ID_PARENT_TOP, &params);
	if (!err)
		devl_resource_occ_get_register(adapter->devlink, id, used,
					       adapter);
	return err;
}

static int vmmq_devlink_add_pools(struct vmmq_adapter *adapter)
{
	const struct vmmq_config *config = &adapter->config;
	int err;

	err = vmmq_devlink_add_pool(adapter, "vports", VMMQ_RESOURCE_VPORTS,
				    config->max_vports, vmmq_devlink_vports);
	if (!err)
		err = vmmq_devlink_add_pool(adapter, "queue-pairs",
					    VMMQ_RESOURCE_QUEUE_PAIRS,
					    config->pool_queues,
					    vmmq_devlink_queue_pairs);
	if (!err)
		err = vmmq_devlink_add_pool(adapter, "filters",
					    VMMQ_RESOURCE_FILTERS,
					    config->max_filters,
					    vmmq_devlink_filters);
	if (!err)
		err = vmmq_devlink_add_pool(adapter, "vectors",
					    VMMQ_RESOURCE_VECTORS,
					    config->max_vectors,
					    vmmq_devlink_vectors);
	if (err)
		devl_resources_unregister(adapter->devlink);
	return err;
}

static void vmmq_port_free(struct vmmq_port *port)
{
	struct vmmq_devlink *own = devlink_priv(port->adapter->devlink);

	devl_port_unregister(&port->devlink_port);
	kfree(port);
	WRITE_ONCE(own->ports, own->ports - 1);
}

/* Instance lock. Frees the ports whose net device is gone. */
static void vmmq_ports_reap(struct vmmq_devlink *own)
{
	struct vmmq_port *port, *next;
	LIST_HEAD(gone);

	spin_lock(&own->lock);
	list_splice_init(&own->gone, &gone);
	spin_unlock(&own->lock);
	list_for_each_entry_safe(port, next, &gone, gone)
		vmmq_port_free(port);
	wake_up_all(&own->wait);
}

static void vmmq_ports_work(struct work_struct *work)
{
	struct vmmq_devlink *own = container_of(work, struct vmmq_devlink,
						work);
	struct devlink *devlink = priv_to_devlink(own);

	devl_lock(devlink);
	vmmq_ports_reap(own);
	devl_unlock(devlink);
}

/**
 * vmmq_port_put() - the net device of a port is gone, or was never made
 * @port: the port, freed soon; its adapter is kept until this returns
 *
 * Context: process, with or without the instance lock and RTNL.
 */
void vmmq_port_put(struct vmmq_port *port)
{
	struct vmmq_devlink *own = devlink_priv(port->adapter->devlink);

	spin_lock(&own->lock);
	list_add_tail(&port->gone, &own->gone);
	schedule_work(&own->work);
	wake_up_all(&own->wait);
	spin_unlock(&own->lock);
}

/* Instance lock. The number may still be that of a net device that is about to
 * be gone. Somebody may hold that for as long as he likes; meanwhile nobody else
 * makes an adapter or a VPort, so the wait has an end.
 */
static int vmmq_port_register(struct vmmq_devlink *own,
			      struct vmmq_port *port, unsigned int id)
{
	struct devlink *devlink = port->adapter->devlink;
	long left = VMMQ_PORT_WAIT;
	int err;

	while ((err = devl_port_register(devlink, &port->devlink_port, id)) ==
	       -EBUSY) {
		left = wait_event_killable_timeout(own->wait,
						   !list_empty(&own->gone),
						   left);
		if (left <= 0)
			return left ?: -EBUSY;
		vmmq_ports_reap(own);
	}
	return err;
}

/**
 * vmmq_port_add() - register the port of a VPort that is to be made
 * @adapter: the adapter
 * @id: the VPort's id, not in use
 *
 * Context: process, vmmq_adapters_life and the instance lock held, no RTNL.
 * Return: the port, which vmmq_port_put() takes back, or an error pointer:
 * -EBUSY if the VPort that had the id last is still being freed.
 */
struct vmmq_port *vmmq_port_add(struct vmmq_adapter *adapter, unsigned int id)
{
	struct vmmq_devlink *own = devlink_priv(adapter->devlink);
	struct devlink_port_attrs attrs = {
		.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL,
		.phys.port_number = id,
	};
	struct vmmq_port *port;
	int err;

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return ERR_PTR(-ENOMEM);
	port->adapter = adapter;
	vmmq_ports_reap(own);
	devlink_port_attrs_set(&port->devlink_port, &attrs);
	err = vmmq_port_register(own, port, id);
	if (err) {
		kfree(port);
		return ERR_PTR(err);
	}
	WRITE_ONCE(own->ports, own->ports + 1);
	return port;
}

/**
 * vmmq_devlink_create() - make the devlink instance of an adapter
 * @adapter: the adapter, its vectors made, its VPorts not; bound to its driver
 *
 * It is shown once devlink_register() was called.
 *
 * Context: process, without RTNL.
 * Return: 0 or a negative errno.
 */
int vmmq_devlink_create(struct vmmq_adapter *adapter)
{
	struct vmmq_devlink *own;
	struct devlink *devlink;
	int err;

	devlink = devlink_alloc_ns(&vmmq_devlink_ops, sizeof(*own),
				   read_pnet(&adapter->net), &adapter->dev);
	if (!devlink)
		return -ENOMEM;
	own = devlink_priv(devlink);
	own->adapter = adapter;
	spin_lock_init(&own->lock);
	INIT_LIST_HEAD(&own->gone);
	INIT_WORK(&own->work, vmmq_ports_work);
	init_waitqueue_head(&own->wait);
	adapter->devlink = devlink;

	devl_lock(devlink);
	err = vmmq_devlink_add_pools(adapter);
	devl_unlock(devlink);
	if (err)
		devlink_free(devlink);
	return err;
}

/**
 * vmmq_devlink_destroy() - free the devlink instance of an adapter
 * @adapter: the adapter, its instance not registered, its VPorts unregistered
 *
 * Context: process, without RTNL. Waits for the last net device to be gone.
 */
void vmmq_devlink_destroy(struct vmmq_adapter *adapter)
{
	struct devlink *devlink = adapter->devlink;
	struct vmmq_devlink *own = devlink_priv(devlink);

	wait_event(own->wait, !READ_ONCE(own->ports));
	cancel_work_sync(&own->work);
	devl_lock(devlink);
	devl_resources_unregister(devlink);
	devl_unlock(devlink);
	devlink_free(devlink);
}
