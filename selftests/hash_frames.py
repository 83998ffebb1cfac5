#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What of a frame is hashed: fragments, options, extension headers, extended addresses, VLAN
tags, and frames that lie about themselves. The receiver is the default VPort, which gets
whatever VLAN a frame is in."""

import functools
import os
import random

from lib import flow, frames, ktap, steering, tracing
from lib.bed import Bed
from lib.frames import (DF, FRAGMENT, MF, TCP, UDP, dest_options, fragment6, home_address,
                        hop_by_hop, ipv4, ipv6, pad_n, routing, tag)
from lib.packet import Sender

SEED = int(os.environ.get("VMMQ_SEED", "20241"))

S4, D4 = "198.51.100.7", "203.0.113.200"
S6, D6, HOME, ROUTE = "2001:db8:1::7", "2001:db8:2::200", "2001:db8:3::9", "2001:db8:4::5"
A4 = bytes.fromhex("c6336407" "cb0071c8")
S6_BYTES = bytes.fromhex("20010db8" "0001" "0000" "0000000000000007")
D6_BYTES = bytes.fromhex("20010db8" "0002" "0000" "0000000000000200")
HOME_BYTES = bytes.fromhex("20010db8" "0003" "0000" "0000000000000009")
ROUTE_BYTES = bytes.fromhex("20010db8" "0004" "0000" "0000000000000005")
A6 = S6_BYTES + D6_BYTES
PORTS = bytes.fromhex("1f90" "c001")
TCP_S = frames.tcp(8080, 49153, b"payload")
UDP_S = frames.udp(8080, 49153, b"payload")
HAO = dest_options(pad_n(4) + home_address(HOME))
RT2 = routing(ROUTE)
NONE = ("none", b"")
EX_FIELDS = {"ip6": "sdx", "tcp6": "sdfnx", "udp6": "sdfnx"}


class Scene:
    """`with Scene() as scene:` a bed with random RSS parameters at the receiver, and a
    trace of what is steered and received."""

    def __init__(self, **parameters):
        self.bed = Bed(vports=2, queues=8, **parameters)
        self.rng = random.Random(SEED)
        self.trace = self.rss = self.source = self.target = None

    def __enter__(self):
        self.bed.__enter__()
        try:
            self.target, self.source = self.bed.vports
            self.rss = steering.Rss(self.rng.randbytes(40),
                                    [self.rng.randrange(8) for _ in range(128)])
            self.rss.apply(self.target)
            self.trace = tracing.Trace("steer", "receive")
            self.bed.undo(self.trace.close)
            self.trace.__enter__()
        except BaseException:
            self.bed.__exit__(None)
            raise
        return self

    def __exit__(self, *why):
        return self.bed.__exit__(*why)

    def frame(self, packet, tags=()):
        """A frame around an IP packet."""
        return frames.ip(self.target.mac, self.source.mac, packet, tags)

    def set_extended(self, *flags):
        """Has the private flags of extended addresses on that are named, the others off."""
        for flow_type, flag in (("ip6", "rss-ipv6-ex"), ("tcp6", "rss-tcp-ipv6-ex"),
                                ("udp6", "rss-udp-ipv6-ex")):
            on = flag in flags
            self.target.ethtool(f"--set-priv-flags {self.target.name} {flag} "
                                f"{'on' if on else 'off'}")
            letters = flow.DEFAULT_FIELDS[flow_type]
            self.rss.fields[flow_type] = letters + "x" if on else letters

    def check(self, what, expected, **how):
        """Sends frames and fails unless each is hashed as expected: list of
        (name, frame, (hash type, hash input)). The reference must agree too."""
        for name, frame, verdict in expected:
            ktap.eq(flow.parse(frame, self.rss.fields, **how), verdict,
                    f"verdict of the reference on {name}")
        self.check_all(what, [frame for _, frame, _ in expected], **how)

    def check_all(self, what, sent, send=None, seen=None, **how):
        """Sends frames and fails unless each is treated as the reference says. Returns the
        number of different verdicts. send, seen: as for steering.fly()."""
        flights = steering.fly(self.bed, self.trace, self.source, self.target, sent, send,
                               seen)
        steering.check(self.bed, flights, self.rss, what, how=how)
        return len({self.rss.hash(flight.frame, **how) for flight in flights})


def ipv4_fragments_and_options():
    """IPv4: first and later fragments never by ports; options are skipped."""
    def packet(payload=TCP_S, proto=TCP, **more):
        return ipv4(S4, D4, proto, payload, **more)
    with Scene() as scene:
        cases = [
            ("TCP", packet(), ("tcp_ipv4", A4 + PORTS)),
            ("UDP", packet(UDP_S, UDP), ("udp_ipv4", A4 + PORTS)),
            ("UDP, first fragment", packet(UDP_S, UDP, fragment=MF), ("ipv4", A4)),
            ("UDP, middle fragment", packet(UDP_S, UDP, fragment=MF | 3), ("ipv4", A4)),
            ("UDP, last fragment", packet(b"12345678", UDP, fragment=3), ("ipv4", A4)),
            ("TCP, first fragment", packet(fragment=MF), ("ipv4", A4)),
            ("TCP, last fragment, empty", packet(b"", fragment=5), ("ipv4", A4)),
            ("TCP, don't fragment", packet(fragment=DF), ("tcp_ipv4", A4 + PORTS)),
            ("TCP, evil bit", packet(fragment=0x8000), ("tcp_ipv4", A4 + PORTS)),
            ("TCP, 4 bytes of options", packet(options=b"\x94\4\0\0"),
             ("tcp_ipv4", A4 + PORTS)),
            ("TCP, 40 bytes of options", packet(options=b"\1" * 40),
             ("tcp_ipv4", A4 + PORTS)),
            ("UDP, 40 bytes of options", packet(UDP_S, UDP, options=b"\7\x27\4" + bytes(37)),
             ("udp_ipv4", A4 + PORTS)),
            ("fragment with options", packet(fragment=MF, options=bytes(8)), ("ipv4", A4)),
            ("GRE", packet(bytes(40), 47), ("ipv4", A4)),
            ("IPv6 in IPv4", packet(ipv6(S6, D6, TCP, TCP_S), 41), ("ipv4", A4)),
            ("SCTP", packet(bytes(40), frames.SCTP), ("ipv4", A4)),
            ("no payload", packet(b"", 255), ("ipv4", A4)),
        ]
        scene.check("IPv4", [(n, scene.frame(p), v) for n, p, v in cases])
        scene.check("IPv4, padded", [(n, frames.padded(scene.frame(p), 200), v)
                                     for n, p, v in cases])


def ipv4_that_lies():
    """IPv4 headers that contradict themselves or the frame: default queue."""
    def packet(payload=TCP_S, proto=TCP, **more):
        return ipv4(S4, D4, proto, payload, **more)
    with Scene() as scene:
        cases = [
            *((f"version {n}", packet(version=n), NONE) for n in (0, 3, 5, 6, 12, 15)),
            ("header of 16 bytes", packet(words=4), NONE),
            ("header of 0 bytes", packet(words=0), NONE),
            ("header beyond the frame", packet(b"", words=15), NONE),
            ("header beyond the total length", packet(words=15, total=40), NONE),
            ("total length 0", packet(total=0), NONE),
            ("total length 19", packet(total=19), NONE),
            ("total length one too many", packet(total=20 + len(TCP_S) + 1), NONE),
            ("total length 65535", packet(total=65535), NONE),
            ("total length ends in TCP", packet(total=39), NONE),
            ("total length ends with TCP", packet(total=40), ("tcp_ipv4", A4 + PORTS)),
            ("total length ends in UDP", packet(UDP_S, UDP, total=27), NONE),
            ("total length ends with UDP", packet(UDP_S, UDP, total=28),
             ("udp_ipv4", A4 + PORTS)),
            ("total length is the header", packet(bytes(4), 99, total=20), ("ipv4", A4)),
            ("TCP, no payload at all", packet(b""), NONE),
        ]
        scene.check("IPv4 that lies", [
            (n, frames.ether(scene.target.mac, scene.source.mac, frames.ETH_IPV4, p), v)
            for n, p, v in cases])


def ipv6_extension_headers():
    """IPv6: extension headers are walked; fragments never by ports."""
    def packet(headers=(), payload=TCP_S, proto=TCP, **more):
        return ipv6(S6, D6, proto, payload, headers, **more)
    whole, four = fragment6(), ("tcp_ipv6", A6 + PORTS)
    with Scene() as scene:
        cases = [
            ("TCP", packet(), four),
            ("UDP", packet((), UDP_S, UDP), ("udp_ipv6", A6 + PORTS)),
            ("hop-by-hop", packet([hop_by_hop()]), four),
            ("destination options", packet([dest_options(pad_n(70))]), four),
            ("routing type 0", packet([routing(HOME, kind=0)]), four),
            ("routing type 4", packet([routing(HOME, kind=4, units=8)]), four),
            ("all of them", packet([hop_by_hop(), dest_options(), RT2, whole, HAO]), four),
            ("all of them, UDP", packet([hop_by_hop(), HAO, RT2, whole], UDP_S, UDP),
             ("udp_ipv6", A6 + PORTS)),
            ("atomic fragment", packet([whole]), four),
            ("first fragment", packet([fragment6(0, True)]), ("ipv6", A6)),
            ("last fragment", packet([fragment6(7, False)], b"12345678"), ("ipv6", A6)),
            ("fragment behind options", packet([hop_by_hop(), RT2, fragment6(0, True)]),
             ("ipv6", A6)),
            ("fragment, then rubbish", packet([fragment6(1, True)], b"\0\xff" * 9, 60),
             ("ipv6", A6)),
            ("16 headers", packet([whole] * 16), four),
            ("17 headers", packet([whole] * 17), NONE),
            ("hop-by-hop second", packet([whole, hop_by_hop()]), NONE),
            ("hop-by-hop twice", packet([hop_by_hop(), hop_by_hop()]), NONE),
            ("AH", packet((), bytes(24), frames.AH), ("ipv6", A6)),
            ("ESP", packet((), bytes(24), frames.ESP), ("ipv6", A6)),
            ("mobility", packet((), bytes(24), 135), ("ipv6", A6)),
            ("no next header", packet((), b"", frames.NO_NEXT), ("ipv6", A6)),
            ("ICMPv6", packet((), bytes(8), frames.ICMPV6), ("ipv6", A6)),
            ("1280 bytes of options", packet([dest_options(bytes(1278))], TCP_S[:20]), four),
        ]
        scene.check("IPv6", [(n, scene.frame(p), v) for n, p, v in cases])


def ipv6_that_lies():
    """IPv6 headers that contradict themselves or the frame: default queue."""
    def packet(headers=(), payload=TCP_S, proto=TCP, **more):
        return ipv6(S6, D6, proto, payload, headers, **more)
    with Scene() as scene:
        cases = [
            *((f"version {n}", packet(version=n), NONE) for n in (0, 4, 5, 7, 14, 15)),
            *((f"version {n}, no ports", packet((), bytes(8), 132, version=n), NONE)
              for n in (0, 4, 7)),
            ("payload one too many", packet(length=len(TCP_S) + 1), NONE),
            ("payload 65535", packet(length=65535), NONE),
            ("payload ends in TCP", packet(length=19), NONE),
            ("payload ends with TCP", packet(length=20), ("tcp_ipv6", A6 + PORTS)),
            ("payload 0", packet(length=0), NONE),
            ("payload ends in UDP", packet((), UDP_S, UDP, length=7), NONE),
            ("header ends outside", packet([dest_options(units=200)]), NONE),
            ("header cut off", packet([dest_options()], length=7), NONE),
            ("fragment header cut off", packet([fragment6()], length=7), NONE),
            ("options swallow TCP", packet([dest_options(units=3)]), NONE),
            ("header chain without end", packet((), bytes(8), FRAGMENT, length=8), NONE),
        ]
        scene.check("IPv6 that lies", [
            (n, frames.ether(scene.target.mac, scene.source.mac, frames.ETH_IPV6, p), v)
            for n, p, v in cases])


def options_header(pad1, empty):
    """A destination options header of so many Pad1 and so many empty options, with no
    padding of the builder's own."""
    options = bytes(pad1) + b"\1\0" * empty
    ktap.eq((len(options) + 2) % 8, 0, "remainder of the header's length")
    return dest_options(options)


def extended_addresses():
    """Home address and type 2 routing header stand in for the addresses, if so set, and
    have no influence if not."""
    def packet(headers, payload=TCP_S, proto=TCP):
        return ipv6(S6, D6, proto, payload, headers)
    both = HOME_BYTES + ROUTE_BYTES
    other = dest_options(pad_n(4) + home_address(S6))
    cases = [   # headers, addresses if they are extended; None: not hashable then
        ("no headers", [], A6),
        ("home address", [HAO], HOME_BYTES + D6_BYTES),
        ("routing", [RT2], S6_BYTES + ROUTE_BYTES),
        ("both", [RT2, HAO], both),
        ("both, the other order", [HAO, RT2], both),
        ("behind hop-by-hop", [hop_by_hop(), dest_options(), RT2, HAO], both),
        ("the first home address", [HAO, other], HOME_BYTES + D6_BYTES),
        ("the first routing header", [RT2, routing(D6)], S6_BYTES + ROUTE_BYTES),
        ("segments left 0", [routing(ROUTE, left=0)], S6_BYTES + ROUTE_BYTES),
        ("routing type 0", [routing(ROUTE, kind=0)], A6),
        ("routing of 40 bytes", [routing(ROUTE, units=4)], None),
        ("home address of 17", [dest_options(home_address(HOME, 17) + b"\0")], None),
        ("home address of 15", [dest_options(home_address(HOME, 15)[:-1])], None),
        ("option leaves its header", [dest_options(b"\x1e\x40" + bytes(4))], None),
        ("128 options", [options_header(122, 6)], A6),
        ("129 options", [options_header(124, 5)], None),
        ("64 and 64 options", [options_header(58, 6)] * 2, A6),
        ("64 and 65 options", [options_header(58, 6), options_header(60, 5)], None),
    ]
    with Scene() as scene:
        groups = (("tcp_ipv6", PORTS, TCP_S, TCP), ("udp_ipv6", PORTS, UDP_S, UDP),
                  ("ipv6", b"", bytes(8), frames.ICMPV6))
        for flags in ((), ("rss-ipv6-ex",), ("rss-tcp-ipv6-ex",), ("rss-udp-ipv6-ex",),
                      ("rss-ipv6-ex", "rss-tcp-ipv6-ex", "rss-udp-ipv6-ex")):
            scene.set_extended(*flags)
            expected = []
            for kind, ports, payload, proto in groups:
                on = f"rss-{kind.replace('_', '-')}-ex" in flags
                for name, headers, addresses in cases:
                    verdict = (kind, A6 + ports)
                    if on:
                        verdict = NONE if addresses is None else (kind + "_ex",
                                                                  addresses + ports)
                    expected.append((f"{name}, {kind}, {flags}",
                                     scene.frame(packet(headers, payload, proto)), verdict))
            scene.check(f"extended addresses {flags}", expected)


def tags_in_the_frame():
    """One or two VLAN tags in the frame are stepped over, three are not."""
    inner = ipv4(S4, D4, TCP, TCP_S)
    inner6 = ipv6(S6, D6, UDP, UDP_S)
    cvlan, svlan = tag(5), tag(7, frames.ETH_SVLAN, 3)
    with Scene() as scene:
        cases = []
        for tags in ([cvlan], [svlan], [tag(0)], [svlan, cvlan], [cvlan, cvlan],
                     [cvlan, svlan], [svlan, cvlan, cvlan], [cvlan] * 4):
            hashable = len(tags) < 3
            name = f"{len(tags)} tags {b''.join(tags).hex()}"
            cases.append((name, scene.frame(inner, tags),
                          ("tcp_ipv4", A4 + PORTS) if hashable else NONE))
            cases.append((name, scene.frame(inner6, tags),
                          ("udp_ipv6", A6 + PORTS) if hashable else NONE))
            cases.append((name + ", ARP", frames.ether(
                scene.target.mac, scene.source.mac, frames.ETH_ARP, bytes(28), tags), NONE))
        scene.check("tags", cases)


def tags_beside_the_frame():
    """A tag that a VLAN device put beside the frame counts as one."""
    with Scene() as scene:
        source, target = scene.source, scene.target
        for vport in (source, target):
            vport.ip(f"link add link {vport.name} name vlan5 type vlan id 5")
            vport.ip("link set vlan5 up")
        sender = Sender(source.ns, "vlan5")
        scene.bed.undo(sender.close)
        packet, packet6 = ipv4(S4, D4, TCP, TCP_S), ipv6(S6, D6, UDP, UDP_S)
        cases = [(scene.frame(packet), ("tcp_ipv4", A4 + PORTS)),
                 (scene.frame(packet6), ("udp_ipv6", A6 + PORTS)),
                 (scene.frame(packet, [tag(9)]), ("tcp_ipv4", A4 + PORTS)),
                 (scene.frame(packet6, [tag(9)]), ("udp_ipv6", A6 + PORTS)),
                 (scene.frame(packet, [tag(9), tag(8)]), NONE)]
        for offload in ("on", "off"):
            source.ethtool(f"-K {source.name} txvlan {offload}")
            beside = 1 if offload == "on" else 0
            sent = seen = [frame for frame, _ in cases]
            if not beside:      # the stack writes the tag into the frame
                seen = [frame[:12] + tag(5) + frame[12:] for frame in sent]
            for frame, (_, verdict) in zip(seen, cases):
                ktap.eq(flow.parse(frame, tags=beside), verdict, "verdict of the reference")
            scene.check_all(f"txvlan {offload}", sent, sender.send, seen, tags=beside)


def unknown_frames():
    """ARP, unknown ethertypes and lengths for ethertypes: default queue."""
    with Scene() as scene:
        target, source = scene.target.mac, scene.source.mac
        cases = [("ARP", frames.arp(target, source, S4, D4), NONE)]
        body = ipv4(S4, D4, TCP, TCP_S)
        for ethertype in (0x0000, 0x002e, 0x0600, 0x0801, 0x0806, 0x6558, 0x8847, 0x8863,
                          0x8864, 0x88cc, 0x9100, 0x9200, 0x86dc, 0xffff):
            cases.append((f"ethertype {ethertype:#06x}",
                          frames.ether(target, source, ethertype, body), NONE))
        cases += [("IPv4 that is IPv6", frames.ether(target, source, frames.ETH_IPV4, ipv6(
            S6, D6, TCP, TCP_S)), NONE),
                  ("IPv6 that is IPv4", frames.ether(target, source, frames.ETH_IPV6, body
                                                     + bytes(40)), NONE),
                  ("only an Ethernet header", frames.ether(target, source, 0x0800, b""), NONE)]
        cases += [(f"cut off in its tag, {length} bytes",
                   scene.frame(body, [tag(5, kind)])[:length], NONE)
                  for kind in (frames.ETH_CVLAN, frames.ETH_SVLAN) for length in range(14, 20)]
        scene.check("unknown", cases)


def every_truncation():
    """Frames cut off at every length: hashed while they can be understood with certainty,
    at the default queue else."""
    with Scene() as scene:
        scene.set_extended("rss-tcp-ipv6-ex")
        packets = [(ipv4(S4, D4, TCP, TCP_S[:20], options=bytes(8)), []),
                   (ipv4(S4, D4, UDP, UDP_S[:8]), [tag(0, frames.ETH_SVLAN)]),
                   (ipv6(S6, D6, TCP, TCP_S[:20], [hop_by_hop(), RT2, HAO]), [])]
        sent = []
        for packet, tags in packets:
            whole = scene.frame(packet, tags)
            sent += [whole[:length] for length in range(14, len(whole) + 1)]
            # The same with a length in the header that fits what is left.
            start = 14 + 4 * len(tags)
            place = start + 2 if packet[0] >> 4 == 4 else start + 4
            header = start if packet[0] >> 4 == 4 else start + 40
            for length in range(start + 40, len(whole)):
                sent.append(whole[:place] + (length - header).to_bytes(2, "big")
                            + whole[place + 2:length])
        ktap.true(len(sent) > 250, f"{len(sent)} frames are many")
        # Whole: TCP, UDP and TCP with extended addresses; and not hashable.
        verdicts = scene.check_all("truncated", sent)
        ktap.eq(verdicts, 4, "different verdicts")


def headers_not_linear():
    """The verdict is the same if the headers aren't in the linear part of the skb."""
    with Scene() as scene:
        for vport in scene.bed.vports:
            vport.ip(f"link set {vport.name} mtu 9000")
        scene.set_extended("rss-udp-ipv6-ex")
        filler = bytes(5000)
        cases = [("TCP", ipv4(S4, D4, TCP, TCP_S + filler), ("tcp_ipv4", A4 + PORTS)),
                 ("options", ipv4(S4, D4, UDP, frames.udp(8080, 49153, filler), bytes(40)),
                  ("udp_ipv4", A4 + PORTS)),
                 ("TCP/IPv6", ipv6(S6, D6, TCP, TCP_S + filler, [hop_by_hop(), HAO]),
                  ("tcp_ipv6", A6 + PORTS)),
                 ("UDP/IPv6", ipv6(S6, D6, UDP, frames.udp(8080, 49153, filler),
                                   [hop_by_hop(), RT2, HAO]),
                  ("udp_ipv6_ex", HOME_BYTES + ROUTE_BYTES + PORTS)),
                 ("fragment", ipv6(S6, D6, UDP, filler, [fragment6(9, True)]), ("ipv6", A6)),
                 ("lies", ipv6(S6, D6, UDP, filler, [RT2], length=20), NONE)]
        sender = scene.source.sender(vnet=True)
        for linear in (0, 14, 16, 18, 33, 34, 40, 54, 60, 100, 160):
            for tags in ([], [tag(3)]):
                sent = [scene.frame(packet, tags) for _, packet, _ in cases]
                for frame, (name, _, verdict) in zip(sent, cases):
                    ktap.eq(flow.parse(frame, scene.rss.fields), verdict, name)
                scene.check_all(f"{linear} bytes linear", sent, functools.partial(
                    sender.send_vnet, linear=linear))


def segmentation_offload():
    """A frame still to be segmented is hashed by its flow, whatever its total length says."""
    with Scene() as scene:
        data = bytes(4000)
        four, six = frames.tcp(8080, 49153, data), frames.tcp(8080, 49153, data)
        cases = [("tcp4", scene.frame(ipv4(S4, D4, TCP, four)), (34, 16)),
                 ("tcp4", scene.frame(ipv4(S4, D4, TCP, four, total=0)), (34, 16)),
                 ("tcp6", scene.frame(ipv6(S6, D6, TCP, six)), (54, 16)),
                 ("tcp6", scene.frame(ipv6(S6, D6, TCP, six, length=0)), (54, 16))]
        sent = [frame for _, frame, _ in cases]
        for frame, verdict in zip(sent, [("tcp_ipv4", A4 + PORTS)] * 2
                                  + [("tcp_ipv6", A6 + PORTS)] * 2):
            ktap.eq(flow.parse(frame, gso=True), verdict, "verdict of the reference")
        sender = scene.source.sender(vnet=True)
        rest = iter(cases)

        def send(frame):
            kind, _, checksum = next(rest)
            sender.send_vnet(frame, gso=kind, gso_size=1400, csum=checksum)
        scene.check_all("to be segmented", sent, send, gso=True)


def mutate(rng, frame):
    """One to four random changes of a frame behind its addresses."""
    data = bytearray(frame)
    for _ in range(rng.randrange(1, 5)):
        kind, place = rng.randrange(7), rng.randrange(12, len(data))
        if kind < 2:
            data[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            data[place] = rng.choice((0, 1, 4, 6, 17, 43, 44, 59, 60, 0x45, 0x60, 0xc9, 0xff))
        elif kind == 3:
            del data[max(place, 20):]
        elif kind == 4:
            data[place:place] = rng.randbytes(rng.randrange(1, 9))
        elif kind == 5 and len(data) > 28:
            del data[place:place + rng.randrange(1, 9)]
        else:
            data[12:12] = tag(rng.randrange(4096), rng.choice((0x8100, 0x88a8, 0x9100)))
    return bytes(data[:1400]).ljust(20, b"\0")


def random_packet(rng):
    """A random packet that is well-formed, or nearly."""
    payload = rng.choice((TCP_S, UDP_S, rng.randbytes(rng.randrange(60))))
    proto = rng.choice((TCP, TCP, UDP, UDP, rng.randrange(256)))
    if rng.random() < 0.4:
        return ipv4(S4, D4, proto, payload, options=bytes(4 * rng.choice((0, 0, 1, 10))),
                    fragment=rng.choice((0, 0, 0, DF, MF, 9)))
    headers = rng.choices((hop_by_hop(), dest_options(), HAO, RT2, routing(HOME, kind=0),
                           fragment6(), fragment6(0, True), dest_options(pad_n(40)),
                           dest_options(home_address(HOME) + home_address(S6)),
                           dest_options(bytes(rng.randrange(140)))),
                          k=rng.choice((0, 1, 1, 2, 3, 4, 18)))
    return ipv6(S6, D6, proto, payload, headers)


def mutated_frames():
    """Hundreds of random frames with random damage: as the reference says."""
    with Scene() as scene:
        ktap.diag(f"seed {SEED}, set VMMQ_SEED for another")
        rng = random.Random(SEED)
        for flags in ((), ("rss-ipv6-ex", "rss-tcp-ipv6-ex", "rss-udp-ipv6-ex")):
            scene.set_extended(*flags)
            sent = []
            for number in range(400):
                frame = scene.frame(random_packet(rng),
                                    [tag(5)] * rng.choice((0, 0, 0, 1, 2)))
                sent.append(mutate(rng, frame) if number % 4 else frame[:1400])
            hashable = sum(scene.rss.hash(frame)[0] != "none" for frame in sent)
            ktap.between(hashable, 60, 340, "hashable frames among them")
            scene.check_all(f"mutated {flags}", sent)


ktap.main(ipv4_fragments_and_options, ipv4_that_lies, ipv6_extension_headers, ipv6_that_lies,
          extended_addresses, tags_in_the_frame, tags_beside_the_frame, unknown_frames,
          every_truncation, headers_not_linear, segmentation_offload, mutated_frames)
