# SPDX-License-Identifier: GPL-2.0
"""Processors, and the interrupts of an adapter."""

import os

from lib import ktap

SYS = "/sys/devices/system/cpu"


def parse_list(text):
    """CPU list notation to a list: "0-2,5" is [0, 1, 2, 5]."""
    cpus = []
    for part in text.strip().split(","):
        if part:
            low, _, high = part.partition("-")
            cpus += range(int(low), int(high or low) + 1)
    return cpus


def _read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def online():
    """The CPUs online, sorted."""
    return parse_list(_read(f"{SYS}/online"))


def need(count):
    """Skips the case unless so many CPUs are online. Returns those online."""
    cpus = online()
    if len(cpus) < count:
        ktap.skip(f"{count} CPUs are needed, {len(cpus)} online")
    return cpus


def can_go_offline(cpu):
    """Whether the CPU can be taken offline."""
    return os.path.exists(f"{SYS}/cpu{cpu}/online")


def set_online(cpu, on):
    """Takes a CPU online or offline. The caller restores it."""
    with open(f"{SYS}/cpu{cpu}/online", "w", encoding="ascii") as file:
        file.write("1" if on else "0")


class pinned:  # pylint: disable=invalid-name
    """`with pinned(2):` this thread runs on CPU 2 for the length of the block."""

    def __init__(self, cpu):
        self.cpus = {cpu}
        self.before = None

    def __enter__(self):
        self.before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, self.cpus)

    def __exit__(self, *_):
        os.sched_setaffinity(0, self.before)


def action_counts():
    """/proc/interrupts of the adapters: {action name: (irq, {cpu: count})}."""
    lines = _read("/proc/interrupts").splitlines()
    cpus = [int(word[3:]) for word in lines[0].split()]
    found = {}
    for line in lines[1:]:
        words = line.split()
        number = words[0].rstrip(":")
        if number.isdigit() and len(words) > 1 + len(cpus):
            counts = {cpu: int(n) for cpu, n in zip(cpus, words[1:])}
            found[words[-1]] = (int(number), counts)
    return found


def vectors(adapter="vmmq0"):
    """IRQ numbers of an adapter's vectors, by vector number."""
    found = {}
    for name, (irq, _) in action_counts().items():
        head, _, tail = name.rpartition("-")
        if head == adapter and tail.isdigit():
            found[int(tail)] = irq
    ktap.eq(sorted(found), list(range(len(found))), f"vector numbers of {adapter}")
    return [found[n] for n in sorted(found)]


def affinity(irq):
    """CPUs the interrupt may go to, as set."""
    return parse_list(_read(f"/proc/irq/{irq}/smp_affinity_list"))


def effective(irq):
    """The one CPU the interrupt goes to."""
    cpus = parse_list(_read(f"/proc/irq/{irq}/effective_affinity_list"))
    ktap.eq(len(cpus), 1, f"effective CPUs of IRQ {irq} ({cpus})")
    return cpus[0]


def set_affinity(irq, *cpus):
    """Sends the interrupt to one of the CPUs."""
    with open(f"/proc/irq/{irq}/smp_affinity_list", "w", encoding="ascii") as file:
        file.write(",".join(map(str, cpus)))
