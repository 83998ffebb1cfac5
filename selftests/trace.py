#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Trace events of what happens beside frames: polls, moves and filters. The events of frames
are what the tests of steering look at."""

from lib import bed, family, frames, ktap, tracing, wait

FRAMES = 150
MAC = "02:00:00:5e:00:01"
OTHER = "02:00:00:5e:00:02"


def seen(trace, *keys):
    """The fields of these names of each event so far."""
    return [tuple(event.fields[key] for key in keys) for event in trace.events()]


def filters():
    """Filters of the family are added, moved and deleted, those of a net device follow its
    address."""
    with bed.Bed(vports=2) as b, tracing.Trace("filter") as trace:
        control = family.Family()
        first, second = (vport.ifindex for vport in b.vports)
        who = {"adapter": b.adapter, "mac": bytes.fromhex(MAC.replace(":", "")), "vlan": 7}
        control.do("filter-new", vport=1, **who)
        control.do("filter-move", to=0, **who)
        control.do("filter-del", **who)
        keys = ("ifindex", "mac", "vlan", "user", "action")
        ktap.eq(seen(trace, *keys), [(second, MAC, 7, 1, "added"), (first, MAC, 7, 1, "moved"),
                                     (first, MAC, 7, 1, "deleted")], "a user's filter")
        trace.clear()
        before = frames.mac_text(b.vports[1].mac)
        b.vports[1].ip(f"link set {b.vports[1].name} address {OTHER}")
        ktap.eq(sorted(seen(trace, *keys)),
                sorted([(second, OTHER, 0, 0, "added"), (second, before, 0, 0, "deleted")]),
                "filters of an address")
        control.close()


def polls():
    """The work of all polls is what was received, and no poll takes more than its budget."""
    with bed.Bed(vports=2, queues=2) as b:
        source, target = b.vports
        sender = source.sender()
        with tracing.Trace("poll") as trace:
            for n in range(FRAMES):
                sender.send(frames.ip(target.mac, source.mac,
                                      frames.udp_packet("192.0.2.1", "192.0.2.2", 1000 + n, 9)))
            b.drained()
            events = trace.events("poll", ifindex=target.ifindex)
        ktap.eq(sum(event.work for event in events), FRAMES, "work")
        ktap.eq({event.queue for event in events}, {0, 1}, "queues")
        ktap.true(all(event.work <= event.budget for event in events), "within the budget")


def moves():
    """A move of an entry begins and ends, so does a change of the key, by which any frame may
    have moved. What changes nothing is none."""
    with bed.Bed(vports=2, queues=2) as b:
        control = family.Family()
        mover = family.Mover(control, b.adapter)
        target = b.vports[1]
        now = target.tool.table()[3]
        other = b.queue_cpu(1 - now)
        ktap.true(other != b.queue_cpu(now), "two CPUs")
        with tracing.Trace("move_start", "move_end") as trace:
            ktap.eq(mover.move([(1, 3, other)]), [0], "errors")
            wait.until(lambda: trace.count("move_end") == 1, "the move to end")
            ktap.eq(mover.move([(1, 3, other)]), [0], "errors")
            target.tool.set_rss(key=bytes(range(40)))
            wait.until(lambda: trace.count("move_end") == 2, "the move to end")
            start, key = trace.events("move_start")
            ends = trace.events("move_end")
        ktap.eq((start.ifindex, start.gain, start.lose, start.all), (target.ifindex, 1, 1, 0),
                "an entry")
        ktap.eq((key.gain, key.lose, key.all), (2, 2, 1), "a key")
        ktap.eq([end.generation for end in ends], [start.generation, key.generation],
                "generations")
        ktap.eq([end.waited for end in ends], [0, 0], "nothing was sent, nothing waited")
        mover.close()
        control.close()


if __name__ == "__main__":
    ktap.main(filters, polls, moves)
