// SPDX-License-Identifier: GPL-2.0
/* What somebody may have meant who wrote another word. */
#include <string.h>

#include "args.h"

#define HINT_LONGEST	32

static size_t hint_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to add, drop, change or swap with the next until a is b. Words that
 * are too long for the table are far apart.
 */
static size_t hint_distance(const char *a, const char *b)
{
	size_t cost[HINT_LONGEST + 1][HINT_LONGEST + 1];
	size_t i, j, m = strlen(a), n = strlen(b);

	if (m > HINT_LONGEST || n > HINT_LONGEST)
		return HINT_LONGEST;
	for (i = 0; i <= m; i++) {
		for (j = 0; j <= n; j++) {
			if (!i || !j) {
				cost[i][j] = i + j;
				continue;
			}
			cost[i][j] = hint_min(cost[i - 1][j - 1] +
					      (a[i - 1] != b[j - 1]),
					      1 + hint_min(cost[i - 1][j],
							   cost[i][j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				cost[i][j] = hint_min(cost[i][j],
						      cost[i - 2][j - 2] + 1);
		}
	}
	return cost[m][n];
}

static bool hint_begins(const char *word, const char *with)
{
	return !strncmp(word, with, strlen(with));
}

const char *hint_for(const char *word, const char *const *list)
{
	size_t best = strlen(word) < 6 ? 1 : strlen(word) / 3, distance;
	const char *found = NULL;

	for (; *list; list++) {
		distance = hint_distance(word, *list);
		if (hint_begins(word, *list))
			distance = 1;
		if (distance > best || (found && distance == best))
			continue;
		best = distance;
		found = *list;
	}
	return found;
}
