# SPDX-License-Identifier: GPL-2.0
"""Numbered traffic between VPorts, made by tools/flows: what was sent and what arrived is
known to the frame."""

import itertools
import json
import os
import subprocess

from lib import ktap

FLOWS = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                      "../tools/flows"))
PORTS = itertools.count(20000)      # a flow's two ports; no two flows have the same


class State:
    """What tools/flows answered: complete (what was waited for has come), work (datagrams
    and TCP writes that arrived), flows (a dict each, see flows.c)."""

    def __init__(self, text):
        answer = json.loads(text)
        self.complete = answer["complete"]
        self.work = answer["work"]
        self.flows = answer["flows"]

    def sum(self, key, protocol=None):
        """A counter added up over the flows (of a protocol)."""
        return sum(flow[key] for flow in self.flows
                   if protocol in (None, flow["protocol"]))

    def summary(self):
        """The counters in a line."""
        keys = ("sent", "received", "missing", "duplicates", "reordered", "corrupt",
                "errors", "socket_drops")
        return ", ".join(f"{key} {self.sum(key, 'udp')}" for key in keys) + (
            f"; TCP bytes {self.sum('received', 'tcp')}, missing {self.sum('missing', 'tcp')}")


class Load:
    """Flows between VPorts with addresses (Bed.set_addresses), on hold at first.

    `with Load(tolerant=...) as load:`, then udp() and tcp() to add flows, go() to start.
    """

    def __init__(self, tolerant=False, busy_poll=0, stall=60, workers=0, merge=False, nice=10):
        """tolerant: losses are expected and don't bring a flow to a stop.
        busy_poll: microseconds of SO_BUSY_POLL for the receivers.
        stall: seconds without any arrival after which waiting ends.
        workers: pairs of threads that share the UDP flows, 0: one for each flow.
        merge: UDP receivers take merged datagrams (UDP_GRO).
        nice: of the threads; above 0, so that the load doesn't keep those waiting who
        change something under it."""
        self._options = ["-s", str(stall)]
        self._options += ["-j", str(workers)] if workers else []
        self._options += ["-g"] if merge else []
        self._nice = str(nice)
        self._options += ["-t"] if tolerant else []
        self._options += ["-b", str(busy_poll)] if busy_poll else []
        self._specs = []
        self._process = None
        self.state = None

    def _add(self, protocol, sender, receiver, window, size, ipv6, to=None):
        port = next(PORTS)
        a, b = (sender.ip6, receiver.ip6) if ipv6 else (sender.ip4, receiver.ip4)
        b = to or b
        self._specs.append(f"{protocol},{sender.ns.name},{a},{port},"
                           f"{receiver.ns.name},{b},{port},{window},{size}")

    def udp(self, sender, receiver, flows=2, window=16, size=512, ipv6=False, to=None):
        """Adds flows of datagrams: window each outstanding, size bytes of payload. to: a
        destination other than the receiver's address, such as broadcast."""
        for _ in range(flows):
            self._add("udp", sender, receiver, window, size, ipv6, to)

    def tcp(self, sender, receiver, flows=1, window=65536, size=8000, ipv6=False):
        """Adds streams: window bytes of send buffer, written size bytes at a time."""
        for _ in range(flows):
            self._add("tcp", sender, receiver, window, size, ipv6)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        return False

    def _open(self):
        if not os.path.exists(FLOWS):
            ktap.fail(f"{FLOWS} does not exist: make -C selftests/tools")
        words = ["nice", "-n", self._nice, FLOWS, *self._options, *self._specs]
        self._process = subprocess.Popen(words, text=True, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE)
        self._answer("flows did not start")

    def _answer(self, failure):
        line = self._process.stdout.readline()
        if not line:
            ktap.fail(f"{failure}: status {self._process.wait()}")
        self.state = State(line)
        return self.state

    def _ask(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._answer(f"flows ended at '{command}'")

    def open(self):
        """Opens the sockets, connects TCP; nothing is sent yet."""
        self._open()

    def go(self):
        """Senders send."""
        if not self._process:
            self._open()
        return self._ask("go")

    def stat(self):
        """The State now."""
        return self._ask("stat")

    def wait(self, count):
        """Until count more datagrams have arrived. Fails if nothing arrives any more."""
        state = self._ask(f"wait {count}")
        if not state.complete:
            ktap.fail(f"the traffic has stopped: {state.summary()}")
        return state

    def hold(self):
        """Senders stop. Returns the State once everything has arrived, or never will."""
        return self._ask("hold")

    def check(self):
        """Fails unless the last hold() found everything that was sent: once, whole, with no
        datagram dropped by a socket."""
        for key in ("missing", "duplicates", "corrupt", "errors", "socket_drops"):
            if self.state.sum(key):
                ktap.fail(f"{key} of {len(self.state.flows)} flows: {self.state.summary()}")
        ktap.true(self.state.complete, "the load came to rest")

    def close(self):
        """Ends the flows at once; their sockets are closed when it returns."""
        if not self._process:
            return
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
