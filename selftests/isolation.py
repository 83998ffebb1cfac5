#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""VPorts don't influence each other: each has its own key, field sets, table, queues and
rings, also while another's are being changed."""

import os
import random
import threading

from lib import cpus, frames, ktap, steering, tracing, wait
from lib.bed import Bed

SEED = int(os.environ.get("VMMQ_SEED", "1729"))
QUEUES = 6


def random_rss(rng, queues=QUEUES):
    """Random parameters, field sets included."""
    fields = {flow: "".join(c for c in "sdfn" if rng.random() < 0.7) or "s"
              for flow in ("tcp4", "udp4", "tcp6", "udp6")}
    fields.update({flow: rng.choice(("sd", "s", "d")) for flow in ("ip4", "ip6")})
    return steering.Rss(rng.randbytes(40), [rng.randrange(queues) for _ in range(128)],
                        fields)


def packet(rng):
    """A packet of a random flow of a random kind."""
    version = rng.choice("46")
    ends = ((f"10.0.{rng.randrange(256)}.{n}", f"10.9.{rng.randrange(256)}.{n}") if
            version == "4" else (f"2001:db8::{rng.randrange(65536):x}", "2001:db8:9::1")
            for n in (rng.randrange(1, 255),))
    src, dst = next(ends)
    kind = rng.randrange(5)
    if kind == 4:
        return frames.icmp_echo(src, dst, bytes(rng.randrange(100)))
    build = frames.tcp_packet if kind % 2 else frames.udp_packet
    return build(src, dst, rng.randrange(65536), rng.randrange(65536),
                 bytes(rng.randrange(200)))


def to(source, target, rng, count):
    """Frames of random flows from one VPort to another."""
    return [frames.ip(target.mac, source.mac, packet(rng)) for _ in range(count)]


def same_frames_different_parameters():
    """The same packets, sent to three VPorts by turns, go where each one's own parameters
    say, and differ from VPort to VPort."""
    rng = random.Random(SEED)
    with Bed(vports=4, queues=QUEUES) as bed, tracing.Trace("steer", "receive") as trace:
        *targets, source = bed.vports
        rss = {target: random_rss(rng) for target in targets}
        for target in targets:
            rss[target].apply(target)
        for target in targets:      # what was set last changed nothing that was set before
            ktap.eq(target.tool.key(), rss[target].key, f"key of {target.name}")
            ktap.eq(target.tool.table(), rss[target].table, f"table of {target.name}")
            for flow, letters in rss[target].fields.items():
                ktap.eq(target.tool.fields(flow), letters, f"{flow} of {target.name}")
        packets = [packet(rng) for _ in range(120)]
        sender = source.sender()
        for one in packets:
            for target in targets:
                sender.send(frames.ip(target.mac, source.mac, one))
        wait.reaches(lambda: source.tool.sum("tx_packets"), 3 * len(packets), "frames sent")
        bed.drained()
        seen = []
        for target in targets:
            flights = steering.match(trace, target, [
                frames.ip(target.mac, source.mac, one) for one in packets], source)
            steering.check(bed, flights, rss[target], target.name)
            seen.append([flight.receive.queue for flight in flights])
        ktap.true(seen[0] != seen[1] != seen[2] != seen[0], "they went different ways")


def change(vport, rng, step):
    """Changes one thing about a VPort."""
    kind = step % 8
    if kind == 0:
        vport.tool.set_rss(key=rng.randbytes(40))
    elif kind == 1:
        vport.tool.set_rss(table=[rng.randrange(QUEUES) for _ in range(128)])
    elif kind == 2:
        vport.tool.set_fields(rng.choice(("tcp4", "udp6")), rng.choice(("sd", "fn", "", "s")))
    elif kind == 3:
        vport.tool.set_rss(table=[])
        vport.tool.set_channels(1 + step // 8 % QUEUES)
        vport.tool.set_channels(QUEUES)
    elif kind == 4:
        vport.tool.set_rings(rx=16 + 37 * step % 900, tx=16 + 91 * step % 900)
    elif kind == 5:
        vport.tool.set_flag("rss-ipv6-ex", step % 16 < 8)
        vport.tool.set_flag("tx-hash", step % 16 < 8)
    elif kind == 6:
        vport.ethtool(f"-K {vport.name} rxhash {'on' if step % 16 < 8 else 'off'}")
    else:
        vport.down()
        vport.up()


class Stream(threading.Thread):
    """Sends batches of frames to a VPort until stop(). sent: all of them, in order."""

    def __init__(self, bed, source, target, rng):
        super().__init__()
        self.bed, self.source, self.target, self.rng = bed, source, target, rng
        self.sender = source.sender()
        self.sent = []
        self.stopping = False
        self.failure = None

    def run(self):
        try:
            while not self.stopping and len(self.sent) < 20000:
                for frame in to(self.source, self.target, self.rng, 20):
                    self.sender.send(frame)
                    self.sent.append(frame)
        except OSError as failure:
            self.failure = failure

    def stop(self):
        """Ends it and reports what went wrong."""
        self.stopping = True
        self.join()
        ktap.true(self.failure is None, f"sending: {self.failure}")


def changes_elsewhere_are_not_felt():
    """While everything about one VPort is changed again and again, a stream to another
    arrives whole, in order, and where that one's own parameters say."""
    cpus.need(2)
    rng = random.Random(SEED + 1)
    with Bed(vports=3, queues=QUEUES) as bed, \
            tracing.Trace("steer", "receive", buffer_kb=16384) as trace:
        changed, target, source = bed.vports
        target.tool.set_rings(rx=16384)
        rss = random_rss(rng)
        rss.apply(target)
        stream = Stream(bed, source, target, random.Random(SEED + 2))
        stream.start()
        try:
            for step in range(64):
                have = len(stream.sent)
                change(changed, rng, step)
                wait.until(lambda have=have: len(stream.sent) > have + 10, "the stream",
                           lambda: len(stream.sent))
        finally:
            stream.stop()
        wait.reaches(lambda: source.tool.sum("tx_packets"), len(stream.sent), "frames sent")
        bed.drained()
        ktap.diag(f"{len(stream.sent)} frames during 64 changes")
        flights = steering.match(trace, target, stream.sent, source)
        steering.check(bed, flights, rss, "stream")
        ktap.eq(target.tool.sum("rx_packets"), len(stream.sent), "frames received")


def both_at_once():
    """Two streams to two VPorts with different parameters, each as its own say."""
    cpus.need(2)
    rng = random.Random(SEED + 3)
    with Bed(vports=4, queues=QUEUES) as bed, \
            tracing.Trace("steer", "receive", buffer_kb=16384) as trace:
        pairs = [(bed.vports[2], bed.vports[0]), (bed.vports[3], bed.vports[1])]
        rss = []
        for number, (_, target) in enumerate(pairs):
            rss.append(random_rss(rng))
            rss[number].apply(target)
            target.tool.set_rings(rx=16384)
        streams = [Stream(bed, *pair, random.Random(SEED + 4 + n))
                   for n, pair in enumerate(pairs)]
        for stream in streams:
            stream.start()
        try:
            for stream in streams:
                wait.reaches(lambda stream=stream: len(stream.sent), 400, "the stream")
        finally:
            for stream in streams:
                stream.stop()
        for stream, (source, _) in zip(streams, pairs):
            wait.reaches(lambda source=source: source.tool.sum("tx_packets"),
                         len(stream.sent), "frames sent")
        bed.drained()
        for stream, parameters, (source, target) in zip(streams, rss, pairs):
            flights = steering.match(trace, target, stream.sent, source)
            steering.check(bed, flights, parameters, target.name)


def settings_are_apart():
    """Channels, rings, flags, moderation, pause and features of one VPort stay when those
    of another change."""
    with Bed(vports=2, queues=4) as bed:
        one, other = bed.vports

        def settings(vport):
            return [vport.ethtool(*f"{option} {vport.name}".split()) for option in
                    ("-l", "-g", "-c", "-a", "-k", "-x", "--show-priv-flags")]
        before = settings(other)
        for command in ("-L {} combined 2", "-G {} rx 100 tx 200",
                        "-C {} adaptive-rx off rx-usecs 50 rx-frames 9",
                        "-A {} autoneg off rx on tx on", "-K {} rxhash off rxvlan off",
                        "-X {} weight 1 2", "--set-priv-flags {} tx-hash on"):
            one.ethtool(*command.format(one.name).split())
        ktap.eq(settings(other), before, "settings of the other VPort")
        ktap.ne([text.replace(one.name, other.name) for text in settings(one)], before,
                "settings of the changed VPort")


ktap.main(same_frames_different_parameters, changes_elsewhere_are_not_felt, both_at_once,
          settings_are_apart)
