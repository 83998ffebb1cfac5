// SPDX-License-Identifier: GPL-2.0
/* RSS parameters of a VPort: shown with the hits of each entry, and set. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "args.h"
#include "ctl.h"
#include "nl.h"
#include "show.h"
#include "table.h"

#define RSS_ENTRIES_A_LINE	8

static const struct keyword rss_keywords[] = {
	{ "on", NULL, &type_constant, .attr = VMMQ_A_RSS_STATE,
	  .min = VMMQ_RSS_STATE_ON },
	{ "off", NULL, &type_constant, .attr = VMMQ_A_RSS_STATE,
	  .min = VMMQ_RSS_STATE_OFF },
	{ "cpus", "LIST", &type_list, .attr = VMMQ_A_RSS_CPUS, .max = 8191 },
	{ "queues", "LIST", &type_list, .attr = VMMQ_A_RSS_QUEUES, .max = 127 },
	{ "default-cpu", "N", &type_number, .attr = VMMQ_A_RSS_DEFAULT_CPU },
	{ "default-queue", "N", &type_number,
	  .attr = VMMQ_A_RSS_DEFAULT_QUEUE },
	{ "primary-cpu", "N", &type_number, .attr = VMMQ_A_RSS_PRIMARY_CPU },
	{ "types", "TYPE...", &type_types, .attr = VMMQ_A_RSS_TYPES,
	  .names = schema_rss_types },
	{ "input-xfrm", "NAME", &type_enum, .attr = VMMQ_A_RSS_INPUT_XFRM,
	  .names = schema_input_xfrms },
	{ "key", "HEX|random", &type_key, .attr = VMMQ_A_RSS_KEY },
	{ "entries", "N", &type_number, .attr = VMMQ_A_RSS_ENTRIES },
	{ "queue-pairs", "N", &type_number, .attr = VMMQ_A_RSS_QUEUE_PAIRS },
	{ "default", NULL, &type_constant, .attr = VMMQ_A_RSS_USER_TABLE },
	{ }
};

static const char rss_help[] =
"usage: vmmqctl rss [show [DEV | adapter NAME]]\n"
"       vmmqctl rss set DEV PARAMETER...\n"
"\n"
"All parameters of one command take effect together, or none does.\n"
"\n"
"on | off          spread by the table, or give all to the primary processor\n"
"cpus LIST         the table as CPUs, 0,2,4-7; repeated to fill it\n"
"queues LIST       the table as queues, each entry\n"
"default           back to the table that follows the number of queue pairs\n"
"entries N         entries of the table\n"
"default-cpu N | default-queue N\n"
"                  where frames go that can't be hashed\n"
"primary-cpu N     where all go while RSS is off\n"
"queue-pairs N     queue pairs of the VPort\n"
"key HEX|random    the secret key, 6d:5a:...\n"
"types TYPE...     hash types: ipv4 tcp-ipv4 ipv6 ipv6-ex tcp-ipv6 tcp-ipv6-ex\n"
"                  udp-ipv4 udp-ipv6 udp-ipv6-ex, or none; or field sets, FLOW=\n"
"                  src-addr,dst-addr,src-port,dst-port,ex,flow-label or none, with\n"
"                  FLOW one of ipv4 tcp-ipv4 udp-ipv4 ipv6 tcp-ipv6 udp-ipv6\n"
"input-xfrm NAME   symmetric-xor or symmetric-or-xor: both directions of a flow\n"
"                  hash the same; none\n";

/* ---- show ---- */

static bool rss_is_on(const struct object *rss)
{
	return object_u32(rss, VMMQ_A_RSS_STATE) == VMMQ_RSS_STATE_ON;
}

static void rss_print_types(const struct object *rss)
{
	struct object fields = object_nest(rss, VMMQ_A_RSS_FIELDS);
	unsigned int i;

	printf("    types   ");
	if (object_has(rss, VMMQ_A_RSS_TYPES))
		printf(" %s", object_text(rss, VMMQ_A_RSS_TYPES));
	for (i = 1; !object_has(rss, VMMQ_A_RSS_TYPES) &&
	     i <= fields.set->max; i++)
		printf("%s%s=%s", i > 1 ? "\n             " : " ",
		       fields.set->attrs[i].name, object_text(&fields, i));
	putchar('\n');
	if (object_u32(rss, VMMQ_A_RSS_INPUT_XFRM))
		printf("    input    %s\n",
		       object_text(rss, VMMQ_A_RSS_INPUT_XFRM));
}

/* A processor that does not steer has a queue only when it does again. */
static void rss_print_processor(const struct object *rss, const char *name,
				bool steers, unsigned int queue,
				unsigned int cpu)
{
	printf("    %-8s ", name);
	if (steers)
		printf("queue %u CPU %u\n", object_u32(rss, queue),
		       object_u32(rss, cpu));
	else
		printf("CPU %u (tracked)\n", object_u32(rss, cpu));
}

/* Entries and their hits, summed up by queue */
static void rss_sum(const struct object *rss, uint32_t queue, size_t *entries,
		    uint64_t *sum)
{
	struct numbers queues = object_numbers(rss, VMMQ_A_RSS_QUEUES);
	struct numbers hits = object_numbers(rss, VMMQ_A_RSS_HITS);
	size_t i;

	*entries = 0;
	*sum = 0;
	for (i = 0; i < queues.count; i++) {
		if (numbers_u32(&queues, i) != queue)
			continue;
		++*entries;
		*sum += numbers_u64(&hits, i);
	}
}

static void rss_print_queues(const struct object *rss)
{
	static const char *const heads[] = {
		">QUEUE", ">CPU", ">VECTOR", ">ENTRIES", ">HITS", NULL
	};
	struct numbers cpus = object_numbers(rss, VMMQ_A_RSS_QUEUE_CPUS);
	struct numbers vectors = object_numbers(rss, VMMQ_A_RSS_QUEUE_VECTORS);
	struct table table;
	size_t i, entries;
	uint64_t hits;

	table_begin(&table, heads);
	table.indent = 4;
	for (i = 0; i < cpus.count; i++) {
		rss_sum(rss, i, &entries, &hits);
		table_cell(&table, "%zu", i);
		table_cell(&table, "%u", numbers_u32(&cpus, i));
		table_cell(&table, "%u", numbers_u32(&vectors, i));
		table_cell(&table, "%zu", entries);
		table_cell(&table, "%" PRIu64, hits);
	}
	table_end(&table);
}

/* A line of entries: number of the first, then queue/CPU and hits of each */
static void rss_print_table(const struct object *rss)
{
	static const char *const heads[] = {
		">ENTRY", ">+0", ">+1", ">+2", ">+3", ">+4", ">+5", ">+6",
		">+7", NULL
	};
	struct numbers queues = object_numbers(rss, VMMQ_A_RSS_QUEUES);
	struct numbers cpus = object_numbers(rss, VMMQ_A_RSS_CPUS);
	struct numbers hits = object_numbers(rss, VMMQ_A_RSS_HITS);
	struct table table;
	size_t i;

	printf("    table    queue/CPU hits of each entry%s\n",
	       rss_is_on(rss) ? "" : " (tracked)");
	table_begin(&table, heads);
	table.indent = 4;
	for (i = 0; i < queues.count; i++) {
		if (!(i % RSS_ENTRIES_A_LINE))
			table_cell(&table, "%zu", i);
		table_cell(&table, "%u/%u %" PRIu64, numbers_u32(&queues, i),
			   numbers_u32(&cpus, i), numbers_u64(&hits, i));
	}
	for (; i % RSS_ENTRIES_A_LINE; i++)
		table_cell(&table, "%s", "");
	table_end(&table);
}

static void rss_print(const struct object *rss)
{
	table_name(object_string(rss, VMMQ_A_RSS_IFNAME));
	printf(" (%s): RSS %s, %u queue pairs, %u of %u entries, the table %s\n",
	       scope_vport(rss), object_text(rss, VMMQ_A_RSS_STATE),
	       object_u32(rss, VMMQ_A_RSS_QUEUE_PAIRS),
	       object_u32(rss, VMMQ_A_RSS_ENTRIES),
	       object_u32(rss, VMMQ_A_RSS_MAX_ENTRIES),
	       object_u32(rss, VMMQ_A_RSS_USER_TABLE) ?
	       "is a user's" : "follows the queue pairs");
	printf("    key      %s\n", object_text(rss, VMMQ_A_RSS_KEY));
	rss_print_types(rss);
	rss_print_processor(rss, "default", rss_is_on(rss),
			    VMMQ_A_RSS_DEFAULT_QUEUE, VMMQ_A_RSS_DEFAULT_CPU);
	rss_print_processor(rss, "primary", !rss_is_on(rss),
			    VMMQ_A_RSS_PRIMARY_QUEUE, VMMQ_A_RSS_PRIMARY_CPU);
	rss_print_queues(rss);
	rss_print_table(rss);
}

static int rss_show(struct args *args)
{
	struct scope scope = args_scope(args);
	struct objects all;
	size_t i;

	args_end(args);
	all = scope_get(&scope, VMMQ_CMD_RSS_GET);
	if (ctl.json)
		objects_json(&all);
	for (i = 0; !ctl.json && i < all.count; i++)
		rss_print(&all.list[i]);
	return CTL_OK;
}

/* ---- set ---- */

static void rss_random_key(const struct dev *dev, struct value *key)
{
	const struct scope scope = { .one = true, .dev = *dev };
	struct objects now = scope_get(&scope, VMMQ_CMD_RSS_GET);

	if (!now.count)
		ctl_misused("no answer about the key's size");
	key->size = object_u32(now.list, VMMQ_A_RSS_KEY_SIZE);
	if (!key->size || key->size > sizeof(key->bytes))
		ctl_misused("a key of %zu bytes is none of this tool's",
			    key->size);
	if (getrandom(key->bytes, key->size, 0) != (ssize_t)key->size)
		ctl_misused("no random numbers: %s", strerror(errno));
}

static int rss_set(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	struct dev dev = args_dev(args);
	struct request req;
	struct value *key;

	if (!args_more(args))
		ctl_misused("what shall change is missing; see 'vmmqctl rss help'");
	args_keywords(args, rss_keywords, values);
	key = args_value(rss_keywords, values, "key");
	if (key->given && !key->size)
		rss_random_key(&dev, key);
	request_begin(&req, VMMQ_CMD_RSS_SET);
	request_dev(&req, &dev);
	args_put(&req, rss_keywords, values);
	nl_do(&req);
	return CTL_OK;
}

static const struct verb rss_verbs[] = {
	{ "show", rss_show },
	{ "set", rss_set },
	{ }
};

const struct noun noun_rss = {
	.name = "rss",
	.what = "keys, hash types, tables and hits of entries",
	.help = rss_help,
	.verbs = rss_verbs,
};
