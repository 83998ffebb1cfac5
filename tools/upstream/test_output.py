# SPDX-License-Identifier: GPL-2.0
"""How the output of the kernel's tests is read, by samples of its three kinds."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

import output  # noqa: E402


def read(name, text, status):
    """(results, problems) of a file's output."""
    reader = output.Output(name)
    for line in text.splitlines():
        reader.feed(line)
    return reader.finish(status), reader.problems


class Ktap(unittest.TestCase):
    def test_python(self):
        results, problems = read("hw/irq.py", "TAP version 13\n1..4\nok 1 irq.one\n"
                                 "ok 2 irq.two.v4 # SKIP no such thing\n"
                                 "ok 3 irq.three # XFAIL not here\nnot ok 4 irq.four\n"
                                 "# Totals: pass:1 fail:1 xfail:1 xpass:0 skip:1 error:0\n", 1)
        self.assertEqual(results, [
            ("one", "pass", ""), ("two.v4", "skip", "no such thing"),
            ("three", "xfail", "not here"), ("four", "fail", "")])
        self.assertEqual(problems, [])

    def test_shell_with_ktap(self):
        results, _ = read("hw/ethtool_rmon.sh", "1..1\nok 1 ethtool_rmon.rx-pkts64to64 \n", 0)
        self.assertEqual(results, [("rx-pkts64to64", "pass", "")])

    def test_a_name_twice(self):
        results, _ = read("x.py", "1..2\nok 1 x.a\nok 2 x.a\n", 0)
        self.assertEqual([case for case, *_ in results], ["a", "a#2"])

    def test_a_plan_not_fulfilled_is_a_problem(self):
        self.assertTrue(read("x.py", "1..2\nok 1 x.a\n", 0)[1])

    def test_a_crash_after_good_cases_is_a_problem(self):
        self.assertTrue(read("x.py", "1..1\nok 1 x.a\n", 139)[1])

    def test_an_end_that_did_not_come_is_a_problem(self):
        self.assertTrue(read("x.py", "1..1\nok 1 x.a\n", None)[1])

    def test_a_failure_cannot_hide_behind_a_directive(self):
        self.assertEqual(read("x.py", "1..1\nnot ok 1 x.a # SKIP x\n", 1)[0][0][1], "fail")


class Shell(unittest.TestCase):
    def test_lines_of_the_library(self):
        results, problems = read("hw/ethtool.sh", "TEST: force speed 10 on both    [ OK ]\n"
                                 "TEST: speeds differ   [FAIL]\n\tno link\n"
                                 "TEST: one more   [SKIP]\nTEST: last    [XFAIL]\n", 1)
        self.assertEqual(results, [
            ("force-speed-10-on-both", "pass", ""), ("speeds-differ", "fail", ""),
            ("one-more", "skip", ""), ("last", "xfail", "")])
        self.assertEqual(problems, [])

    def test_a_crash_after_good_cases_is_a_problem(self):
        self.assertTrue(read("x.sh", "TEST: a  [ OK ]\n", 1)[1])

    def test_one_that_did_not_end(self):
        self.assertTrue(read("x.sh", "TEST: a  [ OK ]\n", None)[1])


    def test_a_skip_of_all_in_the_guise_of_a_case(self):
        self.assertEqual(read("x.sh", "TEST: SKIP: no such feature   [ OK ]\n", 4),
                         ([("all", "skip", "SKIP: no such feature")], []))

    def test_a_plan_of_nothing(self):
        self.assertEqual(read("x.sh", "TAP version 13\n1..0\n", 0), ([("all", "pass", "")], []))


class Whole(unittest.TestCase):
    def test_by_the_status(self):
        for status, result in ((0, "pass"), (4, "skip"), (2, "xfail"), (1, "fail"),
                               (139, "fail"), (None, "fail")):
            with self.subTest(status):
                self.assertEqual(read("x.sh", "", status)[0], [("all", result, "")])

    def test_says_why(self):
        self.assertEqual(read("x.sh", "SKIP: jq not installed\n", 4)[0],
                         [("all", "skip", "SKIP: jq not installed")])


if __name__ == "__main__":
    unittest.main()
