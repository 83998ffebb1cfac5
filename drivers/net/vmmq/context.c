// SPDX-License-Identifier: GPL-2.0
/*
 * Additional RSS contexts: how they come, change and go. Each change makes a
 * new set of contexts, which shares what has not changed with the old one, and
 * a new snapshot with that set. Rules that send frames to a context are
 * compiled anew, so a change that concerns no rule moves no frame.
 */
#include <linux/err.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "change.h"
#include "context.h"
#include "ethtool_rss.h"
#include "rss.h"
#include "rules.h"
#include "vport.h"

static void vmmq_context_put(struct vmmq_context *context)
{
	if (!refcount_dec_and_test(&context->refs))
		return;
	vmmq_rss_free(context->rss);
	kfree(context);
}

/**
 * vmmq_contexts_hold() - use a set of contexts once more
 * @contexts: the set, or NULL: there are none
 *
 * Context: any.
 * Return: @contexts.
 */
struct vmmq_contexts *vmmq_contexts_hold(struct vmmq_contexts *contexts)
{
	if (contexts)
		refcount_inc(&contexts->refs);
	return contexts;
}

/**
 * vmmq_contexts_put() - use a set of contexts no more
 * @contexts: the set, or NULL
 *
 * Context: process or RCU callback.
 */
void vmmq_contexts_put(struct vmmq_contexts *contexts)
{
	unsigned int i;

	if (!contexts || !refcount_dec_and_test(&contexts->refs))
		return;
	for (i = 0; i < contexts->count; i++)
		vmmq_context_put(contexts->contexts[i]);
	kvfree(contexts);
}

/**
 * vmmq_contexts_find() - a context by its number
 * @contexts: the set, or NULL
 * @id: the context's number
 *
 * Context: any in which the set is held.
 * Return: the context, or NULL if there is none of that number.
 */
const struct vmmq_context *
vmmq_contexts_find(const struct vmmq_contexts *contexts, u32 id)
{
	unsigned int i;

	for (i = 0; contexts && i < contexts->count; i++)
		if (contexts->contexts[i]->id == id)
			return contexts->contexts[i];
	return NULL;
}

/**
 * vmmq_context_get() - the parameters of a VPort's context
 * @vport: the VPort
 * @id: the context's number; 0: the VPort's own parameters
 *
 * Context: process, RTNL.
 * Return: the parameters, or NULL if there is no such context.
 */
struct vmmq_rss *vmmq_context_get(const struct vmmq_vport *vport, u32 id)
{
	struct vmmq_rss *rss = vmmq_rss_get(vport);
	const struct vmmq_context *context;

	if (!id)
		return rss;
	context = vmmq_contexts_find(rss->contexts, id);
	return context ? context->rss : NULL;
}

/**
 * vmmq_contexts_check() - whether the contexts fit a snapshot
 * @vport: the VPort
 * @rss: an unpublished snapshot
 * @extack: says why not
 *
 * Context: process, RTNL.
 * Return: 0, or -EINVAL if a table names a queue that is not active.
 */
int vmmq_contexts_check(const struct vmmq_vport *vport,
			const struct vmmq_rss *rss,
			struct netlink_ext_ack *extack)
{
	const struct vmmq_contexts *contexts = rss->contexts;
	unsigned int i, highest;

	for (i = 0; contexts && i < contexts->count; i++) {
		highest = contexts->contexts[i]->highest;
		if (highest < rss->queues)
			continue;
		vmmq_refuse(vport->dev, extack,
			    "RSS context %u uses queue %u of %u; see ethtool -X context",
			    contexts->contexts[i]->id, highest, rss->queues);
		return -EINVAL;
	}
	return 0;
}

static struct vmmq_contexts *vmmq_contexts_alloc(unsigned int count)
{
	struct vmmq_contexts *contexts;

	contexts = kvzalloc(struct_size(contexts, contexts, count), GFP_KERNEL_ACCOUNT);
	if (contexts)
		refcount_set(&contexts->refs, 1);
	return contexts;
}

static void vmmq_contexts_add(struct vmmq_contexts *to,
			      struct vmmq_context *context)
{
	refcount_inc(&context->refs);
	to->contexts[to->count++] = context;
}

/* A set with one context replaced, added, or left out if it is NULL. */
static struct vmmq_contexts *
vmmq_contexts_with(const struct vmmq_contexts *old, u32 id,
		   struct vmmq_context *context)
{
	unsigned int i, count = old ? old->count : 0;
	struct vmmq_contexts *new;

	new = vmmq_contexts_alloc(count + 1);
	if (!new)
		return NULL;
	for (i = 0; i < count && old->contexts[i]->id < id; i++)
		vmmq_contexts_add(new, old->contexts[i]);
	if (context)
		vmmq_contexts_add(new, context);
	for (; i < count; i++)
		if (old->contexts[i]->id != id)
			vmmq_contexts_add(new, old->contexts[i]);
	return new;
}

/* Takes over the reference to the set. */
static int vmmq_contexts_commit(struct vmmq_vport *vport, u32 id,
				struct vmmq_contexts *contexts,
				struct netlink_ext_ack *extack)
{
	struct vmmq_rss *rss = vmmq_rss_copy(vmmq_rss_get(vport));
	int err;

	if (!rss) {
		vmmq_contexts_put(contexts);
		return -ENOMEM;
	}
	vmmq_contexts_put(rss->contexts);
	rss->contexts = contexts;
	if (!contexts->count) {
		vmmq_contexts_put(contexts);
		rss->contexts = NULL;
	}
	err = vmmq_rules_follow_context(rss, id);
	if (err) {
		vmmq_rss_free(rss);
		return err;
	}
	return vmmq_rules_commit(vport, rss, extack);
}

/* What is asked for at every change of the VPort */
static void vmmq_context_summarise(struct vmmq_context *context)
{
	const struct vmmq_rss *rss = context->rss;
	u32 i;

	context->highest = vmmq_rss_highest_queue(rss);
	for (i = 0; i < vmmq_rss_entries(rss); i++)
		__set_bit(rss->table[i], context->queues);
}

/* Frees the parameters on failure. */
static int vmmq_context_store(struct vmmq_vport *vport, u32 id,
			      struct vmmq_rss *params,
			      struct netlink_ext_ack *extack)
{
	const struct vmmq_rss *rss = vmmq_rss_get(vport);
	struct vmmq_contexts *contexts;
	struct vmmq_context *context;

	context = kzalloc(sizeof(*context), GFP_KERNEL_ACCOUNT);
	if (!context) {
		vmmq_rss_free(params);
		return -ENOMEM;
	}
	refcount_set(&context->refs, 1);
	context->id = id;
	context->rss = params;
	vmmq_context_summarise(context);
	contexts = vmmq_contexts_with(rss->contexts, id, context);
	vmmq_context_put(context);
	if (!contexts)
		return -ENOMEM;
	return vmmq_contexts_commit(vport, id, contexts, extack);
}

/* The VPort's own parameters, or another context's, to make a context's of */
static struct vmmq_rss *vmmq_context_clone(const struct vmmq_rss *from)
{
	struct vmmq_rss *params = vmmq_rss_copy(from);

	if (!params)
		return NULL;
	vmmq_contexts_put(params->contexts);
	vmmq_rules_put(params->rules);
	params->contexts = NULL;
	params->rules = NULL;
	params->enabled = true;
	return params;
}

static int vmmq_context_edit(struct vmmq_vport *vport, u32 id,
			     struct vmmq_rss *params,
			     struct vmmq_change *change,
			     struct netlink_ext_ack *extack)
{
	int err = vmmq_change_apply(vport, params, change, extack);

	if (err) {
		vmmq_rss_free(params);
		return err;
	}
	return vmmq_context_store(vport, id, params, extack);
}

/* The core warns of such a key. */
static bool vmmq_context_has_no_key(const struct vmmq_rss *rss)
{
	return !memchr_inv(rss->key->bytes, 0, rss->key->size);
}

/**
 * vmmq_context_create() - make a context
 * @vport: the VPort, up or down
 * @id: its number, not in use
 * @change: its parameters; those kept are the VPort's own, but for the table,
 *	which spreads over the active queues
 * @extack: says why not; NULL: the log does
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_context_create(struct vmmq_vport *vport, u32 id,
			struct vmmq_change *change,
			struct netlink_ext_ack *extack)
{
	struct vmmq_rss *params;

	ASSERT_RTNL();
	if (!id || id >= VMMQ_MAX_CONTEXTS) {
		vmmq_refuse(vport->dev, extack,
			    "RSS context %u: must be 1 to %u", id,
			    VMMQ_MAX_CONTEXTS - 1);
		return -ERANGE;
	}
	if (vmmq_context_get(vport, id)) {
		vmmq_refuse(vport->dev, extack, "RSS context %u exists", id);
		return -EBUSY;
	}
	if (!change->key && vmmq_context_has_no_key(vmmq_rss_get(vport))) {
		vmmq_refuse(vport->dev, extack,
			    "the key of %s, which is all zeros, is no key for a context; give hkey",
			    vport->dev->name);
		return -EINVAL;
	}
	params = vmmq_context_clone(vmmq_rss_get(vport));
	if (!params)
		return -ENOMEM;
	if (change->table == VMMQ_TABLE_KEEP)
		change->table = VMMQ_TABLE_DEFAULT;
	return vmmq_context_edit(vport, id, params, change, extack);
}

static int vmmq_context_missing(const struct vmmq_vport *vport, u32 id,
				struct netlink_ext_ack *extack)
{
	vmmq_refuse(vport->dev, extack,
		    "no RSS context %u; ethtool -X %s context new makes one",
		    id, vport->dev->name);
	return -ENOENT;
}

/**
 * vmmq_context_modify() - change a context
 * @vport: the VPort, up or down
 * @id: its number
 * @change: what to change
 * @extack: says why not; NULL: the log does
 *
 * No frame is lost and no flow reordered.
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_context_modify(struct vmmq_vport *vport, u32 id,
			struct vmmq_change *change,
			struct netlink_ext_ack *extack)
{
	const struct vmmq_context *old;
	struct vmmq_rss *params;

	ASSERT_RTNL();
	old = vmmq_contexts_find(vmmq_rss_get(vport)->contexts, id);
	if (!old)
		return vmmq_context_missing(vport, id, extack);
	params = vmmq_context_clone(old->rss);
	if (!params)
		return -ENOMEM;
	params->queues = vport->num_queues;
	return vmmq_context_edit(vport, id, params, change, extack);
}

/**
 * vmmq_context_delete() - delete a context that no rule uses
 * @vport: the VPort, up or down
 * @id: its number
 * @extack: says why not; NULL: the log does
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_context_delete(struct vmmq_vport *vport, u32 id,
			struct netlink_ext_ack *extack)
{
	const struct vmmq_rss *rss = vmmq_rss_get(vport);
	struct vmmq_contexts *contexts;
	int rule;

	ASSERT_RTNL();
	if (!vmmq_contexts_find(rss->contexts, id))
		return vmmq_context_missing(vport, id, extack);
	rule = vmmq_rules_use_context(rss->rules, id);
	if (rule >= 0) {
		vmmq_refuse(vport->dev, extack,
			    "rule %d uses RSS context %u; ethtool -N %s delete %d",
			    rule, id, vport->dev->name, rule);
		return -EBUSY;
	}
	contexts = vmmq_contexts_with(rss->contexts, id, NULL);
	if (!contexts)
		return -ENOMEM;
	return vmmq_contexts_commit(vport, id, contexts, extack);
}
