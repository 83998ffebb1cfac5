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
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef uint32_t __be32;
typedef uint64_t __be64;

#define BIT(n)		(1UL << (n))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define __aligned(n)	__attribute__((__aligned__(n)))
#define fallthrough	__attribute__((__fallthrough__))
#undef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define be32_to_cpu(x)	__builtin_bswap32(x)
#define cpu_to_be64(x)	__builtin_bswap64(x)
#else
#define be32_to_cpu(x)	(x)
#define cpu_to_be64(x)	(x)
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
