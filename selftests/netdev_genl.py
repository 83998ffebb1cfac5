#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A VPort in the kernel's netdev family: queues, their NAPIs with interrupt and settings,
and queue statistics, through everything that reconfigures a VPort."""

import json
import os
import socket
import struct

from lib import bed, cpus, family, frames, ktap, load, netdev, wait

LEFT, RIGHT = range(2)
QUEUES = 4
TYPE = 0x88b5           # for experiments
SO_INCOMING_NAPI_ID = 56
SO_BUSY_POLL = 46
# What a user may set, and values no default has
SETTINGS = {"defer_hard_irqs": 3, "gro_flush_timeout": 20011, "irq_suspend_timeout": 30011}


class Site(bed.Bed):
    """Two VPorts; what the family shows of the right one is right.netdev."""

    def __init__(self, **parameters):
        super().__init__(**dict({"vports": 2, "queues": QUEUES}, **parameters))

    def __enter__(self):
        super().__enter__()
        try:
            for vport in self.vports:
                vport.netdev = netdev.Netdev(vport)
                self.undo(vport.netdev.close)
        except BaseException:
            self._close()
            raise
        return self

    def frame(self, length=100):
        """A frame without a hash from the left to the right VPort."""
        head = self.vports[RIGHT].mac + self.vports[LEFT].mac + struct.pack("!H", TYPE)
        return head.ljust(length, b"x")

    def udp(self, length):
        """A frame with one, of so many bytes of payload."""
        left, right = self.vports
        return frames.ip(right.mac, left.mac,
                         frames.udp_packet(left.ip4, right.ip4, 7, 8, bytes(length)))


def rtnl(vport):
    """The counters of `ip -s link` by the names of the netdev family."""
    shown = json.loads(vport.ip(f"-j -s link show {vport.name}"))[0]["stats64"]
    return {f"{way}-{what}": shown[way][what] for way in ("rx", "tx")
            for what in ("packets", "bytes")}


def reconfigurations(vport):
    """Everything that stops or replaces queues, one after the other; afterwards all are
    there again."""
    yield "down and up", lambda: (vport.down(), vport.up())
    yield "other rings", lambda: vport.tool.set_rings(rx=64, tx=128)
    yield "fewer queues, and all again", lambda: (vport.tool.set_channels(1),
                                                  vport.tool.set_channels(QUEUES))
    yield "more queues, and as many again", lambda: (vport.tool.set_channels(QUEUES + 2),
                                                     vport.tool.set_channels(QUEUES))


def queues_and_napis():
    """Each queue pair is an RX and a TX queue with one NAPI, whose interrupt is the vector's;
    they come and go with -L, and have no NAPI while the link is down."""
    with Site() as site:
        right = site.vports[RIGHT]
        for count in (QUEUES, 1, QUEUES + 1):
            right.tool.set_channels(count)
            queues, napis = right.netdev.queues(), right.netdev.napis()
            ktap.eq(sorted(queues), sorted((t, n) for t in netdev.TYPES for n in range(count)),
                    "queues")
            for n in range(count):
                ktap.eq(queues["rx", n], queues["tx", n], f"NAPIs of queue pair {n}")
                ktap.eq(napis[queues["rx", n]]["irq"], site.irqs[n % len(site.irqs)],
                        f"interrupt of queue {n}")
            ktap.eq(len(set(queues.values())), count, "NAPIs of queues")
            ktap.eq(set(napis), set(queues.values()), "NAPIs")
        right.down()
        ktap.true(not any(right.netdev.queues().values()), "no NAPI of a queue while down")
        ktap.eq(right.netdev.napis(), {}, "NAPIs while down")


def interrupt_follows():
    """A queue that is served by another vector says so: the CPU asked for by a move is the
    one its interrupt goes to."""
    cpus.need(2)
    with Site(queues=1) as site:
        right = site.vports[RIGHT]
        control = family.Family()
        _, before = right.netdev.napi(0)
        entries = len(right.tool.table())
        for cpu in list(reversed(cpus.online())) + [cpus.effective(before["irq"])]:
            control.do("rss-set", adapter=site.adapter, vport=RIGHT, default_cpu=cpu,
                       cpus=family.words([cpu] * entries))
            queue = right.tool.table()[0]
            _, now = right.netdev.napi(queue)
            ktap.eq(cpus.effective(now["irq"]), cpu, "CPU of the interrupt")
            right.down()
            right.up()
            ktap.eq(right.netdev.napi(queue)[1]["irq"], now["irq"], "interrupt after down, up")


def affinity_stays():
    """Interrupt numbers, and the affinity the user gave them, stay."""
    cpus.need(2)
    with Site() as site:
        right = site.vports[RIGHT]
        wanted = {irq: cpus.online()[-1 - n % 2] for n, irq in enumerate(site.irqs)}
        for irq, cpu in wanted.items():
            cpus.set_affinity(irq, cpu)
        before = [right.netdev.napi(n)[1]["irq"] for n in range(QUEUES)]
        for what, reconfigure in reconfigurations(right):
            reconfigure()
            ktap.eq([right.netdev.napi(n)[1]["irq"] for n in range(QUEUES)], before,
                    f"interrupts after {what}")
            ktap.eq({irq: cpus.affinity(irq) for irq in wanted},
                    {irq: [cpu] for irq, cpu in wanted.items()}, f"affinity after {what}")


def settings_stay():
    """A NAPI keeps its id and the settings of its own."""
    with Site() as site:
        right = site.vports[RIGHT]
        number, before = right.netdev.napi(1)
        right.netdev.set_napi(number, **SETTINGS)
        wanted = dict(before, **{k.replace("_", "-"): v for k, v in SETTINGS.items()})
        ids = right.netdev.queues()
        others = {n: right.netdev.napis()[n] for n in ids.values() if n != number}
        for what, reconfigure in [("nothing", lambda: None), *reconfigurations(right)]:
            reconfigure()
            ktap.eq(right.netdev.queues(), ids, f"NAPI ids after {what}")
            ktap.eq(right.netdev.napi(1), (number, wanted), f"settings after {what}")
            ktap.eq({n: right.netdev.napis()[n] for n in others}, others,
                    f"the others after {what}")


def _settled(vport, site):
    """Network device and queue statistics at rest agree. Returns the former."""
    site.drained()
    shown, link = vport.netdev.stats(), rtnl(vport)
    ktap.eq({key: shown[key] for key in link}, link, "queue statistics")
    return shown


def per_queue():
    """Packets and bytes are counted by the queue that carried them."""
    with Site() as site:
        left, right = site.vports
        entries, sender = len(right.tool.table()), left.sender()
        before = {v: v.netdev.queue_stats() for v in site.vports}
        for queue in range(QUEUES):
            right.tool.set_rss([queue] * entries)
            for length in range(queue + 1):
                sender.send(site.udp(100 + length))
            site.drained()
        after = {v: v.netdev.queue_stats() for v in site.vports}
        with ktap.Mismatches("counters") as m:
            for (way, queue), was in before[right].items():
                count = queue + 1 if way == "rx" else 0
                now = after[right][way, queue]
                m.eq(now[f"{way}-packets"] - was[f"{way}-packets"], count, f"{way} {queue}")
                m.eq(now[f"{way}-bytes"] - was[f"{way}-bytes"],
                     sum(142 + n for n in range(count)), f"{way} {queue} bytes")
        _settled(right, site)
        _settled(left, site)


def sums_hold():
    """Base and queues together are what the link counted, and never less than before,
    whatever becomes of the queues that counted."""
    with Site() as site:
        left, right = site.vports
        site.set_addresses(ipv6=False)
        with load.Load() as traffic:
            traffic.udp(left, right, 8, 8, 200)
            traffic.udp(right, left, 8, 8, 200)
            traffic.go()
            traffic.wait(500)
            traffic.hold()
            last = _settled(right, site)
            for what, reconfigure in reconfigurations(right):
                reconfigure()
                now = _settled(right, site)
                fallen = {k: (last[k], now[k]) for k in last if now[k] < last[k]}
                ktap.eq(fallen, {}, f"counters that fell: {what}")
                traffic.go()
                traffic.wait(100)
                low, link, high = right.netdev.stats(), rtnl(right), right.netdev.stats()
                for key, value in link.items():
                    ktap.between(value, low[key], high[key], f"{key} under load, {what}")
                traffic.hold()
                last = _settled(right, site)
            right.tool.set_channels(1)
            ktap.eq(sorted(right.netdev.queue_stats()), [("rx", 0), ("tx", 0)], "queues left")
            _settled(right, site)
            right.down()
            ktap.eq(right.netdev.stats()["rx-packets"], rtnl(right)["rx-packets"], "down")


def kinds():
    """Segmentation and checksums are counted as what they are."""
    with Site(queues=1) as site:
        left, right = site.vports
        plain, vnet = left.sender(), left.sender(vnet=True)
        size, payload = 700, 5 * 700 + 100
        whole = frames.ip(right.mac, left.mac,
                          frames.tcp_packet(left.ip4, right.ip4, 7, 8, bytes(payload)))
        before = {v: v.netdev.stats() for v in site.vports}
        for _ in range(3):
            vnet.send_vnet(whole, "tcp4", size, linear=54, csum=(34, 16))
        for _ in range(4):
            vnet.send_vnet(site.udp(50), csum=(34, 6))
        for _ in range(5):
            plain.send(site.udp(50))
        wait.settled(lambda: right.netdev.stats(), times=8)
        after = {v: v.netdev.stats() for v in site.vports}
        sent = {k: after[left][k] - before[left].get(k, 0) for k in after[left]}
        got = {k: after[right][k] - before[right].get(k, 0) for k in after[right]}
        for key, value in (("tx-hw-gso-packets", 3), ("tx-hw-gso-bytes", 3 * len(whole)),
                           ("tx-hw-gso-wire-packets", 18),
                           ("tx-hw-gso-wire-bytes", 3 * (len(whole) + 5 * 54)),
                           ("tx-needs-csum", 18 + 4), ("tx-csum-none", 5)):
            ktap.eq(sent[key], value, key)
        ktap.eq((got["rx-csum-unnecessary"], got["rx-csum-none"]), (22, 5), "checksums")


def drops():
    """A full ring is an overrun, and with everything else that was lost a drop."""
    with Site(queues=1) as site:
        left, right = site.vports
        right.tool.set_rings(rx=16)
        right.ethtool(f"-C {right.name} adaptive-rx off rx-usecs 10000 rx-frames 0")
        right.ip(f"link set {right.name} mtu 1000")
        before = right.netdev.stats()
        sender = left.sender()
        sender.send_all([site.frame(1100)] * 3)
        wait.until(lambda: [sender.send(site.frame()) for _ in range(200)]
                   and right.tool.sum("rx_missed"), "a full ring")
        site.drained()
        after, missed = right.netdev.stats(), right.tool.sum("rx_missed")
        ktap.eq(after["rx-hw-drop-overruns"] - before["rx-hw-drop-overruns"], missed,
                "overruns")
        ktap.eq(after["rx-hw-drops"] - before["rx-hw-drops"], missed + 3, "drops")
        before = left.netdev.stats()["tx-hw-drops"]
        sender.send_all([site.frame().replace(right.mac, b"\x02nobod", 1)] * 4)
        wait.reaches(lambda: left.netdev.stats()["tx-hw-drops"], before + 4,
                     "drops of frames for nobody")


def napi_id_of_a_socket():
    """A socket knows the NAPI its frames came through, and can poll it: with interrupts
    deferred for good it still receives."""
    with Site() as site:
        left, right = site.vports
        site.set_addresses(ipv6=False)
        sender = left.socket(socket.AF_INET, socket.SOCK_DGRAM)
        entries = len(right.tool.table())
        for queue in range(QUEUES):
            right.tool.set_rss([queue] * entries)
            receiver = right.socket(socket.AF_INET, socket.SOCK_DGRAM)
            receiver.bind((right.ip4, 0))
            # Blocking, as a socket with a timeout of Python's only sleeps in poll(); the
            # time only ends a test that hangs.
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO,
                                struct.pack("=qq", 120, 0))
            sender.sendto(b"x", receiver.getsockname())
            receiver.recv(10)
            ktap.eq(receiver.getsockopt(socket.SOL_SOCKET, SO_INCOMING_NAPI_ID),
                    right.netdev.queues()["rx", queue], f"NAPI of queue {queue}")
        right.ns.sysfs(f"class/net/{right.name}/napi_defer_hard_irqs", 1000000)
        right.ns.sysfs(f"class/net/{right.name}/gro_flush_timeout", 10 ** 12)
        receiver.setsockopt(socket.SOL_SOCKET, SO_BUSY_POLL, 1000)
        for _ in range(50):
            sender.sendto(b"y", receiver.getsockname())
            ktap.eq(receiver.recv(10), b"y", "received by polling")


def threads():
    """One NAPI polled by a thread of its own, or all: the thread is named, traffic passes
    unharmed, and it is over when it is switched off."""
    with Site() as site:
        left, right = site.vports
        site.set_addresses(ipv6=False)
        number, before = right.netdev.napi(1)
        ktap.true("pid" not in before, "no thread at first")
        right.netdev.set_napi(number, threaded=1)
        with load.Load() as traffic:
            traffic.udp(left, right, 8, 8, 200)
            traffic.go()
            traffic.wait(500)
            pid = right.netdev.napi(1)[1].get("pid")
            ktap.true(pid and os.path.exists(f"/proc/{pid}"), f"its thread {pid}")
            ktap.true("pid" not in right.netdev.napi(0)[1], "none of another")
            right.tool.set_channels(1)
            right.tool.set_channels(QUEUES)
            traffic.wait(100)
            ktap.true(right.netdev.napi(1)[1].get("pid"), "a thread after -L")
            right.ns.sysfs(f"class/net/{right.name}/threaded", 1)
            traffic.wait(500)
            ktap.true(all("pid" in n for n in right.netdev.napis().values()), "all have one")
            right.ns.sysfs(f"class/net/{right.name}/threaded", 0)
            traffic.wait(500)
            ktap.true(not any("pid" in n for n in right.netdev.napis().values()), "none left")
            traffic.hold()
            traffic.check()


if __name__ == "__main__":
    ktap.main(queues_and_napis, interrupt_follows, affinity_stays, settings_stay, per_queue,
              sums_hold, kinds, drops, napi_id_of_a_socket, threads)
