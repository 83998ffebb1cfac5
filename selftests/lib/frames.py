# SPDX-License-Identifier: GPL-2.0
"""Builds frames as bytes. Lengths and checksums are right unless an argument says
otherwise, so that a test can make them wrong on purpose."""

from ipaddress import IPv4Address, IPv6Address, ip_address

ETH_IPV4 = 0x0800
ETH_ARP = 0x0806
ETH_CVLAN = 0x8100
ETH_IPV6 = 0x86dd
ETH_SVLAN = 0x88a8

HOPOPTS = 0
ICMP = 1
TCP = 6
UDP = 17
ROUTING = 43
FRAGMENT = 44
ESP = 50
AH = 51
ICMPV6 = 58
NO_NEXT = 59
DSTOPTS = 60
SCTP = 132

BROADCAST = b"\xff" * 6

DF = 0x4000     # of the IPv4 fragment field
MF = 0x2000


def mac(text):
    """MAC address from text."""
    return bytes.fromhex(text.replace(":", ""))


def mac_text(address):
    """MAC address to text."""
    return address.hex(":")


def _word(*values):
    return b"".join(value.to_bytes(2, "big") for value in values)


def checksum(data):
    """Internet checksum of data: 16 bits."""
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[n:n + 2], "big") for n in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def tag(vid, tpid=ETH_CVLAN, priority=0):
    """A VLAN tag for ether()."""
    return _word(tpid, priority << 13 | vid)


def ether(dst, src, ethertype, payload, tags=()):
    """A frame. dst, src: MAC addresses as bytes; tags: of tag(), outermost first."""
    return dst + src + b"".join(tags) + _word(ethertype) + payload


def ip(dst, src, packet, tags=()):
    """A frame around an IP packet, whose version gives the ethertype."""
    return ether(dst, src, ETH_IPV4 if packet[0] >> 4 == 4 else ETH_IPV6, packet, tags)


def arp(dst, src, sender_ip, target_ip):
    """An ARP request."""
    return ether(dst, src, ETH_ARP, _word(1, ETH_IPV4) + b"\6\4" + _word(1) + src
                 + IPv4Address(sender_ip).packed + bytes(6) + IPv4Address(target_ip).packed)


def ipv4(src, dst, proto, payload, options=b"", fragment=0, total=None, words=None,
         version=4, ident=0x1234, ttl=64):
    """An IPv4 packet. options: padded to 4 bytes; fragment: flags and offset in units of 8;
    total, words: total and header length (in words) if they shall be wrong."""
    options += bytes(-len(options) % 4)
    header_words = 5 + len(options) // 4 if words is None else words
    length = 20 + len(options) + len(payload) if total is None else total
    head = (bytes([version << 4 | header_words, 0]) + _word(length, ident, fragment)
            + bytes([ttl, proto]))
    addresses = IPv4Address(src).packed + IPv4Address(dst).packed
    return head + _word(checksum(head + addresses + options)) + addresses + options + payload


def ipv6(src, dst, proto, payload, headers=(), length=None, version=6, hops=64):
    """An IPv6 packet. headers: extension headers of hop_by_hop(), dest_options(),
    routing(), fragment6() in their order; length: payload length if it shall be wrong."""
    kinds = [kind for kind, _ in headers] + [proto]
    body = b"".join(bytes([follows]) + rest
                    for (_, rest), follows in zip(headers, kinds[1:])) + payload
    length = len(body) if length is None else length
    return (bytes([version << 4, 0, 0, 0]) + _word(length) + bytes([kinds[0], hops])
            + IPv6Address(src).packed + IPv6Address(dst).packed + body)


def _options_header(kind, options, units):
    padding = -(len(options) + 2) % 8
    if padding == 1:
        options += b"\0"
    elif padding:
        options += bytes([1, padding - 2]) + bytes(padding - 2)
    units = (len(options) + 2) // 8 - 1 if units is None else units
    return kind, bytes([units]) + options


def hop_by_hop(options=b"", units=None):
    """A hop-by-hop options header; units: its length field if it shall be wrong."""
    return _options_header(HOPOPTS, options, units)


def dest_options(options=b"", units=None):
    """A destination options header; units: its length field if it shall be wrong."""
    return _options_header(DSTOPTS, options, units)


def home_address(address, length=16):
    """A home address option for dest_options(). It asks to begin at 8n + 6."""
    return bytes([0xc9, length]) + IPv6Address(address).packed


def pad_n(length):
    """An option of so many bytes that says nothing; 1 is Pad1."""
    return b"\0" if length == 1 else bytes([1, length - 2]) + bytes(length - 2)


def routing(address=None, kind=2, units=2, left=1):
    """A routing header: of type 2 with one address, or of another kind with as many bytes
    as units says."""
    body = IPv6Address(address).packed if address else bytes(16)
    return ROUTING, bytes([units, kind, left]) + bytes(4) + body.ljust(8 * units, b"\0")


def fragment6(offset=0, more=False, ident=0x5678):
    """A fragment header; offset in units of 8 bytes."""
    return FRAGMENT, b"\0" + _word(offset << 3 | more) + ident.to_bytes(4, "big")


def tcp(sport, dport, payload=b"", flags=0x10, seq=1):
    """A TCP segment without checksum."""
    return (_word(sport, dport) + seq.to_bytes(4, "big") + bytes(4) + bytes([0x50, flags])
            + _word(0xffff, 0, 0) + payload)


def udp(sport, dport, payload=b""):
    """A UDP datagram without checksum."""
    return _word(sport, dport, 8 + len(payload), 0) + payload


def sctp(sport, dport, payload=b""):
    """An SCTP packet without checksum and chunks."""
    return _word(sport, dport) + bytes(8) + payload


def with_checksum(src, dst, proto, segment):
    """Fills in the checksum of a TCP or UDP segment."""
    pseudo = (ip_address(src).packed + ip_address(dst).packed
              + len(segment).to_bytes(4, "big") + _word(0, proto))
    value = checksum(pseudo + segment)
    if proto == UDP:
        value = value or 0xffff
    place = 16 if proto == TCP else 6
    return segment[:place] + _word(value) + segment[place + 2:]


def tcp_packet(src, dst, sport, dport, payload=b"", **more):
    """A whole TCP packet over IPv4 or IPv6, by the addresses, with its checksum; more: for
    ipv4() or ipv6()."""
    return _packet(src, dst, TCP, tcp(sport, dport, payload), more)


def udp_packet(src, dst, sport, dport, payload=b"", **more):
    """A whole UDP packet over IPv4 or IPv6, by the addresses, with its checksum; more: for
    ipv4() or ipv6()."""
    return _packet(src, dst, UDP, udp(sport, dport, payload), more)


def _packet(src, dst, proto, segment, more):
    build = ipv4 if ip_address(src).version == 4 else ipv6
    return build(src, dst, proto, with_checksum(src, dst, proto, segment), **more)


def icmp_echo(src, dst, payload=b""):
    """An ICMP or ICMPv6 echo request (checksum of ICMP only)."""
    if ip_address(src).version == 4:
        body = b"\x08\0" + _word(0, 1, 1) + payload
        return ipv4(src, dst, ICMP, body[:2] + _word(checksum(body)) + body[4:])
    return ipv6(src, dst, ICMPV6, b"\x80\0" + _word(0, 1, 1) + payload)


def padded(frame, length=60):
    """A frame filled up with zeros as Ethernet does."""
    return frame.ljust(length, b"\0")
