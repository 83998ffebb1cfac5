# SPDX-License-Identifier: GPL-2.0
"""The kernel's netdev family: queues, NAPIs and queue statistics of a net device."""

import errno

from lib import genl, ktap

QUEUE_GET, NAPI_GET, QSTATS_GET, NAPI_SET = 10, 11, 12, 14
QUEUE_ID, QUEUE_IFINDEX, QUEUE_TYPE, QUEUE_NAPI = 1, 2, 3, 4
NAPI_IFINDEX, NAPI_ID = 1, 2
NAPI = {"irq": 3, "pid": 4, "defer-hard-irqs": 5, "gro-flush-timeout": 6,
        "irq-suspend-timeout": 7, "threaded": 8}
STATS_IFINDEX, STATS_TYPE, STATS_QUEUE, STATS_SCOPE = 1, 2, 3, 4
STATS = dict(zip(range(8, 35), (
    "rx-packets", "rx-bytes", "tx-packets", "tx-bytes", "rx-alloc-fail", "rx-hw-drops",
    "rx-hw-drop-overruns", "rx-csum-complete", "rx-csum-unnecessary", "rx-csum-none",
    "rx-csum-bad", "rx-hw-gro-packets", "rx-hw-gro-bytes", "rx-hw-gro-wire-packets",
    "rx-hw-gro-wire-bytes", "rx-hw-drop-ratelimits", "tx-hw-drops", "tx-hw-drop-errors",
    "tx-csum-none", "tx-needs-csum", "tx-hw-gso-packets", "tx-hw-gso-bytes",
    "tx-hw-gso-wire-packets", "tx-hw-gso-wire-bytes", "tx-hw-drop-ratelimits", "tx-stop",
    "tx-wake")))
TYPES = ("rx", "tx")


class Netdev:
    """A VPort (of bed) as the family shows it."""

    def __init__(self, vport):
        """Skips the case if the kernel has no family, or one without queues."""
        self.family = genl.Family("netdev", vport.ns)
        self.ifindex = vport.ifindex
        try:
            self.queues()
        except genl.Refused as refusal:
            self.close()
            if refusal.errno != errno.EOPNOTSUPP:
                raise
            ktap.skip("this kernel's netdev family has no queues")

    def _get(self, command, ifindex, *more):
        return [dict(found) for found in self.family.call(
            command, genl.attribute(ifindex, self.ifindex) + b"".join(more), dump=True)]

    def queues(self):
        """{(type, number): NAPI id, None if it has none}."""
        return {(TYPES[genl.number(q[QUEUE_TYPE])], genl.number(q[QUEUE_ID])):
                genl.number(q[QUEUE_NAPI]) if QUEUE_NAPI in q else None
                for q in self._get(QUEUE_GET, QUEUE_IFINDEX)}

    def napis(self):
        """{NAPI id: {what: value}}, see NAPI for what."""
        return {genl.number(n[NAPI_ID]): {name: genl.number(n[key])
                                          for name, key in NAPI.items() if key in n}
                for n in self._get(NAPI_GET, NAPI_IFINDEX)}

    def napi(self, queue):
        """(id, settings) of the NAPI of a queue pair."""
        number = self.queues()["rx", queue]
        return number, self.napis()[number]

    def set_napi(self, number, **settings):
        """Changes settings of a NAPI, with _ for -. Skips the case if the kernel can't."""
        payload = genl.attribute(NAPI_ID, number)
        for name, value in settings.items():
            name = name.replace("_", "-")
            wide = value.to_bytes(8, "little") if "timeout" in name else value
            payload += genl.attribute(NAPI[name], wide)
        try:
            self.family.call(NAPI_SET, payload)
        except genl.Refused as refusal:
            if refusal.errno != errno.EOPNOTSUPP:
                raise
            ktap.skip("this kernel's netdev family can't set up a NAPI")

    def stats(self):
        """Counters of the net device: {name: value}."""
        found = self._get(QSTATS_GET, STATS_IFINDEX)
        ktap.eq(len(found), 1, "answers")
        return self._named(found[0])

    def queue_stats(self):
        """{(type, number): {name: value}}."""
        found = self._get(QSTATS_GET, STATS_IFINDEX,
                          genl.attribute(STATS_SCOPE, (1).to_bytes(8, "little")))
        return {(TYPES[genl.number(q[STATS_TYPE])], genl.number(q[STATS_QUEUE])):
                self._named(q) for q in found}

    @staticmethod
    def _named(found):
        return {STATS[key]: genl.number(value) for key, value in found.items()
                if key in STATS}

    def close(self):
        """Ends it."""
        self.family.close()
