// SPDX-License-Identifier: GPL-2.0
/*
 * The control family's dumps. One that takes several messages compares the
 * count of changes and so tells its reader if something changed meanwhile.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "adapter.h"
#include "filter.h"
#include "netlink.h"
#include "vector.h"
#include "vport.h"

/* Where a dump goes on */
struct vmmq_nl_cursor {
	unsigned int adapter;
	unsigned int index;
	u32 filter;
};

/* Filters that a dump looks at in one go */
#define VMMQ_NL_FILTERS		16

/* What of an adapter a dump shows: itself, its VPorts, vectors or filters. Puts
 * the messages from @at on; it says what is next when one does not fit.
 */
typedef int (*vmmq_nl_put_parts)(struct sk_buff *skb,
				 struct netlink_callback *cb, u8 cmd,
				 struct vmmq_adapter *adapter,
				 vmmq_nl_fill fill);

static int vmmq_nl_put_part(struct sk_buff *skb, struct netlink_callback *cb,
			    u8 cmd, vmmq_nl_fill fill, const void *object)
{
	return vmmq_nl_put_message(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, cb, cmd, fill, object);
}

static int vmmq_nl_put_self(struct sk_buff *skb, struct netlink_callback *cb,
			    u8 cmd, struct vmmq_adapter *adapter,
			    vmmq_nl_fill fill)
{
	return vmmq_nl_put_part(skb, cb, cmd, fill, adapter);
}

static int vmmq_nl_put_vports(struct sk_buff *skb, struct netlink_callback *cb,
			      u8 cmd, struct vmmq_adapter *adapter,
			      vmmq_nl_fill fill)
{
	struct vmmq_nl_cursor *at = (void *)cb->ctx;
	const struct vmmq_vport *vport;
	int err;

	for (; at->index < VMMQ_MAX_VPORTS; at->index++) {
		vport = rtnl_dereference(adapter->nicswitch.vports[at->index]);
		if (!vport)
			continue;
		err = vmmq_nl_put_part(skb, cb, cmd, fill, vport);
		if (err)
			return err;
	}
	return 0;
}

static int vmmq_nl_put_vectors(struct sk_buff *skb, struct netlink_callback *cb,
			       u8 cmd, struct vmmq_adapter *adapter,
			       vmmq_nl_fill fill)
{
	struct vmmq_nl_cursor *at = (void *)cb->ctx;
	int err;

	for (; at->index < adapter->num_vectors; at->index++) {
		err = vmmq_nl_put_part(skb, cb, cmd, fill,
				       &adapter->vectors[at->index]);
		if (err)
			return err;
	}
	return 0;
}

static int vmmq_nl_put_filters(struct sk_buff *skb, struct netlink_callback *cb,
			       u8 cmd, struct vmmq_adapter *adapter,
			       vmmq_nl_fill fill)
{
	struct vmmq_nl_cursor *at = (void *)cb->ctx;
	struct vmmq_filter_info list[VMMQ_NL_FILTERS];
	unsigned int i, count;
	int err;

	do {
		count = vmmq_filter_list(&adapter->nicswitch, at->filter, list,
					 ARRAY_SIZE(list));
		for (i = 0; i < count; i++) {
			at->filter = list[i].id;
			err = vmmq_nl_put_part(skb, cb, cmd, fill, &list[i]);
			if (err)
				return err;
			at->filter++;
		}
		cond_resched();
	} while (count);
	return 0;
}

static int vmmq_nl_dump_all(struct sk_buff *skb, struct netlink_callback *cb,
			    u8 cmd, const struct vmmq_adapter *only,
			    vmmq_nl_put_parts parts, vmmq_nl_fill fill)
{
	struct vmmq_nl_cursor *at = (void *)cb->ctx;
	struct net *net = sock_net(cb->skb->sk);
	struct vmmq_adapter *adapter;
	int err = 0;

	for (adapter = vmmq_adapter_next(net, at->adapter); adapter && !err;
	     adapter = vmmq_adapter_next(net, adapter->id + 1)) {
		if (only && adapter != only)
			continue;
		if (adapter->id != at->adapter) {
			at->index = 0;
			at->filter = 0;
		}
		at->adapter = adapter->id;
		err = parts(skb, cb, cmd, adapter, fill);
		if (err)
			break;
		at->adapter++;
		at->index = 0;
		at->filter = 0;
	}
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

/* Whatever a dump does not look at is refused; not every kernel does it. */
static int vmmq_nl_check_dump(const struct netlink_callback *cb,
			      const struct nlattr *name)
{
	const struct nlattr *attr;
	int rem;

	nlmsg_for_each_attr(attr, cb->nlh, GENL_HDRLEN, rem) {
		if (name && nla_type(attr) == nla_type(name))
			continue;
		NL_SET_ERR_MSG_ATTR(cb->extack, attr,
				    "a dump can be of one adapter, and of nothing smaller");
		return -EINVAL;
	}
	return 0;
}

static int vmmq_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
			u8 cmd, const struct nlattr *name, vmmq_nl_put_parts parts,
			vmmq_nl_fill fill)
{
	const struct vmmq_adapter *only = NULL;
	int err;

	BUILD_BUG_ON(sizeof(struct vmmq_nl_cursor) > sizeof(cb->ctx));
	err = vmmq_nl_check_dump(cb, name);
	if (err)
		return err;
	rtnl_lock();
	cb->seq = vmmq_nl_changes_so_far();
	if (name)
		only = vmmq_nl_lookup_adapter(sock_net(cb->skb->sk), name,
					      cb->extack);
	err = IS_ERR(only) ? PTR_ERR(only) :
	      vmmq_nl_dump_all(skb, cb, cmd, only, parts, fill);
	/* What changed without RTNL meanwhile is for the next message to say. */
	cb->seq = vmmq_nl_changes_so_far();
	rtnl_unlock();
	return err;
}

/**
 * vmmq_nl_dump_adapters() - dump the namespace's adapters
 * @skb: message to fill
 * @cb: the dump's state
 * @cmd: command of the messages
 * @fill: writes a &struct vmmq_adapter
 *
 * Context: process, without RTNL.
 * Return: as a dumpit callback.
 */
int vmmq_nl_dump_adapters(struct sk_buff *skb, struct netlink_callback *cb,
			  u8 cmd, vmmq_nl_fill fill)
{
	return vmmq_nl_dump(skb, cb, cmd, NULL, vmmq_nl_put_self, fill);
}

/**
 * vmmq_nl_dump_vports() - dump VPorts of the namespace's adapters
 * @skb: message to fill
 * @cb: the dump's state; its request may name an adapter
 * @cmd: command of the messages
 * @fill: writes something of a &struct vmmq_vport
 *
 * Context: process, without RTNL.
 * Return: as a dumpit callback.
 */
int vmmq_nl_dump_vports(struct sk_buff *skb, struct netlink_callback *cb,
			u8 cmd, vmmq_nl_fill fill)
{
	return vmmq_nl_dump(skb, cb, cmd,
			    genl_info_dump(cb)->attrs[VMMQ_A_VPORT_ADAPTER],
			    vmmq_nl_put_vports, fill);
}

/**
 * vmmq_nl_dump_filters() - dump filters of the namespace's adapters
 * @skb: message to fill
 * @cb: the dump's state; its request may name an adapter
 * @cmd: command of the messages
 * @fill: writes a &struct vmmq_filter_info
 *
 * Context: process, without RTNL.
 * Return: as a dumpit callback.
 */
int vmmq_nl_dump_filters(struct sk_buff *skb, struct netlink_callback *cb,
			 u8 cmd, vmmq_nl_fill fill)
{
	return vmmq_nl_dump(skb, cb, cmd,
			    genl_info_dump(cb)->attrs[VMMQ_A_FILTER_ADAPTER],
			    vmmq_nl_put_filters, fill);
}

/**
 * vmmq_nl_dump_vectors() - dump vectors of the namespace's adapters
 * @skb: message to fill
 * @cb: the dump's state; its request may name an adapter
 * @cmd: command of the messages
 * @fill: writes a &struct vmmq_vector
 *
 * Context: process, without RTNL.
 * Return: as a dumpit callback.
 */
int vmmq_nl_dump_vectors(struct sk_buff *skb, struct netlink_callback *cb,
			 u8 cmd, vmmq_nl_fill fill)
{
	return vmmq_nl_dump(skb, cb, cmd,
			    genl_info_dump(cb)->attrs[VMMQ_A_VECTOR_ADAPTER],
			    vmmq_nl_put_vectors, fill);
}
