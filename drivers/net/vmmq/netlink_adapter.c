// SPDX-License-Identifier: GPL-2.0
/* The control family's operations on adapters. */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "adapter.h"
#include "netlink.h"
#include "vport.h"

#define VMMQ_NL_ADAPTER_SIZE	NLMSG_DEFAULT_SIZE

static int vmmq_nl_put_capabilities(struct sk_buff *msg,
				    const struct vmmq_config *config)
{
	struct nlattr *nest;

	nest = nla_nest_start(msg, VMMQ_A_ADAPTER_CAPABILITIES);
	if (!nest ||
	    nla_put_u32(msg, VMMQ_A_CAPABILITIES_FLAGS,
			VMMQ_CAPABILITY_VLAN_FILTER |
			VMMQ_CAPABILITY_VPORT_MODERATION |
			VMMQ_CAPABILITY_ASYMMETRIC_QUEUE_PAIRS |
			VMMQ_CAPABILITY_VPORT_HASH) ||
	    nla_put_u32(msg, VMMQ_A_CAPABILITIES_MAX_VPORTS, VMMQ_MAX_VPORTS) ||
	    nla_put_u32(msg, VMMQ_A_CAPABILITIES_MAX_QUEUE_PAIRS,
			VMMQ_MAX_VPORTS * config->max_queues) ||
	    nla_put_u32(msg, VMMQ_A_CAPABILITIES_MAX_QUEUE_PAIRS_DEFAULT,
			config->max_queues) ||
	    nla_put_u32(msg, VMMQ_A_CAPABILITIES_MAX_QUEUE_PAIRS_VPORT,
			config->max_queues) ||
	    nla_put_u32(msg, VMMQ_A_CAPABILITIES_MAX_ENTRIES_DEFAULT,
			config->entries) ||
	    nla_put_u32(msg, VMMQ_A_CAPABILITIES_MAX_ENTRIES_VPORT,
			config->entries) ||
	    nla_put_u32(msg, VMMQ_A_CAPABILITIES_KEY_SIZE, config->key_size))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int vmmq_nl_put_pool(struct sk_buff *msg, enum vmmq_pool_kind kind,
			    u32 size, u32 used)
{
	struct nlattr *nest = nla_nest_start(msg, VMMQ_A_ADAPTER_POOL);

	if (!nest ||
	    nla_put_u32(msg, VMMQ_A_POOL_KIND, kind) ||
	    nla_put_u32(msg, VMMQ_A_POOL_SIZE, size) ||
	    nla_put_u32(msg, VMMQ_A_POOL_USED, used))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int vmmq_nl_put_pools(struct sk_buff *msg,
			     const struct vmmq_adapter *adapter)
{
	const struct vmmq_config *config = &adapter->config;
	unsigned int id, vports = 0, queues = 0;
	const struct vmmq_vport *vport;

	for (id = 0; id < VMMQ_MAX_VPORTS; id++) {
		vport = rtnl_dereference(adapter->nicswitch.vports[id]);
		vports += !!vport;
		queues += vport ? vport->num_queues : 0;
	}
	if (vmmq_nl_put_pool(msg, VMMQ_POOL_KIND_QUEUE_PAIRS,
			     VMMQ_MAX_VPORTS * config->max_queues, queues) ||
	    vmmq_nl_put_pool(msg, VMMQ_POOL_KIND_VPORTS, VMMQ_MAX_VPORTS,
			     vports) ||
	    vmmq_nl_put_pool(msg, VMMQ_POOL_KIND_VECTORS, adapter->num_vectors,
			     adapter->num_vectors))
		return -EMSGSIZE;
	return nla_put_u32(msg, VMMQ_A_ADAPTER_VPORTS, vports);
}

static int vmmq_nl_fill_adapter(struct sk_buff *msg, const void *object)
{
	const struct vmmq_adapter *adapter = object;

	if (nla_put_string(msg, VMMQ_A_ADAPTER_NAME,
			   vmmq_adapter_name(adapter)) ||
	    nla_put_u32(msg, VMMQ_A_ADAPTER_INDEX, adapter->id) ||
	    vmmq_nl_put_capabilities(msg, &adapter->config) ||
	    vmmq_nl_put_pools(msg, adapter) ||
	    nla_put_u32(msg, VMMQ_A_ADAPTER_VECTORS, adapter->num_vectors))
		return -EMSGSIZE;
	return 0;
}

int vmmq_nl_adapter_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vmmq_adapter *adapter;
	int err;

	rtnl_lock();
	adapter = vmmq_nl_find_adapter(info, VMMQ_A_ADAPTER_NAME);
	err = IS_ERR(adapter) ? PTR_ERR(adapter) :
	      vmmq_nl_answer(info, VMMQ_NL_ADAPTER_SIZE, vmmq_nl_fill_adapter,
			     adapter);
	rtnl_unlock();
	return err;
}

int vmmq_nl_adapter_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb)
{
	return vmmq_nl_dump_adapters(skb, cb, VMMQ_CMD_ADAPTER_GET,
				     vmmq_nl_fill_adapter);
}
