// SPDX-License-Identifier: GPL-2.0
/*
 * The Toeplitz hash. By definition every one bit of the input, at bit i, adds
 * (XOR) bits i to i + 31 of the key to the result. So an input byte v at byte
 * i adds bytes i to i + 3 of the string
 *
 *	S(v) = XOR of (key << b) for all b where bit b of v is set, 0 the highest
 *
 * and S(v) doesn't depend on i: 256 strings serve all positions. They are kept
 * cut into overlapping segments of 16 bytes, so that a load never crosses a
 * cache line and IPv4, with 12 bytes of input, needs no more than one page.
 *
 * XOR doesn't care about byte order: words are added as loaded, and turned
 * around once at the end.
 */
#include "toeplitz.h"

static __always_inline __be32
vmmq_toeplitz_byte(const struct vmmq_toeplitz *t, const u8 *in, unsigned int i)
{
	return vmmq_load_raw32(&t->row[i / VMMQ_SEGMENT_SPAN][in[i]]
				      [i % VMMQ_SEGMENT_SPAN]);
}

/* @i is a constant wherever this is used: nothing is divided at run time. */
static __always_inline __be32
vmmq_toeplitz_quad(const struct vmmq_toeplitz *t, const u8 *in, unsigned int i)
{
	return vmmq_toeplitz_byte(t, in, i) ^
	       vmmq_toeplitz_byte(t, in, i + 1) ^
	       vmmq_toeplitz_byte(t, in, i + 2) ^
	       vmmq_toeplitz_byte(t, in, i + 3);
}

static __always_inline __be32
vmmq_toeplitz_8(const struct vmmq_toeplitz *t, const u8 *in)
{
	return vmmq_toeplitz_quad(t, in, 0) ^ vmmq_toeplitz_quad(t, in, 4);
}

static __always_inline __be32
vmmq_toeplitz_12(const struct vmmq_toeplitz *t, const u8 *in)
{
	return vmmq_toeplitz_8(t, in) ^ vmmq_toeplitz_quad(t, in, 8);
}

static __always_inline __be32
vmmq_toeplitz_32(const struct vmmq_toeplitz *t, const u8 *in)
{
	return vmmq_toeplitz_12(t, in) ^
	       vmmq_toeplitz_quad(t, in, 12) ^
	       vmmq_toeplitz_quad(t, in, 16) ^
	       vmmq_toeplitz_quad(t, in, 20) ^
	       vmmq_toeplitz_quad(t, in, 24) ^
	       vmmq_toeplitz_quad(t, in, 28);
}

static __be32 vmmq_toeplitz_any(const struct vmmq_toeplitz *t, const u8 *in,
				unsigned int len)
{
	unsigned int segment = 0, at = 0, i;
	__be32 sum = 0;

	for (i = 0; i < len; i++) {
		sum ^= vmmq_load_raw32(&t->row[segment][in[i]][at]);
		if (++at == VMMQ_SEGMENT_SPAN) {
			at = 0;
			segment++;
		}
	}
	return sum;
}

/**
 * vmmq_toeplitz_hash() - hash some bytes
 * @t: the expanded key
 * @input: the bytes, at any address
 * @len: how many, 0 to the size of the key less 4. 12, 36, 8 and 32 are fast
 *
 * Context: any.
 * Return: the hash, in host byte order.
 */
u32 vmmq_toeplitz_hash(const struct vmmq_toeplitz *t, const u8 *input,
		       unsigned int len)
{
	if (likely(len == 12))
		return be32_to_cpu(vmmq_toeplitz_12(t, input));
	if (len == 36)
		return be32_to_cpu(vmmq_toeplitz_32(t, input) ^
				   vmmq_toeplitz_quad(t, input, 32));
	if (len == 8)
		return be32_to_cpu(vmmq_toeplitz_8(t, input));
	if (len == 32)
		return be32_to_cpu(vmmq_toeplitz_32(t, input));
	return be32_to_cpu(vmmq_toeplitz_any(t, input, len));
}

static void vmmq_toeplitz_add_rows(u8 *to, const u8 *a, const u8 *b)
{
	u64 x[VMMQ_ROW_BYTES / sizeof(u64)], y[VMMQ_ROW_BYTES / sizeof(u64)];

	memcpy(x, a, VMMQ_ROW_BYTES);
	memcpy(y, b, VMMQ_ROW_BYTES);
	x[0] ^= y[0];
	x[1] ^= y[1];
	memcpy(to, x, VMMQ_ROW_BYTES);
}

/* The rows of one segment: first that of a value with one bit set, then those
 * with lower bits as well, by XOR. @window: the segment's 16 bytes of the key,
 * and the one behind.
 */
static void vmmq_toeplitz_expand_segment(u8 row[256][VMMQ_ROW_BYTES],
					 const u8 window[VMMQ_ROW_BYTES + 1])
{
	unsigned int high, shift, v, k;

	memset(row[0], 0, VMMQ_ROW_BYTES);
	for (high = 1, shift = 7; high < 256; high <<= 1, shift--) {
		for (k = 0; k < VMMQ_ROW_BYTES; k++)
			row[high][k] = (window[k] << 8 | window[k + 1]) >>
				       (8 - shift);
		for (v = 1; v < high; v++)
			vmmq_toeplitz_add_rows(row[high + v], row[high],
					       row[v]);
	}
}

/**
 * vmmq_toeplitz_expand() - work out the rows of a key
 * @t: vmmq_toeplitz_size(@key_size) bytes, all written
 * @key: the key, first byte leftmost
 * @key_size: its bytes, 4 to VMMQ_KEY_SIZE_LONG
 *
 * Context: any; takes microseconds.
 */
void vmmq_toeplitz_expand(struct vmmq_toeplitz *t, const u8 *key,
			  unsigned int key_size)
{
	/* Zero behind the key, as far as the last segment reaches. */
	u8 padded[3 * VMMQ_SEGMENT_SPAN + VMMQ_ROW_BYTES + 1] = {};
	size_t segments = vmmq_toeplitz_size(key_size) / sizeof(t->row[0]);
	size_t s;

	memcpy(padded, key, key_size);
	for (s = 0; s < segments; s++)
		vmmq_toeplitz_expand_segment(t->row[s],
					     padded + s * VMMQ_SEGMENT_SPAN);
}
