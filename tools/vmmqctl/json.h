/* SPDX-License-Identifier: GPL-2.0 */
/* json.c: writes JSON to standard output, value by value. */
#ifndef VMMQCTL_JSON_H
#define VMMQCTL_JSON_H

#include <stdbool.h>
#include <stdint.h>

void json_array(void);			/* begins an array */
void json_array_end(void);
void json_object(void);
void json_object_end(void);
void json_key(const char *key);		/* the next value is that member's */
void json_string(const char *text);
void json_number(uint64_t number);
void json_real(double number);
void json_bool(bool value);
void json_null(void);

#endif /* VMMQCTL_JSON_H */
