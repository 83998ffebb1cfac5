// SPDX-License-Identifier: GPL-2.0
/*
 * Frames as a wire carries them: how many packets a frame is, making them of
 * it, and what a receiving NIC finds out about their checksums.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "wire.h"

#define VMMQ_WIRE_TAGS	2	/* VLAN tags that are looked behind */
#define VMMQ_WIRE_JUMBO	8	/* bytes of the jumbo payload's header */

/* Bytes of the transport header at an offset, 0 if it is cut off */
static unsigned int vmmq_wire_transport_len(const struct sk_buff *skb,
					    int offset)
{
	unsigned int type = skb_shinfo(skb)->gso_type;
	const struct tcphdr *tcp;
	struct tcphdr buf;

	if (type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) {
		tcp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
		return tcp ? tcp->doff * 4 : 0;
	}
	if (type & SKB_GSO_SCTP)
		return sizeof(struct sctphdr);
	return sizeof(struct udphdr);
}

/* Bytes in front of the payload that is cut up, 0 if that can't be told */
static unsigned int vmmq_wire_header_len(const struct sk_buff *skb)
{
	int offset = skb->encapsulation ? skb_inner_transport_offset(skb) :
					  skb_transport_offset(skb);
	unsigned int header;

	if (unlikely(offset < 0))
		return 0;
	header = offset + vmmq_wire_transport_len(skb, offset);
	return likely(header < skb->len) ? header : 0;
}

/* A frame of IPv6 above 64 KB (BIG TCP) may have a hop-by-hop header that says
 * so and that its packets don't have.
 */
static unsigned int vmmq_wire_jumbo_len(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip;
	struct ipv6hdr buf;

	if (likely(skb->len <= GSO_LEGACY_MAX_SIZE))
		return 0;
	ip = skb_header_pointer(skb, skb_network_offset(skb), sizeof(buf),
				&buf);
	if (!ip || ip->version != 6 || ip->nexthdr != NEXTHDR_HOP ||
	    ip->payload_len)
		return 0;
	return VMMQ_WIRE_JUMBO;
}

/**
 * vmmq_wire_measure_gso() - what packets a GSO frame is on a wire
 * @skb: a GSO frame, at its Ethernet header
 * @size: the result
 *
 * Context: any.
 */
void vmmq_wire_measure_gso(const struct sk_buff *skb,
			   struct vmmq_wire_size *size)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int header = vmmq_wire_header_len(skb);
	unsigned int payload = max_t(unsigned int, skb->len - header, 1);
	unsigned int packets = max_t(unsigned int, info->gso_segs, 1);
	unsigned int segment = info->gso_size;

	if (header)
		header -= vmmq_wire_jumbo_len(skb);
	/* Sizes of their own (SCTP) */
	if (unlikely(segment == GSO_BY_FRAGS))
		segment = payload / packets ?: 1;
	/* Who did not count, or not right, or is not trusted to */
	if (unlikely(!info->gso_segs || info->gso_type & SKB_GSO_DODGY ||
		     (packets - 1) * segment >= payload))
		packets = DIV_ROUND_UP(payload, segment);
	size->packets = packets;
	size->bytes = payload + packets * header;
	size->full = segment + header;
}

/**
 * vmmq_wire_fill_checksum() - compute the checksum a frame leaves to do
 * @skb: a frame that is no GSO frame
 *
 * Context: any.
 * Return: 0, or a negative errno: the frame is not to be used but still the
 * caller's.
 */
int vmmq_wire_fill_checksum(struct sk_buff *skb)
{
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;
	return skb_csum_hwoffload_help(skb, 0);
}

/* Of segments too: who segments a tunnel may leave the outer checksum to do. */
static int vmmq_wire_fill_checksums(struct sk_buff *skb)
{
	int err = 0;

	for (; skb && !err; skb = skb->next)
		err = vmmq_wire_fill_checksum(skb);
	return err;
}

/**
 * vmmq_wire_segment() - make complete packets of a frame
 * @skb: a frame at its Ethernet header; GSO or not, checksum to do or not
 *
 * Timestamps that its sender waits for are to be given before.
 *
 * Context: any with BH disabled.
 * Return: the packets, linked by their next pointers (the frame itself if it
 * is one), or an error pointer: the frame is still the caller's then.
 */
struct sk_buff *vmmq_wire_segment(struct sk_buff *skb)
{
	struct sk_buff *segments;
	int err;

	if (!skb_is_gso(skb)) {
		err = vmmq_wire_fill_checksum(skb);
		return err ? ERR_PTR(err) : skb;
	}
	segments = skb_gso_segment(skb, NETIF_F_SG);
	if (IS_ERR_OR_NULL(segments))
		return segments ?: ERR_PTR(-EINVAL);
	err = vmmq_wire_fill_checksums(segments);
	if (err) {
		kfree_skb_list(segments);
		return ERR_PTR(err);
	}
	consume_skb(skb);
	return segments;
}

/* Nothing that no wire carries, and no frame that is too short. */
static int vmmq_wire_strip(struct sk_buff *skb)
{
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	return __skb_put_padto(skb, ETH_ZLEN, false);
}

/* Returns their size; nothing if memory is short. */
static struct vmmq_wire_size vmmq_wire_strip_all(struct sk_buff *skb)
{
	struct vmmq_wire_size size = {};

	for (; skb; skb = skb->next) {
		if (unlikely(vmmq_wire_strip(skb)))
			return (struct vmmq_wire_size) {};
		size.packets++;
		size.bytes += skb->len;
	}
	return size;
}

/**
 * vmmq_wire_transmit() - make of a frame what a wire carries for it
 * @skb: a frame at its Ethernet header, on no list
 * @size: its size; that of the packets afterwards
 *
 * Context: any with BH disabled.
 * Return: the packets, linked by their next pointers, or an error pointer: the
 * frame is gone then.
 */
struct sk_buff *vmmq_wire_transmit(struct sk_buff *skb,
				   struct vmmq_wire_size *size)
{
	struct vmmq_wire_size stripped;
	struct sk_buff *packets;

	packets = vmmq_wire_segment(skb);
	if (IS_ERR(packets)) {
		kfree_skb(skb);
		return packets;
	}
	stripped = vmmq_wire_strip_all(packets);
	if (unlikely(!stripped.packets)) {
		kfree_skb_list(packets);
		return ERR_PTR(-ENOMEM);
	}
	*size = stripped;
	return packets;
}

/* Length of what the transport checksum covers, 0 if it can't be verified */
static unsigned int vmmq_wire_sum_len(const struct sk_buff *skb, u8 protocol,
				      int offset, unsigned int len)
{
	const struct udphdr *udp;
	struct udphdr buf;

	if (protocol == IPPROTO_TCP)
		return len < sizeof(struct tcphdr) ? 0 : len;
	if (protocol != IPPROTO_UDP)
		return 0;
	udp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!udp || !udp->check || ntohs(udp->len) < sizeof(*udp) ||
	    ntohs(udp->len) > len)
		return 0;
	return ntohs(udp->len);
}

static enum vmmq_wire_sum vmmq_wire_verdict(__sum16 rest)
{
	return rest ? VMMQ_WIRE_SUM_BAD : VMMQ_WIRE_SUM_GOOD;
}

static enum vmmq_wire_sum vmmq_wire_verify_ipv4(const struct sk_buff *skb,
						int offset)
{
	const struct iphdr *ip;
	unsigned int header, len;
	struct iphdr buf;

	ip = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!ip || ip->version != 4 || ip->ihl < 5)
		return VMMQ_WIRE_SUM_UNKNOWN;
	header = ip->ihl * 4;
	len = ntohs(ip->tot_len);
	if (len < header || len > skb->len - offset)
		return VMMQ_WIRE_SUM_UNKNOWN;
	if (csum_fold(skb_checksum(skb, offset, header, 0)))
		return VMMQ_WIRE_SUM_BAD;
	if (ip_is_fragment(ip))
		return VMMQ_WIRE_SUM_UNKNOWN;
	offset += header;
	len = vmmq_wire_sum_len(skb, ip->protocol, offset, len - header);
	if (!len)
		return VMMQ_WIRE_SUM_UNKNOWN;
	return vmmq_wire_verdict(csum_tcpudp_magic(ip->saddr, ip->daddr, len,
						   ip->protocol,
						   skb_checksum(skb, offset,
								len, 0)));
}

/* Extension headers are not looked behind: some change the addresses. */
static enum vmmq_wire_sum vmmq_wire_verify_ipv6(const struct sk_buff *skb,
						int offset)
{
	const struct ipv6hdr *ip;
	struct ipv6hdr buf;
	unsigned int len;

	ip = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!ip || ip->version != 6)
		return VMMQ_WIRE_SUM_UNKNOWN;
	offset += sizeof(*ip);
	len = ntohs(ip->payload_len);
	if (len > skb->len - offset)
		return VMMQ_WIRE_SUM_UNKNOWN;
	len = vmmq_wire_sum_len(skb, ip->nexthdr, offset, len);
	if (!len)
		return VMMQ_WIRE_SUM_UNKNOWN;
	return vmmq_wire_verdict(csum_ipv6_magic(&ip->saddr, &ip->daddr, len,
						 ip->nexthdr,
						 skb_checksum(skb, offset, len,
							      0)));
}

/* Type of what is behind the VLAN tags that stand in the frame */
static __be16 vmmq_wire_type(const struct sk_buff *skb, int *offset)
{
	unsigned int tags;
	__be16 *type, buf;

	*offset = ETH_HLEN;
	for (tags = 0; tags <= VMMQ_WIRE_TAGS; tags++) {
		type = skb_header_pointer(skb, *offset - sizeof(buf),
					  sizeof(buf), &buf);
		if (!type)
			return 0;
		if (!eth_type_vlan(*type))
			return *type;
		*offset += VLAN_HLEN;
	}
	return 0;
}

/**
 * vmmq_wire_verify() - verify a packet's checksums as a NIC does
 * @skb: a complete packet, at its Ethernet header
 *
 * Padding is left out of account. A UDP checksum of zero says nothing.
 *
 * Context: any.
 * Return: what was found out.
 */
enum vmmq_wire_sum vmmq_wire_verify(const struct sk_buff *skb)
{
	int offset;

	switch (vmmq_wire_type(skb, &offset)) {
	case htons(ETH_P_IP):
		return vmmq_wire_verify_ipv4(skb, offset);
	case htons(ETH_P_IPV6):
		return vmmq_wire_verify_ipv6(skb, offset);
	default:
		return VMMQ_WIRE_SUM_UNKNOWN;
	}
}
