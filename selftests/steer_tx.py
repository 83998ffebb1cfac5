#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The transmit rule: a frame's hash indexes the sender's receive table, which gives the TX
queue and with it the CPU that completes the frame; what follows from a frame without a
hash, and what is counted when something else chose the queue."""

import os
import random
import socket
from collections import Counter

from lib import command, cpus, ethtool, frames, ktap, steering, tracing, wait
from lib.bed import Bed

SEED = int(os.environ.get("VMMQ_SEED", "90210"))
QUEUES = 7
FIRST_LENGTH = 80    # longer than all headers


class Scene:
    """`with Scene() as scene:` a sender (the second VPort) and a receiver with different
    random parameters, vectors spread, all transmit events traced."""

    def __init__(self, addresses=False, **parameters):
        self.rng = random.Random(SEED)
        self.addresses = addresses
        self.bed = Bed(vports=2, queues=QUEUES, **parameters)
        self.trace = self.rss = self.source = self.target = None

    def __enter__(self):
        self.bed.__enter__()
        try:
            cpus.need(2)
            self.target, self.source = self.bed.vports
            self.rss = self.random_rss()
            self.rss.apply(self.source)
            self.random_rss().apply(self.target)
            self.bed.spread_vectors()
            if self.addresses:
                self.bed.set_addresses()
            self.trace = tracing.Trace("xmit", "tx_complete")
            self.bed.undo(self.trace.close)
            self.trace.__enter__()
        except BaseException:
            self.bed.__exit__(None)
            raise
        return self

    def __exit__(self, *why):
        return self.bed.__exit__(*why)

    def random_rss(self):
        """Random parameters; queue 0 is in no entry, so that it stands for itself."""
        return steering.Rss(self.rng.randbytes(40),
                            [self.rng.randrange(1, QUEUES) for _ in range(128)])

    def frames(self, count):
        """Frames of random flows from the sender to the receiver, each of its own length."""
        found = []
        for number in range(count):
            build = self.rng.choice((frames.tcp_packet, frames.udp_packet))
            ends = self.rng.choice((("10.1.2.3", "10.4.5.6"), ("2001:db8::1", "2001:db8::2")))
            ports = self.rng.randrange(65536), self.rng.randrange(65536)
            room = FIRST_LENGTH + number - 14 - len(build(*ends, *ports))
            found.append(frames.ip(self.target.mac, self.source.mac,
                                   build(*ends, *ports, bytes(room))))
        return found

    def send(self, sent, **options):
        """Sends frames by a raw socket. Returns (xmit events, counters that moved)."""
        self.bed.drained()
        before = self.source.stats()
        self.trace.clear()
        self.source.sender(**options).send_all(sent)
        wait.reaches(lambda: self.source.tool.sum("tx_packets"),
                     ethtool.queue_sum(before, "tx_packets") + len(sent), "frames sent")
        return self.collect(before)

    def expect(self, what, sent, xmits):
        """Fails unless the frames were sent as the own hash of the sender says. Frames on
        different queues may overtake each other, so they are told apart by length."""
        events = {event.len: event for event in xmits}
        ktap.eq(sorted(e.len for e in xmits), sorted(map(len, sent)), "lengths of the frames")
        with ktap.Mismatches(what) as found:
            for frame in sent:
                event = events[len(frame)]
                kind, value = self.rss.hash(frame)
                name = f"frame of {len(frame)} bytes ({kind}): "
                found.eq(event.case, "default" if kind == "none" else "own", name + "case")
                found.eq(event.hash, value, name + "hash")
                found.eq(event.want, self.rss.queue(frame), name + "rule")
                found.eq(event.queue, self.rss.queue(frame), name + "queue")

    def collect(self, before):
        """When all is completed: (xmit events of the sender, counters that moved). Checks
        that completion ran where it belongs and that the counters agree with the trace."""
        self.bed.drained()
        moved = ethtool.difference(self.source.stats(), before)
        xmits = self.trace.events("xmit", ifindex=self.source.ifindex)
        check_completions(self.bed, self.source, self.trace, xmits, moved)
        return xmits, moved


def check_completions(bed, source, trace, xmits, moved):
    """Fails unless each queue completed exactly its frames, on the CPU of its vector, and
    the queues' counters say so."""
    done, total = Counter(), Counter()
    sent, length = Counter(), Counter()
    vector_cpus = bed.queue_cpus()
    with ktap.Mismatches("completions") as found:
        for event in trace.events("tx_complete", ifindex=source.ifindex):
            done[event.queue] += event.packets
            total[event.queue] += event.bytes
            found.eq(event.cpu, vector_cpus[event.queue % len(vector_cpus)],
                     f"CPU that completed queue {event.queue}")
        for event in xmits:
            sent[event.queue] += 1
            length[event.queue] += event.len
        found.eq(done, sent, "frames completed by queue")
        found.eq(total, length, "bytes completed by queue")
        for queue in range(QUEUES):
            for name, count in (("packets", sent), ("bytes", length), ("completed", done)):
                found.eq(moved.get(f"tx_queue_{queue}_{name}", 0), count[queue],
                         f"tx_queue_{queue}_{name}")
            found.eq(moved.get(f"tx_queue_{queue}_override", 0),
                     sum(e.queue == queue != e.want for e in xmits),
                     f"tx_queue_{queue}_override")


def overrides(moved):
    """Frames counted as overridden."""
    return ethtool.queue_sum(moved, "tx_override")


def without_a_hash_the_default_queue():
    """A frame that carries no hash takes the default queue, by either way to the driver."""
    with Scene() as scene:
        for bypass in (False, True):
            xmits, moved = scene.send(scene.frames(100), bypass=bypass)
            ktap.eq({(e.queue, e.want, e.hash, e.case) for e in xmits},
                    {(0, 0, 0, "default")}, f"queue, want, hash and case, bypass {bypass}")
            ktap.eq(overrides(moved), 0, "overrides")


def own_hash(**parameters):
    """With tx-hash on, the sender's own Toeplitz hash of the frame chooses."""
    with Scene(**parameters) as scene:
        if not parameters:
            scene.source.ethtool(f"--set-priv-flags {scene.source.name} tx-hash on")
        ktap.eq(scene.source.tool.flags()["tx-hash"], True, "flag tx-hash")
        sent = scene.frames(150)
        arp = frames.arp(scene.target.mac, scene.source.mac, "10.1.2.3", "10.4.5.6")
        sent += [arp, frames.padded(arp), sent[0][:50]]
        for bypass in (False, True):
            xmits, moved = scene.send(sent, bypass=bypass)
            scene.expect(f"own hash, bypass {bypass}", sent, xmits)
            ktap.true(len({e.queue for e in xmits}) == QUEUES, "all queues were used")
            ktap.eq(overrides(moved), 0, "overrides")
        scene.source.ethtool(f"--set-priv-flags {scene.source.name} tx-hash off")
        xmits, _ = scene.send(scene.frames(10))
        ktap.eq({(e.queue, e.case) for e in xmits}, {(0, "default")}, "queue with tx-hash off")


def own_hash_by_flag():
    """tx-hash on by private flag: frames without a hash are hashed by the sender."""
    own_hash()


def own_hash_by_parameter():
    """tx_hash=1 of the module does the same from the start."""
    own_hash(tx_hash=1)


def own_hash_has_own_fields():
    """The sender's own hash uses the sender's field sets, not the receiver's."""
    with Scene() as scene:
        scene.source.tool.set_flag("tx-hash", True)
        scene.rss.fields.update(tcp4="s", udp4="", tcp6="fn", udp6="d")
        scene.rss.apply(scene.source)
        sent = scene.frames(100)
        xmits, _ = scene.send(sent)
        scene.expect("own fields", sent, xmits)
        ktap.eq({event.case for event in xmits}, {"own", "default"}, "cases")


def a_hash_of_the_qdisc_is_not_the_sender_s():
    """A queueing discipline that hashes frames does so after their queue was chosen: that
    is no hash the frame carried, and nobody has overridden anything."""
    with Scene(qdisc="fq_codel") as scene:
        sent = scene.frames(120)
        xmits, moved = scene.send(sent)
        ktap.eq({(e.queue, e.want, e.hash, e.case) for e in xmits}, {(0, 0, 0, "default")},
                "queue, want, hash and case")
        ktap.eq(overrides(moved), 0, "overrides")
        scene.source.tool.set_flag("tx-hash", True)
        xmits, moved = scene.send(sent)
        scene.expect("own hash", sent, xmits)
        ktap.eq(overrides(moved), 0, "overrides")


def sockets(scene, kind, count):
    """Sends on connected sockets until each has had its say. Returns the events of frames
    by socket, told apart by their length."""
    version, transport = kind
    family = socket.AF_INET if version == "4" else socket.AF_INET6
    here, there = ((scene.source.ip4, scene.target.ip4) if version == "4"
                   else (scene.source.ip6, scene.target.ip6))
    stream = transport == "tcp"
    made = []
    server = scene.target.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    server.bind((there, 0))
    if stream:
        server.listen(count)
    for number in range(count):
        client = scene.source.socket(
            family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
        client.bind((here, 0))
        client.connect(server.getsockname()[:2])
        text = bytes(200 + 10 * number)
        if not stream:
            for _ in range(4):
                client.send(text)
            continue
        peer = server.accept()[0]
        made.append(peer)
        client.sendall(text)
        got = 0
        while got < len(text):
            got += len(peer.recv(65536))
        peer.sendall(b"answer")
        wait.until(lambda peer=client: peer.recv(64), "the answer")
    for peer in made:
        peer.close()


def present_hash(kind):
    """Frames of ordinary sockets carry the socket's hash: it chooses from the table."""
    with Scene(addresses=True) as scene:
        before = scene.source.stats()
        scene.trace.clear()
        sockets(scene, kind, 24)
        xmits, moved = scene.collect(before)
        present = [e for e in xmits if e.case == "present"]
        ktap.true(len(present) >= 96, f"frames with a hash: {len(present)}")
        with ktap.Mismatches("present") as found:
            for event in xmits:
                want = scene.rss.table[event.hash & 127] if event.hash else 0
                found.eq(event.case, "present" if event.hash else "default", "case")
                found.eq(event.want, want, f"rule for {event.hash:#x}")
                found.eq(event.queue, want, f"queue for {event.hash:#x}")
        ktap.true(len({e.hash for e in present}) >= 20, "the sockets have hashes of their own")
        ktap.true(len({e.queue for e in present}) >= 4, "they spread over the queues")
        ktap.eq(overrides(moved), 0, "overrides")


def tcp4_by_its_hash():
    """TCP over IPv4"""
    present_hash(("4", "tcp"))


def tcp6_by_its_hash():
    """TCP over IPv6"""
    present_hash(("6", "tcp"))


def udp4_by_its_hash():
    """Connected UDP over IPv4"""
    present_hash(("4", "udp"))


def udp6_by_its_hash():
    """Connected UDP over IPv6"""
    present_hash(("6", "udp"))


def a_present_hash_beats_tx_hash():
    """tx-hash on changes nothing for frames that carry a hash."""
    with Scene(addresses=True) as scene:
        scene.source.tool.set_flag("tx-hash", True)
        before = scene.source.stats()
        scene.trace.clear()
        sockets(scene, ("4", "udp"), 24)
        xmits, _ = scene.collect(before)
        present = [e for e in xmits if e.case == "present"]
        ktap.true(len(present) >= 96, f"frames with a hash: {len(present)}")
        for event in present:
            ktap.eq(event.queue, scene.rss.table[event.hash & 127], "queue")


def completion_is_apart_from_reception():
    """The CPU that completes follows the sender's table, whatever CPU received."""
    with Scene() as scene:
        online = cpus.online()
        scene.source.tool.set_flag("tx-hash", True)
        for queue in range(1, QUEUES):
            scene.source.tool.set_rss([queue] * 128)
            scene.target.tool.set_rss([(queue + 1) % QUEUES] * 128)
            xmits, _ = scene.send(scene.frames(30))     # checks the CPU of completion
            ktap.eq({e.queue for e in xmits}, {queue}, "TX queues")
        cpus.set_affinity(scene.bed.irqs[QUEUES % len(scene.bed.irqs)], online[0])
        scene.source.tool.set_rss(scene.rss.table)
        scene.send(scene.frames(60))
        for irq in scene.bed.irqs:
            cpus.set_affinity(irq, online[-1])
        scene.send(scene.frames(60))


def xps_overrides():
    """A map the user gave wins over the table; frames it sends elsewhere are counted."""
    with Scene(addresses=True) as scene:
        mask = f"{sum(1 << cpu for cpu in cpus.online()):x}"
        for queue in (3, 5):
            for other in range(QUEUES):
                scene.source.ns.sysfs(
                    f"class/net/{scene.source.name}/queues/tx-{other}/xps_cpus",
                    mask if other == queue else "0")
            xmits, moved = scene.send(scene.frames(50))
            ktap.eq({(e.queue, e.want, e.case) for e in xmits}, {(queue, 0, "default")},
                    "queue, rule and case of frames without a hash")
            ktap.eq(moved.get(f"tx_queue_{queue}_override"), 50, "overrides")
            before = scene.source.stats()
            scene.trace.clear()
            sockets(scene, ("4", "udp"), 16)
            xmits, moved = scene.collect(before)
            present = [e for e in xmits if e.case == "present"]
            ktap.eq({e.queue for e in present}, {queue}, "queue of frames with a hash")
            strangers = sum(scene.rss.table[e.hash & 127] != queue for e in present)
            others = sum(e.case != "present" for e in xmits)
            ktap.true(strangers > 20, "the table would have chosen others")
            ktap.between(overrides(moved), strangers, strangers + others, "overrides")
        for other in range(QUEUES):
            scene.source.ns.sysfs(
                f"class/net/{scene.source.name}/queues/tx-{other}/xps_cpus", "0")
        xmits, moved = scene.send(scene.frames(20))
        ktap.eq({e.queue for e in xmits}, {0}, "queue when the map is empty again")
        ktap.eq(overrides(moved), 0, "overrides when the map is empty again")


def skbedit_overrides():
    """A queue chosen by tc is taken, completed there and counted."""
    command.need("tc")
    with Scene() as scene:
        name = scene.source.name
        status, output = command.status("modprobe", "-a", "sch_ingress", "cls_matchall",
                                        "act_skbedit")
        if status:
            ktap.skip(f"kernel modules for tc skbedit: {output.strip()}")
        scene.source.ns.run(f"tc qdisc add dev {name} clsact")
        for queue in (2, 6, 0):
            scene.source.ns.run(f"tc filter add dev {name} egress matchall "
                                f"action skbedit queue_mapping {queue}")
            xmits, moved = scene.send(scene.frames(40))
            ktap.eq({(e.queue, e.want) for e in xmits}, {(queue, 0)}, "queue and rule")
            ktap.eq(overrides(moved), 40 if queue else 0, "overrides")
            scene.source.ns.run(f"tc filter del dev {name} egress")


def a_smaller_table_of_queues_is_followed():
    """After -L and a new table the rule follows at once."""
    with Scene() as scene:
        scene.source.tool.set_flag("tx-hash", True)
        for count in (3, 1, QUEUES, 2):
            scene.rss.table = [scene.rng.randrange(count) for _ in range(128)]
            if count > scene.source.tool.channels()[0]:
                scene.source.tool.set_channels(count)
            scene.source.tool.set_rss(scene.rss.table)
            scene.source.tool.set_channels(count)
            sent = scene.frames(40)
            xmits, moved = scene.send(sent)
            scene.expect(f"{count} queues", sent, xmits)
            ktap.eq(overrides(moved), 0, "overrides")


ktap.main(without_a_hash_the_default_queue, own_hash_by_flag, own_hash_by_parameter,
          own_hash_has_own_fields, a_hash_of_the_qdisc_is_not_the_sender_s, tcp4_by_its_hash,
          tcp6_by_its_hash, udp4_by_its_hash, udp6_by_its_hash, a_present_hash_beats_tx_hash,
          completion_is_apart_from_reception, xps_overrides, skbedit_overrides,
          a_smaller_table_of_queues_is_followed)
