/* SPDX-License-Identifier: GPL-2.0 */
/*
 * devlink.c APIs: the devlink instance of an adapter and its ports, one per
 * VPort.
 */
#ifndef _VMMQ_DEVLINK_H
#define _VMMQ_DEVLINK_H

#include <linux/list.h>
#include <net/devlink.h>

#include "vmmq.h"

/**
 * struct vmmq_port - devlink port of a VPort
 * @devlink_port: what devlink knows of it
 * @adapter: its adapter
 * @gone: on the list of ports whose VPort is gone, under that list's lock
 */
struct vmmq_port {
	struct devlink_port devlink_port;
	struct vmmq_adapter *adapter;
	struct list_head gone;
};

int vmmq_devlink_create(struct vmmq_adapter *adapter);
void vmmq_devlink_destroy(struct vmmq_adapter *adapter);

struct vmmq_port *vmmq_port_add(struct vmmq_adapter *adapter, unsigned int id);
void vmmq_port_put(struct vmmq_port *port);

#endif /* _VMMQ_DEVLINK_H */
