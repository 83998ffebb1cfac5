#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Additional RSS contexts: made, read, changed, deleted; frames that rules send to them are
spread by the context's own key, table and fields; and, under load, contexts and rules change
without losing or reordering a frame."""

import errno
import os
import random

import change_load
from lib import ethtool, family, frames, ktap, ntuple, steering
from lib.ntuple import ANY, DROP, Rule
from ntuple import QUEUES, Scene, refuses

SEED = int(os.environ.get("VMMQ_SEED", "99"))


def old_kernel(device, context):
    """Whether the kernel can't set the fields of a context."""
    try:
        device.set_fields("udp4", "sdfn", context)
    except ethtool.Refused as refusal:
        if refusal.errno == errno.EOPNOTSUPP:
            return True
        raise
    return False


def to_context(context, action=0, location=ANY, kind="udp4", **fields):
    """A rule that sends frames to a context."""
    return Rule(kind, action, location, context, **fields)


# ---- what there is ----

def life():
    """Made, read back, changed, deleted; the lowest free number; not there."""
    with Scene() as scene:
        device = scene.device
        table = [n * 3 % QUEUES for n in range(128)]
        key = bytes(range(100, 140))
        ktap.eq([device.new_context(table, key), device.new_context([1] * 128),
                 device.new_context([2] * 128)], [1, 2, 3], "numbers")
        ktap.eq((device.table(1), device.key(1)), (table, key), "the first read back")
        ktap.eq((device.table(2), device.key(2)), ([1] * 128, device.key()), "the second")
        device.set_rss([5] * 128, context=1)
        ktap.eq((device.table(1), device.key(1)), ([5] * 128, key), "table changed")
        device.set_rss(key=key[::-1], context=2)
        ktap.eq((device.table(2), device.key(2)), ([1] * 128, key[::-1]), "key changed")
        ktap.eq((device.table(), device.table(3)),
                ([n % QUEUES for n in range(128)], [2] * 128), "the others")
        device.delete_context(2)
        for function in (lambda: device.set_rss([1] * 128, context=2),
                         lambda: device.delete_context(2), lambda: device.table(2)):
            refuses(errno.ENOENT, function)
        ktap.eq(device.new_context([7] * 128), 2, "number used again")
        refuses(errno.EINVAL, device.new_context, [QUEUES] * 128)
        for n in range(1, 4):
            device.delete_context(n)
        shown = scene.target.ethtool(f"-X {scene.target.name} context new equal 2")
        ktap.contains(shown, "New RSS context is 1", "what the program says")
        ktap.eq(device.table(1), [n % 2 for n in range(128)], "table by the program")


def by_default():
    """Made without table and key it gets useful ones (where the kernel takes that)."""
    with Scene() as scene:
        device = scene.device
        try:
            context = device.new_context(None)
        except ethtool.Refused as refusal:
            ktap.eq(refusal.errno, errno.EINVAL, "why not")
            ktap.skip("the kernel makes no context without a table")
        ktap.eq(device.table(context), [n % QUEUES for n in range(128)], "table")
        ktap.eq(device.key(context), device.key(), "key")


def own_fields():
    """A context's field sets are its own (where the kernel can set them)."""
    with Scene() as scene:
        device = scene.device
        device.set_fields("udp4", "sd")
        context = device.new_context([n % QUEUES for n in range(128)])
        ktap.eq(device.fields("udp4", context), "sd", "as the device's when it was made")
        if old_kernel(device, context):
            ktap.skip("the kernel can't set the fields of a context")
        device.set_fields("udp4", "fn", context)
        ktap.eq((device.fields("udp4"), device.fields("udp4", context)), ("sd", "fn"),
                "field sets")
        ntuple.insert(device, to_context(context))
        rss = steering.Rss(device.key(), device.table(context), {"udp4": "fn"})
        check(scene, rss, 0, udp_frames(scene, random.Random(SEED)))


# ---- where frames go ----

def udp_frames(scene, rng, count=60):
    """UDP frames of different flows to port 80."""
    return [scene.udp(80, rng.randrange(65536), f"10.{rng.randrange(256)}.0.1")
            for _ in range(count)]


def check(scene, rss, add, sent, context=1):
    """Sends frames and fails unless each is spread by rss, plus add."""
    with ktap.Mismatches(f"context {context}") as found:
        for event, frame in zip(scene.fly(sent), sent):
            kind, value = rss.hash(frame)
            queue = rss.table[rss.entry(value) if kind != "none" else 0] + add
            found.eq((event.context, event.type, event.hash, event.queue),
                     (context, kind, value, queue), frame.hex())
    receives = scene.trace.events("receive", ifindex=scene.target.ifindex)
    ktap.eq(len(receives), len(sent), "frames received")


def spread_by_their_own():
    """Key and table of the context decide, and a rule's queue is added."""
    rng = random.Random(SEED)
    with Scene() as scene:
        device = scene.device
        rss = steering.Rss(rng.randbytes(40), [rng.randrange(4) for _ in range(128)])
        device.set_rss([7] * 128)
        context = device.new_context(rss.table, rss.key)
        ntuple.insert(device, to_context(context, dport=80))
        sent = udp_frames(scene, rng)
        check(scene, rss, 0, sent)
        ktap.eq(scene.queues([scene.udp(81)]), [7], "another frame's queue")
        ntuple.insert(device, to_context(context, 4, dport=80))
        check(scene, rss, 4, sent)
        rss.table = [3 - queue for queue in rss.table]
        device.set_rss(rss.table, context=context)
        check(scene, rss, 4, sent)
        rss.key = rng.randbytes(40)
        device.set_rss(key=rss.key, context=context)
        check(scene, rss, 4, sent)


def the_devices_own():
    """Context 0 is the device's own table; a rule's queue is added to it as well."""
    rng = random.Random(SEED)
    with Scene() as scene:
        device = scene.device
        rss = steering.Rss(rng.randbytes(40), [rng.randrange(4) for _ in range(128)])
        rss.apply(scene.target)
        ntuple.insert(device, Rule("ip4", DROP, 9))
        ntuple.insert(device, to_context(0, 0, 3, dport=80))
        sent = udp_frames(scene, rng)
        check(scene, rss, 0, sent, 0)
        ntuple.insert(device, to_context(0, 4, 3, dport=80))
        check(scene, rss, 4, sent, 0)
        scene.refused(errno.EINVAL, "rule 3 leads to queue 8 of 8", device.set_rss,
                      [4] * 128)
        ktap.eq(device.table(), rss.table, "table after a refusal")
        ktap.eq(scene.queues([scene.udp(81)]), ["rx_rule"], "another frame's fate")


def not_hashable_ones():
    """A frame that a context can't hash takes the queue of its entry 0."""
    with Scene() as scene:
        device = scene.device
        context = device.new_context([5] + [4] * 127)
        ntuple.insert(device, to_context(context, 1, kind="ether", ethertype=0x88cc))
        frame = frames.ether(scene.target.mac, scene.source.mac, 0x88cc, bytes(50))
        ktap.eq(scene.queues([frame]), [6], "queue")


# ---- what they stand, and what they stop ----

def down_and_up():
    """Contexts and rules are made while the VPort is down, and survive that."""
    rng = random.Random(SEED)
    with Scene(up=False) as scene:
        device = scene.device
        rss = steering.Rss(rng.randbytes(40), [rng.randrange(4) for _ in range(128)])
        ntuple.insert(device, to_context(device.new_context(rss.table, rss.key), 1, dport=80))
        for vport in scene.bed.vports:
            vport.up()
        check(scene, rss, 1, udp_frames(scene, rng))
        scene.target.down()
        scene.target.up()
        check(scene, rss, 1, udp_frames(scene, rng))


def busy():
    """A context that a rule uses is not deleted, nor are queues that it uses."""
    with Scene() as scene:
        device = scene.device
        context = device.new_context([5] * 128)
        ntuple.insert(device, to_context(context, 1, 4, dport=80))
        refuses(errno.EBUSY, device.delete_context, context)
        refuses(errno.EINVAL, device.set_channels, 6)
        scene.refused(errno.EINVAL, "rule 4 leads to queue 8 of 8", lambda:
                      device.set_rss([7] * 128, context=context))
        ktap.eq(device.table(context), [5] * 128, "table after a refusal")
        scene.refused(errno.EINVAL, "rule 4 leads to queue 8 of 8", ntuple.insert, device,
                      to_context(context, 3, 4, dport=80))
        device.set_channels(7)
        ntuple.delete(device, 4)
        refuses(errno.EINVAL, device.set_channels, 5)
        ktap.eq(scene.queues([scene.udp()] * 2), scene.queues([scene.udp()] * 2), "traffic")
        device.delete_context(context)
        device.set_channels(5)


def one_table_size():
    """While there are contexts the table keeps its size."""
    with Scene() as scene:
        control = family.Family()
        scene.bed.undo(control.close)
        context = scene.device.new_context([1] * 128)
        who = {"adapter": "vmmq0", "vport": 0}
        control.refused(errno.EBUSY, "delete these", ".entries", "rss-set", entries=64, **who)
        scene.device.delete_context(context)
        control.do("rss-set", entries=64, **who)
        ktap.eq(scene.device.rss_sizes()[0], 64, "entries")


# ---- under load ----

def some_rule(site, vport):
    """A rule of one of a few matches, to a queue or a context."""
    rng, device = site.rng, vport.tool
    contexts = getattr(site, "contexts", {}).setdefault(vport.name, [])
    if not contexts:
        contexts += [device.new_context([rng.randrange(2) for _ in range(128)])
                     for _ in range(2)]
    # Where rules lead stays below the two queues that are always there.
    match = rng.choice(({"src": "192.0.2.1"}, {"src": "192.0.2.3"}, {"tos": 0}, {}))
    kind = rng.choice(("udp4", "tcp4"))
    location = rng.randrange(8)
    context = rng.choice(contexts + [0, None])
    ntuple.insert(device, Rule(kind, rng.randrange(2) if context is None else 0, location,
                               context, **match))


def no_rule(site, vport):
    """One rule goes, if there is any."""
    found = ntuple.locations(vport.tool)
    if found:
        ntuple.delete(vport.tool, site.rng.choice(found))


def some_context(site, vport):
    """A context's table or key changes."""
    rng = site.rng
    for context in getattr(site, "contexts", {}).get(vport.name, [])[:1]:
        table = [rng.randrange(2) for _ in range(128)]
        vport.tool.set_rss(table, rng.randbytes(40) if rng.randrange(2) else None,
                           context=context)


def on_off(_, vport):
    """Rules stop and go on steering."""
    vport.ethtool(f"-K {vport.name} ntuple off")
    vport.ethtool(f"-K {vport.name} ntuple on")


def mixed(site, vport):
    """Rules, contexts, and the VPort's own parameters."""
    site.rng.choice((some_rule, some_rule, no_rule, some_context, change_load.random_table,
                     change_load.key))(site, vport)


class Site(change_load.Site):
    """The load of change_load.py; contexts: those of each VPort."""

    def __init__(self, seed):
        super().__init__(seed)
        self.contexts = {}


def rules_under_load():
    """Rules come, go and change places; contexts change: no datagram lost or overtaken."""
    with Site(21) as site:
        site.repeat(72, some_rule, some_rule, some_context, no_rule, some_rule, on_off)


def all_mixed_under_load():
    """The same in random order with tables and keys of the VPort's own."""
    with Site(22) as site:
        site.repeat(90, mixed)


if __name__ == "__main__":
    ktap.main(life, by_default, own_fields, spread_by_their_own, the_devices_own,
              not_hashable_ones, down_and_up, busy, one_table_size, rules_under_load,
              all_mixed_under_load)
