#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Control family, RSS: the on/off state machine with tracked parameters, the table by queues
and by CPUs, table sizes, hash types and field sets, moves in groups, vectors; each rule with
its error. What a table means for frames is computed from the bytes sent."""

import errno
import os

from lib import bed, cpus, family, frames, ktap, steering

ENTRIES = 16


class Case:
    """One VPort under test, the second; the first sends."""

    def __init__(self, b):
        self.bed = b
        self.control = family.Family()
        b.undo(self.control.close)
        self.source, self.target = b.vports[:2]
        self.who = {"adapter": "vmmq0", "vport": 1}
        self.out = self.source.sender()
        self.key = bytes(range(3, 43))
        self.control.do("rss-set", key=self.key, **self.who)

    def get(self):
        """rss-get of the VPort."""
        return self.control.rss(**self.who)

    def set(self, **change):
        """rss-set of the VPort."""
        self.control.do("rss-set", **change, **self.who)

    def refused(self, code, says, attribute, **change):
        """rss-set must fail and change nothing."""
        before = self.get()
        self.control.refused(code, says, attribute, "rss-set", **change, **self.who)
        ktap.eq(self.get(), before, f"nothing changed by {change}")

    def move(self, *entries):
        """rss-move: entries as (index, cpu) or dicts. Returns the errno names, 0 for done."""
        batch = [entry if isinstance(entry, dict) else {"index": entry[0], "cpu": entry[1]}
                 for entry in entries]
        reply = self.control.do("rss-move", entry=batch, **self.who)["entry"]
        ktap.eq(len(reply), len(batch), "a result for each entry")
        return [errno.errorcode.get(entry["error"], 0) for entry in reply]

    def fly(self, count=48):
        """Sends flows. Returns {queue: frames} as received and as the entries say."""
        shown = self.get()
        reference = steering.Rss(self.key, [0] * shown["entries"])
        entries = []
        before = self.target.stats()
        for port in range(count):
            frame = frames.ip(self.target.mac, self.source.mac,
                              frames.udp_packet(self.source.ip4, self.target.ip4,
                                                2000 + port, 9))
            entries.append(reference.entry(reference.hash(frame)[1]))
            self.out.send(frame)
        self.bed.drained()
        after = self.target.stats()
        received = {}
        for queue in range(shown["queue-pairs"]):
            name = f"rx_queue_{queue}_packets"
            if after[name] != before[name]:
                received[queue] = after[name] - before[name]
        return received, entries


def expected(entries, table):
    """{queue: frames} by the entries of the frames and a table."""
    found = {}
    for entry in entries:
        found[table[entry]] = found.get(table[entry], 0) + 1
    return found


def state_machine():
    """Off sends everything to the primary processor; what is set meanwhile is tracked and in
    force at once when on; an invalid tracked CPU fails the transition."""
    cpus.need(4)
    with bed.Bed(vports=2, queues=4, entries=ENTRIES) as b:
        case = Case(b)
        table = [(i * 5 + 1) % 4 for i in range(ENTRIES)]
        case.set(queues=family.words(table), primary_cpu=b.queue_cpu(2))
        received, entries = case.fly()
        ktap.eq(received, expected(entries, table), "on: by the table")
        case.set(state="off")
        shown = case.get()
        ktap.eq((shown["state"], shown["primary-queue"]), ("off", 2), "off")
        ktap.eq(case.fly()[0], {2: 48}, "off: the primary processor")
        ktap.eq(shown["queues"], table, "the table survives off")
        case.set(state="on")
        ktap.eq(case.get()["queues"], table, "the table survives off and on")
        received, entries = case.fly()
        ktap.eq(received, expected(entries, table), "on again: by the table")
        case.set(state="off")
        where = [b.queue_cpu(q) for q in (3, 1)]
        case.set(cpus=family.words(where), default_cpu=where[0])
        ktap.eq(case.get()["cpus"], where * (ENTRIES // 2), "tracked CPUs are shown")
        ktap.eq(case.fly()[0], {2: 48}, "tracked only")
        case.set(state="on")
        ktap.eq(case.get()["queues"], [3, 1] * (ENTRIES // 2), "in force")
        case.set(state="off", primary_cpu=b.queue_cpu(0))
        case.set(cpus=family.words([where[0], 4000]))
        case.refused(errno.ERANGE, "CPU 4000 is not online", ".state", state="on")
        ktap.eq(case.fly()[0], {0: 48}, "still off")
        case.set(default_cpu=4001, cpus=family.words(where))
        case.refused(errno.ERANGE, "CPU 4001 is not online", ".state", state="on")
        case.set(state="on", default_cpu=where[1])
        case.set(primary_cpu=4002)
        case.refused(errno.ERANGE, "CPU 4002 is not online", ".state", state="off")
        case.target.down()
        case.target.up()
        ktap.eq(case.get()["queues"], [3, 1] * (ENTRIES // 2), "survives down and up")


def table_by_cpus():
    """A CPU without a queue gets a free one; more CPUs than queue pairs are refused."""
    cpus.need(4)
    with bed.Bed(vports=2, queues=2, max_queues=8, entries=ENTRIES) as b:
        case = Case(b)
        place = [cpus.effective(irq) for irq in b.irqs[:4]]
        case.refused(errno.ENOSPC, "no queue left", ".cpus",
                     cpus=family.words([place[2], place[3]]))
        case.set(cpus=family.words([place[2], place[3]]), default_cpu=place[2])
        shown = case.get()
        ktap.eq(shown["cpus"], [place[2], place[3]] * 8, "table as CPUs")
        ktap.eq(shown["default-cpu"], place[2], "default processor")
        for entry, queue in enumerate(shown["queues"]):
            vector = shown["queue-vectors"][queue]
            ktap.eq(cpus.effective(b.irqs[vector]), place[2 + entry % 2],
                    f"CPU of the vector of entry {entry}")
        received, entries = case.fly()
        ktap.eq(received, expected(entries, shown["queues"]), "frames follow")
        case.refused(errno.ENOSPC, "no queue left for CPU", ".default-cpu",
                     default_cpu=place[0])
        case.refused(errno.ERANGE, "is not online", ".cpus", cpus=family.words([7000]))
        case.refused(errno.EINVAL, "the table has 1 to", ".cpus", cpus=b"")
        case.refused(errno.EINVAL, "32-bit", ".cpus", cpus=b"abc")
        case.set(queue_pairs=8)
        case.set(cpus=family.words(place), default_cpu=place[0])
        ktap.eq(case.get()["cpus"], place * 4, "four CPUs")
        case.refused(errno.ENOSPC, "no queue left", ".queue-pairs", queue_pairs=3)
        case.set(queue_pairs=4)
        shown = case.get()
        ktap.eq((shown["cpus"], shown["queue-pairs"]), (place * 4, 4),
                "as many queue pairs as CPUs suffice")
        cpus.set_affinity(b.irqs[3], place[0])
        case.refused(errno.ERANGE, f"CPU {place[3]} has no vector", ".cpus",
                     cpus=family.words([place[3]]))


def tables_and_sizes():
    """Table by queues, default queue, entries that grow by repeating and shrink if repeated,
    and a table that survives -L."""
    with bed.Bed(vports=2, queues=4, max_queues=8, entries=64) as b:
        case = Case(b)
        case.set(entries=16, queues=family.words([i % 3 for i in range(16)]))
        ktap.eq(case.target.tool.table(), [i % 3 for i in range(16)], "ethtool shows it")
        case.set(entries=32)
        table = [i % 16 % 3 for i in range(32)]
        ktap.eq(case.get()["queues"], table, "repeated when it grew")
        received, entries = case.fly()
        ktap.eq(received, expected(entries, table), "frames follow the larger table")
        case.refused(errno.EILSEQ, "differs from entry", ".entries", entries=8)
        case.set(entries=16)
        ktap.eq(case.get()["queues"], table[:16], "cut where it repeated")
        case.refused(errno.EINVAL, "power of two up to 64", ".entries", entries=24)
        case.refused(errno.EINVAL, "power of two up to 64", ".entries", entries=128)
        case.refused(errno.EINVAL, "names queue 4", ".queues",
                     queues=family.words([0] * 15 + [4]))
        case.refused(errno.EINVAL, "15 entries given", ".queues", queues=family.words([0] * 15))
        case.refused(errno.EINVAL, "same thing", ".cpus", queues=family.words([0] * 16),
                     cpus=family.words([0]))
        case.set(default_queue=3)
        ktap.eq(case.get()["default-queue"], 3, "default queue")
        case.refused(errno.EINVAL, "default queue 7", ".default-queue", default_queue=7)
        case.target.tool.set_channels(6)
        ktap.eq(case.get()["queues"], table[:16], "-L keeps a user's table")
        case.set(user_table=0)
        ktap.eq(case.get()["queues"], [i % 6 for i in range(16)], "the default table is back")
        case.target.tool.set_channels(5)
        ktap.eq(case.get()["queues"], [i % 5 for i in range(16)], "and follows -L")
        case.refused(errno.EINVAL, "user-table", ".user-table", user_table=1)
        case.target.tool.set_rss(table=[4] * 16)
        case.refused(errno.EBUSY, "ethtool -X", ".user-table", user_table=0)


def hash_parameters():
    """Types, field sets and key, and their refusals; ethtool sees them."""
    with bed.Bed(vports=2, queues=2, entries=ENTRIES) as b:
        case = Case(b)
        case.set(types=["ipv4", "tcp-ipv4", "ipv6-ex"])
        shown = case.get()
        ktap.eq(shown["types"], {"ipv4", "tcp-ipv4", "ipv6-ex"}, "types")
        ktap.eq(shown["fields"]["udp-ipv4"], {"src-addr", "dst-addr"}, "UDP as plain IP")
        ktap.eq(case.target.tool.flags()["rss-ipv6-ex"], True, "ethtool's private flag")
        case.set(fields={"udp-ipv4": ["src-port"], "tcp-ipv4": ["dst-addr", "dst-port"]})
        ktap.true("types" not in case.get(), "the types can't say it")
        ktap.eq((case.target.tool.fields("udp4"), case.target.tool.fields("tcp4")),
                ("f", "dn"), "ethtool sees the field sets")
        case.set(types=[])
        ktap.eq(case.fly()[0], {0: 48}, "nothing is hashable")
        case.refused(errno.EINVAL, "no ports", ".fields.ipv4", fields={"ipv4": ["src-port"]})
        case.refused(errno.EINVAL, "ex needs", ".fields.tcp-ipv4",
                     fields={"tcp-ipv4": ["src-addr", "ex"]})
        case.refused(errno.EINVAL, "same thing", ".fields", types=["ipv4"],
                     fields={"ipv4": ["src-addr"]})
        case.refused(errno.EINVAL, "40", ".key", key=bytes(52))
        case.set(key=bytes(range(40)))
        ktap.eq(case.target.tool.key(), bytes(range(40)), "ethtool sees the key")


def moves():
    """Groups are carried out whole or not at all, each for itself; the limit of queue pairs
    holds for the end of a group."""
    cpus.need(4)
    with bed.Bed(vports=3, queues=2, max_queues=4, entries=ENTRIES) as b:
        case = Case(b)
        a, c, d, e = (cpus.effective(irq) for irq in b.irqs[:4])
        case.set(cpus=family.words([a, c]), default_cpu=a)
        ktap.eq(case.move((0, c), (1, a)), [0, 0], "to and fro")
        ktap.eq(case.get()["cpus"], [c, a] + [a, c] * 7, "moved")
        ktap.eq(case.get()["user-table"], 1, "a move makes it the user's table")
        ktap.eq(case.move((0, c)), [0], "a move to where it is")
        before = case.get()
        ktap.eq(case.move((2, d), (3, a)), ["ENOSPC"] * 2, "a third CPU, the group as a whole")
        ktap.eq(case.move((2, a), (99, a)), ["EINVAL"] * 2, "an entry that is none")
        ktap.eq(case.move({"index": 3, "cpu": a, "from": d}), ["ESTALE"], "not there")
        ktap.eq(case.move((4, 7000)), ["ERANGE"], "no such CPU")
        ktap.eq(case.get(), before, "nothing changed")
        ktap.eq(case.move({"index": 3, "cpu": a, "from": c}), [0], "there")
        everything = [(i, d) for i in range(ENTRIES) if case.get()["cpus"][i] == c]
        ktap.eq(case.move(*everything), [0] * len(everything), "evacuation of a CPU")
        ktap.eq(set(case.get()["cpus"]), {a, d}, "evacuated")
        ktap.eq(case.move({"kind": "default", "cpu": e}), ["ENOSPC"], "default processor")
        ktap.eq(case.move({"kind": "primary", "cpu": 5000}), [0], "inactive, tracked")
        ktap.eq(case.get()["primary-cpu"], 5000, "tracked")
        received, entries = case.fly()
        ktap.eq(received, expected(entries, case.get()["queues"]), "frames follow")
        _interleaved(case, a, e)
        case.control.refused(errno.EINVAL, "no entry", None, "rss-move", **case.who)
        case.control.refused(errno.EINVAL, "a move has a cpu", ".entry", "rss-move",
                             entry=[{"index": 3}], **case.who)


def _interleaved(case, good, bad):
    """V1:{0,1}, V2:{0}, V1:{2}: three groups, three results."""
    reply = case.control.do("rss-move", adapter="vmmq0", entry=[
        {"vport": 1, "index": 0, "cpu": good}, {"vport": 1, "index": 1, "cpu": bad},
        {"vport": 2, "index": 0, "cpu": good}, {"vport": 1, "index": 2, "cpu": good}])
    ktap.eq([entry["error"] for entry in reply["entry"]],
            [errno.ENOSPC, errno.ENOSPC, 0, 0], "three groups")
    ktap.contains(reply["entry"][0]["text"], "no queue left", "the reason")


def announcements():
    """rss-set, rss-move and vector-set are announced; a move with what moved only."""
    cpus.need(2)
    with bed.Bed(vports=2, queues=2, entries=ENTRIES) as b:
        case = Case(b)
        monitor = case.control.monitor()
        case.set(queues=family.words([1] * ENTRIES))
        heard = monitor.heard()
        ktap.eq([name for name, _ in heard], ["rss-change-ntf"], "rss-set")
        ktap.eq(heard[0][1]["queues"], [1] * ENTRIES, "its content")
        first, second = b.queue_cpu(0), b.queue_cpu(1)
        case.move((5, first), (6, first))
        case.move((5, 7000))
        heard = monitor.heard()
        ktap.eq([name for name, _ in heard], ["rss-move-ntf"], "rss-move, if it was done")
        ktap.eq(heard[0][1]["entry"],
                [{"kind": "entry", "index": i, "cpu": first, "from": second} for i in (5, 6)],
                "what moved")
        case.control.do("vector-set", adapter="vmmq0", index=1, affinity=str(first))
        ktap.eq([(name, msg["cpu"]) for name, msg in monitor.heard()],
                [("vector-change-ntf", first)], "vector-set")
        ktap.eq(b.queue_cpu(1), first, "the vector moved")
        for code, says, affinity in ((errno.EINVAL, "not a list", "x"),
                                     (errno.ERANGE, "online", "8000")):
            try:
                case.control.do("vector-set", adapter="vmmq0", index=1, affinity=affinity)
                ktap.fail(f"affinity {affinity} was accepted")
            except family.Refused as refusal:
                ktap.true(refusal.errno in (code, errno.EINVAL), f"{affinity}: {refusal}")
        monitor.close()


def privileges():
    """Everybody may read; changes need CAP_NET_ADMIN."""
    with bed.Bed(vports=2, queues=2, entries=ENTRIES):
        child = os.fork()
        if not child:
            status = 1
            try:
                os.setuid(65534)
                control = family.Family()
                control.rss(adapter="vmmq0", vport=0)
                control.refused(errno.EPERM, "CAP_NET_ADMIN", None, "rss-set",
                                adapter="vmmq0", vport=0, state="off")
                control.refused(errno.EPERM, "CAP_NET_ADMIN", None, "rss-move",
                                adapter="vmmq0", vport=0, entry=[{"index": 0, "cpu": 0}])
                control.refused(errno.EPERM, "CAP_NET_ADMIN", None, "vector-set",
                                adapter="vmmq0", index=0, affinity="0")
                status = 0
            except Exception as error:      # pylint: disable=broad-exception-caught
                ktap.diag(error)
            finally:
                os._exit(status)
        ktap.eq(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0, "the user's attempts")


ktap.main(state_machine, table_by_cpus, tables_and_sizes, hash_parameters, moves,
          announcements, privileges)
