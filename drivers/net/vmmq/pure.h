/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ground the pure functions (flow.c, toeplitz.c) stand on: the few kernel
 * types and helpers they need, and the same for a build in user space. Those
 * files include nothing else.
 */
#ifndef _VMMQ_PURE_H
#define _VMMQ_PURE_H

#ifdef __KERNEL__

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#else /* !__KERNEL__ */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define BIT(n)		(1UL << (n))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define noinline	__attribute_noinline__

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define be32_to_cpu(x)	__builtin_bswap32(x)
#else
#define be32_to_cpu(x)	(x)
#endif

#endif /* __KERNEL__ */

/* Loads from any address. The compilers make one instruction of each. */

static __always_inline u16 vmmq_load_be16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static __always_inline __be32 vmmq_load_raw32(const u8 *p)
{
	__be32 word;

	__builtin_memcpy(&word, p, sizeof(word));
	return word;
}

#endif /* _VMMQ_PURE_H */
