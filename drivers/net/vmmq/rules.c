// SPDX-License-Identifier: GPL-2.0
/*
 * Ntuple rules, and how a frame finds its rule.
 *
 * Rules are searched by tuple space: those with the same mask stand in one hash
 * table together, under the masked fields. A frame is looked up once for each
 * different mask, however many rules there are, and masks are a pool of
 * VMMQ_MAX_RULE_MASKS. They stand in the order of their lowest location, so the
 * search ends where no better rule can follow.
 *
 * Each change makes a new set and a new snapshot with it. All of a VPort's
 * frames are held in order meanwhile: which flows a rule concerns is not known
 * before they come.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/if_vlan.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "context.h"
#include "ethtool_rss.h"
#include "rss.h"
#include "rules.h"
#include "vport.h"

static u32 vmmq_rule_bucket(const struct vmmq_rules *rules,
			    const struct vmmq_tuple *value, unsigned int mask)
{
	return (vmmq_tuple_hash(value, rules->seed) + mask * 0x9e3779b9) &
	       rules->bucket_mask;
}

/* The tag beside the frame is the outer one. */
static void vmmq_rules_parse(const struct sk_buff *skb,
			     struct vmmq_tuple *tuple)
{
	const struct vmmq_pkt pkt = vmmq_rss_pkt(skb);

	vmmq_tuple_parse(&pkt, tuple);
	if (!skb_vlan_tag_present(skb))
		return;
	tuple->tagged = 1;
	tuple->vlan_type = skb->vlan_proto;
	tuple->vlan_tci = htons(skb_vlan_tag_get(skb));
}

static const struct vmmq_rule *
vmmq_rules_look_up(const struct vmmq_rules *rules,
		   const struct vmmq_tuple *tuple, unsigned int mask)
{
	const struct vmmq_rule *rule;
	struct vmmq_tuple value;
	u16 i;

	vmmq_tuple_mask(&value, tuple, &rules->masks[mask].fields);
	i = rules->buckets[vmmq_rule_bucket(rules, &value, mask)];
	for (; i != VMMQ_NO_RULE; i = rule->next) {
		rule = &rules->rules[i];
		if (rule->mask == mask && vmmq_tuple_same(&rule->value, &value))
			return rule;
	}
	return NULL;
}

/**
 * vmmq_rules_match() - find a frame's rule
 * @rules: the rules
 * @skb: the frame, at its Ethernet header
 *
 * Context: RCU.
 * Return: of the rules that match the one of the lowest location, or NULL.
 */
const struct vmmq_rule *vmmq_rules_match(const struct vmmq_rules *rules,
					 const struct sk_buff *skb)
{
	const struct vmmq_rule *rule, *best = NULL;
	struct vmmq_tuple tuple;
	unsigned int i;

	vmmq_rules_parse(skb, &tuple);
	for (i = 0; i < rules->num_masks; i++) {
		if (best && best->location < rules->masks[i].first)
			break;
		rule = vmmq_rules_look_up(rules, &tuple, i);
		if (rule && (!best || rule->location < best->location))
			best = rule;
	}
	return best;
}

/**
 * vmmq_rules_hold() - use a set of rules once more
 * @rules: the set, or NULL: there are none
 *
 * Context: any.
 * Return: @rules.
 */
struct vmmq_rules *vmmq_rules_hold(struct vmmq_rules *rules)
{
	if (rules)
		refcount_inc(&rules->refs);
	return rules;
}

/**
 * vmmq_rules_put() - use a set of rules no more
 * @rules: the set, or NULL
 *
 * Context: process or RCU callback.
 */
void vmmq_rules_put(struct vmmq_rules *rules)
{
	if (!rules || !refcount_dec_and_test(&rules->refs))
		return;
	vmmq_contexts_put(rules->contexts);
	kvfree(rules->buckets);
	kvfree(rules);
}

/**
 * vmmq_rules_find() - a rule by its number
 * @rules: the set, or NULL
 * @location: the number
 *
 * Context: any in which the set is held.
 * Return: the rule, or NULL.
 */
const struct vmmq_rule *vmmq_rules_find(const struct vmmq_rules *rules,
					u32 location)
{
	unsigned int i;

	for (i = 0; rules && i < rules->count; i++)
		if (rules->rules[i].location == location)
			return &rules->rules[i];
	return NULL;
}

/**
 * vmmq_rules_use_context() - whether a rule sends frames to a context
 * @rules: the set, or NULL
 * @context: the context's number, not 0
 *
 * Context: any in which the set is held.
 * Return: the location of such a rule, or -ENOENT.
 */
int vmmq_rules_use_context(const struct vmmq_rules *rules, u32 context)
{
	unsigned int i;

	for (i = 0; rules && i < rules->count; i++)
		if (rules->rules[i].context == context)
			return rules->rules[i].location;
	return -ENOENT;
}

static struct vmmq_rules *vmmq_rules_alloc(unsigned int count)
{
	unsigned int buckets = roundup_pow_of_two(2 * count);
	struct vmmq_rules *rules;

	rules = kvzalloc(struct_size(rules, rules, count), GFP_KERNEL_ACCOUNT);
	if (!rules)
		return NULL;
	rules->buckets = kvmalloc_array(buckets, sizeof(*rules->buckets),
					GFP_KERNEL_ACCOUNT);
	if (!rules->buckets) {
		kvfree(rules);
		return NULL;
	}
	refcount_set(&rules->refs, 1);
	rules->seed = get_random_u64();
	rules->bucket_mask = buckets - 1;
	memset16(rules->buckets, VMMQ_NO_RULE, buckets);
	return rules;
}

/* The number of a rule's mask; rules come by ascending location. */
static int vmmq_rules_add_mask(struct vmmq_rules *rules,
			       const struct vmmq_rule *rule)
{
	unsigned int i;

	for (i = 0; i < rules->num_masks; i++)
		if (vmmq_tuple_same(&rules->masks[i].fields, &rule->fields))
			return i;
	if (i == VMMQ_MAX_RULE_MASKS)
		return -ENOSPC;
	rules->masks[i].fields = rule->fields;
	rules->masks[i].first = rule->location;
	rules->num_masks++;
	return i;
}

static int vmmq_rules_add(struct vmmq_rules *rules,
			  const struct vmmq_rule *from)
{
	struct vmmq_rule *rule = &rules->rules[rules->count];
	int mask;

	*rule = *from;
	mask = vmmq_rules_add_mask(rules, rule);
	if (mask < 0)
		return mask;
	rule->mask = mask;
	rule->via = vmmq_contexts_find(rules->contexts, rule->context);
	rules->adds |= rule->action == VMMQ_RULE_MAIN && rule->queue;
	rules->count++;
	return 0;
}

/* Of equal rules the one of the lowest location has to be met first. */
static void vmmq_rules_link(struct vmmq_rules *rules)
{
	unsigned int i = rules->count;
	struct vmmq_rule *rule;
	u16 *bucket;

	while (i--) {
		rule = &rules->rules[i];
		bucket = &rules->buckets[vmmq_rule_bucket(rules, &rule->value,
							  rule->mask)];
		rule->next = *bucket;
		*bucket = i;
	}
}

/* A set with one rule put in, in the place of one of its location, or with the
 * one of that location left out if @rule is NULL. NULL if it is empty.
 */
static struct vmmq_rules *vmmq_rules_make(const struct vmmq_rss *rss,
					  u32 location,
					  const struct vmmq_rule *rule)
{
	const struct vmmq_rules *old = rss->rules;
	unsigned int i, count = old ? old->count : 0;
	struct vmmq_rules *new;
	int err = 0;

	new = vmmq_rules_alloc(count + 1);
	if (!new)
		return ERR_PTR(-ENOMEM);
	new->contexts = vmmq_contexts_hold(rss->contexts);
	for (i = 0; !err && i < count && old->rules[i].location < location; i++)
		err = vmmq_rules_add(new, &old->rules[i]);
	if (!err && rule)
		err = vmmq_rules_add(new, rule);
	for (; !err && i < count; i++)
		if (old->rules[i].location != location)
			err = vmmq_rules_add(new, &old->rules[i]);
	if (err || !new->count) {
		vmmq_rules_put(new);
		return ERR_PTR(err);
	}
	vmmq_rules_link(new);
	return new;
}

/**
 * vmmq_rules_follow_context() - compile rules for a context that has changed
 * @rss: an unpublished snapshot with the new contexts
 * @context: the context's number
 *
 * Context: process, RTNL.
 * Return: 0 or -ENOMEM.
 */
int vmmq_rules_follow_context(struct vmmq_rss *rss, u32 context)
{
	int location = vmmq_rules_use_context(rss->rules, context);
	struct vmmq_rules *rules;

	if (location < 0)
		return 0;
	rules = vmmq_rules_make(rss, location,
				vmmq_rules_find(rss->rules, location));
	if (IS_ERR(rules))
		return PTR_ERR(rules);
	vmmq_rules_put(rss->rules);
	rss->rules = rules;
	return 0;
}

/* @main: highest queue the VPort's own parameters lead to */
static unsigned int vmmq_rule_highest_queue(const struct vmmq_rule *rule,
					    unsigned int main)
{
	switch (rule->action) {
	case VMMQ_RULE_QUEUE:
		return rule->queue;
	case VMMQ_RULE_MAIN:
		return rule->queue ? rule->queue + main : 0;
	case VMMQ_RULE_CONTEXT:
		return rule->queue + rule->via->highest;
	default:
		return 0;
	}
}

/**
 * vmmq_rules_check() - whether the rules fit a snapshot
 * @vport: the VPort
 * @rss: an unpublished snapshot
 * @extack: says why not
 *
 * Context: process, RTNL.
 * Return: 0, or -EINVAL if one leads to a queue that is not active.
 */
int vmmq_rules_check(const struct vmmq_vport *vport,
		     const struct vmmq_rss *rss,
		     struct netlink_ext_ack *extack)
{
	const struct vmmq_rules *rules = rss->rules;
	unsigned int i, highest, main = 0;

	if (rules && rules->adds)
		main = max_t(unsigned int, rss->default_queue,
			     vmmq_rss_highest_queue(rss));
	for (i = 0; rules && i < rules->count; i++) {
		highest = vmmq_rule_highest_queue(&rules->rules[i], main);
		if (highest < rss->queues)
			continue;
		vmmq_refuse(vport->dev, extack,
			    "rule %u leads to queue %u of %u; see ethtool -n, -L",
			    rules->rules[i].location, highest, rss->queues);
		return -EINVAL;
	}
	return 0;
}

/* The queues of a table, with what a rule adds to them */
static void vmmq_rule_mark_sums(const struct vmmq_rule *rule,
				const unsigned long *table,
				unsigned long *queues)
{
	unsigned int queue;

	for_each_set_bit(queue, table, VMMQ_MAX_QUEUES - rule->queue)
		__set_bit(queue + rule->queue, queues);
}

static void vmmq_rule_mark_queues(const struct vmmq_rule *rule,
				  const unsigned long *main,
				  unsigned long *queues)
{
	if (rule->action == VMMQ_RULE_QUEUE)
		__set_bit(rule->queue, queues);
	else if (rule->action == VMMQ_RULE_CONTEXT)
		vmmq_rule_mark_sums(rule, rule->via->queues, queues);
	else if (rule->action == VMMQ_RULE_MAIN && rule->queue)
		vmmq_rule_mark_sums(rule, main, queues);
}

/**
 * vmmq_rules_mark_queues() - which queues rules send frames to
 * @rss: a snapshot
 * @main: queues the VPort's own parameters lead to, a bit for each of
 *	VMMQ_MAX_QUEUES
 * @queues: bits as well; those found are set
 *
 * Those of @main alone don't count.
 *
 * Context: process, RTNL.
 */
void vmmq_rules_mark_queues(const struct vmmq_rss *rss,
			    const unsigned long *main, unsigned long *queues)
{
	const struct vmmq_rules *rules = rss->rules;
	unsigned int i;

	for (i = 0; rules && i < rules->count; i++)
		vmmq_rule_mark_queues(&rules->rules[i], main, queues);
}

/**
 * vmmq_rules_commit() - put a snapshot in force that its rules fit
 * @vport: the VPort, up or down
 * @rss: a changed clone of the snapshot in force, of the same queues; freed on
 *	failure
 * @extack: says why not; NULL: the log does
 *
 * No frame is lost and no flow reordered.
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_rules_commit(struct vmmq_vport *vport, struct vmmq_rss *rss,
		      struct netlink_ext_ack *extack)
{
	int err = vmmq_rules_check(vport, rss, extack);

	if (!err)
		err = vmmq_rss_commit(vport, rss, NULL);
	if (err)
		vmmq_rss_free(rss);
	return err;
}

/* Puts a set in force, for which it takes over the reference. */
static int vmmq_rules_replace(struct vmmq_vport *vport,
			      struct vmmq_rules *rules,
			      struct netlink_ext_ack *extack)
{
	struct vmmq_rss *rss = vmmq_rss_copy(vmmq_rss_get(vport));

	if (!rss) {
		vmmq_rules_put(rules);
		return -ENOMEM;
	}
	vmmq_rules_put(rss->rules);
	rss->rules = rules;
	return vmmq_rules_commit(vport, rss, extack);
}

static const struct vmmq_rule *vmmq_rules_equal(const struct vmmq_rules *rules,
						const struct vmmq_rule *rule)
{
	unsigned int i;

	for (i = 0; rules && i < rules->count; i++)
		if (vmmq_tuple_same(&rules->rules[i].fields, &rule->fields) &&
		    vmmq_tuple_same(&rules->rules[i].value, &rule->value))
			return &rules->rules[i];
	return NULL;
}

static int vmmq_rules_lowest_free(const struct vmmq_rules *rules)
{
	unsigned int i;

	for (i = 0; rules && i < rules->count; i++)
		if (rules->rules[i].location != i)
			break;
	return i < VMMQ_MAX_RULES ? i : -ENOSPC;
}

static int vmmq_rules_highest_free(const struct vmmq_rules *rules)
{
	unsigned int i = rules ? rules->count : 0;
	int location = VMMQ_MAX_RULES - 1;

	while (i-- && rules->rules[i].location == location)
		location--;
	return location >= 0 ? location : -ENOSPC;
}

/* A number for a rule that asks for any: the one it has already, if it is there */
static int vmmq_rules_locate(const struct vmmq_rules *rules,
			     const struct vmmq_rule *rule)
{
	const struct vmmq_rule *equal = vmmq_rules_equal(rules, rule);

	if (rule->location < VMMQ_MAX_RULES)
		return rule->location;
	switch (rule->location) {
	case RX_CLS_LOC_ANY:
	case RX_CLS_LOC_FIRST:
	case RX_CLS_LOC_LAST:
		break;
	default:
		return -EINVAL;
	}
	if (equal)
		return equal->location;
	return rule->location == RX_CLS_LOC_LAST ?
	       vmmq_rules_highest_free(rules) : vmmq_rules_lowest_free(rules);
}

static int vmmq_rule_refuse_location(const struct vmmq_vport *vport,
				     const struct vmmq_rule *rule, int err,
				     struct netlink_ext_ack *extack)
{
	if (err == -ENOSPC)
		vmmq_refuse(vport->dev, extack,
			    "all %u rules are in use; see ethtool -n",
			    VMMQ_MAX_RULES);
	else
		vmmq_refuse(vport->dev, extack, "rule %u: must be 0 to %u",
			    rule->location, VMMQ_MAX_RULES - 1);
	return err;
}

static int vmmq_rule_check(const struct vmmq_vport *vport,
			   const struct vmmq_rss *rss,
			   const struct vmmq_rule *rule,
			   struct netlink_ext_ack *extack)
{
	if (!rss->ntuple) {
		vmmq_refuse(vport->dev, extack,
			    "ntuple filters are off; ethtool -K %s ntuple on",
			    vport->dev->name);
		return -EOPNOTSUPP;
	}
	if (rule->context && !vmmq_contexts_find(rss->contexts, rule->context)) {
		vmmq_refuse(vport->dev, extack,
			    "no RSS context %u; ethtool -X %s context new",
			    rule->context, vport->dev->name);
		return -EINVAL;
	}
	return 0;
}

/**
 * vmmq_rule_insert() - add a rule, or put it in the place of another
 * @vport: the VPort, up or down
 * @rule: value, fields, action, queue, context, spec; @rule->location is a
 *	number or RX_CLS_LOC_*, and the number it got on return
 * @extack: says why not; NULL: the log does
 *
 * It replaces the rule of its location, or, if it asks for any location, the
 * one that matches the same. No frame is lost and no flow reordered.
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_rule_insert(struct vmmq_vport *vport, struct vmmq_rule *rule,
		     struct netlink_ext_ack *extack)
{
	const struct vmmq_rss *rss = vmmq_rss_get(vport);
	struct vmmq_rules *rules;
	int err, location;

	ASSERT_RTNL();
	err = vmmq_rule_check(vport, rss, rule, extack);
	if (err)
		return err;
	location = vmmq_rules_locate(rss->rules, rule);
	if (location < 0)
		return vmmq_rule_refuse_location(vport, rule, location, extack);
	rule->location = location;
	rule->spec.location = location;
	rules = vmmq_rules_make(rss, location, rule);
	if (IS_ERR(rules)) {
		if (PTR_ERR(rules) == -ENOSPC)
			vmmq_refuse(vport->dev, extack,
				    "%u different masks are in use by rules; that is all",
				    VMMQ_MAX_RULE_MASKS);
		return PTR_ERR(rules);
	}
	return vmmq_rules_replace(vport, rules, extack);
}

/**
 * vmmq_rule_delete() - delete a rule
 * @vport: the VPort, up or down
 * @location: its number
 * @extack: says why not; NULL: the log does
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_rule_delete(struct vmmq_vport *vport, u32 location,
		     struct netlink_ext_ack *extack)
{
	const struct vmmq_rss *rss = vmmq_rss_get(vport);
	struct vmmq_rules *rules;

	ASSERT_RTNL();
	if (!vmmq_rules_find(rss->rules, location)) {
		vmmq_refuse(vport->dev, extack, "no rule %u; see ethtool -n",
			    location);
		return -ENOENT;
	}
	rules = vmmq_rules_make(rss, location, NULL);
	if (IS_ERR(rules))
		return PTR_ERR(rules);
	return vmmq_rules_replace(vport, rules, extack);
}

/**
 * vmmq_rules_set_active() - have the rules steer or not
 * @vport: the VPort, up or down
 * @active: whether; if not they stay and wait
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_rules_set_active(struct vmmq_vport *vport, bool active)
{
	const struct vmmq_rss *old = vmmq_rss_get(vport);
	struct vmmq_rss *rss;

	ASSERT_RTNL();
	if (old->ntuple == active)
		return 0;
	rss = vmmq_rss_copy(old);
	if (!rss)
		return -ENOMEM;
	rss->ntuple = active;
	return vmmq_rules_commit(vport, rss, NULL);
}
