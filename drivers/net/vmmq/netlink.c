// SPDX-License-Identifier: GPL-2.0
/*
 * The control family: finding what a message names, answering and announcing.
 * An operation runs under RTNL; what it shows is one state. Every change is
 * counted, whether it is announced or not, for dumps to compare.
 */
#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "adapter.h"
#include "netlink.h"
#include "vport.h"

/* Changes so far */
static atomic_t vmmq_nl_changes;
/* The family can be used; written under RTNL. */
static bool vmmq_nl_registered;

/* The attributes that name a VPort have one number in every set. */
static_assert((int)VMMQ_A_VPORT_ADAPTER == (int)VMMQ_A_RSS_ADAPTER &&
	      (int)VMMQ_A_VPORT_ADAPTER == (int)VMMQ_A_FILTER_ADAPTER &&
	      (int)VMMQ_A_VPORT_ADAPTER == (int)VMMQ_A_MOVE_ADAPTER &&
	      (int)VMMQ_A_VPORT_ADAPTER == (int)VMMQ_A_VECTOR_ADAPTER);
static_assert((int)VMMQ_A_VPORT_VPORT == (int)VMMQ_A_RSS_VPORT &&
	      (int)VMMQ_A_VPORT_VPORT == (int)VMMQ_A_FILTER_VPORT &&
	      (int)VMMQ_A_VPORT_VPORT == (int)VMMQ_A_MOVE_VPORT);
static_assert((int)VMMQ_A_VPORT_IFINDEX == (int)VMMQ_A_RSS_IFINDEX &&
	      (int)VMMQ_A_VPORT_IFINDEX == (int)VMMQ_A_FILTER_IFINDEX &&
	      (int)VMMQ_A_VPORT_IFINDEX == (int)VMMQ_A_MOVE_IFINDEX);
static_assert((int)VMMQ_A_VPORT_IFNAME == (int)VMMQ_A_RSS_IFNAME &&
	      (int)VMMQ_A_VPORT_IFNAME == (int)VMMQ_A_FILTER_IFNAME &&
	      (int)VMMQ_A_VPORT_IFNAME == (int)VMMQ_A_MOVE_IFNAME);

/**
 * vmmq_nl_lookup_adapter() - the adapter of a name
 * @net: its namespace
 * @name: attribute with the name
 * @extack: says why not
 *
 * Context: process, RTNL. The adapter stays whole until RTNL is released.
 * Return: the adapter, or an error pointer and the reason is said.
 */
struct vmmq_adapter *vmmq_nl_lookup_adapter(struct net *net,
					    const struct nlattr *name,
					    struct netlink_ext_ack *extack)
{
	struct vmmq_adapter *adapter = vmmq_adapter_find(net, nla_data(name));

	if (adapter)
		return adapter;
	NL_SET_ERR_MSG_ATTR_FMT(extack, name,
				"no adapter %s in this namespace; adapter-get lists them",
				(const char *)nla_data(name));
	return ERR_PTR(-ENODEV);
}

/**
 * vmmq_nl_find_adapter() - the adapter a request names
 * @info: the request
 * @attr: attribute with the adapter's name
 *
 * Context: process, RTNL. The adapter stays whole until RTNL is released.
 * Return: the adapter, or an error pointer and the reason is said.
 */
struct vmmq_adapter *vmmq_nl_find_adapter(struct genl_info *info,
					  unsigned int attr)
{
	if (!info->attrs[attr]) {
		GENL_SET_ERR_MSG(info, "the adapter's name is missing");
		return ERR_PTR(-EINVAL);
	}
	return vmmq_nl_lookup_adapter(genl_info_net(info), info->attrs[attr],
				      info->extack);
}

static struct vmmq_vport *vmmq_nl_by_id(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VPORT_VPORT];
	struct vmmq_adapter *adapter;
	struct vmmq_vport *vport;

	adapter = vmmq_nl_find_adapter(info, VMMQ_A_VPORT_ADAPTER);
	if (IS_ERR(adapter))
		return ERR_CAST(adapter);
	vport = rtnl_dereference(adapter->nicswitch.vports[nla_get_u32(attr)]);
	if (vport)
		return vport;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"%s has no VPort %u; vport-get lists them",
				vmmq_adapter_name(adapter), nla_get_u32(attr));
	return ERR_PTR(-ENODEV);
}

/* A VPort is controlled from its adapter's namespace only. */
static struct vmmq_vport *vmmq_nl_by_dev(struct net *net,
					 struct net_device *dev,
					 const struct nlattr *attr,
					 struct netlink_ext_ack *extack)
{
	struct vmmq_vport *vport = vmmq_vport_of(dev);

	if (!vport) {
		NL_SET_ERR_MSG_ATTR_FMT(extack, attr, "%s is not a VPort",
					dev->name);
		return ERR_PTR(-ENODEV);
	}
	if (!net_eq(net, read_pnet(&vport->adapter->net))) {
		NL_SET_ERR_MSG_ATTR_FMT(extack, attr,
					"%s is controlled from the namespace of %s",
					dev->name,
					vmmq_adapter_name(vport->adapter));
		return ERR_PTR(-EPERM);
	}
	return vport;
}

static struct vmmq_vport *vmmq_nl_by_ifindex(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VPORT_IFINDEX];
	struct net *net = genl_info_net(info);
	struct net_device *dev;

	dev = __dev_get_by_index(net, nla_get_u32(attr));
	if (dev)
		return vmmq_nl_by_dev(net, dev, attr, info->extack);
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"no net device %u in this namespace; name the VPort by adapter and number",
				nla_get_u32(attr));
	return ERR_PTR(-ENODEV);
}

/* VPorts with this name whose net devices are in other namespaces. */
static unsigned int vmmq_nl_count_named(struct net *net, const char *name,
					struct vmmq_vport **found)
{
	unsigned int id, count = 0;
	struct vmmq_adapter *adapter;
	struct vmmq_vport *vport;

	for (adapter = vmmq_adapter_next(net, 0); adapter;
	     adapter = vmmq_adapter_next(net, adapter->id + 1)) {
		for (id = 0; id < VMMQ_MAX_VPORTS; id++) {
			vport = rtnl_dereference(adapter->nicswitch.vports[id]);
			if (!vport || strcmp(vport->dev->name, name))
				continue;
			*found = vport;
			count++;
		}
	}
	return count;
}

static struct vmmq_vport *vmmq_nl_by_ifname(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VPORT_IFNAME];
	const char *name = nla_data(attr);
	struct net *net = genl_info_net(info);
	struct vmmq_vport *vport;
	struct net_device *dev;
	unsigned int count;

	dev = __dev_get_by_name(net, name);
	if (dev)
		return vmmq_nl_by_dev(net, dev, attr, info->extack);
	count = vmmq_nl_count_named(net, name, &vport);
	if (count == 1)
		return vport;
	if (count) {
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
					"%u VPorts are called %s; name one by adapter and number",
					count, name);
		return ERR_PTR(-ENOTUNIQ);
	}
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"no VPort %s; vport-get lists them", name);
	return ERR_PTR(-ENODEV);
}

/* A second name has to agree with the first. */
static struct vmmq_vport *vmmq_nl_same(struct genl_info *info,
				       unsigned int attr,
				       struct vmmq_vport *vport,
				       struct vmmq_vport *other)
{
	if (IS_ERR(vport) || !other || vport == other)
		return vport;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, info->attrs[attr],
				"the request names different VPorts, %s and %s",
				other->dev->name, vport->dev->name);
	return ERR_PTR(-EINVAL);
}

static struct vmmq_vport *vmmq_nl_on_adapter(struct genl_info *info,
					     struct vmmq_vport *vport)
{
	struct vmmq_adapter *adapter;

	if (IS_ERR(vport) || !info->attrs[VMMQ_A_VPORT_ADAPTER])
		return vport;
	adapter = vmmq_nl_find_adapter(info, VMMQ_A_VPORT_ADAPTER);
	if (IS_ERR(adapter))
		return ERR_CAST(adapter);
	if (adapter == vport->adapter)
		return vport;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, info->attrs[VMMQ_A_VPORT_ADAPTER],
				"%s belongs to adapter %s", vport->dev->name,
				vmmq_adapter_name(vport->adapter));
	return ERR_PTR(-EINVAL);
}

/**
 * vmmq_nl_names_vport() - whether a request names a VPort
 * @info: the request, of any attribute set that can name a VPort
 *
 * Context: any.
 * Return: false if it names an adapter at most.
 */
bool vmmq_nl_names_vport(const struct genl_info *info)
{
	return info->attrs[VMMQ_A_VPORT_VPORT] ||
	       info->attrs[VMMQ_A_VPORT_IFINDEX] ||
	       info->attrs[VMMQ_A_VPORT_IFNAME];
}

/**
 * vmmq_nl_find_vport() - the VPort a request names
 * @info: the request, of any attribute set that can name a VPort
 *
 * Context: process, RTNL.
 * Return: the VPort, or an error pointer and the reason is said.
 */
struct vmmq_vport *vmmq_nl_find_vport(struct genl_info *info)
{
	struct vmmq_vport *vport = NULL;

	if (info->attrs[VMMQ_A_VPORT_VPORT])
		vport = vmmq_nl_by_id(info);
	if (!IS_ERR(vport) && info->attrs[VMMQ_A_VPORT_IFINDEX])
		vport = vmmq_nl_same(info, VMMQ_A_VPORT_IFINDEX,
				     vmmq_nl_by_ifindex(info), vport);
	if (!IS_ERR(vport) && info->attrs[VMMQ_A_VPORT_IFNAME])
		vport = vmmq_nl_same(info, VMMQ_A_VPORT_IFNAME,
				     vmmq_nl_by_ifname(info), vport);
	if (vport)
		return vmmq_nl_on_adapter(info, vport);
	GENL_SET_ERR_MSG(info,
			 "no VPort named; give adapter and vport, ifindex or ifname");
	return ERR_PTR(-EINVAL);
}

/* An attribute given twice is a mistake; the last one would hold. @many may
 * come often.
 */
static int vmmq_nl_check_twice(const struct nlattr *head, int len, int many,
			       struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	u64 seen = 0;
	int rem;

	nla_for_each_attr(attr, head, len, rem) {
		if (nla_type(attr) == many || nla_type(attr) >= 64)
			continue;
		if (seen & BIT_ULL(nla_type(attr))) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "the attribute is there twice");
			return -EINVAL;
		}
		seen |= BIT_ULL(nla_type(attr));
	}
	return 0;
}

/**
 * vmmq_nl_parse_nest() - parse a nested attribute of a request
 * @tb: gets the attributes, @max + 1 of them
 * @max: highest attribute
 * @nest: the nested attribute
 * @policy: what its attributes have to be
 * @extack: says why not
 *
 * Context: process.
 * Return: 0, or -EINVAL or -ERANGE and the reason is said.
 */
int vmmq_nl_parse_nest(struct nlattr **tb, int max, const struct nlattr *nest,
		       const struct nla_policy *policy,
		       struct netlink_ext_ack *extack)
{
	int err = nla_parse_nested(tb, max, nest, policy, extack);

	return err ?: vmmq_nl_check_twice(nla_data(nest), nla_len(nest), 0,
					  extack);
}

/**
 * vmmq_nl_check_once() - whether a request says everything once
 * @info: the request
 *
 * Context: process.
 * Return: 0, or -EINVAL and the reason is said.
 */
int vmmq_nl_check_once(struct genl_info *info)
{
	int many = info->genlhdr->cmd == VMMQ_CMD_RSS_MOVE ?
		   VMMQ_A_MOVE_ENTRY : 0;

	return vmmq_nl_check_twice(genlmsg_data(info->genlhdr),
				   genlmsg_len(info->genlhdr), many,
				   info->extack);
}

/**
 * vmmq_nl_check_admin() - whether the caller may change something
 * @skb: the request
 * @info: the request
 *
 * Context: process.
 * Return: 0, -EPERM, or -EINVAL if it says something twice; the reason is said.
 */
int vmmq_nl_check_admin(struct sk_buff *skb, struct genl_info *info)
{
	if (netlink_ns_capable(skb, genl_info_net(info)->user_ns,
			       CAP_NET_ADMIN))
		return vmmq_nl_check_once(info);
	GENL_SET_ERR_MSG(info,
			 "needs CAP_NET_ADMIN in the namespace of the adapter");
	return -EPERM;
}

/**
 * vmmq_nl_said() - a refusal has a text, whoever it comes from
 * @info: the request
 * @err: its result
 *
 * Context: process.
 * Return: @err.
 */
int vmmq_nl_said(struct genl_info *info, int err)
{
	if (!err || info->extack->_msg)
		return err;
	if (err == -ENOMEM)
		GENL_SET_ERR_MSG(info, "out of memory; nothing was done");
	else
		NL_SET_ERR_MSG_FMT(info->extack,
				   "failed with error %d; nothing was done",
				   -err);
	return err;
}

/**
 * vmmq_nl_show() - carry out an operation that only shows something
 * @info: the request
 * @operation: called under RTNL
 *
 * Context: process, without RTNL.
 * Return: as a doit callback.
 */
int vmmq_nl_show(struct genl_info *info,
		 int (*operation)(struct genl_info *info))
{
	int err = vmmq_nl_check_once(info);

	if (err)
		return err;
	rtnl_lock();
	err = operation(info);
	rtnl_unlock();
	return vmmq_nl_said(info, err);
}

/**
 * vmmq_nl_change() - carry out an operation that changes something
 * @skb: the request
 * @info: the request
 * @operation: called under RTNL
 *
 * Context: process, without RTNL.
 * Return: as a doit callback.
 */
int vmmq_nl_change(struct sk_buff *skb, struct genl_info *info,
		   int (*operation)(struct genl_info *info))
{
	int err = vmmq_nl_check_admin(skb, info);

	if (err)
		return err;
	rtnl_lock();
	err = operation(info);
	rtnl_unlock();
	return vmmq_nl_said(info, err);
}

/**
 * vmmq_nl_put_vport_name() - write the attributes that name a VPort
 * @msg: message of any attribute set that can name a VPort
 * @vport: the VPort
 *
 * Context: process, RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int vmmq_nl_put_vport_name(struct sk_buff *msg, const struct vmmq_vport *vport)
{
	struct net *net = read_pnet(&vport->adapter->net);
	const struct net_device *dev = vport->dev;

	if (nla_put_string(msg, VMMQ_A_VPORT_ADAPTER,
			   vmmq_adapter_name(vport->adapter)) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_VPORT, vport->id) ||
	    nla_put_string(msg, VMMQ_A_VPORT_IFNAME, dev->name))
		return -EMSGSIZE;
	if (net_eq(net, dev_net(dev)))
		return nla_put_u32(msg, VMMQ_A_VPORT_IFINDEX, dev->ifindex);
	return 0;
}

/**
 * vmmq_nl_put_cpus() - write a CPU list
 * @msg: the message
 * @attr: attribute
 * @cpus: the CPUs
 *
 * Context: process.
 * Return: 0 or -EMSGSIZE.
 */
int vmmq_nl_put_cpus(struct sk_buff *msg, int attr, const struct cpumask *cpus)
{
	int size = snprintf(NULL, 0, "%*pbl", cpumask_pr_args(cpus)) + 1;
	struct nlattr *list = nla_reserve(msg, attr, size);

	if (!list)
		return -EMSGSIZE;
	/* An affinity may change at any time, and with it the length. */
	memset(nla_data(list), 0, size);
	snprintf(nla_data(list), size, "%*pbl", cpumask_pr_args(cpus));
	return 0;
}

/**
 * vmmq_nl_cpus_size() - what a CPU list takes at most
 *
 * Every second CPU, five digits each: nothing is longer.
 *
 * Context: any.
 * Return: bytes of the attribute.
 */
size_t vmmq_nl_cpus_size(void)
{
	return nla_total_size((nr_cpu_ids / 2 + 1) * strlen("12345,"));
}

/**
 * vmmq_nl_put_message() - write a message about an object
 * @msg: where to
 * @portid: receiver, 0 for a notification
 * @seq: sequence number of the request
 * @cb: the dump it is part of, or NULL
 * @cmd: command
 * @fill: writes the attributes
 * @object: what @fill gets
 *
 * Context: as @fill.
 * Return: 0, or -EMSGSIZE and nothing was written.
 */
int vmmq_nl_put_message(struct sk_buff *msg, u32 portid, u32 seq,
			struct netlink_callback *cb, u8 cmd, vmmq_nl_fill fill,
			const void *object)
{
	void *head = genlmsg_put(msg, portid, seq, &vmmq_nl_family,
				 cb ? NLM_F_MULTI : 0, cmd);
	int err;

	if (!head)
		return -EMSGSIZE;
	if (cb)
		genl_dump_check_consistent(cb, head);
	err = fill(msg, object);
	if (err)
		genlmsg_cancel(msg, head);
	else
		genlmsg_end(msg, head);
	return err;
}

/**
 * vmmq_nl_new_answer() - get the memory of an answer
 * @size: bytes of attributes at most
 *
 * An operation that changes something does it first: it has to be answered.
 *
 * Context: process.
 * Return: an empty message, or NULL.
 */
struct sk_buff *vmmq_nl_new_answer(size_t size)
{
	return genlmsg_new(size, GFP_KERNEL);
}

/**
 * vmmq_nl_send_answer() - answer a request that has been carried out
 * @info: the request
 * @msg: from vmmq_nl_new_answer(); taken over
 * @fill: writes it
 * @object: what @fill gets
 *
 * An answer that finds no room in its reader's buffer is lost, as the reader is
 * told by ENOBUFS; that makes nothing undone.
 *
 * Context: process, RTNL.
 * Return: 0, or -EMSGSIZE if @msg is too small.
 */
int vmmq_nl_send_answer(struct genl_info *info, struct sk_buff *msg,
			vmmq_nl_fill fill, const void *object)
{
	int err;

	err = vmmq_nl_put_message(msg, info->snd_portid, info->snd_seq, NULL,
				  info->genlhdr->cmd, fill, object);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_reply(msg, info);
	return 0;
}

/**
 * vmmq_nl_answer() - answer a request with an object
 * @info: the request
 * @size: bytes of attributes at most
 * @fill: writes them
 * @object: what @fill gets
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno if there is no memory or too little of it.
 */
int vmmq_nl_answer(struct genl_info *info, size_t size, vmmq_nl_fill fill,
		   const void *object)
{
	struct sk_buff *msg = vmmq_nl_new_answer(size);

	return msg ? vmmq_nl_send_answer(info, msg, fill, object) : -ENOMEM;
}

/**
 * vmmq_nl_count_change() - something has changed that dumps show
 *
 * Context: any.
 */
void vmmq_nl_count_change(void)
{
	atomic_inc(&vmmq_nl_changes);
}

/**
 * vmmq_nl_changes_so_far() - the count that consistent dumps compare
 *
 * Context: any.
 * Return: never 0: that means "not counted".
 */
unsigned int vmmq_nl_changes_so_far(void)
{
	return atomic_read(&vmmq_nl_changes) | 1U << 31;
}

/* The parts of an adapter that is being made or taken away are not announced:
 * nobody has heard of it yet, or is told of its end.
 */
static bool vmmq_nl_heard(const struct vmmq_adapter *adapter, u8 cmd)
{
	return READ_ONCE(vmmq_nl_registered) &&
	       (READ_ONCE(adapter->whole) || cmd == VMMQ_CMD_ADAPTER_DEL_NTF) &&
	       genl_has_listeners(&vmmq_nl_family, read_pnet(&adapter->net),
				  VMMQ_NLGRP_CONFIG);
}

static void vmmq_nl_multicast(const struct vmmq_adapter *adapter, u8 cmd,
			      size_t size, vmmq_nl_fill fill,
			      const void *object, gfp_t gfp)
{
	struct net *net = read_pnet(&adapter->net);
	struct sk_buff *msg;

	if (!vmmq_nl_heard(adapter, cmd))
		return;
	msg = genlmsg_new(size, gfp);
	if (msg && vmmq_nl_put_message(msg, 0, 0, NULL, cmd, fill, object)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	if (msg)
		genlmsg_multicast_netns(&vmmq_nl_family, net, msg, 0,
					VMMQ_NLGRP_CONFIG, gfp);
	else
		genl_set_err(&vmmq_nl_family, net, 0, VMMQ_NLGRP_CONFIG,
			     -ENOBUFS);
}

/**
 * vmmq_nl_announce() - count a change and tell who listens
 * @adapter: the adapter it is about
 * @cmd: notification
 * @size: bytes of attributes at most
 * @fill: writes them
 * @object: what @fill gets
 *
 * Context: process, RTNL.
 */
void vmmq_nl_announce(const struct vmmq_adapter *adapter, u8 cmd, size_t size,
		      vmmq_nl_fill fill, const void *object)
{
	ASSERT_RTNL();
	vmmq_nl_count_change();
	vmmq_nl_multicast(adapter, cmd, size, fill, object, GFP_KERNEL);
}

/**
 * vmmq_nl_announce_atomic() - tell who listens of a change that is counted
 * @adapter: the adapter it is about
 * @cmd: notification
 * @size: bytes of attributes at most
 * @fill: writes them, in any context
 * @object: what @fill gets
 *
 * Context: any with BH allowed or disabled.
 */
void vmmq_nl_announce_atomic(const struct vmmq_adapter *adapter, u8 cmd,
			     size_t size, vmmq_nl_fill fill, const void *object)
{
	vmmq_nl_multicast(adapter, cmd, size, fill, object, GFP_ATOMIC);
}

/* The net device's name and namespace are part of what the family shows. A new
 * VPort is announced when it is whole.
 */
static int vmmq_nl_netdev_event(struct notifier_block *block,
				unsigned long event, void *info)
{
	struct vmmq_vport *vport =
		vmmq_vport_of(netdev_notifier_info_to_dev(info));

	if (vport && test_bit(VMMQ_VPORT_KNOWN, &vport->flags) &&
	    (event == NETDEV_CHANGENAME || event == NETDEV_REGISTER))
		vmmq_nl_announce_vport(vport, VMMQ_CMD_VPORT_CHANGE_NTF);
	return NOTIFY_DONE;
}

static struct notifier_block vmmq_nl_netdev_notifier = {
	.notifier_call = vmmq_nl_netdev_event,
};

/**
 * vmmq_netlink_register() - open the control family
 *
 * Context: process, last step of the module's initialisation.
 * Return: 0 or a negative errno.
 */
int vmmq_netlink_register(void)
{
	int err = register_netdevice_notifier(&vmmq_nl_netdev_notifier);

	if (err)
		return err;
	err = genl_register_family(&vmmq_nl_family);
	if (err)
		unregister_netdevice_notifier(&vmmq_nl_netdev_notifier);
	WRITE_ONCE(vmmq_nl_registered, !err);
	return err;
}

/**
 * vmmq_netlink_unregister() - close the control family
 *
 * Context: process. No request runs after it; changes are not announced any
 * more.
 */
void vmmq_netlink_unregister(void)
{
	rtnl_lock();
	WRITE_ONCE(vmmq_nl_registered, false);
	rtnl_unlock();
	synchronize_rcu(); /* announcements without RTNL, with BH disabled */
	genl_unregister_family(&vmmq_nl_family);
	unregister_netdevice_notifier(&vmmq_nl_netdev_notifier);
}
