#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""vmmqctl monitor: every notification of the family, whoever made the change, with what
Python's ynl hears; by noun, as text, in a namespace, and when too many come at once."""

import os
import signal
import time

from lib import command, cpus, family, ktap, netns, vmmqctl, wait
from lib.bed import Bed

MAC = "02:00:00:5e:00:01"

# What is done, and the notifications it has to be heard as. Together all there are.
CHANGES = (
    ("adapter add far key-size 52 max-count 1", ["adapter-add-ntf"]),
    ("adapter set far max-count 2", ["adapter-change-ntf"]),
    ("vport add far name new state deactivated", ["vport-add-ntf"]),
    ("vport set new moderation low", ["vport-change-ntf"]),
    ("filter add new mac " + MAC + " vlan 0", ["filter-add-ntf"]),
    ("filter move new mac " + MAC + " vlan 0 to farv0", ["filter-move-ntf"]),
    ("filter del farv0 mac " + MAC + " vlan 0", ["filter-del-ntf"]),
    ("rss set vmmq0v0 off", ["rss-change-ntf", "vport-change-ntf"]),
    ("move vmmq0v0 0-99 to 2 and primary to 1", ["rss-move-ntf"]),
    ("vector set vmmq0 1 affinity 0-1", ["vector-change-ntf"]),
    ("vport del new", ["vport-del-ntf"]),
    ("adapter del far", ["adapter-del-ntf"]),
)


def notifications_of_the_spec():
    """Names of all notifications and events that the spec has."""
    import yaml             # pylint: disable=import-outside-toplevel; it comes with ynl
    spec = yaml.safe_load(family.SPEC.read_text(encoding="utf-8"))
    return {op["name"] for op in spec["operations"]["list"] if op["name"].endswith("-ntf")}


def _until_named(control, names):
    """What ynl hears until all the names were heard."""
    found = []

    def heard():
        found.extend(control.heard())
        return set(names) <= {name for name, _ in found}
    wait.until(heard, f"ynl to hear {names}, not only {found}")
    return found


def every_notification():
    """Each change is printed as ynl hears it, in the same order, key by key."""
    cpus.need(3)
    with Bed(vports=1, queues=2):
        control = family.Family()
        listener = control.monitor()
        monitor = vmmqctl.Monitor()
        seen = set()
        try:
            for words, names in CHANGES:
                vmmqctl.show(words) if words.startswith("move") else vmmqctl.run(words)
                wanted = _until_named(listener, names)
                heard = monitor.heard(len(wanted))
                ktap.eq([name for name, _ in heard], [name for name, _ in wanted], words)
                for (name, shown), (_, other) in zip(heard, wanted):
                    if name.startswith("filter"):
                        other = dict(other, device=other.get("device", False))
                    vmmqctl.same(shown, other, f"{words}: {name}")
                seen |= {name for name, _ in heard}
        finally:
            monitor.close()
            listener.close()
            control.close()
        ktap.eq(sorted(seen), sorted(notifications_of_the_spec()), "all there are")


def changes_of_others():
    """What ethtool and ip change is printed, too."""
    with Bed(vports=2, queues=2, max_queues=4) as b:
        monitor = vmmqctl.Monitor("rss")
        try:
            b.vports[1].ethtool("-X", "vmmq0v1", "weight", "1", "3")
            (name, shown), = monitor.heard(1)
            ktap.eq((name, shown["ifname"], shown["queues"]),
                    ("rss-change-ntf", "vmmq0v1", b.vports[1].tool.table()), "ethtool -X")
            ktap.true("hits" not in shown, "hits are not in notifications")
        finally:
            monitor.close()


def chosen_nouns():
    """Nouns choose; a shortened one too."""
    with Bed(vports=2, queues=2):
        monitor = vmmqctl.Monitor("filt", "move")
        try:
            vmmqctl.run("vport set vmmq0v1 moderation high")
            vmmqctl.run("rss set vmmq0v1 key random")
            vmmqctl.run("move vmmq0v1 3 to 0")
            vmmqctl.run(f"filter add vmmq0v1 mac {MAC}")
            ktap.eq([name for name, _ in monitor.heard(2)],
                    ["rss-move-ntf", "filter-add-ntf"], "those chosen only")
        finally:
            monitor.close()
        vmmqctl.refused(vmmqctl.MISUSED, "monitor filtr", says="did you mean 'filter'")


def as_text():
    """One line each, however long the table; without colours in a pipe."""
    with Bed(vports=2, queues=2):
        monitor = vmmqctl.Monitor("rss", "filter", "move", text=True)
        try:
            vmmqctl.run("rss set vmmq0v1 key random")
            vmmqctl.run(f"filter add vmmq0v1 mac {MAC} vlan 7")
            vmmqctl.show("move vmmq0v1 1,3 to 0")
            first, second, third = monitor.lines(3)
            for part in ("rss-change-ntf adapter vmmq0 vport 1 ", "queues 0,1,0,1,0,1,0,1,...(128)",
                         "key "):
                ktap.contains(first, part, "rss")
            ktap.eq(second, f"filter-add-ntf adapter vmmq0 vport 1 ifname vmmq0v1 mac {MAC} vlan 7",
                    "filter")
            ktap.contains(third, "entry (kind entry index 1 cpu 0 from 1) (kind entry index 3",
                          "move")
        finally:
            monitor.close()


def in_a_namespace():
    """Each namespace has its own; -n listens in another."""
    with Bed(vports=1, queues=1) as b:
        ns = netns.Netns("vmmq-ctl")
        b.undo(ns.close)
        here = vmmqctl.Monitor("adapter")
        there = vmmqctl.Monitor("adapter", ns=ns)
        try:
            vmmqctl.run("-n", "vmmq-ctl", "adapter", "add", "far")
            vmmqctl.run("adapter add near")
            ktap.eq([msg["name"] for _, msg in there.heard(1)], ["far"], "there")
            ktap.eq([msg["name"] for _, msg in here.heard(1)], ["near"], "here")
            vmmqctl.run("-n", "vmmq-ctl", "adapter", "del", "far")
        finally:
            here.close()
            there.close()


def too_many_at_once():
    """Notifications that found no room are told as an overrun, and it goes on."""
    sent = 600      # with tables of 4096 entries more than the socket holds
    with Bed(vports=1, queues=2, entries=4096):
        control = family.Family()
        monitor = vmmqctl.Monitor("rss", "vport")
        names = []

        def heard_on():
            """Whether a change made now is heard; the queue may still be full."""
            vmmqctl.run("vport", "set", "vmmq0v0", "moderation", ("low", "high")[len(names) % 2])
            names.extend(line.split('"')[3] for line in monitor.some())
            return names and names[-1] == "vport-change-ntf"
        try:
            os.kill(monitor.process.pid, signal.SIGSTOP)
            for number in range(sent):
                control.do("rss-set", ifname="vmmq0v0", default_queue=1 - number % 2)
            os.kill(monitor.process.pid, signal.SIGCONT)
            wait.until(heard_on, "the monitor to go on", lambda: len(names))
        finally:
            monitor.close()
            control.close()
        ktap.true("overrun" in names, f"an overrun is told: {set(names)}")
        ktap.between(names.count("rss-change-ntf"), 1, sent - 1, "what was not lost")


def goes_with_its_reader():
    """A closed pipe ends it; it does not hold the module."""
    with Bed(vports=1, queues=1):
        monitor = vmmqctl.Monitor()
        monitor.process.stdout.close()
        vmmqctl.run("vport set vmmq0v0 moderation high")
        end = time.monotonic() + command.LIMIT
        while monitor.process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        ktap.true(monitor.process.poll() is not None, "it ended")
        monitor.close()
        staying = vmmqctl.Monitor()
    staying.close()


ktap.main(every_notification, changes_of_others, chosen_nouns, as_text, in_a_namespace,
          too_many_at_once, goes_with_its_reader)
