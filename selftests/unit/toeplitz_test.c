// SPDX-License-Identifier: GPL-2.0
/* The Toeplitz hash against published values and against its definition. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "toeplitz.h"

#include "ktap.h"
#include "random.h"
#include "reference.h"
#include "vectors.h"

/* No byte more than asked for, so that the sanitizer sees a step too far. */
static struct vmmq_toeplitz *expand(const u8 *key, unsigned int key_size)
{
	struct vmmq_toeplitz *t = malloc(vmmq_toeplitz_size(key_size));

	memset(t, 0xa5, vmmq_toeplitz_size(key_size));
	vmmq_toeplitz_expand(t, key, key_size);
	return t;
}

/* Of an input that ends where its memory ends. */
static u32 hash(const struct vmmq_toeplitz *t, const u8 *input,
		unsigned int len)
{
	u8 *exact = malloc(len);
	u32 result;

	memcpy(exact, input, len);
	result = vmmq_toeplitz_hash(t, exact, len);
	free(exact);
	return result;
}

static void check_vector(const struct vmmq_toeplitz *t, const struct vector *v)
{
	int family = strchr(v->src, ':') ? AF_INET6 : AF_INET;
	unsigned int addr = family == AF_INET6 ? 16 : 4;
	u16 port;
	u8 input[36];

	inet_pton(family, v->src, input);
	inet_pton(family, v->dst, input + addr);
	port = htons(v->sport);
	memcpy(input + 2 * addr, &port, 2);
	port = htons(v->dport);
	memcpy(input + 2 * addr + 2, &port, 2);

	ktap_check(hash(t, input, 2 * addr) == v->addrs, "%s addresses",
		   v->src);
	ktap_check(hash(t, input, 2 * addr + 4) == v->all, "%s all", v->src);
	ktap_check(reference_hash(vector_key, 40, input, 2 * addr + 4) ==
		   v->all, "%s reference", v->src);
}

static void test_vectors(void)
{
	struct vmmq_toeplitz *t = expand(vector_key, 40);
	unsigned int i;

	for (i = 0; i < VECTORS; i++)
		check_vector(t, &vectors[i]);
	free(t);
}

static void check_random(unsigned int key_size)
{
	unsigned int keys, len, i;
	u8 key[52], input[48];

	for (keys = 0; keys < 40; keys++) {
		struct vmmq_toeplitz *t;

		random_bytes(key, key_size);
		t = expand(key, key_size);
		for (i = 0; i < 20; i++) {
			random_bytes(input, sizeof(input));
			for (len = 0; len <= key_size - 4; len++)
				ktap_check(hash(t, input, len) ==
					   reference_hash(key, key_size, input,
							  len),
					   "key size %u, %u bytes", key_size,
					   len);
		}
		free(t);
	}
}

static void test_random_40(void)
{
	check_random(40);
}

static void test_random_52(void)
{
	check_random(52);
}

static void test_other_key_sizes(void)
{
	unsigned int size;

	for (size = 4; size <= 52; size += 6)
		check_random(size);
}

static u32 key_bits(const u8 *key, unsigned int from)
{
	u32 bits = 0;
	unsigned int i;

	for (i = from; i < from + 32; i++)
		bits = bits << 1 | (key[i / 8] >> (7 - i % 8) & 1);
	return bits;
}

/* Input with one bit set: the hash is the key's 32 bits from there on. */
static void test_single_bits(void)
{
	struct vmmq_toeplitz *t;
	u8 key[52], input[48];
	unsigned int bit;

	random_bytes(key, sizeof(key));
	t = expand(key, sizeof(key));
	for (bit = 0; bit < 8 * sizeof(input); bit++) {
		memset(input, 0, sizeof(input));
		input[bit / 8] = 0x80 >> bit % 8;
		ktap_check(hash(t, input, sizeof(input)) == key_bits(key, bit),
			   "bit %u", bit);
	}
	free(t);
}

static void test_unaligned_input(void)
{
	struct vmmq_toeplitz *t = expand(vector_key, 40);
	u8 input[36 + 8];
	unsigned int shift;

	random_bytes(input, sizeof(input));
	for (shift = 0; shift < 8; shift++)
		ktap_check(vmmq_toeplitz_hash(t, input + shift, 36) ==
			   reference_hash(vector_key, 40, input + shift, 36),
			   "shift %u", shift);
	free(t);
}

/* A key that repeats every 16 bits hashes both directions alike. */
static void test_symmetric_key(void)
{
	struct vmmq_toeplitz *t;
	u8 key[40], there[12], back[12];
	unsigned int i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = i % 2 ? 0x5a : 0x6d;
	t = expand(key, sizeof(key));
	for (i = 0; i < 100; i++) {
		random_bytes(there, sizeof(there));
		memcpy(back, there + 4, 4);
		memcpy(back + 4, there, 4);
		memcpy(back + 8, there + 10, 2);
		memcpy(back + 10, there + 8, 2);
		ktap_check(hash(t, there, 12) == hash(t, back, 12), "%u", i);
	}
	free(t);
}

static void test_table_sizes(void)
{
	ktap_check(vmmq_toeplitz_size(40) == 12288, "of a 40 byte key");
	ktap_check(vmmq_toeplitz_size(52) == 16384, "of a 52 byte key");
}

int main(void)
{
	static const struct ktap_test tests[] = {
		{ "published_vectors", test_vectors },
		{ "random_keys_of_40_bytes", test_random_40 },
		{ "random_keys_of_52_bytes", test_random_52 },
		{ "other_key_sizes", test_other_key_sizes },
		{ "single_bits", test_single_bits },
		{ "unaligned_input", test_unaligned_input },
		{ "symmetric_key", test_symmetric_key },
		{ "table_sizes", test_table_sizes },
	};

	return ktap_run(tests, ARRAY_SIZE(tests));
}
