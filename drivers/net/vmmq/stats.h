/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stats.c APIs: counters. Per-queue counters have one writer each and live as
 * long as the VPort, so that sums never step back; drops that happen outside
 * a queue are counted per CPU, by reason.
 */
#ifndef _VMMQ_STATS_H
#define _VMMQ_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

#include "flow.h"
#include "vmmq.h"
#include "xdp.h"

struct rtnl_link_stats64;

/**
 * enum vmmq_drop - why a frame was dropped outside a receive ring
 * @VMMQ_DROP_RX_DOWN: the receiver is down or going down
 * @VMMQ_DROP_RX_OVERSIZE: longer than the receiver's MTU plus VLAN tags
 * @VMMQ_DROP_RX_NOMEM: no memory for the receiver's copy or its VLAN tag
 * @VMMQ_DROP_RX_BUSY: netpoll met a held ring lock
 * @VMMQ_DROP_RX_MALFORMED: a GSO frame that can't be segmented
 * @VMMQ_DROP_RX_LOOPBACK: another VPort's frame for one that is looped back
 * @VMMQ_DROP_RX_RULE: an ntuple rule says so
 * @VMMQ_DROP_TX_UNMATCHED: no filter matched and nobody catches the rest
 * @VMMQ_DROP_TX_OWN: addressed to the sending VPort itself
 * @VMMQ_DROP_TX_MALFORMED: shorter than an Ethernet header, or a GSO frame that
 *	can't be segmented
 * @VMMQ_DROP_TX_NOMEM: no memory to detach the frame from its sender
 * @VMMQ_DROP_TX_DOWN: waited for a paused receiver when the sender went down
 * @VMMQ_DROPS: number of reasons
 */
enum vmmq_drop {
	VMMQ_DROP_RX_DOWN,
	VMMQ_DROP_RX_OVERSIZE,
	VMMQ_DROP_RX_NOMEM,
	VMMQ_DROP_RX_BUSY,
	VMMQ_DROP_RX_MALFORMED,
	VMMQ_DROP_RX_LOOPBACK,
	VMMQ_DROP_RX_RULE,
	VMMQ_DROP_TX_UNMATCHED,
	VMMQ_DROP_TX_OWN,
	VMMQ_DROP_TX_MALFORMED,
	VMMQ_DROP_TX_NOMEM,
	VMMQ_DROP_TX_DOWN,
	VMMQ_DROPS,
};

#define VMMQ_DROP_TX_FIRST	VMMQ_DROP_TX_UNMATCHED

struct vmmq_drop_stats {
	u64_stats_t count[VMMQ_DROPS];
	struct u64_stats_sync syncp;
};

/* Packets and bytes are those a wire would carry, headers repeated, whether
 * frames pass whole or not.
 */

/* Written by the queue's NAPI */
struct vmmq_rx_stats {
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t csum_errors;	/* in wire mode, with rxcsum on */
	u64_stats_t polls;
	u64_stats_t hash[VMMQ_HASH_TYPES];
	u64_stats_t tx_completed;	/* frames whose completion ran here */
	u64_stats_t tx_wake;
	struct u64_stats_sync syncp;
};

/* Written under the TX queue's lock */
struct vmmq_tx_stats {
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t stop;		/* TX ring was full */
	u64_stats_t pause;		/* stopped by the receiver's full ring */
	u64_stats_t override;		/* queue was not the table's choice */
	u64_stats_t xdp;		/* frames of programs */
	struct u64_stats_sync syncp;
};

/* One queue's counters added up, or read at one moment */
struct vmmq_queue_totals {
	u64 rx_packets;
	u64 rx_bytes;
	u64 rx_csum_errors;
	u64 rx_missed;
	u64 rx_purged;
	u64 rx_waited;
	u64 polls;
	u64 interrupts;
	u64 hash[VMMQ_HASH_TYPES];
	u64 tx_packets;
	u64 tx_bytes;
	u64 tx_gso_frames;
	u64 tx_gso_packets;
	u64 tx_completed;
	u64 tx_stop;
	u64 tx_wake;
	u64 tx_pause;
	u64 tx_override;
	u64 tx_xdp;
	u64 xdp[VMMQ_XDP_VERDICTS];
};

void vmmq_stats_drop(struct vmmq_vport *vport, enum vmmq_drop reason,
		     unsigned int len);
void vmmq_stats_drop_packets(struct vmmq_vport *vport, enum vmmq_drop reason,
			     u32 packets, unsigned int len);
void vmmq_stats_drop_frame(struct vmmq_vport *vport, enum vmmq_drop reason,
			   const struct sk_buff *skb);
void vmmq_stats_read_queue(const struct vmmq_queue *q,
			   struct vmmq_queue_totals *totals);
void vmmq_stats_sum_queues(const struct vmmq_vport *vport, unsigned int first,
			   unsigned int end, struct vmmq_queue_totals *sum);
void vmmq_stats_read_drops(const struct vmmq_vport *vport,
			   u64 drops[VMMQ_DROPS]);
u64 vmmq_stats_read_hits(const struct vmmq_vport *vport, u32 entry);
void vmmq_stats_get64(struct net_device *dev, struct rtnl_link_stats64 *stats);

int vmmq_stats_count(const struct vmmq_vport *vport);
void vmmq_stats_strings(const struct vmmq_vport *vport, u8 *data);
void vmmq_stats_values(const struct vmmq_vport *vport, u64 *data);

#endif /* _VMMQ_STATS_H */
