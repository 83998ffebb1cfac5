// SPDX-License-Identifier: GPL-2.0
/* The fields of a frame that ntuple rules compare. */
#include <string.h>

#include "tuple.h"

#include "frame.h"
#include "ktap.h"

#define SA	"192.0.2.1"
#define DA	"198.51.100.9"
#define SA6	"2001:db8::1"
#define DA6	"2001:db8::9"

static int copy(const struct vmmq_pkt *pkt, u32 off, void *to, u32 len)
{
	memcpy(to, (const u8 *)pkt->ctx + off, len);
	return 0;
}

/* However much of the frame is linear the tuple is the same. */
static struct vmmq_tuple tuple_of(const struct frame *f)
{
	struct vmmq_tuple first, tuple;
	struct vmmq_pkt pkt = {
		.data = f->bytes,
		.linear = f->len,
		.len = f->len,
		.vlan_accel = f->vlan_accel,
		.gso = f->gso,
		.copy = copy,
		.ctx = f->bytes,
	};

	vmmq_tuple_parse(&pkt, &first);
	for (pkt.linear = 0; pkt.linear < f->len; pkt.linear++) {
		memset(&tuple, 0xa5, sizeof(tuple));
		vmmq_tuple_parse(&pkt, &tuple);
		ktap_check(vmmq_tuple_same(&tuple, &first), "linear %u",
			   pkt.linear);
	}
	return first;
}

static bool is(const u8 *bytes, const char *want, unsigned int n)
{
	return !memcmp(bytes, want, n);
}

static void test_tcp4(void)
{
	struct vmmq_tuple t;
	struct frame f;

	frame_start(&f);
	memcpy(f.bytes, "\1\2\3\4\5\6\7\10\11\12\13\14", 12);
	frame_ipv4(&f, SA, DA, 6, 8);
	f.bytes[f.ip + 1] = 0xb8;
	frame_tcp(&f, 0x1234, 0x5678);
	frame_end(&f);
	t = tuple_of(&f);
	ktap_check(is(t.dst_mac, "\1\2\3\4\5\6\7\10\11\12\13\14", 12), "MACs");
	ktap_check(is((u8 *)&t.ethertype, "\x08\x00", 2), "ethertype");
	ktap_check(!t.tagged && !t.vlan_tci && !t.vlan_type, "no tag");
	ktap_check(t.version == 4 && t.tos == 0xb8 && t.proto == 6, "header");
	ktap_check(t.transport == 6 && t.has_ports, "transport");
	ktap_check(is(t.ports, "\x12\x34\x56\x78", 4), "ports");
	ktap_check(is(t.src, "\xc0\x00\x02\x01\0\0\0\0", 8), "source");
	ktap_check(is(t.dst, "\xc6\x33\x64\x09\0\0\0\0", 8), "destination");
	ktap_check(is(t.zero, "\0\0\0\0", 4), "what is left over");
}

static void test_udp6(void)
{
	struct vmmq_tuple t;
	struct frame f;

	frame_start(&f);
	frame_ipv6(&f, SA6, DA6, 60);
	f.bytes[f.ip] = 0x6b;
	f.bytes[f.ip + 1] = 0x8f;
	frame_home(&f, 17, "2001:db8::77");
	frame_udp(&f, 0x1234, 0x5678);
	frame_end(&f);
	t = tuple_of(&f);
	ktap_check(is((u8 *)&t.ethertype, "\x86\xdd", 2), "ethertype");
	ktap_check(t.version == 6 && t.tos == 0xb8, "header");
	ktap_check(t.proto == 17 && t.transport == 17, "behind the options");
	ktap_check(t.has_ports && is(t.ports, "\x12\x34\x56\x78", 4), "ports");
	ktap_check(t.src[15] == 1 && t.dst[15] == 9, "the header's addresses");
}

static void test_tags(void)
{
	struct vmmq_tuple t;
	struct frame f;

	frame_start(&f);
	frame_tag(&f, 0x88a8);
	frame_tag(&f, 0x8100);
	f.bytes[14] = 0xa0;
	f.bytes[15] = 0x07;
	frame_ipv4(&f, SA, DA, 17, 0);
	frame_udp(&f, 1, 2);
	frame_end(&f);
	t = tuple_of(&f);
	ktap_check(t.tagged == 1, "tagged");
	ktap_check(is((u8 *)&t.vlan_type, "\x88\xa8", 2), "type of the outer");
	ktap_check(is((u8 *)&t.vlan_tci, "\xa0\x07", 2), "the outer tag");
	ktap_check(is((u8 *)&t.ethertype, "\x08\x00", 2), "behind the tags");
	f.vlan_accel = true;
	t = tuple_of(&f);
	ktap_check(!t.version && !t.ethertype, "three tags are too many");
}

static void test_fragments(void)
{
	struct vmmq_tuple t;
	struct frame f;

	frame_start(&f);
	frame_ipv4(&f, SA, DA, 6, 0);
	frame_poke16(&f, f.ip + 6, 0x2000);
	frame_tcp(&f, 1, 2);
	frame_end(&f);
	t = tuple_of(&f);
	ktap_check(t.version == 4 && t.proto == 6, "IP header");
	ktap_check(!t.transport && !t.has_ports && is(t.ports, "\0\0\0\0", 4),
		   "no ports");
}

/* Transport headers that are there in part */
static void check_short(u8 proto, unsigned int need)
{
	unsigned int have;
	struct frame f;

	for (have = 0; have <= need; have++) {
		struct vmmq_tuple t;

		frame_start(&f);
		frame_ipv4(&f, SA, DA, proto, 0);
		frame_zero(&f, have);
		frame_end(&f);
		frame_zero(&f, 20);
		t = tuple_of(&f);
		ktap_check(t.proto == proto, "protocol");
		ktap_check(t.transport == (have == need ? proto : 0),
			   "protocol %u of %u bytes: %u", proto, have,
			   t.transport);
		ktap_check(t.has_ports == (have >= 4), "%u bytes", have);
	}
}

static void test_short_headers(void)
{
	check_short(6, 20);
	check_short(17, 8);
	check_short(132, 12);
}

static void test_no_ip(void)
{
	static const struct vmmq_tuple zero;
	struct vmmq_tuple t;
	struct frame f;

	frame_start(&f);
	frame_put16(&f, 0x88cc);
	frame_zero(&f, 46);
	t = tuple_of(&f);
	ktap_check(is((u8 *)&t.ethertype, "\x88\xcc", 2), "ethertype");
	ktap_check(!t.version, "no IP");

	frame_start(&f);
	frame_ipv4(&f, SA, DA, 6, 0);
	frame_tcp(&f, 1, 2);
	frame_end(&f);
	f.bytes[f.ip] = 0x65;
	t = tuple_of(&f);
	ktap_check(!t.version && !t.proto && !t.has_ports, "wrong version");
	f.len = 11;
	t = tuple_of(&f);
	ktap_check(vmmq_tuple_same(&t, &zero), "cut off");
}

static void test_mask(void)
{
	struct vmmq_tuple a, b, m;
	unsigned int i;

	memset(&m, 0, sizeof(m));
	for (i = 0; i < sizeof(a); i++) {
		memset(&a, 0x5a, sizeof(a));
		((u8 *)&m)[i] = 0x0f;
		vmmq_tuple_mask(&a, &a, &m);
		ktap_check(((u8 *)&a)[i] == 0x0a, "byte %u kept", i);
		b = a;
		((u8 *)&b)[i] ^= 1;
		ktap_check(!vmmq_tuple_same(&a, &b), "byte %u compared", i);
		ktap_check(vmmq_tuple_hash(&a, 1) != vmmq_tuple_hash(&b, 1),
			   "byte %u hashed", i);
		((u8 *)&m)[i] = 0;
	}
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "tcp4", test_tcp4 },
		{ "udp6", test_udp6 },
		{ "tags", test_tags },
		{ "fragments", test_fragments },
		{ "short_headers", test_short_headers },
		{ "no_ip", test_no_ip },
		{ "mask", test_mask },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
