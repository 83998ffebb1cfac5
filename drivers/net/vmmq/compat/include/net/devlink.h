/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/devlink.h>

#ifndef _VMMQ_COMPAT_NET_DEVLINK_H
#define _VMMQ_COMPAT_NET_DEVLINK_H

#ifdef VMMQ_LACKS_DEVLINK_PORT_NETDEV /* since 6.2, with the rest below */
/* The core follows the net device of a port; here compat/devlink.c does. */
#define SET_NETDEV_DEVLINK_PORT(dev, port)	((void)(dev))

static inline int vmmq_compat_devl_port_register(struct devlink *devlink,
						 struct devlink_port *port,
						 unsigned int index)
{
	int err = devl_port_register(devlink, port, index);

	return err == -EEXIST ? -EBUSY : err;
}

#define devl_port_register vmmq_compat_devl_port_register

/* The core gives the driver's name by itself. */
static inline int vmmq_compat_info_serial(struct devlink_info_req *req,
					  const char *serial)
{
	int err = devlink_info_driver_name_put(req, KBUILD_MODNAME);

	return err ? err : devlink_info_serial_number_put(req, serial);
}

#define devlink_info_serial_number_put vmmq_compat_info_serial
#endif

#endif /* _VMMQ_COMPAT_NET_DEVLINK_H */
