// SPDX-License-Identifier: GPL-2.0
/*
 * Queue pairs: their life, and how their number and their ring sizes change
 * while traffic flows. Changes are prepared aside, then put in force by steps
 * that cannot fail; a queue pair that is given up is drained, not emptied.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/sch_generic.h>

#include "adapter.h"
#include "change.h"
#include "queue.h"
#include "rss.h"
#include "rx.h"
#include "tx.h"
#include "vector.h"
#include "vport.h"
#include "xdp.h"

/* A shaper may hold a removed TX queue's frames for ever; then they are lost,
 * as the stack has it.
 */
#define VMMQ_QDISC_DRAIN	(2 * HZ)

/**
 * vmmq_queue_alloc() - make a queue pair, not started
 * @vport: its VPort
 * @index: its number
 *
 * Context: process, RTNL.
 * Return: the queue pair, or NULL if memory is short.
 */
struct vmmq_queue *vmmq_queue_alloc(struct vmmq_vport *vport, u16 index)
{
	struct vmmq_adapter *adapter = vport->adapter;
	struct vmmq_ring_array *array;
	struct vmmq_queue *q;
	u64 *hits;

	q = kvzalloc(sizeof(*q), GFP_KERNEL);
	array = vmmq_ring_array_alloc(vport->rx_ring);
	hits = kvcalloc(vport->max_entries, sizeof(*hits), GFP_KERNEL);
	if (!q || !array || !hits) {
		kvfree(hits);
		kvfree(array);
		kvfree(q);
		return NULL;
	}
	q->vport = vport;
	q->hits = hits;
	q->index = index;
	q->txq = netdev_get_tx_queue(vport->dev, index);
	q->vector = &adapter->vectors[index % adapter->num_vectors];
	q->tx_limit = vport->tx_ring;
	init_llist_head(&q->paused);
	vmmq_moves_init(&q->moves);
	u64_stats_init(&q->rx.syncp);
	u64_stats_init(&q->tx.syncp);
	u64_stats_init(&q->rx_census.syncp);
	u64_stats_init(&q->tx_census.syncp);
	vmmq_ring_init(&q->ring, array, vport->rx_ring);
	vmmq_moderation_init(q);
	u64_stats_init(&q->xdp_stats.syncp);
	return q;
}

/**
 * vmmq_queue_free() - free a stopped queue pair
 * @q: the queue pair, or NULL
 *
 * Context: process, when no sender can know it any more.
 */
void vmmq_queue_free(struct vmmq_queue *q)
{
	if (!q)
		return;
	vmmq_xdp_queue_exit(q);
	vmmq_ring_free(&q->ring);
	kvfree(q->hits);
	kfree_skb_list(q->held);
	kvfree(q);
}

/**
 * vmmq_queue_start() - give a queue pair its NAPI
 * @q: a stopped queue pair
 *
 * Context: process, RTNL.
 */
void vmmq_queue_start(struct vmmq_queue *q)
{
	struct net_device *dev = q->vport->dev;

	ASSERT_RTNL();
	netif_napi_add_config(dev, &q->napi, vmmq_queue_poll, q->index);
	netif_napi_set_irq(&q->napi, q->vector->irq);
	netdev_tx_reset_queue(q->txq);
	vmmq_xdp_queue_start(q);
	napi_enable(&q->napi);
	netif_queue_set_napi(dev, q->index, NETDEV_QUEUE_TYPE_RX, &q->napi);
	netif_queue_set_napi(dev, q->index, NETDEV_QUEUE_TYPE_TX, &q->napi);
	WRITE_ONCE(q->started, true);
	local_bh_disable();
	vmmq_queue_arm(q);
	local_bh_enable();
}

/**
 * vmmq_queue_bind() - let another vector serve a queue pair
 * @q: the queue pair, started or not, with work or without
 * @vector: a vector of its adapter
 *
 * The next raise goes there. There is one NAPI, so nothing is reordered.
 *
 * Context: process, RTNL.
 */
void vmmq_queue_bind(struct vmmq_queue *q, struct vmmq_vector *vector)
{
	WRITE_ONCE(q->vector, vector);
	if (q->started)
		netif_napi_set_irq(&q->napi, vector->irq);
}

static void vmmq_vport_raise(struct vmmq_vport *vport)
{
	unsigned int i;

	local_bh_disable();
	for (i = 0; vport && i < vport->max_queues; i++) {
		if (vport->queues[i] && vport->queues[i]->started)
			vmmq_queue_raise(vport->queues[i]);
	}
	local_bh_enable();
}

/**
 * vmmq_queue_nap() - wait a moment for the NAPIs of the adapter
 * @q: the queue pair that is waited for, its NAPI enabled
 * @naps: counts the calls of one wait, from 0
 *
 * A NAPI that defers interrupts (napi_defer_hard_irqs) may leave its ring alone
 * for as long as its user likes. After a while all are made to look.
 *
 * Context: process, RTNL.
 */
void vmmq_queue_nap(struct vmmq_queue *q, unsigned int *naps)
{
	struct vmmq_nicswitch *sw = &q->vport->adapter->nicswitch;
	unsigned int id;

	ASSERT_RTNL();
	usleep_range(100, 200);
	if (++*naps % 64)
		return;
	for (id = 0; id < VMMQ_MAX_VPORTS; id++)
		vmmq_vport_raise(rtnl_dereference(sw->vports[id]));
	/* It may be stopping, but its NAPI still has to take its credits. */
	local_bh_disable();
	vmmq_queue_raise(q);
	local_bh_enable();
}

static bool vmmq_queue_tx_idle(const struct vmmq_queue *q)
{
	return READ_ONCE(q->tx_sent) == READ_ONCE(q->tx_done);
}

static bool vmmq_queue_rx_idle(const struct vmmq_queue *q)
{
	bool idle;

	rcu_read_lock(); /* the NAPI may leave the ring's old generation */
	idle = vmmq_ring_empty(&q->ring) && !READ_ONCE(q->moves.unsettled);
	rcu_read_unlock();
	return idle;
}

static void vmmq_queue_wait_qdisc(struct vmmq_queue *q, unsigned long end)
{
	struct Qdisc *qdisc = rtnl_dereference(q->txq->qdisc_sleeping);
	unsigned int naps = 0;

	while (((qdisc && qdisc_qlen_sum(qdisc)) || READ_ONCE(q->held)) &&
	       time_before(jiffies, end))
		vmmq_queue_nap(q, &naps);
}

/* A grace period after the last snapshot that named the queues was replaced:
 * wait until what stands before and in them is through.
 */
static void vmmq_queues_drain(struct vmmq_vport *vport, unsigned int first,
			      unsigned int end)
{
	unsigned long deadline = jiffies + VMMQ_QDISC_DRAIN;
	unsigned int i, naps;

	for (i = first; i < end; i++)
		vmmq_queue_wait_qdisc(vport->queues[i], deadline);
	for (i = first; i < end; i++) {
		naps = 0;
		while (!vmmq_queue_rx_idle(vport->queues[i]))
			vmmq_queue_nap(vport->queues[i], &naps);
	}
}

/**
 * vmmq_queue_resume_paused() - let senders go on that wait for the ring
 * @q: the queue pair whose ring has room, or that stops
 *
 * Each goes on in the NAPI of its own queue.
 *
 * Context: any with BH disabled.
 */
void vmmq_queue_resume_paused(struct vmmq_queue *q)
{
	struct vmmq_queue *sender, *next;
	struct llist_node *list;

	smp_mb(); /* room first, then who waits; pairs with vmmq_tx_pause() */
	if (likely(llist_empty(&q->paused)))
		return;
	list = llist_del_all(&q->paused);
	llist_for_each_entry_safe(sender, next, list, paused_node) {
		set_bit(VMMQ_QUEUE_RESUME, &sender->flags);
		/* The node is read by now and may be added anew. */
		clear_bit_unlock(VMMQ_QUEUE_PAUSED, &sender->flags);
		vmmq_queue_kick_now(sender);
	}
}

/**
 * vmmq_queues_resume_all() - let all senders of an adapter go on
 * @sw: the adapter's switch
 *
 * Those whose receiver's ring is still full stop again.
 *
 * Context: process, RTNL.
 */
void vmmq_queues_resume_all(const struct vmmq_nicswitch *sw)
{
	const struct vmmq_vport *vport;
	unsigned int id, i;

	local_bh_disable();
	for (id = 0; id < VMMQ_MAX_VPORTS; id++) {
		vport = rtnl_dereference(sw->vports[id]);
		for (i = 0; vport && i < vport->max_queues; i++) {
			if (vport->queues[i])
				vmmq_queue_resume_paused(vport->queues[i]);
		}
	}
	local_bh_enable();
}

/* No new frames come in either direction: wait for the completion of what was
 * sent, and for the last poll.
 */
static void vmmq_queue_disable(struct vmmq_queue *q)
{
	struct net_device *dev = q->vport->dev;
	unsigned int naps = 0;

	while (!vmmq_queue_tx_idle(q))
		vmmq_queue_nap(q, &naps);
	netif_queue_set_napi(dev, q->index, NETDEV_QUEUE_TYPE_RX, NULL);
	netif_queue_set_napi(dev, q->index, NETDEV_QUEUE_TYPE_TX, NULL);
	napi_disable(&q->napi);
}

/* Nobody raises any more. A raise may still be on its way to the vector's CPU;
 * frames still in the ring are thrown away and senders that wait for it go on.
 */
static void vmmq_queue_retire(struct vmmq_queue *q)
{
	vmmq_moderation_cancel(q);
	while (test_bit(VMMQ_QUEUE_RAISED, &q->flags))
		usleep_range(50, 100);
	vmmq_vectors_synchronize(q->vport->adapter);
	WRITE_ONCE(q->state, VMMQ_QUEUE_BUSY);
	__netif_napi_del(&q->napi);
	local_bh_disable();
	vmmq_rx_purge(q);
	vmmq_tx_purge(q);
	vmmq_queue_resume_paused(q);
	clear_bit(VMMQ_QUEUE_RESUME, &q->flags);
	local_bh_enable();
}

/**
 * vmmq_queues_stop() - take the NAPIs of some queue pairs away
 * @vport: the VPort
 * @first: first queue pair
 * @end: one after the last
 *
 * The queue pairs were started; receivers cannot be steered to them any more,
 * or the VPort is not running.
 *
 * Context: process, RTNL.
 */
void vmmq_queues_stop(struct vmmq_vport *vport, unsigned int first,
		      unsigned int end)
{
	unsigned int i;

	ASSERT_RTNL();
	for (i = first; i < end; i++)
		WRITE_ONCE(vport->queues[i]->started, false);
	synchronize_net(); /* senders that still charge */
	for (i = first; i < end; i++)
		vmmq_queue_disable(vport->queues[i]);
	/* Off the lists of receivers; a queue that is not started gets on none
	 * any more.
	 */
	vmmq_queues_resume_all(&vport->adapter->nicswitch);
	synchronize_net(); /* the tails of polls, here and where credit is given */
	for (i = first; i < end; i++)
		vmmq_queue_retire(vport->queues[i]);
	synchronize_net(); /* readers of the list of NAPIs */
}

/**
 * vmmq_queues_alloc() - make queue pairs that do not exist yet
 * @vport: the VPort
 * @count: all below this number
 *
 * Context: process, RTNL.
 * Return: 0 or -ENOMEM; what was made stays for later.
 */
int vmmq_queues_alloc(struct vmmq_vport *vport, unsigned int count)
{
	struct vmmq_queue *q;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (vport->queues[i])
			continue;
		q = vmmq_queue_alloc(vport, i);
		if (!q || vmmq_xdp_queue_init(q)) {
			vmmq_queue_free(q);
			return -ENOMEM;
		}
		/* Counters are read without RTNL: complete before visible. */
		smp_store_release(&vport->queues[i], q);
	}
	return 0;
}

static int vmmq_queues_grow(struct vmmq_vport *vport, unsigned int count,
			    struct vmmq_rss *rss,
			    const struct vmmq_place *place)
{
	unsigned int i, old = vport->num_queues;
	int err;

	if (netif_running(vport->dev)) {
		for (i = old; i < count; i++)
			vmmq_queue_start(vport->queues[i]);
	}
	err = netif_set_real_num_queues(vport->dev, count, count);
	if (!err)
		err = vmmq_rss_commit(vport, rss, place);
	if (err) {
		netif_set_real_num_queues(vport->dev, old, old);
		if (netif_running(vport->dev))
			vmmq_queues_stop(vport, old, count);
		return err;
	}
	vport->num_queues = count;
	for (i = old; vmmq_vport_running(vport) && i < count; i++)
		netif_tx_wake_queue(vport->queues[i]->txq);
	return 0;
}

static int vmmq_queues_shrink(struct vmmq_vport *vport, unsigned int count,
			      struct vmmq_rss *rss,
			      const struct vmmq_place *place)
{
	unsigned int old = vport->num_queues;
	int err;

	err = vmmq_rss_commit(vport, rss, place);
	if (err)
		return err;
	/* From here nothing fails: the stack is only told of fewer queues. */
	vport->num_queues = count;
	if (netif_running(vport->dev)) {
		synchronize_net();
		vmmq_queues_drain(vport, count, old);
	}
	netif_set_real_num_queues(vport->dev, count, count);
	if (netif_running(vport->dev))
		vmmq_queues_stop(vport, count, old);
	return 0;
}

/**
 * vmmq_queues_commit() - put a snapshot in force, whatever its queue pairs
 * @vport: the VPort, up or down
 * @rss: a changed clone of the snapshot in force, complete and checked
 * @place: queues to bind to other vectors before, or NULL
 *
 * No frame is lost.
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno, nothing has changed and @rss is the caller's.
 */
int vmmq_queues_commit(struct vmmq_vport *vport, struct vmmq_rss *rss,
		       const struct vmmq_place *place)
{
	if (rss->queues > vport->num_queues)
		return vmmq_queues_grow(vport, rss->queues, rss, place);
	if (rss->queues < vport->num_queues)
		return vmmq_queues_shrink(vport, rss->queues, rss, place);
	return vmmq_rss_commit(vport, rss, place);
}

static int vmmq_queues_check(const struct vmmq_vport *vport,
			     unsigned int count,
			     struct netlink_ext_ack *extack)
{
	const struct vmmq_rss *rss = vmmq_rss_get(vport);

	if (!count || count > vport->max_queues) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "%u queue pairs: must be 1 to %u (max_queues=)",
				       count, vport->max_queues);
		return -EINVAL;
	}
	if (netif_is_rxfh_configured(vport->dev) &&
	    count <= vmmq_rss_highest_queue(rss)) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "the indirection table names queue %u, see ethtool -X",
				       vmmq_rss_highest_queue(rss));
		return -EINVAL;
	}
	return 0;
}

/**
 * vmmq_queues_set_count() - change the number of active queue pairs
 * @vport: the VPort, up or down
 * @count: queue pairs
 * @extack: says why not, may be NULL
 *
 * A default table follows the count, a user's table stays. No frame is lost.
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_queues_set_count(struct vmmq_vport *vport, unsigned int count,
			  struct netlink_ext_ack *extack)
{
	struct vmmq_change change = VMMQ_CHANGE_INIT;
	int err;

	ASSERT_RTNL();
	err = vmmq_queues_check(vport, count, extack);
	if (err || count == vport->num_queues)
		return err;
	change.queue_pairs = count;
	return vmmq_change(vport, &change, extack);
}

static struct vmmq_ring_array **
vmmq_queues_alloc_arrays(const struct vmmq_vport *vport, u32 limit)
{
	struct vmmq_ring_array **arrays;
	unsigned int i;

	arrays = kcalloc(vport->max_queues, sizeof(*arrays), GFP_KERNEL);
	if (!arrays)
		return NULL;
	for (i = 0; i < vport->max_queues; i++) {
		if (!vport->queues[i])
			continue;
		arrays[i] = vmmq_ring_array_alloc(limit);
		if (!arrays[i])
			goto err_free;
	}
	return arrays;

err_free:
	while (i--)
		kvfree(arrays[i]);
	kfree(arrays);
	return NULL;
}

static void vmmq_queue_set_ring(struct vmmq_queue *q,
				struct vmmq_ring_array *array, u32 limit)
{
	if (q->started) {
		vmmq_ring_resize(&q->ring, array, limit);
		return;
	}
	/* Empty, but a sender that looks for room may still read it. */
	vmmq_ring_replace(&q->ring, array, limit);
}

static void vmmq_queues_set_tx_ring(struct vmmq_vport *vport, u32 tx)
{
	struct vmmq_queue *q;
	unsigned int i;

	vport->tx_ring = tx;
	for (i = 0; i < vport->max_queues; i++) {
		q = vport->queues[i];
		if (!q)
			continue;
		WRITE_ONCE(q->tx_limit, tx);
		/* More room wakes a queue that was stopped for want of it. */
		smp_mb();
		if (q->started && vmmq_vport_running(vport) &&
		    !vmmq_queue_is_holding(q) && vmmq_queue_tx_room(q) > 0)
			netif_tx_wake_queue(q->txq);
	}
}

/**
 * vmmq_queues_set_rings() - change the ring sizes of all queue pairs
 * @vport: the VPort, up or down
 * @rx: frames a receive ring holds, within the limits
 * @tx: frames a TX queue may have outstanding, within the limits
 *
 * Neither traffic nor a NAPI is stopped and no frame is lost.
 *
 * Context: process, RTNL.
 * Return: 0, or -ENOMEM and nothing has changed.
 */
int vmmq_queues_set_rings(struct vmmq_vport *vport, u32 rx, u32 tx)
{
	struct vmmq_ring_array **arrays;
	unsigned int i;

	ASSERT_RTNL();
	if (rx != vport->rx_ring) {
		arrays = vmmq_queues_alloc_arrays(vport, rx);
		if (!arrays)
			return -ENOMEM;
		vport->rx_ring = rx;
		for (i = 0; i < vport->max_queues; i++) {
			if (vport->queues[i])
				vmmq_queue_set_ring(vport->queues[i],
						    arrays[i], rx);
		}
		kfree(arrays);
		/* Have each NAPI go on to its new array. */
		vmmq_vport_raise(vport);
	}
	vmmq_queues_set_tx_ring(vport, tx);
	return 0;
}
