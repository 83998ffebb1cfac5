# SPDX-License-Identifier: GPL-2.0
"""Tests of plan.py: which program runs where, how much of it."""

import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import plan  # noqa: E402
import vm  # noqa: E402

MACHINE = ("4", 2048)
ALL = list(plan.MATRIX)


def names(jobs):
    """The programs of each job."""
    return [[name for name, _ in job.tests] for job in jobs]


class Wishes(unittest.TestCase):
    def wishes(self, text):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a.py").write_text(text)
            return plan.wishes("a.py", pathlib.Path(folder))

    def test_none(self):
        self.assertEqual(self.wishes("#!/usr/bin/env python3\n"), {})

    def test_some(self):
        self.assertEqual(self.wishes("#!x\n# vm: cpus=6 append=a=1 own-boot\n# vm: append=b=2\n"),
                         {"cpus": "6", "append": "a=1 b=2", "own-boot": ""})

    def test_unknown(self):
        with self.assertRaises(vm.Broken):
            self.wishes("# vm: cpu=6\n")


class Jobs(unittest.TestCase):
    def jobs(self, programs, kernel="6.1", kernels=None, named=False, share=0):
        return plan.jobs_of(kernel, kernels or [kernel], programs, named, MACHINE, share)

    def test_equal_wishes_share_a_boot(self):
        jobs = self.jobs([("a", {}), ("b", {"cpus": "6"}), ("c", {}), ("d", {"cpus": "6"})])
        self.assertEqual(names(jobs), [["a", "c"], ["b", "d"]])
        self.assertEqual([job.cpus for job in jobs], ["4", "6"])

    def test_default_machine_is_said_or_not(self):
        self.assertEqual(names(self.jobs([("a", {}), ("b", {"cpus": "4"})])), [["a", "b"]])

    def test_own_boot(self):
        jobs = self.jobs([("a", {}), ("b", {"own-boot": ""}), ("c", {})])
        self.assertEqual(names(jobs), [["a", "c"], ["b"]])

    def test_shares(self):
        jobs = self.jobs([(str(n), {}) for n in range(5)], share=2)
        self.assertEqual(names(jobs), [["0", "1"], ["2", "3"], ["4"]])

    def test_once_is_the_first_kernel(self):
        programs = [("a", {}), ("b", {"once": ""})]
        self.assertEqual(names(self.jobs(programs, ALL[0], ALL)), [["a", "b"]])
        self.assertEqual(names(self.jobs(programs, ALL[1], ALL)), [["a"]])
        self.assertEqual(names(self.jobs(programs, ALL[1])), [["a", "b"]])

    def test_only_debug(self):
        programs = [("a", {"only": "debug"})]
        self.assertEqual(self.jobs(programs, "7.3"), [])
        self.assertEqual(names(self.jobs(programs, "debug")), [["a"]])

    def test_who_is_named_runs(self):
        programs = [("a", {"only": "debug"}), ("b", {"once": ""})]
        self.assertEqual(names(self.jobs(programs, "7.3", ALL, named=True)), [["a", "b"]])

    def test_the_debug_kernel_has_more_time(self):
        programs = [("a", {"timeout": "100"})]
        self.assertEqual(self.jobs(programs)[0].seconds(), 100)
        self.assertEqual(self.jobs(programs, "debug")[0].seconds(), 400)


class Volume(unittest.TestCase):
    def test_all_on_the_newest(self):
        with mock.patch.dict(os.environ):
            os.environ.pop("VMMQ_VOLUME", None)
            self.assertEqual([plan.volume_of(kernel, ALL) for kernel in ALL],
                             [plan.REDUCED, plan.REDUCED, plan.HALF])
            self.assertEqual(plan.volume_of("6.1", ["6.1"]), plan.FULL)
            self.assertEqual(plan.volume_of("debug", ["debug"]), plan.SMALL)

    def test_said_by_the_user(self):
        with mock.patch.dict(os.environ, VMMQ_VOLUME="55"):
            self.assertEqual(plan.volume_of("7.3", ALL), 55)


class Programs(unittest.TestCase):
    """Of the tree itself."""

    def test_each_runs_on_a_kernel(self):
        found = [name for kernel in ALL + [plan.DEBUG]
                 for job in plan.jobs_of(kernel, ALL, [(n, plan.wishes(n))
                                                       for n in plan.all_tests()],
                                         False, MACHINE)
                 for name, _ in job.tests]
        self.assertEqual(set(found), set(plan.all_tests()))


if __name__ == "__main__":
    unittest.main()
