/* SPDX-License-Identifier: GPL-2.0 */
/*
 * args.c: words of the command line: numbers, names and lists, and keywords
 * with their values, which become attributes. What is wrong ends the tool.
 */
#ifndef VMMQCTL_ARGS_H
#define VMMQCTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl.h"
#include "schema.h"

/* The words that are left */
struct args {
	char **words;
	int left;
};

/* A VPort by the name of its net device, or by adapter and number */
struct dev {
	const char *ifname;	/* NULL: by adapter and number */
	const char *adapter;
	uint32_t vport;
};

struct list {
	uint32_t *numbers;
	size_t count;
};

/* What a keyword was given */
struct value {
	bool given;
	uint32_t number;
	const char *text;
	uint8_t bytes[64];
	size_t size;
	struct list list;
	uint32_t fields[VMMQ_A_FIELDS_MAX + 1];
	struct dev dev;
};

struct keyword;

/* How a keyword's value is read, and written as an attribute */
struct type {
	void (*parse)(struct args *args, const struct keyword *keyword,
		      struct value *value);
	void (*put)(struct request *req, unsigned int attr,
		    const struct value *value);
};

/* A keyword; a list of them ends with a NULL name */
struct keyword {
	const char *name;
	const char *value;	/* what follows, for people; NULL: nothing */
	const struct type *type;
	unsigned int attr;
	unsigned int nest;	/* the attribute is in this one */
	const struct schema_name *names;
	uint32_t min;		/* or the value of a keyword without one */
	uint32_t max;
};

#define ARGS_KEYWORDS	24	/* no list has as many */

extern const struct type type_number, type_constant, type_mac, type_device,
			 type_enum, type_flags, type_list, type_text,
			 type_key, type_types, type_bool, type_node,
			 type_dev;

bool args_more(const struct args *args);

/* The next word, left where it is; NULL if there is none */
const char *args_peek(const struct args *args);

/* The next word; ends the tool, naming what is missing, if there is none. */
const char *args_next(struct args *args, const char *what);

/* Ends the tool if a word is left. */
void args_end(const struct args *args);

/* Takes the next word if it is exactly this one. */
bool args_take(struct args *args, const char *word);

/* Index of a word in a list that ends with NULL: by its whole name, or by a
 * beginning that no other one has. Ends the tool with a hint otherwise.
 */
size_t args_choose(const char *word, const char *const *list,
		   const char *what);

/* The keyword of a list that a word means */
const struct keyword *args_keyword(const char *word,
				   const struct keyword *keywords);

/* Reads keywords with their values to the end of the words; values has as many
 * as the list.
 */
void args_keywords(struct args *args, const struct keyword *keywords,
		   struct value *values);

/* Writes what was given. */
void args_put(struct request *req, const struct keyword *keywords,
	      const struct value *values);

/* The value of the keyword of this name */
struct value *args_value(const struct keyword *keywords, struct value *values,
			 const char *name);

/* The name of an adapter */
const char *args_adapter(struct args *args);

struct dev args_dev(struct args *args);

uint32_t parse_number(const char *word, const char *what, uint32_t min,
		      uint32_t max);

/* Numbers and ranges, "0,2,4-7", in this order */
struct list parse_list(const char *word, const char *what, uint32_t max);

/* A name that a shell and the kernel take as it is, up to max characters */
const char *parse_name(const char *word, const char *what, size_t max);

/* Writes the attributes that name a VPort. */
void request_dev(struct request *req, const struct dev *dev);

/* Asks for adapter and number of a VPort that is named by its net device. */
struct dev dev_resolve(const struct dev *dev);

/* The word of a list that is most like a wrong one; NULL if none is like it */
const char *hint_for(const char *word, const char *const *list);

#endif /* VMMQCTL_ARGS_H */
