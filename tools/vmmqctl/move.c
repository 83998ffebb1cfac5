// SPDX-License-Identifier: GPL-2.0
/*
 * Moves: entries, default and primary processors to other CPUs. All of a
 * command, or of a batch, goes in one request.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "ctl.h"
#include "nl.h"

#define MOVE_WORDS	4096	/* of a batch's line */

struct move {
	struct dev dev;
	uint32_t kind;
	uint32_t index;
	uint32_t cpu;
	uint32_t from;
	bool has_from;
};

/* Everything that is to move */
struct moves {
	struct move *list;
	size_t count;
};

static const char move_help[] =
"usage: vmmqctl move DEV WHAT to CPU [from CPU] [and WHAT to CPU [from CPU]]...\n"
"       vmmqctl move -batch [FILE]\n"
"\n"
"Re-points entries of a VPort's RSS table while traffic flows; no frame is lost,\n"
"no flow reordered. WHAT are entries, 5 or 0-31,64, or 'default' or 'primary',\n"
"the processor of that name. With 'from', only if it is there that they point.\n"
"\n"
"A batch has lines of 'DEV WHAT to CPU ...', all on one adapter, '#' begins a\n"
"comment; it is read from FILE or, without one or with '-', from standard input,\n"
"and goes to the kernel in one request. Lines of the same VPort that follow each\n"
"other are one group, which moves whole or not at all; groups are independent of\n"
"each other. What became of each entry is printed; the exit status is 2 if one\n"
"was refused.\n";

/* ---- from words to moves ---- */

static void moves_add(struct moves *moves, const struct move *move)
{
	moves->list = ctl_realloc(moves->list, (moves->count + 1) *
				  sizeof(*moves->list));
	moves->list[moves->count++] = *move;
}

static void move_parse_cpus(struct args *args, struct move *move)
{
	bool to = false;

	for (;;) {
		if (args_take(args, "to")) {
			move->cpu = parse_number(args_next(args, "the CPU to move to"),
						 "to", 0, UINT32_MAX);
			to = true;
		} else if (args_take(args, "from")) {
			move->from = parse_number(args_next(args, "the CPU to move from"),
						  "from", 0, UINT32_MAX);
			move->has_from = true;
		} else {
			break;
		}
	}
	if (!to)
		ctl_misused("where to move is missing: to CPU");
}

/* WHAT to CPU [from CPU] */
static void move_parse_one(struct args *args, struct moves *moves,
			   const struct dev *dev)
{
	const char *what = args_next(args, "what to move (entries, default or primary)");
	struct move move = { .dev = *dev };
	struct list entries = { };
	size_t i;

	if (!strcmp(what, "default"))
		move.kind = VMMQ_MOVE_KIND_DEFAULT;
	else if (!strcmp(what, "primary"))
		move.kind = VMMQ_MOVE_KIND_PRIMARY;
	else
		entries = parse_list(what, "entries", UINT32_MAX - 1);
	move_parse_cpus(args, &move);
	if (move.kind != VMMQ_MOVE_KIND_ENTRY)
		moves_add(moves, &move);
	for (i = 0; i < entries.count; i++) {
		move.index = entries.numbers[i];
		moves_add(moves, &move);
	}
	free(entries.numbers);
}

/* DEV, then its moves to the end of the words */
static void move_parse(struct args *args, struct moves *moves)
{
	static const char *const joins[] = { "and", "to", "from", NULL };
	struct dev dev = args_dev(args);

	for (;;) {
		move_parse_one(args, moves, &dev);
		if (!args_more(args))
			return;
		if (args_choose(args_next(args, "and"), joins, "keyword"))
			ctl_misused("'to' and 'from' follow what is to move");
	}
}

/* ---- batches ---- */

static void move_parse_line(char *line, struct moves *moves)
{
	static char *words[MOVE_WORDS];
	struct args args = { .words = words };
	char *word;

	line = ctl_strndup(line, SIZE_MAX);	/* names of VPorts stay in it */
	line[strcspn(line, "#")] = 0;
	for (word = strtok(line, " \t\r\n"); word;
	     word = strtok(NULL, " \t\r\n")) {
		if (args.left == MOVE_WORDS)
			ctl_misused("a line of the batch has more than %u words",
				    MOVE_WORDS);
		words[args.left++] = word;
	}
	if (args_more(&args))
		move_parse(&args, moves);
}

static void move_read_batch(struct args *args, struct moves *moves)
{
	const char *name = args_more(args) ? args_next(args, "a file") : "-";
	FILE *file = strcmp(name, "-") ? fopen(name, "re") : stdin;
	char *line = NULL;
	size_t room = 0;

	args_end(args);
	if (!file)
		ctl_misused("can't read %s: %s", name, strerror(errno));
	while (getline(&line, &room, file) >= 0)
		move_parse_line(line, moves);
	if (ferror(file))
		ctl_misused("can't read %s: %s", name, strerror(errno));
	free(line);
	if (!moves->count)
		ctl_misused("%s has nothing to move", name);
}

/* ---- the request and what became of it ---- */

/* Names every VPort by adapter and number; the kernel is asked once for each
 * that is named otherwise. A request is about one adapter.
 */
static void move_resolve(struct moves *moves)
{
	struct dev *named = ctl_realloc(NULL, moves->count * sizeof(*named));
	struct move *move;
	size_t i, j;

	for (i = 0; i < moves->count; i++) {
		move = &moves->list[i];
		named[i] = move->dev;
		for (j = 0; named[i].ifname && j < i; j++)
			if (named[j].ifname &&
			    !strcmp(named[j].ifname, named[i].ifname))
				break;
		move->dev = named[i].ifname && j < i ? moves->list[j].dev :
						       dev_resolve(&named[i]);
		if (strcmp(move->dev.adapter, moves->list[0].dev.adapter))
			ctl_misused("a batch is of one adapter: %s and %s are two",
				    moves->list[0].dev.adapter,
				    move->dev.adapter);
	}
	free(named);
}

static struct objects move_send(const struct moves *moves)
{
	const struct move *move;
	struct nlattr *nest;
	struct request req;
	size_t i;

	request_begin(&req, VMMQ_CMD_RSS_MOVE);
	request_string(&req, VMMQ_A_MOVE_ADAPTER, moves->list[0].dev.adapter);
	for (i = 0; i < moves->count; i++) {
		move = &moves->list[i];
		nest = request_nest(&req, VMMQ_A_MOVE_ENTRY);
		request_u32(&req, VMMQ_A_MOVE_ENTRY_VPORT, move->dev.vport);
		request_u32(&req, VMMQ_A_MOVE_ENTRY_KIND, move->kind);
		if (move->kind == VMMQ_MOVE_KIND_ENTRY)
			request_u32(&req, VMMQ_A_MOVE_ENTRY_INDEX, move->index);
		request_u32(&req, VMMQ_A_MOVE_ENTRY_CPU, move->cpu);
		if (move->has_from)
			request_u32(&req, VMMQ_A_MOVE_ENTRY_FROM, move->from);
		request_nest_end(&req, nest);
	}
	return nl_do(&req);
}

/* Whether an entry goes on where the one before it ended */
static bool move_continues(const struct object *before,
			   const struct object *entry)
{
	static const unsigned int same[] = {
		VMMQ_A_MOVE_ENTRY_VPORT, VMMQ_A_MOVE_ENTRY_CPU,
		VMMQ_A_MOVE_ENTRY_ERROR,
	};
	size_t i;

	for (i = 0; i < CTL_ARRAY_SIZE(same); i++)
		if (object_u32(before, same[i]) != object_u32(entry, same[i]))
			return false;
	return object_u32(entry, VMMQ_A_MOVE_ENTRY_KIND) ==
	       VMMQ_MOVE_KIND_ENTRY &&
	       object_u32(before, VMMQ_A_MOVE_ENTRY_KIND) ==
	       VMMQ_MOVE_KIND_ENTRY &&
	       object_u32(entry, VMMQ_A_MOVE_ENTRY_INDEX) ==
	       object_u32(before, VMMQ_A_MOVE_ENTRY_INDEX) + 1;
}

/* Entries first to last, which have one result */
static void move_print_run(const char *adapter, const struct object *first,
			   const struct object *last)
{
	uint32_t from = object_u32(first, VMMQ_A_MOVE_ENTRY_INDEX);
	uint32_t to = object_u32(last, VMMQ_A_MOVE_ENTRY_INDEX);
	uint32_t error = object_u32(first, VMMQ_A_MOVE_ENTRY_ERROR);

	printf("%s/%u ", adapter, object_u32(first, VMMQ_A_MOVE_ENTRY_VPORT));
	if (object_u32(first, VMMQ_A_MOVE_ENTRY_KIND) != VMMQ_MOVE_KIND_ENTRY)
		printf("%s", object_enum(first, VMMQ_A_MOVE_ENTRY_KIND));
	else if (first == last)
		printf("entry %u", from);
	else
		printf("entries %u-%u", from, to);
	printf(" to CPU %u: %s%s", object_u32(first, VMMQ_A_MOVE_ENTRY_CPU),
	       error ? "refused: " : "moved", error ? strerror(error) : "");
	putchar('\n');
}

static void move_print(const char *adapter, const struct objects *entries)
{
	size_t first, last;

	for (first = 0; first < entries->count; first = last + 1) {
		for (last = first; last + 1 < entries->count; last++)
			if (!move_continues(&entries->list[last],
					    &entries->list[last + 1]))
				break;
		move_print_run(adapter, &entries->list[first],
			       &entries->list[last]);
	}
}

/* Says the reason of each refused group; the number of refused entries. */
static size_t move_complain(const char *adapter, const struct objects *entries)
{
	const struct object *entry;
	size_t i, refused = 0;

	for (i = 0; i < entries->count; i++) {
		entry = &entries->list[i];
		refused += !!object_u32(entry, VMMQ_A_MOVE_ENTRY_ERROR);
		if (object_has(entry, VMMQ_A_MOVE_ENTRY_TEXT))
			ctl_say("%s/%u: %s (%s)", adapter,
				object_u32(entry, VMMQ_A_MOVE_ENTRY_VPORT),
				object_string(entry, VMMQ_A_MOVE_ENTRY_TEXT),
				strerror(object_u32(entry,
						    VMMQ_A_MOVE_ENTRY_ERROR)));
	}
	return refused;
}

static int move_run(struct args *args)
{
	struct moves moves = { };
	struct objects answer, entries = { };
	const char *adapter;
	size_t refused;

	if (args_take(args, "-batch") || args_take(args, "-b"))
		move_read_batch(args, &moves);
	else
		move_parse(args, &moves);
	move_resolve(&moves);
	adapter = moves.list[0].dev.adapter;
	answer = move_send(&moves);
	if (answer.count)
		entries = object_nests(answer.list, VMMQ_A_MOVE_ENTRY);
	if (ctl.json)
		objects_json(&entries);
	else
		move_print(adapter, &entries);
	refused = move_complain(adapter, &entries);
	if (!refused)
		return CTL_OK;
	ctl_say("%zu of %zu moves refused", refused, entries.count);
	return CTL_REFUSED;
}

const struct noun noun_move = {
	.name = "move",
	.what = "moves table entries to other CPUs",
	.help = move_help,
	.run = move_run,
};
