/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers that look random and are the same in every run. */
#ifndef UNIT_RANDOM_H
#define UNIT_RANDOM_H

#include <stdint.h>

static uint64_t random_state = 0x766d6d71;

static inline uint32_t random_u32(void)
{
	random_state = random_state * 6364136223846793005ULL +
		       1442695040888963407ULL;
	return random_state >> 32;
}

/* 0 to @n - 1 */
static inline unsigned int random_below(unsigned int n)
{
	return (uint64_t)random_u32() * n >> 32;
}

static inline void random_bytes(unsigned char *to, unsigned int n)
{
	while (n--)
		*to++ = random_u32();
}

#endif
