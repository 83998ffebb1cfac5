// SPDX-License-Identifier: GPL-2.0
/*
 * From a frame to what ntuple rules compare.
 *
 * A frame that isn't understood with certainty (flow.c says when) has no IP
 * fields, whatever it claims to be. A fragment has the fields of its IP header
 * but no ports, so that all fragments of a datagram match the same rules. IPv6
 * addresses are those of the IPv6 header.
 */
#include "tuple.h"

#define VMMQ_PROTO_TCP		6
#define VMMQ_PROTO_UDP		17
#define VMMQ_PROTO_SCTP		132

#define VMMQ_TCP_HLEN		20
#define VMMQ_UDP_HLEN		8
#define VMMQ_SCTP_HLEN		12

#define VMMQ_ETH_ADDRS		12
#define VMMQ_ETH_TAG		4

static_assert(sizeof(struct vmmq_tuple) == 8 * sizeof(u64), "no holes");

static bool vmmq_tuple_copy(const struct vmmq_pkt *pkt, u32 off, void *to,
			    u32 len)
{
	if (off + len <= pkt->linear) {
		memcpy(to, pkt->data + off, len);
		return true;
	}
	return off + len <= pkt->len && !pkt->copy(pkt, off, to, len);
}

/* The tag that stands in the frame; one beside it is the caller's. */
static void vmmq_tuple_tag(const struct vmmq_pkt *pkt, struct vmmq_tuple *tuple)
{
	u8 tag[VMMQ_ETH_TAG];

	if (!vmmq_tuple_copy(pkt, VMMQ_ETH_ADDRS, tag, sizeof(tag)) ||
	    !vmmq_flow_is_vlan(vmmq_load_be16(tag)))
		return;
	memcpy(&tuple->vlan_type, tag, 2);
	memcpy(&tuple->vlan_tci, tag + 2, 2);
	tuple->tagged = 1;
}

static u8 vmmq_tuple_transport(const struct vmmq_places *at)
{
	u32 need;

	switch (at->proto) {
	case VMMQ_PROTO_TCP:
		need = VMMQ_TCP_HLEN;
		break;
	case VMMQ_PROTO_UDP:
		need = VMMQ_UDP_HLEN;
		break;
	case VMMQ_PROTO_SCTP:
		need = VMMQ_SCTP_HLEN;
		break;
	default:
		return 0;
	}
	return at->room >= need ? at->proto : 0;
}

static void vmmq_tuple_ip(const struct vmmq_pkt *pkt,
			  const struct vmmq_places *at,
			  struct vmmq_tuple *tuple)
{
	u32 addr = at->version == 6 ? 16 : 4;

	tuple->version = at->version;
	tuple->tos = at->tos;
	tuple->proto = at->proto;
	vmmq_tuple_copy(pkt, at->src, tuple->src, addr);
	vmmq_tuple_copy(pkt, at->dst, tuple->dst, addr);
	if (at->fragment)
		return;
	tuple->transport = vmmq_tuple_transport(at);
	if (at->room < sizeof(tuple->ports))
		return;
	tuple->has_ports = vmmq_tuple_copy(pkt, at->ports, tuple->ports,
					   sizeof(tuple->ports));
}

/**
 * vmmq_tuple_parse() - find the fields of a frame
 * @pkt: the frame
 * @tuple: the answer, always written; of the tag beside the frame nothing
 *
 * Context: any that @pkt->copy can be called in.
 */
void vmmq_tuple_parse(const struct vmmq_pkt *pkt, struct vmmq_tuple *tuple)
{
	struct vmmq_places at;
	bool is_ip;
	u8 type[2];

	memset(tuple, 0, sizeof(*tuple));
	if (!vmmq_tuple_copy(pkt, 0, tuple->dst_mac, VMMQ_ETH_ADDRS))
		return;
	vmmq_tuple_tag(pkt, tuple);
	is_ip = vmmq_flow_locate(pkt, false, &at);
	type[0] = at.ethertype >> 8;
	type[1] = at.ethertype;
	memcpy(&tuple->ethertype, type, sizeof(type));
	if (is_ip)
		vmmq_tuple_ip(pkt, &at, tuple);
}

/**
 * vmmq_tuple_mask() - keep of a tuple what a mask has
 * @to: the result
 * @tuple: the tuple
 * @mask: the mask
 *
 * Context: any.
 */
void vmmq_tuple_mask(struct vmmq_tuple *to, const struct vmmq_tuple *tuple,
		     const struct vmmq_tuple *mask)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(to->words); i++)
		to->words[i] = tuple->words[i] & mask->words[i];
}

/**
 * vmmq_tuple_hash() - spread tuples over the buckets of a table
 * @tuple: a masked tuple
 * @seed: of the table, unknown to who sends or writes rules
 *
 * Context: any.
 * Return: a number that depends on every bit.
 */
u32 vmmq_tuple_hash(const struct vmmq_tuple *tuple, u64 seed)
{
	u64 hash = seed;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tuple->words); i++) {
		hash = (hash ^ tuple->words[i]) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 32;
	}
	return hash;
}
