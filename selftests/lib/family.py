# SPDX-License-Identifier: GPL-2.0
"""The control family through Python's ynl, by names of the spec; and, for malformed messages
and dumps in pieces, through a plain netlink socket."""

import array
import errno
import os
import pathlib
import socket
import struct
import sys

from lib import ktap, specs

TOP = pathlib.Path(__file__).resolve().parents[2]
SPEC = TOP / "Documentation/netlink/specs/vmmq.yaml"
LIBRARY = os.environ.get("VMMQ_YNL") or str(TOP / "python")

WAIT = 300      # seconds; only to end a test that hangs
LONGEST = 1 << 19   # bytes of the longest answer, that to a batch of 4098 moves
NLMSG_ERROR, NLMSG_DONE = 2, 3
F_REQUEST, F_ACK, F_DUMP, F_DUMP_INTR, F_NESTED = 0x1, 0x4, 0x300, 0x10, 0x8000


def _ynl():
    """The library, or the case is skipped: it comes with the kernel's source."""
    if LIBRARY not in sys.path:
        sys.path.insert(0, LIBRARY)
    specs.install(LIBRARY)
    try:
        import ynl                          # pylint: disable=import-outside-toplevel
    except ImportError as error:
        ktap.skip(f"Python's ynl is missing in {LIBRARY}: {error}")
    return ynl


class Refused(ktap.Failure):
    """The kernel said no. errno, text of the extack, attribute it points at as a path."""

    def __init__(self, what, code, text, attribute):
        super().__init__(f"{what}: {os.strerror(code)}: {text} ({attribute})")
        self.errno, self.text, self.attribute = code, text or "", attribute


class Family:
    """The family as a namespace (Netns; None for this one) sees it."""

    def __init__(self, ns=None):
        self.ns = ns
        self.ynl = self._open()

    def _open(self):
        library = _ynl()
        library.ynl.genl_family_name_to_id = None   # it has a new id after each insmod
        if self.ns is None:
            opened = library.YnlFamily(str(SPEC), schema="", recv_size=LONGEST)
        else:
            with self.ns.entered():
                opened = library.YnlFamily(str(SPEC), schema="", recv_size=LONGEST)
        opened.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LONGEST)
        return opened

    def do(self, op, **attributes):
        """An operation; attributes with _ for -. Returns the reply. Raises Refused."""
        request = {name.replace("_", "-"): value for name, value in attributes.items()}
        try:
            return self.ynl.do(op, request)
        except _ynl().NlError as error:
            extack = error.nl_msg.extack or {}
            raise Refused(f"{op} {request}", error.error, extack.get("msg"),
                          extack.get("bad-attr")) from None

    def dump(self, op, **attributes):
        """A dump, as a list."""
        request = {name.replace("_", "-"): value for name, value in attributes.items()}
        try:
            return self.ynl.dump(op, request)
        except _ynl().NlError as error:
            extack = error.nl_msg.extack or {}
            raise Refused(f"{op} dump {request}", error.error, extack.get("msg"),
                          extack.get("bad-attr")) from None

    def refused(self, code, says, attribute, op, **attributes):
        """The operation must fail with errno code, a text that contains says and points at
        attribute (a path such as ".fields.ipv4"; None: at none)."""
        try:
            self.do(op, **attributes)
        except Refused as refusal:
            what = f"{op} {attributes}"
            ktap.eq(errno.errorcode.get(refusal.errno), errno.errorcode[code], what)
            ktap.contains(refusal.text, says, what)
            ktap.eq(refusal.attribute, attribute, f"{what}: attribute pointed at")
            return refusal
        return ktap.fail(f"{op} {attributes}: succeeded, a refusal was expected")

    def rss(self, **vport):
        """rss-get of a VPort."""
        return self.do("rss-get", **vport)

    def monitor(self):
        """A second Family that listens to the notifications from now on."""
        other = Family(self.ns)
        other.ynl.ntf_subscribe("config")
        return other

    def heard(self):
        """The notifications since the last call: list of (name, attributes)."""
        self.ynl.check_ntf()
        found = [(entry["name"], entry["msg"]) for entry in self.ynl.async_msg_queue]
        self.ynl.async_msg_queue.clear()
        return found

    def close(self):
        """Lets go of the namespace."""
        self.ynl.sock.close()


def words(values):
    """A table as a binary attribute of u32."""
    return array.array("I", values).tobytes()


def attribute(number, payload):
    """An attribute for raw messages."""
    pad = -len(payload) % 4
    return struct.pack("=HH", 4 + len(payload), number) + payload + bytes(pad)


def u32(number, value):
    """An attribute of 32 bits."""
    return attribute(number, struct.pack("=I", value))


class Group:
    """Listens to a multicast group of any generic netlink family, of this namespace."""

    def __init__(self, name, group):
        try:
            found = _ynl().ynl.GenlProtocol(name)
        except KeyError:
            ktap.skip(f"this kernel has no generic netlink family {name}")
        self.id = found.family_id
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.socket.bind((0, 0))
        self.socket.setsockopt(270, 1, found.get_mcast_id(group, None))  # ADD_MEMBERSHIP

    def heard(self):
        """What came since the last call: list of (command, {attribute: payload})."""
        found = []
        while True:
            try:
                data = self.socket.recv(LONGEST, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return found
            command, attributes, body = data[16], {}, data[20:]
            while body:
                length, kind = struct.unpack("=HH", body[:4])
                attributes[kind & 0x3fff] = body[4:length]
                body = body[(length + 3) & ~3:]
            found.append((command, attributes))

    def close(self):
        """Ends it."""
        self.socket.close()


class Raw:
    """A plain socket: sends what ynl would not."""

    def __init__(self, family, size=4096):
        """family: a Family; size: bytes of the receive buffer."""
        self.size = size
        self.id = family.ynl.nlproto.family_id
        if family.ns is None:
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        else:
            self.socket = family.ns.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.socket.bind((0, 0))

    def send(self, cmd, payload=b"", flags=F_ACK, version=1, reserved=0):
        """Sends a request."""
        body = struct.pack("=BBH", cmd, version, reserved) + payload
        self.socket.send(struct.pack("=IHHII", 16 + len(body), self.id,
                                     F_REQUEST | flags, 1, 0) + body)

    def receive(self):
        """The messages of one recv(): list of (type, flags, payload)."""
        self.socket.settimeout(WAIT)
        data, found = self.socket.recv(self.size), []
        while data:
            length, kind, flags, _, _ = struct.unpack("=IHHII", data[:16])
            found.append((kind, flags, data[16:length]))
            data = data[(length + 3) & ~3:]
        return found

    def error(self, cmd, payload=b"", **options):
        """The errno a request ends with, 0 for success; other replies are passed over."""
        self.send(cmd, payload, **options)
        while True:
            for kind, _, body in self.receive():
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    return -struct.unpack("=i", body[:4])[0]

    def close(self):
        """Ends it."""
        self.socket.close()


class Mover(Raw):
    """Sends entry moves of an adapter, many a second."""

    RSS_MOVE = 25
    ADAPTER, ENTRY = 1, 5                       # attributes of a move
    VPORT, INDEX, CPU, ERROR = 1, 3, 4, 6       # of its entries

    def __init__(self, family, adapter):
        super().__init__(family, size=1 << 17)
        self.head = attribute(self.ADAPTER, adapter.encode() + b"\0")

    def request(self, moves):
        """The payload of one request. moves: list of (VPort number, entry, CPU)."""
        return self.head + b"".join(
            attribute(F_NESTED | self.ENTRY, u32(self.VPORT, vport) + u32(self.INDEX, entry)
                      + u32(self.CPU, cpu)) for vport, entry, cpu in moves)

    def call(self, request):
        """Sends a request and takes what comes back, unread."""
        self.send(self.RSS_MOVE, request)
        answer = self.socket.recv(self.size)
        return answer, self.socket.recv(self.size)

    def errors(self, answer):
        """The errno of each entry in the answers of call()."""
        found = []
        for data in answer:
            length, kind = struct.unpack("=IH", data[:6])
            if kind != NLMSG_ERROR:
                found += [entry[self.ERROR] for number, entry in _nests(data[20:length])
                          if number == self.ENTRY]
                continue
            refusal = -struct.unpack("=i", data[16:20])[0]
            if refusal:
                raise Refused("rss-move", refusal, None, None)
        return found

    def move(self, moves):
        """One request, see request(). Returns the errno of each entry."""
        self.send(self.RSS_MOVE, self.request(moves))
        data = self.socket.recv(self.size)
        if struct.unpack("=IH", data[:6])[1] == NLMSG_ERROR:
            return self.errors([data])
        return self.errors([data, self.socket.recv(self.size)])


def _attributes(data):
    while data:
        length, number = struct.unpack("=HH", data[:4])
        yield number & 0x3fff, data[4:length]
        data = data[(length + 3) & ~3:]


def _nests(data):
    """(number, {attribute: value}) of the nests in data; values are u32."""
    for number, payload in _attributes(data):
        yield number, {key: struct.unpack("=I", value)[0]
                       for key, value in _attributes(payload) if len(value) == 4}
