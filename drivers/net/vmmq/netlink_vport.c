// SPDX-License-Identifier: GPL-2.0
/* The control family's operations on VPorts. */
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "adapter.h"
#include "netlink.h"
#include "nicswitch.h"
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

	if (nla_put_u32(msg, VMMQ_A_VPORT_QUEUE_PAIRS, rss->queues) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_QUEUE_PAIRS_EFFECTIVE,
			rss->queues) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_QUEUE_PAIRS_REASON,
			VMMQ_REASON_NONE) ||
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

static int vmmq_nl_fill_vport(struct sk_buff *msg, const void *object)
{
	const struct vmmq_vport *vport = object;

	if (vmmq_nl_put_vport_name(msg, vport) ||
	    vmmq_nl_put_netns(msg, vport) ||
	    nla_put(msg, VMMQ_A_VPORT_MAC, ETH_ALEN, vport->dev->dev_addr) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_STATE, VMMQ_VPORT_STATE_ACTIVATED) ||
	    vmmq_nl_put_queues(msg, vport) ||
	    vmmq_nl_put_moderation(msg, vport) ||
	    nla_put_u32(msg, VMMQ_A_VPORT_FILTERS,
			vmmq_nicswitch_count_filters(vport)) ||
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
	vmmq_nl_announce(read_pnet(&vport->adapter->net), cmd,
			 VMMQ_NL_VPORT_SIZE, vmmq_nl_fill_vport, vport);
}

int vmmq_nl_vport_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vmmq_vport *vport;
	int err;

	rtnl_lock();
	vport = vmmq_nl_find_vport(info);
	err = IS_ERR(vport) ? PTR_ERR(vport) :
	      vmmq_nl_answer(info, VMMQ_NL_VPORT_SIZE, vmmq_nl_fill_vport,
			     vport);
	rtnl_unlock();
	return err;
}

int vmmq_nl_vport_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return vmmq_nl_dump_vports(skb, cb, VMMQ_CMD_VPORT_GET,
				   vmmq_nl_fill_vport);
}
