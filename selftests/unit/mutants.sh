#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Breaks the pure functions, one small way at a time, and runs the unit tests on
# the result: each must turn them red. A test that can't fail tests nothing.
#
# A mutant is a line "file: sed expression"; its expression must change the file.
# Usage: mutants.sh [text], to try only the mutants with that text in them.
set -eu

export CFLAGS='-g -O0 -w'
here=$(cd "$(dirname "$0")" && pwd)
driver=$here/../../drivers/net/vmmq
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/drivers/net/vmmq" "$work/selftests/unit"
cp "$driver"/flow.[ch] "$driver"/toeplitz.[ch] "$driver"/tuple.[ch] "$driver/pure.h" \
	"$work/drivers/net/vmmq"
cp "$here"/*.[ch] "$here/Makefile" "$work/selftests/unit"

mutants() {
	sed -e '/^#/d' -e '/^$/d' <<'END'
# The hash.
toeplitz.c: s/quad(t, in, 8)/quad(t, in, 4)/
toeplitz.c: s/quad(t, input, 32)/quad(t, input, 28)/
toeplitz.c: s/byte(t, in, i + 3)/byte(t, in, i + 2)/
toeplitz.c: s/++at == VMMQ_SEGMENT_SPAN/++at == VMMQ_SEGMENT_SPAN - 1/
toeplitz.c: s/(8 - shift)/(7 - shift)/
toeplitz.h: s/? 3 : 4/? 3 : 3/
# Ethernet.
flow.c: s/define VMMQ_VLAN_TAGS_MAX.*/define VMMQ_VLAN_TAGS_MAX 3/
flow.c: s/tags = pkt->vlan_accel/tags = 0/
flow.h: s/0x88a8/0x9100/
# IPv4.
flow.c: s/0x45 || ip/0x40 || ip/
flow.c: s/(ip\[0\] & 0x0f) \* 4/20/
flow.c: s/total < hlen || //
flow.c: s/ || total > pkt->len - at->nh//
flow.c: s/pkt->gso ? pkt->len - at->nh : //
flow.c: s/VMMQ_IPV4_FRAGMENT\t0x3fff/VMMQ_IPV4_FRAGMENT 0x1fff/
flow.c: s/VMMQ_IPV4_FRAGMENT\t0x3fff/VMMQ_IPV4_FRAGMENT 0x2000/
flow.c: s/VMMQ_IPV4_FRAGMENT\t0x3fff/VMMQ_IPV4_FRAGMENT 0x7fff/
flow.c: s/VMMQ_TCP_HLEN\t\t20/VMMQ_TCP_HLEN 19/
flow.c: s/VMMQ_TCP_HLEN\t\t20/VMMQ_TCP_HLEN 21/
flow.c: s/VMMQ_UDP_HLEN\t\t8/VMMQ_UDP_HLEN 4/
flow.c: s/at->room = total - hlen/at->room = pkt->len - at->nh - hlen/
flow.c: s/at->ports = at->nh + hlen/at->ports = at->nh + 20/
# The fields.
flow.c: s/at->ports, at->ports + 2 }/at->ports + 2, at->ports }/
flow.c: s/at->src, at->dst, at->ports,/at->dst, at->src, at->ports,/
flow.c: s/(set & VMMQ_FIELDS_PORT && at->ports != at->dst + addr) ||//
flow.c: s/at->dst != at->src + addr ||//
flow.c: s/at->src + span->start + span->len > pkt->linear/0/
flow.c: s/if (!(set & VMMQ_FIELDS_PORT))/if (0)/
flow.c: s/{ 16, 20 }/{ 16, 18 }/
flow.c: s/return flow->len;/return true;/
# IPv6.
flow.c: s/if (payload > room)/if (0)/
flow.c: s/pkt->gso ? room : //
flow.c: s/VMMQ_IPV6_FRAGMENT\t0xfff9/VMMQ_IPV6_FRAGMENT 0xfff8/
flow.c: s/VMMQ_IPV6_FRAGMENT\t0xfff9/VMMQ_IPV6_FRAGMENT 0xffff/
flow.c: s/VMMQ_IPV6_HEADERS_MAX\t16/VMMQ_IPV6_HEADERS_MAX 15/
flow.c: s/VMMQ_IPV6_HEADERS_MAX\t16/VMMQ_IPV6_HEADERS_MAX 17/
flow.c: s/(walk->next == VMMQ_PROTO_HOPOPTS && headers)/0/
flow.c: s/if (walk->next != VMMQ_PROTO_FRAGMENT)/if (1)/
flow.c: s/if (walk->end - walk->off < len)/if (0)/
flow.c: s/if (!at.fragment)/if (1)/
flow.c: s/if (walk->fragment)/if (0)/
# Extended addresses.
flow.c: s/VMMQ_IPV6_OPTIONS_MAX\t128/VMMQ_IPV6_OPTIONS_MAX 127/
flow.c: s/VMMQ_IPV6_OPTIONS_MAX\t128/VMMQ_IPV6_OPTIONS_MAX 129/
flow.c: s/if (option\[1\] != 16)/if (0)/
flow.c: s/option\[1\] > end - off - 2/option[1] > end - off - 1/
flow.c: s/end - off < 2 ||//
flow.c: s/if (!walk->src)/if (1)/
flow.c: s/else if (!walk->dst)/else/
flow.c: s/if (h\[1\] != VMMQ_ROUTING_TYPE2_HLEN)/if (0)/
flow.c: s/if (at->malformed)/if (0)/
flow.c: s/if (set & VMMQ_FIELD_EX && /if (ex \&\& /
# The quick way.
flow.c: s/VMMQ_IPV4_HLEN + 4)/VMMQ_IPV4_HLEN + 2)/
flow.c: s/VMMQ_IPV6_HLEN + 4)/VMMQ_IPV6_HLEN + 2)/
flow.c: s/if (unlikely(payload > room))/if (0)/
flow.c: s/if (!ipv6 && unlikely(.*/if (0)/
flow.c: s/unlikely(type <= alone)/unlikely(type < alone)/
flow.c: s/(ip + 2) - hlen/(ip + 2)/
flow.c: s/0xffffff00/0xfff0ff00/
flow.c: s/(start & 0xfffff000) == 0x86dd6000/start >> 16 == 0x86dd/
flow.c: s/if (unlikely(!span->len))/if (0)/
flow.c: s/flow->len = span->len;/flow->len = ipv6 ? 36 : 12;/
# The flow label.
flow.c: s/+ 1\] &= 0x0f/+ 1] \&= 0x1f/
flow.c: s/flow->buf\[flow->len\] = 0;//
flow.c: s/if (ipv6 && unlikely(set & VMMQ_FIELD_LABEL))/if (0)/
flow.c: s/set & VMMQ_FIELD_LABEL || at->dst/at->dst/
flow.c: s/VMMQ_FIELD_LABEL) \* 4/VMMQ_FIELD_LABEL) * 3/
# The transform.
flow.c: s/with_or ? a\[i\] | b\[i\] : both/both/
flow.c: s/b\[i\] = both;//
flow.c: s/2 \* addr + 2,/2 * addr,/
flow.c: s/if (flow->len > 2 \* addr)/if (0)/
flow.c: s/flow->input = flow->buf;$//
flow.c: s/!addr || addr ==/addr ==/
flow.c: s/!port || port ==/port ==/
flow.c: s/!(set & VMMQ_FIELD_LABEL)/true/
# What rules compare.
tuple.c: s/VMMQ_SCTP_HLEN\t\t12/VMMQ_SCTP_HLEN 13/
tuple.c: s/at->room >= need/at->room > need/
tuple.c: s/at->room < sizeof(tuple->ports)/at->room <= sizeof(tuple->ports)/
tuple.c: s/if (at->fragment)/if (0)/
tuple.c: s/at->version == 6 ? 16 : 4/16/
tuple.c: s/tuple->tagged = 1;//
tuple.c: s/tag + 2, 2)/tag, 2)/
tuple.c: s/tuple->tos = at->tos;//
tuple.c: s/i < ARRAY_SIZE(tuple->words)/i < 7/
tuple.h: s/i < ARRAY_SIZE(a->words)/i < 7/
flow.c: s/at->tos = vmmq_load_be16(ip) >> 4/at->tos = ip[0]/
flow.c: s/at->tos = ip\[1\];/at->tos = 0;/
# Field sets and types.
flow.c: s/if (types & ~VMMQ_TYPES_ALL)/if (0)/
flow.c: s/return types & plain ? set : otherwise/return types \& plain ? set : 0/
flow.c: s/if (!vmmq_fields_are_types(fields))/if (0)/
flow.c: s/type >= VMMQ_FLOW_IPV6 \&\& set/set/
flow.h: s/BIT(VMMQ_HASH_TCP_IPV6_EX) |//
flow.h: s/VMMQ_TYPE_UDP_IPV4\t0x00004000/VMMQ_TYPE_UDP_IPV4 0x00008000/
END
}

build() {
	make -s -C "$work/selftests/unit" "$@" > "$work/log" 2>&1
}

# Whether all tests pass. The quick ones go first.
unnoticed() {
	for t in flow_test toeplitz_test fields_test tuple_test flow_random_test; do
		build "$t"
		timeout 300 "$work/selftests/unit/$t" > "$work/log" 2>&1 ||
			return 1
	done
}

mutants | grep -F -e "${1-}" > "$work/list"
printf 'KTAP version 1\n1..%d\n' "$(wc -l < "$work/list")"
n=0
failed=0
while IFS= read -r mutant; do
	n=$((n + 1))
	file=${mutant%%: *}
	verdict=ok
	why=
	sed -i -e "${mutant#*: }" "$work/drivers/net/vmmq/$file"
	if cmp -s "$driver/$file" "$work/drivers/net/vmmq/$file"; then
		verdict='not ok'
		why='# changes nothing'
	elif ! build flow.o toeplitz.o tuple.o; then
		verdict='not ok'
		why='# does not compile'
	elif unnoticed; then
		verdict='not ok'
		why='# the tests did not notice'
	fi
	cp "$driver/$file" "$work/drivers/net/vmmq"
	[ "$verdict" = ok ] || failed=1
	echo "$verdict $n $mutant $why"
done < "$work/list"
exit "$failed"
