#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Owns what a test program's KTAP output counts as: passed, failed, skipped, and what is
wrong with it beside the results (a plan not fulfilled, a crash).

usage: tools/vm/ktap.py -- command...     runs it, shows its output and the sum
"""

import re
import subprocess
import sys

RESULT = re.compile(r"^(?P<indent>\s*)(?P<verdict>not ok|ok)\b(?: +(?P<number>\d+))?"
                    r"(?P<text>[^#]*)(?:#\s*(?P<directive>\w+)?(?P<comment>.*))?$")
PLAN = re.compile(r"^(?P<indent>\s*)1\.\.(?P<count>\d+)\s*(?P<skip>#\s*SKIP\b.*)?$", re.I)

VERSION = re.compile(r"^K?TAP version \d+")

KSFT_SKIP = 4


class Level:
    """Results of one nesting depth, up to the parent's result line."""

    def __init__(self):
        self.plan = None
        self.seen = 0
        self.failed = 0


class Program:
    """One test program: feed() it lines, finish() it with its exit status."""

    def __init__(self, name):
        self.name = name
        self.passed = self.failed = self.skipped = 0
        self.problems = []
        self.results = []       # (text, failed, directive or None, the words after it)
        self.seconds = None
        self.kernel = ""
        self.levels = {}
        self.said_skip = False

    def feed(self, line):
        """Takes one line of output."""
        line = line.rstrip("\r\n")
        if VERSION.match(line) and self.levels:
            self.end_document()
            return
        plan = PLAN.match(line)
        result = RESULT.match(line)
        if plan:
            self.take_plan(plan)
        elif result:
            self.take_result(result)
        elif line.lstrip().startswith("Bail out!"):
            self.problem(line.strip())
        elif "SKIP" in line:
            self.said_skip = True

    def level(self, indent):
        return self.levels.setdefault(len(indent.expandtabs()), Level())

    def take_plan(self, match):
        level = self.level(match["indent"])
        if level.plan is not None:
            self.problem("more than one plan")
        level.plan = int(match["count"])
        if level.plan == 0 and match["skip"]:
            self.skipped += 1

    def take_result(self, match):
        level = self.level(match["indent"])
        level.seen += 1
        if match["number"] and int(match["number"]) != level.seen:
            self.problem(f"result {level.seen} has number {match['number']}")
            level.seen = int(match["number"])
        children = self.close_deeper(len(match["indent"].expandtabs()))
        bad = match["verdict"] == "not ok"
        level.failed += bad
        if children is None:
            self.count(bad, match["directive"])
            self.results.append((match["text"].strip(), bad, match["directive"],
                                 (match["comment"] or "").strip()))
        elif bad and not children:
            self.problem(f"failed without a failed subtest:{match['text'].rstrip()}")

    def count(self, bad, directive):
        """A failure stays one whatever its directive says."""
        if bad:
            self.failed += 1
        elif (directive or "").upper() in ("SKIP", "XFAIL", "TODO"):
            self.skipped += 1
        else:
            self.passed += 1

    def close_deeper(self, indent):
        """Ends the levels below a result line; the number of their failures, None if none."""
        failed = None
        for depth in [d for d in self.levels if d > indent]:
            level = self.levels.pop(depth)
            self.check_plan(level, "subtest ")
            failed = (failed or 0) + level.failed
        return failed

    def check_plan(self, level, what=""):
        if level.plan is not None and level.plan != level.seen:
            self.problem(f"{what}plan not fulfilled: {level.seen} results of {level.plan}")

    def problem(self, text):
        """A failure that no result line shows."""
        self.failed += 1
        self.problems.append(text)

    def end_document(self):
        """A program may print one KTAP document after another; returns the ended one."""
        self.close_deeper(0)
        top = self.levels.pop(0, Level())
        self.check_plan(top)
        if top.seen and top.plan is None:
            self.problem("no plan")
        return top

    def finish(self, status):
        """The program ended with status; None if it did not end by itself."""
        top = self.end_document()
        if status is None:
            after = "" if self.seconds is None else f" in {self.seconds:.0f} s"
            self.problem(f"did not end{after}")
        elif status == KSFT_SKIP and not self.passed and not self.failed:
            self.finish_skip()
        elif status and not self.failed:
            self.problem(f"exit status {status} without a failed result")
        elif not top.seen and not top.plan and not self.skipped:
            self.problem("no results")

    def finish_skip(self):
        """Exit status 4 is a skip if the program said so."""
        if self.skipped:
            return
        if self.said_skip:
            self.skipped += 1
        else:
            self.problem(f"exit status {KSFT_SKIP} without a word why")


def total(programs):
    """The line that closes a run of test programs."""
    passed, failed, skipped = (sum(getattr(p, field) for p in programs)
                               for field in ("passed", "failed", "skipped"))
    return f"{passed} passed, {failed} failed, {skipped} skipped"


def run(name, command, **options):
    """Runs a command here, shows its output, returns its Program."""
    program = Program(name)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True, errors="replace", **options) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            program.feed(line)
    program.finish(process.returncode)
    return program


def main(command):
    program = run(command[0], command)
    for text in program.problems:
        print(f"# {program.name}: {text}")
    print(total([program]))
    return 1 if program.failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] != "--":
        print(__doc__)
        sys.exit(2)
    sys.exit(main(sys.argv[2:]))
