/* SPDX-License-Identifier: GPL-2.0 */
/* rx.c APIs: the receive side of a VPort, steering and poll. */
#ifndef _VMMQ_RX_H
#define _VMMQ_RX_H

#include <linux/skbuff.h>

#include "vmmq.h"

/**
 * struct vmmq_cb - control block of a frame in a receive ring
 * @from: TX queue whose completion waits for this frame, NULL for a copy
 * @bytes: bytes charged to @from; before it is charged: that are to be
 * @generation: of the snapshot that steered the frame
 * @entry: its entry of the table, the number of entries if not hashable,
 *	VMMQ_NO_ENTRY if the VPort's own table has nothing to do with its queue
 * @hash_type: &enum vmmq_hash_type the receiver computed
 */
struct vmmq_cb {
	struct vmmq_queue *from;
	u32 bytes;
	u32 generation;
	u16 entry;
	u8 hash_type;
};

#define VMMQ_NO_ENTRY	0xffff

static inline struct vmmq_cb *vmmq_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct vmmq_cb) > sizeof(skb->cb));
	return (struct vmmq_cb *)skb->cb;
}

/**
 * struct vmmq_steering - where a VPort puts a frame
 * @rss: the snapshot that says so
 * @queue: the queue pair
 * @entry: entry of the indirection table, -1 if not hashable
 * @rule: location of the ntuple rule that decided, -1 if none did
 * @context: the RSS context that hashed
 * @elsewhere: @queue isn't what the VPort's own table says
 * @drop: nowhere; @queue is only where it would be
 * @hash: the VPort's own hash, 0 if not hashable
 * @hash_type: &enum vmmq_hash_type, VMMQ_HASH_NONE if not hashable
 */
struct vmmq_steering {
	const struct vmmq_rss *rss;
	struct vmmq_queue *queue;
	int entry;
	int rule;
	u32 context;
	u32 hash;
	u8 hash_type;
	bool elsewhere;
	bool drop;
};

void vmmq_rx_steer(const struct vmmq_vport *vport, const struct sk_buff *skb,
		   struct vmmq_steering *steering);
bool vmmq_rx_enqueue(struct vmmq_vport *vport, struct sk_buff *skb,
		     struct vmmq_steering *steering, u32 headroom);
struct sk_buff *vmmq_rx_decap(struct net_device *dev, struct sk_buff *skb);
void vmmq_rx_purge(struct vmmq_queue *q);

#endif /* _VMMQ_RX_H */
