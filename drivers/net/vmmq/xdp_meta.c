// SPDX-License-Identifier: GPL-2.0
/*
 * What the stack and programs may know of a VPort's XDP: the feature flags, and
 * the metadata of a frame that programs bound to the VPort can ask for. The time
 * among it is software's: the emulated NIC has no clock but the machine's, and
 * it is read when a program asks, in the poll that has taken the frame.
 */
#include <linux/netdevice.h>
#include <linux/timekeeping.h>
#include <net/xdp.h>

#include "flow.h"
#include "xdp.h"

static const enum xdp_rss_hash_type vmmq_xdp_rss_types[VMMQ_HASH_TYPES] = {
	[VMMQ_HASH_NONE] = XDP_RSS_TYPE_NONE,
	[VMMQ_HASH_IPV4] = XDP_RSS_TYPE_L3_IPV4,
	[VMMQ_HASH_TCP_IPV4] = XDP_RSS_TYPE_L4_IPV4_TCP,
	[VMMQ_HASH_UDP_IPV4] = XDP_RSS_TYPE_L4_IPV4_UDP,
	[VMMQ_HASH_IPV6] = XDP_RSS_TYPE_L3_IPV6,
	[VMMQ_HASH_TCP_IPV6] = XDP_RSS_TYPE_L4_IPV6_TCP,
	[VMMQ_HASH_UDP_IPV6] = XDP_RSS_TYPE_L4_IPV6_UDP,
	[VMMQ_HASH_IPV6_EX] = XDP_RSS_TYPE_L3_IPV6_EX,
	[VMMQ_HASH_TCP_IPV6_EX] = XDP_RSS_TYPE_L4_IPV6_TCP_EX,
	[VMMQ_HASH_UDP_IPV6_EX] = XDP_RSS_TYPE_L4_IPV6_UDP_EX,
};

static int vmmq_xdp_rx_timestamp(const struct xdp_md *ctx, u64 *timestamp)
{
	struct vmmq_xdp_buff *buff = (void *)ctx;

	if (!buff->time)
		buff->time = ktime_get_real_ns();
	*timestamp = buff->time;
	return 0;
}

static int vmmq_xdp_rx_hash(const struct xdp_md *ctx, u32 *hash,
			    enum xdp_rss_hash_type *rss_type)
{
	const struct vmmq_xdp_buff *buff = (const void *)ctx;

	if (buff->hash_type == VMMQ_HASH_NONE)
		return -ENODATA;
	*hash = buff->hash;
	*rss_type = vmmq_xdp_rss_types[buff->hash_type];
	return 0;
}

static int vmmq_xdp_rx_vlan_tag(const struct xdp_md *ctx, __be16 *proto,
				u16 *tci)
{
	const struct vmmq_xdp_buff *buff = (const void *)ctx;

	if (!buff->vlan_proto)
		return -ENODATA;
	*proto = buff->vlan_proto;
	*tci = buff->vlan_tci;
	return 0;
}

static const struct xdp_metadata_ops vmmq_xdp_metadata_ops = {
	.xmo_rx_timestamp = vmmq_xdp_rx_timestamp,
	.xmo_rx_hash = vmmq_xdp_rx_hash,
	.xmo_rx_vlan_tag = vmmq_xdp_rx_vlan_tag,
};

/**
 * vmmq_xdp_setup() - say what a VPort's XDP can do
 * @dev: its net device, not registered yet
 *
 * Context: process.
 */
void vmmq_xdp_setup(struct net_device *dev)
{
	dev->xdp_metadata_ops = &vmmq_xdp_metadata_ops;
	xdp_set_features_flag(dev, NETDEV_XDP_ACT_BASIC |
				   NETDEV_XDP_ACT_REDIRECT |
				   NETDEV_XDP_ACT_NDO_XMIT |
				   NETDEV_XDP_ACT_RX_SG |
				   NETDEV_XDP_ACT_NDO_XMIT_SG);
}
