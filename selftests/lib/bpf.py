# SPDX-License-Identifier: GPL-2.0
"""BPF programs written here, instruction by instruction, and the maps they use: no compiler
and no library is needed. Attaching is done by rtnetlink, which says why it refuses."""

import ctypes
import errno
import os
import socket
import struct

from lib import ktap

SYS_BPF = 321           # x86-64

MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, PROG_LOAD, OBJ_PIN = 0, 1, 2, 5, 6
ARRAY, DEVMAP, CPUMAP, XSKMAP = 2, 14, 16, 17
SCHED_CLS, XDP = 3, 6
XDP_HAS_FRAGS, XDP_DEV_BOUND = 1 << 5, 1 << 6

ABORTED, DROP, PASS, TX, REDIRECT = range(5)
VERDICTS = {"aborted": ABORTED, "drop": DROP, "pass": PASS, "tx": TX, "redirect": REDIRECT}

LOOKUP, REDIRECT_MAP = 1, 51                                # helpers
ADJUST_HEAD, ADJUST_META, ADJUST_TAIL = 44, 54, 65

SIZES = {"w": 0x00, "h": 0x08, "b": 0x10, "dw": 0x18}
JUMPS = {"eq": 0x10, "gt": 0x20, "ne": 0x50, "slt": 0xc0}

_libc = ctypes.CDLL(None, use_errno=True)


class Refused(ktap.Failure):
    """The kernel said no. errno holds the code, text what it said."""

    def __init__(self, what, code, text=""):
        super().__init__(f"{what}: {os.strerror(code)} {text}")
        self.errno = code
        self.text = text


def _bpf(what, command, attributes):
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    result = _libc.syscall(SYS_BPF, command, buffer, len(attributes))
    if result < 0:
        raise Refused(what, ctypes.get_errno())
    return result


def _address(buffer):
    return ctypes.addressof(buffer)


class Map:
    """A BPF map with keys of 32 bits and values of 32 bits (values of another size in bytes:
    size)."""

    def __init__(self, kind, entries, size=4):
        self.size = size
        self.fd = _bpf("create a map", MAP_CREATE,
                       struct.pack("=IIIII52x", kind, 4, size, entries, 0))

    def set(self, key, value, ns=None):
        """Sets an entry. ns: the namespace in which an interface index is meant."""
        if ns:
            with ns.entered():
                return self.set(key, value)
        keys = ctypes.create_string_buffer(struct.pack("=I", key), 4)
        values = ctypes.create_string_buffer(value.to_bytes(self.size, "little"), self.size)
        return _bpf(f"set entry {key}", MAP_UPDATE,
                    struct.pack("=I4xQQQ", self.fd, _address(keys), _address(values), 0))

    def get(self, key):
        """An entry's number."""
        keys = ctypes.create_string_buffer(struct.pack("=I", key), 4)
        values = ctypes.create_string_buffer(self.size)
        _bpf(f"read entry {key}", MAP_LOOKUP,
             struct.pack("=I4xQQQ", self.fd, _address(keys), _address(values), 0))
        return int.from_bytes(values.raw, "little")

    def close(self):
        """Lets go of it; programs that use it keep it."""
        os.close(self.fd)


class Code:
    """Instructions. Registers are numbers; a jump's target is a name, given by label()."""

    def __init__(self):
        self._code = []
        self._labels = {}
        self._jumps = []

    def _add(self, opcode, dst=0, src=0, offset=0, number=0):
        self._code.append([opcode, dst, src, offset, number])
        return self

    def label(self, name):
        """The next instruction's name."""
        self._labels[name] = len(self._code)
        return self

    def set(self, dst, number):
        """dst = number."""
        return self._add(0xb7, dst, number=number)

    def move(self, dst, src):
        """dst = src."""
        return self._add(0xbf, dst, src)

    def add(self, dst, number):
        """dst += number."""
        return self._add(0x07, dst, number=number)

    def load(self, size, dst, src, offset=0):
        """dst = *(src + offset), of size b, h, w or dw."""
        return self._add(0x61 | SIZES[size], dst, src, offset)

    def store(self, size, dst, offset, src):
        """*(dst + offset) = src."""
        return self._add(0x63 | SIZES[size], dst, src, offset)

    def put(self, size, dst, offset, number):
        """*(dst + offset) = number."""
        return self._add(0x62 | SIZES[size], dst, 0, offset, number)

    def count(self, dst, src):
        """*(dst) += src, atomically, 64 bits."""
        return self._add(0xdb, dst, src)

    def jump(self, target):
        """Goes to a label."""
        self._jumps.append((len(self._code), target))
        return self._add(0x05)

    def when(self, condition, dst, number, target):
        """Goes to a label if dst compares so with a number."""
        self._jumps.append((len(self._code), target))
        return self._add(0x05 | JUMPS[condition], dst, number=number)

    def when_register(self, condition, dst, src, target):
        """Goes to a label if dst compares so with src."""
        self._jumps.append((len(self._code), target))
        return self._add(0x0d | JUMPS[condition], dst, src)

    def map(self, dst, table):
        """dst = a map."""
        return self._add(0x18, dst, 1, number=table.fd)._add(0)

    def call(self, helper):
        """Calls a helper by its number."""
        return self._add(0x85, number=helper)

    def kernel(self, function):
        """Calls a kernel function by its BTF number."""
        return self._add(0x85, src=2, number=function)

    def leave(self, number=None):
        """Returns a number, or what register 0 holds."""
        if number is not None:
            self.set(0, number)
        return self._add(0x95)

    def headers(self, size, otherwise):
        """Register 6 = the context, 7 = the frame, of which size bytes may be read; goes to
        a label if it has fewer."""
        self.move(6, 1).load("w", 7, 1).load("w", 8, 1, 4)
        return self.move(1, 7).add(1, size).when_register("gt", 1, 8, otherwise)

    def counted(self, table, key):
        """Adds one to an entry (64 bits) of an array. Changes registers 0 to 2."""
        name = f"counted{len(self._code)}"
        self.put("w", 10, -4, key).map(1, table).move(2, 10).add(2, -4).call(LOOKUP)
        return self.when("eq", 0, 0, name).set(1, 1).count(0, 1).label(name)

    def bytes(self):
        """The code as the kernel takes it."""
        for place, target in self._jumps:
            self._code[place][3] = self._labels[target] - place - 1
        return b"".join(struct.pack("=BBhi", opcode, src << 4 | dst, offset, number)
                        for opcode, dst, src, offset, number in self._code)


class Program:
    """A loaded program."""

    def __init__(self, code, kind=XDP, flags=0, bound=None):
        """flags: XDP_HAS_FRAGS; bound: the VPort whose metadata it asks for."""
        text = code.bytes()
        self._insns = ctypes.create_string_buffer(text, len(text))
        self._licence = ctypes.create_string_buffer(b"GPL")
        self._log = ctypes.create_string_buffer(1 << 16)
        if not bound:
            self._load(kind, flags, 0, len(text) // 8)
            return
        with bound.ns.entered():
            self._load(kind, flags | XDP_DEV_BOUND, bound.ifindex, len(text) // 8)

    def _load(self, kind, flags, ifindex, count):
        attributes = struct.pack("=IIQQIIQII16sII", kind, count, _address(self._insns),
                                 _address(self._licence), 1, len(self._log),
                                 _address(self._log), 0, flags, b"vmmq_test", ifindex,
                                 37 if kind == XDP else 0)
        try:
            self.fd = _bpf("load a program", PROG_LOAD, attributes + bytes(76))
        except Refused as refused:
            ktap.diag(self._log.value.decode(errors="replace")[-2000:])
            raise refused

    def pin(self, path):
        """Gives it a name in the BPF file system."""
        name = ctypes.create_string_buffer(path.encode())
        _bpf(f"pin {path}", OBJ_PIN, struct.pack("=QII", _address(name), self.fd, 0))

    def close(self):
        """Lets go of it; where it is attached it stays."""
        os.close(self.fd)


# ---- attaching ----

NLMSG_ERROR, RTM_SETLINK = 2, 19
F_REQUEST_ACK = 1 | 4
IFLA_XDP, XDP_FD, XDP_FLAGS = 43, 1, 3
DRV_MODE = 1 << 2


def _attribute(number, payload):
    return struct.pack("=HH", 4 + len(payload), number) + payload + bytes(-len(payload) % 4)


def _extack(data, flags):
    """The text of a refusal, if there is one."""
    place = 20 if flags & 0x100 else 20 + struct.unpack("=I", data[4:8])[0] - 16
    while flags & 0x200 and place + 4 <= len(data):
        length, number = struct.unpack("=HH", data[place:place + 4])
        if number & 0x3fff == 1:
            return data[place + 4:place + length].rstrip(b"\0").decode()
        place += (length + 3) & ~3
    return ""


def _attach(vport, fd, flags):
    link = vport.ns.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    try:
        link.setsockopt(270, 11, 1)     # EXT_ACK
        link.setsockopt(270, 10, 1)     # CAP_ACK
        nest = _attribute(0x8000 | IFLA_XDP, _attribute(XDP_FD, struct.pack("=i", fd))
                          + _attribute(XDP_FLAGS, struct.pack("=I", flags)))
        body = struct.pack("=BxHiII", 0, 0, vport.ifindex, 0, 0) + nest
        link.send(struct.pack("=IHHII", 16 + len(body), RTM_SETLINK, F_REQUEST_ACK, 1, 0)
                  + body)
        answer = link.recv(8192)
    finally:
        link.close()
    kind, flags = struct.unpack("=HH", answer[4:8])
    code = -struct.unpack("=i", answer[16:20])[0]
    ktap.eq(kind, NLMSG_ERROR, "answer of rtnetlink")
    if code:
        raise Refused(f"XDP of {vport.name}", code, _extack(answer[16:], flags))


def attach(vport, program):
    """Makes a program the VPort's, in native mode, whatever it had."""
    _attach(vport, program.fd, DRV_MODE)


def detach(vport):
    """Takes the VPort's program away."""
    _attach(vport, -1, DRV_MODE)


# ---- what a VPort says it can ----

CTRL_GETFAMILY, CTRL_FAMILY_ID, CTRL_FAMILY_NAME = 3, 1, 2
NETDEV_DEV_GET, NETDEV_IFINDEX, NETDEV_XDP_FEATURES, NETDEV_XDP_METADATA = 1, 1, 3, 5


def _ask(link, family, command, payload):
    """One request of generic netlink. Returns {attribute: payload}, None for a refusal."""
    body = struct.pack("=BBH", command, 1, 0) + payload
    link.send(struct.pack("=IHHII", 16 + len(body), family, 1, 1, 0) + body)
    answer = link.recv(8192)
    if struct.unpack("=H", answer[4:6])[0] == NLMSG_ERROR:
        return None
    found, place = {}, 20
    while place + 4 <= len(answer):
        length, number = struct.unpack("=HH", answer[place:place + 4])
        found[number & 0x3fff] = answer[place + 4:place + length]
        place += (length + 3) & ~3
    return found


def features(vport):
    """(XDP features, receive metadata) that the netdev family shows of a VPort, as bits."""
    link = vport.ns.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    try:
        family = _ask(link, 16, CTRL_GETFAMILY, _attribute(CTRL_FAMILY_NAME, b"netdev\0"))
        if not family:
            ktap.skip("this kernel has no generic netlink family netdev")
        shown = _ask(link, struct.unpack("=H", family[CTRL_FAMILY_ID])[0], NETDEV_DEV_GET,
                     _attribute(NETDEV_IFINDEX, struct.pack("=I", vport.ifindex)))
    finally:
        link.close()
    ktap.true(shown, "an answer of the netdev family")
    return tuple(int.from_bytes(shown.get(number, b""), "little")
                 for number in (NETDEV_XDP_FEATURES, NETDEV_XDP_METADATA))


# ---- kernel functions ----

def kernel_function(name):
    """The BTF number of a kernel function; skips if the kernel has none."""
    try:
        with open("/sys/kernel/btf/vmlinux", "rb") as file:
            data = file.read()
    except OSError:
        ktap.skip("/sys/kernel/btf/vmlinux is missing")
    head, types, types_size, strings, strings_size = struct.unpack_from("=4xIIIII", data)
    text = data[head + strings:head + strings + strings_size]
    place = text.find(b"\0" + name.encode() + b"\0") + 1
    if not place:
        ktap.skip(f"this kernel has no function {name}")
    return _find_function(memoryview(data)[head + types:head + types + types_size], place,
                          name)


# bytes behind a type, by its kind: fixed ones, and those for each member
_FIXED = {1: 4, 3: 12, 14: 4, 17: 4}
_EACH = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}


def _find_function(types, place, name):
    number, offset = 0, 0
    unpack = struct.Struct("=II").unpack_from
    while offset < len(types):
        number += 1
        name_place, info = unpack(types, offset)
        kind = info >> 24 & 0x1f
        if kind == 12 and name_place == place:
            return number
        offset += 12 + _FIXED.get(kind, 0) + _EACH.get(kind, 0) * (info & 0xffff)
    return ktap.skip(f"the kernel's BTF has no function {name}")


# ---- AF_XDP ----

AF_XDP, SOL_XDP = 44, 283
XDP_MMAP_OFFSETS, XDP_RX_RING, XDP_TX_RING = 1, 2, 3
XDP_UMEM_REG, XDP_FILL, XDP_COMPLETION = 4, 5, 6
XDP_COPY, XDP_ZEROCOPY = 1 << 1, 1 << 2
RING_PLACES = {XDP_RX_RING: 0, XDP_TX_RING: 0x80000000, XDP_FILL: 0x100000000,
               XDP_COMPLETION: 0x180000000}


class _XskRing:
    """One of the four rings of a socket; the other end is the kernel."""

    def __init__(self, fd, kind, entries, offsets, item):
        import mmap     # pylint: disable=import-outside-toplevel
        producer, consumer, desc, _ = offsets
        self.item, self.mask = struct.Struct(item), entries - 1
        self.memory = mmap.mmap(fd, desc + entries * self.item.size,
                                mmap.MAP_SHARED | mmap.MAP_POPULATE,
                                mmap.PROT_READ | mmap.PROT_WRITE,
                                offset=RING_PLACES[kind])
        self.places = producer, consumer, desc

    def _index(self, which, value=None):
        if value is None:
            return struct.unpack_from("=I", self.memory, self.places[which])[0]
        return struct.pack_into("=I", self.memory, self.places[which], value & 0xffffffff)

    def produce(self, *items):
        """Adds items (tuples)."""
        head = self._index(0)
        for n, item in enumerate(items):
            place = self.places[2] + (head + n & self.mask) * self.item.size
            self.item.pack_into(self.memory, place, *item)
        self._index(0, head + len(items))

    def consume(self):
        """Takes all items."""
        head, tail = self._index(0), self._index(1)
        count = head - tail & 0xffffffff
        items = [self.item.unpack_from(self.memory, self.places[2]
                                       + (tail + n & self.mask) * self.item.size)
                 for n in range(count)]
        self._index(1, head)
        return items


class Xsk:
    """An AF_XDP socket bound to a VPort's queue."""

    ENTRIES = 64
    CHUNK = 4096

    def __init__(self, vport, queue, flags=XDP_COPY):
        import mmap     # pylint: disable=import-outside-toplevel
        with vport.ns.entered():
            try:
                self.socket = socket.socket(AF_XDP, socket.SOCK_RAW, 0)
            except OSError as error:
                if error.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT):
                    ktap.skip("this kernel has no AF_XDP")
                raise
            self.fd = self.socket.fileno()
            self.memory = mmap.mmap(-1, 2 * self.ENTRIES * self.CHUNK)
            self._anchor = ctypes.c_char.from_buffer(self.memory)
            self._option(XDP_UMEM_REG, struct.pack("=QQIII4x", _address(self._anchor),
                                                   len(self.memory), self.CHUNK, 0, 0))
            for kind in (XDP_FILL, XDP_COMPLETION, XDP_RX_RING, XDP_TX_RING):
                self._option(kind, struct.pack("=I", self.ENTRIES))
            self._map_rings()
            self._bind(vport.ifindex, queue, flags)
        self.filled = self.ENTRIES
        self.rings[XDP_FILL].produce(*((n * self.CHUNK,) for n in range(self.ENTRIES)))

    def _option(self, name, value):
        self.socket.setsockopt(SOL_XDP, name, value)

    def _map_rings(self):
        data = struct.unpack("=16Q", self.socket.getsockopt(SOL_XDP, XDP_MMAP_OFFSETS, 128))
        self.rings = {}
        for n, (kind, item) in enumerate(((XDP_RX_RING, "=QII"), (XDP_TX_RING, "=QII"),
                                          (XDP_FILL, "=Q"), (XDP_COMPLETION, "=Q"))):
            self.rings[kind] = _XskRing(self.fd, kind, self.ENTRIES, data[4 * n:4 * n + 4],
                                        item)

    def _bind(self, ifindex, queue, flags):
        address = ctypes.create_string_buffer(struct.pack("=HHIII", AF_XDP, flags, ifindex,
                                                          queue, 0), 16)
        if _libc.bind(self.fd, address, 16):
            code = ctypes.get_errno()
            self.close()
            raise Refused("bind an AF_XDP socket", code)

    def receive(self):
        """The frames that have come."""
        found = []
        for address, length, _ in self.rings[XDP_RX_RING].consume():
            found.append(self.memory[address:address + length])
            self.rings[XDP_FILL].produce((address & ~(self.CHUNK - 1),))
        return found

    def send(self, frames):
        """Sends up to ENTRIES frames."""
        for n, frame in enumerate(frames):
            place = (self.ENTRIES + n) * self.CHUNK
            self.memory[place:place + len(frame)] = frame
            self.rings[XDP_TX_RING].produce((place, len(frame), 0))
        self.kick()

    def kick(self):
        """Has the kernel send what waits."""
        try:
            self.socket.send(b"", socket.MSG_DONTWAIT)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EBUSY, errno.ENOBUFS):
                raise

    def completed(self):
        """How many sent frames have been completed since the last call."""
        return len(self.rings[XDP_COMPLETION].consume())

    def close(self):
        """Ends it."""
        self.socket.close()
