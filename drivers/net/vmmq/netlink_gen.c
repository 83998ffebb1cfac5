// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/vmmq.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/vmmq.h>

/* VMMQ_CMD_ADAPTER_GET - do */
static const struct nla_policy vmmq_adapter_get_nl_policy[VMMQ_A_ADAPTER_NAME + 1] = {
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

/* VMMQ_CMD_VECTOR_GET - do */
static const struct nla_policy vmmq_vector_get_do_nl_policy[VMMQ_A_VECTOR_INDEX + 1] = {
	[VMMQ_A_VECTOR_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
	[VMMQ_A_VECTOR_INDEX] = NLA_POLICY_MAX(NLA_U32, 127),
};

/* VMMQ_CMD_VECTOR_GET - dump */
static const struct nla_policy vmmq_vector_get_dump_nl_policy[VMMQ_A_VECTOR_ADAPTER + 1] = {
	[VMMQ_A_VECTOR_ADAPTER] = { .type = NLA_NUL_STRING, .len = 10, },
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
