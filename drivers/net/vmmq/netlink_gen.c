// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/vmmq.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/vmmq.h>

/* Common nested types */
const struct nla_policy vmmq_capabilities_nl_policy[VMMQ_A_CAPABILITIES_KEY_SIZE + 1] = {
	[VMMQ_A_CAPABILITIES_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x1f),
	[VMMQ_A_CAPABILITIES_MAX_VPORTS] = NLA_POLICY_RANGE(NLA_U32, 1, 1024),
	[VMMQ_A_CAPABILITIES_MAX_QUEUE_PAIRS] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_CAPABILITIES_MAX_QUEUE_PAIRS_DEFAULT] = NLA_POLICY_RANGE(NLA_U32, 1, 128),
	[VMMQ_A_CAPABILITIES_MAX_QUEUE_PAIRS_VPORT] = NLA_POLICY_RANGE(NLA_U32, 1, 128),
	[VMMQ_A_CAPABILITIES_MAX_ENTRIES_DEFAULT] = NLA_POLICY_RANGE(NLA_U32, 1, 4096),
	[VMMQ_A_CAPABILITIES_MAX_ENTRIES_VPORT] = NLA_POLICY_RANGE(NLA_U32, 1, 4096),
	[VMMQ_A_CAPABILITIES_MAX_FILTERS] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_CAPABILITIES_MAX_VECTORS] = NLA_POLICY_RANGE(NLA_U32, 1, 128),
	[VMMQ_A_CAPABILITIES_KEY_SIZE] = NLA_POLICY_RANGE(NLA_U32, 40, 52),
};

const struct nla_policy vmmq_fields_nl_policy[VMMQ_A_FIELDS_UDP_IPV6 + 1] = {
	[VMMQ_A_FIELDS_IPV4] = NLA_POLICY_MASK(NLA_U32, 0x3f),
	[VMMQ_A_FIELDS_TCP_IPV4] = NLA_POLICY_MASK(NLA_U32, 0x3f),
	[VMMQ_A_FIELDS_UDP_IPV4] = NLA_POLICY_MASK(NLA_U32, 0x3f),
	[VMMQ_A_FIELDS_IPV6] = NLA_POLICY_MASK(NLA_U32, 0x3f),
	[VMMQ_A_FIELDS_TCP_IPV6] = NLA_POLICY_MASK(NLA_U32, 0x3f),
	[VMMQ_A_FIELDS_UDP_IPV6] = NLA_POLICY_MASK(NLA_U32, 0x3f),
};

const struct nla_policy vmmq_move_entry_nl_policy[VMMQ_A_MOVE_ENTRY_TEXT + 1] = {
	[VMMQ_A_MOVE_ENTRY_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_MOVE_ENTRY_KIND] = NLA_POLICY_MAX(NLA_U32, 2),
	[VMMQ_A_MOVE_ENTRY_INDEX] = { .type = NLA_U32, },
	[VMMQ_A_MOVE_ENTRY_CPU] = NLA_POLICY_MAX(NLA_U32, 8191),
	[VMMQ_A_MOVE_ENTRY_FROM] = NLA_POLICY_MAX(NLA_U32, 8191),
	[VMMQ_A_MOVE_ENTRY_ERROR] = { .type = NLA_U32, },
	[VMMQ_A_MOVE_ENTRY_TEXT] = { .type = NLA_NUL_STRING, },
};

const struct nla_policy vmmq_processors_nl_policy[VMMQ_A_PROCESSORS_CPUS + 1] = {
	[VMMQ_A_PROCESSORS_BASE_CPU] = { .type = NLA_U32, },
	[VMMQ_A_PROCESSORS_MAX_CPU] = { .type = NLA_U32, },
	[VMMQ_A_PROCESSORS_MAX_COUNT] = NLA_POLICY_RANGE(NLA_U32, 1, 128),
	[VMMQ_A_PROCESSORS_NODE] = { .type = NLA_U32, },
	[VMMQ_A_PROCESSORS_ONE_PER_CORE] = NLA_POLICY_MAX(NLA_U32, 1),
	[VMMQ_A_PROCESSORS_CPUS] = { .type = NLA_NUL_STRING, .len = 1024, },
};

/* VMMQ_CMD_ADAPTER_GET - do */
static const struct nla_policy vmmq_adapter_get_nl_policy[VMMQ_A_ADAPTER_NAME + 1] = {
	[VMMQ_A_ADAPTER_NAME] = { .type = NLA_NUL_STRING, .len = 10, },
};

/* VMMQ_CMD_ADAPTER_NEW - do */
static const struct nla_policy vmmq_adapter_new_nl_policy[VMMQ_A_ADAPTER_WIRE + 1] = {
	[VMMQ_A_ADAPTER_NAME] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_ADAPTER_CAPABILITIES] = NLA_POLICY_NESTED(vmmq_capabilities_nl_policy),
	[VMMQ_A_ADAPTER_PROCESSORS] = NLA_POLICY_NESTED(vmmq_processors_nl_policy),
	[VMMQ_A_ADAPTER_DEFAULT_QUEUE_PAIRS] = NLA_POLICY_RANGE(NLA_U32, 1, 128),
	[VMMQ_A_ADAPTER_WIRE] = NLA_POLICY_MAX(NLA_U32, 1),
};

/* VMMQ_CMD_ADAPTER_SET - do */
static const struct nla_policy vmmq_adapter_set_nl_policy[VMMQ_A_ADAPTER_WIRE + 1] = {
	[VMMQ_A_ADAPTER_NAME] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_ADAPTER_PROCESSORS] = NLA_POLICY_NESTED(vmmq_processors_nl_policy),
	[VMMQ_A_ADAPTER_WIRE] = NLA_POLICY_MAX(NLA_U32, 1),
};

/* VMMQ_CMD_ADAPTER_DEL - do */
static const struct nla_policy vmmq_adapter_del_nl_policy[VMMQ_A_ADAPTER_NAME + 1] = {
	[VMMQ_A_ADAPTER_NAME] = { .type = NLA_NUL_STRING, .len = 10, },
};

/* VMMQ_CMD_VPORT_GET - do */
static const struct nla_policy vmmq_vport_get_do_nl_policy[VMMQ_A_VPORT_IFNAME + 1] = {
	[VMMQ_A_VPORT_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_VPORT_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_VPORT_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_VPORT_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* VMMQ_CMD_VPORT_GET - dump */
static const struct nla_policy vmmq_vport_get_dump_nl_policy[VMMQ_A_VPORT_ADAPTER + 1] = {
	[VMMQ_A_VPORT_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
};

/* VMMQ_CMD_VPORT_NEW - do */
static const struct nla_policy vmmq_vport_new_nl_policy[VMMQ_A_VPORT_MODERATION + 1] = {
	[VMMQ_A_VPORT_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_VPORT_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_VPORT_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[VMMQ_A_VPORT_MAC] = NLA_POLICY_EXACT_LEN(6),
	[VMMQ_A_VPORT_VLAN] = NLA_POLICY_RANGE(NLA_U32, 1, 4094),
	[VMMQ_A_VPORT_STATE] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[VMMQ_A_VPORT_QUEUE_PAIRS] = NLA_POLICY_RANGE(NLA_U32, 1, 128),
	[VMMQ_A_VPORT_MAX_QUEUE_PAIRS] = NLA_POLICY_RANGE(NLA_U32, 1, 128),
	[VMMQ_A_VPORT_MODERATION] = NLA_POLICY_MAX(NLA_U32, 4),
};

/* VMMQ_CMD_VPORT_SET - do */
static const struct nla_policy vmmq_vport_set_nl_policy[VMMQ_A_VPORT_MODERATION + 1] = {
	[VMMQ_A_VPORT_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_VPORT_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_VPORT_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_VPORT_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[VMMQ_A_VPORT_STATE] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[VMMQ_A_VPORT_QUEUE_PAIRS] = NLA_POLICY_RANGE(NLA_U32, 1, 128),
	[VMMQ_A_VPORT_MODERATION] = NLA_POLICY_MAX(NLA_U32, 4),
};

/* VMMQ_CMD_VPORT_DEL - do */
static const struct nla_policy vmmq_vport_del_nl_policy[VMMQ_A_VPORT_IFNAME + 1] = {
	[VMMQ_A_VPORT_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_VPORT_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_VPORT_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_VPORT_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* VMMQ_CMD_FILTER_GET - do */
static const struct nla_policy vmmq_filter_get_do_nl_policy[VMMQ_A_FILTER_VLAN + 1] = {
	[VMMQ_A_FILTER_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_FILTER_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_FILTER_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_FILTER_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[VMMQ_A_FILTER_MAC] = NLA_POLICY_EXACT_LEN(6),
	[VMMQ_A_FILTER_VLAN] = NLA_POLICY_MAX(NLA_U32, 4094),
};

/* VMMQ_CMD_FILTER_GET - dump */
static const struct nla_policy vmmq_filter_get_dump_nl_policy[VMMQ_A_FILTER_ADAPTER + 1] = {
	[VMMQ_A_FILTER_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
};

/* VMMQ_CMD_FILTER_NEW - do */
static const struct nla_policy vmmq_filter_new_nl_policy[VMMQ_A_FILTER_VLAN + 1] = {
	[VMMQ_A_FILTER_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_FILTER_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_FILTER_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_FILTER_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[VMMQ_A_FILTER_MAC] = NLA_POLICY_EXACT_LEN(6),
	[VMMQ_A_FILTER_VLAN] = NLA_POLICY_MAX(NLA_U32, 4094),
};

/* VMMQ_CMD_FILTER_MOVE - do */
static const struct nla_policy vmmq_filter_move_nl_policy[VMMQ_A_FILTER_TO + 1] = {
	[VMMQ_A_FILTER_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_FILTER_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_FILTER_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_FILTER_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[VMMQ_A_FILTER_MAC] = NLA_POLICY_EXACT_LEN(6),
	[VMMQ_A_FILTER_VLAN] = NLA_POLICY_MAX(NLA_U32, 4094),
	[VMMQ_A_FILTER_TO] = NLA_POLICY_MAX(NLA_U32, 1023),
};

/* VMMQ_CMD_FILTER_DEL - do */
static const struct nla_policy vmmq_filter_del_nl_policy[VMMQ_A_FILTER_VLAN + 1] = {
	[VMMQ_A_FILTER_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_FILTER_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_FILTER_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_FILTER_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[VMMQ_A_FILTER_MAC] = NLA_POLICY_EXACT_LEN(6),
	[VMMQ_A_FILTER_VLAN] = NLA_POLICY_MAX(NLA_U32, 4094),
};

/* VMMQ_CMD_RSS_GET - do */
static const struct nla_policy vmmq_rss_get_do_nl_policy[VMMQ_A_RSS_IFNAME + 1] = {
	[VMMQ_A_RSS_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_RSS_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_RSS_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_RSS_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* VMMQ_CMD_RSS_GET - dump */
static const struct nla_policy vmmq_rss_get_dump_nl_policy[VMMQ_A_RSS_ADAPTER + 1] = {
	[VMMQ_A_RSS_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
};

/* VMMQ_CMD_RSS_SET - do */
static const struct nla_policy vmmq_rss_set_nl_policy[VMMQ_A_RSS_INPUT_XFRM + 1] = {
	[VMMQ_A_RSS_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_RSS_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_RSS_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_RSS_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[VMMQ_A_RSS_STATE] = NLA_POLICY_MAX(NLA_U32, 1),
	[VMMQ_A_RSS_TYPES] = NLA_POLICY_MASK(NLA_U32, 0x1ff00),
	[VMMQ_A_RSS_FIELDS] = NLA_POLICY_NESTED(vmmq_fields_nl_policy),
	[VMMQ_A_RSS_KEY] = { .type = NLA_BINARY, },
	[VMMQ_A_RSS_ENTRIES] = NLA_POLICY_RANGE(NLA_U32, 1, 4096),
	[VMMQ_A_RSS_QUEUES] = { .type = NLA_BINARY, },
	[VMMQ_A_RSS_CPUS] = { .type = NLA_BINARY, },
	[VMMQ_A_RSS_DEFAULT_QUEUE] = NLA_POLICY_MAX(NLA_U32, 127),
	[VMMQ_A_RSS_DEFAULT_CPU] = NLA_POLICY_MAX(NLA_U32, 8191),
	[VMMQ_A_RSS_PRIMARY_CPU] = NLA_POLICY_MAX(NLA_U32, 8191),
	[VMMQ_A_RSS_QUEUE_PAIRS] = NLA_POLICY_RANGE(NLA_U32, 1, 128),
	[VMMQ_A_RSS_USER_TABLE] = NLA_POLICY_MAX(NLA_U32, 1),
	[VMMQ_A_RSS_INPUT_XFRM] = NLA_POLICY_MAX(NLA_U32, 2),
};

/* VMMQ_CMD_RSS_MOVE - do */
static const struct nla_policy vmmq_rss_move_nl_policy[VMMQ_A_MOVE_ENTRY + 1] = {
	[VMMQ_A_MOVE_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_MOVE_VPORT] = NLA_POLICY_MAX(NLA_U32, 1023),
	[VMMQ_A_MOVE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMMQ_A_MOVE_IFNAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[VMMQ_A_MOVE_ENTRY] = NLA_POLICY_NESTED(vmmq_move_entry_nl_policy),
};

/* VMMQ_CMD_VECTOR_GET - do */
static const struct nla_policy vmmq_vector_get_do_nl_policy[VMMQ_A_VECTOR_INDEX + 1] = {
	[VMMQ_A_VECTOR_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_VECTOR_INDEX] = NLA_POLICY_MAX(NLA_U32, 127),
};

/* VMMQ_CMD_VECTOR_GET - dump */
static const struct nla_policy vmmq_vector_get_dump_nl_policy[VMMQ_A_VECTOR_ADAPTER + 1] = {
	[VMMQ_A_VECTOR_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
};

/* VMMQ_CMD_VECTOR_SET - do */
static const struct nla_policy vmmq_vector_set_nl_policy[VMMQ_A_VECTOR_AFFINITY + 1] = {
	[VMMQ_A_VECTOR_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_VECTOR_INDEX] = NLA_POLICY_MAX(NLA_U32, 127),
	[VMMQ_A_VECTOR_AFFINITY] = { .type = NLA_NUL_STRING, .len = 1024, },
};

/* Ops table for vmmq */
static const struct genl_split_ops vmmq_nl_ops[] = {
	{
		.cmd		= VMMQ_CMD_ADAPTER_GET,
		.doit		= vmmq_nl_adapter_get_doit,
		.policy		= vmmq_adapter_get_nl_policy,
		.maxattr	= VMMQ_A_ADAPTER_NAME,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= VMMQ_CMD_ADAPTER_GET,
		.dumpit	= vmmq_nl_adapter_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VMMQ_CMD_ADAPTER_NEW,
		.doit		= vmmq_nl_adapter_new_doit,
		.policy		= vmmq_adapter_new_nl_policy,
		.maxattr	= VMMQ_A_ADAPTER_WIRE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_ADAPTER_SET,
		.doit		= vmmq_nl_adapter_set_doit,
		.policy		= vmmq_adapter_set_nl_policy,
		.maxattr	= VMMQ_A_ADAPTER_WIRE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_ADAPTER_DEL,
		.doit		= vmmq_nl_adapter_del_doit,
		.policy		= vmmq_adapter_del_nl_policy,
		.maxattr	= VMMQ_A_ADAPTER_NAME,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_VPORT_GET,
		.doit		= vmmq_nl_vport_get_doit,
		.policy		= vmmq_vport_get_do_nl_policy,
		.maxattr	= VMMQ_A_VPORT_IFNAME,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_VPORT_GET,
		.dumpit		= vmmq_nl_vport_get_dumpit,
		.policy		= vmmq_vport_get_dump_nl_policy,
		.maxattr	= VMMQ_A_VPORT_ADAPTER,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VMMQ_CMD_VPORT_NEW,
		.doit		= vmmq_nl_vport_new_doit,
		.policy		= vmmq_vport_new_nl_policy,
		.maxattr	= VMMQ_A_VPORT_MODERATION,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_VPORT_SET,
		.doit		= vmmq_nl_vport_set_doit,
		.policy		= vmmq_vport_set_nl_policy,
		.maxattr	= VMMQ_A_VPORT_MODERATION,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_VPORT_DEL,
		.doit		= vmmq_nl_vport_del_doit,
		.policy		= vmmq_vport_del_nl_policy,
		.maxattr	= VMMQ_A_VPORT_IFNAME,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_FILTER_GET,
		.doit		= vmmq_nl_filter_get_doit,
		.policy		= vmmq_filter_get_do_nl_policy,
		.maxattr	= VMMQ_A_FILTER_VLAN,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_FILTER_GET,
		.dumpit		= vmmq_nl_filter_get_dumpit,
		.policy		= vmmq_filter_get_dump_nl_policy,
		.maxattr	= VMMQ_A_FILTER_ADAPTER,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VMMQ_CMD_FILTER_NEW,
		.doit		= vmmq_nl_filter_new_doit,
		.policy		= vmmq_filter_new_nl_policy,
		.maxattr	= VMMQ_A_FILTER_VLAN,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_FILTER_MOVE,
		.doit		= vmmq_nl_filter_move_doit,
		.policy		= vmmq_filter_move_nl_policy,
		.maxattr	= VMMQ_A_FILTER_TO,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_FILTER_DEL,
		.doit		= vmmq_nl_filter_del_doit,
		.policy		= vmmq_filter_del_nl_policy,
		.maxattr	= VMMQ_A_FILTER_VLAN,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_RSS_GET,
		.doit		= vmmq_nl_rss_get_doit,
		.policy		= vmmq_rss_get_do_nl_policy,
		.maxattr	= VMMQ_A_RSS_IFNAME,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_RSS_GET,
		.start		= vmmq_nl_rss_get_start,
		.dumpit		= vmmq_nl_rss_get_dumpit,
		.policy		= vmmq_rss_get_dump_nl_policy,
		.maxattr	= VMMQ_A_RSS_ADAPTER,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VMMQ_CMD_RSS_SET,
		.doit		= vmmq_nl_rss_set_doit,
		.policy		= vmmq_rss_set_nl_policy,
		.maxattr	= VMMQ_A_RSS_INPUT_XFRM,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_RSS_MOVE,
		.doit		= vmmq_nl_rss_move_doit,
		.policy		= vmmq_rss_move_nl_policy,
		.maxattr	= VMMQ_A_MOVE_ENTRY,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_VECTOR_GET,
		.doit		= vmmq_nl_vector_get_doit,
		.policy		= vmmq_vector_get_do_nl_policy,
		.maxattr	= VMMQ_A_VECTOR_INDEX,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= VMMQ_CMD_VECTOR_GET,
		.dumpit		= vmmq_nl_vector_get_dumpit,
		.policy		= vmmq_vector_get_dump_nl_policy,
		.maxattr	= VMMQ_A_VECTOR_ADAPTER,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= VMMQ_CMD_VECTOR_SET,
		.doit		= vmmq_nl_vector_set_doit,
		.policy		= vmmq_vector_set_nl_policy,
		.maxattr	= VMMQ_A_VECTOR_AFFINITY,
		.flags		= GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group vmmq_nl_mcgrps[] = {
	[VMMQ_NLGRP_CONFIG] = { "config", },
};

struct genl_family vmmq_nl_family __ro_after_init = {
	.name		= VMMQ_FAMILY_NAME,
	.version	= VMMQ_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= vmmq_nl_ops,
	.n_split_ops	= ARRAY_SIZE(vmmq_nl_ops),
	.mcgrps		= vmmq_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(vmmq_nl_mcgrps),
};
