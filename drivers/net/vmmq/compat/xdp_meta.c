// SPDX-License-Identifier: GPL-2.0
/* In place of xdp_meta.c: no XDP feature flags and metadata before 6.3. */
#include "../xdp.h"

void vmmq_xdp_setup(struct net_device *dev)
{
}
