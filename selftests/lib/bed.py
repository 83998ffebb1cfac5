# SPDX-License-Identifier: GPL-2.0
"""The usual arrangement: the module loaded with one adapter, each VPort in a network
namespace of its own, silent until it gets addresses."""

import fcntl
import os
import struct

from lib import command, cpus, ethtool, frames, ktap, module, netns, packet, wait

DROPS = ("rx_drop_down", "rx_drop_oversize", "rx_drop_nomem", "rx_drop_busy",
         "rx_drop_malformed", "rx_drop_loopback", "rx_drop_rule",
         "tx_drop_unmatched", "tx_drop_own", "tx_drop_malformed", "tx_drop_nomem",
         "tx_drop_down")

SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCGIFHWADDR = 0x8913, 0x8914, 0x8927
IFF_UP = 1
QUIET_POLLS = 40    # of wait.until(), a tenth of a second apart in the end


def _default_qdisc(name):
    """Sets the discipline of queues to come. Returns what it was."""
    with open("/proc/sys/net/core/default_qdisc", "r+", encoding="ascii") as file:
        before = file.read().strip()
        file.seek(0)
        file.write(name)
    return before


class VPort:
    """A VPort in its namespace.

    name, ns, ifindex, mac (bytes), tool (ethtool.Device), ip4, ip6 (text, by number)."""

    def __init__(self, name, number):
        self.name = name
        self.number = number
        self.ip4 = f"192.0.2.{number + 1}"
        self.ip6 = f"2001:db8::{number + 1:x}"
        self.ns = netns.Netns(f"vmmq-{number}")
        self.tool = None
        self._sockets = []
        try:
            command.ip("link", "set", name, "netns", self.ns.name)
            self.ifindex = self.ns.ifindex(name)
            self.tool = ethtool.Device(self.ns, name)
            self.mac = self._interface(SIOCGIFHWADDR)[2:8]
        except BaseException:
            self.close()
            raise

    def ip(self, *args):
        """ip ARGS in the VPort's namespace."""
        return command.ip(*args, ns=self.ns)

    def ethtool(self, *args):
        """ethtool ARGS in the VPort's namespace."""
        return command.ethtool(*args, ns=self.ns)

    def _interface(self, request, value=bytes(16)):
        """An ioctl of its interface, which takes and returns 16 bytes. Much is done with it
        in every test, and to start a program takes an emulated machine long."""
        ifreq = struct.pack("16s16s8x", self.name.encode(), value)
        try:
            return fcntl.ioctl(self.tool.socket, request, ifreq)[16:32]
        except OSError as error:
            return ktap.fail(f"{self.name}: ioctl {request:#x}: {error.strerror}")

    def up(self):
        """Brings it up."""
        flags, = struct.unpack("=H", self._interface(SIOCGIFFLAGS)[:2])
        self._interface(SIOCSIFFLAGS, struct.pack("=H14x", flags | IFF_UP))

    def down(self):
        """Takes it down."""
        self.ip(f"link set {self.name} down")

    def stats(self):
        """Its ethtool counters."""
        return self.tool.stats()

    def sender(self, **options):
        """A packet.Sender on it, closed with the VPort. Options as for Sender."""
        return self._keep(packet.Sender(self.ns, self.name, **options))

    def receiver(self, **options):
        """A packet.Receiver on it, closed with the VPort."""
        return self._keep(packet.Receiver(self.ns, self.name, **options))

    def _keep(self, endpoint):
        self._sockets.append(endpoint)
        return endpoint

    def socket(self, *args):
        """An ordinary socket of its namespace, closed with the VPort."""
        return self._keep(self.ns.socket(*args))

    def close(self):
        """Closes its sockets and removes the namespace, in which nothing else is left."""
        for endpoint in self._sockets:
            endpoint.close()
        self._sockets = []
        if self.tool:
            self.tool.close()
        self.ns.close()


class Bed:
    """`with Bed(vports=3, queues=8) as bed:` loads the module with these parameters and
    takes everything down again at the end, also after a failure.

    vports: list of VPort, all up; adapter: "vmmq0"; irqs: IRQ number of each vector."""

    def __init__(self, vports=2, up=True, qdisc="pfifo", **parameters):
        """vports and parameters go to insmod; up: bring the VPorts up.

        qdisc: queueing discipline of the TX queues. One that sorts flows, as the kernel's
        own default does, lets frames of one sender overtake each other and hashes them."""
        self.parameters = dict(parameters, vports=vports)
        self.qdisc = qdisc
        self.adapter = "vmmq0"
        self.vports = []
        self.irqs = []
        self._up = up
        self._undo = []
        self._unwanted = 0      # flooded frames that no VPort took

    def __enter__(self):
        before = _default_qdisc(self.qdisc)
        self.undo(_default_qdisc, before)
        try:
            module.load(**self.parameters)
            self.irqs = cpus.vectors(self.adapter)
            for number in range(self.parameters["vports"]):
                self.vports.append(VPort(f"{self.adapter}v{number}", number))
                if self._up:
                    self.vports[-1].up()
            indexes = {vport.ifindex for vport in self.vports}
            ktap.eq(len(indexes), len(self.vports), "different interface indexes")
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            self._close()
        except ktap.Failure as failure:
            if kind is None:
                raise
            ktap.diag(failure)
        return False

    def undo(self, function, *args):
        """Calls function(*args) at the end of the block, before the module is unloaded."""
        self._undo.append((function, args))

    def _close(self):
        failures = []
        for function, args in reversed(self._undo):
            try:
                function(*args)
            except (ktap.Failure, OSError) as failure:
                failures.append(f"{function.__name__}: {failure}")
        self._undo = []
        for vport in self.vports:
            for endpoint in vport._sockets:     # pylint: disable=protected-access
                endpoint.close()
            if vport.tool:
                vport.tool.close()
        try:
            if module.loaded():
                module.unload()
        except ktap.Failure as failure:
            failures.append(str(failure))
        for vport in self.vports:
            try:
                vport.close()
            except (ktap.Failure, OSError) as failure:
                failures.append(str(failure))
        self.vports = []
        ktap.true(not failures, "taking the test bed down: " + "; ".join(failures))

    def set_addresses(self, ipv6=True):
        """Gives every VPort its ip4 and ip6 address and permanent neighbour entries of the
        others, so that no ARP or neighbour discovery is needed."""
        for vport in self.vports:
            lines = [f"address add {vport.ip4}/24 dev {vport.name}"]
            if ipv6:
                vport.ns.ipv6(vport.name)
                lines.append(f"address add {vport.ip6}/64 dev {vport.name} nodad")
            for other in self.vports:
                if other is vport:
                    continue
                lladdr = frames.mac_text(other.mac)
                for address in (other.ip4, other.ip6) if ipv6 else (other.ip4,):
                    lines.append(f"neigh replace {address} lladdr {lladdr} "
                                 f"dev {vport.name} nud permanent")
            vport.ns.run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")
        if ipv6:    # the multicast listener reports
            wait.settled(self.totals, times=10)

    def totals(self):
        """(frames taken from the stacks, frames received, frames dropped with a reason)
        over all VPorts."""
        sent = received = dropped = 0
        for vport in self.vports:
            stats = vport.stats()
            sent += ethtool.queue_sum(stats, "tx_packets")
            received += ethtool.queue_sum(stats, "rx_packets")
            dropped += sum(stats[name] for name in DROPS)
            dropped += ethtool.queue_sum(stats, "rx_missed")
            dropped += ethtool.queue_sum(stats, "rx_purged")
        return sent, received, dropped

    def drained(self):
        """Waits until every frame taken from a stack is received or counted as dropped, and
        until completion has come to rest. Returns totals().

        A flooded frame counts as soon as one receiver has it. One that nobody wanted is
        told from one on its way by nothing moving for a while."""
        last, same = None, 0

        def at_rest():
            nonlocal last, same
            sent, received, dropped = now = self.totals()
            same = same + 1 if now == last else 0
            last = now
            if same >= QUIET_POLLS:
                self._unwanted = max(sent - received - dropped, 0)
            return sent - self._unwanted <= received + dropped and now
        now = wait.until(at_rest, "rings to run empty", self.totals)
        wait.settled(lambda: sum(vport.tool.sum("tx_completed") for vport in self.vports),
                     times=3, pause=0.02)
        return now

    def queue_cpu(self, queue):
        """CPU that queue's vector goes to, by /proc: queue q raises vector q mod vectors."""
        return cpus.effective(self.irqs[queue % len(self.irqs)])

    def queue_cpus(self):
        """queue_cpu() of each vector, to be indexed by queue mod vectors."""
        return [cpus.effective(irq) for irq in self.irqs]

    def spread_vectors(self, rng=None):
        """Points vector n at the (n+1)th CPU online, or at random ones, so that the places
        differ from those the module chose."""
        online = cpus.online()
        for n, irq in enumerate(self.irqs):
            cpus.set_affinity(irq, rng.choice(online) if rng
                              else online[(n + 1) % len(online)])

    def has_parent(self):
        """Path of the adapter's device in sysfs, for tests of the device model."""
        path = f"/sys/bus/vmmq/devices/{self.adapter}"
        ktap.true(os.path.exists(path), f"{path} exists")
        return path
