# SPDX-License-Identifier: GPL-2.0
"""Owns how the output of one of the kernel's tests is read: KTAP, or the lines of its shell
library, into (case, result, comment)."""

import pathlib
import re

import ktap

SHELL = re.compile(r"^(?:INFO: )?TEST: (?P<name>.*?)\s*\[\s*(?P<verdict>OK|FAIL|SKIP|XFAIL|XPASS)\s*\]")
VERDICTS = {"OK": "pass", "XPASS": "fail", "FAIL": "fail", "SKIP": "skip", "XFAIL": "xfail"}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
KSFT_XFAIL = 2
KSFT_SKIP = 4


class Output:
    """Output of one file: feed() it lines, finish() it with its exit status."""

    def __init__(self, name):
        self.name = name
        self.stem = pathlib.PurePath(name).stem
        self.program = ktap.Program(name)
        self.shell = []
        self.names = {}
        self.why = ""
        self.seconds = None
        self.problems = []

    def feed(self, line):
        """Takes one line; returns (case, result, comment) if it is a result."""
        line = COLOURS.sub("", line.rstrip("\r\n"))
        match = SHELL.match(line)
        if match:
            return self.shell_result(match["name"], VERDICTS[match["verdict"]])
        if line.startswith("SKIP"):
            self.why = line
        before = len(self.program.results)
        self.program.feed(line)
        if len(self.program.results) > before:
            return self.result(*self.program.results.pop())
        return None

    def shell_result(self, name, result):
        """A result of the shell library, which says SKIP of a whole file as of a case."""
        if name.startswith("SKIP:"):
            self.why = name
            return None
        self.shell.append((self.unique(name), result, ""))
        return self.shell[-1]

    def result(self, text, failed, directive, comment):
        """A KTAP result as ours; pushed back with the case's own name."""
        case = self.unique(text)
        result = "fail" if failed else {"SKIP": "skip", "XFAIL": "xfail"}.get(
            (directive or "").upper(), "pass")
        self.program.results.append((case, result, comment))
        return case, result, comment

    def unique(self, text):
        """The case's name without the file's; a second one of that name gets a number."""
        text = text.strip().removeprefix("- ").removeprefix(self.stem + ".").strip()
        text = "-".join(text.split()) or "all"
        self.names[text] = self.names.get(text, 0) + 1
        return text if self.names[text] == 1 else f"{text}#{self.names[text]}"

    def finish(self, status):
        """The file ended with status, None if it did not. Returns all results."""
        results = self.program.results + self.shell
        if self.program.results or any(level.plan for level in self.program.levels.values()):
            self.program.finish(status)
            self.problems = self.program.problems
        elif status is None:
            self.problems = ["did not end"]
        elif self.shell and status not in (0, KSFT_SKIP) and not any(result == "fail" for _, result, _ in self.shell):
            self.problems = [f"exit status {status} without a failed result"]
        if results:
            return results
        result = {0: "pass", KSFT_SKIP: "skip", KSFT_XFAIL: "xfail"}.get(status, "fail")
        return [("all", result, self.why)]
