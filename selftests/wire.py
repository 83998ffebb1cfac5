#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Wire mode: frames pass between VPorts as a wire would carry them, and counters count what
a wire would carry in both modes.

    vmmq0v0 ---- frames made here ----> vmmq0v1      each in a namespace

What a GSO frame becomes is computed here, byte by byte, and compared with what arrives.
"""

import errno
import socket

from lib import frames, ktap, load, module, vmmqctl, wait
from lib.gso import (ADAPTER, OTHER, PAYLOAD, PORTS, RECEIVER, SEGMENTS, SENDER, SIZE, TAG,
                     UDP_SEGMENT, Site, addresses, exchange, gso_frame, gso_packets, packet,
                     parts, pseudo, summed)

TOGGLES = 12


def parameter():
    """wire= gives the mode adapters begin with; the family shows and changes it."""
    for on in (False, True):
        with Site(wire=on) as site:
            ktap.eq(site.control.do("adapter-get", name=ADAPTER)["wire"], int(on),
                    f"wire={int(on)}: adapter-get")
    lines = module.refused(wire=2)
    ktap.true(any("wire" in line for line in lines), f"the log says why: {lines}")
    with Site() as site:
        ktap.eq(site.control.do("adapter-get", name=ADAPTER)["wire"], 0, "default")


def control():
    """The family and the tool change the mode and announce it; nonsense is refused."""
    with Site() as site:
        monitor = site.control.monitor()
        site.undo(monitor.close)
        for on in (1, 0):
            vmmqctl.run("adapter", "set", ADAPTER, "wire", "on" if on else "off")
            ktap.eq(vmmqctl.one("adapter", "show", ADAPTER)["wire"], on, "vmmqctl -j")
            ktap.contains(vmmqctl.run("adapter", "show", ADAPTER),
                          f"wire {'on' if on else 'off'}", "vmmqctl")
            heard = [(name, message["wire"]) for name, message in monitor.heard()]
            ktap.eq(heard, [("adapter-change-ntf", on)], "notifications")
            for vport in site.vports:
                text = vport.ethtool(f"-k {vport.name}")
                ktap.contains(text, f"rx-gro-hw: {'off [fixed]' if on else 'on'}\n",
                              f"features with wire {on}")
        site.control.refused(errno.ERANGE, "", ".wire", "adapter-set", name=ADAPTER, wire=2)
        vmmqctl.refused(vmmqctl.MISUSED, "adapter", "set", ADAPTER, "wire", "maybe")
        site.set_wire(True)
        made = vmmqctl.one("adapter", "add", "nic1", "wire", "on")
        ktap.eq(made["wire"], 1, "adapter add: wire")
        vmmqctl.run("adapter set nic1 max-count 128")
        ktap.eq(vmmqctl.one("adapter show nic1")["wire"], 1, "wire after another change")
        vmmqctl.run("adapter del nic1")


def check_counted(expected, sent, received, gso, what):
    """Both ends counted these packets."""
    total = sum(len(frame) for frame in expected)
    count = len(expected)
    with ktap.Mismatches(what) as found:
        found.eq((sent["tx_packets"], sent["tx_bytes"]), (count, total), "sender")
        found.eq((received["rx_packets"], received["rx_bytes"]), (count, total), "receiver")
        found.eq(sum(value for name, value in received.items()
                     if name.startswith("rx_hash_")), count, "hash types")
        found.eq((sent["tx_gso_frames"], sent["tx_gso_packets"]),
                 (1, count) if gso else (0, 0), "GSO frames and their packets")
        found.eq(sent["tx_completed"], 1, "completions")
        found.eq(received["rx_csum_errors"], 0, "checksum errors")


def segments():
    """A GSO frame arrives as the packets a wire carries for it, in wire mode; whole without;
    both count the same."""
    with Site() as site, ktap.Mismatches("segments") as found:
        for version, tags in ((4, ()), (6, ()), (4, [TAG])):
            frame, options = gso_frame(site, version, tags)
            expected = gso_packets(site, version)   # a tag is captured beside the frame
            for on in (True, False):
                what = f"IPv{version} {'tagged ' if tags else ''}wire {on}"
                site.set_wire(on)
                got, sent, received = exchange(site, frame, SEGMENTS if on else 1, **options)
                if on:
                    found.eq([f for f, _, _ in got], expected, f"{what}: packets")
                    found.eq({(v.sum, v.gso) for _, _, v in got}, {("good", None)}, what)
                else:
                    found.eq([(v.sum, v.gso, v.size) for _, _, v in got],
                             [("to do", f"tcp{version}", SIZE)], f"{what}: frame")
                check_counted(gso_packets(site, version, tags), sent, received, True, what)


def links():
    """The counters of `ip -s link` say the same."""
    with Site() as site:
        frame, options = gso_frame(site, 4)
        bytes_ = sum(len(packet) for packet in gso_packets(site, 4))
        for on in (True, False):
            site.set_wire(on)
            before = [link_counters(vport) for vport in site.vports]
            exchange(site, frame, SEGMENTS if on else 1, **options)
            after = [link_counters(vport) for vport in site.vports]
            ktap.eq([after[SENDER][0] - before[SENDER][0],
                     after[SENDER][1] - before[SENDER][1],
                     after[RECEIVER][2] - before[RECEIVER][2],
                     after[RECEIVER][3] - before[RECEIVER][3]],
                    [SEGMENTS, bytes_] * 2, f"wire {on}: tx and rx packets and bytes")


def link_counters(vport):
    """tx packets, tx bytes, rx packets, rx bytes of a VPort by sysfs."""
    return [int(vport.ns.sysfs(f"class/net/{vport.name}/statistics/{name}"))
            for name in ("tx_packets", "tx_bytes", "rx_packets", "rx_bytes")]


def datagrams():
    """UDP segmentation: a datagram per segment, its checksum right."""
    with Site(wire=True) as site:
        site.set_addresses(ipv6=True)
        for version in (4, 6):
            src, dst = ((site.vports[n].ip4 if version == 4 else site.vports[n].ip6)
                        for n in (SENDER, RECEIVER))
            kind = socket.AF_INET if version == 4 else socket.AF_INET6
            sink = site.vports[RECEIVER].socket(kind, socket.SOCK_DGRAM)
            sink.bind((dst, PORTS[1]))
            source = site.vports[SENDER].socket(kind, socket.SOCK_DGRAM)
            source.bind((src, PORTS[0]))
            source.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SIZE)
            before = site.vports[SENDER].stats()
            receiver = site.vports[RECEIVER].receiver(vnet=True)
            source.sendto(PAYLOAD, (dst, PORTS[1]))
            got = [(frame[-8 - len(part):][:8], frame[-len(part):], vnet.sum)
                   for (frame, _, vnet), part in zip(receiver.wait_vnet(SEGMENTS), parts())]
            expected = [(frames.with_checksum(src, dst, frames.UDP, frames.udp(
                *PORTS, part))[:8], part, "good") for part in parts()]
            ktap.eq(got, expected, f"UDP over IPv{version}: headers, payloads, checksums")
            site.drained()
            gain = site.gained(SENDER, before)
            ktap.eq((gain["tx_packets"], gain["tx_gso_frames"]), (SEGMENTS, 1),
                    f"UDP over IPv{version}: packets, GSO frames")
            sink.settimeout(wait.STUCK)
            ktap.eq([sink.recv(2 * SIZE) for _ in range(SEGMENTS)], parts(), "at the socket")


def zero_sum_payload(version):
    """A payload whose UDP checksum comes out as zero."""
    payload = b"\0\0" + PAYLOAD[:98]
    return summed(version, frames.UDP, frames.udp(*PORTS, payload))[6:8] + payload[2:]


def fills_in():
    """A checksum left to do is filled in, zero as all ones; without wire mode it is left."""
    with Site() as site, ktap.Mismatches("filled in") as found:
        for version, proto, payload in (
                (4, frames.UDP, PAYLOAD[:99]), (6, frames.UDP, PAYLOAD[:100]),
                (4, frames.UDP, zero_sum_payload(4)), (6, frames.UDP, zero_sum_payload(6)),
                (4, frames.TCP, PAYLOAD[:77]), (6, frames.TCP, PAYLOAD[:1])):
            src, dst = addresses(version)
            segment = (frames.udp if proto == frames.UDP else frames.tcp)(*PORTS, payload)
            asked = packet(site, version, proto, pseudo(src, dst, proto, segment))
            right = packet(site, version, proto, summed(version, proto, segment))
            place = 6 if proto == frames.UDP else 16
            for on in (True, False):
                site.set_wire(on)
                got, _, received = exchange(site, asked, 1,
                                            csum=(len(asked) - len(segment), place))
                what = f"IPv{version} protocol {proto} {len(payload)} bytes, wire {on}"
                found.eq([f for f, _, _ in got],
                         [frames.padded(right) if on else asked], what)
                found.eq([v.sum for _, _, v in got], ["good" if on else "to do"], what)
                found.eq(received["rx_csum_errors"], 0, f"{what}: checksum errors")
    zero = summed(4, frames.UDP, frames.udp(*PORTS, zero_sum_payload(4)))
    ktap.eq(zero[6:8], b"\xff\xff", "the zero checksum this tests")


def wrong(frame, place):
    """The frame with a byte changed, counted from the end if negative."""
    place %= len(frame)
    return frame[:place] + bytes([frame[place] ^ 0x55]) + frame[place + 1:]


def verify_cases(site):
    """(name, frame, what a NIC says of its checksum, whether that is an error)."""
    for version in (4, 6):
        tcp = packet(site, version, frames.TCP, summed(version, frames.TCP,
                                                       frames.tcp(*PORTS, PAYLOAD[:401])))
        udp = packet(site, version, frames.UDP, summed(version, frames.UDP,
                                                       frames.udp(*PORTS, PAYLOAD[:400])))
        short = packet(site, version, frames.UDP, summed(version, frames.UDP,
                                                         frames.udp(*PORTS, b"x")))
        tagged = packet(site, version, frames.UDP, summed(
            version, frames.UDP, frames.udp(*PORTS, PAYLOAD[:400])),
            [TAG])
        name = f"IPv{version}"
        yield f"{name} TCP", tcp, "good", False
        yield f"{name} TCP wrong data", wrong(tcp, -1), None, True
        yield f"{name} TCP wrong port", wrong(tcp, -420), None, True
        yield f"{name} UDP", udp, "good", False
        yield f"{name} UDP wrong data", wrong(udp, -200), None, True
        yield f"{name} UDP short", short, "good", False
        yield f"{name} UDP wrong padding", short + b"y" * 9, "good", False
        yield f"{name} UDP without checksum", packet(
            site, version, frames.UDP, frames.udp(*PORTS, PAYLOAD[:400])), None, False
        yield f"{name} tagged", tagged, "good", False
        yield f"{name} tagged wrong", wrong(tagged, -2), None, True
        yield f"{name} protocol 89", packet(site, version, 89, PAYLOAD[:64]), None, False
    tcp = summed(4, frames.TCP, frames.tcp(*PORTS, PAYLOAD[:401]))
    whole = packet(site, 4, frames.TCP, tcp)
    yield "IPv4 options", packet(site, 4, frames.TCP, tcp, options=b"\1" * 7), "good", False
    yield "IPv4 header wrong", wrong(whole, 14 + 8), None, True
    yield "IPv4 fragment", packet(site, 4, frames.TCP, tcp, fragment=frames.MF), None, False
    yield "IPv6 fragment", packet(site, 6, frames.TCP, tcp,
                                  headers=[frames.fragment6(more=True)]), None, False
    yield "ARP", frames.arp(frames.BROADCAST, site.vports[SENDER].mac, *addresses(4)), None, \
        False
    inner = packet(site, 4, frames.UDP, frames.udp(*PORTS, PAYLOAD[:40]))
    outer = summed(4, frames.UDP, frames.udp(40000, 4789, bytes(8) + inner))
    yield "tunnel", packet(site, 4, frames.UDP, outer), "good", False
    yield "tunnel wrong", wrong(packet(site, 4, frames.UDP, outer), -3), None, True


def captured(frame):
    """What a socket gets of a frame that was sent over a wire: its tag stands beside it."""
    if frame[12:14] == TAG[:2]:
        frame = frame[:12] + frame[16:]
    return frames.padded(frame)


def verifies():
    """Every checksum is looked at as a NIC does; a wrong one is counted and not called good,
    and its frame is handed up all the same. Switched off, nothing is called good."""
    with Site(wire=True) as site, ktap.Mismatches("verified") as found:
        cases = list(verify_cases(site))
        receiver = site.vports[RECEIVER]
        for checksums in (True, False):
            receiver.ethtool(f"-K {receiver.name} rx {'on' if checksums else 'off'}")
            for name, frame, verdict, error in cases:
                got, _, received = exchange(site, frame, 1)
                name = f"{name}, rx {checksums}"
                found.eq([f for f, _, _ in got], [captured(frame)], f"{name}: frame")
                found.eq([v.sum for _, _, v in got], [verdict if checksums else None], name)
                found.eq(received["rx_csum_errors"], int(error and checksums),
                         f"{name}: errors")
        total = receiver.stats()
        found.eq(total["rx_csum_errors"], sum(error for _, _, _, error in cases), "total")
        site.set_wire(False)
        receiver.ethtool(f"-K {receiver.name} rx on")
        for name, frame, _, _ in cases[:3]:
            got, _, received = exchange(site, frame, 1)
            found.eq([v.sum for _, _, v in got], [None], f"{name}, wire off")
        found.eq(received["rx_csum_errors"], 0, "errors, wire off")


def padding():
    """A short frame is padded with zeros on a wire and counted so; else it stays short."""
    with Site() as site:
        for length in (14, 42, 59, 60, 61):
            frame = (site.vports[RECEIVER].mac + site.vports[SENDER].mac + b"\x88\xb5"
                     + PAYLOAD)[:length]
            for on in (True, False):
                site.set_wire(on)
                got, sent, received = exchange(site, frame, 1)
                expected = frames.padded(frame) if on else frame
                ktap.eq([f for f, _, _ in got], [expected], f"{length} bytes, wire {on}")
                ktap.eq((sent["tx_bytes"], received["rx_bytes"]), (len(expected),) * 2,
                        f"{length} bytes, wire {on}: counted")


def too_long():
    """Packets above the receiver's MTU are dropped one by one; whole frames are not."""
    with Site() as site:
        receiver = site.vports[RECEIVER]
        receiver.ip(f"link set {receiver.name} mtu {SIZE}")
        frame, options = gso_frame(site, 4)
        for on in (True, False):
            site.set_wire(on)
            got, _, received = exchange(site, frame, 1, **options)
            ktap.eq(len(got), 1, f"wire {on}: frames that fit")  # the last is short
            ktap.eq((received["rx_drop_oversize"], received["rx_packets"]),
                    (SEGMENTS - 1, 1) if on else (0, SEGMENTS), f"wire {on}: dropped, taken")


def slow(site, ring=16):
    """Makes the receiver one whose ring is full at times."""
    receiver = site.vports[RECEIVER]
    receiver.tool.set_rings(rx=ring)
    receiver.ethtool(f"-C {receiver.name} adaptive-rx off rx-usecs 10000 rx-frames 0")


def full_ring():
    """Of a frame's packets those are lost that find the ring full; the frame completes."""
    size, count = 100, 200
    with Site(wire=True) as site:
        slow(site)
        src, dst = addresses(4)
        segment = frames.tcp(*PORTS, PAYLOAD[:1] * size * count)
        frame = packet(site, 4, frames.TCP, pseudo(src, dst, frames.TCP, segment))
        _, sent, received = exchange(site, frame, 1, gso="tcp4", gso_size=size,
                                     csum=(len(frame) - len(segment), 16))
        ktap.diag(f"received {received['rx_packets']}, missed {received['rx_missed']}")
        ktap.eq(received["rx_packets"] + received["rx_missed"], count, "packets accounted for")
        ktap.true(received["rx_missed"], "the ring was full")
        ktap.eq((sent["tx_packets"], sent["tx_completed"]), (count, 1), "sent, completed")


def full_ring_of_frames():
    """A whole frame that finds the ring full counts as the packets it stands for."""
    with Site() as site:
        slow(site)
        frame, options = gso_frame(site, 4)
        before = [vport.stats() for vport in site.vports]
        sender = site.vports[SENDER].sender(vnet=True)
        wait.until(lambda: [sender.send_vnet(frame, **options) for _ in range(60)]
                   and site.gained(RECEIVER, before[RECEIVER])["rx_missed"], "a full ring")
        site.drained()
        sent, received = (site.gained(n, before[n]) for n in (SENDER, RECEIVER))
        ktap.diag(f"received {received['rx_packets']}, missed {received['rx_missed']}")
        ktap.eq(received["rx_packets"] + received["rx_missed"], sent["tx_packets"],
                "packets accounted for")
        ktap.eq(received["rx_missed"] % SEGMENTS, 0, "packets of broken frames")


def agree(site):
    """Pause at both ends: a full ring loses nothing."""
    for number in (SENDER, RECEIVER):
        vport = site.vports[number]
        vport.ethtool(f"-A {vport.name} autoneg off rx on tx on")


def paused():
    """With pause a frame waits in the middle of its packets; all arrive, in order."""
    size, count = 100, 200
    with Site(wire=True) as site:
        slow(site)
        agree(site)
        src, dst = addresses(4)
        data = b"".join(n.to_bytes(2, "big") * (size // 2) for n in range(count))
        segment = frames.tcp(*PORTS, data)
        frame = packet(site, 4, frames.TCP, pseudo(src, dst, frames.TCP, segment))
        got, sent, received = exchange(site, frame, count, gso="tcp4", gso_size=size,
                                       csum=(len(frame) - len(segment), 16))
        ktap.eq(b"".join(f[-size:] for f, _, _ in got), data, "payloads in order")
        ktap.true(sent["tx_pause"], "the sender was stopped")
        ktap.eq((received["rx_missed"], sent["tx_completed"]), (0, 1), "missed, completed")


def down_while_paused():
    """What still waits of a frame when its sender goes down is counted as dropped."""
    size, count = 100, 400
    with Site(wire=True) as site:
        slow(site)
        agree(site)
        src, dst = addresses(4)
        segment = frames.tcp(*PORTS, bytes(size * count))
        frame = packet(site, 4, frames.TCP, pseudo(src, dst, frames.TCP, segment))
        before = site.vports[SENDER].stats()
        site.vports[SENDER].sender(vnet=True).send_vnet(
            frame, gso="tcp4", gso_size=size, csum=(len(frame) - len(segment), 16))
        site.vports[SENDER].down()
        sent, received, dropped = site.drained()
        gain = site.gained(SENDER, before)
        ktap.diag(f"sent {sent}, received {received}, dropped {dropped}, of them "
                  f"{gain['tx_drop_down']} that waited")
        ktap.eq((sent, received + dropped), (count, count), "packets, and where they went")


def flooded():
    """Copies of a flooded frame are complete packets too."""
    with Site(wire=True, vports=3) as site:
        frame, options = gso_frame(site, 4)
        frame = frames.BROADCAST + frame[6:]
        expected = [frames.BROADCAST + f[6:] for f in gso_packets(site, 4)]
        receivers = [site.vports[n].receiver(vnet=True) for n in (RECEIVER, OTHER)]
        before = site.vports[SENDER].stats()
        site.vports[SENDER].sender(vnet=True).send_vnet(frame, **options)
        for receiver in receivers:
            got = receiver.wait_vnet(SEGMENTS)
            ktap.eq([f for f, _, _ in got], expected, "packets")
            ktap.eq({v.sum for _, _, v in got}, {"good"}, "checksums")
        wait.until(lambda: site.gained(SENDER, before)["tx_completed"] == 1, "completion")


def toggled_under_load():
    """Nothing is lost or overtaken when the mode changes under traffic, with full rings and
    senders that wait in the middle of a frame."""
    with Site(vports=3, queues=2) as site:
        site.set_addresses(ipv6=True)
        slow(site)
        agree(site)
        for vport in site.vports:
            vport.ethtool(f"-K {vport.name} gro on")
        before = site.drained()     # with multicast of the stacks that nobody wants
        with load.Load() as traffic:
            for ipv6 in (False, True):
                traffic.udp(site.vports[SENDER], site.vports[RECEIVER], 3, 24, 904, ipv6)
                traffic.tcp(site.vports[SENDER], site.vports[RECEIVER], 1, 1 << 18, 60000,
                            ipv6)
                traffic.udp(site.vports[SENDER], site.vports[OTHER], 1, 16, 200, ipv6)
            traffic.go()
            for number in range(TOGGLES):
                site.set_wire(not number % 2)
                traffic.wait(300)
            state = traffic.hold()
            traffic.check()
        ktap.eq(state.sum("reordered"), 0, "datagrams out of order")
        sent, received, dropped = (now - old for now, old in zip(site.drained(), before))
        gso = sum(site.vports[n].tool.sum("tx_gso_frames") for n in (SENDER, RECEIVER))
        ktap.diag(f"{state.summary()}; {sent} packets, {gso} GSO frames")
        ktap.eq((received + dropped, dropped), (sent, 0), "packets received, dropped")
        ktap.true(gso, "GSO frames were sent")
        ktap.true(site.vports[SENDER].tool.sum("tx_pause"), "the sender was stopped")


if __name__ == "__main__":
    ktap.main(parameter, control, segments, links, datagrams, fills_in, verifies, padding,
              too_long, full_ring, full_ring_of_frames, paused, down_while_paused, flooded,
              toggled_under_load)
