/* SPDX-License-Identifier: GPL-2.0 */
/*
 * change.c APIs: requests to change RSS parameters, from ethtool or from the
 * control family. Both end here: one set of checks, one way into force, one
 * announcement.
 */
#ifndef _VMMQ_CHANGE_H
#define _VMMQ_CHANGE_H

#include <linux/types.h>

#include "vmmq.h"

struct netlink_ext_ack;

/* The part of a request that is refused */
enum vmmq_change_part {
	VMMQ_CHANGE_NONE,
	VMMQ_CHANGE_FIELDS,
	VMMQ_CHANGE_KEY,
	VMMQ_CHANGE_ENTRIES,
	VMMQ_CHANGE_TABLE,
	VMMQ_CHANGE_DEFAULT,
	VMMQ_CHANGE_QUEUE_PAIRS,
	VMMQ_CHANGE_USER_TABLE,
	VMMQ_CHANGE_STATE,
	VMMQ_CHANGE_XFRM,
};

/* What happens to the table */
enum vmmq_change_table {
	VMMQ_TABLE_KEEP,
	VMMQ_TABLE_QUEUES,	/* as queues */
	VMMQ_TABLE_CPUS,	/* as CPUs, repeated to fill the table */
	VMMQ_TABLE_DEFAULT,	/* the one that follows the queue pairs */
};

/* What happens to the state */
enum vmmq_change_state {
	VMMQ_STATE_KEEP,
	VMMQ_STATE_OFF,
	VMMQ_STATE_ON,
};

#define VMMQ_CHANGE_KEEP	(-1)

/**
 * struct vmmq_change - a request; zero, and -1 where the type is signed, is
 *	"stays as it is"
 * @fields: field sets by flow type, or NULL
 * @key: key of the size the VPort has, or NULL
 * @entries: table entries
 * @table: what @values mean
 * @values: queues or CPUs
 * @num_values: length of @values
 * @user: the user set the table, in the sense of vmmq_rss_user_table()
 * @default_queue: the default queue
 * @default_cpu: the default processor; not with @default_queue
 * @primary_cpu: the primary processor
 * @xfrm: VMMQ_XFRM_*
 * @queue_pairs: active queue pairs
 * @state: on or off
 * @silent: the caller announces it
 * @bad: set on a refusal that concerns a part of the request
 * @bad_field: flow type of a refused field set
 */
struct vmmq_change {
	const u8 *fields;
	const u8 *key;
	u32 entries;
	enum vmmq_change_table table;
	const u32 *values;
	u32 num_values;
	bool user;
	int default_queue;
	int default_cpu;
	int primary_cpu;
	int xfrm;
	u32 queue_pairs;
	enum vmmq_change_state state;
	bool silent;
	enum vmmq_change_part bad;
	unsigned int bad_field;
};

#define VMMQ_CHANGE_INIT {						\
	.default_queue = VMMQ_CHANGE_KEEP,				\
	.default_cpu = VMMQ_CHANGE_KEEP,				\
	.primary_cpu = VMMQ_CHANGE_KEEP,				\
	.xfrm = VMMQ_CHANGE_KEEP,					\
}

/* What an entry move re-points */
enum vmmq_repoint_kind {
	VMMQ_REPOINT_ENTRY,
	VMMQ_REPOINT_DEFAULT,
	VMMQ_REPOINT_PRIMARY,
};

/**
 * struct vmmq_repoint - one entry of a move
 * @kind: what is re-pointed
 * @index: table entry, for VMMQ_REPOINT_ENTRY
 * @cpu: where to
 * @from: where it has to point now, or -1
 * @was: where it pointed when its turn came; set by vmmq_repoint()
 */
struct vmmq_repoint {
	enum vmmq_repoint_kind kind;
	u32 index;
	u16 cpu;
	int from;
	u16 was;
};

int vmmq_change(struct vmmq_vport *vport, struct vmmq_change *change,
		struct netlink_ext_ack *extack);
int vmmq_change_apply(const struct vmmq_vport *vport, struct vmmq_rss *rss,
		      struct vmmq_change *change,
		      struct netlink_ext_ack *extack);
int vmmq_repoint(struct vmmq_vport *vport, struct vmmq_repoint *moves,
		 unsigned int count, struct netlink_ext_ack *extack);

#endif /* _VMMQ_CHANGE_H */
