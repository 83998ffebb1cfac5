/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vport.c APIs: a VPort, one multiqueue net device of an adapter.
 */
#ifndef _VMMQ_VPORT_H
#define _VMMQ_VPORT_H

#include <linux/atomic.h>
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/netdevice.h>

#include "census.h"
#include "stats.h"
#include "vmmq.h"

/* Bits of vmmq_vport.flags, set and read anywhere */
#define VMMQ_VPORT_TX_HASH	0	/* hash outgoing frames without a hash */
#define VMMQ_VPORT_PAUSE_RX	1	/* obeys pause: stops its own senders */
#define VMMQ_VPORT_PAUSE_TX	2	/* sends pause when a ring is full */
#define VMMQ_VPORT_ADAPTIVE	3	/* adaptive interrupt moderation */
#define VMMQ_VPORT_VLAN_FILTER	4	/* address filters include the VLAN ID; RTNL */
#define VMMQ_VPORT_USER_TABLE	5	/* the control family set the table; RTNL */
#define VMMQ_VPORT_DEACTIVATED	6	/* takes and sends nothing yet; RTNL */
#define VMMQ_VPORT_KNOWN	7	/* announced; RTNL */
#define VMMQ_VPORT_RSS_CHANGED	8	/* by ethtool, not announced yet; RTNL */
#define VMMQ_VPORT_QUIET	9	/* too many filters change for a word on each;
					 * the address lock
					 */

/**
 * struct vmmq_vport - private part of a VPort's net device
 * @rss: RSS parameters; written under RTNL, read under RCU
 * @xdp_prog: XDP program or NULL; written under RTNL, read by NAPIs
 * @queues: queue pairs by number, @max_queues long; a pair is created when
 *	first needed and stays until the VPort's end, so a snapshot may name it
 * @dev: the net device
 * @port: its devlink port
 * @adapter: the parent
 * @flags: VMMQ_VPORT_*
 * @id: VPort id, 0 is the default VPort
 * @vlan: VLAN ID it was created with, always in @vids; 0 if none
 * @vids: VLAN IDs received while the VLAN filter is on; written under RTNL
 * @drops: frames dropped outside the rings
 * @mac: control frames of the MAC, by &enum vmmq_mac_counter
 * @longest_drain: longest time a move took to settle, nanoseconds
 * @entries_moved: table entries that changed their queue; written under RTNL
 * @max_entries: entries the indirection table can have
 * @max_queues: length of @queues
 * @num_queues: active queue pairs; RTNL
 * @rx_ring: frames a receive ring holds; RTNL
 * @tx_ring: frames a TX queue may have outstanding; RTNL
 * @rx_usecs: moderation delay asked for, microseconds; RTNL
 * @rx_frames: moderation frame count asked for; RTNL
 * @filters: &struct vmmq_filter of this VPort, under the switch's lock
 * @num_filters: the unicast ones; written under the switch's lock
 * @num_user_filters: the control family's; written under the switch's lock
 */
struct vmmq_vport {
	struct vmmq_rss __rcu *rss;
	struct bpf_prog __rcu *xdp_prog;
	struct vmmq_queue **queues;
	struct net_device *dev;
	struct vmmq_port *port;
	struct vmmq_adapter *adapter;
	unsigned long flags;
	u16 id;
	u16 vlan;
	DECLARE_BITMAP(vids, VLAN_N_VID);
	struct vmmq_drop_stats __percpu *drops;
	atomic64_t mac[VMMQ_MAC_COUNTERS];
	atomic64_t longest_drain;
	u64 entries_moved;

	unsigned int max_entries;
	unsigned int max_queues;
	unsigned int num_queues;
	u32 rx_ring;
	u32 tx_ring;
	u32 rx_usecs;
	u32 rx_frames;
	struct list_head filters;
	unsigned int num_filters;
	unsigned int num_user_filters;
};

/**
 * struct vmmq_vport_config - what a VPort is created with
 * @id: VPort id, not in use
 * @name: of the net device; empty: from the adapter's name
 * @named: the user has chosen @name
 * @mac: address; zero: random
 * @vlan: VLAN ID the address selects the VPort in too, 0 for none
 * @queues: active queue pairs
 * @max_queues: their limit
 * @port: its devlink port, the VPort's from then on
 * @deactivated: takes and sends nothing until it is activated
 */
struct vmmq_vport_config {
	u16 id;
	char name[IFNAMSIZ];
	bool named;
	u8 mac[ETH_ALEN];
	u16 vlan;
	unsigned int queues;
	unsigned int max_queues;
	struct vmmq_port *port;
	bool deactivated;
};

int vmmq_vport_create(struct vmmq_adapter *adapter,
		      const struct vmmq_vport_config *config);
void vmmq_vport_activate(struct vmmq_vport *vport);
void vmmq_vport_follow_wire(struct vmmq_vport *vport);
void vmmq_vport_destroy(struct vmmq_vport *vport, struct list_head *head);
struct vmmq_vport *vmmq_vport_of(const struct net_device *dev);
bool vmmq_vport_running(const struct vmmq_vport *vport);
void vmmq_vport_note_drain(struct vmmq_vport *vport, ktime_t drain);

int vmmq_vport_link_register(void);
void vmmq_vport_link_unregister(void);

/* ethtool.c */
extern const struct ethtool_ops vmmq_ethtool_ops;

#endif /* _VMMQ_VPORT_H */
