#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Control family, messages that are not right: each operation gets its requests damaged in
every way the format has, and a bounded number at random; refused in words, nothing changed, and
nothing in the kernel's log."""

import errno
import os
import random
import struct

from lib import bed, family, ktap

MUTATIONS = 1500
UNKNOWN = 63            # no attribute set is so large
NEST = family.F_NESTED
MOVING = ("counters", "hits", "moderation-effective", "rx-usecs", "rx-frames", "generation")


def _parse(data):
    """Attributes of a payload: list of (type, payload)."""
    found = []
    while data:
        length, kind = struct.unpack("=HH", data[:4])
        found.append((kind, data[4:length]))
        data = data[(length + 3) & ~3:]
    return found


def _build(attributes):
    return b"".join(family.attribute(kind, payload) for kind, payload in attributes)


class Target:
    """An adapter of its own with a VPort and a filter, and a good request of each operation,
    encoded by ynl."""

    def __init__(self, b):
        self.control = family.Family()
        b.undo(self.control.close)
        self.raw = family.Raw(self.control, size=1 << 18)
        b.undo(self.raw.close)
        self.control.do("adapter-new", name="m", default_queue_pairs=2,
                        capabilities={"max-queue-pairs": 6})
        self.control.do("vport-new", adapter="m", queue_pairs=2)
        self.control.do("filter-new", adapter="m", vport=1, mac=b"\2\0\0\0\0\1", vlan=3)
        one = {"adapter": "m", "vport": 1}
        mac = {"mac": "020000000001", "vlan": 3}
        self.good = {
            "adapter-get": {"name": "m"},
            "adapter-new": {"name": "n", "default-queue-pairs": 1,
                            "capabilities": {"max-vports": 3, "key-size": 40},
                            "processors": {"base-cpu": 0, "max-count": 3}},
            "adapter-set": {"name": "m", "processors": {"base-cpu": 0, "max-count": 100}},
            "adapter-del": {"name": "m"},
            "vport-get": one,
            "vport-new": {"adapter": "m", "vport": 2, "ifname": "mally", "mac": "020000000009",
                          "vlan": 4, "state": 1, "queue-pairs": 1, "max-queue-pairs": 4,
                          "moderation": 1},
            "vport-set": dict(one, **{"queue-pairs": 1, "moderation": 2, "state": 1}),
            "vport-del": one,
            "filter-get": dict(one, **mac),
            "filter-new": dict(one, mac="020000000002", vlan=4),
            "filter-move": dict(adapter="m", to=0, **mac),
            "filter-del": dict(adapter="m", **mac),
            "rss-get": one,
            "rss-set": dict(one, **{"state": 0, "fields": {"ipv4": 1, "udp-ipv6": 15},
                                    "key": bytes(range(40)).hex(), "entries": 2,
                                    "queues": family.words([0, 1]).hex(), "default-queue": 1,
                                    "primary-cpu": 0, "queue-pairs": 2}),
            "rss-move": dict(one, entry=[{"kind": 0, "index": 1, "cpu": 0, "from": 0},
                                         {"vport": 1, "kind": 2, "cpu": 0}]),
            "vector-get": {"adapter": "m", "index": 0},
            "vector-set": {"adapter": "m", "index": 0, "affinity": "0"},
        }

    def requests(self):
        """(operation, command, good payload)."""
        ops = self.control.ynl.msgs
        ktap.eq({name for name, op in ops.items() if "do" in op.yaml}, set(self.good),
                "a request of each operation")
        for name, values in self.good.items():
            yield name, ops[name].yaml["value"], self.encode(ops[name], values)

    def encode(self, op, values, attribute_set=None):
        """A payload, its attributes in the order given."""
        attributes = op.attr_set if attribute_set is None else \
            self.control.ynl.attr_sets[attribute_set]
        out = b""
        for name, value in values.items():
            spec = attributes[name]
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict):
                    out += family.attribute(
                        spec.value | NEST, self.encode(op, one, spec["nested-attributes"]))
                elif spec["type"] == "u32":
                    out += family.u32(spec.value, one)
                elif spec["type"] == "string":
                    out += family.attribute(spec.value, one.encode() + b"\0")
                else:
                    out += family.attribute(spec.value, bytes.fromhex(one))
        return out

    def state(self):
        """Everything the family shows but what moves by itself."""
        return {op: [{k: v for k, v in shown.items() if k not in MOVING}
                     for shown in self.control.dump(op)]
                for op in ("adapter-get", "vport-get", "filter-get", "rss-get", "vector-get")}

    def refused(self, what, cmd, payload, **options):
        """The request must be refused. Returns the errno."""
        code = self.raw.error(cmd, payload, **options)
        ktap.true(code, f"{what}: was accepted")
        return code


PARSER = (b"vmmq-test", b"netlink: ", b"callbacks suppressed")


def _log():
    """Lines of the kernel log, without those that the tests and the parser of attributes, which
    is the kernel's own, leave."""
    fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    lines = []
    try:
        while True:
            try:
                lines.append(os.read(fd, 8192))
            except BlockingIOError:
                return [line for line in lines
                        if not any(word in line for word in PARSER)]
            except BrokenPipeError:
                pass
    finally:
        os.close(fd)


def _damaged(payload):
    """(what, payload) of each way to damage the attributes of a good request that no request
    may have."""
    attributes = _parse(payload)
    yield "unknown attribute", payload + family.u32(UNKNOWN, 0)
    yield "unknown attribute in front", family.u32(UNKNOWN, 0) + payload
    yield "attribute 0", payload + family.u32(0, 1)
    yield "a byte more", payload + b"\0"
    yield "a header cut short", payload + struct.pack("=H", 4)
    yield "longer than the message", payload + struct.pack("=HH", 64, 1)
    yield "shorter than its header", payload + struct.pack("=HH", 3, 1)
    for n, (kind, data) in enumerate(attributes):
        before, after = attributes[:n], attributes[n + 1:]
        where = f"attribute {kind & 0x3fff}"
        if not (kind & NEST) or [k for k, _ in attributes].count(kind) == 1:
            yield f"{where} twice", _build(attributes + [(kind, data)])
        if kind & NEST:
            for what, inner in _damaged(data):
                yield f"{where}: {what}", _build(before + [(kind, inner)] + after)
            yield f"{where} not marked as a nest", \
                _build(before + [(kind & ~NEST, data)] + after)
            continue
        yield f"{where} empty", _build(before + [(kind, b"")] + after)
        yield f"{where} marked as a nest", _build(before + [(kind | NEST, data)] + after)
        if len(data) == 4:
            for value in (0xffffffff, 0x80000000):
                yield f"{where} = {value}", \
                    _build(before + [(kind, struct.pack("=I", value))] + after)
            for length in (1, 2, 3, 5, 8):
                yield f"{where} of {length} bytes", \
                    _build(before + [(kind, (data * 2)[:length])] + after)
        elif data.endswith(b"\0") and data[:-1].isascii():
            yield f"{where} without end", _build(before + [(kind, b"x" * 16)] + after)
            yield f"{where} too long", _build(before + [(kind, b"y" * 1100 + b"\0")] + after)
        else:
            yield f"{where} cut", _build(before + [(kind, data[:-1])] + after)
            yield f"{where} longer", _build(before + [(kind, data + b"\1")] + after)


# A table entry's number has no limit of its own: one that is too large fails its group.
ACCEPTED = {("rss-move", "attribute 5: attribute 3 = ")}


def damaged():
    """Each operation, each attribute, each way to damage it."""
    with bed.Bed(vports=1, up=False) as b:
        t = Target(b)
        before, log = t.state(), _log()
        count = 0
        for name, cmd, payload in t.requests():
            for what, bad in _damaged(payload):
                if any(name == op and what.startswith(way) for op, way in ACCEPTED):
                    continue
                t.refused(f"{name}: {what}", cmd, bad)
                count += 1
            ktap.eq(t.state(), before, f"the state after {name}")
        ktap.true(count > 500, f"{count} requests")
        ktap.eq(_log()[len(log):], [], "the kernel's log")


def headers():
    """Reserved bytes, flags that mean nothing here, operations that are none, requests without
    attributes."""
    with bed.Bed(vports=1, up=False) as b:
        t = Target(b)
        before, log = t.state(), _log()
        for name, cmd, payload in t.requests():
            ktap.eq(t.refused(f"{name}: reserved", cmd, payload, reserved=1), errno.EINVAL, name)
            for flag in (0x40, 0x800, 0x1000):
                t.refused(f"{name}: flags {flag:#x}", cmd, payload, flags=family.F_ACK | flag)
            if name != "adapter-new":
                t.refused(f"{name}: nothing", cmd, b"")
        for op in t.control.ynl.msgs.values():
            if "do" not in op.yaml:
                ktap.eq(t.refused(op.name, op.yaml["value"], b""), errno.EOPNOTSUPP,
                        f"{op.name} as a request")
        for cmd in (0, 29, 200, 255):
            ktap.eq(t.refused(f"command {cmd}", cmd, b""), errno.EOPNOTSUPP, f"command {cmd}")
        ktap.eq((t.state(), _log()[len(log):]), (before, []), "state and log")


def dumps():
    """A dump takes an adapter and nothing else."""
    with bed.Bed(vports=1, up=False) as b:
        t = Target(b)
        name = family.attribute(1, b"m\0")
        for op in t.control.ynl.msgs.values():
            if "dump" not in op.yaml:
                continue
            cmd, flags = op.yaml["value"], family.F_DUMP
            ktap.eq(t.raw.error(cmd, b"", flags=flags), 0, f"{op.name} of all")
            if op.name != "adapter-get":
                ktap.eq(t.raw.error(cmd, name, flags=flags), 0, f"{op.name} of one")
                ktap.eq(t.refused(op.name, cmd, family.attribute(1, b"x\0"), flags=flags),
                        errno.ENODEV, "an adapter that is none")
            for what, bad in (("a VPort", family.u32(2, 0)), ("ifindex", family.u32(3, 1)),
                              ("ifname", family.attribute(4, b"mv0\0")),
                              ("unknown", family.u32(UNKNOWN, 0))):
                t.refused(f"{op.name} dump: {what}", cmd, name + bad, flags=flags)
        for cmd in (2, 9, 16, 23, 25):
            t.refused(f"dump of command {cmd}", cmd, b"", flags=family.F_DUMP)


def _mutate(rng, payload):
    data = bytearray(payload)
    if rng.randrange(2):        # a number, and nothing else, so that much of it is a request
        word = 4 * rng.randrange(len(data) // 4)
        data[word:word + 4] = struct.pack("=I", rng.randrange(24))
        return bytes(data)
    for _ in range(rng.randint(1, 4)):
        where = rng.randrange(len(data)) if data else 0
        choice = rng.randrange(5)
        if choice == 0 and data:
            data[where] ^= 1 << rng.randrange(8)
        elif choice == 1 and data:
            data[where] = rng.choice((0, 1, 4, 0x7f, 0x80, 0xff))
        elif choice == 2:
            del data[where:where + rng.randint(1, 12)]
        elif choice == 3:
            data[where:where] = rng.randbytes(rng.randint(1, 12))
        else:
            other = rng.randrange(len(data)) if data else 0
            data[where:where] = data[other:other + rng.randint(4, 24)]
    return bytes(data)


def mutations():
    """Random damage, the same in every run: what is refused has changed nothing; what happens
    to be a request again leaves a state that keeps the rules."""
    with bed.Bed(vports=1, up=False) as b:
        t = Target(b)
        log, rng = _log(), random.Random(2024)
        # Names stay away: one of any bytes is as good to the kernel, not to ynl.
        del t.good["adapter-new"]["name"], t.good["vport-new"]["ifname"]
        requests = [r for r in t.requests() if r[0] not in ("adapter-del", "vport-del")]
        before, refused = t.state(), 0
        for n in range(MUTATIONS):
            name, cmd, payload = rng.choice(requests)
            if name == "adapter-new" and n > 200:
                continue        # there are enough of them to be looked at each time
            bad = _mutate(rng, payload)
            code = t.raw.error(cmd, bad)
            refused += bool(code)
            if code and n % 10:
                continue
            after = t.state()
            if code:
                ktap.eq(after, before, f"mutation {n} of {name}: {bad.hex()}: state")
            before = after
            _keeps_rules(after, f"mutation {n} of {name}: {bad.hex()}")
        ktap.true(refused > MUTATIONS // 3, f"{refused} of {MUTATIONS} were refused")
        ktap.eq([line for line in _log()[len(log):] if b"vmmq" in line], [], "the kernel's log")


def _keeps_rules(state, what):
    for shown in state["rss-get"]:
        if shown["state"] == "on":
            distinct = set(shown["cpus"]) | {shown["default-cpu"]}
            ktap.true(len(distinct) <= shown["queue-pairs"], f"{what}: {distinct}")
        ktap.true(max(shown["queues"]) < shown["queue-pairs"], f"{what}: queues")
    for shown in state["adapter-get"]:
        for pool in shown["pool"]:
            ktap.true(pool["used"] <= pool["size"], f"{what}: {pool}")


ktap.main(damaged, headers, dumps, mutations)
