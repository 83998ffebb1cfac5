/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nicswitch.c APIs: the NIC switch of an adapter. It knows which VPorts exist
 * and decides who gets a frame.
 */
#ifndef _VMMQ_NICSWITCH_H
#define _VMMQ_NICSWITCH_H

#include <linux/bitmap.h>
#include <linux/etherdevice.h>
#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#include "vmmq.h"

/**
 * struct vmmq_nicswitch - filters of an adapter and the state of its VPorts
 * @filters: (MAC, VLAN) to &struct vmmq_filter, multicast groups included;
 *	read under RCU, written under @lock
 * @vports: VPort by id; written under RTNL, read under RCU
 * @running: VPorts that take frames; bit operations are atomic
 * @promisc: VPorts that want a copy of unmatched and flooded frames
 * @allmulti: VPorts that want every multicast frame
 * @lock: serialises changes of @filters and of the VPorts' filter lists;
 *	nests inside a net device's address lock
 * @filters_by_id: the unicast ones by number; under @lock
 * @num_filters: unicast filters, under @lock
 * @max_filters: their limit
 */
struct vmmq_nicswitch {
	struct rhltable filters;
	struct vmmq_vport __rcu *vports[VMMQ_MAX_VPORTS];
	DECLARE_BITMAP(running, VMMQ_MAX_VPORTS);
	DECLARE_BITMAP(promisc, VMMQ_MAX_VPORTS);
	DECLARE_BITMAP(allmulti, VMMQ_MAX_VPORTS);
	spinlock_t lock; /* see above */
	struct xarray filters_by_id;
	unsigned int num_filters;
	unsigned int max_filters;
};

/* What the switch decided about a frame */
enum vmmq_forward {
	VMMQ_FORWARD_UNICAST,	/* one VPort, and copies for who listens */
	VMMQ_FORWARD_FLOOD,	/* the VPorts of a bitmap, possibly none */
	VMMQ_FORWARD_OWN,	/* only the sender's own filter matched */
	VMMQ_FORWARD_UNMATCHED,	/* nobody: no filter and no default VPort */
};

/**
 * struct vmmq_receivers - who gets a frame
 * @vport: the receiver of a unicast frame
 * @vid: VLAN ID the switch used, 0 when untagged
 * @multicast: the group bit of the destination was set
 * @copies: @map is to be served beside @vport
 * @map: VPort ids of a flooded frame, or of a unicast frame's copies
 */
struct vmmq_receivers {
	struct vmmq_vport *vport;
	u16 vid;
	bool multicast;
	bool copies;
	DECLARE_BITMAP(map, VMMQ_MAX_VPORTS);
};

int vmmq_nicswitch_init(struct vmmq_nicswitch *sw);
void vmmq_nicswitch_exit(struct vmmq_nicswitch *sw);

enum vmmq_forward vmmq_nicswitch_forward(struct vmmq_vport *from,
					 const struct sk_buff *skb,
					 struct vmmq_receivers *to);
bool vmmq_nicswitch_wants(const struct vmmq_vport *vport,
			  const struct vmmq_receivers *to);

void vmmq_nicswitch_attach(struct vmmq_vport *vport);
void vmmq_nicswitch_detach(struct vmmq_vport *vport);

int vmmq_nicswitch_add_address(struct vmmq_vport *vport, const u8 *mac);
void vmmq_nicswitch_del_address(struct vmmq_vport *vport, const u8 *mac);
int vmmq_nicswitch_add_vid(struct vmmq_vport *vport, u16 vid);
void vmmq_nicswitch_del_vid(struct vmmq_vport *vport, u16 vid);
int vmmq_nicswitch_set_vlan_filter(struct vmmq_vport *vport, bool on);
void vmmq_nicswitch_set_rx_mode(struct vmmq_vport *vport);

#endif /* _VMMQ_NICSWITCH_H */
