#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Control family, adapters: made and deleted, each capability and each pool with its refusal,
and the namespace an adapter belongs to and goes with."""

import contextlib
import errno
import os
import subprocess
import textwrap
import threading
import time

from lib import bed, command, cpus, ethtool, family, ktap, module, netns, wait

DEFAULT = ["vlan-filter", "vport-moderation", "asymmetric-queue-pairs", "vport-hash"]


class _Test:
    """An adapter "t" beside the module's own, in a namespace of its own."""

    def __init__(self, b, **capabilities):
        self.ns = netns.Netns("vmmq-adapter")
        b.undo(self.ns.close)
        self.control = family.Family(self.ns)
        b.undo(self.control.close)
        self.shown = self.control.do("adapter-new", name="t", capabilities={
            name.replace("_", "-"): value for name, value in capabilities.items()})
        b.undo(self._delete)

    def _delete(self):
        if self.control.dump("adapter-get"):
            self.control.do("adapter-del", name="t")

    def pool(self, kind):
        """(used, size) of a pool."""
        pools = self.control.do("adapter-get", name="t")["pool"]
        return next((p["used"], p["size"]) for p in pools if p["kind"] == kind)

    def new(self, **config):
        """vport-new."""
        return self.control.do("vport-new", adapter="t", **config)

    def refused(self, code, says, attribute, op, **attributes):
        """An operation that must fail."""
        self.control.refused(code, says, attribute, op, **attributes)


def made_and_deleted():
    """Defaults, everything given, and the announcements."""
    with bed.Bed(vports=1):
        control = family.Family()
        monitor = control.monitor()
        made = control.do("adapter-new")
        ktap.eq((made["name"], made["index"], made["vports"]), ("vmmq1", 1, 1), "defaults")
        ktap.eq(made["capabilities"]["flags"], set(DEFAULT), "default capabilities")
        ktap.eq(control.rss(adapter="vmmq1", vport=0)["queue-pairs"], 1, "queue pairs")
        given = {"flags": ["vport-hash"], "max-vports": 5, "max-queue-pairs": 9,
                 "max-queue-pairs-default": 4, "max-queue-pairs-vport": 2,
                 "max-entries-default": 64, "max-entries-vport": 32, "max-filters": 7,
                 "max-vectors": 1, "key-size": 52}
        made = control.do("adapter-new", name="mine", default_queue_pairs=3, capabilities=given)
        ktap.eq(made["capabilities"], dict(given, flags={"vport-hash"}), "as given")
        shown = control.rss(ifname="minev0")
        ktap.eq((shown["queue-pairs"], shown["entries"], len(shown["key"]), made["vectors"]),
                (3, 64, 52, 1), "the default VPort")
        ktap.eq(control.do("adapter-get", name="mine"), made, "shown alike")
        names = [(name, msg.get("name")) for name, msg in monitor.heard()]
        ktap.eq(names, [("adapter-add-ntf", "vmmq1"), ("adapter-add-ntf", "mine")], "announced")
        control.refused(errno.EEXIST, "in use", ".name", "adapter-new", name="mine")
        control.refused(errno.EINVAL, "no name", ".name", "adapter-new", name="a b")
        for attribute, value in (("max-entries-default", 48), ("key-size", 44)):
            control.refused(errno.EINVAL, "must be", f".capabilities.{attribute}",
                            "adapter-new", capabilities={attribute: value})
        control.refused(errno.EINVAL, "must be 1 to 2", ".default-queue-pairs", "adapter-new",
                        default_queue_pairs=3, capabilities={"max-queue-pairs-default": 2})
        control.refused(errno.ENOSPC, "pool of queue pairs", ".default-queue-pairs",
                        "adapter-new", default_queue_pairs=3,
                        capabilities={"max-queue-pairs": 2})
        control.do("adapter-del", name="mine")
        control.do("adapter-del", name="vmmq1")
        control.refused(errno.ENODEV, "no adapter mine", ".name", "adapter-del", name="mine")
        gone = [(name, msg.get("name")) for name, msg in monitor.heard()]
        ktap.eq(gone, [("adapter-del-ntf", "mine"), ("adapter-del-ntf", "vmmq1")],
                "deletions announced, their parts not")
        ktap.eq(os.listdir("/sys/bus/vmmq/devices"), ["vmmq0"], "devices left")
        monitor.close()
        control.close()


def names():
    """A name that sysfs or a net device has is refused in words, nothing is left of it; one
    that another part of sysfs has is as good as any."""
    with bed.Bed(vports=1) as b:
        control = family.Family()
        b.undo(control.close)
        for name in ("power", "uevent", "module", "a%d", ".", "a/b"):
            control.refused(errno.EINVAL, f"{name} is no name", ".name", "adapter-new", name=name)
        command.ip("link", "add", "busyv0", "type", "dummy")
        b.undo(command.ip, "link", "del", "busyv0")
        control.refused(errno.EEXIST, "net device has such a name", ".name", "adapter-new",
                        name="busy")
        for name in ("virtual", "platform", "system", "cpu"):
            made = control.do("adapter-new", name=name)
            ktap.eq(control.do("vport-get", ifname=f"{name}v0")["adapter"], name, "its VPort")
            ktap.true(os.path.exists(f"/sys/bus/vmmq/devices/{made['name']}"), "its device")
            control.do("adapter-del", name=name)
        ktap.eq(os.listdir("/sys/bus/vmmq/devices"), ["vmmq0"], "devices left")
        for n in range(1, 64):
            ktap.eq(control.do("adapter-new")["index"], n, "a number")
        control.refused(errno.ENOSPC, "pool of adapters: all 64", None, "adapter-new")
        control.do("adapter-del", name="vmmq7")
        ktap.eq(control.do("adapter-new", name="again")["index"], 7, "the number that is free")


def pools():
    """An empty pool is a refusal that names it; what is given back can be taken again."""
    with bed.Bed(vports=1) as b:
        t = _Test(b, max_vports=4, max_queue_pairs=5, max_queue_pairs_default=4,
                  max_queue_pairs_vport=8, max_filters=4)
        ktap.eq(t.pool("queue-pairs"), (1, 5), "queue pairs")
        t.new(queue_pairs=3)
        t.refused(errno.ENOSPC, "pool of queue pairs of t: 4 of 5", ".queue-pairs",
                  "vport-new", adapter="t", queue_pairs=2)
        t.refused(errno.ENOSPC, "pool of queue pairs of t: 4 of 5", ".queue-pairs",
                  "vport-set", adapter="t", vport=1, queue_pairs=5)
        t.refused(errno.ENOSPC, "pool of queue pairs", ".queue-pairs", "rss-set",
                  adapter="t", vport=0, queue_pairs=3)
        tool = ethtool.Device(t.ns, "tv0")
        try:
            tool.set_channels(3)
            ktap.fail("ethtool -L took more than the pool has")
        except ethtool.Refused as refusal:
            ktap.eq(refusal.errno, errno.ENOSPC, "ethtool -L")
        finally:
            tool.close()
        t.control.do("vport-set", adapter="t", vport=1, queue_pairs=1)
        ktap.eq(t.pool("queue-pairs"), (2, 5), "given back")
        t.new(queue_pairs=2)
        t.new()
        ktap.eq(t.pool("vports"), (4, 4), "VPorts")
        t.refused(errno.ENOSPC, "pool of VPorts of t", None, "vport-new", adapter="t")
        ktap.eq(t.pool("filters"), (4, 4), "filters")
        t.refused(errno.ENOSPC, "pool of filters of t", None, "filter-new", adapter="t",
                  vport=1, mac=b"\2\0\0\0\0\1")
        t.control.do("vport-del", adapter="t", vport=3)
        t.control.do("filter-new", adapter="t", vport=1, mac=b"\2\0\0\0\0\1")
        t.refused(errno.ENOSPC, "pool of filters of t", None, "vport-new", adapter="t")
        ktap.eq((t.pool("vports"), t.pool("filters")), ((3, 4), (4, 4)), "nothing is left")
        command.ip("link", "del", "tv1", ns=t.ns)
        ktap.eq([t.pool(kind) for kind in ("vports", "queue-pairs", "filters")],
                [(2, 4), (3, 5), (2, 4)], "ip link del gives back, a user's filter too")
        t.new(queue_pairs=2)
        ktap.eq(t.pool("queue-pairs"), (5, 5), "taken again")


def capabilities():
    """Without a capability, what it would allow is refused."""
    with bed.Bed(vports=1) as b:
        t = _Test(b, flags=[], max_entries_vport=32)
        t.new(queue_pairs=2)
        two = {"adapter": "t", "vport": 1}
        t.refused(errno.EOPNOTSUPP, "all have 2 queue pairs", ".queue-pairs", "vport-new",
                  adapter="t", queue_pairs=3)
        t.new(queue_pairs=2)
        t.refused(errno.EOPNOTSUPP, "the same number", ".queue-pairs", "vport-set",
                  queue_pairs=3, **two)
        t.refused(errno.EOPNOTSUPP, "have no moderation", ".moderation", "vport-set",
                  moderation="low", **two)
        t.refused(errno.EOPNOTSUPP, "share key", ".key", "rss-set", key=bytes(40), **two)
        t.refused(errno.EOPNOTSUPP, "share key", ".types", "rss-set", types=["ipv4"], **two)
        t.refused(errno.EOPNOTSUPP, "by VLAN", ".vlan", "filter-new", vlan=3,
                  mac=b"\2\0\0\0\0\1", **two)
        t.refused(errno.EOPNOTSUPP, "by VLAN", ".vlan", "vport-new", adapter="t", vlan=3,
                  queue_pairs=2)
        command.refused("ethtool", "-K", "tv1", "rx-vlan-filter", "on", ns=t.ns)
        command.refused("ethtool", "-C", "tv1", "rx-usecs", "5", ns=t.ns)
        t.control.do("vport-set", adapter="t", vport=0, queue_pairs=4)
        t.control.do("rss-set", entries=16, **two)


def restricted_table():
    """The table has as many entries as queue pairs, rounded up to a power of two."""
    with bed.Bed(vports=1) as b:
        t = _Test(b, flags=DEFAULT + ["restricted-table"])
        t.new(queue_pairs=3)
        two = {"adapter": "t", "vport": 1}
        ktap.eq(t.control.rss(**two)["queues"], [0, 1, 2, 0], "3 queue pairs")
        t.refused(errno.EINVAL, "have 4 entries for 3", ".entries", "rss-set", entries=8, **two)
        t.control.do("vport-set", queue_pairs=5, **two)
        ktap.eq(t.control.rss(**two)["entries"], 8, "5 queue pairs")
        t.control.do("rss-set", queues=family.words([0, 1, 0, 1, 0, 1, 0, 0]), **two)
        t.refused(errno.EILSEQ, "differs", ".queue-pairs", "vport-set", queue_pairs=4, **two)
        t.control.do("rss-set", queues=family.words([0, 1] * 4), **two)
        t.control.do("vport-set", queue_pairs=2, **two)
        ktap.eq(t.control.rss(**two)["queues"], [0, 1], "2 queue pairs, repeated before")
        t.control.do("vport-set", queue_pairs=7, **two)
        ktap.eq(t.control.rss(**two)["queues"], [0, 1] * 4, "7 queue pairs, the table repeats")
        t.refused(errno.EINVAL, "can't follow", ".capabilities.max-entries-vport",
                  "adapter-new", capabilities={"flags": ["restricted-table"],
                                               "max-queue-pairs-vport": 9,
                                               "max-entries-vport": 8})


def namespaces():
    """An adapter is seen from its namespace only, and goes with it."""
    with bed.Bed(vports=1) as b:
        t = _Test(b)
        t.new()
        outside = family.Family()
        ktap.eq([a["name"] for a in outside.dump("adapter-get")], ["vmmq0"], "seen outside")
        ktap.eq([a["name"] for a in t.control.dump("adapter-get")], ["t"], "seen inside")
        outside.refused(errno.ENODEV, "no adapter t", ".name", "adapter-del", name="t")
        outside.refused(errno.EEXIST, "in use on this machine", ".name", "adapter-new", name="t")
        command.ip("link", "set", "tv1", "netns", "1", ns=t.ns)
        ktap.contains(command.ip("link", "show", "tv1"), "tv1", "a VPort outside")
        outside.refused(errno.EPERM, "namespace of t", ".ifname", "rss-set", ifname="tv1",
                        state="off")
        t.control.do("rss-set", ifname="tv1", state="off")
        ktap.eq(t.control.rss(ifname="tv1")["state"], "off", "controlled from its namespace")
        other = netns.Netns("vmmq-short")
        control = family.Family(other)
        control.do("adapter-new", name="short")
        control.close()
        other.close()
        wait.until(lambda: "short" not in os.listdir("/sys/bus/vmmq/devices"),
                   "the adapter to go with its namespace")
        outside.close()


def processors():
    """The processor set: where vectors are, what tables may name, how it changes."""
    cpus.need(4)
    with bed.Bed(vports=1) as b:
        t = _Test(b)
        online = cpus.online()
        t.control.do("adapter-del", name="t")
        made = t.control.do("adapter-new", name="t", processors={
            "base-cpu": online[1], "max-cpu": online[3], "max-count": 2})
        ktap.eq(cpus.parse_list(made["processors"]["cpus"]), online[1:3], "the set")
        ktap.eq([v["cpu"] for v in t.control.dump("vector-get")], online[1:3], "vectors")
        t.new(queue_pairs=2)
        two = {"adapter": "t", "vport": 1}
        t.control.do("rss-set", cpus=family.words(online[1:3]), **two)
        t.refused(errno.ERANGE, "not in the processor set", ".cpus", "rss-set",
                  cpus=family.words(online[3:4]), **two)
        t.refused(errno.ERANGE, "in the processor set", ".affinity", "vector-set",
                  adapter="t", index=0, affinity=str(online[0]))
        t.refused(errno.EBUSY, "outside the set", ".processors", "adapter-set", name="t",
                  processors={"base-cpu": online[2]})
        t.refused(errno.ERANGE, "no CPU", ".processors", "adapter-set", name="t",
                  processors={"base-cpu": 5000})
        irqs = [v["irq"] for v in t.control.dump("vector-get")]
        cpus.set_affinity(irqs[1], online[3])
        t.refused(errno.ERANGE, "not in the processor set", ".cpus", "rss-set",
                  cpus=family.words(online[3:4]), default_cpu=online[3], **two)
        cpus.set_affinity(irqs[1], online[2])
        monitor = t.control.monitor()
        t.control.do("adapter-set", name="t", processors={"base-cpu": 0, "max-count": 4})
        heard = monitor.heard()
        monitor.close()
        ktap.eq([name for name, _ in heard], ["adapter-change-ntf"], "announced")
        ktap.eq(cpus.parse_list(heard[0][1]["processors"]["cpus"]), online[:4], "larger")
        t.control.do("vector-set", adapter="t", index=0, affinity=str(online[3]))
        t.control.do("rss-set", cpus=family.words([online[3]]), default_cpu=online[3], **two)
        ktap.eq(set(t.control.rss(**two)["cpus"]), {online[3]}, "a new CPU of the set")


def privileges():
    """CAP_NET_ADMIN of another user namespace makes no adapter."""
    with bed.Bed(vports=1):
        child = os.fork()
        if not child:
            status = 1
            try:
                os.setuid(65534)
                control = family.Family()
                ktap.eq([a["name"] for a in control.dump("adapter-get")], ["vmmq0"], "reading")
                for op in ("adapter-new", "adapter-del", "vport-new", "vport-del", "filter-del"):
                    try:
                        control.do(op)
                        ktap.fail(f"{op} was allowed")
                    except family.Refused as refusal:
                        ktap.eq(refusal.errno, errno.EPERM, op)
                status = 0
            except Exception as error:      # pylint: disable=broad-exception-caught
                ktap.diag(error)
            finally:
                os._exit(status)
        ktap.eq(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0, "the user's attempts")
        script = ("import sys, errno; sys.path.insert(0, sys.argv[1])\n"
                  "from lib import family\n"
                  "c = family.Family()\n"
                  "try: c.do('adapter-new'); sys.exit(2)\n"
                  "except family.Refused as r: sys.exit(r.errno != errno.EPERM)\n")
        here = os.path.dirname(os.path.abspath(__file__))
        code, output = command.status("unshare", "-Urn", "python3", "-c", script, here)
        if "unshare failed" in output:
            ktap.skip("user namespaces are missing")
        ktap.eq((code, output), (0, ""), "root of another user namespace")


class _Container:
    """Network and user namespaces of their own; this machine's root is its root."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "-Urn", "sh", "-c", "echo in; exec sleep 900"],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if self.process.stdout.readline() != b"in\n":
            self.close()
            ktap.skip("user namespaces are missing")
        self.pid = str(self.process.pid)

    @contextlib.contextmanager
    def entered(self):
        """This thread is in its network namespace, with the rights it has outside."""
        with netns.inside(f"/proc/{self.pid}/ns/net"):
            yield self

    def python(self, script):
        """Runs a script as its root."""
        here = os.path.dirname(os.path.abspath(__file__))
        code, output = command.status(
            "nsenter", "-t", self.pid, "-U", "-n", "--preserve-credentials", "python3", "-c",
            "import errno, sys\nsys.path.insert(0, sys.argv[1])\n"
            "from lib import family, ktap\nnic = family.Family()\n" + script, here)
        ktap.eq((code, output), (0, ""), "the container's script")

    def close(self):
        """Ends it and with it its namespaces."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def container():
    """The root of a container controls the adapters of its namespace within their pools, and
    makes none; they go with it."""
    with bed.Bed(vports=1):
        box = _Container()
        try:
            control = family.Family(box)
            control.do("adapter-new", name="box", capabilities={
                "max-vports": 2, "max-queue-pairs": 4, "max-filters": 3})
            control.close()
            box.python(textwrap.dedent("""
                ktap.eq([a["name"] for a in nic.dump("adapter-get")], ["box"], "what it sees")
                for op, name in (("adapter-new", "more"), ("adapter-set", "box")):
                    try:
                        nic.do(op, name=name, processors={"base-cpu": 0})
                        ktap.fail(f"{op} was allowed")
                    except family.Refused as refusal:
                        ktap.eq(refusal.errno, errno.EPERM, op)
                nic.do("vport-new", adapter="box", queue_pairs=2)
                one = {"adapter": "box", "vport": 1}
                nic.do("rss-set", queues=family.words([1] * 128), **one)
                nic.do("rss-move", entry=[{"index": 1, "cpu": nic.rss(**one)["queue-cpus"][0]}],
                       **one)
                ktap.eq(nic.rss(**one)["queues"][:3], [1, 0, 1], "a move")
                nic.do("filter-new", mac=bytes((2, 0, 0, 0, 0, 1)), **one)
                for says, op, more in (
                        ("pool of VPorts of box", "vport-new", {"adapter": "box"}),
                        ("pool of queue pairs of box", "vport-set", dict(one, queue_pairs=9)),
                        ("pool of filters of box", "filter-new",
                         dict(one, mac=bytes((2, 0, 0, 0, 0, 2))))):
                    nic.refused(errno.ENOSPC, says, ".queue-pairs" if "set" in op else None, op,
                                **more)
                nic.refused(errno.ENODEV, "no adapter vmmq0", ".adapter", "rss-set",
                            adapter="vmmq0", vport=0, state="off")
                """))
        finally:
            box.close()
        wait.until(lambda: "box" not in os.listdir("/sys/bus/vmmq/devices"),
                   "the adapter to go with the container")


def unload_with_adapters():
    """rmmod takes adapters of other namespaces along."""
    module.load(vports=1)
    space = netns.Netns("vmmq-left")
    try:
        control = family.Family(space)
        control.do("adapter-new", name="left")
        control.do("vport-new", adapter="left", queue_pairs=2)
        command.ip("link", "set", "leftv1", "up", ns=space)
        control.close()
        module.unload()
        ktap.true("leftv0" not in command.ip("link", ns=space), "its devices are gone")
    finally:
        space.close()


def comings_and_goings():
    """Adapters come and go, alone and with their namespace, while CPUs go off and on, VPorts
    are in each other's namespaces and somebody dumps all of it; what was there stays."""
    cpus.need(3)
    rounds = 6
    with bed.Bed(vports=2) as b:
        guest = b.vports[1]
        stop, problems = threading.Event(), []
        last = cpus.online()[-1]

        def until_stopped(work):
            try:
                while not stop.is_set():
                    work()
            except Exception as problem:    # pylint: disable=broad-exception-caught
                problems.append(repr(problem))

        def hotplug():
            for state in (0, 1):
                cpus.set_online(last, state)
                time.sleep(0.05)

        control = family.Family()
        b.undo(control.close)

        def look():
            for op in ("adapter-get", "vport-get", "filter-get", "vector-get", "rss-get"):
                control.dump(op)
        threads = [threading.Thread(target=until_stopped, args=(work,))
                   for work in (hotplug, look)]
        for thread in threads:
            thread.start()
        try:
            for n in range(rounds):
                space = netns.Netns("vmmq-brief")
                inside = family.Family(space)
                name = f"brief{n}"
                inside.do("adapter-new", name=name, default_queue_pairs=2)
                inside.do("vport-new", adapter=name, queue_pairs=2)
                command.ip("link", "set", f"{name}v1", "netns", "1", ns=space)
                command.ip("link", "set", f"{name}v1", "up")
                guest.ip(f"link set {guest.name} netns {space.name}")
                if n % 2:
                    inside.do("adapter-del", name=name)
                inside.close()
                space.close()
                wait.until(lambda name=name: name not in os.listdir("/sys/bus/vmmq/devices"),
                           "the adapter to go")
                wait.until(lambda: os.path.exists(f"/sys/class/net/{guest.name}"),
                           "the VPort of another adapter to come back")
                command.ip("link", "set", guest.name, "netns", guest.ns.name)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            cpus.set_online(last, 1)
        ktap.eq(problems, [], "hotplug and dumps")
        ktap.eq([v["vport"] for v in control.dump("vport-get")], [0, 1], "what was there")
        ktap.eq(os.listdir("/sys/bus/vmmq/devices"), ["vmmq0"], "devices left")


ktap.main(made_and_deleted, names, pools, capabilities, restricted_table, namespaces, processors,
          privileges, container, comings_and_goings, unload_with_adapters)
