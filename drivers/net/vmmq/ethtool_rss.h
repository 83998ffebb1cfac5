/* SPDX-License-Identifier: GPL-2.0 */
/* What ethtool.c and ethtool_rss.c, a VPort's ethtool operations, share. */
#ifndef _VMMQ_ETHTOOL_RSS_H
#define _VMMQ_ETHTOOL_RSS_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>

#include "vmmq.h"

__printf(3, 4)
void vmmq_refuse(const struct net_device *dev, struct netlink_ext_ack *extack,
		 const char *fmt, ...);

void vmmq_ethtool_rss_complete(struct net_device *dev);
u32 vmmq_ethtool_get_rx_ring_count(struct net_device *dev);
u32 vmmq_ethtool_get_rxfh_key_size(struct net_device *dev);
u32 vmmq_ethtool_get_rxfh_indir_size(struct net_device *dev);
int vmmq_ethtool_get_rxfh(struct net_device *dev,
			  struct ethtool_rxfh_param *rxfh);
int vmmq_ethtool_set_rxfh(struct net_device *dev,
			  struct ethtool_rxfh_param *rxfh,
			  struct netlink_ext_ack *extack);
int vmmq_ethtool_create_rxfh_context(struct net_device *dev,
				     struct ethtool_rxfh_context *ctx,
				     const struct ethtool_rxfh_param *rxfh,
				     struct netlink_ext_ack *extack);
int vmmq_ethtool_modify_rxfh_context(struct net_device *dev,
				     struct ethtool_rxfh_context *ctx,
				     const struct ethtool_rxfh_param *rxfh,
				     struct netlink_ext_ack *extack);
int vmmq_ethtool_remove_rxfh_context(struct net_device *dev,
				     struct ethtool_rxfh_context *ctx,
				     u32 rss_context,
				     struct netlink_ext_ack *extack);
int vmmq_ethtool_get_rxfh_fields(struct net_device *dev,
				 struct ethtool_rxfh_fields *fields);
int vmmq_ethtool_set_rxfh_fields(struct net_device *dev,
				 const struct ethtool_rxfh_fields *fields,
				 struct netlink_ext_ack *extack);

int vmmq_ethtool_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info,
			   u32 *rule_locs);
int vmmq_ethtool_set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info);

/* Initializers of struct ethtool_ops; the compatibility layer has others. */
#ifndef VMMQ_ETHTOOL_RSS_OPS
#define VMMQ_ETHTOOL_RSS_OPS						\
	.get_rx_ring_count = vmmq_ethtool_get_rx_ring_count,		\
	.get_rxfh = vmmq_ethtool_get_rxfh,				\
	.set_rxfh = vmmq_ethtool_set_rxfh,				\
	.supported_input_xfrm = RXH_XFRM_SYM_XOR | RXH_XFRM_SYM_OR_XOR,	\
	.rxfh_per_ctx_fields = true,					\
	.rxfh_per_ctx_key = true,					\
	.cap_rss_rxnfc_adds = true,					\
	.rxfh_max_num_contexts = VMMQ_MAX_CONTEXTS,			\
	.create_rxfh_context = vmmq_ethtool_create_rxfh_context,	\
	.modify_rxfh_context = vmmq_ethtool_modify_rxfh_context,	\
	.remove_rxfh_context = vmmq_ethtool_remove_rxfh_context,	\
	.get_rxnfc = vmmq_ethtool_get_rxnfc,				\
	.set_rxnfc = vmmq_ethtool_set_rxnfc,				\
	.get_rxfh_fields = vmmq_ethtool_get_rxfh_fields,		\
	.set_rxfh_fields = vmmq_ethtool_set_rxfh_fields
#endif

#endif /* _VMMQ_ETHTOOL_RSS_H */
