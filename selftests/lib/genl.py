# SPDX-License-Identifier: GPL-2.0
"""Families of the kernel's own, netdev and devlink, by the numbers of their UAPI: the specs
they come with are not in this tree, and not in every kernel's."""

import errno
import os
import socket
import struct

from lib import ktap

WAIT = 300      # seconds; only to end a test that hangs
LONGEST = 1 << 17
GENERIC = 16
CTRL_GETFAMILY, CTRL_FAMILY_ID, CTRL_FAMILY_NAME = 3, 1, 2
NLMSG_ERROR, NLMSG_DONE = 2, 3
F_REQUEST, F_ACK, F_DUMP, F_CAP_ACK = 0x1, 0x4, 0x300, 0x100
ACK_TLVS, ACK_TEXT = 0x200, 1
SOL_NETLINK, CAP_ACK, EXT_ACK = 270, 10, 11


class Refused(ktap.Failure):
    """The kernel said no. errno and the text of the extack."""

    def __init__(self, what, code, text):
        super().__init__(f"{what}: {os.strerror(code)}: {text}")
        self.errno, self.text = code, text


def attribute(number, payload):
    """An attribute of bytes, or of text, or of an int of 32 bits."""
    if isinstance(payload, str):
        payload = payload.encode() + b"\0"
    elif isinstance(payload, int):
        payload = struct.pack("=I", payload)
    return struct.pack("=HH", 4 + len(payload), number) + payload + bytes(-len(payload) % 4)


def attributes(data):
    """[(number, payload)] of a message or a nest."""
    found = []
    while data:
        length, number = struct.unpack("=HH", data[:4])
        found.append((number & 0x3fff, data[4:length]))
        data = data[(length + 3) & ~3:]
    return found


def number(payload):
    """The int in an attribute of 1 to 8 bytes."""
    return int.from_bytes(payload, "little")


def text(payload):
    """The text in an attribute."""
    return payload.rstrip(b"\0").decode()


def _refusal(body):
    """(errno, text) of an error message."""
    code = -struct.unpack("=i", body[:4])[0]
    said = [payload for kind, payload in attributes(body[20:]) if kind == ACK_TEXT] \
        if len(body) > 20 else []
    return code, text(said[0]) if said else ""


class Family:
    """A generic netlink family as a namespace (Netns; None for this one) sees it."""

    def __init__(self, name, ns=None):
        """Skips the case if the kernel has no such family."""
        self.name = name
        args = (socket.AF_NETLINK, socket.SOCK_RAW, GENERIC)
        self.socket = ns.socket(*args) if ns else socket.socket(*args)
        self.socket.settimeout(WAIT)
        self.socket.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.socket.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.sequence = 0
        self.id = GENERIC
        try:
            answer = self.call(CTRL_GETFAMILY, attribute(CTRL_FAMILY_NAME, name))
        except Refused as refusal:
            self.socket.close()
            if refusal.errno != errno.ENOENT:
                raise
            ktap.skip(f"this kernel has no generic netlink family {name}")
        self.id = number(dict(answer[0])[CTRL_FAMILY_ID])

    def call(self, command, payload=b"", dump=False, version=1):
        """A request. Returns the answers, a list of attribute lists. Raises Refused."""
        self.sequence += 1
        body = struct.pack("=BBH", command, version, 0) + payload
        flags = F_REQUEST | (F_DUMP if dump else F_ACK)
        self.socket.send(struct.pack("=IHHII", 16 + len(body), self.id, flags,
                                     self.sequence, 0) + body)
        found = []
        while True:
            data = self.socket.recv(LONGEST)
            while data:
                length, kind, _, sequence, _ = struct.unpack("=IHHII", data[:16])
                message, data = data[16:length], data[(length + 3) & ~3:]
                if sequence != self.sequence:
                    continue
                if kind not in (NLMSG_ERROR, NLMSG_DONE):
                    found.append(attributes(message[4:]))
                    continue
                code, said = _refusal(message)
                if code:
                    raise Refused(f"{self.name} command {command}", code, said)
                return found

    def close(self):
        """Ends it."""
        self.socket.close()
