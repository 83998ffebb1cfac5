#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs Python unit tests and prints their results as KTAP.

usage: unittest_ktap.py FOLDER [TOP]     tests are FOLDER/test_*.py, imported below TOP
"""

import sys
import traceback
import unittest

sys.dont_write_bytecode = True


class KtapResult(unittest.TestResult):
    """One KTAP line a test; the trace of a failure before it."""

    def __init__(self):
        super().__init__()
        self.number = 0

    def line(self, verdict, test, directive=""):
        self.number += 1
        print(f"{verdict} {self.number} {test.id()}{directive}", flush=True)

    def bad(self, test, error):
        for text in "".join(traceback.format_exception(*error)).splitlines():
            print(f"# {text}")
        self.line("not ok", test)

    def addSuccess(self, test):
        self.line("ok", test)

    def addSkip(self, test, reason):
        self.line("ok", test, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.bad(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.bad(test, err)

    def addSubTest(self, test, subtest, err):
        """A failed subtest fails its test, which then gets no line of its own."""
        super().addSubTest(test, subtest, err)
        if err:
            print(f"# {subtest}")
            self.failed_in = getattr(self, "failed_in", set())
            if test.id() not in self.failed_in:
                self.failed_in.add(test.id())
                self.bad(test, err)


def main(folder, top=None):
    suite = unittest.defaultTestLoader.discover(folder, top_level_dir=top)
    result = KtapResult()
    print("KTAP version 1")
    print(f"1..{suite.countTestCases()}", flush=True)
    suite.run(result)
    return not result.wasSuccessful()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        print(__doc__)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
