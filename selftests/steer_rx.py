#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Receive steering: the queue of every frame and the CPU that processed it are those that
key, field sets, table and interrupt affinity predict."""

import itertools
import os
import random

from lib import cpus, flow, frames, ktap, steering, tracing
from lib.bed import Bed

SEED = int(os.environ.get("VMMQ_SEED", "4711"))
TRANSPORTS = {"tcp4": frames.tcp_packet, "udp4": frames.udp_packet,
              "tcp6": frames.tcp_packet, "udp6": frames.udp_packet}


def address(rng, version):
    """A random address as text."""
    if version == "4":
        return f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
    return "2001:db8:" + ":".join(f"{rng.randrange(65536):x}" for _ in range(6))


def random_flow(rng, kind):
    """A frame's packet of a flow type, with random addresses, ports and length."""
    return TRANSPORTS[kind](address(rng, kind[3]), address(rng, kind[3]),
                            rng.randrange(65536), rng.randrange(65536),
                            bytes(rng.randrange(200)))


def random_rss(rng, queues, entries=128, key_size=40, **more):
    """Random parameters over all queues."""
    return steering.Rss(rng.randbytes(key_size),
                        [rng.randrange(queues) for _ in range(entries)], **more)


def fly(bed, trace, packets):
    """Sends packets from the second VPort to the first. Returns the Flights."""
    target, source = bed.vports[:2]
    return steering.fly(bed, trace, source, target,
                        [frames.ip(target.mac, source.mac, p) for p in packets])


def flows_over(bed, rng, rss, count=640):
    """Sends random flows of all types, checks each, and that they really spread."""
    rss.apply(bed.vports[0])
    bed.spread_vectors(rng)
    packets = [random_flow(rng, kind) for kind in TRANSPORTS for _ in range(count // 4)]
    rng.shuffle(packets)
    with tracing.Trace("steer", "receive") as trace:
        before = bed.vports[0].stats()
        flights = fly(bed, trace, packets)
        after = bed.vports[0].stats()
    steering.check(bed, flights, rss, f"{count} flows")
    queues = {flight.receive.queue for flight in flights}
    ktap.true(len(queues) > len(set(rss.table)) // 2, f"queues used: {sorted(queues)}")
    for queue in set(rss.table):
        name = f"rx_queue_{queue}_packets"
        ktap.eq(after[name] - before[name],
                sum(flight.receive.queue == queue for flight in flights), name)
    for kind in flow.TYPES:
        name = f"rx_hash_{kind}"
        ktap.eq(after[name] - before[name],
                sum(flight.steer.type == kind for flight in flights), name)


def random_flows():
    """640 flows, random key, random table over 11 queues, random affinities."""
    cpus.need(2)
    ktap.diag(f"seed {SEED}, set VMMQ_SEED for another")
    rng = random.Random(SEED)
    with Bed(vports=2, queues=11) as bed:
        flows_over(bed, rng, random_rss(rng, 11))


def long_key_and_table():
    """The same with a key of 52 bytes, 4096 entries and 128 queues."""
    cpus.need(2)
    rng = random.Random(SEED + 1)
    with Bed(vports=2, queues=128, max_queues=128, entries=4096, key_size=52) as bed:
        flows_over(bed, rng, random_rss(rng, 128, 4096, 52))


def smallest_table():
    """The same with 16 entries and a single queue in all but one of them."""
    rng = random.Random(SEED + 2)
    with Bed(vports=2, queues=2, max_queues=3, entries=16) as bed:
        flows_over(bed, rng, steering.Rss(rng.randbytes(40), [1] * 9 + [0] + [1] * 6), 200)


def defaults():
    """Nothing configured: the default table is entry modulo queues, all vectors apart."""
    cpus.need(2)
    rng = random.Random(SEED + 3)
    online = cpus.online()
    with Bed(vports=2) as bed:
        queues = len(online)
        ktap.eq(bed.vports[0].tool.channels()[0], queues, "queue pairs at the start")
        ktap.eq(sorted(bed.queue_cpus()), online, "CPUs of the vectors at the start")
        table = bed.vports[0].tool.table()
        ktap.eq(table, [n % queues for n in range(len(table))], "table at the start")
        rss = steering.Rss(bed.vports[0].tool.key(), table)
        with tracing.Trace("steer", "receive") as trace:
            steering.check(bed, fly(bed, trace, [random_flow(rng, kind) for kind in TRANSPORTS
                                                 for _ in range(40)]), rss, "defaults")


def not_hashable_to_the_default_queue():
    """ARP and other frames without a hash go to queue 0, though no entry names it."""
    rng = random.Random(SEED + 4)
    with Bed(vports=2, queues=6) as bed:
        target, source = bed.vports
        bed.spread_vectors()
        rss = steering.Rss(rng.randbytes(40), [1 + n % 5 for n in range(128)])
        rss.apply(target)
        sent = [frames.arp(target.mac, source.mac, "192.0.2.1", "192.0.2.2")
                for _ in range(20)]
        sent += [frames.ether(target.mac, source.mac, ethertype, bytes(50))
                 for ethertype in (0x0600, 0x88cc, 0x8863, 0x9000)]
        sent += [frames.ip(target.mac, source.mac, frames.tcp_packet(
            "192.0.2.1", "192.0.2.2", 1, 2, total=39))]
        with tracing.Trace("steer", "receive") as trace:
            flights = steering.fly(bed, trace, source, target, sent)
        ktap.eq({flight.receive.queue for flight in flights}, {0}, "queues")
        ktap.eq({flight.receive.cpu for flight in flights}, {bed.queue_cpu(0)}, "CPUs")
        steering.check(bed, flights, rss, "not hashable")
        ktap.eq(target.stats()["rx_hash_none"], len(sent), "rx_hash_none")


def every_subset_of_fields():
    """Each of the 16 sets of fields of each transport is honoured, the empty one too."""
    rng = random.Random(SEED + 5)
    with Bed(vports=2, queues=7) as bed, tracing.Trace("steer", "receive") as trace:
        rss = random_rss(rng, 7)
        for size in range(5):
            for letters in map("".join, itertools.combinations("sdfn", size)):
                rss.fields.update({kind: letters for kind in TRANSPORTS})
                rss.apply(bed.vports[0])
                flights = fly(bed, trace, [random_flow(rng, kind) for kind in TRANSPORTS
                                           for _ in range(6)])
                steering.check(bed, flights, rss, f"fields {letters!r}")
                hashed = {flight.steer.type != "none" for flight in flights}
                ktap.eq(hashed, {bool(letters)}, f"hashable with fields {letters!r}")


def same_fields_same_queue():
    """What a field set leaves out has no influence: flows that differ in it alone meet."""
    rng = random.Random(SEED + 6)
    here, there = "198.51.100.1", "203.0.113.1"
    others = [address(rng, "4") for _ in range(30)]
    ports = rng.sample(range(1, 65536), 30)
    cases = (("s", [(here, other, port, 9) for other, port in zip(others, ports)]),
             ("d", [(other, there, 9, port) for other, port in zip(others, ports)]),
             ("sd", [(here, there, port, ports[-1 - n]) for n, port in enumerate(ports)]),
             ("fn", [(other, others[-1 - n], 80, 81) for n, other in enumerate(others)]))
    with Bed(vports=2, queues=16) as bed, tracing.Trace("steer", "receive") as trace:
        target = bed.vports[0]
        target.tool.set_rss(key=rng.randbytes(40))
        for letters, ends in cases:
            target.ethtool(f"-N {target.name} rx-flow-hash udp4 {letters}")
            flights = fly(bed, trace, [frames.udp_packet(*end) for end in ends])
            ktap.eq(len({flight.receive.hash for flight in flights}), 1,
                    f"different hashes with fields {letters}")
            ktap.eq(len({flight.receive.queue for flight in flights}), 1,
                    f"different queues with fields {letters}")
        target.ethtool(f"-N {target.name} rx-flow-hash udp4 sdfn")
        flights = fly(bed, trace, [frames.udp_packet(*end) for end in cases[2][1]])
        ktap.true(len({flight.receive.queue for flight in flights}) > 4,
                  "with all fields the same flows spread")


def sets_of_ip_and_transport_are_apart():
    """TCP's set alone decides about TCP, IP's alone about fragments and the rest."""
    rng = random.Random(SEED + 7)

    def packets():
        ends = [(address(rng, "4"), address(rng, "4")) for _ in range(8)]
        return [frames.tcp_packet(*end, 80, 90) for end in ends] \
            + [frames.udp_packet(*end, 80, 90) for end in ends] \
            + [frames.icmp_echo(*end) for end in ends] \
            + [frames.tcp_packet(*end, 80, 90, fragment=frames.MF) for end in ends]
    with Bed(vports=2, queues=5) as bed, tracing.Trace("steer", "receive") as trace:
        rss = random_rss(rng, 5)
        for sets, hashed in (
                (dict(ip4="", tcp4="sd", udp4=""), {"tcp"}),
                (dict(ip4="", tcp4="sdfn", udp4="sdfn"), {"tcp", "udp"}),
                (dict(ip4="sd", tcp4="", udp4=""), {"icmp", "fragment"}),
                (dict(ip4="s", tcp4="", udp4="d"), {"udp", "icmp", "fragment"}),
                (dict(ip4="", tcp4="", udp4=""), set())):
            rss.fields.update(sets)
            rss.apply(bed.vports[0])
            flights = fly(bed, trace, packets())
            steering.check(bed, flights, rss, f"sets {sets}")
            for n, kind in enumerate(("tcp", "udp", "icmp", "fragment")):
                kinds = {f.steer.type != "none" for f in flights[8 * n:8 * n + 8]}
                ktap.eq(kinds, {kind in hashed}, f"{kind} is hashed with {sets}")


def affinity_moves_the_processing():
    """Re-pointing a vector moves what its queues do, at once, and nothing else."""
    online = cpus.need(2)
    rng = random.Random(SEED + 8)
    with Bed(vports=2, queues=9) as bed, tracing.Trace("steer", "receive") as trace:
        rss = random_rss(rng, 9)
        rss.apply(bed.vports[0])
        for step in range(8):
            number, cpu = step % len(bed.irqs), online[(step * 3 + 1) % len(online)]
            if step >= len(bed.irqs):
                cpu = rng.choice(online)
            cpus.set_affinity(bed.irqs[number], cpu)
            ktap.eq(cpus.effective(bed.irqs[number]), cpu, f"effective CPU of vector {number}")
            flights = fly(bed, trace, [random_flow(rng, kind) for kind in TRANSPORTS
                                       for _ in range(12)])
            steering.check(bed, flights, rss, f"vector {number} on CPU {cpu}")
        for irq in bed.irqs:
            cpus.set_affinity(irq, online[-1])
        flights = fly(bed, trace, [random_flow(rng, "udp6") for _ in range(40)])
        ktap.eq({flight.receive.cpu for flight in flights}, {online[-1]},
                "CPUs with every vector on one")
        ktap.true(len({flight.receive.queue for flight in flights}) > 3, "several queues")


def sender_cpu_has_no_influence():
    """The CPU a frame is sent from decides nothing."""
    online = cpus.need(2)
    rng = random.Random(SEED + 9)
    with Bed(vports=2, queues=8) as bed, tracing.Trace("steer", "receive") as trace:
        rss = random_rss(rng, 8)
        rss.apply(bed.vports[0])
        packets = [random_flow(rng, kind) for kind in TRANSPORTS for _ in range(10)]
        for cpu in online:
            with cpus.pinned(cpu):
                flights = fly(bed, trace, packets)
            steering.check(bed, flights, rss, f"sent from CPU {cpu}")


def parameters_outlive_down_and_up():
    """Taking the VPort down and up changes no parameter."""
    rng = random.Random(SEED + 10)
    with Bed(vports=2, queues=10) as bed, tracing.Trace("steer", "receive") as trace:
        target = bed.vports[0]
        rss = random_rss(rng, 10, fields={"udp6": "sn", "tcp4": "sd"})
        rss.apply(target)
        packets = [random_flow(rng, kind) for kind in TRANSPORTS for _ in range(20)]
        for _ in range(3):
            target.down()
            target.up()
            steering.check(bed, fly(bed, trace, packets), rss, "after down and up")


ktap.main(random_flows, long_key_and_table, smallest_table, defaults,
          not_hashable_to_the_default_queue, every_subset_of_fields, same_fields_same_queue,
          sets_of_ip_and_transport_are_apart, affinity_moves_the_processing,
          sender_cpu_has_no_influence, parameters_outlive_down_and_up)
