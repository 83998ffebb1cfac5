# SPDX-License-Identifier: GPL-2.0
"""The reference programs against values worked out by hand or published."""

import unittest

from lib import cpus, flow, frames, ntuple, steering, toeplitz, tracing

DST, SRC = frames.mac("02:00:00:00:00:01"), frames.mac("02:00:00:00:00:02")


def parse4(payload, proto=frames.TCP, fields=None, **more):
    """Reference verdict on an IPv4 frame from 1.2.3.4 to 5.6.7.8."""
    packet = frames.ipv4("1.2.3.4", "5.6.7.8", proto, payload, **more)
    return flow.parse(frames.ip(DST, SRC, packet), fields)


def parse6(payload, proto=frames.TCP, headers=(), fields=None, **more):
    """Reference verdict on an IPv6 frame from ::1 to ::2."""
    packet = frames.ipv6("::1", "::2", proto, payload, headers, **more)
    return flow.parse(frames.ip(DST, SRC, packet), fields)


A4 = bytes.fromhex("0102030405060708")
A6 = bytes(15) + b"\1" + bytes(15) + b"\2"
PORTS = bytes.fromhex("00500051")
NONE = ("none", b"")
EX = dict(flow.DEFAULT_FIELDS, ip6="sdx", tcp6="sdfnx", udp6="sdfnx")
TCP = frames.tcp(80, 81)
UDP = frames.udp(80, 81)


class Toeplitz(unittest.TestCase):
    """The hash"""

    def test_published(self):
        """The 16 published values"""
        for src, sport, dst, dport, two, four in toeplitz.VECTORS:
            self.assertEqual(toeplitz.toeplitz(
                toeplitz.KEY, toeplitz.pack(src, None, dst, None)), two)
            self.assertEqual(toeplitz.toeplitz(
                toeplitz.KEY, toeplitz.pack(src, sport, dst, dport)), four)

    def test_derived(self):
        """Its consequences: linear, and the first bit gives the first key word"""
        self.assertEqual(toeplitz.toeplitz(toeplitz.KEY, bytes(36)), 0)
        self.assertEqual(toeplitz.toeplitz(toeplitz.KEY, b"\x80" + bytes(35)), 0x6d5a56da)
        self.assertRaises(ValueError, toeplitz.toeplitz, toeplitz.KEY, bytes(37))


class Frames(unittest.TestCase):
    """The builder, against bytes written down by hand"""

    def test_udp(self):
        """A UDP frame with both checksums"""
        packet = frames.udp_packet("10.0.0.1", "10.0.0.2", 1, 2, b"abc")
        self.assertEqual(frames.ip(DST, SRC, packet, [frames.tag(5)]).hex(), "".join((
            "020000000001", "020000000002", "81000005", "0800",
            "4500001f", "12340000", "40115498", "0a000001", "0a000002",
            "00010002", "000b2770", "616263")))

    def test_extension_headers(self):
        """Next header fields chain, lengths count, padding to 8"""
        home = frames.dest_options(frames.pad_n(4) + frames.home_address("::8"))
        packet = frames.ipv6("::1", "::2", frames.NO_NEXT, b"", [
            frames.hop_by_hop(), frames.routing("::9"), home, frames.fragment6(3, True, 7)])
        self.assertEqual(packet[:8].hex(), "6000000000400040")
        self.assertEqual(packet[40:48].hex(), "2b00010400000000")
        self.assertEqual(packet[48:72].hex(), "3c02020100000000" + "00" * 15 + "09")
        self.assertEqual(packet[72:96].hex(), "2c020102" + "0000c910" + "00" * 15 + "08")
        self.assertEqual(packet[96:].hex(), "3b00001900000007")


class Flow(unittest.TestCase):
    """The rules of hashability, one by one"""

    def test_ipv4(self):
        """Types, options, fragments"""
        self.assertEqual(parse4(TCP), ("tcp_ipv4", A4 + PORTS))
        self.assertEqual(parse4(UDP, frames.UDP), ("udp_ipv4", A4 + PORTS))
        self.assertEqual(parse4(TCP, options=bytes(40)), ("tcp_ipv4", A4 + PORTS))
        self.assertEqual(parse4(b"", frames.ICMP), ("ipv4", A4))
        for fragment in (frames.MF, 1, frames.MF | 1):
            self.assertEqual(parse4(TCP, fragment=fragment), ("ipv4", A4))
        self.assertEqual(parse4(TCP, fragment=frames.DF | 0x8000), ("tcp_ipv4", A4 + PORTS))

    def test_ipv4_cut(self):
        """What isn't there isn't hashed"""
        for bad in (dict(payload=TCP[:19]), dict(payload=UDP[:7], proto=frames.UDP),
                    dict(payload=TCP, total=39), dict(payload=TCP, total=41),
                    dict(payload=TCP, total=19), dict(payload=TCP, words=4),
                    dict(payload=TCP, version=6), dict(payload=TCP, words=6)):
            self.assertEqual(parse4(**bad), NONE, bad)

    def test_fields(self):
        """Subsets, in the fixed order"""
        for letters, data in (("sd", A4), ("s", A4[:4]), ("d", A4[4:]),
                              ("n", PORTS[2:]), ("fn", PORTS), ("sn", A4[:4] + PORTS[2:])):
            name = "tcp_ipv4" if set(letters) & {"f", "n"} else "ipv4"
            self.assertEqual(parse4(TCP, fields=dict(flow.DEFAULT_FIELDS, tcp4=letters)),
                             (name, data))
        self.assertEqual(parse4(TCP, fields=dict(flow.DEFAULT_FIELDS, tcp4="")), NONE)
        self.assertEqual(parse4(TCP, fields=dict(flow.DEFAULT_FIELDS, ip4="")),
                         ("tcp_ipv4", A4 + PORTS))

    def test_ipv6(self):
        """Types and extension headers"""
        dest = frames.dest_options(frames.pad_n(4) + frames.home_address("::8"))
        whole = frames.fragment6()
        self.assertEqual(parse6(TCP), ("tcp_ipv6", A6 + PORTS))
        self.assertEqual(parse6(UDP, frames.UDP, [frames.hop_by_hop(), dest, whole,
                                                  frames.routing("::9")]),
                         ("udp_ipv6", A6 + PORTS))
        self.assertEqual(parse6(TCP, headers=[frames.fragment6(0, True)]), ("ipv6", A6))
        self.assertEqual(parse6(b"", headers=[frames.fragment6(1)]), ("ipv6", A6))
        self.assertEqual(parse6(b"", frames.AH), ("ipv6", A6))
        self.assertEqual(parse6(TCP, headers=[dest, frames.hop_by_hop()]), NONE)
        self.assertEqual(parse6(TCP, headers=[whole] * 16), ("tcp_ipv6", A6 + PORTS))
        self.assertEqual(parse6(TCP, headers=[whole] * 17), NONE)
        self.assertEqual(parse6(TCP, length=19), NONE)
        self.assertEqual(parse6(TCP, length=21), NONE)

    def test_extended(self):
        """Home address and type 2 routing header"""
        home = frames.pad_n(4) + frames.home_address("::8")
        eight, nine = bytes(15) + b"\x08", bytes(15) + b"\x09"
        self.assertEqual(parse6(TCP, fields=EX), ("tcp_ipv6_ex", A6 + PORTS))
        self.assertEqual(parse6(TCP, headers=[frames.dest_options(home)], fields=EX),
                         ("tcp_ipv6_ex", eight + A6[16:] + PORTS))
        self.assertEqual(parse6(UDP, frames.UDP, [frames.routing("::9"),
                                                  frames.dest_options(home)], EX),
                         ("udp_ipv6_ex", eight + nine + PORTS))
        for bad in (frames.routing("::9", units=4),
                    frames.dest_options(bytes([0x1e, 200]) + bytes(4)),
                    frames.dest_options(frames.home_address("::8", 15)),
                    frames.dest_options(bytes(134))):
            self.assertEqual(parse6(TCP, headers=[bad], fields=EX), NONE)
            self.assertEqual(parse6(TCP, headers=[bad]), ("tcp_ipv6", A6 + PORTS))
        self.assertEqual(parse6(TCP, headers=[frames.routing("::9", kind=4)], fields=EX),
                         ("tcp_ipv6_ex", A6 + PORTS))

    def test_tags(self):
        """Two tags at most, one of them may stand beside the frame"""
        packet = frames.ipv4("1.2.3.4", "5.6.7.8", frames.TCP, TCP)
        for count, beside, kind in ((1, 0, "tcp_ipv4"), (2, 0, "tcp_ipv4"), (3, 0, "none"),
                                    (1, 1, "tcp_ipv4"), (2, 1, "none")):
            frame = frames.ip(DST, SRC, packet, [frames.tag(7, frames.ETH_SVLAN)]
                              + [frames.tag(5)] * (count - 1))
            self.assertEqual(flow.parse(frame, tags=beside)[0], kind)
        self.assertEqual(flow.parse(frames.arp(DST, SRC, "1.2.3.4", "5.6.7.8")), NONE)
        self.assertEqual(flow.parse(DST + SRC), NONE)


class Ntuple(unittest.TestCase):
    """Rules and symmetric hashing by hand"""

    def test_symmetric(self):
        """XOR twice, or OR and XOR, of each pair"""
        data = bytes.fromhex("0a000001" "0a000003" "0050" "1f90")
        self.assertEqual(toeplitz.symmetric(data).hex(), "00000002" * 2 + "1fc0" * 2)
        self.assertEqual(toeplitz.symmetric(data, True).hex(),
                         "0a000003" "00000002" "1fd0" "1fc0")
        self.assertEqual(toeplitz.symmetric(data[8:]).hex(), "1fc01fc0")
        self.assertEqual(len(toeplitz.symmetric(bytes(36))), 36)

    def test_rules(self):
        """What matches, and that the lowest location decides"""
        fields = {"version": 4, "transport": 17, "proto": 17, "src": 0x0a000001, "dport": 80}
        rules = [ntuple.Rule("udp4", 1, 5, dport=80), ntuple.Rule("tcp4", 2, 1, dport=80),
                 ntuple.Rule("udp6", 3, 2), ntuple.Rule("udp4", 4, 4, vlan=0),
                 ntuple.Rule("ip4", 5, 7, masks={"src": 0xff000000}, src="10.9.9.9")]
        self.assertEqual([rule.matches(fields) for rule in rules],
                         [True, False, False, False, True])
        self.assertIs(ntuple.decide(rules, fields), rules[0])
        self.assertIsNone(ntuple.decide(rules[1:4], fields))

    def test_spec(self):
        """A rule as the ioctl takes it"""
        spec = ntuple.Rule("udp4", 3, 9, 2, vlan=5, src="10.0.0.1").spec()
        self.assertEqual((len(spec), spec[:8].hex()), (168, "020000a0" "0a000001"))
        self.assertEqual(spec[4 + 52 + 10:4 + 52 + 12].hex(), "0005")
        self.assertEqual(spec[152:164].hex(), "0300000000000000" "09000000")


class Steering(unittest.TestCase):
    """Table lookup, lists and trace lines"""

    def test_queue(self):
        """Low bits of the hash choose; not hashable goes to the default queue"""
        rss = steering.Rss(toeplitz.KEY, list(range(100, 228)), default_queue=9)
        src, sport, dst, dport, _, value = toeplitz.VECTORS[0]
        frame = frames.ip(DST, SRC, frames.tcp_packet(src, dst, sport, dport))
        self.assertEqual(rss.hash(frame), ("tcp_ipv4", value))
        self.assertEqual(rss.queue(frame), 100 + 120)
        self.assertEqual(rss.queue(frame[:40]), 9)

    def test_cpu_list(self):
        """CPU lists"""
        self.assertEqual(cpus.parse_list("0-2,5\n"), [0, 1, 2, 5])
        self.assertEqual(cpus.parse_list("\n"), [])

    def test_trace(self):
        """Trace lines, also with odd task names"""
        events = tracing.parse(
            "# a comment\n"
            "  <idle>-0   [001] ..s2. 12: vmmq_receive: ifindex=5 cpu=1 hash=0x0000abcd\n"
            " my - prog-77      [000] d.... 13: vmmq_steer: type=tcp_ipv4 entry=-1\n")
        self.assertEqual([e.name for e in events], ["receive", "steer"])
        self.assertEqual((events[0].hash, events[0].cpu, events[0].traced_on), (0xabcd, 1, 1))
        self.assertEqual((events[1].type, events[1].entry, events[1].pid), ("tcp_ipv4", -1, 77))
        self.assertRaises(AttributeError, getattr, events[1], "queue")


if __name__ == "__main__":
    unittest.main()
