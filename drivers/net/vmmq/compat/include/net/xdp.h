/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/xdp.h>

#ifndef _VMMQ_COMPAT_NET_XDP_H
#define _VMMQ_COMPAT_NET_XDP_H

#ifdef VMMQ_LACKS_NETMEM /* since 6.10 */
#define page_to_netmem(page)	(page)
#endif

#ifdef VMMQ_LACKS_XDP_BUILD_SKB /* since 6.14 */
#include <linux/mm.h>
#include <linux/skbuff.h>

struct sk_buff *xdp_build_skb_from_buff(const struct xdp_buff *xdp);

static inline void vmmq_compat_frag_fill(skb_frag_t *frag, struct page *page,
					 u32 offset, u32 size)
{
#ifdef VMMQ_LACKS_FRAG_FILL_PAGE /* since 6.5 */
	__skb_frag_set_page(frag, page);
	skb_frag_off_set(frag, offset);
	skb_frag_size_set(frag, size);
#else
	skb_frag_fill_page_desc(frag, page, offset, size);
#endif
}

static inline bool vmmq_compat_xdp_add_frag(struct xdp_buff *xdp,
					    struct page *page, u32 offset,
					    u32 size)
{
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);

	if (!xdp_buff_has_frags(xdp)) {
		xdp_buff_set_frags_flag(xdp);
		info->nr_frags = 0;
		info->xdp_frags_size = 0;
	}
	if (info->nr_frags == MAX_SKB_FRAGS)
		return false;
	vmmq_compat_frag_fill(&info->frags[info->nr_frags++], page, offset,
			      size);
	info->xdp_frags_size += size;
	if (page_is_pfmemalloc(page))
		xdp_buff_set_frag_pfmemalloc(xdp);
	return true;
}

#ifdef VMMQ_LACKS_NETMEM
#define xdp_buff_add_frag(xdp, page, offset, size, truesize)		\
	vmmq_compat_xdp_add_frag(xdp, page, offset, size)
#else
#define xdp_buff_add_frag(xdp, netmem, offset, size, truesize)		\
	vmmq_compat_xdp_add_frag(xdp, netmem_to_page(netmem), offset, size)
#endif
#endif

#endif /* _VMMQ_COMPAT_NET_XDP_H */
