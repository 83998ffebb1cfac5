// SPDX-License-Identifier: GPL-2.0
/* Filters: the addresses that select a VPort. */
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "ctl.h"
#include "nl.h"
#include "show.h"
#include "table.h"

#define FILTER_KEYWORDS							\
	{ "mac", "MAC", &type_mac, .attr = VMMQ_A_FILTER_MAC },		\
	{ "vlan", "VID", &type_number, .attr = VMMQ_A_FILTER_VLAN }

static const struct keyword filter_keywords[] = {
	FILTER_KEYWORDS,
	{ }
};

static const struct keyword filter_move_keywords[] = {
	FILTER_KEYWORDS,
	{ "to", "DEV2", &type_dev, .attr = VMMQ_A_FILTER_TO },
	{ }
};

static const char filter_help[] =
"usage: vmmqctl filter [show [DEV [mac MAC [vlan VID]] | adapter NAME]]\n"
"       vmmqctl filter add DEV mac MAC [vlan VID]\n"
"       vmmqctl filter move DEV mac MAC [vlan VID] to DEV2\n"
"       vmmqctl filter del DEV mac MAC [vlan VID]\n"
"\n"
"A filter lets frames to MAC select a VPort: in all VLANs, in one of them, or\n"
"with VID 0 only without a tag. 'move' gives it to another VPort of the adapter\n"
"at one instant. Filters that follow a net device's own address are changed\n"
"with 'ip link'.\n";

static void filter_row(struct table *table, const struct object *filter)
{
	table_cell(table, "%s", object_string(filter, VMMQ_A_FILTER_IFNAME));
	table_cell(table, "%s", scope_vport(filter));
	table_cell(table, "%s", object_text(filter, VMMQ_A_FILTER_MAC));
	table_cell(table, "%s", !object_has(filter, VMMQ_A_FILTER_VLAN) ?
		   "any" : !object_u32(filter, VMMQ_A_FILTER_VLAN) ?
		   "untagged" : object_text(filter, VMMQ_A_FILTER_VLAN));
	table_cell(table, "%s", object_has(filter, VMMQ_A_FILTER_DEVICE) ?
		   "device" : "user");
}

static void filter_print(const struct objects *filters)
{
	static const char *const heads[] = {
		"DEV", "VPORT", "MAC", ">VLAN", "BY", NULL
	};
	struct table table;
	size_t i;

	if (ctl.json) {
		objects_json(filters);
		return;
	}
	table_begin(&table, heads);
	for (i = 0; i < filters->count; i++)
		filter_row(&table, &filters->list[i]);
	table_end(&table);
}

/* A dump knows of adapters only: those of one VPort are picked here. */
static struct objects filter_of_dev(const struct dev *named)
{
	struct dev dev = dev_resolve(named);
	struct scope scope = { .adapter = dev.adapter };
	struct objects all = scope_get(&scope, VMMQ_CMD_FILTER_GET);
	struct objects found = { .list = all.list };
	size_t i;

	for (i = 0; i < all.count; i++)
		if (object_u32(&all.list[i], VMMQ_A_FILTER_VPORT) == dev.vport)
			found.list[found.count++] = all.list[i];
	return found;
}

static void filter_read(struct args *args, const struct keyword *keywords,
			struct value *values)
{
	args_keywords(args, keywords, values);
	if (!args_value(keywords, values, "mac")->given)
		ctl_misused("the filter's address is missing: mac MAC");
}

static struct objects filter_do(unsigned int cmd, const struct dev *dev,
				const struct keyword *keywords,
				const struct value *values)
{
	struct request req;

	request_begin(&req, cmd);
	request_dev(&req, dev);
	args_put(&req, keywords, values);
	return nl_do(&req);
}

static int filter_show(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	struct scope scope = args_scope(args);
	struct objects filters;

	if (scope.one && args_more(args)) {
		filter_read(args, filter_keywords, values);
		filters = filter_do(VMMQ_CMD_FILTER_GET, &scope.dev,
				    filter_keywords, values);
	} else {
		args_end(args);
		filters = scope.one ? filter_of_dev(&scope.dev) :
				      scope_get(&scope, VMMQ_CMD_FILTER_GET);
	}
	filter_print(&filters);
	return CTL_OK;
}

static int filter_add(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	struct dev dev = args_dev(args);

	filter_read(args, filter_keywords, values);
	filter_do(VMMQ_CMD_FILTER_NEW, &dev, filter_keywords, values);
	return CTL_OK;
}

static int filter_del(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	struct dev dev = args_dev(args);

	filter_read(args, filter_keywords, values);
	filter_do(VMMQ_CMD_FILTER_DEL, &dev, filter_keywords, values);
	return CTL_OK;
}

/* The request names the other VPort by its number only. */
static void filter_check_adapter(const struct dev *dev, const struct dev *to)
{
	struct dev from = dev_resolve(dev);

	if (strcmp(from.adapter, to->adapter))
		ctl_misused("a filter can't move from adapter %s to %s",
			    from.adapter, to->adapter);
}

static int filter_move(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	struct dev dev = args_dev(args);
	struct value *to;

	filter_read(args, filter_move_keywords, values);
	to = args_value(filter_move_keywords, values, "to");
	if (!to->given)
		ctl_misused("the VPort that gets the filter is missing: to DEV2");
	to->dev = dev_resolve(&to->dev);
	filter_check_adapter(&dev, &to->dev);
	filter_do(VMMQ_CMD_FILTER_MOVE, &dev, filter_move_keywords, values);
	return CTL_OK;
}

static const struct verb filter_verbs[] = {
	{ "show", filter_show },
	{ "add", filter_add },
	{ "move", filter_move },
	{ "del", filter_del },
	{ }
};

const struct noun noun_filter = {
	.name = "filter",
	.what = "addresses that select a VPort",
	.help = filter_help,
	.verbs = filter_verbs,
};
