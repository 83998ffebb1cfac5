/* SPDX-License-Identifier: GPL-2.0 */
/* table.c: text in aligned columns, and colours. */
#ifndef VMMQCTL_TABLE_H
#define VMMQCTL_TABLE_H

#include <stddef.h>

/* Rows of cells. A column's head that begins with ">" is aligned right. */
struct table {
	const char *const *heads;
	size_t columns;
	char **cells;
	size_t count;
	size_t indent;
};

/* Begins a table; heads ends with NULL. */
void table_begin(struct table *table, const char *const *heads);

/* The next cell, from left to right and row by row */
void table_cell(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints the table, nothing if it has no cells, and forgets it. */
void table_end(struct table *table);

/* Prints a name, in colour on a terminal. */
void table_name(const char *name);

#endif /* VMMQCTL_TABLE_H */
