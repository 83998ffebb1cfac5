#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Who gets a frame: the filter truth table, as the net device API sets it.

vmmq0v1 sends; vmmq0v0 is the default VPort, which catches what no filter claims. A frame
with a mark of its own is sent, then every VPort gets a frame addressed to it alone. Each
VPort has a single ring, and a frame is in its receivers' rings when the send call returns:
so what comes before that last frame, or doesn't, is the whole answer.

     vmmq0v0      vmmq0v1      vmmq0v2      vmmq0v3        each in a namespace
     default      SENDER       RECEIVER     OTHER
"""

import itertools
import os
import re

from lib import bed, frames, ktap, packet, tracing, wait

DEFAULT, SENDER, RECEIVER, OTHER = range(4)
ALL = (DEFAULT, SENDER, RECEIVER, OTHER)

ETHERTYPE = 0x88b5      # for experiments: no protocol takes the frames
STRANGER = frames.mac("02:00:00:00:be:ef")
GROUP = frames.mac("33:33:00:00:be:ef")
SECOND = "02:00:00:00:00:22"
HEADER = 14
TAG = 4
VIDS = (None, 0, 100, 200, 4094)
MEMBER_VID = 100


class Switch(bed.Bed):
    """The arrangement above and a way to ask who gets a frame."""

    def __init__(self, **parameters):
        super().__init__(vports=4, queues=1, **parameters)
        self.marks = itertools.count(1)
        self.senders = []
        self.receivers = []

    def __enter__(self):
        super().__enter__()
        try:
            self.senders = [vport.sender(bypass=True) for vport in self.vports]
            self.receivers = [vport.receiver() for vport in self.vports]
        except BaseException:
            self._close()
            raise
        return self

    def mac(self, number):
        """The address a VPort has now."""
        vport = self.vports[number]
        words = vport.ip(f"-o link show {vport.name}").split()
        return frames.mac(words[words.index("link/ether") + 1])

    def marked(self, dst, tags=(), length=60, src=STRANGER):
        """(mark, frame): a frame nobody else has, of so many bytes."""
        mark = next(self.marks).to_bytes(8, "big")
        frame = frames.ether(dst, src, ETHERTYPE, mark, tags)
        return mark, frames.padded(frame, length)

    def fence(self, number):
        """Sends a VPort a frame of its own; returns all it received up to that one."""
        mark, frame = self.marked(self.mac(number))
        self.senders[DEFAULT if number != DEFAULT else OTHER].send(frame)
        got = []
        while not any(mark in data for data, _ in got):
            more = self.receivers[number].wait(1)
            ktap.true(more, f"{self.vports[number].name} gets a frame for itself")
            got += more
        return got

    def who(self, frame, mark, sender=SENDER, send=None, among=ALL):
        """Sends a frame from a VPort (or by send()), returns those that got it, each once."""
        (send or self.senders[sender].send)(frame)
        found = []
        for number in among:
            copies = [data for data, _ in self.fence(number) if mark in data]
            ktap.true(len(copies) < 2, f"{self.vports[number].name} got no duplicate")
            found += [number] * len(copies)
        return found

    def ask(self, dst, tags=(), sender=SENDER, length=60, among=ALL):
        """The VPorts that get a frame for dst with such VLAN tags."""
        mark, frame = self.marked(dst, tags, length)
        return self.who(frame, mark, sender, among=among)

    def listen_again(self, number):
        """A new receiver: a raw socket reports it when its device went down."""
        self.receivers[number] = self.vports[number].receiver()

    def drops(self, number, name):
        """A drop counter."""
        return self.vports[number].tool.stat(name)

    def set(self, number, words):
        """ip link set of a VPort."""
        vport = self.vports[number]
        vport.ip(f"link set {vport.name} {words}")

    def feature(self, number, name, on):
        """ethtool -K of a VPort."""
        vport = self.vports[number]
        vport.ethtool(f"-K {vport.name} {name} {'on' if on else 'off'}")

    def add_vlan(self, number, vid):
        """A VLAN device on a VPort, up."""
        vport = self.vports[number]
        vport.ip(f"link add link {vport.name} name vlan{vid} type vlan id {vid}")
        vport.ip(f"link set vlan{vid} up")

    def add_macvlan(self, number, address=SECOND):
        """A macvlan on a VPort, up: its address becomes the VPort's second one."""
        vport = self.vports[number]
        vport.ip(f"link add link {vport.name} name macvlan0 address {address} "
                 "type macvlan mode private")
        vport.ip("link set macvlan0 up")


def tags_of(vid):
    """The tags of a frame with this VLAN ID, or none."""
    return () if vid is None else (frames.tag(vid),)


def vlan_match(filtering, vid, members):
    """The rule: with the filter on an untagged frame, VLAN ID 0 and the VPort's VLAN IDs
    match; without it any frame does."""
    return not filtering or vid in (None, 0) or vid in members


# ---- unicast ----

def own_address():
    """A frame goes to the VPort that has the address, and to no other."""
    with Switch() as switch:
        for sender, target in itertools.permutations(ALL, 2):
            ktap.eq(switch.ask(switch.mac(target), sender=sender), [target],
                    f"receivers of a frame from {sender} to the address of {target}")


def unmatched():
    """What no filter claims goes to the default VPort; from there, nowhere: counted."""
    with Switch() as switch:
        ktap.eq(switch.ask(STRANGER), [DEFAULT], "receivers of an unknown address")
        before = switch.drops(DEFAULT, "tx_drop_unmatched")
        ktap.eq(switch.ask(STRANGER, sender=DEFAULT), [], "receivers, sent by the default")
        ktap.eq(switch.drops(DEFAULT, "tx_drop_unmatched"), before + 1, "unmatched drops")


def own_sender():
    """A frame for the sender itself goes to nobody: counted. That of another VPort with the
    same address does not count as one's own."""
    with Switch() as switch:
        before = switch.drops(SENDER, "tx_drop_own")
        ktap.eq(switch.ask(switch.mac(SENDER)), [], "receivers of a frame to oneself")
        ktap.eq(switch.drops(SENDER, "tx_drop_own"), before + 1, "own drops")
        switch.add_macvlan(SENDER)
        ktap.eq(switch.ask(frames.mac(SECOND)), [], "receivers at one's second address")
        ktap.eq(switch.drops(SENDER, "tx_drop_own"), before + 2, "own drops")


def second_address():
    """A macvlan's address is a filter too, as long as the macvlan is there."""
    with Switch() as switch:
        ktap.eq(switch.ask(frames.mac(SECOND)), [DEFAULT], "receivers before")
        switch.add_macvlan(RECEIVER)
        ktap.eq(switch.ask(frames.mac(SECOND)), [RECEIVER], "receivers with the macvlan")
        ktap.eq(switch.ask(switch.mac(RECEIVER)), [RECEIVER], "receivers of the first one")
        vport = switch.vports[RECEIVER]
        vport.ip("link del macvlan0")
        ktap.eq(switch.ask(frames.mac(SECOND)), [DEFAULT], "receivers afterwards")


def address_change():
    """A new address takes effect at once, up or down; the old one is given up."""
    with Switch() as switch:
        old, new = switch.mac(RECEIVER), frames.mac("02:00:00:00:00:44")
        switch.set(RECEIVER, f"address {frames.mac_text(new)}")
        ktap.eq(switch.ask(new), [RECEIVER], "receivers of the new address")
        ktap.eq(switch.ask(old), [DEFAULT], "receivers of the old address")
        switch.set(RECEIVER, "down")
        switch.set(RECEIVER, f"address {frames.mac_text(old)}")
        switch.set(RECEIVER, "up")
        switch.listen_again(RECEIVER)
        ktap.eq(switch.ask(old), [RECEIVER], "receivers of the first address again")
        ktap.eq(switch.ask(new), [DEFAULT], "receivers of the address given up")


def receiver_down():
    """A VPort that is down gets nothing, and its frames aren't given to others: counted."""
    with Switch() as switch:
        up = (DEFAULT, SENDER, OTHER)
        switch.set(RECEIVER, "down")
        before = switch.drops(RECEIVER, "rx_drop_down")
        ktap.eq(switch.ask(switch.mac(RECEIVER), among=up), [], "receivers")
        ktap.eq(switch.drops(RECEIVER, "rx_drop_down"), before + 1, "drops of the VPort down")
        ktap.eq(switch.ask(frames.BROADCAST, among=up), [DEFAULT, OTHER], "broadcast")


# ---- VLAN ----

def vlan_filter():
    """The truth table: filter on and off, untagged, VLAN ID 0, a member, others; for the
    VPort's first and second address."""
    with Switch() as switch, ktap.Mismatches("VLAN filter") as found:
        switch.add_vlan(RECEIVER, MEMBER_VID)
        switch.add_macvlan(RECEIVER)
        addresses = {"first": switch.mac(RECEIVER), "second": frames.mac(SECOND)}
        for filtering in (True, False, True):
            switch.feature(RECEIVER, "rx-vlan-filter", filtering)
            for (name, address), vid in itertools.product(addresses.items(), VIDS):
                hit = vlan_match(filtering, vid, (MEMBER_VID,))
                found.eq(switch.ask(address, tags_of(vid)), [RECEIVER if hit else DEFAULT],
                         f"filter {filtering}, {name} address, VLAN ID {vid}: receivers")


def vlan_membership():
    """A VLAN ID matches as long as its VLAN device is there."""
    with Switch() as switch:
        address, tags = switch.mac(RECEIVER), tags_of(MEMBER_VID)
        ktap.eq(switch.ask(address, tags), [DEFAULT], "receivers before")
        switch.add_vlan(RECEIVER, MEMBER_VID)
        ktap.eq(switch.ask(address, tags), [RECEIVER], "receivers with the VLAN device")
        switch.vports[RECEIVER].ip(f"link del vlan{MEMBER_VID}")
        ktap.eq(switch.ask(address, tags), [DEFAULT], "receivers afterwards")


def vlan_devices():
    """Frames of a VLAN device match by its VLAN ID, whether the tag is inserted by the
    VPort or by the stack."""
    with Switch() as switch:
        for vid in (MEMBER_VID, 200):
            switch.add_vlan(SENDER, vid)
        switch.add_vlan(RECEIVER, MEMBER_VID)
        for offload, vid in itertools.product((True, False), (MEMBER_VID, 200)):
            switch.feature(SENDER, "txvlan", offload)
            vport = switch.vports[SENDER]
            through = packet.Sender(vport.ns, f"vlan{vid}")
            mark, frame = switch.marked(switch.mac(RECEIVER))
            got = switch.who(frame, mark, send=through.send)
            through.close()
            ktap.eq(got, [RECEIVER if vid == MEMBER_VID else DEFAULT],
                    f"receivers from VLAN {vid}, txvlan {offload}")


def flooded_vlan():
    """The VLAN filter holds for broadcast and multicast too."""
    with Switch() as switch, ktap.Mismatches("flooded VLAN") as found:
        switch.add_vlan(RECEIVER, MEMBER_VID)
        switch.feature(OTHER, "rx-vlan-filter", False)
        switch.set(RECEIVER, "allmulticast on")
        switch.set(OTHER, "allmulticast on")
        for vid in VIDS:
            receiver = [RECEIVER] if vlan_match(True, vid, (MEMBER_VID,)) else []
            default = [DEFAULT] if vlan_match(True, vid, ()) else []
            found.eq(switch.ask(frames.BROADCAST, tags_of(vid)), default + receiver + [OTHER],
                     f"receivers of broadcast in VLAN {vid}")
            found.eq(switch.ask(GROUP, tags_of(vid)), receiver + [OTHER],
                     f"receivers of multicast in VLAN {vid}")


class GroTrace:
    """The stack's own event at the entrance of GRO, where a tag that the VPort has stripped
    stands beside the frame."""

    EVENT = "net/napi_gro_receive_entry"
    LINE = re.compile(r"napi_gro_receive_entry: dev=(\S+) .*vlan_tagged=(\d) "
                      r"vlan_proto=(\S+) vlan_tci=(\S+)")

    def __init__(self):
        self.path = f"{tracing.ROOT}/instances/vmmq-gro-{os.getpid()}"

    def __enter__(self):
        if not os.path.isdir(f"{tracing.ROOT}/events/{self.EVENT}"):
            ktap.skip(f"trace event {self.EVENT} is missing")
        os.mkdir(self.path)
        self.write(f"events/{self.EVENT}/enable", "1")
        return self

    def write(self, file, value):
        """Writes a file of the trace instance."""
        with open(f"{self.path}/{file}", "w", encoding="ascii") as out:
            out.write(value)

    def tags(self, dev):
        """Of the frames of a device: the tag beside each, or None. Then forgets them."""
        with open(f"{self.path}/trace", encoding="ascii") as file:
            found = self.LINE.findall(file.read())
        self.write("trace", "")
        return [int(tci, 16) if tagged == "1" else None
                for name, tagged, _, tci in found if name == dev]

    def __exit__(self, *_):
        self.write(f"events/{self.EVENT}/enable", "0")
        os.rmdir(self.path)
        return False


def tag_stripping():
    """A tag stands beside the frame while rxvlan is on and in it while that is off; either
    way the VLAN device gets the frame whole."""
    with Switch() as switch, GroTrace() as trace:
        vport = switch.vports[RECEIVER]
        for number in (SENDER, RECEIVER):
            switch.add_vlan(number, MEMBER_VID)
        inside = vport.receiver()
        vlan = packet.Receiver(vport.ns, f"vlan{MEMBER_VID}")
        for strip, offload in itertools.product((True, False), repeat=2):
            switch.feature(RECEIVER, "rxvlan", strip)
            switch.feature(SENDER, "txvlan", offload)
            through = packet.Sender(switch.vports[SENDER].ns, f"vlan{MEMBER_VID}")
            what = f"rxvlan {strip}, txvlan {offload}"
            mark, frame = switch.marked(vport.mac, length=100)
            ktap.eq(switch.who(frame, mark, send=through.send), [RECEIVER], what)
            through.close()
            ktap.eq(trace.tags(vport.name), [MEMBER_VID if strip else None, None],
                    f"tags beside the frame and the one after it, {what}")
            seen = [(data, tag) for data, tag in inside.receive() if mark in data]
            ktap.eq(seen, [(frame, MEMBER_VID)], f"the frame on the VPort, {what}")
            seen = [data for data, _ in vlan.receive() if mark in data]
            ktap.eq(seen, [frame], f"the frame on the VLAN device, {what}")
        vlan.close()


# ---- broadcast, multicast, promiscuous ----

def broadcast():
    """All get it but the sender."""
    with Switch() as switch:
        for sender in ALL:
            ktap.eq(switch.ask(frames.BROADCAST, sender=sender),
                    [n for n in ALL if n != sender], f"receivers of broadcast from {sender}")


def multicast():
    """Members get it, who wants all multicast gets it, who wants everything gets it, no
    other does, and the sender never."""
    with Switch() as switch:
        ktap.eq(switch.ask(GROUP), [], "receivers without members")
        group = frames.mac_text(GROUP)
        vport = switch.vports[RECEIVER]
        vport.ip(f"maddr add {group} dev {vport.name}")
        ktap.eq(switch.ask(GROUP), [RECEIVER], "receivers with a member")
        ktap.eq(switch.ask(frames.mac("33:33:00:00:be:ee")), [], "receivers of another group")
        ktap.eq(switch.ask(GROUP, sender=RECEIVER), [], "receivers when the member sends")
        switch.set(OTHER, "allmulticast on")
        ktap.eq(switch.ask(GROUP), [RECEIVER, OTHER], "receivers with one for all multicast")
        switch.set(OTHER, "allmulticast off")
        switch.set(DEFAULT, "promisc on")
        ktap.eq(switch.ask(GROUP), [DEFAULT, RECEIVER], "receivers with a promiscuous one")
        switch.set(DEFAULT, "promisc off")
        vport.ip(f"maddr del {group} dev {vport.name}")
        ktap.eq(switch.ask(GROUP), [], "receivers when the member has left")


def promiscuous():
    """A promiscuous VPort gets copies of unmatched and flooded frames, of any VLAN, but not
    of what another VPort's filter claims, nor of what it sent."""
    with Switch() as switch, ktap.Mismatches("promiscuous") as found:
        switch.set(OTHER, "promisc on")
        for vid in VIDS:
            tags, what = tags_of(vid), f"VLAN ID {vid}: receivers of "
            found.eq(switch.ask(STRANGER, tags), [DEFAULT, OTHER], what + "an unknown address")
            found.eq(switch.ask(STRANGER, tags, DEFAULT), [OTHER], what + "one from the default")
            found.eq(switch.ask(STRANGER, tags, OTHER), [DEFAULT], what + "one of its own")
            found.eq(switch.ask(GROUP, tags), [OTHER], what + "multicast")
            hit = vlan_match(True, vid, ())
            found.eq(switch.ask(switch.mac(RECEIVER), tags),
                     [RECEIVER] if hit else [DEFAULT, OTHER], what + "another's address")
            found.eq(OTHER in switch.ask(frames.BROADCAST, tags), True, what + "broadcast")
        switch.set(OTHER, "promisc off")
        found.eq(switch.ask(STRANGER), [DEFAULT], "receivers when it is switched off")


# ---- length ----

def length_limit():
    """The receiver's MTU holds, and up to two tags don't count. Longer is a counted drop."""
    with Switch() as switch, ktap.Mismatches("length") as found:
        switch.set(SENDER, "mtu 9000")
        switch.feature(RECEIVER, "rx-vlan-filter", False)
        address = switch.mac(RECEIVER)
        for mtu, count in itertools.product((1500, 300), range(4)):
            switch.set(RECEIVER, f"mtu {mtu}")
            tags = tuple(frames.tag(10 + n) for n in range(count))
            limit = HEADER + mtu + TAG * min(count, 2)
            for length in (limit, limit + 1):
                fits, what = length <= limit, f"MTU {mtu}, {count} tags, {length} bytes: "
                before = switch.drops(RECEIVER, "rx_drop_oversize")
                found.eq(switch.ask(address, tags, length=length), [RECEIVER] * fits,
                         what + "receivers")
                found.eq(switch.drops(RECEIVER, "rx_drop_oversize") - before, 1 - fits,
                         what + "drops")


def segments():
    """A frame that is still to be cut into segments passes whatever its length."""
    with Switch() as switch:
        sender = switch.vports[SENDER].sender(bypass=True, vnet=True)
        mark = b"segments"
        body = frames.tcp_packet("192.0.2.2", "192.0.2.3", 1000, 2000, mark + bytes(20000))
        frame = frames.ip(switch.mac(RECEIVER), switch.mac(SENDER), body)
        got = switch.who(frame, mark, send=lambda data: sender.send_vnet(
            data, "tcp4", 1400, HEADER + 40, (HEADER + 20, 16)))
        ktap.eq(got, [RECEIVER], "receivers of a frame of 20 kB, to be segmented")
        ktap.eq(switch.drops(RECEIVER, "rx_drop_oversize"), 0, "oversize drops")


def short_frames():
    """A frame cut short inside its tag doesn't confuse the switch."""
    with Switch() as switch:
        address = switch.mac(RECEIVER)
        for frame in (address + STRANGER + b"\x08\x00", address + STRANGER + b"\x81\x00",
                      address + STRANGER + b"\x81\x00\x00"):
            switch.senders[SENDER].send(frame)
        ktap.true(switch.fence(RECEIVER), "frames still arrive")
        sent = switch.vports[SENDER].tool.sum("tx_packets")
        ktap.eq(wait.reaches(lambda: switch.vports[SENDER].tool.sum("tx_completed"), sent,
                             "completions"), sent, "completions of the short frames")


def deleted_filters():
    """A VPort that is deleted leaves no filter behind."""
    with Switch() as switch:
        address, rest = switch.mac(RECEIVER), (DEFAULT, SENDER, OTHER)
        vport = switch.vports[RECEIVER]
        vport.ip(f"maddr add {frames.mac_text(GROUP)} dev {vport.name}")
        switch.set(RECEIVER, "promisc on")
        vport.ip(f"link del {vport.name}")
        ktap.eq(switch.ask(address, among=rest), [DEFAULT], "receivers of its address")
        ktap.eq(switch.ask(GROUP, among=rest), [], "receivers of its group")
        ktap.eq(switch.ask(frames.BROADCAST, among=rest), [DEFAULT, OTHER], "of broadcast")


if __name__ == "__main__":
    ktap.main(own_address, unmatched, own_sender, second_address, address_change,
              receiver_down, vlan_filter, vlan_membership, vlan_devices, flooded_vlan,
              tag_stripping, broadcast, multicast, promiscuous, length_limit, segments,
              short_frames, deleted_filters)
