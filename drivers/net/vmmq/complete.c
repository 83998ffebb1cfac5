// SPDX-License-Identifier: GPL-2.0
/*
 * TX completion. A frame's charge ends when its receiver has taken it. The
 * receiver does not complete the frame: it hands a credit (frames and bytes)
 * to the frame's TX queue, and the NAPI of that queue completes, on the CPU the
 * indirection table of the sender named. Byte queue limits allow one
 * completer at a time; this is it.
 */
#include <linux/netdevice.h>
#include <net/netdev_queues.h>

#include "complete.h"
#include "queue.h"
#include "stats.h"
#include "trace.h"
#include "vport.h"

static u64 vmmq_credit(u32 frames, u32 bytes)
{
	return ((u64)frames << VMMQ_CREDIT_BYTES_BITS) + bytes;
}

/* BH disabled. Only the first credit since the last completion has to wake. */
static void vmmq_credit_give(struct vmmq_queue *queue, u64 credit)
{
	if (atomic64_fetch_add(credit, &queue->credit) == 0)
		vmmq_queue_kick_now(queue);
}

/**
 * vmmq_credit_one() - hand back the credit for one frame
 * @queue: its TX queue
 * @bytes: what was charged for it
 *
 * Context: BH disabled.
 */
void vmmq_credit_one(struct vmmq_queue *queue, u32 bytes)
{
	vmmq_credit_give(queue, vmmq_credit(1, bytes));
}

/**
 * vmmq_credits_return() - hand back everything gathered
 * @credits: gathered credits, empty afterwards
 *
 * Context: BH disabled.
 */
void vmmq_credits_return(struct vmmq_credits *credits)
{
	unsigned int i;

	for (i = 0; i < credits->used; i++)
		vmmq_credit_give(credits->slot[i].queue,
				 credits->slot[i].credit);
	credits->used = 0;
}

/**
 * vmmq_credits_gather() - add a frame that was taken
 * @credits: what the poll has gathered so far
 * @queue: the frame's TX queue
 * @bytes: what was charged for it
 *
 * Context: BH disabled.
 */
void vmmq_credits_gather(struct vmmq_credits *credits,
			 struct vmmq_queue *queue, u32 bytes)
{
	unsigned int i;

	for (i = 0; i < credits->used; i++) {
		if (credits->slot[i].queue == queue) {
			credits->slot[i].credit += vmmq_credit(1, bytes);
			return;
		}
	}
	if (credits->used == VMMQ_CREDIT_SLOTS)
		vmmq_credits_return(credits);
	i = credits->used++;
	credits->slot[i].queue = queue;
	credits->slot[i].credit = vmmq_credit(1, bytes);
}

/* A queue that waits for a receiver's ring is woken by that receiver. Pairs
 * with netif_txq_maybe_stop(): we make room, then look whether the queue is
 * stopped.
 */
static bool vmmq_complete_charge(struct vmmq_queue *q, u32 frames, u64 bytes)
{
	WRITE_ONCE(q->tx_done, q->tx_done + frames);
	return !__netif_txq_completed_wake(q->txq, frames, bytes,
					   vmmq_queue_tx_room(q),
					   vmmq_queue_tx_wake_room(q),
					   vmmq_queue_is_holding(q));
}

/**
 * vmmq_complete_poll() - complete the TX frames that were taken
 * @q: the queue
 *
 * Context: NAPI poll of @q.
 * Return: whether there were any.
 */
bool vmmq_complete_poll(struct vmmq_queue *q)
{
	u64 credit;
	u32 frames;
	bool woken;

	if (!atomic64_read(&q->credit))
		return false;
	credit = atomic64_xchg(&q->credit, 0);
	frames = credit >> VMMQ_CREDIT_BYTES_BITS;
	credit &= VMMQ_CREDIT_BYTES_MASK;
	trace_vmmq_tx_complete(q, frames, credit);

	woken = vmmq_complete_charge(q, frames, credit);
	u64_stats_update_begin(&q->rx.syncp);
	u64_stats_add(&q->rx.tx_completed, frames);
	u64_stats_add(&q->rx.tx_wake, woken);
	u64_stats_update_end(&q->rx.syncp);
	return true;
}
