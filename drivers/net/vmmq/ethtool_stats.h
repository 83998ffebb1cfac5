/* SPDX-License-Identifier: GPL-2.0 */
/* ethtool_stats.c APIs: the standard statistics of ethtool. */
#ifndef _VMMQ_ETHTOOL_STATS_H
#define _VMMQ_ETHTOOL_STATS_H

struct ethtool_eth_ctrl_stats;
struct ethtool_eth_mac_stats;
struct ethtool_pause_stats;
struct ethtool_rmon_hist_range;
struct ethtool_rmon_stats;
struct net_device;

void vmmq_ethtool_get_mac_stats(struct net_device *dev,
				struct ethtool_eth_mac_stats *mac);
void vmmq_ethtool_get_ctrl_stats(struct net_device *dev,
				 struct ethtool_eth_ctrl_stats *ctrl);
void vmmq_ethtool_get_pause_stats(struct net_device *dev,
				  struct ethtool_pause_stats *pause);
void vmmq_ethtool_get_rmon_stats(struct net_device *dev,
				 struct ethtool_rmon_stats *rmon,
				 const struct ethtool_rmon_hist_range **ranges);

#endif /* _VMMQ_ETHTOOL_STATS_H */
