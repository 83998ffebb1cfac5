#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A VPort is a net device like any other: what users do with one works."""

import contextlib
import itertools
import json
import os
import socket
import stat

from lib import bed, command, cpus, ethtool, frames, ktap, load, module, netns, packet, wait

WORK = 200              # datagrams or TCP writes that must arrive in a phase
LEFT, RIGHT, THIRD = range(3)
MTU_LIMITS = (68, 65521)
FULL_FRAME = 1514


class Pair(bed.Bed):
    """VPorts with addresses, which have to find each other by ARP and ND."""

    def __enter__(self):
        super().__enter__()
        try:
            for vport in self.vports:
                vport.ns.ipv6(vport.name)
                vport.ip(f"address add {vport.ip4}/24 dev {vport.name}")
                vport.ip(f"address add {vport.ip6}/64 dev {vport.name} nodad")
        except BaseException:
            self._close()
            raise
        return self

    def traffic(self, what, flows=2, window=16, size=512, work=WORK):
        """TCP and UDP between the first two, in both directions, without a loss."""
        left, right = self.vports[:2]
        with load.Load() as traffic:
            for a, b, ipv6 in ((left, right, False), (right, left, True)):
                traffic.tcp(a, b, 1, ipv6=ipv6, window=262144, size=32000)
                traffic.udp(a, b, flows, window, size, ipv6)
            traffic.go()
            traffic.wait(work)
            state = traffic.hold()
            ktap.diag(f"{what}: {state.summary()}")
            traffic.check()
        return state


def link(vport):
    """`ip -j -d -s link show` of a VPort."""
    return json.loads(vport.ip(f"-j -d -s link show {vport.name}"))[0]


def ping(ns, target, *words):
    """Three echoes to an address, all answered."""
    out = ns.run("ping", "-c", "3", "-i", "0.2", "-W", "60", *words, target)
    ktap.contains(out, " 0% packet loss", f"ping {target}")


# ---- the device itself ----

def settings():
    """Kind, parent, address, name, MTU and state are what one sets."""
    with bed.Bed(vports=2) as site:
        vport = site.vports[RIGHT]
        shown = link(vport)
        ktap.eq(shown["linkinfo"]["info_kind"], "vmmq", "kind")
        ktap.eq((shown.get("parentbus"), shown.get("parentdev")), ("vmmq", "vmmq0"), "parent")
        ktap.true(frames.mac(shown["address"])[0] & 3 == 2, "a local unicast address")
        ktap.ne(vport.mac, site.vports[LEFT].mac, "address of the other VPort")
        wait.until(lambda: link(vport)["operstate"] == "UP", "the state when up")
        vport.down()
        wait.until(lambda: link(vport)["operstate"] == "DOWN", "the state when down")
        for address in ("01:00:5e:00:00:01", "00:00:00:00:00:00"):
            command.refused("ip", "link", "set", vport.name, "address", address, ns=vport.ns)
        ktap.eq(link(vport)["address"], shown["address"], "address after refusals")
        vport.ip(f"link set {vport.name} address 02:00:00:00:00:77")
        vport.ip(f"link set {vport.name} name nic")
        vport.name = "nic"
        ktap.eq(link(vport)["address"], "02:00:00:00:00:77", "address after a new name")


def mtu_limits():
    """The MTU's limits, exactly, up and down."""
    with bed.Bed(vports=2) as site:
        vport = site.vports[RIGHT]
        for mtu in MTU_LIMITS:
            vport.ip(f"link set {vport.name} mtu {mtu}")
            ktap.eq(link(vport)["mtu"], mtu, "MTU")
        for mtu in (MTU_LIMITS[0] - 1, MTU_LIMITS[1] + 1):
            command.refused("ip", "link", "set", vport.name, "mtu", mtu, ns=vport.ns)
        ktap.eq(link(vport)["mtu"], MTU_LIMITS[1], "MTU after refusals")


def pings():
    """ARP, ND and echoes, small and in fragments, both ways."""
    with Pair(vports=2) as site:
        left, right = site.vports
        for a, b in ((left, right), (right, left)):
            for target in (b.ip4, b.ip6):
                ping(a.ns, target)
                ping(a.ns, target, "-s", "20000")


def jumbo():
    """A frame of the MTU passes, whatever the MTU is; one more byte doesn't leave."""
    with Pair(vports=2) as site:
        left, right = site.vports
        for mtu in (9000, MTU_LIMITS[1]):
            for vport in (right, left):
                vport.ip(f"link set {vport.name} mtu {mtu}")
            ping(left.ns, right.ip4, "-M", "do", "-s", str(mtu - 28))
            status, _ = command.status("ping", "-c", "1", "-W", "1", "-M", "do", "-s",
                                       str(mtu - 27), right.ip4, ns=left.ns)
            ktap.true(status, f"no datagram of {mtu + 1} bytes leaves unfragmented")
        sizes = right.stats()
        ktap.eq(sizes["rx_drop_oversize"], 0, "oversize drops")


# ---- offloads ----

def offloads():
    """TCP and UDP with segmentation, checksums, scatter-gather and GRO on and off: always
    the right data, in frames as large as they may be."""
    with Pair(vports=2, queues=2) as site:
        left, right = site.vports
        for words, large in (("", True), ("tso off", False), ("tso off gso off", False),
                             ("tx off", False), ("sg off", False), ("rx off", True),
                             ("gro off", True), ("rxhash off", True)):
            names = ("tso", "gso", "tx", "sg", "rx", "gro", "rxhash")
            reset = " ".join(f"{name} on" for name in reversed(names) if name not in words)
            for vport in site.vports:
                vport.ethtool(f"-K {vport.name} {reset} {words}")
            before = left.stats()
            site.traffic(words or "all on")
            change = ethtool.difference(left.stats(), before)
            mean = (ethtool.queue_sum(change, "tx_bytes")
                    / ethtool.frames_sent(change))
            biggest = largest_frame(site)
            ktap.diag(f"{words or 'all on'}: {mean:.0f} bytes a frame in the mean, "
                      f"{biggest} at most")
            ktap.eq(biggest > FULL_FRAME, large, f"{words or 'all on'}: large frames")


def largest_frame(site):
    """The largest frame the left VPort's stack hands over while TCP flows."""
    left, right = site.vports
    with load.Load() as traffic:
        traffic.tcp(left, right, 1, window=1 << 20, size=64000)
        traffic.go()
        traffic.wait(10)
        return max(len(frame) for frame in tapped(left, 100))


def tapped(vport, count):
    """Frames the VPort's stack hands over, as a packet sniffer sees them."""
    tap = vport.ns.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    with tap:
        with vport.ns.entered():
            tap.bind((vport.name, packet.ETH_P_ALL))
        tap.settimeout(60)
        found = []
        while len(found) < count:
            data, address = tap.recvfrom(1 << 17)
            if address[2] == socket.PACKET_OUTGOING:
                found.append(data)
        return found


def senders_copy():
    """What the receiver does with a frame doesn't touch the copies that the sender keeps:
    a sniffer's, and the one TCP sends again when its acknowledgement is lost."""
    with Pair(vports=2) as site:
        left, right = site.vports
        left.ethtool(f"-K {left.name} tso off gso off")
        right.ethtool(f"-C {right.name} adaptive-rx off rx-usecs 2000 rx-frames 0")
        # TCP waits twice as long after each loss: with half or more of them lost its waits
        # would have no mean.
        command.run("tc", "qdisc", "replace", "dev", right.name, "root", "netem", "loss",
                    "40%", ns=right.ns)
        with load.Load(stall=300) as traffic:
            traffic.tcp(left, right, 2, window=65536, size=8000)
            traffic.go()
            traffic.wait(WORK)
            for frame in tapped(left, 300):
                if frame[12:14] == b"\x08\x00":
                    ktap.eq(int.from_bytes(frame[16:18], "big"), len(frame) - 14,
                            "bytes of an IPv4 packet, by its header")
            wait.reaches(lambda: snmp(left, "Tcp", "RetransSegs"), 20, "retransmissions")
            traffic.wait(WORK)
            state = traffic.hold()
        ktap.eq(state.sum("corrupt"), 0, "wrong bytes received")
        ktap.eq(state.sum("missing"), 0, "bytes missing")


def snmp(vport, protocol, name):
    """A counter of /proc/net/snmp in the VPort's namespace."""
    names, values = [line.split() for line in vport.ns.run("cat /proc/net/snmp").splitlines()
                     if line.startswith(f"{protocol}:")]
    return int(dict(zip(names, values))[name])


def wrong_checksums():
    """A datagram with a wrong checksum reaches no socket; one with a right one does."""
    with Pair(vports=2) as site:
        left, right = site.vports
        sink = right.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sink.bind((right.ip4, 7000))
        sink.settimeout(60)
        sender = left.sender()
        good = frames.udp_packet(left.ip4, right.ip4, 7001, 7000, b"good")
        bad = bytearray(frames.udp_packet(left.ip4, right.ip4, 7001, 7000, b"bad!"))
        bad[26] ^= 0x55
        for body in (bytes(bad), good):
            sender.send(frames.padded(frames.ip(right.mac, left.mac, body)))
        ktap.eq(sink.recv(100), b"good", "the first datagram that arrives")


# ---- devices on top ----

def vlans():
    """VLAN devices, alone and stacked, with the tag inserted and stripped by the VPort or
    not."""
    with Pair(vports=2) as site:
        for n, vport in enumerate(site.vports, 1):
            vport.ip(f"link add link {vport.name} name v5 type vlan id 5")
            vport.ip(f"link add link {vport.name} name s9 type vlan id 9 protocol 802.1ad")
            vport.ip("link add link s9 name q7 type vlan id 7")
            for dev, net in (("v5", 5), ("s9", 9), ("q7", 7)):
                vport.ip(f"address add 198.51.{net}.{n}/24 dev {dev}")
                vport.ip(f"link set {dev} up")
        left, right = site.vports
        for tx, rx, filtering in itertools.product(("on", "off"), repeat=3):
            left.ethtool(f"-K {left.name} txvlan {tx}")
            right.ethtool(f"-K {right.name} rxvlan {rx} rx-vlan-filter {filtering}")
            for net in (5, 9, 7):
                ping(left.ns, f"198.51.{net}.2")


class Adapters:
    """Two adapters whose VPorts are bridged:

        vmmq0v0 [vmmq-a]   vmmq0v1 = bridge = vmmq1v1 [vmmq-b]   vmmq1v0 [vmmq-c]
    """

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.ends = []

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            a, b, c = (netns.Netns(f"vmmq-{letter}") for letter in "abc")
            for ns in (a, b, c):
                stack.callback(ns.close)
            module.load(adapters=2, vports=2)
            stack.callback(module.unload)
            b.run("ip link add br0 type bridge")
            for name, ns in (("vmmq0v0", a), ("vmmq0v1", b), ("vmmq1v1", b), ("vmmq1v0", c)):
                command.ip(f"link set {name} netns {ns.name}")
                ns.run(f"ip link set {name} up")
            for name in ("vmmq0v1", "vmmq1v1"):
                b.run(f"ip link set {name} master br0")
            b.run("ip link set br0 up")
            a.run("ip address add 192.0.2.1/24 dev vmmq0v0")
            c.run("ip address add 192.0.2.2/24 dev vmmq1v0")
            self.ends = [a, b, c]
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()
        return False


def bridge():
    """VPorts of two adapters are the ports of a bridge, which becomes promiscuous for it."""
    with Adapters() as site:
        left, middle, right = site.ends
        ping(left, "192.0.2.2")
        ping(right, "192.0.2.1", "-s", "20000")
        shown = json.loads(middle.run("ip -j -d link show vmmq0v1"))[0]
        ktap.eq(shown["promiscuity"], 1, "promiscuity of a port")


def macvlan():
    """A macvlan in a namespace of its own has an address of the VPort's."""
    with Pair(vports=3) as site, contextlib.ExitStack() as stack:
        inner = netns.Netns("vmmq-inner")
        stack.callback(inner.close)
        vport = site.vports[RIGHT]
        vport.ip(f"link add link {vport.name} name mv0 netns {inner.name} type macvlan "
                 "mode bridge")
        inner.run("ip address add 192.0.2.99/24 dev mv0")
        inner.run("ip link set mv0 up")
        for other in (site.vports[LEFT], site.vports[THIRD]):
            ping(other.ns, "192.0.2.99")
        ping(inner, site.vports[LEFT].ip4, "-s", "20000")


def macvtap():
    """A macvtap hands its frames to a file, and takes some from it."""
    with bed.Bed(vports=2) as site:
        left, right = site.vports
        right.ip(f"link add link {right.name} name tap0 address 02:00:00:00:00:55 "
                 "type macvtap mode passthru")
        right.ip("link set tap0 up")
        major, minor = right.ns.sysfs("class/net/tap0/macvtap/tap"
                                      f"{right.ns.ifindex('tap0')}/dev").split(":")
        path = f"/dev/vmmq-tap-{os.getpid()}"
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(int(major), int(minor)))
        with contextlib.ExitStack() as stack:
            stack.callback(os.unlink, path)
            tap = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            stack.callback(os.close, tap)
            frame = frames.padded(frames.ether(frames.mac("02:00:00:00:00:55"), left.mac,
                                               0x88b5, b"to the file"))
            left.sender().send(frame)
            ktap.eq(os.read(tap, 2000)[10:], frame, "frame read, behind its virtio header")
            receiver = left.receiver()
            frame = frames.padded(frames.ether(left.mac, frames.mac("02:00:00:00:00:55"),
                                               0x88b5, b"from the file"))
            os.write(tap, bytes(10) + frame)
            ktap.eq([data for data, _ in receiver.wait(1)], [frame], "frame received")


def unloaded_with_devices_on_top():
    """rmmod takes VLANs, macvlans and bridge membership away with the VPorts."""
    def names(vport):
        return {dev["ifname"] for dev in json.loads(vport.ip("-j link show"))}

    with Pair(vports=2) as site:
        # More than lo if tunnel modules are loaded
        others = {vport.name: names(vport) - {vport.name} for vport in site.vports}
        for vport in site.vports:
            vport.ip(f"link add link {vport.name} name v5 type vlan id 5")
            vport.ip("link add link v5 name mv0 type macvlan mode bridge")
            vport.ip("link add br0 type bridge")
            vport.ip("link set mv0 master br0")
            for dev in ("v5", "mv0", "br0"):
                vport.ip(f"link set {dev} up")
        module.unload()
        for vport in site.vports:
            ktap.eq(names(vport), others[vport.name] | {"br0"}, "devices left")


# ---- counters ----

def statistics_agree():
    """`ip -s link` and `ethtool -S` are the same numbers; they survive down and up."""
    with Pair(vports=2, queues=2) as site:
        site.traffic("counted")
        left, right = site.vports
        left.sender().send(frames.ether(right.mac, left.mac, 0x88b5, bytes(1480)))
        right.ip(f"link set {right.name} mtu 1000")
        left.sender().send(frames.ether(right.mac, left.mac, 0x88b5, bytes(1480)))
        left.sender().send(frames.ether(left.mac, left.mac, 0x88b5, bytes(60)))
        for turn in range(2):
            wait.settled(site.totals)
            for vport in site.vports:
                agree(vport, f"{vport.name}, turn {turn}")
            ktap.eq(link(right)["stats64"]["rx"]["errors"], 1, "receive errors")
            ktap.eq(link(left)["stats64"]["tx"]["dropped"], 1, "transmit drops")
            for vport in site.vports:
                vport.down()
                vport.up()


def agree(vport, what):
    """Fails unless link and ethtool counters of a VPort are the same."""
    shown, stats = link(vport)["stats64"], vport.stats()
    for side in ("rx", "tx"):
        for key in ("packets", "bytes"):
            ktap.eq(shown[side][key], ethtool.queue_sum(stats, f"{side}_{key}"),
                    f"{what}: {side} {key}")
    ktap.true(shown["rx"]["packets"], f"{what}: packets were received")
    ktap.eq(shown["rx"]["errors"], stats["rx_drop_oversize"], f"{what}: rx errors")
    ktap.eq(shown["tx"]["dropped"],
            sum(value for name, value in stats.items() if name.startswith("tx_drop_")),
            f"{what}: tx dropped")


def interrupts_and_polls():
    """Traffic shows in the queues' interrupts and polls, and in /proc/interrupts."""
    with Pair(vports=2, queues=2) as site:
        def raised():
            return sum(sum(counts.values()) for name, (_, counts)
                       in cpus.action_counts().items() if name.startswith("vmmq0-"))

        before, irqs = site.vports[RIGHT].stats(), raised()
        site.traffic("polled")
        stats = site.vports[RIGHT].stats()
        change = ethtool.difference(stats, before)
        for suffix in ("rx_interrupts", "rx_polls"):
            ktap.true(ethtool.queue_sum(change, suffix), f"{suffix} grew")
        ktap.true(ethtool.queue_sum(stats, "rx_polls")
                  >= ethtool.queue_sum(stats, "rx_interrupts"), "a poll for each interrupt")
        ktap.true(raised() > irqs, "interrupts in /proc/interrupts")


def deferred_interrupts():
    """napi_defer_hard_irqs and gro_flush_timeout hold back the interrupts of completions: after
    one poll the others wait, for the time given, or until the device goes down."""
    with bed.Bed(vports=2, queues=1) as site:
        source, target = site.vports
        base = f"class/net/{source.name}/"

        def completed():
            return ethtool.queue_sum(source.stats(), "tx_completed")

        def send(count):
            for _ in range(count):
                sender.send(frames.ip(target.mac, source.mac,
                                      frames.udp_packet("10.0.0.1", "10.0.0.2", 1, 2)))
                wait.until(lambda: ethtool.queue_sum(target.stats(), "rx_packets") ==
                           ethtool.queue_sum(source.stats(), "tx_packets"), "its arrival")

        sender = source.sender()
        send(3)
        wait.until(lambda: completed() == 3, "the completions without deferral")
        source.ns.sysfs(base + "napi_defer_hard_irqs", 100)
        source.ns.sysfs(base + "gro_flush_timeout", 10 ** 12)   # ns, a quarter of an hour
        send(1)
        wait.until(lambda: completed() == 4, "the completion that begins the deferral")
        send(8)
        ktap.eq(completed(), 4, "completions while interrupts are deferred")
        source.ns.sysfs(base + "napi_defer_hard_irqs", 0)
        source.ns.sysfs(base + "gro_flush_timeout", 0)
        source.down()
        source.up()
        before = completed()
        send(1)
        wait.until(lambda: completed() == before + 1, "the completion after that")
        inflight = base + "queues/tx-0/byte_queue_limits/inflight"
        wait.until(lambda: source.ns.sysfs(inflight) == "0", "nothing in flight")


# ---- queues ----

def byte_queue_limits():
    """The stack limits what a TX queue has in flight, and at rest nothing is."""
    with Pair(vports=2, queues=2) as site:
        files = [(vport.ns, f"class/net/{vport.name}/queues/tx-{queue}/byte_queue_limits/")
                 for vport in site.vports for queue in range(2)]
        for _ in range(3):
            site.traffic("limited", flows=4)
            wait.settled(site.totals)
            for ns, path in files:
                ktap.eq(ns.sysfs(path + "inflight"), "0", path + "inflight")
        limits = [int(ns.sysfs(path + "limit")) for ns, path in files]
        ktap.true(any(limits), f"limits found by the traffic: {limits}")


def queueing_disciplines():
    """Any queueing discipline on top, and traffic passes."""
    with Pair(vports=2, queues=2) as site:
        left = site.vports[LEFT]
        for words in ("netem delay 2ms limit 10000", "tbf rate 400mbit burst 128k limit 10mb",
                      "fq limit 20000 flow_limit 10000", "prio", "mq", "fq_codel target 60s "
                      "interval 100s", "pfifo limit 10000"):
            status, text = command.status("tc", "qdisc", "replace", "dev", left.name, "root",
                                          *words.split(), ns=left.ns)
            ktap.eq((status, text), (0, ""), f"tc qdisc {words}")
            site.traffic(words)
        command.run("tc", "qdisc", "del", "dev", left.name, "root", ns=left.ns)
        site.traffic("the default")


if __name__ == "__main__":
    ktap.main(settings, mtu_limits, pings, jumbo, offloads, senders_copy, wrong_checksums,
              vlans, bridge, macvlan, macvtap, unloaded_with_devices_on_top,
              statistics_agree, interrupts_and_polls, deferred_interrupts, byte_queue_limits,
              queueing_disciplines)
