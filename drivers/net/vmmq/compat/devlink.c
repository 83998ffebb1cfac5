// SPDX-License-Identifier: GPL-2.0
/*
 * Tells devlink which net device a port has, for kernels that leave this to the
 * driver. Their own function for it sends a notification, for which it takes
 * RTNL; but it is under RTNL that a net device comes and goes. So what newer
 * kernels do is done here, silently: a notifier that is there as long as the
 * link kind sets net device and type, under the lock devlink reads them with.
 */
#include <linux/netdevice.h>
#include <net/devlink.h>
#include <net/rtnetlink.h>

#include "../devlink.h"
#include "../vport.h"

#undef rtnl_link_register
#undef rtnl_link_unregister

static void tie(struct devlink_port *port, struct net_device *dev)
{
	cancel_delayed_work_sync(&port->type_warn_dw);
	spin_lock_bh(&port->type_lock);
	port->type = DEVLINK_PORT_TYPE_ETH;
	port->type_eth.netdev = dev;
	spin_unlock_bh(&port->type_lock);
}

/* Both events also come when the net device changes its namespace. */
static int netdev_event(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct vmmq_vport *vport = vmmq_vport_of(dev);

	if (!vport || !vport->port)
		return NOTIFY_DONE;
	if (event == NETDEV_REGISTER)
		tie(&vport->port->devlink_port, dev);
	else if (event == NETDEV_UNREGISTER)
		tie(&vport->port->devlink_port, NULL);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = netdev_event,
};

/**
 * vmmq_compat_link_register() - register a link kind, and follow net devices
 * @ops: the link kind
 *
 * Context: process.
 *
 * Return: 0 or a negative errno.
 */
int vmmq_compat_link_register(struct rtnl_link_ops *ops)
{
	int err = register_netdevice_notifier(&notifier);

	if (err)
		return err;
	err = rtnl_link_register(ops);
	if (err)
		unregister_netdevice_notifier(&notifier);
	return err;
}

/**
 * vmmq_compat_link_unregister() - undo vmmq_compat_link_register()
 * @ops: the link kind
 *
 * Context: process, when no VPort is left.
 */
void vmmq_compat_link_unregister(struct rtnl_link_ops *ops)
{
	rtnl_link_unregister(ops);
	unregister_netdevice_notifier(&notifier);
}
