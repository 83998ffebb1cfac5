// SPDX-License-Identifier: GPL-2.0
/* Attributes of a message, by the spec: read, as JSON, and as text. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "ctl.h"
#include "json.h"
#include "object.h"

#define OBJECT_TEXTS		8	/* texts in use at once */
#define OBJECT_TEXT_SIZE	1024
#define OBJECT_LINE_NUMBERS	8	/* of a table, on one line */

#define object_for_each(nla, object)					\
	for ((nla) = (object)->first;					\
	     mnl_attr_ok((nla), (const char *)(object)->first +		\
				(object)->size - (const char *)(nla));	\
	     (nla) = mnl_attr_next(nla))

/* An attribute of another size than its kind has is taken as absent. */
static bool object_fits(const struct schema_attr *attr,
			const struct nlattr *nla)
{
	uint16_t size = mnl_attr_get_payload_len(nla);

	switch (attr->kind) {
	case KIND_U32:
	case KIND_ENUM:
	case KIND_FLAGS:
		return size == sizeof(uint32_t);
	case KIND_U64:
		return size == sizeof(uint64_t);
	case KIND_MAC:
		return size == 6;
	case KIND_STRING:
		return size && !((const char *)mnl_attr_get_payload(nla))[size - 1];
	case KIND_NONE:
		return false;
	default:
		return true;
	}
}

static struct object object_of(const struct schema_set *set, const void *first,
			       size_t size)
{
	struct object object = { .set = set, .first = first, .size = size };
	const struct schema_attr *attr;
	const struct nlattr *nla;
	unsigned int type;

	object_for_each(nla, &object) {
		type = mnl_attr_get_type(nla);
		attr = schema_attr(set, type);
		if (attr && !object.attr[type] && object_fits(attr, nla))
			object.attr[type] = nla;
	}
	return object;
}

bool object_parse(struct object *object, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct schema_op *op;
	size_t size = mnl_nlmsg_get_payload_len(nlh);

	if (size < GENL_HDRLEN)
		return false;
	op = schema_op(genl->cmd);
	if (!op)
		return false;
	*object = object_of(op->set, (const char *)genl + GENL_HDRLEN,
			    size - GENL_HDRLEN);
	object->op = op;
	return true;
}

static void objects_grow(struct objects *objects, const struct object *object)
{
	objects->list = ctl_realloc(objects->list, (objects->count + 1) *
				    sizeof(*objects->list));
	objects->list[objects->count++] = *object;
}

void objects_add(struct objects *objects, struct nlmsghdr *nlh)
{
	struct object object;

	if (!object_parse(&object, nlh)) {
		free(nlh);
		return;
	}
	object.message = nlh;
	objects_grow(objects, &object);
}

void objects_free(struct objects *objects)
{
	size_t i;

	for (i = 0; i < objects->count; i++)
		free(objects->list[i].message);
	free(objects->list);
	*objects = (struct objects){ };
}

bool object_has(const struct object *object, unsigned int attr)
{
	return object->attr[attr];
}

uint32_t object_u32(const struct object *object, unsigned int attr)
{
	return object->attr[attr] ? mnl_attr_get_u32(object->attr[attr]) : 0;
}

uint64_t object_u64(const struct object *object, unsigned int attr)
{
	return object->attr[attr] ? mnl_attr_get_u64(object->attr[attr]) : 0;
}

const char *object_string(const struct object *object, unsigned int attr)
{
	return object->attr[attr] ? mnl_attr_get_str(object->attr[attr]) : "";
}

const char *object_enum(const struct object *object, unsigned int attr)
{
	const char *name = schema_value_name(object->set->attrs[attr].names,
					     object_u32(object, attr));

	return object->attr[attr] && name ? name : "";
}

const void *object_bytes(const struct object *object, unsigned int attr,
			 size_t *size)
{
	const struct nlattr *nla = object->attr[attr];

	*size = nla ? mnl_attr_get_payload_len(nla) : 0;
	return nla ? mnl_attr_get_payload(nla) : NULL;
}

struct numbers object_numbers(const struct object *object, unsigned int attr)
{
	bool wide = object->set->attrs[attr].kind == KIND_U64S;
	struct numbers numbers;
	size_t size;

	numbers.data = object_bytes(object, attr, &size);
	numbers.count = size / (wide ? sizeof(uint64_t) : sizeof(uint32_t));
	return numbers;
}

uint32_t numbers_u32(const struct numbers *numbers, size_t i)
{
	uint32_t number = 0;

	if (i < numbers->count)
		memcpy(&number, (const char *)numbers->data +
		       i * sizeof(number), sizeof(number));
	return number;
}

uint64_t numbers_u64(const struct numbers *numbers, size_t i)
{
	uint64_t number = 0;

	if (i < numbers->count)
		memcpy(&number, (const char *)numbers->data +
		       i * sizeof(number), sizeof(number));
	return number;
}

static struct object object_in(const struct schema_set *set,
			       const struct nlattr *nla)
{
	return object_of(set, mnl_attr_get_payload(nla),
			 mnl_attr_get_payload_len(nla));
}

struct object object_nest(const struct object *object, unsigned int attr)
{
	const struct schema_set *set = object->set->attrs[attr].set;

	if (!object->attr[attr])
		return (struct object){ .set = set };
	return object_in(set, object->attr[attr]);
}

struct objects object_nests(const struct object *object, unsigned int attr)
{
	const struct schema_set *set = object->set->attrs[attr].set;
	struct objects objects = { };
	const struct nlattr *nla;
	struct object nest;

	object_for_each(nla, object) {
		if (mnl_attr_get_type(nla) != attr)
			continue;
		nest = object_in(set, nla);
		objects_grow(&objects, &nest);
	}
	return objects;
}

/* ---- as text ---- */

/* Text in the making */
struct object_buffer {
	char *text;
	size_t used;
};

static struct object_buffer object_buffer(void)
{
	static char texts[OBJECT_TEXTS][OBJECT_TEXT_SIZE];
	static unsigned int last;
	struct object_buffer buffer = { .text = texts[++last % OBJECT_TEXTS] };

	buffer.text[0] = 0;
	return buffer;
}

static void __attribute__((format(printf, 2, 3)))
object_append(struct object_buffer *buffer, const char *format, ...)
{
	size_t room = OBJECT_TEXT_SIZE - buffer->used;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(buffer->text + buffer->used, room, format, args);
	va_end(args);
	if (len > 0)
		buffer->used += (size_t)len < room ? (size_t)len : room - 1;
}

static const char *object_hex(const struct object *object, unsigned int attr)
{
	struct object_buffer buffer = object_buffer();
	const unsigned char *bytes;
	size_t size, i;

	bytes = object_bytes(object, attr, &size);
	for (i = 0; i < size; i++)
		object_append(&buffer, "%s%02x", i ? ":" : "", bytes[i]);
	return buffer.text;
}

static const char *object_flags(const struct object *object, unsigned int attr)
{
	const struct schema_name *name = object->set->attrs[attr].names;
	struct object_buffer buffer = object_buffer();
	uint32_t value = object_u32(object, attr);

	for (; name->name; name++)
		if (value & name->value)
			object_append(&buffer, "%s%s", buffer.used ? "," : "",
				      name->name);
	return buffer.used ? buffer.text : "none";
}

static const char *object_list(const struct object *object, unsigned int attr)
{
	struct numbers numbers = object_numbers(object, attr);
	bool wide = object->set->attrs[attr].kind == KIND_U64S;
	struct object_buffer buffer = object_buffer();
	size_t i;

	for (i = 0; i < numbers.count && i < OBJECT_LINE_NUMBERS; i++)
		object_append(&buffer, "%s%" PRIu64, i ? "," : "",
			      wide ? numbers_u64(&numbers, i) :
				     numbers_u32(&numbers, i));
	if (i < numbers.count)
		object_append(&buffer, ",...(%zu)", numbers.count);
	return buffer.text;
}

static const char *object_number(uint64_t number)
{
	struct object_buffer buffer = object_buffer();

	object_append(&buffer, "%" PRIu64, number);
	return buffer.text;
}

const char *object_text(const struct object *object, unsigned int attr)
{
	const char *name;

	if (!object->attr[attr])
		return "";
	switch (object->set->attrs[attr].kind) {
	case KIND_STRING:
		return object_string(object, attr);
	case KIND_FLAG:
		return "yes";
	case KIND_MAC:
	case KIND_KEY:
		return object_hex(object, attr);
	case KIND_ENUM:
		name = object_enum(object, attr);
		return *name ? name : object_number(object_u32(object, attr));
	case KIND_FLAGS:
		return object_flags(object, attr);
	case KIND_U64:
		return object_number(object_u64(object, attr));
	case KIND_U32S:
	case KIND_U64S:
		return object_list(object, attr);
	default:
		return object_number(object_u32(object, attr));
	}
}

static void object_line_nests(const struct object *object, unsigned int attr)
{
	struct objects nests = object_nests(object, attr);
	size_t i;

	for (i = 0; i < nests.count; i++) {
		printf("%s(", i ? " " : "");
		object_line(&nests.list[i]);
		putchar(')');
	}
	objects_free(&nests);
}

static void object_line_attr(const struct object *object, unsigned int attr)
{
	const struct schema_attr *spec = &object->set->attrs[attr];

	printf("%s ", spec->name);
	if (spec->kind == KIND_NEST || spec->kind == KIND_NESTS)
		object_line_nests(object, attr);
	else
		fputs(object_text(object, attr), stdout);
}

void object_line(const struct object *object)
{
	bool filled = false;
	unsigned int attr;

	for (attr = 0; attr <= object->set->max; attr++) {
		if (!object_has(object, attr))
			continue;
		if (filled)
			putchar(' ');
		object_line_attr(object, attr);
		filled = true;
	}
}

/* ---- as JSON ---- */

static void object_json_flags(const struct object *object, unsigned int attr)
{
	const struct schema_name *name = object->set->attrs[attr].names;
	uint32_t value = object_u32(object, attr);

	json_array();
	for (; name->name; name++)
		if (value & name->value)
			json_string(name->name);
	json_array_end();
}

static void object_json_numbers(const struct object *object, unsigned int attr)
{
	struct numbers numbers = object_numbers(object, attr);
	bool wide = object->set->attrs[attr].kind == KIND_U64S;
	size_t i;

	json_array();
	for (i = 0; i < numbers.count; i++)
		json_number(wide ? numbers_u64(&numbers, i) :
				   numbers_u32(&numbers, i));
	json_array_end();
}

static void object_json_nests(const struct object *object, unsigned int attr)
{
	struct objects nests = object_nests(object, attr);

	objects_json(&nests);
	objects_free(&nests);
}

static void object_json_value(const struct object *object, unsigned int attr)
{
	struct object nest;

	switch (object->set->attrs[attr].kind) {
	case KIND_U32:
		json_number(object_u32(object, attr));
		break;
	case KIND_U64:
		json_number(object_u64(object, attr));
		break;
	case KIND_ENUM:
		if (*object_enum(object, attr))
			json_string(object_enum(object, attr));
		else
			json_number(object_u32(object, attr));
		break;
	case KIND_FLAGS:
		object_json_flags(object, attr);
		break;
	case KIND_U32S:
	case KIND_U64S:
		object_json_numbers(object, attr);
		break;
	case KIND_NEST:
		nest = object_nest(object, attr);
		object_json(&nest);
		break;
	case KIND_NESTS:
		object_json_nests(object, attr);
		break;
	case KIND_FLAG:
		json_bool(object_has(object, attr));
		break;
	default:
		json_string(object_text(object, attr));
	}
}

/* A flag says something when it is absent, too. */
static bool object_shown(const struct object *object, unsigned int attr)
{
	return object_has(object, attr) ||
	       object->set->attrs[attr].kind == KIND_FLAG;
}

void object_json_members(const struct object *object, uint32_t mask)
{
	unsigned int attr;

	for (attr = 0; attr <= object->set->max; attr++) {
		if (!(mask & UINT32_C(1) << attr) || !object_shown(object, attr))
			continue;
		json_key(object->set->attrs[attr].name);
		object_json_value(object, attr);
	}
}

void object_json(const struct object *object)
{
	json_object();
	object_json_members(object, UINT32_MAX);
	json_object_end();
}

void objects_json(const struct objects *objects)
{
	size_t i;

	json_array();
	for (i = 0; i < objects->count; i++)
		object_json(&objects->list[i]);
	json_array_end();
}
