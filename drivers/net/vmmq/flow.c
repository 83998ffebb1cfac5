// SPDX-License-Identifier: GPL-2.0
/*
 * From a frame to the bytes that are hashed.
 *
 * What is hashed is up to the field set of the frame's flow type, and to
 * nothing else: a TCP set with no field in it makes TCP unhashable, whatever
 * the IP set says. A frame that isn't understood with certainty isn't hashed
 * at all. Where the frame is readable (linear or not) never changes a verdict.
 *
 * Ethernet
 *  - One or two VLAN tags (0x8100, 0x88a8) are stepped over. A tag beside the
 *    frame counts as one. Three tags: not hashable.
 *  - Behind them 0x0800 must be followed by version 4, 0x86dd by version 6.
 *    Any other ethertype: not hashable.
 *
 * IPv4
 *  - The header is 20 bytes or more, with its options in the frame. The total
 *    length covers the header, and the frame holds all of it. What the frame
 *    holds beyond (padding) doesn't count. A frame to be segmented (GSO) ends
 *    where the frame ends; its total length is ignored.
 *  - More fragments, or an offset: a fragment, flow type IPv4.
 *  - TCP with its 20 bytes and UDP with its 8 inside the datagram: their flow
 *    type, ports taken from behind the options. With less: not hashable, even
 *    if the set has no ports. Any other protocol: flow type IPv4.
 *
 * IPv6
 *  - The header and all of the payload length are in the frame; GSO as above.
 *  - Hop-by-hop options (right behind the IPv6 header; elsewhere: not
 *    hashable), destination options, routing and fragment headers are stepped
 *    over by their length, in any order, 16 of them at most. More, or one that
 *    doesn't fit in the payload: not hashable.
 *  - A fragment header with an offset or more fragments: flow type IPv6, and
 *    nothing behind it is looked at. One with neither is just stepped over.
 *  - Then TCP and UDP as for IPv4. Anything else, including AH, ESP, mobility
 *    and no next header: flow type IPv6.
 *
 * Extended addresses: if the set says so, the source address is the one in a
 * home address option, the destination address the one in a type 2 routing
 * header. If there are several, the first; if there is none, the IPv6 header's.
 * An option that leaves its destination options header, a home address of
 * another size than 16, a type 2 routing header of another size than 24, or
 * more than 128 options make the frame unhashable for such a set, and are of no
 * interest to the others.
 *
 * The flow label is hashed as four bytes, its twenty bits in the lower ones.
 *
 * A set without ports reports the hash type of IP alone, one with extended
 * addresses the extended type, whether or not an address was replaced.
 */
#include "flow.h"

#define VMMQ_ETH_TYPE		12
#define VMMQ_VLAN_HLEN		4
#define VMMQ_VLAN_TAGS_MAX	2
#define VMMQ_ETHERTYPE_IPV4	0x0800
#define VMMQ_ETHERTYPE_IPV6	0x86dd

#define VMMQ_PROTO_HOPOPTS	0
#define VMMQ_PROTO_TCP		6
#define VMMQ_PROTO_UDP		17
#define VMMQ_PROTO_ROUTING	43
#define VMMQ_PROTO_FRAGMENT	44
#define VMMQ_PROTO_DSTOPTS	60

#define VMMQ_TCP_HLEN		20
#define VMMQ_UDP_HLEN		8

#define VMMQ_IPV4_HLEN		20
#define VMMQ_IPV4_ADDRS		12
#define VMMQ_IPV4_FRAGMENT	0x3fff	/* more fragments, offset */

#define VMMQ_IPV6_HLEN		40
#define VMMQ_IPV6_ADDRS		8
#define VMMQ_IPV6_FRAGMENT	0xfff9	/* offset, more fragments */
#define VMMQ_IPV6_HEADERS_MAX	16
#define VMMQ_IPV6_OPTIONS_MAX	128

/* Bytes that the quick way reads: to the end of the ports. */
#define VMMQ_IPV4_QUICK		(VMMQ_ETH_TYPE + 2 + VMMQ_IPV4_HLEN + 4)
#define VMMQ_IPV6_QUICK		(VMMQ_ETH_TYPE + 2 + VMMQ_IPV6_HLEN + 4)

#define VMMQ_OPTION_PAD1	0x00
#define VMMQ_OPTION_HOME	0xc9
#define VMMQ_ROUTING_TYPE2	2
#define VMMQ_ROUTING_TYPE2_HLEN	2	/* in 8 bytes, without the first 8 */

/* The extension headers of a frame, as far as they are walked. */
struct vmmq_walk {
	u32 off;	/* of the header to look at next */
	u32 end;	/* of the payload */
	u32 src;	/* offset of the home address, 0: none */
	u32 dst;	/* offset of the type 2 routing address, 0: none */
	u16 options;	/* seen so far */
	u8 next;	/* what stands at @off */
	bool ex;	/* some set wants extended addresses: look for them */
	bool fragment;
	bool malformed;	/* extended addresses can't be told */
};

/* Sets whose fields stand side by side in a frame without options. */
struct vmmq_span {
	u8 start;	/* from the source address */
	u8 len;		/* 0: not side by side */
};

static const struct vmmq_span vmmq_spans[2][VMMQ_FIELDS_ALL + 1] = {
	[0] = {
		[VMMQ_FIELD_SRC_ADDR] = { 0, 4 },
		[VMMQ_FIELD_DST_ADDR] = { 4, 4 },
		[VMMQ_FIELDS_ADDR] = { 0, 8 },
		[VMMQ_FIELDS_ADDR | VMMQ_FIELD_SRC_PORT] = { 0, 10 },
		[VMMQ_FIELDS_ALL] = { 0, 12 },
		[VMMQ_FIELD_DST_ADDR | VMMQ_FIELD_SRC_PORT] = { 4, 6 },
		[VMMQ_FIELD_DST_ADDR | VMMQ_FIELDS_PORT] = { 4, 8 },
		[VMMQ_FIELD_SRC_PORT] = { 8, 2 },
		[VMMQ_FIELDS_PORT] = { 8, 4 },
		[VMMQ_FIELD_DST_PORT] = { 10, 2 },
	},
	[1] = {
		[VMMQ_FIELD_SRC_ADDR] = { 0, 16 },
		[VMMQ_FIELD_DST_ADDR] = { 16, 16 },
		[VMMQ_FIELDS_ADDR] = { 0, 32 },
		[VMMQ_FIELDS_ADDR | VMMQ_FIELD_SRC_PORT] = { 0, 34 },
		[VMMQ_FIELDS_ALL] = { 0, 36 },
		[VMMQ_FIELD_DST_ADDR | VMMQ_FIELD_SRC_PORT] = { 16, 18 },
		[VMMQ_FIELD_DST_ADDR | VMMQ_FIELDS_PORT] = { 16, 20 },
		[VMMQ_FIELD_SRC_PORT] = { 32, 2 },
		[VMMQ_FIELDS_PORT] = { 32, 4 },
		[VMMQ_FIELD_DST_PORT] = { 34, 2 },
	},
};

static const char *const vmmq_hash_type_names[] = {
	[VMMQ_HASH_NONE] = "none",
	[VMMQ_HASH_IPV4] = "ipv4",
	[VMMQ_HASH_TCP_IPV4] = "tcp_ipv4",
	[VMMQ_HASH_UDP_IPV4] = "udp_ipv4",
	[VMMQ_HASH_IPV6] = "ipv6",
	[VMMQ_HASH_TCP_IPV6] = "tcp_ipv6",
	[VMMQ_HASH_UDP_IPV6] = "udp_ipv6",
	[VMMQ_HASH_IPV6_EX] = "ipv6_ex",
	[VMMQ_HASH_TCP_IPV6_EX] = "tcp_ipv6_ex",
	[VMMQ_HASH_UDP_IPV6_EX] = "udp_ipv6_ex",
};

static_assert(ARRAY_SIZE(vmmq_hash_type_names) == VMMQ_HASH_TYPES,
	      "every hash type has a name");

/* vmmq_flow_hash_type() counts on the order of both enums. */
static_assert((int)VMMQ_HASH_UDP_IPV6 == 1 + (int)VMMQ_FLOW_UDP_IPV6 &&
	      VMMQ_HASH_UDP_IPV6_EX == 3 + VMMQ_HASH_UDP_IPV6,
	      "hash types follow flow types");

static bool vmmq_pkt_copy(const struct vmmq_pkt *pkt, u32 off, u8 *to, u32 len)
{
	if (off + len <= pkt->linear) {
		memcpy(to, pkt->data + off, len);
		return true;
	}
	return off + len <= pkt->len && !pkt->copy(pkt, off, to, len);
}

/* @len bytes at @off of the frame, in @room if they aren't linear; NULL if the
 * frame hasn't got them.
 */
static const u8 *vmmq_pkt_at(const struct vmmq_pkt *pkt, u32 off, u32 len,
			     u8 *room)
{
	if (off + len <= pkt->linear)
		return pkt->data + off;
	return vmmq_pkt_copy(pkt, off, room, len) ? room : NULL;
}

static __always_inline u8 vmmq_flow_hash_type(unsigned int type, bool ipv6,
					      u8 set)
{
	if (!(set & VMMQ_FIELDS_PORT))
		type = ipv6 ? VMMQ_FLOW_IPV6 : VMMQ_FLOW_IPV4;
	if (ipv6 && set & VMMQ_FIELD_EX)
		type += VMMQ_HASH_IPV6_EX - VMMQ_HASH_IPV6;
	return type + 1;
}

/* The fields of @set one behind the other in the buffer of @flow. */
static bool vmmq_flow_gather(const struct vmmq_pkt *pkt,
			     const struct vmmq_places *at, bool ipv6, u8 set,
			     struct vmmq_flow *flow)
{
	const u32 off[] = { at->src, at->dst, at->ports, at->ports + 2 };
	const u8 addr = ipv6 ? 16 : 4;
	const u8 width[] = { addr, addr, 2, 2 };
	unsigned int i;

	flow->input = flow->buf;
	flow->len = 0;
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		if (!(set & BIT(i)))
			continue;
		if (!vmmq_pkt_copy(pkt, off[i], flow->buf + flow->len,
				   width[i]))
			return false;
		flow->len += width[i];
	}
	if (set & VMMQ_FIELD_LABEL) {
		if (!vmmq_pkt_copy(pkt, at->nh, flow->buf + flow->len, 4))
			return false;
		flow->buf[flow->len] = 0;
		flow->buf[flow->len + 1] &= 0x0f;
		flow->len += 4;
	}
	return flow->len;
}

static bool vmmq_flow_select(const struct vmmq_pkt *pkt,
			     const struct vmmq_places *at, bool ipv6, u8 set,
			     struct vmmq_flow *flow)
{
	const struct vmmq_span *span = &vmmq_spans[ipv6][set & VMMQ_FIELDS_ALL];
	const u32 addr = ipv6 ? 16 : 4;

	if (!span->len || set & VMMQ_FIELD_LABEL || at->dst != at->src + addr ||
	    (set & VMMQ_FIELDS_PORT && at->ports != at->dst + addr) ||
	    at->src + span->start + span->len > pkt->linear)
		return vmmq_flow_gather(pkt, at, ipv6, set, flow);

	flow->input = pkt->data + at->src + span->start;
	flow->len = span->len;
	return true;
}

/* The flow type of a datagram that isn't a fragment. @ip: its flow type if it
 * is neither TCP nor UDP; @room: bytes behind its headers. Negative if the
 * transport header is cut off.
 */
static __always_inline int vmmq_flow_type(int ip, u8 proto, u32 room)
{
	if (proto == VMMQ_PROTO_TCP)
		return room >= VMMQ_TCP_HLEN ?
		       ip + VMMQ_FLOW_TCP_IPV4 - VMMQ_FLOW_IPV4 : -1;
	if (proto == VMMQ_PROTO_UDP)
		return room >= VMMQ_UDP_HLEN ?
		       ip + VMMQ_FLOW_UDP_IPV4 - VMMQ_FLOW_IPV4 : -1;
	return ip;
}

static bool vmmq_locate_ipv4(const struct vmmq_pkt *pkt,
			     struct vmmq_places *at)
{
	u8 room[VMMQ_IPV4_HLEN];
	const u8 *ip = vmmq_pkt_at(pkt, at->nh, sizeof(room), room);
	u32 hlen, total;

	if (!ip || ip[0] < 0x45 || ip[0] > 0x4f)
		return false;

	hlen = (ip[0] & 0x0f) * 4;
	total = pkt->gso ? pkt->len - at->nh : vmmq_load_be16(ip + 2);
	if (total < hlen || total > pkt->len - at->nh)
		return false;

	at->version = 4;
	at->tos = ip[1];
	at->proto = ip[9];
	at->fragment = vmmq_load_be16(ip + 6) & VMMQ_IPV4_FRAGMENT;
	at->src = at->nh + VMMQ_IPV4_ADDRS;
	at->dst = at->src + 4;
	at->ports = at->nh + hlen;
	at->room = total - hlen;
	return true;
}

/* The options between @off and @end: where is the home address? */
static bool vmmq_walk_options(const struct vmmq_pkt *pkt,
			      struct vmmq_walk *walk, u32 off, u32 end)
{
	u8 option[2];

	while (off < end) {
		if (++walk->options > VMMQ_IPV6_OPTIONS_MAX ||
		    !vmmq_pkt_copy(pkt, off, option, 1))
			return false;
		if (option[0] == VMMQ_OPTION_PAD1) {
			off++;
			continue;
		}
		if (end - off < 2 || !vmmq_pkt_copy(pkt, off, option, 2) ||
		    option[1] > end - off - 2)
			return false;
		if (option[0] == VMMQ_OPTION_HOME) {
			if (option[1] != 16)
				return false;
			if (!walk->src)
				walk->src = off + 2;
		}
		off += 2 + option[1];
	}
	return true;
}

/* Looks at the extension header @h, @len bytes long, and steps over it. */
static void vmmq_walk_step(const struct vmmq_pkt *pkt, struct vmmq_walk *walk,
			   const u8 *h, u32 len)
{
	switch (walk->next) {
	case VMMQ_PROTO_FRAGMENT:
		walk->fragment = vmmq_load_be16(h + 2) & VMMQ_IPV6_FRAGMENT;
		break;
	case VMMQ_PROTO_ROUTING:
		if (h[2] != VMMQ_ROUTING_TYPE2)
			break;
		if (h[1] != VMMQ_ROUTING_TYPE2_HLEN)
			walk->malformed = true;
		else if (!walk->dst)
			walk->dst = walk->off + 8;
		break;
	case VMMQ_PROTO_DSTOPTS:
		if (walk->ex && !walk->malformed &&
		    !vmmq_walk_options(pkt, walk, walk->off + 2,
				       walk->off + len))
			walk->malformed = true;
		break;
	}
	walk->next = h[0];
	walk->off += len;
}

static bool vmmq_is_extension(u8 proto)
{
	return proto == VMMQ_PROTO_HOPOPTS || proto == VMMQ_PROTO_ROUTING ||
	       proto == VMMQ_PROTO_FRAGMENT || proto == VMMQ_PROTO_DSTOPTS;
}

/* From the first extension header to a fragment header that tells a fragment,
 * or to what is none. False if the way there can't be told with certainty.
 */
static bool vmmq_walk_extensions(const struct vmmq_pkt *pkt,
				 struct vmmq_walk *walk)
{
	unsigned int headers;
	u8 room[8];

	for (headers = 0; vmmq_is_extension(walk->next); headers++) {
		u32 len = sizeof(room);
		const u8 *h;

		if (headers == VMMQ_IPV6_HEADERS_MAX ||
		    (walk->next == VMMQ_PROTO_HOPOPTS && headers) ||
		    walk->end - walk->off < len)
			return false;
		h = vmmq_pkt_at(pkt, walk->off, len, room);
		if (!h)
			return false;
		if (walk->next != VMMQ_PROTO_FRAGMENT)
			len = (h[1] + 1) * 8;
		if (walk->end - walk->off < len)
			return false;
		vmmq_walk_step(pkt, walk, h, len);
		if (walk->fragment)
			break;
	}
	return true;
}

static bool vmmq_locate_ipv6(const struct vmmq_pkt *pkt, bool ex,
			     struct vmmq_places *at)
{
	u32 payload, room = pkt->len - at->nh - VMMQ_IPV6_HLEN;
	u8 header[VMMQ_IPV6_HLEN];
	const u8 *ip = vmmq_pkt_at(pkt, at->nh, sizeof(header), header);
	struct vmmq_walk walk = {
		.off = at->nh + VMMQ_IPV6_HLEN,
		.ex = ex,
	};

	if (!ip || ip[0] >> 4 != 6)
		return false;
	payload = pkt->gso ? room : vmmq_load_be16(ip + 4);
	if (payload > room)
		return false;

	walk.next = ip[6];
	walk.end = walk.off + payload;
	if (!vmmq_walk_extensions(pkt, &walk))
		return false;

	at->version = 6;
	at->tos = vmmq_load_be16(ip) >> 4;
	at->proto = walk.next;
	at->fragment = walk.fragment;
	at->src = at->nh + VMMQ_IPV6_ADDRS;
	at->dst = at->src + 16;
	at->home = walk.src;
	at->route = walk.dst;
	at->malformed = walk.malformed;
	at->ports = walk.off;
	at->room = walk.end - walk.off;
	return true;
}

/* The ethertype behind a frame's VLAN tags, and what follows it at @nh. 0, which
 * is no ethertype, if there are too many tags or it is cut off.
 */
static u16 vmmq_skip_vlan(const struct vmmq_pkt *pkt, u32 *nh)
{
	unsigned int tags = pkt->vlan_accel;
	u32 off = VMMQ_ETH_TYPE;
	u8 room[2];

	for (;; off += VMMQ_VLAN_HLEN) {
		const u8 *type = vmmq_pkt_at(pkt, off, sizeof(room), room);

		if (!type)
			return 0;
		*nh = off + 2;
		if (!vmmq_flow_is_vlan(vmmq_load_be16(type)))
			return vmmq_load_be16(type);
		if (tags++ == VMMQ_VLAN_TAGS_MAX)
			return 0;
	}
}

/**
 * vmmq_flow_locate() - find the headers of a frame
 * @pkt: the frame
 * @ex: look for extended addresses too
 * @at: the answer; the addresses and what follows only if it is IP
 *
 * Context: any that @pkt->copy can be called in.
 * Return: true if it is IP, understood with certainty.
 */
bool vmmq_flow_locate(const struct vmmq_pkt *pkt, bool ex,
		      struct vmmq_places *at)
{
	at->version = 0;
	at->ethertype = vmmq_skip_vlan(pkt, &at->nh);
	if (at->ethertype == VMMQ_ETHERTYPE_IPV4)
		return vmmq_locate_ipv4(pkt, at);
	if (at->ethertype == VMMQ_ETHERTYPE_IPV6)
		return vmmq_locate_ipv6(pkt, ex, at);
	return false;
}

static bool vmmq_flow_extend(struct vmmq_places *at)
{
	if (at->malformed)
		return false;
	at->src = at->home ? at->home : at->src;
	at->dst = at->route ? at->route : at->dst;
	return true;
}

/* All the rules. Not inlined, so that the quick way is all a common frame
 * pays for.
 */
static noinline bool vmmq_flow_dissect(const struct vmmq_pkt *pkt,
				       const u8 fields[VMMQ_FLOW_TYPES],
				       struct vmmq_flow *flow)
{
	bool ex = (fields[VMMQ_FLOW_IPV6] | fields[VMMQ_FLOW_TCP_IPV6] |
		   fields[VMMQ_FLOW_UDP_IPV6]) & VMMQ_FIELD_EX;
	struct vmmq_places at;
	int alone, type;
	bool ipv6;
	u8 set;

	if (!vmmq_flow_locate(pkt, ex, &at))
		return false;
	ipv6 = at.version == 6;
	alone = ipv6 ? VMMQ_FLOW_IPV6 : VMMQ_FLOW_IPV4;
	type = alone;
	if (!at.fragment)
		type = vmmq_flow_type(alone, at.proto, at.room);
	if (type < 0)
		return false;

	set = fields[type];
	if (type == alone)
		set &= ~VMMQ_FIELDS_PORT;
	if (!ipv6)
		set &= VMMQ_FIELDS_ALL;
	if (set & VMMQ_FIELD_EX && !vmmq_flow_extend(&at))
		return false;
	flow->type = vmmq_flow_hash_type(type, ipv6, set);
	return vmmq_flow_select(pkt, &at, ipv6, set, flow);
}

/* The same verdict for a frame whose TCP or UDP follows the bare IP header and
 * whose fields stand side by side; false leaves it to vmmq_flow_dissect().
 * The frame has been seen to begin so, and its ports to be linear. A length
 * that is meaningless (GSO) but makes sense leads to the same verdict.
 */
static __always_inline bool
vmmq_flow_quick(const struct vmmq_pkt *pkt, bool ipv6,
		const u8 fields[VMMQ_FLOW_TYPES], struct vmmq_flow *flow)
{
	const int alone = ipv6 ? VMMQ_FLOW_IPV6 : VMMQ_FLOW_IPV4;
	const u32 hlen = ipv6 ? VMMQ_IPV6_HLEN : VMMQ_IPV4_HLEN;
	const u8 *ip = pkt->data + VMMQ_ETH_TYPE + 2;
	u32 room = pkt->len - VMMQ_ETH_TYPE - 2 - hlen;
	u32 payload = ipv6 ? vmmq_load_be16(ip + 4) :
			     vmmq_load_be16(ip + 2) - hlen;
	const struct vmmq_span *span;
	int type;
	u8 set;

	if (unlikely(payload > room))
		return false;
	if (!ipv6 && unlikely(vmmq_load_be16(ip + 6) & VMMQ_IPV4_FRAGMENT))
		return false;

	type = vmmq_flow_type(alone, ip[ipv6 ? 6 : 9], payload);
	if (unlikely(type <= alone))
		return false;
	set = fields[type];
	span = &vmmq_spans[ipv6][set & VMMQ_FIELDS_ALL];
	if (unlikely(!span->len))
		return false;
	if (ipv6 && unlikely(set & VMMQ_FIELD_LABEL))
		return false;

	flow->input = ip + (ipv6 ? VMMQ_IPV6_ADDRS : VMMQ_IPV4_ADDRS) +
		      span->start;
	flow->len = span->len;
	flow->type = vmmq_flow_hash_type(type, ipv6, set);
	return true;
}

/**
 * vmmq_flow_parse() - find the bytes of a frame that are hashed
 * @pkt: the frame
 * @fields: the field set of each flow type, valid by vmmq_fields_valid()
 * @flow: the answer, always written
 *
 * Context: any that @pkt->copy can be called in.
 * Return: false if the frame can't be hashed.
 */
bool vmmq_flow_parse(const struct vmmq_pkt *pkt,
		     const u8 fields[VMMQ_FLOW_TYPES], struct vmmq_flow *flow)
{
	if (likely(pkt->linear >= VMMQ_IPV4_QUICK)) {
		u32 start = be32_to_cpu(vmmq_load_raw32(pkt->data +
							VMMQ_ETH_TYPE));

		/* Ethertype, version, and for IPv4 the length of the header. */
		if ((start & 0xffffff00) == 0x08004500 &&
		    likely(vmmq_flow_quick(pkt, false, fields, flow)))
			return true;
		if ((start & 0xfffff000) == 0x86dd6000 &&
		    pkt->linear >= VMMQ_IPV6_QUICK &&
		    likely(vmmq_flow_quick(pkt, true, fields, flow)))
			return true;
	}
	if (vmmq_flow_dissect(pkt, fields, flow))
		return true;
	flow->input = flow->buf;
	flow->len = 0;
	flow->type = VMMQ_HASH_NONE;
	return false;
}

/**
 * vmmq_hash_type_name() - a word for a hash type, as counters use it
 * @type: enum vmmq_hash_type
 *
 * Context: any.
 * Return: "none", "ipv4", "tcp_ipv4", ... "udp_ipv6_ex".
 */
const char *vmmq_hash_type_name(unsigned int type)
{
	return type < VMMQ_HASH_TYPES ? vmmq_hash_type_names[type] : "?";
}

/**
 * vmmq_fields_valid() - whether a field set makes sense for a flow type
 * @type: the flow type
 * @set: VMMQ_FIELD_* bits; none is valid: such frames aren't hashed
 *
 * The flow types IPv4 and IPv6 have no ports, only IPv6 flow types have a flow
 * label and extended addresses, and those are worth nothing without an address
 * field.
 *
 * Context: any.
 */
bool vmmq_fields_valid(enum vmmq_flow_type type, u8 set)
{
	u8 valid = VMMQ_FIELDS_ALL;

	if (type == VMMQ_FLOW_IPV4 || type == VMMQ_FLOW_IPV6)
		valid = VMMQ_FIELDS_ADDR;
	if (type >= VMMQ_FLOW_IPV6)
		valid |= VMMQ_FIELD_LABEL;
	if (type >= VMMQ_FLOW_IPV6 && set & VMMQ_FIELDS_ADDR)
		valid |= VMMQ_FIELD_EX;
	return !(set & ~valid);
}

/**
 * vmmq_fields_len() - bytes that a field set hashes
 * @type: the flow type
 * @set: a set valid for it
 *
 * Context: any.
 * Return: bytes; the key has to have four more.
 */
unsigned int vmmq_fields_len(enum vmmq_flow_type type, u8 set)
{
	unsigned int addr = type >= VMMQ_FLOW_IPV6 ? 16 : 4;

	return !!(set & VMMQ_FIELD_SRC_ADDR) * addr +
	       !!(set & VMMQ_FIELD_DST_ADDR) * addr +
	       !!(set & VMMQ_FIELD_SRC_PORT) * 2 +
	       !!(set & VMMQ_FIELD_DST_PORT) * 2 +
	       !!(set & VMMQ_FIELD_LABEL) * 4;
}

/**
 * vmmq_fields_symmetric() - whether a field set is the same in both directions
 * @set: a field set
 *
 * Context: any.
 * Return: true if it has both of the addresses or none, both of the ports or
 * none, and no flow label, which each end chooses for itself.
 */
bool vmmq_fields_symmetric(u8 set)
{
	u8 addr = set & VMMQ_FIELDS_ADDR, port = set & VMMQ_FIELDS_PORT;

	return (!addr || addr == VMMQ_FIELDS_ADDR) &&
	       (!port || port == VMMQ_FIELDS_PORT) &&
	       !(set & VMMQ_FIELD_LABEL);
}

static void vmmq_flow_merge(u8 *a, u8 *b, unsigned int len, bool with_or)
{
	unsigned int i;
	u8 both;

	for (i = 0; i < len; i++) {
		both = a[i] ^ b[i];
		a[i] = with_or ? a[i] | b[i] : both;
		b[i] = both;
	}
}

/**
 * vmmq_flow_transform() - make what is hashed the same in both directions
 * @flow: a hashable frame's, of a symmetric field set; its input is copied
 * @xfrm: VMMQ_XFRM_SYM_XOR: each of a pair of fields becomes the XOR of both;
 *	VMMQ_XFRM_SYM_OR_XOR: the source becomes the OR of both
 *
 * Context: any.
 */
void vmmq_flow_transform(struct vmmq_flow *flow, u8 xfrm)
{
	unsigned int addr = flow->len >= 32 ? 16 : flow->len >= 8 ? 4 : 0;
	bool with_or = xfrm == VMMQ_XFRM_SYM_OR_XOR;

	memmove(flow->buf, flow->input, flow->len);
	flow->input = flow->buf;
	vmmq_flow_merge(flow->buf, flow->buf + addr, addr, with_or);
	if (flow->len > 2 * addr)
		vmmq_flow_merge(flow->buf + 2 * addr, flow->buf + 2 * addr + 2,
				2, with_or);
}

static u8 vmmq_types_pick(u32 types, u32 plain, u32 ex, u8 set, u8 otherwise)
{
	if (types & ex)
		return set | VMMQ_FIELD_EX;
	return types & plain ? set : otherwise;
}

/**
 * vmmq_types_to_fields() - the field sets that RSS hash types stand for
 * @types: VMMQ_TYPE_* bits
 * @fields: written only on success
 *
 * A transport whose own types are off is hashed as IP alone, as NDIS has it.
 * Of an extended type and its plain one the extended one counts.
 *
 * Context: any.
 * Return: 0, or -EINVAL if @types has bits that aren't hash types.
 */
int vmmq_types_to_fields(u32 types, u8 fields[VMMQ_FLOW_TYPES])
{
	u8 ipv4, ipv6;

	if (types & ~VMMQ_TYPES_ALL)
		return -EINVAL;

	ipv4 = vmmq_types_pick(types, VMMQ_TYPE_IPV4, 0, VMMQ_FIELDS_ADDR, 0);
	ipv6 = vmmq_types_pick(types, VMMQ_TYPE_IPV6, VMMQ_TYPE_IPV6_EX,
			       VMMQ_FIELDS_ADDR, 0);
	fields[VMMQ_FLOW_IPV4] = ipv4;
	fields[VMMQ_FLOW_TCP_IPV4] =
		vmmq_types_pick(types, VMMQ_TYPE_TCP_IPV4, 0,
				VMMQ_FIELDS_ALL, ipv4);
	fields[VMMQ_FLOW_UDP_IPV4] =
		vmmq_types_pick(types, VMMQ_TYPE_UDP_IPV4, 0,
				VMMQ_FIELDS_ALL, ipv4);
	fields[VMMQ_FLOW_IPV6] = ipv6;
	fields[VMMQ_FLOW_TCP_IPV6] =
		vmmq_types_pick(types, VMMQ_TYPE_TCP_IPV6,
				VMMQ_TYPE_TCP_IPV6_EX, VMMQ_FIELDS_ALL, ipv6);
	fields[VMMQ_FLOW_UDP_IPV6] =
		vmmq_types_pick(types, VMMQ_TYPE_UDP_IPV6,
				VMMQ_TYPE_UDP_IPV6_EX, VMMQ_FIELDS_ALL, ipv6);
	return 0;
}

/* The only types that may stand for @fields: the set of a flow type is that of
 * a type of its own, or follows from the types of IP.
 */
static u32 vmmq_fields_guess_types(const u8 fields[VMMQ_FLOW_TYPES])
{
	static const struct {
		u32 plain;
		u32 ex;
		u8 set;
	} types_of[VMMQ_FLOW_TYPES] = {
		[VMMQ_FLOW_IPV4] = {
			VMMQ_TYPE_IPV4, 0, VMMQ_FIELDS_ADDR },
		[VMMQ_FLOW_TCP_IPV4] = {
			VMMQ_TYPE_TCP_IPV4, 0, VMMQ_FIELDS_ALL },
		[VMMQ_FLOW_UDP_IPV4] = {
			VMMQ_TYPE_UDP_IPV4, 0, VMMQ_FIELDS_ALL },
		[VMMQ_FLOW_IPV6] = {
			VMMQ_TYPE_IPV6, VMMQ_TYPE_IPV6_EX, VMMQ_FIELDS_ADDR },
		[VMMQ_FLOW_TCP_IPV6] = {
			VMMQ_TYPE_TCP_IPV6, VMMQ_TYPE_TCP_IPV6_EX,
			VMMQ_FIELDS_ALL },
		[VMMQ_FLOW_UDP_IPV6] = {
			VMMQ_TYPE_UDP_IPV6, VMMQ_TYPE_UDP_IPV6_EX,
			VMMQ_FIELDS_ALL },
	};
	unsigned int type;
	u32 types = 0;

	for (type = 0; type < VMMQ_FLOW_TYPES; type++) {
		if (fields[type] == types_of[type].set)
			types |= types_of[type].plain;
		if (fields[type] == (types_of[type].set | VMMQ_FIELD_EX))
			types |= types_of[type].ex;
	}
	return types;
}

/**
 * vmmq_fields_are_types() - whether RSS hash types can stand for field sets
 * @fields: the field sets
 *
 * Context: any.
 * Return: false if no combination of types means exactly @fields.
 */
bool vmmq_fields_are_types(const u8 fields[VMMQ_FLOW_TYPES])
{
	u8 back[VMMQ_FLOW_TYPES];

	vmmq_types_to_fields(vmmq_fields_guess_types(fields), back);
	return !memcmp(back, fields, sizeof(back));
}

/**
 * vmmq_fields_to_types() - the RSS hash types that stand for field sets
 * @fields: the field sets
 *
 * A plain type is never shown beside the extended one that overrules it, so
 * what was set as both reads back as extended.
 *
 * Context: any.
 * Return: VMMQ_TYPE_* bits. 0 if nothing is hashed, and if the types can't say
 * it: vmmq_fields_are_types() tells the two apart.
 */
u32 vmmq_fields_to_types(const u8 fields[VMMQ_FLOW_TYPES])
{
	if (!vmmq_fields_are_types(fields))
		return 0;
	return vmmq_fields_guess_types(fields);
}
