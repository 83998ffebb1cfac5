/* SPDX-License-Identifier: GPL-2.0 */
/*
 * context.c APIs: additional RSS contexts of a VPort. A context is a set of RSS
 * parameters (table, key, field sets, transform) that ntuple rules send frames
 * to. The contexts are a part of the VPort's snapshot and immutable as it is.
 */
#ifndef _VMMQ_CONTEXT_H
#define _VMMQ_CONTEXT_H

#include <linux/bitmap.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "vmmq.h"

struct netlink_ext_ack;
struct vmmq_change;

/**
 * struct vmmq_context - a context
 * @refs: sets it is in
 * @id: its number, 1 to VMMQ_MAX_CONTEXTS - 1
 * @highest: highest queue of its table
 * @queues: queues of its table
 * @rss: its parameters; of a snapshot's members those that are about entries,
 *	key and fields have a meaning
 */
struct vmmq_context {
	refcount_t refs;
	u32 id;
	u16 highest;
	DECLARE_BITMAP(queues, VMMQ_MAX_QUEUES);
	struct vmmq_rss *rss;
};

/**
 * struct vmmq_contexts - the contexts of a snapshot
 * @refs: snapshots and sets of rules that use it
 * @count: length of @contexts
 * @contexts: by number, ascending
 */
struct vmmq_contexts {
	refcount_t refs;
	unsigned int count;
	struct vmmq_context *contexts[];
};

struct vmmq_contexts *vmmq_contexts_hold(struct vmmq_contexts *contexts);
void vmmq_contexts_put(struct vmmq_contexts *contexts);
const struct vmmq_context *
vmmq_contexts_find(const struct vmmq_contexts *contexts, u32 id);
int vmmq_contexts_check(const struct vmmq_vport *vport,
			const struct vmmq_rss *rss,
			struct netlink_ext_ack *extack);

struct vmmq_rss *vmmq_context_get(const struct vmmq_vport *vport, u32 id);
int vmmq_context_create(struct vmmq_vport *vport, u32 id,
			struct vmmq_change *change,
			struct netlink_ext_ack *extack);
int vmmq_context_modify(struct vmmq_vport *vport, u32 id,
			struct vmmq_change *change,
			struct netlink_ext_ack *extack);
int vmmq_context_delete(struct vmmq_vport *vport, u32 id,
			struct netlink_ext_ack *extack);

#endif /* _VMMQ_CONTEXT_H */
