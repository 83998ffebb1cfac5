#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The adapter as devlink shows it: instance, info, a port for every VPort, a resource for
every pool. All of it follows VPorts and adapters, whichever way these come and go."""

import contextlib
import errno
import itertools
import json
import threading

from lib import command, family, genl, ktap, module, netns, wait

VPORTS, QUEUES = 3, 2
TURNS = 12
PORT_NEW, PORT_DEL, DEV_NEW, DEV_DEL = 7, 8, 3, 4   # notifications of devlink
INDEX = 3                                           # attribute of a port


@contextlib.contextmanager
def loaded(**parameters):
    """The module, all VPorts in this namespace. Yields the control family."""
    module.load(**dict({"vports": VPORTS, "queues": QUEUES, "max_queues": 8}, **parameters))
    try:
        yield family.Family()
    finally:
        module.unload()


def devlink(*words, ns=None):
    """devlink WORDS, as JSON."""
    return json.loads(command.run("devlink", "-j", *words, ns=ns))


def instances(ns=None):
    """Names of the instances of vmmq."""
    return sorted(name for name in devlink("dev", "show", ns=ns)["dev"]
                  if name.startswith("vmmq/"))


def ports(adapter="vmmq0", ns=None):
    """{index: net device, None if it is not in this namespace} of an adapter."""
    shown = devlink("port", "show", ns=ns)["port"]
    return {int(name.rsplit("/", 1)[1]): port.get("netdev") for name, port in shown.items()
            if name.startswith(f"vmmq/{adapter}/")}


def become(wanted, ns=None):
    """Waits until the ports are these: with `ip link del` they go soon after."""
    wait.until(lambda: ports(ns=ns) == wanted, f"ports {wanted}", lambda: ports(ns=ns))


def pools(adapter="vmmq0"):
    """{pool: (size, used)}."""
    shown = devlink("resource", "show", f"vmmq/{adapter}")["resources"]
    return {pool["name"]: (pool["size"], pool["occ"])
            for pool in shown[f"vmmq/{adapter}"]}


def names(*numbers):
    """Ports with the fixed names of their VPorts."""
    return {number: f"vmmq0v{number}" for number in numbers}


def instance():
    """One for each adapter, with driver, serial number and versions."""
    with loaded(adapters=2):
        ktap.eq(instances(), ["vmmq/vmmq0", "vmmq/vmmq1"], "instances")
        for name in ("vmmq0", "vmmq1"):
            info = devlink("dev", "info", f"vmmq/{name}")["info"][f"vmmq/{name}"]
            ktap.eq((info["driver"], info["serial_number"]), ("vmmq", name), "info")
            ktap.eq(info["versions"]["fixed"], {"board.id": "vmmq"}, "fixed versions")
            ktap.eq(list(info["versions"]["running"]), ["fw.mgmt.api"], "running versions")
        command.refused("devlink", "dev", "reload", "vmmq/vmmq0")
    ktap.eq(instances(), [], "instances without the module")


def a_port_each():
    """Number, kind and net device of the ports, as VPorts are made, renamed and deleted by
    the family and by ip; no name of a net device changes by it."""
    with loaded() as control:
        ktap.eq(ports(), names(0, 1, 2), "ports")
        shown = devlink("port", "show", "vmmq/vmmq0/2")["port"]["vmmq/vmmq0/2"]
        ktap.eq((shown["type"], shown["flavour"], shown["port"], shown["splittable"]),
                ("eth", "physical", 2, False), "a port")
        control.do("vport-new", adapter="vmmq0", vport=40)
        control.do("vport-new", adapter="vmmq0", ifname="lan")
        become(names(0, 1, 2, 40) | {3: "lan"})
        command.ip("link set vmmq0v1 name other")
        become(names(0, 2, 40) | {1: "other", 3: "lan"})
        control.do("vport-del", adapter="vmmq0", vport=1)
        command.ip("link del lan")
        become(names(0, 2, 40))
        control.refused(errno.EEXIST, "has a VPort 40", ".vport", "vport-new",
                        adapter="vmmq0", vport=40)
        become(names(0, 2, 40))


def same_number_again():
    """A number that was just given up can be taken at once, however it was given up."""
    with loaded() as control:
        for turn in range(TURNS):
            if turn % 2:
                control.do("vport-del", adapter="vmmq0", vport=2)
            else:
                command.ip("link del vmmq0v2")
            control.do("vport-new", adapter="vmmq0", vport=2)
            ktap.eq(ports(), names(0, 1, 2), f"ports after turn {turn}")


def namespaces():
    """The instance stays where its adapter is; a VPort elsewhere keeps its port, without a
    name; an adapter of another namespace is shown there, and goes with it."""
    with loaded() as control:
        there = netns.Netns("vmmq-devlink")
        command.ip(f"link set vmmq0v1 netns {there.name}")
        become({0: "vmmq0v0", 1: None, 2: "vmmq0v2"})
        ktap.eq(instances(there), [], "instances where only a VPort is")
        command.ip("link del vmmq0v1", ns=there)
        become(names(0, 2))
        foreign = family.Family(there)
        foreign.do("adapter-new", name="nx")
        ktap.eq(instances(there), ["vmmq/nx"], "instances there")
        ktap.eq(instances(), ["vmmq/vmmq0"], "instances here")
        foreign.do("vport-new", adapter="nx")
        ktap.eq(ports("nx", there), {0: "nxv0", 1: "nxv1"}, "ports there")
        command.ip("link set nxv1 netns 1", ns=there)
        ktap.eq(ports("nx", there), {0: "nxv0", 1: None}, "ports there, one VPort here")
        foreign.close()
        there.close()
        wait.until(lambda: command.status("ip", "link", "show", "nxv1")[0], "nxv1 to go")
        control.do("adapter-new", name="nx")
        ktap.eq(instances(), ["vmmq/nx", "vmmq/vmmq0"], "instances in the end")


def resources():
    """Size and use of every pool, as the pools are used."""
    with loaded() as control:
        before = pools()
        shown = {pool["kind"]: (pool["size"], pool["used"])
                 for pool in control.do("adapter-get", name="vmmq0")["pool"]}
        ktap.eq(before, shown, "the family's pools")
        ktap.eq((before["vports"][1], before["queue-pairs"][1]), (VPORTS, VPORTS * QUEUES),
                "VPorts and queue pairs in use")
        control.do("vport-new", adapter="vmmq0", queue_pairs=5)
        used = pools()
        for name, more in (("vports", 1), ("queue-pairs", 5), ("filters", 1), ("vectors", 0)):
            ktap.eq((used[name][0], used[name][1] - before[name][1]), (before[name][0], more),
                    name)
        command.refused("devlink", "resource", "set", "vmmq/vmmq0", "path", "vports",
                        "size", before["vports"][0] + 1)


def announced():
    """What comes and goes is announced by devlink too."""
    with loaded() as control:
        group = family.Group("devlink", "config")
        control.do("vport-new", adapter="vmmq0", vport=9)
        command.ip("link del vmmq0v9")
        become(names(0, 1, 2))
        control.do("adapter-new", name="nx")
        control.do("adapter-del", name="nx")
        heard = group.heard()
        group.close()
        ninth = [cmd for cmd, attributes in heard if cmd in (PORT_NEW, PORT_DEL)
                 and genl.number(attributes[INDEX]) == 9]
        ktap.eq((ninth[0], ninth[-1], ninth.count(PORT_DEL)), (PORT_NEW, PORT_DEL, 1),
                f"of port 9: {ninth}")
        whole = [cmd for cmd, _ in heard if cmd in (DEV_NEW, DEV_DEL)]
        ktap.eq(whole, [DEV_NEW, DEV_DEL], "of the instance")


def everything_at_once():
    """VPorts and adapters come and go in several ways while devlink is read."""
    with loaded() as control:
        stop, failures = threading.Event(), []

        def repeat(function):
            try:
                for turn in itertools.count():
                    if stop.is_set():
                        return
                    function(turn)
            except ktap.Failure as failure:
                failures.append(str(failure))

        def churn(number):
            own = family.Family()
            for turn in range(TURNS):
                own.do("vport-new", adapter="vmmq0", vport=number)
                if turn % 2:
                    own.do("vport-del", adapter="vmmq0", vport=number)
                else:
                    command.ip(f"link del vmmq0v{number}")
            own.close()

        readers = [threading.Thread(target=repeat, args=(lambda _, words=words:
                                                         command.status("devlink", *words),))
                   for words in (("port", "show"), ("resource", "show", "vmmq/vmmq0"))]
        churns = [threading.Thread(target=churn, args=(number,)) for number in (11, 12)]
        for thread in readers + churns:
            thread.start()
        for _ in range(TURNS // 3):
            control.do("adapter-new", name="nx")
            control.do("vport-new", adapter="nx")
            control.do("adapter-del", name="nx")
        for thread in churns:
            thread.join()
        stop.set()
        for thread in readers:
            thread.join()
        ktap.eq(failures, [], "failures")
        become(names(0, 1, 2))


if __name__ == "__main__":
    ktap.main(instance, a_port_each, same_number_again, namespaces, resources, announced,
              everything_at_once)
