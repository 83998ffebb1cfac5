// SPDX-License-Identifier: GPL-2.0
/*
 * What the module computes, computed another way. Nothing here is shared with
 * the module: not its headers, not its constants, not its shape. The parser
 * peels a frame layer by layer, the rest of it being all there is.
 */
#include <stdio.h>
#include <string.h>

#include "reference.h"

/* The definition: a window of 32 bits slides over the key, one to the left for
 * each bit of the input.
 */
uint32_t reference_hash(const unsigned char *key, unsigned int key_size,
			const unsigned char *input, unsigned int len)
{
	uint32_t result = 0, window = 0;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++)
		window = window * 2 + (key[bit / 8] >> (7 - bit % 8)) % 2;
	for (bit = 0; bit < len * 8; bit++) {
		unsigned int next = bit + 32;

		if (input[bit / 8] & (0x80 >> bit % 8))
			result ^= window;
		window *= 2;
		if (next < key_size * 8)
			window += (key[next / 8] >> (7 - next % 8)) % 2;
	}
	return result;
}

static const unsigned char *src, *dst, *ports, *home, *via, *label;
static unsigned int options;
static bool bad_ex;

static unsigned int two(const unsigned char *p)
{
	return p[0] * 256 + p[1];
}

/* 't'cp, 'u'dp, 'i'p alone, 'x' not hashable */
static char transport(unsigned int proto, const unsigned char *p,
		      unsigned int left)
{
	ports = p;
	if (proto == 6)
		return left < 20 ? 'x' : 't';
	if (proto == 17)
		return left < 8 ? 'x' : 'u';
	return 'i';
}

static char ipv4(const unsigned char *p, unsigned int left, bool gso)
{
	unsigned int words, total;

	if (left < 20 || p[0] / 16 != 4)
		return 'x';
	words = p[0] % 16;
	total = gso ? left : two(p + 2);
	if (words < 5 || total < words * 4 || left < total)
		return 'x';
	src = p + 12;
	dst = p + 16;
	if (p[6] & 0x20 || two(p + 6) % 0x2000)
		return 'i';
	return transport(p[9], p + words * 4, total - words * 4);
}

static void destination_options(const unsigned char *p, unsigned int left)
{
	unsigned int size;

	if (!left || bad_ex)
		return;
	if (++options > 128) {
		bad_ex = true;
		return;
	}
	if (p[0] == 0) {
		destination_options(p + 1, left - 1);
		return;
	}
	size = left < 2 ? left : p[1];
	if (left < 2 + size || (p[0] == 201 && size != 16)) {
		bad_ex = true;
		return;
	}
	if (p[0] == 201 && !home)
		home = p + 2;
	destination_options(p + 2 + size, left - 2 - size);
}

static char ipv6_rest(unsigned int proto, unsigned int before,
		      const unsigned char *p, unsigned int left)
{
	unsigned int size = 8;

	if (proto != 0 && proto != 43 && proto != 44 && proto != 60)
		return transport(proto, p, left);
	if (before >= 16 || left < 8 || (proto == 0 && before > 0))
		return 'x';
	if (proto == 44) {
		if (p[2] || p[3] / 8 || p[3] % 2)
			return 'i';
	} else {
		size += 8 * p[1];
	}
	if (left < size)
		return 'x';
	if (proto == 60)
		destination_options(p + 2, size - 2);
	if (proto == 43 && p[2] == 2) {
		if (size != 24)
			bad_ex = true;
		else if (!via)
			via = p + 8;
	}
	return ipv6_rest(p[0], before + 1, p + size, left - size);
}

static char ipv6(const unsigned char *p, unsigned int left, bool gso)
{
	unsigned int payload;

	if (left < 40 || p[0] / 16 != 6)
		return 'x';
	payload = gso ? left - 40 : two(p + 4);
	if (left - 40 < payload)
		return 'x';
	src = p + 8;
	dst = p + 24;
	label = p + 1;
	return ipv6_rest(p[6], 0, p + 40, payload);
}

static unsigned int add(unsigned char *out, unsigned int n,
			const unsigned char *from, unsigned int len)
{
	memcpy(out + n, from, len);
	return n + len;
}

static unsigned int concatenate(unsigned char *out, unsigned int set,
				unsigned int addr)
{
	unsigned int n = 0;

	if (set & 1)
		n = add(out, n, src, addr);
	if (set & 2)
		n = add(out, n, dst, addr);
	if (set & 4)
		n = add(out, n, ports, 2);
	if (set & 8)
		n = add(out, n, ports + 2, 2);
	if (set & 32) {
		out[n] = 0;
		add(out, n + 1, label, 3);
		out[n + 1] %= 16;
		n += 4;
	}
	return n;
}

unsigned int reference_parse(const unsigned char *frame, unsigned int len,
			     bool vlan_accel, bool gso,
			     const unsigned char sets[6], unsigned char *out,
			     const char **name)
{
	static char text[16];
	unsigned int tags = vlan_accel, version, set, n;
	char kind;

	home = NULL;
	via = NULL;
	options = 0;
	bad_ex = false;
	*name = "none";

	/* From here on the frame begins with the ethertype. */
	if (len < 14)
		return 0;
	for (frame += 12, len -= 12;
	     len >= 2 && (two(frame) == 0x8100 || two(frame) == 0x88a8);
	     frame += 4, len -= 4) {
		tags++;
		if (len < 6)
			return 0;
	}
	if (tags > 2)
		return 0;

	version = two(frame) == 0x0800 ? 4 : two(frame) == 0x86dd ? 6 : 0;
	if (!version)
		return 0;
	kind = version == 4 ? ipv4(frame + 2, len - 2, gso) :
			      ipv6(frame + 2, len - 2, gso);
	if (kind == 'x')
		return 0;

	set = sets[(version == 6) * 3 + (kind == 't') + 2 * (kind == 'u')];
	if (kind == 'i')
		set &= 0x33;
	if (version == 4)
		set &= 0x0f;
	if (set & 0x10) {
		if (bad_ex)
			return 0;
		if (home)
			src = home;
		if (via)
			dst = via;
	}
	n = concatenate(out, set, version == 4 ? 4 : 16);
	if (!n)
		return 0;
	snprintf(text, sizeof(text), "%sipv%u%s",
		 !(set & 0x0c) ? "" : kind == 't' ? "tcp_" : "udp_", version,
		 set & 0x10 ? "_ex" : "");
	*name = text;
	return n;
}
