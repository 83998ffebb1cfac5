// SPDX-License-Identifier: GPL-2.0
/* VPorts: created, shown, activated and changed, deleted. */
#include <stdio.h>

#include "args.h"
#include "ctl.h"
#include "nl.h"
#include "show.h"
#include "table.h"

/* Those that can be asked for */
static const struct schema_name vport_levels[] = {
	{ "off", VMMQ_MODERATION_LEVEL_OFF },
	{ "low", VMMQ_MODERATION_LEVEL_LOW },
	{ "medium", VMMQ_MODERATION_LEVEL_MEDIUM },
	{ "high", VMMQ_MODERATION_LEVEL_HIGH },
	{ "adaptive", VMMQ_MODERATION_LEVEL_ADAPTIVE },
	{ }
};

static const struct keyword vport_add_keywords[] = {
	{ "mac", "MAC", &type_mac, .attr = VMMQ_A_VPORT_MAC },
	{ "vlan", "VID", &type_number, .attr = VMMQ_A_VPORT_VLAN },
	{ "queues", "N", &type_number, .attr = VMMQ_A_VPORT_QUEUE_PAIRS },
	{ "max-queues", "N", &type_number,
	  .attr = VMMQ_A_VPORT_MAX_QUEUE_PAIRS },
	{ "name", "IFNAME", &type_device, .attr = VMMQ_A_VPORT_IFNAME },
	{ "id", "N", &type_number, .attr = VMMQ_A_VPORT_VPORT },
	{ "state", "STATE", &type_enum, .attr = VMMQ_A_VPORT_STATE,
	  .names = schema_vport_states },
	{ "moderation", "LEVEL", &type_enum, .attr = VMMQ_A_VPORT_MODERATION,
	  .names = vport_levels },
	{ }
};

static const struct keyword vport_set_keywords[] = {
	{ "activate", NULL, &type_constant, .attr = VMMQ_A_VPORT_STATE,
	  .min = VMMQ_VPORT_STATE_ACTIVATED },
	{ "state", "STATE", &type_enum, .attr = VMMQ_A_VPORT_STATE,
	  .names = schema_vport_states },
	{ "queues", "N", &type_number, .attr = VMMQ_A_VPORT_QUEUE_PAIRS },
	{ "moderation", "LEVEL", &type_enum, .attr = VMMQ_A_VPORT_MODERATION,
	  .names = vport_levels },
	{ }
};

static const char vport_help[] =
"usage: vmmqctl vport [show [DEV | adapter NAME]]\n"
"       vmmqctl vport add ADAPTER [mac MAC] [vlan VID] [queues N] [max-queues N]\n"
"                     [name IFNAME] [id N] [state deactivated] [moderation LEVEL]\n"
"       vmmqctl vport set DEV [activate] [queues N] [moderation LEVEL]\n"
"       vmmqctl vport del DEV\n"
"\n"
"A VPort is a port of the adapter's switch, and a net device. 'add' prints the\n"
"name of the new net device.\n"
"\n"
"queues      queue pairs, taken from the adapter's pool (1)\n"
"max-queues  how many it can ever have (the adapter's limit)\n"
"id          its number in the adapter (the lowest that is free)\n"
"state deactivated\n"
"            takes and sends no frame until it is activated\n"
"LEVEL       interrupt moderation: off low medium high adaptive\n";

static void vport_row(struct table *table, const struct object *vport)
{
	uint32_t reason = object_u32(vport, VMMQ_A_VPORT_QUEUE_PAIRS_REASON);

	table_cell(table, "%s", object_string(vport, VMMQ_A_VPORT_IFNAME));
	table_cell(table, "%s", scope_vport(vport));
	table_cell(table, "%s", object_text(vport, VMMQ_A_VPORT_MAC));
	table_cell(table, "%s", object_has(vport, VMMQ_A_VPORT_VLAN) ?
		   object_text(vport, VMMQ_A_VPORT_VLAN) : "-");
	table_cell(table, "%s", object_text(vport, VMMQ_A_VPORT_STATE));
	table_cell(table, "%u/%u", object_u32(vport, VMMQ_A_VPORT_QUEUE_PAIRS),
		   object_u32(vport, VMMQ_A_VPORT_MAX_QUEUE_PAIRS));
	table_cell(table, "%u%s%s%s",
		   object_u32(vport, VMMQ_A_VPORT_QUEUE_PAIRS_EFFECTIVE),
		   reason ? " (" : "",
		   reason ? object_text(vport, VMMQ_A_VPORT_QUEUE_PAIRS_REASON) :
			    "",
		   reason ? ")" : "");
	table_cell(table, "%s", object_text(vport, VMMQ_A_VPORT_MODERATION));
	table_cell(table, "%s %u/%u",
		   object_text(vport, VMMQ_A_VPORT_MODERATION_EFFECTIVE),
		   object_u32(vport, VMMQ_A_VPORT_RX_USECS),
		   object_u32(vport, VMMQ_A_VPORT_RX_FRAMES));
	table_cell(table, "%u", object_u32(vport, VMMQ_A_VPORT_FILTERS));
	table_cell(table, "%s", object_has(vport, VMMQ_A_VPORT_IFINDEX) ? "-" :
		   object_has(vport, VMMQ_A_VPORT_NETNS_ID) ?
		   object_text(vport, VMMQ_A_VPORT_NETNS_ID) : "other");
}

static int vport_show(struct args *args)
{
	static const char *const heads[] = {
		"DEV", "VPORT", "MAC", ">VLAN", "STATE", ">QUEUES", "EFFECTIVE",
		"MODERATION", "EFFECTIVE US/FRAMES", ">FILTERS", "NETNS", NULL
	};
	struct scope scope = args_scope(args);
	struct objects vports;
	struct table table;
	size_t i;

	args_end(args);
	vports = scope_get(&scope, VMMQ_CMD_VPORT_GET);
	if (ctl.json) {
		objects_json(&vports);
		return CTL_OK;
	}
	table_begin(&table, heads);
	for (i = 0; i < vports.count; i++)
		vport_row(&table, &vports.list[i]);
	table_end(&table);
	return CTL_OK;
}

static int vport_add(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	const char *adapter = args_adapter(args);
	struct objects made;
	struct request req;

	args_keywords(args, vport_add_keywords, values);
	request_begin(&req, VMMQ_CMD_VPORT_NEW);
	request_string(&req, VMMQ_A_VPORT_ADAPTER, adapter);
	args_put(&req, vport_add_keywords, values);
	made = nl_do(&req);
	if (ctl.json)
		objects_json(&made);
	else if (made.count)
		puts(object_string(made.list, VMMQ_A_VPORT_IFNAME));
	return CTL_OK;
}

static int vport_set(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	struct dev dev = args_dev(args);
	struct request req;

	if (!args_more(args))
		ctl_misused("what shall change is missing: activate, queues or moderation");
	args_keywords(args, vport_set_keywords, values);
	request_begin(&req, VMMQ_CMD_VPORT_SET);
	request_dev(&req, &dev);
	args_put(&req, vport_set_keywords, values);
	nl_do(&req);
	return CTL_OK;
}

static int vport_del(struct args *args)
{
	struct dev dev = args_dev(args);
	struct request req;

	args_end(args);
	request_begin(&req, VMMQ_CMD_VPORT_DEL);
	request_dev(&req, &dev);
	nl_do(&req);
	return CTL_OK;
}

static const struct verb vport_verbs[] = {
	{ "show", vport_show },
	{ "add", vport_add },
	{ "set", vport_set },
	{ "del", vport_del },
	{ }
};

const struct noun noun_vport = {
	.name = "vport",
	.what = "virtual ports, each a net device",
	.help = vport_help,
	.verbs = vport_verbs,
};
