/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/netdevice.h>

#ifndef _VMMQ_COMPAT_LINUX_NETDEVICE_H
#define _VMMQ_COMPAT_LINUX_NETDEVICE_H

#ifdef VMMQ_LACKS_ETHTOOL_RSS_NTF /* since 6.17 */
#define ethtool_notify(dev, cmd)	((void)(dev))
#endif

#ifdef VMMQ_LACKS_NAPI_CONFIG /* since 6.13 */
static inline void netif_napi_add_config(struct net_device *dev,
					 struct napi_struct *napi,
					 int (*poll)(struct napi_struct *, int),
					 int index)
{
	netif_napi_add(dev, napi, poll);
}
#endif

#ifdef VMMQ_LACKS_NAPI_SET_IRQ /* since 6.8 */
static inline void netif_napi_set_irq(struct napi_struct *napi, int irq)
{
}
#endif

#ifdef VMMQ_LACKS_QUEUE_SET_NAPI /* since 6.8 */
enum netdev_queue_type {
	NETDEV_QUEUE_TYPE_RX,
	NETDEV_QUEUE_TYPE_TX,
};

static inline void netif_queue_set_napi(struct net_device *dev,
					unsigned int queue_index,
					enum netdev_queue_type type,
					struct napi_struct *napi)
{
}
#endif

#endif /* _VMMQ_COMPAT_LINUX_NETDEVICE_H */
