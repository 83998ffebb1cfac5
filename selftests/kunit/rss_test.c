// SPDX-License-Identifier: GPL-2.0
/* From a hash value to a queue. */
#include <linux/slab.h>

#include "rss.h"

#include "suites.h"

#define ENTRIES		128

static struct vmmq_rss *make(struct kunit *test)
{
	struct vmmq_rss *rss;
	unsigned int n;

	rss = kunit_kzalloc(test, struct_size(rss, table, 2 * ENTRIES),
			    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rss);
	rss->mask = ENTRIES - 1;
	rss->default_queue = 3;
	rss->primary_queue = 5;
	for (n = 0; n < ENTRIES; n++)
		rss->table[n] = n * 7 % 64;
	return rss;
}

/* The low bits of the hash choose the entry. */
static void lookup(struct kunit *test)
{
	struct vmmq_rss *rss = make(test);
	u32 entry;

	KUNIT_EXPECT_EQ(test, vmmq_rss_entries(rss), ENTRIES);
	for (entry = 0; entry < ENTRIES; entry++) {
		KUNIT_EXPECT_EQ(test, vmmq_rss_queue(rss, entry),
				entry * 7 % 64);
		KUNIT_EXPECT_EQ(test, vmmq_rss_queue(rss, 0xfffff000 | entry),
				entry * 7 % 64);
	}
}

/* What isn't hashable goes to the default queue, all to the primary one with
 * RSS off.
 */
static void other_queue(struct kunit *test)
{
	struct vmmq_rss *rss = make(test);

	rss->enabled = true;
	KUNIT_EXPECT_EQ(test, vmmq_rss_other_queue(rss), 3);
	rss->enabled = false;
	KUNIT_EXPECT_EQ(test, vmmq_rss_other_queue(rss), 5);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(lookup),
	KUNIT_CASE(other_queue),
	{}
};

struct kunit_suite vmmq_rss_suite = {
	.name = "vmmq_rss",
	.test_cases = cases,
};
