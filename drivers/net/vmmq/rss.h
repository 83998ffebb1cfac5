/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rss.c APIs: a VPort's RSS parameters. They are one snapshot, published under
 * RCU and never changed in place: a frame sees all of a change or none of it.
 * The way to change is clone, edit, validate, publish.
 */
#ifndef _VMMQ_RSS_H
#define _VMMQ_RSS_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "flow.h"
#include "toeplitz.h"
#include "vmmq.h"

#define VMMQ_KEY_SIZE_MAX	VMMQ_KEY_SIZE_LONG
#define VMMQ_RSS_NO_CPU		0xffff

struct vmmq_contexts;
struct vmmq_place;
struct vmmq_rules;

/**
 * struct vmmq_key - a secret key and its expansion, shared by its users
 * @refs: snapshots that use it
 * @node: in the table of keys, under its lock
 * @size: bytes of @bytes in use
 * @bytes: the key
 * @toeplitz: the key's rows
 */
struct vmmq_key {
	refcount_t refs;
	struct hlist_node node;
	unsigned int size;
	u8 bytes[VMMQ_KEY_SIZE_MAX];
	struct vmmq_toeplitz *toeplitz;
};

/**
 * struct vmmq_rss - RSS parameters of a VPort, immutable once published
 * @mask: table entries less one
 * @queues: active queue pairs; every entry and @default_queue is below
 * @default_queue: where a frame goes that is not hashable
 * @primary_queue: where every frame goes while RSS is off
 * @default_cpu: what @default_queue is tracked for while it does not steer, or
 *	VMMQ_RSS_NO_CPU
 * @primary_cpu: the same of @primary_queue
 * @enabled: RSS is on
 * @ntuple: @rules steer
 * @xfrm: VMMQ_XFRM_*, what becomes of the fields before they are hashed
 * @fields: field set per flow type
 * @generation: one more than the snapshot it replaced
 * @key: secret key
 * @contexts: additional RSS contexts, NULL if there are none
 * @rules: ntuple rules, NULL if there are none
 * @rcu: frees a retired snapshot
 * @table: queue of each entry; then as many CPUs that entries are tracked for
 *	while they do not steer, or VMMQ_RSS_NO_CPU
 */
struct vmmq_rss {
	u32 mask;
	u16 queues;
	u16 default_queue;
	u16 primary_queue;
	u16 default_cpu;
	u16 primary_cpu;
	bool enabled;
	bool ntuple;
	u8 xfrm;
	u8 fields[VMMQ_FLOW_TYPES];
	u32 generation;
	struct vmmq_key *key;
	struct vmmq_contexts *contexts;
	struct vmmq_rules *rules;
	struct rcu_head rcu;
	u16 table[];
};

static inline u32 vmmq_rss_entries(const struct vmmq_rss *rss)
{
	return rss->mask + 1;
}

static inline u16 *vmmq_rss_tracked(const struct vmmq_rss *rss)
{
	return (u16 *)rss->table + vmmq_rss_entries(rss);
}

/* RCU. The queue a hash value leads to. */
static inline u16 vmmq_rss_queue(const struct vmmq_rss *rss, u32 hash)
{
	return READ_ONCE(rss->table[hash & rss->mask]);
}

/* RCU. The queue of a frame without an entry: it is not hashable or RSS is off. */
static inline u16 vmmq_rss_other_queue(const struct vmmq_rss *rss)
{
	return likely(rss->enabled) ? rss->default_queue : rss->primary_queue;
}

struct vmmq_pkt vmmq_rss_pkt(const struct sk_buff *skb);
u8 vmmq_rss_hash(const struct vmmq_rss *rss, const struct sk_buff *skb,
		 u32 *hash);

struct vmmq_rss *vmmq_rss_create(unsigned int entries, unsigned int queues,
				 const u8 *key, unsigned int key_size);
struct vmmq_rss *vmmq_rss_clone(const struct vmmq_rss *old, u32 entries);
struct vmmq_rss *vmmq_rss_copy(const struct vmmq_rss *old);
int vmmq_rss_set_key(struct vmmq_rss *rss, const u8 *key);
void vmmq_rss_set_default_table(struct vmmq_rss *rss);
void vmmq_rss_free(struct vmmq_rss *rss);
void vmmq_rss_publish(struct vmmq_vport *vport, struct vmmq_rss *rss);
int vmmq_rss_commit(struct vmmq_vport *vport, struct vmmq_rss *rss,
		    const struct vmmq_place *place);
struct vmmq_rss *vmmq_rss_get(const struct vmmq_vport *vport);
bool vmmq_rss_user_table(const struct vmmq_vport *vport);
unsigned int vmmq_rss_highest_queue(const struct vmmq_rss *rss);

#endif /* _VMMQ_RSS_H */
