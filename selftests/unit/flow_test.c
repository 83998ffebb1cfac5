// SPDX-License-Identifier: GPL-2.0
/*
 * The rules by which a frame is hashed, one by one. What is expected is written
 * out here; that the reference agrees is checked by the way, as is that nothing
 * depends on how much of the frame can be read directly.
 */
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "toeplitz.h"

#include "frame.h"
#include "ktap.h"
#include "vectors.h"

#define SA	"10.1.2.3"
#define DA	"10.4.5.6"
#define SA6	"2001:db8:1::3"
#define DA6	"2001:db8:2::6"
#define HOME6	"2001:db8:3::9"
#define VIA6	"2001:db8:4::c"
#define SP	0x1122
#define DP	0x3344
#define IN4	"0a0102030a040506"
#define PORTS	"11223344"
#define INSA6	"20010db8000100000000000000000003"
#define INDA6	"20010db8000200000000000000000006"
#define INHOME6	"20010db8000300000000000000000009"
#define INVIA6	"20010db800040000000000000000000c"
#define IN6	INSA6 INDA6

/* The sets of all types, of the extended ones where there are. */
static const u8 all_sets[6] = { 0x03, 0x0f, 0x0f, 0x03, 0x0f, 0x0f };
static const u8 ex_sets[6] = { 0x03, 0x0f, 0x0f, 0x13, 0x1f, 0x1f };
/* TCP and UDP only, IP only. */
static const u8 l4_sets[6] = { 0, 0x0f, 0x0f, 0, 0x0f, 0x0f };
static const u8 ip_sets[6] = { 0x03, 0x03, 0x03, 0x03, 0x03, 0x03 };

static unsigned int unhex(const char *text, u8 *to)
{
	unsigned int n, byte;

	for (n = 0; sscanf(text + 2 * n, "%2x", &byte) == 1; n++)
		to[n] = byte;
	return n;
}

static void check_all_ways(const struct frame *f, const u8 *sets,
			   const struct verdict *want, unsigned int line)
{
	struct verdict got = frame_reference(f, sets);
	unsigned int linear;

	ktap_check(verdict_same(&got, want),
		   "line %u: the reference says %s, %u bytes", line,
		   vmmq_hash_type_name(got.type), got.len);
	for (linear = 0; linear <= f->len; linear++) {
		got = frame_parse(f, linear, sets);
		ktap_check(verdict_same(&got, want),
			   "line %u: %s, %u bytes, with %u of %u linear", line,
			   vmmq_hash_type_name(got.type), got.len, linear,
			   f->len);
	}
}

static void check_hashed(const struct frame *f, const u8 *sets, u8 type,
			 const char *input, unsigned int line)
{
	struct verdict want = { .hashable = true, .type = type };

	want.len = unhex(input, want.input);
	check_all_ways(f, sets, &want, line);
}

static void check_not_hashed(const struct frame *f, const u8 *sets,
			     unsigned int line)
{
	static const struct verdict none;

	check_all_ways(f, sets, &none, line);
}

#define HASHED(f, sets, type, input) \
	check_hashed(f, sets, VMMQ_HASH_##type, input, __LINE__)
#define NOT_HASHED(f, sets)	check_not_hashed(f, sets, __LINE__)

static void tcp4(struct frame *f)
{
	frame_start(f);
	frame_ipv4(f, SA, DA, 6, 0);
	frame_tcp(f, SP, DP);
	frame_end(f);
}

static void tcp6(struct frame *f)
{
	frame_start(f);
	frame_ipv6(f, SA6, DA6, 6);
	frame_tcp(f, SP, DP);
	frame_end(f);
}

/* An IPv6 frame whose extension headers are yet to be put. */
static void begin6(struct frame *f, u8 next)
{
	frame_start(f);
	frame_ipv6(f, SA6, DA6, next);
}

static void end6(struct frame *f)
{
	frame_tcp(f, SP, DP);
	frame_end(f);
}

static u32 hash_of(const struct frame *f, const u8 *sets)
{
	static struct vmmq_toeplitz *t;
	struct verdict v = frame_parse(f, f->len, sets);

	if (!t) {
		t = malloc(vmmq_toeplitz_size(40));
		vmmq_toeplitz_expand(t, vector_key, 40);
	}
	return vmmq_toeplitz_hash(t, v.input, v.len);
}

static void vector_frame(struct frame *f, const struct vector *v, u8 proto)
{
	frame_start(f);
	if (strchr(v->src, ':'))
		frame_ipv6(f, v->src, v->dst, proto);
	else
		frame_ipv4(f, v->src, v->dst, proto, 0);
	if (proto == 6)
		frame_tcp(f, v->sport, v->dport);
	else
		frame_udp(f, v->sport, v->dport);
	frame_end(f);
}

static void test_vectors(void)
{
	unsigned int i;
	struct frame f;

	for (i = 0; i < VECTORS; i++) {
		vector_frame(&f, &vectors[i], 6);
		ktap_check(hash_of(&f, all_sets) == vectors[i].all, "%u", i);
		ktap_check(hash_of(&f, ex_sets) == vectors[i].all, "%u", i);
		ktap_check(hash_of(&f, ip_sets) == vectors[i].addrs, "%u", i);
		vector_frame(&f, &vectors[i], 17);
		ktap_check(hash_of(&f, all_sets) == vectors[i].all, "%u", i);
		vector_frame(&f, &vectors[i], 132);
		ktap_check(hash_of(&f, all_sets) == vectors[i].addrs, "%u", i);
	}
}

/* A vector's addresses in a home address option and a type 2 routing header,
 * behind other addresses.
 */
static void test_ex_vectors(void)
{
	static const u8 ex_addrs[6] = { 0, 0, 0, 0x13, 0x13, 0x13 };
	const struct vector *v;
	struct frame f;

	for (v = vectors; v < vectors + VECTORS; v++) {
		if (!strchr(v->src, ':'))
			continue;
		begin6(&f, 43);
		frame_routing2(&f, 60, v->dst);
		frame_home(&f, 6, v->src);
		frame_tcp(&f, v->sport, v->dport);
		frame_end(&f);
		ktap_check(hash_of(&f, ex_sets) == v->all, "%s", v->src);
		ktap_check(hash_of(&f, ex_addrs) == v->addrs, "%s", v->src);
		ktap_check(hash_of(&f, all_sets) != v->all, "%s", v->src);
		ktap_check(hash_of(&f, ip_sets) != v->addrs, "%s", v->src);
	}
}

static void test_hash_types(void)
{
	struct frame f;

	tcp4(&f);
	HASHED(&f, all_sets, TCP_IPV4, IN4 PORTS);
	HASHED(&f, ip_sets, IPV4, IN4);
	tcp6(&f);
	HASHED(&f, all_sets, TCP_IPV6, IN6 PORTS);
	HASHED(&f, ip_sets, IPV6, IN6);
	HASHED(&f, ex_sets, TCP_IPV6_EX, IN6 PORTS);

	frame_start(&f);
	frame_ipv4(&f, SA, DA, 17, 0);
	frame_udp(&f, SP, DP);
	frame_end(&f);
	HASHED(&f, all_sets, UDP_IPV4, IN4 PORTS);
	begin6(&f, 17);
	frame_udp(&f, SP, DP);
	frame_end(&f);
	HASHED(&f, all_sets, UDP_IPV6, IN6 PORTS);
	HASHED(&f, ex_sets, UDP_IPV6_EX, IN6 PORTS);
}

static void test_ethertypes(void)
{
	static const u16 others[] = { 0x0000, 0x0026, 0x0806, 0x8847, 0x8863,
				      0x9100, 0x88e5, 0x0801, 0x86dc };
	struct frame f;
	unsigned int i;

	tcp4(&f);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		frame_poke16(&f, 12, others[i]);
		NOT_HASHED(&f, all_sets);
	}
	frame_poke16(&f, 12, 0x86dd);
	NOT_HASHED(&f, all_sets);
	tcp6(&f);
	frame_poke16(&f, 12, 0x0800);
	NOT_HASHED(&f, all_sets);
}

static void test_ip_version(void)
{
	unsigned int version;
	struct frame f;

	for (version = 0; version < 16; version++) {
		tcp4(&f);
		f.bytes[14] = version << 4 | 5;
		if (version == 4)
			HASHED(&f, all_sets, TCP_IPV4, IN4 PORTS);
		else
			NOT_HASHED(&f, all_sets);
		tcp6(&f);
		f.bytes[14] = version << 4 | 7;
		if (version == 6)
			HASHED(&f, all_sets, TCP_IPV6, IN6 PORTS);
		else
			NOT_HASHED(&f, all_sets);
	}
}

static void tagged(struct frame *f, const u16 *tpids, unsigned int n,
		   bool accel, bool ipv6)
{
	frame_start(f);
	f->vlan_accel = accel;
	while (n--)
		frame_tag(f, *tpids++);
	if (ipv6)
		frame_ipv6(f, SA6, DA6, 6);
	else
		frame_ipv4(f, SA, DA, 6, 0);
	frame_tcp(f, SP, DP);
	frame_end(f);
}

static void test_vlan_tags(void)
{
	static const u16 tpids[][3] = {
		{ 0x8100, 0x8100, 0x8100 }, { 0x88a8, 0x8100, 0x8100 },
		{ 0x88a8, 0x88a8, 0x88a8 }, { 0x8100, 0x88a8, 0x8100 },
	};
	unsigned int i, n, accel;
	struct frame f;

	for (i = 0; i < ARRAY_SIZE(tpids); i++)
		for (n = 0; n <= 3; n++)
			for (accel = 0; accel < 2; accel++) {
				tagged(&f, tpids[i], n, accel, false);
				if (n + accel <= 2)
					HASHED(&f, all_sets, TCP_IPV4,
					       IN4 PORTS);
				else
					NOT_HASHED(&f, all_sets);
				tagged(&f, tpids[i], n, accel, true);
				if (n + accel <= 2)
					HASHED(&f, all_sets, TCP_IPV6,
					       IN6 PORTS);
				else
					NOT_HASHED(&f, all_sets);
			}
}

static void test_ipv4_options(void)
{
	unsigned int options, ihl;
	struct frame f;

	for (options = 0; options <= 40; options += 4) {
		frame_start(&f);
		frame_ipv4(&f, SA, DA, 6, options);
		frame_tcp(&f, SP, DP);
		frame_end(&f);
		HASHED(&f, all_sets, TCP_IPV4, IN4 PORTS);
		HASHED(&f, ip_sets, IPV4, IN4);
	}
	for (ihl = 0; ihl < 5; ihl++) {
		tcp4(&f);
		f.bytes[14] = 0x40 | ihl;
		NOT_HASHED(&f, all_sets);
	}
	/* Options beyond the datagram and beyond the frame. */
	frame_start(&f);
	frame_ipv4(&f, SA, DA, 1, 8);
	frame_end(&f);
	HASHED(&f, all_sets, IPV4, IN4);
	f.bytes[14] = 0x48;
	NOT_HASHED(&f, all_sets);
	f.gso = true;
	NOT_HASHED(&f, all_sets);
}

static void test_ipv4_total_length(void)
{
	struct frame f;

	tcp4(&f);
	frame_poke16(&f, 16, 41);
	NOT_HASHED(&f, all_sets);
	frame_poke16(&f, 16, 40);
	frame_zero(&f, 6);
	HASHED(&f, all_sets, TCP_IPV4, IN4 PORTS);
	frame_poke16(&f, 16, 46);
	HASHED(&f, all_sets, TCP_IPV4, IN4 PORTS);
	/* The TCP header must not be padding. */
	frame_poke16(&f, 16, 39);
	NOT_HASHED(&f, all_sets);
	frame_poke16(&f, 16, 19);
	NOT_HASHED(&f, all_sets);
	frame_poke16(&f, 16, 0);
	NOT_HASHED(&f, all_sets);
	frame_zero(&f, 40);
	frame_poke16(&f, 16, 39);
	NOT_HASHED(&f, all_sets);

	frame_start(&f);
	frame_ipv4(&f, SA, DA, 1, 0);
	frame_poke16(&f, 16, 20);
	HASHED(&f, all_sets, IPV4, IN4);
	frame_poke16(&f, 16, 19);
	NOT_HASHED(&f, all_sets);
	frame_poke16(&f, 16, 21);
	NOT_HASHED(&f, all_sets);
}

static void test_gso_lengths(void)
{
	static const u16 lengths[] = { 0, 1, 19, 39, 40, 1500, 65535 };
	unsigned int i;
	struct frame f;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		tcp4(&f);
		f.gso = true;
		frame_poke16(&f, 16, lengths[i]);
		HASHED(&f, all_sets, TCP_IPV4, IN4 PORTS);
		f.len--;
		NOT_HASHED(&f, all_sets);

		tcp6(&f);
		f.gso = true;
		frame_poke16(&f, 18, lengths[i]);
		HASHED(&f, all_sets, TCP_IPV6, IN6 PORTS);
		f.len--;
		NOT_HASHED(&f, all_sets);
	}
}

static void test_ipv4_fragments(void)
{
	static const u16 fragments[] = { 0x2000, 0x2001, 0x0001, 0x1fff,
					 0x0100, 0x3fff, 0x6000 };
	unsigned int i;
	struct frame f;

	for (i = 0; i < ARRAY_SIZE(fragments); i++) {
		tcp4(&f);
		frame_poke16(&f, 20, fragments[i]);
		HASHED(&f, all_sets, IPV4, IN4);
		NOT_HASHED(&f, l4_sets);
		/* A fragment needn't have a whole TCP header. */
		frame_poke16(&f, 16, 28);
		HASHED(&f, all_sets, IPV4, IN4);
	}
	/* Don't fragment, and the reserved bit. */
	tcp4(&f);
	frame_poke16(&f, 20, 0x4000);
	HASHED(&f, all_sets, TCP_IPV4, IN4 PORTS);
	frame_poke16(&f, 20, 0xc000);
	HASHED(&f, all_sets, TCP_IPV4, IN4 PORTS);
}

static void check_transport_size(bool ipv6, u8 proto, unsigned int options,
				 unsigned int size)
{
	bool tcp = proto == 6;
	struct frame f;

	frame_start(&f);
	if (ipv6)
		frame_ipv6(&f, SA6, DA6, proto);
	else
		frame_ipv4(&f, SA, DA, proto, options);
	frame_put16(&f, SP);
	frame_put16(&f, DP);
	frame_zero(&f, 20);
	f.len -= 24 - size;
	frame_end(&f);

	if (size < (tcp ? 20 : 8)) {
		NOT_HASHED(&f, all_sets);
		NOT_HASHED(&f, ip_sets);
	} else if (ipv6) {
		check_hashed(&f, all_sets, tcp ? VMMQ_HASH_TCP_IPV6 :
			     VMMQ_HASH_UDP_IPV6, IN6 PORTS, __LINE__);
	} else {
		check_hashed(&f, all_sets, tcp ? VMMQ_HASH_TCP_IPV4 :
			     VMMQ_HASH_UDP_IPV4, IN4 PORTS, __LINE__);
	}
}

static void test_transport_cut_off(void)
{
	unsigned int size;

	for (size = 0; size <= 24; size++) {
		check_transport_size(false, 6, 0, size);
		check_transport_size(false, 6, 12, size);
		check_transport_size(false, 17, 0, size);
		check_transport_size(false, 17, 40, size);
		check_transport_size(true, 6, 0, size);
		check_transport_size(true, 17, 0, size);
	}
}

static void test_other_protocols(void)
{
	static const u8 protos[] = { 1, 2, 4, 41, 47, 50, 51, 58, 59, 89, 132,
				     135, 136, 139, 140, 253, 255 };
	unsigned int i, cut;
	struct frame f;

	for (i = 0; i < ARRAY_SIZE(protos); i++)
		for (cut = 0; cut <= 20; cut += 10) {
			tcp4(&f);
			f.bytes[23] = protos[i];
			f.len -= cut;
			frame_end(&f);
			HASHED(&f, all_sets, IPV4, IN4);
			NOT_HASHED(&f, l4_sets);

			tcp6(&f);
			f.bytes[20] = protos[i];
			f.len -= cut;
			frame_end(&f);
			HASHED(&f, all_sets, IPV6, IN6);
			HASHED(&f, ex_sets, IPV6_EX, IN6);
			NOT_HASHED(&f, l4_sets);
		}
	/* What are extension headers of IPv6 are just protocols in IPv4. */
	tcp4(&f);
	for (i = 0; i < 4; i++) {
		f.bytes[23] = "\0\x2b\x2c\x3c"[i];
		HASHED(&f, all_sets, IPV4, IN4);
	}
}

/* The set of a flow type is all there is: no other set steps in. */
static void test_empty_sets(void)
{
	static const u8 protos[6] = { 1, 6, 17, 58, 6, 17 };
	static const u8 none[6];
	unsigned int type;
	struct frame f;

	for (type = 0; type < 6; type++) {
		u8 but_one[6], only_ex[6] = {};

		memcpy(but_one, all_sets, 6);
		but_one[type] = 0;
		only_ex[type] = 0x10;
		frame_start(&f);
		if (type < 3)
			frame_ipv4(&f, SA, DA, protos[type], 0);
		else
			frame_ipv6(&f, SA6, DA6, protos[type]);
		frame_tcp(&f, SP, DP);
		frame_end(&f);
		NOT_HASHED(&f, none);
		NOT_HASHED(&f, but_one);
		NOT_HASHED(&f, only_ex);
		ktap_check(frame_parse(&f, f.len, all_sets).hashable,
			   "flow type %u", type);
	}
}

static const char *concatenated(unsigned int set, bool ipv6, bool ex)
{
	static char text[80];

	text[0] = 0;
	if (set & 1)
		strcat(text, !ipv6 ? "0a010203" : ex ? INHOME6 : INSA6);
	if (set & 2)
		strcat(text, !ipv6 ? "0a040506" : ex ? INVIA6 : INDA6);
	if (set & 4)
		strcat(text, "1122");
	if (set & 8)
		strcat(text, "3344");
	return text;
}

static void test_every_set_ipv4(void)
{
	unsigned int set, options;
	struct frame f;

	for (set = 1; set < 16; set++)
		for (options = 0; options < 12; options += 4) {
			u8 sets[6] = { 0, set };

			frame_start(&f);
			frame_ipv4(&f, SA, DA, 6, options);
			frame_tcp(&f, SP, DP);
			frame_end(&f);
			check_hashed(&f, sets, set & 0x0c ? VMMQ_HASH_TCP_IPV4 :
				     VMMQ_HASH_IPV4,
				     concatenated(set, false, false), __LINE__);
		}
}

static void test_every_set_ipv6(void)
{
	unsigned int set, ex, headers;
	struct frame f;

	for (set = 1; set < 16; set++)
		for (ex = 0; ex < 2; ex++)
			for (headers = 0; headers < 2; headers++) {
				u8 sets[6] = { [5] = set | ex << 4 };
				u8 type = set & 0x0c ? VMMQ_HASH_UDP_IPV6 :
						       VMMQ_HASH_IPV6;

				begin6(&f, headers ? 43 : 17);
				if (headers) {
					frame_routing2(&f, 60, VIA6);
					frame_home(&f, 17, HOME6);
				}
				end6(&f);
				check_hashed(&f, sets, type + 3 * ex,
					     concatenated(set, true,
							  ex && headers),
					     __LINE__);
			}
}

/* Ports in a set of IP alone aren't valid; they change nothing. */
static void test_ports_of_ip_alone(void)
{
	static const u8 sets[6] = { 0x0f, 0, 0, 0x1f, 0, 0 };
	static const u8 ports[6] = { 0x0c, 0, 0, 0x0c, 0, 0 };
	struct frame f;

	tcp4(&f);
	f.bytes[23] = 132;
	HASHED(&f, sets, IPV4, IN4);
	NOT_HASHED(&f, ports);
	tcp6(&f);
	f.bytes[20] = 132;
	HASHED(&f, sets, IPV6_EX, IN6);
	NOT_HASHED(&f, ports);
}

static bool parses_direct(const struct frame *f, unsigned int linear, u8 set)
{
	u8 sets[6];

	memset(sets, set, sizeof(sets));
	return frame_parse(f, linear, sets).direct;
}

/* Bytes that stand side by side are hashed where they are. */
static void test_no_copy(void)
{
	static const u8 side_by_side[] = { 1, 2, 3, 4, 6, 7, 8, 12, 14, 15 };
	unsigned int i;
	struct frame f;

	for (i = 0; i < ARRAY_SIZE(side_by_side); i++) {
		tcp4(&f);
		ktap_check(parses_direct(&f, 38, side_by_side[i]),
			   "ipv4 set %#x", side_by_side[i]);
		tcp6(&f);
		ktap_check(parses_direct(&f, 58, side_by_side[i]),
			   "ipv6 set %#x", side_by_side[i]);
	}
	frame_start(&f);
	frame_ipv4(&f, SA, DA, 6, 8);
	frame_tcp(&f, SP, DP);
	frame_end(&f);
	ktap_check(parses_direct(&f, 34, 3), "addresses before options");
	ktap_check(!parses_direct(&f, f.len, 15), "ports behind options");
	tcp4(&f);
	ktap_check(parses_direct(&f, 34, 3), "just the header is linear");
	ktap_check(!parses_direct(&f, 37, 15), "a port isn't linear");
}

static void test_short_frames(void)
{
	static const u8 nothing[12];
	struct frame f;

	memset(&f, 0, sizeof(f));
	NOT_HASHED(&f, all_sets);
	frame_put(&f, nothing, sizeof(nothing));
	NOT_HASHED(&f, all_sets);
	frame_put8(&f, 0x08);
	NOT_HASHED(&f, all_sets);
	frame_put8(&f, 0x00);
	NOT_HASHED(&f, all_sets);
	frame_poke16(&f, 12, 0x86dd);
	NOT_HASHED(&f, all_sets);
	frame_poke16(&f, 12, 0x8100);
	NOT_HASHED(&f, all_sets);
}

static void test_ipv6_payload_length(void)
{
	struct frame f;

	tcp6(&f);
	frame_poke16(&f, 18, 21);
	NOT_HASHED(&f, all_sets);
	frame_zero(&f, 1);
	HASHED(&f, all_sets, TCP_IPV6, IN6 PORTS);
	frame_poke16(&f, 18, 20);
	HASHED(&f, all_sets, TCP_IPV6, IN6 PORTS);
	frame_poke16(&f, 18, 19);
	NOT_HASHED(&f, all_sets);
	frame_poke16(&f, 18, 0);
	NOT_HASHED(&f, all_sets);
	f.bytes[20] = 59;
	HASHED(&f, all_sets, IPV6, IN6);
	f.len = 54;
	HASHED(&f, all_sets, IPV6, IN6);
	f.len = 53;
	NOT_HASHED(&f, all_sets);
	f.gso = true;
	NOT_HASHED(&f, all_sets);
}

static void test_extension_headers(void)
{
	static const u8 kinds[] = { 0, 43, 60 };
	unsigned int i, size;
	struct frame f;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		for (size = 8; size <= 40; size += 8) {
			begin6(&f, kinds[i]);
			frame_extension(&f, 6, size);
			end6(&f);
			HASHED(&f, all_sets, TCP_IPV6, IN6 PORTS);
			HASHED(&f, ip_sets, IPV6, IN6);
		}

	begin6(&f, 0);
	frame_extension(&f, 60, 8);
	frame_extension(&f, 43, 16);
	frame_extension(&f, 44, 24);
	frame_fragment(&f, 60, 0);
	frame_extension(&f, 17, 16);
	frame_udp(&f, SP, DP);
	frame_end(&f);
	HASHED(&f, all_sets, UDP_IPV6, IN6 PORTS);

	/* A protocol that isn't known ends the walk. */
	begin6(&f, 43);
	frame_extension(&f, 51, 8);
	frame_extension(&f, 6, 24);
	end6(&f);
	HASHED(&f, all_sets, IPV6, IN6);
	NOT_HASHED(&f, l4_sets);
}

static void test_hop_by_hop_comes_first(void)
{
	struct frame f;

	begin6(&f, 60);
	frame_extension(&f, 0, 8);
	frame_extension(&f, 6, 8);
	end6(&f);
	NOT_HASHED(&f, all_sets);
	begin6(&f, 0);
	frame_extension(&f, 0, 8);
	frame_extension(&f, 6, 8);
	end6(&f);
	NOT_HASHED(&f, all_sets);
	begin6(&f, 44);
	frame_fragment(&f, 0, 0);
	frame_extension(&f, 6, 8);
	end6(&f);
	NOT_HASHED(&f, all_sets);
}

static void test_extension_header_limit(void)
{
	unsigned int n, i;
	struct frame f;

	for (n = 14; n <= 18; n++) {
		begin6(&f, 60);
		for (i = 1; i < n; i++)
			frame_extension(&f, 60, 8);
		frame_extension(&f, 6, 8);
		end6(&f);
		if (n <= 16)
			HASHED(&f, all_sets, TCP_IPV6, IN6 PORTS);
		else
			NOT_HASHED(&f, all_sets);
	}
}

static void test_extension_cut_off(void)
{
	static const u8 kinds[] = { 0, 43, 44, 60 };
	unsigned int i, size;
	struct frame f;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		/* By the end of the frame, then by the payload length alone. */
		for (size = 0; size < 16; size++) {
			begin6(&f, kinds[i]);
			frame_put8(&f, 59);
			frame_put8(&f, 1);
			frame_zero(&f, 14);
			f.len -= 16 - size;
			frame_end(&f);
			if (kinds[i] == 44 && size >= 8)
				HASHED(&f, all_sets, IPV6, IN6);
			else
				NOT_HASHED(&f, all_sets);
			frame_zero(&f, 40);
			if (kinds[i] == 44 && size >= 8)
				HASHED(&f, all_sets, IPV6, IN6);
			else
				NOT_HASHED(&f, all_sets);
		}
		begin6(&f, kinds[i]);
		frame_extension(&f, 59, 8);
		frame_end(&f);
		HASHED(&f, all_sets, IPV6, IN6);
		if (kinds[i] == 44)
			continue;
		f.bytes[55] = 255;
		NOT_HASHED(&f, all_sets);
	}
}

static void test_ipv6_fragments(void)
{
	static const u16 fragments[] = { 0x0001, 0x0008, 0x0009, 0x8000,
					 0xfff8, 0xffff, 0x0100 };
	unsigned int i;
	struct frame f;

	for (i = 0; i < ARRAY_SIZE(fragments); i++) {
		begin6(&f, 44);
		frame_fragment(&f, 6, fragments[i]);
		end6(&f);
		HASHED(&f, all_sets, IPV6, IN6);
		HASHED(&f, ex_sets, IPV6_EX, IN6);
		NOT_HASHED(&f, l4_sets);
		/* Cut off right behind the fragment header. */
		f.len = f.ip + 48;
		frame_end(&f);
		HASHED(&f, all_sets, IPV6, IN6);
	}
	/* Atomic, also with the reserved bits set. */
	for (i = 0; i < 8; i += 2) {
		begin6(&f, 44);
		frame_fragment(&f, 6, i);
		end6(&f);
		HASHED(&f, all_sets, TCP_IPV6, IN6 PORTS);
	}
	/* What stands behind a fragment header isn't looked at. */
	begin6(&f, 44);
	frame_fragment(&f, 60, 1);
	frame_put8(&f, 6);
	frame_put8(&f, 200);
	frame_end(&f);
	HASHED(&f, all_sets, IPV6, IN6);
}

static void test_ex_addresses(void)
{
	struct frame f;

	begin6(&f, 60);
	frame_home(&f, 6, HOME6);
	end6(&f);
	HASHED(&f, ex_sets, TCP_IPV6_EX, INHOME6 INDA6 PORTS);
	HASHED(&f, all_sets, TCP_IPV6, IN6 PORTS);

	begin6(&f, 43);
	frame_routing2(&f, 6, VIA6);
	end6(&f);
	HASHED(&f, ex_sets, TCP_IPV6_EX, INSA6 INVIA6 PORTS);
	HASHED(&f, all_sets, TCP_IPV6, IN6 PORTS);

	/* For any protocol, behind any header. */
	begin6(&f, 0);
	frame_extension(&f, 43, 16);
	frame_routing2(&f, 44, VIA6);
	frame_fragment(&f, 60, 0);
	frame_home(&f, 132, HOME6);
	end6(&f);
	HASHED(&f, ex_sets, IPV6_EX, INHOME6 INVIA6);
	HASHED(&f, all_sets, IPV6, IN6);
}

/* Only the flow type's own set decides. */
static void test_ex_of_one_type(void)
{
	static const u8 tcp_only[6] = { 0, 0, 0, 0x03, 0x1f, 0x0f };
	static const u8 all_but_tcp[6] = { 0, 0, 0, 0x13, 0x0f, 0x1f };
	struct frame f;

	begin6(&f, 60);
	frame_home(&f, 6, HOME6);
	end6(&f);
	HASHED(&f, tcp_only, TCP_IPV6_EX, INHOME6 INDA6 PORTS);
	HASHED(&f, all_but_tcp, TCP_IPV6, IN6 PORTS);
	f.bytes[54] = 17;
	HASHED(&f, tcp_only, UDP_IPV6, IN6 PORTS);
	HASHED(&f, all_but_tcp, UDP_IPV6_EX, INHOME6 INDA6 PORTS);
	f.bytes[54] = 58;
	HASHED(&f, tcp_only, IPV6, IN6);
	HASHED(&f, all_but_tcp, IPV6_EX, INHOME6 INDA6);
}

static void test_ex_first_wins(void)
{
	struct frame f;

	begin6(&f, 60);
	frame_home(&f, 43, HOME6);
	frame_routing2(&f, 43, VIA6);
	frame_routing2(&f, 60, "2001:db8::dead");
	frame_home(&f, 6, "2001:db8::beef");
	end6(&f);
	HASHED(&f, ex_sets, TCP_IPV6_EX, INHOME6 INVIA6 PORTS);

	/* Twice in one header. */
	begin6(&f, 60);
	frame_home(&f, 6, HOME6);
	f.bytes[55] = 5;
	frame_zero(&f, 4);
	frame_put16(&f, 0xc910);
	frame_put(&f, f.bytes + 22, 16);
	frame_put16(&f, 0);
	end6(&f);
	HASHED(&f, ex_sets, TCP_IPV6_EX, INHOME6 INDA6 PORTS);
}

static void test_ex_and_fragments(void)
{
	struct frame f;

	begin6(&f, 43);
	frame_routing2(&f, 44, VIA6);
	frame_fragment(&f, 60, 1);
	frame_home(&f, 6, HOME6);
	end6(&f);
	HASHED(&f, ex_sets, IPV6_EX, INSA6 INVIA6);
	/* A malformed option behind the fragment header is not seen. */
	f.bytes[f.ip + 40 + 24 + 8 + 3] = 250;
	HASHED(&f, ex_sets, IPV6_EX, INSA6 INVIA6);
}

static void test_ex_looks_in_the_right_headers(void)
{
	unsigned int type;
	struct frame f;

	/* A home address among hop-by-hop options is none. */
	begin6(&f, 0);
	frame_home(&f, 6, HOME6);
	end6(&f);
	HASHED(&f, ex_sets, TCP_IPV6_EX, IN6 PORTS);
	/* Nor are those options examined. */
	f.bytes[57] = 250;
	HASHED(&f, ex_sets, TCP_IPV6_EX, IN6 PORTS);
	/* Routing headers of other types, of any size. */
	for (type = 0; type < 256; type++) {
		if (type == 2)
			continue;
		begin6(&f, 43);
		frame_routing2(&f, 6, VIA6);
		f.bytes[56] = type;
		end6(&f);
		HASHED(&f, ex_sets, TCP_IPV6_EX, IN6 PORTS);
	}
	begin6(&f, 43);
	frame_extension(&f, 6, 8);
	end6(&f);
	HASHED(&f, ex_sets, TCP_IPV6_EX, IN6 PORTS);
}

/* Wrong for extended addresses; stepped over for plain ones. */
#define MALFORMED(f)						\
	do {							\
		NOT_HASHED(f, ex_sets);				\
		HASHED(f, all_sets, TCP_IPV6, IN6 PORTS);	\
	} while (0)

static void test_ex_malformed_routing(void)
{
	unsigned int size;
	struct frame f;

	for (size = 8; size <= 48; size += 8) {
		begin6(&f, 43);
		frame_extension(&f, 6, size);
		f.bytes[56] = 2;
		end6(&f);
		if (size == 24)
			HASHED(&f, ex_sets, TCP_IPV6_EX,
			       INSA6 "00000000000000000000000000000000" PORTS);
		else
			MALFORMED(&f);
	}
	/* Also behind a good one. */
	begin6(&f, 43);
	frame_routing2(&f, 43, VIA6);
	frame_extension(&f, 6, 16);
	f.bytes[80] = 2;
	end6(&f);
	MALFORMED(&f);
}

static void test_ex_malformed_options(void)
{
	unsigned int size;
	struct frame f;

	for (size = 0; size < 256; size++) {
		begin6(&f, 60);
		frame_home(&f, 6, HOME6);
		f.bytes[61] = size;
		end6(&f);
		if (size == 16)
			HASHED(&f, ex_sets, TCP_IPV6_EX, INHOME6 INDA6 PORTS);
		else
			MALFORMED(&f);
	}
	/* Another option that leaves the header by a byte, or just doesn't. */
	begin6(&f, 60);
	frame_extension(&f, 6, 16);
	f.bytes[56] = 0x1e;
	f.bytes[57] = 13;
	end6(&f);
	MALFORMED(&f);
	f.bytes[57] = 12;
	HASHED(&f, ex_sets, TCP_IPV6_EX, IN6 PORTS);
	/* A last byte that has no room for its length. */
	f.bytes[57] = 11;
	f.bytes[69] = 1;
	MALFORMED(&f);
	f.bytes[69] = 0;
	HASHED(&f, ex_sets, TCP_IPV6_EX, IN6 PORTS);
	/* Behind a good home address. */
	begin6(&f, 60);
	frame_home(&f, 60, HOME6);
	frame_extension(&f, 6, 8);
	f.bytes[78 + 2] = 1;
	f.bytes[78 + 3] = 5;
	end6(&f);
	MALFORMED(&f);
}

/* Pads are options too. */
static void test_ex_option_limit(void)
{
	struct frame f;

	begin6(&f, 60);
	frame_extension(&f, 60, 128);	/* 126 Pad1 */
	frame_extension(&f, 6, 8);
	f.bytes[f.len - 6] = 0x1e;
	f.bytes[f.len - 5] = 3;		/* this and a Pad1 */
	end6(&f);
	HASHED(&f, ex_sets, TCP_IPV6_EX, IN6 PORTS);
	f.bytes[f.len - 20 - 5] = 2;	/* two */
	MALFORMED(&f);

	begin6(&f, 60);
	frame_extension(&f, 60, 136);
	frame_home(&f, 6, HOME6);
	end6(&f);
	MALFORMED(&f);
}

static int copy_fails(const struct vmmq_pkt *pkt, u32 off, void *to, u32 len)
{
	(void)pkt;
	(void)off;
	memset(to, 0x45, len);
	return -EFAULT;
}

static void test_copy_fails(void)
{
	struct vmmq_pkt pkt = { .copy = copy_fails };
	struct vmmq_flow flow;
	struct frame f;

	begin6(&f, 60);
	frame_home(&f, 6, HOME6);
	end6(&f);
	pkt.data = f.bytes;
	pkt.len = f.len;
	/* All that is needed is what stands before the end of the ports. */
	for (pkt.linear = 0; pkt.linear < 82; pkt.linear++) {
		ktap_check(!vmmq_flow_parse(&pkt, ex_sets, &flow) &&
			   flow.type == VMMQ_HASH_NONE && flow.len == 0,
			   "%u bytes linear", pkt.linear);
	}
	ktap_check(vmmq_flow_parse(&pkt, ex_sets, &flow), "82 bytes linear");
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "published_vectors", test_vectors },
		{ "published_vectors_by_extended_addresses", test_ex_vectors },
		{ "hash_types", test_hash_types },
		{ "ethertypes", test_ethertypes },
		{ "ip_version", test_ip_version },
		{ "vlan_tags", test_vlan_tags },
		{ "ipv4_options", test_ipv4_options },
		{ "ipv4_total_length", test_ipv4_total_length },
		{ "gso_lengths", test_gso_lengths },
		{ "ipv4_fragments", test_ipv4_fragments },
		{ "transport_cut_off", test_transport_cut_off },
		{ "other_protocols", test_other_protocols },
		{ "empty_sets", test_empty_sets },
		{ "every_set_ipv4", test_every_set_ipv4 },
		{ "every_set_ipv6", test_every_set_ipv6 },
		{ "ports_of_ip_alone", test_ports_of_ip_alone },
		{ "no_copy", test_no_copy },
		{ "short_frames", test_short_frames },
		{ "ipv6_payload_length", test_ipv6_payload_length },
		{ "extension_headers", test_extension_headers },
		{ "hop_by_hop_comes_first", test_hop_by_hop_comes_first },
		{ "extension_header_limit", test_extension_header_limit },
		{ "extension_cut_off", test_extension_cut_off },
		{ "ipv6_fragments", test_ipv6_fragments },
		{ "ex_addresses", test_ex_addresses },
		{ "ex_of_one_type", test_ex_of_one_type },
		{ "ex_first_wins", test_ex_first_wins },
		{ "ex_and_fragments", test_ex_and_fragments },
		{ "ex_looks_in_the_right_headers",
		  test_ex_looks_in_the_right_headers },
		{ "ex_malformed_routing", test_ex_malformed_routing },
		{ "ex_malformed_options", test_ex_malformed_options },
		{ "ex_option_limit", test_ex_option_limit },
		{ "copy_fails", test_copy_fails },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
