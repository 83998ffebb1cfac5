/* SPDX-License-Identifier: GPL-2.0 */
/* xdp.c APIs: a VPort's native XDP program. */
#ifndef _VMMQ_XDP_H
#define _VMMQ_XDP_H

#include <linux/skbuff.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include <net/xdp.h>

#include "vmmq.h"

struct bpf_prog;
struct net_device;
struct netdev_bpf;
struct page_pool;

/**
 * enum vmmq_verdict - what became of a frame that a program saw
 * @VMMQ_XDP_PASS: handed up
 * @VMMQ_XDP_DROP: thrown away
 * @VMMQ_XDP_TX: sent back out by the VPort that received it
 * @VMMQ_XDP_REDIRECT: handed to another device, CPU or AF_XDP socket
 * @VMMQ_XDP_ABORTED: thrown away, the program failed
 * @VMMQ_XDP_ERROR: thrown away, its verdict could not be carried out
 * @VMMQ_XDP_VERDICTS: number of them
 */
enum vmmq_verdict {
	VMMQ_XDP_PASS,
	VMMQ_XDP_DROP,
	VMMQ_XDP_TX,
	VMMQ_XDP_REDIRECT,
	VMMQ_XDP_ABORTED,
	VMMQ_XDP_ERROR,
	VMMQ_XDP_VERDICTS,
};

/* Written by the queue's NAPI */
struct vmmq_xdp_stats {
	u64_stats_t count[VMMQ_XDP_VERDICTS];
	struct u64_stats_sync syncp;
};

/**
 * struct vmmq_xdp - a queue pair's part in XDP, there while the VPort has a
 *	program
 * @rxq: what programs know of the queue; registered when the queue starts
 * @mem: memory model of the frames
 * @pool: pages of the frames; the NAPI's own
 * @queue: the queue pair
 * @out: frames to send when the poll ends
 * @count: verdicts of the poll
 * @redirected: the poll has redirected frames
 * @next: chains those to be freed
 */
struct vmmq_xdp {
	struct xdp_rxq_info rxq;
	struct xdp_mem_info mem;
	struct page_pool *pool;
	struct vmmq_queue *queue;
	struct sk_buff_head out;
	u32 count[VMMQ_XDP_VERDICTS];
	bool redirected;
	struct vmmq_xdp *next;
};

/**
 * struct vmmq_xdp_buff - a frame as a program and its metadata calls see it
 * @xdp: the frame; has to be the first member
 * @time: when the program first asked for it, nanoseconds of CLOCK_REALTIME,
 *	0 until then
 * @hash: the VPort's own hash, meaningless if @hash_type is VMMQ_HASH_NONE
 * @hash_type: &enum vmmq_hash_type, VMMQ_HASH_NONE also while rxhash is off
 * @vlan_proto: EtherType of the tag that stands beside the frame, 0 if none
 * @vlan_tci: that tag
 */
struct vmmq_xdp_buff {
	struct xdp_buff xdp;
	u64 time;
	u32 hash;
	u8 hash_type;
	__be16 vlan_proto;
	u16 vlan_tci;
};

int vmmq_xdp_bpf(struct net_device *dev, struct netdev_bpf *bpf);
int vmmq_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		  u32 flags);

int vmmq_xdp_queue_init(struct vmmq_queue *q);
void vmmq_xdp_queue_exit(struct vmmq_queue *q);
void vmmq_xdp_queue_start(struct vmmq_queue *q);

bool vmmq_xdp_receive(struct vmmq_xdp *x, struct sk_buff **skb);
void vmmq_xdp_flush(struct vmmq_xdp *x);

/* xdp_meta.c */
void vmmq_xdp_setup(struct net_device *dev);

#endif /* _VMMQ_XDP_H */
