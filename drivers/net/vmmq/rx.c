// SPDX-License-Identifier: GPL-2.0
/*
 * The receive side of a VPort: steering a frame to a queue, in the sender's
 * context, and the NAPI poll that hands it to the stack.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "adapter.h"
#include "census.h"
#include "complete.h"
#include "context.h"
#include "move.h"
#include "queue.h"
#include "rss.h"
#include "rules.h"
#include "rx.h"
#include "trace.h"
#include "tx.h"
#include "vport.h"
#include "wire.h"
#include "xdp.h"

/* Where RSS parameters say, which are a context's or the VPort's own */
static u16 vmmq_rx_hash(const struct vmmq_rss *rss, const struct sk_buff *skb,
			u16 otherwise, struct vmmq_steering *steering)
{
	steering->hash_type = vmmq_rss_hash(rss, skb, &steering->hash);
	if (unlikely(steering->hash_type == VMMQ_HASH_NONE))
		return otherwise;
	steering->entry = steering->hash & rss->mask;
	return vmmq_rss_queue(rss, steering->hash);
}

/* Where a rule says. The hash of a frame that goes to a queue, for the stack to
 * use, is that by the VPort's own parameters. A frame that a context can't hash
 * takes entry 0, so that it keeps to the context's queues.
 */
static u16 vmmq_rx_follow(const struct vmmq_rss *rss,
			  const struct vmmq_rule *rule,
			  const struct sk_buff *skb,
			  struct vmmq_steering *steering)
{
	u16 queue = rss->default_queue;

	if (rule->action == VMMQ_RULE_DROP) {
		steering->drop = true;
		return queue;
	}
	if (rule->action == VMMQ_RULE_CONTEXT) {
		steering->context = rule->context;
		steering->elsewhere = true;
		return rule->queue + vmmq_rx_hash(rule->via->rss, skb,
						  rule->via->rss->table[0],
						  steering);
	}
	queue = vmmq_rx_hash(rss, skb, queue, steering);
	if (rule->action == VMMQ_RULE_MAIN) {
		steering->elsewhere = rule->queue;
		return queue + rule->queue;
	}
	steering->entry = -1;
	steering->elsewhere = true;
	return rule->queue;
}

/* False if the VPort's own parameters say where the frame goes. */
static noinline bool vmmq_rx_by_rule(const struct vmmq_vport *vport,
				     const struct sk_buff *skb,
				     struct vmmq_steering *steering)
{
	const struct vmmq_rss *rss = steering->rss;
	const struct vmmq_rule *rule;

	if (!rss->ntuple)
		return false;
	rule = vmmq_rules_match(rss->rules, skb);
	if (!rule)
		return false;
	/* Contexts are a part of RSS. */
	if (!rss->enabled && (rule->action == VMMQ_RULE_MAIN ||
			      rule->action == VMMQ_RULE_CONTEXT))
		return false;
	steering->rule = rule->location;
	steering->queue = vport->queues[vmmq_rx_follow(rss, rule, skb,
						       steering)];
	return true;
}

/**
 * vmmq_rx_steer() - find the queue pair that gets a frame
 * @vport: the receiver
 * @skb: the frame, at its Ethernet header
 * @steering: the result
 *
 * Context: RCU.
 */
void vmmq_rx_steer(const struct vmmq_vport *vport, const struct sk_buff *skb,
		   struct vmmq_steering *steering)
{
	const struct vmmq_rss *rss = rcu_dereference(vport->rss);
	u16 queue;

	steering->rss = rss;
	steering->entry = -1;
	steering->rule = -1;
	steering->context = 0;
	steering->hash = 0;
	steering->hash_type = VMMQ_HASH_NONE;
	steering->elsewhere = false;
	steering->drop = false;
	if (unlikely(rss->rules) && vmmq_rx_by_rule(vport, skb, steering))
		return;
	queue = vmmq_rx_hash(rss, skb, vmmq_rss_other_queue(rss), steering);
	steering->queue = vport->queues[queue];
}

/* Bytes of the VLAN tags that stand in the frame, two at most */
static unsigned int vmmq_rx_tag_bytes(const struct sk_buff *skb)
{
	unsigned int offset = 2 * ETH_ALEN;
	unsigned int tags;
	__be16 buf, *proto;

	for (tags = 0; tags < 2; tags++) {
		proto = skb_header_pointer(skb, offset + tags * VLAN_HLEN,
					   sizeof(buf), &buf);
		if (!proto || !eth_type_vlan(*proto))
			break;
	}
	return tags * VLAN_HLEN;
}

static bool vmmq_rx_oversize(const struct net_device *dev,
			     const struct sk_buff *skb)
{
	unsigned int limit = READ_ONCE(dev->mtu) + ETH_HLEN;

	if (likely(skb->len <= limit) || skb_is_gso(skb))
		return false;
	return skb->len > limit + vmmq_rx_tag_bytes(skb);
}

/* The hash a VPort reports is its own or none, never the sender's. */
static void vmmq_rx_set_hash(const struct net_device *dev, struct sk_buff *skb,
			     const struct vmmq_steering *steering)
{
	skb_clear_hash(skb);
	if (steering->hash_type == VMMQ_HASH_NONE ||
	    !(dev->features & NETIF_F_RXHASH))
		return;
	skb_set_hash(skb, steering->hash,
		     vmmq_hash_type_is_l4(steering->hash_type) ?
		     PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
}

/* The ring has counted a frame; it may be several packets. */
static void vmmq_rx_count_missed(struct vmmq_queue *q,
				 const struct sk_buff *skb)
{
	u32 packets = vmmq_wire_measure(skb).packets;

	if (packets == 1)
		return;
	spin_lock(&q->ring.lock);
	WRITE_ONCE(q->rx_missed, q->rx_missed + packets - 1);
	spin_unlock(&q->ring.lock);
}

static int vmmq_rx_produce(struct vmmq_vport *vport, struct sk_buff *skb,
			   const struct vmmq_steering *steering, u32 headroom)
{
	const struct vmmq_rss *rss = steering->rss;
	struct vmmq_queue *q = steering->queue;
	struct vmmq_cb *cb = vmmq_cb(skb);

	vmmq_rx_set_hash(vport->dev, skb, steering);
	cb->hash_type = steering->hash_type;
	cb->generation = rss->generation;
	cb->entry = steering->entry < 0 ? vmmq_rss_entries(rss) :
					  steering->entry;
	if (unlikely(steering->elsewhere))
		cb->entry = VMMQ_NO_ENTRY;
	return vmmq_ring_produce(&q->ring, skb, headroom, &q->rx_missed,
				 &vport->rss, rss);
}

/* Whether a frame may come in; if not it is counted. */
static bool vmmq_rx_admit(struct vmmq_vport *vport, const struct sk_buff *skb)
{
	const struct net_device *dev = vport->dev;

	if (unlikely(!vmmq_vport_running(vport))) {
		vmmq_stats_drop_frame(vport, VMMQ_DROP_RX_DOWN, skb);
		return false;
	}
	if (unlikely(dev->features & NETIF_F_LOOPBACK) && skb->dev != dev) {
		vmmq_stats_drop_frame(vport, VMMQ_DROP_RX_LOOPBACK, skb);
		return false;
	}
	if (unlikely(vmmq_rx_oversize(dev, skb))) {
		vmmq_stats_drop_frame(vport, VMMQ_DROP_RX_OVERSIZE, skb);
		return false;
	}
	return true;
}

/**
 * vmmq_rx_enqueue() - put a frame in the ring it was steered to
 * @vport: the receiver
 * @skb: the frame, detached from its sender; its control block names the TX
 *	queue that is charged for it
 * @steering: from vmmq_rx_steer() under the same RCU section; made anew if
 *	another snapshot has come into force since
 * @headroom: slots above the ring's limit that the sender may use
 *
 * Context: BH disabled, RCU.
 * Return: true if the frame was taken; false if it was counted as a drop and
 * is still the caller's.
 */
bool vmmq_rx_enqueue(struct vmmq_vport *vport, struct sk_buff *skb,
		     struct vmmq_steering *steering, u32 headroom)
{
	int from = skb->dev->ifindex;
	unsigned int len = skb->len;
	int err;

	if (unlikely(!vmmq_rx_admit(vport, skb)))
		return false;
	skb->dev = vport->dev;
	while (likely(!steering->drop) &&
	       (err = vmmq_rx_produce(vport, skb, steering, headroom)) ==
	       -ESTALE)
		vmmq_rx_steer(vport, skb, steering);
	if (unlikely(steering->drop)) {
		vmmq_stats_drop_frame(vport, VMMQ_DROP_RX_RULE, skb);
		return false;
	}
	if (unlikely(err)) {
		if (err == -EBUSY) {
			vmmq_stats_drop_frame(vport, VMMQ_DROP_RX_BUSY, skb);
			return false;
		}
		vmmq_rx_count_missed(steering->queue, skb);
		trace_vmmq_drop(vport->dev, VMMQ_DROPS, len);
		return false;
	}
	trace_vmmq_steer(vport, from, len, steering);
	vmmq_queue_kick(steering->queue);
	return true;
}

static void vmmq_rx_take_charge(struct vmmq_credits *credits,
				struct sk_buff *skb)
{
	if (vmmq_cb(skb)->from)
		vmmq_credits_gather(credits, vmmq_cb(skb)->from,
				    vmmq_cb(skb)->bytes);
	skb_orphan(skb);
}

/* A frame cut off in its tag is handed up as it is. */
static bool vmmq_rx_has_tag(const struct sk_buff *skb)
{
	return unlikely(skb->protocol == htons(ETH_P_8021Q)) &&
	       !skb_vlan_tag_present(skb) &&
	       skb->len >= VLAN_HLEN + sizeof(__be16);
}

/**
 * vmmq_rx_decap() - make of the wire's frame what the stack gets
 * @dev: the receiver
 * @skb: the frame, at its Ethernet header
 *
 * Tags stand beside the frame while rxvlan is on, else in it.
 *
 * Context: NAPI poll.
 * Return: the frame, past its Ethernet header; NULL if memory is short and the
 * frame is gone.
 */
struct sk_buff *vmmq_rx_decap(struct net_device *dev, struct sk_buff *skb)
{
	bool strip = dev->features & NETIF_F_HW_VLAN_CTAG_RX;

	if (unlikely(skb_vlan_tag_present(skb)) && !strip) {
		skb = __vlan_hwaccel_push_inside(skb);
		if (!skb)
			return NULL;
	}
	skb->protocol = eth_type_trans(skb, dev);
	if (strip && vmmq_rx_has_tag(skb))
		skb = skb_vlan_untag(skb);
	return skb;
}

/* GRO rewrites what it merges, and a frame of TCP is a clone of one that its
 * sender keeps for retransmission.
 */
static struct sk_buff *vmmq_rx_own(const struct net_device *dev,
				   struct sk_buff *skb)
{
	if (!(dev->features & NETIF_F_GRO))
		return skb;
	if (likely(!skb_unclone(skb, GFP_ATOMIC)))
		return skb;
	kfree_skb(skb);
	return NULL;
}

static void vmmq_rx_count_csum_error(struct vmmq_queue *q)
{
	u64_stats_update_begin(&q->rx.syncp);
	u64_stats_inc(&q->rx.csum_errors);
	u64_stats_update_end(&q->rx.syncp);
}

/* Of a frame at its Ethernet header. In wire mode the VPort looks for itself,
 * else what the sender knew holds.
 */
static void vmmq_rx_check_sum(struct vmmq_queue *q, struct sk_buff *skb)
{
	if (unlikely(!(q->vport->dev->features & NETIF_F_RXCSUM))) {
		if (skb->ip_summed == CHECKSUM_UNNECESSARY)
			skb->ip_summed = CHECKSUM_NONE;
		return;
	}
	if (likely(!READ_ONCE(q->vport->adapter->wire)) ||
	    skb->ip_summed != CHECKSUM_NONE)
		return;
	switch (vmmq_wire_verify(skb)) {
	case VMMQ_WIRE_SUM_GOOD:
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_level = 0;
		break;
	case VMMQ_WIRE_SUM_BAD:
		vmmq_rx_count_csum_error(q);
		break;
	case VMMQ_WIRE_SUM_UNKNOWN:
		break;
	}
}

static void vmmq_rx_hand_up(struct vmmq_queue *q, struct sk_buff *skb,
			    unsigned int len)
{
	skb_record_rx_queue(skb, q->index);
	trace_vmmq_receive(q, skb, len);
	napi_gro_receive(&q->napi, skb);
}

/* Adds what the stack gets. */
static void vmmq_rx_deliver(struct vmmq_queue *q, struct sk_buff *skb,
			    struct vmmq_wire_size *got)
{
	struct vmmq_wire_size size = vmmq_wire_measure(skb);
	struct net_device *dev = q->vport->dev;
	unsigned int len = skb->len;

	vmmq_rx_check_sum(q, skb);
	skb = vmmq_rx_own(dev, skb);
	if (likely(skb))
		skb = vmmq_rx_decap(dev, skb);
	if (unlikely(!skb)) {
		vmmq_stats_drop_packets(q->vport, VMMQ_DROP_RX_NOMEM,
					size.packets, len);
		return;
	}
	vmmq_census_received(q, skb, &size, len);
	got->packets += size.packets;
	got->bytes += size.bytes;
	vmmq_rx_hand_up(q, skb, len);
}

/* Adds a packet that the VPort's program, or the stack after it, gets. */
static void vmmq_rx_deliver_xdp(struct vmmq_queue *q, struct vmmq_xdp *xdp,
				struct sk_buff *skb, struct vmmq_wire_size *got)
{
	unsigned int len = skb->len;

	if (unlikely(!vmmq_xdp_receive(xdp, &skb)))
		return;
	got->packets++;
	got->bytes += len;
	if (skb)
		vmmq_rx_hand_up(q, skb, len);
}

/* What the receiver's features don't let in as it is */
static bool vmmq_rx_is_foreign(const struct sk_buff *skb,
			       netdev_features_t features)
{
	if (skb_is_gso(skb))
		return !(features & NETIF_F_GRO_HW);
	return skb->ip_summed == CHECKSUM_PARTIAL &&
	       !(features & NETIF_F_RXCSUM);
}

/* The complete packets of a frame, chained by next, each with the frame's
 * control block; NULL if it was counted as a drop.
 */
static struct sk_buff *vmmq_rx_packets(struct vmmq_queue *q,
				       struct sk_buff *skb)
{
	struct vmmq_cb cb = *vmmq_cb(skb);
	struct sk_buff *packets, *packet;

	skb_mark_not_on_list(skb);
	packets = vmmq_wire_segment(skb);
	if (IS_ERR(packets)) {
		vmmq_stats_drop_frame(q->vport, PTR_ERR(packets) == -ENOMEM ?
				      VMMQ_DROP_RX_NOMEM :
				      VMMQ_DROP_RX_MALFORMED, skb);
		kfree_skb(skb);
		return NULL;
	}
	for (packet = packets; packet; packet = packet->next)
		*vmmq_cb(packet) = cb;
	return packets;
}

/* Packet by packet, to the program if there is one. The checksums of what was
 * foreign are right once they are filled in.
 */
static void vmmq_rx_deliver_packets(struct vmmq_queue *q, struct vmmq_xdp *xdp,
				    struct sk_buff *skb,
				    struct vmmq_wire_size *got)
{
	struct sk_buff *next;

	for (skb = vmmq_rx_packets(q, skb); skb; skb = next) {
		next = skb->next;
		skb_mark_not_on_list(skb);
		if (unlikely(vmmq_rx_oversize(q->vport->dev, skb))) {
			vmmq_stats_drop(q->vport, VMMQ_DROP_RX_OVERSIZE,
					skb->len);
			kfree_skb(skb);
			continue;
		}
		if (xdp) {
			vmmq_rx_deliver_xdp(q, xdp, skb, got);
			continue;
		}
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_level = 0;
		vmmq_rx_deliver(q, skb, got);
	}
}

/* What a poll has taken */
struct vmmq_rx_sum {
	u32 packets;
	u64 bytes;
	u32 types[VMMQ_HASH_TYPES];
};

static void vmmq_rx_count(struct vmmq_queue *q, const struct vmmq_rx_sum *sum)
{
	unsigned int type;

	u64_stats_update_begin(&q->rx.syncp);
	u64_stats_inc(&q->rx.polls);
	if (sum->packets) {
		u64_stats_add(&q->rx.packets, sum->packets);
		u64_stats_add(&q->rx.bytes, sum->bytes);
		for (type = 0; type < VMMQ_HASH_TYPES; type++)
			u64_stats_add(&q->rx.hash[type], sum->types[type]);
	}
	u64_stats_update_end(&q->rx.syncp);
}

/* The next frame to hand up: one that stood aside and need not any more, or
 * one from the ring. NULL with @idle unset: what was taken from the ring was a
 * token, or a frame that has to stand aside.
 */
static struct sk_buff *vmmq_rx_take(struct vmmq_queue *q, bool *idle)
{
	struct sk_buff *skb;
	unsigned long slot;

	if (unlikely(q->moves.unsettled)) {
		skb = vmmq_moves_released(q);
		if (skb)
			return skb;
	}
	slot = vmmq_ring_consume(&q->ring);
	*idle = !slot;
	if (unlikely(slot & VMMQ_SLOT_MASK)) {
		vmmq_moves_token(q, slot);
		return NULL;
	}
	skb = (struct sk_buff *)slot;
	if (likely(!q->moves.unsettled) || !skb)
		return skb;
	if (!vmmq_moves_hold(&q->moves, skb))
		return skb;
	WRITE_ONCE(q->rx_waited, q->rx_waited + 1);
	return NULL;
}

static void vmmq_rx_count_hits(struct vmmq_queue *q, unsigned int type,
			       unsigned int entry, u32 packets)
{
	if (likely(type != VMMQ_HASH_NONE && entry != VMMQ_NO_ENTRY))
		WRITE_ONCE(q->hits[entry], q->hits[entry] + packets);
}

/* Returns how much of the poll's budget a frame took. */
static u32 vmmq_rx_frame(struct vmmq_queue *q, struct vmmq_xdp *xdp,
			 struct sk_buff *skb, struct vmmq_rx_sum *sum)
{
	unsigned int type = vmmq_cb(skb)->hash_type;
	unsigned int entry = vmmq_cb(skb)->entry;
	struct vmmq_wire_size got = {};
	u32 work = 1;

	if (unlikely(xdp ||
		     vmmq_rx_is_foreign(skb, q->vport->dev->features))) {
		vmmq_rx_deliver_packets(q, xdp, skb, &got);
		work = max(got.packets, 1U);
	} else {
		vmmq_rx_deliver(q, skb, &got);
	}
	vmmq_rx_count_hits(q, type, entry, got.packets);
	sum->types[type] += got.packets;
	sum->packets += got.packets;
	sum->bytes += got.bytes;
	return work;
}

static int vmmq_rx_poll(struct vmmq_queue *q, int budget)
{
	struct vmmq_xdp *xdp = rcu_dereference_bh(q->xdp);
	struct vmmq_rx_sum sum = {};
	struct vmmq_credits credits;
	struct sk_buff *skb;
	bool idle = false;
	u32 work = 0;

	credits.used = 0;
	while (work < budget) {
		skb = vmmq_rx_take(q, &idle);
		if (idle)
			break;
		if (unlikely(!skb)) {
			work++;
			continue;
		}
		vmmq_rx_take_charge(&credits, skb);
		work += vmmq_rx_frame(q, xdp, skb, &sum);
	}
	if (unlikely(xdp))
		vmmq_xdp_flush(xdp);
	vmmq_credits_return(&credits);
	vmmq_rx_count(q, &sum);
	if (work)
		vmmq_queue_resume_paused(q);
	return min_t(u32, work, budget);
}

/**
 * vmmq_queue_poll() - NAPI poll of a queue pair
 * @napi: its NAPI
 * @budget: frames to hand up at most; 0 from netpoll: completions only
 *
 * Context: NAPI.
 * Return: frames handed up, below @budget once the NAPI has completed.
 */
int vmmq_queue_poll(struct napi_struct *napi, int budget)
{
	struct vmmq_queue *q = container_of(napi, struct vmmq_queue, napi);
	bool away = false;
	bool completed;
	int work;

	completed = vmmq_complete_poll(q);
	if (unlikely(!budget))
		return 0;
	if (unlikely(test_bit(VMMQ_QUEUE_MOVED, &q->flags)))
		vmmq_moves_begin_poll(q);
	if (unlikely(test_bit(VMMQ_QUEUE_RESUME, &q->flags)))
		vmmq_tx_resume(q);
	work = vmmq_rx_poll(q, budget);
	if (unlikely(q->moves.unsettled))
		vmmq_moves_end_poll(q);
	trace_vmmq_poll(q, work, budget);
	if (work == budget) {
		if (likely(vmmq_queue_on_home_cpu(q)))
			return work;
		away = true;
		work--;	/* completed here, raised again where it belongs */
	}
	/* Who defers interrupts defers those of completions alone, too. */
	if (napi_complete_done(napi, work ?: completed)) {
		vmmq_moderation_sample(q);
		vmmq_queue_arm(q);
	} else if (unlikely(away || vmmq_queue_is_flagged(q)) &&
		   !test_bit(NAPI_STATE_SCHED, &napi->state)) {
		/* Deferred: the core's timer would poll on this CPU, late. */
		vmmq_queue_raise(q);
	}
	return work;
}

static void vmmq_rx_discard(struct vmmq_queue *q, struct vmmq_credits *credits,
			    struct sk_buff *skb)
{
	WRITE_ONCE(q->rx_purged,
		   q->rx_purged + vmmq_wire_measure(skb).packets);
	vmmq_rx_take_charge(credits, skb);
	kfree_skb(skb);
}

/**
 * vmmq_rx_purge() - throw away what a stopped queue's ring and holds contain
 * @q: a queue that gets no frames and whose NAPI is disabled
 *
 * Context: process, RTNL, BH disabled.
 */
void vmmq_rx_purge(struct vmmq_queue *q)
{
	struct vmmq_credits credits;
	struct sk_buff *skb;
	unsigned long slot;

	credits.used = 0;
	while ((slot = vmmq_ring_consume(&q->ring))) {
		if (slot & VMMQ_SLOT_MASK)
			vmmq_moves_token(q, slot);
		else
			vmmq_rx_discard(q, &credits, (struct sk_buff *)slot);
	}
	while ((skb = vmmq_moves_purge(q)))
		vmmq_rx_discard(q, &credits, skb);
	vmmq_credits_return(&credits);
}
