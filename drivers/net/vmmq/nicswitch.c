// SPDX-License-Identifier: GPL-2.0
/*
 * The NIC switch: who gets a frame, and the filters that follow the addresses
 * and VLAN IDs of a net device.
 *
 * A frame costs one or two hash lookups, whatever the number of VPorts and
 * filters: first (MAC, VLAN of the frame), then (MAC, any VLAN). A VPort with
 * its VLAN filter on has a filter for each of its addresses and each VLAN ID,
 * untagged included; with the filter off it has one per address, for any VLAN.
 * Multicast groups are (group, any VLAN); the receiver's VLAN filter is looked
 * at when the frame is copied.
 */
#include <linux/bitmap.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "adapter.h"
#include "filter.h"
#include "netlink.h"
#include "nicswitch.h"
#include "vport.h"

static struct vmmq_nicswitch *vmmq_vport_switch(const struct vmmq_vport *vport)
{
	return &vport->adapter->nicswitch;
}

/**
 * vmmq_nicswitch_init() - an empty switch
 * @sw: zeroed memory
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int vmmq_nicswitch_init(struct vmmq_nicswitch *sw)
{
	spin_lock_init(&sw->lock);
	return vmmq_filters_init(sw);
}

/**
 * vmmq_nicswitch_exit() - free a switch
 * @sw: a switch without VPorts
 *
 * Context: process.
 */
void vmmq_nicswitch_exit(struct vmmq_nicswitch *sw)
{
	vmmq_filters_exit(sw);
}

/* RCU. The C-VLAN ID of a frame, 0 if it has none. */
static u16 vmmq_frame_vid(const struct sk_buff *skb)
{
	struct vlan_ethhdr *hdr, buf;

	if (skb_vlan_tag_present(skb))
		return skb->vlan_proto == htons(ETH_P_8021Q) ?
		       skb_vlan_tag_get_id(skb) : 0;
	if (skb_eth_hdr(skb)->h_proto != htons(ETH_P_8021Q))
		return 0;
	hdr = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	return hdr ? ntohs(hdr->h_vlan_TCI) & VLAN_VID_MASK : 0;
}

/* RCU. Who may want a group or broadcast frame, before VLANs are looked at. */
static void vmmq_switch_group(struct vmmq_nicswitch *sw, const u8 *mac,
			      unsigned long *map)
{
	if (is_broadcast_ether_addr(mac)) {
		bitmap_copy(map, sw->running, VMMQ_MAX_VPORTS);
		return;
	}
	bitmap_or(map, sw->promisc, sw->allmulti, VMMQ_MAX_VPORTS);
	vmmq_filter_members(sw, mac, map);
	bitmap_and(map, map, sw->running, VMMQ_MAX_VPORTS);
}

/* RCU. Nobody claimed the frame: it is the default VPort's, and who listens to
 * everything gets a copy.
 */
static enum vmmq_forward vmmq_switch_unmatched(struct vmmq_nicswitch *sw,
					       const struct vmmq_vport *from,
					       struct vmmq_receivers *to)
{
	to->vport = rcu_dereference(sw->vports[0]);
	if (to->vport == from)
		to->vport = NULL;
	if (unlikely(!bitmap_empty(sw->promisc, VMMQ_MAX_VPORTS))) {
		bitmap_and(to->map, sw->promisc, sw->running, VMMQ_MAX_VPORTS);
		__clear_bit(from->id, to->map);
		__clear_bit(0, to->map);
		to->copies = !bitmap_empty(to->map, VMMQ_MAX_VPORTS);
	}
	if (to->vport)
		return VMMQ_FORWARD_UNICAST;
	return to->copies ? VMMQ_FORWARD_FLOOD : VMMQ_FORWARD_UNMATCHED;
}

/**
 * vmmq_nicswitch_forward() - decide who gets a frame
 * @from: the VPort that sends it; the receiver if it is looped back, else never
 * @skb: the frame, at its Ethernet header
 * @to: the receivers
 *
 * Context: RCU.
 * Return: how to read @to.
 */
enum vmmq_forward vmmq_nicswitch_forward(struct vmmq_vport *from,
					 const struct sk_buff *skb,
					 struct vmmq_receivers *to)
{
	struct vmmq_nicswitch *sw = vmmq_vport_switch(from);
	const u8 *mac = skb_eth_hdr(skb)->h_dest;
	bool own = false;

	to->copies = false;
	to->vid = vmmq_frame_vid(skb);
	to->multicast = is_multicast_ether_addr(mac);
	if (unlikely(from->dev->features & NETIF_F_LOOPBACK)) {
		to->vport = from;
		return VMMQ_FORWARD_UNICAST;
	}
	if (unlikely(to->multicast)) {
		vmmq_switch_group(sw, mac, to->map);
		__clear_bit(from->id, to->map);
		return VMMQ_FORWARD_FLOOD;
	}
	to->vport = vmmq_filter_match(sw, from, mac, to->vid, &own);
	if (!to->vport)
		to->vport = vmmq_filter_match(sw, from, mac, VMMQ_VID_ANY,
					      &own);
	if (likely(to->vport))
		return VMMQ_FORWARD_UNICAST;
	if (own)
		return VMMQ_FORWARD_OWN;
	return vmmq_switch_unmatched(sw, from, to);
}

/**
 * vmmq_nicswitch_wants() - whether a VPort takes its copy of a flooded frame
 * @vport: one of the receivers
 * @to: the receivers
 *
 * Context: RCU.
 * Return: false if the VPort's VLAN filter keeps the frame out.
 */
bool vmmq_nicswitch_wants(const struct vmmq_vport *vport,
			  const struct vmmq_receivers *to)
{
	if (!to->multicast || to->vid == VMMQ_VID_UNTAGGED ||
	    !(vport->dev->features & NETIF_F_HW_VLAN_CTAG_FILTER))
		return true;
	return test_bit(to->vid, vport->vids) ||
	       test_bit(vport->id, vmmq_vport_switch(vport)->promisc);
}

/**
 * vmmq_nicswitch_attach() - make a VPort known to the switch
 * @vport: a VPort that is not running
 *
 * Context: process, RTNL.
 */
void vmmq_nicswitch_attach(struct vmmq_vport *vport)
{
	rcu_assign_pointer(vmmq_vport_switch(vport)->vports[vport->id], vport);
}

/**
 * vmmq_nicswitch_detach() - forget a VPort and its filters
 * @vport: a VPort that is not running
 *
 * Context: process, RTNL. Readers are gone after an RCU grace period.
 */
void vmmq_nicswitch_detach(struct vmmq_vport *vport)
{
	struct vmmq_nicswitch *sw = vmmq_vport_switch(vport);

	clear_bit(vport->id, sw->promisc);
	clear_bit(vport->id, sw->allmulti);
	vmmq_filter_flush(vport);
	RCU_INIT_POINTER(sw->vports[vport->id], NULL);
}

static bool vmmq_vlan_filter_on(const struct vmmq_vport *vport)
{
	return test_bit(VMMQ_VPORT_VLAN_FILTER, &vport->flags);
}

/* The address lock. Filters in so many VLANs at once are not announced
 * one by one.
 */
static void vmmq_address_begin(struct vmmq_vport *vport)
{
	if (bitmap_weight(vport->vids, VLAN_N_VID) > VMMQ_ANNOUNCED_VLANS)
		set_bit(VMMQ_VPORT_QUIET, &vport->flags);
}

static void vmmq_address_end(struct vmmq_vport *vport)
{
	clear_bit(VMMQ_VPORT_QUIET, &vport->flags);
}

static void vmmq_address_del_filtered(struct vmmq_vport *vport, const u8 *mac)
{
	unsigned int vid;

	vmmq_filter_del(vport, mac, VMMQ_VID_UNTAGGED);
	for_each_set_bit(vid, vport->vids, VLAN_N_VID)
		vmmq_filter_del(vport, mac, vid);
}

static int vmmq_address_add_filtered(struct vmmq_vport *vport, const u8 *mac)
{
	unsigned int vid;
	int err;

	err = vmmq_filter_add(vport, mac, VMMQ_VID_UNTAGGED);
	if (err)
		return err;
	for_each_set_bit(vid, vport->vids, VLAN_N_VID) {
		err = vmmq_filter_add(vport, mac, vid);
		if (err) {
			vmmq_address_del_filtered(vport, mac);
			return err;
		}
	}
	return 0;
}

/**
 * vmmq_nicswitch_add_address() - let an address select a VPort
 * @vport: the VPort
 * @mac: unicast address
 *
 * Context: the net device's address lock, or its registration.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_nicswitch_add_address(struct vmmq_vport *vport, const u8 *mac)
{
	int err;

	if (!vmmq_vlan_filter_on(vport))
		return vmmq_filter_add(vport, mac, VMMQ_VID_ANY);
	vmmq_address_begin(vport);
	err = vmmq_address_add_filtered(vport, mac);
	vmmq_address_end(vport);
	return err;
}

/**
 * vmmq_nicswitch_del_address() - take an address away from a VPort
 * @vport: the VPort
 * @mac: unicast address
 *
 * Context: the net device's address lock, or its registration.
 */
void vmmq_nicswitch_del_address(struct vmmq_vport *vport, const u8 *mac)
{
	if (!vmmq_vlan_filter_on(vport)) {
		vmmq_filter_del(vport, mac, VMMQ_VID_ANY);
		return;
	}
	vmmq_address_begin(vport);
	vmmq_address_del_filtered(vport, mac);
	vmmq_address_end(vport);
}

typedef int (*vmmq_address_fn)(struct vmmq_vport *vport, const u8 *mac,
			       u16 vid);

static int vmmq_address_undo(struct vmmq_vport *vport, const u8 *mac, u16 vid)
{
	vmmq_filter_del(vport, mac, vid);
	return 0;
}

/* Address lock held. The device's own address and the secondary ones that
 * set_rx_mode has taken over.
 */
static int vmmq_each_address(struct vmmq_vport *vport, u16 vid,
			     vmmq_address_fn fn)
{
	struct netdev_hw_addr *ha;
	int err;

	err = fn(vport, vport->dev->dev_addr, vid);
	netdev_for_each_uc_addr(ha, vport->dev) {
		if (!err && ha->sync_cnt)
			err = fn(vport, ha->addr, vid);
	}
	return err;
}

/**
 * vmmq_nicswitch_add_vid() - let a VLAN ID pass a VPort's VLAN filter
 * @vport: the VPort
 * @vid: VLAN ID, 0 to 4094
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_nicswitch_add_vid(struct vmmq_vport *vport, u16 vid)
{
	int err = 0;

	ASSERT_RTNL();
	if (vid == VMMQ_VID_UNTAGGED || test_bit(vid, vport->vids))
		return 0;
	netif_addr_lock_bh(vport->dev);
	if (vmmq_vlan_filter_on(vport))
		err = vmmq_each_address(vport, vid, vmmq_filter_add);
	if (err)
		vmmq_each_address(vport, vid, vmmq_address_undo);
	else
		set_bit(vid, vport->vids);
	netif_addr_unlock_bh(vport->dev);
	return err;
}

/**
 * vmmq_nicswitch_del_vid() - stop a VLAN ID at a VPort's VLAN filter
 * @vport: the VPort
 * @vid: VLAN ID, 0 to 4094
 *
 * Context: process, RTNL.
 */
void vmmq_nicswitch_del_vid(struct vmmq_vport *vport, u16 vid)
{
	ASSERT_RTNL();
	if (vid == VMMQ_VID_UNTAGGED || vid == vport->vlan)
		return;
	netif_addr_lock_bh(vport->dev);
	clear_bit(vid, vport->vids);
	if (vmmq_vlan_filter_on(vport))
		vmmq_each_address(vport, vid, vmmq_address_undo);
	netif_addr_unlock_bh(vport->dev);
}

/* Address lock held. All addresses, for the other kind of filter. */
static int vmmq_refilter(struct vmmq_vport *vport, bool on)
{
	unsigned int vid;
	int err;

	if (!on)
		return vmmq_each_address(vport, VMMQ_VID_ANY, vmmq_filter_add);
	err = vmmq_each_address(vport, VMMQ_VID_UNTAGGED, vmmq_filter_add);
	for_each_set_bit(vid, vport->vids, VLAN_N_VID) {
		if (!err)
			err = vmmq_each_address(vport, vid, vmmq_filter_add);
	}
	return err;
}

static void vmmq_unfilter(struct vmmq_vport *vport, bool on)
{
	unsigned int vid;

	if (!on) {
		vmmq_each_address(vport, VMMQ_VID_ANY, vmmq_address_undo);
		return;
	}
	vmmq_each_address(vport, VMMQ_VID_UNTAGGED, vmmq_address_undo);
	for_each_set_bit(vid, vport->vids, VLAN_N_VID)
		vmmq_each_address(vport, vid, vmmq_address_undo);
}

/**
 * vmmq_nicswitch_set_vlan_filter() - switch a VPort's VLAN filter
 * @vport: the VPort
 * @on: addresses select together with VLAN IDs, else alone
 *
 * The new filters are in place before the old ones go.
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_nicswitch_set_vlan_filter(struct vmmq_vport *vport, bool on)
{
	int err;

	ASSERT_RTNL();
	if (on == vmmq_vlan_filter_on(vport))
		return 0;
	netif_addr_lock_bh(vport->dev);
	set_bit(VMMQ_VPORT_QUIET, &vport->flags);
	err = vmmq_refilter(vport, on);
	vmmq_unfilter(vport, err ? on : !on);
	clear_bit(VMMQ_VPORT_QUIET, &vport->flags);
	if (!err)
		assign_bit(VMMQ_VPORT_VLAN_FILTER, &vport->flags, on);
	netif_addr_unlock_bh(vport->dev);
	if (!err && test_bit(VMMQ_VPORT_KNOWN, &vport->flags))
		vmmq_nl_announce_vport(vport, VMMQ_CMD_VPORT_CHANGE_NTF);
	return err;
}

static int vmmq_uc_sync(struct net_device *dev, const unsigned char *mac)
{
	return vmmq_nicswitch_add_address(netdev_priv(dev), mac);
}

static int vmmq_uc_unsync(struct net_device *dev, const unsigned char *mac)
{
	vmmq_nicswitch_del_address(netdev_priv(dev), mac);
	return 0;
}

static int vmmq_mc_sync(struct net_device *dev, const unsigned char *mac)
{
	return vmmq_filter_add(netdev_priv(dev), mac, VMMQ_VID_ANY);
}

static int vmmq_mc_unsync(struct net_device *dev, const unsigned char *mac)
{
	vmmq_filter_del(netdev_priv(dev), mac, VMMQ_VID_ANY);
	return 0;
}

/**
 * vmmq_nicswitch_set_rx_mode() - follow the net device's address lists
 * @vport: the VPort
 *
 * A filter that cannot be stored makes the VPort take everything, as a NIC
 * whose filter table overflows does.
 *
 * Context: the net device's address lock.
 */
void vmmq_nicswitch_set_rx_mode(struct vmmq_vport *vport)
{
	struct vmmq_nicswitch *sw = vmmq_vport_switch(vport);
	struct net_device *dev = vport->dev;
	int overflow;

	overflow = __dev_uc_sync(dev, vmmq_uc_sync, vmmq_uc_unsync);
	overflow |= __dev_mc_sync(dev, vmmq_mc_sync, vmmq_mc_unsync);
	if (overflow && net_ratelimit())
		netdev_warn(dev, "no filter left in %s for an address: takes all frames\n",
			    vmmq_adapter_name(vport->adapter));
	assign_bit(vport->id, sw->promisc,
		   overflow || dev->flags & IFF_PROMISC);
	assign_bit(vport->id, sw->allmulti, dev->flags & IFF_ALLMULTI);
}
