// SPDX-License-Identifier: GPL-2.0
/*
 * The words of the command line. Everything is read and checked before the
 * kernel hears of it; what is wrong is said together with what would be right.
 */
#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "ctl.h"

#define ARGS_ADAPTER_MAX	10	/* characters of an adapter's name */
#define ARGS_VPORT_MAX		1023
#define ARGS_LIST_MAX		4096	/* numbers of a list */

/* ---- words ---- */

bool args_more(const struct args *args)
{
	return args->left;
}

const char *args_peek(const struct args *args)
{
	return args->left ? args->words[0] : NULL;
}

const char *args_next(struct args *args, const char *what)
{
	if (!args->left)
		ctl_misused("%s is missing", what);
	args->left--;
	return *args->words++;
}

void args_end(const struct args *args)
{
	if (args->left)
		ctl_misused("'%s' is one word too many", args->words[0]);
}

bool args_take(struct args *args, const char *word)
{
	if (!args->left || strcmp(args->words[0], word))
		return false;
	args_next(args, word);
	return true;
}

/* ---- one of a list ---- */

static size_t args_count_prefix(const char *word, const char *const *list,
				size_t *found)
{
	size_t i, count = 0;

	for (i = 0; list[i]; i++) {
		if (!strcmp(word, list[i])) {
			*found = i;
			return 1;
		}
		if (strncmp(word, list[i], strlen(word)))
			continue;
		*found = i;
		count++;
	}
	return count;
}

static const char *args_join(const char *const *list)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return "";
	for (; *list; list++)
		fprintf(out, " %s", *list);
	fclose(out);
	return text;
}

static void __attribute__((noreturn))
args_unknown(const char *word, const char *const *list, const char *what,
	     size_t count)
{
	const char *hint = hint_for(word, list);

	if (count > 1 && *word)
		ctl_misused("'%s' can be more than one %s:%s", word, what,
			    args_join(list));
	if (*word == '-')
		ctl_misused("%s '%s' is not known; options stand before the noun. There are:%s",
			    what, word, args_join(list));
	if (hint)
		ctl_misused("%s '%s' is not known, did you mean '%s'? There are:%s",
			    what, word, hint, args_join(list));
	ctl_misused("%s '%s' is not known. There are:%s", what, word,
		    args_join(list));
}

size_t args_choose(const char *word, const char *const *list, const char *what)
{
	size_t found = 0, count = args_count_prefix(word, list, &found);

	if (count != 1 || !*word)
		args_unknown(word, list, what, count);
	return found;
}

/* ---- values ---- */

uint32_t parse_number(const char *word, const char *what, uint32_t min,
		      uint32_t max)
{
	unsigned long long number;
	char *end;

	number = strtoull(word, &end, 0);
	if (!isdigit((unsigned char)*word) || *end)
		ctl_misused("%s: '%s' is not a number", what, word);
	if (number < min || number > max)
		ctl_misused("%s: %s is not within %u to %u", what, word, min,
			    max);
	return number;
}

static void list_add(struct list *list, const char *what, uint32_t number)
{
	if (list->count == ARGS_LIST_MAX)
		ctl_misused("%s: a list of more than %u numbers", what,
			    ARGS_LIST_MAX);
	list->numbers = ctl_realloc(list->numbers, (list->count + 1) *
				    sizeof(*list->numbers));
	list->numbers[list->count++] = number;
}

struct list parse_list(const char *word, const char *what, uint32_t max)
{
	char *copy = ctl_strndup(word, SIZE_MAX), *rest = copy, *part, *dash;
	struct list list = { };
	uint32_t from, to;

	while ((part = strsep(&rest, ","))) {
		dash = strchr(part, '-');
		if (dash)
			*dash++ = 0;
		from = parse_number(part, what, 0, max);
		to = dash ? parse_number(dash, what, 0, max) : from;
		if (to < from)
			ctl_misused("%s: %u-%u goes backwards", what, from, to);
		for (; from < to; from++)
			list_add(&list, what, from);
		list_add(&list, what, to);
	}
	free(copy);
	return list;
}

const char *parse_name(const char *word, const char *what, size_t max)
{
	const char *c;

	if (!*word || strlen(word) > max)
		ctl_misused("%s: '%s' has not 1 to %zu characters", what, word,
			    max);
	for (c = word; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_.+@-", *c))
			ctl_misused("%s: '%s' has other characters than letters, digits and _.+@-",
				    what, word);
	if (*word == '-' || !strcmp(word, ".") || !strcmp(word, ".."))
		ctl_misused("%s: '%s' is no name", what, word);
	return word;
}

static void parse_mac(const char *word, const char *what, uint8_t mac[6])
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		if (!isxdigit((unsigned char)word[3 * i]) ||
		    !isxdigit((unsigned char)word[3 * i + 1]) ||
		    word[3 * i + 2] != (i < 5 ? ':' : 0))
			ctl_misused("%s: '%s' is not an address such as 02:00:00:00:00:01",
				    what, word);
		mac[i] = strtoul(word + 3 * i, NULL, 16);
	}
}

const char *args_adapter(struct args *args)
{
	return parse_name(args_next(args, "the adapter's name"), "adapter",
			  ARGS_ADAPTER_MAX);
}

static struct dev parse_dev(const char *word)
{
	const char *slash = strchr(word, '/');
	struct dev dev = { };

	if (!slash) {
		dev.ifname = parse_name(word, "net device", IFNAMSIZ - 1);
		return dev;
	}
	dev.adapter = parse_name(ctl_strndup(word, slash - word), "adapter",
				 ARGS_ADAPTER_MAX);
	dev.vport = parse_number(slash + 1, "number of the VPort", 0,
				 ARGS_VPORT_MAX);
	return dev;
}

struct dev args_dev(struct args *args)
{
	return parse_dev(args_next(args,
				   "the VPort (a net device, or ADAPTER/NUMBER)"));
}

void request_dev(struct request *req, const struct dev *dev)
{
	if (dev->ifname) {
		request_string(req, VMMQ_A_VPORT_IFNAME, dev->ifname);
		return;
	}
	request_string(req, VMMQ_A_VPORT_ADAPTER, dev->adapter);
	request_u32(req, VMMQ_A_VPORT_VPORT, dev->vport);
}

struct dev dev_resolve(const struct dev *dev)
{
	struct objects objects;
	struct request req;

	if (!dev->ifname)
		return *dev;
	request_begin(&req, VMMQ_CMD_VPORT_GET);
	request_dev(&req, dev);
	objects = nl_do(&req);
	if (!objects.count)
		ctl_misused("no answer about %s", dev->ifname);
	return (struct dev){
		.adapter = object_string(objects.list, VMMQ_A_VPORT_ADAPTER),
		.vport = object_u32(objects.list, VMMQ_A_VPORT_VPORT),
	};
}

/* ---- types of keywords ---- */

static const char *keyword_word(struct args *args,
				const struct keyword *keyword)
{
	char what[64];

	snprintf(what, sizeof(what), "what follows %s (%s)", keyword->name,
		 keyword->value);
	return args_next(args, what);
}

static void number_parse(struct args *args, const struct keyword *keyword,
			 struct value *value)
{
	value->number = parse_number(keyword_word(args, keyword),
				     keyword->name, keyword->min,
				     keyword->max ? keyword->max : UINT32_MAX);
}

static void number_put(struct request *req, unsigned int attr,
		       const struct value *value)
{
	request_u32(req, attr, value->number);
}

const struct type type_number = { number_parse, number_put };

static void constant_parse(struct args *args, const struct keyword *keyword,
			   struct value *value)
{
	(void)args;
	value->number = keyword->min;
}

const struct type type_constant = { constant_parse, number_put };

static void mac_parse(struct args *args, const struct keyword *keyword,
		      struct value *value)
{
	parse_mac(keyword_word(args, keyword), keyword->name, value->bytes);
	value->size = 6;
}

static void bytes_put(struct request *req, unsigned int attr,
		      const struct value *value)
{
	request_bytes(req, attr, value->bytes, value->size);
}

const struct type type_mac = { mac_parse, bytes_put };

static void text_put(struct request *req, unsigned int attr,
		     const struct value *value)
{
	request_string(req, attr, value->text);
}

static void device_parse(struct args *args, const struct keyword *keyword,
			 struct value *value)
{
	value->text = parse_name(keyword_word(args, keyword), keyword->name,
				 IFNAMSIZ - 1);
}

const struct type type_device = { device_parse, text_put };

/* A list of CPUs as sysfs writes it; the kernel reads it. */
static void text_parse(struct args *args, const struct keyword *keyword,
		       struct value *value)
{
	const char *word = keyword_word(args, keyword);

	if (!*word || strspn(word, "0123456789,-:/") != strlen(word))
		ctl_misused("%s: '%s' is not a list such as 0-3,8",
			    keyword->name, word);
	value->text = word;
}

const struct type type_text = { text_parse, text_put };

static size_t names_list(const struct schema_name *names, const char **list)
{
	size_t i;

	for (i = 0; names[i].name && i < ARGS_KEYWORDS; i++)
		list[i] = names[i].name;
	list[i] = NULL;
	return i;
}

static void enum_parse(struct args *args, const struct keyword *keyword,
		       struct value *value)
{
	const char *list[ARGS_KEYWORDS + 1];
	size_t found;

	names_list(keyword->names, list);
	found = args_choose(keyword_word(args, keyword), list, keyword->name);
	value->number = keyword->names[found].value;
}

const struct type type_enum = { enum_parse, number_put };

static uint32_t parse_flags(const char *word, const struct schema_name *names,
			    const char *what)
{
	char *copy = ctl_strndup(word, SIZE_MAX), *rest = copy, *part;
	const char *list[ARGS_KEYWORDS + 1];
	uint32_t flags = 0;

	names_list(names, list);
	if (!strcmp(word, "none"))
		rest = NULL;
	while ((part = strsep(&rest, ",")))
		flags |= names[args_choose(part, list, what)].value;
	free(copy);
	return flags;
}

static void flags_parse(struct args *args, const struct keyword *keyword,
			struct value *value)
{
	value->number = parse_flags(keyword_word(args, keyword), keyword->names,
				    keyword->name);
}

const struct type type_flags = { flags_parse, number_put };

static void bool_parse(struct args *args, const struct keyword *keyword,
		       struct value *value)
{
	static const char *const list[] = { "off", "on", NULL };

	value->number = args_choose(keyword_word(args, keyword), list,
				    keyword->name);
}

const struct type type_bool = { bool_parse, number_put };

/* A NUMA node, or any */
static void node_parse(struct args *args, const struct keyword *keyword,
		       struct value *value)
{
	const char *word = keyword_word(args, keyword);

	if (!strcmp(word, "any"))
		value->number = keyword->max;
	else
		value->number = parse_number(word, keyword->name, 0,
					     keyword->max - 1);
}

const struct type type_node = { node_parse, number_put };

static void list_parse(struct args *args, const struct keyword *keyword,
		       struct value *value)
{
	value->list = parse_list(keyword_word(args, keyword), keyword->name,
				 keyword->max);
}

static void list_put(struct request *req, unsigned int attr,
		     const struct value *value)
{
	request_bytes(req, attr, value->list.numbers,
		      value->list.count * sizeof(*value->list.numbers));
}

const struct type type_list = { list_parse, list_put };

static void dev_parse(struct args *args, const struct keyword *keyword,
		      struct value *value)
{
	value->dev = parse_dev(keyword_word(args, keyword));
}

static void dev_put(struct request *req, unsigned int attr,
		    const struct value *value)
{
	request_u32(req, attr, value->dev.vport);
}

const struct type type_dev = { dev_parse, dev_put };

/* ---- RSS keys ---- */

static void key_parse_hex(const char *word, const char *what,
			  struct value *value)
{
	const char *c = word;

	value->size = 0;
	while (isxdigit((unsigned char)c[0]) && isxdigit((unsigned char)c[1]) &&
	       value->size < sizeof(value->bytes)) {
		char byte[3] = { c[0], c[1] };

		value->bytes[value->size++] = strtoul(byte, NULL, 16);
		c += 2;
		if (c[0] == ':' && c[1])
			c++;
	}
	if (*c || !value->size)
		ctl_misused("%s: '%s' is no key: pairs of hex digits, with or without colons, or random",
			    what, word);
}

/* "random" stays of size 0: how long a key is, the adapter knows. */
static void key_parse(struct args *args, const struct keyword *keyword,
		      struct value *value)
{
	const char *word = keyword_word(args, keyword);

	if (strcmp(word, "random"))
		key_parse_hex(word, keyword->name, value);
}

const struct type type_key = { key_parse, bytes_put };

/* ---- hash types and field sets ---- */

#define TYPES_BY_FIELDS	UINT32_MAX	/* value->number: fields[] counts */
#define TYPES_UNTOUCHED	UINT32_MAX	/* in fields[] */

static const char *const types_flows[] = {
	"ipv4", "tcp-ipv4", "udp-ipv4", "ipv6", "tcp-ipv6", "udp-ipv6", NULL
};

/* Whether a word goes on with the list of types that came before */
static bool types_goes_on(const char *word)
{
	const struct schema_name *name;
	size_t len = strcspn(word, ",");

	if (strchr(word, '='))
		return true;
	for (name = schema_rss_types; name->name; name++)
		if (strlen(name->name) == len && !strncmp(word, name->name, len))
			return true;
	return false;
}

static void types_parse_set(const char *word, struct value *value)
{
	const char *sign = strchr(word, '=');
	char *flow = ctl_strndup(word, sign - word);
	size_t found = args_choose(flow, types_flows, "flow type");

	free(flow);
	if (value->fields[1 + found] != TYPES_UNTOUCHED)
		ctl_misused("types: %s is given twice", types_flows[found]);
	value->fields[1 + found] = parse_flags(sign + 1, schema_hash_fields,
					       "hash field");
}

static void types_parse(struct args *args, const struct keyword *keyword,
			struct value *value)
{
	const char *word = keyword_word(args, keyword);
	bool sets = strchr(word, '=');
	size_t i;

	for (i = 0; i < CTL_ARRAY_SIZE(value->fields); i++)
		value->fields[i] = TYPES_UNTOUCHED;
	value->number = sets ? TYPES_BY_FIELDS : 0;
	for (;;) {
		if (sets != !!strchr(word, '='))
			ctl_misused("types: either hash types by name, or field sets");
		if (sets)
			types_parse_set(word, value);
		else
			value->number |= parse_flags(word, keyword->names,
						     "hash type");
		if (!args_more(args) || !types_goes_on(args_peek(args)))
			break;
		word = args_next(args, "a hash type");
	}
}

static void types_put(struct request *req, unsigned int attr,
		      const struct value *value)
{
	struct nlattr *nest;
	size_t i;

	if (value->number != TYPES_BY_FIELDS) {
		request_u32(req, attr, value->number);
		return;
	}
	nest = request_nest(req, VMMQ_A_RSS_FIELDS);
	for (i = 1; i < CTL_ARRAY_SIZE(value->fields); i++)
		if (value->fields[i] != TYPES_UNTOUCHED)
			request_u32(req, i, value->fields[i]);
	request_nest_end(req, nest);
}

const struct type type_types = { types_parse, types_put };

/* ---- keywords ---- */

static size_t keyword_index(const char *word, const struct keyword *keywords)
{
	const char *list[ARGS_KEYWORDS + 1];
	size_t i;

	for (i = 0; keywords[i].name; i++)
		list[i] = keywords[i].name;
	list[i] = NULL;
	return args_choose(word, list, "keyword");
}

const struct keyword *args_keyword(const char *word,
				   const struct keyword *keywords)
{
	return &keywords[keyword_index(word, keywords)];
}

/* The same attribute said twice: which one shall it be? */
static void args_once(const struct keyword *keywords,
		      const struct value *values, size_t found)
{
	const struct keyword *new = &keywords[found], *old;
	size_t i;

	for (i = 0; keywords[i].name; i++) {
		old = &keywords[i];
		if (!values[i].given)
			continue;
		if (i == found)
			ctl_misused("%s is given twice", new->name);
		if (old->attr && old->attr == new->attr &&
		    old->nest == new->nest)
			ctl_misused("%s and %s can't be given together",
				    old->name, new->name);
	}
}

void args_keywords(struct args *args, const struct keyword *keywords,
		   struct value *values)
{
	size_t found;

	while (args_more(args)) {
		found = keyword_index(args_next(args, "a keyword"), keywords);
		args_once(keywords, values, found);
		keywords[found].type->parse(args, &keywords[found],
					    &values[found]);
		values[found].given = true;
	}
}

/* Attributes of one nest, or with nest 0 those of the message */
static void args_put_nest(struct request *req, const struct keyword *keywords,
			  const struct value *values, unsigned int nest)
{
	size_t i;

	for (i = 0; keywords[i].name; i++)
		if (values[i].given && keywords[i].attr &&
		    keywords[i].nest == nest)
			keywords[i].type->put(req, keywords[i].attr,
					      &values[i]);
}

void args_put(struct request *req, const struct keyword *keywords,
	      const struct value *values)
{
	struct nlattr *nest;
	uint32_t done = 0;
	size_t i;

	args_put_nest(req, keywords, values, 0);
	for (i = 0; keywords[i].name; i++) {
		if (!values[i].given || !keywords[i].nest ||
		    done & UINT32_C(1) << keywords[i].nest)
			continue;
		nest = request_nest(req, keywords[i].nest);
		args_put_nest(req, keywords, values, keywords[i].nest);
		request_nest_end(req, nest);
		done |= UINT32_C(1) << keywords[i].nest;
	}
}

struct value *args_value(const struct keyword *keywords, struct value *values,
			 const char *name)
{
	size_t i;

	for (i = 0; keywords[i].name; i++)
		if (!strcmp(keywords[i].name, name))
			return &values[i];
	return NULL;
}
