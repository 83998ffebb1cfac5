/* SPDX-License-Identifier: GPL-2.0 */
/* Trace events: a frame's way through the adapter, step by step. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vmmq

#if !defined(_VMMQ_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _VMMQ_TRACE_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>

#include "adapter.h"
#include "filter.h"
#include "flow.h"
#include "move.h"
#include "queue.h"
#include "rx.h"
#include "stats.h"
#include "tx.h"
#include "vector.h"
#include "vport.h"
#include "xdp.h"

TRACE_DEFINE_ENUM(VMMQ_HASH_NONE);
TRACE_DEFINE_ENUM(VMMQ_HASH_IPV4);
TRACE_DEFINE_ENUM(VMMQ_HASH_TCP_IPV4);
TRACE_DEFINE_ENUM(VMMQ_HASH_UDP_IPV4);
TRACE_DEFINE_ENUM(VMMQ_HASH_IPV6);
TRACE_DEFINE_ENUM(VMMQ_HASH_TCP_IPV6);
TRACE_DEFINE_ENUM(VMMQ_HASH_UDP_IPV6);
TRACE_DEFINE_ENUM(VMMQ_HASH_IPV6_EX);
TRACE_DEFINE_ENUM(VMMQ_HASH_TCP_IPV6_EX);
TRACE_DEFINE_ENUM(VMMQ_HASH_UDP_IPV6_EX);
TRACE_DEFINE_ENUM(VMMQ_TX_PRESENT);
TRACE_DEFINE_ENUM(VMMQ_TX_DEFAULT);
TRACE_DEFINE_ENUM(VMMQ_TX_OWN);
TRACE_DEFINE_ENUM(VMMQ_DROP_RX_DOWN);
TRACE_DEFINE_ENUM(VMMQ_DROP_RX_OVERSIZE);
TRACE_DEFINE_ENUM(VMMQ_DROP_RX_NOMEM);
TRACE_DEFINE_ENUM(VMMQ_DROP_RX_BUSY);
TRACE_DEFINE_ENUM(VMMQ_DROP_RX_MALFORMED);
TRACE_DEFINE_ENUM(VMMQ_DROP_RX_LOOPBACK);
TRACE_DEFINE_ENUM(VMMQ_DROP_RX_RULE);
TRACE_DEFINE_ENUM(VMMQ_DROP_TX_UNMATCHED);
TRACE_DEFINE_ENUM(VMMQ_DROP_TX_OWN);
TRACE_DEFINE_ENUM(VMMQ_DROP_TX_MALFORMED);
TRACE_DEFINE_ENUM(VMMQ_DROP_TX_NOMEM);
TRACE_DEFINE_ENUM(VMMQ_DROP_TX_DOWN);
TRACE_DEFINE_ENUM(VMMQ_DROPS);
TRACE_DEFINE_ENUM(VMMQ_XDP_PASS);
TRACE_DEFINE_ENUM(VMMQ_XDP_DROP);
TRACE_DEFINE_ENUM(VMMQ_XDP_TX);
TRACE_DEFINE_ENUM(VMMQ_XDP_REDIRECT);
TRACE_DEFINE_ENUM(VMMQ_XDP_ABORTED);
TRACE_DEFINE_ENUM(VMMQ_XDP_ERROR);
TRACE_DEFINE_ENUM(VMMQ_FILTER_ADDED);
TRACE_DEFINE_ENUM(VMMQ_FILTER_MOVED);
TRACE_DEFINE_ENUM(VMMQ_FILTER_DELETED);

#define vmmq_show_hash_type(type)					\
	__print_symbolic(type,						\
		{ VMMQ_HASH_NONE,		"none" },		\
		{ VMMQ_HASH_IPV4,		"ipv4" },		\
		{ VMMQ_HASH_TCP_IPV4,		"tcp_ipv4" },		\
		{ VMMQ_HASH_UDP_IPV4,		"udp_ipv4" },		\
		{ VMMQ_HASH_IPV6,		"ipv6" },		\
		{ VMMQ_HASH_TCP_IPV6,		"tcp_ipv6" },		\
		{ VMMQ_HASH_UDP_IPV6,		"udp_ipv6" },		\
		{ VMMQ_HASH_IPV6_EX,		"ipv6_ex" },		\
		{ VMMQ_HASH_TCP_IPV6_EX,	"tcp_ipv6_ex" },	\
		{ VMMQ_HASH_UDP_IPV6_EX,	"udp_ipv6_ex" })

#define vmmq_show_tx_case(which)					\
	__print_symbolic(which,						\
		{ VMMQ_TX_PRESENT,		"present" },		\
		{ VMMQ_TX_DEFAULT,		"default" },		\
		{ VMMQ_TX_OWN,			"own" })

#define vmmq_show_drop(reason)						\
	__print_symbolic(reason,					\
		{ VMMQ_DROP_RX_DOWN,		"rx_down" },		\
		{ VMMQ_DROP_RX_OVERSIZE,	"rx_oversize" },	\
		{ VMMQ_DROP_RX_NOMEM,		"rx_nomem" },		\
		{ VMMQ_DROP_RX_BUSY,		"rx_busy" },		\
		{ VMMQ_DROP_RX_MALFORMED,	"rx_malformed" },	\
		{ VMMQ_DROP_RX_LOOPBACK,	"rx_loopback" },	\
		{ VMMQ_DROP_RX_RULE,		"rx_rule" },		\
		{ VMMQ_DROP_TX_UNMATCHED,	"tx_unmatched" },	\
		{ VMMQ_DROP_TX_OWN,		"tx_own" },		\
		{ VMMQ_DROP_TX_MALFORMED,	"tx_malformed" },	\
		{ VMMQ_DROP_TX_NOMEM,		"tx_nomem" },		\
		{ VMMQ_DROP_TX_DOWN,		"tx_down" },		\
		{ VMMQ_DROPS,			"rx_missed" })

#define vmmq_show_verdict(verdict)					\
	__print_symbolic(verdict,					\
		{ VMMQ_XDP_PASS,		"pass" },		\
		{ VMMQ_XDP_DROP,		"drop" },		\
		{ VMMQ_XDP_TX,			"tx" },			\
		{ VMMQ_XDP_REDIRECT,		"redirect" },		\
		{ VMMQ_XDP_ABORTED,		"aborted" },		\
		{ VMMQ_XDP_ERROR,		"error" })

#define vmmq_show_filter_action(action)					\
	__print_symbolic(action,					\
		{ VMMQ_FILTER_ADDED,		"added" },		\
		{ VMMQ_FILTER_MOVED,		"moved" },		\
		{ VMMQ_FILTER_DELETED,		"deleted" })

TRACE_EVENT(vmmq_xmit,
	TP_PROTO(const struct net_device *dev, const struct sk_buff *skb,
		 const struct vmmq_tx_choice *choice),
	TP_ARGS(dev, skb, choice),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, queue)
		__field(u16, want)
		__field(u32, hash)
		__field(int, which)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->ifindex = dev->ifindex;
		__entry->queue = skb_get_queue_mapping(skb);
		__entry->want = choice->queue;
		__entry->hash = choice->hash;
		__entry->which = choice->which;
		__entry->len = skb->len;
	),
	TP_printk("ifindex=%d queue=%u want=%u hash=0x%08x case=%s len=%u",
		  __entry->ifindex, __entry->queue, __entry->want,
		  __entry->hash, vmmq_show_tx_case(__entry->which),
		  __entry->len)
);

TRACE_EVENT(vmmq_steer,
	TP_PROTO(const struct vmmq_vport *vport, int from, unsigned int len,
		 const struct vmmq_steering *steering),
	TP_ARGS(vport, from, len, steering),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(int, from)
		__field(u32, hash)
		__field(u8, type)
		__field(int, entry)
		__field(u16, queue)
		__field(u32, cpu)
		__field(u32, len)
		__field(int, rule)
		__field(u32, context)
	),
	TP_fast_assign(
		__entry->ifindex = vport->dev->ifindex;
		__entry->from = from;
		__entry->hash = steering->hash;
		__entry->type = steering->hash_type;
		__entry->entry = steering->entry;
		__entry->queue = steering->queue->index;
		__entry->cpu = READ_ONCE(steering->queue->vector->cpu);
		__entry->len = len;
		__entry->rule = steering->rule;
		__entry->context = steering->context;
	),
	TP_printk("ifindex=%d from=%d hash=0x%08x type=%s entry=%d queue=%u cpu=%u len=%u rule=%d context=%u",
		  __entry->ifindex, __entry->from, __entry->hash,
		  vmmq_show_hash_type(__entry->type), __entry->entry,
		  __entry->queue, __entry->cpu, __entry->len, __entry->rule,
		  __entry->context)
);

TRACE_EVENT(vmmq_receive,
	TP_PROTO(const struct vmmq_queue *q, const struct sk_buff *skb,
		 unsigned int len),
	TP_ARGS(q, skb, len),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, queue)
		__field(u32, cpu)
		__field(u32, hash)
		__field(u8, l4)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->ifindex = q->vport->dev->ifindex;
		__entry->queue = q->index;
		__entry->cpu = smp_processor_id();
		__entry->hash = skb_get_hash_raw(skb);
		__entry->l4 = skb->l4_hash;
		__entry->len = len;
	),
	TP_printk("ifindex=%d queue=%u cpu=%u hash=0x%08x l4=%u len=%u",
		  __entry->ifindex, __entry->queue, __entry->cpu,
		  __entry->hash, __entry->l4, __entry->len)
);

TRACE_EVENT(vmmq_tx_complete,
	TP_PROTO(const struct vmmq_queue *q, u32 packets, u64 bytes),
	TP_ARGS(q, packets, bytes),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, queue)
		__field(u32, cpu)
		__field(u32, packets)
		__field(u64, bytes)
	),
	TP_fast_assign(
		__entry->ifindex = q->vport->dev->ifindex;
		__entry->queue = q->index;
		__entry->cpu = smp_processor_id();
		__entry->packets = packets;
		__entry->bytes = bytes;
	),
	TP_printk("ifindex=%d queue=%u cpu=%u packets=%u bytes=%llu",
		  __entry->ifindex, __entry->queue, __entry->cpu,
		  __entry->packets, __entry->bytes)
);

TRACE_EVENT(vmmq_interrupt,
	TP_PROTO(const struct vmmq_vector *vector),
	TP_ARGS(vector),
	TP_STRUCT__entry(
		__field(u32, adapter)
		__field(u32, vector)
		__field(u32, irq)
		__field(u32, cpu)
	),
	TP_fast_assign(
		__entry->adapter = vector->adapter->id;
		__entry->vector = vector->index;
		__entry->irq = vector->irq;
		__entry->cpu = smp_processor_id();
	),
	TP_printk("adapter=%u vector=%u irq=%u cpu=%u",
		  __entry->adapter, __entry->vector, __entry->irq,
		  __entry->cpu)
);

TRACE_EVENT(vmmq_poll,
	TP_PROTO(const struct vmmq_queue *q, int work, int budget),
	TP_ARGS(q, work, budget),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, queue)
		__field(u32, cpu)
		__field(int, work)
		__field(int, budget)
	),
	TP_fast_assign(
		__entry->ifindex = q->vport->dev->ifindex;
		__entry->queue = q->index;
		__entry->cpu = smp_processor_id();
		__entry->work = work;
		__entry->budget = budget;
	),
	TP_printk("ifindex=%d queue=%u cpu=%u work=%d budget=%d",
		  __entry->ifindex, __entry->queue, __entry->cpu,
		  __entry->work, __entry->budget)
);

TRACE_EVENT(vmmq_move_start,
	TP_PROTO(const struct vmmq_move *move),
	TP_ARGS(move),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u32, generation)
		__field(u32, gain)
		__field(u32, lose)
		__field(bool, all)
	),
	TP_fast_assign(
		__entry->ifindex = move->vport->dev->ifindex;
		__entry->generation = move->generation;
		__entry->gain = move->num_holds;
		__entry->lose = move->num_departures;
		__entry->all = move->all;
	),
	TP_printk("ifindex=%d generation=%u gain=%u lose=%u all=%d",
		  __entry->ifindex, __entry->generation, __entry->gain,
		  __entry->lose, __entry->all)
);

TRACE_EVENT(vmmq_move_end,
	TP_PROTO(const struct vmmq_move *move),
	TP_ARGS(move),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u32, generation)
		__field(u32, waited)
		__field(s64, ns)
	),
	TP_fast_assign(
		__entry->ifindex = move->vport->dev->ifindex;
		__entry->generation = move->generation;
		__entry->waited = atomic_read(&move->waited);
		__entry->ns = ktime_to_ns(ktime_sub(ktime_get(), move->start));
	),
	TP_printk("ifindex=%d generation=%u waited=%u ns=%lld",
		  __entry->ifindex, __entry->generation, __entry->waited,
		  __entry->ns)
);

TRACE_EVENT(vmmq_xdp,
	TP_PROTO(const struct vmmq_queue *q, const struct vmmq_xdp_buff *buff,
		 int verdict, unsigned int len),
	TP_ARGS(q, buff, verdict, len),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u16, queue)
		__field(u32, cpu)
		__field(u32, hash)
		__field(u8, type)
		__field(int, verdict)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->ifindex = q->vport->dev->ifindex;
		__entry->queue = q->index;
		__entry->cpu = smp_processor_id();
		__entry->hash = buff->hash;
		__entry->type = buff->hash_type;
		__entry->verdict = verdict;
		__entry->len = len;
	),
	TP_printk("ifindex=%d queue=%u cpu=%u hash=0x%08x type=%s verdict=%s len=%u",
		  __entry->ifindex, __entry->queue, __entry->cpu,
		  __entry->hash, vmmq_show_hash_type(__entry->type),
		  vmmq_show_verdict(__entry->verdict), __entry->len)
);

TRACE_EVENT(vmmq_filter,
	TP_PROTO(const struct vmmq_filter_info *filter, int action),
	TP_ARGS(filter, action),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__array(u8, mac, ETH_ALEN)
		__field(int, vlan)
		__field(bool, user)
		__field(int, action)
	),
	TP_fast_assign(
		__entry->ifindex = filter->vport->dev->ifindex;
		ether_addr_copy(__entry->mac, filter->mac);
		__entry->vlan = filter->vid == VMMQ_VID_ANY ? -1 : filter->vid;
		__entry->user = filter->user;
		__entry->action = action;
	),
	TP_printk("ifindex=%d mac=%pM vlan=%d user=%d action=%s",
		  __entry->ifindex, __entry->mac, __entry->vlan,
		  __entry->user, vmmq_show_filter_action(__entry->action))
);

TRACE_EVENT(vmmq_drop,
	TP_PROTO(const struct net_device *dev, int reason, unsigned int len),
	TP_ARGS(dev, reason, len),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(int, reason)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->ifindex = dev->ifindex;
		__entry->reason = reason;
		__entry->len = len;
	),
	TP_printk("ifindex=%d reason=%s len=%u", __entry->ifindex,
		  vmmq_show_drop(__entry->reason), __entry->len)
);

#endif /* _VMMQ_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
