# SPDX-License-Identifier: GPL-2.0
"""Reference: where a VPort's RSS parameters send a frame, and the comparison of that with
what a trace saw. The parameters are those a test set, not those the module reports."""

from lib import flow, ktap, toeplitz, wait


class Rss:
    """RSS parameters of one VPort as the test knows them."""

    def __init__(self, key, table, fields=None, default_queue=0, xfrm=None):
        """fields: changes to the default field sets, e.g. {"tcp4": "sd"}. xfrm: the input
        is made symmetric by "xor" or "or-xor"."""
        self.xfrm = xfrm
        self.key = key
        self.table = list(table)
        self.fields = dict(flow.DEFAULT_FIELDS, **(fields or {}))
        self.default_queue = default_queue

    @classmethod
    def of(cls, vport, **more):
        """Those a VPort has now, for what the test didn't set itself."""
        return cls(vport.tool.key(), vport.tool.table(), **more)

    def apply(self, vport):
        """Gives a VPort these parameters (all but extended addresses and the default
        queue)."""
        for name, letters in self.fields.items():
            vport.tool.set_fields(name, letters.replace("x", ""))
        vport.tool.set_rss(self.table, self.key)

    def hash(self, frame, **how):
        """(hash type, hash) of a frame; (none, 0) if not hashable. how: for flow.parse()."""
        kind, data = flow.parse(frame, self.fields, **how)
        if data and self.xfrm:
            data = toeplitz.symmetric(data, self.xfrm == "or-xor")
        return kind, toeplitz.toeplitz(self.key, data) if data else 0

    def entry(self, value):
        """The table entry of a hash."""
        return value & (len(self.table) - 1)

    def queue(self, frame, **how):
        """The queue of a frame."""
        kind, value = self.hash(frame, **how)
        return self.default_queue if kind == "none" else self.table[self.entry(value)]


class Flight:
    """A frame and what happened to it: frame, steer and receive (trace events)."""

    def __init__(self, frame, steer):
        self.frame = frame
        self.steer = steer
        self.receive = None


def same_lengths(events, lengths, what):
    """Fails unless the events are of frames of these lengths, one by one."""
    got = [event.len for event in events]
    if got == lengths:
        return
    first = next((n for n, pair in enumerate(zip(got, lengths)) if pair[0] != pair[1]),
                 min(len(got), len(lengths)))
    ktap.fail(f"frames {what}: {len(got)} of {len(lengths)}, they differ from number {first} "
              f"on: lengths {got[first:first + 10]}, expected {lengths[first:first + 10]}")


def match(trace, target, frames, source=None):
    """Pairs the frames, in the order they were sent by one sender, with their vmmq_steer and
    vmmq_receive events at a VPort (target), and fails if a frame has none, if there are
    others, or if a queue delivered out of order. Returns the Flights.

    source: the sending VPort, if others send too."""
    chosen = {"ifindex": target.ifindex}
    if source:
        chosen["from"] = source.ifindex
    steers = trace.events("steer", **chosen)
    same_lengths(steers, [len(frame) for frame in frames], f"steered at {target.name}")
    flights = [Flight(frame, steer) for frame, steer in zip(frames, steers)]

    receives = {}
    for event in trace.events("receive", ifindex=target.ifindex):
        receives.setdefault(event.queue, []).append(event)
    for queue in sorted({e.queue for e in steers} | set(receives)):
        sent = [f for f in flights if f.steer.queue == queue]
        got = receives.get(queue, [])
        same_lengths(got, [f.steer.len for f in sent],
                     f"received on {target.name} queue {queue}")
        for item, event in zip(sent, got):
            item.receive = event
    return flights


def fly(bed, trace, source, target, frames, send=None, seen=None):
    """Sends frames from a VPort by a raw socket and waits until all arrived. Returns the
    Flights at the target. The trace has at least "steer" and "receive" on; what it held
    before is forgotten.

    send: sends one frame instead. seen: the frames as the module sees them, if a layer
    between changes them."""
    bed.drained()
    trace.clear()
    before = source.tool.sum("tx_packets")
    send = send or source.sender().send
    for frame in frames:
        send(frame)
    wait.reaches(lambda: source.tool.sum("tx_packets"), before + len(frames),
                 f"frames sent by {source.name}")
    bed.drained()
    return match(trace, target, frames if seen is None else seen, source)


def check(bed, flights, rss, what, reported=True, how=None):
    """Fails unless every Flight went where rss sends its frame: hash, type, entry, queue,
    the vector's CPU, and the CPU that processed it.

    reported: the hash is handed to the stack (rxhash is on). how: for flow.parse()."""
    vector_cpus = bed.queue_cpus()
    with ktap.Mismatches(what) as found:
        for number, item in enumerate(flights):
            name = f"frame {number} ({item.frame[12:].hex()[:160]}): "
            kind, value = rss.hash(item.frame, **(how or {}))
            queue = rss.queue(item.frame, **(how or {}))
            entry = -1 if kind == "none" else rss.entry(value)
            cpu = vector_cpus[queue % len(vector_cpus)]
            found.eq(item.steer.type, kind, name + "hash type")
            found.eq(item.steer.hash, value, name + "hash")
            found.eq(item.steer.entry, entry, name + "entry")
            found.eq(item.steer.queue, queue, name + "queue")
            found.eq(item.steer.cpu, cpu, name + "CPU of the vector")
            found.eq(item.receive.queue, queue, name + "receive queue")
            found.eq(item.receive.cpu, cpu, name + "CPU that received")
            found.eq(item.receive.hash, value if reported else 0, name + "skb->hash")
            found.eq(item.receive.l4, int(reported and kind in flow.L4_TYPES),
                     name + "layer 4 flag")
