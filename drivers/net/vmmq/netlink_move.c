// SPDX-License-Identifier: GPL-2.0
/*
 * The control family's entry moves: a batch is cut into groups, runs of entries
 * of one VPort, and each group is carried out whole or not at all.
 */
#include <linux/ethtool_netlink.h>
#include <linux/minmax.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "adapter.h"
#include "change.h"
#include "netlink.h"
#include "rss.h"
#include "vport.h"

static_assert((int)VMMQ_MOVE_KIND_ENTRY == (int)VMMQ_REPOINT_ENTRY &&
	      (int)VMMQ_MOVE_KIND_DEFAULT == (int)VMMQ_REPOINT_DEFAULT &&
	      (int)VMMQ_MOVE_KIND_PRIMARY == (int)VMMQ_REPOINT_PRIMARY);

/**
 * struct vmmq_nl_moved - an entry of a batch
 * @vport: whose, or NULL if there is none of that number
 * @id: its number
 * @text: why its group was refused, or NULL
 * @named: the request names the VPort's number
 * @error: 0, or the errno for which its group was refused
 */
struct vmmq_nl_moved {
	struct vmmq_vport *vport;
	u32 id;
	const char *text;
	bool named;
	int error;
};

/**
 * struct vmmq_nl_batch - the entries of a request
 * @count: their number
 * @texts: how many have a text
 * @moves: what to do, and what was before
 * @moved: whose, and what became of it
 */
struct vmmq_nl_batch {
	unsigned int count;
	unsigned int texts;
	struct vmmq_repoint *moves;
	struct vmmq_nl_moved *moved;
};

/* Announced: a group that was carried out */
struct vmmq_nl_group {
	const struct vmmq_vport *vport;
	const struct vmmq_repoint *moves;
	unsigned int count;
};

/* Texts in an answer at most: it is one message and has to be one piece. */
#define VMMQ_MAX_TEXTS		130

#define VMMQ_NL_MOVE_SIZE	(nla_total_size(0) + 5 * nla_total_size(4))

static int vmmq_nl_put_move(struct sk_buff *msg, const struct vmmq_repoint *move,
			    int from)
{
	if (nla_put_u32(msg, VMMQ_A_MOVE_ENTRY_KIND, move->kind) ||
	    (move->kind == VMMQ_REPOINT_ENTRY &&
	     nla_put_u32(msg, VMMQ_A_MOVE_ENTRY_INDEX, move->index)) ||
	    nla_put_u32(msg, VMMQ_A_MOVE_ENTRY_CPU, move->cpu))
		return -EMSGSIZE;
	return from < 0 ? 0 : nla_put_u32(msg, VMMQ_A_MOVE_ENTRY_FROM, from);
}

static int vmmq_nl_fill_group(struct sk_buff *msg, const void *object)
{
	const struct vmmq_nl_group *group = object;
	struct nlattr *nest;
	unsigned int i;

	if (vmmq_nl_put_vport_name(msg, group->vport) ||
	    nla_put_u32(msg, VMMQ_A_MOVE_GENERATION,
			vmmq_rss_get(group->vport)->generation))
		return -EMSGSIZE;
	for (i = 0; i < group->count; i++) {
		if (group->moves[i].cpu == group->moves[i].was)
			continue;
		nest = nla_nest_start(msg, VMMQ_A_MOVE_ENTRY);
		if (!nest || vmmq_nl_put_move(msg, &group->moves[i],
					      group->moves[i].was))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int vmmq_nl_fill_batch(struct sk_buff *msg, const void *object)
{
	const struct vmmq_nl_batch *batch = object;
	const struct vmmq_nl_moved *moved;
	struct nlattr *nest;
	unsigned int i;

	for (i = 0; i < batch->count; i++) {
		moved = &batch->moved[i];
		nest = nla_nest_start(msg, VMMQ_A_MOVE_ENTRY);
		if (!nest ||
		    (moved->named && nla_put_u32(msg, VMMQ_A_MOVE_ENTRY_VPORT,
						 moved->id)) ||
		    vmmq_nl_put_move(msg, &batch->moves[i],
				     batch->moves[i].from) ||
		    nla_put_u32(msg, VMMQ_A_MOVE_ENTRY_ERROR, moved->error) ||
		    (moved->text && nla_put_string(msg, VMMQ_A_MOVE_ENTRY_TEXT,
						   moved->text)))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int vmmq_nl_check_movable(const struct vmmq_nl_moved *moved,
				 struct netlink_ext_ack *extack)
{
	const struct vmmq_vport *vport = moved->vport;

	if (!vport) {
		NL_SET_ERR_MSG_FMT(extack,
				   "no VPort %u; vport-get lists them",
				   moved->id);
		return -ENODEV;
	}
	if (!test_bit(VMMQ_VPORT_DEACTIVATED, &vport->flags))
		return 0;
	NL_SET_ERR_MSG_FMT(extack, "%s is not activated; vport-set does it",
			   vport->dev->name);
	return -ENETDOWN;
}

/* A group's entries have one result. */
static void vmmq_nl_move_group(struct vmmq_nl_batch *batch, unsigned int first,
			       unsigned int count)
{
	struct vmmq_vport *vport = batch->moved[first].vport;
	const struct vmmq_nl_group group = {
		.vport = vport,
		.moves = &batch->moves[first],
		.count = count,
	};
	struct netlink_ext_ack extack = {};
	unsigned int i;
	int err;

	err = vmmq_nl_check_movable(&batch->moved[first], &extack);
	if (!err)
		err = vmmq_repoint(vport, &batch->moves[first], count, &extack);
	if (err > 0) {
		vmmq_nl_announce(vport->adapter, VMMQ_CMD_RSS_MOVE_NTF,
				 NLMSG_DEFAULT_SIZE + count * VMMQ_NL_MOVE_SIZE,
				 vmmq_nl_fill_group, &group);
		ethtool_notify(vport->dev, ETHTOOL_MSG_RSS_NTF);
		err = 0;
	}
	if (err && extack._msg && batch->texts < VMMQ_MAX_TEXTS) {
		batch->moved[first].text = kstrdup(extack._msg, GFP_KERNEL);
		batch->texts += !!batch->moved[first].text;
	}
	for (i = first; i < first + count; i++)
		batch->moved[i].error = -err;
}

static bool vmmq_nl_same_group(const struct vmmq_nl_moved *a,
			       const struct vmmq_nl_moved *b)
{
	return a->vport == b->vport && a->id == b->id;
}

static void vmmq_nl_move_groups(struct vmmq_nl_batch *batch)
{
	unsigned int first, end;

	for (first = 0; first < batch->count; first = end) {
		for (end = first + 1; end < batch->count; end++)
			if (!vmmq_nl_same_group(&batch->moved[end],
						&batch->moved[first]))
				break;
		vmmq_nl_move_group(batch, first, end - first);
		cond_resched();
	}
}

/* Bytes of the answer: as the request, with the results */
static size_t vmmq_nl_batch_size(const struct vmmq_nl_batch *batch)
{
	return NLMSG_DEFAULT_SIZE +
	       batch->count * (VMMQ_NL_MOVE_SIZE + nla_total_size(sizeof(u32))) +
	       min_t(unsigned int, batch->count, VMMQ_MAX_TEXTS) *
	       nla_total_size(NETLINK_MAX_FMTMSG_LEN);
}

/* A number that no VPort has is a matter of its group. */
static int vmmq_nl_move_vport(struct genl_info *info, const struct nlattr *attr,
			      struct vmmq_vport *named,
			      struct vmmq_nl_moved *moved)
{
	struct vmmq_adapter *adapter;

	moved->named = attr;
	if (!attr) {
		moved->vport = named ?: vmmq_nl_find_vport(info);
		if (IS_ERR(moved->vport))
			return PTR_ERR(moved->vport);
		moved->id = moved->vport->id;
		return 0;
	}
	adapter = named ? named->adapter :
			  vmmq_nl_find_adapter(info, VMMQ_A_MOVE_ADAPTER);
	if (IS_ERR(adapter))
		return PTR_ERR(adapter);
	moved->id = nla_get_u32(attr);
	moved->vport = rtnl_dereference(adapter->nicswitch.vports[moved->id]);
	return 0;
}

static int vmmq_nl_parse_move(struct genl_info *info,
			      const struct nlattr *nest,
			      struct vmmq_vport *named,
			      struct vmmq_repoint *move,
			      struct vmmq_nl_moved *moved)
{
	struct nlattr *tb[VMMQ_A_MOVE_ENTRY_FROM + 1];
	bool indexed;
	int err;

	err = vmmq_nl_parse_nest(tb, VMMQ_A_MOVE_ENTRY_FROM, nest,
				 vmmq_move_entry_nl_policy, info->extack);
	if (err)
		return err;
	if (tb[VMMQ_A_MOVE_ENTRY_KIND])
		move->kind = nla_get_u32(tb[VMMQ_A_MOVE_ENTRY_KIND]);
	indexed = move->kind == VMMQ_REPOINT_ENTRY;
	if (!tb[VMMQ_A_MOVE_ENTRY_CPU] ||
	    indexed != !!tb[VMMQ_A_MOVE_ENTRY_INDEX]) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "a move has a cpu, and an index if it is one of an entry");
		return -EINVAL;
	}
	move->cpu = nla_get_u32(tb[VMMQ_A_MOVE_ENTRY_CPU]);
	move->from = -1;
	if (tb[VMMQ_A_MOVE_ENTRY_FROM])
		move->from = nla_get_u32(tb[VMMQ_A_MOVE_ENTRY_FROM]);
	if (tb[VMMQ_A_MOVE_ENTRY_INDEX])
		move->index = nla_get_u32(tb[VMMQ_A_MOVE_ENTRY_INDEX]);
	return vmmq_nl_move_vport(info, tb[VMMQ_A_MOVE_ENTRY_VPORT], named,
				  moved);
}

/* As many as the largest table has entries, and its two processors */
#define VMMQ_MAX_MOVES		(VMMQ_MAX_ENTRIES + 2)

static unsigned int vmmq_nl_count_moves(struct genl_info *info)
{
	const struct nlattr *attr;
	unsigned int count = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		count += nla_type(attr) == VMMQ_A_MOVE_ENTRY;
	return count;
}

static int vmmq_nl_parse_batch(struct genl_info *info,
			       struct vmmq_nl_batch *batch)
{
	struct vmmq_vport *named = NULL;
	const struct nlattr *attr;
	int rem, err, i = 0;

	if (vmmq_nl_names_vport(info))
		named = vmmq_nl_find_vport(info);
	if (IS_ERR(named))
		return PTR_ERR(named);
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != VMMQ_A_MOVE_ENTRY)
			continue;
		err = vmmq_nl_parse_move(info, attr, named, &batch->moves[i],
					 &batch->moved[i]);
		if (err)
			return err;
		i++;
	}
	return 0;
}

static void vmmq_nl_free_batch(struct vmmq_nl_batch *batch)
{
	unsigned int i;

	for (i = 0; batch->moved && i < batch->count; i++)
		kfree(batch->moved[i].text);
	kvfree(batch->moved);
	kvfree(batch->moves);
}

static int vmmq_nl_rss_move(struct genl_info *info, struct vmmq_nl_batch *batch)
{
	int err = vmmq_nl_parse_batch(info, batch);
	struct sk_buff *msg;

	if (err)
		return err;
	msg = vmmq_nl_new_answer(vmmq_nl_batch_size(batch));
	if (!msg)
		return -ENOMEM;
	vmmq_nl_move_groups(batch);
	return vmmq_nl_send_answer(info, msg, vmmq_nl_fill_batch, batch);
}

int vmmq_nl_rss_move_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vmmq_nl_batch batch = { .count = vmmq_nl_count_moves(info) };
	int err = vmmq_nl_check_admin(skb, info);

	if (err)
		return err;
	if (!batch.count) {
		GENL_SET_ERR_MSG(info, "no entry to move");
		return -EINVAL;
	}
	if (batch.count > VMMQ_MAX_MOVES) {
		NL_SET_ERR_MSG_FMT(info->extack,
				   "%u moves, one batch may have %u",
				   batch.count, VMMQ_MAX_MOVES);
		return -E2BIG;
	}
	batch.moves = kvcalloc(batch.count, sizeof(*batch.moves), GFP_KERNEL);
	batch.moved = kvcalloc(batch.count, sizeof(*batch.moved), GFP_KERNEL);
	err = -ENOMEM;
	if (batch.moves && batch.moved) {
		rtnl_lock();
		err = vmmq_nl_rss_move(info, &batch);
		rtnl_unlock();
	}
	vmmq_nl_free_batch(&batch);
	return vmmq_nl_said(info, err);
}
