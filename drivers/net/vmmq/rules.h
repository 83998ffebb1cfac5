/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rules.c APIs: the ntuple rules of a VPort: which frames go to another place
 * than the VPort's own RSS parameters say. The rules are a part of the VPort's
 * snapshot and immutable as it is.
 */
#ifndef _VMMQ_RULES_H
#define _VMMQ_RULES_H

#include <linux/ethtool.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "tuple.h"
#include "vmmq.h"

struct netlink_ext_ack;
struct vmmq_context;
struct vmmq_contexts;

enum vmmq_rule_action {
	VMMQ_RULE_DROP,
	VMMQ_RULE_QUEUE,	/* to a queue */
	VMMQ_RULE_MAIN,		/* where the VPort's own parameters say */
	VMMQ_RULE_CONTEXT,	/* where a context says */
};

/**
 * struct vmmq_rule - a rule
 * @value: what the masked fields of a frame have to be
 * @mask: number of the mask in the set
 * @next: next rule in the bucket, of higher location, or VMMQ_NO_RULE
 * @queue: the queue, or what is added to that which @context says
 * @action: &enum vmmq_rule_action
 * @location: its number and priority: lower goes first
 * @context: number of the context
 * @via: that context, NULL if there is none; of the set, as @mask and @next are
 * @fields: which fields count, the mask itself
 * @spec: the rule as it was given
 */
struct vmmq_rule {
	struct vmmq_tuple value;
	u16 mask;
	u16 next;
	u16 queue;
	u8 action;
	u32 location;
	u32 context;
	const struct vmmq_context *via;
	struct vmmq_tuple fields;
	struct ethtool_rx_flow_spec spec;
};

#define VMMQ_NO_RULE	0xffff

/* Rules with the same mask */
struct vmmq_rule_mask {
	struct vmmq_tuple fields;
	u32 first;	/* lowest location */
};

/**
 * struct vmmq_rules - the rules of a snapshot
 * @refs: snapshots that use it
 * @contexts: that @rules send frames to
 * @adds: a rule adds to what the VPort's own table says
 * @seed: of the hash of tuples, so that nobody can fill one bucket
 * @bucket_mask: length of @buckets less one, a power of two
 * @buckets: first rule of each, or VMMQ_NO_RULE
 * @num_masks: of @masks in use
 * @masks: by lowest location, ascending
 * @count: length of @rules
 * @rules: by location, ascending
 */
struct vmmq_rules {
	refcount_t refs;
	struct vmmq_contexts *contexts;
	bool adds;
	u64 seed;
	u32 bucket_mask;
	u16 *buckets;
	unsigned int num_masks;
	struct vmmq_rule_mask masks[VMMQ_MAX_RULE_MASKS];
	unsigned int count;
	struct vmmq_rule rules[];
};

const struct vmmq_rule *vmmq_rules_match(const struct vmmq_rules *rules,
					 const struct sk_buff *skb);

struct vmmq_rules *vmmq_rules_hold(struct vmmq_rules *rules);
void vmmq_rules_put(struct vmmq_rules *rules);
const struct vmmq_rule *vmmq_rules_find(const struct vmmq_rules *rules,
					u32 location);
int vmmq_rules_use_context(const struct vmmq_rules *rules, u32 context);
int vmmq_rules_follow_context(struct vmmq_rss *rss, u32 context);
int vmmq_rules_check(const struct vmmq_vport *vport,
		     const struct vmmq_rss *rss,
		     struct netlink_ext_ack *extack);
int vmmq_rules_commit(struct vmmq_vport *vport, struct vmmq_rss *rss,
		      struct netlink_ext_ack *extack);
void vmmq_rules_mark_queues(const struct vmmq_rss *rss,
			    const unsigned long *main, unsigned long *queues);

int vmmq_rule_insert(struct vmmq_vport *vport, struct vmmq_rule *rule,
		     struct netlink_ext_ack *extack);
int vmmq_rule_delete(struct vmmq_vport *vport, u32 location,
		     struct netlink_ext_ack *extack);
int vmmq_rules_set_active(struct vmmq_vport *vport, bool active);

#endif /* _VMMQ_RULES_H */
