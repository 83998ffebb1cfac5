// SPDX-License-Identifier: GPL-2.0
/* Text in columns that are as wide as their widest cell. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "table.h"

#define TABLE_BOLD	"\033[1m"
#define TABLE_NAME	"\033[36m"
#define TABLE_PLAIN	"\033[0m"

void table_name(const char *name)
{
	printf("%s%s%s", ctl.color ? TABLE_NAME : "", name,
	       ctl.color ? TABLE_PLAIN : "");
}

void table_begin(struct table *table, const char *const *heads)
{
	memset(table, 0, sizeof(*table));
	table->heads = heads;
	while (heads[table->columns])
		table->columns++;
}

void table_cell(struct table *table, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		ctl_misused("out of memory");
	va_end(args);
	table->cells = ctl_realloc(table->cells,
				   (table->count + 1) * sizeof(text));
	table->cells[table->count++] = text;
}

static const char *table_head(const struct table *table, size_t column)
{
	const char *head = table->heads[column];

	return head + (*head == '>');
}

static size_t table_width(const struct table *table, size_t column)
{
	size_t width = strlen(table_head(table, column));
	size_t i, len;

	for (i = column; i < table->count; i += table->columns) {
		len = strlen(table->cells[i]);
		if (len > width)
			width = len;
	}
	return width;
}

/* The last column is not padded: no line ends with blanks. */
static void table_put(const struct table *table, size_t column,
		      const char *text, size_t width)
{
	size_t pad = width - strlen(text);

	if (*table->heads[column] == '>')
		printf("%*s", (int)pad, "");
	fputs(text, stdout);
	if (column + 1 == table->columns)
		putchar('\n');
	else
		printf("%*s", *table->heads[column] == '>' ? 2 : (int)pad + 2,
		       "");
}

static void table_rows(const struct table *table, const size_t *width)
{
	size_t i, column;

	for (i = 0; i < table->count; i++) {
		column = i % table->columns;
		if (!column)
			printf("%*s", (int)table->indent, "");
		table_put(table, column, table->cells[i], width[column]);
	}
}

void table_end(struct table *table)
{
	size_t width[table->columns];
	size_t i;

	for (i = 0; i < table->columns; i++)
		width[i] = table_width(table, i);
	if (table->count) {
		printf("%*s%s", (int)table->indent, "",
		       ctl.color ? TABLE_BOLD : "");
		for (i = 0; i < table->columns; i++)
			table_put(table, i, table_head(table, i), width[i]);
		fputs(ctl.color ? TABLE_PLAIN : "", stdout);
		table_rows(table, width);
	}
	for (i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
}
