/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/ethtool.h>

#ifndef _VMMQ_COMPAT_LINUX_ETHTOOL_H
#define _VMMQ_COMPAT_LINUX_ETHTOOL_H

struct netlink_ext_ack;

#ifdef VMMQ_LACKS_ETHTOOL_PUTS /* since 6.8 */
static inline void ethtool_puts(u8 **data, const char *str)
{
	ethtool_sprintf(data, "%s", str);
}
#endif

#ifdef VMMQ_LACKS_KERNEL_TS_INFO /* since 6.11 */
#define kernel_ethtool_ts_info ethtool_ts_info
#endif

#ifdef VMMQ_LACKS_RXFH_PARAM /* since 6.8 */
#define RXH_XFRM_NO_CHANGE 0xff

struct ethtool_rxfh_param {
	u8 hfunc;
	u32 indir_size;
	u32 *indir;
	u32 key_size;
	u8 *key;
	u32 rss_context;
	u8 rss_delete;
	u8 input_xfrm;
};

int vmmq_compat_get_rxfh(struct net_device *dev, u32 *indir, u8 *key,
			 u8 *hfunc);
int vmmq_compat_set_rxfh(struct net_device *dev, const u32 *indir,
			 const u8 *key, const u8 hfunc);
#endif

#ifdef VMMQ_LACKS_RXFH_FIELDS /* since 6.17 */
struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
	u32 rss_context;
};

int vmmq_compat_set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info);
#endif

#ifdef VMMQ_LACKS_RX_RING_COUNT /* since 6.18 */
int vmmq_compat_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info,
			  u32 *rule_locs);

#ifdef VMMQ_LACKS_RXFH_PARAM
#define VMMQ_COMPAT_RXFH_OPS						\
	.get_rxfh = vmmq_compat_get_rxfh,				\
	.set_rxfh = vmmq_compat_set_rxfh
#else
#define VMMQ_COMPAT_RXFH_OPS						\
	.get_rxfh = vmmq_ethtool_get_rxfh,				\
	.set_rxfh = vmmq_ethtool_set_rxfh
#endif

#ifdef VMMQ_LACKS_RXFH_FIELDS
#define VMMQ_COMPAT_FIELDS_OPS						\
	.set_rxnfc = vmmq_compat_set_rxnfc
#else
#define VMMQ_COMPAT_FIELDS_OPS						\
	.get_rxfh_fields = vmmq_ethtool_get_rxfh_fields,		\
	.set_rxfh_fields = vmmq_ethtool_set_rxfh_fields
#endif

/* Takes the place of the driver's own initializers. */
#define VMMQ_ETHTOOL_RSS_OPS						\
	VMMQ_COMPAT_RXFH_OPS,						\
	VMMQ_COMPAT_FIELDS_OPS,						\
	.get_rxnfc = vmmq_compat_get_rxnfc
#endif

#endif /* _VMMQ_COMPAT_LINUX_ETHTOOL_H */
