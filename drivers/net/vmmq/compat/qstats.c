// SPDX-License-Identifier: GPL-2.0
/* Takes the place of qstats.c where a net device has no queue statistics. */
#include "../qstats.h"

/**
 * vmmq_qstats_setup() - nothing to set up
 * @dev: a VPort's net device
 *
 * Context: any.
 */
void vmmq_qstats_setup(struct net_device *dev)
{
}
