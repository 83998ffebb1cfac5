// SPDX-License-Identifier: GPL-2.0
/* Adapters: created, shown, their processor set changed, deleted. */
#include <stdio.h>

#include "args.h"
#include "ctl.h"
#include "nl.h"
#include "table.h"

#define ADAPTER_ANY_NODE	65535	/* in a request */
#define ADAPTER_A_LINE		4	/* attributes */

#define ADAPTER_PROCESSORS						\
	{ "base-cpu", "N", &type_number, VMMQ_A_PROCESSORS_BASE_CPU,	\
	  .nest = VMMQ_A_ADAPTER_PROCESSORS },					\
	{ "max-cpu", "N", &type_number, VMMQ_A_PROCESSORS_MAX_CPU,	\
	  .nest = VMMQ_A_ADAPTER_PROCESSORS },					\
	{ "max-count", "N", &type_number, VMMQ_A_PROCESSORS_MAX_COUNT,	\
	  .nest = VMMQ_A_ADAPTER_PROCESSORS },					\
	{ "node", "N|any", &type_node, VMMQ_A_PROCESSORS_NODE,		\
	  .nest = VMMQ_A_ADAPTER_PROCESSORS, .max = ADAPTER_ANY_NODE },		\
	{ "one-per-core", "on|off", &type_bool,				\
	  VMMQ_A_PROCESSORS_ONE_PER_CORE,				\
	  .nest = VMMQ_A_ADAPTER_PROCESSORS }

#define ADAPTER_WIRE							\
	{ "wire", "on|off", &type_bool, .attr = VMMQ_A_ADAPTER_WIRE }

#define ADAPTER_LIMIT(name, attr)					\
	{ name, "N", &type_number, VMMQ_A_CAPABILITIES_##attr,		\
	  .nest = VMMQ_A_ADAPTER_CAPABILITIES }

static const struct keyword adapter_add_keywords[] = {
	ADAPTER_LIMIT("queue-pairs", MAX_QUEUE_PAIRS),
	ADAPTER_LIMIT("max-vports", MAX_VPORTS),
	ADAPTER_LIMIT("key-size", KEY_SIZE),
	{ "default-queues", "N", &type_number,
	  .attr = VMMQ_A_ADAPTER_DEFAULT_QUEUE_PAIRS },
	ADAPTER_LIMIT("max-queue-pairs-default", MAX_QUEUE_PAIRS_DEFAULT),
	ADAPTER_LIMIT("max-queue-pairs-vport", MAX_QUEUE_PAIRS_VPORT),
	ADAPTER_LIMIT("max-entries-default", MAX_ENTRIES_DEFAULT),
	ADAPTER_LIMIT("max-entries-vport", MAX_ENTRIES_VPORT),
	ADAPTER_LIMIT("max-filters", MAX_FILTERS),
	ADAPTER_LIMIT("max-vectors", MAX_VECTORS),
	{ "flags", "FLAG,...|none", &type_flags, VMMQ_A_CAPABILITIES_FLAGS,
	  .nest = VMMQ_A_ADAPTER_CAPABILITIES, .names = schema_capabilities },
	ADAPTER_PROCESSORS,
	ADAPTER_WIRE,
	{ }
};

static const struct keyword adapter_set_keywords[] = {
	ADAPTER_PROCESSORS,
	ADAPTER_WIRE,
	{ }
};

static const char adapter_help[] =
"usage: vmmqctl adapter [show [NAME]]\n"
"       vmmqctl adapter add NAME [LIMIT N]... [flags FLAG,...|none] [PROCESSORS]\n"
"                           [wire on|off]\n"
"       vmmqctl adapter set NAME [PROCESSORS] [wire on|off]\n"
"       vmmqctl adapter del NAME\n"
"\n"
"An adapter is one emulated NIC. 'add' creates it, in this network namespace,\n"
"together with its default VPort NAMEv0.\n"
"\n"
"LIMIT   queue-pairs of the pool for all VPorts (1024)\n"
"        max-vports (64)   max-filters (4096)   max-vectors (one a CPU)\n"
"        key-size of RSS, 40 or 52 bytes (40)\n"
"        default-queues: queue pairs the default VPort begins with (1)\n"
"        max-queue-pairs-default, max-queue-pairs-vport: of one VPort\n"
"        max-entries-default, max-entries-vport: of its table\n"
"FLAG    vlan-filter vport-moderation asymmetric-queue-pairs vport-hash\n"
"        (these four if none is given) restricted-table\n"
"PROCESSORS\n"
"        base-cpu N, max-cpu N, max-count N, node N|any, one-per-core on|off\n"
"wire    on: frames pass as a wire carries them, segmented, their checksums\n"
"        filled in and verified; off: as they are (off)\n";

static void adapter_print_flags(const struct object *adapter)
{
	struct object capabilities = object_nest(adapter,
						 VMMQ_A_ADAPTER_CAPABILITIES);

	printf("    capabilities  %s\n",
	       object_text(&capabilities, VMMQ_A_CAPABILITIES_FLAGS));
}

/* All attributes of a nest but one, some on a line */
static void adapter_print_nest(const struct object *adapter, const char *title,
			       unsigned int attr, unsigned int without)
{
	struct object nest = object_nest(adapter, attr);
	unsigned int i, printed = 0;

	for (i = 1; i <= nest.set->max; i++) {
		if (i == without || !object_has(&nest, i))
			continue;
		if (!(printed % ADAPTER_A_LINE))
			printf("%s    %-13s", printed ? "\n" : "",
			       printed ? "" : title);
		printf(" %s %s", nest.set->attrs[i].name,
		       object_text(&nest, i));
		printed++;
	}
	putchar('\n');
}

static void adapter_print_pools(const struct object *adapter)
{
	struct objects pools = object_nests(adapter, VMMQ_A_ADAPTER_POOL);
	size_t i;

	printf("    pools        ");
	for (i = 0; i < pools.count; i++)
		printf(" %s %u/%u", object_enum(&pools.list[i], VMMQ_A_POOL_KIND),
		       object_u32(&pools.list[i], VMMQ_A_POOL_USED),
		       object_u32(&pools.list[i], VMMQ_A_POOL_SIZE));
	objects_free(&pools);
	putchar('\n');
}

static void adapter_print(const struct object *adapter)
{
	struct object processors = object_nest(adapter,
					       VMMQ_A_ADAPTER_PROCESSORS);

	table_name(object_string(adapter, VMMQ_A_ADAPTER_NAME));
	printf(": vports %u vectors %u CPUs %s wire %s\n",
	       object_u32(adapter, VMMQ_A_ADAPTER_VPORTS),
	       object_u32(adapter, VMMQ_A_ADAPTER_VECTORS),
	       object_string(&processors, VMMQ_A_PROCESSORS_CPUS),
	       object_u32(adapter, VMMQ_A_ADAPTER_WIRE) ? "on" : "off");
	adapter_print_pools(adapter);
	adapter_print_flags(adapter);
	adapter_print_nest(adapter, "limits", VMMQ_A_ADAPTER_CAPABILITIES,
			   VMMQ_A_CAPABILITIES_FLAGS);
	adapter_print_nest(adapter, "processors", VMMQ_A_ADAPTER_PROCESSORS,
			   VMMQ_A_PROCESSORS_CPUS);
}

static int adapter_show(struct args *args)
{
	const char *name = args_more(args) ? args_adapter(args) : NULL;
	struct objects adapters;
	struct request req;
	size_t i;

	args_end(args);
	request_begin(&req, VMMQ_CMD_ADAPTER_GET);
	if (name)
		request_string(&req, VMMQ_A_ADAPTER_NAME, name);
	adapters = name ? nl_do(&req) : nl_dump(&req);
	if (ctl.json)
		objects_json(&adapters);
	for (i = 0; !ctl.json && i < adapters.count; i++)
		adapter_print(&adapters.list[i]);
	return CTL_OK;
}

static int adapter_add(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	const char *name = args_adapter(args);
	struct objects made;
	struct request req;

	args_keywords(args, adapter_add_keywords, values);
	request_begin(&req, VMMQ_CMD_ADAPTER_NEW);
	request_string(&req, VMMQ_A_ADAPTER_NAME, name);
	args_put(&req, adapter_add_keywords, values);
	made = nl_do(&req);
	if (ctl.json)
		objects_json(&made);
	return CTL_OK;
}

static int adapter_set(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	const char *name = args_adapter(args);
	struct request req;

	if (!args_more(args))
		ctl_misused("what shall change is missing: base-cpu, max-cpu, max-count, node, one-per-core or wire");
	args_keywords(args, adapter_set_keywords, values);
	request_begin(&req, VMMQ_CMD_ADAPTER_SET);
	request_string(&req, VMMQ_A_ADAPTER_NAME, name);
	args_put(&req, adapter_set_keywords, values);
	nl_do(&req);
	return CTL_OK;
}

static int adapter_del(struct args *args)
{
	const char *name = args_adapter(args);
	struct request req;

	args_end(args);
	request_begin(&req, VMMQ_CMD_ADAPTER_DEL);
	request_string(&req, VMMQ_A_ADAPTER_NAME, name);
	nl_do(&req);
	return CTL_OK;
}

static const struct verb adapter_verbs[] = {
	{ "show", adapter_show },
	{ "add", adapter_add },
	{ "set", adapter_set },
	{ "del", adapter_del },
	{ }
};

const struct noun noun_adapter = {
	.name = "adapter",
	.what = "emulated NICs, their pools and processors",
	.help = adapter_help,
	.verbs = adapter_verbs,
};
