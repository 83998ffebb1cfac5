# SPDX-License-Identifier: GPL-2.0
"""Raw sockets bound to a device. A frame sent here carries no hash."""

import errno
import select
import socket
import struct
import time

ETH_P_ALL = 0x0003

SOL_PACKET = 263
PACKET_STATISTICS = 6
PACKET_AUXDATA = 8
PACKET_VNET_HDR = 15
PACKET_QDISC_BYPASS = 20
SO_SNDBUFFORCE = 32
SO_RCVBUFFORCE = 33

VNET_GSO = {None: 0, "tcp4": 1, "udp": 3, "tcp6": 4}
VNET_KINDS = {value: kind for kind, value in VNET_GSO.items()}
VNET_ECN = 0x80
VNET_LENGTH = 10
VNET_SUM_TO_DO, VNET_SUM_GOOD = 1, 2
STATUS_VLAN_VALID = 0x10


class Sender:
    """Sends whole frames from a device."""

    def __init__(self, ns, dev, bypass=False, vnet=False):
        """bypass: go around the queueing discipline. vnet: use send_vnet() alone."""
        self.socket = ns.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24)
        if bypass:
            self.socket.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
        if vnet:
            self.socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        with ns.entered():
            self.socket.bind((dev, 0))

    def send(self, frame):
        """Sends a frame. A transmit queue that is full for the moment is waited for."""
        for attempt in range(2000):
            try:
                self.socket.send(frame)
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
            time.sleep(0.0001 * attempt)
        self.socket.send(frame)

    def send_all(self, frames):
        """Sends frames in order."""
        for frame in frames:
            self.send(frame)

    def send_vnet(self, frame, gso=None, gso_size=0, linear=0, csum=None, ecn=False):
        """Sends a frame with a virtio header (the Sender was made with vnet=True).

        gso: "tcp4", "tcp6" or "udp", to be cut into segments of gso_size bytes.
        linear: bytes of a frame of a page and more that stay in its linear part.
        csum: (start, offset) of the checksum to be filled in; gso needs it.
        ecn: its CWR flag is for the first segment alone."""
        flags, (start, offset) = (1, csum) if csum else (0, (0, 0))
        kind = VNET_GSO[gso] | (VNET_ECN if ecn else 0)
        self.send(struct.pack("=BBHHHH", flags, kind, linear, gso_size, start, offset)
                  + frame)

    def close(self):
        """Ends it."""
        self.socket.close()


class Vnet:
    """What a frame's virtio header says of it.

    sum: "to do", "good" or None: nothing is known; gso: as in VNET_GSO; size: bytes of a
    segment; start, offset: of a checksum to do."""

    def __init__(self, header):
        flags, gso, _, self.size, self.start, self.offset = struct.unpack("=BBHHHH", header)
        self.gso = VNET_KINDS[gso & ~VNET_ECN]
        self.sum = ("to do" if flags & VNET_SUM_TO_DO else
                    "good" if flags & VNET_SUM_GOOD else None)

    def __repr__(self):
        return f"(checksum {self.sum}, gso {self.gso} {self.size})"


class Receiver:
    """Receives all frames of a device, also those to others if that is promiscuous, from
    its creation on. What the device's own host sends is left out."""

    def __init__(self, ns, dev, protocol=ETH_P_ALL, vnet=False):
        """vnet: use receive_vnet() and wait_vnet() alone."""
        self.socket = ns.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        if vnet:
            self.socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        with ns.entered():
            self.socket.bind((dev, protocol))
        self.socket.setblocking(False)

    def receive(self):
        """The frames waiting: [(frame, VLAN)], VLAN being the tag (16 bits) that stood
        beside the frame, or None."""
        frames = []
        while True:
            try:
                frame, control, _, address = self.socket.recvmsg(
                    VNET_LENGTH + 65600, socket.CMSG_SPACE(20))
            except BlockingIOError:
                return frames
            if address[2] == socket.PACKET_OUTGOING:
                continue
            tag = None
            for _, kind, data in control:
                if kind == PACKET_AUXDATA and len(data) >= 20:
                    status, _, _, _, _, tci, _ = struct.unpack("=IIIHHHH", data[:20])
                    tag = tci if status & STATUS_VLAN_VALID else None
            frames.append((frame, tag))

    def wait(self, count, seconds=120):
        """Receives until count frames are there, or none came for so many seconds."""
        frames = self.receive()
        while len(frames) < count:
            if not select.select([self.socket], [], [], seconds)[0]:
                break
            frames += self.receive()
        return frames

    def receive_vnet(self):
        """The frames waiting: [(frame, VLAN, Vnet)]. The Receiver was made with vnet=True."""
        return [(data[VNET_LENGTH:], tag, Vnet(data[:VNET_LENGTH]))
                for data, tag in self.receive()]

    def wait_vnet(self, count, seconds=120):
        """wait() with the frames as in receive_vnet()."""
        return [(data[VNET_LENGTH:], tag, Vnet(data[:VNET_LENGTH]))
                for data, tag in self.wait(count, seconds)]

    def lost(self):
        """Frames lost for lack of buffer since the last call."""
        data = self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        return struct.unpack("=II", data)[1]

    def close(self):
        """Ends it."""
        self.socket.close()
