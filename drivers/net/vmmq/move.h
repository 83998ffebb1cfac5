/* SPDX-License-Identifier: GPL-2.0 */
/*
 * move.c APIs: what keeps every flow in order while its entry, or the whole
 * table, or the hash itself changes under traffic.
 */
#ifndef _VMMQ_MOVE_H
#define _VMMQ_MOVE_H

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>

#include "vmmq.h"

/* What the low bits of a ring's slot say */
#define VMMQ_SLOT_FRAME		0UL
#define VMMQ_SLOT_ARRIVAL	1UL
#define VMMQ_SLOT_DEPARTURE	2UL
#define VMMQ_SLOT_MASK		3UL

/**
 * struct vmmq_hold - entries that arrived at a queue; also their token in its
 *	ring
 * @move: the change that brought them
 * @queue: the queue
 * @list: on the queue's list of holds, oldest first
 * @frames: frames that stand aside until every departure is out
 * @waited: frames that ever stood in @frames
 */
struct vmmq_hold {
	struct vmmq_move *move;
	struct vmmq_queue *queue;
	struct list_head list;
	struct sk_buff_head frames;
	unsigned int waited;
};

/**
 * struct vmmq_departure - entries that left a queue; also their token in its
 *	ring
 * @move: the change that took them
 * @queue: the queue
 * @list: on one of the queue's lists of departures
 */
struct vmmq_departure {
	struct vmmq_move *move;
	struct vmmq_queue *queue;
	struct list_head list;
};

/**
 * struct vmmq_move - one change of a VPort's steering that is not settled yet
 * @vport: whose steering has changed
 * @refs: tokens and holds that are not done
 * @pending: departures that are not out
 * @generation: of the snapshot the change brought
 * @entries: table entries of that snapshot
 * @all: every frame has moved, whatever its entry
 * @start: when the change was put in force
 * @waited: frames that stood aside for it in holds that are closed
 * @num_holds: length of @holds
 * @num_departures: length of @departures
 * @holds: queues that entries arrived at
 * @departures: queues that entries left
 * @to: per entry, and last for frames that are not hashable, the queue it
 *	arrived at or VMMQ_NOT_MOVED
 */
struct vmmq_move {
	struct vmmq_vport *vport;
	refcount_t refs;
	atomic_t pending;
	atomic_t waited;
	u32 generation;
	u32 entries;
	bool all;
	ktime_t start;
	unsigned int num_holds;
	unsigned int num_departures;
	struct vmmq_hold *holds;
	struct vmmq_departure *departures;
	u16 to[];
};

#define VMMQ_NOT_MOVED		0xffff

/**
 * struct vmmq_moves - a queue's part in unsettled moves; its NAPI's own
 * @holds: &struct vmmq_hold, oldest first
 * @departures: &struct vmmq_departure taken from the ring, oldest first
 * @leaving: departures that are out once what GRO holds was handed up
 * @unsettled: length of the three lists, readable anywhere
 */
struct vmmq_moves {
	struct list_head holds;
	struct list_head departures;
	struct list_head leaving;
	unsigned int unsettled;
};

void vmmq_moves_init(struct vmmq_moves *moves);

struct vmmq_move *vmmq_move_alloc(struct vmmq_vport *vport,
				  const struct vmmq_rss *old,
				  const struct vmmq_rss *new);
void vmmq_move_publish(struct vmmq_vport *vport, struct vmmq_move *move,
		       struct vmmq_rss *rss);

bool vmmq_moves_hold(struct vmmq_moves *moves, struct sk_buff *skb);
void vmmq_moves_token(struct vmmq_queue *q, unsigned long slot);
struct sk_buff *vmmq_moves_released(struct vmmq_queue *q);
void vmmq_moves_begin_poll(struct vmmq_queue *q);
void vmmq_moves_end_poll(struct vmmq_queue *q);
struct sk_buff *vmmq_moves_purge(struct vmmq_queue *q);

#endif /* _VMMQ_MOVE_H */
