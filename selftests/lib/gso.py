# SPDX-License-Identifier: GPL-2.0
"""GSO frames, and what a wire carries for them, computed byte by byte."""

from ipaddress import ip_address

from lib import bed, ethtool, family, frames

SENDER, RECEIVER, OTHER = range(3)
ADAPTER = "vmmq0"
PORTS = 4000, 5000
SIZE = 1000                     # payload of a segment
SEGMENTS = 11
PAYLOAD = bytes(n * 7 % 251 for n in range(SIZE * (SEGMENTS - 1) + 300))
TCP_PSH, TCP_ACK = 0x08, 0x10
UDP_SEGMENT = 103
TAG = frames.tag(7, frames.ETH_SVLAN)   # of a kind that no filter minds


class Site(bed.Bed):
    """Two or three VPorts whose stacks merge nothing; all traffic is the test's own."""

    def __init__(self, wire=None, **parameters):
        options = dict({"vports": 2, "queues": 2}, **parameters)
        if wire is not None:
            options["wire"] = int(wire)
        super().__init__(**options)
        self.control = None

    def __enter__(self):
        super().__enter__()
        self.control = family.Family()
        self.undo(self.control.close)
        for vport in self.vports:
            vport.ethtool(f"-K {vport.name} gro off")
        return self

    def set_wire(self, on):
        """Switches the mode."""
        self.control.do("adapter-set", name=ADAPTER, wire=int(on))

    def gained(self, number, before):
        """What the counters of a VPort have gained since stats() said before: {name: gain},
        summed up over the queues."""
        after = self.vports[number].stats()
        names = {f"{side}_{rest}" for name in after if "_queue_" in name
                 for side, rest in [(name[:2], name.split("_", 3)[3])]}
        gain = {name: ethtool.queue_sum(after, name) - ethtool.queue_sum(before, name)
                for name in names}
        return gain | {name: value - before[name] for name, value in after.items()
                       if "_queue_" not in name}


def addresses(version):
    """Source and destination of the frames made here."""
    return (("192.0.2.1", "192.0.2.2") if version == 4 else
            ("2001:db8::1", "2001:db8::2"))


def pseudo(src, dst, proto, segment):
    """A segment with its checksum field as who offloads it leaves it: the sum of the pseudo
    header."""
    done = frames.checksum(ip_address(src).packed + ip_address(dst).packed
                           + len(segment).to_bytes(4, "big") + bytes([0, 0, 0, proto]))
    place = 16 if proto == frames.TCP else 6
    return segment[:place] + (done ^ 0xffff).to_bytes(2, "big") + segment[place + 2:]


def packet(site, version, proto, segment, tags=(), **more):
    """A frame around a transport segment, from vmmq0v0 to vmmq0v1."""
    src, dst = addresses(version)
    build = frames.ipv4 if version == 4 else frames.ipv6
    return frames.ip(site.vports[RECEIVER].mac, site.vports[SENDER].mac,
                     build(src, dst, proto, segment, **more), tags)


def summed(version, proto, segment):
    """The segment with its right checksum."""
    src, dst = addresses(version)
    return frames.with_checksum(src, dst, proto, segment)


def gso_frame(site, version, tags=()):
    """A TCP frame that stands for SEGMENTS packets, and its send_vnet() options."""
    src, dst = addresses(version)
    segment = frames.tcp(*PORTS, PAYLOAD, flags=TCP_ACK | TCP_PSH)
    frame = packet(site, version, frames.TCP, pseudo(src, dst, frames.TCP, segment), tags)
    start = len(frame) - len(segment)
    return frame, {"gso": f"tcp{version}", "gso_size": SIZE, "csum": (start, 16)}


def gso_packets(site, version, tags=()):
    """What a wire carries for it."""
    found = []
    for number in range(SEGMENTS):
        part = PAYLOAD[number * SIZE:(number + 1) * SIZE]
        flags = TCP_ACK | (TCP_PSH if number == SEGMENTS - 1 else 0)
        segment = summed(version, frames.TCP,
                         frames.tcp(*PORTS, part, flags, seq=1 + number * SIZE))
        more = {"ident": 0x1234 + number} if version == 4 else {}
        found.append(packet(site, version, frames.TCP, segment, tags, **more))
    return found


def exchange(site, frame, count, **options):
    """Sends a frame with send_vnet(); count arrive. Returns them, (frame, VLAN, Vnet), and
    what sender and receiver have counted."""
    before = [vport.stats() for vport in site.vports]
    receiver = site.vports[RECEIVER].receiver(vnet=True)
    site.vports[SENDER].sender(vnet=True).send_vnet(frame, **options)
    got = receiver.wait_vnet(count)
    site.drained()
    got += receiver.receive_vnet()
    receiver.close()
    return got, site.gained(SENDER, before[SENDER]), site.gained(RECEIVER, before[RECEIVER])


def parts():
    """PAYLOAD in segments."""
    return [PAYLOAD[n:n + SIZE] for n in range(0, len(PAYLOAD), SIZE)]
