# SPDX-License-Identifier: GPL-2.0
"""Owns the list of mutants: small breaks of the module, each with the test cases that have to
notice it. A record of the list is

    name: a word
    case: PROGRAM CASE...       cases that have to fail
    kernel: ROW                 if it shows only there
    file: FILE                  of the module's folder
    - a line of the file
    + what stands there instead

with as many lines as needed. The lines with - follow each other in the file and are there just
once; blanks at their ends don't count. Records are separated by empty lines; # begins a
comment."""

import pathlib

KEYS = ("name", "case", "kernel", "file")
DRIVER = pathlib.Path("drivers/net/vmmq")


class Wrong(Exception):
    """A record that is none, or that doesn't fit the sources."""


class Mutant:
    """name, program, cases, kernel (None: any), file (below DRIVER), old and new (lines)."""

    def __init__(self, lines):
        self.old, self.new, values = [], [], {}
        for line in lines:
            key, _, value = line.partition(":")
            if line.startswith("-"):
                self.old.append(line[1:].strip())
            elif line.startswith("+"):
                self.new.append(line[1:].strip())
            elif key in KEYS and key not in values and value.strip():
                values[key] = value.strip()
            else:
                raise Wrong(f"{lines[0]}: {line!r} is no part of a mutant")
        missing = [key for key in KEYS if key not in values and key != "kernel"]
        if missing or not self.old or self.old == self.new:
            raise Wrong(f"{lines[0]}: no {' '.join(missing) or 'change'}")
        self.name, self.file = values["name"], values["file"]
        self.program, *self.cases = values["case"].split()
        self.kernel = values.get("kernel")
        if not self.cases:
            raise Wrong(f"{self.name}: no case of {self.program}")

    def apply(self, text):
        """The text of the file with the break in it."""
        lines = text.split("\n")
        bare = [line.strip() for line in lines]
        length = len(self.old)
        found = [n for n in range(len(bare) - length + 1) if bare[n:n + length] == self.old]
        if len(found) != 1:
            raise Wrong(f"mutant {self.name}: its lines are {len(found)} times in {self.file}, "
                        "not once")
        return "\n".join(lines[:found[0]] + self.new + lines[found[0] + length:])


def parse(text):
    """The Mutants of a list."""
    found, lines = [], []
    for line in text.splitlines() + [""]:
        if line.startswith("#"):
            continue
        if line.strip():
            lines.append(line)
        elif lines:
            found.append(Mutant(lines))
            lines = []
    names = [mutant.name for mutant in found]
    double = {name for name in names if names.count(name) > 1}
    if double:
        raise Wrong(f"more than one mutant {', '.join(sorted(double))}")
    return found


def choose(mutants, words):
    """Those whose name has one of the words in it, or whose program or file it is; all if there
    are no words."""
    for word in words:
        if not any(word in mutant.name or word in (mutant.program, mutant.file)
                   for mutant in mutants):
            raise Wrong(f"no mutant, program or file {word}")
    return [mutant for mutant in mutants
            if not words or any(word in mutant.name or word in (mutant.program, mutant.file)
                                for word in words)]


def verdict(program, cases, status, unbroken=False):
    """What the run of a test program (ktap.Program) says: (word, why). killed: all cases have
    failed; survived: one has not; broken: it says nothing. status: its exit status, negative if
    the kernel has killed it, None if it did not end. unbroken: of the module as it is."""
    results = {text: (failed, directive, comment)
               for text, failed, directive, comment in program.results}
    missing = [case for case in cases if case not in results]
    skipped = [case for case in cases if (results.get(case, (0, ""))[1] or "") == "SKIP"]
    if skipped:
        return "broken", f"{skipped[0]} was skipped: {results[skipped[0]][2]}"
    passed = [case for case in cases if case in results and not results[case][0]]
    if unbroken:
        return ("passed", "") if len(passed) == len(cases) else ("failed", "")
    if passed:
        return "survived", f"{', '.join(passed)} passed"
    if missing and status is not None and status >= 0:
        return "broken", f"no result of {missing[0]}"
    return "killed", "; ".join(program.problems)
