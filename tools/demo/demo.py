#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Shows the module at work: TCP streams between two VPorts, which processor takes the packets
of which queue, and how that follows the indirection table when it changes under traffic.

Loads the module and unloads it at the end; needs root, iproute2, ethtool and iperf3."""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "selftests"))

from lib import toeplitz  # noqa: E402

KO = os.environ.get("VMMQ_KO") or os.path.relpath(TOP / "drivers/net/vmmq/vmmq.ko")
TRACEFS = "/sys/kernel/tracing"
INSTANCE = f"{TRACEFS}/instances/vmmq-demo"
RECORD = re.compile(r"queue:\s*(\d+), cpu:\s*(\d+), hash:\s*([0-9a-f]+) \}"
                    r" hitcount:\s*(\d+)")

SENDER, RECEIVER = "vmmq0v1", "vmmq0v2"
SENDER_NS, RECEIVER_NS = "demo1", "demo2"
SENDER_IP, RECEIVER_IP = "192.0.2.1", "192.0.2.2"
PORT = 5201                 # iperf3's
DEFAULT_QUEUE = 0           # of frames without a hash: ARP
STUCK = 120                 # seconds without a packet before we give up
SETTLE = 500                # packets after the change that may still be in the old rings


class Failed(Exception):
    """The demo can't go on. The text says why and what to do."""


# ---- what is printed ----

class Screen:
    """Prints for people, or nothing at all when the result is JSON. Remembers the
    commands."""

    def __init__(self, quiet):
        self.quiet = quiet
        self.commands = []
        self.colour = not quiet and sys.stdout.isatty()

    def paint(self, text, code):
        """The text in a colour, on a terminal."""
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def say(self, text=""):
        """A line."""
        if not self.quiet:
            print(text, flush=True)

    def command(self, text):
        """A line the user could have typed."""
        self.commands.append(text)
        self.say(self.paint(f"# {text}", "1"))


def run(words, **more):
    """Runs a program, returns what it printed."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **more)
    if done.returncode:
        raise Failed(f"{' '.join(words)}: {done.stdout.strip()}")
    return done.stdout


# ---- the machine ----

def check_machine():
    """Raises Failed if something needed is missing."""
    if os.geteuid():
        raise Failed("root is needed to load a module: run it as root, or without HOST=1 in "
                     "a test machine (make demo)")
    for program, where in (("ip", "iproute2"), ("ethtool", "ethtool"), ("iperf3", "iperf3")):
        if not shutil.which(program):
            raise Failed(f"{program} is missing: apt-get install {where}")
    if os.path.exists("/sys/module/vmmq"):
        raise Failed("the module is loaded already, and may be in use: rmmod vmmq first")
    if not os.path.exists(KO):
        raise Failed(f"{KO} is missing: build it (make), or name it in VMMQ_KO")
    for name in (SENDER_NS, RECEIVER_NS):
        if os.path.exists(f"/run/netns/{name}"):
            raise Failed(f"there is a namespace {name} already: ip netns del {name}")


def in_ns(name, *words):
    """The words of a command that runs in a namespace."""
    return ["ip", "netns", "exec", name, *words]


def set_up(screen, stack, queues):
    """The module, two namespaces, a VPort with an address in each. Undone by the stack."""
    steps = (
        (f"insmod {KO} queues={queues}", "rmmod vmmq"),
        (f"ip netns add {SENDER_NS}", f"ip netns del {SENDER_NS}"),
        (f"ip netns add {RECEIVER_NS}", f"ip netns del {RECEIVER_NS}"),
        (f"ip link set {SENDER} netns {SENDER_NS}", None),
        (f"ip link set {RECEIVER} netns {RECEIVER_NS}", None),
        (f"ip -n {SENDER_NS} address add {SENDER_IP}/24 dev {SENDER}", None),
        (f"ip -n {RECEIVER_NS} address add {RECEIVER_IP}/24 dev {RECEIVER}", None),
        (f"ip -n {SENDER_NS} link set {SENDER} up", None),
        (f"ip -n {RECEIVER_NS} link set {RECEIVER} up", None))
    for words, back in steps:
        screen.command(words)
        run(words.split())
        if back:
            stack.callback(run, back.split())


def ifindex(ns, dev):
    """A device's index in its namespace."""
    return json.loads(run(["ip", "-n", ns, "-j", "link", "show", dev]))[0]["ifindex"]


def vectors():
    """[(IRQ, CPU it goes to)] of the adapter's vectors, by number."""
    found = {}
    with open("/proc/interrupts", encoding="ascii") as file:
        for line in file:
            words = line.split()
            match = re.fullmatch(r"vmmq0-(\d+)", words[-1])
            if match:
                irq = words[0].rstrip(":")
                path = f"/proc/irq/{irq}/effective_affinity_list"
                cpu = int(pathlib.Path(path).read_text(encoding="ascii"))
                found[int(match[1])] = (int(irq), cpu)
    return [found[n] for n in sorted(found)]


def queue_vector(queue, irqs):
    """(IRQ, CPU) of a queue: queue q raises vector q mod vectors."""
    return irqs[queue % len(irqs)]


# ---- the receiver's settings and counters ----

class Nic:
    """A VPort's key, table and counters."""

    def __init__(self, ns, dev):
        self.ns, self.dev = ns, dev

    def rss(self):
        """(indirection table, key), as `ethtool -x` prints them."""
        text = run(in_ns(self.ns, "ethtool", "-x", self.dev))
        table = [int(queue) for line in text.splitlines()
                 if re.match(r"\s*\d+:\s", line) for queue in line.split(":")[1].split()]
        key = re.search(r"^((?:[0-9a-f]{2}:)+[0-9a-f]{2})$", text, re.M)
        return table, bytes.fromhex(key[1].replace(":", ""))

    def stats(self):
        """{name: count}, as `ethtool -S` prints them."""
        text = run(in_ns(self.ns, "ethtool", "-S", self.dev))
        return {name.strip(): int(value) for name, _, value in
                (line.rpartition(":") for line in text.splitlines()) if value.strip().isdigit()}

    def drops(self):
        """The counters of lost frames that aren't 0."""
        return {name: value for name, value in self.stats().items()
                if value and re.search(r"_drop_|_missed$|_purged$", name)}


def retransmissions():
    """Segments that TCP sent again, most of them to probe a peer that is slow to answer."""
    text = run(in_ns(SENDER_NS, "cat", "/proc/net/snmp"))
    names, values = [line.split() for line in text.splitlines() if line.startswith("Tcp:")]
    return int(dict(zip(names, values))["RetransSegs"])


# ---- the trace: the kernel counts the module's events by their fields ----

class Counter:
    """Counts an event of the receiver by queue, CPU and hash."""

    def __init__(self, stack, event, index):
        """index: the receiver's interface index."""
        self.path = f"{INSTANCE}/events/vmmq/{event}"
        words = f"hist:keys=queue,cpu,hash.hex:size=4096 if ifindex=={index}"
        self.trigger(words)
        stack.callback(self.trigger, f"!{words}")

    def trigger(self, words):
        """Sets or removes the kernel's histogram."""
        with open(f"{self.path}/trigger", "w", encoding="ascii") as file:
            file.write(words)

    def counts(self):
        """Packets so far: {(queue, CPU, hash): count}."""
        with open(f"{self.path}/hist", encoding="ascii") as file:
            return collections.Counter({(int(q), int(c), int(h, 16)): int(n)
                                        for q, c, h, n in RECORD.findall(file.read())})

    def total(self):
        """Packets so far."""
        return sum(self.counts().values())

    def wait(self, packets):
        """Until so many packets more were counted. Returns counts()."""
        start = last = self.total()
        deadline = time.monotonic() + STUCK
        while True:
            time.sleep(0.2)
            counts = self.counts()
            now = sum(counts.values())
            if now >= start + packets:
                return counts
            if now != last:
                last, deadline = now, time.monotonic() + STUCK
            if time.monotonic() > deadline:
                raise Failed(f"no packet arrived for {STUCK} s: see dmesg")

    def wait_rest(self):
        """Until no packet has come for a second. Returns total()."""
        last = -1
        while last != self.total():
            last = self.total()
            time.sleep(1)
        return last


def record_names(value):
    """Sets whether new traces remember task names. Returns what it was. No name is shown here,
    and for them the kernel would rewrite code of the scheduler that all CPUs are running,
    which emulated CPUs may not survive."""
    with open(f"{TRACEFS}/options/record-cmd", "r+", encoding="ascii") as file:
        before = file.read().strip()
        file.seek(0)
        file.write(value)
    return before


def trace(stack, index):
    """(counter of the packets put in the receiver's rings, of those its NAPIs polled)."""
    if not os.path.isdir(f"{TRACEFS}/events"):
        run(["mount", "-t", "tracefs", "tracefs", TRACEFS])
    stack.callback(record_names, record_names("0"))
    os.mkdir(INSTANCE)
    stack.callback(os.rmdir, INSTANCE)
    return Counter(stack, "vmmq_steer", index), Counter(stack, "vmmq_receive", index)


# ---- prediction ----

def connections():
    """Ports of the sender's TCP connections to iperf3: [local port]."""
    text = run(in_ns(SENDER_NS, "cat", "/proc/net/tcp"))
    found = []
    for line in text.splitlines()[1:]:
        local, remote, state = line.split()[1:4]
        if int(remote.split(":")[1], 16) == PORT and state == "01":
            found.append(int(local.split(":")[1], 16))
    return sorted(found)


class Flow:
    """A TCP connection and its hash by the reference."""

    def __init__(self, port, key):
        self.port = port
        self.hash = toeplitz.toeplitz(key, toeplitz.pack(SENDER_IP, port, RECEIVER_IP, PORT))

    def queue(self, table):
        """Where the table sends it."""
        return table[self.hash & (len(table) - 1)]


def predicted_queue(value, table, flows):
    """The queue of packets with a hash: their flow's, or the default queue if they have none;
    None if no flow has this hash."""
    if not value:
        return DEFAULT_QUEUE
    flow = flows.get(value)
    return flow.queue(table) if flow else None


class Phase:
    """Packets polled while one table was in force, and where they should have been."""

    def __init__(self, counts, table, flows, irqs):
        self.total = sum(counts.values())
        self.seen = collections.Counter()
        self.predicted = collections.Counter()
        self.by_hash = collections.Counter()
        self.wrong = []
        for (queue, cpu, value), count in sorted(counts.items()):
            if not count:
                continue
            want = predicted_queue(value, table, flows)
            self.seen[queue, cpu] += count
            self.by_hash[value] += count
            if want is None:
                self.wrong.append(f"{count} packets of no known flow, hash 0x{value:08x}")
                continue
            place = want, queue_vector(want, irqs)[1]
            self.predicted[place] += count
            if place != (queue, cpu):
                self.wrong.append(f"{count} packets with hash 0x{value:08x} on queue {queue}, "
                                  f"CPU {cpu} instead of queue {want}, CPU {place[1]}")

    def share(self, counter, place):
        """Share of a (queue, CPU) in percent."""
        return 100 * counter[place] / self.total if self.total else 0.0


# ---- the demo ----

class Demo:
    """One run; fields are filled as it goes."""

    def __init__(self, screen, args):
        self.screen, self.args = screen, args
        self.flows, self.before, self.after = {}, None, None
        self.tables, self.key, self.irqs = {}, b"", []
        self.drops, self.resent, self.between = {}, 0, 0
        self.steered = self.polled = 0

    def traffic(self, stack):
        """Starts iperf3 at both ends, ended by the stack."""
        for ns, words, quiet in ((RECEIVER_NS, f"iperf3 -s -p {PORT}", 1.0),
                                 (SENDER_NS, f"iperf3 -c {RECEIVER_IP} -P {self.args.streams} "
                                  "-t 3600", 0)):
            self.screen.command(f"ip netns exec {ns} {words} &")
            process = subprocess.Popen(in_ns(ns, *words.split()), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stack.callback(end, process)
            time.sleep(quiet)
            if process.poll() is not None:
                raise Failed(f"{words} ended at once")

    def await_flows(self):
        """Until all streams and the control connection are there."""
        deadline = time.monotonic() + STUCK
        while len(connections()) < self.args.streams + 1:
            if time.monotonic() > deadline:
                raise Failed(f"iperf3 did not open {self.args.streams} streams in {STUCK} s")
            time.sleep(0.2)
        for port in connections():
            flow = Flow(port, self.key)
            self.flows[flow.hash] = flow

    def run(self, stack):
        """Everything but the printing of the result."""
        set_up(self.screen, stack, self.args.queues)
        nic = Nic(RECEIVER_NS, RECEIVER)
        self.irqs = vectors()
        self.tables["before"], self.key = nic.rss()
        steered, polled = trace(stack, ifindex(RECEIVER_NS, RECEIVER))
        with contextlib.ExitStack() as traffic:
            self.traffic(traffic)
            self.await_flows()
            self.before = Phase(polled.wait(self.args.packets), self.tables["before"],
                                self.flows, self.irqs)
            self.print_before()
            base = self.change(nic, polled)
            self.after = Phase(polled.wait(self.args.packets) - base, self.tables["after"],
                               self.flows, self.irqs)
            self.between = sum(base.values()) - self.before.total
        self.polled, self.steered = polled.wait_rest(), steered.wait_rest()
        self.resent = retransmissions()
        self.drops = {f"{one.dev} {name}": value
                      for one in (nic, Nic(SENDER_NS, SENDER))
                      for name, value in one.drops().items()}

    def change(self, nic, polled):
        """Changes the table under traffic. Returns the counts when that has settled."""
        command = f"ethtool -X {RECEIVER} weight {' '.join(map(str, self.weights()))}"
        self.screen.command(f"ip netns exec {RECEIVER_NS} {command}")
        run(in_ns(RECEIVER_NS, *command.split()))
        self.tables["after"] = nic.rss()[0]
        polled.wait(SETTLE)
        time.sleep(1)
        return polled.counts()

    def weights(self):
        """The first and the last queue keep an equal share, the others get nothing."""
        queues = self.args.queues
        return [int(queue in (0, queues - 1)) for queue in range(queues)]

    def places(self):
        """The (queue, CPU) of every row: where packets should be and where they were."""
        home = {(queue, queue_vector(queue, self.irqs)[1]) for queue in range(self.args.queues)}
        for phase in (self.before, self.after):
            home |= set(phase.seen) if phase else set()
        return sorted(home, key=lambda place: place[::-1])

    def row(self, place, phase):
        """Columns of a phase: packets, share, prediction."""
        return (phase.seen[place], phase.share(phase.seen, place),
                phase.share(phase.predicted, place))

    def print_table(self, *phases):
        """Columns of one or both phases, a row for each queue and CPU."""
        say = self.screen.say
        names = ("before", "after")[:len(phases)]
        say()
        if len(phases) > 1:
            say(f"{'':13}" + "  ".join(f"{f' {name} ':-^29}" for name in names))
        head = f"{'CPU':>5} {'queue':>6} " + "  ".join(
            f"{'packets':>10} {'share':>7} {'predicted':>10}" for _ in names)
        say(self.screen.paint(head, "4"))
        for queue, cpu in self.places():
            columns = [self.row((queue, cpu), phase) for phase in phases]
            say(f"{cpu:5} {queue:6} " + "  ".join(
                f"{count:10} {share:6.1f}% {predicted:9.1f}%"
                for count, share, predicted in columns))
        say(f"{'sum':>12} " + "  ".join(f"{phase.total:10}{'':19}" for phase in phases).rstrip())
        say()

    def print_before(self):
        """The table before the change."""
        self.screen.say()
        self.screen.say(f"{RECEIVER}: {len(self.tables['before'])} table entries on "
                        f"{self.args.queues} queues, {len(self.flows)} TCP connections. "
                        "Packets taken from each queue, by CPU:")
        self.print_table(self.before)

    def print_result(self):
        """The table of both, losses and the verdict."""
        say, paint = self.screen.say, self.screen.paint
        self.print_table(self.before, self.after)
        say(f"{self.between} packets while the change settled. Of {self.steered} packets in all "
            f"{self.polled} arrived, {sum(self.drops.values())} were dropped.")
        for text in self.problems():
            say(paint(f"  {text}", "31"))
        if self.problems():
            say(paint("MISMATCH: see above", "1;31"))
        else:
            say(paint("All matched: every packet was taken on the CPU that its flow's hash and "
                      "the table name, and none was lost.", "1;32"))

    def problems(self):
        """What did not match, in words."""
        found = [f"{when}: {text}" for when, phase in (("before", self.before),
                                                       ("after", self.after))
                 for text in phase.wrong]
        found += [f"{name}: {value}" for name, value in self.drops.items()]
        if self.polled != self.steered:
            found.append(f"{self.steered - self.polled} packets lost")
        expected = {0, self.args.queues - 1}
        if set(self.tables["after"]) != expected:
            found.append(f"the table names queues {sorted(set(self.tables['after']))}")
        return found

    def result(self):
        """What -j prints."""
        rows = []
        for queue, cpu in self.places():
            row = {"cpu": cpu, "queue": queue, "irq": queue_vector(queue, self.irqs)[0]}
            for when, phase in (("before", self.before), ("after", self.after)):
                row.update(zip((f"packets_{when}", f"share_{when}", f"predicted_{when}"),
                               self.row((queue, cpu), phase)))
            rows.append(row)
        return {
            "commands": self.screen.commands,
            "sender": {"device": SENDER, "address": SENDER_IP},
            "receiver": {"device": RECEIVER, "address": RECEIVER_IP, "port": PORT},
            "queues": self.args.queues, "weights": self.weights(), "key": self.key.hex(),
            "tables": self.tables, "rows": rows,
            "flows": [{"port": flow.port, "hash": flow.hash,
                       "packets_before": self.before.by_hash[flow.hash],
                       "packets_after": self.after.by_hash[flow.hash]}
                      for flow in self.flows.values()],
            "unhashed_before": self.before.by_hash[0], "unhashed_after": self.after.by_hash[0],
            "packets_before": self.before.total, "packets_after": self.after.total,
            "packets_between": self.between, "steered": self.steered, "polled": self.polled,
            "drops": self.drops, "retransmissions": self.resent,
            "problems": self.problems(), "matched": not self.problems()}


def end(process):
    """Ends a program we started."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-j", "--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-P", "--streams", type=int, default=8, metavar="N",
                        help="parallel TCP streams (default 8)")
    parser.add_argument("-q", "--queues", type=int, default=4, metavar="N",
                        help="queues of each VPort (default 4)")
    parser.add_argument("-n", "--packets", type=int, default=5000, metavar="N",
                        help="packets to watch before and after the change (default 5000)")
    args = parser.parse_args()
    if args.queues < 2 or args.streams < 1 or args.packets < 1:
        parser.error("at least 2 queues, 1 stream and 1 packet")
    return args


def main():
    """Runs the demo. Status 0: all matched, 1: not, 2: it could not run."""
    args = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    demo = Demo(Screen(args.json), args)
    try:
        check_machine()
        with contextlib.ExitStack() as stack:
            demo.run(stack)
    except (Failed, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    if args.json:
        print(json.dumps(demo.result()))
    else:
        demo.print_result()
    return 1 if demo.problems() else 0


if __name__ == "__main__":
    sys.exit(main())
