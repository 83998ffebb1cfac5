#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A full receive ring: a counted drop, or with pause agreed on by both ends, a sender that
waits. Whatever happens to the receiver, who waits for it goes on.

    vmmq0v0 ---- UDP ----> vmmq0v1          each in a namespace
        \\---- UDP ----> vmmq0v2

vmmq0v1 has a ring of 16 frames and holds its receive interrupts back; more than 16 are
outstanding all the time. Every VPort has one queue, so both streams of vmmq0v0 share one.
"""

import itertools

from lib import bed, cpus, family, ktap, load, module, tracing, volume, wait

RING = 16
FLOWS = 4
WINDOW = 48             # datagrams of each flow: 192 for a ring of 16
USECS = 10000
WORK = volume.of(400, 100)      # datagrams that must arrive in a phase

PAUSES = volume.of(4000, 1000)  # of a run that is about pauses alone
XMIT, BUSY = "net/net_dev_xmit", 16     # a frame given to a device, and NETDEV_TX_BUSY

SENDER, RECEIVER, OTHER = range(3)

# sender rx, tx, receiver rx, tx: without both sender rx and receiver tx
NOT_AGREED = ((True, False, False, False), (False, False, False, True),
              (False, True, True, False), (True, True, True, False),
              (False, True, True, True))


class Site(bed.Bed):
    """The arrangement above with addresses, IPv4 only: all traffic is the test's own."""

    def __init__(self, **parameters):
        super().__init__(**dict({"vports": 3, "queues": 1}, **parameters))

    def __enter__(self):
        super().__enter__()
        try:
            self.set_addresses(ipv6=False)
            self.slow_down()
        except BaseException:
            self._close()
            raise
        return self

    def slow_down(self):
        """Makes the receiver one that is often full."""
        receiver = self.vports[RECEIVER]
        receiver.tool.set_rings(rx=RING)
        receiver.ethtool(f"-C {receiver.name} adaptive-rx off rx-usecs {USECS} rx-frames 0")

    def pause(self, number, rx, tx):
        """Whether a VPort obeys pause frames (rx) and whether it sends them (tx)."""
        vport = self.vports[number]
        words = [f"{key} {'on' if on else 'off'}" for key, on in (("rx", rx), ("tx", tx))]
        vport.ethtool(f"-A {vport.name} autoneg off {' '.join(words)}")

    def agree(self, on=True):
        """Pause at both ends of the first stream."""
        self.pause(SENDER, on, False)
        self.pause(RECEIVER, False, on)

    def flood_ring(self, traffic, flows=FLOWS, receiver=RECEIVER, sender=SENDER, **options):
        """Adds the stream that overfills the receiver's ring."""
        traffic.udp(self.vports[sender], self.vports[receiver], flows, WINDOW, 64, **options)

    def pauses(self, number=SENDER):
        """How often the queues of a VPort were stopped by a full ring."""
        return self.vports[number].tool.sum("tx_pause")

    def missed(self, number=RECEIVER):
        """Frames that found the rings of a VPort full."""
        return self.vports[number].tool.sum("rx_missed")

    def await_pause(self):
        """Until the sender has been stopped once more."""
        wait.reaches(self.pauses, self.pauses() + 1, "pauses of the sender")

    def settle(self, traffic):
        """Holds the traffic; the sum rule must hold. Returns the State of it."""
        state = traffic.hold()
        sent, received, dropped = wait.settled(self.totals)
        ktap.diag(f"{state.summary()}; counters: sent {sent}, received {received}, dropped "
                  f"{dropped}; pauses {self.pauses()}")
        ktap.eq(received + dropped, sent, "frames received and dropped")
        return state


def lossy_run(site, what):
    """Traffic that must lose frames at the full ring and nowhere else, without a pause."""
    missed, pauses = site.missed(), site.pauses()
    with load.Load(tolerant=True) as traffic:
        site.flood_ring(traffic)
        traffic.go()
        traffic.wait(WORK)
        state = site.settle(traffic)
    missed = site.missed() - missed
    ktap.true(missed, f"{what}: the ring was full at times")
    ktap.eq(state.sum("missing"), missed, f"{what}: datagrams missing, by their numbers")
    ktap.eq(site.pauses(), pauses, f"{what}: pauses")


def dropped_by_default():
    """Without pause a full ring drops, and counts."""
    with Site() as site:
        lossy_run(site, "default")
        sent, received, dropped = site.totals()
        ktap.eq(dropped, site.missed(), f"all drops of {sent} sent, {received} received")


def paused():
    """With pause at both ends nothing is lost and the sender's queue was stopped."""
    with Site() as site:
        site.agree()
        with load.Load() as traffic:
            site.flood_ring(traffic)
            traffic.go()
            traffic.wait(5 * WORK)
            ktap.eq(site.settle(traffic).sum("reordered"), 0, "datagrams out of order")
            traffic.check()
        ktap.eq(site.totals()[2], 0, "frames dropped")
        ktap.true(site.pauses(), "the sender's queue was stopped")


def waits_unused():
    """While a frame waits its queue is not used, whoever completes frames on another CPU
    meanwhile: none is given back to a queueing discipline, and none is overtaken."""
    cpus.need(4)
    with Site(wire=1) as site, load.Load() as traffic:
        control = family.Family()
        site.undo(control.close)
        receiver = site.vports[RECEIVER]
        receiver.ethtool(f"-C {receiver.name} adaptive-rx off rx-usecs 0 rx-frames 0")
        site.pause(RECEIVER, False, True)
        for number, cpu in ((SENDER, cpus.online()[1]), (OTHER, cpus.online()[2])):
            site.pause(number, True, False)
            control.do("rss-set", adapter=site.adapter, vport=number, default_cpu=cpu,
                       cpus=family.words([cpu] * site.vports[number].tool.rss_sizes()[0]))
            site.flood_ring(traffic, sender=number)
            traffic.tcp(site.vports[number], receiver, 1, 1 << 18, 60000)
        with tracing.Trace(XMIT, filters={XMIT: f"rc == {BUSY}"}) as trace:
            traffic.go()
            wait.reaches(lambda: site.pauses() + site.pauses(OTHER), PAUSES, "pauses")
            state = site.settle(traffic)
            for number in (SENDER, OTHER):
                tool = site.vports[number].tool
                ktap.eq((tool.sum("tx_stop"), tool.sum("tx_wake")), (0, 0),
                        f"stops for want of room and wakes by completions, VPort {number}")
            ktap.eq([event.dev for event in trace.events()], [], "frames given back")
        ktap.eq(state.sum("reordered"), 0, "datagrams out of order")
        traffic.check()
        ktap.eq(site.totals()[2], 0, "frames dropped")


def one_end_only():
    """Pause counts only if the receiver sends it and the sender obeys it."""
    with Site() as site:
        for sender_rx, sender_tx, receiver_rx, receiver_tx in NOT_AGREED:
            site.pause(SENDER, sender_rx, sender_tx)
            site.pause(RECEIVER, receiver_rx, receiver_tx)
            lossy_run(site, f"sender rx {sender_rx} tx {sender_tx}, "
                            f"receiver rx {receiver_rx} tx {receiver_tx}")


def floods_never_wait():
    """Broadcast to a full ring is dropped there, pause or not."""
    with Site() as site:
        for number in (SENDER, RECEIVER, OTHER):
            site.pause(number, True, True)
        with load.Load(tolerant=True) as traffic:
            site.flood_ring(traffic, to="192.0.2.255")
            traffic.go()
            traffic.wait(WORK)
            traffic.hold()
        ktap.true(site.missed(), "the ring was full at times")
        ktap.eq(site.pauses(), 0, "pauses of the sender")


def switched_off_while_paused():
    """When either end switches pause off, who waits goes on."""
    with Site() as site:
        site.agree()
        with load.Load(tolerant=True) as traffic:
            site.flood_ring(traffic)
            traffic.go()
            for end, _ in itertools.product((SENDER, RECEIVER), range(4)):
                site.await_pause()
                site.pause(end, False, False)
                pauses = site.pauses()
                traffic.wait(WORK)
                ktap.eq(site.pauses(), pauses, "pauses while one end has it off")
                site.agree()
                traffic.wait(WORK)
            ktap.true(site.missed(), "the ring dropped meanwhile")
            site.settle(traffic)


def changed_while_paused():
    """Other ring sizes, queue counts and tables at the receiver: who waits goes on, and
    nothing is lost."""
    with Site(max_queues=4) as site:
        site.agree()
        tool = site.vports[RECEIVER].tool
        with load.Load() as traffic:
            site.flood_ring(traffic)
            traffic.go()
            for turn in range(12):
                site.await_pause()
                if turn % 3 == 0:
                    tool.set_rings(rx=RING + turn)
                elif turn % 3 == 1:
                    tool.set_channels(1 + turn % 4)
                else:
                    tool.set_rss([turn % tool.channels()[0]] * tool.rss_sizes()[0])
                    traffic.wait(WORK)
                    tool.set_rss([])
                traffic.wait(WORK)
            ktap.eq(site.settle(traffic).sum("reordered"), 0, "datagrams out of order")
            traffic.check()
        ktap.eq(site.totals()[2], 0, "frames dropped")


def with_bystander(site, disturb, turns, sender=SENDER):
    """Two streams: one to the slow receiver, which may lose; one that must not lose
    anything and that has to get on after each disturb(). The slow one starts before it."""
    site.agree()
    site.pause(OTHER, True, False)
    with load.Load(tolerant=True) as slow, load.Load() as bystander:
        site.flood_ring(slow)
        bystander.udp(site.vports[sender], site.vports[OTHER if sender == SENDER else RECEIVER],
                      2, 8, 64)
        slow.go()
        bystander.go()
        for _ in range(turns):
            site.await_pause()
            disturb(slow, bystander)
            bystander.wait(WORK)
        slow.hold()
        state = bystander.hold()
        ktap.diag(f"bystander: {state.summary()}")
        bystander.check()
        ktap.eq(state.sum("reordered"), 0, "the bystander's datagrams out of order")


def receiver_down_while_paused():
    """The receiver goes down and comes back: its senders go on."""
    with Site() as site:
        receiver = site.vports[RECEIVER]

        def down_and_up(slow, bystander):
            receiver.down()
            bystander.wait(WORK)
            receiver.up()
            slow.wait(WORK)

        with_bystander(site, down_and_up, 5)


def receiver_deleted_while_paused():
    """The receiver is deleted: its senders go on."""
    with Site() as site:
        receiver = site.vports[RECEIVER]
        with_bystander(site, lambda *_: receiver.ip(f"link del {receiver.name}"), 1)


def sender_down_while_paused():
    """A sender that waits goes down and comes back; the other sender loses nothing."""
    with Site() as site:
        sender = site.vports[SENDER]

        def down_and_up(slow, bystander):
            sender.down()
            bystander.wait(WORK)
            sender.up()
            slow.wait(WORK)

        with_bystander(site, down_and_up, 5, OTHER)


def sender_deleted_while_paused():
    """A sender that waits is deleted; the other sender loses nothing."""
    with Site() as site:
        site.vports[SENDER], site.vports[OTHER] = site.vports[OTHER], site.vports[SENDER]
        sender = site.vports[SENDER]
        with_bystander(site, lambda *_: sender.ip(f"link del {sender.name}"), 1, OTHER)


def unloaded_while_paused():
    """The module goes while a sender waits."""
    for _ in range(2):
        with Site() as site:
            site.agree()
            with load.Load(tolerant=True) as traffic:
                site.flood_ring(traffic)
                traffic.go()
                traffic.wait(WORK)
                site.await_pause()
                module.unload()


if __name__ == "__main__":
    ktap.main(dropped_by_default, paused, waits_unused, one_end_only, floods_never_wait,
              switched_off_while_paused, changed_while_paused, receiver_down_while_paused,
              receiver_deleted_while_paused, sender_down_while_paused,
              sender_deleted_while_paused, unloaded_while_paused)
