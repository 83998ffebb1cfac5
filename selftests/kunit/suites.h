/* SPDX-License-Identifier: GPL-2.0 */
/* The suites of the module. */
#ifndef VMMQ_KUNIT_SUITES_H
#define VMMQ_KUNIT_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite vmmq_flow_suite;
extern struct kunit_suite vmmq_toeplitz_suite;
extern struct kunit_suite vmmq_ring_suite;
extern struct kunit_suite vmmq_rss_suite;

#endif
