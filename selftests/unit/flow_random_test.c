// SPDX-License-Identifier: GPL-2.0
/*
 * Frames nobody thought of: cut off anywhere, mutated anywhere, chained at
 * random. The parser must agree with the reference, stay within the frame, and
 * not care how much of it can be read directly. The numbers are the same in
 * every run; a seed may be given as argument.
 */
#include <stdlib.h>
#include <string.h>

#include "flow.h"

#include "frame.h"
#include "ktap.h"
#include "random.h"

#define ROUNDS	40000

static const u8 all_sets[6] = { 0x03, 0x0f, 0x0f, 0x03, 0x0f, 0x0f };
static const u8 ex_sets[6] = { 0x03, 0x0f, 0x0f, 0x13, 0x1f, 0x1f };

/* How often each hash type came out: a test that never sees one is void. */
static unsigned int seen[VMMQ_HASH_TYPES];

static void check_against_reference(const struct frame *f,
				    unsigned int linear, const u8 *sets)
{
	struct verdict want = frame_reference(f, sets);
	struct verdict got = frame_parse(f, linear, sets);
	unsigned int i;

	seen[got.type]++;
	if (verdict_same(&want, &got))
		return;
	ktap_check(false, "%s, %u bytes, not %s, %u bytes; sets %02x %02x %02x %02x %02x %02x",
		   vmmq_hash_type_name(got.type), got.len,
		   vmmq_hash_type_name(want.type), want.len, sets[0], sets[1],
		   sets[2], sets[3], sets[4], sets[5]);
	if (ktap_failures > KTAP_SHOWN)
		return;
	printf("# linear %u, accel %u, gso %u:", linear, f->vlan_accel, f->gso);
	for (i = 0; i < f->len; i++)
		printf(" %02x", f->bytes[i]);
	printf("\n");
}

static void check_all_seen(unsigned int least)
{
	unsigned int type;

	for (type = 0; type < VMMQ_HASH_TYPES; type++)
		ktap_check(seen[type] >= least, "%s came out %u times only",
			   vmmq_hash_type_name(type), seen[type]);
}

static void random_sets(u8 *sets)
{
	unsigned int type;

	for (type = 0; type < 6; type++) {
		do {
			sets[type] = random_below(64);
		} while (!vmmq_fields_valid(type, sets[type]));
	}
}

static u8 random_next(void)
{
	static const u8 nexts[] = { 6, 6, 6, 17, 17, 17, 43, 43, 44, 60, 60, 60,
				    0, 58, 59, 50, 51, 135 };

	return nexts[random_below(ARRAY_SIZE(nexts))];
}

/* Mostly well-formed, mostly of few options. */
static void random_options(struct frame *f, u8 next)
{
	unsigned int start = f->len, n = random_below(6);
	u8 addr[16];

	frame_put16(f, next << 8);
	while (n--) {
		random_bytes(addr, sizeof(addr));
		switch (random_below(5)) {
		case 0:
			frame_put8(f, 0);
			break;
		case 1:
			frame_put16(f, 0xc900 + (random_below(20) ? 16 : 15));
			frame_put(f, addr, 16);
			break;
		default:
			frame_put8(f, random_below(256));
			frame_put8(f, random_below(16));
			frame_zero(f, f->bytes[f->len - 1]);
		}
	}
	while ((f->len - start) % 8)
		frame_put8(f, 0);
	f->bytes[start + 1] = (f->len - start) / 8 - 1;
}

static void random_extension(struct frame *f, u8 kind, u8 next)
{
	switch (kind) {
	case 44:
		frame_fragment(f, next, random_below(3) ? 0 :
			       1 << random_below(16));
		break;
	case 43:
		if (random_below(3)) {
			frame_routing2(f, next, "2001:db8::1");
			random_bytes(f->bytes + f->len - 16, 16);
			break;
		}
		frame_extension(f, next, 8 + 8 * random_below(5));
		f->bytes[f->len - 6] = random_below(4);
		break;
	default:
		random_options(f, next);
	}
}

static void random_ipv6(struct frame *f)
{
	u8 kind = random_below(3) ? random_next() : 0;
	unsigned int n = 0;

	frame_ipv6(f, "2001:db8::3", "2001:db8::6", kind);
	while ((kind == 0 || kind == 43 || kind == 44 || kind == 60) &&
	       n++ < 20) {
		u8 next = random_next();

		random_extension(f, kind, next);
		kind = next;
	}
}

static void random_frame(struct frame *f)
{
	unsigned int tags = random_below(4) ? 0 : random_below(4);

	frame_start(f);
	f->vlan_accel = !random_below(4);
	f->gso = !random_below(8);
	while (tags--)
		frame_tag(f, random_below(2) ? 0x8100 : 0x88a8);
	if (random_below(3)) {
		random_ipv6(f);
	} else {
		frame_ipv4(f, "10.1.2.3", "10.4.5.6", random_next(),
			   random_below(2) ? 0 : 4 * random_below(11));
		if (!random_below(5))
			frame_poke16(f, f->ip + 6, 1 << random_below(16));
	}
	frame_tcp(f, random_u32(), random_u32());
	f->len -= random_below(8) ? 0 : random_below(21);
	frame_end(f);
	frame_zero(f, random_below(3) ? 0 : random_below(20));
}

static void mutate(struct frame *f)
{
	static const u8 likely_bytes[] = { 0, 1, 2, 3, 4, 6, 8, 16, 17, 20, 43,
					   44, 59, 60, 0x45, 0x46, 0x60, 0x81,
					   0x86, 0x88, 0xa8, 0xc9, 0xdd, 255 };
	unsigned int n = random_below(4), at, i;

	while (n--) {
		i = random_below(ARRAY_SIZE(likely_bytes));
		at = 12 + random_below(f->len - 12);
		switch (random_below(3)) {
		case 0:
			f->bytes[at] ^= 1 << random_below(8);
			break;
		case 1:
			f->bytes[at] = random_u32();
			break;
		default:
			f->bytes[at] = likely_bytes[i];
		}
	}
	if (!random_below(8))
		f->len = random_below(f->len + 1);
}

static void test_random_frames(void)
{
	unsigned int i;
	struct frame f;
	u8 sets[6];

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < ROUNDS; i++) {
		random_frame(&f);
		random_sets(sets);
		check_against_reference(&f, random_below(f.len + 1), sets);
		check_against_reference(&f, f.len, random_below(2) ? ex_sets :
					all_sets);
	}
	check_all_seen(ROUNDS / 200);
}

static void test_mutated_frames(void)
{
	unsigned int i;
	struct frame f;
	u8 sets[6];

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < ROUNDS; i++) {
		random_frame(&f);
		mutate(&f);
		random_sets(sets);
		check_against_reference(&f, random_below(f.len + 1), sets);
		check_against_reference(&f, f.len, random_below(2) ? ex_sets :
					all_sets);
	}
	check_all_seen(ROUNDS / 400);
}

/* Noise, but for what it takes to be taken for IP. */
static void test_noise(void)
{
	unsigned int i;
	struct frame f;

	for (i = 0; i < ROUNDS; i++) {
		unsigned int len = random_below(120);

		memset(&f, 0, sizeof(f));
		f.len = 14 + len;
		random_bytes(f.bytes, f.len);
		frame_poke16(&f, 12, i & 1 ? 0x0800 : 0x86dd);
		f.bytes[14] = i & 1 ? 0x45 : 0x60;
		f.gso = i & 2;
		if (!(i & 1))
			f.bytes[20] = random_next();
		check_against_reference(&f, random_below(f.len + 1), ex_sets);
	}
}

/* Each of some frames cut at every length, and each of those cut again into what
 * is linear and what isn't.
 */
static void test_every_truncation(void)
{
	unsigned int i, linear;
	struct frame f;

	for (i = 0; i < 60; i++) {
		random_frame(&f);
		if (f.len > 220)
			continue;
		for (; f.len > 0; f.len--) {
			for (linear = 0; linear <= f.len; linear++)
				check_against_reference(&f, linear, ex_sets);
			check_against_reference(&f, f.len, all_sets);
		}
	}
}

/* Every byte behind the MAC addresses with every value. */
static void test_every_byte(void)
{
	unsigned int i, at, value;
	struct frame f;

	for (i = 0; i < 12; i++) {
		random_frame(&f);
		for (at = 12; at < f.len; at++) {
			u8 was = f.bytes[at];

			for (value = 0; value < 256; value++) {
				f.bytes[at] = value;
				check_against_reference(&f, f.len / 2,
							ex_sets);
			}
			f.bytes[at] = was;
		}
	}
}

int main(int argc, char **argv)
{
	static const struct ktap_test tests[] = {
		{ "random_frames", test_random_frames },
		{ "mutated_frames", test_mutated_frames },
		{ "noise", test_noise },
		{ "every_truncation", test_every_truncation },
		{ "every_byte", test_every_byte },
	};

	if (argc > 1)
		random_state = strtoull(argv[1], NULL, 0);
	return ktap_run(tests, ARRAY_SIZE(tests));
}
