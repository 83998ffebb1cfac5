// SPDX-License-Identifier: GPL-2.0
/*
 * Old shapes of the RSS operations of struct ethtool_ops, in terms of the
 * present ones in ethtool_rss.c.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "../context.h"
#include "../ethtool_rss.h"
#include "../rss.h"

#ifdef VMMQ_LACKS_RXFH_PARAM
int vmmq_compat_get_rxfh(struct net_device *dev, u32 *indir, u8 *key,
			 u8 *hfunc)
{
	struct ethtool_rxfh_param rxfh = { .indir = indir, .key = key };
	int err;

	err = vmmq_ethtool_get_rxfh(dev, &rxfh);
	if (!err && hfunc)
		*hfunc = rxfh.hfunc;
	return err;
}

int vmmq_compat_set_rxfh(struct net_device *dev, const u32 *indir,
			 const u8 *key, const u8 hfunc)
{
	struct ethtool_rxfh_param rxfh = {
		.hfunc = hfunc,
		.indir = (u32 *)indir,
		.key = (u8 *)key,
		.input_xfrm = RXH_XFRM_NO_CHANGE,
	};

	if (indir)
		rxfh.indir_size = vmmq_ethtool_get_rxfh_indir_size(dev);
	if (key)
		rxfh.key_size = vmmq_ethtool_get_rxfh_key_size(dev);
	return vmmq_ethtool_set_rxfh(dev, &rxfh, NULL);
}
#endif

#ifdef VMMQ_LACKS_RXFH_CONTEXT
int vmmq_compat_get_rxfh_context(struct net_device *dev, u32 *indir, u8 *key,
				 u8 *hfunc, u32 rss_context)
{
	struct ethtool_rxfh_param rxfh = {
		.indir = indir,
		.key = key,
		.rss_context = rss_context,
	};
	int err;

	err = vmmq_ethtool_get_rxfh(dev, &rxfh);
	if (!err && hfunc)
		*hfunc = rxfh.hfunc;
	return err;
}

/* Newer kernels choose the number, and keep what the driver tells them. */
static int create_context(struct net_device *dev,
			  struct ethtool_rxfh_param *rxfh)
{
	struct ethtool_rxfh_context ctx = {};
	u8 key[VMMQ_KEY_SIZE_MAX];
	u32 id = 1;
	int err;

	while (id < VMMQ_MAX_CONTEXTS - 1 &&
	       vmmq_context_get(netdev_priv(dev), id))
		id++;
	ctx.indir = kcalloc(vmmq_ethtool_get_rxfh_indir_size(dev),
			    sizeof(*ctx.indir), GFP_KERNEL);
	if (!ctx.indir)
		return -ENOMEM;
	ctx.key = key;
	rxfh->rss_context = id;
	err = vmmq_ethtool_create_rxfh_context(dev, &ctx, rxfh, NULL);
	kfree(ctx.indir);
	return err;
}

int vmmq_compat_set_rxfh_context(struct net_device *dev, const u32 *indir,
				 const u8 *key, const u8 hfunc,
				 u32 *rss_context, bool delete)
{
	struct ethtool_rxfh_param rxfh = {
		.hfunc = hfunc,
		.indir = (u32 *)indir,
		.key = (u8 *)key,
		.rss_context = *rss_context,
		.input_xfrm = RXH_XFRM_NO_CHANGE,
	};
	int err;

	if (delete)
		return vmmq_ethtool_remove_rxfh_context(dev, NULL,
							*rss_context, NULL);
	if (*rss_context != ETH_RXFH_CONTEXT_ALLOC)
		return vmmq_ethtool_modify_rxfh_context(dev, NULL, &rxfh, NULL);
	err = create_context(dev, &rxfh);
	if (!err)
		*rss_context = rxfh.rss_context;
	return err;
}
#endif

#ifdef VMMQ_LACKS_RXFH_FIELDS
static int get_fields(struct net_device *dev, struct ethtool_rxnfc *info)
{
	struct ethtool_rxfh_fields fields = {
		.flow_type = info->flow_type & ~FLOW_RSS,
	};
	int err;

	if (info->flow_type & FLOW_RSS)
		fields.rss_context = info->rss_context;
	err = vmmq_ethtool_get_rxfh_fields(dev, &fields);
	if (!err)
		info->data = fields.data;
	return err;
}

int vmmq_compat_set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info)
{
	const struct ethtool_rxfh_fields fields = {
		.data = info->data,
		.flow_type = info->flow_type,
	};

	if (info->cmd != ETHTOOL_SRXFH)
		return vmmq_ethtool_set_rxnfc(dev, info);
	if (info->flow_type & FLOW_RSS) {	/* which, the core left out */
		vmmq_refuse(dev, NULL,
			    "this kernel can't set the fields of an RSS context");
		return -EOPNOTSUPP;
	}
	if (info->data != fields.data) {
		vmmq_refuse(dev, NULL,
			    "can't hash fields 0x%llx; fields have 32 bits",
			    info->data);
		return -EINVAL;
	}
	return vmmq_ethtool_set_rxfh_fields(dev, &fields, NULL);
}
#else
static int get_fields(struct net_device *dev, struct ethtool_rxnfc *info)
{
	return -EOPNOTSUPP;
}
#endif

int vmmq_compat_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info,
			  u32 *rule_locs)
{
	switch (info->cmd) {
	case ETHTOOL_GRXRINGS:
		info->data = vmmq_ethtool_get_rx_ring_count(dev);
		return 0;
	case ETHTOOL_GRXFH:
		return get_fields(dev, info);
	default:
		return vmmq_ethtool_get_rxnfc(dev, info, rule_locs);
	}
}
