/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/netdev_queues.h>

#ifndef _VMMQ_COMPAT_NET_NETDEV_QUEUES_H
#define _VMMQ_COMPAT_NET_NETDEV_QUEUES_H

#ifdef VMMQ_LACKS_TXQ_COMPLETED_WAKE /* since 6.4 */
/* 0: woken, 1: was running, -1: not enough room */
#define __netif_txq_completed_wake(txq, pkts, bytes, get_desc, start_thrs, \
				   down_cond)				\
({									\
	struct netdev_queue *__txq = (txq);				\
	unsigned int __pkts = (pkts);					\
	int __res = -1;							\
									\
	netdev_tx_completed_queue(__txq, __pkts, (bytes));		\
	smp_mb(); /* with that of netif_txq_try_stop() */		\
	if (__pkts && likely((get_desc) >= (start_thrs))) {		\
		__res = 1;						\
		if (unlikely(netif_tx_queue_stopped(__txq)) &&		\
		    !(down_cond)) {					\
			netif_tx_wake_queue(__txq);			\
			__res = 0;					\
		}							\
	}								\
	__res;								\
})
#endif

#endif /* _VMMQ_COMPAT_NET_NETDEV_QUEUES_H */
