// SPDX-License-Identifier: GPL-2.0
/* Field sets and the nine RSS hash types that are a view of them. */
#include <stdlib.h>
#include <string.h>

#include "flow.h"

#include "ktap.h"

/* In the order of the values: bit 8 up. */
enum { IP4, TCP4, IP6, IP6X, TCP6, TCP6X, UDP4, UDP6, UDP6X };

static bool on(unsigned int combination, unsigned int type)
{
	return combination >> type & 1;
}

/* What NDIS says a combination hashes, flow type by flow type. */
static void expected_sets(unsigned int c, u8 sets[6])
{
	sets[0] = on(c, IP4) ? 0x03 : 0;
	sets[1] = on(c, TCP4) ? 0x0f : sets[0];
	sets[2] = on(c, UDP4) ? 0x0f : sets[0];
	sets[3] = on(c, IP6X) ? 0x13 : on(c, IP6) ? 0x03 : 0;
	sets[4] = on(c, TCP6X) ? 0x1f : on(c, TCP6) ? 0x0f : sets[3];
	sets[5] = on(c, UDP6X) ? 0x1f : on(c, UDP6) ? 0x0f : sets[3];
}

static void test_types_to_fields(void)
{
	unsigned int c;
	u8 got[6], want[6];

	for (c = 0; c < 512; c++) {
		expected_sets(c, want);
		memset(got, 0xff, sizeof(got));
		ktap_check(vmmq_types_to_fields(c << 8, got) == 0 &&
			   !memcmp(got, want, 6), "types %#x", c << 8);
	}
}

static void test_round_trip(void)
{
	unsigned int c;
	u8 sets[6], back[6];

	for (c = 0; c < 512; c++) {
		unsigned int shown = c;

		/* A plain type beside its extended one can't be told. */
		if (on(c, IP6X))
			shown &= ~(1 << IP6);
		if (on(c, TCP6X))
			shown &= ~(1 << TCP6);
		if (on(c, UDP6X))
			shown &= ~(1 << UDP6);

		vmmq_types_to_fields(c << 8, sets);
		ktap_check(vmmq_fields_are_types(sets), "types %#x", c << 8);
		ktap_check(vmmq_fields_to_types(sets) == shown << 8,
			   "types %#x read back as %#x", c << 8,
			   vmmq_fields_to_types(sets));
		vmmq_types_to_fields(vmmq_fields_to_types(sets), back);
		ktap_check(!memcmp(sets, back, 6), "types %#x", c << 8);
	}
}

/* Every field set of one family, the other family hashing nothing: types say
 * it if and only if one of the 512 combinations means it.
 */
static void check_family(unsigned int first, unsigned int values)
{
	unsigned int ip, tcp, udp, c;

	for (ip = 0; ip < values; ip++)
		for (tcp = 0; tcp < values; tcp++)
			for (udp = 0; udp < values; udp++) {
				u8 sets[6] = {}, want[6];
				bool found = false;

				sets[first] = ip;
				sets[first + 1] = tcp;
				sets[first + 2] = udp;
				for (c = 0; c < 512 && !found; c++) {
					expected_sets(c, want);
					found = !memcmp(sets, want, 6);
				}
				ktap_check(vmmq_fields_are_types(sets) == found,
					   "%#x %#x %#x", ip, tcp, udp);
				ktap_check(found || !vmmq_fields_to_types(sets),
					   "%#x %#x %#x", ip, tcp, udp);
			}
}

static void test_what_types_can_say_ipv4(void)
{
	check_family(0, 32);
}

static void test_what_types_can_say_ipv6(void)
{
	check_family(3, 32);
}

static void test_unknown_types(void)
{
	unsigned int bit;
	u8 sets[6], before[6];

	memset(before, 0x77, 6);
	for (bit = 0; bit < 32; bit++) {
		bool known = bit >= 8 && bit < 17;

		memset(sets, 0x77, 6);
		ktap_check(vmmq_types_to_fields(1U << bit, sets) ==
			   (known ? 0 : -EINVAL), "bit %u", bit);
		ktap_check(known || !memcmp(sets, before, 6),
			   "bit %u: written", bit);
	}
}

static void test_nothing_is_a_view_too(void)
{
	u8 none[6] = {};

	ktap_check(vmmq_fields_are_types(none), "empty sets");
	ktap_check(vmmq_fields_to_types(none) == 0, "empty sets");
}

static void test_valid_sets(void)
{
	unsigned int type, set;

	for (type = 0; type < 6; type++)
		for (set = 0; set < 256; set++) {
			bool want = set < 64;

			if (set & 0x0c && type % 3 == 0)
				want = false;
			if (set & 0x10 && (type < 3 || !(set & 0x03)))
				want = false;
			if (set & 0x20 && type < 3)
				want = false;
			ktap_check(vmmq_fields_valid(type, set) == want,
				   "flow type %u, set %#x", type, set);
		}
}

static void test_lengths(void)
{
	ktap_check(vmmq_fields_len(VMMQ_FLOW_IPV4, 0x03) == 8, "ipv4 sd");
	ktap_check(vmmq_fields_len(VMMQ_FLOW_TCP_IPV4, 0x0f) == 12, "tcp4 sdfn");
	ktap_check(vmmq_fields_len(VMMQ_FLOW_UDP_IPV4, 0x09) == 6, "udp4 sn");
	ktap_check(vmmq_fields_len(VMMQ_FLOW_IPV6, 0x33) == 36, "ipv6 sdxl");
	ktap_check(vmmq_fields_len(VMMQ_FLOW_TCP_IPV6, 0x2f) == 40, "tcp6 sdfnl");
	ktap_check(vmmq_fields_len(VMMQ_FLOW_UDP_IPV6, 0x24) == 6, "udp6 fl");
}

static void test_symmetric_sets(void)
{
	static const u8 symmetric[] = { 0, 0x03, 0x0c, 0x0f, 0x13, 0x1f };
	unsigned int set, i;

	for (set = 0; set < 64; set++) {
		bool want = false;

		if (set & 0x10 && !(set & 0x03))
			continue;	/* no valid set */
		for (i = 0; i < ARRAY_SIZE(symmetric); i++)
			want |= set == symmetric[i];
		ktap_check(vmmq_fields_symmetric(set) == want, "set %#x", set);
	}
}

/* Worked out by hand: a pair of bytes is 0xf0 and 0x3c, xor 0xcc, or 0xfc. */
static void check_transform(unsigned int addr, bool ports, u8 xfrm)
{
	unsigned int len = 2 * addr + 4 * ports, i;
	u8 in[36], want[36], first = xfrm == VMMQ_XFRM_SYM_XOR ? 0xcc : 0xfc;
	struct vmmq_flow flow = { .input = in, .len = len };

	for (i = 0; i < 2 * addr; i++) {
		in[i] = i < addr ? 0xf0 : 0x3c;
		want[i] = i < addr ? first : 0xcc;
	}
	for (; i < len; i++) {
		in[i] = i < 2 * addr + 2 ? 0x0f : 0xc3;
		want[i] = i < 2 * addr + 2 ? (xfrm == VMMQ_XFRM_SYM_XOR ?
					      0xcc : 0xcf) : 0xcc;
	}
	vmmq_flow_transform(&flow, xfrm);
	ktap_check(flow.len == len && !memcmp(flow.input, want, len),
		   "addresses of %u, ports %u, transform %u", addr, ports,
		   xfrm);
	ktap_check(in[0] == (addr ? 0xf0 : 0x0f), "the frame is not written");
}

static void test_transform(void)
{
	unsigned int addr;
	u8 xfrm;

	for (xfrm = 1; xfrm <= 2; xfrm++) {
		for (addr = 4; addr <= 16; addr += 12) {
			check_transform(addr, false, xfrm);
			check_transform(addr, true, xfrm);
		}
		check_transform(0, true, xfrm);
	}
}

/* What flow.c gathers stands in the buffer already. */
static void test_transform_in_place(void)
{
	struct vmmq_flow flow = { .buf = { 1, 2, 3, 5 }, .len = 4 };

	flow.input = flow.buf;
	vmmq_flow_transform(&flow, VMMQ_XFRM_SYM_OR_XOR);
	ktap_check(!memcmp(flow.input, "\3\7\2\7", 4), "ports alone");
}

static void test_names(void)
{
	static const char *const names[] = {
		"none", "ipv4", "tcp_ipv4", "udp_ipv4", "ipv6", "tcp_ipv6",
		"udp_ipv6", "ipv6_ex", "tcp_ipv6_ex", "udp_ipv6_ex",
	};
	unsigned int type;

	ktap_check(ARRAY_SIZE(names) == VMMQ_HASH_TYPES, "how many");
	for (type = 0; type < ARRAY_SIZE(names); type++) {
		const char *name = vmmq_hash_type_name(type);
		bool l4 = strchr("tu", names[type][0]);

		ktap_check(!strcmp(name, names[type]), "%s", name);
		ktap_check(vmmq_hash_type_is_l4(type) == l4, "%s", name);
	}
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "types_to_fields", test_types_to_fields },
		{ "round_trip", test_round_trip },
		{ "what_types_can_say_ipv4", test_what_types_can_say_ipv4 },
		{ "what_types_can_say_ipv6", test_what_types_can_say_ipv6 },
		{ "unknown_types", test_unknown_types },
		{ "nothing_is_a_view_too", test_nothing_is_a_view_too },
		{ "valid_sets", test_valid_sets },
		{ "lengths", test_lengths },
		{ "symmetric_sets", test_symmetric_sets },
		{ "transform", test_transform },
		{ "transform_in_place", test_transform_in_place },
		{ "names", test_names },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
