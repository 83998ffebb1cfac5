// SPDX-License-Identifier: GPL-2.0
/*
 * The census of frames: every frame taken from the stack and every frame handed
 * to it is counted by size and by checksum, the rarer kinds beside. Two
 * increments per frame in cache lines the queue pair writes anyway; the rest
 * is paid only by the kinds it counts.
 *
 * A VPort's link partner is the NIC switch, so its MAC control frames are seen
 * here too: those of software, and the ones that a full ring stands for.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "adapter.h"
#include "census.h"
#include "queue.h"
#include "vport.h"
#include "wire.h"

#define VMMQ_MIN_LENGTH_FIELD	(ETH_ZLEN - ETH_HLEN)
#define VMMQ_OPCODE_PAUSE	0x0001

static_assert(CHECKSUM_NONE == 0 && CHECKSUM_UNNECESSARY == 1 &&
	      CHECKSUM_COMPLETE == 2 && CHECKSUM_PARTIAL == 3);

/* The range of a frame of @len bytes without its check sequence */
static unsigned int vmmq_census_size(unsigned int len)
{
	unsigned int size = len + ETH_FCS_LEN;

	if (size <= 64)
		return 0;
	return min_t(unsigned int, fls(size) - 6 + (size > 1518),
		     VMMQ_CENSUS_SIZES - 1);
}

static void vmmq_census_add(struct vmmq_census *census, unsigned int counter,
			    u64 count)
{
	u64_stats_add(&census->count[counter], count);
}

static void vmmq_census_gso(struct vmmq_census *census,
			    const struct vmmq_wire_size *size, unsigned int len)
{
	unsigned int full = size->packets - 1;
	unsigned int last = size->bytes - full * size->full;

	vmmq_census_add(census, VMMQ_CENSUS_SIZE + vmmq_census_size(size->full),
			full);
	vmmq_census_add(census, VMMQ_CENSUS_SIZE + vmmq_census_size(last), 1);
	vmmq_census_add(census, VMMQ_CENSUS_GSO, 1);
	vmmq_census_add(census, VMMQ_CENSUS_GSO_BYTES, len);
	vmmq_census_add(census, VMMQ_CENSUS_GSO_WIRE, size->packets);
	vmmq_census_add(census, VMMQ_CENSUS_GSO_WIRE_BYTES, size->bytes);
}

static void vmmq_census_count(struct vmmq_census *census,
			      const struct sk_buff *skb,
			      const struct vmmq_wire_size *size,
			      unsigned int len)
{
	if (unlikely(skb_is_gso(skb)))
		vmmq_census_gso(census, size, len);
	else
		vmmq_census_add(census,
				VMMQ_CENSUS_SIZE + vmmq_census_size(len), 1);
	vmmq_census_add(census, VMMQ_CENSUS_CSUM_NONE + skb->ip_summed,
			size->packets);
}

static void vmmq_census_control_received(struct vmmq_vport *vport, bool pause)
{
	atomic64_inc(&vport->mac[VMMQ_MAC_CONTROL_RECEIVED]);
	atomic64_inc(&vport->mac[pause ? VMMQ_MAC_PAUSE_RECEIVED :
					 VMMQ_MAC_UNKNOWN_RECEIVED]);
}

/* RCU. Whether the MAC of a VPort takes a control frame, whatever its filters:
 * its own address, everybody's, or that of pause frames.
 */
static bool vmmq_census_takes_control(const struct vmmq_vport *vport,
				      const struct ethhdr *eth)
{
	static const u8 pause[ETH_ALEN] = {
		0x01, 0x80, 0xc2, 0x00, 0x00, 0x01
	};

	return ether_addr_equal(eth->h_dest, vport->dev->dev_addr) ||
	       is_broadcast_ether_addr(eth->h_dest) ||
	       ether_addr_equal(eth->h_dest, pause);
}

static void vmmq_census_control(struct vmmq_vport *from,
				const struct sk_buff *skb)
{
	const struct ethhdr *eth = (const struct ethhdr *)skb->data;
	struct vmmq_nicswitch *sw = &from->adapter->nicswitch;
	struct vmmq_vport *vport;
	const __be16 *opcode;
	unsigned int id;
	__be16 buf;
	bool pause;

	opcode = skb_header_pointer(skb, ETH_HLEN, sizeof(buf), &buf);
	pause = opcode && *opcode == htons(VMMQ_OPCODE_PAUSE);
	atomic64_inc(&from->mac[VMMQ_MAC_CONTROL_SENT]);
	if (pause)
		atomic64_inc(&from->mac[VMMQ_MAC_PAUSE_SENT]);
	rcu_read_lock();
	for_each_set_bit(id, sw->running, VMMQ_MAX_VPORTS) {
		vport = rcu_dereference(sw->vports[id]);
		if (vport && vport != from &&
		    vmmq_census_takes_control(vport, eth))
			vmmq_census_control_received(vport, pause);
	}
	rcu_read_unlock();
}

/**
 * vmmq_census_sent() - count a frame taken from the stack
 * @q: its TX queue
 * @skb: the frame, at its Ethernet header
 * @size: its size on a wire
 *
 * Context: BH disabled, TX queue lock held.
 */
void vmmq_census_sent(struct vmmq_queue *q, const struct sk_buff *skb,
		      const struct vmmq_wire_size *size)
{
	const struct ethhdr *eth = (const struct ethhdr *)skb->data;
	struct vmmq_census *census = &q->tx_census;

	u64_stats_update_begin(&census->syncp);
	vmmq_census_count(census, skb, size, skb->len);
	if (likely(skb_headlen(skb) >= ETH_HLEN) &&
	    unlikely(is_multicast_ether_addr(eth->h_dest)))
		vmmq_census_add(census, is_broadcast_ether_addr(eth->h_dest) ?
				VMMQ_CENSUS_BROADCAST : VMMQ_CENSUS_MULTICAST,
				size->packets);
	u64_stats_update_end(&census->syncp);
	if (likely(skb_headlen(skb) >= ETH_HLEN) &&
	    unlikely(eth->h_proto == htons(ETH_P_PAUSE)))
		vmmq_census_control(q->vport, skb);
}

/* A length field below the type's range. Padding is allowed only up to the
 * shortest frame. Software that sets no field at all leaves 0: that is no length.
 */
static void vmmq_census_length_field(struct vmmq_census *census,
				     const struct sk_buff *skb)
{
	unsigned int length = ntohs(eth_hdr(skb)->h_proto);

	if (length > ETH_DATA_LEN)
		vmmq_census_add(census, VMMQ_CENSUS_OUT_OF_RANGE, 1);
	else if (length && (skb->len < length ||
			    skb->len > max_t(unsigned int, length,
					     VMMQ_MIN_LENGTH_FIELD)))
		vmmq_census_add(census, VMMQ_CENSUS_IN_RANGE, 1);
}

/**
 * vmmq_census_received() - count a frame that is handed to the stack
 * @q: its queue
 * @skb: the frame after eth_type_trans()
 * @size: its size on a wire
 * @len: bytes it came with, its Ethernet header included
 *
 * Context: NAPI poll of @q.
 */
void vmmq_census_received(struct vmmq_queue *q, const struct sk_buff *skb,
			  const struct vmmq_wire_size *size, unsigned int len)
{
	struct vmmq_census *census = &q->rx_census;

	u64_stats_update_begin(&census->syncp);
	vmmq_census_count(census, skb, size, len);
	if (unlikely(skb->pkt_type == PACKET_BROADCAST))
		vmmq_census_add(census, VMMQ_CENSUS_BROADCAST, size->packets);
	else if (unlikely(skb->pkt_type == PACKET_MULTICAST))
		vmmq_census_add(census, VMMQ_CENSUS_MULTICAST, size->packets);
	if (unlikely(!eth_proto_is_802_3(eth_hdr(skb)->h_proto)))
		vmmq_census_length_field(census, skb);
	u64_stats_update_end(&census->syncp);
}

/**
 * vmmq_census_stopped() - count the pause frame that a full ring stands for
 * @by: whose ring is full
 * @sender: who is stopped
 *
 * Context: any.
 */
void vmmq_census_stopped(struct vmmq_vport *by, struct vmmq_vport *sender)
{
	atomic64_inc(&by->mac[VMMQ_MAC_CONTROL_SENT]);
	atomic64_inc(&by->mac[VMMQ_MAC_PAUSE_SENT]);
	vmmq_census_control_received(sender, true);
}

static void vmmq_census_read_one(const struct vmmq_census *census,
				 u64 sum[VMMQ_CENSUS_COUNTERS])
{
	u64 count[VMMQ_CENSUS_COUNTERS];
	unsigned int start, i;

	do {
		start = u64_stats_fetch_begin(&census->syncp);
		for (i = 0; i < VMMQ_CENSUS_COUNTERS; i++)
			count[i] = u64_stats_read(&census->count[i]);
	} while (u64_stats_fetch_retry(&census->syncp, start));
	for (i = 0; i < VMMQ_CENSUS_COUNTERS; i++)
		sum[i] += count[i];
}

/**
 * vmmq_census_read() - add up what some queue pairs have counted
 * @vport: the VPort
 * @first: first queue pair
 * @end: one after the last, at most its max_queues
 * @rx: frames handed to the stack since the VPort was created
 * @tx: frames taken from it
 *
 * Context: any.
 */
void vmmq_census_read(const struct vmmq_vport *vport, unsigned int first,
		      unsigned int end, u64 rx[VMMQ_CENSUS_COUNTERS],
		      u64 tx[VMMQ_CENSUS_COUNTERS])
{
	const struct vmmq_queue *q;
	unsigned int i;

	memset(rx, 0, VMMQ_CENSUS_COUNTERS * sizeof(*rx));
	memset(tx, 0, VMMQ_CENSUS_COUNTERS * sizeof(*tx));
	for (i = first; i < end; i++) {
		q = READ_ONCE(vport->queues[i]);
		if (!q)
			continue;
		vmmq_census_read_one(&q->rx_census, rx);
		vmmq_census_read_one(&q->tx_census, tx);
	}
}
