// SPDX-License-Identifier: GPL-2.0
/*
 * The control family: finding what a message names, answering, dumping and
 * announcing. An operation runs under RTNL; what it shows is one state.
 *
 * Every change is counted, whether somebody listens to its announcement or
 * not. A dump that takes several messages compares the count and so tells its
 * reader if something changed meanwhile.
 */
#include <linux/capability.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "adapter.h"
#include "filter.h"
#include "netlink.h"
#include "vector.h"
#include "vport.h"

/* Changes so far; RTNL. Never 0: that means "not counted". */
static u32 vmmq_nl_changes = 1;
/* The family can be used; RTNL. */
static bool vmmq_nl_registered;

/* Where a dump goes on */
struct vmmq_nl_cursor {
	unsigned int adapter;
	unsigned int index;
	unsigned int filter;
};

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

static struct vmmq_adapter *vmmq_nl_lookup_adapter(struct net *net,
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

/**
 * vmmq_nl_check_admin() - whether the caller may change something
 * @skb: the request
 * @info: the request
 *
 * Context: process.
 * Return: 0, or -EPERM and the reason is said.
 */
int vmmq_nl_check_admin(struct sk_buff *skb, struct genl_info *info)
{
	if (netlink_ns_capable(skb, genl_info_net(info)->user_ns,
			       CAP_NET_ADMIN))
		return 0;
	GENL_SET_ERR_MSG(info,
			 "needs CAP_NET_ADMIN in the namespace of the adapter");
	return -EPERM;
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
	char *list = kasprintf(GFP_KERNEL, "%*pbl", cpumask_pr_args(cpus));
	int err = -EMSGSIZE;

	if (list)
		err = nla_put_string(msg, attr, list);
	kfree(list);
	return err;
}

static int vmmq_nl_put_message(struct sk_buff *msg, u32 portid, u32 seq,
			       struct netlink_callback *cb, u8 cmd,
			       vmmq_nl_fill fill, const void *object)
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
 * vmmq_nl_answer() - answer a request with an object
 * @info: the request
 * @size: bytes of attributes at most
 * @fill: writes them
 * @object: what @fill gets
 *
 * Context: process, RTNL.
 * Return: 0 or a negative errno.
 */
int vmmq_nl_answer(struct genl_info *info, size_t size, vmmq_nl_fill fill,
		   const void *object)
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);
	int err;

	if (!msg)
		return -ENOMEM;
	err = vmmq_nl_put_message(msg, info->snd_portid, info->snd_seq, NULL,
				  info->genlhdr->cmd, fill, object);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/**
 * vmmq_nl_announce() - count a change and tell who listens
 * @net: the adapter's namespace
 * @cmd: notification
 * @size: bytes of attributes at most
 * @fill: writes them
 * @object: what @fill gets
 *
 * Context: process, RTNL.
 */
void vmmq_nl_announce(struct net *net, u8 cmd, size_t size, vmmq_nl_fill fill,
		      const void *object)
{
	struct sk_buff *msg;

	ASSERT_RTNL();
	vmmq_nl_changes += vmmq_nl_changes == U32_MAX ? 2 : 1;
	if (!vmmq_nl_registered ||
	    !genl_has_listeners(&vmmq_nl_family, net, VMMQ_NLGRP_CONFIG))
		return;
	msg = genlmsg_new(size, GFP_KERNEL);
	if (msg && vmmq_nl_put_message(msg, 0, 0, NULL, cmd, fill, object)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	if (msg)
		genlmsg_multicast_netns(&vmmq_nl_family, net, msg, 0,
					VMMQ_NLGRP_CONFIG, GFP_KERNEL);
	else
		genl_set_err(&vmmq_nl_family, net, 0, VMMQ_NLGRP_CONFIG,
			     -ENOBUFS);
}

/* What of an adapter a dump shows: itself, its VPorts, vectors or filters. Puts
 * the messages from @at on; it says what is next when one does not fit.
 */
typedef int (*vmmq_nl_put_parts)(struct sk_buff *skb,
				 struct netlink_callback *cb, u8 cmd,
				 const struct vmmq_adapter *adapter,
				 vmmq_nl_fill fill);

static int vmmq_nl_put_part(struct sk_buff *skb, struct netlink_callback *cb,
			    u8 cmd, vmmq_nl_fill fill, const void *object)
{
	return vmmq_nl_put_message(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, cb, cmd, fill, object);
}

static int vmmq_nl_put_self(struct sk_buff *skb, struct netlink_callback *cb,
			    u8 cmd, const struct vmmq_adapter *adapter,
			    vmmq_nl_fill fill)
{
	return vmmq_nl_put_part(skb, cb, cmd, fill, adapter);
}

static int vmmq_nl_put_vports(struct sk_buff *skb, struct netlink_callback *cb,
			      u8 cmd, const struct vmmq_adapter *adapter,
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
			       u8 cmd, const struct vmmq_adapter *adapter,
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

static int vmmq_nl_put_vport_filters(struct sk_buff *skb,
				     struct netlink_callback *cb, u8 cmd,
				     const struct vmmq_vport *vport,
				     vmmq_nl_fill fill)
{
	struct vmmq_nl_cursor *at = (void *)cb->ctx;
	struct vmmq_filter_info filter;
	int err;

	for (; vmmq_filter_nth(vport, at->filter, &filter); at->filter++) {
		err = vmmq_nl_put_part(skb, cb, cmd, fill, &filter);
		if (err)
			return err;
	}
	at->filter = 0;
	return 0;
}

static int vmmq_nl_put_filters(struct sk_buff *skb, struct netlink_callback *cb,
			       u8 cmd, const struct vmmq_adapter *adapter,
			       vmmq_nl_fill fill)
{
	struct vmmq_nl_cursor *at = (void *)cb->ctx;
	const struct vmmq_vport *vport;
	int err;

	for (; at->index < VMMQ_MAX_VPORTS; at->index++) {
		vport = rtnl_dereference(adapter->nicswitch.vports[at->index]);
		if (!vport)
			continue;
		err = vmmq_nl_put_vport_filters(skb, cb, cmd, vport, fill);
		if (err)
			return err;
	}
	return 0;
}

static int vmmq_nl_dump_all(struct sk_buff *skb, struct netlink_callback *cb,
			    u8 cmd, const struct vmmq_adapter *only,
			    vmmq_nl_put_parts parts, vmmq_nl_fill fill)
{
	struct vmmq_nl_cursor *at = (void *)cb->ctx;
	struct net *net = sock_net(cb->skb->sk);
	const struct vmmq_adapter *adapter;
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
	}
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}

static int vmmq_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
			u8 cmd, const struct nlattr *name, vmmq_nl_put_parts parts,
			vmmq_nl_fill fill)
{
	const struct vmmq_adapter *only = NULL;
	int err;

	BUILD_BUG_ON(sizeof(struct vmmq_nl_cursor) > sizeof(cb->ctx));
	rtnl_lock();
	cb->seq = vmmq_nl_changes;
	if (name)
		only = vmmq_nl_lookup_adapter(sock_net(cb->skb->sk), name,
					      cb->extack);
	err = IS_ERR(only) ? PTR_ERR(only) :
	      vmmq_nl_dump_all(skb, cb, cmd, only, parts, fill);
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

/**
 * vmmq_netlink_register() - open the control family
 *
 * Context: process, last step of the module's initialisation.
 * Return: 0 or a negative errno.
 */
int vmmq_netlink_register(void)
{
	int err = genl_register_family(&vmmq_nl_family);

	vmmq_nl_registered = !err;
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
	vmmq_nl_registered = false;
	rtnl_unlock();
	genl_unregister_family(&vmmq_nl_family);
}
