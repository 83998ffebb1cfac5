// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the tool's parts that need no kernel: words of the command line,
 * hints, JSON, tables. "parts_test schema" prints the attributes it knows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "ctl.h"
#include "json.h"
#include "table.h"
#include "ktap.h"

struct ctl ctl;

static jmp_buf refusal;
static char complaint[512];

void ctl_misused(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(complaint, sizeof(complaint), format, args);
	va_end(args);
	longjmp(refusal, 1);
}

void ctl_say(const char *format, ...)
{
	(void)format;
}

void *ctl_realloc(void *old, size_t size)
{
	return realloc(old, size);
}

char *ctl_strndup(const char *text, size_t len)
{
	return strndup(text, len);
}

/* Whether a statement is refused with this text in the complaint */
#define refused(says, statement) ({					\
	complaint[0] = 0;						\
	if (!setjmp(refusal)) {						\
		statement;						\
	}								\
	complaint[0] && strstr(complaint, says);			\
})

/* What a statement prints, up to the next use */
static char *printed;
static size_t printed_size;

#define prints(wanted, statement) ({					\
	FILE *console = stdout;						\
									\
	free(printed);							\
	stdout = open_memstream(&printed, &printed_size);		\
	statement;							\
	fclose(stdout);							\
	stdout = console;						\
	!strcmp(printed, wanted);					\
})

static void json_sample(void)
{
	json_array();
	json_object();
	json_key("a");
	json_number(UINT64_MAX);
	json_key("b");
	json_array();
	json_number(1);
	json_number(2);
	json_array_end();
	json_key("c");
	json_object();
	json_object_end();
	json_key("d");
	json_bool(true);
	json_key("e");
	json_null();
	json_object_end();
	json_string("x");
	json_array_end();
}

static void json_plain(void)
{
	ctl.pretty = false;
	ktap_check(prints("[{\"a\":18446744073709551615,\"b\":[1,2],"
			  "\"c\":{},\"d\":true,\"e\":null},\"x\"]\n",
			  json_sample()), "%s", printed);
	ktap_check(prints("[]\n", (json_array(), json_array_end())), "%s",
		   printed);
	ktap_check(prints("[]\n[]\n", (json_array(), json_array_end(),
				       json_array(), json_array_end())),
		   "one after the other: %s", printed);
}

static void json_pretty(void)
{
	ctl.pretty = true;
	ktap_check(prints("[\n"
			  "    {\n"
			  "        \"a\": 18446744073709551615,\n"
			  "        \"b\": [1, 2],\n"
			  "        \"c\": {},\n"
			  "        \"d\": true,\n"
			  "        \"e\": null\n"
			  "    }, \"x\"\n"
			  "]\n", json_sample()), "%s", printed);
	ctl.pretty = false;
}

static void json_quotes(void)
{
	ktap_check(prints("[\"a\\\"b\\\\c\\u000a\\u0001/\xc3\xa4\"]\n",
			  (json_array(),
			   json_string("a\"b\\c\n\1/\xc3\xa4"),
			   json_array_end())), "%s", printed);
}

static void tables(void)
{
	static const char *const heads[] = { "A", ">NUMBER", "LAST", NULL };
	struct table table;

	table_begin(&table, heads);
	table.indent = 2;
	table_cell(&table, "%s", "long name");
	table_cell(&table, "%d", 5);
	table_cell(&table, "%s", "x");
	table_cell(&table, "%s", "b");
	table_cell(&table, "%d", 12345678);
	table_cell(&table, "%s", "");
	ktap_check(prints("  A            NUMBER  LAST\n"
			  "  long name         5  x\n"
			  "  b          12345678  \n", table_end(&table)),
		   "%s", printed);
	table_begin(&table, heads);
	ktap_check(prints("", table_end(&table)), "no rows: %s", printed);
}

static bool list_is(const char *word, size_t count, const uint32_t *numbers)
{
	struct list list = parse_list(word, "list", 4096);
	bool same = list.count == count &&
		    !memcmp(list.numbers, numbers, count * sizeof(*numbers));

	free(list.numbers);
	return same;
}

static void lists(void)
{
	static const uint32_t one[] = { 7 };
	static const uint32_t some[] = { 0, 2, 3, 4, 2 };
	static const char *const bad[] = {
		"", ",", "1,", "1,,2", "-3", "3-", "a", "1-2-3", "1 2", "0x", "+1",
	};
	size_t i;

	ktap_check(list_is("7", 1, one), "a single number");
	ktap_check(list_is("0,2-4,2", 5, some), "in the order given");
	for (i = 0; i < CTL_ARRAY_SIZE(bad); i++)
		ktap_check(refused("is not a number",
				   parse_list(bad[i], "list", 9)),
			   "'%s': %s", bad[i], complaint);
	ktap_check(refused("backwards", parse_list("4-2", "list", 9)),
		   "%s", complaint);
	ktap_check(refused("not within 0 to 9", parse_list("10", "list", 9)),
		   "%s", complaint);
	ktap_check(refused("more than 4096", parse_list("0-4096", "list", 9999)),
		   "%s", complaint);
}

static void numbers(void)
{
	ktap_check(parse_number("0", "n", 0, 5) == 0, "zero");
	ktap_check(parse_number("0x10", "n", 0, 16) == 16, "hexadecimal");
	ktap_check(parse_number("4294967295", "n", 0, UINT32_MAX) == UINT32_MAX,
		   "the largest");
	ktap_check(refused("within", parse_number("4294967296", "n", 0,
						  UINT32_MAX)), "2^32");
	ktap_check(refused("within", parse_number("99999999999999999999999", "n",
						  0, UINT32_MAX)), "too long");
	ktap_check(refused("within 2 to 5", parse_number("1", "n", 2, 5)),
		   "too small: %s", complaint);
	ktap_check(refused("not a number", parse_number("-1", "n", 0, 5)),
		   "negative: %s", complaint);
	ktap_check(refused("not a number", parse_number(" 1", "n", 0, 5)),
		   "blank: %s", complaint);
}

static void names(void)
{
	static const char *const bad[] = {
		"", "a b", "a/b", "a;b", "$x", "-a", ".", "..", "a\n", "\xc3\xa4",
		"sixteen_letters_",
	};
	size_t i;

	ktap_check(!strcmp(parse_name("fifteen_letter@", "n", 15),
			   "fifteen_letter@"), "a good name");
	for (i = 0; i < CTL_ARRAY_SIZE(bad); i++)
		ktap_check(refused("n: '", parse_name(bad[i], "n", 15)),
			   "'%s' is no name", bad[i]);
}

static void choices(void)
{
	static const char *const list[] = { "default", "default-cpu", "off", "on",
					    NULL };

	ktap_check(args_choose("default", list, "word") == 0, "the whole name");
	ktap_check(args_choose("default-", list, "word") == 1, "a beginning");
	ktap_check(args_choose("of", list, "word") == 2, "a short one");
	ktap_check(refused("more than one word: default", args_choose("def", list,
								      "word")),
		   "%s", complaint);
	ktap_check(refused("did you mean 'off'", args_choose("offf", list,
							     "word")),
		   "%s", complaint);
	ktap_check(refused("There are: default default-cpu off on",
			   args_choose("xyz", list, "word")), "%s", complaint);
	ktap_check(!strstr(complaint, "did you mean"), "%s", complaint);
	ktap_check(refused("is not known", args_choose("", list, "word")),
		   "%s", complaint);
	ktap_check(refused("before the noun", args_choose("-j", list, "word")),
		   "%s", complaint);
}

static void hints(void)
{
	static const char *const list[] = { "adapter", "vport", "vector", "add",
					    NULL };
	static const char *const pairs[][2] = {
		{ "adaptr", "adapter" }, { "adpater", "adapter" },
		{ "vprot", "vport" }, { "vectors", "vector" },
		{ "addd", "add" }, { "vportt", "vport" },
	};
	size_t i;

	for (i = 0; i < CTL_ARRAY_SIZE(pairs); i++) {
		const char *hint = hint_for(pairs[i][0], list);

		ktap_check(hint && !strcmp(hint, pairs[i][1]), "%s: %s",
			   pairs[i][0], hint ? hint : "none");
	}
	ktap_check(!hint_for("xyz", list), "not like anything");
	ktap_check(!hint_for("", list), "nothing at all");
	ktap_check(!hint_for("a-word-much-longer-than-any-of-those-there-are",
			     list), "too long");
}

static const struct keyword test_keywords[] = {
	{ "on", NULL, &type_constant, .attr = 1, .min = 1 },
	{ "off", NULL, &type_constant, .attr = 1, .min = 0 },
	{ "mac", "MAC", &type_mac, .attr = 2 },
	{ "types", "TYPE", &type_types, .attr = 3, .names = schema_rss_types },
	{ "key", "HEX", &type_key, .attr = 4 },
	{ "number", "N", &type_number, .attr = 5, .max = 9 },
	{ }
};

static struct value values[ARGS_KEYWORDS];

static void read_words(const char *text)
{
	static char copy[256], *words[32];
	struct args args = { .words = words };
	char *word;

	memset(values, 0, sizeof(values));
	snprintf(copy, sizeof(copy), "%s", text);
	for (word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words[args.left++] = word;
	args_keywords(&args, test_keywords, values);
}

static struct value *value_of(const char *name)
{
	return args_value(test_keywords, values, name);
}

static void keywords(void)
{
	read_words("mac 02:00:00:00:0a:ff num 9 off");
	ktap_check(value_of("mac")->given && value_of("mac")->bytes[5] == 0xff &&
		   value_of("mac")->bytes[4] == 10, "mac");
	ktap_check(value_of("number")->number == 9, "a shortened keyword");
	ktap_check(value_of("off")->given && !value_of("on")->given, "constants");
	ktap_check(refused("on and off", read_words("on off")), "%s", complaint);
	ktap_check(refused("given twice", read_words("num 1 num 2")), "%s",
		   complaint);
	ktap_check(refused("number (N)", read_words("number")), "%s", complaint);
	ktap_check(refused("within 0 to 9", read_words("number 10")), "%s",
		   complaint);
	ktap_check(refused("no key", read_words("key 0")), "%s", complaint);
	ktap_check(refused("no key", read_words("key 00:")), "%s", complaint);
	ktap_check(refused("not an address", read_words("mac 02:00:00:00:0a")),
		   "%s", complaint);
	ktap_check(refused("not an address", read_words("mac 2:0:0:0:0:a")),
		   "%s", complaint);
}

static void keys(void)
{
	read_words("key 00:ff:1a");
	ktap_check(value_of("key")->size == 3 && value_of("key")->bytes[2] == 0x1a,
		   "with colons");
	read_words("key 00ff1A");
	ktap_check(value_of("key")->size == 3 && value_of("key")->bytes[2] == 0x1a,
		   "without");
	read_words("key random");
	ktap_check(!value_of("key")->size, "random");
}

static void hash_types(void)
{
	const struct value *types = value_of("types");

	read_words("types ipv4 udp-ipv6-ex,tcp-ipv4 on");
	ktap_check(types->number == 0x10300 && value_of("on")->given,
		   "by name, then the next keyword");
	read_words("types none off");
	ktap_check(!types->number && value_of("off")->given, "none");
	read_words("types tcp-ipv4=src-addr,dst-port ipv6=none");
	ktap_check(types->fields[VMMQ_A_FIELDS_TCP_IPV4] == 9, "a field set");
	ktap_check(!types->fields[VMMQ_A_FIELDS_IPV6], "an empty one");
	ktap_check(refused("either", read_words("types ipv4 ipv6=src-addr")),
		   "%s", complaint);
	ktap_check(refused("twice", read_words("types ipv4=none ipv4=none")),
		   "%s", complaint);
	ktap_check(refused("did you mean 'udp-ipv4'", read_words("types upd-ipv4")),
		   "%s", complaint);
	ktap_check(refused("more than one hash field",
			   read_words("types ipv4=src")), "%s", complaint);
	ktap_check(refused("keyword 'tcp'", read_words("types ipv4 tcp")),
		   "a type is a whole word: %s", complaint);
	ktap_check(refused("keyword 'ipv5'", read_words("types ipv4 ipv5")),
		   "%s", complaint);
}

static const struct ktap_test tests[] = {
	{ "json_plain", json_plain },
	{ "json_pretty", json_pretty },
	{ "json_quotes", json_quotes },
	{ "tables", tables },
	{ "lists", lists },
	{ "numbers", numbers },
	{ "names", names },
	{ "choices", choices },
	{ "hints", hints },
	{ "keywords", keywords },
	{ "keys", keys },
	{ "hash_types", hash_types },
};

/* "PATH NUMBER KIND NAME=VALUE..." of each attribute, then nests */
static void print_set(const char *path, const struct schema_set *set)
{
	static const char *const kinds[] = {
		"none", "u32", "u64", "string", "flag", "mac", "key", "enum",
		"flags", "u32s", "u64s", "nest", "nests",
	};
	const struct schema_attr *attr;
	const struct schema_name *name;
	char below[128];
	unsigned int i;

	for (i = 0; i <= set->max; i++) {
		attr = schema_attr(set, i);
		if (!attr)
			continue;
		printf("%s.%s %u %s", path, attr->name, i, kinds[attr->kind]);
		for (name = attr->names; name && name->name; name++)
			printf(" %s=%u", name->name, name->value);
		putchar('\n');
		snprintf(below, sizeof(below), "%s.%s", path, attr->name);
		if (attr->set)
			print_set(below, attr->set);
	}
}

static void print_schema(void)
{
	const struct schema_op *op;
	unsigned int cmd;

	for (cmd = 1; cmd <= VMMQ_CMD_MAX; cmd++) {
		op = schema_op(cmd);
		printf("%s %u op\n", op ? op->name : "?", cmd);
		if (op)
			print_set(op->name, op->set);
	}
}

int main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "schema"))
		return ktap_run(tests, CTL_ARRAY_SIZE(tests));
	print_schema();
	return 0;
}
