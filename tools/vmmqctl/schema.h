/* SPDX-License-Identifier: GPL-2.0 */
/*
 * schema.c: the control family's spec as the tool needs it: names, types and
 * values of attributes, and which operation has which.
 */
#ifndef VMMQCTL_SCHEMA_H
#define VMMQCTL_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/vmmq.h>

enum schema_kind {
	KIND_NONE,	/* padding */
	KIND_U32,
	KIND_U64,
	KIND_STRING,
	KIND_FLAG,
	KIND_MAC,
	KIND_KEY,
	KIND_ENUM,	/* one of names */
	KIND_FLAGS,	/* any of names */
	KIND_U32S,
	KIND_U64S,
	KIND_NEST,
	KIND_NESTS,	/* a nest that occurs several times */
};

/* A value's name; a list ends with a NULL name */
struct schema_name {
	const char *name;
	uint32_t value;
};

struct schema_set;

struct schema_attr {
	const char *name;
	enum schema_kind kind;
	const struct schema_name *names;
	const struct schema_set *set;
};

/* An attribute set; attrs[] is indexed by attribute, up to max */
struct schema_set {
	const struct schema_attr *attrs;
	unsigned int max;
};

#define SCHEMA_ATTRS	32	/* no set has as many */

struct schema_op {
	const char *name;
	const struct schema_set *set;
	const char *noun;	/* of a notification: what monitor calls it */
};

extern const struct schema_set schema_adapter, schema_vport, schema_filter,
			       schema_rss, schema_move, schema_move_entry,
			       schema_vector, schema_counters;
extern const struct schema_name schema_capabilities[], schema_pool_kinds[],
				schema_vport_states[], schema_levels[],
				schema_reasons[], schema_rss_types[],
				schema_hash_fields[], schema_input_xfrms[],
				schema_move_kinds[];

/* An operation by its command; NULL if it is not known */
const struct schema_op *schema_op(unsigned int cmd);

/* The name of a value; NULL if it has none */
const char *schema_value_name(const struct schema_name *names, uint32_t value);

/* An attribute of a set; NULL if it is not known */
const struct schema_attr *schema_attr(const struct schema_set *set,
				      unsigned int attr);

#endif /* VMMQCTL_SCHEMA_H */
