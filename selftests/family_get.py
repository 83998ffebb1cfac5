#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Control family, reading: adapters, VPorts, RSS parameters and vectors, one by one and as
dumps, agree with what ethtool, ip and /proc say; malformed requests are refused."""

import errno

from lib import bed, command, family, frames, ktap, module, netns, steering

CMD = {"adapter-get": 1, "vport-get": 8, "rss-get": 22, "vector-get": 27}
TYPES = {"ipv4", "tcp-ipv4", "udp-ipv4", "ipv6", "tcp-ipv6", "udp-ipv6"}


def adapters():
    """adapter-get shows what the module was loaded with."""
    with bed.Bed(vports=3, adapters=2, queues=2, max_queues=5, entries=64, key_size=52) as b:
        control = family.Family()
        found = control.dump("adapter-get")
        ktap.eq([a["name"] for a in found], ["vmmq0", "vmmq1"], "names")
        ktap.eq(control.do("adapter-get", name="vmmq1"), found[1], "one by one")
        caps = found[0]["capabilities"]
        for name, value in (("max-vports", 1024), ("max-queue-pairs-default", 5),
                            ("max-queue-pairs-vport", 5), ("max-entries-default", 64),
                            ("max-entries-vport", 64), ("key-size", 52)):
            ktap.eq(caps[name], value, name)
        ktap.eq(found[0]["vectors"], len(b.irqs), "vectors")
        pools = {pool["kind"]: pool for pool in found[0]["pool"]}
        ktap.eq(pools["vports"]["used"], 3, "VPorts in use")
        ktap.eq(pools["queue-pairs"]["used"], 6, "queue pairs in use")
        b.vports[1].ethtool(f"-L {b.vports[1].name} combined 5")
        pools = {pool["kind"]: pool
                 for pool in control.do("adapter-get", name="vmmq0")["pool"]}
        ktap.eq(pools["queue-pairs"]["used"], 9, "queue pairs in use after -L")
        control.refused(errno.ENODEV, "no adapter vmmq7", ".name", "adapter-get", name="vmmq7")
        control.refused(errno.EINVAL, "name is missing", None, "adapter-get")
        control.close()


def vports():
    """vport-get by each way to name a VPort, from its adapter's namespace only."""
    with bed.Bed(vports=3, queues=3) as b:
        control = family.Family()
        here = netns.Netns("vmmq-other")
        b.undo(here.close)
        found = control.dump("vport-get", adapter="vmmq0")
        ktap.eq([v["vport"] for v in found], [0, 1, 2], "numbers")
        for vport, shown in zip(b.vports, found):
            ktap.eq(shown["ifname"], vport.name, "ifname")
            ktap.eq(bytes.fromhex(shown["mac"].replace(":", "")), vport.mac, "mac")
            ktap.eq(shown["queue-pairs"], 3, "queue pairs")
            ktap.eq(shown["state"], "activated", "state")
            ktap.true("ifindex" not in shown, "no ifindex of a foreign namespace")
        ktap.eq(control.do("vport-get", ifname="vmmq0v2")["vport"], 2, "by name")
        ktap.eq(control.do("vport-get", adapter="vmmq0", vport=1)["ifname"], "vmmq0v1",
                "by number")
        b.vports[1].ethtool(f"-C {b.vports[1].name} rx-usecs 64 rx-frames 32")
        ktap.eq(control.do("vport-get", ifname="vmmq0v1")["moderation"], "medium", "level")
        b.vports[1].ethtool(f"-C {b.vports[1].name} rx-usecs 63")
        ktap.eq(control.do("vport-get", ifname="vmmq0v1")["moderation"], "custom", "no level")
        inside = family.Family(b.vports[2].ns)
        ktap.eq(inside.dump("vport-get"), [], "seen from elsewhere")
        inside.refused(errno.EPERM, "namespace of vmmq0", ".ifname", "vport-get",
                       ifname="vmmq0v2")
        inside.refused(errno.ENODEV, "is not a VPort", ".ifname", "vport-get", ifname="lo")
        inside.close()
        _refusals(control)
        _back_home(b, control)
        control.close()


def _refusals(control):
    control.refused(errno.EINVAL, "no VPort named", None, "vport-get")
    control.refused(errno.ENODEV, "has no VPort 9", ".vport", "vport-get",
                    adapter="vmmq0", vport=9)
    control.refused(errno.EINVAL, "name is missing", None, "vport-get", vport=1)
    control.refused(errno.EINVAL, "different VPorts", ".ifname", "vport-get",
                    adapter="vmmq0", vport=1, ifname="vmmq0v2")
    control.refused(errno.ERANGE, "", ".vport", "vport-get", adapter="vmmq0", vport=1024)
    control.refused(errno.ENODEV, "no net device 4242", ".ifindex", "vport-get", ifindex=4242)


def _back_home(b, control):
    """A VPort in the adapter's own namespace has its ifindex; two of one name need more."""
    vport = b.vports[2]
    vport.ip(f"link set {vport.name} netns 1")
    words = command.ip("-o", "link", "show", vport.name).split(":")
    ktap.eq(control.do("vport-get", ifindex=int(words[0]))["vport"], 2, "by ifindex")
    command.ip("link", "set", vport.name, "netns", vport.ns.name)
    for number in (1, 2):
        b.vports[number].down()
        b.vports[number].ip(f"link set {b.vports[number].name} name same")
    control.refused(errno.ENOTUNIQ, "name one by adapter and number", ".ifname", "vport-get",
                    ifname="same")


def rss():
    """rss-get agrees with ethtool and /proc."""
    with bed.Bed(vports=2, queues=3, max_queues=8, entries=32) as b:
        control, tool = family.Family(), b.vports[1].tool
        table = [(7 * i + 1) % 3 for i in range(32)]
        key = bytes(range(40))
        tool.set_rss(table=table, key=key)
        b.spread_vectors()
        shown = control.rss(ifname="vmmq0v1")
        ktap.eq(shown["state"], "on", "state")
        ktap.eq(shown["queues"], table, "table as queues")
        ktap.eq(shown["cpus"], [b.queue_cpu(q) for q in table], "table as CPUs")
        ktap.eq(shown["key"], key, "key")
        ktap.eq(shown["types"], TYPES, "types")
        ktap.eq(shown["user-table"], 1, "set by the user")
        ktap.eq(shown["queue-cpus"], [b.queue_cpu(q) for q in range(3)], "CPUs of the queues")
        ktap.eq((shown["default-queue"], shown["default-cpu"]), (0, b.queue_cpu(0)), "default")
        ktap.eq((shown["entries"], shown["queue-pairs"]), (32, 3), "sizes")
        tool.set_fields("tcp4", "sd")
        tool.set_fields("udp6", "sf")
        shown = control.rss(ifname="vmmq0v1")
        ktap.true("types" not in shown, "no types can say it")
        ktap.eq(shown["fields"]["tcp-ipv4"], {"src-addr", "dst-addr"}, "TCP over IPv4")
        ktap.eq(shown["fields"]["udp-ipv6"], {"src-addr", "src-port"}, "UDP over IPv6")
        both = control.dump("rss-get")
        ktap.eq([r["vport"] for r in both], [0, 1], "dump")
        ktap.eq(both[0]["user-table"], 0, "not set by the user")
        control.close()


def hits():
    """Per entry the frames that arrived, computed from what was sent."""
    with bed.Bed(vports=2, queues=2, entries=16) as b:
        control = family.Family()
        source, target = b.vports
        key = bytes(range(7, 47))
        target.tool.set_rss(key=key)
        reference = steering.Rss(key, [0] * 16)
        expected, out = [0] * 16, source.sender()
        before = control.rss(ifname=target.name)["hits"]
        for port in range(60):
            frame = frames.ip(target.mac, source.mac,
                              frames.udp_packet(source.ip4, target.ip4, 1000 + port, 7))
            expected[reference.entry(reference.hash(frame)[1])] += 1
            out.send(frame)
        b.drained()
        after = control.rss(ifname=target.name)["hits"]
        ktap.eq([new - old for new, old in zip(after, before)], expected, "hits by entry")
        control.close()


def notifications():
    """What ethtool changes is announced."""
    with bed.Bed(vports=2, queues=4, entries=16) as b:
        control = family.Family()
        monitor = control.monitor()
        vport = b.vports[1]
        vport.tool.set_rss(table=[3] * 16)
        heard = monitor.heard()
        ktap.eq([name for name, _ in heard], ["rss-change-ntf"], "announced")
        ktap.eq((heard[0][1]["ifname"], heard[0][1]["queues"]), (vport.name, [3] * 16),
                "its content")
        vport.ethtool(f"-C {vport.name} rx-usecs 256 rx-frames 128")
        heard = monitor.heard()
        ktap.eq([(name, msg["moderation"]) for name, msg in heard],
                [("vport-change-ntf", "high")], "moderation")
        monitor.close()
        control.close()


def vectors():
    """vector-get agrees with /proc."""
    with bed.Bed(vports=2, queues=3) as b:
        control = family.Family()
        b.spread_vectors()
        found = control.dump("vector-get", adapter="vmmq0")
        ktap.eq([v["irq"] for v in found], b.irqs, "IRQ numbers")
        ktap.eq([v["cpu"] for v in found], b.queue_cpus(), "CPUs")
        ktap.eq([v["name"] for v in found], [f"vmmq0-{n}" for n in range(len(b.irqs))],
                "names")
        ktap.eq(sum(v["queues"] for v in found), 6, "queues")
        ktap.eq(control.do("vector-get", adapter="vmmq0", index=0), found[0], "one")
        control.refused(errno.ENOENT, "has vectors 0 to", ".index", "vector-get",
                        adapter="vmmq0", index=100)
        control.close()


def consistent():
    """A dump in pieces says that something changed between them, and only then."""
    module.load(vports=40, queues=1)
    space = netns.Netns("vmmq-dump")
    control = family.Family()
    irq = control.do("vector-get", adapter="vmmq0", index=0)["irq"]
    changes = (None, ("ethtool", "-C", "vmmq0v0", "rx-usecs", "20"),
               ("ip", "link", "set", "vmmq0v1", "name", "other"),
               ("ip", "link", "set", "other", "netns", space.name),
               ("ip", "link", "set", "vmmq0v2", "address", "02:00:00:00:00:09"),
               ("ip", "link", "add", "link", "vmmq0v3", "name", "tagged", "type", "vlan",
                "id", "5"),
               ("ip", "link", "del", "tagged"),
               ("sh", "-c", f"echo 0 > /proc/irq/{irq}/smp_affinity_list"),
               None)
    for change in changes:
        raw = family.Raw(control)
        raw.send(CMD["vport-get"], flags=family.F_DUMP)
        messages, pieces = [], 0
        while not messages or messages[-1][0] != family.NLMSG_DONE:
            messages += raw.receive()
            pieces += 1
            if change and pieces == 1:
                command.run(*change)
        ktap.true(pieces > 3, "the dump took several messages")
        ktap.eq(len(messages), 41, "a message for each VPort and the end")
        ktap.eq(any(flags & family.F_DUMP_INTR for _, flags, _ in messages), bool(change),
                f"the dump says that it was interrupted: {change}")
        raw.close()
    control.close()
    space.close()
    module.unload()


def malformed():
    """Unknown attributes, wrong lengths, unterminated names and trailing bytes."""
    with bed.Bed(vports=1):
        control = family.Family()
        raw = family.Raw(control)
        name = family.attribute(1, b"vmmq0\0")
        get = CMD["vport-get"]
        ktap.eq(raw.error(get, name + family.u32(2, 0)), 0, "a good one")
        for what, cmd, payload in (
                ("unknown attribute", get, name + family.u32(2, 0) + family.u32(99, 0)),
                ("attribute of another operation", get,
                 name + family.u32(2, 0) + family.u32(9, 0)),
                ("short number", get, name + family.attribute(2, b"\0\0")),
                ("long number", get, name + family.attribute(2, bytes(8))),
                ("name without end", get, family.attribute(1, b"vmmq0") + family.u32(2, 0)),
                ("trailing bytes", get, name + family.u32(2, 0) + b"\1\0\0"),
                ("attribute of a dump without any", CMD["adapter-get"], None)):
            if payload is None:
                code = raw.error(cmd, family.u32(2, 0), flags=family.F_DUMP)
            else:
                code = raw.error(cmd, payload)
            ktap.true(code in (errno.EINVAL, errno.ERANGE), f"{what}: errno {code}")
        ktap.eq(raw.error(77), errno.EOPNOTSUPP, "unknown operation")
        raw.close()
        control.close()


ktap.main(adapters, vports, rss, hits, notifications, vectors, consistent, malformed)
