/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/vmmq.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_VMMQ_GEN_H
#define _LINUX_VMMQ_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/vmmq.h>

/* Common nested types */
extern const struct nla_policy vmmq_capabilities_nl_policy[VMMQ_A_CAPABILITIES_KEY_SIZE + 1];
extern const struct nla_policy vmmq_fields_nl_policy[VMMQ_A_FIELDS_UDP_IPV6 + 1];
extern const struct nla_policy vmmq_move_entry_nl_policy[VMMQ_A_MOVE_ENTRY_TEXT + 1];
extern const struct nla_policy vmmq_processors_nl_policy[VMMQ_A_PROCESSORS_CPUS + 1];

int vmmq_nl_rss_get_start(struct netlink_callback *cb);

int vmmq_nl_adapter_get_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_adapter_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int vmmq_nl_adapter_new_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_adapter_set_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_adapter_del_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_vport_get_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_vport_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vmmq_nl_vport_new_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_vport_set_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_vport_del_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_filter_get_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_filter_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vmmq_nl_filter_new_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_filter_move_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_filter_del_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_rss_get_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_rss_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vmmq_nl_rss_set_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_rss_move_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_vector_get_doit(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_vector_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int vmmq_nl_vector_set_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	VMMQ_NLGRP_CONFIG,
};

extern struct genl_family vmmq_nl_family;

#endif /* _LINUX_VMMQ_GEN_H */
