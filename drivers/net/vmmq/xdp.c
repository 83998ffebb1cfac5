// SPDX-License-Identifier: GPL-2.0
/*
 * Native XDP: a VPort's program, its run over a received frame, and the way
 * out of frames that programs send.
 *
 * A program sees what the wire brings a NIC: single frames with their checksums
 * filled in. Senders leave both to the receiver, so the poll segments and fills
 * in, copies the frame into pages of the queue's own pool, as a NIC's DMA would,
 * and gives the sender's memory back. A frame that passes goes up in those
 * pages. Its checksum has not been verified by anyone: the program may have
 * changed what it covers, so the stack looks for itself.
 *
 * Tags: with rxvlan on, the tag is taken out before the program runs, which can
 * ask for it (xdp_meta.c), and stands beside a frame that passes. A frame that
 * is sent on has lost it, as with a NIC.
 *
 * A frame that a program sends, or that is redirected into a VPort, leaves by
 * that VPort: it goes through the NIC switch like those of the stack, but nobody
 * waits for its completion, so nothing is charged. The receiver's ring is its
 * bound: a full one drops it and counts it, with pause agreed or not.
 *
 * Life: q->xdp exists while there is a program, made before the program is
 * published and freed a grace period after it is gone. A poll reads it once, at
 * its start, and the program for each frame, so a swap takes effect between two
 * frames and stops nothing.
 */
#include <linux/bpf.h>
#include <linux/bpf_trace.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/page_pool/helpers.h>
#include <net/xdp.h>

#include "adapter.h"
#include "census.h"
#include "flow.h"
#include "nicswitch.h"
#include "queue.h"
#include "rss.h"
#include "rx.h"
#include "trace.h"
#include "tx.h"
#include "vport.h"
#include "wire.h"
#include "xdp.h"

/* Pages a queue keeps for reuse */
#define VMMQ_XDP_POOL		256

/* Bytes of a frame in its first page; the others go into pages of their own */
#define VMMQ_XDP_LINEAR		SKB_WITH_OVERHEAD(PAGE_SIZE - XDP_PACKET_HEADROOM)

/* The MTU whose frames fit, two tags included */
#define VMMQ_XDP_MAX_MTU	((unsigned int)(VMMQ_XDP_LINEAR - ETH_HLEN - \
						2 * VLAN_HLEN))

/* ---- what a queue needs ---- */

static struct vmmq_xdp *vmmq_xdp_alloc(struct vmmq_queue *q)
{
	struct page_pool_params params = {
		.pool_size = VMMQ_XDP_POOL,
		.nid = NUMA_NO_NODE,
	};
	struct vmmq_xdp *x;
	int err;

	x = kzalloc(sizeof(*x), GFP_KERNEL);
	if (!x)
		return NULL;
	x->queue = q;
	__skb_queue_head_init(&x->out);
	x->pool = page_pool_create(&params);
	if (IS_ERR(x->pool))
		goto err_free;
	err = xdp_reg_mem_model(&x->mem, MEM_TYPE_PAGE_POOL, x->pool);
	if (err)
		goto err_pool;
	return x;

err_pool:
	page_pool_destroy(x->pool);
err_free:
	kfree(x);
	return NULL;
}

/* The memory model outlives the registration: making one may fail. */
static void vmmq_xdp_unregister(struct vmmq_xdp *x)
{
	if (!xdp_rxq_info_is_reg(&x->rxq))
		return;
	memset(&x->rxq.mem, 0, sizeof(x->rxq.mem));
	xdp_rxq_info_unreg(&x->rxq);
}

static void vmmq_xdp_free(struct vmmq_xdp *x)
{
	vmmq_xdp_unregister(x);
	xdp_unreg_mem_model(&x->mem);
	page_pool_destroy(x->pool);
	kfree(x);
}

static void vmmq_xdp_register(struct vmmq_xdp *x)
{
	struct vmmq_queue *q = x->queue;

	vmmq_xdp_unregister(x);
	/* Cannot fail for a device and an unregistered rxq. */
	WARN_ON(__xdp_rxq_info_reg(&x->rxq, q->vport->dev, q->index,
				   q->napi.napi_id, PAGE_SIZE));
	x->rxq.mem = x->mem;
}

/**
 * vmmq_xdp_queue_init() - make ready a new queue of a VPort with a program
 * @q: a queue pair without its part in XDP, not started
 *
 * Context: process, RTNL.
 * Return: 0 or -ENOMEM.
 */
int vmmq_xdp_queue_init(struct vmmq_queue *q)
{
	struct vmmq_xdp *x;

	if (!rcu_access_pointer(q->vport->xdp_prog))
		return 0;
	x = vmmq_xdp_alloc(q);
	if (!x)
		return -ENOMEM;
	rcu_assign_pointer(q->xdp, x);
	return 0;
}

/**
 * vmmq_xdp_queue_exit() - give up a queue's part in XDP
 * @q: a queue pair without a NAPI, or a grace period after its last poll with
 *	it
 *
 * Context: process.
 */
void vmmq_xdp_queue_exit(struct vmmq_queue *q)
{
	struct vmmq_xdp *x = rcu_dereference_protected(q->xdp, true);

	RCU_INIT_POINTER(q->xdp, NULL);
	if (x)
		vmmq_xdp_free(x);
}

/**
 * vmmq_xdp_queue_start() - tell programs the queue's NAPI
 * @q: a queue pair that got its NAPI, not polled yet; kernels that show programs
 *	its id have given it already
 *
 * Context: process, RTNL.
 */
void vmmq_xdp_queue_start(struct vmmq_queue *q)
{
	struct vmmq_xdp *x = rtnl_dereference(q->xdp);

	if (x)
		vmmq_xdp_register(x);
}

/* ---- the program ---- */

/* A poll that began before may still use them. */
static void vmmq_xdp_detach_queues(struct vmmq_vport *vport)
{
	struct vmmq_xdp *x, *first = NULL;
	unsigned int i;

	for (i = 0; i < vport->max_queues; i++) {
		if (!vport->queues[i])
			continue;
		x = rcu_replace_pointer(vport->queues[i]->xdp, NULL,
					lockdep_rtnl_is_held());
		if (!x)
			continue;
		x->next = first;
		first = x;
	}
	synchronize_net();
	while ((x = first)) {
		first = x->next;
		vmmq_xdp_free(x);
	}
}

static int vmmq_xdp_attach_queues(struct vmmq_vport *vport)
{
	struct vmmq_queue *q;
	struct vmmq_xdp *x;
	unsigned int i;

	for (i = 0; i < vport->max_queues; i++) {
		q = vport->queues[i];
		if (!q)
			continue;
		x = vmmq_xdp_alloc(q);
		if (!x) {
			vmmq_xdp_detach_queues(vport);
			return -ENOMEM;
		}
		vmmq_xdp_register(x);
		rcu_assign_pointer(q->xdp, x);
	}
	return 0;
}

static int vmmq_xdp_check(const struct vmmq_vport *vport,
			  const struct bpf_prog *prog,
			  struct netlink_ext_ack *extack)
{
	unsigned int mtu = vport->dev->mtu;

	if (!prog || prog->aux->xdp_has_frags || mtu <= VMMQ_XDP_MAX_MTU)
		return 0;
	NL_SET_ERR_MSG_FMT_MOD(extack,
			       "MTU %u: at most %u for a program without frags (section xdp.frags)",
			       mtu, VMMQ_XDP_MAX_MTU);
	return -EINVAL;
}

static int vmmq_xdp_setup_prog(struct vmmq_vport *vport, struct bpf_prog *prog,
			       struct netlink_ext_ack *extack)
{
	struct bpf_prog *old = rtnl_dereference(vport->xdp_prog);
	int err;

	err = vmmq_xdp_check(vport, prog, extack);
	if (err)
		return err;
	if (prog && !old) {
		err = vmmq_xdp_attach_queues(vport);
		if (err) {
			NL_SET_ERR_MSG_MOD(extack,
					   "no memory for the queues' page pools");
			return err;
		}
	}
	vport->dev->max_mtu = !prog || prog->aux->xdp_has_frags ?
			      VMMQ_MAX_MTU : VMMQ_XDP_MAX_MTU;
	rcu_assign_pointer(vport->xdp_prog, prog);
	if (old && !prog)
		vmmq_xdp_detach_queues(vport);
	if (old)
		bpf_prog_put(old);
	return 0;
}

/**
 * vmmq_xdp_bpf() - ndo_bpf of a VPort
 * @dev: its net device
 * @bpf: the request; a program's reference is ours on success
 *
 * Context: process, RTNL.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_xdp_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return vmmq_xdp_setup_prog(netdev_priv(dev), bpf->prog,
					   bpf->extack);
	default:
		return -EOPNOTSUPP; /* AF_XDP sockets copy then */
	}
}

/* ---- frames that leave ---- */

/* TX queue lock, RCU. */
static void vmmq_xdp_drop(struct vmmq_vport *vport, struct sk_buff *skb,
			  enum vmmq_drop reason)
{
	vmmq_stats_drop(vport, reason, skb->len);
	kfree_skb(skb);
}

/* TX queue lock, RCU. */
static void vmmq_xdp_unicast(struct vmmq_queue *q, struct sk_buff *skb,
			     const struct vmmq_receivers *to)
{
	struct vmmq_steering steering;

	if (unlikely(to->copies))
		vmmq_tx_copies(q, skb, to);
	vmmq_rx_steer(to->vport, skb, &steering);
	vmmq_cb(skb)->from = NULL;
	if (unlikely(!vmmq_rx_enqueue(to->vport, skb, &steering, 0)))
		kfree_skb(skb);
}

/* TX queue lock, RCU. */
static void vmmq_xdp_forward(struct vmmq_queue *q, struct sk_buff *skb)
{
	struct vmmq_receivers to;

	switch (vmmq_nicswitch_forward(q->vport, skb, &to)) {
	case VMMQ_FORWARD_UNICAST:
		vmmq_xdp_unicast(q, skb, &to);
		break;
	case VMMQ_FORWARD_FLOOD:
		vmmq_tx_copies(q, skb, &to);
		consume_skb(skb);
		break;
	case VMMQ_FORWARD_OWN:
		vmmq_xdp_drop(q->vport, skb, VMMQ_DROP_TX_OWN);
		break;
	case VMMQ_FORWARD_UNMATCHED:
		vmmq_xdp_drop(q->vport, skb, VMMQ_DROP_TX_UNMATCHED);
		break;
	}
}

/* TX queue lock, RCU. */
static void vmmq_xdp_send(struct vmmq_queue *q, struct sk_buff *skb)
{
	struct vmmq_wire_size size = { .packets = 1, .bytes = skb->len };

	vmmq_census_sent(q, skb, &size);
	if (unlikely(READ_ONCE(q->vport->adapter->wire)))
		skb = vmmq_wire_transmit(skb, &size);
	u64_stats_update_begin(&q->tx.syncp);
	u64_stats_inc(&q->tx.packets);
	u64_stats_add(&q->tx.bytes, size.bytes);
	u64_stats_inc(&q->tx.xdp);
	u64_stats_update_end(&q->tx.syncp);
	if (IS_ERR(skb))
		vmmq_stats_drop(q->vport, VMMQ_DROP_TX_NOMEM, size.bytes);
	else
		vmmq_xdp_forward(q, skb);
}

/* From what the stack would get to what the wire would. */
static void vmmq_xdp_to_wire(struct sk_buff *skb)
{
	__skb_push(skb, ETH_HLEN);
	skb->pkt_type = PACKET_HOST;
	skb_metadata_clear(skb);
}

/**
 * vmmq_xdp_xmit() - ndo_xdp_xmit of a VPort
 * @dev: its net device
 * @n: number of frames
 * @frames: frames redirected to it
 * @flags: XDP_XMIT_FLUSH; receivers learn of each frame anyway
 *
 * Context: BH disabled, RCU.
 * Return: frames taken, the others are the caller's; or a negative errno.
 */
int vmmq_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		  u32 flags)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	unsigned int cpu = smp_processor_id();
	const struct vmmq_rss *rss;
	struct vmmq_queue *q;
	struct sk_buff *skb;
	int i;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!vmmq_vport_running(vport)))
		return -ENETDOWN;
	rcu_read_lock();
	rss = rcu_dereference(vport->rss);
	q = vport->queues[cpu % rss->queues];
	__netif_tx_lock(q->txq, cpu);
	for (i = 0; i < n; i++) {
		skb = xdp_build_skb_from_frame(frames[i], dev);
		if (unlikely(!skb))
			break;
		vmmq_xdp_to_wire(skb);
		vmmq_xdp_send(q, skb);
	}
	__netif_tx_unlock(q->txq);
	rcu_read_unlock();
	return i;
}

static void vmmq_xdp_send_out(struct vmmq_xdp *x)
{
	struct vmmq_queue *q = x->queue;
	struct sk_buff *skb;

	rcu_read_lock();
	__netif_tx_lock(q->txq, smp_processor_id());
	while ((skb = __skb_dequeue(&x->out)))
		vmmq_xdp_send(q, skb);
	__netif_tx_unlock(q->txq);
	rcu_read_unlock();
}

static void vmmq_xdp_count(struct vmmq_xdp *x)
{
	struct vmmq_xdp_stats *stats = &x->queue->xdp_stats;
	unsigned int i;

	u64_stats_update_begin(&stats->syncp);
	for (i = 0; i < VMMQ_XDP_VERDICTS; i++)
		u64_stats_add(&stats->count[i], x->count[i]);
	u64_stats_update_end(&stats->syncp);
	memset(x->count, 0, sizeof(x->count));
}

/**
 * vmmq_xdp_flush() - send on what the programs of a poll wanted sent
 * @x: the queue's part
 *
 * Context: NAPI poll of the queue, after its last frame.
 */
void vmmq_xdp_flush(struct vmmq_xdp *x)
{
	if (!skb_queue_empty(&x->out))
		vmmq_xdp_send_out(x);
	if (x->redirected)
		xdp_do_flush();
	x->redirected = false;
	vmmq_xdp_count(x);
}

/* ---- frames that come ---- */

static bool vmmq_xdp_add_page(struct vmmq_xdp *x, struct xdp_buff *xdp,
			      const struct sk_buff *skb, unsigned int offset)
{
	unsigned int size = min_t(unsigned int, skb->len - offset, PAGE_SIZE);
	struct page *page = page_pool_dev_alloc_pages(x->pool);

	if (unlikely(!page))
		return false;
	if (unlikely(skb_copy_bits(skb, offset, page_address(page), size) ||
		     !xdp_buff_add_frag(xdp, page_to_netmem(page), 0, size,
					PAGE_SIZE))) {
		page_pool_recycle_direct(x->pool, page);
		return false;
	}
	return true;
}

/* What a NIC's DMA does. */
static bool vmmq_xdp_copy(struct vmmq_xdp *x, struct xdp_buff *xdp,
			  const struct sk_buff *skb)
{
	unsigned int size = min_t(unsigned int, skb->len, VMMQ_XDP_LINEAR);
	struct page *page = page_pool_dev_alloc_pages(x->pool);
	unsigned int offset;

	if (unlikely(!page))
		return false;
	xdp_init_buff(xdp, PAGE_SIZE, &x->rxq);
	xdp_prepare_buff(xdp, page_address(page), XDP_PACKET_HEADROOM, size,
			 true);
	if (unlikely(skb_copy_bits(skb, 0, xdp->data, size)))
		goto err_return;
	for (offset = size; offset < skb->len; offset += PAGE_SIZE) {
		if (unlikely(!vmmq_xdp_add_page(x, xdp, skb, offset)))
			goto err_return;
	}
	return true;

err_return:
	xdp_return_buff(xdp);
	return false;
}

/* Of a frame past its Ethernet header; false if there was no memory. */
static bool vmmq_xdp_load(struct vmmq_xdp *x, struct sk_buff *skb, u8 hash_type,
			  struct vmmq_xdp_buff *buff)
{
	const struct net_device *dev = x->queue->vport->dev;
	bool copied;

	__skb_push(skb, ETH_HLEN);
	buff->time = 0;
	buff->hash = skb_get_hash_raw(skb);
	buff->hash_type = dev->features & NETIF_F_RXHASH ? hash_type :
							   VMMQ_HASH_NONE;
	buff->vlan_proto = skb_vlan_tag_present(skb) ? skb->vlan_proto : 0;
	buff->vlan_tci = skb_vlan_tag_get(skb);
	copied = vmmq_xdp_copy(x, &buff->xdp, skb);
	__skb_pull(skb, ETH_HLEN);
	return copied;
}

static struct sk_buff *vmmq_xdp_pass(const struct vmmq_xdp_buff *buff)
{
	struct sk_buff *skb = xdp_build_skb_from_buff(&buff->xdp);

	if (unlikely(!skb))
		return NULL;
	if (buff->hash_type != VMMQ_HASH_NONE)
		skb_set_hash(skb, buff->hash,
			     vmmq_hash_type_is_l4(buff->hash_type) ?
			     PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	if (buff->vlan_proto)
		__vlan_hwaccel_put_tag(skb, buff->vlan_proto, buff->vlan_tci);
	return skb;
}

static bool vmmq_xdp_tx(struct vmmq_xdp *x, const struct xdp_buff *xdp)
{
	struct sk_buff *skb = xdp_build_skb_from_buff(xdp);

	if (unlikely(!skb))
		return false;
	vmmq_xdp_to_wire(skb);
	__skb_queue_tail(&x->out, skb);
	return true;
}

static bool vmmq_xdp_redirect(struct vmmq_xdp *x, struct xdp_buff *xdp,
			      struct bpf_prog *prog)
{
	if (unlikely(xdp_do_redirect(x->queue->vport->dev, xdp, prog)))
		return false;
	x->redirected = true;
	return true;
}

/* Returns what became of the frame; *skb is set if it passed. A frame that is
 * none of PASS, TX and REDIRECT is still ours.
 */
static enum vmmq_verdict vmmq_xdp_run(struct vmmq_xdp *x,
				      struct bpf_prog *prog,
				      struct vmmq_xdp_buff *buff,
				      struct sk_buff **skb)
{
	struct net_device *dev = x->queue->vport->dev;
	u32 act = bpf_prog_run_xdp(prog, &buff->xdp);

	switch (act) {
	case XDP_PASS:
		*skb = vmmq_xdp_pass(buff);
		if (likely(*skb))
			return VMMQ_XDP_PASS;
		break;
	case XDP_DROP:
		return VMMQ_XDP_DROP;
	case XDP_TX:
		if (likely(vmmq_xdp_tx(x, &buff->xdp)))
			return VMMQ_XDP_TX;
		break;
	case XDP_REDIRECT:
		if (likely(vmmq_xdp_redirect(x, &buff->xdp, prog)))
			return VMMQ_XDP_REDIRECT;
		break;
	default:
		bpf_warn_invalid_xdp_action(dev, prog, act);
		fallthrough;
	case XDP_ABORTED:
		trace_xdp_exception(dev, prog, act);
		return VMMQ_XDP_ABORTED;
	}
	trace_xdp_exception(dev, prog, act);
	return VMMQ_XDP_ERROR;
}

/* The program was taken away, or the limits changed, since the frame came. */
static bool vmmq_xdp_fits(const struct bpf_prog *prog, struct xdp_buff *xdp)
{
	return likely(!xdp_buff_has_frags(xdp)) || prog->aux->xdp_has_frags;
}

static void vmmq_xdp_finish(struct vmmq_xdp *x, struct vmmq_xdp_buff *buff,
			    enum vmmq_verdict verdict, unsigned int len)
{
	x->count[verdict]++;
	trace_vmmq_xdp(x->queue, buff, verdict, len);
	if (verdict != VMMQ_XDP_PASS && verdict != VMMQ_XDP_TX &&
	    verdict != VMMQ_XDP_REDIRECT)
		xdp_return_buff(&buff->xdp);
}

/* Sets *skb to what is to be handed up. Returns false if the program did not
 * see the frame, which is counted as a drop.
 */
static bool vmmq_xdp_decide(struct vmmq_xdp *x, struct vmmq_xdp_buff *buff,
			    struct sk_buff **skb, unsigned int len)
{
	struct vmmq_vport *vport = x->queue->vport;
	struct bpf_prog *prog = rcu_dereference_bh(vport->xdp_prog);

	if (unlikely(!prog)) {
		*skb = vmmq_xdp_pass(buff);
		if (!*skb)
			vmmq_stats_drop(vport, VMMQ_DROP_RX_NOMEM, len);
	} else if (unlikely(!vmmq_xdp_fits(prog, &buff->xdp))) {
		vmmq_stats_drop(vport, VMMQ_DROP_RX_OVERSIZE, len);
	} else {
		vmmq_xdp_finish(x, buff, vmmq_xdp_run(x, prog, buff, skb), len);
		return true;
	}
	if (!*skb)
		xdp_return_buff(&buff->xdp);
	return *skb;
}

/**
 * vmmq_xdp_receive() - let the program decide about a frame
 * @x: the queue's part
 * @skb: the frame, at its Ethernet header; on return, NULL or what to hand up,
 *	past that header
 *
 * Context: NAPI poll of the queue.
 * Return: false if the frame was lost before the program saw it, and counted as
 * a drop.
 */
bool vmmq_xdp_receive(struct vmmq_xdp *x, struct sk_buff **skb)
{
	struct vmmq_wire_size size = { .packets = 1, .bytes = (*skb)->len };
	struct vmmq_vport *vport = x->queue->vport;
	u8 hash_type = vmmq_cb(*skb)->hash_type;
	struct vmmq_xdp_buff buff;
	struct sk_buff *frame;
	bool taken;

	frame = vmmq_rx_decap(vport->dev, *skb);
	*skb = NULL;
	if (unlikely(!frame || !vmmq_xdp_load(x, frame, hash_type, &buff))) {
		vmmq_stats_drop(vport, VMMQ_DROP_RX_NOMEM, size.bytes);
		kfree_skb(frame);
		return false;
	}
	taken = vmmq_xdp_decide(x, &buff, skb, size.bytes);
	if (likely(taken))
		vmmq_census_received(x->queue, frame, &size, size.bytes);
	consume_skb(frame);
	return taken;
}
