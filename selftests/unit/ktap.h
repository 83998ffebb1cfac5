/* SPDX-License-Identifier: GPL-2.0 */
/* A test program: a table of tests, reported as KTAP. */
#ifndef UNIT_KTAP_H
#define UNIT_KTAP_H

#include <stdbool.h>
#include <stdio.h>

struct ktap_test {
	const char *name;
	void (*run)(void);
};

static unsigned int ktap_failures;

/* Further failures of one test are counted, not shown. */
#define KTAP_SHOWN	10

#define ktap_check(ok, ...)						\
	do {								\
		if (!(ok) && ktap_failures++ < KTAP_SHOWN) {		\
			printf("# %s:%d: ", __FILE__, __LINE__);	\
			printf(__VA_ARGS__);				\
			printf("\n");					\
		}							\
	} while (0)

static inline int ktap_run(const struct ktap_test *tests, unsigned int n)
{
	unsigned int i, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%u\n", n);
	for (i = 0; i < n; i++) {
		ktap_failures = 0;
		tests[i].run();
		if (ktap_failures > KTAP_SHOWN)
			printf("# %u failures in all\n", ktap_failures);
		printf("%sok %u %s\n", ktap_failures ? "not " : "", i + 1,
		       tests[i].name);
		failed += !!ktap_failures;
	}
	return failed ? 1 : 0;
}

#endif
