#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Programs come, change and go under load and nothing is lost or overtaken; loops of programs
end with their devices.

Numbered UDP flows and TCP streams, IPv4 and IPv6, run from two VPorts to a third, whose
program, table, queues, rings and state change meanwhile. Its programs pass everything and
count it, each in a place of its own.

Each program is also on a VPort of its own that gets no traffic. The kernel calls programs by a
piece of code that it rewrites when one gets its first device or loses its last, and emulated
CPUs may not survive that while they run it."""

import os
import random

from lib import bpf, cpus, frames, ktap, wait
from lib.bed import Bed
from lib.site import LoadSite

SEED = int(os.environ.get("VMMQ_SEED", "4711"))
QUEUES = 4
RING = 1024             # frames; more than all windows
FLOWS, WINDOW = 6, 16   # for each sender and IP version: 2 x 2 x 6 x 16 = 384
PROGRESS = 64           # datagrams that arrive between two changes
PROGRAMS = 3


def counting(table, place, flags=0):
    """A program that counts in a place of a table and passes."""
    return bpf.Program(bpf.Code().counted(table, place).leave(bpf.PASS), flags=flags)


def park(bed, first, programs):
    """Gives each program a VPort that gets no traffic, from number first on."""
    for vport, program in zip(bed.vports[first:], programs):
        bpf.attach(vport, program)


class Site(LoadSite):
    """The VPorts under load, with the programs at hand; none is attached."""

    def __init__(self):
        super().__init__(vports=3 + PROGRAMS, queues=QUEUES, max_queues=QUEUES + 2)

    def prepare(self):
        """Addresses, programs and load."""
        cpus.need(2)
        self.bed.set_addresses()
        self.receiver = self.bed.vports[0]
        self.seen = bpf.Map(bpf.ARRAY, PROGRAMS, size=8)
        self.programs = [counting(self.seen, n, n % 2 * bpf.XDP_HAS_FRAGS)
                         for n in range(PROGRAMS)]
        park(self.bed, 3, self.programs)
        for vport in self.bed.vports[:3]:
            vport.tool.set_rings(rx=RING, tx=RING)
        for sender in self.bed.vports[1:3]:
            for ipv6 in (False, True):
                self.load.udp(sender, self.receiver, FLOWS, WINDOW, 600, ipv6)
        self.load.tcp(self.bed.vports[1], self.receiver, 1, 65536, 8000)
        self.load.go()
        self.load.wait(PROGRESS)

    def settle(self):
        """Everything has arrived and in order."""
        state = self.load.hold()
        ktap.diag(state.summary())
        self.load.check()
        ktap.eq(state.sum("reordered", "udp"), 0, "datagrams out of order")
        ktap.true(state.sum("received", "tcp"), "the stream moved")
        return state


def swap():
    """60 swaps: each program saw frames, and no frame was seen by two or lost."""
    with Site() as site:
        before = site.receiver.tool.sum("rx_xdp_pass")
        for n in range(60):
            bpf.attach(site.receiver, site.programs[n % PROGRAMS])
            site.load.wait(PROGRESS)
        bpf.detach(site.receiver)
        site.settle()
        seen = [site.seen.get(n) for n in range(PROGRAMS)]
        ktap.true(all(seen), f"frames that each program saw: {seen}")
        ktap.eq(site.receiver.tool.sum("rx_xdp_pass") - before, sum(seen),
                "frames counted by the queues and by the programs")


def come_and_go():
    """20 times a program comes and goes, while the table, queues and rings change."""
    rng = random.Random(SEED)
    with Site() as site:
        tool = site.receiver.tool
        for n in range(20):
            bpf.attach(site.receiver, site.programs[n % PROGRAMS])
            tool.set_rss([rng.randrange(2) for _ in range(128)])
            site.load.wait(PROGRESS)
            tool.set_channels(2 + n % (QUEUES + 1))
            tool.set_rings(rx=rng.randrange(512, 2048))
            site.load.wait(PROGRESS)
            tool.set_rss([rng.randrange(tool.channels()[0]) for _ in range(128)])
            bpf.detach(site.receiver)
            site.load.wait(PROGRESS)
        site.settle()
        ktap.true(all(site.seen.get(n) for n in range(PROGRAMS)), "every program saw frames")


def down_and_up():
    """A program stays over down and up, and may come and go while the VPort is down."""
    rng = random.Random(SEED + 1)
    seen = bpf.Map(bpf.ARRAY, 2, size=8)
    with Bed(vports=2, queues=2, max_queues=3) as bed:
        target, source = bed.vports

        def fly(count, place):
            passed = target.receiver()  # one that saw it go down would say so first
            before = seen.get(place)
            sent = [frames.ip(target.mac, source.mac, frames.udp_packet(
                "10.0.0.2", "10.0.0.1", rng.randrange(1, 65536), 9, bytes(90)))
                for _ in range(count)]
            source.sender().send_all(sent)
            ktap.eq(len(passed.wait(count)), count, "frames passed")
            ktap.eq(seen.get(place) - before, count, f"frames that program {place} saw")
        bpf.attach(target, counting(seen, 0))
        fly(20, 0)
        target.down()
        target.up()
        fly(20, 0)
        target.down()
        bpf.attach(target, counting(seen, 1))
        target.up()
        fly(20, 1)
        target.down()
        bpf.detach(target)
        bpf.attach(target, counting(seen, 0))
        target.tool.set_channels(1)
        target.up()
        target.tool.set_channels(3)     # the third is new
        target.tool.set_rss([2] * 128)
        fly(20, 0)


def reflecting():
    """A program that sends every IPv4 frame back with its addresses exchanged."""
    code = bpf.Code().headers(14, "pass").load("h", 1, 7, 12).when("ne", 1, 8, "pass")
    code.load("w", 1, 7, 0).load("h", 2, 7, 4).load("w", 3, 7, 6).load("h", 4, 7, 10)
    code.store("w", 7, 0, 3).store("h", 7, 4, 4).store("w", 7, 6, 1).store("h", 7, 10, 2)
    return bpf.Program(code.leave(bpf.TX).label("pass").leave(bpf.PASS))


def loop(bed, programs, end):
    """Frames that go round between two VPorts until end() is called; none is unaccounted
    for."""
    target, source = bed.vports[:2]
    rng = random.Random(SEED + 2)
    park(bed, 2, programs)
    park(bed, 0, programs)
    for _ in range(64):
        source.sender().send(frames.ip(target.mac, source.mac, frames.udp_packet(
            "10.0.0.2", "10.0.0.1", rng.randrange(1, 65536), 9, bytes(90))))
    wait.reaches(lambda: source.tool.sum("tx_xdp_packets"), 2000, "frames going round")
    end()
    wait.settled(bed.totals)
    sent, received, dropped = bed.totals()
    ktap.eq(sent, received + dropped, "frames sent, and received or counted as dropped")


def tx_loop():
    """XDP_TX at both ends; a VPort goes down, then the module is unloaded in the loop."""
    for take_down in (True, False):
        with Bed(vports=4, queues=2) as bed:
            def end():
                # pylint: disable=cell-var-from-loop
                if take_down:
                    bed.vports[0].down()
                else:
                    bpf.detach(bed.vports[0])
            loop(bed, [reflecting(), reflecting()], end)
    with Bed(vports=2, queues=2) as bed:
        for vport in bed.vports:
            bpf.attach(vport, reflecting())
        target, source = bed.vports
        for port in range(1, 65):
            source.sender().send(frames.ip(target.mac, source.mac, frames.udp_packet(
                "10.0.0.2", "10.0.0.1", port, 9, bytes(90))))
        wait.reaches(lambda: source.tool.sum("tx_xdp_packets"), 2000, "frames going round")


def redirect_loop():
    """Two VPorts that redirect each other's frames back send them round until one is down."""
    with Bed(vports=4, queues=2) as bed:
        target, source = bed.vports[:2]
        devices = bpf.Map(bpf.DEVMAP, 2)
        programs = []
        for n, vport in enumerate((target, source)):
            devices.set(n, vport.ifindex, ns=vport.ns)
            other = bed.vports[1 - n].mac
            code = bpf.Code().headers(14, "pass").load("h", 1, 7, 12).when("ne", 1, 8, "pass")
            for place in range(6):
                code.put("b", 7, place, other[place])
            code.map(1, devices).set(2, n).set(3, 0).call(bpf.REDIRECT_MAP).leave()
            programs.append(bpf.Program(code.label("pass").leave(bpf.PASS)))
        loop(bed, programs, target.down)
        target.up()
        bpf.detach(source)
        before = source.tool.sum("rx_packets")
        source.sender().send(frames.ip(target.mac, source.mac, frames.udp_packet(
            "10.0.0.2", "10.0.0.1", 8, 9, bytes(90))))
        wait.reaches(lambda: source.tool.sum("rx_packets"), before + 1, "the frame to be back")


if __name__ == "__main__":
    ktap.main(swap, come_and_go, down_and_up, tx_loop, redirect_loop)
