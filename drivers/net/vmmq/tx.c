// SPDX-License-Identifier: GPL-2.0
/*
 * The transmit side of a VPort: which TX queue a frame takes, its charge, and
 * its hand-over to the receivers that the NIC switch names.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/netdev_queues.h>

#include "adapter.h"
#include "census.h"
#include "complete.h"
#include "nicswitch.h"
#include "queue.h"
#include "rss.h"
#include "rx.h"
#include "trace.h"
#include "tx.h"
#include "vport.h"
#include "wire.h"

/* RCU. The transmit rule: the frame's hash indexes the receive table. */
static void vmmq_tx_choose(const struct vmmq_vport *vport,
			   const struct sk_buff *skb, u32 hash,
			   struct vmmq_tx_choice *choice)
{
	const struct vmmq_rss *rss = rcu_dereference(vport->rss);

	choice->hash = likely(rss->enabled) ? hash : 0;
	choice->which = VMMQ_TX_PRESENT;
	if (!choice->hash) {
		choice->which = VMMQ_TX_DEFAULT;
		if (test_bit(VMMQ_VPORT_TX_HASH, &vport->flags) &&
		    vmmq_rss_hash(rss, skb, &choice->hash) != VMMQ_HASH_NONE)
			choice->which = VMMQ_TX_OWN;
	}
	choice->queue = choice->which == VMMQ_TX_DEFAULT ?
			vmmq_rss_other_queue(rss) :
			vmmq_rss_queue(rss, choice->hash);
}

/* A map the user has set up beats the table; the frames are counted. */
static bool vmmq_tx_has_xps(const struct net_device *dev)
{
#ifdef CONFIG_XPS
	return rcu_access_pointer(dev->xps_maps[XPS_CPUS]) ||
	       rcu_access_pointer(dev->xps_maps[XPS_RXQS]);
#else
	return false;
#endif
}

/**
 * vmmq_select_queue() - ndo_select_queue
 * @dev: the VPort
 * @skb: the frame
 * @sb_dev: subordinate device, unused
 *
 * Context: BH disabled.
 * Return: the TX queue.
 */
u16 vmmq_select_queue(struct net_device *dev, struct sk_buff *skb,
		      struct net_device *sb_dev)
{
	const struct vmmq_vport *vport = netdev_priv(dev);
	struct vmmq_tx_choice choice;

	if (unlikely(vmmq_tx_has_xps(dev)))
		return netdev_pick_tx(dev, skb, sb_dev);
	rcu_read_lock();
	vmmq_tx_choose(vport, skb, skb_get_hash_raw(skb), &choice);
	rcu_read_unlock();
	return choice.queue;
}

/* RCU. What the rule said when the queue was chosen. A qdisc such as fq_codel
 * dissects a frame without a hash afterwards and leaves its result in the
 * frame; that is no hash the sender had set.
 */
static void vmmq_tx_explain(const struct vmmq_vport *vport,
			    const struct sk_buff *skb,
			    struct vmmq_tx_choice *choice)
{
	if (unlikely(skb->sw_hash)) {
		vmmq_tx_choose(vport, skb, 0, choice);
		if (choice->queue == skb_get_queue_mapping(skb))
			return;
	}
	vmmq_tx_choose(vport, skb, skb_get_hash_raw(skb), choice);
}

/* The frame leaves its namespace: nothing of the sender's but its charge goes
 * along.
 */
static int vmmq_tx_detach(struct sk_buff *skb)
{
	if (unlikely(skb_orphan_frags(skb, GFP_ATOMIC)))
		return -ENOMEM;
	skb_scrub_packet(skb, true);
	skb->priority = 0;
	/* A sum over what a receiver once got does not fit what it gets now. */
	if (unlikely(skb->ip_summed == CHECKSUM_COMPLETE))
		skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

static void vmmq_tx_count(struct vmmq_queue *q,
			  const struct vmmq_wire_size *size, bool override)
{
	u64_stats_update_begin(&q->tx.syncp);
	u64_stats_add(&q->tx.packets, size->packets);
	u64_stats_add(&q->tx.bytes, size->bytes);
	u64_stats_add(&q->tx.override, override);
	u64_stats_update_end(&q->tx.syncp);
}

/* A queue whose NAPI is gone (a qdisc held its frames while the count was
 * lowered) still sends, but nothing of it is charged. Nor are the packets of a
 * frame, but for the last: it has the charge of all.
 */
static struct vmmq_queue *vmmq_tx_charge(struct vmmq_queue *q, u32 bytes)
{
	if (unlikely(!READ_ONCE(q->started) || !bytes))
		return NULL;
	WRITE_ONCE(q->tx_sent, q->tx_sent + 1);
	netdev_tx_sent_queue(q->txq, bytes);
	return q;
}

static void vmmq_tx_drop(struct vmmq_vport *vport, struct sk_buff *skb,
			 enum vmmq_drop reason)
{
	vmmq_stats_drop_frame(vport, reason, skb);
	dev_kfree_skb_any(skb);
}

/* RCU. Both ends have to agree: one sends pause frames, the other obeys. A
 * queue that is not started, or stops, has no NAPI to go on.
 */
static bool vmmq_tx_may_pause(const struct vmmq_queue *q,
			      const struct vmmq_vport *to)
{
	return test_bit(VMMQ_VPORT_PAUSE_RX, &q->vport->flags) &&
	       test_bit(VMMQ_VPORT_PAUSE_TX, &to->flags) &&
	       vmmq_vport_running(to) && READ_ONCE(q->started);
}

/* The receiver's ring is full: stop the TX queue until its NAPI has taken some.
 * The frame stays here: given back to a qdisc it might be sent out of turn.
 * The NAPI makes room, then looks for waiting queues; we wait, then look for
 * room, so one of the two sees the other (the barriers are llist_add()'s and
 * the one in vmmq_queue_resume_paused()). The frame is held before the queue is
 * stopped: a completion that comes in between must not wake a queue with a frame
 * to be sent first.
 */
static void vmmq_tx_pause(struct vmmq_queue *q, struct sk_buff *skb,
			  struct vmmq_vport *to, struct vmmq_queue *target)
{
	WRITE_ONCE(q->held, skb);
	smp_wmb(); /* pairs with vmmq_queue_is_holding() */
	netif_tx_stop_queue(q->txq);
	u64_stats_update_begin(&q->tx.syncp);
	u64_stats_inc(&q->tx.pause);
	u64_stats_update_end(&q->tx.syncp);
	vmmq_census_stopped(to, q->vport);
	if (!test_and_set_bit(VMMQ_QUEUE_PAUSED, &q->flags))
		llist_add(&q->paused_node, &target->paused);
	smp_mb(); /* who waits first, then room; pairs with the resume */
	if (!vmmq_ring_full(&target->ring) || !vmmq_tx_may_pause(q, to))
		vmmq_queue_resume_paused(target);
}

/* RCU. A copy for one receiver of a flooded frame; it never stops a sender. */
static void vmmq_tx_copy(struct vmmq_vport *to, struct sk_buff *skb)
{
	struct vmmq_steering steering;
	struct sk_buff *copy;

	copy = skb_clone(skb, GFP_ATOMIC);
	if (!copy) {
		vmmq_stats_drop_frame(to, VMMQ_DROP_RX_NOMEM, skb);
		return;
	}
	vmmq_rx_steer(to, copy, &steering);
	vmmq_cb(copy)->from = NULL;
	if (!vmmq_rx_enqueue(to, copy, &steering, 0))
		dev_kfree_skb_any(copy);
}

/**
 * vmmq_tx_copies() - give a frame's receivers their copies
 * @q: TX queue of the sender
 * @skb: the frame, detached from its sender
 * @to: those of its bitmap get a copy
 *
 * Context: TX queue lock, RCU.
 */
void vmmq_tx_copies(struct vmmq_queue *q, struct sk_buff *skb,
		    const struct vmmq_receivers *to)
{
	struct vmmq_nicswitch *sw = &q->vport->adapter->nicswitch;
	struct vmmq_vport *vport;
	unsigned int id;

	for_each_set_bit(id, to->map, VMMQ_MAX_VPORTS) {
		vport = rcu_dereference(sw->vports[id]);
		if (vport && vmmq_nicswitch_wants(vport, to))
			vmmq_tx_copy(vport, skb);
	}
}

/* RCU. Returns false if the frame has to wait; it is untouched. */
static bool vmmq_tx_unicast(struct vmmq_queue *q, struct sk_buff *skb,
			    const struct vmmq_receivers *receivers)
{
	struct vmmq_vport *to = receivers->vport;
	struct vmmq_steering steering;
	u32 bytes = vmmq_cb(skb)->bytes;
	struct vmmq_queue *charged;
	u32 headroom = 0;

	vmmq_rx_steer(to, skb, &steering);
	if (likely(!steering.drop) && vmmq_tx_may_pause(q, to)) {
		if (vmmq_ring_full(&steering.queue->ring)) {
			vmmq_tx_pause(q, skb, to, steering.queue);
			return false;
		}
		headroom = vmmq_ring_headroom();
	}

	charged = vmmq_tx_charge(q, bytes);
	vmmq_cb(skb)->from = charged;
	if (unlikely(vmmq_tx_detach(skb))) {
		vmmq_tx_drop(q->vport, skb, VMMQ_DROP_TX_NOMEM);
		goto out;
	}
	if (unlikely(receivers->copies))
		vmmq_tx_copies(q, skb, receivers);
	if (likely(vmmq_rx_enqueue(to, skb, &steering, headroom)))
		return true;	/* and the receiver gives the credit */
	dev_kfree_skb_any(skb);
out:
	if (charged)
		vmmq_credit_one(charged, bytes);
	return true;
}

/* RCU. The charge ends when every copy is queued. */
static void vmmq_tx_flood(struct vmmq_queue *q, struct sk_buff *skb,
			  const struct vmmq_receivers *to)
{
	u32 bytes = vmmq_cb(skb)->bytes;
	struct vmmq_queue *charged;

	charged = vmmq_tx_charge(q, bytes);
	if (unlikely(vmmq_tx_detach(skb))) {
		vmmq_tx_drop(q->vport, skb, VMMQ_DROP_TX_NOMEM);
		goto out;
	}
	vmmq_tx_copies(q, skb, to);
	dev_consume_skb_any(skb);
out:
	if (charged)
		vmmq_credit_one(charged, bytes);
}

/* RCU, TX queue lock. Returns false if the frame has to wait. */
static bool __vmmq_tx_forward(struct vmmq_queue *q, struct sk_buff *skb)
{
	struct vmmq_receivers to;

	switch (vmmq_nicswitch_forward(q->vport, skb, &to)) {
	case VMMQ_FORWARD_UNICAST:
		return vmmq_tx_unicast(q, skb, &to);
	case VMMQ_FORWARD_FLOOD:
		vmmq_tx_flood(q, skb, &to);
		break;
	case VMMQ_FORWARD_OWN:
		vmmq_tx_drop(q->vport, skb, VMMQ_DROP_TX_OWN);
		break;
	case VMMQ_FORWARD_UNMATCHED:
		vmmq_tx_drop(q->vport, skb, VMMQ_DROP_TX_UNMATCHED);
		break;
	}
	return true;
}

/* TX queue lock. A frame, or the packets that a wire carries for one, in turn.
 * Returns false if some have to wait; they are held then.
 */
static bool vmmq_tx_forward(struct vmmq_queue *q, struct sk_buff *skb)
{
	struct sk_buff *next;

	rcu_read_lock();
	for (; skb; skb = next) {
		next = skb->next;
		skb_mark_not_on_list(skb);
		if (unlikely(!__vmmq_tx_forward(q, skb))) {
			skb->next = next;
			break;
		}
	}
	rcu_read_unlock();
	WRITE_ONCE(q->held, skb);
	return !skb;
}

/**
 * vmmq_tx_resume() - try again to send what waited for a paused receiver
 * @q: the queue
 *
 * Context: NAPI poll of @q.
 */
void vmmq_tx_resume(struct vmmq_queue *q)
{
	bool sent;

	clear_bit(VMMQ_QUEUE_RESUME, &q->flags);
	smp_mb__after_atomic(); /* before the receiver's ring is looked at */
	__netif_tx_lock(q->txq, smp_processor_id());
	sent = !q->held || vmmq_tx_forward(q, q->held);
	__netif_tx_unlock(q->txq);
	if (sent && vmmq_queue_tx_room(q) > 0)
		netif_tx_wake_queue(q->txq);
}

/**
 * vmmq_tx_purge() - give up what waits for a paused receiver
 * @q: a queue whose NAPI is disabled
 *
 * Context: process, RTNL, BH disabled.
 */
void vmmq_tx_purge(struct vmmq_queue *q)
{
	struct sk_buff *skb, *next;

	__netif_tx_lock(q->txq, smp_processor_id());
	for (skb = q->held; skb; skb = next) {
		next = skb->next;
		skb_mark_not_on_list(skb);
		vmmq_tx_drop(q->vport, skb, VMMQ_DROP_TX_DOWN);
	}
	q->held = NULL;
	__netif_tx_unlock(q->txq);
}

/* Returns the packets a wire carries for a frame, or NULL if it was dropped. */
static struct sk_buff *vmmq_tx_to_wire(struct vmmq_queue *q,
				       struct sk_buff *skb,
				       struct vmmq_wire_size *size)
{
	struct sk_buff *packets, *last;
	unsigned int len = skb->len;

	packets = vmmq_wire_transmit(skb, size);
	if (IS_ERR(packets)) {
		vmmq_stats_drop_packets(q->vport,
					PTR_ERR(packets) == -ENOMEM ?
					VMMQ_DROP_TX_NOMEM :
					VMMQ_DROP_TX_MALFORMED,
					size->packets, len);
		return NULL;
	}
	for (last = packets; last->next; last = last->next)
		vmmq_cb(last)->bytes = 0;
	vmmq_cb(last)->bytes = size->bytes;
	return packets;
}

/* Counts a frame and makes of it what is forwarded. Returns NULL if there is
 * nothing: it was dropped.
 */
static struct sk_buff *vmmq_tx_accept(struct vmmq_queue *q,
				      struct sk_buff *skb, bool override)
{
	struct vmmq_wire_size size = vmmq_wire_measure(skb);

	vmmq_census_sent(q, skb, &size);
	if (unlikely(skb->len < ETH_HLEN || skb_headlen(skb) < ETH_HLEN)) {
		vmmq_tx_count(q, &size, override);
		vmmq_tx_drop(q->vport, skb, VMMQ_DROP_TX_MALFORMED);
		return NULL;
	}
	skb_tx_timestamp(skb);
	if (unlikely(READ_ONCE(q->vport->adapter->wire)))
		skb = vmmq_tx_to_wire(q, skb, &size);
	else
		vmmq_cb(skb)->bytes = size.bytes;
	vmmq_tx_count(q, &size, override);
	return skb;
}

/**
 * vmmq_start_xmit() - ndo_start_xmit
 * @skb: the frame
 * @dev: the sending VPort
 *
 * Context: BH disabled, TX queue lock held.
 * Return: NETDEV_TX_BUSY only if the queue is stopped and was not to be used.
 */
netdev_tx_t vmmq_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	struct vmmq_queue *q = vport->queues[skb_get_queue_mapping(skb)];
	struct vmmq_tx_choice choice;

	if (unlikely(q->held) && !vmmq_tx_forward(q, q->held))
		return NETDEV_TX_BUSY;
	if (unlikely(vmmq_queue_tx_room(q) <= 0) &&
	    !netif_txq_try_stop(q->txq, vmmq_queue_tx_room(q), 1))
		return NETDEV_TX_BUSY;

	rcu_read_lock();
	vmmq_tx_explain(vport, skb, &choice);
	rcu_read_unlock();
	trace_vmmq_xmit(dev, skb, &choice);
	skb = vmmq_tx_accept(q, skb, choice.queue != q->index);
	if (unlikely(!skb || !vmmq_tx_forward(q, skb)))
		return NETDEV_TX_OK;
	if (unlikely(!netif_txq_maybe_stop(q->txq, vmmq_queue_tx_room(q), 1,
					   vmmq_queue_tx_wake_room(q)))) {
		u64_stats_update_begin(&q->tx.syncp);
		u64_stats_inc(&q->tx.stop);
		u64_stats_update_end(&q->tx.syncp);
	}
	return NETDEV_TX_OK;
}
