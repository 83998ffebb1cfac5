/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Toeplitz hash of receive side scaling, by rows worked out from the key
 * in advance. Pure: no state, no allocation, also built in user space.
 */
#ifndef _VMMQ_TOEPLITZ_H
#define _VMMQ_TOEPLITZ_H

#include "pure.h"

#define VMMQ_KEY_SIZE_NDIS	40
#define VMMQ_KEY_SIZE_LONG	52

/* A segment has a row for every value of an input byte. Its rows start at key
 * byte 13 * segment and are 16 bytes long, so it serves 13 input bytes with
 * 4-byte loads that never leave a row.
 */
#define VMMQ_ROW_BYTES		16
#define VMMQ_SEGMENT_SPAN	13

/**
 * struct vmmq_toeplitz - a key, expanded
 * @row: [segment][input byte value][16 key bytes]; 3 segments for a key of up
 *	to 40 bytes, 4 above. Read-only once expanded.
 *
 * Allocate vmmq_toeplitz_size() bytes, aligned to a cache line at least (no row
 * then crosses one), better to a page: IPv4 touches the first segment alone.
 */
struct vmmq_toeplitz {
	struct { } start;
	u8 row[][256][VMMQ_ROW_BYTES];
};

/**
 * vmmq_toeplitz_size() - bytes that an expanded key occupies
 * @key_size: bytes of the key, 4 to VMMQ_KEY_SIZE_LONG
 *
 * Return: 12 KiB for a 40 byte key, 16 KiB for a 52 byte key.
 */
static inline size_t vmmq_toeplitz_size(unsigned int key_size)
{
	return (key_size <= VMMQ_KEY_SIZE_NDIS ? 3 : 4) * 256 * VMMQ_ROW_BYTES;
}

void vmmq_toeplitz_expand(struct vmmq_toeplitz *t, const u8 *key,
			  unsigned int key_size);
u32 vmmq_toeplitz_hash(const struct vmmq_toeplitz *t, const u8 *input,
		       unsigned int len);

#endif /* _VMMQ_TOEPLITZ_H */
