#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Owns what counts as a kernel report: finds WARNINGs, BUGs, lockdep reports, stalls and
the like in a kernel log.

usage: tools/vm/klog.py FILE...     exit status 1 if a log has a report
"""

import re
import sys

# What stands before a message: the time, and the caller if the kernel prints it.
STAMP = re.compile(r"\[ *\d+\.\d{6}\](?:\[ *[TC]\d+\])? ?")

# Matched at the start of a message, so a message that only speaks of a warning is none.
REPORTS = [re.compile(text) for text in (
    r"-+\[ cut here \]-+",
    r"WARNING: ",
    r"BUG: ",
    r"BUG [\w-]+ \((?:Not tainted|Tainted)",
    r"kernel BUG at ",
    r"(?:watchdog: )?BUG: (?:soft|hard) lockup",
    r"(?:NMI )?watchdog: Watchdog detected hard LOCKUP",
    r"(?:\w+: )?Oops\b",
    r"(?:general protection fault|divide error|invalid opcode|stack segment|int3)\b.*\[#\d+\]",
    r"general protection (?:fault|maybe)",
    r"Unable to handle kernel",
    r"Kernel panic",
    r"double fault",
    r"INFO: possible ",
    r"INFO: inconsistent lock",
    r"INFO: trying to register non-static key",
    r"INFO: lockdep is turned off",
    r"INFO: suspicious RCU usage",
    r"INFO: task .* blocked for more than",
    r"task .* blocked for more than",
    r"INFO: rcu\S* .*(?:stall|starved)",
    r"rcu: (?:INFO: )?.*(?:detected stall|detected expedited stall|self-detected stall|starved|timer wakeup didn't happen)",
    r"possible (?:circular|recursive|irq lock|deadlock|ww_mutex)",
    r"inconsistent lock state",
    r"suspicious RCU usage",
    r"bad: scheduling from the idle thread",
    r"scheduling while atomic",
    r"refcount_t: ",
    r"unregister_netdevice: waiting",
    r".*NETDEV WATCHDOG",
    r"UBSAN: ",
    r"(?:BUG: )?K[AC]SAN: ",
    r"KFENCE: ",
    r"ODEBUG: ",
    r"list_(?:add|del) corruption",
    r"kmemleak: \d+ new suspected",
    r"unreferenced object 0x",
    r"Memory leak",
    r"kobject: .*\(.*\): is not initialized",
    r"kobject_add_internal failed",
    r"sysfs: cannot create duplicate filename",
    r"proc_dir_entry .* already registered",
    r"irq \d+: nobody cared",
    r"NOHZ tick-stop error",
    r"page_pool_release_retry\(\) stalled",
    r"=+\s*BUG ",
    r"Slab corruption",
    r".*Slab cache still has objects",
    r"\S+: page allocation failure",
    r"Out of memory: ",
    r"DMA-API: ",
    r"DEBUG_LOCKS_WARN_ON",
    r"(?:traps: )?PANIC: ",
)]

# Lines that match above and are no report of the module under test, each with its reason.
ALLOWED = [(re.compile(text), reason) for text, reason in (
    (r"NOHZ tick-stop error: local softirq work is pending, handler #40!!!",
     "a tasklet, which TCP raises when a frame is freed, on a CPU that goes offline and whose "
     "ksoftirqd is parked already; it is taken over when the CPU is dead"),
)]

END = re.compile(r"-+\[ end trace |\s*</TASK>")
MARK = re.compile(r"vmmq-test: begin (\S+)")


def message_of(line):
    """The message of a log line without its stamp, or None for a line without one."""
    line = line.rstrip("\r\n")
    stamp = STAMP.search(line)
    return line[stamp.end():] if stamp else None


def is_report(message):
    """True if a message begins a kernel report."""
    return any(p.match(message) for p in REPORTS) and \
        not any(p.match(message) for p, _ in ALLOWED)


def find_reports(lines):
    """Yields (test, [lines]) for each report: the test that ran then, or None."""
    test, report = None, None
    for line in lines:
        message = message_of(line)
        if message is None:
            continue
        mark = MARK.match(message)
        if mark:
            if report:
                yield test, report
            test, report = mark.group(1), None
        if report is None and is_report(message):
            report = [line.rstrip()]
        elif report is not None:
            report.append(line.rstrip())
        if report is not None and (END.match(message) or len(report) >= 60):
            yield test, report
            report = None
    if report:
        yield test, report


def main(paths):
    status = 0
    for path in paths:
        with open(path, errors="replace") as log:
            for test, report in find_reports(log):
                print(f"{path}: kernel report{f' during {test}' if test else ''}:")
                print("\n".join(report))
                status = 1
    return status


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        sys.exit(len(sys.argv) < 2)
    sys.exit(main(sys.argv[1:]))
