/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a frame to the bytes that are hashed: flow types, their field sets, and
 * the nine RSS hash types as a view of those. Pure: no state, no allocation,
 * also built in user space. The rules stand at the top of flow.c.
 */
#ifndef _VMMQ_FLOW_H
#define _VMMQ_FLOW_H

#include "pure.h"

/* What a frame is. Each flow type has its own field set. */
enum vmmq_flow_type {
	VMMQ_FLOW_IPV4,		/* also fragments and other protocols */
	VMMQ_FLOW_TCP_IPV4,
	VMMQ_FLOW_UDP_IPV4,
	VMMQ_FLOW_IPV6,
	VMMQ_FLOW_TCP_IPV6,
	VMMQ_FLOW_UDP_IPV6,
	VMMQ_FLOW_TYPES
};

/* A field set: which fields are hashed, always in this order. */
#define VMMQ_FIELD_SRC_ADDR	0x01
#define VMMQ_FIELD_DST_ADDR	0x02
#define VMMQ_FIELD_SRC_PORT	0x04
#define VMMQ_FIELD_DST_PORT	0x08
/* IPv6: the home address option stands in for the source address and the
 * type 2 routing header for the destination address, where present.
 */
#define VMMQ_FIELD_EX		0x10
#define VMMQ_FIELD_LABEL	0x20	/* IPv6 flow label; hashed last */

#define VMMQ_FIELDS_ADDR	(VMMQ_FIELD_SRC_ADDR | VMMQ_FIELD_DST_ADDR)
#define VMMQ_FIELDS_PORT	(VMMQ_FIELD_SRC_PORT | VMMQ_FIELD_DST_PORT)
#define VMMQ_FIELDS_ALL		(VMMQ_FIELDS_ADDR | VMMQ_FIELDS_PORT)

/* What becomes of the fields before they are hashed, with the values ethtool
 * gives it
 */
#define VMMQ_XFRM_NONE		0
#define VMMQ_XFRM_SYM_XOR	1
#define VMMQ_XFRM_SYM_OR_XOR	2

/* What was hashed. The order follows enum vmmq_flow_type. */
enum vmmq_hash_type {
	VMMQ_HASH_NONE,
	VMMQ_HASH_IPV4,
	VMMQ_HASH_TCP_IPV4,
	VMMQ_HASH_UDP_IPV4,
	VMMQ_HASH_IPV6,
	VMMQ_HASH_TCP_IPV6,
	VMMQ_HASH_UDP_IPV6,
	VMMQ_HASH_IPV6_EX,
	VMMQ_HASH_TCP_IPV6_EX,
	VMMQ_HASH_UDP_IPV6_EX,
	VMMQ_HASH_TYPES
};

/* The nine RSS hash types, with the values NDIS gives them. */
#define VMMQ_TYPE_IPV4		0x00000100
#define VMMQ_TYPE_TCP_IPV4	0x00000200
#define VMMQ_TYPE_IPV6		0x00000400
#define VMMQ_TYPE_IPV6_EX	0x00000800
#define VMMQ_TYPE_TCP_IPV6	0x00001000
#define VMMQ_TYPE_TCP_IPV6_EX	0x00002000
#define VMMQ_TYPE_UDP_IPV4	0x00004000
#define VMMQ_TYPE_UDP_IPV6	0x00008000
#define VMMQ_TYPE_UDP_IPV6_EX	0x00010000
#define VMMQ_TYPES_ALL		0x0001ff00

/**
 * struct vmmq_pkt - a frame to look at
 * @data: its Ethernet header
 * @linear: bytes that can be read at @data
 * @len: bytes of the frame; above @linear they are reached by @copy only
 * @vlan_accel: a VLAN tag of the frame stands beside it, not in it
 * @gso: the frame will be segmented; the lengths in its IP header mean nothing
 * @copy: copies @len bytes at @off of the frame, which are within it, to @to;
 *	0, or negative if it can't. Not called, may be NULL, if @linear is @len
 * @ctx: for @copy
 */
struct vmmq_pkt {
	const u8 *data;
	u32 linear;
	u32 len;
	bool vlan_accel;
	bool gso;
	int (*copy)(const struct vmmq_pkt *pkt, u32 off, void *to, u32 len);
	const void *ctx;
};

/**
 * struct vmmq_flow - what to hash of a frame
 * @input: the bytes, in the frame itself or in @buf: valid as long as both are,
 *	so a flow can't be copied
 * @len: bytes at @input, 1 to 40; 0 if not hashable
 * @type: enum vmmq_hash_type
 * @buf: the bytes, if they aren't side by side in the linear part of the frame
 */
struct vmmq_flow {
	const u8 *input;
	u8 len;
	u8 type;
	u8 buf[40];
};

#define VMMQ_ETHERTYPE_CVLAN	0x8100
#define VMMQ_ETHERTYPE_SVLAN	0x88a8

static inline bool vmmq_flow_is_vlan(u16 ethertype)
{
	return ethertype == VMMQ_ETHERTYPE_CVLAN ||
	       ethertype == VMMQ_ETHERTYPE_SVLAN;
}

/**
 * struct vmmq_places - where a frame has its fields: offsets in the frame
 * @nh: what follows the VLAN tags
 * @src: source address
 * @dst: destination address
 * @home: home address option's, 0: none
 * @route: address of a type 2 routing header, 0: none
 * @ports: what follows the IP header and its extensions
 * @room: bytes of the datagram at @ports
 * @ethertype: behind the VLAN tags; 0 if there are too many or it is cut off
 * @version: of IP, 0 if it is no IP or not understood
 * @tos: type of service or traffic class
 * @proto: protocol at @ports
 * @fragment: of a fragmented datagram: there may be no ports
 * @malformed: extended addresses can't be told
 */
struct vmmq_places {
	u32 nh;
	u32 src;
	u32 dst;
	u32 home;
	u32 route;
	u32 ports;
	u32 room;
	u16 ethertype;
	u8 version;
	u8 tos;
	u8 proto;
	bool fragment;
	bool malformed;
};

bool vmmq_flow_locate(const struct vmmq_pkt *pkt, bool ex,
		      struct vmmq_places *at);
bool vmmq_flow_parse(const struct vmmq_pkt *pkt,
		     const u8 fields[VMMQ_FLOW_TYPES], struct vmmq_flow *flow);

/* Whether ports took part in a hash, which makes it a layer 4 hash. */
static inline bool vmmq_hash_type_is_l4(unsigned int type)
{
	return BIT(type) & (BIT(VMMQ_HASH_TCP_IPV4) | BIT(VMMQ_HASH_UDP_IPV4) |
			    BIT(VMMQ_HASH_TCP_IPV6) | BIT(VMMQ_HASH_UDP_IPV6) |
			    BIT(VMMQ_HASH_TCP_IPV6_EX) |
			    BIT(VMMQ_HASH_UDP_IPV6_EX));
}

const char *vmmq_hash_type_name(unsigned int type);

bool vmmq_fields_valid(enum vmmq_flow_type type, u8 set);
unsigned int vmmq_fields_len(enum vmmq_flow_type type, u8 set);
bool vmmq_fields_symmetric(u8 set);
void vmmq_flow_transform(struct vmmq_flow *flow, u8 xfrm);
int vmmq_types_to_fields(u32 types, u8 fields[VMMQ_FLOW_TYPES]);
u32 vmmq_fields_to_types(const u8 fields[VMMQ_FLOW_TYPES]);
bool vmmq_fields_are_types(const u8 fields[VMMQ_FLOW_TYPES]);

#endif /* _VMMQ_FLOW_H */
