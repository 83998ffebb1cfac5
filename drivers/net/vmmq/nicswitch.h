/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nicswitch.c APIs: the NIC switch of an adapter. It knows which VPorts exist,
 * which filters select them, and decides who gets a frame.
 */
#ifndef _VMMQ_NICSWITCH_H
#define _VMMQ_NICSWITCH_H

#include <linux/bitmap.h>
#include <linux/etherdevice.h>
#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>

#include "vmmq.h"

/* Filter VLAN values beside the VLAN IDs 1 to 4094 */
#define VMMQ_VID_UNTAGGED	0	/* no tag, or a priority tag (VID 0) */
#define VMMQ_VID_ANY		0xffff	/* the MAC alone selects */

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

/**
 * struct vmmq_filter_info - what a filter is
 * @vport: the VPort it selects
 * @mac: destination address
 * @vid: VLAN ID or VMMQ_VID_*
 * @user: set by the control family, else it follows an address of the device
 */
struct vmmq_filter_info {
	struct vmmq_vport *vport;
	u8 mac[ETH_ALEN];
	u16 vid;
	bool user;
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

int vmmq_filter_add(struct vmmq_vport *vport, const u8 *mac, u16 vid);
void vmmq_filter_del(struct vmmq_vport *vport, const u8 *mac, u16 vid);
void vmmq_filter_flush(struct vmmq_vport *vport);

bool vmmq_filter_lookup(struct vmmq_nicswitch *sw, const u8 *mac, u16 vid,
			struct vmmq_filter_info *info);
bool vmmq_filter_nth(const struct vmmq_vport *vport, unsigned int n,
		     struct vmmq_filter_info *info);
int vmmq_filter_user_add(struct vmmq_vport *vport, const u8 *mac, u16 vid);
void vmmq_filter_user_del(struct vmmq_nicswitch *sw, const u8 *mac, u16 vid);
void vmmq_filter_user_move(struct vmmq_vport *to, const u8 *mac, u16 vid);
unsigned int vmmq_filter_user_count(const struct vmmq_vport *vport);
unsigned int vmmq_nicswitch_count_filters(const struct vmmq_vport *vport);

int vmmq_nicswitch_add_address(struct vmmq_vport *vport, const u8 *mac);
void vmmq_nicswitch_del_address(struct vmmq_vport *vport, const u8 *mac);
int vmmq_nicswitch_add_vid(struct vmmq_vport *vport, u16 vid);
void vmmq_nicswitch_del_vid(struct vmmq_vport *vport, u16 vid);
int vmmq_nicswitch_set_vlan_filter(struct vmmq_vport *vport, bool on);
void vmmq_nicswitch_set_rx_mode(struct vmmq_vport *vport);

#endif /* _VMMQ_NICSWITCH_H */
