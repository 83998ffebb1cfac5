#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# vm: once
"""vmmqctl predict: hash, type, entry, queue and CPU of a flow, before its frame is sent, are
those of the frame's trace event, and of a reference that knows nothing of the module's code."""

import os
import random

from lib import cpus, frames, ktap, steering, toeplitz, tracing, vmmqctl
from lib.bed import Bed

SEED = int(os.environ.get("VMMQ_SEED", "4711"))
TYPES = ("ipv4", "tcp-ipv4", "udp-ipv4", "ipv6", "tcp-ipv6", "udp-ipv6")
SHORT = {"ipv4": "ip4", "tcp-ipv4": "tcp4", "udp-ipv4": "udp4", "ipv6": "ip6",
         "tcp-ipv6": "tcp6", "udp-ipv6": "udp6"}
LETTERS = {"s": "src-addr", "d": "dst-addr", "f": "src-port", "n": "dst-port", "x": "ex"}


def random_fields(rng):
    """Field sets of all flow types, in letters; the empty ones among them."""
    found = {}
    for name in TYPES:
        letters = "sd" if name in ("ipv4", "ipv6") else "sdfn"
        chosen = "".join(c for c in letters if rng.random() < 0.8)
        if rng.random() < 0.2:
            chosen = ""
        if name.endswith("6") and set("sd") & set(chosen) and rng.random() < 0.3:
            chosen += "x"
        found[SHORT[name]] = chosen
    return found


def types_words(fields):
    """Field sets as words of 'rss set'."""
    return [f"{name}=" + (",".join(LETTERS[c] for c in fields[SHORT[name]]) or "none")
            for name in TYPES]


class Flow:
    """A random flow: the words of predict, and the packet of its frame."""

    def __init__(self, rng):
        version = rng.choice("46")
        self.kind = rng.choice(("tcp", "udp", "other", "fragment"))
        self.source, self.target = (self._address(rng, version) for _ in range(2))
        self.ports = (rng.randrange(65536), rng.randrange(65536))
        self.proto = rng.choice((1, 2, 50, 51, 58, 132, 255))
        self.transport = rng.choice(("tcp", "udp"))
        self.vlan = rng.choice((None, None, None, rng.randrange(1, 4095)))

    @staticmethod
    def _address(rng, version):
        if version == "4":
            return f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        return "2001:db8:" + ":".join(f"{rng.randrange(65536):x}" for _ in range(6))

    def words(self):
        """What predict is asked."""
        ends = []
        for address, port in zip((self.source, self.target), self.ports):
            if self.kind == "other":
                ends.append(f"[{address}]" if ":" in address and port % 2 else address)
            else:
                ends.append(f"[{address}]:{port}" if ":" in address else f"{address}:{port}")
        words = ["from", ends[0], "to", ends[1]]
        if self.kind == "other":
            words += ["proto", self.proto] if self.proto != 255 else []
        else:
            words.append(self.transport if self.kind == "fragment" else self.kind)
        words += ["fragment"] if self.kind == "fragment" else []
        return words + (["vlan", self.vlan] if self.vlan else [])

    def packet(self):
        """An IP packet of it."""
        if self.kind == "tcp":
            return frames.tcp_packet(self.source, self.target, *self.ports)
        if self.kind == "udp":
            return frames.udp_packet(self.source, self.target, *self.ports)
        four = ":" not in self.source
        if self.kind == "other":
            make = frames.ipv4 if four else frames.ipv6
            return make(self.source, self.target, self.proto, bytes(24))
        number, build = (6, frames.tcp) if self.transport == "tcp" else (17, frames.udp)
        payload = build(*self.ports, bytes(8))
        if four:
            return frames.ipv4(self.source, self.target, number, payload, fragment=frames.MF)
        return frames.ipv6(self.source, self.target, number, payload,
                           headers=[frames.fragment6(more=True)])


def predict(dev, words):
    """What the tool says, in the words of the trace."""
    said = vmmqctl.one("predict", dev, *words)
    ktap.eq(sorted(set(said) - {"ifindex"}),
            ["adapter", "by", "cpu", "entry", "hash", "ifname", "queue", "type", "vport"], "keys")
    said["type"] = said["type"].replace("-", "_")
    return said


class Round:
    """RSS parameters of the second VPort, random ones, known to a reference."""

    def __init__(self, b, rng, key_size=40, spread=True, entries=None):
        self.bed, self.rng = b, rng
        self.source, self.target = b.vports[:2]
        queues = len(vmmqctl.one("rss show vmmq0v1")["queue-cpus"])
        entries = entries or rng.choice((16, 64, 128))
        self.rss = steering.Rss(rng.randbytes(key_size),
                                [rng.randrange(queues) for _ in range(entries)],
                                random_fields(rng), rng.randrange(queues))
        self.on = rng.random() < 0.8
        if spread:
            b.spread_vectors(rng)
        self.primary = rng.choice(b.queue_cpus())
        self.apply()

    def apply(self):
        """Sets them, by the tool."""
        vmmqctl.run("rss", "set", "vmmq0v1", "on", "key", self.rss.key.hex(":"), "queues",
                    ",".join(map(str, self.rss.table)), "entries", len(self.rss.table),
                    "default-queue", self.rss.default_queue, "types",
                    *types_words(self.rss.fields))
        if not self.on:
            vmmqctl.run("rss", "set", "vmmq0v1", "off", "primary-cpu", self.primary)

    def frame(self, item):
        """The frame of a Flow. The switch drops none: the address is in every VLAN."""
        tags = [frames.tag(item.vlan)] if item.vlan else []
        return frames.ip(self.target.mac, self.source.mac, item.packet(), tags)

    def check(self, found, said, flight, item):
        """A prediction against the event, and both against the reference."""
        name = f"{' '.join(map(str, item.words()))}: "
        kind, value = self.rss.hash(flight.frame) if self.on else ("none", 0)
        steer = flight.steer
        found.eq((said["type"], said["hash"]), (kind, value), name + "reference")
        found.eq(said["type"], steer.type, name + "type")
        found.eq(said["hash"], steer.hash, name + "hash")
        found.eq(-1 if said["entry"] is None else said["entry"], steer.entry, name + "entry")
        found.eq(said["queue"], steer.queue, name + "queue")
        found.eq(said["cpu"], steer.cpu, name + "CPU")
        found.eq(said["cpu"], flight.receive.cpu, name + "CPU that received")
        found.eq(said["by"], "primary" if not self.on else
                 "default" if kind == "none" else "table", name + "by")

    def fly(self, trace, count):
        """Predicts flows, sends them, and compares. Returns the predictions."""
        items = [Flow(self.rng) for _ in range(count)]
        said = [predict("vmmq0v1", item.words()) for item in items]
        flights = steering.fly(self.bed, trace, self.source, self.target,
                               [self.frame(item) for item in items])
        with ktap.Mismatches("predictions") as found:
            for item, words, flight in zip(items, said, flights):
                self.check(found, words, flight, item)
        return said


def _rounds(rng, rounds, count, key_size, **parameters):
    """Rounds of flows. Returns the predictions."""
    said = []
    with Bed(vports=2, key_size=key_size, **parameters) as b:
        mac = frames.mac_text(b.vports[1].mac)
        vmmqctl.run(f"filter add vmmq0v1 mac {mac}")
        with tracing.Trace("steer", "receive") as trace:
            for _ in range(rounds):
                said += Round(b, rng, key_size).fly(trace, count)
    return said


def random_flows():
    """400 flows over random keys, tables, field sets and states; all kinds come up."""
    cpus.need(2)
    ktap.diag(f"seed {SEED}, set VMMQ_SEED for another")
    said = _rounds(random.Random(SEED), 16, 25, 40, queues=5)
    kinds = {words["type"] for words in said}
    ktap.true(len(kinds) >= 8, f"hash types: {sorted(kinds)}")
    ktap.eq({words["by"] for words in said}, {"table", "default", "primary"}, "ways")
    ktap.eq({words["queue"] for words in said}, set(range(5)), "queues")


def long_keys():
    """The same with keys of 52 bytes and 16 queues."""
    _rounds(random.Random(SEED + 1), 3, 25, 52, queues=16)


def after_moves():
    """Moves, a change of a vector and of the primary processor count at once."""
    cpus.need(3)
    rng = random.Random(SEED + 2)
    with Bed(vports=2, queues=4) as b, tracing.Trace("steer", "receive") as trace:
        mac = frames.mac_text(b.vports[1].mac)
        vmmqctl.run(f"filter add vmmq0v1 mac {mac}")
        this = Round(b, rng, spread=False, entries=128)
        this.rss.fields.update({kind: "sdfn" for kind in ("tcp4", "udp4", "tcp6", "udp6")})
        this.on = True
        this.apply()
        for change in ("move vmmq0v1 0-15 to 1", "vector set vmmq0 3 affinity 2",
                       "move vmmq0v1 default to 0 and primary to 1", "rss set vmmq0v1 off",
                       "move vmmq0v1 primary to 0", "rss set vmmq0v1 on"):
            status, _, err = vmmqctl.call(change)
            ktap.eq((status, err), (0, ""), change)
            this.on = vmmqctl.one("rss show vmmq0v1")["state"] == "on"
            this.fly(trace, 16)


def as_text():
    """The line for people says the same; the published verification values hold."""
    with Bed(vports=1, queues=4):
        vmmqctl.run("rss", "set", "vmmq0v0", "key", toeplitz.KEY.hex(":"))
        for source, sport, target, dport, addresses, ports in toeplitz.VECTORS:
            four = ":" not in source
            ends = [f"{source}:{sport}" if four else f"[{source}]:{sport}",
                    f"{target}:{dport}" if four else f"[{target}]:{dport}"]
            entry = ports & 127
            ktap.eq(vmmqctl.run("predict", "vmmq0v0", "from", ends[0], "to", ends[1], "tcp"),
                    f"hash 0x{ports:08x} type tcp-ipv{4 if four else 6} entry {entry} "
                    f"queue {entry % 4} CPU {vmmqctl.one('rss show vmmq0v0')['cpus'][entry]} "
                    "(by table)\n", "with ports")
            said = vmmqctl.one("predict", "vmmq0v0", "from", source, "to", target)
            ktap.eq((said["hash"], said["type"]), (addresses, "ipv4" if four else "ipv6"),
                    "without")
        vmmqctl.run("rss set vmmq0v0 off")
        ktap.contains(vmmqctl.run("predict vmmq0v0 from 10.0.0.1 to 10.0.0.2"),
                      "hash none", "while RSS is off")
        ktap.contains(vmmqctl.run("predict vmmq0v0 from 10.0.0.1 to 10.0.0.2"),
                      "(by primary)", "while RSS is off")


ktap.main(random_flows, long_keys, after_moves, as_text)
