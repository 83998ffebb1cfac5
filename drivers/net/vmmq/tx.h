/* SPDX-License-Identifier: GPL-2.0 */
/* tx.c APIs: the transmit side of a VPort. */
#ifndef _VMMQ_TX_H
#define _VMMQ_TX_H

#include <linux/netdevice.h>

#include "vmmq.h"

struct vmmq_receivers;

/**
 * enum vmmq_tx_case - where the hash that chose the TX queue came from
 * @VMMQ_TX_PRESENT: the frame carried one
 * @VMMQ_TX_DEFAULT: there was none: the default queue
 * @VMMQ_TX_OWN: there was none and the VPort computed its own
 */
enum vmmq_tx_case {
	VMMQ_TX_PRESENT,
	VMMQ_TX_DEFAULT,
	VMMQ_TX_OWN,
};

/**
 * struct vmmq_tx_choice - what the transmit rule says about a frame
 * @hash: the hash that was used, 0 if none
 * @queue: the TX queue
 * @which: the case of the rule
 */
struct vmmq_tx_choice {
	u32 hash;
	u16 queue;
	enum vmmq_tx_case which;
};

u16 vmmq_select_queue(struct net_device *dev, struct sk_buff *skb,
		      struct net_device *sb_dev);
netdev_tx_t vmmq_start_xmit(struct sk_buff *skb, struct net_device *dev);
void vmmq_tx_copies(struct vmmq_queue *q, struct sk_buff *skb,
		    const struct vmmq_receivers *to);
void vmmq_tx_resume(struct vmmq_queue *q);
void vmmq_tx_purge(struct vmmq_queue *q);

#endif /* _VMMQ_TX_H */
