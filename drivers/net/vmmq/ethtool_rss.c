// SPDX-License-Identifier: GPL-2.0
/*
 * The RSS part of a VPort's ethtool operations: table, key, input transform and
 * hash fields, of the VPort's own and of additional contexts. It translates
 * between ethtool's words and a snapshot of rss.c, keeps nothing itself, and
 * makes one change of all parts of a request.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/string.h>

#include "adapter.h"
#include "change.h"
#include "context.h"
#include "ethtool_rss.h"
#include "flow.h"
#include "netlink.h"
#include "rss.h"
#include "vport.h"

u32 vmmq_ethtool_get_rx_ring_count(struct net_device *dev)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	return vport->num_queues;
}

u32 vmmq_ethtool_get_rxfh_key_size(struct net_device *dev)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	return vport->adapter->config.key_size;
}

u32 vmmq_ethtool_get_rxfh_indir_size(struct net_device *dev)
{
	return vmmq_rss_entries(vmmq_rss_get(netdev_priv(dev)));
}

/* The values are the same. */
static_assert(VMMQ_XFRM_SYM_XOR == RXH_XFRM_SYM_XOR);
static_assert(VMMQ_XFRM_SYM_OR_XOR == RXH_XFRM_SYM_OR_XOR);

/* The core leaves out what it doesn't want, and may leave the sizes at 0. It
 * asks for contexts only before it kept these itself.
 */
int vmmq_ethtool_get_rxfh(struct net_device *dev,
			  struct ethtool_rxfh_param *rxfh)
{
	const struct vmmq_rss *rss = vmmq_context_get(netdev_priv(dev),
						      rxfh->rss_context);
	unsigned int i;

	if (!rss)
		return -ENOENT;
	rxfh->hfunc = ETH_RSS_HASH_TOP;
	rxfh->input_xfrm = rss->xfrm;
	if (rxfh->indir)
		for (i = 0; i < vmmq_rss_entries(rss); i++)
			rxfh->indir[i] = rss->table[i];
	if (rxfh->key)
		memcpy(rxfh->key, rss->key->bytes, rss->key->size);
	return 0;
}

static int vmmq_check_hash(const struct net_device *dev,
			   const struct ethtool_rxfh_param *rxfh,
			   struct netlink_ext_ack *extack)
{
	if (rxfh->hfunc != ETH_RSS_HASH_NO_CHANGE &&
	    rxfh->hfunc != ETH_RSS_HASH_TOP) {
		vmmq_refuse(dev, extack,
			    "the hash function is toeplitz, there is no other");
		return -EOPNOTSUPP;
	}
	if (rxfh->input_xfrm > RXH_XFRM_SYM_OR_XOR &&
	    rxfh->input_xfrm != RXH_XFRM_NO_CHANGE) {
		vmmq_refuse(dev, extack,
			    "hash input is transformed by symmetric-xor, symmetric-or-xor or not at all");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* The core remembers a user's table itself, but after this, and only one that
 * it was given. The pattern of the default table is taken for "go back".
 */
static bool vmmq_is_default_table(const struct vmmq_rss *rss, const u32 *indir)
{
	unsigned int i;

	for (i = 0; i < vmmq_rss_entries(rss); i++)
		if (indir[i] != ethtool_rxfh_indir_default(i, rss->queues))
			return false;
	return true;
}

/* Who doesn't speak of the transform (-X equal over ioctl) passes what is in
 * force, or none.
 */
static void vmmq_change_of_rxfh(struct net_device *dev,
				const struct vmmq_rss *rss,
				const struct ethtool_rxfh_param *rxfh,
				struct vmmq_change *change)
{
	change->key = rxfh->key;
	if (rxfh->input_xfrm != RXH_XFRM_NO_CHANGE &&
	    rxfh->input_xfrm != rss->xfrm)
		change->xfrm = rxfh->input_xfrm;
	if (!rxfh->indir)
		return;
	change->table = VMMQ_TABLE_QUEUES;
	change->values = rxfh->indir;
	change->num_values = vmmq_ethtool_get_rxfh_indir_size(dev);
}

int vmmq_ethtool_set_rxfh(struct net_device *dev,
			  struct ethtool_rxfh_param *rxfh,
			  struct netlink_ext_ack *extack)
{
	struct vmmq_change change = VMMQ_CHANGE_INIT;
	struct vmmq_vport *vport = netdev_priv(dev);
	const struct vmmq_rss *rss = vmmq_rss_get(vport);
	int err;

	err = vmmq_check_hash(dev, rxfh, extack);
	if (err)
		return err;
	if (!rxfh->indir && !rxfh->key &&
	    rxfh->input_xfrm == RXH_XFRM_NO_CHANGE)
		return 0;
	vmmq_change_of_rxfh(dev, rss, rxfh, &change);
	if (rxfh->indir)
		change.user = !vmmq_is_default_table(rss, rxfh->indir);
	change.silent = true;
	err = vmmq_change(vport, &change, extack);
	if (!err)
		set_bit(VMMQ_VPORT_RSS_CHANGED, &vport->flags);
	return err;
}

/* The core has noted by now whether the table is a user's. */
void vmmq_ethtool_rss_complete(struct net_device *dev)
{
	struct vmmq_vport *vport = netdev_priv(dev);

	if (test_and_clear_bit(VMMQ_VPORT_RSS_CHANGED, &vport->flags))
		vmmq_nl_announce_rss(vport);
}

/* What the request left to us; the core keeps what it asked for itself. */
static void vmmq_tell_context(const struct vmmq_rss *rss,
			      struct ethtool_rxfh_context *ctx)
{
	u32 i, *indir = ethtool_rxfh_context_indir(ctx);

	for (i = 0; i < vmmq_rss_entries(rss); i++)
		indir[i] = rss->table[i];
	memcpy(ethtool_rxfh_context_key(ctx), rss->key->bytes, rss->key->size);
	ctx->hfunc = ETH_RSS_HASH_TOP;
	ctx->input_xfrm = rss->xfrm;
}

int vmmq_ethtool_create_rxfh_context(struct net_device *dev,
				     struct ethtool_rxfh_context *ctx,
				     const struct ethtool_rxfh_param *rxfh,
				     struct netlink_ext_ack *extack)
{
	struct vmmq_change change = VMMQ_CHANGE_INIT;
	struct vmmq_vport *vport = netdev_priv(dev);
	int err;

	err = vmmq_check_hash(dev, rxfh, extack);
	if (err)
		return err;
	vmmq_change_of_rxfh(dev, vmmq_rss_get(vport), rxfh, &change);
	err = vmmq_context_create(vport, rxfh->rss_context, &change, extack);
	if (!err)
		vmmq_tell_context(vmmq_context_get(vport, rxfh->rss_context),
				  ctx);
	return err;
}

int vmmq_ethtool_modify_rxfh_context(struct net_device *dev,
				     struct ethtool_rxfh_context *ctx,
				     const struct ethtool_rxfh_param *rxfh,
				     struct netlink_ext_ack *extack)
{
	struct vmmq_change change = VMMQ_CHANGE_INIT;
	struct vmmq_vport *vport = netdev_priv(dev);
	const struct vmmq_rss *rss;
	int err;

	err = vmmq_check_hash(dev, rxfh, extack);
	if (err)
		return err;
	rss = vmmq_context_get(vport, rxfh->rss_context);
	vmmq_change_of_rxfh(dev, rss ?: vmmq_rss_get(vport), rxfh, &change);
	return vmmq_context_modify(vport, rxfh->rss_context, &change, extack);
}

int vmmq_ethtool_remove_rxfh_context(struct net_device *dev,
				     struct ethtool_rxfh_context *ctx,
				     u32 rss_context,
				     struct netlink_ext_ack *extack)
{
	/* The core tidies up after a device that goes, its rules included. */
	if (dev->reg_state != NETREG_REGISTERED)
		return 0;
	return vmmq_context_delete(netdev_priv(dev), rss_context, extack);
}

static int vmmq_flow_type_from_ethtool(u32 flow_type)
{
	switch (flow_type) {
	case IPV4_FLOW:
		return VMMQ_FLOW_IPV4;
	case TCP_V4_FLOW:
		return VMMQ_FLOW_TCP_IPV4;
	case UDP_V4_FLOW:
		return VMMQ_FLOW_UDP_IPV4;
	case IPV6_FLOW:
		return VMMQ_FLOW_IPV6;
	case TCP_V6_FLOW:
		return VMMQ_FLOW_TCP_IPV6;
	case UDP_V6_FLOW:
		return VMMQ_FLOW_UDP_IPV6;
	default:
		return -EOPNOTSUPP;
	}
}

static const struct {
	u32 rxh;
	u8 field;
} vmmq_rxh_fields[] = {
	{ RXH_IP_SRC, VMMQ_FIELD_SRC_ADDR },
	{ RXH_IP_DST, VMMQ_FIELD_DST_ADDR },
	{ RXH_L4_B_0_1, VMMQ_FIELD_SRC_PORT },
	{ RXH_L4_B_2_3, VMMQ_FIELD_DST_PORT },
	{ RXH_IP6_FL, VMMQ_FIELD_LABEL },
};

int vmmq_ethtool_get_rxfh_fields(struct net_device *dev,
				 struct ethtool_rxfh_fields *fields)
{
	const struct vmmq_rss *rss = vmmq_context_get(netdev_priv(dev),
						      fields->rss_context);
	int type = vmmq_flow_type_from_ethtool(fields->flow_type);
	unsigned int i;

	if (type < 0)
		return type;
	if (!rss)
		return -ENOENT;
	fields->data = 0;
	for (i = 0; i < ARRAY_SIZE(vmmq_rxh_fields); i++)
		if (rss->fields[type] & vmmq_rxh_fields[i].field)
			fields->data |= vmmq_rxh_fields[i].rxh;
	return 0;
}

static int vmmq_fields_from_rxh(const struct net_device *dev, u32 rxh,
				struct netlink_ext_ack *extack)
{
	u8 set = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vmmq_rxh_fields); i++) {
		if (rxh & vmmq_rxh_fields[i].rxh) {
			rxh &= ~vmmq_rxh_fields[i].rxh;
			set |= vmmq_rxh_fields[i].field;
		}
	}
	if (!rxh)
		return set;
	vmmq_refuse(dev, extack,
		    "can't hash field 0x%x; use any of s, d (addresses), f, n (ports)",
		    rxh);
	return -EINVAL;
}

static int vmmq_check_fields(const struct net_device *dev,
			     enum vmmq_flow_type type, u8 set, u8 ex,
			     struct netlink_ext_ack *extack)
{
	if (vmmq_fields_valid(type, set & ~VMMQ_FIELD_LABEL) &&
	    !vmmq_fields_valid(type, set)) {
		vmmq_refuse(dev, extack,
			    "only frames of IPv6 have a flow label");
		return -EINVAL;
	}
	if (!vmmq_fields_valid(type, set)) {
		vmmq_refuse(dev, extack,
			    "frames of this flow type have no ports; use s and d only");
		return -EINVAL;
	}
	if (!vmmq_fields_valid(type, set | ex)) {
		vmmq_refuse(dev, extack,
			    "needs s or d while the type's private flag rss-*ipv6-ex is on");
		return -EINVAL;
	}
	return 0;
}

/* Extended addresses are switched by a private flag and stay as they are. */
int vmmq_ethtool_set_rxfh_fields(struct net_device *dev,
				 const struct ethtool_rxfh_fields *fields,
				 struct netlink_ext_ack *extack)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	const struct vmmq_rss *old = vmmq_context_get(vport,
						      fields->rss_context);
	struct vmmq_change change = VMMQ_CHANGE_INIT;
	u8 sets[VMMQ_FLOW_TYPES], ex;
	int type, set, err;

	type = vmmq_flow_type_from_ethtool(fields->flow_type);
	if (type < 0) {
		vmmq_refuse(dev, extack,
			    "no fields for flow type %u; use IPv4, IPv6, or TCP or UDP over these",
			    fields->flow_type);
		return type;
	}
	if (!old) {
		vmmq_refuse(dev, extack, "no RSS context %u",
			    fields->rss_context);
		return -ENOENT;
	}
	set = vmmq_fields_from_rxh(dev, fields->data, extack);
	if (set < 0)
		return set;
	ex = old->fields[type] & VMMQ_FIELD_EX;
	err = vmmq_check_fields(dev, type, set, ex, extack);
	if (err)
		return err;

	memcpy(sets, old->fields, sizeof(sets));
	sets[type] = set | ex;
	change.fields = sets;
	if (fields->rss_context)
		return vmmq_context_modify(vport, fields->rss_context, &change,
					   extack);
	return vmmq_change(vport, &change, extack);
}
