/* SPDX-License-Identifier: GPL-2.0 */
/*
 * filter.c APIs: the filters of an adapter, (MAC, VLAN) that select its VPorts.
 */
#ifndef _VMMQ_FILTER_H
#define _VMMQ_FILTER_H

#include <linux/etherdevice.h>
#include <linux/types.h>

#include "vmmq.h"

struct vmmq_nicswitch;

/* Filter VLAN values beside the VLAN IDs 1 to 4094 */
#define VMMQ_VID_UNTAGGED	0	/* no tag, or a priority tag (VID 0) */
#define VMMQ_VID_ANY		0xffff	/* the MAC alone selects */

/* VLANs of an address whose filters are announced one by one */
#define VMMQ_ANNOUNCED_VLANS	32

/**
 * struct vmmq_filter_info - what a filter is
 * @vport: the VPort it selects
 * @mac: destination address
 * @vid: VLAN ID or VMMQ_VID_*
 * @id: its number in its adapter, from 1; 0 if it is none of a dump
 * @user: set by the control family, else it follows an address of the device
 */
struct vmmq_filter_info {
	struct vmmq_vport *vport;
	u8 mac[ETH_ALEN];
	u16 vid;
	u32 id;
	bool user;
};

/* What happens to a filter */
enum vmmq_filter_action {
	VMMQ_FILTER_ADDED,
	VMMQ_FILTER_MOVED,
	VMMQ_FILTER_DELETED,
};

int vmmq_filters_init(struct vmmq_nicswitch *sw);
void vmmq_filters_exit(struct vmmq_nicswitch *sw);

struct vmmq_vport *
vmmq_filter_match(struct vmmq_nicswitch *sw, const struct vmmq_vport *from,
		  const u8 *mac, u16 vid, bool *own);
void vmmq_filter_members(struct vmmq_nicswitch *sw, const u8 *mac,
			 unsigned long *map);

int vmmq_filter_add(struct vmmq_vport *vport, const u8 *mac, u16 vid);
void vmmq_filter_del(struct vmmq_vport *vport, const u8 *mac, u16 vid);
void vmmq_filter_flush(struct vmmq_vport *vport);

bool vmmq_filter_lookup(struct vmmq_nicswitch *sw, const u8 *mac, u16 vid,
			struct vmmq_filter_info *info);
unsigned int vmmq_filter_list(struct vmmq_nicswitch *sw, u32 id,
			      struct vmmq_filter_info *list, unsigned int max);
int vmmq_filter_user_add(struct vmmq_vport *vport, const u8 *mac, u16 vid);
void vmmq_filter_user_del(struct vmmq_nicswitch *sw, const u8 *mac, u16 vid);
void vmmq_filter_user_move(struct vmmq_vport *to, const u8 *mac, u16 vid);
unsigned int vmmq_filter_user_count(const struct vmmq_vport *vport);
unsigned int vmmq_filter_count(const struct vmmq_vport *vport);

#endif /* _VMMQ_FILTER_H */
