// SPDX-License-Identifier: GPL-2.0
/*
 * A VPort's ethtool operations. They check a request, say why it is refused
 * and hand it to the part it concerns; they keep nothing themselves. RSS is in
 * ethtool_rss.c, the counters' names are in stats.c. All run under RTNL.
 */
#include <linux/bitmap.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/ratelimit.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>

#include "adapter.h"
#include "change.h"
#include "ethtool_rss.h"
#include "ethtool_stats.h"
#include "flow.h"
#include "queue.h"
#include "rss.h"
#include "stats.h"
#include "vport.h"

enum vmmq_priv_flag {
	VMMQ_PRIV_IPV6_EX,
	VMMQ_PRIV_TCP_IPV6_EX,
	VMMQ_PRIV_UDP_IPV6_EX,
	VMMQ_PRIV_TX_HASH,
	VMMQ_PRIV_FLAGS
};

static const char * const vmmq_priv_flag_names[VMMQ_PRIV_FLAGS] = {
	[VMMQ_PRIV_IPV6_EX] = "rss-ipv6-ex",
	[VMMQ_PRIV_TCP_IPV6_EX] = "rss-tcp-ipv6-ex",
	[VMMQ_PRIV_UDP_IPV6_EX] = "rss-udp-ipv6-ex",
	[VMMQ_PRIV_TX_HASH] = "tx-hash",
};

/* The flow type whose VMMQ_FIELD_EX a private flag is */
static const enum vmmq_flow_type vmmq_priv_flag_types[VMMQ_PRIV_TX_HASH] = {
	[VMMQ_PRIV_IPV6_EX] = VMMQ_FLOW_IPV6,
	[VMMQ_PRIV_TCP_IPV6_EX] = VMMQ_FLOW_TCP_IPV6,
	[VMMQ_PRIV_UDP_IPV6_EX] = VMMQ_FLOW_UDP_IPV6,
};

/* As many as a person's scripts may need, and no flood */
static DEFINE_RATELIMIT_STATE(vmmq_refusals, 5 * HZ, 250);

/**
 * vmmq_refuse() - say why a request is refused
 * @dev: whose request
 * @extack: where to say it; the log if NULL, for callers that have none
 * @fmt: less than NETLINK_MAX_FMTMSG_LEN bytes when formatted, no newline
 *
 * Context: process, RTNL.
 */
void vmmq_refuse(const struct net_device *dev, struct netlink_ext_ack *extack,
		 const char *fmt, ...)
{
	struct va_format text;
	va_list args;

	va_start(args, fmt);
	text.fmt = fmt;
	text.va = &args;
	if (extack)
		NL_SET_ERR_MSG_FMT(extack, "%pV", &text);
	else if (__ratelimit(&vmmq_refusals))
		netdev_info(dev, "%pV\n", &text);
	va_end(args);
}

static void vmmq_get_drvinfo(struct net_device *dev,
			     struct ethtool_drvinfo *info)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	strscpy(info->driver, VMMQ_DRV_NAME, sizeof(info->driver));
	strscpy(info->bus_info, vmmq_adapter_name(vport->adapter),
		sizeof(info->bus_info));
}

static int vmmq_get_link_ksettings(struct net_device *dev,
				   struct ethtool_link_ksettings *settings)
{
	ethtool_link_ksettings_zero_link_mode(settings, supported);
	ethtool_link_ksettings_zero_link_mode(settings, advertising);
	settings->base.speed = VMMQ_SPEED_MBPS;
	settings->base.duplex = DUPLEX_FULL;
	settings->base.port = PORT_OTHER;
	settings->base.autoneg = AUTONEG_DISABLE;
	return 0;
}

static bool vmmq_link_is(const struct ethtool_link_settings *base)
{
	return base->speed == VMMQ_SPEED_MBPS &&
	       base->duplex == DUPLEX_FULL &&
	       base->port == PORT_OTHER &&
	       base->autoneg == AUTONEG_DISABLE &&
	       base->phy_address == 0 &&
	       base->eth_tp_mdix_ctrl == ETH_TP_MDI_INVALID;
}

static int vmmq_set_link_ksettings(struct net_device *dev,
				   const struct ethtool_link_ksettings *settings)
{
	if (vmmq_link_is(&settings->base) &&
	    bitmap_empty(settings->link_modes.advertising,
			 __ETHTOOL_LINK_MODE_MASK_NBITS))
		return 0;
	vmmq_refuse(dev, NULL,
		    "the link is fixed: speed %u duplex full port other autoneg off",
		    VMMQ_SPEED_MBPS);
	return -EOPNOTSUPP;
}

static void vmmq_get_channels(struct net_device *dev,
			      struct ethtool_channels *channels)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	channels->max_combined = vport->max_queues;
	channels->combined_count = vport->num_queues;
}

static int vmmq_set_channels(struct net_device *dev,
			     struct ethtool_channels *channels)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	struct netlink_ext_ack extack = {};
	int err;

	if (channels->rx_count || channels->tx_count || channels->other_count) {
		vmmq_refuse(dev, NULL,
			    "queues come in pairs only; set combined instead of rx, tx, other");
		return -EINVAL;
	}
	err = vmmq_queues_set_count(vport, channels->combined_count, &extack);
	if (err && extack._msg)
		netdev_info(dev, "%s\n", extack._msg);
	return err;
}

static void vmmq_get_ringparam(struct net_device *dev,
			       struct ethtool_ringparam *ring,
			       struct kernel_ethtool_ringparam *kernel_ring,
			       struct netlink_ext_ack *extack)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	ring->rx_max_pending = VMMQ_MAX_RING;
	ring->tx_max_pending = VMMQ_MAX_RING;
	ring->rx_pending = vport->rx_ring;
	ring->tx_pending = vport->tx_ring;
}

static int vmmq_check_ring(const struct net_device *dev, const char *name,
			   u32 frames, struct netlink_ext_ack *extack)
{
	if (frames >= VMMQ_MIN_RING && frames <= VMMQ_MAX_RING)
		return 0;
	vmmq_refuse(dev, extack, "an %s ring of %u frames: must be %u to %u",
		    name, frames, VMMQ_MIN_RING, VMMQ_MAX_RING);
	return -EINVAL;
}

static int vmmq_set_ringparam(struct net_device *dev,
			      struct ethtool_ringparam *ring,
			      struct kernel_ethtool_ringparam *kernel_ring,
			      struct netlink_ext_ack *extack)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	int err;

	if (ring->rx_mini_pending || ring->rx_jumbo_pending) {
		vmmq_refuse(dev, extack,
			    "no mini or jumbo rings; one rx ring takes every frame");
		return -EINVAL;
	}
	err = vmmq_check_ring(dev, "rx", ring->rx_pending, extack);
	if (!err)
		err = vmmq_check_ring(dev, "tx", ring->tx_pending, extack);
	if (err)
		return err;
	if (ring->rx_pending == vport->rx_ring &&
	    ring->tx_pending == vport->tx_ring)
		return 0;
	return vmmq_queues_set_rings(vport, ring->rx_pending, ring->tx_pending);
}

static int vmmq_get_coalesce(struct net_device *dev,
			     struct ethtool_coalesce *coalesce,
			     struct kernel_ethtool_coalesce *kernel_coalesce,
			     struct netlink_ext_ack *extack)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	coalesce->rx_coalesce_usecs = vport->rx_usecs;
	coalesce->rx_max_coalesced_frames = vport->rx_frames;
	coalesce->use_adaptive_rx_coalesce =
		test_bit(VMMQ_VPORT_ADAPTIVE, &vport->flags);
	return 0;
}

static int vmmq_set_coalesce(struct net_device *dev,
			     struct ethtool_coalesce *coalesce,
			     struct kernel_ethtool_coalesce *kernel_coalesce,
			     struct netlink_ext_ack *extack)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	const struct vmmq_moderation moderation = {
		.usecs = coalesce->rx_coalesce_usecs,
		.frames = coalesce->rx_max_coalesced_frames,
	};

	if (!vmmq_adapter_can(vport->adapter,
			      VMMQ_CAPABILITY_VPORT_MODERATION)) {
		vmmq_refuse(dev, extack, "VPorts of %s have no moderation",
			    vmmq_adapter_name(vport->adapter));
		return -EOPNOTSUPP;
	}
	if (moderation.usecs > VMMQ_MAX_USECS) {
		vmmq_refuse(dev, extack, "rx-usecs %u: must be 0 to %u",
			    moderation.usecs, VMMQ_MAX_USECS);
		return -EINVAL;
	}
	if (moderation.frames > VMMQ_MAX_FRAMES) {
		vmmq_refuse(dev, extack, "rx-frames %u: must be 0 to %u",
			    moderation.frames, VMMQ_MAX_FRAMES);
		return -EINVAL;
	}
	vmmq_moderation_set(vport, &moderation,
			    coalesce->use_adaptive_rx_coalesce);
	return 0;
}

static void vmmq_get_pauseparam(struct net_device *dev,
				struct ethtool_pauseparam *pause)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	pause->rx_pause = test_bit(VMMQ_VPORT_PAUSE_RX, &vport->flags);
	pause->tx_pause = test_bit(VMMQ_VPORT_PAUSE_TX, &vport->flags);
}

static int vmmq_set_pauseparam(struct net_device *dev,
			       struct ethtool_pauseparam *pause)
{
	struct vmmq_vport *vport = netdev_priv(dev);

	if (pause->autoneg) {
		vmmq_refuse(dev, NULL,
			    "pause can't be negotiated; use autoneg off");
		return -EOPNOTSUPP;
	}
	assign_bit(VMMQ_VPORT_PAUSE_RX, &vport->flags, pause->rx_pause);
	assign_bit(VMMQ_VPORT_PAUSE_TX, &vport->flags, pause->tx_pause);
	/* Its paused senders wait at its own rings, and it may wait itself at
	 * those of any other VPort.
	 */
	if (!pause->rx_pause || !pause->tx_pause)
		vmmq_queues_resume_all(&vport->adapter->nicswitch);
	return 0;
}

static u32 vmmq_get_priv_flags(struct net_device *dev)
{
	const struct vmmq_vport *vport = netdev_priv(dev);
	const struct vmmq_rss *rss = vmmq_rss_get(vport);
	unsigned int i;
	u32 flags = 0;

	for (i = 0; i < ARRAY_SIZE(vmmq_priv_flag_types); i++)
		if (rss->fields[vmmq_priv_flag_types[i]] & VMMQ_FIELD_EX)
			flags |= BIT(i);
	if (test_bit(VMMQ_VPORT_TX_HASH, &vport->flags))
		flags |= BIT(VMMQ_PRIV_TX_HASH);
	return flags;
}

static int vmmq_apply_ex_flags(const struct net_device *dev, u8 *fields,
			       u32 flags)
{
	enum vmmq_flow_type type;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vmmq_priv_flag_types); i++) {
		type = vmmq_priv_flag_types[i];
		fields[type] &= ~VMMQ_FIELD_EX;
		if (flags & BIT(i))
			fields[type] |= VMMQ_FIELD_EX;
		if (!vmmq_fields_valid(type, fields[type])) {
			vmmq_refuse(dev, NULL,
				    "%s needs an address in the type's hash fields; see ethtool -N",
				    vmmq_priv_flag_names[i]);
			return -EINVAL;
		}
	}
	return 0;
}

static int vmmq_set_priv_flags(struct net_device *dev, u32 flags)
{
	u32 unknown = flags & ~(BIT(VMMQ_PRIV_FLAGS) - 1);
	struct vmmq_change change = VMMQ_CHANGE_INIT;
	struct vmmq_vport *vport = netdev_priv(dev);
	u8 fields[VMMQ_FLOW_TYPES];
	int err;

	change.fields = fields;
	if (unknown) {
		vmmq_refuse(dev, NULL,
			    "unknown private flags 0x%x; see ethtool --show-priv-flags",
			    unknown);
		return -EINVAL;
	}
	memcpy(fields, vmmq_rss_get(vport)->fields, sizeof(fields));
	err = vmmq_apply_ex_flags(dev, fields, flags);
	if (!err)
		err = vmmq_change(vport, &change, NULL);
	if (err)
		return err;
	assign_bit(VMMQ_VPORT_TX_HASH, &vport->flags,
		   flags & BIT(VMMQ_PRIV_TX_HASH));
	return 0;
}

static int vmmq_get_sset_count(struct net_device *dev, int set)
{
	switch (set) {
	case ETH_SS_STATS:
		return vmmq_stats_count(netdev_priv(dev));
	case ETH_SS_PRIV_FLAGS:
		return VMMQ_PRIV_FLAGS;
	default:
		return -EOPNOTSUPP;
	}
}

static void vmmq_get_strings(struct net_device *dev, u32 set, u8 *data)
{
	unsigned int i;

	switch (set) {
	case ETH_SS_STATS:
		vmmq_stats_strings(netdev_priv(dev), data);
		break;
	case ETH_SS_PRIV_FLAGS:
		for (i = 0; i < VMMQ_PRIV_FLAGS; i++)
			ethtool_puts(&data, vmmq_priv_flag_names[i]);
		break;
	}
}

static void vmmq_get_ethtool_stats(struct net_device *dev,
				   struct ethtool_stats *stats, u64 *data)
{
	vmmq_stats_values(netdev_priv(dev), data);
}

const struct ethtool_ops vmmq_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS |
				     ETHTOOL_COALESCE_RX_MAX_FRAMES |
				     ETHTOOL_COALESCE_USE_ADAPTIVE_RX,
	.complete = vmmq_ethtool_rss_complete,
	.get_drvinfo = vmmq_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = vmmq_get_link_ksettings,
	.set_link_ksettings = vmmq_set_link_ksettings,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_channels = vmmq_get_channels,
	.set_channels = vmmq_set_channels,
	.get_ringparam = vmmq_get_ringparam,
	.set_ringparam = vmmq_set_ringparam,
	.get_coalesce = vmmq_get_coalesce,
	.set_coalesce = vmmq_set_coalesce,
	.get_pauseparam = vmmq_get_pauseparam,
	.set_pauseparam = vmmq_set_pauseparam,
	.get_priv_flags = vmmq_get_priv_flags,
	.set_priv_flags = vmmq_set_priv_flags,
	.get_sset_count = vmmq_get_sset_count,
	.get_strings = vmmq_get_strings,
	.get_ethtool_stats = vmmq_get_ethtool_stats,
	.get_eth_mac_stats = vmmq_ethtool_get_mac_stats,
	.get_eth_ctrl_stats = vmmq_ethtool_get_ctrl_stats,
	.get_pause_stats = vmmq_ethtool_get_pause_stats,
	.get_rmon_stats = vmmq_ethtool_get_rmon_stats,
	.get_rxfh_key_size = vmmq_ethtool_get_rxfh_key_size,
	.get_rxfh_indir_size = vmmq_ethtool_get_rxfh_indir_size,
	VMMQ_ETHTOOL_RSS_OPS,
};
