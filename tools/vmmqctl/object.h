/* SPDX-License-Identifier: GPL-2.0 */
/*
 * object.c: what a message of the family says, to be asked for single
 * attributes or written out whole.
 */
#ifndef VMMQCTL_OBJECT_H
#define VMMQCTL_OBJECT_H

#include "schema.h"

struct nlattr;
struct nlmsghdr;

/* A message or a nest; the attributes stay in the message */
struct object {
	const struct schema_op *op;	/* NULL for a nest */
	struct nlmsghdr *message;	/* of objects_add() */
	const struct schema_set *set;
	const struct nlattr *first;	/* attributes as they come */
	size_t size;			/* bytes of them */
	const struct nlattr *attr[SCHEMA_ATTRS];	/* the first of each */
};

struct objects {
	struct object *list;
	size_t count;
};

/* A table of 32 or 64 bit numbers */
struct numbers {
	const void *data;
	size_t count;
};

/* Reads a message. Returns false if it is none of the family's. */
bool object_parse(struct object *object, const struct nlmsghdr *nlh);

/* Adds a message, which is freed with the list. */
void objects_add(struct objects *objects, struct nlmsghdr *nlh);

/* Forgets a list, and the messages that were added to it. */
void objects_free(struct objects *objects);

bool object_has(const struct object *object, unsigned int attr);

/* Values of attributes; 0, "" or an empty object if they are absent */
uint32_t object_u32(const struct object *object, unsigned int attr);
uint64_t object_u64(const struct object *object, unsigned int attr);
const char *object_string(const struct object *object, unsigned int attr);
const char *object_enum(const struct object *object, unsigned int attr);
struct numbers object_numbers(const struct object *object, unsigned int attr);
const void *object_bytes(const struct object *object, unsigned int attr,
			 size_t *size);
struct object object_nest(const struct object *object, unsigned int attr);

/* All nests of an attribute, a list to free */
struct objects object_nests(const struct object *object, unsigned int attr);

uint32_t numbers_u32(const struct numbers *numbers, size_t i);
uint64_t numbers_u64(const struct numbers *numbers, size_t i);

/* The value of an attribute as text for people; static storage of which
 * several may be in use at once
 */
const char *object_text(const struct object *object, unsigned int attr);

/* All attributes in mask (bit by attribute) as members of a JSON object */
void object_json_members(const struct object *object, uint32_t mask);

/* A whole JSON object, and a list as an array of them */
void object_json(const struct object *object);
void objects_json(const struct objects *objects);

/* All attributes on one line, without its end */
void object_line(const struct object *object);

#endif /* VMMQCTL_OBJECT_H */
