#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=4
"""Control family, the spec as a list: each of its operations is driven through ynl and each of
its notifications heard, with what caused it; what the spec gains and this program does not
drive fails it."""

import errno
import struct

from lib import bed, command, cpus, family, ktap, netns

ENTRIES = 16
MSG_RSS_NTF, A_RSS_INDIR = 50, 4    # of the ethtool family
MAC = b"\x02\x00\x00\x5e\x00\x21"


class Driver:
    """Two namespaces, an adapter in the first; counts what was driven and heard."""

    def __init__(self, b):
        self.home = netns.Netns("vmmq-ops")
        b.undo(self.home.close)
        self.away = netns.Netns("vmmq-away")
        b.undo(self.away.close)
        self.control = family.Family(self.home)
        b.undo(self.control.close)
        self.monitor = self.control.monitor()
        b.undo(self.monitor.close)
        self.driven = set()
        self.announced = set()

    def do(self, op, **attributes):
        """An operation."""
        reply = self.control.do(op, **attributes)
        self.driven.add((op, "do"))
        return reply

    def dump(self, op, **attributes):
        """A dump."""
        found = self.control.dump(op, **attributes)
        self.driven.add((op, "dump"))
        return found

    def ip(self, text):
        """ip in the adapter's namespace."""
        return command.ip(*text.split(), ns=self.home)

    def ethtool(self, text):
        """ethtool in the adapter's namespace."""
        return command.ethtool(*text.split(), ns=self.home)

    def heard(self, what, *expected):
        """The notifications since the last call are these: (name, {attribute: value})."""
        found = self.monitor.heard()
        ktap.eq([name for name, _ in found], [name for name, _ in expected], what)
        for (name, got), (_, attributes) in zip(found, expected):
            for attribute, value in attributes.items():
                ktap.eq(got.get(attribute), value, f"{what}: {name}: {attribute}")
            self.announced.add(name)
        return [attributes for _, attributes in found]


def _adapter_set(d):
    online = cpus.online()
    d.control.refused(errno.EBUSY, "outside the set", ".processors", "adapter-set", name="a",
                      processors={"max-count": 3})
    d.heard("refused: nothing")
    d.do("adapter-set", name="a", processors={"max-count": 4, "base-cpu": online[0]})
    heard = d.heard("adapter-set", ("adapter-change-ntf", {"name": "a"}))
    ktap.eq(heard[0]["processors"]["max-count"], 4, "its content")


def _vports(d):
    made = d.do("vport-new", adapter="a", mac=MAC, queue_pairs=2)
    d.heard("vport-new", ("vport-add-ntf", {"vport": 1, "ifname": "av1", "mac": made["mac"]}))
    one = {"adapter": "a", "vport": 1}
    ktap.eq(d.do("vport-get", **one)["ifindex"], d.home.ifindex("av1"), "vport-get")
    ktap.eq([v["ifname"] for v in d.dump("vport-get", adapter="a")], ["av0", "av1"], "dump")
    d.do("vport-set", moderation="low", **one)
    d.heard("vport-set", ("vport-change-ntf", {"moderation": "low", "rx-usecs": 16}))
    d.ethtool("-C av1 rx-usecs 256 rx-frames 128")
    d.heard("ethtool -C", ("vport-change-ntf", {"moderation": "high"}))
    d.do("vport-set", queue_pairs=4, **one)
    d.heard("vport-set of queue pairs", ("rss-change-ntf", {"queue-pairs": 4}),
            ("vport-change-ntf", {"queue-pairs": 4}))
    d.ethtool("-L av1 combined 2")
    d.heard("ethtool -L", ("rss-change-ntf", {"queue-pairs": 2, "queues": [0, 1] * 64}),
            ("vport-change-ntf", {"queue-pairs": 2}))


def _links(d):
    """What ip link changes."""
    d.ip("link set av1 address 02:00:00:5e:00:22")
    d.heard("another address",
            ("filter-add-ntf", {"mac": "02:00:00:5e:00:22", "vlan": 0, "device": True}),
            ("filter-del-ntf", {"mac": "02:00:00:5e:00:21", "vlan": 0, "device": True}),
            ("vport-change-ntf", {"mac": "02:00:00:5e:00:22"}))
    d.ip("link set av1 name renamed")
    d.heard("another name", ("vport-change-ntf", {"ifname": "renamed", "vport": 1}))
    d.ip("link set renamed netns vmmq-away")
    heard = d.heard("another namespace", ("vport-change-ntf", {"ifname": "renamed"}))
    ktap.true("ifindex" not in heard[0], "no index of a foreign namespace")
    command.ip("link", "set", "renamed", "netns", "vmmq-ops", ns=d.away)
    d.heard("and back", ("vport-change-ntf", {"ifindex": d.home.ifindex("renamed")}))
    d.ip("link set renamed name av1")
    d.heard("its name again", ("vport-change-ntf", {"ifname": "av1"}))


def _filters(d):
    who = {"adapter": "a", "mac": b"\2\0\0\0\0\7"}
    text = "02:00:00:00:00:07"
    d.do("filter-new", vport=1, vlan=9, **who)
    d.heard("filter-new", ("filter-add-ntf", {"mac": text, "vlan": 9, "vport": 1,
                                              "device": None}))
    ktap.eq(d.do("filter-get", vlan=9, **who)["ifname"], "av1", "filter-get")
    ktap.eq(sorted(f["mac"] for f in d.dump("filter-get", adapter="a") if "device" not in f),
            [text], "dump")
    d.do("filter-move", vlan=9, to=0, **who)
    d.heard("filter-move", ("filter-move-ntf", {"mac": text, "vlan": 9, "vport": 0}))
    d.do("filter-del", vlan=9, **who)
    d.heard("filter-del", ("filter-del-ntf", {"mac": text, "vlan": 9, "vport": 0}))
    d.ip("link set av1 up")
    d.heard("up: nothing that is shown")
    d.ip("link add link av1 name av1m address 02:00:00:00:00:08 type macvlan mode private")
    d.ip("link set av1m up")
    d.heard("an upper device's address",
            ("filter-add-ntf", {"mac": "02:00:00:00:00:08", "vport": 1, "device": True}))
    d.ip("link del av1m")
    d.heard("it goes",
            ("filter-del-ntf", {"mac": "02:00:00:00:00:08", "vport": 1, "device": True}))
    d.ip("link add link av1 name av1t type vlan id 77")
    d.heard("a VLAN", ("filter-add-ntf", {"vlan": 77, "vport": 1, "device": True}))
    d.ip("link del av1t")
    d.heard("it goes", ("filter-del-ntf", {"vlan": 77, "vport": 1, "device": True}))


def _rss(d):
    one = {"adapter": "a", "vport": 1}
    d.do("rss-set", entries=ENTRIES, queues=family.words([0, 1] * 8), **one)
    d.heard("rss-set", ("rss-change-ntf", {"queues": [0, 1] * 8, "user-table": 1}))
    d.ethtool("-X av1 weight 0 1")
    d.heard("ethtool -X", ("rss-change-ntf", {"queues": [1] * ENTRIES, "user-table": 1}))
    ktap.eq(d.do("rss-get", **one)["queues"], [1] * ENTRIES, "rss-get")
    d.ethtool("-X av1 equal 2")
    d.heard("a user's table that looks like the default one",
            ("rss-change-ntf", {"queues": [0, 1] * 8, "user-table": 1}))
    d.ethtool("-X av1 default")
    d.heard("back to the default table",
            ("rss-change-ntf", {"queues": [0, 1] * 8, "user-table": 0}))
    ktap.eq(d.do("rss-get", **one)["user-table"], 0, "as announced")
    ktap.eq([r["vport"] for r in d.dump("rss-get")], [0, 1], "dump")
    first, second = (d.do("rss-get", **one)["queue-cpus"][q] for q in (0, 1))
    d.do("rss-move", entry=[{"index": 3, "cpu": first, "from": second},
                            {"index": 4, "cpu": first}], **one)
    d.heard("rss-move", ("rss-move-ntf", {
        "vport": 1, "generation": d.do("rss-get", **one)["generation"],
        "entry": [{"kind": "entry", "index": 3, "cpu": first, "from": second}]}))
    d.do("rss-move", entry=[{"index": 3, "cpu": first}], **one)
    d.heard("a move to where it is: nothing")


def _vectors(d):
    found = d.dump("vector-get", adapter="a")
    ktap.eq([v["index"] for v in found], list(range(4)), "dump")
    ktap.eq(d.do("vector-get", adapter="a", index=2), found[2], "vector-get")
    d.do("vector-set", adapter="a", index=2, affinity=str(found[0]["cpu"]))
    d.heard("vector-set", ("vector-change-ntf", {"index": 2, "cpu": found[0]["cpu"]}))
    ktap.eq(cpus.effective(found[2]["irq"]), found[0]["cpu"], "as /proc says")


def _ends(d):
    one = {"adapter": "a", "vport": 1}
    d.do("vport-del", **one)
    d.heard("vport-del", ("vport-del-ntf", {"vport": 1, "ifname": "av1"}))
    d.do("vport-new", **one)
    d.do("filter-new", mac=b"\2\0\0\0\0\7", **one)
    d.heard("a VPort with a filter", ("vport-add-ntf", {}), ("filter-add-ntf", {}))
    d.ip("link del av1")
    d.heard("ip link del takes a user's filter along",
            ("filter-del-ntf", {"mac": "02:00:00:00:00:07", "vport": 1, "device": None}),
            ("vport-del-ntf", {"vport": 1}))
    d.do("adapter-del", name="a")
    d.heard("adapter-del, its parts go without saying", ("adapter-del-ntf", {"name": "a"}))


def every_operation():
    """Each operation of the spec, each way it has, and each notification."""
    cpus.need(4)
    with bed.Bed(vports=1) as b:
        d = Driver(b)
        made = d.do("adapter-new", name="a", default_queue_pairs=2)
        d.heard("adapter-new", ("adapter-add-ntf", {"name": "a", "vports": 1, "vectors": 4,
                                                    "pool": made["pool"]}))
        ktap.eq(d.do("adapter-get", name="a"), made, "adapter-get")
        ktap.eq(d.dump("adapter-get"), [made], "its dump")
        for part in (_adapter_set, _vports, _links, _filters, _rss, _vectors, _ends):
            part(d)
        wanted, notifications = set(), set()
        for op in d.control.ynl.msgs.values():
            wanted |= {(op.name, way) for way in ("do", "dump") if way in op.yaml}
            if "notify" in op.yaml or "event" in op.yaml:
                notifications.add(op.name)
        ktap.true(len(wanted) > 20 and len(notifications) > 8, "the spec was read")
        ktap.eq(wanted - d.driven, set(), "operations of the spec that were not driven")
        ktap.eq(notifications - d.announced, set(), "notifications that were not heard")


def elsewhere():
    """A namespace hears of its own adapters only."""
    with bed.Bed(vports=1) as b:
        d = Driver(b)
        outside = family.Family()
        b.undo(outside.close)
        listener = outside.monitor()
        b.undo(listener.close)
        d.do("adapter-new", name="a")
        d.do("rss-set", ifname="av0", state="off")
        d.heard("at home", ("adapter-add-ntf", {}), ("rss-change-ntf", {"state": "off"}),
                ("vport-change-ntf", {"queue-pairs-reason": "rss-off"}))
        ktap.eq(listener.heard(), [], "elsewhere")


def ethtool_agrees():
    """ethtool -x and rss-get show one table, key and set of fields, whoever changed them."""
    with bed.Bed(vports=2, queues=4, entries=ENTRIES) as b:
        control, vport = family.Family(), b.vports[1]
        b.undo(control.close)

        def agree(what):
            shown = control.rss(ifname=vport.name)
            ktap.eq(vport.tool.table(), shown["queues"], f"{what}: table")
            ktap.eq(vport.tool.key(), shown["key"], f"{what}: key")
            letters = {"src-addr": "s", "dst-addr": "d", "src-port": "f", "dst-port": "n"}
            for flow, name in (("tcp4", "tcp-ipv4"), ("udp6", "udp-ipv6")):
                ktap.eq(set(vport.tool.fields(flow)),
                        {letters[field] for field in shown["fields"][name]}, f"{what}: {flow}")
        agree("at first")
        for step in range(4):
            table = [(step + i * 3) % 4 for i in range(ENTRIES)]
            key = bytes((step + i) & 0xff for i in range(40))
            control.do("rss-set", ifname=vport.name, queues=family.words(table), key=key,
                       fields={"tcp-ipv4": ["src-addr"], "udp-ipv6": ["dst-port"]})
            agree("rss-set")
            ktap.eq(vport.tool.table(), table, "as set")
            vport.tool.set_rss(table=table[::-1], key=key[::-1])
            vport.tool.set_fields("tcp4", "sdfn")
            agree("ethtool")
            ktap.eq(control.rss(ifname=vport.name)["queues"], table[::-1], "as set by ethtool")
            control.do("rss-move", ifname=vport.name,
                       entry=[{"index": step, "cpu": b.queue_cpu(3)}])
            agree("rss-move")
            ktap.eq(vport.tool.table()[step], 3, "moved")


def ethtool_notifies():
    """Where ethtool announces RSS changes it announces those of the family too, each once."""
    with bed.Bed(vports=1, up=False, queues=2, entries=ENTRIES) as b:
        control = family.Family()
        b.undo(control.close)
        group = family.Group("ethtool", "monitor")
        b.undo(group.close)
        command.ip("link", "set", "vmmq0v0", "netns", "1", ns=b.vports[0].ns)
        b.undo(command.ip, "link", "set", "vmmq0v0", "netns", b.vports[0].ns.name)

        def heard():
            return [list(struct.unpack(f"={ENTRIES}I", attributes[A_RSS_INDIR]))
                    for number, attributes in group.heard() if number == MSG_RSS_NTF]
        command.ethtool("-X", "vmmq0v0", "weight", "0", "1")
        first = heard()
        if not first:
            ktap.skip("this kernel's ethtool announces no changes of RSS parameters")
        ktap.eq(first, [[1] * ENTRIES], "a change of ethtool's")
        control.do("rss-set", ifname="vmmq0v0", queues=family.words([0, 1] * 8))
        ktap.eq(heard(), [[0, 1] * 8], "rss-set")
        cpu = control.rss(ifname="vmmq0v0")["queue-cpus"][1]
        control.do("rss-move", ifname="vmmq0v0", entry=[{"index": 0, "cpu": cpu}])
        ktap.eq(heard(), [[1, 1] + [0, 1] * 7], "rss-move")
        control.do("rss-move", ifname="vmmq0v0", entry=[{"index": 0, "cpu": cpu}])
        ktap.eq(heard(), [], "a move to where it is")
        control.do("vport-set", ifname="vmmq0v0", queue_pairs=3)
        ktap.eq(heard(), [[1, 1] + [0, 1] * 7], "vport-set of queue pairs")


ktap.main(every_operation, elsewhere, ethtool_agrees, ethtool_notifies)
