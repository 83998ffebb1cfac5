/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a frame to what ntuple rules compare: one tuple of a fixed size, in
 * which every field has its place. Pure, as flow.c is, whose idea of a header
 * it shares.
 */
#ifndef _VMMQ_TUPLE_H
#define _VMMQ_TUPLE_H

#include "flow.h"
#include "pure.h"

/**
 * struct vmmq_tuple - the fields of a frame, or a rule's values or masks of
 *	them; numbers as they stand in the frame
 * @dst_mac: destination address
 * @src_mac: source address
 * @ethertype: behind the VLAN tags; 0 if there are more than two
 * @vlan_tci: of the outer tag
 * @vlan_type: ethertype of the outer tag
 * @tagged: 1 if there is one
 * @version: of IP; 0, as is all that follows, if it is none or not understood
 * @tos: type of service or traffic class
 * @proto: behind extension headers
 * @transport: TCP, UDP or SCTP if its header is there whole and the frame is no
 *	fragment, else 0
 * @has_ports: 1 if @ports are there: no fragment, four bytes of payload
 * @ports: the first four bytes behind the IP header and its extensions
 * @src: source address, IPv4 in the first word
 * @dst: destination address
 * @words: all of it
 */
struct vmmq_tuple {
	union {
		struct {
			u8 dst_mac[6];
			u8 src_mac[6];
			__be16 ethertype;
			__be16 vlan_tci;
			__be16 vlan_type;
			u8 tagged;
			u8 version;
			u8 tos;
			u8 proto;
			u8 transport;
			u8 has_ports;
			u8 ports[4];
			u8 src[16];
			u8 dst[16];
			u8 zero[4];
		};
		u64 words[8];
	};
};

void vmmq_tuple_parse(const struct vmmq_pkt *pkt, struct vmmq_tuple *tuple);
void vmmq_tuple_mask(struct vmmq_tuple *to, const struct vmmq_tuple *tuple,
		     const struct vmmq_tuple *mask);
u32 vmmq_tuple_hash(const struct vmmq_tuple *tuple, u64 seed);

static inline bool vmmq_tuple_same(const struct vmmq_tuple *a,
				   const struct vmmq_tuple *b)
{
	unsigned int i;
	u64 diff = 0;

	for (i = 0; i < ARRAY_SIZE(a->words); i++)
		diff |= a->words[i] ^ b->words[i];
	return !diff;
}

#endif /* _VMMQ_TUPLE_H */
