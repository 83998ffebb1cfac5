// SPDX-License-Identifier: GPL-2.0
/*
 * The standard statistics of ethtool: what the MAC of a NIC counts, read from
 * the census and from the counters of the queues. What nothing here can have
 * (collisions, bad check sequences) is 0; what is not counted is left alone.
 */
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>

#include "census.h"
#include "ethtool_stats.h"
#include "stats.h"
#include "vport.h"

/* The last has no upper end but that of the type. */
static const struct ethtool_rmon_hist_range vmmq_rmon_ranges[] = {
	{ 0, 64 },
	{ 65, 127 },
	{ 128, 255 },
	{ 256, 511 },
	{ 512, 1023 },
	{ 1024, 1518 },
	{ 1519, 2047 },
	{ 2048, 4095 },
	{ 4096, 8191 },
	{ 8192, 65535 },
	{}
};

static_assert(VMMQ_CENSUS_SIZES <= ETHTOOL_RMON_HIST_MAX);
static_assert(ARRAY_SIZE(vmmq_rmon_ranges) == VMMQ_CENSUS_SIZES + 1);

/* As the standard has it a frame's octets are without check sequence, but NICs
 * include it and so do the tests of the kernel.
 */
static u64 vmmq_octets(u64 packets, u64 bytes)
{
	return bytes + packets * ETH_FCS_LEN;
}

static void vmmq_mac_traffic(const struct vmmq_vport *vport,
			     struct ethtool_eth_mac_stats *mac)
{
	struct vmmq_queue_totals sum;

	vmmq_stats_sum_queues(vport, 0, vport->max_queues, &sum);
	mac->FramesTransmittedOK = sum.tx_packets;
	mac->OctetsTransmittedOK = vmmq_octets(sum.tx_packets, sum.tx_bytes);
	mac->FramesReceivedOK = sum.rx_packets;
	mac->OctetsReceivedOK = vmmq_octets(sum.rx_packets, sum.rx_bytes);
}

static void vmmq_mac_kinds(const struct vmmq_vport *vport,
			   struct ethtool_eth_mac_stats *mac)
{
	u64 rx[VMMQ_CENSUS_COUNTERS], tx[VMMQ_CENSUS_COUNTERS];

	vmmq_census_read(vport, 0, vport->max_queues, rx, tx);
	mac->MulticastFramesXmittedOK = tx[VMMQ_CENSUS_MULTICAST];
	mac->BroadcastFramesXmittedOK = tx[VMMQ_CENSUS_BROADCAST];
	mac->MulticastFramesReceivedOK = rx[VMMQ_CENSUS_MULTICAST];
	mac->BroadcastFramesReceivedOK = rx[VMMQ_CENSUS_BROADCAST];
	mac->InRangeLengthErrors = rx[VMMQ_CENSUS_IN_RANGE];
	mac->OutOfRangeLengthField = rx[VMMQ_CENSUS_OUT_OF_RANGE];
}

static void vmmq_mac_errors(const struct vmmq_vport *vport,
			    struct ethtool_eth_mac_stats *mac)
{
	u64 drops[VMMQ_DROPS];

	vmmq_stats_read_drops(vport, drops);
	mac->FrameTooLongErrors = drops[VMMQ_DROP_RX_OVERSIZE];
	mac->FramesLostDueToIntMACRcvError = drops[VMMQ_DROP_RX_NOMEM] +
					     drops[VMMQ_DROP_RX_BUSY];
	mac->FramesLostDueToIntMACXmitError = drops[VMMQ_DROP_TX_NOMEM] +
					      drops[VMMQ_DROP_TX_DOWN];
}

/* Full duplex and no noise */
static void vmmq_mac_never(struct ethtool_eth_mac_stats *mac)
{
	mac->SingleCollisionFrames = 0;
	mac->MultipleCollisionFrames = 0;
	mac->LateCollisions = 0;
	mac->FramesAbortedDueToXSColls = 0;
	mac->FramesWithDeferredXmissions = 0;
	mac->FramesWithExcessiveDeferral = 0;
	mac->CarrierSenseErrors = 0;
	mac->FrameCheckSequenceErrors = 0;
	mac->AlignmentErrors = 0;
}

/**
 * vmmq_ethtool_get_mac_stats() - the group eth-mac
 * @dev: a VPort's net device
 * @mac: what it counted since the VPort was created
 *
 * Context: process, RTNL.
 */
void vmmq_ethtool_get_mac_stats(struct net_device *dev,
				struct ethtool_eth_mac_stats *mac)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	vmmq_mac_traffic(vport, mac);
	vmmq_mac_kinds(vport, mac);
	vmmq_mac_errors(vport, mac);
	vmmq_mac_never(mac);
}

/**
 * vmmq_ethtool_get_ctrl_stats() - the group eth-ctrl
 * @dev: a VPort's net device
 * @ctrl: control frames since the VPort was created
 *
 * Context: process, RTNL.
 */
void vmmq_ethtool_get_ctrl_stats(struct net_device *dev,
				 struct ethtool_eth_ctrl_stats *ctrl)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	ctrl->MACControlFramesTransmitted =
		atomic64_read(&vport->mac[VMMQ_MAC_CONTROL_SENT]);
	ctrl->MACControlFramesReceived =
		atomic64_read(&vport->mac[VMMQ_MAC_CONTROL_RECEIVED]);
	ctrl->UnsupportedOpcodesReceived =
		atomic64_read(&vport->mac[VMMQ_MAC_UNKNOWN_RECEIVED]);
}

/**
 * vmmq_ethtool_get_pause_stats() - how often a ring has stopped a sender
 * @dev: a VPort's net device
 * @pause: pause frames since the VPort was created
 *
 * Context: process, RTNL.
 */
void vmmq_ethtool_get_pause_stats(struct net_device *dev,
				  struct ethtool_pause_stats *pause)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	pause->tx_pause_frames =
		atomic64_read(&vport->mac[VMMQ_MAC_PAUSE_SENT]);
	pause->rx_pause_frames =
		atomic64_read(&vport->mac[VMMQ_MAC_PAUSE_RECEIVED]);
}

/**
 * vmmq_ethtool_get_rmon_stats() - the group rmon
 * @dev: a VPort's net device
 * @rmon: frames by size since the VPort was created
 * @ranges: the sizes
 *
 * Context: process, RTNL.
 */
void vmmq_ethtool_get_rmon_stats(struct net_device *dev,
				 struct ethtool_rmon_stats *rmon,
				 const struct ethtool_rmon_hist_range **ranges)
{
	const struct vmmq_vport *vport = netdev_priv(dev);
	u64 rx[VMMQ_CENSUS_COUNTERS], tx[VMMQ_CENSUS_COUNTERS];
	u64 drops[VMMQ_DROPS];

	vmmq_stats_read_drops(vport, drops);
	rmon->oversize_pkts = drops[VMMQ_DROP_RX_OVERSIZE];
	rmon->fragments = 0;
	rmon->jabbers = 0;
	vmmq_census_read(vport, 0, vport->max_queues, rx, tx);
	memcpy(rmon->hist, &rx[VMMQ_CENSUS_SIZE],
	       VMMQ_CENSUS_SIZES * sizeof(*rx));
	memcpy(rmon->hist_tx, &tx[VMMQ_CENSUS_SIZE],
	       VMMQ_CENSUS_SIZES * sizeof(*tx));
	*ranges = vmmq_rmon_ranges;
}
