#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Rings, channels, moderation and pause over ethtool netlink: what is set is announced and
read back exactly, what is refused is refused with a reason and not announced."""

import json

from lib import bed, command, family, genl, ktap

MAX_QUEUES = 8
RINGS_NTF, CHANNELS_NTF, COALESCE_NTF, PAUSE_NTF = 17, 19, 21, 23
# option, words, notification, {attribute of it: value}
SETTINGS = (
    ("-G", "rx 16 tx 32", RINGS_NTF, {6: 16, 9: 32}),
    ("-G", "rx 1001", RINGS_NTF, {6: 1001, 9: 32}),
    ("-G", "tx 16384", RINGS_NTF, {6: 1001, 9: 16384}),
    ("-L", "combined 1", CHANNELS_NTF, {5: MAX_QUEUES, 9: 1}),
    ("-L", f"combined {MAX_QUEUES}", CHANNELS_NTF, {5: MAX_QUEUES, 9: MAX_QUEUES}),
    ("-C", "adaptive-rx off rx-usecs 33 rx-frames 44", COALESCE_NTF, {2: 33, 3: 44, 11: 0}),
    ("-C", "adaptive-rx on", COALESCE_NTF, {11: 1}),
    ("-A", "rx on tx off", PAUSE_NTF, {3: 1, 4: 0}),
    ("-A", "rx off tx on", PAUSE_NTF, {3: 0, 4: 1}),
)
# option, words, what the refusal says
REFUSALS = (
    ("-G", "rx 15", "must be 16 to 16384"),
    ("-G", "tx 15", "must be 16 to 16384"),
    ("-G", "rx 16385", "exceeds maximum"),
    ("-G", "rx-jumbo 4", ""),
    ("-L", f"combined {MAX_QUEUES + 1}", "exceeds maximum"),
    ("-L", "combined 0", ""),
    ("-L", "combined 0 rx 1", ""),
    ("-C", "rx-usecs 10001", "must be 0 to 10000"),
    ("-C", "rx-frames 16385", "must be 0 to 16384"),
    ("-C", "tx-usecs 5", ""),
    ("-A", "autoneg on", ""),
)


def values(attributes, wanted):
    """Those of a notification that are asked for."""
    return {key: genl.number(attributes[key]) for key in wanted if key in attributes}


def listener(vport):
    """A Group that hears what ethtool announces in the namespace of a VPort."""
    with vport.ns.entered():
        return family.Group("ethtool", "monitor")


def announced():
    """Every change, made up or down, is announced once with the values that are in force."""
    with bed.Bed(vports=2, queues=2, max_queues=MAX_QUEUES) as site:
        vport = site.vports[1]
        group = listener(vport)
        for state in (vport.up, vport.down):
            state()
            group.heard()
            for option, words, notification, wanted in SETTINGS:
                vport.ethtool(f"{option} {vport.name} {words}")
                heard = [values(attributes, wanted) for cmd, attributes in group.heard()
                         if cmd == notification]
                ktap.eq(heard, [wanted], f"announced of {option} {words}")
        group.close()


def refused():
    """What can't be done is refused, says why, changes and announces nothing."""
    with bed.Bed(vports=2, queues=2, max_queues=MAX_QUEUES) as site:
        vport = site.vports[1]
        show = lambda: [vport.ethtool(f"{option} {vport.name}")
                        for option in ("-g", "-l", "-c", "-a")]
        before, group = show(), listener(vport)
        group.heard()
        for option, words, says in REFUSALS:
            command.refused("ethtool", option, vport.name, *words.split(), ns=vport.ns,
                            says=says)
        ktap.eq(show(), before, "settings")
        ktap.eq([cmd for cmd, _ in group.heard()], [], "announced")
        group.close()


def as_json():
    """The same in JSON, as far as ethtool writes it."""
    with bed.Bed(vports=2, queues=2, max_queues=MAX_QUEUES) as site:
        vport = site.vports[1]
        vport.ethtool(f"-G {vport.name} rx 77 tx 99")
        vport.ethtool(f"-C {vport.name} adaptive-rx off rx-usecs 5 rx-frames 6")
        status, shown = command.status("ethtool", "--json", "-g", vport.name, ns=vport.ns)
        if status:
            ktap.skip("ethtool has no JSON of rings")
        ring = json.loads(shown)[0]
        ktap.eq((ring["rx"], ring["tx"], ring["rx-max"]), (77, 99, 16384), "rings")
        moderation = json.loads(vport.ethtool(f"--json -c {vport.name}"))[0]
        ktap.eq((moderation["rx-usecs"], moderation["rx-frames"], moderation["adaptive-rx"]),
                (5, 6, False), "moderation")


def time_stamps():
    """Software time stamps of sent and received frames, and no clock."""
    with bed.Bed(vports=2, queues=1) as site:
        vport = site.vports[1]
        shown = vport.ethtool(f"-T {vport.name}")
        for capability in ("software-transmit", "software-receive",
                           "software-system-clock"):
            ktap.contains(shown, capability, "capabilities")
        ktap.true("hardware-transmit" not in shown and "hardware-receive" not in shown,
                  "no hardware time stamps")


if __name__ == "__main__":
    ktap.main(announced, refused, as_json, time_stamps)
