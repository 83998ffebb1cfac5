/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netlink.c APIs: the control family. What its files share: finding the object
 * a message names, answering, dumping and announcing. The operations of a noun
 * are in the file of that name, netlink_<noun>.c; their tables and policies
 * are generated from Documentation/netlink/specs/vmmq.yaml.
 */
#ifndef _VMMQ_NETLINK_H
#define _VMMQ_NETLINK_H

#include <linux/cpumask.h>
#include <net/genetlink.h>

#include "netlink_gen.h"
#include "vmmq.h"

struct vmmq_filter_info;

/* Writes the attributes of an object. Process, RTNL. 0 or -EMSGSIZE. */
typedef int (*vmmq_nl_fill)(struct sk_buff *msg, const void *object);

struct vmmq_adapter *vmmq_nl_lookup_adapter(struct net *net,
					    const struct nlattr *name,
					    struct netlink_ext_ack *extack);
bool vmmq_nl_names_vport(const struct genl_info *info);
struct vmmq_adapter *vmmq_nl_find_adapter(struct genl_info *info,
					  unsigned int attr);
struct vmmq_vport *vmmq_nl_find_vport(struct genl_info *info);

int vmmq_nl_parse_nest(struct nlattr **tb, int max, const struct nlattr *nest,
		       const struct nla_policy *policy,
		       struct netlink_ext_ack *extack);
int vmmq_nl_check_once(struct genl_info *info);
int vmmq_nl_show(struct genl_info *info,
		 int (*operation)(struct genl_info *info));
int vmmq_nl_change(struct sk_buff *skb, struct genl_info *info,
		   int (*operation)(struct genl_info *info));
int vmmq_nl_check_admin(struct sk_buff *skb, struct genl_info *info);
int vmmq_nl_said(struct genl_info *info, int err);

int vmmq_nl_put_vport_name(struct sk_buff *msg, const struct vmmq_vport *vport);
size_t vmmq_nl_cpus_size(void);
int vmmq_nl_put_cpus(struct sk_buff *msg, int attr, const struct cpumask *cpus);

int vmmq_nl_put_message(struct sk_buff *msg, u32 portid, u32 seq,
			struct netlink_callback *cb, u8 cmd, vmmq_nl_fill fill,
			const void *object);
struct sk_buff *vmmq_nl_new_answer(size_t size);
int vmmq_nl_send_answer(struct genl_info *info, struct sk_buff *msg,
			vmmq_nl_fill fill, const void *object);
int vmmq_nl_answer(struct genl_info *info, size_t size, vmmq_nl_fill fill,
		   const void *object);

/* netlink_dump.c */
int vmmq_nl_dump_adapters(struct sk_buff *skb, struct netlink_callback *cb,
			  u8 cmd, vmmq_nl_fill fill);
int vmmq_nl_dump_vports(struct sk_buff *skb, struct netlink_callback *cb,
			u8 cmd, vmmq_nl_fill fill);
int vmmq_nl_dump_filters(struct sk_buff *skb, struct netlink_callback *cb,
			 u8 cmd, vmmq_nl_fill fill);
int vmmq_nl_dump_vectors(struct sk_buff *skb, struct netlink_callback *cb,
			 u8 cmd, vmmq_nl_fill fill);

void vmmq_nl_announce(const struct vmmq_adapter *adapter, u8 cmd, size_t size,
		      vmmq_nl_fill fill, const void *object);
void vmmq_nl_announce_atomic(const struct vmmq_adapter *adapter, u8 cmd,
			     size_t size, vmmq_nl_fill fill,
			     const void *object);

/* Called by the parts that change something. Any context. */
void vmmq_nl_count_change(void);
unsigned int vmmq_nl_changes_so_far(void);

/* Process, RTNL; for a filter any context with BH allowed or disabled. */
void vmmq_nl_announce_adapter(const struct vmmq_adapter *adapter, u8 cmd);
void vmmq_nl_announce_vport(const struct vmmq_vport *vport, u8 cmd);
void vmmq_nl_announce_vport_gone(const struct vmmq_vport *vport);
void vmmq_nl_announce_filter(const struct vmmq_filter_info *filter, u8 cmd);
void vmmq_nl_announce_rss(const struct vmmq_vport *vport);

int vmmq_netlink_register(void);
void vmmq_netlink_unregister(void);

#endif /* _VMMQ_NETLINK_H */
