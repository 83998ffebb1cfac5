/* SPDX-License-Identifier: GPL-2.0 */
/*
 * queue.c APIs: queue pairs. A queue pair is a receive ring, a TX queue and
 * the NAPI that serves both.
 */
#ifndef _VMMQ_QUEUE_H
#define _VMMQ_QUEUE_H

#include <linux/atomic.h>
#include <linux/dim.h>
#include <linux/hrtimer.h>
#include <linux/llist.h>
#include <linux/netdevice.h>

#include "census.h"
#include "move.h"
#include "nicswitch.h"
#include "ring.h"
#include "stats.h"
#include "vector.h"
#include "vmmq.h"
#include "xdp.h"

/**
 * enum vmmq_queue_state - who answers for new work
 * @VMMQ_QUEUE_BUSY: the NAPI is scheduled, running or not started; it will
 *	look again
 * @VMMQ_QUEUE_ARMED: the NAPI sleeps; whoever brings work raises the vector
 * @VMMQ_QUEUE_DELAYED: the NAPI sleeps and the moderation timer runs
 */
enum vmmq_queue_state {
	VMMQ_QUEUE_BUSY,
	VMMQ_QUEUE_ARMED,
	VMMQ_QUEUE_DELAYED,
};

/* Bits of vmmq_queue.flags */
#define VMMQ_QUEUE_RAISED	0	/* on a vector's pending list */
#define VMMQ_QUEUE_PAUSED	1	/* on a receiver's list of paused senders */
#define VMMQ_QUEUE_MOVED	2	/* a move needs a poll */
#define VMMQ_QUEUE_RESUME	3	/* the receiver it waited for has room */

struct vmmq_place;

/* A TX credit: frames in the upper bits, bytes in the lower */
#define VMMQ_CREDIT_BYTES_BITS	40
#define VMMQ_CREDIT_BYTES_MASK	GENMASK_ULL(VMMQ_CREDIT_BYTES_BITS - 1, 0)

/**
 * struct vmmq_moderation - when a receive interrupt is raised
 * @usecs: delay after the first frame, microseconds, 0 = none
 * @frames: raise earlier when so many frames wait, 0 = only the delay
 */
struct vmmq_moderation {
	u32 usecs;
	u32 frames;
};

/**
 * struct vmmq_queue - queue pair
 * @state: &enum vmmq_queue_state, the wake-up protocol of vector.c
 * @flags: VMMQ_QUEUE_*
 * @vector: the vector this queue raises; written under RTNL
 * @raise_node: on @vector's pending list while VMMQ_QUEUE_RAISED is set
 * @moderation: effective values; written under RTNL, or by the dim work when
 *	adaptive
 * @timer: delays a raise
 * @credit: TX frames taken by receivers and not yet completed
 * @ring: received frames
 * @rx_missed: frames refused by a full ring, under the ring's lock
 * @paused: senders stopped by the full ring
 * @paused_node: on a receiver's @paused list while VMMQ_QUEUE_PAUSED is set
 * @tx_sent: TX frames accepted, under the TX queue's lock
 * @tx_limit: TX frames that may be outstanding; written under RTNL
 * @held: a frame that waits for room at a paused receiver, or packets of one,
 *	linked, under the TX queue's lock; the TX queue is stopped meanwhile
 * @tx: TX counters
 * @tx_census: kinds of frames sent, under the TX queue's lock
 * @tx_done: TX frames completed; written by the NAPI
 * @napi: serves both directions
 * @moves: unsettled moves; the NAPI's own
 * @rx_waited: frames that stood aside for a move; written by the NAPI
 * @rx: RX and completion counters; written by the NAPI
 * @rx_census: kinds of frames received; written by the NAPI
 * @xdp: its part in XDP while the VPort has a program; written under RTNL,
 *	read by the NAPI
 * @xdp_stats: verdicts of programs; written by the NAPI
 * @interrupts: times the vector's handler scheduled the NAPI
 * @hits: frames handed up by table entry; written by the NAPI
 * @rx_purged: frames thrown away when the VPort went down, under RTNL
 * @dim: adaptive moderation
 * @txq: the TX queue
 * @vport: owner
 * @index: number within the VPort
 * @started: the NAPI exists and is enabled; RTNL
 */
struct vmmq_queue {
	/* Senders and the NAPI, on the idle-to-busy edge */
	int state ____cacheline_aligned_in_smp;
	unsigned long flags;
	struct vmmq_vector *vector;
	struct llist_node raise_node;
	struct vmmq_moderation moderation;
	struct hrtimer timer;

	/* Receivers of this queue's TX frames, once per poll */
	atomic64_t credit ____cacheline_aligned_in_smp;

	/* Senders to this queue */
	struct vmmq_ring ring;
	u64 rx_missed;
	struct llist_head paused;

	/* The sender, under the TX queue's lock */
	u32 tx_sent ____cacheline_aligned_in_smp;
	u32 tx_limit;
	struct sk_buff *held;
	struct vmmq_tx_stats tx;
	struct vmmq_census tx_census;
	struct llist_node paused_node;

	/* The NAPI */
	u32 tx_done ____cacheline_aligned_in_smp;
	struct napi_struct napi;
	struct vmmq_xdp __rcu *xdp;
	struct vmmq_moves moves;
	u64 rx_waited;
	struct vmmq_rx_stats rx;
	struct vmmq_census rx_census;
	struct vmmq_xdp_stats xdp_stats;
	u64 interrupts;
	u64 *hits;

	/* Control path */
	u64 rx_purged;
	struct dim dim;
	struct netdev_queue *txq;
	struct vmmq_vport *vport;
	u16 index;
	bool started;
};

/* Any context. TX frames the queue may still accept, negative after -G. */
static inline int vmmq_queue_tx_room(const struct vmmq_queue *q)
{
	return READ_ONCE(q->tx_limit) -
	       (READ_ONCE(q->tx_sent) - READ_ONCE(q->tx_done));
}

static inline int vmmq_queue_tx_wake_room(const struct vmmq_queue *q)
{
	return max_t(int, READ_ONCE(q->tx_limit) / 4, 1);
}

/* Any context. Something but frames and credits wants a poll. */
static inline bool vmmq_queue_is_flagged(const struct vmmq_queue *q)
{
	return READ_ONCE(q->flags) & (BIT(VMMQ_QUEUE_MOVED) |
				      BIT(VMMQ_QUEUE_RESUME));
}

/* NAPI of the queue, or RTNL. Frames wait for a paused receiver: whoever sees
 * the TX queue stopped and has room leaves it stopped; only the resume wakes it,
 * when they are gone. Pairs with the barrier in vmmq_tx_pause().
 */
static inline bool vmmq_queue_is_holding(const struct vmmq_queue *q)
{
	smp_rmb(); /* the stopped bit was read before */
	return READ_ONCE(q->held) || test_bit(VMMQ_QUEUE_PAUSED, &q->flags);
}

static inline bool vmmq_queue_has_work(const struct vmmq_queue *q)
{
	return atomic64_read(&q->credit) || !vmmq_ring_empty(&q->ring) ||
	       vmmq_queue_is_flagged(q);
}

/* Process, RTNL. The CPU that serves the queue. */
static inline unsigned int vmmq_queue_cpu(const struct vmmq_queue *q)
{
	return READ_ONCE(q->vector->cpu);
}

struct vmmq_queue *vmmq_queue_alloc(struct vmmq_vport *vport, u16 index);
void vmmq_queue_free(struct vmmq_queue *q);

void vmmq_queue_start(struct vmmq_queue *q);
void vmmq_queue_nap(struct vmmq_queue *q, unsigned int *naps);
void vmmq_queues_stop(struct vmmq_vport *vport, unsigned int first,
		      unsigned int end);

void vmmq_queue_bind(struct vmmq_queue *q, struct vmmq_vector *vector);
int vmmq_queues_alloc(struct vmmq_vport *vport, unsigned int count);
int vmmq_queues_commit(struct vmmq_vport *vport, struct vmmq_rss *rss,
		       const struct vmmq_place *place);
int vmmq_queues_set_count(struct vmmq_vport *vport, unsigned int count,
			  struct netlink_ext_ack *extack);
int vmmq_queues_set_rings(struct vmmq_vport *vport, u32 rx, u32 tx);
void vmmq_queue_resume_paused(struct vmmq_queue *q);
void vmmq_queues_resume_all(const struct vmmq_nicswitch *sw);

/* moderate.c: interrupt moderation */
void vmmq_moderation_set(struct vmmq_vport *vport,
			 const struct vmmq_moderation *moderation,
			 bool adaptive);
u32 vmmq_moderation_level(const struct vmmq_moderation *moderation);
u32 vmmq_moderation_requested(const struct vmmq_vport *vport);
void vmmq_moderation_set_level(struct vmmq_vport *vport, u32 level);
void vmmq_moderation_init(struct vmmq_queue *q);
void vmmq_moderation_cancel(struct vmmq_queue *q);
void vmmq_moderation_sample(struct vmmq_queue *q);

/* vector.c: the wake-up protocol */
void vmmq_queue_kick(struct vmmq_queue *q);
void vmmq_queue_kick_now(struct vmmq_queue *q);
void vmmq_queue_raise(struct vmmq_queue *q);
void vmmq_queue_arm(struct vmmq_queue *q);
bool vmmq_queue_on_home_cpu(const struct vmmq_queue *q);

/* rx.c: the NAPI poll */
int vmmq_queue_poll(struct napi_struct *napi, int budget);

#endif /* _VMMQ_QUEUE_H */
