/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all of the tool shares: options, exit statuses, and how a noun is
 * described to main.c.
 */
#ifndef VMMQCTL_CTL_H
#define VMMQCTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct args;

/* Exit statuses */
enum {
	CTL_OK,
	CTL_MISUSED,	/* the command line, or what the tool needs is not there */
	CTL_REFUSED,	/* by the kernel */
};

/* The options in force */
struct ctl {
	bool json;
	bool pretty;
	bool color;
};

extern struct ctl ctl;

/* One verb of a noun. Returns an exit status. */
struct verb {
	const char *name;
	int (*run)(struct args *args);
};

/* A noun: its verbs, or run() if it has none */
struct noun {
	const char *name;
	const char *what;
	const char *help;
	const struct verb *verbs;	/* "show" first; ends with a NULL name */
	int (*run)(struct args *args);
};

extern const struct noun noun_adapter, noun_vport, noun_filter, noun_rss,
			 noun_move, noun_vector, noun_monitor, noun_stats,
			 noun_predict;

/* Says why on standard error and ends with CTL_MISUSED. */
void ctl_misused(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* A line on standard error, beginning with the tool's name */
void ctl_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Memory, and a copy of the first len characters of a text at most; they end
 * the tool when there is none.
 */
void *ctl_realloc(void *old, size_t size);
char *ctl_strndup(const char *text, size_t len);

#define CTL_ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif /* VMMQCTL_CTL_H */
