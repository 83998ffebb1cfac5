// SPDX-License-Identifier: GPL-2.0
/*
 * Moves: how steering changes under traffic without a frame overtaking an
 * older one of its flow.
 *
 * A change of the table, the key, the field sets or the default queue makes
 * flows arrive at queues while older frames of them still stand in the rings
 * (or in the GRO lists) of the queues they left. For each change
 *
 *   1. an arrival token goes into the ring of every queue that gains flows,
 *   2. the new snapshot is published,
 *   3. a departure token goes into the ring of every queue that loses flows.
 *
 * A sender puts a frame into a ring under the ring's lock and only if the
 * snapshot that steered it is still in force; else it steers again. So no
 * frame of a moved flow stands before its arrival token in the new ring (1
 * before 2), and none after its departure token in the old one (2 before 3).
 *
 * The NAPI that takes an arrival token opens a hold: frames of the entries that
 * arrived, and of this generation or a later one, stand aside in it, in order,
 * while the rest of the ring goes on. The NAPI that takes a departure token
 * waits until the holds of older generations at its own queue are empty, has
 * GRO hand up what it keeps, and in its next poll (everything was handed up
 * then) declares the departure out. When the last departure of a move is out
 * its holds are released.
 *
 * No cycle: a hold waits for departures of its own generation, a departure for
 * holds of older generations. No starvation: what a frame waits for stood in
 * the rings when the change was made. No wait in the control path, unless a
 * ring is so full of tokens that another does not fit.
 *
 * Generations are compared modulo 2^32; a queue that slept through half of
 * that would have to be idle, and then holds nothing.
 */
#include <linux/delay.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/gro.h>

#include "move.h"
#include "queue.h"
#include "rss.h"
#include "rules.h"
#include "rx.h"
#include "trace.h"
#include "vport.h"

static bool vmmq_generation_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

/**
 * vmmq_moves_init() - a queue without unsettled moves
 * @moves: the queue's part
 *
 * Context: process.
 */
void vmmq_moves_init(struct vmmq_moves *moves)
{
	INIT_LIST_HEAD(&moves->holds);
	INIT_LIST_HEAD(&moves->departures);
	INIT_LIST_HEAD(&moves->leaving);
}

static void vmmq_move_put(struct vmmq_move *move)
{
	if (!refcount_dec_and_test(&move->refs))
		return;
	trace_vmmq_move_end(move);
	kfree(move->holds);
	kfree(move->departures);
	kvfree(move);
}

static void vmmq_moves_count(struct vmmq_moves *moves, int change)
{
	WRITE_ONCE(moves->unsettled, moves->unsettled + change);
}

/* Rules lead flows anywhere, and some of them from entries to other queues than
 * the table says.
 */
static bool vmmq_move_by_rules(const struct vmmq_rss *old,
			       const struct vmmq_rss *new)
{
	return old->rules != new->rules ||
	       (new->rules && (old->ntuple != new->ntuple || new->rules->adds));
}

/* Whether frames steered by @old may reach other queues by @new even though
 * their entries stay where they are.
 */
static bool vmmq_move_is_all(const struct vmmq_rss *old,
			     const struct vmmq_rss *new)
{
	return old->key != new->key || old->mask != new->mask ||
	       old->enabled != new->enabled || old->xfrm != new->xfrm ||
	       vmmq_move_by_rules(old, new) ||
	       memcmp(old->fields, new->fields, sizeof(old->fields));
}

/* Fills move->to and marks the queues that gain and lose. */
static void vmmq_move_compare(struct vmmq_move *move,
			      const struct vmmq_rss *old,
			      const struct vmmq_rss *new,
			      unsigned long *gain, unsigned long *lose)
{
	unsigned int i, entries = vmmq_rss_entries(new);
	u16 from, to;

	for (i = 0; i <= entries; i++) {
		from = i < entries ? old->table[i] : vmmq_rss_other_queue(old);
		to = i < entries ? new->table[i] : vmmq_rss_other_queue(new);
		move->to[i] = from == to ? VMMQ_NOT_MOVED : to;
		if (from == to)
			continue;
		__set_bit(from, lose);
		__set_bit(to, gain);
	}
}

static int vmmq_move_alloc_tokens(struct vmmq_move *move,
				  const struct vmmq_vport *vport,
				  const unsigned long *gain,
				  const unsigned long *lose)
{
	unsigned int i, q;

	move->num_holds = bitmap_weight(gain, VMMQ_MAX_QUEUES);
	move->num_departures = bitmap_weight(lose, VMMQ_MAX_QUEUES);
	move->holds = kcalloc(move->num_holds, sizeof(*move->holds),
			      GFP_KERNEL);
	move->departures = kcalloc(move->num_departures,
				   sizeof(*move->departures), GFP_KERNEL);
	if (!move->holds || !move->departures)
		return -ENOMEM;
	i = 0;
	for_each_set_bit(q, gain, VMMQ_MAX_QUEUES) {
		move->holds[i].move = move;
		move->holds[i].queue = vport->queues[q];
		__skb_queue_head_init(&move->holds[i].frames);
		i++;
	}
	i = 0;
	for_each_set_bit(q, lose, VMMQ_MAX_QUEUES) {
		move->departures[i].move = move;
		move->departures[i].queue = vport->queues[q];
		i++;
	}
	atomic_set(&move->pending, move->num_departures);
	refcount_set(&move->refs, 1 + move->num_holds + move->num_departures);
	return 0;
}

/**
 * vmmq_move_alloc() - prepare the tokens of a change
 * @vport: a running VPort
 * @old: snapshot in force
 * @new: snapshot to publish, of a later generation
 *
 * Context: process, RTNL.
 * Return: the move, NULL if no frame changes its queue, or -ENOMEM.
 */
struct vmmq_move *vmmq_move_alloc(struct vmmq_vport *vport,
				  const struct vmmq_rss *old,
				  const struct vmmq_rss *new)
{
	DECLARE_BITMAP(gain, VMMQ_MAX_QUEUES) = {};
	DECLARE_BITMAP(lose, VMMQ_MAX_QUEUES) = {};
	bool all = vmmq_move_is_all(old, new);
	struct vmmq_move *move;

	move = kvzalloc(struct_size(move, to, vmmq_rss_entries(new) + 1),
			GFP_KERNEL);
	if (!move)
		return ERR_PTR(-ENOMEM);
	move->vport = vport;
	move->all = all;
	move->generation = new->generation;
	move->entries = vmmq_rss_entries(new);
	if (all) {
		bitmap_set(lose, 0, old->queues);
		bitmap_set(gain, 0, new->queues);
	} else {
		vmmq_move_compare(move, old, new, gain, lose);
	}
	if (bitmap_empty(gain, VMMQ_MAX_QUEUES)) {
		kvfree(move);
		return NULL;
	}
	if (vmmq_move_alloc_tokens(move, vport, gain, lose)) {
		kfree(move->holds);
		kfree(move->departures);
		kvfree(move);
		return ERR_PTR(-ENOMEM);
	}
	return move;
}

/* The consumer makes room by itself; it is woken if it sleeps. */
static void vmmq_move_send(struct vmmq_queue *q, unsigned long slot)
{
	unsigned int naps = 0;

	while (!vmmq_ring_produce_token(&q->ring, slot))
		vmmq_queue_nap(q, &naps);
	local_bh_disable();
	vmmq_queue_kick_now(q);
	local_bh_enable();
}

/**
 * vmmq_move_publish() - put a change in force
 * @vport: a running VPort
 * @move: from vmmq_move_alloc()
 * @rss: the snapshot it was made for
 *
 * Context: process, RTNL. Cannot fail.
 */
void vmmq_move_publish(struct vmmq_vport *vport, struct vmmq_move *move,
		       struct vmmq_rss *rss)
{
	unsigned int i;

	ASSERT_RTNL();
	move->start = ktime_get();
	trace_vmmq_move_start(move);
	for (i = 0; i < move->num_holds; i++)
		vmmq_move_send(move->holds[i].queue,
			       (unsigned long)&move->holds[i] |
			       VMMQ_SLOT_ARRIVAL);
	vmmq_rss_publish(vport, rss);
	for (i = 0; i < move->num_departures; i++)
		vmmq_move_send(move->departures[i].queue,
			       (unsigned long)&move->departures[i] |
			       VMMQ_SLOT_DEPARTURE);
	vmmq_move_put(move);
}

static bool vmmq_hold_takes(const struct vmmq_hold *hold,
			    const struct vmmq_cb *cb)
{
	const struct vmmq_move *move = hold->move;

	if (vmmq_generation_before(cb->generation, move->generation))
		return false;
	return move->all || (cb->entry <= move->entries &&
			     move->to[cb->entry] == hold->queue->index);
}

/**
 * vmmq_moves_hold() - let a frame stand aside if it has to
 * @moves: the queue's part
 * @skb: a frame taken from its ring
 *
 * It goes into the newest hold that takes it.
 *
 * Context: NAPI poll of the queue.
 * Return: false if it need not wait and is still the caller's.
 */
bool vmmq_moves_hold(struct vmmq_moves *moves, struct sk_buff *skb)
{
	struct vmmq_hold *hold;

	list_for_each_entry_reverse(hold, &moves->holds, list) {
		if (!vmmq_hold_takes(hold, vmmq_cb(skb)))
			continue;
		__skb_queue_tail(&hold->frames, skb);
		hold->waited++;
		return true;
	}
	return false;
}

/* Full barrier: what this queue delivered comes before the release. */
static void vmmq_departure_out(struct vmmq_departure *departure)
{
	struct vmmq_move *move = departure->move;
	unsigned int i;

	if (atomic_dec_and_test(&move->pending)) {
		for (i = 0; i < move->num_holds; i++) {
			set_bit(VMMQ_QUEUE_MOVED, &move->holds[i].queue->flags);
			vmmq_queue_kick_now(move->holds[i].queue);
		}
	}
	vmmq_move_put(move);
}

static bool vmmq_hold_released(const struct vmmq_hold *hold)
{
	return !atomic_read_acquire(&hold->move->pending);
}

static void vmmq_hold_close(struct vmmq_queue *q, struct vmmq_hold *hold)
{
	list_del(&hold->list);
	vmmq_moves_count(&q->moves, -1);
	atomic_add(hold->waited, &hold->move->waited);
	vmmq_vport_note_drain(q->vport, ktime_sub(ktime_get(),
						  hold->move->start));
	vmmq_move_put(hold->move);
}

/**
 * vmmq_moves_token() - the NAPI has taken a token from its ring
 * @q: the queue
 * @slot: the token
 *
 * Context: NAPI poll of @q.
 */
void vmmq_moves_token(struct vmmq_queue *q, unsigned long slot)
{
	struct vmmq_departure *departure;
	struct vmmq_hold *hold;

	vmmq_moves_count(&q->moves, 1);
	if ((slot & VMMQ_SLOT_MASK) == VMMQ_SLOT_ARRIVAL) {
		hold = (struct vmmq_hold *)(slot & ~VMMQ_SLOT_MASK);
		list_add_tail(&hold->list, &q->moves.holds);
		if (vmmq_hold_released(hold))
			vmmq_hold_close(q, hold);
		return;
	}
	departure = (struct vmmq_departure *)(slot & ~VMMQ_SLOT_MASK);
	list_add_tail(&departure->list, &q->moves.departures);
}

/**
 * vmmq_moves_released() - the next frame that need not stand aside any more
 * @q: the queue
 *
 * Context: NAPI poll of @q.
 * Return: a frame, or NULL.
 */
struct sk_buff *vmmq_moves_released(struct vmmq_queue *q)
{
	struct vmmq_hold *hold, *next;
	struct sk_buff *skb;

	list_for_each_entry_safe(hold, next, &q->moves.holds, list) {
		if (!vmmq_hold_released(hold))
			continue;
		skb = __skb_dequeue(&hold->frames);
		if (skb)
			return skb;
		vmmq_hold_close(q, hold);
	}
	return NULL;
}

/**
 * vmmq_moves_begin_poll() - declare out what the last poll handed up
 * @q: the queue
 *
 * Context: NAPI poll of @q, before anything is handed up. Since the last poll
 * the core has passed on all that GRO gave back then.
 */
void vmmq_moves_begin_poll(struct vmmq_queue *q)
{
	struct vmmq_departure *departure, *next;

	clear_bit(VMMQ_QUEUE_MOVED, &q->flags);
	smp_mb__after_atomic(); /* before the holds are looked at */
	list_for_each_entry_safe(departure, next, &q->moves.leaving, list) {
		list_del(&departure->list);
		vmmq_moves_count(&q->moves, -1);
		vmmq_departure_out(departure);
	}
}

/* A departure waits for the holds of older generations. */
static bool vmmq_departure_may_leave(struct vmmq_moves *moves,
				     const struct vmmq_departure *departure)
{
	const struct vmmq_hold *oldest;

	oldest = list_first_entry_or_null(&moves->holds, struct vmmq_hold,
					  list);
	return !oldest ||
	       !vmmq_generation_before(oldest->move->generation,
				       departure->move->generation);
}

/**
 * vmmq_moves_end_poll() - let departures leave
 * @q: the queue
 *
 * Asks for one more poll if one leaves, or if released frames are left.
 *
 * Context: NAPI poll of @q, after the last frame was handed up.
 */
void vmmq_moves_end_poll(struct vmmq_queue *q)
{
	struct vmmq_departure *departure, *next;
	struct vmmq_hold *hold;

	list_for_each_entry_safe(departure, next, &q->moves.departures, list) {
		if (!vmmq_departure_may_leave(&q->moves, departure))
			break;
		list_move_tail(&departure->list, &q->moves.leaving);
	}
	if (!list_empty(&q->moves.leaving)) {
		napi_gro_flush(&q->napi, false);
		set_bit(VMMQ_QUEUE_MOVED, &q->flags);
	}
	list_for_each_entry(hold, &q->moves.holds, list) {
		if (vmmq_hold_released(hold))
			set_bit(VMMQ_QUEUE_MOVED, &q->flags);
	}
}

/**
 * vmmq_moves_purge() - give up what a stopped queue has to do with moves
 * @q: a queue whose NAPI is disabled and whose ring is empty
 *
 * Call until it returns NULL.
 *
 * Context: process, RTNL, BH disabled.
 * Return: a frame that stood aside, or NULL when nothing is left.
 */
struct sk_buff *vmmq_moves_purge(struct vmmq_queue *q)
{
	struct vmmq_hold *hold, *next;
	struct sk_buff *skb;

	list_splice_tail_init(&q->moves.departures, &q->moves.leaving);
	vmmq_moves_begin_poll(q);
	list_for_each_entry_safe(hold, next, &q->moves.holds, list) {
		skb = __skb_dequeue(&hold->frames);
		if (skb)
			return skb;
		vmmq_hold_close(q, hold);
	}
	return NULL;
}
