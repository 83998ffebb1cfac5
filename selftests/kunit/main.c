// SPDX-License-Identifier: GPL-2.0
/* KUnit tests of what vmmq can be tested without a device. */
#include <linux/module.h>

#include "suites.h"

kunit_test_suites(&vmmq_flow_suite, &vmmq_toeplitz_suite, &vmmq_ring_suite,
		  &vmmq_rss_suite);

MODULE_DESCRIPTION("KUnit tests of vmmq");
MODULE_LICENSE("GPL");
