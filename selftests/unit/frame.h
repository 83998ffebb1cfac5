/* SPDX-License-Identifier: GPL-2.0 */
/* Frames, put together from the front, and what the parser says of them. */
#ifndef UNIT_FRAME_H
#define UNIT_FRAME_H

#include "flow.h"

#define FRAME_MAX	8192

struct frame {
	u8 bytes[FRAME_MAX];
	unsigned int len;
	unsigned int ip;	/* where the IP header is */
	bool vlan_accel;
	bool gso;
};

/* What the parser said. Direct: the bytes are those in the frame. */
struct verdict {
	bool hashable;
	bool direct;
	u8 type;
	u8 len;
	u8 input[40];
};

void frame_start(struct frame *f);
void frame_put(struct frame *f, const void *bytes, unsigned int n);
void frame_zero(struct frame *f, unsigned int n);
void frame_put8(struct frame *f, u8 value);
void frame_put16(struct frame *f, u16 value);
void frame_poke16(struct frame *f, unsigned int at, u16 value);

void frame_tag(struct frame *f, u16 tpid);
/* @options: bytes, a multiple of 4 */
void frame_ipv4(struct frame *f, const char *src, const char *dst, u8 proto,
		unsigned int options);
void frame_ipv6(struct frame *f, const char *src, const char *dst, u8 next);
/* An extension header of @size bytes, 8 at least; behind it, @next. */
void frame_extension(struct frame *f, u8 next, unsigned int size);
void frame_fragment(struct frame *f, u8 next, u16 offset_and_flags);
void frame_home(struct frame *f, u8 next, const char *home);
void frame_routing2(struct frame *f, u8 next, const char *addr);
void frame_tcp(struct frame *f, u16 sport, u16 dport);
void frame_udp(struct frame *f, u16 sport, u16 dport);
/* The IP header's length field := all that was put behind it. */
void frame_end(struct frame *f);

/* Parses the frame with its first @linear bytes readable, the others only by
 * copying. Both lie in memory of exactly their size.
 */
struct verdict frame_parse(const struct frame *f, unsigned int linear,
			   const u8 fields[VMMQ_FLOW_TYPES]);
bool verdict_same(const struct verdict *a, const struct verdict *b);
/* What the reference says; "direct" is not its business. */
struct verdict frame_reference(const struct frame *f,
			       const u8 fields[VMMQ_FLOW_TYPES]);

#endif
