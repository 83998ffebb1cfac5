// SPDX-License-Identifier: GPL-2.0
/*
 * Queue statistics as the netdev family shows them. What a queue pair that is
 * not active any more has counted, and what no queue counts, is in the base, so
 * that queues and base together are what the net device counted. A queue pair
 * that is made active again takes its counts along.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netdev_queues.h>

#include "census.h"
#include "qstats.h"
#include "queue.h"
#include "stats.h"
#include "vport.h"

/* A frame whose checksum is still to be filled in needs no check. */
static void vmmq_qstats_rx(const struct vmmq_queue_totals *totals,
			   const u64 census[VMMQ_CENSUS_COUNTERS],
			   struct netdev_queue_stats_rx *rx)
{
	rx->packets = totals->rx_packets;
	rx->bytes = totals->rx_bytes;
	rx->hw_drops = totals->rx_missed + totals->rx_purged;
	rx->hw_drop_overruns = totals->rx_missed;
	rx->csum_bad = totals->rx_csum_errors;
	rx->csum_none = census[VMMQ_CENSUS_CSUM_NONE] +
			census[VMMQ_CENSUS_CSUM_COMPLETE];
	rx->csum_unnecessary = census[VMMQ_CENSUS_CSUM_UNNECESSARY] +
			       census[VMMQ_CENSUS_CSUM_PARTIAL];
}

static void vmmq_qstats_tx(const struct vmmq_queue_totals *totals,
			   const u64 census[VMMQ_CENSUS_COUNTERS],
			   struct netdev_queue_stats_tx *tx)
{
	tx->packets = totals->tx_packets;
	tx->bytes = totals->tx_bytes;
	tx->needs_csum = census[VMMQ_CENSUS_CSUM_PARTIAL];
	tx->csum_none = census[VMMQ_CENSUS_CSUM_NONE] +
			census[VMMQ_CENSUS_CSUM_UNNECESSARY] +
			census[VMMQ_CENSUS_CSUM_COMPLETE];
	tx->hw_gso_packets = census[VMMQ_CENSUS_GSO];
	tx->hw_gso_bytes = census[VMMQ_CENSUS_GSO_BYTES];
	tx->hw_gso_wire_packets = census[VMMQ_CENSUS_GSO_WIRE];
	tx->hw_gso_wire_bytes = census[VMMQ_CENSUS_GSO_WIRE_BYTES];
	tx->stop = totals->tx_stop;
	tx->wake = totals->tx_wake;
}

static void vmmq_qstats_sum(const struct vmmq_vport *vport, unsigned int first,
			    unsigned int end, struct netdev_queue_stats_rx *rx,
			    struct netdev_queue_stats_tx *tx)
{
	u64 received[VMMQ_CENSUS_COUNTERS], sent[VMMQ_CENSUS_COUNTERS];
	struct vmmq_queue_totals totals;

	vmmq_stats_sum_queues(vport, first, end, &totals);
	vmmq_census_read(vport, first, end, received, sent);
	if (rx)
		vmmq_qstats_rx(&totals, received, rx);
	if (tx)
		vmmq_qstats_tx(&totals, sent, tx);
}

static void vmmq_qstats_get_rx(struct net_device *dev, int index,
			       struct netdev_queue_stats_rx *rx)
{
	vmmq_qstats_sum(netdev_priv(dev), index, index + 1, rx, NULL);
}

static void vmmq_qstats_get_tx(struct net_device *dev, int index,
			       struct netdev_queue_stats_tx *tx)
{
	vmmq_qstats_sum(netdev_priv(dev), index, index + 1, NULL, tx);
}

static void vmmq_qstats_get_base(struct net_device *dev,
				 struct netdev_queue_stats_rx *rx,
				 struct netdev_queue_stats_tx *tx)
{
	const struct vmmq_vport *vport = netdev_priv(dev);
	u64 drops[VMMQ_DROPS];
	unsigned int reason;

	vmmq_qstats_sum(vport, dev->real_num_rx_queues, vport->max_queues,
			rx, tx);
	vmmq_stats_read_drops(vport, drops);
	rx->alloc_fail = drops[VMMQ_DROP_RX_NOMEM];
	for (reason = 0; reason < VMMQ_DROP_TX_FIRST; reason++)
		rx->hw_drops += drops[reason];
	tx->hw_drops = 0;
	for (reason = VMMQ_DROP_TX_FIRST; reason < VMMQ_DROPS; reason++)
		tx->hw_drops += drops[reason];
	tx->hw_drop_errors = drops[VMMQ_DROP_TX_MALFORMED];
}

/* All under RTNL: the number of queues stands still meanwhile. */
static const struct netdev_stat_ops vmmq_stat_ops = {
	.get_queue_stats_rx = vmmq_qstats_get_rx,
	.get_queue_stats_tx = vmmq_qstats_get_tx,
	.get_base_stats = vmmq_qstats_get_base,
};

/**
 * vmmq_qstats_setup() - let a VPort show its queue statistics
 * @dev: its net device, not registered yet
 *
 * Context: process.
 */
void vmmq_qstats_setup(struct net_device *dev)
{
	dev->stat_ops = &vmmq_stat_ops;
}
