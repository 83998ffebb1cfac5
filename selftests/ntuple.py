#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Ntuple rules: which frames they match, what becomes of these, where rules stand, and what
is refused. A rule's frames are told from the fields the frames were made of."""

import errno
import os
import random

from lib import (command, ethtool, frames, ktap, module, ntuple, steering, tracing, vmmqctl,
                 wait)
from lib.bed import Bed
from lib.ntuple import ANY, DROP, FIRST, LAST, WAKE, Rule
from lib.packet import Sender

SEED = int(os.environ.get("VMMQ_SEED", "815"))
QUEUES = 8

A4 = [f"10.0.{n}.{m}" for n in (1, 2) for m in (1, 2, 129)]
A6 = [f"2001:db8:{n}::{m:x}" for n in (1, 2) for m in (1, 2, 0x8001)]
PORTS = (53, 80, 81, 443, 8080)
VLANS = (0x0005, 0x2005, 0x0006, 0x2006)    # with priorities


class Scene:
    """`with Scene() as scene:` two VPorts; the first, the default one, gets frames of the
    second, and nothing else, and knows VLANs no limit."""

    def __init__(self, **parameters):
        self.bed = Bed(vports=2, queues=QUEUES, **parameters)
        self.trace = self.target = self.source = self.device = self.out = None

    def __enter__(self):
        self.bed.__enter__()
        try:
            self.target, self.source = self.bed.vports
            self.device = self.target.tool
            self.out = self.source.sender()
            self.trace = tracing.Trace("steer", "receive", "drop")
            self.bed.undo(self.trace.close)
            self.trace.__enter__()
        except BaseException:
            self.bed.__exit__(None)
            raise
        return self

    def __exit__(self, *why):
        return self.bed.__exit__(*why)

    def frame(self, packet, tags=(), dst=None):
        """A frame around an IP packet."""
        return frames.ip(dst or self.target.mac, self.source.mac, packet, tags)

    def udp(self, dport=80, sport=1000, src="10.0.1.1", dst="10.0.2.1"):
        """A frame of UDP."""
        return self.frame(frames.udp_packet(src, dst, sport, dport))

    def fly(self, sent):
        """Sends frames. Returns the trace event of each: steer, or drop."""
        self.bed.drained()
        self.trace.clear()
        before = self.source.tool.sum("tx_packets")
        self.out.send_all(sent)
        wait.reaches(lambda: self.source.tool.sum("tx_packets"), before + len(sent),
                     "frames sent")
        self.bed.drained()
        events = self.trace.events("steer", "drop", ifindex=self.target.ifindex)
        steering.same_lengths(events, [len(frame) for frame in sent], "steered or dropped")
        return events

    def queues(self, sent):
        """Sends frames. Returns the queue of each, or the reason of a drop."""
        return [event.queue if event.name == "steer" else event.reason
                for event in self.fly(sent)]

    def refused(self, code, says, function, *args):
        """function(*args) must fail with this error, and the log must say why."""
        log = module.Log()
        try:
            refuses(code, function, *args)
            text = "\n".join(log.lines())
        finally:
            log.close()
        ktap.contains(text, says, f"reason why {function.__name__}{args} is refused")


def refuses(code, function, *args):
    """Fails unless function(*args) is refused with this error."""
    try:
        function(*args)
    except ethtool.Refused as refusal:
        ktap.eq(errno.errorcode[refusal.errno], errno.errorcode[code], str(refusal))
    else:
        ktap.fail(f"{function.__name__}{args} was not refused")


# ---- the property: random rules and frames against the reference ----

def random_frame(scene, rng):
    """(frame, the fields it is made of)."""
    version = rng.choice((4, 4, 4, 6, 6, None))
    dmac = rng.choice((scene.target.mac, scene.target.mac, frames.BROADCAST))
    fields = {"dmac": int.from_bytes(dmac, "big"),
              "smac": int.from_bytes(scene.source.mac, "big")}
    tags = ()
    if not rng.randrange(3):
        tci = rng.choice(VLANS)
        tpid = rng.choice((frames.ETH_CVLAN, frames.ETH_CVLAN, frames.ETH_SVLAN))
        tags = (frames.tag(tci & 0xfff, tpid, tci >> 13),)
        fields.update({"vlan": tci, "vlan-type": tpid})
    if not version:
        fields["ethertype"] = rng.choice((0x88cc, 0x9000))
        return frames.ether(dmac, scene.source.mac, fields["ethertype"], bytes(50),
                            tags), fields
    fields["ethertype"] = 0x0800 if version == 4 else 0x86dd
    packet = random_packet(rng, version, fields)
    return frames.ip(dmac, scene.source.mac, packet, tags), fields


def random_packet(rng, version, fields):
    """An IP packet. Adds its fields."""
    src, dst = (rng.choice(A4 if version == 4 else A6) for _ in range(2))
    sport, dport = rng.choice(PORTS), rng.choice(PORTS)
    proto = rng.choice((frames.TCP, frames.UDP, frames.SCTP, 253))
    tos = rng.choice((0, 0x20, 0xb8))
    body = {frames.TCP: frames.tcp, frames.UDP: frames.udp,
            frames.SCTP: frames.sctp}.get(proto, frames.sctp)(sport, dport, bytes(20))
    fragment = not rng.randrange(6)
    fields.update({"version": version, "proto": proto, "tos": tos,
                   "src": ntuple.number(src), "dst": ntuple.number(dst)})
    if not fragment:
        fields["l4"] = sport << 16 | dport
        fields["transport"] = proto if proto != 253 else 0
        fields.update({"sport": sport, "dport": dport})
    if version == 4:
        packet = frames.ipv4(src, dst, proto, body, fragment=frames.MF if fragment else 0)
        packet = packet[:1] + bytes([tos]) + packet[2:]
        head = packet[:10] + b"\0\0" + packet[12:20]
        return head[:10] + frames.checksum(head).to_bytes(2, "big") + packet[12:]
    headers = [frames.fragment6(0, True)] if fragment else \
        [frames.dest_options(frames.pad_n(6))] * rng.randrange(2)
    packet = frames.ipv6(src, dst, proto, body, headers)
    word = int.from_bytes(packet[:4], "big") | tos << 20
    return word.to_bytes(4, "big") + packet[4:]


# Masks by kind: 14 different ones, fewer than there may be. The last ones match so much that
# their rules stand behind the others.
BROAD = 4
TEMPLATES = (
    ("udp4", {"dport": 0xffff}), ("udp4", {"src": 0xffffff00, "dport": 0xffff}),
    ("tcp4", {"src": 0xffffffff, "sport": 0xfffe}), ("tcp4", {"tos": 0xe0}),
    ("sctp4", {"dst": 0x80, "sport": 0xffff}),
    ("ip4", {"l4": 0xffff, "dst": 0xffffffff}), ("tcp6", {"dport": 0xffff, "tos": 0xff}),
    ("udp6", {"src": (1 << 128) - 1}), ("sctp6", {"sport": 0xffff}),
    ("udp4", {"vlan": 0xf000, "vlan-type": 0xffff}),
    ("ether", {"dmac": 1 << 40, "vlan": 0x0fff}), ("ip6", {"proto": 0xff, "dst": 0xffff}),
    ("ip4", {"proto": 0xff}), ("ether", {"ethertype": 0xffff}),
)


def random_rule(rng, location):
    """A rule of one of the templates, with values that frames have."""
    kind, masks = rng.choice(TEMPLATES[:-BROAD] if location < 900 else TEMPLATES[-BROAD:])
    six = kind.endswith("6")
    choices = {"dport": PORTS, "sport": PORTS, "tos": (0, 0x20, 0xb8),
               "src": A6 if six else A4, "dst": A6 if six else A4,
               "proto": (6, 17, 132, 253), "l4": [port << 16 | port for port in PORTS],
               "ethertype": (0x0800, 0x86dd, 0x88cc), "dmac": (b"\xff" * 6, bytes(6)),
               "vlan": VLANS, "vlan-type": (0x8100, 0x88a8)}
    values = {name.replace("-", "_"): rng.choice(choices[name]) for name in masks}
    action = DROP if not rng.randrange(8) else rng.randrange(QUEUES)
    return Rule(kind, action, location, masks=masks, **values)


def check_rules(scene, rng, rules, rss, count):
    """Sends random frames and fails unless each takes the rule of the reference."""
    made = [random_frame(scene, rng) for _ in range(count)]
    taken = set()
    with ktap.Mismatches(f"{len(rules)} rules, {count} frames") as found:
        for number, (event, (frame, fields)) in enumerate(
                zip(scene.fly([frame for frame, _ in made]), made)):
            rule = ntuple.decide(rules, fields)
            name = f"frame {number} {frame.hex()[:140]} rule {rule}: "
            taken.add(rule.location if rule else None)
            if rule and rule.action == DROP:
                found.eq((event.name, event.fields.get("reason")), ("drop", "rx_rule"), name)
                continue
            kind, value = rss.hash(frame)
            found.eq(event.name, "steer", name + "event")
            found.eq(event.fields.get("rule"), rule.location if rule else -1, name + "rule")
            found.eq(event.fields.get("queue"), rule.action if rule else rss.queue(frame),
                     name + "queue")
            found.eq((event.fields.get("type"), event.fields.get("hash")), (kind, value),
                     name + "hash")
    return taken


def random_rules():
    """120 rules of 14 masks against 500 frames of all kinds, three times, with changes."""
    rng = random.Random(SEED)
    ktap.diag(f"seed {SEED}, set VMMQ_SEED for another")
    with Scene() as scene:
        # It takes broadcasts of all VLANs then.
        scene.target.ethtool(f"-K {scene.target.name} rx-vlan-filter off")
        rss = steering.Rss(rng.randbytes(40), [rng.randrange(QUEUES) for _ in range(128)])
        rss.apply(scene.target)
        rules, taken = {}, set()
        for _ in range(3):
            for location in rng.sample(range(1024), 40):
                rules[location] = random_rule(rng, location)
                ktap.eq(ntuple.insert(scene.device, rules[location]), location, "location")
            for location in rng.sample(sorted(rules), 5):
                ntuple.delete(scene.device, location)
                del rules[location]
            ktap.eq(ntuple.locations(scene.device), sorted(rules), "locations")
            taken |= check_rules(scene, rng, list(rules.values()), rss, 500)
        ktap.true(None in taken and len(taken) > 20, f"rules that were taken: {taken}")
        stats = scene.target.stats()
        ktap.true(stats["rx_drop_rule"] > 0, "a rule dropped")


# ---- the numbers of rules ----

def locations():
    """Any, first, last, explicit; the same match keeps its number; count, list, delete."""
    with Scene() as scene:
        device = scene.device
        ktap.eq(ntuple.count(device), (0, 1024, True), "rules at first")
        ktap.eq(ntuple.insert(device, Rule("udp4", 1, ANY, dport=1)), 0, "any")
        ktap.eq(ntuple.insert(device, Rule("udp4", 2, LAST, dport=2)), 1023, "last")
        ktap.eq(ntuple.insert(device, Rule("udp4", 3, LAST, dport=3)), 1022, "last but one")
        ktap.eq(ntuple.insert(device, Rule("udp4", 4, 1, dport=4)), 1, "explicit")
        ktap.eq(ntuple.insert(device, Rule("udp4", 5, FIRST, dport=5)), 2, "first free")
        ktap.eq(ntuple.insert(device, Rule("udp4", 6, ANY, dport=2)), 1023, "the same again")
        ktap.eq(ntuple.insert(device, Rule("udp4", 7, ANY, dport=4)), 1, "the same again")
        ktap.eq(ntuple.insert(device, Rule("udp4", 0, 2, dport=6)), 2, "another, same place")
        ktap.eq(ntuple.locations(device), [0, 1, 2, 1022, 1023], "locations")
        ktap.eq(ntuple.locations(device, 20), [0, 1, 2, 1022, 1023], "with room")
        refuses(errno.EMSGSIZE, ntuple.locations, device, 4)
        ktap.eq(scene.queues([scene.udp(n) for n in range(1, 7)])[:4], [1, 6, 3, 7], "queues")
        ktap.eq(scene.queues([scene.udp(6)]), [0], "the rule that replaced one")
        ntuple.delete(device, 1022)
        refuses(errno.ENOENT, ntuple.delete, device, 1022)
        refuses(errno.ENOENT, ntuple.get, device, 1022)
        scene.refused(errno.EINVAL, "must be 0 to 1023", ntuple.insert, device,
                      Rule("udp4", 0, 1024, dport=7))
        ktap.eq(ntuple.count(device)[0], 4, "rules at the end")


def shown_as_given():
    """What is read back is what was set, by ioctl and by the program."""
    with Scene() as scene:
        rule = Rule("tcp6", 3, 17, src="2001:db8::", vlan=5, dmac=b"\2\0\0\0\0\1",
                    masks={"src": ((1 << 64) - 1) << 64, "vlan": 0xfff}, dport=80)
        ntuple.insert(scene.device, rule)
        ktap.eq(ntuple.get(scene.device, 17), (rule.spec(), 0), "the rule")
        shown = scene.target.ethtool("-n", scene.target.name)
        for text in ("Filter: 17", "TCP over IPv6", "2001:db8::", "Direct to queue 3"):
            ktap.contains(shown, text, "rule shown by the program")
        out = scene.target.ethtool(
            f"-N {scene.target.name} flow-type udp4 src-ip 10.0.1.0 m 0.0.0.255 action 5")
        ktap.contains(out, "ID 0", "number of the new rule")
        ktap.eq(scene.queues([scene.udp(src="10.0.1.77")]), [5], "queue")
        shown = scene.target.ethtool("-n", scene.target.name)
        ktap.contains(shown, "Filter: 0", "the number that the new rule was given")


def tags_beside():
    """A tag that stands beside the frame is the outer one: rules see it and what is in it."""
    with Scene() as scene:
        target, source = scene.target, scene.source
        target.ethtool(f"-K {target.name} rx-vlan-filter off")
        source.ip(f"link add link {source.name} name v77 type vlan id 77 egress-qos-map 0:5")
        source.ip("link set v77 up")
        out, scene.out = scene.out, Sender(source.ns, "v77")
        scene.bed.undo(scene.out.close)
        frame, tagged = scene.udp(), frames.tag(9)
        both = frame[:12] + tagged + frame[12:]
        for location, queue, tci, mask in ((3, 6, 77, 0xfff), (4, 5, 9, 0xfff)):
            ntuple.insert(scene.device, Rule("ether", queue, location, vlan=tci,
                                             masks={"vlan": mask}))
        ktap.eq(scene.queues([frame, both]), [6, 6], "queues, tag 77 beside the frame")
        ntuple.insert(scene.device, Rule("ether", 7, 2, vlan=5 << 13, masks={"vlan": 0xe000}))
        ktap.eq(scene.queues([frame]), [7], "queue by priority")
        ntuple.insert(scene.device, Rule("ether", 4, 1, vlan_type=0x88a8))
        ktap.eq(scene.queues([frame]), [7], "queue, another type")
        scene.out = out
        ktap.eq(scene.queues([both]), [5], "queue, tag 9 in the frame")


def low_location_wins():
    """Of rules that match the one of the lowest location decides, whatever its mask."""
    with Scene() as scene:
        # Those of the first two have one mask, so it is looked up first.
        for location, queue, fields in ((1, 0, {"dport": 99}), (9, 1, {"dport": 80}),
                                        (5, 2, {"src": "10.0.1.1"}), (7, 3, {"sport": 1000}),
                                        (8, 4, {})):
            ntuple.insert(scene.device, Rule("udp4", queue, location, **fields))
        order = []
        for location in (5, 7, 8, 9):
            order += scene.queues([scene.udp()])
            ntuple.delete(scene.device, location)
        ktap.eq(order, [2, 3, 4, 1], "queues as the rules go")
        ntuple.insert(scene.device, Rule("udp4", 6, 3, dport=80))
        ntuple.insert(scene.device, Rule("udp4", 5, 2, dport=80))
        ktap.eq(scene.queues([scene.udp()]), [5], "the same match twice")
        ntuple.delete(scene.device, 2)
        ktap.eq(scene.queues([scene.udp()]), [6], "the other one left")


def pools():
    """16 masks, 1024 rules, and not one more."""
    with Scene() as scene:
        device = scene.device
        scene.target.down()     # rules can be made while it is
        for n in range(16):
            ntuple.insert(device, Rule("udp4", 1, n, masks={"src": 1 << n}, src=1 << n))
        extra = Rule("udp4", 1, 16, masks={"src": 1 << 16}, src=1 << 16)
        scene.refused(errno.ENOSPC, "16 different masks", ntuple.insert, device, extra)
        ntuple.delete(device, 3)
        ktap.eq(ntuple.insert(device, extra), 16, "a mask is free again")
        for n in range(17, 1024):
            ntuple.insert(device, Rule("udp4", n % QUEUES, n, masks={"src": 1 << 16},
                                       src=1 << 16))
        ntuple.insert(device, Rule("udp4", 7, ANY, masks={"src": 1 << 5}, src=0))
        refuses(errno.ENOSPC, ntuple.insert, device,
                Rule("udp4", 1, ANY, masks={"src": 1 << 6}, src=0))
        ktap.eq(ntuple.count(device)[0], 1024, "rules")
        scene.target.up()
        ktap.eq(scene.queues([scene.udp(src="0.1.0.0")]), [7], "queue with 1024 rules")


# ---- what they do ----

def queues_that_are_not():
    """A rule to a queue that is not active is refused; -L doesn't take one away."""
    with Scene() as scene:
        device = scene.device
        scene.refused(errno.EINVAL, "queue 8 of 8", ntuple.insert, device,
                      Rule("udp4", 8, 4, dport=80))
        ktap.eq(ntuple.count(device)[0], 0, "rules after a refusal")
        ntuple.insert(device, Rule("udp4", 6, 4, dport=80))
        scene.refused(errno.EINVAL, "", device.set_channels, 6)
        ktap.eq(device.channels()[0], QUEUES, "channels after a refusal")
        device.set_channels(7)
        ktap.eq(scene.queues([scene.udp()]), [6], "queue after -L")
        ntuple.delete(device, 4)
        device.set_channels(6)


def refusals():
    """What rules can't do is refused with a reason."""
    with Scene() as scene:
        device = scene.device
        for rule, code, says in (
                (Rule("udp4", WAKE, dport=1), errno.EOPNOTSUPP, "wake"),
                (Rule("udp4", 1 << 32, dport=1), errno.EINVAL, "no queue"),
                (Rule("udp4", 1, context=5, dport=1), errno.EINVAL, "no RSS context 5")):
            try:
                scene.refused(code, says, ntuple.insert, device, rule)
            except ktap.Failure:
                if rule.context is None:
                    raise
                refuses(code, ntuple.insert, device, rule)  # the core says no itself
        spec = bytearray(Rule("udp4", 1, vlan=1).spec())
        spec[4 + 52 + 20 + 52 + 12 + 3] = 1
        scene.refused(errno.EOPNOTSUPP, "user-def", device.rxnfc, "insert",
                      ntuple.SRXCLSRLINS, bytes(spec))
        for kind in (0x09, 0x0a, 0x20):
            spec = kind.to_bytes(4, "little") + bytes(164)
            scene.refused(errno.EOPNOTSUPP, "flow type", device.rxnfc, "insert",
                          ntuple.SRXCLSRLINS, spec)
        ktap.eq(ntuple.count(device)[0], 0, "rules after refusals")


def switched_off():
    """While ntuple is off rules stay, but don't steer, and none is added."""
    with Scene() as scene:
        device, name = scene.device, scene.target.name
        device.set_rss([3] * 128)
        ntuple.insert(device, Rule("udp4", 6, 4, dport=80))
        ktap.eq(scene.queues([scene.udp()]), [6], "queue")
        scene.target.ethtool(f"-K {name} ntuple off")
        ktap.eq(scene.queues([scene.udp()]), [3], "queue while it is off")
        ktap.eq(ntuple.locations(device), [4], "rules while it is off")
        scene.refused(errno.EOPNOTSUPP, "ntuple on", ntuple.insert, device,
                      Rule("udp4", 1, 5, dport=81))
        scene.target.ethtool(f"-K {name} ntuple on")
        ktap.eq(scene.queues([scene.udp()]), [6], "queue when it is on again")
        scene.target.down()
        scene.target.up()
        ktap.eq(scene.queues([scene.udp()]), [6], "queue after down and up")


def while_rss_is_off():
    """Rules to queues steer while RSS is off."""
    with Scene() as scene:
        ntuple.insert(scene.device, Rule("udp4", 6, 4, dport=80))
        ntuple.insert(scene.device, Rule("udp4", DROP, 5, dport=81))
        vmmqctl.run(f"rss set {scene.target.name} off")
        ktap.eq(scene.queues([scene.udp(), scene.udp(81), scene.udp(82)]),
                [6, "rx_rule", 0], "queues")


def drops_are_counted():
    """A rule that drops: counted by reason, and in rx_dropped."""
    with Scene() as scene:
        ntuple.insert(scene.device, Rule("udp4", DROP, 4, dport=80))
        before = scene.target.stats()
        got = scene.queues([scene.udp()] * 30 + [scene.udp(81)] * 5)
        ktap.eq(got[:30], ["rx_rule"] * 30, "fate of the frames")
        change = ethtool.difference(scene.target.stats(), before)
        ktap.eq(change.get("rx_drop_rule"), 30, "rx_drop_rule")
        path = f"/sys/class/net/{scene.target.name}/statistics/rx_dropped"
        text = command.run("ip", "netns", "exec", scene.target.ns.name, "cat", path)
        ktap.eq(int(text), 30, "rx_dropped")


if __name__ == "__main__":
    ktap.main(random_rules, locations, shown_as_given, tags_beside, low_location_wins, pools,
              queues_that_are_not, refusals, switched_off, while_rss_is_off,
              drops_are_counted)
