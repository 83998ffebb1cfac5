// SPDX-License-Identifier: GPL-2.0
/* Counters of VPorts, once or again and again with rates. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "args.h"
#include "ctl.h"
#include "json.h"
#include "nl.h"
#include "show.h"
#include "table.h"

#define STATS_NAMES							\
	(UINT32_C(1) << VMMQ_A_VPORT_ADAPTER |				\
	 UINT32_C(1) << VMMQ_A_VPORT_VPORT |				\
	 UINT32_C(1) << VMMQ_A_VPORT_IFINDEX |				\
	 UINT32_C(1) << VMMQ_A_VPORT_IFNAME |				\
	 UINT32_C(1) << VMMQ_A_VPORT_COUNTERS)

/* One look at the counters */
struct sample {
	struct objects vports;
	double time;	/* seconds */
};

static const struct keyword stats_keywords[] = {
	{ "interval", "SECONDS", &type_number, .min = 1, .max = 86400 },
	{ "count", "N", &type_number, .min = 1, .max = UINT32_MAX },
	{ }
};

static const char stats_help[] =
"usage: vmmqctl stats [show] [DEV | adapter NAME] [interval SECONDS [count N]]\n"
"\n"
"Counters of VPorts: sums over their queues since the VPort was made.\n"
"longest-drain is in nanoseconds. With an interval, then again and again (N\n"
"times) how much each rose in a second.\n";

static bool stats_is_rate(unsigned int counter)
{
	return counter != VMMQ_A_COUNTERS_LONGEST_DRAIN;
}

static struct sample stats_take(const struct scope *scope)
{
	struct sample sample = { };
	struct timespec now;

	sample.vports = scope_get(scope, VMMQ_CMD_VPORT_GET);
	clock_gettime(CLOCK_MONOTONIC, &now);
	sample.time = now.tv_sec + now.tv_nsec / 1e9;
	return sample;
}

/* The same VPort of an earlier sample; NULL if there was none */
static const struct object *stats_before(const struct sample *before,
					 const struct object *vport)
{
	const struct object *old;
	size_t i;

	for (i = 0; before && i < before->vports.count; i++) {
		old = &before->vports.list[i];
		if (object_u32(old, VMMQ_A_VPORT_VPORT) ==
		    object_u32(vport, VMMQ_A_VPORT_VPORT) &&
		    !strcmp(object_string(old, VMMQ_A_VPORT_ADAPTER),
			    object_string(vport, VMMQ_A_VPORT_ADAPTER)))
			return old;
	}
	return NULL;
}

/* How much a counter rose in a second. A VPort made anew begins with 0. */
static double stats_rate(const struct object *vport, const struct object *old,
			 unsigned int counter, double seconds)
{
	struct object now = object_nest(vport, VMMQ_A_VPORT_COUNTERS), was;
	uint64_t before = 0, value = object_u64(&now, counter);

	if (old) {
		was = object_nest(old, VMMQ_A_VPORT_COUNTERS);
		before = object_u64(&was, counter);
	}
	return value > before ? (value - before) / seconds : 0;
}

static void stats_json_rates(const struct object *vport,
			     const struct object *old, double seconds)
{
	unsigned int i;

	json_key("seconds");
	json_real(seconds);
	json_key("rates");
	json_object();
	for (i = 0; i <= schema_counters.max; i++) {
		if (!schema_attr(&schema_counters, i) || !stats_is_rate(i))
			continue;
		json_key(schema_counters.attrs[i].name);
		json_real(stats_rate(vport, old, i, seconds));
	}
	json_object_end();
}

static void stats_json(const struct sample *sample, const struct sample *before)
{
	const struct object *vport;
	size_t i;

	json_array();
	for (i = 0; i < sample->vports.count; i++) {
		vport = &sample->vports.list[i];
		json_object();
		object_json_members(vport, STATS_NAMES);
		if (before)
			stats_json_rates(vport, stats_before(before, vport),
					 sample->time - before->time);
		json_object_end();
	}
	json_array_end();
}

static void stats_row(struct table *table, const struct object *vport,
		      const struct sample *sample, const struct sample *before)
{
	struct object counters = object_nest(vport, VMMQ_A_VPORT_COUNTERS);
	const struct object *old = stats_before(before, vport);
	unsigned int i;

	table_cell(table, "%s", object_string(vport, VMMQ_A_VPORT_IFNAME));
	for (i = VMMQ_A_COUNTERS_RX_PACKETS; i <= schema_counters.max; i++) {
		if (before && stats_is_rate(i))
			table_cell(table, "%.0f", stats_rate(vport, old, i,
							     sample->time -
							     before->time));
		else
			table_cell(table, "%" PRIu64,
				   object_u64(&counters, i));
	}
}

static void stats_print(const struct sample *sample,
			const struct sample *before)
{
	static const char *const heads[] = {
		"DEV", ">RX-PACKETS", ">RX-BYTES", ">RX-MISSED", ">RX-DROPPED",
		">TX-PACKETS", ">TX-BYTES", ">TX-DROPPED", ">INTERRUPTS",
		">MOVED", ">WAITED", ">DRAIN-NS", NULL
	};
	struct table table;
	size_t i;

	if (ctl.json) {
		stats_json(sample, before);
		return;
	}
	table_begin(&table, heads);
	for (i = 0; i < sample->vports.count; i++)
		stats_row(&table, &sample->vports.list[i], sample, before);
	table_end(&table);
}

static void stats_repeat(const struct scope *scope, struct sample before,
			 uint32_t interval, uint32_t count)
{
	const struct timespec pause = { .tv_sec = interval };
	struct sample sample;

	while (count--) {
		nanosleep(&pause, NULL);
		sample = stats_take(scope);
		stats_print(&sample, &before);
		if (fflush(stdout))
			ctl_misused("can't write");
		objects_free(&before.vports);
		before = sample;
	}
}

static bool stats_keyword_next(const struct args *args)
{
	return args_more(args) && (!strcmp(args_peek(args), "interval") ||
				   !strcmp(args_peek(args), "count"));
}

static int stats_run(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	const struct value *interval, *count;
	struct sample sample;
	struct scope scope = { };

	args_take(args, "show");
	if (!stats_keyword_next(args))
		scope = args_scope(args);
	args_keywords(args, stats_keywords, values);
	interval = args_value(stats_keywords, values, "interval");
	count = args_value(stats_keywords, values, "count");
	if (count->given && !interval->given)
		ctl_misused("count goes with interval SECONDS");
	sample = stats_take(&scope);
	if (!interval->given)
		stats_print(&sample, NULL);
	else
		stats_repeat(&scope, sample, interval->number,
			     count->given ? count->number : UINT32_MAX);
	return CTL_OK;
}

const struct noun noun_stats = {
	.name = "stats",
	.what = "counters of VPorts",
	.help = stats_help,
	.run = stats_run,
};
