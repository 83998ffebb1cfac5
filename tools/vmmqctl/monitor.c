// SPDX-License-Identifier: GPL-2.0
/* Notifications, one a line as they come. */
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "ctl.h"
#include "json.h"
#include "nl.h"
#include "table.h"

static const char *const monitor_nouns[] = {
	"adapter", "vport", "filter", "rss", "move", "vector", NULL
};

/* Bit by noun; 0 for all */
static unsigned int monitor_wanted;

static const char monitor_help[] =
"usage: vmmqctl monitor [NOUN]...\n"
"\n"
"Prints what changes, whoever changes it, until it is interrupted: a line for\n"
"each notification, with -j a JSON object with members 'name' (of the\n"
"notification) and 'msg' (its attributes). With NOUNs, adapter vport filter rss\n"
"move vector, only theirs.\n"
"\n"
"The name 'overrun', without msg, says that some were lost because they came\n"
"faster than they were printed.\n";

static bool monitor_wants(const char *noun)
{
	size_t i;

	if (!noun)
		return false;
	for (i = 0; monitor_nouns[i]; i++)
		if (!strcmp(noun, monitor_nouns[i]))
			return !monitor_wanted || monitor_wanted & 1U << i;
	return false;
}

static void monitor_json(const char *name, const struct object *object)
{
	json_object();
	json_key("name");
	json_string(name);
	if (object) {
		json_key("msg");
		object_json(object);
	}
	json_object_end();
}

static void monitor_text(const char *name, const struct object *object)
{
	table_name(name);
	putchar(' ');
	if (object)
		object_line(object);
	putchar('\n');
}

static void monitor_heard(const struct object *object, int lost)
{
	const char *name = lost ? "overrun" : object->op->name;

	if (!lost && !monitor_wants(object->op->noun))
		return;
	if (ctl.json)
		monitor_json(name, object);
	else
		monitor_text(name, object);
	if (fflush(stdout))
		ctl_misused("can't write");
}

static int monitor_run(struct args *args)
{
	while (args_more(args))
		monitor_wanted |= 1U << args_choose(args_next(args, "a noun"),
						    monitor_nouns, "noun");
	nl_monitor(monitor_heard);
}

const struct noun noun_monitor = {
	.name = "monitor",
	.what = "prints changes as they happen",
	.help = monitor_help,
	.run = monitor_run,
};
