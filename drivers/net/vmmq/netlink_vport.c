// SPDX-License-Identifier: GPL-2.0
/* The control family's operations on VPorts. */
#include <linux/etherdevice.h>
#include <linux/ethtool_netlink.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "adapter.h"
#include "change.h"
#include "devlink.h"
#include "filter.h"
#include "netlink.h"
#include "queue.h"
#include "rss.h"
#include "stats.h"
#include "vport.h"

#define VMMQ_NL_VPORT_SIZE	NLMSG_DEFAULT_SIZE

static int vmmq_nl_put_u64(struct sk_buff *msg, int attr, u64 value)
{
	return nla_put_u64_64bit(msg, attr, value, VMMQ_A_COUNTERS_PAD);
}

static int vmmq_nl_put_traffic(struct sk_buff *msg,
			       const struct rtnl_link_stats64 *stats)
{
	if (vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_RX_PACKETS,
			    stats->rx_packets) ||
	    vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_RX_BYTES, stats->rx_bytes) ||
	    vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_RX_MISSED,
			    stats->rx_missed_errors) ||
	    vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_RX_DROPPED,
			    stats->rx_dropped + stats->rx_errors) ||
	    vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_TX_PACKETS,
			    stats->tx_packets) ||
	    vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_TX_BYTES, stats->tx_bytes) ||
	    vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_TX_DROPPED,
			    stats->tx_dropped))
		return -EMSGSIZE;
	return 0;
}

static int vmmq_nl_put_counters(struct sk_buff *msg,
				const struct vmmq_vport *vport)
{
	struct rtnl_link_stats64 stats = {};
	u64 interrupts = 0, waited = 0;
	const struct vmmq_queue *q;
	struct nlattr *nest;
	unsigned int i;

	vmmq_stats_get64(vport->dev, &stats);
	for (i = 0; i < vport->max_queues; i++) {
		q = vport->queues[i];
		interrupts += q ? READ_ONCE(q->interrupts) : 0;
		waited += q ? READ_ONCE(q->rx_waited) : 0;
	}
	nest = nla_nest_start(msg, VMMQ_A_VPORT_COUNTERS);
	if (!nest || vmmq_nl_put_traffic(msg, &stats) ||
	    vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_INTERRUPTS, interrupts) ||
	    vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_ENTRIES_MOVED,
			    vport->entries_moved) ||
	    vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_FRAMES_WAITED, waited) ||
	    vmmq_nl_put_u64(msg, VMMQ_A_COUNTERS_LONGEST_DRAIN,
			    atomic64_read(&vport->longest_drain)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int vmmq_nl_put_queues(struct sk_buff *msg,
			      const struct vmmq_vport *vport)
{
	const struct vmmq_rss *rss = vmmq_rss_get(vport);
	u32 reason = VMMQ_REASON_NONE, effective = rss->queues;

	if (test_bit(VMMQ_VPORT_DEACTIVATED, &vport->flags)) {
		reason = VMMQ_REASON_DEACTIVATED;
		effective = 0;
	} else if (!rss->enabled) {
		reason = VMMQ_REASON_RSS_OFF;
		effective = 1;
	}
	if (nla_put_u32(msg, VMMQ_A_VPORT_QUEUE_PAIRS, rss->queues) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_QUEUE_PAIRS_EFFECTIVE, effective) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_QUEUE_PAIRS_REASON, reason) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_MAX_QUEUE_PAIRS, vport->max_queues))
		return -EMSGSIZE;
	return 0;
}

static int vmmq_nl_put_moderation(struct sk_buff *msg,
				  const struct vmmq_vport *vport)
{
	const struct vmmq_moderation *now = &vport->queues[0]->moderation;
	const struct vmmq_moderation effective = {
		.usecs = READ_ONCE(now->usecs),
		.frames = READ_ONCE(now->frames),
	};
	u32 level = vmmq_moderation_requested(vport);
	u32 reason = level == VMMQ_MODERATION_LEVEL_ADAPTIVE ?
		     VMMQ_REASON_ADAPTIVE : VMMQ_REASON_NONE;

	if (nla_put_u32(msg, VMMQ_A_VPORT_MODERATION, level) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_MODERATION_EFFECTIVE,
			vmmq_moderation_level(&effective)) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_MODERATION_REASON, reason) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_RX_USECS, effective.usecs) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_RX_FRAMES, effective.frames))
		return -EMSGSIZE;
	return 0;
}

/* The id of a foreign namespace, if the adapter's has given it one. */
static int vmmq_nl_put_netns(struct sk_buff *msg,
			     const struct vmmq_vport *vport)
{
	struct net *net = read_pnet(&vport->adapter->net);
	int id;

	if (net_eq(net, dev_net(vport->dev)))
		return 0;
	id = peernet2id(net, dev_net(vport->dev));
	return id < 0 ? 0 : nla_put_u32(msg, VMMQ_A_VPORT_NETNS_ID, id);
}

static u32 vmmq_nl_vport_state(const struct vmmq_vport *vport)
{
	return test_bit(VMMQ_VPORT_DEACTIVATED, &vport->flags) ?
	       VMMQ_VPORT_STATE_DEACTIVATED : VMMQ_VPORT_STATE_ACTIVATED;
}

static int vmmq_nl_fill_vport(struct sk_buff *msg, const void *object)
{
	const struct vmmq_vport *vport = object;

	if (vmmq_nl_put_vport_name(msg, vport) ||
	    vmmq_nl_put_netns(msg, vport) ||
	    nla_put(msg, VMMQ_A_VPORT_MAC, ETH_ALEN, vport->dev->dev_addr) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_STATE, vmmq_nl_vport_state(vport)) ||
	    (vport->vlan &&
	     nla_put_u32(msg, VMMQ_A_VPORT_VLAN, vport->vlan)) ||
	    vmmq_nl_put_queues(msg, vport) ||
	    vmmq_nl_put_moderation(msg, vport) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_FILTERS,
			vmmq_filter_count(vport)) ||
	    vmmq_nl_put_counters(msg, vport))
		return -EMSGSIZE;
	return 0;
}

/**
 * vmmq_nl_announce_vport() - say that a VPort has changed
 * @vport: the VPort
 * @cmd: the notification
 *
 * Context: process, RTNL.
 */
void vmmq_nl_announce_vport(const struct vmmq_vport *vport, u8 cmd)
{
	vmmq_nl_announce(vport->adapter, cmd, VMMQ_NL_VPORT_SIZE,
			 vmmq_nl_fill_vport, vport);
}

static int vmmq_nl_fill_vport_gone(struct sk_buff *msg, const void *object)
{
	return vmmq_nl_put_vport_name(msg, object);
}

/**
 * vmmq_nl_announce_vport_gone() - say that a VPort is deleted
 * @vport: the VPort, still known
 *
 * Context: process, RTNL.
 */
void vmmq_nl_announce_vport_gone(const struct vmmq_vport *vport)
{
	vmmq_nl_announce(vport->adapter, VMMQ_CMD_VPORT_DEL_NTF,
			 VMMQ_NL_VPORT_SIZE, vmmq_nl_fill_vport_gone, vport);
}

static int vmmq_nl_vport_get(struct genl_info *info)
{
	struct vmmq_vport *vport;

	vport = vmmq_nl_find_vport(info);
	if (IS_ERR(vport))
		return PTR_ERR(vport);
	return vmmq_nl_answer(info, VMMQ_NL_VPORT_SIZE, vmmq_nl_fill_vport,
			      vport);
}

int vmmq_nl_vport_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_show(info, vmmq_nl_vport_get);
}

int vmmq_nl_vport_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return vmmq_nl_dump_vports(skb, cb, VMMQ_CMD_VPORT_GET,
				   vmmq_nl_fill_vport);
}

static u32 vmmq_nl_u32_or(struct genl_info *info, unsigned int attr, u32 other)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : other;
}

static int vmmq_nl_parse_id(struct genl_info *info,
			    const struct vmmq_adapter *adapter,
			    struct vmmq_vport_config *config)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VPORT_VPORT];
	unsigned int id;

	if (attr) {
		config->id = nla_get_u32(attr);
		if (!rtnl_dereference(adapter->nicswitch.vports[config->id]))
			return 0;
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
					"%s has a VPort %u already",
					vmmq_adapter_name(adapter), config->id);
		return -EEXIST;
	}
	for (id = 0; id < VMMQ_MAX_VPORTS; id++) {
		if (rtnl_dereference(adapter->nicswitch.vports[id]))
			continue;
		config->id = id;
		return 0;
	}
	NL_SET_ERR_MSG_FMT(info->extack, "all %u VPorts of %s are in use",
			   VMMQ_MAX_VPORTS, vmmq_adapter_name(adapter));
	return -ENOSPC;
}

static int vmmq_nl_parse_mac(struct genl_info *info,
			     struct vmmq_vport_config *config)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VPORT_MAC];

	if (!attr)
		return 0;
	if (!is_valid_ether_addr(nla_data(attr))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "not a unicast address");
		return -EADDRNOTAVAIL;
	}
	ether_addr_copy(config->mac, nla_data(attr));
	return 0;
}

static int vmmq_nl_parse_ifname(struct genl_info *info,
				const struct vmmq_adapter *adapter,
				struct vmmq_vport_config *config)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VPORT_IFNAME];

	config->named = attr;
	if (attr)
		nla_strscpy(config->name, attr, sizeof(config->name));
	else
		snprintf(config->name, sizeof(config->name), "%sv%u",
			 vmmq_adapter_name(adapter), config->id);
	if (!dev_valid_name(config->name)) {
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
					"%s is no name for a net device",
					config->name);
		return -EINVAL;
	}
	if (!__dev_get_by_name(read_pnet(&adapter->net), config->name))
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"there is a net device %s already; give another ifname",
				config->name);
	return -EEXIST;
}

static int vmmq_nl_check_moderation(struct genl_info *info,
				    const struct vmmq_adapter *adapter)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VPORT_MODERATION];

	if (!attr ||
	    vmmq_adapter_can(adapter, VMMQ_CAPABILITY_VPORT_MODERATION))
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"VPorts of %s have no moderation",
				vmmq_adapter_name(adapter));
	return -EOPNOTSUPP;
}

static int vmmq_nl_check_vlan(struct genl_info *info,
			      const struct vmmq_adapter *adapter)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VPORT_VLAN];

	if (!attr || vmmq_adapter_can(adapter, VMMQ_CAPABILITY_VLAN_FILTER))
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"%s can't filter by VLAN",
				vmmq_adapter_name(adapter));
	return -EOPNOTSUPP;
}

static int vmmq_nl_check_pools(struct genl_info *info,
			       const struct vmmq_adapter *adapter,
			       const struct vmmq_vport_config *config)
{
	const struct vmmq_config *limits = &adapter->config;
	unsigned int queues = vmmq_adapter_count_queues(adapter);
	unsigned int vports = vmmq_adapter_count_vports(adapter);

	if (vports >= limits->max_vports) {
		NL_SET_ERR_MSG_FMT(info->extack,
				   "pool of VPorts of %s: all %u in use",
				   vmmq_adapter_name(adapter), vports);
		return -ENOSPC;
	}
	if (queues + config->queues <= limits->pool_queues)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack,
				info->attrs[VMMQ_A_VPORT_QUEUE_PAIRS],
				"pool of queue pairs of %s: %u of %u in use",
				vmmq_adapter_name(adapter), queues,
				limits->pool_queues);
	return -ENOSPC;
}

/* Without the capability, VPorts but the default one have one number. */
static int vmmq_nl_check_alike(struct genl_info *info,
			       const struct vmmq_adapter *adapter,
			       const struct vmmq_vport_config *config)
{
	const struct vmmq_vport *other;
	unsigned int id;

	if (vmmq_adapter_can(adapter, VMMQ_CAPABILITY_ASYMMETRIC_QUEUE_PAIRS))
		return 0;
	for (id = 1; id < VMMQ_MAX_VPORTS; id++) {
		other = rtnl_dereference(adapter->nicswitch.vports[id]);
		if (!other || other->num_queues == config->queues)
			continue;
		NL_SET_ERR_MSG_ATTR_FMT(info->extack,
					info->attrs[VMMQ_A_VPORT_QUEUE_PAIRS],
					"VPorts of %s all have %u queue pairs",
					vmmq_adapter_name(adapter),
					other->num_queues);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int vmmq_nl_parse_pairs(struct genl_info *info,
			       const struct vmmq_adapter *adapter,
			       struct vmmq_vport_config *config)
{
	u32 limit = config->id ? adapter->config.max_queues :
				 adapter->config.default_max_queues;

	config->max_queues = vmmq_nl_u32_or(info, VMMQ_A_VPORT_MAX_QUEUE_PAIRS,
					    limit);
	config->queues = vmmq_nl_u32_or(info, VMMQ_A_VPORT_QUEUE_PAIRS, 1);
	if (config->max_queues > limit) {
		NL_SET_ERR_MSG_ATTR_FMT(info->extack,
					info->attrs[VMMQ_A_VPORT_MAX_QUEUE_PAIRS],
					"a VPort of %s has up to %u queue pairs",
					vmmq_adapter_name(adapter), limit);
		return -EINVAL;
	}
	if (config->queues <= config->max_queues)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack,
				info->attrs[VMMQ_A_VPORT_QUEUE_PAIRS],
				"%u queue pairs: must be 1 to %u",
				config->queues, config->max_queues);
	return -EINVAL;
}

/* All but the id */
static int vmmq_nl_parse_new_vport(struct genl_info *info,
				   const struct vmmq_adapter *adapter,
				   struct vmmq_vport_config *config)
{
	int err = vmmq_nl_parse_mac(info, config);

	if (!err)
		err = vmmq_nl_parse_ifname(info, adapter, config);
	if (!err)
		err = vmmq_nl_parse_pairs(info, adapter, config);
	if (!err)
		err = vmmq_nl_check_pools(info, adapter, config);
	if (!err)
		err = vmmq_nl_check_alike(info, adapter, config);
	if (!err)
		err = vmmq_nl_check_vlan(info, adapter);
	if (!err)
		err = vmmq_nl_check_moderation(info, adapter);
	config->vlan = vmmq_nl_u32_or(info, VMMQ_A_VPORT_VLAN, 0);
	config->deactivated = vmmq_nl_u32_or(info, VMMQ_A_VPORT_STATE, 0) ==
			      VMMQ_VPORT_STATE_DEACTIVATED;
	return err;
}

static int vmmq_nl_create_vport(struct genl_info *info,
				struct vmmq_adapter *adapter,
				const struct vmmq_vport_config *config)
{
	const struct nlattr *moderation = info->attrs[VMMQ_A_VPORT_MODERATION];
	int err = vmmq_vport_create(adapter, config);

	if (err == -ENOSPC)
		NL_SET_ERR_MSG_FMT(info->extack,
				   "pool of filters of %s: %u of %u in use",
				   vmmq_adapter_name(adapter),
				   adapter->nicswitch.num_filters,
				   adapter->config.max_filters);
	if (!err && moderation)
		vmmq_moderation_set_level(rtnl_dereference(adapter->nicswitch.vports[config->id]),
					  nla_get_u32(moderation));
	return err;
}

/* RTNL. What was looked at before the port was added may have changed. */
static int vmmq_nl_make_vport(struct genl_info *info,
			      struct vmmq_adapter *adapter,
			      struct vmmq_vport_config *config)
{
	struct sk_buff *msg;
	int err;

	err = vmmq_nl_parse_new_vport(info, adapter, config);
	if (err)
		goto err_port;
	err = -ENOMEM;
	msg = vmmq_nl_new_answer(VMMQ_NL_VPORT_SIZE);
	if (!msg)
		goto err_port;
	err = vmmq_nl_create_vport(info, adapter, config);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return vmmq_nl_send_answer(info, msg, vmmq_nl_fill_vport,
				   rtnl_dereference(adapter->nicswitch.vports[config->id]));

err_port:
	vmmq_port_put(config->port);
	return err;
}

/* Instance lock. The port comes before RTNL, see devlink.c. */
static int vmmq_nl_make_port_and_vport(struct genl_info *info,
				       struct vmmq_adapter *adapter,
				       struct vmmq_vport_config *config)
{
	int err;

	config->port = vmmq_port_add(adapter, config->id);
	if (IS_ERR(config->port)) {
		if (PTR_ERR(config->port) == -EBUSY)
			NL_SET_ERR_MSG_FMT(info->extack,
					   "VPort %u of %s is still being freed; try another number, or later",
					   config->id,
					   vmmq_adapter_name(adapter));
		return PTR_ERR(config->port);
	}
	rtnl_lock();
	err = vmmq_nl_make_vport(info, adapter, config);
	rtnl_unlock();
	return err;
}

/* Adapters held. The id stays free: only who holds them makes VPorts. */
static int vmmq_nl_vport_new(struct genl_info *info)
{
	struct vmmq_vport_config config = {};
	struct vmmq_adapter *adapter;
	int err;

	rtnl_lock();
	adapter = vmmq_nl_find_adapter(info, VMMQ_A_VPORT_ADAPTER);
	err = PTR_ERR_OR_ZERO(adapter);
	if (!err)
		err = vmmq_nl_parse_id(info, adapter, &config);
	if (!err)
		err = vmmq_nl_parse_new_vport(info, adapter, &config);
	rtnl_unlock();
	if (err)
		return err;
	devl_lock(adapter->devlink);
	err = vmmq_nl_make_port_and_vport(info, adapter, &config);
	devl_unlock(adapter->devlink);
	return err;
}

int vmmq_nl_vport_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = vmmq_nl_check_admin(skb, info);

	if (err)
		return err;
	vmmq_adapters_hold();
	err = vmmq_nl_vport_new(info);
	vmmq_adapters_release();
	return vmmq_nl_said(info, err);
}

static int vmmq_nl_set_pairs(struct genl_info *info, struct vmmq_vport *vport)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VPORT_QUEUE_PAIRS];
	struct vmmq_change change = VMMQ_CHANGE_INIT;
	int err;

	if (!attr)
		return 0;
	change.queue_pairs = nla_get_u32(attr);
	err = vmmq_change(vport, &change, info->extack);
	if (err)
		NL_SET_BAD_ATTR(info->extack, attr);
	else
		ethtool_notify(vport->dev, ETHTOOL_MSG_RSS_NTF);
	return err;
}

/* What can be refused comes first. */
static int vmmq_nl_vport_set(struct genl_info *info)
{
	struct vmmq_vport *vport = vmmq_nl_find_vport(info);
	const struct nlattr *state = info->attrs[VMMQ_A_VPORT_STATE];
	int err;

	if (IS_ERR(vport))
		return PTR_ERR(vport);
	if (state && nla_get_u32(state) != vmmq_nl_vport_state(vport) &&
	    nla_get_u32(state) == VMMQ_VPORT_STATE_DEACTIVATED) {
		NL_SET_ERR_MSG_ATTR(info->extack, state,
				    "an activated VPort stays so until it is deleted");
		return -EOPNOTSUPP;
	}
	err = vmmq_nl_check_moderation(info, vport->adapter);
	if (!err)
		err = vmmq_nl_set_pairs(info, vport);
	if (err)
		return err;
	if (info->attrs[VMMQ_A_VPORT_MODERATION])
		vmmq_moderation_set_level(vport,
					  nla_get_u32(info->attrs[VMMQ_A_VPORT_MODERATION]));
	if (state && nla_get_u32(state) == VMMQ_VPORT_STATE_ACTIVATED)
		vmmq_vport_activate(vport);
	return 0;
}

int vmmq_nl_vport_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_change(skb, info, vmmq_nl_vport_set);
}

static int vmmq_nl_vport_del(struct genl_info *info)
{
	struct vmmq_vport *vport = vmmq_nl_find_vport(info);
	unsigned int filters;
	LIST_HEAD(head);

	if (IS_ERR(vport))
		return PTR_ERR(vport);
	if (!vport->id) {
		NL_SET_ERR_MSG_FMT(info->extack,
				   "%s is the default VPort; it goes with its adapter",
				   vport->dev->name);
		return -EOPNOTSUPP;
	}
	filters = vmmq_filter_user_count(vport);
	if (filters) {
		NL_SET_ERR_MSG_FMT(info->extack,
				   "%u filters select %s; filter-del or filter-move them first",
				   filters, vport->dev->name);
		return -EBUSY;
	}
	vmmq_vport_destroy(vport, &head);
	unregister_netdevice_many(&head);
	return 0;
}

int vmmq_nl_vport_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_change(skb, info, vmmq_nl_vport_del);
}
