#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Symmetric hashing, where both directions of a flow have one hash, and hashing of the IPv6
flow label: values, spread, and what is refused. Through the control family, which has both on
every kernel, and through ethtool where the kernel has them there."""

import errno
import os
import random

import change_load
from lib import ethtool, family, frames, ktap, ntuple, steering, vmmqctl, volume
from ntuple import QUEUES, Scene, refuses

SEED = int(os.environ.get("VMMQ_SEED", "4"))
WHO = {"adapter": "vmmq0", "vport": 0}
XOR, OR_XOR = "symmetric-xor", "symmetric-or-xor"
SETS = {"l": "flow-label", "s": "src-addr", "d": "dst-addr", "f": "src-port", "n": "dst-port"}


def control_of(scene):
    """The control family."""
    control = family.Family()
    scene.bed.undo(control.close)
    return control


def random_packets(rng, count=12, build=(frames.tcp_packet, frames.udp_packet)):
    """Pairs of packets, there and back, of random flows."""
    for _ in range(count):
        for version in (4, 6):
            a, b = (f"10.{rng.randrange(256)}.{rng.randrange(256)}.1" if version == 4 else
                    f"2001:db8::{rng.randrange(65536):x}:{rng.randrange(65536):x}"
                    for _ in range(2))
            ports = rng.randrange(65536), rng.randrange(65536)
            yield from ((make(a, b, *ports), make(b, a, *reversed(ports))) for make in build)


def check_pairs(scene, rss, pairs):
    """Sends them; both of a pair have the same hash, that of the reference."""
    sent = [scene.frame(packet) for pair in pairs for packet in pair]
    events = scene.fly(sent)
    with ktap.Mismatches(f"symmetric hash {rss.xfrm}") as found:
        for there, back in zip(events[::2], events[1::2]):
            found.eq(there.hash, back.hash, "there and back")
        for event, frame in zip(events, sent):
            kind, value = rss.hash(frame)
            found.eq((event.type, event.hash, event.queue),
                     (kind, value, rss.queue(frame)), frame.hex())
    ktap.true(len({event.queue for event in events}) > QUEUES // 2, "many queues are used")


def both_ways():
    """Both transforms, all field sets that are symmetric, IPv4 and IPv6, TCP and UDP."""
    rng = random.Random(SEED)
    with Scene() as scene:
        control = control_of(scene)
        rss = steering.Rss(rng.randbytes(40), [n % QUEUES for n in range(128)])
        rss.apply(scene.target)
        for name, xfrm in ((XOR, "xor"), (OR_XOR, "or-xor")):
            control.do("rss-set", **{"input-xfrm": name}, **WHO)
            ktap.eq(control.rss(**WHO)["input-xfrm"], name, "read back")
            rss.xfrm = xfrm
            check_pairs(scene, rss, random_packets(rng))
        for letters in ("sd", "fn"):
            for flow in ("tcp4", "udp4", "tcp6", "udp6"):
                rss.fields[flow] = letters
                scene.device.set_fields(flow, letters)
            check_pairs(scene, rss, random_packets(rng, 6))
        control.do("rss-set", **{"input-xfrm": "none"}, **WHO)
        rss.xfrm = None
        sent = [scene.udp(80, port) for port in range(40)]
        ktap.eq(scene.queues(sent), [rss.queue(frame) for frame in sent], "queues at the end")


def only_symmetric_fields():
    """A transform and a one-sided field set don't go together, whichever comes first."""
    with Scene() as scene:
        control, device = control_of(scene), scene.device
        device.set_fields("udp4", "s")
        control.refused(errno.EINVAL, "symmetric", ".input-xfrm", "rss-set",
                        **{"input-xfrm": XOR}, **WHO)
        ktap.eq(control.rss(**WHO)["input-xfrm"], "none", "after a refusal")
        device.set_fields("udp4", "sd")
        control.do("rss-set", **{"input-xfrm": XOR}, **WHO)
        for letters in ("s", "d", "f", "sdf"):
            refuses(errno.EINVAL, device.set_fields, "tcp4", letters)
        control.refused(errno.EINVAL, "flow label", ".fields.udp-ipv6", "rss-set",
                        fields={"udp-ipv6": ["src-addr", "dst-addr", "flow-label"]}, **WHO)
        ktap.eq(device.fields("tcp4"), "sdfn", "field set after refusals")
        context = device.new_context([1] * 128)
        ntuple.insert(device, ntuple.Rule("udp4", 0, context=context))
        there, back = scene.udp(1, 2, "10.0.0.1", "10.0.0.2"), scene.udp(2, 1, "10.0.0.2",
                                                                        "10.0.0.1")
        ktap.eq(len({event.hash for event in scene.fly([there, back])}), 1,
                "hash of a context that was made meanwhile")


def by_ethtool():
    """The ioctl sets and shows it, of the device and of contexts."""
    with Scene() as scene:
        device, control = scene.device, control_of(scene)
        try:
            device.set_rss(xfrm=1)
        except ethtool.Refused:
            ktap.skip("the kernel's ethtool has no input transform")
        ktap.eq(control.rss(**WHO)["input-xfrm"], XOR, "set by the ioctl")
        shown = scene.target.ethtool(f"-x {scene.target.name}")
        ktap.contains(shown, "symmetric-xor: on", "shown by the program")
        device.set_rss(xfrm=2)
        ktap.eq(control.rss(**WHO)["input-xfrm"], OR_XOR, "changed")
        refuses(errno.EINVAL, lambda: device.set_rss(xfrm=3))
        context = device.new_context([2] * 128)
        device.set_rss(xfrm=1, context=context)
        ktap.eq(control.rss(**WHO)["input-xfrm"], OR_XOR, "the device's own")
        device.set_rss([n % QUEUES for n in range(128)], xfrm=ethtool.XFRM_KEEP)
        ktap.eq(control.rss(**WHO)["input-xfrm"], OR_XOR, "kept when the table is set")
        device.set_rss(xfrm=0)
        ktap.eq(control.rss(**WHO)["input-xfrm"], "none", "off")


def predicted():
    """vmmqctl predict knows the transform."""
    with Scene() as scene:
        name = scene.target.name
        vmmqctl.run(f"rss set {name} input-xfrm symmetric-or-xor")
        ktap.contains(vmmqctl.run(f"rss show {name}"), "symmetric-or-xor", "shown")
        rss = steering.Rss.of(scene.target, xfrm="or-xor")
        frame = scene.udp(80, 1000, "10.0.0.1", "10.0.0.2")
        said = vmmqctl.one(f"predict {name} from 10.0.0.1:1000 to 10.0.0.2:80 udp")
        ktap.eq((said["hash"], said["queue"]), (rss.hash(frame)[1], rss.queue(frame)),
                "prediction")


# ---- the flow label ----

def labelled(scene, label, build=frames.udp_packet):
    """A frame of one flow of IPv6 with a flow label."""
    packet = build("2001:db8::1", "2001:db8::2", 1000, 80)
    word = int.from_bytes(packet[:4], "big") | label
    return scene.frame(word.to_bytes(4, "big") + packet[4:])


def check_label(scene, control, fields, key_size):
    """Sets fields of UDP over IPv6, sends flows that differ in their label alone."""
    rng = random.Random(SEED)
    rss = steering.Rss(rng.randbytes(key_size), [n % QUEUES for n in range(128)])
    rss.apply(scene.target)
    rss.fields["udp6"] = fields
    control.do("rss-set", fields={"udp-ipv6": [SETS[c] for c in fields]}, **WHO)
    sent = [labelled(scene, rng.randrange(1 << 20)) for _ in range(60)]
    sent += [labelled(scene, 0), labelled(scene, 0xfffff)]
    with ktap.Mismatches(f"flow label, fields {fields}") as found:
        for event, frame in zip(scene.fly(sent), sent):
            kind, value = rss.hash(frame)
            found.eq((event.type, event.hash, event.queue), (kind, value, rss.queue(frame)),
                     frame.hex())
    tcp = [labelled(scene, n, frames.tcp_packet) for n in range(8)]
    ktap.eq(len(set(scene.queues(tcp))), 1, "queues of TCP, whose set has no label")


def flow_label():
    """The label is hashed, alone and with other fields, as far as the key reaches."""
    with Scene() as scene:
        control = control_of(scene)
        for fields in ("sdl", "l", "fnl"):
            check_label(scene, control, fields, 40)
        control.refused(errno.EOPNOTSUPP, "44 bytes", ".fields.tcp-ipv6", "rss-set",
                        fields={"tcp-ipv6": list(SETS.values())}, **WHO)
        for flow in ("ipv4", "tcp-ipv4", "udp-ipv4"):
            control.refused(errno.EINVAL, "IPv6", f".fields.{flow}", "rss-set",
                            fields={flow: ["src-addr", "flow-label"]}, **WHO)


def flow_label_and_all():
    """With a key of 52 bytes the label goes with all other fields."""
    with Scene(key_size=52) as scene:
        check_label(scene, control_of(scene), "sdfnl", 52)


# ---- under load ----

def some_transform(site, vport):
    """Another transform, or none: most flows move."""
    control = family.Family()
    who = dict(WHO, vport=vport.number)
    others = {XOR, OR_XOR, "none"} - {control.rss(**who)["input-xfrm"]}
    control.do("rss-set", **{"input-xfrm": site.rng.choice(sorted(others))}, **who)
    control.close()


def under_load():
    """The transform changes: no datagram lost or overtaken."""
    with change_load.Site(23) as site:
        site.repeat(volume.of(48, 12), some_transform)


if __name__ == "__main__":
    ktap.main(both_ways, only_symmetric_fields, by_ethtool, predicted, flow_label,
              flow_label_and_all, under_load)
