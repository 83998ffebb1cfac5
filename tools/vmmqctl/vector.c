// SPDX-License-Identifier: GPL-2.0
/* Vectors: an adapter's interrupts and the CPUs that take them. */
#include <stdio.h>

#include "args.h"
#include "ctl.h"
#include "nl.h"
#include "table.h"

static const struct keyword vector_keywords[] = {
	{ "affinity", "LIST", &type_text, .attr = VMMQ_A_VECTOR_AFFINITY },
	{ }
};

static const char vector_help[] =
"usage: vmmqctl vector [show [ADAPTER [N]]]\n"
"       vmmqctl vector set ADAPTER N affinity LIST\n"
"\n"
"A vector is one interrupt of an adapter; queues that are bound to it are\n"
"handled on its CPU. LIST are the CPUs that may take it, such as 0-3,8.\n";

static void vector_row(struct table *table, const struct object *vector)
{
	table_cell(table, "%s", object_string(vector, VMMQ_A_VECTOR_ADAPTER));
	table_cell(table, "%u", object_u32(vector, VMMQ_A_VECTOR_INDEX));
	table_cell(table, "%u", object_u32(vector, VMMQ_A_VECTOR_IRQ));
	table_cell(table, "%s", object_string(vector, VMMQ_A_VECTOR_NAME));
	table_cell(table, "%u", object_u32(vector, VMMQ_A_VECTOR_CPU));
	table_cell(table, "%s", object_string(vector, VMMQ_A_VECTOR_AFFINITY));
	table_cell(table, "%u", object_u32(vector, VMMQ_A_VECTOR_QUEUES));
}

static uint32_t vector_index(struct args *args)
{
	return parse_number(args_next(args, "the vector's number"),
			    "number of the vector", 0, UINT32_MAX);
}

static struct objects vector_get(struct args *args)
{
	const char *adapter = args_more(args) ? args_adapter(args) : NULL;
	bool one = args_more(args);
	uint32_t index = one ? vector_index(args) : 0;
	struct request req;

	args_end(args);
	request_begin(&req, VMMQ_CMD_VECTOR_GET);
	if (adapter)
		request_string(&req, VMMQ_A_VECTOR_ADAPTER, adapter);
	if (!one)
		return nl_dump(&req);
	request_u32(&req, VMMQ_A_VECTOR_INDEX, index);
	return nl_do(&req);
}

static int vector_show(struct args *args)
{
	static const char *const heads[] = {
		"ADAPTER", ">VECTOR", ">IRQ", "NAME", ">CPU", "AFFINITY",
		">QUEUES", NULL
	};
	struct objects vectors = vector_get(args);
	struct table table;
	size_t i;

	if (ctl.json) {
		objects_json(&vectors);
		return CTL_OK;
	}
	table_begin(&table, heads);
	for (i = 0; i < vectors.count; i++)
		vector_row(&table, &vectors.list[i]);
	table_end(&table);
	return CTL_OK;
}

static int vector_set(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	const char *adapter = args_adapter(args);
	uint32_t index = vector_index(args);
	struct request req;

	if (!args_more(args))
		ctl_misused("what shall change is missing: affinity LIST");
	args_keywords(args, vector_keywords, values);
	request_begin(&req, VMMQ_CMD_VECTOR_SET);
	request_string(&req, VMMQ_A_VECTOR_ADAPTER, adapter);
	request_u32(&req, VMMQ_A_VECTOR_INDEX, index);
	args_put(&req, vector_keywords, values);
	nl_do(&req);
	return CTL_OK;
}

static const struct verb vector_verbs[] = {
	{ "show", vector_show },
	{ "set", vector_set },
	{ }
};

const struct noun noun_vector = {
	.name = "vector",
	.what = "interrupts and the CPUs that take them",
	.help = vector_help,
	.verbs = vector_verbs,
};
