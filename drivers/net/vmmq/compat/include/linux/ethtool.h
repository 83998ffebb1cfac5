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

#ifndef RXH_IP6_FL /* since 6.18; no bit, so nobody has it set */
#define RXH_IP6_FL 0
#endif

#ifndef RXH_XFRM_SYM_XOR /* since 6.8 */
#define RXH_XFRM_SYM_XOR 1
#define RXH_XFRM_NO_CHANGE 0xff
#endif

#ifndef RXH_XFRM_SYM_OR_XOR /* since 6.16 */
#define RXH_XFRM_SYM_OR_XOR 2
#endif

#ifdef VMMQ_LACKS_RXFH_PARAM /* since 6.8 */

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

#ifdef VMMQ_LACKS_RXFH_CONTEXT /* since 6.11 */
struct ethtool_rxfh_context {
	u8 hfunc;
	u8 input_xfrm;
	u32 *indir;
	u8 *key;
};

static inline u32 *ethtool_rxfh_context_indir(struct ethtool_rxfh_context *ctx)
{
	return ctx->indir;
}

static inline u8 *ethtool_rxfh_context_key(struct ethtool_rxfh_context *ctx)
{
	return ctx->key;
}

int vmmq_compat_get_rxfh_context(struct net_device *dev, u32 *indir, u8 *key,
				 u8 *hfunc, u32 rss_context);
int vmmq_compat_set_rxfh_context(struct net_device *dev, const u32 *indir,
				 const u8 *key, const u8 hfunc,
				 u32 *rss_context, bool delete);
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

#ifdef VMMQ_LACKS_RXFH_CONTEXT
#define VMMQ_COMPAT_CONTEXT_OPS						\
	.get_rxfh_context = vmmq_compat_get_rxfh_context,		\
	.set_rxfh_context = vmmq_compat_set_rxfh_context
#else
#define VMMQ_COMPAT_CONTEXT_OPS						\
	.rxfh_per_ctx_key = true,					\
	.cap_rss_rxnfc_adds = true,					\
	.rxfh_max_num_contexts = VMMQ_MAX_CONTEXTS,			\
	.create_rxfh_context = vmmq_ethtool_create_rxfh_context,	\
	.modify_rxfh_context = vmmq_ethtool_modify_rxfh_context,	\
	.remove_rxfh_context = vmmq_ethtool_remove_rxfh_context
#endif

#ifdef VMMQ_LACKS_RXFH_FIELDS
#define VMMQ_COMPAT_FIELDS_OPS						\
	.set_rxnfc = vmmq_compat_set_rxnfc
#else
#define VMMQ_COMPAT_FIELDS_OPS						\
	.rxfh_per_ctx_fields = true,					\
	.get_rxfh_fields = vmmq_ethtool_get_rxfh_fields,		\
	.set_rxfh_fields = vmmq_ethtool_set_rxfh_fields,		\
	.set_rxnfc = vmmq_ethtool_set_rxnfc
#endif

#ifdef VMMQ_LACKS_INPUT_XFRM /* since 6.16 */
#define VMMQ_COMPAT_XFRM_OPS
#else
#define VMMQ_COMPAT_XFRM_OPS						\
	.supported_input_xfrm = RXH_XFRM_SYM_XOR | RXH_XFRM_SYM_OR_XOR,
#endif

/* Takes the place of the driver's own initializers. */
#define VMMQ_ETHTOOL_RSS_OPS						\
	VMMQ_COMPAT_RXFH_OPS,						\
	VMMQ_COMPAT_XFRM_OPS						\
	VMMQ_COMPAT_CONTEXT_OPS,					\
	VMMQ_COMPAT_FIELDS_OPS,						\
	.get_rxnfc = vmmq_compat_get_rxnfc
#endif

#endif /* _VMMQ_COMPAT_LINUX_ETHTOOL_H */
