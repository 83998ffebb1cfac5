/* SPDX-License-Identifier: GPL-2.0 */
/* qstats.c APIs: queue statistics as the netdev family shows them. */
#ifndef _VMMQ_QSTATS_H
#define _VMMQ_QSTATS_H

struct net_device;

void vmmq_qstats_setup(struct net_device *dev);

#endif /* _VMMQ_QSTATS_H */
