// SPDX-License-Identifier: GPL-2.0
/*
 * The receive ring: order, limits, tokens, generations, indices that wrap.
 * Frames are numbers here: the ring looks at no more than their low bits.
 */
#include <linux/slab.h>

#include "ring.h"
#include "rss.h"

#include "suites.h"

#define LIMIT	16

/* A ring and what steers to it. */
struct bed {
	struct vmmq_ring ring;
	struct vmmq_rss __rcu *steered_by;
	u64 full;
};

static struct vmmq_ring_array *array_of(struct kunit *test, u32 limit)
{
	struct vmmq_ring_array *array = vmmq_ring_array_alloc(limit);

	KUNIT_ASSERT_NOT_NULL(test, array);
	return array;
}

/* @start: where the indices of the first generation begin */
static struct bed *make(struct kunit *test, u32 start)
{
	struct bed *bed = kunit_kzalloc(test, sizeof(*bed), GFP_KERNEL);
	struct vmmq_ring_array *array = array_of(test, LIMIT);

	KUNIT_ASSERT_NOT_NULL(test, bed);
	array->head = start;
	array->tail = start;
	array->tail_seen = start;
	array->head_seen = start;
	vmmq_ring_init(&bed->ring, array, LIMIT);
	return bed;
}

static void done(struct bed *bed)
{
	vmmq_ring_free(&bed->ring);
}

static struct sk_buff *frame(unsigned int n)
{
	return (struct sk_buff *)((n + 1) * (VMMQ_SLOT_MASK + 1));
}

static unsigned long token(unsigned int n)
{
	return (unsigned long)frame(n) | VMMQ_SLOT_ARRIVAL;
}

static int produce(struct bed *bed, unsigned int n, u32 headroom)
{
	int err;

	local_bh_disable();
	err = vmmq_ring_produce(&bed->ring, frame(n), headroom, &bed->full,
				&bed->steered_by, NULL);
	local_bh_enable();
	return err;
}

static void put(struct kunit *test, struct bed *bed, unsigned int n)
{
	KUNIT_EXPECT_EQ(test, produce(bed, n, 0), 0);
}

static void take(struct kunit *test, struct bed *bed, unsigned int n)
{
	KUNIT_EXPECT_EQ(test, vmmq_ring_consume(&bed->ring),
			(unsigned long)frame(n));
}

static void take_none(struct kunit *test, struct bed *bed)
{
	KUNIT_EXPECT_EQ(test, vmmq_ring_consume(&bed->ring), 0UL);
	KUNIT_EXPECT_TRUE(test, vmmq_ring_empty(&bed->ring));
}

static void order_from(struct kunit *test, u32 start)
{
	struct bed *bed = make(test, start);
	unsigned int in = 0, out = 0, n;

	take_none(test, bed);
	while (in < 40 * LIMIT) {
		for (n = 0; n < 1 + in % LIMIT; n++)
			put(test, bed, in++);
		KUNIT_EXPECT_FALSE(test, vmmq_ring_empty(&bed->ring));
		while (out < in)
			take(test, bed, out++);
		take_none(test, bed);
	}
	KUNIT_EXPECT_EQ(test, bed->full, 0ULL);
	done(bed);
}

static void order(struct kunit *test)
{
	order_from(test, 0);
}

static void indices_wrap(struct kunit *test)
{
	order_from(test, U32_MAX - 5 * LIMIT);
}

/* The limit is a number of frames, whatever slots there are; a refusal counts,
 * and the frame after the next one that was taken finds room.
 */
static void limit(struct kunit *test)
{
	struct bed *bed = make(test, U32_MAX - LIMIT / 2);
	unsigned int n;

	for (n = 0; n < LIMIT; n++)
		put(test, bed, n);
	KUNIT_EXPECT_TRUE(test, vmmq_ring_full(&bed->ring));
	KUNIT_EXPECT_EQ(test, produce(bed, n, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, bed->full, 1ULL);
	take(test, bed, 0);
	KUNIT_EXPECT_FALSE(test, vmmq_ring_full(&bed->ring));
	put(test, bed, LIMIT);
	KUNIT_EXPECT_EQ(test, produce(bed, n, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, bed->full, 2ULL);
	for (n = 1; n <= LIMIT; n++)
		take(test, bed, n);
	take_none(test, bed);
	done(bed);
}

/* Who was told to pause may go above the limit, as far as he was told. */
static void headroom(struct kunit *test)
{
	struct bed *bed = make(test, 0);
	unsigned int n, more = vmmq_ring_headroom();

	for (n = 0; n < LIMIT; n++)
		put(test, bed, n);
	for (; n < LIMIT + more; n++)
		KUNIT_EXPECT_EQ(test, produce(bed, n, more), 0);
	KUNIT_EXPECT_EQ(test, produce(bed, n, more), -ENOSPC);
	for (n = 0; n < LIMIT + more; n++)
		take(test, bed, n);
	take_none(test, bed);
	done(bed);
}

/* Tokens keep their place among frames and take none of theirs. */
static void tokens(struct kunit *test)
{
	struct bed *bed = make(test, U32_MAX - 3);
	unsigned int n;

	for (n = 0; n < LIMIT; n++) {
		put(test, bed, n);
		KUNIT_EXPECT_TRUE(test, vmmq_ring_produce_token(&bed->ring,
								token(n)));
	}
	KUNIT_EXPECT_EQ(test, produce(bed, n, 0), -ENOSPC);
	for (n = 0; n < LIMIT; n++) {
		take(test, bed, n);
		KUNIT_EXPECT_EQ(test, vmmq_ring_consume(&bed->ring), token(n));
	}
	KUNIT_EXPECT_EQ(test, vmmq_ring_tokens(bed->ring.produce), 0U);
	take_none(test, bed);
	done(bed);
}

/* However many tokens are offered, the frames' slots stay theirs. */
static void tokens_leave_room(struct kunit *test)
{
	struct bed *bed = make(test, 0);
	unsigned int n, count = 0;

	while (vmmq_ring_produce_token(&bed->ring, token(count)))
		count++;
	KUNIT_EXPECT_GE(test, count, (unsigned int)VMMQ_RING_TOKENS);
	for (n = 0; n < LIMIT; n++)
		put(test, bed, n);
	KUNIT_EXPECT_EQ(test, produce(bed, n, 0), -ENOSPC);
	for (n = 0; n < count; n++)
		KUNIT_EXPECT_EQ(test, vmmq_ring_consume(&bed->ring), token(n));
	for (n = 0; n < LIMIT; n++)
		take(test, bed, n);
	take_none(test, bed);
	done(bed);
}

/* Resized again and again, frames in every generation: none is lost, copied or
 * overtaken, and the limit in force is the newest.
 */
static void generations(struct kunit *test)
{
	static const u32 limits[] = { 32, 4, 64, 8 };
	struct bed *bed = make(test, U32_MAX - 2);
	unsigned int in = 0, out = 0, n;

	put(test, bed, in++);
	for (n = 0; n < ARRAY_SIZE(limits); n++) {
		vmmq_ring_resize(&bed->ring, array_of(test, limits[n]),
				 limits[n]);
		KUNIT_EXPECT_FALSE(test, vmmq_ring_empty(&bed->ring));
		while (!produce(bed, in, 0))
			in++;
		KUNIT_EXPECT_EQ(test, bed->full, n + 1ULL);
	}
	KUNIT_EXPECT_EQ(test, in, 1 + 32 + 4 + 64 + 8);
	while (out < in)
		take(test, bed, out++);
	take_none(test, bed);
	done(bed);
}

/* A generation nothing was put in is passed over. */
static void empty_generation(struct kunit *test)
{
	struct bed *bed = make(test, 0);

	vmmq_ring_resize(&bed->ring, array_of(test, 8), 8);
	vmmq_ring_resize(&bed->ring, array_of(test, 8), 8);
	put(test, bed, 1);
	take(test, bed, 1);
	take_none(test, bed);
	vmmq_ring_replace(&bed->ring, array_of(test, 4), 4);
	put(test, bed, 2);
	take(test, bed, 2);
	take_none(test, bed);
	done(bed);
}

/* A sender that steered by another snapshot has to steer again. */
static void stale(struct kunit *test)
{
	struct bed *bed = make(test, 0);
	struct vmmq_rss *now = kunit_kzalloc(test, sizeof(*now), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, now);
	RCU_INIT_POINTER(bed->steered_by, now);
	KUNIT_EXPECT_EQ(test, produce(bed, 1, 0), -ESTALE);
	KUNIT_EXPECT_EQ(test, bed->full, 0ULL);
	take_none(test, bed);
	done(bed);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(order),
	KUNIT_CASE(indices_wrap),
	KUNIT_CASE(limit),
	KUNIT_CASE(headroom),
	KUNIT_CASE(tokens),
	KUNIT_CASE(tokens_leave_room),
	KUNIT_CASE(generations),
	KUNIT_CASE(empty_generation),
	KUNIT_CASE(stale),
	{}
};

struct kunit_suite vmmq_ring_suite = {
	.name = "vmmq_ring",
	.test_cases = cases,
};
