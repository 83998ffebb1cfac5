/* SPDX-License-Identifier: GPL-2.0 */
/* The hash and the parser once more, written for plainness alone. */
#ifndef UNIT_REFERENCE_H
#define UNIT_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#define REFERENCE_INPUT_MAX	36

uint32_t reference_hash(const unsigned char *key, unsigned int key_size,
			const unsigned char *input, unsigned int len);

/* Returns the number of bytes to hash, put at @out, 0 if not hashable; @name is
 * the hash type's. @sets: of ipv4, tcp4, udp4, ipv6, tcp6, udp6.
 */
unsigned int reference_parse(const unsigned char *frame, unsigned int len,
			     bool vlan_accel, bool gso,
			     const unsigned char sets[6], unsigned char *out,
			     const char **name);

#endif
