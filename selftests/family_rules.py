#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=4
"""Control family, the rules of RSS state and of moves, a case for each with its error: what is
refused is refused whole, and what was before is there after it."""

import errno

from lib import bed, cpus, family, ktap, ntuple

ENTRIES = 16


class Rules:
    """VPort 1 with 2 of 4 queue pairs, its table on CPUs a and b; c and d are free."""

    def __init__(self, b, entries=ENTRIES):
        self.control = family.Family()
        b.undo(self.control.close)
        self.bed = b
        self.who = {"adapter": "vmmq0", "vport": 1}
        self.cpus = [cpus.effective(irq) for irq in b.irqs[:4]]
        ktap.eq(len(set(self.cpus)), 4, "vectors on different CPUs")
        a, c = self.cpus[:2]
        self.set(cpus=family.words([a, c]), default_cpu=a, primary_cpu=a)
        self.table = [a, c] * (entries // 2)
        ktap.eq(self.get()["cpus"], self.table, "the table to begin with")

    def get(self, vport=1):
        """rss-get."""
        return self.control.rss(adapter="vmmq0", vport=vport)

    def set(self, **change):
        """rss-set."""
        self.control.do("rss-set", **change, **self.who)

    def refused(self, code, says, attribute, op="rss-set", **change):
        """An operation on the VPort that must fail and change nothing."""
        before = self.get()
        self.control.refused(code, says, attribute, op, **change, **self.who)
        ktap.eq(self.get(), before, f"nothing changed by {op} {change}")

    def move(self, *entries):
        """rss-move: (index, cpu), ("default" or "primary", cpu), or a dict. Errnos by name,
        0 for done."""
        batch = []
        for entry in entries:
            if not isinstance(entry, dict):
                what, cpu = entry
                entry = {"index": what} if isinstance(what, int) else {"kind": what}
                entry["cpu"] = cpu
            batch.append(entry)
        self.reply = self.control.do("rss-move", entry=batch, **self.who)["entry"]
        ktap.eq(len(self.reply), len(batch), "a result for each")
        return [errno.errorcode.get(entry["error"], 0) for entry in self.reply]

    def unmoved(self, expected, *entries):
        """A batch that changes nothing and has these results."""
        before = self.get()
        ktap.eq(self.move(*entries), expected, f"results of {entries}")
        ktap.eq(self.get(), before, f"nothing changed by {entries}")


def _rules(case, vports=2, entries=ENTRIES, queues=2):
    """Runs case(Rules) in a bed whose VPorts are down, which is no rule's business."""
    cpus.need(4)
    with bed.Bed(vports=vports, up=False, queues=queues, max_queues=8, entries=entries) as b:
        case(Rules(b, entries))


# ---- the number of queue pairs ----

def decrease_in_order():
    """Fewer queue pairs need a table on as few CPUs first, of the old size; then it works."""
    def case(r):
        a, c, d, e = r.cpus
        r.set(queue_pairs=4)
        r.set(cpus=family.words([a, c, d, e]))
        r.refused(errno.ENOSPC, "no queue left for CPU", ".queue-pairs", queue_pairs=2)
        r.refused(errno.ENOSPC, "no queue left for CPU", ".queue-pairs", "vport-set",
                  queue_pairs=2)
        r.set(cpus=family.words([a, e]))
        r.set(queue_pairs=2)
        shown = r.get()
        ktap.eq((shown["cpus"], shown["queue-pairs"], shown["entries"]),
                ([a, e] * 8, 2, ENTRIES), "the table stays")
        ktap.true(max(shown["queues"]) < 2, "on the queues that are left")
    _rules(case)


def decrease_counts_default():
    """The default processor counts, also if no entry is on it."""
    def case(r):
        a, c, d, _ = r.cpus
        r.set(queue_pairs=3, default_cpu=d)
        ktap.true(d not in r.get()["cpus"], "no entry is on it")
        r.refused(errno.ENOSPC, "no queue left for CPU", ".queue-pairs", queue_pairs=2)
        r.set(queue_pairs=2, default_cpu=c)
        ktap.eq((r.get()["default-cpu"], set(r.get()["cpus"])), (c, {a, c}), "in one step")
    _rules(case)


def increase():
    """More queue pairs need nothing before and leave the table."""
    def case(r):
        table = r.table[1:] + r.table[:1]                   # not the default one
        r.set(cpus=family.words(table))
        r.set(queue_pairs=5)
        ktap.eq((r.get()["cpus"], r.get()["queue-pairs"]), (table, 5), "5 queue pairs")
        r.refused(errno.EINVAL, "must be 1 to 8", ".queue-pairs", queue_pairs=9)
        r.refused(errno.EINVAL, "must be 1 to 8", ".queue-pairs", "vport-set", queue_pairs=9)
    _rules(case)


def count_while_off():
    """Off, the table is tracked only: the count may go below its CPUs, and on is refused until
    the table fits."""
    def case(r):
        a, c, _, _ = r.cpus
        r.set(state="off")
        r.set(queue_pairs=1)
        ktap.eq(r.get()["cpus"], r.table, "the tracked table stays")
        r.refused(errno.ENOSPC, "no queue left for CPU", ".state", state="on")
        r.set(state="on", cpus=family.words([c]), default_cpu=c)
        ktap.eq((r.get()["cpus"], r.get()["queues"]), ([c] * ENTRIES, [0] * ENTRIES), "on")
        ktap.eq(r.get()["primary-cpu"], a, "the primary processor is another matter")
    _rules(case)


def restricted_sequences():
    """A restricted table is repeated when the queue pairs grow, and has to repeat itself before
    they shrink."""
    with bed.Bed(vports=1, up=False):
        control = family.Family()
        control.do("adapter-new", name="r", capabilities={
            "flags": ["asymmetric-queue-pairs", "restricted-table"]})
        control.do("vport-new", adapter="r", queue_pairs=4)
        one = {"adapter": "r", "vport": 1}
        control.do("rss-set", queues=family.words([3, 1, 0, 1]), **one)
        control.do("vport-set", queue_pairs=8, **one)
        ktap.eq(control.rss(**one)["queues"], [3, 1, 0, 1] * 2, "repeated by the NIC")
        control.do("rss-set", queues=family.words([7, 6, 5, 4, 3, 2, 1, 0]), **one)
        before = control.rss(**one)
        control.refused(errno.EILSEQ, "differs from entry", ".queue-pairs", "vport-set",
                        queue_pairs=2, **one)
        ktap.eq(control.rss(**one), before, "nothing changed")
        control.do("rss-set", queues=family.words([1, 0] * 4), **one)
        control.do("vport-set", queue_pairs=2, **one)
        ktap.eq(control.rss(**one)["queues"], [1, 0], "the part that was repeated")
        control.do("rss-set", queue_pairs=3, queues=family.words([2, 1, 0, 2]), **one)
        ktap.eq(control.rss(**one)["queues"], [2, 1, 0, 2], "both in one request")
        control.close()


def decrease_forgets_a_stray():
    """The default queue goes, and the CPU of its vector had left the processor set: nobody has
    asked for that CPU, so queue 0 takes over."""
    def case(r):
        base = {"adapter": "narrow", "vport": 0}
        r.control.do("adapter-new", name="narrow", default_queue_pairs=2,
                     processors={"max-count": 2})
        inside = [cpus.effective(irq) for irq in cpus.vectors("narrow")]
        outside = next(cpu for cpu in r.cpus if cpu not in inside)
        r.control.do("rss-set", default_queue=1, **base)
        cpus.set_affinity(cpus.vectors("narrow")[1], outside)
        r.control.refused(errno.ERANGE, "not in the processor set of narrow", ".default-cpu",
                          "rss-set", default_cpu=outside, **base)
        r.control.do("rss-set", queue_pairs=1, **base)
        shown = r.control.rss(**base)
        ktap.eq((shown["queue-pairs"], shown["default-queue"], shown["default-cpu"]),
                (1, 0, inside[0]), "the default processor")
        r.control.do("adapter-del", name="narrow")
    _rules(case)


def shared_processors():
    """Tables of different VPorts share processors and leave each other alone."""
    def case(r):
        a, c, d, _ = r.cpus
        r.control.do("rss-set", adapter="vmmq0", vport=2, cpus=family.words([c, d]),
                     default_cpu=c)
        ktap.eq(r.get()["cpus"], r.table, "VPort 1")
        ktap.eq(r.get(2)["cpus"], [c, d] * 8, "VPort 2")
        ktap.eq(r.move((0, c), (1, a)), [0, 0], "a move")
        ktap.eq(r.get(2)["cpus"], [c, d] * 8, "VPort 2 after a move of VPort 1")
    _rules(case, vports=3)


def _keeps_its_queue(context, crowded):
    """An ntuple rule leads to queue 1, by a number that is added to the context's, and another
    CPU wants a queue. crowded: the rule leads to one more queue for each that the table has."""
    def case(r):
        a, c, d, e = r.cpus
        device = r.bed.vports[1].tool
        r.set(queue_pairs=3, cpus=family.words([a]), default_cpu=a)
        r.set(cpus=family.words([e]))
        ktap.eq(r.get()["queues"], [1] * ENTRIES, "the queue that was bound to CPU e")
        r.set(cpus=family.words([a]))
        r.set(queue_pairs=4)
        ntuple.insert(device, ntuple.Rule("udp4", 1, 0, context, dport=80))
        r.set(cpus=family.words([c] + [a] * 15))        # no queue is on c
        ktap.eq(r.get()["queues"], [2] + [0] * 15, "the queue that was bound to CPU c")
        if crowded:
            r.unmoved(["ENOSPC"], ("default", d))
        else:
            ktap.eq(r.move(("default", d)), [0], "the last queue is free")
        r.set(queues=family.words([1] * ENTRIES))
        ktap.eq(r.get()["cpus"], [e] * ENTRIES, "CPU of the rule's queue")
    _rules(case)


def rule_keeps_its_queue():
    """A queue that an ntuple rule names stays on its CPU when another CPU wants a queue."""
    _keeps_its_queue(None, False)


def rule_keeps_its_sums():
    """So do the queues that a rule reaches by adding to those of the table."""
    _keeps_its_queue(0, True)


# ---- on and off ----

def initial_values():
    """A new VPort: on, primary and default processor are where the first entry points."""
    def case(r):
        r.control.do("vport-new", adapter="vmmq0", vport=3, queue_pairs=1)
        shown = r.get(3)
        ktap.eq((shown["state"], shown["user-table"]), ("on", 0), "state")
        where = {shown["primary-cpu"], shown["default-cpu"], *shown["cpus"]}
        ktap.eq(where, {r.cpus[0]}, "one processor, the first of the set")
        ktap.eq((shown["primary-queue"], shown["default-queue"]), (0, 0), "queues")
    _rules(case)


def primary_alone():
    """Moves of the primary processor touch neither default processor nor table."""
    def case(r):
        before = r.get()
        r.set(primary_cpu=r.cpus[3])
        after = r.get()
        for name in ("cpus", "queues", "default-cpu", "default-queue", "user-table"):
            ktap.eq(after[name], before[name], name)
        ktap.eq(after["primary-cpu"], r.cpus[3], "primary")
        ktap.eq(r.move(("primary", r.cpus[2])), [0], "by a move")
        ktap.eq((r.get()["primary-cpu"], r.get()["cpus"]), (r.cpus[2], r.table), "moved")
    _rules(case)


def off_needs_primary():
    """Off: the primary processor has to be in the set and online."""
    def case(r):
        r.set(primary_cpu=6000)
        r.refused(errno.ERANGE, "CPU 6000 is not online", ".state", state="off")
        r.set(state="off", primary_cpu=r.cpus[1])
        ktap.eq((r.get()["state"], r.get()["primary-cpu"]), ("off", r.cpus[1]), "off")
        r.refused(errno.ERANGE, "CPU 6000", ".primary-cpu", primary_cpu=6000)
    _rules(case)


def on_needs_all():
    """On: each entry and the default processor have to be in the set and online, all fit the
    queue pairs, or the request is refused whole, key and types included."""
    def case(r):
        a, c, d, e = r.cpus
        r.set(state="off")
        r.set(cpus=family.words([a] * 15 + [6001]))
        r.refused(errno.ERANGE, "CPU 6001 is not online", ".state", state="on")
        r.refused(errno.ERANGE, "CPU 6001 is not online", ".state", state="on",
                  key=bytes(range(40)), types=["ipv4"], primary_cpu=c)
        r.set(cpus=family.words([a]), default_cpu=6002)
        r.refused(errno.ERANGE, "CPU 6002 is not online", ".state", state="on")
        r.set(cpus=family.words([a, c, d, e]), default_cpu=a)
        r.refused(errno.ENOSPC, "no queue left", ".state", state="on")
        r.set(cpus=family.words([d, e]), default_cpu=d)
        r.set(state="on", key=bytes(range(40)), types=["ipv4"])
        shown = r.get()
        ktap.eq((shown["cpus"], shown["key"], shown["types"]),
                ([d, e] * 8, bytes(range(40)), {"ipv4"}), "all at once")
    _rules(case)


def outside_the_set():
    """A processor of the machine but not of the adapter's set: tracked, and refused when it is
    to steer."""
    cpus.need(4)
    online = cpus.online()
    with bed.Bed(vports=1, up=False):
        control = family.Family()
        control.do("adapter-new", name="s", processors={"max-cpu": online[1]})
        control.do("vport-new", adapter="s", queue_pairs=2)
        one, out = {"adapter": "s", "vport": 1}, online[2]
        for what, attribute in (("cpus", ".cpus"), ("default_cpu", ".default-cpu")):
            value = family.words([out]) if what == "cpus" else out
            control.refused(errno.ERANGE, "not in the processor set of s", attribute,
                            "rss-set", **{what: value}, **one)
        entry = control.do("rss-move", entry=[{"index": 0, "cpu": out}], **one)["entry"][0]
        ktap.eq(entry["error"], errno.ERANGE, "a move")
        ktap.contains(entry["text"], "not in the processor set of s", "its text")
        control.do("rss-set", primary_cpu=out, **one)
        control.refused(errno.ERANGE, "not in the processor set of s", ".state", "rss-set",
                        state="off", **one)
        control.do("rss-set", state="off", primary_cpu=online[0], **one)
        control.do("rss-set", cpus=family.words([out]), **one)
        control.refused(errno.ERANGE, "not in the processor set of s", ".state", "rss-set",
                        state="on", **one)
        control.do("adapter-set", name="s", processors={"max-cpu": out})
        control.do("vector-set", adapter="s", index=1, affinity=str(out))
        control.do("rss-set", state="on", **one)
        ktap.eq(set(control.rss(**one)["cpus"]), {out}, "once it is in the set")
        control.close()


def survives():
    """The table survives off and on, down and up, and changes of other parameters."""
    def case(r):
        a, c, _, _ = r.cpus
        vport, table = r.bed.vports[1], [c, a, a, c] * 4    # not the default one
        r.set(cpus=family.words(table), default_cpu=c)
        for step in (lambda: (r.set(state="off"), r.set(state="on")),
                     lambda: (vport.up(), vport.down(), vport.up()),
                     lambda: (r.set(state="off"), vport.down(), r.set(state="on")),
                     lambda: r.set(key=bytes(40), types=["tcp-ipv4"]),
                     lambda: vport.ethtool(f"-L {vport.name} combined 4"),
                     lambda: vport.ethtool(f"-G {vport.name} rx 64"),
                     lambda: r.set(queue_pairs=2)):
            step()
            ktap.eq((r.get()["cpus"], r.get()["default-cpu"]), (table, c), "table")
    _rules(case)


def sizes_while_off():
    """The table grows by repeating and shrinks if it repeats, on and off alike."""
    def case(r):
        a, c, _, _ = r.cpus
        for state in ("on", "off"):
            r.set(state=state, entries=4)
            ktap.eq(r.get()["cpus"], [a, c] * 2, "shrunk")
            r.refused(errno.EILSEQ, "entry 1 differs from entry 0", ".entries", entries=1)
            r.set(entries=ENTRIES)
            ktap.eq(r.get()["cpus"], r.table, "grown")
        r.set(entries=1, cpus=family.words([c]))
        ktap.eq(r.get()["cpus"], [c], "with a table")
        r.refused(errno.EINVAL, "power of two up to 16", ".entries", entries=32)
        r.refused(errno.EINVAL, "power of two up to 16", ".entries", entries=12)
    _rules(case)


# ---- moves ----

def full_batch():
    """A batch of 128 entries and both processors is one call; a longer one than the largest
    table needs is refused."""
    def case(r):
        a, c, _, _ = r.cpus
        batch = [(i, a if i % 2 else c) for i in range(128)]
        ktap.eq(r.move(*batch, ("default", c), ("primary", c)), [0] * 130, "130")
        shown = r.get()
        ktap.eq(shown["cpus"], [c, a] * 64, "all entries")
        ktap.eq((shown["default-cpu"], shown["primary-cpu"]), (c, c), "both processors")
        longest = [(i % 128, a) for i in range(4096)]
        ktap.eq(r.move(*longest, ("default", a), ("primary", a)), [0] * 4098, "4098")
        r.refused(errno.E2BIG, "4099 moves, one batch may have 4098", None, "rss-move",
                  entry=[{"index": 0, "cpu": c}] * 4099)
    _rules(case, entries=128)


def groups_are_maximal():
    """Neighbours of one VPort are one group; V1:{0,1}, V2:{0}, V1:{2} are three."""
    def case(r):
        a, c, d, _ = r.cpus

        def batch(*entries):
            reply = r.control.do("rss-move", adapter="vmmq0", entry=[
                {"vport": v, "index": i, "cpu": cpu} for v, i, cpu in entries])["entry"]
            return [errno.errorcode.get(entry["error"], 0) for entry in reply]
        other = r.get(2)["cpus"]
        ktap.eq(batch((1, 0, c), (1, 99, a), (2, 0, other[1]), (1, 2, c)),
                ["EINVAL", "EINVAL", 0, 0], "three groups")
        ktap.eq(r.get()["cpus"], [a, c, c] + r.table[3:], "the third was carried out alone")
        ktap.eq(r.get(2)["cpus"], [other[1]] + other[1:], "the second too")
        ktap.eq(batch((1, 0, c), (1, 3, a), (1, 4, d)), ["ENOSPC"] * 3, "one group")
        ktap.eq(batch((1, 0, c), (9, 0, a), (9, 1, a), (2, 0, 7000), (1, 3, a)),
                [0, "ENODEV", "ENODEV", "ERANGE", 0], "a VPort that is none")
        ktap.eq(r.get()["cpus"], [c, c, c, a] + r.table[4:], "what is left")
    _rules(case, vports=3)


def group_is_undone_whole():
    """Whatever is wrong with one entry, wherever it stands, no entry of its group moves and
    all have one status; a text says which."""
    def case(r):
        a, c, d, _ = r.cpus
        good = [(0, c), (1, a), ("primary", c)]
        for status, says, bad in (
                ("EINVAL", "the table has 16", (16, a)),
                ("ERANGE", "CPU 8000 is not online", (2, 8000)),
                ("ENOSPC", "no queue left for CPU", (2, d)),
                ("ENOSPC", "no queue left for CPU", ("default", d)),
                ("ESTALE", "entry 2 is on CPU", {"index": 2, "cpu": c, "from": d}),
                ("ESTALE", "the default processor is CPU",
                 {"kind": "default", "cpu": c, "from": d}),
                ("ESTALE", "the primary processor is CPU",
                 {"kind": "primary", "cpu": a, "from": d})):
            for place in range(len(good) + 1):
                r.unmoved([status] * 4, *good[:place], bad, *good[place:])
                ktap.contains(r.reply[0]["text"], says, f"{bad}")
    _rules(case)


def no_move():
    """A move to where it points succeeds and changes nothing, not even the generation or whose
    table it is; nor is it announced."""
    def case(r):
        r.set(user_table=0)
        before = r.get()
        monitor = r.control.monitor()
        ktap.eq(r.move((0, before["cpus"][0]), ("default", before["default-cpu"]),
                       ("primary", before["primary-cpu"])), [0] * 3, "to where they are")
        ktap.eq(r.get(), before, "as before")
        ktap.eq(monitor.heard(), [], "not announced")
        ktap.eq(r.move((0, r.cpus[0]), (1, r.cpus[0])), [0, 0], "one of them moves")
        ktap.eq([[e["index"] for e in msg["entry"]] for _, msg in monitor.heard()], [[1]],
                "announced alone")
        ktap.eq(r.get()["user-table"], 1, "a user's now")
        monitor.close()
    _rules(case)


def moves_in_order():
    """Moves of one entry in a group follow each other; from is compared when their turn comes."""
    def case(r):
        a, c, _, _ = r.cpus
        ktap.eq(r.move({"index": 0, "cpu": c, "from": a}, {"index": 0, "cpu": a, "from": c},
                       {"index": 0, "cpu": c, "from": a}), [0] * 3, "a chain")
        ktap.eq(r.get()["cpus"][0], c, "its end")
        r.unmoved(["ESTALE"] * 2, {"index": 1, "cpu": a, "from": c},
                  {"index": 1, "cpu": a, "from": c})
        ktap.eq(r.move({"index": 0, "cpu": a, "from": c}, {"index": 0, "cpu": c}), [0, 0],
                "there and back")
        ktap.eq(r.get()["cpus"][0], c, "where it was")
    _rules(case)


def inactive_is_stored():
    """What does not steer is stored untested: the primary processor while on, entries and the
    default processor while off."""
    def case(r):
        ktap.eq(r.move(("primary", 7001)), [0], "on: primary")
        r.set(primary_cpu=r.cpus[0])
        r.set(state="off")
        queues = r.get()["queues"]
        ktap.eq(r.move((3, 7002), (4, r.cpus[3]), ("default", 7003)), [0] * 3, "off: others")
        shown = r.get()
        ktap.eq((shown["cpus"][3:5], shown["default-cpu"]), ([7002, r.cpus[3]], 7003), "stored")
        ktap.eq(shown["queues"], queues, "no queue was touched")
        r.unmoved(["ERANGE"], ("primary", 7004))
        r.unmoved(["EINVAL"], (ENTRIES, 1))
        r.unmoved(["ESTALE"], {"index": 3, "cpu": 1, "from": 7009})
        ktap.eq(r.move({"index": 3, "cpu": r.cpus[1], "from": 7002}), [0], "from the stored one")
    _rules(case)


def evacuation():
    """All entries of a CPU leave it in one group although each alone would be one CPU too many;
    in groups of one each is refused."""
    def case(r):
        a, c, d, _ = r.cpus
        mine = [i for i, cpu in enumerate(r.table) if cpu == c]
        for entry in mine:
            r.unmoved(["ENOSPC"], (entry, d))
        ktap.eq(r.move(*((entry, d) for entry in mine)), [0] * len(mine), "together")
        ktap.eq(r.get()["cpus"], [a, d] * 8, "evacuated")
        rest = [(i, c) for i, cpu in enumerate(r.get()["cpus"]) if cpu == a]
        r.unmoved(["ENOSPC"] * len(rest), *rest)
        ktap.eq(r.move(*rest, ("default", c)), [0] * (len(rest) + 1), "with the default")
        ktap.eq((set(r.get()["cpus"]), r.get()["default-cpu"]), ({c, d}, c), "evacuated too")
    _rules(case)


def limit_at_every_instant():
    """After any batch the CPUs of table and default processor fit the queue pairs."""
    def case(r):
        seed = 12345
        with ktap.Mismatches("CPUs and queue pairs") as m:
            done = refused = 0
            for step in range(150):
                batch = []
                for _ in range(1 + step % 5):
                    seed = (seed * 1103515245 + 12345) & 0x7fffffff
                    kind, cpu = (seed >> 8) % (ENTRIES + 1), r.cpus[(seed >> 16) % 4]
                    batch.append(("default", cpu) if kind == ENTRIES else (kind, cpu))
                expected = dict(enumerate(r.get()["cpus"]))
                expected["default"] = r.get()["default-cpu"]
                after = dict(expected, **{}) | dict(batch)
                fits = len(set(after.values())) <= 3
                status = r.move(*batch)
                m.eq(status, [0 if fits else "ENOSPC"] * len(batch), f"step {step}: {batch}")
                shown = dict(enumerate(r.get()["cpus"]), default=r.get()["default-cpu"])
                m.eq(shown, after if fits else expected, f"step {step}: the state")
                done, refused = done + fits, refused + (not fits)
        ktap.true(done > 20 and refused > 20, f"{done} done, {refused} refused")
    _rules(case, queues=3)


def deactivated():
    """A VPort that is not activated moves nothing, not even to where it is."""
    def case(r):
        r.control.do("vport-new", adapter="vmmq0", vport=2, state="deactivated")
        before = r.get(2)
        reply = r.control.do("rss-move", adapter="vmmq0", entry=[
            {"vport": 2, "index": 0, "cpu": before["cpus"][0]},
            {"vport": 2, "kind": "primary", "cpu": r.cpus[1]},
            {"vport": 1, "index": 0, "cpu": r.cpus[1]}])["entry"]
        ktap.eq([entry["error"] for entry in reply], [errno.ENETDOWN] * 2 + [0], "results")
        ktap.contains(reply[0]["text"], "is not activated; vport-set", "the way out")
        ktap.eq(r.get(2), before, "nothing changed")
    _rules(case)


ktap.main(decrease_in_order, decrease_counts_default, increase, count_while_off,
          restricted_sequences, decrease_forgets_a_stray, shared_processors, rule_keeps_its_queue,
          rule_keeps_its_sums, initial_values,
          primary_alone, off_needs_primary, on_needs_all, outside_the_set, survives,
          sizes_while_off, full_batch, groups_are_maximal, group_is_undone_whole, no_move,
          moves_in_order, inactive_is_stored, evacuation, limit_at_every_instant, deactivated)
