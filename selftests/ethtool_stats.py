#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The standard statistics of ethtool: what the MAC counts equals what the test has sent,
frame by frame. Sizes and octets include the frame check sequence, 4 bytes."""

import json
import struct

from lib import bed, frames, ktap, load, wait

FCS = 4
LEFT, RIGHT = range(2)
BROADCAST = b"\xff" * 6
GROUP = bytes.fromhex("01005e000001")
PAUSE = bytes.fromhex("0180c2000001")
CONTROL = 0x8808
TYPE = 0x88b5           # for experiments
RANGES = ((0, 64), (65, 127), (128, 255), (256, 511), (512, 1023), (1024, 1518),
          (1519, 2047), (2048, 4095), (4096, 8191), (8192, 65535))
NEVER = ("SingleCollisionFrames", "MultipleCollisionFrames", "FrameCheckSequenceErrors",
         "AlignmentErrors", "FramesWithDeferredXmissions", "LateCollisions",
         "FramesAbortedDueToXSColls", "CarrierSenseErrors", "FramesWithExcessiveDeferral",
         "FramesLostDueToIntMACXmitError", "FramesLostDueToIntMACRcvError")


def group(vport, name):
    """A group of counters."""
    shown = json.loads(vport.ethtool(f"--json -S {vport.name} --groups {name}"))
    return shown[0][name]


def sizes(vport):
    """({range: frames received}, {range: frames sent})."""
    shown = group(vport, "rmon")
    return tuple({(entry["low"], entry["high"]): entry["val"]
                  for entry in shown[f"{way}-pktsNtoM"]} for way in ("rx", "tx"))


def pauses(vport):
    """(pause frames sent, received)."""
    shown = json.loads(vport.ethtool(f"-I --json -a {vport.name}"))[0]["statistics"]
    return shown["tx_pause_frames"], shown["rx_pause_frames"]


def grown(before, after, wanted, what):
    """Fails unless the counters have grown by what is wanted, and all others not at all."""
    with ktap.Mismatches(what) as m:
        for key in after:
            m.eq(after[key] - before[key], wanted.get(key, 0), str(key))
        for key in wanted.keys() - after.keys():
            m.add(f"{key} is missing")


def frame(site, length, dst=None, ethertype=TYPE):
    """A frame of so many bytes from the left to the right VPort."""
    head = (dst or site.vports[RIGHT].mac) + site.vports[LEFT].mac
    return (head + struct.pack("!H", ethertype)).ljust(length, b"x")


def traffic():
    """Frames, octets, groups and broadcasts in the directions they went, and no error."""
    with bed.Bed(vports=2, queues=3) as site:
        left, right = site.vports
        right.ip(f"link set {right.name} allmulticast on")
        counts = {right.mac: 7, GROUP: 5, BROADCAST: 3}
        sent = [frame(site, 60 + n, dst) for dst in counts for n in range(counts[dst])]
        before = [group(vport, "eth-mac") for vport in site.vports]
        left.sender().send_all(sent)
        site.drained()
        after = [group(vport, "eth-mac") for vport in site.vports]
        octets = sum(len(f) + FCS for f in sent)
        grown(before[LEFT], after[LEFT],
              {"FramesTransmittedOK": len(sent), "OctetsTransmittedOK": octets,
               "MulticastFramesXmittedOK": counts[GROUP],
               "BroadcastFramesXmittedOK": counts[BROADCAST]}, "sender")
        grown(before[RIGHT], after[RIGHT],
              {"FramesReceivedOK": len(sent), "OctetsReceivedOK": octets,
               "MulticastFramesReceivedOK": counts[GROUP],
               "BroadcastFramesReceivedOK": counts[BROADCAST]}, "receiver")
        for vport in site.vports:
            shown = group(vport, "eth-mac")
            for name in NEVER:
                ktap.eq(shown[name], 0, f"{vport.name} {name}")


def histogram():
    """A frame at both ends of each range is in that range, at sender and receiver."""
    with bed.Bed(vports=2, queues=1) as site:
        left, right = site.vports
        for vport in site.vports:
            vport.ip(f"link set {vport.name} mtu 9000")
        before = [sizes(vport) for vport in site.vports]
        ktap.eq(tuple(before[LEFT][0]), RANGES, "ranges")
        wanted, sender = {}, left.sender()
        for n, (low, high) in enumerate(RANGES):
            for size in (max(low, 60 + FCS), min(high, 9000 + 14 + FCS)):
                for _ in range(n + 1):
                    sender.send(frame(site, size - FCS))
                wanted[low, high] = wanted.get((low, high), 0) + n + 1
        site.drained()
        after = [sizes(vport) for vport in site.vports]
        for vport, rx, tx in ((LEFT, {}, wanted), (RIGHT, wanted, {})):
            grown(before[vport][0], after[vport][0], rx, f"received by {vport}")
            grown(before[vport][1], after[vport][1], tx, f"sent by {vport}")
        right.ip(f"link set {right.name} mtu 1000")
        sender.send(frame(site, 1015))
        sender.send(frame(site, 1014))
        site.drained()
        ktap.eq(group(right, "eth-mac")["FrameTooLongErrors"], 1, "frames too long")
        ktap.eq(group(right, "rmon")["etherStatsOversizePkts"], 1, "oversize packets")


def segments():
    """A frame that stands for several counts as those: full ones and a last one."""
    with bed.Bed(vports=2, queues=1) as site:
        left, right = site.vports
        payload, size = 5 * 700 + 100, 700
        packet = frames.tcp_packet("192.0.2.1", "192.0.2.2", 7, 8, bytes(payload))
        whole = frames.ip(right.mac, left.mac, packet)
        headers = len(whole) - payload
        before = [sizes(vport) for vport in site.vports]
        left.sender(vnet=True).send_vnet(whole, "tcp4", size, linear=headers,
                                         csum=(34, 16))
        wait.until(lambda: sum(sizes(right)[0].values()) - sum(before[RIGHT][0].values())
                   >= 6, "the segments")
        after = [sizes(vport) for vport in site.vports]
        wanted = {(512, 1023): 5, (128, 255): 1}
        ktap.eq(headers, 54, "headers")     # 754 + 4 and 154 + 4
        grown(before[LEFT][1], after[LEFT][1], wanted, "sent")
        grown(before[RIGHT][0], after[RIGHT][0], wanted, "received")


def length_field():
    """A length field that is none, or that disagrees with the frame's length."""
    with bed.Bed(vports=2, queues=1) as site:
        right = site.vports[RIGHT]
        sender = site.vports[LEFT].sender()
        before = group(right, "eth-mac")
        lengths = ((60, 46), (60, 20), (114, 100), (114, 0),    # right, padded, right, none
                   (60, 100), (114, 46), (114, 20), (115, 100),
                   (60, 1501), (60, 1535))
        for length, field in lengths:
            sender.send(frame(site, length, ethertype=field))
        site.drained()
        after = group(right, "eth-mac")
        ktap.eq(after["FramesReceivedOK"] - before["FramesReceivedOK"], len(lengths), "frames")
        for name, count in (("InRangeLengthErrors", 4), ("OutOfRangeLengthField", 2)):
            ktap.eq(after[name] - before[name], count, name)


def control():
    """Control frames of software: the MACs see those to everybody, to themselves and to the
    address of pause frames, whatever their filters."""
    with bed.Bed(vports=3, queues=1) as site:
        left, right, third = site.vports
        pause = lambda dst: frame(site, 14, dst, CONTROL) + struct.pack("!HH", 1, 9) + bytes(42)
        other = lambda dst: frame(site, 14, dst, CONTROL) + struct.pack("!H", 7) + bytes(44)
        before = [(group(v, "eth-ctrl"), pauses(v)) for v in site.vports]
        left.sender().send_all([pause(PAUSE)] * 5 + [other(BROADCAST)] * 3
                               + [other(right.mac)] * 2)
        wait.until(lambda: group(left, "eth-ctrl")["MACControlFramesTransmitted"]
                   - before[LEFT][0]["MACControlFramesTransmitted"] == 10, "ten sent")
        for vport, sent, received, unknown, xoff in ((left, 10, 0, 0, (5, 0)),
                                                     (right, 0, 10, 5, (0, 5)),
                                                     (third, 0, 8, 3, (0, 5))):
            was, paused = before[vport.number]
            grown(was, group(vport, "eth-ctrl"),
                  {"MACControlFramesTransmitted": sent, "MACControlFramesReceived": received,
                   "UnsupportedOpcodesReceived": unknown}, vport.name)
            ktap.eq(tuple(a - b for a, b in zip(pauses(vport), paused)), xoff,
                    f"pause frames of {vport.name}")


def pause_of_full_rings():
    """Each time a full ring stops a sender its VPort has sent a pause frame and the sender's
    VPort has received one."""
    with bed.Bed(vports=2, queues=1) as site:
        site.set_addresses(ipv6=False)
        left, right = site.vports
        right.tool.set_rings(rx=16)
        right.ethtool(f"-C {right.name} adaptive-rx off rx-usecs 10000 rx-frames 0")
        left.ethtool(f"-A {left.name} autoneg off rx on tx off")
        right.ethtool(f"-A {right.name} autoneg off rx off tx on")
        with load.Load() as flood:
            flood.udp(left, right, 2, 64, 64)
            flood.go()
            wait.reaches(lambda: left.tool.sum("tx_pause"), 3, "pauses")
            flood.hold()
            flood.check()
        stopped = left.tool.sum("tx_pause")
        ktap.eq(pauses(left), (0, stopped), "pause frames of the sender")
        ktap.eq(pauses(right), (stopped, 0), "pause frames of the receiver")


def kept():
    """Nothing is forgotten when queues go, rings change or the link goes down."""
    with bed.Bed(vports=2, queues=4) as site:
        left, right = site.vports
        sender = left.sender()
        sender.send_all([frame(site, 60 + n) for n in range(50)])
        site.drained()
        before = [(group(v, "eth-mac"), sizes(v)) for v in site.vports]
        for vport in site.vports:
            vport.tool.set_channels(1)
            vport.tool.set_rings(rx=64, tx=64)
            vport.down()
            vport.up()
        after = [(group(v, "eth-mac"), sizes(v)) for v in site.vports]
        ktap.eq(after, before, "counters")
        sender.send(frame(site, 60))
        site.drained()
        ktap.eq(sizes(right)[0][0, 64], before[RIGHT][1][0][0, 64] + 1, "goes on counting")


if __name__ == "__main__":
    ktap.main(traffic, histogram, segments, length_field, control, pause_of_full_rings, kept)
