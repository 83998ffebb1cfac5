# SPDX-License-Identifier: GPL-2.0
"""Reference: from a frame and the field sets to the hash input, as the rules of hashability
say. Field sets are written in letters: s, d the addresses, f, n source and destination
port, x extended addresses (home address, type 2 routing header), l the IPv6 flow label."""

DEFAULT_FIELDS = {"ip4": "sd", "tcp4": "sdfn", "udp4": "sdfn",
                  "ip6": "sd", "tcp6": "sdfn", "udp6": "sdfn"}

L4_TYPES = ("tcp_ipv4", "udp_ipv4", "tcp_ipv6", "udp_ipv6", "tcp_ipv6_ex", "udp_ipv6_ex")
TYPES = ("none", "ipv4", "tcp_ipv4", "udp_ipv4", "ipv6", "tcp_ipv6", "udp_ipv6",
         "ipv6_ex", "tcp_ipv6_ex", "udp_ipv6_ex")

MAX_TAGS = 2
MAX_HEADERS = 16
MAX_OPTIONS = 128


class NotHashable(Exception):
    """The frame isn't understood with certainty, or its field set is empty."""


class _Bytes:
    """A stretch of the frame. Reading past its end makes the frame not hashable."""

    def __init__(self, data):
        self.data = data

    def take(self, count):
        """The next bytes."""
        if count > len(self.data):
            raise NotHashable(f"{count} bytes wanted, {len(self.data)} left")
        head, self.data = self.data[:count], self.data[count:]
        return head

    def peek(self, count):
        """The next bytes, not consumed."""
        if count > len(self.data):
            raise NotHashable(f"{count} bytes wanted, {len(self.data)} left")
        return self.data[:count]


def _number(data):
    return int.from_bytes(data, "big")


def _transport(proto, rest):
    """("tcp" or "udp" or "ip", ports) of a datagram that is no fragment."""
    if proto == 6:
        return "tcp", rest.peek(20)[:4]
    if proto == 17:
        return "udp", rest.peek(8)[:4]
    return "ip", b""


def _ipv4(packet, gso):
    first = packet.peek(20)
    words = first[0] & 15
    total = len(packet.data) if gso else _number(first[2:4])
    if first[0] >> 4 != 4 or words < 5 or total < 4 * words:
        raise NotHashable("header")
    datagram = _Bytes(packet.peek(total))
    datagram.take(4 * words)
    addresses = {"s": first[12:16], "d": first[16:20]}
    if _number(first[6:8]) & 0x3fff:
        return "ip", addresses, b"", {}, False
    kind, ports = _transport(first[9], datagram)
    return kind, addresses, ports, {}, False


def _home_addresses(options, budget):
    """The home addresses in options. Raises NotHashable for malformed ones. budget: list
    of one number, the options still allowed."""
    found = []
    while options.data:
        budget[0] -= 1
        if budget[0] < 0:
            raise NotHashable("too many options")
        kind = options.take(1)[0]
        if not kind:
            continue
        value = options.take(options.take(1)[0])
        if kind == 0xc9:
            if len(value) != 16:
                raise NotHashable("home address of another size")
            found.append(value)
    return found


def _ipv6(packet, gso):
    first = packet.take(40)
    label = bytes([0, first[1] & 15]) + first[2:4]
    if first[0] >> 4 != 6:
        raise NotHashable("version")
    length = len(packet.data) if gso else _number(first[4:6])
    datagram = _Bytes(packet.peek(length))
    addresses = {"s": first[8:24], "d": first[24:40]}
    proto, count, fragment, malformed = first[6], 0, False, False
    homes, routes, budget = [], [], [MAX_OPTIONS]
    while proto in (0, 43, 44, 60) and not fragment:
        count += 1
        if count > MAX_HEADERS or (proto == 0 and count > 1):
            raise NotHashable("extension headers")
        start = datagram.peek(8)
        header = datagram.take(8 if proto == 44 else 8 * (start[1] + 1))
        if proto == 44:
            fragment = bool(_number(header[2:4]) & 0xfff9)
        elif proto == 43 and header[2] == 2:
            malformed |= len(header) != 24
            routes.append(header[8:24])
        elif proto == 60:
            try:
                homes += _home_addresses(_Bytes(header[2:]), budget)
            except NotHashable:
                malformed = True
        proto = header[0]
    kind, ports = ("ip", b"") if fragment else _transport(proto, datagram)
    extended = {"s": (homes or [addresses["s"]])[0], "d": (routes or [addresses["d"]])[0],
                "l": label}
    return kind, dict(addresses, l=label), ports, extended, malformed


def parse(frame, fields=None, tags=0, gso=False):
    """(hash type, hash input) of a frame, or ("none", b"").

    fields: field set per flow type (DEFAULT_FIELDS if None). tags: VLAN tags beside the
    frame. gso: it will be segmented, so the IP header's length counts for nothing."""
    try:
        return _parse(_Bytes(frame), fields or DEFAULT_FIELDS, tags, gso)
    except NotHashable:
        return "none", b""


def _parse(frame, fields, tags, gso):
    frame.take(12)
    ethertype = _number(frame.take(2))
    while ethertype in (0x8100, 0x88a8):
        tags += 1
        if tags > MAX_TAGS:
            raise NotHashable("tags")
        frame.take(2)
        ethertype = _number(frame.take(2))
    if ethertype == 0x0800:
        family, (kind, addresses, ports, extended, malformed) = "4", _ipv4(frame, gso)
    elif ethertype == 0x86dd:
        family, (kind, addresses, ports, extended, malformed) = "6", _ipv6(frame, gso)
    else:
        raise NotHashable("ethertype")

    wanted = fields[kind + family]
    if "x" in wanted:
        if malformed:
            raise NotHashable("extended addresses")
        addresses = extended
    data = b"".join(addresses[c] for c in "sd" if c in wanted)
    with_ports = kind != "ip" and ("f" in wanted or "n" in wanted)
    if with_ports:
        data += (ports[:2] if "f" in wanted else b"") + (ports[2:] if "n" in wanted else b"")
    data += addresses["l"] if "l" in wanted else b""
    if not data:
        raise NotHashable("no fields")
    name = f"{kind}_ipv{family}" if with_ports else f"ipv{family}"
    return name + ("_ex" if "x" in wanted else ""), data
