#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""VPorts, namespaces, processors and the module come and go under traffic.

Traffic that has nothing to do with what goes must not lose a datagram; traffic that has
must go on once its end is back; and nothing may be left behind.
"""

import contextlib
import os
import socket

from lib import bed, command, cpus, ethtool, ktap, load, module, packet, wait

ADAPTER_DIR = "/sys/bus/vmmq/devices"
WORK = 300              # datagrams or TCP writes that must arrive in a phase
LEFT, MIDDLE, RIGHT = range(3)


class Site(bed.Bed):
    """VPorts with IPv4 addresses (IPv6 ones go away with the link)."""

    def __enter__(self):
        super().__enter__()
        try:
            self.set_addresses(ipv6=False)
        except BaseException:
            self._close()
            raise
        return self

    def both_ways(self, traffic, a, b, flows=2, window=16, tcp=1):
        """Adds UDP and TCP between two VPorts, in both directions."""
        for sender, receiver in ((a, b), (b, a)):
            traffic.udp(self.vports[sender], self.vports[receiver], flows, window, 256)
            traffic.tcp(self.vports[sender], self.vports[receiver], tcp)

    def take_down(self, number):
        """Takes a VPort down, and its address away: with one it would ask for the others
        as soon as it is up again, by broadcast."""
        vport = self.vports[number]
        vport.down()
        vport.ip(f"address flush dev {vport.name}")

    def bring_up(self, number):
        """Restores a VPort and what it knows of the others."""
        vport = self.vports[number]
        vport.up()
        for other in self.vports:
            if other is not vport:
                vport.ip(f"neigh replace {other.ip4} lladdr {other.mac.hex(':')} "
                         f"dev {vport.name} nud permanent")
        vport.ip(f"address add {vport.ip4}/24 dev {vport.name}")

    def balanced(self):
        """The sum rule holds, and every frame taken from a stack was completed."""
        sent, received, dropped = wait.settled(self.totals)
        ktap.eq(received + dropped, sent, "frames received and dropped")
        for vport in self.vports:
            stats = vport.stats()
            ktap.eq(ethtool.queue_sum(stats, "tx_completed"),
                    ethtool.frames_sent(stats), f"completions of {vport.name}")
        return sent, received, dropped


class FirstNs:
    """The namespace the tests start in, where a Netns is asked for."""

    socket = staticmethod(socket.socket)
    entered = staticmethod(contextlib.nullcontext)


def vports_of(adapter="vmmq0"):
    """Names of an adapter's VPorts that are in this namespace."""
    path = f"{ADAPTER_DIR}/{adapter}/net"
    return sorted(os.listdir(path)) if os.path.isdir(path) else []


def undisturbed(site, bystander, disturb, turns):
    """Runs disturb() while the bystander's traffic flows; that must not lose anything."""
    bystander.go()
    bystander.wait(WORK)
    for turn in range(turns):
        disturb(turn)
        bystander.wait(WORK)
    state = bystander.hold()
    ktap.diag(f"bystander: {state.summary()}")
    bystander.check()
    return state


# ---- a VPort comes and goes ----

def deleted_under_traffic():
    """ip link del while frames are on their way to and from the VPort."""
    for _ in range(3):
        with Site(vports=3, queues=2) as site, load.Load(tolerant=True) as traffic, \
                load.Load() as bystander:
            victim = site.vports[MIDDLE]
            site.both_ways(traffic, LEFT, MIDDLE)
            site.both_ways(bystander, LEFT, RIGHT, tcp=0)
            traffic.go()
            traffic.wait(WORK)
            undisturbed(site, bystander, lambda _, v=victim: v.ip(f"link del {v.name}"), 1)
            status, _ = command.status("ip", "link", "show", victim.name, ns=victim.ns)
            ktap.true(status, f"{victim.name} is gone")
            ktap.true(site.vports[LEFT].tool.sum("tx_packets"), "the sender is there")


def default_stays():
    """The default VPort can't be deleted alone."""
    with Site(vports=2) as site:
        vport = site.vports[LEFT]
        command.refused("ip", "link", "del", vport.name, ns=vport.ns)
        with load.Load() as traffic:
            site.both_ways(traffic, LEFT, MIDDLE)
            traffic.go()
            traffic.wait(WORK)
            traffic.hold()
            traffic.check()


def down_and_up():
    """Links go down and up under traffic in both directions; every frame is accounted for,
    and traffic between the others isn't disturbed."""
    with Site(vports=3, queues=2) as site, load.Load(tolerant=True) as traffic, \
            load.Load() as bystander:
        site.both_ways(traffic, LEFT, MIDDLE, tcp=0)
        site.both_ways(bystander, LEFT, RIGHT, tcp=0)

        def bounce(_):
            traffic.wait(WORK)
            site.take_down(MIDDLE)
            bystander.wait(WORK)
            site.bring_up(MIDDLE)

        traffic.go()
        undisturbed(site, bystander, bounce, 8)
        traffic.wait(WORK)
        state = traffic.hold()
        sent, received, dropped = site.balanced()
        ktap.diag(f"{state.summary()}; counters: sent {sent}, received {received}, "
                  f"dropped {dropped}")


def down_with_full_rings():
    """The receiver goes down with frames in its rings: they are counted as purged, and
    their senders' charges are returned."""
    with Site(vports=2, queues=2) as site:
        sender, receiver = site.vports
        receiver.ethtool(f"-C {receiver.name} adaptive-rx off rx-usecs 10000 rx-frames 0")
        for _ in range(10):
            before = receiver.tool.sum("rx_purged")
            with load.Load(tolerant=True) as traffic:
                traffic.udp(sender, receiver, 4, 64, 512)
                traffic.go()
                traffic.wait(WORK)
                site.take_down(MIDDLE)
                traffic.hold()
            site.balanced()
            purged = receiver.tool.sum("rx_purged") - before
            site.bring_up(MIDDLE)
            if purged:
                break
        ktap.true(purged, "frames were in the rings when the link went down")
        ktap.diag(f"{purged} frames purged")
        for queue in range(2):
            limits = f"class/net/{sender.name}/queues/tx-{queue}/byte_queue_limits"
            ktap.eq(sender.ns.sysfs(f"{limits}/inflight"), "0", f"bytes in flight, TX {queue}")


# ---- namespaces ----

def namespace_moves():
    """A VPort moves to another namespace and back under traffic; traffic goes on, and
    others aren't disturbed."""
    with Site(vports=3, queues=2) as site, load.Load(tolerant=True) as traffic, \
            load.Load() as bystander:
        vport = site.vports[MIDDLE]
        other = site.vports[RIGHT].ns
        site.both_ways(traffic, LEFT, MIDDLE, tcp=0)
        site.both_ways(bystander, LEFT, RIGHT, tcp=0)

        def away_and_back(_):
            vport.ip(f"link set {vport.name} netns {other.name}")
            bystander.wait(WORK)
            command.ip(f"link set {vport.name} netns {vport.ns.name}", ns=other)
            site.bring_up(MIDDLE)
            traffic.wait(WORK)

        traffic.go()
        undisturbed(site, bystander, away_and_back, 4)
        traffic.hold()


def namespace_dies():
    """A namespace dies with a VPort in it, under traffic: the VPort is back in the first
    namespace, under its name or a free one, and works."""
    with Site(vports=3, queues=2) as site, load.Load(tolerant=True) as traffic, \
            load.Load() as bystander:
        vport = site.vports[MIDDLE]
        path = site.has_parent()
        site.both_ways(bystander, LEFT, RIGHT, tcp=0)
        traffic.udp(site.vports[LEFT], vport, 2, 16, 256)
        traffic.go()
        traffic.wait(WORK)
        ktap.eq(vports_of(), [], "VPorts in the first namespace")

        def kill(_):
            traffic.close()     # a socket would keep the namespace
            vport.close()
            site.vports.remove(vport)
            wait.until(vports_of, "the VPort to come back")

        undisturbed(site, bystander, kill, 1)
        name, = vports_of()
        ktap.true(name == vport.name or name.startswith("dev"), f"its name {name}")
        with open(f"{path}/net/{name}/address", encoding="ascii") as file:
            ktap.eq(file.read().strip(), vport.mac.hex(":"), "its address")
        command.ip(f"link set {name} up")
        before = works(name, site.vports[0], vport.mac)
        ktap.true(before, f"{name} receives")


def works(name, sender, address):
    """Whether a device of the first namespace gets a frame for its address."""
    receiver = packet.Receiver(FirstNs, name)
    own = sender.sender(bypass=True)
    own.send(address + sender.mac + b"\x88\xb5" + b"are you there".ljust(46, b"\0"))
    found = receiver.wait(1)
    receiver.close()
    return any(b"are you there" in data for data, _ in found)


def name_taken():
    """The VPort comes back though another device has its name meanwhile."""
    with Site(vports=2) as site:
        vport = site.vports[MIDDLE]
        command.ip(f"link add {vport.name} type dummy")
        site.undo(command.ip, f"link del {vport.name}")
        vport.close()
        site.vports.remove(vport)
        name, = wait.until(vports_of, "the VPort to come back")
        ktap.true(name != vport.name, f"its name {name}")
        command.ip(f"link set {name} up")
        ktap.true(works(name, site.vports[0], vport.mac), f"{name} receives")


# ---- the module ----

def unloaded_under_traffic():
    """rmmod while TCP and UDP flow in both directions."""
    for turn in range(4):
        with Site(vports=3, queues=1 + turn) as site, load.Load(tolerant=True) as traffic:
            site.both_ways(traffic, LEFT, MIDDLE)
            site.both_ways(traffic, MIDDLE, RIGHT)
            traffic.go()
            traffic.wait(WORK)
            module.unload()
            ktap.true(traffic.stat().work >= WORK, "traffic flowed before")
            for vport in site.vports:
                status, _ = command.status("ip", "link", "show", vport.name, ns=vport.ns)
                ktap.true(status, f"{vport.name} is gone")
    ktap.eq(vports_of(), [], "VPorts left")


def loaded_and_unloaded():
    """insmod with other parameters each time gives what they say, and rmmod takes it all."""
    for parameters in ({}, {"adapters": 3, "vports": 1}, {"vports": 17, "queues": 1},
                       {"queues": 2, "max_queues": 2}, {"entries": 16}, {"entries": 4096},
                       {"key_size": 52, "tx_hash": 1}, {"max_queues": 128, "queues": 3},
                       {"adapters": 2, "vports": 5, "queues": 5, "max_queues": 7,
                        "entries": 64, "key_size": 40, "tx_hash": 0}):
        module.load(**parameters)
        check_parameters(**parameters)
        module.unload()
        ktap.true(not os.path.exists("/sys/bus/vmmq"), "nothing is left of the bus")
        ktap.true(not any(name.startswith("vmmq") for name in cpus.action_counts()),
                  "no interrupt is left")


def check_parameters(adapters=1, vports=3, queues=None, max_queues=None, entries=None,
                     key_size=40, tx_hash=0):
    """What is there is what the parameters say."""
    ktap.eq(sorted(os.listdir(ADAPTER_DIR)), [f"vmmq{n}" for n in range(adapters)],
            "adapters")
    online = len(cpus.online())
    largest = max_queues or max(16, online)
    table = entries or max(128, 1 << (4 * largest - 1).bit_length())
    for adapter in (f"vmmq{n}" for n in range(adapters)):
        ktap.eq(sorted(vports_of(adapter)), sorted(f"{adapter}v{n}" for n in range(vports)),
                f"VPorts of {adapter}")
        ktap.eq(len(cpus.vectors(adapter)), online, f"vectors of {adapter}")
        device = ethtool.Device(FirstNs, f"{adapter}v{vports - 1}")
        ktap.eq(device.channels(), (queues or min(online, largest), largest), "channels")
        ktap.eq(device.rss_sizes(), (table, key_size), "table entries and key size")
        ktap.eq(device.flags()["tx-hash"], bool(tx_hash), "tx-hash")
        device.close()


# ---- processors ----

def cpu_goes_and_comes():
    """CPUs go offline and come back under traffic: nothing is lost, and the vector returns
    to its CPU and interrupts there."""
    online = cpus.need(2)
    if not any(cpus.can_go_offline(cpu) for cpu in online):
        ktap.skip("CPU hotplug is missing")
    with Site(vports=2, queues=len(online)) as site, load.Load() as traffic:
        for cpu in online:
            site.undo(bring_online, cpu)
        site.both_ways(traffic, LEFT, MIDDLE, flows=6)
        traffic.go()
        traffic.wait(WORK)
        homes = [cpus.effective(irq) for irq in site.irqs]
        ktap.eq(sorted(homes), online, "CPUs of the vectors")
        for vector, cpu in enumerate(homes):
            if cpus.can_go_offline(cpu):
                bounce_cpu(site, traffic, vector, cpu)
        state = traffic.hold()
        ktap.diag(state.summary())
        traffic.check()
        ktap.eq(site.balanced()[2], 0, "frames dropped")


def bring_online(cpu):
    """Takes a CPU online if it isn't."""
    if cpu not in cpus.online():
        cpus.set_online(cpu, True)


def bounce_cpu(site, traffic, vector, cpu):
    """Takes a CPU away and gives it back, and looks where its vector is."""
    irq, name = site.irqs[vector], f"{site.adapter}-{vector}"
    cpus.set_online(cpu, False)
    traffic.wait(WORK)
    ktap.ne(cpus.effective(irq), cpu, f"CPU of {name} while {cpu} is offline")
    cpus.set_online(cpu, True)
    ktap.eq(cpus.effective(irq), cpu, f"CPU of {name} when {cpu} is back")
    before = cpus.action_counts()[name][1][cpu]

    def grown():
        traffic.wait(10)
        return cpus.action_counts()[name][1][cpu] > before

    wait.until(grown, f"interrupts of {name} on CPU {cpu}")


def loaded_with_cpu_offline():
    """Loaded while a CPU is offline: it has no vector, and its return changes nothing."""
    online = cpus.need(2)
    cpu = next((cpu for cpu in online if cpus.can_go_offline(cpu)), None)
    if cpu is None:
        ktap.skip("CPU hotplug is missing")
    cpus.set_online(cpu, False)
    try:
        with Site(vports=2) as site, load.Load() as traffic:
            ktap.eq(len(site.irqs), len(online) - 1, "vectors")
            site.both_ways(traffic, LEFT, MIDDLE)
            traffic.go()
            traffic.wait(WORK)
            cpus.set_online(cpu, True)
            traffic.wait(WORK)
            ktap.true(cpu not in [cpus.effective(irq) for irq in site.irqs],
                      f"CPU {cpu} has no vector")
            traffic.hold()
            traffic.check()
    finally:
        bring_online(cpu)


# ---- other ways to poll ----

def napi_threads():
    """The names of the kernel threads that poll a VPort."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                comm = file.read().strip()
        except OSError:
            continue
        if comm.startswith("napi/vmmq"):
            found.append(comm)
    return found


def threaded():
    """Threaded NAPI is switched on and off under traffic, and nothing is lost."""
    with Site(vports=2, queues=2) as site, load.Load() as traffic:
        site.both_ways(traffic, LEFT, MIDDLE)
        traffic.go()
        traffic.wait(WORK)
        for on in (1, 0, 1):
            for vport in site.vports:
                vport.ns.sysfs(f"class/net/{vport.name}/threaded", on)
            traffic.wait(3 * WORK)
            if on:
                ktap.eq(len(napi_threads()), 4, "NAPI threads")
        traffic.hold()
        traffic.check()
        ktap.eq(site.balanced()[2], 0, "frames dropped")


def busy_polling():
    """Sockets poll the VPort themselves, and nothing is lost."""
    with Site(vports=2, queues=2) as site, load.Load(busy_poll=200) as traffic:
        receiver = site.vports[MIDDLE]
        receiver.ethtool(f"-C {receiver.name} adaptive-rx off rx-usecs 10000 rx-frames 0")
        traffic.udp(*site.vports, 2, 16, 256)
        traffic.go()
        traffic.wait(5 * WORK)
        state = traffic.hold()
        traffic.check()
        ktap.true(all(flow["napi_id"] for flow in state.flows), "sockets know their NAPI")
        ktap.true(busy_polled(receiver), "sockets found datagrams by polling")
        ktap.eq(site.balanced()[2], 0, "frames dropped")


def busy_polled(vport):
    """Packets that sockets of the VPort's namespace found by polling."""
    names, values = [line.split() for line in vport.ns.run("cat /proc/net/netstat").splitlines()
                     if line.startswith("TcpExt:")]
    return int(dict(zip(names, values))["BusyPollRxPackets"])


if __name__ == "__main__":
    ktap.main(deleted_under_traffic, default_stays, down_and_up, down_with_full_rings,
              namespace_moves, namespace_dies, name_taken, unloaded_under_traffic,
              loaded_and_unloaded, cpu_goes_and_comes, loaded_with_cpu_offline, threaded,
              busy_polling)
