#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Native XDP: a program's verdict runs on the queue and the CPU that the table names, each
verdict does what it says and is counted, and frames look to a program as a wire brings them.

The programs look at the low byte of a UDP datagram's destination port; what they do is what
the test has put into a map at that place."""

import errno
import os
import random
import socket
import struct
import time

from ethtool_stats import sizes
from lib import (bpf, command, cpus, ethtool, family, frames, ktap, steering, tracing,
                 wait)
from lib.bed import Bed
from lib.packet import Sender

SEED = int(os.environ.get("VMMQ_SEED", "4711"))
ETHER, DPORT = 14, 37           # bytes of a header; place of the low byte of the port
STRANGE = 77                    # no verdict
HEADROOM = 256
MAX_MTU = 4096 - HEADROOM - 320 - 14 - 8    # page, headroom, skb_shared_info, headers
PAYLOAD = bytes(range(256))


def chooser(verdicts, targets=None, key=0, dst=None, flags=0):
    """The program. verdicts: a map of 256 verdicts; targets: a map for bpf.REDIRECT, whose
    entry key is used, after dst has become the destination address. For bpf.TX the addresses
    change places."""
    code = bpf.Code().headers(DPORT + 1, "pass")
    code.load("b", 1, 7, DPORT).store("w", 10, -4, 1)
    code.map(1, verdicts).move(2, 10).add(2, -4).call(bpf.LOOKUP).when("eq", 0, 0, "pass")
    code.load("w", 9, 0)
    code.when("ne", 9, bpf.TX, "redirect")
    code.load("w", 1, 7, 0).load("h", 2, 7, 4).load("w", 3, 7, 6).load("h", 4, 7, 10)
    code.store("w", 7, 0, 3).store("h", 7, 4, 4).store("w", 7, 6, 1).store("h", 7, 10, 2)
    code.move(0, 9).leave()
    code.label("redirect")
    if targets:
        code.when("ne", 9, bpf.REDIRECT, "other")
        if dst:
            low, high = struct.unpack("=iH", dst)
            code.set(1, low).store("w", 7, 0, 1).set(1, high).store("h", 7, 4, 1)
        code.map(1, targets).set(2, key).set(3, 0).call(bpf.REDIRECT_MAP).leave()
    code.label("other").move(0, 9).leave()
    code.label("pass").leave(bpf.PASS)
    return bpf.Program(code, flags=flags)


def verdict_map(verdicts):
    """The map for chooser(): {port's low byte: verdict}, PASS for the others."""
    table = bpf.Map(bpf.ARRAY, 256)
    for place in range(256):
        table.set(place, verdicts.get(place, bpf.PASS))
    return table


def datagram(source, target, rng, low, payload=PAYLOAD):
    """A frame from one VPort to another: random addresses and ports, but for the low byte."""
    packet = frames.udp_packet(f"10.{rng.randrange(256)}.0.{rng.randrange(1, 255)}",
                               f"10.1.{rng.randrange(256)}.1", rng.randrange(1, 65536),
                               rng.randrange(256) << 8 | low, payload)
    return frames.ip(target.mac, source.mac, packet)


def sent_back(frame):
    """A frame with its addresses exchanged."""
    return frame[6:12] + frame[:6] + frame[12:]


def readdressed(frame, dst):
    """A frame with another destination."""
    return dst + frame[6:]


def came(receiver, expected, what):
    """Fails unless these frames, in any order, are what a packet.Receiver gets."""
    got = sorted(frame for frame, _ in receiver.wait(len(expected)))
    ktap.eq(len(got), len(expected), f"{what}: frames")
    ktap.true(got == sorted(expected), f"{what}: the frames themselves")


def counters(vport, rss, sent, key, suffix):
    """Fails unless a counter of every queue of a VPort is what the frames make it."""
    stats = vport.stats()
    for queue in sorted(set(rss.table)):
        expected = sum(rss.queue(frame) == queue for frame, kind in sent if kind == key)
        ktap.eq(stats[f"rx_queue_{queue}_{suffix}"], expected, f"queue {queue} {suffix}")


def matches(bed, trace, rss, sent, names):
    """Fails unless each frame's program ran where rss says, with the hash it says."""
    places = bed.queue_cpus()
    target = bed.vports[0]
    events = trace.events("xdp", ifindex=target.ifindex)
    ktap.eq(len(events), len(sent), "frames a program saw")
    queues = {}
    for event in events:
        queues.setdefault(event.queue, []).append(event)
    with ktap.Mismatches("verdicts") as found:
        for number, (frame, verdict) in enumerate(sent):
            kind, value = rss.hash(frame)
            queue = rss.queue(frame)
            event = queues[queue].pop(0) if queues.get(queue) else None
            if not event:
                found.add(f"frame {number}: no program ran on queue {queue}")
                continue
            what = f"frame {number}: "
            found.eq(event.verdict, names[verdict], what + "verdict")
            found.eq(event.hash, value, what + "hash")
            found.eq(event.type, kind, what + "hash type")
            found.eq(event.len, len(frame), what + "length")
            found.eq(event.cpu, places[queue % len(places)], what + "CPU")
            found.eq(event.traced_on, event.cpu, what + "CPU it ran on")


def verdicts_and_steering():
    """PASS, DROP, TX, ABORTED and one that doesn't exist, over all queues."""
    cpus.need(2)
    rng = random.Random(SEED)
    kinds = {0: bpf.PASS, 1: bpf.DROP, 2: bpf.TX, 3: bpf.ABORTED, 4: STRANGE}
    names = {0: "pass", 1: "drop", 2: "tx", 3: "aborted", 4: "aborted"}
    with Bed(vports=2, queues=8) as bed:
        target, source = bed.vports
        rss = steering.Rss(rng.randbytes(40), [rng.randrange(8) for _ in range(128)])
        rss.apply(target)
        bed.spread_vectors(rng)
        bpf.attach(target, chooser(verdict_map(kinds)))
        passed, back = target.receiver(), source.receiver()
        sent = [(datagram(source, target, rng, low), low)
                for low in list(kinds) * 40]
        before, sends = target.stats(), source.sender()
        with tracing.Trace("xdp") as trace:
            for frame, _ in sent:
                sends.send(frame)
            bed.drained()
            matches(bed, trace, rss, sent, names)
        came(passed, [frame for frame, low in sent if low == 0], "passed")
        came(back, [sent_back(frame) for frame, low in sent if low == 2], "sent back")
        counters(target, rss, sent, 0, "xdp_pass")
        counters(target, rss, sent, 1, "xdp_drops")
        counters(target, rss, sent, 2, "xdp_tx")
        after = target.stats()
        for suffix, expected in (("xdp_aborted", 80), ("xdp_errors", 0), ("xdp_redirects", 0),
                                 ("rx_packets", 200), ("tx_packets", 40),
                                 ("tx_xdp_packets", 40)):
            key = suffix if suffix[2] == "_" else "rx_" + suffix
            ktap.eq(ethtool.queue_sum(after, key) - ethtool.queue_sum(before, key), expected,
                    key)
        size = len(sent[0][0])
        ktap.eq(ethtool.queue_sum(after, "rx_bytes") - ethtool.queue_sum(before, "rx_bytes"),
                200 * size, "rx_bytes")


def passed_with_hash():
    """A frame that passes has its hash for the stack, unless rxhash is off."""
    rng = random.Random(SEED + 11)
    with Bed(vports=2, queues=4) as bed:
        target, source = bed.vports
        rss = steering.Rss.of(target)
        bpf.attach(target, chooser(verdict_map({})))
        sent = [datagram(source, target, rng, 0) for _ in range(20)]
        sent.append(frames.arp(target.mac, source.mac, "10.0.0.1", "10.0.0.2"))
        with tracing.Trace("receive") as trace:
            for reported in (True, False):
                target.ethtool("-K", target.name, "rxhash", "on" if reported else "off")
                trace.clear()
                source.sender().send_all(sent)
                bed.drained()
                events = trace.events("receive", ifindex=target.ifindex)
                expected = [rss.hash(frame) for frame in sent]
                ktap.eq(sorted((event.hash, event.l4) for event in events),
                        sorted((value, int(kind != "none")) if reported else (0, 0)
                               for kind, value in expected), f"hashes, rxhash {reported}")


def refusals():
    """What doesn't fit is refused with the limit and the way out."""
    with Bed(vports=1, queues=2) as bed:
        vport = bed.vports[0]
        table = verdict_map({})
        plain, frags = chooser(table), chooser(table, flags=bpf.XDP_HAS_FRAGS)
        vport.ip(f"link set {vport.name} mtu {MAX_MTU + 1}")
        try:
            bpf.attach(vport, plain)
            ktap.fail("a program without frags was taken at a large MTU")
        except bpf.Refused as refused:
            ktap.eq(refused.errno, errno.EINVAL, "errno")
            for word in (str(MAX_MTU + 1), str(MAX_MTU), "xdp.frags"):
                ktap.contains(refused.text, word, "refusal")
        bpf.attach(vport, frags)
        vport.ip(f"link set {vport.name} mtu 9000")
        try:
            bpf.attach(vport, plain)
            ktap.fail("it replaced one with frags at a large MTU")
        except bpf.Refused:
            pass
        vport.ip(f"link set {vport.name} mtu {MAX_MTU}")
        bpf.attach(vport, plain)
        text = command.refused("ip", "link", "set", vport.name, "mtu", str(MAX_MTU + 1),
                               ns=vport.ns)
        ktap.contains(text, "maximum", "refusal of an MTU")
        bpf.detach(vport)
        vport.ip(f"link set {vport.name} mtu 9000")
        vport.ip(f"link set {vport.name} mtu 1500")
        bpf.attach(vport, plain)


def redirect_to_vport():
    """A frame redirected into a VPort leaves by it, through the NIC switch."""
    rng = random.Random(SEED + 1)
    with Bed(vports=4, queues=4) as bed:
        target, source, exit_, final = bed.vports
        rss = steering.Rss.of(final)
        devices = bpf.Map(bpf.DEVMAP, 4)
        devices.set(1, exit_.ifindex, ns=exit_.ns)
        table = verdict_map({1: bpf.REDIRECT})
        bpf.attach(target, chooser(table, devices, 1, final.mac))
        arrived, passed = final.receiver(), target.receiver()
        sent = [datagram(source, target, rng, n % 2) for n in range(64)]
        moved = [readdressed(frame, final.mac) for frame in sent[1::2]]
        with tracing.Trace("steer") as trace:
            for frame in sent:
                source.sender().send(frame)
            came(arrived, moved, "redirected")
            steers = trace.events("steer", ifindex=final.ifindex)
        came(passed, sent[::2], "passed")
        ktap.eq({event.fields["from"] for event in steers}, {exit_.ifindex}, "sending VPort")
        ktap.eq(sorted(event.queue for event in steers),
                sorted(rss.queue(frame) for frame in moved), "queues")
        ktap.eq(target.tool.sum("rx_xdp_redirects"), 32, "xdp_redirects")
        ktap.eq(exit_.tool.sum("tx_xdp_packets"), 32, "tx xdp_packets of the way out")
        ktap.eq(exit_.tool.sum("tx_packets"), 32, "tx_packets of the way out")
        # What is addressed to the way out itself doesn't come back by it.
        bpf.attach(target, chooser(table, devices, 1, exit_.mac))
        source.sender().send(sent[1])
        wait.reaches(lambda: exit_.stats()["tx_drop_own"], 1, "tx_drop_own")
        # Nor does one leave by a VPort that is down; an entry that isn't there is an error.
        bpf.attach(target, chooser(table, devices, 1, final.mac))
        exit_.down()
        source.sender().send(sent[1])
        bpf.attach(target, chooser(table, devices, 2, final.mac))
        source.sender().send(sent[1])
        wait.reaches(lambda: target.tool.sum("rx_packets"), 67, "rx_packets")
        ktap.eq(arrived.receive(), [], "frames that arrived though the way out was down")


def redirect_to_deactivated():
    """No frame leaves by a VPort that is not activated, though it is up."""
    rng = random.Random(SEED + 12)
    with Bed(vports=3, queues=2) as bed:
        target, source, final = bed.vports
        control = family.Family()
        bed.undo(control.close)
        control.do("vport-new", adapter=bed.adapter, vport=9, state="deactivated")
        command.ip("link set vmmq0v9 up")
        devices = bpf.Map(bpf.DEVMAP, 2)
        devices.set(1, socket.if_nametoindex("vmmq0v9"))
        bpf.attach(target, chooser(verdict_map({1: bpf.REDIRECT}), devices, 1, final.mac))
        arrived = final.receiver()
        sent = [datagram(source, target, rng, 1) for _ in range(4)]
        source.sender().send_all(sent)
        wait.reaches(lambda: target.tool.sum("rx_packets"), 4, "rx_packets")
        ktap.eq(final.tool.sum("rx_packets"), 0, "frames that left")
        control.do("vport-set", ifname="vmmq0v9", state="activated")
        source.sender().send_all(sent)
        came(arrived, [readdressed(frame, final.mac) for frame in sent], "redirected")


def redirect_to_cpu():
    """Frames redirected to a CPU come up in the receiver."""
    cpus.need(2)
    rng = random.Random(SEED + 2)
    with Bed(vports=2, queues=2) as bed:
        target, source = bed.vports
        table = bpf.Map(bpf.CPUMAP, 2)
        table.set(1, 192)
        bpf.attach(target, chooser(verdict_map({1: bpf.REDIRECT}), table, 1))
        passed = target.receiver()
        sent = [datagram(source, target, rng, 1) for _ in range(48)]
        source.sender().send_all(sent)
        came(passed, sent, "redirected to a CPU")
        ktap.eq(target.tool.sum("rx_xdp_redirects"), 48, "xdp_redirects")
        bpf.detach(target)
        table.close()


def af_xdp():
    """A socket of AF_XDP gets what is redirected to it from its own queue, and sends."""
    rng = random.Random(SEED + 3)
    with Bed(vports=2, queues=2) as bed:
        target, source = bed.vports
        target.tool.set_rss([0, 1] * 64)
        rss = steering.Rss.of(target)
        try:
            bpf.Xsk(target, 1, bpf.XDP_ZEROCOPY)
            ktap.fail("zero copy was promised")
        except bpf.Refused as refused:
            ktap.eq(refused.errno, errno.EOPNOTSUPP, "errno of zero copy")
        xsk = bpf.Xsk(target, 1)
        table = bpf.Map(bpf.XSKMAP, 2)
        table.set(0, xsk.fd)
        bpf.attach(target, chooser(verdict_map({1: bpf.REDIRECT}), table, 0))
        sent = [datagram(source, target, rng, 1) for _ in range(40)]
        source.sender().send_all(sent)
        bed.drained()
        mine = [frame for frame in sent if rss.queue(frame) == 1]
        ktap.true(0 < len(mine) < 40, "frames on both queues")
        ktap.eq(xsk.receive(), mine, "frames of the socket's queue")
        ktap.eq(target.tool.sum("rx_xdp_redirects"), len(mine), "xdp_redirects")
        ktap.eq(target.tool.sum("rx_xdp_errors"), 40 - len(mine), "xdp_errors: other queues'")
        back = source.receiver()
        answers = [sent_back(frame) for frame in sent[:20]]
        xsk.send(answers)
        came(back, answers, "sent by AF_XDP")
        done = 0

        def completed():
            nonlocal done
            done += xsk.completed()
            return done
        wait.reaches(completed, 20, "completions")
        xsk.close()
        bpf.detach(target)


def checksums_and_segments():
    """A program sees single frames with checksums; what it changes is looked at again."""
    rng = random.Random(SEED + 4)
    with Bed(vports=2, queues=2) as bed:
        target, source = bed.vports
        bpf.attach(target, chooser(verdict_map({2: bpf.TX})))
        passed, back = target.receiver(), source.receiver()
        sends = source.sender(vnet=True)
        whole = datagram(source, target, rng, 2)
        at = ETHER + 20 + 6
        pseudo = frames.checksum(whole[26:34] + struct.pack(">HH", 17, len(whole) - 34))
        unfinished = whole[:at] + struct.pack(">H", ~pseudo & 0xffff) + whole[at + 2:]
        sends.send_vnet(unfinished, csum=(34, 6))
        came(back, [sent_back(whole)], "a checksum was filled in")

        payload = rng.randbytes(3000)
        segment = frames.tcp_packet("10.0.0.2", "10.0.0.1", 1000, 256, payload)
        pieces = []
        for n in range(3):
            packet = frames.tcp_packet("10.0.0.2", "10.0.0.1", 1000, 256,
                                       payload[1000 * n:1000 * n + 1000])
            pieces.append(packet)
        pseudo = frames.checksum(segment[12:20] + struct.pack(">HH", 6, len(segment) - 20))
        big = segment[:36] + struct.pack(">H", ~pseudo & 0xffff) + segment[38:]
        with tracing.Trace("xdp") as trace:
            sends.send_vnet(frames.ip(target.mac, source.mac, big), gso="tcp4", gso_size=1000,
                            csum=(34, 16))
            bed.drained()
            events = trace.events("xdp", ifindex=target.ifindex)
        ktap.eq([event.len for event in events], [ETHER + 20 + 20 + 1000] * 3,
                "lengths of the frames the program saw")
        ktap.true(passed.receive(), "they came up")


def full_ring():
    """What programs send is bounded by the receiver's ring, with pause agreed as well."""
    with Bed(vports=2, queues=1) as bed:
        target, source = bed.vports
        for vport in bed.vports:
            vport.ethtool("-A", vport.name, "autoneg", "off", "rx", "on", "tx", "on")
        source.tool.set_rings(rx=16)
        bpf.attach(target, chooser(verdict_map({2: bpf.TX})))
        packet = frames.tcp_packet("10.0.0.2", "10.0.0.1", 1000, 2, bytes(6000))
        # One poll sends them all, on the CPU that would have to take them.
        source.sender(vnet=True).send_vnet(frames.ip(target.mac, source.mac, packet),
                                           gso="tcp4", gso_size=100, csum=(34, 16))
        wait.reaches(lambda: target.tool.sum("tx_xdp_packets"), 60, "frames sent back")
        wait.reaches(lambda: source.tool.sum("rx_packets"), 16, "frames that found room")
        ktap.eq(source.tool.sum("rx_packets"), 16, "frames that found room")
        ktap.eq(source.tool.sum("rx_missed"), 44, "frames that found none")


def stale_checksum():
    """The stack finds a checksum that a program has made wrong."""
    with Bed(vports=2, queues=2) as bed:
        bed.set_addresses(ipv6=False)
        target, source = bed.vports
        code = bpf.Code().headers(64, "pass").put("b", 7, 60, 0xa5).label("pass")
        bpf.attach(target, bpf.Program(code.leave(bpf.PASS)))
        receiver = target.socket(2, 2)
        receiver.bind((target.ip4, 4000))
        sender = source.socket(2, 2)
        for _ in range(8):
            sender.sendto(bytes(100), (target.ip4, 4000))
        wait.reaches(lambda: target.tool.sum("rx_xdp_pass"), 8, "xdp_pass")
        receiver.setblocking(False)

        def errors():       # a checksum is looked at when somebody reads
            try:
                ktap.fail(f"a changed datagram was taken: {receiver.recv(100)}")
            except BlockingIOError:
                return udp_errors(target)
        wait.reaches(errors, 8, "InCsumErrors")
        bpf.detach(target)
        sender.sendto(b"whole", (target.ip4, 4000))
        receiver.settimeout(120)
        ktap.eq(receiver.recv(100), b"whole", "a datagram nobody changed")


def udp_errors(vport):
    """UDP's InCsumErrors in a VPort's namespace."""
    with vport.ns.entered(), open("/proc/thread-self/net/snmp", encoding="ascii") as file:
        names, values = [line.split() for line in file if line.startswith("Udp:")]
    return int(values[names.index("InCsumErrors")])


def large_frames():
    """Frames of several pages pass, go back, and are cut and lengthened."""
    rng = random.Random(SEED + 5)
    with Bed(vports=2, queues=2) as bed:
        target, source = bed.vports
        for vport in bed.vports:
            vport.ip(f"link set {vport.name} mtu 9000")
        bpf.attach(target, chooser(verdict_map({2: bpf.TX, 3: bpf.DROP}),
                                   flags=bpf.XDP_HAS_FRAGS))
        passed, back = target.receiver(), source.receiver()
        sizes = (60, 3478, 3479, 3480, 7574, 7575, 8900)
        sent = [datagram(source, target, rng, low, rng.randbytes(size))
                for size in sizes for low in (0, 2, 3)]
        source.sender().send_all(sent)
        came(passed, sent[0::3], "large frames passed")
        came(back, [sent_back(frame) for frame in sent[1::3]], "large frames sent back")
        for delta in (-300, 200):
            code = bpf.Code().set(2, delta).call(bpf.ADJUST_TAIL).when("ne", 0, 0, "failed")
            code.leave(bpf.PASS).label("failed").leave(bpf.ABORTED)
            bpf.attach(target, bpf.Program(code, flags=bpf.XDP_HAS_FRAGS))
            frame = datagram(source, target, rng, 0, rng.randbytes(5000))
            source.sender().send(frame)
            expected = frame[:delta] if delta < 0 else frame + bytes(delta)
            came(passed, [expected], f"tail moved by {delta}")


def too_many_tags():
    """A frame of the largest MTU with three tags is more than a program without frags can take:
    dropped as too long, and counted as nothing else."""
    rng = random.Random(SEED + 10)
    with Bed(vports=2, queues=2) as bed:
        target, source = bed.vports
        source.ip(f"link set {source.name} mtu 9000")
        target.ip(f"link set {target.name} mtu {MAX_MTU}")
        target.ethtool("-K", target.name, "rx-vlan-filter", "off", "rxvlan", "off")
        source.ip(f"link add link {source.name} name third type vlan id 5")
        source.ip("link set third up")
        bpf.attach(target, chooser(verdict_map({})))
        whole = datagram(source, target, rng, 0, rng.randbytes(MAX_MTU - 28))
        tags = frames.tag(6, frames.ETH_SVLAN) + frames.tag(7)
        third = Sender(source.ns, "third")   # adds a tag beside the frame
        bed.undo(third.close)
        before, counted = target.stats(), sum(sizes(target)[0].values())
        source.sender().send(whole[:12] + tags + whole[12:])
        wait.reaches(lambda: target.tool.sum("rx_xdp_pass"), 1, "frames passed")
        third.send(whole[:12] + tags + whole[12:])
        wait.reaches(lambda: target.stats()["rx_drop_oversize"], 1, "frames too long")
        gain = target.tool.sum("rx_packets") - ethtool.queue_sum(before, "rx_packets")
        ktap.eq(gain, 1, "packets")
        ktap.eq(sum(sizes(target)[0].values()) - counted, gain, "packets by size")


def headroom():
    """256 bytes stand before a frame, less what an xdp_frame needs itself."""
    rng = random.Random(SEED + 6)
    with Bed(vports=2, queues=2) as bed:
        target, source = bed.vports
        passed = target.receiver()
        for delta, taken in ((-128, True), (-216, True), (-300, False), (20, True)):
            code = bpf.Code().move(6, 1).set(2, delta).call(bpf.ADJUST_HEAD)
            code.when("ne", 0, 0, "failed").move(1, 6)
            code.headers(ETHER, "failed")
            for offset in range(12):
                code.put("b", 7, offset, target.mac[offset % 6])
            code.put("h", 7, 12, 0xb588)        # local experiments
            code.leave(bpf.PASS).label("failed").leave(bpf.ABORTED)
            bpf.attach(target, bpf.Program(code))
            frame = datagram(source, target, rng, 0)
            aborted = target.tool.sum("rx_xdp_aborted")
            source.sender().send(frame)
            bed.drained()
            if not taken:
                ktap.eq(target.tool.sum("rx_xdp_aborted"), aborted + 1, "too much headroom")
                continue
            [(got, _)] = passed.wait(1)
            ktap.eq(len(got), len(frame) - delta, f"length with the head moved by {delta}")
            ktap.eq(got[:ETHER], target.mac * 2 + b"\x88\xb5", "its header")
            tail = frame[max(delta, 0) + (ETHER if delta > 0 else 0):]
            ktap.eq(got[-len(tail):], tail, "the rest of it")


def vlan_tags():
    """With rxvlan on a program sees the frame without its tag, else with it."""
    rng = random.Random(SEED + 7)
    with Bed(vports=2, queues=2) as bed:
        target, source = bed.vports
        target.ethtool("-K", target.name, "rx-vlan-filter", "off")
        seen = bpf.Map(bpf.ARRAY, 1)
        code = bpf.Code().headers(ETHER, "pass").load("h", 3, 7, 12)
        code.put("w", 10, -4, 0).map(1, seen).move(2, 10).add(2, -4)
        code.store("w", 10, -8, 3).move(3, 10).add(3, -8).set(4, 0).call(2)     # update
        bpf.attach(target, bpf.Program(code.label("pass").leave(bpf.PASS)))
        plain = datagram(source, target, rng, 0)
        tagged = plain[:12] + frames.tag(42) + plain[12:]
        passed = target.receiver()
        for rxvlan, ethertype, frame, tag in (("on", 0x0008, plain, 42),
                                              ("off", 0x0081, tagged, None)):
            target.ethtool("-K", target.name, "rxvlan", rxvlan)
            source.sender().send(tagged)
            [(got, beside)] = passed.wait(1)
            ktap.eq(seen.get(0), ethertype, f"ethertype (as stored) with rxvlan {rxvlan}")
            if tag is None and beside is not None:  # the stack takes a tag out by itself
                got, beside = got[:12] + frames.tag(beside) + got[12:], None
            ktap.eq((got, beside), (frame, tag), f"frame and tag with rxvlan {rxvlan}")


def metadata():
    """What a program puts before a frame is there for a program of tc."""
    rng = random.Random(SEED + 8)
    with Bed(vports=2, queues=2) as bed:
        target, source = bed.vports
        code = bpf.Code().move(6, 1).set(2, -4).call(bpf.ADJUST_META).when("ne", 0, 0, "fail")
        code.load("w", 2, 6, 8).load("w", 3, 6, 0).move(1, 2).add(1, 4)
        code.when_register("gt", 1, 3, "fail").put("w", 2, 0, 0x1badcafe)
        bpf.attach(target, bpf.Program(code.leave(bpf.PASS).label("fail").leave(bpf.ABORTED)))
        seen = bpf.Map(bpf.ARRAY, 2, size=8)
        code = bpf.Code().move(6, 1).set(7, 0).load("w", 2, 6, 140).load("w", 3, 6, 76)
        code.move(1, 2).add(1, 4).when_register("gt", 1, 3, "none").load("w", 7, 2)
        code.label("none").when("ne", 7, 0x1badcafe, "other").counted(seen, 1).jump("end")
        code.label("other").counted(seen, 0).label("end").leave(0)
        program = bpf.Program(code, kind=bpf.SCHED_CLS)
        tc_ingress(target, program)
        for _ in range(16):
            source.sender().send(datagram(source, target, rng, 0))
        bed.drained()
        ktap.eq((seen.get(0), seen.get(1)), (0, 16), "frames without and with metadata")


def tc_ingress(vport, program):
    """Has a program of tc see what a VPort receives."""
    path = f"/sys/fs/bpf/vmmq-test-{os.getpid()}"
    if not os.path.ismount("/sys/fs/bpf"):
        command.run("mount", "-t", "bpf", "bpf", "/sys/fs/bpf")
    program.pin(path)
    try:
        command.run("tc", "qdisc", "add", "dev", vport.name, "clsact", ns=vport.ns)
        command.run("tc", "filter", "add", "dev", vport.name, "ingress", "bpf", "da",
                    "object-pinned", path, ns=vport.ns)
    finally:
        os.unlink(path)


def hash_and_type():
    """The kernel function gives the hash and the type that the trace has."""
    rng = random.Random(SEED + 9)
    function = bpf.kernel_function("bpf_xdp_metadata_rx_hash")
    l3, l4 = {"4": 1, "6": 2}, {"tcp": 8 | 16, "udp": 8 | 32}
    with Bed(vports=2, queues=4) as bed:
        target, source = bed.vports
        rss = steering.Rss(rng.randbytes(40), [rng.randrange(4) for _ in range(128)])
        rss.apply(target)
        seen = bpf.Map(bpf.ARRAY, 1, size=16)
        code = bpf.Code().move(6, 1).put("w", 10, -4, 0).put("dw", 10, -24, 0)
        code.move(2, 10).add(2, -24).move(3, 10).add(3, -20).kernel(function)
        code.store("w", 10, -16, 0).put("w", 10, -12, 1)
        code.map(1, seen).move(2, 10).add(2, -4).move(3, 10).add(3, -24).set(4, 0).call(2)
        bpf.attach(target, bpf.Program(code.leave(bpf.DROP), bound=target))
        packets = {}
        for version, build in (("4", frames.ipv4), ("6", frames.ipv6)):
            a, b = ("10.0.0.1", "10.0.0.2") if version == "4" else ("2001:db8::1",
                                                                    "2001:db8::2")
            packets[l3[version] | l4["tcp"]] = frames.tcp_packet(a, b, 5, 6)
            packets[l3[version] | l4["udp"]] = frames.udp_packet(a, b, 5, 6)
            packets[l3[version]] = build(a, b, 99, bytes(40))
        empty = struct.pack("=IIiI", 0, 0, -errno.ENODATA, 1)
        with tracing.Trace("xdp") as trace:
            for kind, packet in packets.items():
                frame = frames.ip(target.mac, source.mac, packet)
                trace.clear()
                source.sender().send(frame)
                bed.drained()
                [event] = trace.events("xdp", ifindex=target.ifindex)
                value = rss.hash(frame)[1]
                got = struct.unpack("=IIiI", seen.get(0).to_bytes(16, "little"))
                ktap.eq(got, (value, kind, 0, 1), f"hash, type and answer for {event.type}")
                ktap.eq(event.hash, value, "hash in the trace")
            source.sender().send(frames.arp(target.mac, source.mac, "10.0.0.1", "10.0.0.2"))
            bed.drained()
        ktap.eq(seen.get(0).to_bytes(16, "little"), empty, "answer for a frame without hash")
        target.ethtool("-K", target.name, "rxhash", "off")
        source.sender().send(frames.ip(target.mac, source.mac, packets[1]))
        bed.drained()
        ktap.eq(seen.get(0).to_bytes(16, "little"), empty, "answer with rxhash off")


def timestamp():
    """The kernel function gives a time between a frame's sending and its verdict, and the same
    one each time it is asked about the frame."""
    rng = random.Random(SEED + 10)
    function = bpf.kernel_function("bpf_xdp_metadata_rx_timestamp")
    with Bed(vports=2, queues=2) as bed:
        target, source = bed.vports
        seen = bpf.Map(bpf.ARRAY, 1, size=32)
        code = bpf.Code().move(6, 1).put("w", 10, -4, 0)
        for at in (-40, -24):
            code.put("dw", 10, at, 0).move(1, 6).move(2, 10).add(2, at).kernel(function)
            code.store("dw", 10, at + 8, 0)
        code.map(1, seen).move(2, 10).add(2, -4).move(3, 10).add(3, -40).set(4, 0).call(2)
        bpf.attach(target, bpf.Program(code.leave(bpf.DROP), bound=target))
        last = 0
        for _ in range(8):
            before = time.clock_gettime_ns(time.CLOCK_REALTIME)
            source.sender().send(datagram(source, target, rng, 0))
            bed.drained()
            after = time.clock_gettime_ns(time.CLOCK_REALTIME)
            first, status, second, again = struct.unpack(
                "=QqQq", seen.get(0).to_bytes(32, "little"))
            ktap.eq((status, again), (0, 0), "answers")
            ktap.eq(first, second, "time asked for twice")
            ktap.between(first, max(before, last), after, "time")
            last = first


def features():
    """The netdev family shows what a VPort's XDP can, with a program and without."""
    basic, redirect, xmit, zero_copy, offload, rx_sg, xmit_sg = (1 << n for n in range(7))
    stamp, hash_, vlan = (1 << n for n in range(3))
    with Bed(vports=1) as bed:
        vport = bed.vports[0]
        for _ in range(2):
            shown, metadata_shown = bpf.features(vport)
            ktap.eq(shown, basic | redirect | xmit | rx_sg | xmit_sg, "features")
            ktap.eq(shown & (zero_copy | offload), 0, "those of hardware")
            ktap.eq(metadata_shown, stamp | hash_ | vlan, "receive metadata")
            bpf.attach(vport, chooser(verdict_map({})))


if __name__ == "__main__":
    ktap.main(verdicts_and_steering, passed_with_hash, refusals, redirect_to_vport,
              redirect_to_deactivated, redirect_to_cpu, af_xdp, checksums_and_segments,
              full_ring, stale_checksum, large_frames, too_many_tags, headroom, vlan_tags,
              metadata, hash_and_type, timestamp, features)
