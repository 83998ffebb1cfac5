// SPDX-License-Identifier: GPL-2.0
/* From a program's buffer to a frame of the stack: the kernel's own by 6.14. */
#include <linux/etherdevice.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

static void vmmq_compat_add_frags(struct sk_buff *skb,
				  const struct xdp_buff *xdp, u8 frags)
{
	/* Building the skb has cleared the number of frags alone. */
	xdp_update_skb_shared_info(skb, frags, skb_shinfo(skb)->xdp_frags_size,
				   frags * xdp->frame_sz,
				   xdp_buff_is_frag_pfmemalloc((void *)xdp));
}

struct sk_buff *xdp_build_skb_from_buff(const struct xdp_buff *xdp)
{
	int metasize = xdp->data - xdp->data_meta;
	struct sk_buff *skb;
	u8 frags = 0;

	if (xdp_buff_has_frags((struct xdp_buff *)xdp))
		frags = xdp_get_shared_info_from_buff((struct xdp_buff *)xdp)->nr_frags;
	skb = napi_build_skb(xdp->data_hard_start, xdp->frame_sz);
	if (!skb)
		return NULL;
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, xdp->data_end - xdp->data);
	if (metasize > 0)
		skb_metadata_set(skb, metasize);
	if (frags)
		vmmq_compat_add_frags(skb, xdp, frags);
	if (xdp->rxq->mem.type == MEM_TYPE_PAGE_POOL)
		skb_mark_for_recycle(skb);
	skb_record_rx_queue(skb, xdp->rxq->queue_index);
	skb->protocol = eth_type_trans(skb, xdp->rxq->dev);
	return skb;
}
