#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every feature bit of a VPort is true: on, the VPort does it; off, frames look as they would
without.

    vmmq0v0 ---- frames made here ----> vmmq0v1      each in a namespace

What arrives is looked at with its virtio header: whole or in segments, its checksum to do,
good, or unknown.
"""

import contextlib
import socket

from lib import frames, ktap, wait
from lib import packet as packet_socket
from lib.gso import (OTHER, PAYLOAD, PORTS, RECEIVER, SEGMENTS, SENDER, SIZE, UDP_SEGMENT,
                     Site, addresses, exchange, gso_frame, gso_packets, packet, parts, pseudo,
                     summed)

ON = """rx-checksumming tx-checksum-ip-generic tx-checksum-sctp tx-scatter-gather
    tx-scatter-gather-fraglist tx-tcp-segmentation tx-tcp-ecn-segmentation
    tx-tcp-mangleid-segmentation tx-tcp6-segmentation tx-udp-segmentation
    tx-gre-segmentation tx-gre-csum-segmentation tx-ipxip4-segmentation
    tx-ipxip6-segmentation tx-udp_tnl-segmentation tx-udp_tnl-csum-segmentation
    tx-sctp-segmentation tx-gso-list rx-vlan-offload tx-vlan-offload rx-vlan-filter
    receive-hashing rx-gro-hw""".split()
OFF = ["loopback"]
NEVER = """rx-all rx-fcs large-receive-offload tx-gso-partial tx-esp-segmentation
    tx-tunnel-remcsum-segmentation tx-vlan-stag-hw-insert rx-vlan-stag-hw-parse tls-hw-tx-offload
    esp-hw-offload hw-tc-offload""".split()
CWR = 0x80
BULK = 400000       # bytes of a TCP stream
LEGACY = 65536      # bytes of a frame unless the user allows more
FULL = 1514
INNER = "10.9.0.1", "10.9.0.2"

# name, how to make it, address family of the outside, the feature that segments
TUNNELS = (
    ("vxlan", "type vxlan id 7 dstport 4789 noudpcsum", 4, "tx-udp_tnl-segmentation"),
    ("vxlan", "type vxlan id 7 dstport 4789 udpcsum", 4, "tx-udp_tnl-csum-segmentation"),
    ("ip_gre", "type gretap", 4, "tx-gre-segmentation"),
    ("ip_gre", "type gretap csum", 4, "tx-gre-csum-segmentation"),
    ("ipip", "type ipip", 4, "tx-ipxip4-segmentation"),
    ("ip6_tunnel", "type ip6tnl mode any encaplimit none", 6, "tx-ipxip6-segmentation"),
)


def states(vport):
    """{feature: "on", "off", "off [fixed]", ...} by ethtool -k."""
    lines = vport.ethtool(f"-k {vport.name}").splitlines()[1:]
    return dict(line.strip().split(": ", 1) for line in lines)


@contextlib.contextmanager
def switched(vport, feature, on=False):
    """A feature is switched for the length of the block."""
    words = ("on", "off") if on else ("off", "on")
    vport.ethtool(f"-K {vport.name} {feature} {words[0]}")
    try:
        yield
    finally:
        vport.ethtool(f"-K {vport.name} {feature} {words[1]}")


def offered():
    """What there is can be switched, and what there isn't is fixed."""
    with Site() as site, ktap.Mismatches("features") as found:
        vport = site.vports[SENDER]
        got = states(vport)
        for feature, state in ([(f, "on") for f in ON] + [(f, "off") for f in OFF]
                               + [(f, "off [fixed]") for f in NEVER]):
            found.eq(got.get(feature), state, feature)
        for feature in ON + OFF:
            with switched(vport, feature, on=feature in OFF):
                found.eq(states(vport)[feature].split()[0],
                         "on" if feature in OFF else "off", f"{feature} switched")
        found.eq(states(vport), got, "all switched back")


def arrived(got):
    """The distinct (checksum, gso) of what exchange() returned."""
    return {(vnet.sum, vnet.gso) for _, _, vnet in got}


def segmentation():
    """TSO, TSO6 and what they need: off, a frame is cut before it gets to the VPort."""
    with Site() as site, ktap.Mismatches("segmentation") as found:
        sender = site.vports[SENDER]
        for version in (4, 6):
            frame, options = gso_frame(site, version)
            tso = "tx-tcp-segmentation" if version == 4 else "tx-tcp6-segmentation"
            other = "tx-tcp6-segmentation" if version == 4 else "tx-tcp-segmentation"
            for feature, count, kinds in (
                    (None, 1, ("to do", f"tcp{version}")),
                    (other, 1, ("to do", f"tcp{version}")),
                    ("tx-tcp-mangleid-segmentation", 1, ("to do", f"tcp{version}")),
                    (tso, SEGMENTS, ("to do", None)),
                    ("tx-scatter-gather", SEGMENTS, ("to do", None)),
                    ("tx-checksum-ip-generic", SEGMENTS, (None, None))):
                with switched(sender, feature) if feature else contextlib.nullcontext():
                    got, sent, _ = exchange(site, frame, count, **options)
                what = f"IPv{version} {feature} off"
                found.eq((len(got), arrived(got)), (count, {kinds}), what)
                found.eq(sent["tx_gso_frames"], int(count == 1), f"{what}: GSO frames")
                if kinds[0] is None:
                    found.eq([f for f, _, _ in got], gso_packets(site, version), what)


def congestion():
    """A frame with CWR: whole, or cut with CWR in its first segment alone."""
    with Site() as site, ktap.Mismatches("ecn") as found:
        src, dst = addresses(4)
        segment = frames.tcp(*PORTS, PAYLOAD, flags=0x10 | CWR)
        frame = packet(site, 4, frames.TCP, pseudo(src, dst, frames.TCP, segment))
        options = {"gso": "tcp4", "gso_size": SIZE, "csum": (34, 16), "ecn": True}
        got, _, _ = exchange(site, frame, 1, **options)
        found.eq((len(got), arrived(got)), (1, {("to do", "tcp4")}), "on")
        with switched(site.vports[SENDER], "tx-tcp-ecn-segmentation"):
            got, _, _ = exchange(site, frame, SEGMENTS, **options)
        found.eq([f[14 + 20 + 13] & CWR for f, _, _ in got], [CWR] + [0] * (SEGMENTS - 1),
                 "off: CWR of the segments")
        site.set_wire(True)
        got, _, _ = exchange(site, frame, SEGMENTS, **options)
        found.eq([f[14 + 20 + 13] & CWR for f, _, _ in got], [CWR] + [0] * (SEGMENTS - 1),
                 "wire mode: CWR of the segments")


def datagrams():
    """UDP segmentation off: the datagrams come one by one."""
    with Site() as site:
        site.set_addresses(ipv6=False)
        sender, receiver = site.vports[SENDER], site.vports[RECEIVER]
        source = sender.socket(socket.AF_INET, socket.SOCK_DGRAM)
        source.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SIZE)
        sink = receiver.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sink.bind((receiver.ip4, PORTS[1]))
        sink.settimeout(wait.STUCK)
        for on in (True, False):
            with contextlib.nullcontext() if on else switched(sender, "tx-udp-segmentation"):
                before = sender.stats()
                source.sendto(PAYLOAD, (receiver.ip4, PORTS[1]))
                ktap.eq([sink.recv(2 * SIZE) for _ in range(SEGMENTS)], parts(),
                        f"{on}: datagrams")
                site.drained()
                gain = site.gained(SENDER, before)
            ktap.eq((gain["tx_gso_frames"], gain["tx_packets"]), (int(on), SEGMENTS),
                    f"{on}: GSO frames, packets")


def transmit_checksum():
    """tx-checksumming off: the sender's stack fills it in."""
    with Site() as site, ktap.Mismatches("checksum") as found:
        for version, proto, place in ((4, frames.UDP, 6), (6, frames.TCP, 16)):
            src, dst = addresses(version)
            segment = (frames.udp if proto == frames.UDP else frames.tcp)(*PORTS,
                                                                         PAYLOAD[:333])
            asked = packet(site, version, proto, pseudo(src, dst, proto, segment))
            right = packet(site, version, proto, summed(version, proto, segment))
            csum = len(asked) - len(segment), place
            got, _, _ = exchange(site, asked, 1, csum=csum)
            found.eq([(f, v.sum) for f, _, v in got], [(asked, "to do")], f"IPv{version} on")
            with switched(site.vports[SENDER], "tx-checksum-ip-generic"):
                got, _, _ = exchange(site, asked, 1, csum=csum)
            found.eq([(f, v.sum) for f, _, v in got], [(right, None)], f"IPv{version} off")


def receive_checksum():
    """rx-checksumming off: nothing is handed up as checked, and nothing as to do."""
    with Site() as site, ktap.Mismatches("checksum") as found:
        src, dst = addresses(4)
        segment = frames.udp(*PORTS, PAYLOAD[:333])
        asked = packet(site, 4, frames.UDP, pseudo(src, dst, frames.UDP, segment))
        right = packet(site, 4, frames.UDP, summed(4, frames.UDP, segment))
        large, options = gso_frame(site, 4)
        receiver = site.vports[RECEIVER]
        with switched(receiver, "rx-checksumming"):
            found.eq(states(receiver)["rx-gro-hw"].split()[0], "off", "rx-gro-hw needs it")
            got, _, _ = exchange(site, asked, 1, csum=(34, 6))
            found.eq([(f, v.sum) for f, _, v in got], [(right, None)], "off: datagram")
            got, _, _ = exchange(site, large, SEGMENTS, **options)
            found.eq([f for f, _, _ in got], gso_packets(site, 4), "off: GSO frame")
            found.eq(arrived(got), {(None, None)}, "off: GSO frame")
        got, _, _ = exchange(site, large, 1, **options)
        found.eq(arrived(got), {("to do", "tcp4")}, "on again")


def receive_gro():
    """rx-gro-hw off: what would arrive whole arrives in packets, checked."""
    with Site() as site, ktap.Mismatches("gro-hw") as found:
        for version in (4, 6):
            frame, options = gso_frame(site, version)
            with switched(site.vports[RECEIVER], "rx-gro-hw"):
                got, sent, received = exchange(site, frame, SEGMENTS, **options)
            found.eq([f for f, _, _ in got], gso_packets(site, version), f"IPv{version} off")
            found.eq(arrived(got), {("good", None)}, f"IPv{version} off")
            length = sum(len(f) for f in gso_packets(site, version))
            found.eq((sent["tx_packets"], sent["tx_gso_frames"], received["rx_packets"],
                      received["rx_bytes"]), (SEGMENTS, 1, SEGMENTS, length),
                     f"IPv{version} counted")
            got, _, _ = exchange(site, frame, 1, **options)
            found.eq(arrived(got), {("to do", f"tcp{version}")}, f"IPv{version} on")
        receiver = site.vports[RECEIVER]
        receiver.ip(f"link set {receiver.name} mtu {SIZE}")
        with switched(receiver, "rx-gro-hw"):
            got, _, received = exchange(site, frame, 1, **options)
        found.eq((len(got), received["rx_drop_oversize"]), (1, SEGMENTS - 1),
                 "packets within and above the MTU")


def captured_by(vport, action, count):
    """The frames a VPort receives by an action."""
    receiver = vport.receiver()
    action()
    got = [frame for frame, _ in receiver.wait(count)]
    receiver.close()
    return got


def loopback():
    """Everything a VPort sends comes back to it, nothing leaves it, nothing comes in."""
    with Site(vports=3) as site:
        sender, receiver, other = (site.vports[n] for n in (SENDER, RECEIVER, OTHER))
        to = [receiver.mac, other.mac, frames.BROADCAST, b"\x02" * 6, sender.mac]
        sent = [frames.ether(mac, sender.mac, 0x88b5, bytes([n]) + PAYLOAD[:99])
                for n, mac in enumerate(to)]
        source, back = sender.sender(), receiver.sender()
        before = [vport.stats() for vport in site.vports]
        with switched(sender, "loopback", on=True):
            ktap.eq(captured_by(sender, lambda: source.send_all(sent), len(sent)), sent,
                    "frames that came back")
            back.send(frames.ether(sender.mac, receiver.mac, 0x88b5, PAYLOAD[:99]))
            back.send(frames.ether(frames.BROADCAST, receiver.mac, 0x88b5, PAYLOAD[:99]))
            wait.until(lambda: site.gained(OTHER, before[OTHER])["rx_packets"] == 1,
                       "the broadcast to arrive at the third")
            wait.until(lambda: site.gained(SENDER, before[SENDER])["rx_drop_loopback"] == 2,
                       "both frames to be dropped")
            frame, options = gso_frame(site, 4)
            tx = sender.sender(vnet=True)
            for wire, expected in ((False, [frame]), (True, gso_packets(site, 4))):
                site.set_wire(wire)
                ktap.eq(captured_by(sender, lambda: tx.send_vnet(frame, **options),
                                    len(expected)), expected, f"GSO frame, wire {wire}")
        site.set_wire(False)
        gain = site.gained(RECEIVER, before[RECEIVER])
        ktap.eq(gain["rx_packets"], 0, "frames that left")
        gain = site.gained(SENDER, before[SENDER])
        ktap.eq((gain["rx_packets"], gain["tx_packets"]), (len(sent) + 2 * SEGMENTS,) * 2,
                "packets that came back, that were sent")
        ktap.eq(captured_by(receiver, lambda: source.send(sent[0]), 1), sent[:1],
                "switched off: the receiver has it")


def stream(site, addresses_, port, length=BULK):
    """A TCP stream from the first VPort to the second; all must arrive."""
    kind = socket.AF_INET6 if ":" in addresses_[1] else socket.AF_INET
    listener = site.vports[RECEIVER].socket(kind, socket.SOCK_STREAM)
    source = site.vports[SENDER].socket(kind, socket.SOCK_STREAM)
    for end in (listener, source):
        end.settimeout(wait.STUCK)
        end.setsockopt(socket.SOL_SOCKET, packet_socket.SO_RCVBUFFORCE, 1 << 22)
        end.setsockopt(socket.SOL_SOCKET, packet_socket.SO_SNDBUFFORCE, 1 << 22)
    listener.bind((addresses_[1], port))
    listener.listen(1)
    source.connect((addresses_[1], port))
    sink, _ = listener.accept()
    sink.settimeout(wait.STUCK)
    data = (PAYLOAD * (length // len(PAYLOAD) + 1))[:length]
    source.setblocking(False)
    got, left = b"", memoryview(data)
    while len(got) < length:
        with contextlib.suppress(BlockingIOError):
            left = left[source.send(left):] if left else left
        part = sink.recv(1 << 20)
        ktap.true(part, f"the stream ended after {len(got)} bytes")
        got += part
    for end in (source, sink, listener):
        end.close()
    ktap.eq(got == data, True, "the data is what was sent")


@contextlib.contextmanager
def tunnel(site, kind, words, version):
    """A tunnel between the two VPorts with the addresses INNER."""
    try:
        for number, vport in enumerate(site.vports):
            ends = [getattr(v, f"ip{version}") for v in site.vports]
            local, remote = ends[number], ends[1 - number]
            try:
                vport.ip(f"link add tun7 {words} local {local} remote {remote} "
                         f"dev {vport.name}")
            except ktap.Failure as failure:
                ktap.skip(f"the kernel module {kind} is missing: {failure}")
            vport.ip(f"address add {INNER[number]}/24 dev tun7")
            vport.ip("link set tun7 up")
        yield
    finally:
        for vport in site.vports:
            with contextlib.suppress(ktap.Failure):
                vport.ip("link del tun7")


def tunnels():
    """Tunnelled TCP: segmented by the VPort, by the stack, or in wire mode; never wrong."""
    with Site() as site, ktap.Mismatches("tunnels") as found:
        site.set_addresses(ipv6=True)
        port = 6000
        for kind, words, version, feature in TUNNELS:
            sender, receiver = site.vports[SENDER], site.vports[RECEIVER]
            with tunnel(site, kind, words, version):
                for mode in ("on", "off", "wire"):
                    port += 1
                    site.set_wire(mode == "wire")
                    sender.ethtool(f"-K {sender.name} {feature} "
                                   f"{'off' if mode == 'off' else 'on'}")
                    before = [vport.stats() for vport in site.vports]
                    stream(site, INNER, port)
                    gain = site.gained(SENDER, before[SENDER])
                    found.eq(bool(gain["tx_gso_frames"]), mode != "off",
                             f"{words}, {mode}: GSO frames sent")
                    errors = site.gained(RECEIVER, before[RECEIVER])["rx_csum_errors"]
                    found.eq(errors, 0, f"{words}, {mode}: checksum errors")
                    found.eq(site.totals()[2], 0, f"{words}, {mode}: drops")
            sender.ethtool(f"-K {sender.name} {feature} on")
            receiver.ethtool(f"-K {receiver.name} rx on")


def waiting(tap):
    """(beginning, length) of the frames waiting at a packet socket, its own host's left out."""
    found = []
    while True:
        head = bytearray(128)
        try:
            length, _, _, address = tap.socket.recvmsg_into([head], 0, socket.MSG_TRUNC)
        except BlockingIOError:
            return found
        if address[2] != socket.PACKET_OUTGOING:
            found.append((head, length))


def on_wire(head, length):
    """(packets, bytes) that a wire carries for a frame of TCP over IPv6 with full segments.
    The header that says that a frame is above 64 kB is in none of them."""
    big = head[20] == frames.HOPOPTS
    transport = 14 + 40 + (8 if big else 0)
    header = transport + (head[transport + 12] >> 4) * 4
    payload = length - header
    packets = max(1, -(-payload // (FULL - header + (8 if big else 0))))
    return packets, payload + packets * (header - (8 if big else 0))


def big_frames():
    """TCP over IPv6 in frames above 64 kB (BIG TCP) where the user allows them; in wire mode
    they become packets as others do. Both ends count the same."""
    with Site() as site:
        site.set_addresses(ipv6=True)
        sender, receiver = site.vports[SENDER], site.vports[RECEIVER]
        sender.ip(f"link set {sender.name} gso_max_size {4 * LEGACY}")
        sender.ns.sysctl("net/ipv4/tcp_min_tso_segs", 150)
        for port, on in ((7001, False), (7002, True)):
            site.set_wire(on)
            before = [vport.stats() for vport in site.vports]
            tap = receiver.receiver()
            stream(site, (sender.ip6, receiver.ip6), port, 10 * BULK)
            site.drained()
            found = waiting(tap)
            ktap.eq(tap.lost(), 0, "frames lost by the test")
            tap.close()
            sent = site.gained(SENDER, before[SENDER])
            received = site.gained(RECEIVER, before[RECEIVER])
            longest = max(length for _, length in found)
            ktap.diag(f"wire {on}: {longest} bytes at most, {sent['tx_packets']} packets, "
                      f"{sent['tx_gso_frames']} GSO frames of {sent['tx_gso_packets']}")
            if on:
                ktap.true(longest <= FULL, f"{longest} bytes fit the MTU")
            else:
                ktap.true(longest > LEGACY, f"{longest} bytes are more than 64 kB")
            expected = [sum(column) for column in zip(*(on_wire(*one) for one in found))]
            ktap.eq([sent["tx_packets"], sent["tx_bytes"]], expected, f"wire {on}: sent")
            ktap.eq([received["rx_packets"], received["rx_bytes"]], expected,
                    f"wire {on}: received")


def crc32c(data):
    """The CRC of SCTP."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def sctp_right(frame):
    """Whether an SCTP packet over IPv4 has its checksum."""
    length = int.from_bytes(frame[16:18], "big")
    body = frame[34:14 + length]
    return crc32c(body[:8] + bytes(4) + body[12:]) == int.from_bytes(body[8:12], "little")


def sctp():
    """tx-checksum-sctp: left to do, or filled in by the sender's stack or in wire mode."""
    with Site() as site, ktap.Mismatches("sctp") as found:
        site.set_addresses(ipv6=False)
        sender, receiver = site.vports[SENDER], site.vports[RECEIVER]
        try:
            listener = receiver.socket(socket.AF_INET, socket.SOCK_STREAM, frames.SCTP)
        except OSError as error:
            ktap.skip(f"the kernel module sctp is missing: {error}")
        listener.bind((receiver.ip4, PORTS[1]))
        listener.listen(4)
        for mode, verdict in (("on", ("to do", False)), ("off", (None, True)),
                              ("wire", (None, True))):
            site.set_wire(mode == "wire")
            sender.ethtool(f"-K {sender.name} tx-checksum-sctp "
                           f"{'off' if mode == 'off' else 'on'}")
            packets = receiver.receiver(vnet=True)
            source = sender.socket(socket.AF_INET, socket.SOCK_STREAM, frames.SCTP)
            source.settimeout(wait.STUCK)
            source.connect((receiver.ip4, PORTS[1]))
            got = packets.wait_vnet(1)
            found.eq({(vnet.sum, sctp_right(frame)) for frame, _, vnet in got}, {verdict},
                     mode)
            source.close()
            packets.close()


if __name__ == "__main__":
    ktap.main(offered, segmentation, congestion, datagrams, transmit_checksum,
              receive_checksum, receive_gro, loopback, tunnels, big_frames, sctp)
