#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""vmmqctl: every verb of every noun. What it shows is compared with Python's ynl, with
ethtool, ip and /proc; what it changes is looked at through those; and what it refuses."""

import json
import os
import pathlib
import random
import subprocess
import tempfile
import threading
import time

from lib import command, cpus, family, frames, ktap, netns, vmmqctl
from lib.bed import Bed

MAC = "02:00:00:5e:00:01"


class Case:
    """The module loaded, with the family by ynl beside the tool."""

    def __init__(self, b):
        self.bed = b
        self.control = family.Family()
        b.undo(self.control.close)

    def same(self, noun, op, **request):
        """The tool's show of all and ynl's dump are alike."""
        vmmqctl.same(vmmqctl.show(noun, "show"), self.dump(op, **request), noun)

    def dump(self, op, **request):
        """ynl's dump; a flag that is absent is false."""
        found = self.control.dump(op, **request)
        if op == "filter-get":
            for entry in found:
                entry["device"] = entry.get("device", False)
        return found


def test(**parameters):
    """Makes a case with a bed out of a function that takes a Case."""
    def wrap(function):
        def case():
            with Bed(**parameters) as b:
                function(Case(b))
        case.__name__ = function.__name__
        return case
    return wrap


@test(vports=2, queues=3)
def shows_what_the_family_says(case):
    """Each show, of all and of one: the keys and values are ynl's."""
    vmmqctl.run("filter", "add", "vmmq0v1", "mac", MAC, "vlan", 7)
    vmmqctl.run("rss", "set", "vmmq0v1", "types", "tcp-ipv4=src-addr,dst-port")
    for noun, op in (("adapter", "adapter-get"), ("vport", "vport-get"),
                     ("filter", "filter-get"), ("rss", "rss-get"), ("vector", "vector-get")):
        case.same(noun, op)
        ktap.eq(vmmqctl.show(noun), vmmqctl.show(noun, "show"), "show is the default")
        ktap.true(vmmqctl.run(noun).count("\n") >= 2, f"{noun} as text")
    do = case.control.do
    vmmqctl.same(vmmqctl.one("adapter show vmmq0"), do("adapter-get", name="vmmq0"), "adapter")
    vmmqctl.same(vmmqctl.one("vector show vmmq0 1"),
                 do("vector-get", adapter="vmmq0", index=1), "vector")
    vmmqctl.same(vmmqctl.one(f"filter show vmmq0/1 mac {MAC} vlan 7"),
                 dict(do("filter-get", adapter="vmmq0", mac=frames.mac(MAC), vlan=7),
                      device=False), "filter")
    for name in ("vmmq0v1", "vmmq0/1"):
        vmmqctl.same(vmmqctl.one("vport", "show", name), do("vport-get", ifname="vmmq0v1"),
                     "vport")
        vmmqctl.same(vmmqctl.one("rss", "show", name), do("rss-get", ifname="vmmq0v1"), "rss")
    counters = case.control.do("vport-get", ifname="vmmq0v1")["counters"]
    shown = vmmqctl.one("stats vmmq0v1")
    ktap.eq(sorted(shown), ["adapter", "counters", "ifname", "vport"], "keys of stats")
    ktap.eq(sorted(shown["counters"]), sorted(counters), "counters")


@test(vports=2, queues=2)
def pretty_is_the_same(_):
    """-p changes blanks only; without -j it changes nothing."""
    plain = vmmqctl.run("-j adapter")
    pretty = vmmqctl.run("-jp adapter")
    ktap.eq(json.loads(pretty), json.loads(plain), "the same values")
    ktap.eq((plain.count("\n"), pretty.count("\n") > 20), (1, True), "lines")
    ktap.eq(vmmqctl.run("-p vport"), vmmqctl.run("vport"), "text")
    ktap.eq(vmmqctl.run("--json", "--pretty", "adapter"), pretty, "long options")


@test(vports=1)
def adapters(case):
    """add with each keyword, set, show, del; by default what ynl's adapter-new makes."""
    cpus.need(3)
    vmmqctl.run("adapter add plain")
    case.control.do("adapter-new", name="other")
    plain, other = vmmqctl.show("adapter")[1:]
    for name in ("name", "index"):
        ktap.true(plain.pop(name) != other.pop(name), f"{name} of two adapters")
    ktap.eq(plain, other, "defaults")
    ktap.eq(vmmqctl.one("vport show adapter plain")["queue-pairs"], 1, "default-queues")

    limits = {"max-vports": 5, "key-size": 52, "max-queue-pairs-default": 4,
              "max-queue-pairs-vport": 2, "max-entries-default": 64, "max-entries-vport": 32,
              "max-filters": 7, "max-vectors": 1}
    words = [word for pair in limits.items() for word in pair]
    made = vmmqctl.one("adapter", "add", "all", *words, "queue-pairs", 9, "default-queues", 3,
                       "flags", "vport-hash,vlan-filter", "base-cpu", 1, "max-cpu", 2,
                       "max-count", 1, "one-per-core", "on", "node", "any")
    vmmqctl.same(made, case.control.do("adapter-get", name="all"), "what add answers")
    ktap.eq(made["capabilities"], dict(limits, **{"max-queue-pairs": 9},
                                       flags=["vlan-filter", "vport-hash"]), "capabilities")
    processors = made["processors"]
    ktap.eq([processors[k] for k in ("base-cpu", "max-cpu", "max-count", "one-per-core")],
            [1, 2, 1, 1], "processors")
    ktap.eq(vmmqctl.one("rss show allv0")["queue-pairs"], 3, "default-queues")
    vmmqctl.run("adapter set all max-count 5 one-per-core off node 0")
    processors = vmmqctl.one("adapter show all")["processors"]
    ktap.eq([processors.get(k) for k in ("base-cpu", "max-count", "one-per-core", "node")],
            [1, 5, 0, 0], "processors set, others kept")
    ktap.contains(vmmqctl.run("adapter show all"), "vlan-filter,vport-hash", "as text")
    vmmqctl.run("adapter add bare flags none")
    ktap.eq(vmmqctl.one("adapter show bare")["capabilities"]["flags"], [], "flags none")
    for name in ("plain", "other", "all", "bare"):
        vmmqctl.run("adapter", "del", name)
    ktap.eq(os.listdir("/sys/bus/vmmq/devices"), ["vmmq0"], "devices left")
    vmmqctl.refused(vmmqctl.REFUSED, "adapter add odd key-size 41",
                    says=("must be 40 or 52", "attribute capabilities.key-size"))
    vmmqctl.refused(vmmqctl.REFUSED, "adapter del odd",
                    says=("no adapter odd", "attribute name"))


@test(vports=2, queues=2, max_queues=8)
def vports(case):
    """add with each keyword, set, del; the net device is ip's."""
    ktap.eq(vmmqctl.run("vport add vmmq0"), "vmmq0v2\n", "add prints the name")
    ktap.eq(vmmqctl.run("vport", "add", "vmmq0", "mac", MAC, "vlan", 9, "queues", 3,
                        "max-queues", 5, "name", "seven", "id", 7, "state", "deactivated",
                        "moderation", "high"), "seven\n", "the name given")
    shown = vmmqctl.one("vport show seven")
    for key, value in (("vport", 7), ("ifname", "seven"), ("mac", MAC), ("vlan", 9),
                       ("queue-pairs", 3), ("max-queue-pairs", 5), ("state", "deactivated"),
                       ("queue-pairs-effective", 0), ("queue-pairs-reason", "deactivated"),
                       ("moderation", "high")):
        ktap.eq(shown[key], value, key)
    ktap.contains(command.ip("link", "show", "seven"), MAC, "ip link")
    ktap.contains(vmmqctl.run("vport show seven"), "0 (deactivated)", "effective, with why")
    vmmqctl.run("vport set seven activate queues 4 moderation adaptive")
    shown = vmmqctl.one("vport show vmmq0/7")
    ktap.eq([shown[k] for k in ("state", "queue-pairs", "moderation")],
            ["activated", 4, "adaptive"], "set")
    ktap.eq(command.ethtool("-l", "seven").split()[-1], "4", "ethtool -l")
    made = vmmqctl.one("vport add vmmq0")
    vmmqctl.same(made, case.control.do("vport-get", ifname="vmmq0v3"), "what add answers",
                 without=("counters",))
    vmmqctl.run("vport del seven")
    vmmqctl.run("vport del vmmq0/2")
    vmmqctl.run("vport del vmmq0v3")
    ktap.eq([v["vport"] for v in vmmqctl.show("vport")], [0, 1], "what is left")
    ktap.true("seven" not in command.ip("link"), "the net device is gone")
    vmmqctl.refused(vmmqctl.REFUSED, "vport del vmmq0v0", says="is the default VPort")
    for words in ("vport show adapter nosuch", "vector show nosuch", "rss show adapter nosuch",
                  "filter show adapter nosuch"):
        vmmqctl.refused(vmmqctl.REFUSED, words, says="no adapter nosuch")
    vmmqctl.refused(vmmqctl.REFUSED, "vport add nosuch",
                    says=("no adapter nosuch", "attribute adapter"))
    vmmqctl.refused(vmmqctl.REFUSED, "vport add vmmq0 queues 9",
                    says=("must be 1 to 8", "attribute queue-pairs"))
    vmmqctl.refused(vmmqctl.REFUSED, "vport set vmmq0v1 state deactivated",
                    says=("stays so", "attribute state"))


@test(vports=3, queues=2)
def filters(case):
    """add, show, move and del; frames follow."""
    source, first, second = case.bed.vports
    frame = frames.ip(frames.mac(MAC), source.mac,
                      frames.udp_packet("192.0.2.1", "192.0.2.9", 1, 2))
    tagged = frame[:12] + frames.tag(5) + frame[12:]
    out = source.sender()

    def got(sent):
        before = [v.tool.sum("rx_packets") for v in (first, second)]
        out.send(sent)
        case.bed.drained()
        return [v.tool.sum("rx_packets") - old for v, old in zip((first, second), before)]

    vmmqctl.run(f"filter add vmmq0v1 mac {MAC}")
    vmmqctl.run(f"filter add vmmq0v2 mac {MAC} vlan 5")
    ktap.eq((got(frame), got(tagged)), ([1, 0], [0, 1]), "added")
    mine = [f for f in vmmqctl.show("filter show vmmq0v2") if not f["device"]]
    ktap.eq([(f["ifname"], f["mac"], f["vlan"]) for f in mine], [("vmmq0v2", MAC, 5)], "show")
    text = vmmqctl.run("filter show vmmq0v2").splitlines()
    ktap.eq([line.split() for line in text if MAC in line],
            [["vmmq0v2", "vmmq0/2", MAC, "5", "user"]], "as text")
    ktap.eq(len(vmmqctl.show("filter show adapter vmmq0")), 5, "with the devices' own")
    vmmqctl.run(f"filter move vmmq0v2 mac {MAC} vlan 5 to vmmq0v1")
    ktap.eq(got(tagged), [1, 0], "moved")
    vmmqctl.run(f"filter move vmmq0/1 mac {MAC} to vmmq0/2")
    ktap.eq((got(frame), got(tagged)), ([0, 1], [1, 0]), "the other one moved")
    vmmqctl.run(f"filter del vmmq0v2 mac {MAC}")
    vmmqctl.run(f"filter del vmmq0v1 mac {MAC} vlan 5")
    ktap.eq((got(frame), got(tagged)), ([0, 0], [0, 0]), "deleted")
    vmmqctl.refused(vmmqctl.REFUSED, f"filter del vmmq0v1 mac {MAC}",
                    says=("no filter for", "attribute mac"))
    vmmqctl.run("adapter add far")
    vmmqctl.refused(vmmqctl.MISUSED, f"filter move vmmq0v1 mac {MAC} to farv0",
                    says="from adapter vmmq0 to far")


@test(vports=2, queues=4)
def rss(case):
    """Each parameter, several at once, all or nothing; ethtool sees the same."""
    cpus.need(4)
    device = case.bed.vports[1]
    key = bytes(range(1, 41))
    vmmqctl.run("rss", "set", "vmmq0v1", "cpus", "0,2-3", "key", key.hex(":"), "default-cpu", 2,
                "primary-cpu", 3, "types", "ipv4", "udp-ipv4,tcp-ipv6", "off")
    shown = vmmqctl.one("rss show vmmq0v1")
    ktap.eq([shown[k] for k in ("state", "key", "default-cpu", "primary-cpu", "user-table")],
            ["off", key.hex(":"), 2, 3, 1], "set together")
    ktap.eq(shown["types"], ["ipv4", "tcp-ipv6", "udp-ipv4"], "types")
    ktap.eq(shown["cpus"], [[0, 2, 3][n % 3] for n in range(128)], "cpus")
    for part in ("RSS off", "default  CPU 2 (tracked)\n", "primary  queue ", "entry (tracked)"):
        ktap.contains(vmmqctl.run("rss show vmmq0v1"), part, "as text")
    vmmqctl.run("rss set vmmq0v1 on")
    ktap.eq((device.tool.key(), device.tool.table()), (key, vmmqctl.one("rss show vmmq0v1")
                                                      ["queues"]), "ethtool -x")
    online = [cpus.effective(irq) for irq in case.bed.irqs]
    shown = vmmqctl.one("rss show vmmq0v1")
    ktap.eq([online[v] for v in shown["queue-vectors"]], shown["queue-cpus"], "/proc/irq")
    vmmqctl.run("rss set vmmq0v1 queues " + ",".join(str(n % 2) for n in range(128))
                + " default-queue 3")
    ktap.eq((device.tool.table(), vmmqctl.one("rss show vmmq0v1")["default-queue"]),
            ([n % 2 for n in range(128)], 3), "queues")
    vmmqctl.run("rss set vmmq0v1 entries 64")
    ktap.eq(len(vmmqctl.one("rss show vmmq0v1")["queues"]), 64, "entries")
    vmmqctl.run("rss set vmmq0v1 key random")
    ktap.ne(device.tool.key(), key, "a random key")
    vmmqctl.run("rss set vmmq0v1 types tcp-ipv4=src-addr,dst-port udp-ipv6=none "
                "ipv6=src-addr,ex queue-pairs 5")
    shown = vmmqctl.one("rss show vmmq0v1")
    ktap.eq([shown["fields"][k] for k in ("tcp-ipv4", "udp-ipv6", "ipv6", "ipv4")],
            [["src-addr", "dst-port"], [], ["src-addr", "ex"], ["src-addr", "dst-addr"]],
            "field sets")
    ktap.eq((shown["queue-pairs"], "types" in shown), (5, False), "beside them")
    ktap.contains(vmmqctl.run("rss show vmmq0v1"), "tcp-ipv4=src-addr,dst-port", "as text")
    vmmqctl.run("rss set vmmq0v1 types none default")
    shown = vmmqctl.one("rss show vmmq0v1")
    ktap.eq((shown["types"], shown["user-table"]), ([], 0), "types none, table default")
    before = vmmqctl.show("rss")
    vmmqctl.refused(vmmqctl.REFUSED, "rss set vmmq0v1 off key 00:01 types ipv4",
                    says=("a key of 2 bytes; this adapter's have 40", "attribute key"))
    vmmqctl.refused(vmmqctl.REFUSED, "rss set vmmq0v1 on types udp-ipv4=ex",
                    says="attribute fields.udp-ipv4")
    ktap.eq(vmmqctl.show("rss"), before, "all or nothing")


@test(vports=2, queues=4)
def rss_hits(case):
    """The table of 128 entries is compact, and shows the hits of each entry."""
    source, target = case.bed.vports
    out, sent = source.sender(), 96
    for port in range(sent):
        out.send(frames.ip(target.mac, source.mac, frames.udp_packet(
            "192.0.2.1", "192.0.2.2", 1000 + port, 9)))
    case.bed.drained()
    shown = vmmqctl.one("rss show vmmq0v1")
    ktap.eq(sum(shown["hits"]), sent, "hits in all")
    lines = vmmqctl.run("rss show vmmq0v1").splitlines()
    start = next(n for n, line in enumerate(lines) if "ENTRY" in line) + 1
    ktap.true(len(lines) < 32 and max(map(len, lines[start:])) < 100, "a compact table")
    cells = []
    for number, line in enumerate(lines[start:]):
        first, *words = line.split()
        ktap.eq(int(first), 8 * number, "first entry of a line")
        cells += zip(words[::2], map(int, words[1::2]))
    ktap.eq(cells, [(f"{q}/{c}", h) for q, c, h in
                    zip(shown["queues"], shown["cpus"], shown["hits"])], "each entry")
    queues = [line.split() for line in lines[lines.index(next(
        line for line in lines if "VECTOR" in line)) + 1:][:4]]
    ktap.eq([int(row[4]) for row in queues],
            [sum(h for q, h in zip(shown["queues"], shown["hits"]) if q == n)
             for n in range(4)], "hits by queue")


def _cpu_of(dev, entry):
    return vmmqctl.one("rss", "show", dev)["cpus"][entry]


@test(vports=3, queues=4)
def moves(case):
    """Entries, default and primary; from; groups; batches from a file and from stdin."""
    cpus.need(4)
    for n in (1, 2):
        vmmqctl.run(f"rss set vmmq0v{n} queues " + ",".join(["0"] * 128))
    answer = vmmqctl.show("move vmmq0v1 5,7-8 to 2 from 0 and default to 3 and primary to 1")
    ktap.eq(answer, [dict({"vport": 1, "kind": "entry", "index": n, "cpu": 2, "from": 0},
                          error=0) for n in (5, 7, 8)]
            + [{"vport": 1, "kind": "default", "cpu": 3, "error": 0},
               {"vport": 1, "kind": "primary", "cpu": 1, "error": 0}], "the answer")
    shown = vmmqctl.one("rss show vmmq0v1")
    ktap.eq([n for n, cpu in enumerate(shown["cpus"]) if cpu == 2], [5, 7, 8], "moved")
    ktap.eq((shown["default-cpu"], shown["primary-cpu"]), (3, 1), "default and primary")
    ktap.eq(vmmqctl.run("move vmmq0/1 0-127 to 1"), "vmmq0/1 entries 0-127 to CPU 1: moved\n",
            "128 entries in one command")

    status, out, err = vmmqctl.call("move vmmq0v1 0-3 to 2 and 9 to 3 from 0")
    ktap.eq(status, vmmqctl.REFUSED, "one of a group refused")
    ktap.contains(err, "entry 9", "the reason")
    ktap.eq(out.count("refused"), 2, "all of the group")
    ktap.eq(_cpu_of("vmmq0v1", 0), 1, "whole or not at all")

    batch = """# two VPorts, three groups
        vmmq0v1 0-3 to 2     # a comment
        vmmq0v1 4 to 2

        vmmq0/2 1 to 3 from 2 and 2 to 3
        vmmq0v1 5 to 2
        """
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "batch")
        file.write_text(batch, encoding="ascii")
        status, out, err = vmmqctl.call("-j", "move", "-batch", file)
    ktap.eq(status, vmmqctl.REFUSED, "the second group refused")
    ktap.contains(err, "vmmq0/2: ", "whose")
    ktap.contains(err, "2 of 8 moves", "how many")
    ktap.eq([_cpu_of("vmmq0v1", n) for n in range(7)], [2] * 6 + [1], "the others moved")
    ktap.eq(_cpu_of("vmmq0v2", 2), 0, "the refused one did not")
    vmmqctl.run("move -batch", stdin="vmmq0v2 1 to 3\n")
    ktap.eq(_cpu_of("vmmq0v2", 1), 3, "from standard input")
    vmmqctl.refused(vmmqctl.MISUSED, "move -batch", stdin="vmmq0v2 1 to 3\nvmmq0v1 1 two 3\n",
                    says="where to move is missing")
    vmmqctl.refused(vmmqctl.MISUSED, "move -batch /nowhere", says="/nowhere")
    vmmqctl.run("adapter add far")
    vmmqctl.refused(vmmqctl.MISUSED, "move -batch", stdin="vmmq0v2 1 to 3\nfarv0 1 to 0\n",
                    says="one adapter")
    vmmqctl.refused(vmmqctl.REFUSED, "move nosuch 1 to 0", says="attribute ifname")


@test(vports=2, queues=4)
def a_batch_is_one_request(case):
    """128 moves of two VPorts are two groups to the kernel: two announcements, and one new
    generation for each."""
    cpus.need(3)
    for n in (0, 1):
        vmmqctl.run(f"rss set vmmq0v{n} queues " + ",".join(["0"] * 128))
    before = [vmmqctl.one(f"rss show vmmq0/{n}")["generation"] for n in (0, 1)]
    lines = [f"vmmq0v{n} {entry} to 2\n" for n in (0, 1) for entry in range(64)]
    monitor = case.control.monitor()
    vmmqctl.run("move", "-batch", "-", stdin="".join(lines))
    heard = monitor.heard()
    monitor.close()
    ktap.eq([(name, msg["vport"], len(msg["entry"])) for name, msg in heard],
            [("rss-move-ntf", 0, 64), ("rss-move-ntf", 1, 64)], "groups")
    after = [vmmqctl.one(f"rss show vmmq0/{n}")["generation"] for n in (0, 1)]
    ktap.eq([new - old for new, old in zip(after, before)], [1, 1], "generations")


@test(vports=1, queues=3, entries=4096)
def the_longest_batch(_):
    """All entries of the largest table, default and primary in one command; one more is too
    many. The long pages of such a table are read whole."""
    cpus.need(3)
    answer = vmmqctl.show("move vmmq0v0 0-4095 to 2 and default to 2 and primary to 2")
    ktap.eq((len(answer), {entry["error"] for entry in answer}), (4098, {0}), "results")
    shown = vmmqctl.one("rss show vmmq0v0")
    ktap.eq((shown["cpus"], shown["default-cpu"], shown["primary-cpu"]), ([2] * 4096, 2, 2),
            "all of it")
    ktap.eq(len(shown["hits"]), 4096, "hits")
    lines = vmmqctl.run("rss show vmmq0v0").count("2/2 0")
    ktap.eq(lines, 4096, "as text")
    vmmqctl.refused(vmmqctl.REFUSED, "move vmmq0v0 0-4095 to 1 and default to 1 and primary to 1 "
                    "and 0 to 2", says="one batch may have")
    ktap.eq(vmmqctl.one("rss show vmmq0v0")["cpus"], [2] * 4096, "nothing moved")


@test(vports=1)
def vectors(case):
    """show and set; /proc has the affinity."""
    cpus.need(3)
    shown = vmmqctl.show("vector show vmmq0")
    ktap.eq([v["irq"] for v in shown], case.bed.irqs, "IRQ numbers")
    vmmqctl.run("vector set vmmq0 0 affinity 1-2")
    path = pathlib.Path(f"/proc/irq/{shown[0]['irq']}")
    ktap.eq((path / "smp_affinity_list").read_text(encoding="ascii").strip(), "1-2", "/proc")
    after = vmmqctl.one("vector show vmmq0 0")
    ktap.eq(after["affinity"], "1-2", "affinity shown")
    ktap.eq(after["cpu"], cpus.effective(shown[0]["irq"]), "effective")
    row = vmmqctl.run("vector show vmmq0 0").splitlines()[1].split()
    ktap.eq(row[:4] + row[5:6], ["vmmq0", "0", str(shown[0]["irq"]), "vmmq0-0", "1-2"], "text")
    vmmqctl.refused(vmmqctl.REFUSED, "vector set vmmq0 0 affinity 500",
                    says="attribute affinity")
    vmmqctl.refused(vmmqctl.REFUSED, "vector show vmmq0 99", says="attribute index")


@test(vports=2, queues=2)
def stats(case):
    """Counters are those of the net device; rates come with an interval."""
    source, target = case.bed.vports
    out = source.sender()
    frame = frames.ip(target.mac, source.mac, frames.udp_packet("192.0.2.1", "192.0.2.2", 1, 2))
    for _ in range(30):
        out.send(frame)
    case.bed.drained()
    counters = vmmqctl.one("stats vmmq0v1")["counters"]
    ktap.eq(counters["rx-packets"], target.tool.sum("rx_packets"), "rx-packets")
    ktap.eq(vmmqctl.one("stats show vmmq0/0")["counters"]["tx-packets"],
            source.tool.sum("tx_packets"), "tx-packets")
    head, *rows = vmmqctl.run("stats").splitlines()
    ktap.eq([row.split()[0] for row in rows], ["vmmq0v0", "vmmq0v1"], "rows")
    ktap.eq(rows[1].split()[head.split().index("RX-PACKETS")], str(counters["rx-packets"]),
            "as text")
    ktap.eq([v["vport"] for v in vmmqctl.show("stats adapter vmmq0")], [0, 1], "of an adapter")
    found = []
    reader = threading.Thread(target=lambda: found.append(
        vmmqctl.one("stats vmmq0v1 interval 1 count 1")))
    reader.start()
    while reader.is_alive():
        out.send(frame)
        time.sleep(0.01)
    reader.join()
    ktap.true(found, "an interval's answer")
    rates = found[0]["rates"]
    ktap.true(rates["rx-packets"] > 0 and found[0]["seconds"] >= 1, f"a rate: {found[0]}")
    ktap.true(found[0]["counters"]["rx-packets"] > counters["rx-packets"], "counters beside")
    ktap.eq(sorted(set(found[0]["counters"]) - set(rates)), ["longest-drain"], "no rate")
    ktap.eq(vmmqctl.run("stats interval 1 count 2").count("vmmq0v1"), 2, "twice")


@test(vports=2, queues=2)
def other_namespaces(case):
    """A VPort that sits in another namespace by its name; -n for an adapter of another."""
    case.bed.vports[1].down()
    case.bed.vports[1].ns.run("ip", "link", "set", "vmmq0v1", "name", "inside")
    shown = vmmqctl.one("vport show inside")
    ktap.eq((shown["vport"], "ifindex" in shown), (1, False), "found by its name there")
    ktap.true(vmmqctl.run("vport show inside").splitlines()[1].split()[-1] != "-", "as text")
    vmmqctl.run("rss set inside key " + bytes(40).hex(":"))
    ktap.eq(vmmqctl.one("predict inside from 10.0.0.1:1 to 10.0.0.2:2 udp")["hash"], 0,
            "and changed by it")
    case.bed.vports[1].ns.run("ip", "link", "set", "inside", "name", "vmmq0v1")

    ns = netns.Netns("vmmq-ctl")
    case.bed.undo(ns.close)
    vmmqctl.run("-n", "vmmq-ctl", "adapter", "add", "far", "default-queues", 2)
    ktap.eq([a["name"] for a in vmmqctl.show("adapter", ns=ns)], ["far"], "made there")
    ktap.eq([a["name"] for a in vmmqctl.show("adapter")], ["vmmq0"], "and not here")
    ktap.eq(vmmqctl.show("-n", "vmmq-ctl", "vport"), vmmqctl.show("vport", ns=ns), "-n")
    vmmqctl.run("--netns", "vmmq-ctl", "adapter", "del", "far")
    ktap.eq(vmmqctl.show("adapter", ns=ns), [], "deleted there")
    vmmqctl.refused(vmmqctl.MISUSED, "-n nosuch adapter", says="no network namespace 'nosuch'")
    vmmqctl.refused(vmmqctl.MISUSED, "-n ../x adapter", says="is no name")
    vmmqctl.refused(vmmqctl.REFUSED, "vport show vmmq0v1", ns=case.bed.vports[1].ns,
                    says=("is controlled from the namespace of vmmq0", "attribute ifname"))


@test(vports=1)
def unprivileged(_):
    """Who may not change anything is told so; showing is free."""
    def drop():
        os.setgid(65534)
        os.setuid(65534)

    def call(*words):
        done = subprocess.run([vmmqctl.PATH, *words], preexec_fn=drop, capture_output=True,
                              text=True, check=False)
        return done.returncode, done.stdout, done.stderr
    status, out, _ = call("-j", "adapter")
    ktap.eq((status, "vmmq0" in out), (0, True), "showing")
    status, _, err = call("rss", "set", "vmmq0v0", "off")
    ktap.eq(status, vmmqctl.REFUSED, f"changing: {err}")
    ktap.contains(err, "CAP_NET_ADMIN", "why")


class _Mover(threading.Thread):
    """Moves a filter to and fro between the first and the last VPort of a dump, in bursts."""

    def __init__(self):
        super().__init__()
        self.control = family.Family()
        self.stop = threading.Event()
        self.moved = 0

    def run(self):
        rng = random.Random(1)
        while not self.stop.is_set():
            for _ in range(rng.randrange(1, 40)):
                self.moved += 1
                self.control.do("filter-move", adapter="vmmq0", mac=frames.mac(MAC),
                                to=2 * (self.moved % 2))
            time.sleep(rng.random() * 0.1)


@test(vports=3, queues=2)
def dumps_are_of_one_state(case):
    """A filter that moves to and fro is shown exactly once by each dump of many messages."""
    many = 2000
    for n in range(many):
        case.control.do("filter-new", adapter="vmmq0", vport=1,
                        mac=bytes((2, 1, 0, 0, n >> 8, n & 255)))
    case.control.do("filter-new", adapter="vmmq0", vport=0, mac=frames.mac(MAC))
    mover = _Mover()
    mover.start()
    good = tries = 0
    try:
        while good < 40 and tries < 400:
            tries += 1
            status, out, err = vmmqctl.call("-j filter")
            if status:
                ktap.contains(err, "changed all the time", "why a dump failed")
                continue
            good += 1
            ktap.eq(out.count(MAC), 1, f"a filter in dump {tries}, {mover.moved} moves")
            ktap.eq(out.count('"02:01:00:00'), many, "the others")
    finally:
        mover.stop.set()
        mover.join()
        mover.control.close()
    ktap.diag(f"{good} of {tries} dumps, {mover.moved} moves")
    ktap.true(good >= 40, "there were dumps")


def without_the_module():
    """The tool says what is missing."""
    for words in ("adapter", "vport show x", "rss set x on", "monitor", "move x 1 to 2"):
        vmmqctl.refused(vmmqctl.MISUSED, words, says="the module is not loaded")


ktap.main(shows_what_the_family_says, pretty_is_the_same, adapters, vports, filters, rss, rss_hits,
          moves, a_batch_is_one_request, the_longest_batch, vectors, stats, other_namespaces,
          unprivileged, dumps_are_of_one_state, without_the_module)
