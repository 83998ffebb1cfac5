# SPDX-License-Identifier: GPL-2.0
"""Tests of green.py: what a tree's hash depends on, and what makes a tree a green one."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import green  # noqa: E402
import ktap  # noqa: E402


def program(passed=0, failed=0, skipped=0):
    """A program with these results."""
    found = ktap.Program("a")
    found.passed, found.failed, found.skipped = passed, failed, skipped
    return found


class Tree(unittest.TestCase):
    def setUp(self):
        temp = tempfile.TemporaryDirectory()
        self.addCleanup(temp.cleanup)
        self.top = pathlib.Path(temp.name)
        self.write("drivers/a.c", "one")
        self.write("Makefile", "all:")
        self.first = green.tree_hash(self.top)

    def write(self, name, text):
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def changed(self):
        return green.tree_hash(self.top) != self.first

    def test_content_counts(self):
        self.write("drivers/a.c", "two")
        self.assertTrue(self.changed())

    def test_names_count(self):
        (self.top / "drivers/a.c").rename(self.top / "drivers/b.c")
        self.assertTrue(self.changed())

    def test_a_new_file_counts(self):
        self.write("selftests/new.py", "")
        self.assertTrue(self.changed())

    def test_times_do_not_count(self):
        os.utime(self.top / "drivers/a.c", (1, 1))
        self.assertFalse(self.changed())

    def test_what_is_built_does_not_count(self):
        for name in ("drivers/a.o", "drivers/v.ko", "drivers/.a.o.cmd", "build/log",
                     "tools/__pycache__/a.pyc", "drivers/Module.symvers"):
            self.write(name, "built")
        self.write("tools/vmmqctl/vmmqctl", "\x7fELF")
        self.assertFalse(self.changed())


class Record(unittest.TestCase):
    def setUp(self):
        temp = tempfile.TemporaryDirectory()
        self.addCleanup(temp.cleanup)
        self.folder = pathlib.Path(temp.name)
        self.record = self.of("tree")

    def of(self, tree):
        return green.Record("debug", self.folder, tree)

    def test_nothing_is_green_at_first(self):
        self.assertFalse(self.record.is_green())
        self.assertEqual(self.record.expected(), green.EXPECTED)

    def test_a_passed_run(self):
        self.record.keep([program(5), program(2, skipped=1)], 1000)
        self.assertTrue(self.of("tree").is_green())
        self.assertFalse(self.of("other").is_green())
        self.assertEqual(self.record.text(), "7 passed, 0 failed, 1 skipped")
        self.assertGreater(self.of("other").expected(), 1000)

    def test_a_failed_run(self):
        self.record.keep([program(5)], 1000)
        self.record.keep([program(5, failed=1)], 1000)
        self.assertFalse(self.record.is_green())

    def test_a_run_of_nothing(self):
        self.record.keep([], 1)
        self.record.keep([program(skipped=3)], 1)
        self.assertFalse(self.record.is_green())


if __name__ == "__main__":
    unittest.main()
