#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# vm: own-boot timeout=3000
"""Steering changes thousands of times under load; nothing is lost and nothing overtakes.

    vmmq0v0 --\\
    vmmq0v2 ---+--- 80 UDP flows and 2 TCP streams each, IPv4 and IPv6 ---> vmmq0v1
    vmmq0v3 --/

Every datagram is numbered and the receiving sockets count those that a later one of their
flow has overtaken; of TCP the receiver's stack counts segments out of order. vmmq0v1's NAPIs
are threads of the lowest priority, so its rings are never empty for long, and each flow
sends again as soon as one of its datagrams is out: frames of a moved flow meet older ones
almost always. A ring has room for all that can be outstanding. The last case switches the
ordering off and has to see flows out of order."""

import os
import random
import resource
import threading

from lib import cpus, ethtool, family, ktap, tracing, volume, wait
from lib.site import LoadSite

QUEUES = 4              # one for each CPU
MAX_QUEUES = 6
ENTRIES = 16            # so that each has flows
RING = 4096             # frames; more than all windows
UDP_FLOWS = 40          # for each sender and IP version
WINDOW = 8              # datagrams: 3 senders x 2 x 40 x 8 = 1920
WORKERS = 4             # pairs of threads
TCP_BUFFER = 65536      # bytes of send buffer
PROGRESS = 24           # datagrams that arrive between two changes
KEY_SIZE = 40
SIZES = (64, 256, 1024)
RECEIVER = 1

ORDER = "/sys/module/vmmq/parameters/order"


def napi_threads():
    """Process ids of the NAPI threads."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                if file.read().startswith("napi/"):
                    found.append(int(pid))
        except OSError:
            pass
    return found


class Course(LoadSite):
    """Four VPorts under load, changed at the receiver."""

    def __init__(self, seed, slow=True, merge=False, udp=UDP_FLOWS):
        """slow: NAPI threads of the lowest priority; merge: GRO of UDP; udp: flows for each
        sender and IP version."""
        super().__init__({"workers": WORKERS, "merge": merge, "nice": 0}, vports=4,
                         queues=QUEUES, max_queues=MAX_QUEUES, entries=ENTRIES)
        self.rng = random.Random(seed)
        self.slow, self.udp = slow, udp
        self.counts = {}
        self.usecs = 600        # other than what any change sets
        self.mover = None
        self.family = None

    def close(self):
        """Ends the load and the connections to the family."""
        super().close()
        if self.mover:
            self.mover.close()
        if self.family:
            self.family.close()

    def prepare(self):
        """Addresses, rings and load."""
        cpus.need(QUEUES)
        self.bed.set_addresses()
        for vport in self.bed.vports:
            vport.tool.set_rings(rx=RING, tx=RING)
            # A slow receiver makes TCP time out, and it then changes its hash: the sender's
            # own table gives such a stream another TX queue, in the middle of it.
            vport.ns.sysctl("net/core/txrehash", 0)
        self.receiver = self.bed.vports[RECEIVER]
        self.family = family.Family()
        self.mover = family.Mover(self.family, self.bed.adapter)
        self.cpus = [self.bed.queue_cpu(queue) for queue in range(QUEUES)]
        for n, sender in enumerate(v for v in self.bed.vports if v is not self.receiver):
            for ipv6 in (False, True):
                self.load.udp(sender, self.receiver, self.udp, WINDOW, SIZES[n], ipv6)
                self.load.tcp(sender, self.receiver, 1, TCP_BUFFER, 8000, ipv6)
        if self.slow:
            self.receiver.ns.sysfs(f"class/net/{self.receiver.name}/threaded", 1)
        self.slow_down()
        self.load.go()
        self.load.wait(PROGRESS)

    def slow_down(self):
        """NAPI threads run when nobody else wants to."""
        for pid in napi_threads() if self.slow else ():
            os.setpriority(os.PRIO_PROCESS, pid, 19)

    def move(self, *moves):
        """One request of (entry, CPU)."""
        errors = self.mover.move([(RECEIVER, entry, cpu) for entry, cpu in moves])
        ktap.eq(errors, [0] * len(moves), f"errors of the moves {moves}")

    def run(self, count, *hows):
        """Makes count changes, of hows at random; traffic goes on between them."""
        for _ in range(count):
            how = self.rng.choice(hows)
            how(self)
            self.counts[how.__name__] = self.counts.get(how.__name__, 0) + 1
            self.load.wait(PROGRESS)

    def tcp(self, name):
        """A counter of the stacks' TCP, added up."""
        total = 0
        for vport in self.bed.vports:
            lines = vport.ns.run("cat /proc/net/netstat").splitlines()
            names, values = next((a.split(), b.split()) for a, b in zip(lines[::2], lines[1::2])
                                 if a.startswith("TcpExt:"))
            total += int(values[names.index(name)])
        return total

    def out_of_order(self):
        """Segments of TCP that the receiver's stack has found out of order."""
        return self.tcp("TCPOFOQueue")

    def finish(self):
        """Everything has arrived, by number and by the counters. Returns the State."""
        state = self.load.hold()
        reports = sum(int(word) for vport in self.bed.vports for name, word in (
            line.split() for line in vport.ns.run("cat /proc/net/snmp6").splitlines())
            if name == "Icmp6OutMsgs")
        sent, received, dropped = wait.settled(self.bed.totals)
        stats = self.receiver.stats()
        ktap.diag("; ".join(f"{name} {n}" for name, n in sorted(self.counts.items())))
        ktap.diag(state.summary())
        ktap.diag(f"entries moved {stats['rss_entries_moved']}, frames that waited "
                  f"{ethtool.queue_sum(stats, 'rx_waited')}, longest drain "
                  f"{stats['rss_longest_drain_ns'] / 1e6:.1f} ms; TCP: out of order "
                  f"{self.out_of_order()}, timeouts {self.tcp('TCPTimeouts')}, rehashed "
                  f"{self.tcp('TcpTimeoutRehash')}")
        self.load.check()
        ktap.eq((sent - reports, dropped), (received, 0), "frames (sent, dropped)")
        ktap.true(all(flow["received"] for flow in state.flows), "every flow moved")
        for vport in self.bed.vports:
            ktap.eq(vport.tool.sum("tx_stop"), 0, f"TX queue stops of {vport.name}")
        return state

    def in_order(self):
        """finish(), and no flow was out of order. Returns the State."""
        state = self.finish()
        ktap.eq(state.sum("reordered", "udp"), 0, "datagrams overtaken")
        ktap.eq(self.out_of_order(), 0, "TCP segments out of order")
        return state


# ---- changes ----

def single(course):
    """One entry to some CPU."""
    course.move((course.rng.randrange(ENTRIES), course.rng.choice(course.cpus)))


def there_and_back(course):
    """A to B to A, twice, without a pause."""
    entry = course.rng.randrange(ENTRIES)
    one, other = course.rng.sample(course.cpus, 2)
    for cpu in (one, other, one, other, one):
        course.move((entry, cpu))


def opposite(course):
    """Entries of A to B and those of B to A, in a request or in two."""
    one, other = course.rng.sample(course.cpus, 2)
    half = course.rng.sample(range(ENTRIES), ENTRIES // 2)
    course.move(*[(entry, one if entry in half else other) for entry in range(ENTRIES)])
    swap = [(entry, other if entry in half else one) for entry in range(ENTRIES)]
    if course.rng.randrange(2):
        course.move(*swap)
    else:
        course.move(*[m for m in swap if m[1] == one])
        course.move(*[m for m in swap if m[1] == other])


def chain(course):
    """A to B to C to D, and on, without a pause."""
    entries = course.rng.sample(range(ENTRIES), course.rng.randint(1, 4))
    for cpu in course.rng.sample(course.cpus, len(course.cpus)):
        course.move(*[(entry, cpu) for entry in entries])


def batch(course):
    """Many entries anywhere, groups of one VPort."""
    entries = course.rng.sample(range(ENTRIES), ENTRIES // 2)
    course.move(*[(entry, course.rng.choice(course.cpus)) for entry in entries])


def table(course):
    """Another table by ethtool's ioctl."""
    course.receiver.tool.set_rss([course.rng.randrange(QUEUES) for _ in range(ENTRIES)])


def key(course):
    """Another key: every flow may move."""
    course.receiver.tool.set_rss(key=course.rng.randbytes(KEY_SIZE))


def fields(course):
    """Another field set."""
    course.receiver.tool.set_fields("udp" + course.rng.choice("46"),
                                    course.rng.choice(("sdfn", "sd", "n", "fn")))


def rss_state(course):
    """RSS off and on again."""
    for state in ("off", "on"):
        course.family.do("rss-set", adapter=course.bed.adapter, vport=RECEIVER, state=state)


def processors(course):
    """Another default processor, another primary one."""
    course.family.do("rss-set", adapter=course.bed.adapter, vport=RECEIVER,
                     default_cpu=course.rng.choice(course.cpus),
                     primary_cpu=course.rng.choice(course.cpus))


def channels(course):
    """Another number of queue pairs. A user's table stands in the way, and a default
    processor of its own: they go first, and what the table was comes back."""
    before = course.receiver.tool.table()
    course.receiver.tool.set_rss([])
    course.family.do("rss-set", adapter=course.bed.adapter, vport=RECEIVER, default_queue=0)
    for count in (course.rng.choice((1, 2, 3, 5, 6)), QUEUES):
        course.receiver.tool.set_channels(count)
        course.slow_down()
        course.load.wait(PROGRESS)
    course.receiver.tool.set_rss([queue % QUEUES for queue in before])


def affinity(course):
    """Two vectors change places."""
    irqs = course.rng.sample(course.bed.irqs, 2)
    places = [cpus.effective(irq) for irq in irqs]
    for irq, cpu in zip(irqs, reversed(places)):
        cpus.set_affinity(irq, cpu)


def rings(course):
    """Other ring sizes, still with room for all."""
    course.receiver.tool.set_rings(rx=course.rng.randint(RING // 2, 2 * RING))


def coalescing(course):
    """Interrupts come sooner or later."""
    # Never what is set already: ethtool calls that an error.
    course.usecs = (course.usecs + course.rng.randint(1, 500)) % 600
    course.receiver.ethtool(f"-C {course.receiver.name} rx-usecs {course.usecs}")


MOVES = (single, there_and_back, opposite, chain, batch)
CHANGES = (table, key, fields, rss_state, processors, affinity)


# ---- cases ----

def waited(trace, course):
    """Checks that in most moves a frame had to wait."""
    starts = trace.events("move_start", ifindex=course.receiver.ifindex)
    ends = trace.events("move_end", ifindex=course.receiver.ifindex)
    held = sum(event.waited > 0 for event in ends)
    ktap.diag(f"moves: {len(starts)} begun, {len(ends)} ended, in {held} a frame waited")
    ktap.eq(len(starts), len(ends), "moves that ended, of those begun")
    ktap.true(2 * held > len(ends), f"a frame waited in {held} of {len(ends)} moves")


def moves(merge):
    """Entry moves of all kinds."""
    with Course(1, merge=merge) as course, tracing.Trace("move_start", "move_end") as trace:
        if not merge:
            course.receiver.ethtool(f"-K {course.receiver.name} gro off")
        course.run(volume.of(500), *MOVES)
        state = course.in_order()
        waited(trace, course)
        ktap.eq(state.sum("merged", "udp") > 0, merge, "datagrams came merged")


def moves_without_gro():
    """Entry moves of all kinds, each frame on its own."""
    moves(False)


def moves_with_gro():
    """Entry moves of all kinds while GRO merges TCP and UDP."""
    moves(True)


def changes():
    """Tables, keys, field sets, RSS on and off, processors and vectors, between moves."""
    with Course(2, merge=True) as course:
        course.run(volume.of(500), *CHANGES, single, opposite)
        course.in_order()


def queues_and_rings():
    """Queue pairs, ring sizes and coalescing, between moves."""
    with Course(3, merge=True) as course:
        course.run(volume.of(60, 15), channels, rings, coalescing, single, key)
        course.in_order()


def interrupts():
    """Everything, with NAPIs in softirq as they are by default."""
    with Course(4, slow=False) as course:
        course.run(volume.of(400), *MOVES, *CHANGES, channels, rings)
        course.in_order()


def changes_wait_for_nothing():
    """A table, key, entry or field set changes without the caller ever having to sleep, as
    it would for a grace period: mostly it keeps its CPU until it is done."""
    with Course(5, slow=False) as course:
        for how in (table, key, single, fields):
            slept = 0
            for _ in range(100):
                before = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
                how(course)
                slept += resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw > before
                course.load.wait(1)
            ktap.diag(f"{how.__name__}: slept in {slept} of 100")
            ktap.true(slept < 50, f"{how.__name__}: the caller slept in {slept} of 100 changes")
        course.in_order()


def two_who_change():
    """Two processes move entries of the receiver at the same time."""
    with Course(6) as course:
        other = family.Mover(course.family, course.bed.adapter)
        stop = threading.Event()
        done = []

        def mover():
            rng = random.Random(7)
            while not stop.is_set():
                done.append(other.move([(RECEIVER, rng.randrange(ENTRIES),
                                         rng.choice(course.cpus)) for _ in range(3)]))
        thread = threading.Thread(target=mover)
        thread.start()
        try:
            course.run(volume.of(150), *MOVES, table, key)
        finally:
            stop.set()
            thread.join()
            other.close()
        ktap.true(len(done) > volume.of(100), f"the other made {len(done)} moves")
        ktap.eq([errors for errors in done if any(errors)], [], "refused moves")
        course.in_order()


def without_ordering():
    """With the ordering switched off the same changes do put flows out of order, and still
    lose nothing: the test can fail."""
    with Course(1) as course:
        with open(ORDER, "w", encoding="ascii") as file:
            file.write("0")
        course.run(100, *MOVES)
        state = course.finish()
        ktap.true(state.sum("reordered", "udp") > 0, "datagrams overtaken")


if __name__ == "__main__":
    ktap.main(moves_without_gro, moves_with_gro, changes, queues_and_rings, interrupts,
              changes_wait_for_nothing, two_who_change, without_ordering)
