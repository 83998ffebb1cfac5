# SPDX-License-Identifier: GPL-2.0
"""A device's settings and counters by the ethtool ioctls: exact, and fast enough to poll."""

import array
import errno
import fcntl
import os
import socket
import struct

from lib import ktap

SIOCETHTOOL = 0x8946

GDRVINFO = 0x03
GRINGPARAM, SRINGPARAM = 0x10, 0x11
GSTRINGS = 0x1b
GSTATS = 0x1d
GPFLAGS, SPFLAGS = 0x27, 0x28
GRXFH, SRXFH = 0x29, 0x2a
GRXRINGS = 0x2d
GSSET_INFO = 0x37
GCHANNELS, SCHANNELS = 0x3c, 0x3d
GRSSH, SRSSH = 0x46, 0x47

SS_STATS = 1
SS_PRIV_FLAGS = 2

RSS_NO_CHANGE = 0xffffffff
NEW_CONTEXT = 0xffffffff
XFRM_KEEP = 0xff
FLOW_RSS = 0x20000000
HFUNC_TOEPLITZ = 1

# A field set is written in ethtool's letters: s, d addresses, f, n source, destination port.
FIELD_BITS = {"s": 1 << 4, "d": 1 << 5, "f": 1 << 6, "n": 1 << 7}
FLOWS = {"tcp4": 0x01, "udp4": 0x02, "tcp6": 0x05, "udp6": 0x06, "ip4": 0x10, "ip6": 0x11}


class Refused(ktap.Failure):
    """The kernel said no. errno holds the code."""

    def __init__(self, what, code):
        super().__init__(f"{what}: {os.strerror(code)}")
        self.errno = code


class Device:
    """One net device. Every method raises Refused if the kernel refuses."""

    def __init__(self, ns, name):
        """ns: the Netns the device is in."""
        self.name = name
        self.socket = ns.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._stat_names = None
        self._flag_names = None

    def close(self):
        """Lets go of the device's namespace."""
        self.socket.close()

    def _call(self, what, request):
        """request: array("B") that the kernel reads and writes."""
        address, _ = request.buffer_info()
        ifreq = struct.pack("16sP16x", self.name.encode(), address)
        while True:
            try:
                fcntl.ioctl(self.socket, SIOCETHTOOL, ifreq)
                return request
            except OSError as error:
                if error.errno != errno.EINTR:
                    raise Refused(f"{self.name}: {what}", error.errno) from None

    def _words(self, what, command, *values):
        """A request made of 32-bit words. Returns the words behind the command."""
        request = array.array("B", struct.pack(f"={1 + len(values)}I", command, *values))
        self._call(what, request)
        return struct.unpack(f"={1 + len(values)}I", request.tobytes())[1:]

    def _strings(self, which):
        request = array.array("B", struct.pack("=IIQI", GSSET_INFO, 0, 1 << which, 0))
        mask, count = struct.unpack("=QI", self._call("GSSET_INFO", request).tobytes()[8:])
        if not mask or not count:
            return []
        request = array.array("B", struct.pack("=III", GSTRINGS, which, count)
                              + bytes(32 * count))
        text = self._call("GSTRINGS", request).tobytes()[12:]
        return [text[32 * n:32 * n + 32].split(b"\0")[0].decode() for n in range(count)]

    def stat_names(self):
        """Names of the counters in their order. Asked for once."""
        if self._stat_names is None:
            self._stat_names = self._strings(SS_STATS)
        return self._stat_names

    def stats(self):
        """The counters: {name: value}."""
        names = self.stat_names()
        request = array.array("B", struct.pack("=II", GSTATS, len(names))
                              + bytes(8 * len(names)))
        values = struct.unpack(f"={len(names)}Q",
                               self._call("GSTATS", request).tobytes()[8:])
        return dict(zip(names, values))

    def stat(self, name):
        """One counter."""
        return self.stats()[name]

    def sum(self, suffix):
        """Sum over the queues of rx_queue_N_SUFFIX, e.g. sum("rx_packets") adds up
        rx_queue_0_packets, rx_queue_1_packets, ..."""
        return queue_sum(self.stats(), suffix)

    def _rss(self, indir_size, key_size, context=0):
        head = struct.pack("=IIIIBBBBI", GRSSH, context, indir_size, key_size, 0, 0, 0, 0, 0)
        request = array.array("B", head + bytes(4 * indir_size + key_size))
        return self._call("get RSS", request).tobytes()

    def rss_sizes(self):
        """(entries of the indirection table, bytes of the key)."""
        return struct.unpack("=II", self._rss(0, 0)[8:16])

    def table(self, context=0):
        """The indirection table: a list of queue numbers."""
        entries, key_size = self.rss_sizes()
        return list(struct.unpack(f"={entries}I",
                                  self._rss(entries, key_size, context)[24:24 + 4 * entries]))

    def key(self, context=0):
        """The RSS key: bytes."""
        entries, key_size = self.rss_sizes()
        return self._rss(entries, key_size, context)[24 + 4 * entries:]

    def set_rss(self, table=None, key=None, hfunc=0, context=0, xfrm=0):
        """Sets table and key in one step; None leaves one as it is. An empty table asks
        for the default one, or deletes the context. Returns the number of the context,
        which is chosen for NEW_CONTEXT. xfrm: kernels that can't transform take 0 only."""
        words = [] if table is None else list(table)
        size = RSS_NO_CHANGE if table is None else len(words)
        key = key or b""
        head = struct.pack("=IIIIBBBBI", SRSSH, context, size, len(key), hfunc, xfrm, 0, 0, 0)
        request = array.array("B", head + struct.pack(f"={len(words)}I", *words) + key)
        return struct.unpack("=I", self._call("set RSS", request).tobytes()[4:8])[0]

    def new_context(self, table, key=None):
        """Makes an RSS context, with the device's input transform. Returns its number."""
        try:
            return self.set_rss(table, key, context=NEW_CONTEXT, xfrm=XFRM_KEEP)
        except Refused as refusal:      # a kernel that can't transform, or for a reason
            if refusal.errno != errno.EINVAL:
                raise
        return self.set_rss(table, key, context=NEW_CONTEXT)

    def delete_context(self, context):
        """Deletes an RSS context."""
        self.set_rss([], context=context)

    def fields(self, flow, context=0):
        """The field set of a flow type ("tcp4", "ip6", ...) in ethtool's letters, sorted
        as in "sdfn"."""
        flow_type = FLOWS[flow] | (FLOW_RSS if context else 0)
        request = array.array("B", struct.pack("=IIQ168xII", GRXFH, flow_type, 0, context, 0)
                              + bytes(64))
        bits = struct.unpack("=Q", self._call(f"get fields of {flow}",
                                              request).tobytes()[8:16])[0]
        unknown = bits & ~sum(FIELD_BITS.values())
        ktap.eq(unknown, 0, f"{self.name}: unknown bits in the field set of {flow}")
        return "".join(c for c, bit in FIELD_BITS.items() if bits & bit)

    def set_fields(self, flow, letters, context=0):
        """Sets the field set of a flow type, e.g. set_fields("tcp4", "sd"). "" is none."""
        bits = sum(FIELD_BITS[c] for c in letters)
        flow_type = FLOWS[flow] | (FLOW_RSS if context else 0)
        request = array.array("B", struct.pack("=IIQ168xII", SRXFH, flow_type, bits, context,
                                               0) + bytes(64))
        self._call(f"set fields of {flow} to {letters!r}", request)

    def rxnfc(self, what, command, spec=bytes(168), last=0, room=0, data=0):
        """A request about ntuple rules. spec: the rule's; last: number of rules or of the
        context, behind it; room: for so many locations. Returns (data, spec, last,
        locations)."""
        request = array.array("B", struct.pack("=IIQ", command, 0, data) + spec
                              + struct.pack("=I", last) + bytes(4 * room + 4))
        answer = self._call(what, request).tobytes()
        return (struct.unpack("=Q", answer[8:16])[0], answer[16:184],
                struct.unpack("=I", answer[184:188])[0],
                list(struct.unpack(f"={room}I", answer[188:188 + 4 * room])))

    def rx_rings(self):
        """Receive queues that the table may name."""
        request = array.array("B", struct.pack("=IIQ", GRXRINGS, 0, 0) + bytes(256))
        return struct.unpack("=Q", self._call("GRXRINGS", request).tobytes()[8:16])[0]

    def channels(self):
        """(active, largest possible) number of queue pairs."""
        words = self._words("get channels", GCHANNELS, *[0] * 8)
        return words[7], words[3]

    def set_channels(self, count):
        """Sets the number of queue pairs (combined channels)."""
        self._words(f"set {count} channels", SCHANNELS, 0, 0, 0, 0, 0, 0, 0, count)

    def rings(self):
        """(rx frames, tx frames, rx maximum, tx maximum) of the rings."""
        words = self._words("get rings", GRINGPARAM, *[0] * 8)
        return words[4], words[7], words[0], words[3]

    def set_rings(self, rx=None, tx=None):
        """Sets ring sizes in frames; None leaves one as it is."""
        words = list(self._words("get rings", GRINGPARAM, *[0] * 8))
        words[4] = words[4] if rx is None else rx
        words[7] = words[7] if tx is None else tx
        self._words(f"set rings to rx {words[4]} tx {words[7]}", SRINGPARAM, *words)

    def flags(self):
        """The private flags: {name: bool}."""
        if self._flag_names is None:
            self._flag_names = self._strings(SS_PRIV_FLAGS)
        bits = self._words("get private flags", GPFLAGS, 0)[0]
        return {name: bool(bits >> n & 1) for n, name in enumerate(self._flag_names)}

    def set_flag(self, name, on):
        """Switches one private flag."""
        bits = self._words("get private flags", GPFLAGS, 0)[0]
        self.flags()
        bit = 1 << self._flag_names.index(name)
        self._words(f"set {name} to {on}", SPFLAGS, bits | bit if on else bits & ~bit)

    def driver(self):
        """(driver name, bus address) as `ethtool -i` shows them."""
        text = self._call("GDRVINFO", array.array("B", struct.pack("=I", GDRVINFO)
                                                  + bytes(192))).tobytes()
        return text[4:36].split(b"\0")[0].decode(), text[100:132].split(b"\0")[0].decode()


def queue_sum(stats, suffix):
    """Sum over the queues: queue_sum(stats, "tx_packets") adds up tx_queue_N_packets."""
    side, name = suffix.split("_", 1)
    return sum(value for key, value in stats.items()
               if key.startswith(f"{side}_queue_") and key.split("_", 3)[3] == name)


def frames_sent(stats):
    """Frames taken from the stack, however many packets they are."""
    return (queue_sum(stats, "tx_packets") - queue_sum(stats, "tx_gso_packets")
            + queue_sum(stats, "tx_gso_frames"))


def difference(after, before):
    """Counters that changed: {name: difference}."""
    return {name: value - before.get(name, 0) for name, value in after.items()
            if value != before.get(name, 0)}
