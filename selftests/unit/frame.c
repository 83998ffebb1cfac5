// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "reference.h"

void frame_put(struct frame *f, const void *bytes, unsigned int n)
{
	if (f->len + n > FRAME_MAX)
		abort();
	memcpy(f->bytes + f->len, bytes, n);
	f->len += n;
}

void frame_zero(struct frame *f, unsigned int n)
{
	if (f->len + n > FRAME_MAX)
		abort();
	memset(f->bytes + f->len, 0, n);
	f->len += n;
}

void frame_put8(struct frame *f, u8 value)
{
	frame_put(f, &value, 1);
}

void frame_put16(struct frame *f, u16 value)
{
	frame_put8(f, value >> 8);
	frame_put8(f, value & 0xff);
}

void frame_poke16(struct frame *f, unsigned int at, u16 value)
{
	f->bytes[at] = value >> 8;
	f->bytes[at + 1] = value & 0xff;
}

static void frame_address(struct frame *f, const char *text)
{
	bool ipv6 = strchr(text, ':');
	u8 addr[16];

	if (inet_pton(ipv6 ? AF_INET6 : AF_INET, text, addr) != 1)
		abort();
	frame_put(f, addr, ipv6 ? 16 : 4);
}

void frame_start(struct frame *f)
{
	static const u8 macs[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

	memset(f, 0, sizeof(*f));
	frame_put(f, macs, sizeof(macs));
}

void frame_tag(struct frame *f, u16 tpid)
{
	frame_put16(f, tpid);
	frame_put16(f, 0x2064);
}

void frame_ipv4(struct frame *f, const char *src, const char *dst, u8 proto,
		unsigned int options)
{
	frame_put16(f, 0x0800);
	f->ip = f->len;
	frame_put8(f, 0x45 + options / 4);
	frame_zero(f, 7);
	frame_put8(f, 64);
	frame_put8(f, proto);
	frame_put16(f, 0xbeef);
	frame_address(f, src);
	frame_address(f, dst);
	while (options--)
		frame_put8(f, 1);
}

void frame_ipv6(struct frame *f, const char *src, const char *dst, u8 next)
{
	frame_put16(f, 0x86dd);
	f->ip = f->len;
	frame_put8(f, 0x60);
	frame_zero(f, 5);
	frame_put8(f, next);
	frame_put8(f, 64);
	frame_address(f, src);
	frame_address(f, dst);
}

void frame_extension(struct frame *f, u8 next, unsigned int size)
{
	frame_put8(f, next);
	frame_put8(f, size / 8 - 1);
	frame_zero(f, size - 2);
}

void frame_fragment(struct frame *f, u8 next, u16 offset_and_flags)
{
	frame_put8(f, next);
	frame_put8(f, 0);
	frame_put16(f, offset_and_flags);
	frame_put16(f, 0x1234);
	frame_put16(f, 0x5678);
}

void frame_home(struct frame *f, u8 next, const char *home)
{
	static const u8 pad4[4] = { 1, 2 };

	frame_put8(f, next);
	frame_put8(f, 2);
	frame_put(f, pad4, sizeof(pad4));
	frame_put8(f, 0xc9);
	frame_put8(f, 16);
	frame_address(f, home);
}

void frame_routing2(struct frame *f, u8 next, const char *addr)
{
	static const u8 type2_left1[6] = { 2, 1 };

	frame_put8(f, next);
	frame_put8(f, 2);
	frame_put(f, type2_left1, sizeof(type2_left1));
	frame_address(f, addr);
}

void frame_tcp(struct frame *f, u16 sport, u16 dport)
{
	frame_put16(f, sport);
	frame_put16(f, dport);
	frame_zero(f, 8);
	frame_put16(f, 0x5010);
	frame_zero(f, 6);
}

void frame_udp(struct frame *f, u16 sport, u16 dport)
{
	frame_put16(f, sport);
	frame_put16(f, dport);
	frame_put16(f, 8);
	frame_put16(f, 0);
}

void frame_end(struct frame *f)
{
	bool ipv6 = f->bytes[f->ip] >> 4 == 6;

	if (ipv6)
		frame_poke16(f, f->ip + 4, f->len - f->ip - 40);
	else
		frame_poke16(f, f->ip + 2, f->len - f->ip);
}

/* Copying what could be read directly, or nothing, is not an error, but
 * reaching out of the frame is.
 */
static int copy_from_rest(const struct vmmq_pkt *pkt, u32 off, void *to,
			  u32 len)
{
	const u8 *all = pkt->ctx;

	if (len > pkt->len || off > pkt->len - len)
		abort();
	memcpy(to, all + off, len);
	return 0;
}

struct verdict frame_parse(const struct frame *f, unsigned int linear,
			   const u8 fields[VMMQ_FLOW_TYPES])
{
	u8 *head = malloc(linear), *all = malloc(f->len);
	struct vmmq_pkt pkt = {
		.data = head,
		.linear = linear,
		.len = f->len,
		.vlan_accel = f->vlan_accel,
		.gso = f->gso,
		.copy = copy_from_rest,
		.ctx = all,
	};
	struct vmmq_flow *flow = malloc(sizeof(*flow));
	struct verdict v = {};

	memcpy(head, f->bytes, linear);
	memcpy(all, f->bytes, f->len);
	memset(flow, 0xa5, sizeof(*flow));
	v.hashable = vmmq_flow_parse(&pkt, fields, flow);
	v.type = flow->type;
	v.len = flow->len;
	if (flow->len > sizeof(v.input))
		abort();
	memcpy(v.input, flow->input, flow->len);
	v.direct = flow->input != flow->buf;
	free(flow);
	free(head);
	free(all);
	return v;
}

bool verdict_same(const struct verdict *a, const struct verdict *b)
{
	return a->hashable == b->hashable && a->type == b->type &&
	       a->len == b->len && !memcmp(a->input, b->input, a->len);
}

struct verdict frame_reference(const struct frame *f,
			       const u8 fields[VMMQ_FLOW_TYPES])
{
	u8 *all = malloc(f->len);
	struct verdict v = {};
	const char *name;

	memcpy(all, f->bytes, f->len);
	v.len = reference_parse(all, f->len, f->vlan_accel, f->gso, fields,
				v.input, &name);
	v.hashable = v.len;
	while (v.type < VMMQ_HASH_TYPES &&
	       strcmp(vmmq_hash_type_name(v.type), name))
		v.type++;
	free(all);
	return v;
}
