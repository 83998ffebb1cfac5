/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The receive ring of a queue pair: many senders produce, one NAPI consumes.
 *
 * Memory ordering, the whole of it:
 *
 * Producers are serialised by ring->lock. A producer fills the slot, then
 * publishes it with smp_store_release(&array->head) [R1]. The consumer reads
 * the head with smp_load_acquire() [R2, pairs with R1] and so sees the slot
 * filled. Having taken the frame it hands the slot back with
 * smp_store_release(&array->tail) [R3]; a producer reads the tail with
 * smp_load_acquire() [R4, pairs with R3], so it never overwrites a slot that
 * is still being read.
 *
 * head and tail count for ever and wrap; a slot is index & mask. Each end keeps
 * the other's index as it saw it last and reads it anew only when the ring looks
 * full or empty by that.
 *
 * Tokens of moves (move.h) share the slots but not the limit. The consumer
 * counts a token as taken after it gave its slot back [R7, release]; who counts
 * frames reads that count first [R8, acquire, pairs with R7].
 *
 * Resizing never stops either end. The new array is hung on array->next of the
 * old one [R5, release] and becomes ring->produce, both under ring->lock, so
 * no producer touches the old array afterwards and its head is final. The
 * consumer goes on to the next array [R6, acquire, pairs with R5] only when it
 * sees a next AND, after that, the old array empty: the head it reads then is
 * the final one. Frames keep their order and none is copied. The consumer
 * frees the array it left.
 *
 * The wake-up barriers (a sender that has just produced against a NAPI that
 * has just gone idle) belong to the queue, see vector.c.
 */
#ifndef _VMMQ_RING_H
#define _VMMQ_RING_H

#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include "move.h"

/* Slots kept for the tokens of moves, which have no part in the limit */
#define VMMQ_RING_TOKENS	64

/**
 * struct vmmq_ring_array - one generation of a ring's slots
 * @mask: slots less one
 * @head: next slot to fill; written under the ring's lock
 * @tail_seen: a tail the producers have read; under the ring's lock
 * @tokens: tokens put in; written under the ring's lock
 * @tail: next slot to take; written by the consumer
 * @head_seen: a head the consumer has read; consumer only
 * @tokens_taken: tokens taken; written by the consumer
 * @next: the generation after this one, once the ring was resized
 * @rcu: frees a generation that both ends have left
 * @slots: frames and tokens, told apart by their low bits (move.h)
 */
struct vmmq_ring_array {
	u32 mask;
	u32 head ____cacheline_aligned_in_smp;
	u32 tail_seen;
	u32 tokens;
	struct vmmq_ring_array *next;
	u32 tail ____cacheline_aligned_in_smp;
	u32 head_seen;
	u32 tokens_taken;
	struct rcu_head rcu;
	unsigned long slots[];
};

/**
 * struct vmmq_ring - bounded queue of received frames
 * @lock: serialises producers and resizing
 * @produce: generation that producers fill, under @lock
 * @limit: frames the ring holds; the array has headroom above it for senders
 *	that were told to pause but had a frame on its way
 * @consume: generation the consumer takes from, consumer only
 */
struct vmmq_ring {
	spinlock_t lock ____cacheline_aligned_in_smp;
	struct vmmq_ring_array *produce;
	u32 limit;
	struct vmmq_ring_array *consume ____cacheline_aligned_in_smp;
};

/* Each CPU can have one frame past the check for a full ring. */
static inline u32 vmmq_ring_headroom(void)
{
	return nr_cpu_ids;
}

/* Process context. Slots for @limit frames and the headroom, or NULL. */
static inline struct vmmq_ring_array *vmmq_ring_array_alloc(u32 limit)
{
	u32 slots = roundup_pow_of_two(limit + vmmq_ring_headroom() +
				       VMMQ_RING_TOKENS);
	struct vmmq_ring_array *array;

	array = kvzalloc(struct_size(array, slots, slots), GFP_KERNEL);
	if (array)
		array->mask = slots - 1;
	return array;
}

static inline void vmmq_ring_init(struct vmmq_ring *ring,
				  struct vmmq_ring_array *array, u32 limit)
{
	spin_lock_init(&ring->lock);
	ring->limit = limit;
	ring->produce = array;
	ring->consume = array;
}

/* Slots in use of the generation being filled; exact under the lock. */
static inline u32 vmmq_ring_used(const struct vmmq_ring_array *array)
{
	return READ_ONCE(array->head) - smp_load_acquire(&array->tail); /* R4 */
}

/* Tokens in the generation being filled. A token that is being taken may still
 * be counted, but then its slot is not in use any more: read this before
 * vmmq_ring_used(), so that frames are not overestimated.
 */
static inline u32 vmmq_ring_tokens(const struct vmmq_ring_array *array)
{
	return READ_ONCE(array->tokens) -
	       smp_load_acquire(&array->tokens_taken); /* R8 */
}

/* Frames in the generation being filled. */
static inline u32 vmmq_ring_frames(const struct vmmq_ring_array *array)
{
	u32 tokens = vmmq_ring_tokens(array);
	u32 used = vmmq_ring_used(array);

	return used > tokens ? used - tokens : 0;
}

/* Any context under RCU. A hint: another sender may fill the last slot. */
static inline bool vmmq_ring_full(const struct vmmq_ring *ring)
{
	return vmmq_ring_frames(READ_ONCE(ring->produce)) >=
	       READ_ONCE(ring->limit);
}

/* Under the lock. */
static inline bool vmmq_ring_has_room(struct vmmq_ring_array *array, u32 limit)
{
	if (likely(array->head - array->tail_seen < limit))
		return true;
	if (vmmq_ring_frames(array) >= limit)
		return false;
	array->tail_seen = smp_load_acquire(&array->tail); /* R4 */
	return array->head - array->tail_seen <= array->mask;
}

/**
 * vmmq_ring_produce() - append a frame
 * @ring: the receiver's ring
 * @skb: the frame, the ring's on success
 * @headroom: slots above the limit that this sender may use
 * @full: counts refusals; written under the ring's lock
 * @steered_by: where the snapshot in force is published
 * @rss: the snapshot that steered the frame here
 *
 * Context: BH disabled. With interrupts disabled (netpoll) a held lock is not
 * waited for, as its holder may be the CPU that was interrupted.
 * Return: 0 if the frame is in the ring, -ENOSPC if the ring is full (counted
 * in @full), -EBUSY if the lock could not be waited for, -ESTALE if another
 * snapshot has come into force: steer again.
 */
static inline int vmmq_ring_produce(struct vmmq_ring *ring,
				    struct sk_buff *skb, u32 headroom,
				    u64 *full,
				    struct vmmq_rss __rcu *const *steered_by,
				    const struct vmmq_rss *rss)
{
	struct vmmq_ring_array *array;
	int err = 0;

	if (unlikely(!spin_trylock(&ring->lock))) {
		if (irqs_disabled())
			return -EBUSY;
		spin_lock(&ring->lock);
	}
	array = ring->produce;
	if (unlikely(rcu_access_pointer(*steered_by) != rss)) {
		err = -ESTALE;
	} else if (likely(vmmq_ring_has_room(array, ring->limit + headroom))) {
		array->slots[array->head & array->mask] = (unsigned long)skb;
		smp_store_release(&array->head, array->head + 1); /* R1 */
	} else {
		WRITE_ONCE(*full, *full + 1);
		err = -ENOSPC;
	}
	spin_unlock(&ring->lock);
	return err;
}

/* Consumer only. The generation with the next slot to take, or NULL; emptied
 * generations are left behind.
 */
static inline struct vmmq_ring_array *vmmq_ring_refresh(struct vmmq_ring *ring)
{
	struct vmmq_ring_array *array = ring->consume;
	struct vmmq_ring_array *next;

	for (;;) {
		next = smp_load_acquire(&array->next); /* R6 */
		array->head_seen = smp_load_acquire(&array->head); /* R2 */
		if (array->tail != array->head_seen)
			return array;
		if (likely(!next))
			return NULL;
		WRITE_ONCE(ring->consume, next);
		kvfree_rcu(array, rcu);
		array = next;
	}
}

/* Consumer only. The next frame or token, or 0. */
static inline unsigned long vmmq_ring_consume(struct vmmq_ring *ring)
{
	struct vmmq_ring_array *array = ring->consume;
	unsigned long slot;
	u32 tail;

	if (array->tail == array->head_seen) {
		array = vmmq_ring_refresh(ring);
		if (!array)
			return 0;
	}
	tail = array->tail;
	slot = array->slots[tail & array->mask];
	smp_store_release(&array->tail, tail + 1); /* R3 */
	if (unlikely(slot & VMMQ_SLOT_MASK)) /* R7 */
		smp_store_release(&array->tokens_taken,
				  array->tokens_taken + 1);
	return slot;
}

/**
 * vmmq_ring_produce_token() - append a token of a move
 * @ring: a ring
 * @slot: the token
 *
 * Context: process.
 * Return: false if no slot is free; frames never fill the last ones.
 */
static inline bool vmmq_ring_produce_token(struct vmmq_ring *ring,
					   unsigned long slot)
{
	struct vmmq_ring_array *array;
	bool ok;

	spin_lock_bh(&ring->lock);
	array = ring->produce;
	ok = vmmq_ring_tokens(array) + ring->limit + vmmq_ring_headroom() <=
	     array->mask && vmmq_ring_used(array) <= array->mask;
	if (ok) {
		array->slots[array->head & array->mask] = slot;
		WRITE_ONCE(array->tokens, array->tokens + 1);
		smp_store_release(&array->head, array->head + 1); /* R1 */
	}
	spin_unlock_bh(&ring->lock);
	return ok;
}

/* Consumer, or anybody under RCU for a hint: a NAPI may leave the generation. */
static inline bool vmmq_ring_empty(const struct vmmq_ring *ring)
{
	const struct vmmq_ring_array *array = READ_ONCE(ring->consume);

	return !READ_ONCE(array->next) &&
	       READ_ONCE(array->tail) == READ_ONCE(array->head);
}

/**
 * vmmq_ring_resize() - let producers continue in a new array
 * @ring: a ring, in use or not
 * @array: from vmmq_ring_array_alloc() with the same @limit
 * @limit: frames the ring holds from now on
 *
 * Context: process, RTNL. Cannot fail and loses nothing: frames in the old
 * array are taken first.
 */
static inline void vmmq_ring_resize(struct vmmq_ring *ring,
				    struct vmmq_ring_array *array, u32 limit)
{
	struct vmmq_ring_array *old;

	spin_lock_bh(&ring->lock);
	old = ring->produce;
	WRITE_ONCE(ring->produce, array);
	WRITE_ONCE(ring->limit, limit);
	smp_store_release(&old->next, array); /* R5 */
	spin_unlock_bh(&ring->lock);
}

/* Process context, RTNL, when nothing is produced and the ring is empty. */
static inline void vmmq_ring_replace(struct vmmq_ring *ring,
				     struct vmmq_ring_array *array, u32 limit)
{
	struct vmmq_ring_array *old = ring->consume;

	spin_lock_bh(&ring->lock);
	WRITE_ONCE(ring->produce, array);
	WRITE_ONCE(ring->consume, array);
	WRITE_ONCE(ring->limit, limit);
	spin_unlock_bh(&ring->lock);
	while (old) {
		struct vmmq_ring_array *next = old->next;

		kvfree_rcu(old, rcu);
		old = next;
	}
}

/* Process context, when neither end is in use and the ring is empty. */
static inline void vmmq_ring_free(struct vmmq_ring *ring)
{
	struct vmmq_ring_array *array = ring->consume;

	while (array) {
		struct vmmq_ring_array *next = array->next;

		kvfree(array);
		array = next;
	}
}

#endif /* _VMMQ_RING_H */
