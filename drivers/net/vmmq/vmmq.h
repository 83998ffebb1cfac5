/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The limits of the emulation and the configuration an adapter starts with.
 * Every other header describes one object.
 */
#ifndef _VMMQ_H
#define _VMMQ_H

#include <linux/types.h>

#include <uapi/linux/vmmq.h>

#include "procset.h"

#define VMMQ_DRV_NAME		"vmmq"

#define VMMQ_MAX_ADAPTERS	64
#define VMMQ_ADAPTER_NAME	11	/* bytes, with the final 0 */
#define VMMQ_MAX_VPORTS		1024	/* per adapter, default VPort included */
#define VMMQ_MAX_QUEUES		128	/* queue pairs per VPort */
#define VMMQ_MAX_VECTORS	VMMQ_MAX_QUEUES

#define VMMQ_MIN_ENTRIES	16	/* indirection table, power of two */
#define VMMQ_MAX_ENTRIES	4096
#define VMMQ_DEFAULT_ENTRIES	128	/* or four times max_queues if larger */

#define VMMQ_MAX_CONTEXTS	256	/* RSS contexts, the VPort's own included */
#define VMMQ_MAX_RULES		1024	/* ntuple rules */
#define VMMQ_MAX_RULE_MASKS	16	/* different masks of them */

#define VMMQ_MIN_RING		16	/* frames, any number up to the maximum */
#define VMMQ_MAX_RING		16384
#define VMMQ_DEFAULT_RING	1024

#define VMMQ_MAX_USECS		10000	/* interrupt moderation delay */
#define VMMQ_MAX_FRAMES		VMMQ_MAX_RING

#define VMMQ_MAX_MTU		65521	/* 65535 less a tagged Ethernet header */
#define VMMQ_SPEED_MBPS		100000	/* what link settings report */

struct net_device;
struct sk_buff;
struct vmmq_adapter;
struct vmmq_queue;
struct vmmq_rss;
struct vmmq_vector;
struct vmmq_vport;

/* What an adapter can do unless it is told otherwise */
#define VMMQ_DEFAULT_CAPABILITIES					\
	(VMMQ_CAPABILITY_VLAN_FILTER |					\
	 VMMQ_CAPABILITY_VPORT_MODERATION |				\
	 VMMQ_CAPABILITY_ASYMMETRIC_QUEUE_PAIRS |			\
	 VMMQ_CAPABILITY_VPORT_HASH)
#define VMMQ_DEFAULT_FILTERS	1048576

/**
 * struct vmmq_config - what an adapter is created with
 * @name: its name; empty for vmmqN
 * @capabilities: &enum vmmq_capability
 * @vports: VPorts made with it, the default VPort included
 * @max_vports: size of the pool of VPorts
 * @pool_queues: size of the pool of queue pairs
 * @max_filters: size of the pool of unicast filters
 * @max_vectors: vectors at most
 * @processors: the CPUs it may use
 * @queues: queue pairs the VPorts made with it start with
 * @default_max_queues: as @max_queues, of the default VPort
 * @max_queues: queue pairs that ``ethtool -L`` can reach
 * @default_entries: as @entries, of the default VPort
 * @entries: indirection table size, a power of two
 * @key_size: RSS key size in bytes, 40 or 52
 * @tx_hash: VPorts hash outgoing frames that carry no hash themselves
 * @wire: frames pass as a wire carries them, to begin with
 */
struct vmmq_config {
	char name[VMMQ_ADAPTER_NAME];
	u32 capabilities;
	unsigned int vports;
	unsigned int max_vports;
	unsigned int pool_queues;
	unsigned int max_filters;
	unsigned int max_vectors;
	struct vmmq_procset processors;
	unsigned int queues;
	unsigned int default_max_queues;
	unsigned int max_queues;
	unsigned int default_entries;
	unsigned int entries;
	unsigned int key_size;
	bool tx_hash;
	bool wire;
};

#endif /* _VMMQ_H */
