// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: counts drops, reads all counters, and gives them their names in
 * ethtool. Everything else is counted where it happens.
 */
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/u64_stats_sync.h>

#include "census.h"
#include "flow.h"
#include "queue.h"
#include "stats.h"
#include "trace.h"
#include "vport.h"
#include "wire.h"

static const char * const vmmq_drop_names[VMMQ_DROPS] = {
	[VMMQ_DROP_RX_DOWN] = "rx_drop_down",
	[VMMQ_DROP_RX_OVERSIZE] = "rx_drop_oversize",
	[VMMQ_DROP_RX_NOMEM] = "rx_drop_nomem",
	[VMMQ_DROP_RX_BUSY] = "rx_drop_busy",
	[VMMQ_DROP_RX_MALFORMED] = "rx_drop_malformed",
	[VMMQ_DROP_RX_LOOPBACK] = "rx_drop_loopback",
	[VMMQ_DROP_RX_RULE] = "rx_drop_rule",
	[VMMQ_DROP_TX_UNMATCHED] = "tx_drop_unmatched",
	[VMMQ_DROP_TX_OWN] = "tx_drop_own",
	[VMMQ_DROP_TX_MALFORMED] = "tx_drop_malformed",
	[VMMQ_DROP_TX_NOMEM] = "tx_drop_nomem",
	[VMMQ_DROP_TX_DOWN] = "tx_drop_down",
};

/* Of the VPort, in the order of vmmq_stats_values() */
static const char * const vmmq_vport_names[] = {
	"rss_entries_moved",
	"rss_longest_drain_ns",
	"rx_csum_errors",
};

#define VMMQ_VPORT_COUNTERS	ARRAY_SIZE(vmmq_vport_names)

struct vmmq_counter {
	const char *direction;
	const char *name;
	size_t offset;
};

#define VMMQ_COUNTER(direction, name, member) \
	{ direction, name, offsetof(struct vmmq_queue_totals, member) }

static const struct vmmq_counter vmmq_queue_counters[] = {
	VMMQ_COUNTER("rx", "packets", rx_packets),
	VMMQ_COUNTER("rx", "bytes", rx_bytes),
	VMMQ_COUNTER("rx", "csum_errors", rx_csum_errors),
	VMMQ_COUNTER("rx", "missed", rx_missed),
	VMMQ_COUNTER("rx", "purged", rx_purged),
	VMMQ_COUNTER("rx", "waited", rx_waited),
	VMMQ_COUNTER("rx", "polls", polls),
	VMMQ_COUNTER("rx", "interrupts", interrupts),
	VMMQ_COUNTER("rx", "xdp_pass", xdp[VMMQ_XDP_PASS]),
	VMMQ_COUNTER("rx", "xdp_drops", xdp[VMMQ_XDP_DROP]),
	VMMQ_COUNTER("rx", "xdp_tx", xdp[VMMQ_XDP_TX]),
	VMMQ_COUNTER("rx", "xdp_redirects", xdp[VMMQ_XDP_REDIRECT]),
	VMMQ_COUNTER("rx", "xdp_aborted", xdp[VMMQ_XDP_ABORTED]),
	VMMQ_COUNTER("rx", "xdp_errors", xdp[VMMQ_XDP_ERROR]),
	VMMQ_COUNTER("tx", "packets", tx_packets),
	VMMQ_COUNTER("tx", "bytes", tx_bytes),
	VMMQ_COUNTER("tx", "gso_frames", tx_gso_frames),
	VMMQ_COUNTER("tx", "gso_packets", tx_gso_packets),
	VMMQ_COUNTER("tx", "completed", tx_completed),
	VMMQ_COUNTER("tx", "stop", tx_stop),
	VMMQ_COUNTER("tx", "wake", tx_wake),
	VMMQ_COUNTER("tx", "pause", tx_pause),
	VMMQ_COUNTER("tx", "override", tx_override),
	VMMQ_COUNTER("tx", "xdp_packets", tx_xdp),
};

/**
 * vmmq_stats_drop_packets() - count packets dropped outside a receive ring
 * @vport: the VPort they are charged to
 * @reason: why
 * @packets: how many
 * @len: bytes of the frame that they were, Ethernet header included
 *
 * Context: any.
 */
void vmmq_stats_drop_packets(struct vmmq_vport *vport, enum vmmq_drop reason,
			     u32 packets, unsigned int len)
{
	struct vmmq_drop_stats *drops = get_cpu_ptr(vport->drops);
	unsigned long flags;

	/* netpoll may come in the middle of another drop on this CPU */
	flags = u64_stats_update_begin_irqsave(&drops->syncp);
	u64_stats_add(&drops->count[reason], packets);
	u64_stats_update_end_irqrestore(&drops->syncp, flags);
	put_cpu_ptr(vport->drops);
	trace_vmmq_drop(vport->dev, reason, len);
}

/**
 * vmmq_stats_drop() - count a packet dropped outside a receive ring
 * @vport: the VPort it is charged to
 * @reason: why
 * @len: its bytes, Ethernet header included
 *
 * Context: any.
 */
void vmmq_stats_drop(struct vmmq_vport *vport, enum vmmq_drop reason,
		     unsigned int len)
{
	vmmq_stats_drop_packets(vport, reason, 1, len);
}

/**
 * vmmq_stats_drop_frame() - count the packets of a frame that is dropped
 * @vport: the VPort they are charged to
 * @reason: why
 * @skb: the frame, at its Ethernet header, GSO or not
 *
 * Context: any.
 */
void vmmq_stats_drop_frame(struct vmmq_vport *vport, enum vmmq_drop reason,
			   const struct sk_buff *skb)
{
	vmmq_stats_drop_packets(vport, reason, vmmq_wire_measure(skb).packets,
				skb->len);
}

static void vmmq_stats_read_rx(const struct vmmq_rx_stats *rx,
			       struct vmmq_queue_totals *totals)
{
	unsigned int start, type;

	do {
		start = u64_stats_fetch_begin(&rx->syncp);
		totals->rx_packets = u64_stats_read(&rx->packets);
		totals->rx_bytes = u64_stats_read(&rx->bytes);
		totals->rx_csum_errors = u64_stats_read(&rx->csum_errors);
		totals->polls = u64_stats_read(&rx->polls);
		for (type = 0; type < VMMQ_HASH_TYPES; type++)
			totals->hash[type] = u64_stats_read(&rx->hash[type]);
		totals->tx_completed = u64_stats_read(&rx->tx_completed);
		totals->tx_wake = u64_stats_read(&rx->tx_wake);
	} while (u64_stats_fetch_retry(&rx->syncp, start));
}

static void vmmq_stats_read_tx(const struct vmmq_tx_stats *tx,
			       struct vmmq_queue_totals *totals)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&tx->syncp);
		totals->tx_packets = u64_stats_read(&tx->packets);
		totals->tx_bytes = u64_stats_read(&tx->bytes);
		totals->tx_stop = u64_stats_read(&tx->stop);
		totals->tx_pause = u64_stats_read(&tx->pause);
		totals->tx_override = u64_stats_read(&tx->override);
		totals->tx_xdp = u64_stats_read(&tx->xdp);
	} while (u64_stats_fetch_retry(&tx->syncp, start));
}

static void vmmq_stats_read_gso(const struct vmmq_census *census,
				struct vmmq_queue_totals *totals)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&census->syncp);
		totals->tx_gso_frames =
			u64_stats_read(&census->count[VMMQ_CENSUS_GSO]);
		totals->tx_gso_packets =
			u64_stats_read(&census->count[VMMQ_CENSUS_GSO_WIRE]);
	} while (u64_stats_fetch_retry(&census->syncp, start));
}

static void vmmq_stats_read_xdp(const struct vmmq_xdp_stats *xdp,
				struct vmmq_queue_totals *totals)
{
	unsigned int start, i;

	do {
		start = u64_stats_fetch_begin(&xdp->syncp);
		for (i = 0; i < VMMQ_XDP_VERDICTS; i++)
			totals->xdp[i] = u64_stats_read(&xdp->count[i]);
	} while (u64_stats_fetch_retry(&xdp->syncp, start));
}

/**
 * vmmq_stats_read_queue() - read the counters of a queue pair
 * @q: the queue pair; NULL, one never created, has counted nothing
 * @totals: what it counted since it was created
 *
 * Context: any.
 */
void vmmq_stats_read_queue(const struct vmmq_queue *q,
			   struct vmmq_queue_totals *totals)
{
	memset(totals, 0, sizeof(*totals));
	if (!q)
		return;
	vmmq_stats_read_rx(&q->rx, totals);
	vmmq_stats_read_tx(&q->tx, totals);
	vmmq_stats_read_gso(&q->tx_census, totals);
	vmmq_stats_read_xdp(&q->xdp_stats, totals);
	totals->rx_missed = READ_ONCE(q->rx_missed);
	totals->rx_purged = READ_ONCE(q->rx_purged);
	totals->rx_waited = READ_ONCE(q->rx_waited);
	totals->interrupts = READ_ONCE(q->interrupts);
}

/**
 * vmmq_stats_read_drops() - read the drops of a VPort
 * @vport: the VPort
 * @drops: frames dropped since it was created, by reason
 *
 * Context: any.
 */
void vmmq_stats_read_drops(const struct vmmq_vport *vport,
			   u64 drops[VMMQ_DROPS])
{
	const struct vmmq_drop_stats *stats;
	unsigned int start, reason;
	u64 count[VMMQ_DROPS];
	int cpu;

	memset(drops, 0, sizeof(count));
	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(vport->drops, cpu);
		do {
			start = u64_stats_fetch_begin(&stats->syncp);
			for (reason = 0; reason < VMMQ_DROPS; reason++)
				count[reason] =
					u64_stats_read(&stats->count[reason]);
		} while (u64_stats_fetch_retry(&stats->syncp, start));
		for (reason = 0; reason < VMMQ_DROPS; reason++)
			drops[reason] += count[reason];
	}
}

/**
 * vmmq_stats_read_hits() - read how many frames a table entry steered
 * @vport: the VPort
 * @entry: number of the entry
 *
 * Context: process, RTNL.
 * Return: frames handed to the stack since the VPort was created.
 */
u64 vmmq_stats_read_hits(const struct vmmq_vport *vport, u32 entry)
{
	unsigned int i;
	u64 hits = 0;

	for (i = 0; i < vport->max_queues; i++)
		if (vport->queues[i])
			hits += READ_ONCE(vport->queues[i]->hits[entry]);
	return hits;
}

/**
 * vmmq_stats_sum_queues() - add up the counters of some queue pairs
 * @vport: the VPort
 * @first: first queue pair
 * @end: one after the last, at most its max_queues
 * @sum: what they counted since the VPort was created
 *
 * Context: any.
 */
void vmmq_stats_sum_queues(const struct vmmq_vport *vport, unsigned int first,
			   unsigned int end, struct vmmq_queue_totals *sum)
{
	struct vmmq_queue_totals totals;
	const u64 *from = (const u64 *)&totals;
	u64 *to = (u64 *)sum;
	unsigned int i, n;

	BUILD_BUG_ON(sizeof(totals) % sizeof(u64));
	memset(sum, 0, sizeof(*sum));
	for (i = first; i < end; i++) {
		vmmq_stats_read_queue(READ_ONCE(vport->queues[i]), &totals);
		for (n = 0; n < sizeof(totals) / sizeof(u64); n++)
			to[n] += from[n];
	}
}

static void vmmq_stats_add_queues(const struct vmmq_vport *vport,
				  struct rtnl_link_stats64 *stats)
{
	u64 rx[VMMQ_CENSUS_COUNTERS], tx[VMMQ_CENSUS_COUNTERS];
	struct vmmq_queue_totals sum;

	vmmq_census_read(vport, 0, vport->max_queues, rx, tx);
	stats->multicast = rx[VMMQ_CENSUS_MULTICAST];
	vmmq_stats_sum_queues(vport, 0, vport->max_queues, &sum);
	stats->rx_packets = sum.rx_packets;
	stats->rx_bytes = sum.rx_bytes;
	stats->rx_missed_errors = sum.rx_missed;
	stats->rx_dropped = sum.rx_purged;
	stats->tx_packets = sum.tx_packets;
	stats->tx_bytes = sum.tx_bytes;
}

/**
 * vmmq_stats_get64() - ndo_get_stats64 of a VPort
 * @dev: its net device
 * @stats: zeroed; what the VPort counted since it was created
 *
 * Frames count as the packets a wire would carry for them. A full ring is
 * rx_missed_errors alone. tx_packets has every frame taken from the stack,
 * those of tx_dropped too.
 *
 * Context: any.
 */
void vmmq_stats_get64(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	const struct vmmq_vport *vport = netdev_priv(dev);
	u64 drops[VMMQ_DROPS];
	unsigned int reason;

	vmmq_stats_add_queues(vport, stats);
	vmmq_stats_read_drops(vport, drops);
	stats->rx_errors = drops[VMMQ_DROP_RX_OVERSIZE];
	stats->rx_length_errors = drops[VMMQ_DROP_RX_OVERSIZE];
	stats->rx_dropped += drops[VMMQ_DROP_RX_DOWN] +
			     drops[VMMQ_DROP_RX_NOMEM] +
			     drops[VMMQ_DROP_RX_BUSY] +
			     drops[VMMQ_DROP_RX_MALFORMED] +
			     drops[VMMQ_DROP_RX_LOOPBACK] +
			     drops[VMMQ_DROP_RX_RULE];
	for (reason = VMMQ_DROP_TX_FIRST; reason < VMMQ_DROPS; reason++)
		stats->tx_dropped += drops[reason];
}

/**
 * vmmq_stats_count() - how many counters ethtool shows
 * @vport: the VPort
 *
 * Context: any.
 *
 * Return: a number that is constant as long as the VPort lives.
 */
int vmmq_stats_count(const struct vmmq_vport *vport)
{
	return VMMQ_DROPS + VMMQ_HASH_TYPES + VMMQ_VPORT_COUNTERS +
	       vport->max_queues * ARRAY_SIZE(vmmq_queue_counters);
}

/**
 * vmmq_stats_strings() - the names of the counters ethtool shows
 * @vport: the VPort
 * @data: vmmq_stats_count() times ETH_GSTRING_LEN bytes
 *
 * Context: any.
 */
void vmmq_stats_strings(const struct vmmq_vport *vport, u8 *data)
{
	const struct vmmq_counter *counter;
	unsigned int i, queue;

	for (i = 0; i < VMMQ_DROPS; i++)
		ethtool_puts(&data, vmmq_drop_names[i]);
	for (i = 0; i < VMMQ_HASH_TYPES; i++)
		ethtool_sprintf(&data, "rx_hash_%s", vmmq_hash_type_name(i));
	for (i = 0; i < VMMQ_VPORT_COUNTERS; i++)
		ethtool_puts(&data, vmmq_vport_names[i]);
	for (queue = 0; queue < vport->max_queues; queue++) {
		for (i = 0; i < ARRAY_SIZE(vmmq_queue_counters); i++) {
			counter = &vmmq_queue_counters[i];
			ethtool_sprintf(&data, "%s_queue_%u_%s",
					counter->direction, queue,
					counter->name);
		}
	}
}

/**
 * vmmq_stats_values() - the values of the counters ethtool shows
 * @vport: the VPort
 * @data: vmmq_stats_count() values, in the order of vmmq_stats_strings()
 *
 * Context: any.
 */
void vmmq_stats_values(const struct vmmq_vport *vport, u64 *data)
{
	u64 *hash = data + VMMQ_DROPS, *csum_errors;
	struct vmmq_queue_totals totals;
	unsigned int i, queue;

	vmmq_stats_read_drops(vport, data);
	memset(hash, 0, VMMQ_HASH_TYPES * sizeof(*hash));
	data = hash + VMMQ_HASH_TYPES;
	*data++ = READ_ONCE(vport->entries_moved);
	*data++ = atomic64_read(&vport->longest_drain);
	csum_errors = data++;
	*csum_errors = 0;
	for (queue = 0; queue < vport->max_queues; queue++) {
		vmmq_stats_read_queue(READ_ONCE(vport->queues[queue]), &totals);
		for (i = 0; i < VMMQ_HASH_TYPES; i++)
			hash[i] += totals.hash[i];
		*csum_errors += totals.rx_csum_errors;
		for (i = 0; i < ARRAY_SIZE(vmmq_queue_counters); i++)
			*data++ = *(u64 *)((void *)&totals +
					   vmmq_queue_counters[i].offset);
	}
}
