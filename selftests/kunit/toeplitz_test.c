// SPDX-License-Identifier: GPL-2.0
/*
 * The Toeplitz hash in the kernel: published vectors, and the definition of the
 * hash, bit by bit, for every length of input.
 */
#include <linux/prandom.h>

#include "toeplitz.h"

#include "suites.h"

#define INPUT_MAX	36

static const u8 published_key[VMMQ_KEY_SIZE_NDIS] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static const struct {
	u8 input[INPUT_MAX];
	unsigned int len;
	u32 hash;
} published[] = {
	/* 66.9.149.187:2794 to 161.142.100.80:1766 */
	{ { 66, 9, 149, 187, 161, 142, 100, 80 }, 8, 0x323e8fc2 },
	{ { 66, 9, 149, 187, 161, 142, 100, 80, 0x0a, 0xea, 0x06, 0xe6 },
	  12, 0x51ccc178 },
	/* 199.92.111.2:14230 to 65.69.140.83:4739 */
	{ { 199, 92, 111, 2, 65, 69, 140, 83 }, 8, 0xd718262a },
	{ { 199, 92, 111, 2, 65, 69, 140, 83, 0x37, 0x96, 0x12, 0x83 },
	  12, 0xc626b0ea },
	/* 3ffe:2501:200:1fff::7 port 2794 to 3ffe:2501:200:3::1 port 1766 */
	{ { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff,
	    0, 0, 0, 0, 0, 0, 0, 7,
	    0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x00, 0x03,
	    0, 0, 0, 0, 0, 0, 0, 1 }, 32, 0x2cc18cd5 },
	{ { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff,
	    0, 0, 0, 0, 0, 0, 0, 7,
	    0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x00, 0x03,
	    0, 0, 0, 0, 0, 0, 0, 1,
	    0x0a, 0xea, 0x06, 0xe6 }, 36, 0x40207d3d },
};

/* Memory of exactly the size asked for, so that a step too far is seen. */
static struct vmmq_toeplitz *expand(struct kunit *test, const u8 *key,
				    unsigned int size)
{
	struct vmmq_toeplitz *t;

	t = kunit_kzalloc(test, vmmq_toeplitz_size(size), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	vmmq_toeplitz_expand(t, key, size);
	return t;
}

static u32 by_definition(const u8 *key, unsigned int size, const u8 *input,
			 unsigned int len)
{
	unsigned int bit, at;
	u32 hash = 0;

	for (bit = 0; bit < len * 8; bit++) {
		if (!(input[bit / 8] & (0x80 >> bit % 8)))
			continue;
		for (at = 0; at < 32; at++) {
			unsigned int of_key = bit + at;

			if (of_key < size * 8 &&
			    key[of_key / 8] & (0x80 >> of_key % 8))
				hash ^= 0x80000000 >> at;
		}
	}
	return hash;
}

static void vectors(struct kunit *test)
{
	struct vmmq_toeplitz *t = expand(test, published_key,
					 sizeof(published_key));
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(published); n++)
		KUNIT_EXPECT_EQ(test, published[n].hash,
				vmmq_toeplitz_hash(t, published[n].input,
						   published[n].len));
}

static void check_size(struct kunit *test, unsigned int size)
{
	u8 key[VMMQ_KEY_SIZE_LONG], *input;
	struct vmmq_toeplitz *t;
	struct rnd_state rnd;
	unsigned int len;

	prandom_seed_state(&rnd, size);
	prandom_bytes_state(&rnd, key, sizeof(key));
	t = expand(test, key, size);
	for (len = 1; len <= INPUT_MAX; len++) {
		input = kunit_kmalloc(test, len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, input);
		prandom_bytes_state(&rnd, input, len);
		KUNIT_EXPECT_EQ(test, by_definition(key, size, input, len),
				vmmq_toeplitz_hash(t, input, len));
	}
}

static void definition(struct kunit *test)
{
	check_size(test, VMMQ_KEY_SIZE_NDIS);
}

static void definition_long_key(struct kunit *test)
{
	check_size(test, VMMQ_KEY_SIZE_LONG);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(vectors),
	KUNIT_CASE(definition),
	KUNIT_CASE(definition_long_key),
	{}
};

struct kunit_suite vmmq_toeplitz_suite = {
	.name = "vmmq_toeplitz",
	.test_cases = cases,
};
