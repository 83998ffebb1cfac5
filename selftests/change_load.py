#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Settings change under load and nothing is lost.

Numbered UDP flows and TCP streams, IPv4 and IPv6, run between VPorts while one setting
after another changes at either end: tables, keys, field sets, channels, ring sizes,
interrupt affinity, moderation. What was sent must arrive, to the datagram, and by the
counters sent = received with no drop; what changes at the receiver reorders no flow.

    vmmq0v0 ---- UDP ---> vmmq0v1 <--- UDP ---- vmmq0v2       each in a namespace
       ^                                           ^
       +------------------ TCP, both ways ---------+

The load is given in work: each UDP flow has a window of datagrams outstanding, and
vmmq0v1 holds its receive interrupts back, so the windows stand in its rings. A ring has
room for all windows together, so whatever a table says, it can't fill.
"""

import random
import statistics

from lib import cpus, ethtool, ktap, volume, wait
from lib.site import LoadSite

QUEUES = 3
MAX_QUEUES = 6
RING = 256              # frames; more than all windows
FLOWS = 3               # UDP flows for each sender and IP version
WINDOW = 20             # datagrams: 12 flows x 20 = 240
TCP_BUFFER = 32768      # bytes of send buffer
USECS = 10000           # of receive interrupt delay
FILLED = 0.05           # least share of the rings' room, in the median, that frames take
FILLED_WATCHED = 1 / RING
PROGRESS = 64           # datagrams that arrive between two changes
SIZES = (16, 512, 1400)

KEY_SIZE = 40
FIELD_SETS = {"tcp": ("sdfn", "sd", "s", "f", "n", "sdf", "fn"),
              "udp": ("sdfn", "sd", "d", "f", "n", "sdn", "fn")}


class Site(LoadSite):
    """Three VPorts under load. changes counts what was changed."""

    def __init__(self, seed):
        super().__init__(vports=3, queues=QUEUES, max_queues=MAX_QUEUES)
        self.rng = random.Random(seed)
        self.changes = 0
        self.samples = []

    def prepare(self):
        """Addresses, rings, moderation and load."""
        self.bed.set_addresses()
        left, middle, right = self.bed.vports
        for vport in self.bed.vports:
            vport.tool.set_rings(rx=RING, tx=RING)
        middle.ethtool(f"-C {middle.name} adaptive-rx off rx-usecs {USECS} rx-frames 0")
        self.load.tcp(left, right, 1, TCP_BUFFER, 8000)
        self.load.tcp(right, left, 1, TCP_BUFFER, 8000, ipv6=True)
        for n in range(FLOWS):
            for sender in (left, right):
                for ipv6 in (False, True):
                    self.load.udp(sender, middle, 1, WINDOW, SIZES[n], ipv6)
        self.load.go()
        self.load.wait(PROGRESS)

    def sample(self):
        """Notes how full the middle's receive rings are, those its table uses: frames the
        senders handed over and have no completion for yet, by what the rings hold."""
        left, middle, right = self.bed.vports
        standing = 0
        for stats in (left.stats(), right.stats()):
            standing += ethtool.frames_sent(stats)
            standing -= ethtool.queue_sum(stats, "tx_completed")
        rings = len(set(middle.tool.table()))
        self.samples.append(standing / (rings * middle.tool.rings()[0]))

    def change(self, how, vport):
        """Makes one change and lets traffic go on."""
        self.sample()
        how(self, vport)
        self.changes += 1
        self.load.wait(PROGRESS)

    def repeat(self, count, *hows):
        """Makes count changes, each of hows in turn: two of three at the receiver, which must
        keep every flow in order, the rest at the senders, whose own table orders nothing in
        their queueing disciplines. Then checks."""
        left, middle, right = self.bed.vports
        at_receiver = count * 2 // 3
        for n in range(count):
            if n == at_receiver:
                self.check_order()
            vport = middle if n < at_receiver else (left, right)[n % 2]
            self.change(hows[n % len(hows)], vport)
        self.finish(count)

    def check_order(self):
        """No datagram so far was overtaken by a later one of its flow."""
        state = self.load.hold()
        ktap.eq(state.sum("reordered", "udp"), 0,
                f"datagrams out of order after {self.changes} changes at the receiver")
        self.load.go()
        self.load.wait(PROGRESS)

    def finish(self, count):
        """Everything arrived, by number and by the sum rule, and the load was one. Of
        multicast there are but listener reports of IPv6, which nobody takes."""
        state = self.load.hold()
        sent, received, dropped = wait.settled(self.bed.totals)
        reports = sum(int(field(vport, "snmp6", "Icmp6OutMsgs"))
                      for vport in self.bed.vports)
        median = statistics.median(self.samples)
        ktap.diag(f"{self.changes} changes; {state.summary()}")
        ktap.diag(f"counters: sent {sent} ({reports} multicast), received {received}, "
                  f"dropped {dropped}; rings {median:.0%} full in the median, "
                  f"{max(self.samples):.0%} at most")
        self.load.check()
        ktap.eq((sent - reports, dropped), (received, 0), "frames (sent, dropped)")
        ktap.eq(self.changes, count, "changes")
        ktap.true(received >= state.sum("received", "udp"), "counters saw all datagrams")
        ktap.true(all(flow["received"] for flow in state.flows), "every flow moved")
        stats = self.bed.vports[1].stats()
        used = [n for n in range(MAX_QUEUES) if stats[f"rx_queue_{n}_packets"]]
        ktap.true(len(used) > 1, "more than one receive queue had traffic")
        least = FILLED_WATCHED if volume.watched() else FILLED
        ktap.between(median, least, 0.75, "median share of the rings that was filled")


def field(vport, file, name):
    """A counter of /proc/net/FILE in the VPort's namespace, one counter a line."""
    for line in vport.ns.run(f"cat /proc/net/{file}").splitlines():
        words = line.split()
        if words[0] == name:
            return words[1]
    return ktap.fail(f"no {name} in /proc/net/{file}")


# ---- changes: each takes the site and the VPort to change ----

def equal(site, vport):
    """The table spreads over the first queues."""
    vport.ethtool(f"-X {vport.name} equal {site.rng.randint(1, QUEUES)}")


def weight(site, vport):
    """Queues get unequal shares, some of them none."""
    weights = [site.rng.randint(0, 4) for _ in range(QUEUES)]
    weights[site.rng.randrange(QUEUES)] = 3
    vport.ethtool("-X", vport.name, "weight", *weights)


def random_table(site, vport):
    """Any queue in any entry; what is read back is what was set."""
    entries = vport.tool.rss_sizes()[0]
    queues = site.rng.sample(range(QUEUES), site.rng.randint(1, QUEUES))
    table = [site.rng.choice(queues) for _ in range(entries)]
    vport.tool.set_rss(table)
    ktap.eq(vport.tool.table(), table, f"table of {vport.name} read back")


def key(site, vport):
    """A new key: every flow may move."""
    value = site.rng.randbytes(KEY_SIZE)
    vport.tool.set_rss(key=value)
    ktap.eq(vport.tool.key(), value, f"key of {vport.name} read back")


def table_and_key(site, vport):
    """Both in one step."""
    entries = vport.tool.rss_sizes()[0]
    vport.tool.set_rss([site.rng.randrange(QUEUES) for _ in range(entries)],
                       site.rng.randbytes(KEY_SIZE))


def fields(site, vport):
    """Another field set for a flow type."""
    protocol = site.rng.choice(("tcp", "udp"))
    letters = site.rng.choice(FIELD_SETS[protocol])
    flow = protocol + site.rng.choice("46")
    vport.tool.set_fields(flow, letters)
    ktap.eq(vport.tool.fields(flow), letters, f"field set of {flow} read back")


def fields_by_command(site, vport):
    """The same by the command users type."""
    flow = site.rng.choice(("tcp4", "tcp6", "udp4", "udp6"))
    vport.ethtool(f"-N {vport.name} rx-flow-hash {flow} {site.rng.choice(('sd', 'sdfn'))}")


def channels(site, vport):
    """Another number of queue pairs, more or fewer."""
    now = vport.tool.channels()[0]
    count = site.rng.choice([n for n in range(1, MAX_QUEUES + 1) if n != now])
    vport.tool.set_channels(count)
    ktap.eq(vport.tool.channels()[0], count, f"channels of {vport.name} read back")


def rings(site, vport):
    """Other ring sizes, larger or smaller; the receive ring still holds all windows. A
    small TX ring stops its queue often."""
    rx, tx = site.rng.randint(RING, 3 * RING // 2), site.rng.randint(48, 2 * RING)
    vport.tool.set_rings(rx=rx, tx=tx)
    ktap.eq(vport.tool.rings()[:2], (rx, tx), f"rings of {vport.name} read back")


def affinity(site, _):
    """A vector moves to another CPU."""
    irq = site.rng.choice(site.bed.irqs)
    cpu = site.rng.choice(cpus.online())
    cpus.set_affinity(irq, cpu)
    ktap.eq(cpus.effective(irq), cpu, f"CPU of IRQ {irq} read back")


def moderation(site, vport):
    """Receive interrupts come sooner, later, by frames, or as the module sees fit."""
    how = site.rng.choice(("adaptive-rx on", "adaptive-rx off rx-usecs 0 rx-frames 0",
                           f"adaptive-rx off rx-usecs {USECS} rx-frames 0",
                           f"adaptive-rx off rx-usecs {USECS // 2} rx-frames 0",
                           f"adaptive-rx off rx-usecs {USECS} rx-frames 32"))
    vport.ethtool(f"-C {vport.name} {how}")


def any_of_all(site, vport):
    """One of all changes. A table of the user's would stop -L, so the default one is asked
    for before."""
    how = site.rng.choice((random_table, key, table_and_key, fields, channels, rings,
                           affinity))
    if how is channels:
        vport.tool.set_rss([])
    elif how in (random_table, table_and_key) and vport.tool.channels()[0] < QUEUES:
        vport.tool.set_channels(QUEUES)
    how(site, vport)


# ---- cases ----

def tables_by_command():
    """ethtool -X equal and weight."""
    with Site(1) as site:
        site.repeat(volume.of(24, 12), equal, weight)


def random_tables():
    """Random tables by ioctl."""
    with Site(2) as site:
        site.repeat(volume.of(90, 12), random_table)


def keys():
    """Keys, alone and together with a table."""
    with Site(3) as site:
        site.repeat(volume.of(80, 12), key, table_and_key)


def field_sets():
    """ethtool -N rx-flow-hash."""
    with Site(4) as site:
        site.repeat(volume.of(80, 12), fields, fields, fields, fields, fields_by_command)


def channel_counts():
    """ethtool -L, more and fewer."""
    with Site(5) as site:
        site.repeat(volume.of(60, 12), channels)


def ring_sizes():
    """ethtool -G, larger and smaller, both rings."""
    with Site(6) as site:
        site.repeat(volume.of(60, 12), rings)


def vector_affinity():
    """/proc/irq/N/smp_affinity_list."""
    cpus.need(2)
    with Site(7) as site:
        site.repeat(volume.of(80, 12), affinity)


def coalescing():
    """ethtool -C."""
    with Site(8) as site:
        site.repeat(volume.of(24, 12), moderation)


def everything_mixed():
    """All kinds in random order."""
    with Site(9) as site:
        site.repeat(volume.of(120, 12), any_of_all)


if __name__ == "__main__":
    ktap.main(tables_by_command, random_tables, keys, field_sets, channel_counts, ring_sizes,
              vector_affinity, coalescing, everything_mixed)
