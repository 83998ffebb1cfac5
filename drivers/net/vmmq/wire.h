/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wire.c APIs: frames as a wire carries them. Between VPorts a frame may stand
 * for several (GSO) and leave its checksum to whoever needs it; a wire knows
 * neither.
 */
#ifndef _VMMQ_WIRE_H
#define _VMMQ_WIRE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "vmmq.h"

/**
 * struct vmmq_wire_size - what a frame is on a wire
 * @packets: packets, at least 1
 * @bytes: their bytes, the headers of each included
 * @full: of a GSO frame, bytes of each packet but the last
 */
struct vmmq_wire_size {
	u32 packets;
	u32 bytes;
	u32 full;
};

/**
 * enum vmmq_wire_sum - what a receiving NIC finds out about a checksum
 * @VMMQ_WIRE_SUM_UNKNOWN: nothing: no TCP or UDP, a fragment, or no checksum
 * @VMMQ_WIRE_SUM_GOOD: that of the outermost TCP or UDP header is right
 * @VMMQ_WIRE_SUM_BAD: it is wrong, or the one of the IPv4 header is
 */
enum vmmq_wire_sum {
	VMMQ_WIRE_SUM_UNKNOWN,
	VMMQ_WIRE_SUM_GOOD,
	VMMQ_WIRE_SUM_BAD,
};

void vmmq_wire_measure_gso(const struct sk_buff *skb,
			   struct vmmq_wire_size *size);
int vmmq_wire_fill_checksum(struct sk_buff *skb);
struct sk_buff *vmmq_wire_segment(struct sk_buff *skb);
struct sk_buff *vmmq_wire_transmit(struct sk_buff *skb,
				   struct vmmq_wire_size *size);
enum vmmq_wire_sum vmmq_wire_verify(const struct sk_buff *skb);

/* Any context. A frame at its Ethernet header. */
static inline struct vmmq_wire_size
vmmq_wire_measure(const struct sk_buff *skb)
{
	struct vmmq_wire_size size = { .packets = 1, .bytes = skb->len };

	if (skb_is_gso(skb))
		vmmq_wire_measure_gso(skb, &size);
	return size;
}

/* Any context. Whether a frame is complete: one packet, its checksum filled in */
static inline bool vmmq_wire_is_complete(const struct sk_buff *skb)
{
	return skb->ip_summed != CHECKSUM_PARTIAL && !skb_is_gso(skb);
}

#endif /* _VMMQ_WIRE_H */
