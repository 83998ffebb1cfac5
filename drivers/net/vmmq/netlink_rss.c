// SPDX-License-Identifier: GPL-2.0
/* The control family's operations on RSS parameters. */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "adapter.h"
#include "flow.h"
#include "netlink.h"
#include "queue.h"
#include "rss.h"
#include "vector.h"
#include "vport.h"

static_assert(VMMQ_TYPE_IPV4 == (int)VMMQ_RSS_TYPE_IPV4);
static_assert(VMMQ_TYPE_UDP_IPV6_EX == (int)VMMQ_RSS_TYPE_UDP_IPV6_EX);
static_assert(VMMQ_FIELD_SRC_ADDR == (int)VMMQ_HASH_FIELD_SRC_ADDR);
static_assert(VMMQ_FIELD_LABEL == (int)VMMQ_HASH_FIELD_FLOW_LABEL);
static_assert(VMMQ_XFRM_SYM_XOR == (int)VMMQ_INPUT_XFRM_SYMMETRIC_XOR);
static_assert(VMMQ_XFRM_SYM_OR_XOR == (int)VMMQ_INPUT_XFRM_SYMMETRIC_OR_XOR);
static_assert(VMMQ_A_FIELDS_UDP_IPV6 - VMMQ_A_FIELDS_IPV4 ==
	      VMMQ_FLOW_UDP_IPV6 - VMMQ_FLOW_IPV4);

/* What rss-get shows; notifications leave the hits out. */
struct vmmq_nl_rss {
	const struct vmmq_vport *vport;
	const struct vmmq_rss *rss;
	bool hits;
};

static size_t vmmq_nl_rss_size(const struct vmmq_vport *vport)
{
	u32 entries = vmmq_rss_entries(vmmq_rss_get(vport));

	return NLMSG_DEFAULT_SIZE +
	       entries * (2 * sizeof(u32) + sizeof(u64)) +
	       vport->max_queues * 2 * sizeof(u32);
}

static u32 vmmq_nl_queue_cpu(const struct vmmq_nl_rss *show, u16 queue)
{
	return vmmq_queue_cpu(show->vport->queues[queue]);
}

static u32 vmmq_nl_entry_queue(const struct vmmq_nl_rss *show, u32 i)
{
	return show->rss->table[i];
}

static u32 vmmq_nl_entry_cpu(const struct vmmq_nl_rss *show, u32 i)
{
	u16 tracked = vmmq_rss_tracked(show->rss)[i];

	return tracked != VMMQ_RSS_NO_CPU ? tracked :
	       vmmq_nl_queue_cpu(show, show->rss->table[i]);
}

static u32 vmmq_nl_queue_vector(const struct vmmq_nl_rss *show, u32 i)
{
	return show->vport->queues[i]->vector->index;
}

static u32 vmmq_nl_cpu_of_queue(const struct vmmq_nl_rss *show, u32 i)
{
	return vmmq_nl_queue_cpu(show, i);
}

static int vmmq_nl_put_array(struct sk_buff *msg, int attr,
			     const struct vmmq_nl_rss *show, u32 count,
			     u32 (*value)(const struct vmmq_nl_rss *show,
					  u32 i))
{
	struct nlattr *array = nla_reserve(msg, attr, count * sizeof(u32));
	u32 i, *values;

	if (!array)
		return -EMSGSIZE;
	values = nla_data(array);
	for (i = 0; i < count; i++)
		values[i] = value(show, i);
	return 0;
}

static int vmmq_nl_put_hits(struct sk_buff *msg, const struct vmmq_nl_rss *show)
{
	u32 i, count = vmmq_rss_entries(show->rss);
	struct nlattr *array;
	u64 hits;

	if (!show->hits)
		return 0;
	array = nla_reserve(msg, VMMQ_A_RSS_HITS, count * sizeof(u64));
	if (!array)
		return -EMSGSIZE;
	for (i = 0; i < count; i++) {
		hits = vmmq_stats_read_hits(show->vport, i);
		memcpy(nla_data(array) + i * sizeof(hits), &hits, sizeof(hits));
	}
	return 0;
}

static int vmmq_nl_put_fields(struct sk_buff *msg, const struct vmmq_rss *rss)
{
	struct nlattr *nest;
	unsigned int type;

	if (vmmq_fields_are_types(rss->fields) &&
	    nla_put_u32(msg, VMMQ_A_RSS_TYPES,
			vmmq_fields_to_types(rss->fields)))
		return -EMSGSIZE;
	nest = nla_nest_start(msg, VMMQ_A_RSS_FIELDS);
	if (!nest)
		return -EMSGSIZE;
	for (type = 0; type < VMMQ_FLOW_TYPES; type++)
		if (nla_put_u32(msg, VMMQ_A_FIELDS_IPV4 + type,
				rss->fields[type]))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int vmmq_nl_put_tables(struct sk_buff *msg,
			      const struct vmmq_nl_rss *show)
{
	const struct vmmq_rss *rss = show->rss;
	u32 entries = vmmq_rss_entries(rss);

	if (nla_put_u32(msg, VMMQ_A_RSS_ENTRIES, entries) ||
	    vmmq_nl_put_array(msg, VMMQ_A_RSS_QUEUES, show, entries,
			      vmmq_nl_entry_queue) ||
	    vmmq_nl_put_array(msg, VMMQ_A_RSS_CPUS, show, entries,
			      vmmq_nl_entry_cpu) ||
	    vmmq_nl_put_array(msg, VMMQ_A_RSS_QUEUE_VECTORS, show, rss->queues,
			      vmmq_nl_queue_vector) ||
	    vmmq_nl_put_array(msg, VMMQ_A_RSS_QUEUE_CPUS, show, rss->queues,
			      vmmq_nl_cpu_of_queue) ||
	    nla_put_u32(msg, VMMQ_A_RSS_USER_TABLE,
			vmmq_rss_user_table(show->vport)) ||
	    vmmq_nl_put_hits(msg, show))
		return -EMSGSIZE;
	return 0;
}

static u32 vmmq_nl_processor(const struct vmmq_nl_rss *show, u16 queue,
			     u16 tracked)
{
	return tracked != VMMQ_RSS_NO_CPU ? tracked :
					    vmmq_nl_queue_cpu(show, queue);
}

static int vmmq_nl_put_processors(struct sk_buff *msg,
				  const struct vmmq_nl_rss *show)
{
	const struct vmmq_rss *rss = show->rss;

	if (nla_put_u32(msg, VMMQ_A_RSS_DEFAULT_QUEUE, rss->default_queue) ||
	    nla_put_u32(msg, VMMQ_A_RSS_DEFAULT_CPU,
			vmmq_nl_processor(show, rss->default_queue,
					  rss->default_cpu)) ||
	    nla_put_u32(msg, VMMQ_A_RSS_PRIMARY_QUEUE, rss->primary_queue) ||
	    nla_put_u32(msg, VMMQ_A_RSS_PRIMARY_CPU,
			vmmq_nl_processor(show, rss->primary_queue,
					  rss->primary_cpu)))
		return -EMSGSIZE;
	return 0;
}

static int vmmq_nl_put_rss(struct sk_buff *msg, const struct vmmq_nl_rss *show)
{
	const struct vmmq_vport *vport = show->vport;
	const struct vmmq_rss *rss = show->rss;

	if (vmmq_nl_put_vport_name(msg, vport) ||
	    nla_put_u32(msg, VMMQ_A_RSS_STATE,
			rss->enabled ? VMMQ_RSS_STATE_ON :
				       VMMQ_RSS_STATE_OFF) ||
	    nla_put_u32(msg, VMMQ_A_RSS_GENERATION, rss->generation) ||
	    vmmq_nl_put_fields(msg, rss) ||
	    nla_put_u32(msg, VMMQ_A_RSS_INPUT_XFRM, rss->xfrm) ||
	    nla_put(msg, VMMQ_A_RSS_KEY, rss->key->size, rss->key->bytes) ||
	    nla_put_u32(msg, VMMQ_A_RSS_KEY_SIZE, rss->key->size) ||
	    nla_put_u32(msg, VMMQ_A_RSS_QUEUE_PAIRS, rss->queues) ||
	    nla_put_u32(msg, VMMQ_A_RSS_MAX_ENTRIES,
			vport->max_entries) ||
	    vmmq_nl_put_processors(msg, show) ||
	    vmmq_nl_put_tables(msg, show))
		return -EMSGSIZE;
	return 0;
}

static int vmmq_nl_fill_rss(struct sk_buff *msg, const void *object)
{
	const struct vmmq_vport *vport = object;
	const struct vmmq_nl_rss show = {
		.vport = vport,
		.rss = vmmq_rss_get(vport),
		.hits = true,
	};

	return vmmq_nl_put_rss(msg, &show);
}

static int vmmq_nl_fill_rss_change(struct sk_buff *msg, const void *object)
{
	const struct vmmq_vport *vport = object;
	const struct vmmq_nl_rss show = {
		.vport = vport,
		.rss = vmmq_rss_get(vport),
	};

	return vmmq_nl_put_rss(msg, &show);
}

/**
 * vmmq_nl_announce_rss() - say that RSS parameters have changed
 * @vport: the VPort
 *
 * Context: process, RTNL.
 */
void vmmq_nl_announce_rss(const struct vmmq_vport *vport)
{
	vmmq_nl_announce(vport->adapter, VMMQ_CMD_RSS_CHANGE_NTF,
			 vmmq_nl_rss_size(vport),
			 vmmq_nl_fill_rss_change, vport);
}

static int vmmq_nl_rss_get(struct genl_info *info)
{
	struct vmmq_vport *vport;

	vport = vmmq_nl_find_vport(info);
	if (IS_ERR(vport))
		return PTR_ERR(vport);
	return vmmq_nl_answer(info, vmmq_nl_rss_size(vport), vmmq_nl_fill_rss,
			      vport);
}

int vmmq_nl_rss_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_show(info, vmmq_nl_rss_get);
}

/* Room for one VPort of the largest table in each message of the dump. */
int vmmq_nl_rss_get_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = NLMSG_DEFAULT_SIZE +
			     VMMQ_MAX_ENTRIES * (2 * sizeof(u32) + sizeof(u64)) +
			     VMMQ_MAX_QUEUES * 2 * sizeof(u32);
	return 0;
}

int vmmq_nl_rss_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return vmmq_nl_dump_vports(skb, cb, VMMQ_CMD_RSS_GET,
				   vmmq_nl_fill_rss);
}
