# SPDX-License-Identifier: GPL-2.0
"""Owns the verdict on what a guest says: which file speaks, what its cases are worth by the
table, and the sum over all files."""

import re
import threading
import time

import output

MARK = re.compile(r"^# vmmq-test: (\w+):?\s*(.*)$")
END = re.compile(r"(\S+) status=(\S+) seconds=(\d+)")


class Sum:
    """What has been passed, failed and skipped; prints a line for each case."""

    def __init__(self, reasons):
        self.reasons = reasons
        self.passed = self.failed = self.skipped = 0
        self.failures = []
        self.lock = threading.Lock()

    def case(self, name, case, result, expected, reason, good, comment):
        """Counts and shows one case."""
        with self.lock:
            if not good:
                self.failed += 1
                text = f"FAIL {name} {case}: {result or 'did not run'}, expected " \
                       f"{expected or 'nothing: not in the table'}"
                self.failures.append(text)
            elif result == "pass":
                self.passed += 1
                text = f"ok   {name} {case}"
            else:
                self.skipped += 1
                text = f"{result:4} {name} {case}: {self.reasons[reason]}"
            print(text, flush=True)
            if not good and comment:
                print(f"     {comment}", flush=True)

    def problem(self, name, text):
        """Counts and shows a failure that belongs to no case."""
        with self.lock:
            self.failed += 1
            self.failures.append(f"FAIL {name}: {text}")
            print(self.failures[-1], flush=True)

    def end(self, name, seconds):
        with self.lock:
            print(f"     {name} took {seconds:.0f} s", flush=True)


class Listener:
    """Hears one guest and hands each file its lines. entries: name to table.Entry."""

    def __init__(self, entries, total, logs):
        self.entries, self.total, self.logs = entries, total, logs
        self.rest = b""
        self.output = self.file = self.since = None
        self.cases = set()
        self.done = set()

    def __call__(self, data):
        """Takes the guest's output in pieces."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.line(line.decode(errors="replace"))

    def line(self, text):
        """Takes one line, of guest-run-tests or of the file that runs."""
        mark = MARK.match(text)
        if mark and mark[1] == "begin":
            self.begin(mark[2])
        elif mark and mark[1] == "left" and self.output:
            self.total.problem(self.output.name, f"left behind: {mark[2]}")
        elif mark and mark[1] == "end" and self.output:
            status = END.fullmatch(mark[2])[2]
            self.finish(None if status == "timeout" else int(status))
        elif self.output:
            self.file.write(text + "\n")
            result = self.output.feed(text)
            if result:
                self.case(*result)

    def begin(self, name):
        """A file begins."""
        log = self.logs / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        self.file = open(log, "w", buffering=1)     # pylint: disable=consider-using-with
        self.output = output.Output(name)
        self.cases = set()
        self.since = time.monotonic()

    def case(self, case, result, comment):
        """A case of the file that runs has ended, or with None as result did not run."""
        self.cases.add(case)
        name = self.output.name
        self.total.case(name, case, result, *self.entries[name].verdict(case, result),
                        comment or f"see {self.file.name}")

    def finish(self, status):
        """The file that runs has ended, or with None has not: what was it worth?"""
        name = self.output.name
        for case, result, comment in self.output.finish(status):
            if case not in self.cases:
                self.case(case, result, comment)
        for case in self.entries[name].missing(self.cases):
            self.case(case, None, "")
        for text in self.output.problems:
            self.total.problem(name, text)
        self.total.end(name, time.monotonic() - self.since)
        self.file.close()
        self.output = None
        self.done.add(name)

    def close(self):
        """The guest is gone: a file that still ran has not ended."""
        if self.output:
            self.finish(None)

    def left(self):
        """The entries that had no turn."""
        return [entry for name, entry in self.entries.items() if name not in self.done]
