#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Prints what the kernel headers in a directory lack of the newest kernel's
# API, one name a line. Distributions backport, so versions say little: each
# name stands for a regular expression that a header has to match.

set -eu

include=$1

# name, header, extended regular expression
features() {
	cat <<-'TABLE'
	DEVLINK_PORT_NETDEV linux/netdevice.h define SET_NETDEV_DEVLINK_PORT\(
	DIM_SAMPLE_PTR linux/dim.h net_dim\(struct dim \*dim, const struct dim_sample \*
	ETHTOOL_RSS_NTF uapi/linux/ethtool_netlink_generated.h ETHTOOL_MSG_RSS_NTF
	ETHTOOL_PUTS linux/ethtool.h ethtool_puts\(
	FRAG_FILL_PAGE linux/skbuff.h skb_frag_fill_page_desc\(
	GENL_INFO_DUMP net/genetlink.h genl_info_dump\(
	GENL_SPLIT_OPS net/genetlink.h ^struct genl_split_ops
	HRTIMER_SETUP linux/hrtimer.h hrtimer_setup\(
	INPUT_XFRM linux/ethtool.h supported_input_xfrm
	IRQ_MOVE_PCNTXT linux/irq.h IRQ_MOVE_PCNTXT
	KERNEL_TS_INFO linux/ethtool.h ^struct kernel_ethtool_ts_info
	NAPI_CONFIG linux/netdevice.h netif_napi_add_config\(
	NAPI_SET_IRQ linux/netdevice.h netif_napi_set_irq\(
	NETDEV_LOCK net/netdev_lock.h define netdev_lockdep_set_classes\(
	NETMEM net/netmem.h page_to_netmem\b
	NET_GSO net/gso.h skb_gso_segment\(
	NL_ERR_FMT linux/netlink.h define NL_SET_ERR_MSG_FMT\(
	PAGE_POOL_HELPERS net/page_pool/helpers.h page_pool_dev_alloc_pages\(
	QUEUE_SET_NAPI linux/netdevice.h netif_queue_set_napi\(
	RX_RING_COUNT linux/ethtool.h get_rx_ring_count
	RXFH_CONTEXT linux/ethtool.h create_rxfh_context
	RXFH_FIELDS linux/ethtool.h get_rxfh_fields
	RXFH_PARAM linux/ethtool.h ^struct ethtool_rxfh_param
	STAT_OPS net/netdev_queues.h ^struct netdev_stat_ops
	TXQ_COMPLETED_WAKE net/netdev_queues.h define netif_txq_completed_wake\(
	XDP_BUILD_SKB net/xdp.h xdp_build_skb_from_buff\(
	XDP_METADATA net/xdp.h ^struct xdp_metadata_ops
	TABLE
}

# Without these no overlay helps.
if ! grep -qs 'netif_txq_try_stop' "$include/net/netdev_queues.h" ||
   ! grep -qs 'timer_shutdown_sync' "$include/linux/timer.h"; then
	echo EVERYTHING
	exit 0
fi

features | while read -r name header pattern; do
	grep -Eqs -e "$pattern" "$include/$header" || echo "$name"
done
