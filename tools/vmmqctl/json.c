// SPDX-License-Identifier: GPL-2.0
/*
 * JSON on standard output: a text on a line of its own, or indented (-p).
 * Arrays of numbers and words stay on one line either way.
 */
#include <inttypes.h>
#include <stdio.h>

#include "ctl.h"
#include "json.h"

#define JSON_DEPTH	16

static struct {
	unsigned int depth;
	bool filled[JSON_DEPTH + 1];	/* something was written at this depth */
	bool inner[JSON_DEPTH + 1];	/* arrays or objects were */
	bool keyed;			/* the key of a value stands there */
} json;

static void json_newline(void)
{
	unsigned int i;

	if (!ctl.pretty)
		return;
	putchar('\n');
	for (i = 0; i < json.depth; i++)
		fputs("    ", stdout);
}

/* What stands before a value. @apart: on a new line if indented */
static void json_before(bool apart)
{
	if (json.keyed) {
		json.keyed = false;
		return;
	}
	if (json.filled[json.depth])
		putchar(',');
	if (json.depth && apart)
		json_newline();
	else if (json.filled[json.depth] && ctl.pretty)
		putchar(' ');
	json.filled[json.depth] = true;
	json.inner[json.depth] |= apart;
}

static void json_open(char mark)
{
	json_before(true);
	putchar(mark);
	json.depth++;
	json.filled[json.depth] = false;
	json.inner[json.depth] = false;
}

static void json_close(char mark)
{
	bool apart = json.inner[json.depth];

	json.depth--;
	if (apart)
		json_newline();
	putchar(mark);
	if (json.depth)
		return;
	putchar('\n');
	json.filled[0] = false;
}

void json_array(void)
{
	json_open('[');
}

void json_array_end(void)
{
	json_close(']');
}

void json_object(void)
{
	json_open('{');
}

void json_object_end(void)
{
	json_close('}');
}

static void json_quoted(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	putchar('"');
	for (; *c; c++) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if (*c < 0x20)
			printf("\\u%04x", *c);
		else
			putchar(*c);
	}
	putchar('"');
}

void json_key(const char *key)
{
	json_before(true);
	json_quoted(key);
	fputs(ctl.pretty ? ": " : ":", stdout);
	json.keyed = true;
}

void json_string(const char *text)
{
	json_before(false);
	json_quoted(text);
}

void json_number(uint64_t number)
{
	json_before(false);
	printf("%" PRIu64, number);
}

void json_real(double number)
{
	json_before(false);
	printf("%.3f", number);
}

void json_bool(bool value)
{
	json_before(false);
	fputs(value ? "true" : "false", stdout);
}

void json_null(void)
{
	json_before(false);
	fputs("null", stdout);
}
