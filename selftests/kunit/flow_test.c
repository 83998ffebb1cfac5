// SPDX-License-Identifier: GPL-2.0
/*
 * The parser in the kernel, where KASAN sees each byte it reads: every frame
 * stands in memory of exactly its size, whole, cut off anywhere, and with any
 * number of its bytes readable by copying only.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "flow.h"

#include "suites.h"

static const u8 all_sets[VMMQ_FLOW_TYPES] = {
	VMMQ_FIELDS_ADDR, VMMQ_FIELDS_ALL, VMMQ_FIELDS_ALL,
	VMMQ_FIELDS_ADDR, VMMQ_FIELDS_ALL, VMMQ_FIELDS_ALL,
};

/* Ethernet and IPv4, 10.1.2.3 to 10.4.5.6, then the protocol's bytes */
#define IPV4(total, protocol, offset)					\
	2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00,			\
	0x45, 0, 0, total, 0, 1, offset, 0, 64, protocol, 0, 0,		\
	10, 1, 2, 3, 10, 4, 5, 6

#define ADDRS6								\
	0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3,		\
	0x20, 1, 0xd, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6
#define IPV6(payload, next)						\
	2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd,			\
	0x60, 0, 0, 0, 0, payload, next, 64, ADDRS6

#define PORTS	0x11, 0x22, 0x33, 0x44
#define TCP	PORTS, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0, 1, 0, 0, 0, 0, 0
#define UDP	PORTS, 0, 8, 0, 0

static const struct sample {
	const char *name;
	u8 bytes[128];
	u8 len;
	u8 type;		/* enum vmmq_hash_type */
	u8 input[36];
	u8 input_len;
} samples[] = {
	{ "tcp4", { IPV4(40, 6, 0), TCP }, 54, VMMQ_HASH_TCP_IPV4,
	  { 10, 1, 2, 3, 10, 4, 5, 6, PORTS }, 12 },
	{ "udp4", { IPV4(28, 17, 0), UDP }, 42, VMMQ_HASH_UDP_IPV4,
	  { 10, 1, 2, 3, 10, 4, 5, 6, PORTS }, 12 },
	{ "icmp4", { IPV4(28, 1, 0), UDP }, 42, VMMQ_HASH_IPV4,
	  { 10, 1, 2, 3, 10, 4, 5, 6 }, 8 },
	{ "fragment4", { IPV4(28, 17, 0x20), UDP }, 42, VMMQ_HASH_IPV4,
	  { 10, 1, 2, 3, 10, 4, 5, 6 }, 8 },
	{ "tcp6", { IPV6(20, 6), TCP }, 74, VMMQ_HASH_TCP_IPV6,
	  { ADDRS6, PORTS }, 36 },
	{ "udp6", { IPV6(8, 17), UDP }, 62, VMMQ_HASH_UDP_IPV6,
	  { ADDRS6, PORTS }, 36 },
	{ "udp6 behind hop-by-hop options",
	  { IPV6(16, 0), 17, 0, 1, 4, 0, 0, 0, 0, UDP }, 70,
	  VMMQ_HASH_UDP_IPV6, { ADDRS6, PORTS }, 36 },
	{ "fragment6", { IPV6(16, 44), 17, 0, 0, 1, 0, 0, 0, 7, UDP }, 70,
	  VMMQ_HASH_IPV6, { ADDRS6 }, 32 },
};

static int copy_from(const struct vmmq_pkt *pkt, u32 off, void *to, u32 len)
{
	if (off + len > pkt->len || off + len < off)
		return -EFAULT;
	memcpy(to, pkt->ctx + off, len);
	return 0;
}

/* The first @linear of @len bytes are readable, the others by copying. */
static bool parse(struct kunit *test, const u8 *bytes, u32 len, u32 linear,
		  const u8 *sets, struct vmmq_flow *flow, u8 *input)
{
	u8 *head = kmemdup(bytes, linear, GFP_KERNEL);
	u8 *whole = kmemdup(bytes, len, GFP_KERNEL);
	struct vmmq_pkt pkt = {
		.data = head, .linear = linear, .len = len,
		.copy = copy_from, .ctx = whole,
	};
	bool hashable;

	KUNIT_ASSERT_NOT_NULL(test, head);
	KUNIT_ASSERT_NOT_NULL(test, whole);
	hashable = vmmq_flow_parse(&pkt, sets, flow);
	if (hashable)
		memcpy(input, flow->input, flow->len);
	kfree(head);
	kfree(whole);
	return hashable;
}

static void verdicts(struct kunit *test)
{
	const struct sample *s;
	struct vmmq_flow flow;
	u8 input[40];
	u32 linear;

	for (s = samples; s < samples + ARRAY_SIZE(samples); s++) {
		for (linear = ETH_HLEN; linear <= s->len; linear++) {
			KUNIT_EXPECT_TRUE_MSG(test,
					      parse(test, s->bytes, s->len,
						    linear, all_sets, &flow,
						    input),
					      "%s, %u bytes linear", s->name,
					      linear);
			KUNIT_EXPECT_EQ_MSG(test, flow.type, s->type, "%s",
					    s->name);
			KUNIT_ASSERT_EQ_MSG(test, flow.len, s->input_len, "%s",
					    s->name);
			KUNIT_EXPECT_MEMEQ_MSG(test, input, s->input, flow.len,
					       "%s", s->name);
		}
	}
}

/* A frame that lacks any of what its headers promise is not hashed. */
static void cut_off(struct kunit *test)
{
	const struct sample *s;
	struct vmmq_flow flow;
	u8 input[40];
	u32 len;

	for (s = samples; s < samples + ARRAY_SIZE(samples); s++)
		for (len = ETH_HLEN; len < s->len; len++)
			KUNIT_EXPECT_FALSE_MSG(test,
					       parse(test, s->bytes, len, len,
						     all_sets, &flow, input),
					       "%s cut off at %u", s->name,
					       len);
}

/* Damaged anywhere: whatever the verdict is, it doesn't depend on how much of
 * the frame is linear.
 */
static void damaged(struct kunit *test)
{
	struct vmmq_flow one, other;
	u8 bytes[128], input[40], again[40];
	struct rnd_state rnd;
	unsigned int round;

	prandom_seed_state(&rnd, 4);
	for (round = 0; round < 2000; round++) {
		const struct sample *s = &samples[round % ARRAY_SIZE(samples)];
		u32 at = ETH_ALEN * 2 +
			 prandom_u32_state(&rnd) % (s->len - ETH_ALEN * 2);
		u32 linear = ETH_HLEN +
			     prandom_u32_state(&rnd) % (s->len - ETH_HLEN);
		bool hashable;

		memcpy(bytes, s->bytes, s->len);
		bytes[at] = prandom_u32_state(&rnd);
		hashable = parse(test, bytes, s->len, s->len, all_sets, &one,
				 input);
		KUNIT_ASSERT_EQ(test, hashable,
				parse(test, bytes, s->len, linear, all_sets,
				      &other, again));
		if (!hashable)
			continue;
		KUNIT_ASSERT_EQ(test, one.type, other.type);
		KUNIT_ASSERT_EQ(test, one.len, other.len);
		KUNIT_EXPECT_MEMEQ(test, input, again, one.len);
	}
}

/* With no field in its set, a flow type is not hashed. */
static void empty_sets(struct kunit *test)
{
	static const u8 none[VMMQ_FLOW_TYPES];
	const struct sample *s;
	struct vmmq_flow flow;
	u8 input[40];

	for (s = samples; s < samples + ARRAY_SIZE(samples); s++)
		KUNIT_EXPECT_FALSE_MSG(test,
				       parse(test, s->bytes, s->len, s->len,
					     none, &flow, input),
				       "%s", s->name);
}

/* What overrules what: a plain type isn't shown beside its extended one. */
static u32 without_overruled(u32 set)
{
	if (set & VMMQ_TYPE_IPV6_EX)
		set &= ~VMMQ_TYPE_IPV6;
	if (set & VMMQ_TYPE_TCP_IPV6_EX)
		set &= ~VMMQ_TYPE_TCP_IPV6;
	if (set & VMMQ_TYPE_UDP_IPV6_EX)
		set &= ~VMMQ_TYPE_UDP_IPV6;
	return set;
}

/* All sets of hash types as fields and back. */
static void types(struct kunit *test)
{
	u8 fields[VMMQ_FLOW_TYPES];
	u32 set;

	for (set = VMMQ_TYPE_IPV4; set <= VMMQ_TYPES_ALL; set += VMMQ_TYPE_IPV4) {
		KUNIT_ASSERT_EQ(test, vmmq_types_to_fields(set, fields), 0);
		KUNIT_EXPECT_TRUE(test, vmmq_fields_are_types(fields));
		KUNIT_EXPECT_EQ(test, vmmq_fields_to_types(fields),
				without_overruled(set));
	}
	KUNIT_EXPECT_EQ(test, vmmq_types_to_fields(1, fields), -EINVAL);
	KUNIT_EXPECT_EQ(test, vmmq_types_to_fields(VMMQ_TYPE_TCP_IPV4, fields),
			0);
	KUNIT_EXPECT_EQ(test, fields[VMMQ_FLOW_TCP_IPV4], VMMQ_FIELDS_ALL);
	KUNIT_EXPECT_EQ(test, fields[VMMQ_FLOW_UDP_IPV4], 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(verdicts),
	KUNIT_CASE(cut_off),
	KUNIT_CASE(damaged),
	KUNIT_CASE(empty_sets),
	KUNIT_CASE(types),
	{}
};

struct kunit_suite vmmq_flow_suite = {
	.name = "vmmq_flow",
	.test_cases = cases,
};
