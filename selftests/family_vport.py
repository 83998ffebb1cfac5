#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Control family, VPorts and filters: made, changed, activated and deleted; filters added,
moved at one instant and deleted; each refusal, and what is announced."""

import errno
import threading

from lib import bed, command, ethtool, family, frames, ktap, netns, wait


VLANS = 33          # one more than are announced


def _mac(number):
    return bytes((0x02, 0, 0, 0x5e, 0, number))


class _New:
    """A VPort of vport-new in a namespace of its own, up."""

    def __init__(self, b, control, **config):
        self.ns = netns.Netns(f"vmmq-new-{config.get('ifname', 'x')}")
        b.undo(self.ns.close)
        self.shown = control.do("vport-new", adapter="vmmq0", **config)
        self.name = self.shown["ifname"]
        command.ip("link", "set", self.name, "netns", self.ns.name)
        command.ip("link", "set", self.name, "up", ns=self.ns)
        self.tool = ethtool.Device(self.ns, self.name)
        b.undo(self.tool.close)

    def received(self):
        """Frames it has received."""
        return self.tool.sum("rx_packets")


def make_and_delete():
    """vport-new with everything it takes, vport-set, vport-del, and their announcements."""
    with bed.Bed(vports=2, queues=2, max_queues=8):
        control = family.Family()
        monitor = control.monitor()
        made = control.do("vport-new", adapter="vmmq0", vport=7, ifname="seven",
                          mac=_mac(7), vlan=9, queue_pairs=3, max_queue_pairs=4,
                          moderation="high", state="deactivated")
        for name, value in (("vport", 7), ("ifname", "seven"), ("vlan", 9),
                            ("queue-pairs", 3), ("max-queue-pairs", 4),
                            ("moderation", "high"), ("state", "deactivated"),
                            ("queue-pairs-effective", 0),
                            ("queue-pairs-reason", "deactivated")):
            ktap.eq(made[name], value, name)
        ktap.contains(command.ip("-d", "link", "show", "seven"), "vmmq", "a net device")
        ktap.contains(command.ip("link", "show", "seven"), "02:00:00:5e:00:07", "its address")
        other = control.do("vport-new", adapter="vmmq0")
        ktap.eq((other["vport"], other["ifname"], other["queue-pairs"]), (2, "vmmq0v2", 1),
                "the lowest free number")
        ktap.eq([name for name, _ in monitor.heard()],
                ["vport-add-ntf", "vport-change-ntf", "vport-add-ntf"], "announced")
        control.do("vport-set", ifname="seven", queue_pairs=4, moderation="adaptive",
                   state="activated")
        shown = control.do("vport-get", ifname="seven")
        ktap.eq((shown["queue-pairs"], shown["moderation"], shown["state"],
                 shown["moderation-reason"]), (4, "adaptive", "activated", "adaptive"), "set")
        ktap.true(all(name in ("vport-change-ntf", "rss-change-ntf")
                      for name, _ in monitor.heard()), "changes are announced")
        control.do("rss-set", ifname="seven", state="off")
        shown = control.do("vport-get", ifname="seven")
        ktap.eq((shown["queue-pairs"], shown["queue-pairs-effective"],
                 shown["queue-pairs-reason"]), (4, 1, "rss-off"), "requested and effective")
        monitor.heard()
        control.do("vport-del", ifname="seven")
        ktap.eq([(name, msg["vport"]) for name, msg in monitor.heard()],
                [("vport-del-ntf", 7)], "deletion is announced")
        command.ip("link", "del", "vmmq0v2")
        ktap.eq([(name, msg["vport"]) for name, msg in monitor.heard()],
                [("vport-del-ntf", 2)], "that by ip link too")
        ktap.eq([v["vport"] for v in control.dump("vport-get")], [0, 1], "what is left")
        monitor.close()
        control.close()


def refusals():
    """Everything vport-new, -set and -del refuse."""
    with bed.Bed(vports=2, queues=2, max_queues=4):
        control = family.Family()
        for code, says, attribute, config in (
                (errno.EEXIST, "has a VPort 1 already", ".vport", {"vport": 1}),
                (errno.EEXIST, "net device lo already", ".ifname", {"ifname": "lo"}),
                (errno.EINVAL, "no name for a net device", ".ifname", {"ifname": "a/b"}),
                (errno.EADDRNOTAVAIL, "not a unicast", ".mac", {"mac": b"\1\0\0\0\0\1"}),
                (errno.EINVAL, "up to 4 queue pairs", ".max-queue-pairs",
                 {"max_queue_pairs": 5}),
                (errno.EINVAL, "must be 1 to 3", ".queue-pairs",
                 {"queue_pairs": 4, "max_queue_pairs": 3}),
                (errno.ERANGE, "", ".vlan", {"vlan": 4095}),
                (errno.ERANGE, "", ".moderation", {"moderation": 5}),
                (errno.ERANGE, "", ".mac", {"mac": b"\2\0\0\0\0"})):
            try:
                control.do("vport-new", adapter="vmmq0", **config)
                ktap.fail(f"{config} was accepted")
            except family.Refused as refusal:
                ktap.true(refusal.errno in (code, errno.EINVAL), f"{config}: {refusal}")
                ktap.contains(refusal.text, says, str(config))
                ktap.eq(refusal.attribute, attribute, f"{config}: attribute")
        control.refused(errno.EOPNOTSUPP, "stays so", ".state", "vport-set",
                        adapter="vmmq0", vport=1, state="deactivated", queue_pairs=1)
        ktap.eq(control.do("vport-get", adapter="vmmq0", vport=1)["queue-pairs"], 2,
                "nothing of it was done")
        control.refused(errno.EINVAL, "must be 1 to 4", ".queue-pairs", "vport-set",
                        adapter="vmmq0", vport=1, queue_pairs=5, moderation="low")
        ktap.eq(control.do("vport-get", adapter="vmmq0", vport=1)["moderation"], "off",
                "nothing of it was done")
        control.refused(errno.EOPNOTSUPP, "is the default VPort", None, "vport-del",
                        adapter="vmmq0", vport=0)
        ktap.eq([v["vport"] for v in control.dump("vport-get")], [0, 1], "what there is")
        control.close()


def activation():
    """A deactivated VPort takes nothing, moves nothing and sends nothing."""
    with bed.Bed(vports=2, queues=2) as b:
        control = family.Family()
        new = _New(b, control, ifname="late", mac=_mac(3), state="deactivated")
        frame = frames.ip(_mac(3), b.vports[0].mac,
                          frames.udp_packet("192.0.2.1", "192.0.2.9", 1, 2))
        out = b.vports[0].sender()
        out.send(frame)
        wait.until(lambda: new.tool.stat("rx_drop_down") == 1, "the drop to be counted")
        reply = control.do("rss-move", adapter="vmmq0",
                           entry=[{"vport": new.shown["vport"], "index": 0, "cpu": 0}])
        ktap.eq(reply["entry"][0]["error"], errno.ENETDOWN, "a move of it")
        control.do("vport-set", ifname="late", state="activated")
        out.send(frame)
        wait.until(lambda: new.received() == 1, "the frame, once it is activated")
        control.close()


def filters():
    """filter-new, -get, -move and -del; a frame follows the filter."""
    with bed.Bed(vports=3, queues=2) as b:
        control = family.Family()
        monitor = control.monitor()
        source, first, second = b.vports
        who = {"adapter": "vmmq0", "mac": _mac(1)}
        out = source.sender()
        plain = frames.ip(_mac(1), source.mac,
                          frames.udp_packet("192.0.2.1", "192.0.2.9", 1, 2))
        tagged = plain[:12] + frames.tag(5) + plain[12:]

        def got(frame):
            before = [v.tool.sum("rx_packets") for v in (first, second)]
            out.send(frame)
            b.drained()
            return [v.tool.sum("rx_packets") - old
                    for v, old in zip((first, second), before)]

        control.do("filter-new", vport=1, vlan=5, **who)
        ktap.eq((got(tagged), got(plain)), ([1, 0], [0, 0]), "only in its VLAN")
        control.do("filter-new", vport=2, **who)
        ktap.eq((got(tagged), got(plain)), ([1, 0], [0, 1]), "the VLAN's filter comes first")
        control.do("filter-move", vlan=5, to=2, **who)
        ktap.eq(got(tagged), [0, 1], "moved")
        ktap.eq(control.do("filter-get", vlan=5, **who)["ifname"], second.name, "as shown")
        mine = [f for f in control.dump("filter-get", adapter="vmmq0") if "device" not in f]
        ktap.eq([(f["vport"], f.get("vlan")) for f in mine], [(2, None), (2, 5)]
                if mine[0].get("vlan") is None else [(2, 5), (2, None)], "dump")
        control.refused(errno.EBUSY, "2 filters select", None, "vport-del", adapter="vmmq0",
                        vport=2)
        control.do("filter-del", vlan=5, **who)
        ktap.eq(got(tagged), [0, 1], "the one for any VLAN is left")
        control.do("filter-del", **who)
        ktap.eq(got(plain), [0, 0], "nobody's any more")
        ktap.eq([(name, msg["vport"], msg.get("vlan")) for name, msg in monitor.heard()],
                [("filter-add-ntf", 1, 5), ("filter-add-ntf", 2, None),
                 ("filter-move-ntf", 2, 5), ("filter-del-ntf", 2, 5),
                 ("filter-del-ntf", 2, None)], "announced")
        _filter_refusals(control, first, who)
        monitor.close()
        control.close()


def _filter_refusals(control, first, who):
    control.refused(errno.ENOENT, "in any VLAN", ".mac", "filter-del", **who)
    control.refused(errno.ENOENT, "in VLAN 7", ".mac", "filter-get", vlan=7, **who)
    control.refused(errno.EBUSY, "follows an address", ".mac", "filter-del",
                    adapter="vmmq0", mac=first.mac, vlan=0)
    control.refused(errno.EEXIST, "follows an address of vmmq0v1", ".mac", "filter-new",
                    adapter="vmmq0", vport=2, mac=first.mac, vlan=0)
    control.refused(errno.EADDRNOTAVAIL, "not a unicast", ".mac", "filter-new",
                    adapter="vmmq0", vport=1, mac=b"\1\0\x5e\0\0\1")
    control.refused(errno.EINVAL, "mac is missing", None, "filter-new", adapter="vmmq0",
                    vport=1)
    control.do("filter-new", vport=1, **who)
    control.refused(errno.EEXIST, "selects vmmq0v1 already", ".mac", "filter-new", vport=2, **who)
    control.refused(errno.ENODEV, "has no VPort 9", ".to", "filter-move", to=9, **who)
    control.refused(errno.EINVAL, "is missing (to)", None, "filter-move", **who)
    control.refused(errno.ENOENT, "selects vmmq0v1, not vmmq0v2", ".mac", "filter-move",
                    vport=2, to=0, **who)


def many_at_once():
    """Filters of an address in many VLANs, and those of a switched VLAN filter, are not announced
    one by one; how many there are is."""
    with bed.Bed(vports=1) as b:
        control = family.Family()
        b.undo(control.close)
        home = b.vports[0]
        for vid in range(1, VLANS + 1):
            home.ip(f"link add link {home.name} name v{vid} type vlan id {vid}")
        listener = control.monitor()
        b.undo(listener.close)
        home.ip(f"link set {home.name} address {frames.mac_text(_mac(9))}")
        heard = listener.heard()
        ktap.eq({name for name, _ in heard}, {"vport-change-ntf"}, "another address")
        ktap.eq(heard[-1][1]["filters"], VLANS + 1, "filters")
        home.ethtool(f"-K {home.name} rx-vlan-filter off")
        heard = listener.heard()
        ktap.eq({name for name, _ in heard}, {"vport-change-ntf"}, "VLAN filter off")
        ktap.eq(heard[-1][1]["filters"], 1, "filters")
        home.ip(f"link set {home.name} address {frames.mac_text(_mac(8))}")
        ktap.true({"filter-add-ntf", "filter-del-ntf"} <= {name for name, _ in listener.heard()},
                  "single ones are announced")


def user_before_device():
    """A user's filter and an address of a device, of one key: the user's counts, whoever has
    the lower number, and filter-get shows who gets the frames."""
    with bed.Bed(vports=4, queues=2) as b:
        control = family.Family()
        b.undo(control.close)
        source, low, high, other = b.vports
        who = {"adapter": "vmmq0", "mac": _mac(1), "vlan": 0}
        out = source.sender()
        frame = frames.ip(_mac(1), source.mac,
                          frames.udp_packet("192.0.2.1", "192.0.2.9", 1, 2))

        def receiver():
            before = [v.tool.sum("rx_packets") for v in b.vports]
            out.send(frame)
            b.drained()
            got = [v.name for v, old in zip(b.vports, before) if v.tool.sum("rx_packets") != old]
            return got, control.do("filter-get", **who)["ifname"]
        control.do("filter-new", vport=2, **who)
        for vport in (other, low):
            vport.ip(f"link set {vport.name} address {frames.mac_text(_mac(1))}")
            ktap.eq(receiver(), ([high.name], high.name), f"{vport.name} has the address too")
        control.do("filter-move", to=0, **who)
        out.send(frame)
        wait.until(lambda: source.tool.stat("tx_drop_own") == 1, "the sender's own to be dropped")
        control.do("filter-del", **who)
        ktap.eq(receiver(), ([low.name], low.name), "of two devices that of the lower number")
        control.refused(errno.EBUSY, f"follows an address of {low.name}", ".mac", "filter-del",
                        **who)


def many_filters():
    """A dump in many pieces shows every filter once; with a piece of it deleted before, the
    others."""
    count = 700
    with bed.Bed(vports=2, up=False) as b:
        control = family.Family()
        b.undo(control.close)
        macs = [bytes((2, 1, 0, 0, n >> 8, n & 0xff)) for n in range(count)]
        for n, mac in enumerate(macs):
            control.do("filter-new", adapter="vmmq0", vport=n % 2, mac=mac)

        def mine():
            return [(f["mac"], f["vport"]) for f in control.dump("filter-get")
                    if "device" not in f]
        expected = [(frames.mac_text(mac), n % 2) for n, mac in enumerate(macs)]
        ktap.eq(mine(), expected, "each once, in the order of their making")
        for mac in macs[100:600]:
            control.do("filter-del", adapter="vmmq0", mac=mac)
        ktap.eq(mine(), expected[:100] + expected[600:], "what is left")
        counts = [v["filters"] for v in control.dump("vport-get")]
        ktap.eq(counts, [101, 101], "filters of the VPorts, their own included")
        command.ip("link", "del", b.vports[1].name, ns=b.vports[1].ns)
        ktap.eq({vport for _, vport in mine()}, {0}, "those of a deleted VPort are gone")


def atomic_move():
    """Under load every frame reaches exactly one of the two VPorts."""
    with bed.Bed(vports=3, queues=2) as b:
        control = family.Family()
        source, first, second = b.vports
        who = {"adapter": "vmmq0", "mac": _mac(1)}
        control.do("filter-new", vport=1, **who)
        frame = frames.ip(_mac(1), source.mac,
                          frames.udp_packet("192.0.2.1", "192.0.2.9", 1, 2))
        out, stop, sent = source.sender(), threading.Event(), [0]

        def send():
            while not stop.is_set():
                out.send(frame)
                sent[0] += 1
        sender = threading.Thread(target=send)
        sender.start()
        try:
            for n in range(200):
                control.do("filter-move", to=1 + (n + 1) % 2, **who)
        finally:
            stop.set()
            sender.join()
        b.drained()
        got = [v.tool.sum("rx_packets") + v.tool.sum("rx_missed") for v in (first, second)]
        ktap.true(all(got), "both received")
        ktap.eq(sum(got), sent[0], "each frame once")
        ktap.eq(source.tool.stat("tx_drop_unmatched"), 0, "no frame was nobody's")
        control.close()


ktap.main(make_and_delete, refusals, activation, filters, many_at_once, user_before_device,
          many_filters, atomic_move)
