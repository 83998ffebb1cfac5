# SPDX-License-Identifier: GPL-2.0
"""Owns the table of expected results: reads it, compares a file's results with it.

Lines of the table (blank lines and those that begin with # are nothing):

    reason NAME text                    why a case is not passed; lines that follow it
                                        indented go on with the text
    file FILE [cpus=N] [queues=N] [ports=N] [clock=real|count] [seconds=N]
                                        what FILE needs; the cases after it are its own
    RESULT CASE... [: NAME]             RESULT is pass, skip, xfail or fail, or several of them
                                        with | between where chance decides; NAME of a reason,
                                        which all but pass must have. {a,b} in a CASE stands
                                        for either, a word with N of them for all combinations

A file that ends without a result of its own has one case, "all"."""

import dataclasses

RESULTS = ("pass", "skip", "xfail", "fail")
DEFAULTS = {"cpus": 4, "queues": 4, "ports": 2, "clock": "real", "seconds": 600}
CLOCKS = ("count", "real")


class Wrong(Exception):
    """The table can't be read."""


@dataclasses.dataclass
class Entry:
    """What is expected of a file: cases maps a case to (result, reason's name or None)."""
    name: str
    cpus: int
    queues: int
    ports: int
    clock: str
    seconds: int
    cases: dict = dataclasses.field(default_factory=dict)

    def verdict(self, case, result):
        """(expected result, reason's name, whether result is as expected) of a case that ran;
        a case that the table has not is never as expected."""
        expected, reason = self.cases.get(case, (None, None))
        return expected, reason, bool(expected) and result in expected.split("|")

    def missing(self, cases):
        """The cases of the table that are not among cases, in its order."""
        return [case for case in self.cases if case not in cases]


def parts(text):
    """Splits the text behind an opening brace: (its alternatives, what follows the brace)."""
    found, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        if depth == 0 and letter in ",}":
            found.append(text[start:place])
            start = place + 1
            if letter == "}":
                return found, text[start:]
        depth += {"{": 1, "}": -1}.get(letter, 0)
    raise Wrong("a brace without an end")


def expand(word):
    """ "a{b,c}" as ["ab", "ac"]; several braces give all combinations, and may be nested."""
    before, brace, rest = word.partition("{")
    if not brace:
        return [word]
    found, after = parts(rest)
    return [before + middle + end for part in found for middle in expand(part)
            for end in expand(after)]


class Table:
    """The whole table: reasons (name to text) and entries (file to Entry)."""

    def __init__(self, text):
        self.reasons = {}
        self.entries = {}
        self.used = set()
        self.entry = self.reason = None
        for number, line in enumerate(text.splitlines(), 1):
            try:
                self.read(line)
            except Wrong as wrong:
                raise Wrong(f"line {number}: {wrong}") from None
        unused = set(self.reasons) - self.used
        if unused:
            raise Wrong(f"reasons that nothing has: {', '.join(sorted(unused))}")

    def read(self, line):
        if not line.strip() or line.startswith("#"):
            self.reason = None
        elif line[0].isspace():
            if not self.reason:
                raise Wrong("goes on with no reason")
            self.reasons[self.reason] += " " + line.strip()
        else:
            self.reason = None
            word, _, rest = line.partition(" ")
            if word == "reason":
                self.read_reason(rest)
            elif word == "file":
                self.read_file(rest.split())
            elif set(word.split("|")) <= set(RESULTS):
                self.read_cases(word, rest)
            else:
                raise Wrong(f"what is {word}")

    def read_reason(self, rest):
        name, _, text = rest.partition(" ")
        if not text or name in self.reasons:
            raise Wrong(f"reason {name} has no text, or two")
        self.reasons[name] = text.strip()
        self.reason = name

    def read_file(self, words):
        wishes = dict(DEFAULTS)
        for word in words[1:]:
            key, _, value = word.partition("=")
            if key not in DEFAULTS or key == "clock" and value not in CLOCKS:
                raise Wrong(f"{word} is not known")
            wishes[key] = value if key == "clock" else int(value)
        if not words or words[0] in self.entries:
            raise Wrong("a file without a name, or there already")
        self.entry = self.entries[words[0]] = Entry(words[0], **wishes)

    def read_cases(self, result, rest):
        names, _, reason = rest.partition(" : ")
        reason = reason.strip() or None
        if not self.entry:
            raise Wrong("a case of no file")
        if (result == "pass") == bool(reason):
            raise Wrong(f"{result} has {'no' if not reason else 'a'} reason")
        if reason and reason not in self.reasons:
            raise Wrong(f"no reason {reason}")
        self.used.add(reason)
        for name in (case for word in names.split() for case in expand(word)):
            if name in self.entry.cases:
                raise Wrong(f"{name} is there already")
            self.entry.cases[name] = (result, reason)
