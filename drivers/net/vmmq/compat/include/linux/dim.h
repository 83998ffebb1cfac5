/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/dim.h>

#ifndef _VMMQ_COMPAT_LINUX_DIM_H
#define _VMMQ_COMPAT_LINUX_DIM_H

#ifdef VMMQ_LACKS_DIM_SAMPLE_PTR /* since 6.13 */
static inline void vmmq_compat_net_dim(struct dim *dim,
				       const struct dim_sample *end_sample)
{
	net_dim(dim, *end_sample);
}

#define net_dim vmmq_compat_net_dim
#endif

#endif /* _VMMQ_COMPAT_LINUX_DIM_H */
