#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The published verification values of the Toeplitz hash, as frames over a VPort: what the
stack of the receiver reads as skb->hash, and what the frame was steered by."""

from lib import frames, ktap, steering, tracing, wait
from lib.bed import Bed
from lib.toeplitz import KEY, VECTORS, pack, toeplitz

# Low 7 bits of the hashes with ports, in the order of VECTORS: written down, not computed.
LOW_BITS = (120, 106, 74, 127, 34, 61, 63, 111)


def is_ipv6(vector):
    """Whether a vector is one of IPv6."""
    return ":" in vector[0]


def fly(bed, packets):
    """Sends the packets from the first to the second VPort. Returns the Flights."""
    source, target = bed.vports
    with tracing.Trace("steer", "receive") as trace:
        return steering.fly(bed, trace, source, target,
                            [frames.ip(target.mac, source.mac, p) for p in packets])


def compare(what, flights, kinds, values, layer4):
    """Fails unless the flights have these hash types and values."""
    with ktap.Mismatches(what) as found:
        for flight, kind, value, vector in zip(flights, kinds, values, VECTORS, strict=True):
            name = f"{vector[0]} to {vector[2]}: "
            found.eq(flight.steer.type, kind, name + "hash type")
            found.eq(hex(flight.steer.hash), hex(value), name + "steered by")
            found.eq(hex(flight.receive.hash), hex(value), name + "skb->hash")
            found.eq(flight.receive.l4, layer4, name + "layer 4 flag")


def kinds_of(word):
    """Hash type of each vector: "tcp" gives tcp_ipv4, tcp_ipv6; "" gives ipv4, ipv6."""
    return [f"{word}_ipv{6 if is_ipv6(v) else 4}".lstrip("_") for v in VECTORS]


def with_ports(build, word):
    """The eight values with ports, of one transport protocol."""
    with Bed() as bed:
        set_key(bed)
        flights = fly(bed, [build(src, dst, sport, dport)
                            for src, sport, dst, dport, _, _ in VECTORS])
        compare(word, flights, kinds_of(word), [v[5] for v in VECTORS], 1)


def set_key(bed):
    """Gives the receiver the published key by the ethtool program."""
    target = bed.vports[1]
    target.ethtool(f"-X {target.name} hkey {KEY.hex(':')}")
    ktap.eq(target.tool.key().hex(), KEY.hex(), "key read back")


def tcp_with_ports():
    """TCP frames have the published 4-tuple values."""
    with_ports(frames.tcp_packet, "tcp")


def udp_with_ports():
    """UDP frames have the same values as TCP frames of the same addresses and ports."""
    with_ports(frames.udp_packet, "udp")


def two_tuples_by_field_set():
    """TCP frames have the published 2-tuple values when ports are left out."""
    with Bed() as bed:
        set_key(bed)
        target = bed.vports[1]
        for flow in ("tcp4", "tcp6"):
            target.ethtool(f"-N {target.name} rx-flow-hash {flow} sd")
        flights = fly(bed, [frames.tcp_packet(src, dst, sport, dport)
                            for src, sport, dst, dport, _, _ in VECTORS])
        compare("TCP without ports", flights, kinds_of(""), [v[4] for v in VECTORS], 0)


def two_tuples_of_other_protocols():
    """Frames that are neither TCP nor UDP have the published 2-tuple values."""
    with Bed() as bed:
        set_key(bed)
        packets = []
        for vector in VECTORS:
            build = frames.ipv6 if is_ipv6(vector) else frames.ipv4
            packets.append(build(vector[0], vector[2], frames.SCTP, bytes(range(30))))
        compare("SCTP", fly(bed, packets), kinds_of(""), [v[4] for v in VECTORS], 0)
        compare("ICMP", fly(bed, [frames.icmp_echo(v[0], v[2]) for v in VECTORS]),
                kinds_of(""), [v[4] for v in VECTORS], 0)


def low_bits_choose_the_entry():
    """With entry N naming queue N, the low bits of the published values are the queue."""
    with Bed(queues=128, max_queues=128, entries=128) as bed:
        set_key(bed)
        bed.vports[1].tool.set_rss(range(128))
        flights = fly(bed, [frames.tcp_packet(src, dst, sport, dport)
                            for src, sport, dst, dport, _, _ in VECTORS])
        with ktap.Mismatches("queues") as found:
            for flight, low, vector in zip(flights, LOW_BITS, VECTORS, strict=True):
                found.eq(flight.steer.entry, low, f"{vector[0]}: entry")
                found.eq(flight.receive.queue, low, f"{vector[0]}: queue")


def rxhash_off_hides_the_hash_only():
    """rxhash off: the stack is told no hash, the frames go where they went."""
    with Bed() as bed:
        set_key(bed)
        target = bed.vports[1]
        packets = [frames.tcp_packet(src, dst, sport, dport)
                   for src, sport, dst, dport, _, _ in VECTORS]
        before = fly(bed, packets)
        target.ethtool(f"-K {target.name} rxhash off")
        after = fly(bed, packets)
        target.ethtool(f"-K {target.name} rxhash on")
        again = fly(bed, packets)
        with ktap.Mismatches("rxhash") as found:
            for vector, one, two, three in zip(VECTORS, before, after, again, strict=True):
                found.eq(two.receive.hash, 0, f"{vector[0]}: skb->hash while off")
                found.eq(two.receive.l4, 0, f"{vector[0]}: layer 4 flag while off")
                found.eq(two.steer.hash, vector[5], f"{vector[0]}: steered by while off")
                found.eq(two.receive.queue, one.receive.queue, f"{vector[0]}: queue")
                found.eq(three.receive.hash, vector[5], f"{vector[0]}: skb->hash on again")


def talk(bed, text):
    """A TCP connection from the first to the second VPort that sends text. Returns its
    ports (client, server)."""
    client_end, server_end = bed.vports
    listener = server_end.socket()
    listener.bind((server_end.ip4, 0))
    listener.listen()
    client = client_end.socket()
    client.connect(listener.getsockname())
    server = listener.accept()[0]
    with client, server:
        client.sendall(text)
        received = [0]

        def all_there():
            received[0] += len(server.recv(65536))
            return received[0] >= len(text)
        wait.until(all_there, "the text to arrive", lambda: received[0])
        return client.getsockname()[1], server.getsockname()[1]


def sender_hash_is_not_seen():
    """A TCP socket puts its own hash on its frames; the receiver sees the Toeplitz hash, or
    none with rxhash off."""
    with Bed() as bed:
        set_key(bed)
        bed.set_addresses(ipv6=False)
        source, target = bed.vports
        for reported in (True, False):
            target.ethtool(f"-K {target.name} rxhash {'on' if reported else 'off'}")
            with tracing.Trace("xmit", "receive") as trace:
                sport, dport = talk(bed, b"v" * 20000)
                bed.drained()
                sent = {e.hash for e in trace.events("xmit", ifindex=source.ifindex)}
                seen = {e.hash for e in trace.events("receive", ifindex=target.ifindex)}
            expected = toeplitz(KEY, pack(source.ip4, sport, target.ip4, dport))
            ktap.true(sent and 0 not in sent, f"the socket's hash on every frame: {sent}")
            ktap.true(expected not in sent, "the socket's hash is another one")
            ktap.eq(seen, {expected if reported else 0}, f"skb->hash, rxhash {reported}")


ktap.main(tcp_with_ports, udp_with_ports, two_tuples_by_field_set,
          two_tuples_of_other_protocols, low_bits_choose_the_entry,
          rxhash_off_hides_the_hash_only, sender_hash_is_not_seen)
