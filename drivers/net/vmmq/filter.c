// SPDX-License-Identifier: GPL-2.0
/*
 * Filters: the table of (MAC, VLAN) that selects VPorts. A filter follows an
 * address of a net device, or a user has set it by the control family. Where
 * several have the same key a user's, of which there is one at most, is the one
 * that counts; else the one of the VPort with the lowest id.
 */
#include <linux/etherdevice.h>
#include <linux/rculist.h>
#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "adapter.h"
#include "filter.h"
#include "netlink.h"
#include "trace.h"
#include "vport.h"

struct vmmq_filter_key {
	u8 mac[ETH_ALEN];
	u16 vid;
} __aligned(4);

/**
 * struct vmmq_filter - what selects a VPort
 * @node: in the switch's table
 * @key: destination MAC, and VLAN ID or VMMQ_VID_*
 * @vport: the VPort; changes in place when a user's filter moves
 * @list: on the VPort's list, under the switch's lock
 * @id: its number if it is unicast
 * @user: set by the control family, else it follows an address of the device
 * @rcu: frees it after its readers
 */
struct vmmq_filter {
	struct rhlist_head node;
	struct vmmq_filter_key key;
	struct vmmq_vport *vport;
	struct list_head list;
	u32 id;
	bool user;
	struct rcu_head rcu;
};

static const struct rhashtable_params vmmq_filter_params = {
	.head_offset = offsetof(struct vmmq_filter, node),
	.key_offset = offsetof(struct vmmq_filter, key),
	.key_len = sizeof(struct vmmq_filter_key),
	.automatic_shrinking = true,
};

static void vmmq_filter_key(struct vmmq_filter_key *key, const u8 *mac, u16 vid)
{
	ether_addr_copy(key->mac, mac);
	key->vid = vid;
}

/**
 * vmmq_filters_init() - an empty table
 * @sw: the switch
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int vmmq_filters_init(struct vmmq_nicswitch *sw)
{
	xa_init_flags(&sw->filters_by_id, XA_FLAGS_ALLOC1);
	return rhltable_init(&sw->filters, &vmmq_filter_params);
}

/**
 * vmmq_filters_exit() - free a table
 * @sw: a switch without VPorts
 *
 * Context: process.
 */
void vmmq_filters_exit(struct vmmq_nicswitch *sw)
{
	rhltable_destroy(&sw->filters);
	xa_destroy(&sw->filters_by_id);
}

/**
 * vmmq_filter_match() - the VPort a filter selects
 * @sw: the switch
 * @from: the VPort that sends the frame; never selected
 * @mac: unicast destination
 * @vid: VLAN ID or VMMQ_VID_*
 * @own: set if a filter of @from matched
 *
 * Context: RCU.
 * Return: the VPort, or NULL.
 */
struct vmmq_vport *
vmmq_filter_match(struct vmmq_nicswitch *sw, const struct vmmq_vport *from,
		  const u8 *mac, u16 vid, bool *own)
{
	struct rhlist_head *list, *pos;
	struct vmmq_vport *best = NULL, *vport;
	struct vmmq_filter_key key;
	struct vmmq_filter *filter;

	vmmq_filter_key(&key, mac, vid);
	list = rhltable_lookup(&sw->filters, &key, vmmq_filter_params);
	rhl_for_each_entry_rcu(filter, pos, list, node) {
		vport = READ_ONCE(filter->vport);
		*own |= vport == from;
		if (filter->user)
			return vport == from ? NULL : vport;
		if (vport != from && (!best || vport->id < best->id))
			best = vport;
	}
	return best;
}

/**
 * vmmq_filter_members() - the VPorts that want a multicast group
 * @sw: the switch
 * @mac: the group
 * @map: gets their ids beside those it has
 *
 * Context: RCU.
 */
void vmmq_filter_members(struct vmmq_nicswitch *sw, const u8 *mac,
			 unsigned long *map)
{
	struct rhlist_head *list, *pos;
	struct vmmq_filter_key key;
	struct vmmq_filter *filter;

	vmmq_filter_key(&key, mac, VMMQ_VID_ANY);
	list = rhltable_lookup(&sw->filters, &key, vmmq_filter_params);
	rhl_for_each_entry_rcu(filter, pos, list, node)
		__set_bit(filter->vport->id, map);
}

static void vmmq_filter_describe(const struct vmmq_filter *filter,
				 struct vmmq_filter_info *info)
{
	info->vport = filter->vport;
	ether_addr_copy(info->mac, filter->key.mac);
	info->vid = filter->key.vid;
	info->id = filter->id;
	info->user = filter->user;
}

static void vmmq_filter_trace(const struct vmmq_filter *filter,
			      enum vmmq_filter_action action)
{
	struct vmmq_filter_info info;

	if (!trace_vmmq_filter_enabled())
		return;
	vmmq_filter_describe(filter, &info);
	trace_vmmq_filter(&info, action);
}

/* A VPort comes and goes with the filters of its device. */
static void vmmq_filter_announce(const struct vmmq_filter_info *info, u8 cmd)
{
	bool quiet = !info->user &&
		     test_bit(VMMQ_VPORT_QUIET, &info->vport->flags);

	if (!is_multicast_ether_addr(info->mac) && !quiet &&
	    test_bit(VMMQ_VPORT_KNOWN, &info->vport->flags))
		vmmq_nl_announce_filter(info, cmd);
}

/* Under the switch's lock. How many there are, by VPort and in all */
static void vmmq_filter_account(struct vmmq_nicswitch *sw,
				const struct vmmq_filter *filter, int change)
{
	struct vmmq_vport *vport = filter->vport;

	lockdep_assert_held(&sw->lock);
	if (is_multicast_ether_addr(filter->key.mac))
		return;
	vmmq_nl_count_change();
	WRITE_ONCE(sw->num_filters, sw->num_filters + change);
	WRITE_ONCE(vport->num_filters, vport->num_filters + change);
	if (filter->user)
		WRITE_ONCE(vport->num_user_filters,
			   vport->num_user_filters + change);
}

/* Under the switch's lock */
static int vmmq_filter_store(struct vmmq_nicswitch *sw,
			     struct vmmq_filter *filter)
{
	bool unicast = !is_multicast_ether_addr(filter->key.mac);
	int err;

	lockdep_assert_held(&sw->lock);
	if (unicast && sw->num_filters >= sw->max_filters)
		return -ENOSPC;
	if (unicast) {
		err = xa_alloc(&sw->filters_by_id, &filter->id, filter,
			       xa_limit_31b, GFP_ATOMIC);
		if (err)
			return err;
	}
	err = rhltable_insert(&sw->filters, &filter->node, vmmq_filter_params);
	if (err) {
		if (unicast)
			xa_erase(&sw->filters_by_id, filter->id);
		return err;
	}
	list_add(&filter->list, &filter->vport->filters);
	vmmq_filter_account(sw, filter, 1);
	vmmq_filter_trace(filter, VMMQ_FILTER_ADDED);
	return 0;
}

static int vmmq_filter_insert(struct vmmq_vport *vport, const u8 *mac, u16 vid,
			      bool user)
{
	struct vmmq_nicswitch *sw = &vport->adapter->nicswitch;
	struct vmmq_filter_info info;
	struct vmmq_filter *filter;
	int err;

	filter = kzalloc(sizeof(*filter), GFP_ATOMIC);
	if (!filter)
		return -ENOMEM;
	vmmq_filter_key(&filter->key, mac, vid);
	filter->vport = vport;
	filter->user = user;
	spin_lock_bh(&sw->lock);
	err = vmmq_filter_store(sw, filter);
	vmmq_filter_describe(filter, &info);
	spin_unlock_bh(&sw->lock);
	if (err)
		kfree(filter);
	else
		vmmq_filter_announce(&info, VMMQ_CMD_FILTER_ADD_NTF);
	return err;
}

/**
 * vmmq_filter_add() - let (MAC, VLAN) select a VPort
 * @vport: the VPort
 * @mac: destination address
 * @vid: VLAN ID or VMMQ_VID_*
 *
 * Context: any with BH allowed or disabled.
 * Return: 0 or a negative errno.
 */
int vmmq_filter_add(struct vmmq_vport *vport, const u8 *mac, u16 vid)
{
	return vmmq_filter_insert(vport, mac, vid, false);
}

/* Under the switch's lock */
static void vmmq_filter_remove(struct vmmq_nicswitch *sw,
			       struct vmmq_filter *filter)
{
	lockdep_assert_held(&sw->lock);
	list_del(&filter->list);
	vmmq_filter_account(sw, filter, -1);
	vmmq_filter_trace(filter, VMMQ_FILTER_DELETED);
	if (filter->id)
		xa_erase(&sw->filters_by_id, filter->id);
	rhltable_remove(&sw->filters, &filter->node, vmmq_filter_params);
	kfree_rcu(filter, rcu);
}

/**
 * vmmq_filter_del() - take a filter away
 * @vport: the VPort
 * @mac: destination address
 * @vid: VLAN ID or VMMQ_VID_*
 *
 * Context: any with BH allowed or disabled. A filter that does not exist (for
 * want of memory) is ignored.
 */
void vmmq_filter_del(struct vmmq_vport *vport, const u8 *mac, u16 vid)
{
	struct vmmq_nicswitch *sw = &vport->adapter->nicswitch;
	struct rhlist_head *list, *pos;
	struct vmmq_filter_info info;
	struct vmmq_filter_key key;
	struct vmmq_filter *filter;
	bool found = false;

	vmmq_filter_key(&key, mac, vid);
	spin_lock_bh(&sw->lock);
	rcu_read_lock();
	list = rhltable_lookup(&sw->filters, &key, vmmq_filter_params);
	rhl_for_each_entry_rcu(filter, pos, list, node) {
		found = filter->vport == vport && !filter->user;
		if (found) {
			vmmq_filter_describe(filter, &info);
			vmmq_filter_remove(sw, filter);
			break;
		}
	}
	rcu_read_unlock();
	spin_unlock_bh(&sw->lock);
	if (found)
		vmmq_filter_announce(&info, VMMQ_CMD_FILTER_DEL_NTF);
}

static bool vmmq_filter_remove_first(struct vmmq_vport *vport,
				     struct vmmq_filter_info *info)
{
	struct vmmq_nicswitch *sw = &vport->adapter->nicswitch;
	struct vmmq_filter *filter;

	spin_lock_bh(&sw->lock);
	filter = list_first_entry_or_null(&vport->filters, struct vmmq_filter,
					  list);
	if (filter) {
		vmmq_filter_describe(filter, info);
		vmmq_filter_remove(sw, filter);
	}
	spin_unlock_bh(&sw->lock);
	return filter;
}

/**
 * vmmq_filter_flush() - take all filters of a VPort away
 * @vport: the VPort
 *
 * Users' filters are announced; that the others go with it goes without saying.
 *
 * Context: process, RTNL.
 */
void vmmq_filter_flush(struct vmmq_vport *vport)
{
	struct vmmq_filter_info info;

	while (vmmq_filter_remove_first(vport, &info)) {
		if (info.user)
			vmmq_filter_announce(&info, VMMQ_CMD_FILTER_DEL_NTF);
		cond_resched();
	}
}

/* Under the switch's lock. The filter of a key that counts */
static struct vmmq_filter *vmmq_filter_find(struct vmmq_nicswitch *sw,
					    const u8 *mac, u16 vid)
{
	struct vmmq_filter *filter, *found = NULL;
	struct rhlist_head *list, *pos;
	struct vmmq_filter_key key;

	lockdep_assert_held(&sw->lock);
	vmmq_filter_key(&key, mac, vid);
	list = rhltable_lookup(&sw->filters, &key, vmmq_filter_params);
	rhl_for_each_entry_rcu(filter, pos, list, node) {
		if (filter->user)
			return filter;
		if (!found || filter->vport->id < found->vport->id)
			found = filter;
	}
	return found;
}

/**
 * vmmq_filter_lookup() - find the filter of (MAC, VLAN)
 * @sw: the switch
 * @mac: destination address
 * @vid: VLAN ID or VMMQ_VID_*
 * @info: what it is
 *
 * Context: process, RTNL.
 * Return: false if there is none.
 */
bool vmmq_filter_lookup(struct vmmq_nicswitch *sw, const u8 *mac, u16 vid,
			struct vmmq_filter_info *info)
{
	const struct vmmq_filter *filter;

	spin_lock_bh(&sw->lock);
	rcu_read_lock();
	filter = vmmq_filter_find(sw, mac, vid);
	if (filter)
		vmmq_filter_describe(filter, info);
	rcu_read_unlock();
	spin_unlock_bh(&sw->lock);
	return filter;
}

/**
 * vmmq_filter_list() - some of an adapter's unicast filters
 * @sw: the adapter's switch
 * @id: number to begin with
 * @list: what they are, by ascending numbers
 * @max: length of @list
 *
 * Context: process. With RTNL the VPorts stay.
 * Return: how many; none if there is none from @id on.
 */
unsigned int vmmq_filter_list(struct vmmq_nicswitch *sw, u32 id,
			      struct vmmq_filter_info *list, unsigned int max)
{
	const struct vmmq_filter *filter;
	unsigned int count = 0;
	unsigned long index;

	spin_lock_bh(&sw->lock);
	xa_for_each_start(&sw->filters_by_id, index, filter, id) {
		vmmq_filter_describe(filter, &list[count++]);
		if (count == max)
			break;
	}
	spin_unlock_bh(&sw->lock);
	return count;
}

/**
 * vmmq_filter_user_add() - add a user's filter
 * @vport: the VPort it selects
 * @mac: unicast address
 * @vid: VLAN ID or VMMQ_VID_*
 *
 * Context: process, RTNL.
 * Return: 0, -EEXIST if there is one of that key, -ENOSPC if the pool of
 * filters is empty, or -ENOMEM.
 */
int vmmq_filter_user_add(struct vmmq_vport *vport, const u8 *mac, u16 vid)
{
	struct vmmq_filter_info info;

	ASSERT_RTNL();
	if (vmmq_filter_lookup(&vport->adapter->nicswitch, mac, vid, &info))
		return -EEXIST;
	return vmmq_filter_insert(vport, mac, vid, true);
}

/**
 * vmmq_filter_user_del() - delete a user's filter
 * @sw: the switch
 * @mac: its address
 * @vid: its VLAN ID or VMMQ_VID_*
 *
 * Context: process, RTNL. It exists and is a user's.
 */
void vmmq_filter_user_del(struct vmmq_nicswitch *sw, const u8 *mac, u16 vid)
{
	struct vmmq_filter_info info;
	struct vmmq_filter *filter;

	ASSERT_RTNL();
	spin_lock_bh(&sw->lock);
	rcu_read_lock();
	filter = vmmq_filter_find(sw, mac, vid);
	vmmq_filter_describe(filter, &info);
	vmmq_filter_remove(sw, filter);
	rcu_read_unlock();
	spin_unlock_bh(&sw->lock);
	vmmq_filter_announce(&info, VMMQ_CMD_FILTER_DEL_NTF);
}

/**
 * vmmq_filter_user_move() - let a user's filter select another VPort
 * @to: the VPort, of the same adapter
 * @mac: the filter's address
 * @vid: its VLAN ID or VMMQ_VID_*
 *
 * At every instant exactly one of the two VPorts gets a frame.
 *
 * Context: process, RTNL. It exists and is a user's.
 */
void vmmq_filter_user_move(struct vmmq_vport *to, const u8 *mac, u16 vid)
{
	struct vmmq_nicswitch *sw = &to->adapter->nicswitch;
	struct vmmq_filter_info info;
	struct vmmq_filter *filter;

	ASSERT_RTNL();
	spin_lock_bh(&sw->lock);
	rcu_read_lock();
	filter = vmmq_filter_find(sw, mac, vid);
	vmmq_filter_account(sw, filter, -1);
	list_move(&filter->list, &to->filters);
	WRITE_ONCE(filter->vport, to);
	vmmq_filter_account(sw, filter, 1);
	vmmq_filter_trace(filter, VMMQ_FILTER_MOVED);
	vmmq_filter_describe(filter, &info);
	rcu_read_unlock();
	spin_unlock_bh(&sw->lock);
	vmmq_filter_announce(&info, VMMQ_CMD_FILTER_MOVE_NTF);
}

/**
 * vmmq_filter_user_count() - how many filters of users select a VPort
 * @vport: the VPort
 *
 * Context: process.
 * Return: their number.
 */
unsigned int vmmq_filter_user_count(const struct vmmq_vport *vport)
{
	return READ_ONCE(vport->num_user_filters);
}

/**
 * vmmq_filter_count() - how many unicast filters select a VPort
 * @vport: the VPort
 *
 * Context: process.
 * Return: their number.
 */
unsigned int vmmq_filter_count(const struct vmmq_vport *vport)
{
	return READ_ONCE(vport->num_filters);
}
