// SPDX-License-Identifier: GPL-2.0
/* The control family's operations on adapters. */
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>

#include "adapter.h"
#include "netlink.h"
#include "procset.h"
#include "toeplitz.h"
#include "vector.h"
#include "vport.h"

#define VMMQ_NL_ADAPTER_SIZE	(NLMSG_DEFAULT_SIZE + vmmq_nl_cpus_size())

/* "Any" in a request */
#define VMMQ_NL_ANY_NODE	65535

/* A limit of the configuration and the attribute that says it */
struct vmmq_nl_limit {
	int attr;
	size_t offset;
};

#define VMMQ_NL_LIMIT(name, member) {					\
	VMMQ_A_CAPABILITIES_##name, offsetof(struct vmmq_config, member) }

static const struct vmmq_nl_limit vmmq_nl_limits[] = {
	VMMQ_NL_LIMIT(FLAGS, capabilities),
	VMMQ_NL_LIMIT(MAX_VPORTS, max_vports),
	VMMQ_NL_LIMIT(MAX_QUEUE_PAIRS, pool_queues),
	VMMQ_NL_LIMIT(MAX_QUEUE_PAIRS_DEFAULT, default_max_queues),
	VMMQ_NL_LIMIT(MAX_QUEUE_PAIRS_VPORT, max_queues),
	VMMQ_NL_LIMIT(MAX_ENTRIES_DEFAULT, default_entries),
	VMMQ_NL_LIMIT(MAX_ENTRIES_VPORT, entries),
	VMMQ_NL_LIMIT(MAX_FILTERS, max_filters),
	VMMQ_NL_LIMIT(MAX_VECTORS, max_vectors),
	VMMQ_NL_LIMIT(KEY_SIZE, key_size),
};

static int vmmq_nl_put_capabilities(struct sk_buff *msg,
				    const struct vmmq_config *config)
{
	const struct vmmq_nl_limit *limit;
	struct nlattr *nest;
	unsigned int i;

	nest = nla_nest_start(msg, VMMQ_A_ADAPTER_CAPABILITIES);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(vmmq_nl_limits); i++) {
		limit = &vmmq_nl_limits[i];
		if (nla_put_u32(msg, limit->attr,
				*(u32 *)((void *)config + limit->offset)))
			return -EMSGSIZE;
	}
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
	unsigned int vports = vmmq_adapter_count_vports(adapter);
	const struct vmmq_config *config = &adapter->config;

	if (vmmq_nl_put_pool(msg, VMMQ_POOL_KIND_QUEUE_PAIRS,
			     config->pool_queues,
			     vmmq_adapter_count_queues(adapter)) ||
	    vmmq_nl_put_pool(msg, VMMQ_POOL_KIND_VPORTS, config->max_vports,
			     vports) ||
	    vmmq_nl_put_pool(msg, VMMQ_POOL_KIND_FILTERS, config->max_filters,
			     READ_ONCE(adapter->nicswitch.num_filters)) ||
	    vmmq_nl_put_pool(msg, VMMQ_POOL_KIND_VECTORS, config->max_vectors,
			     adapter->num_vectors))
		return -EMSGSIZE;
	return nla_put_u32(msg, VMMQ_A_ADAPTER_VPORTS, vports);
}

static int vmmq_nl_put_processors(struct sk_buff *msg,
				  const struct vmmq_adapter *adapter)
{
	const struct vmmq_procset *set = &adapter->config.processors;
	struct nlattr *nest;

	nest = nla_nest_start(msg, VMMQ_A_ADAPTER_PROCESSORS);
	if (!nest ||
	    nla_put_u32(msg, VMMQ_A_PROCESSORS_BASE_CPU, set->base) ||
	    nla_put_u32(msg, VMMQ_A_PROCESSORS_MAX_CPU, set->max) ||
	    nla_put_u32(msg, VMMQ_A_PROCESSORS_MAX_COUNT, set->count) ||
	    (set->node != NUMA_NO_NODE &&
	     nla_put_u32(msg, VMMQ_A_PROCESSORS_NODE, set->node)) ||
	    nla_put_u32(msg, VMMQ_A_PROCESSORS_ONE_PER_CORE,
			set->one_per_core) ||
	    vmmq_nl_put_cpus(msg, VMMQ_A_PROCESSORS_CPUS, adapter->cpus))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int vmmq_nl_fill_adapter(struct sk_buff *msg, const void *object)
{
	const struct vmmq_adapter *adapter = object;

	if (nla_put_string(msg, VMMQ_A_ADAPTER_NAME,
			   vmmq_adapter_name(adapter)) ||
	    nla_put_u32(msg, VMMQ_A_ADAPTER_INDEX, adapter->id) ||
	    vmmq_nl_put_capabilities(msg, &adapter->config) ||
	    vmmq_nl_put_pools(msg, adapter) ||
	    vmmq_nl_put_processors(msg, adapter) ||
	    nla_put_u32(msg, VMMQ_A_ADAPTER_VECTORS, adapter->num_vectors) ||
	    nla_put_u32(msg, VMMQ_A_ADAPTER_WIRE, adapter->wire))
		return -EMSGSIZE;
	return 0;
}

static int vmmq_nl_adapter_get(struct genl_info *info)
{
	struct vmmq_adapter *adapter;

	adapter = vmmq_nl_find_adapter(info, VMMQ_A_ADAPTER_NAME);
	if (IS_ERR(adapter))
		return PTR_ERR(adapter);
	return vmmq_nl_answer(info, VMMQ_NL_ADAPTER_SIZE, vmmq_nl_fill_adapter,
			      adapter);
}

int vmmq_nl_adapter_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_show(info, vmmq_nl_adapter_get);
}

int vmmq_nl_adapter_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb)
{
	return vmmq_nl_dump_adapters(skb, cb, VMMQ_CMD_ADAPTER_GET,
				     vmmq_nl_fill_adapter);
}

static int vmmq_nl_fill_adapter_gone(struct sk_buff *msg, const void *object)
{
	const struct vmmq_adapter *adapter = object;

	if (nla_put_string(msg, VMMQ_A_ADAPTER_NAME,
			   vmmq_adapter_name(adapter)) ||
	    nla_put_u32(msg, VMMQ_A_ADAPTER_INDEX, adapter->id))
		return -EMSGSIZE;
	return 0;
}

/**
 * vmmq_nl_announce_adapter() - say that an adapter came, changed or went
 * @adapter: the adapter
 * @cmd: the notification
 *
 * Context: process, RTNL.
 */
void vmmq_nl_announce_adapter(const struct vmmq_adapter *adapter, u8 cmd)
{
	vmmq_nl_announce(adapter, cmd, VMMQ_NL_ADAPTER_SIZE,
			 cmd == VMMQ_CMD_ADAPTER_DEL_NTF ?
			 vmmq_nl_fill_adapter_gone : vmmq_nl_fill_adapter,
			 adapter);
}

static void vmmq_nl_default_config(struct vmmq_config *config)
{
	unsigned int cpus = min_t(unsigned int, num_online_cpus(),
				  VMMQ_MAX_QUEUES);

	*config = (struct vmmq_config) {
		.capabilities = VMMQ_DEFAULT_CAPABILITIES,
		.vports = 1,
		.max_vports = 64,
		.pool_queues = 1024,
		.max_filters = 4096,
		.max_vectors = VMMQ_MAX_VECTORS,
		.queues = 1,
		.default_max_queues = max(cpus, 16U),
		.key_size = VMMQ_KEY_SIZE_NDIS,
	};
	vmmq_procset_init(&config->processors);
}

static u32 vmmq_nl_default_entries(u32 queues)
{
	return max_t(u32, VMMQ_DEFAULT_ENTRIES, roundup_pow_of_two(4 * queues));
}

/* What a capability may be does not all fit a policy. */
static int vmmq_nl_check_entries(struct genl_info *info,
				 const struct nlattr *attr, bool restricted,
				 u32 entries, u32 queues)
{
	if (!is_power_of_2(entries)) {
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
					"%u entries: must be a power of two",
					entries);
		return -EINVAL;
	}
	if (!restricted || entries >= roundup_pow_of_two(queues))
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"%u entries can't follow %u queue pairs",
				entries, queues);
	return -EINVAL;
}

static int vmmq_nl_check_capabilities(struct genl_info *info,
				      struct nlattr **tb,
				      const struct vmmq_config *config)
{
	bool restricted = config->capabilities &
			  VMMQ_CAPABILITY_RESTRICTED_TABLE;
	int err;

	err = vmmq_nl_check_entries(info,
				    tb[VMMQ_A_CAPABILITIES_MAX_ENTRIES_DEFAULT],
				    restricted, config->default_entries,
				    config->default_max_queues);
	if (!err)
		err = vmmq_nl_check_entries(info,
					    tb[VMMQ_A_CAPABILITIES_MAX_ENTRIES_VPORT],
					    restricted, config->entries,
					    config->max_queues);
	if (err || config->key_size == VMMQ_KEY_SIZE_NDIS ||
	    config->key_size == VMMQ_KEY_SIZE_LONG)
		return err;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack,
				tb[VMMQ_A_CAPABILITIES_KEY_SIZE],
				"a key of %u bytes: must be %u or %u",
				config->key_size, VMMQ_KEY_SIZE_NDIS,
				VMMQ_KEY_SIZE_LONG);
	return -EINVAL;
}

static int vmmq_nl_parse_capabilities(struct genl_info *info,
				      struct vmmq_config *config)
{
	const struct nlattr *nest = info->attrs[VMMQ_A_ADAPTER_CAPABILITIES];
	struct nlattr *tb[VMMQ_A_CAPABILITIES_MAX + 1] = {};
	const struct vmmq_nl_limit *limit;
	unsigned int i;
	int err = 0;

	if (nest)
		err = vmmq_nl_parse_nest(tb, VMMQ_A_CAPABILITIES_MAX, nest,
					 vmmq_capabilities_nl_policy,
					 info->extack);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(vmmq_nl_limits); i++) {
		limit = &vmmq_nl_limits[i];
		if (tb[limit->attr])
			*(u32 *)((void *)config + limit->offset) =
				nla_get_u32(tb[limit->attr]);
	}
	if (!config->max_queues)
		config->max_queues = config->default_max_queues;
	if (!config->default_entries)
		config->default_entries =
			vmmq_nl_default_entries(config->default_max_queues);
	if (!config->entries)
		config->entries = vmmq_nl_default_entries(config->max_queues);
	return vmmq_nl_check_capabilities(info, tb, config);
}

static void vmmq_nl_parse_procset(struct nlattr **tb, struct vmmq_procset *set)
{
	if (tb[VMMQ_A_PROCESSORS_BASE_CPU])
		set->base = nla_get_u32(tb[VMMQ_A_PROCESSORS_BASE_CPU]);
	if (tb[VMMQ_A_PROCESSORS_MAX_CPU])
		set->max = nla_get_u32(tb[VMMQ_A_PROCESSORS_MAX_CPU]);
	if (tb[VMMQ_A_PROCESSORS_MAX_COUNT])
		set->count = nla_get_u32(tb[VMMQ_A_PROCESSORS_MAX_COUNT]);
	if (tb[VMMQ_A_PROCESSORS_NODE])
		set->node = min_t(u32, INT_MAX,
				  nla_get_u32(tb[VMMQ_A_PROCESSORS_NODE]));
	if (tb[VMMQ_A_PROCESSORS_ONE_PER_CORE])
		set->one_per_core =
			nla_get_u32(tb[VMMQ_A_PROCESSORS_ONE_PER_CORE]);
	if (set->node == VMMQ_NL_ANY_NODE)
		set->node = NUMA_NO_NODE;
}

/* The rules of a request over those there were; they have to leave a CPU. */
static int vmmq_nl_parse_processors(struct genl_info *info,
				    struct vmmq_procset *set,
				    struct cpumask *cpus)
{
	const struct nlattr *nest = info->attrs[VMMQ_A_ADAPTER_PROCESSORS];
	struct nlattr *tb[VMMQ_A_PROCESSORS_MAX + 1] = {};
	int err = 0;

	if (nest)
		err = vmmq_nl_parse_nest(tb, VMMQ_A_PROCESSORS_MAX, nest,
					 vmmq_processors_nl_policy,
					 info->extack);
	if (err)
		return err;
	if (tb[VMMQ_A_PROCESSORS_CPUS]) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[VMMQ_A_PROCESSORS_CPUS],
				    "the CPUs follow from the other attributes");
		return -EINVAL;
	}
	vmmq_nl_parse_procset(tb, set);
	vmmq_procset_cpus(set, cpus);
	if (!cpumask_empty(cpus))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, nest,
			    "no CPU that is online is in this processor set");
	return -ERANGE;
}

/* Net devices and files get names that begin with it; the rest are files that
 * its parent in sysfs has anyway.
 */
static bool vmmq_nl_name_valid(const char *name)
{
	static const char * const taken[] = { "module", "power", "uevent" };

	return dev_valid_name(name) && !strchr(name, '%') &&
	       match_string(taken, ARRAY_SIZE(taken), name) < 0;
}

static int vmmq_nl_parse_name(struct genl_info *info,
			      struct vmmq_config *config)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_ADAPTER_NAME];

	if (!attr)
		return 0;
	nla_strscpy(config->name, attr, sizeof(config->name));
	if (!vmmq_nl_name_valid(config->name)) {
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
					"%s is no name for an adapter",
					config->name);
		return -EINVAL;
	}
	if (!vmmq_adapter_exists(config->name))
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"the name %s is in use on this machine",
				config->name);
	return -EEXIST;
}

static int vmmq_nl_parse_queues(struct genl_info *info,
				struct vmmq_config *config)
{
	const struct nlattr *attr =
		info->attrs[VMMQ_A_ADAPTER_DEFAULT_QUEUE_PAIRS];

	if (attr)
		config->queues = nla_get_u32(attr);
	if (config->queues > config->default_max_queues) {
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
					"%u queue pairs: must be 1 to %u",
					config->queues,
					config->default_max_queues);
		return -EINVAL;
	}
	if (config->queues <= config->pool_queues)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"pool of queue pairs: %u wanted, it has %u",
				config->queues, config->pool_queues);
	return -ENOSPC;
}

/* It may be gone by now: who is allowed to can delete it at any time. */
static int vmmq_nl_answer_new(struct genl_info *info, struct sk_buff *msg,
			      const char *name)
{
	struct vmmq_adapter *adapter;
	int err = -ENODEV;

	rtnl_lock();
	adapter = vmmq_adapter_find(genl_info_net(info), name);
	if (adapter)
		err = vmmq_nl_send_answer(info, msg, vmmq_nl_fill_adapter,
					  adapter);
	rtnl_unlock();
	if (!adapter) {
		nlmsg_free(msg);
		GENL_SET_ERR_MSG(info, "made, but deleted again meanwhile");
	}
	return err;
}

static int vmmq_nl_not_made(struct genl_info *info, int err)
{
	const struct nlattr *name = info->attrs[VMMQ_A_ADAPTER_NAME];

	if (err == -ENOSPC)
		NL_SET_ERR_MSG_FMT(info->extack,
				   "pool of adapters: all %u of the machine in use",
				   VMMQ_MAX_ADAPTERS);
	else if (err == -ERANGE)
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[VMMQ_A_ADAPTER_PROCESSORS],
				    "no CPU that is online is in this processor set");
	else if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "an adapter or a net device has such a name already");
	return vmmq_nl_said(info, err);
}

static int vmmq_nl_adapter_new(struct genl_info *info,
			       const struct vmmq_config *config)
{
	char name[VMMQ_ADAPTER_NAME];
	struct sk_buff *msg;
	int err;

	msg = vmmq_nl_new_answer(VMMQ_NL_ADAPTER_SIZE);
	if (!msg)
		return vmmq_nl_said(info, -ENOMEM);
	err = vmmq_adapter_create(genl_info_net(info), config, name);
	if (!err)
		return vmmq_nl_answer_new(info, msg, name);
	nlmsg_free(msg);
	return vmmq_nl_not_made(info, err);
}

int vmmq_nl_adapter_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vmmq_config config;
	cpumask_var_t cpus;
	int err;

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return vmmq_nl_said(info, -ENOMEM);
	vmmq_nl_default_config(&config);
	if (info->attrs[VMMQ_A_ADAPTER_WIRE])
		config.wire = nla_get_u32(info->attrs[VMMQ_A_ADAPTER_WIRE]);
	err = vmmq_nl_check_once(info);
	if (!err)
		err = vmmq_nl_parse_name(info, &config);
	if (!err)
		err = vmmq_nl_parse_capabilities(info, &config);
	if (!err)
		err = vmmq_nl_parse_queues(info, &config);
	if (!err)
		err = vmmq_nl_parse_processors(info, &config.processors, cpus);
	free_cpumask_var(cpus);
	return err ?: vmmq_nl_adapter_new(info, &config);
}

int vmmq_nl_adapter_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_ADAPTER_NAME];
	int err = vmmq_nl_check_admin(skb, info);

	if (err)
		return err;
	if (!attr) {
		GENL_SET_ERR_MSG(info, "the adapter's name is missing");
		return -EINVAL;
	}
	err = vmmq_adapter_delete(genl_info_net(info), nla_data(attr));
	if (err)
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
					"no adapter %s in this namespace; adapter-get lists them",
					(const char *)nla_data(attr));
	return err;
}

/* A vector outside would serve queues of a processor that is not allowed. */
static int vmmq_nl_check_vectors(struct genl_info *info,
				 const struct vmmq_adapter *adapter,
				 const struct cpumask *cpus)
{
	const struct vmmq_vector *vector;
	unsigned int i;

	for (i = 0; i < adapter->num_vectors; i++) {
		vector = &adapter->vectors[i];
		if (cpumask_test_cpu(READ_ONCE(vector->cpu), cpus))
			continue;
		NL_SET_ERR_MSG_ATTR_FMT(info->extack,
					info->attrs[VMMQ_A_ADAPTER_PROCESSORS],
					"vector %u is on CPU %u outside the set; see vector-set",
					i, READ_ONCE(vector->cpu));
		return -EBUSY;
	}
	return 0;
}

static int vmmq_nl_adapter_set(struct genl_info *info, struct cpumask *cpus)
{
	const struct nlattr *wire = info->attrs[VMMQ_A_ADAPTER_WIRE];
	struct vmmq_adapter *adapter;
	struct vmmq_procset set;
	int err = 0;

	adapter = vmmq_nl_find_adapter(info, VMMQ_A_ADAPTER_NAME);
	if (IS_ERR(adapter))
		return PTR_ERR(adapter);
	set = adapter->config.processors;
	cpumask_copy(cpus, adapter->cpus);
	if (info->attrs[VMMQ_A_ADAPTER_PROCESSORS]) {
		err = vmmq_nl_parse_processors(info, &set, cpus);
		if (!err)
			err = vmmq_nl_check_vectors(info, adapter, cpus);
	}
	if (err)
		return err;
	adapter->config.processors = set;
	cpumask_copy(adapter->cpus, cpus);
	if (wire)
		vmmq_adapter_set_wire(adapter, nla_get_u32(wire));
	vmmq_nl_announce_adapter(adapter, VMMQ_CMD_ADAPTER_CHANGE_NTF);
	return 0;
}

int vmmq_nl_adapter_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = vmmq_nl_check_admin(skb, info);
	cpumask_var_t cpus;

	if (err)
		return err;
	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return vmmq_nl_said(info, -ENOMEM);
	rtnl_lock();
	err = vmmq_nl_adapter_set(info, cpus);
	rtnl_unlock();
	free_cpumask_var(cpus);
	return err;
}
