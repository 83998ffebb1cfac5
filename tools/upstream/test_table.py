# SPDX-License-Identifier: GPL-2.0
"""The table of expected results: what it reads, what it refuses, what it makes of results."""

import unittest

import table

SAMPLE = """
# a note
reason phy There is no cable,
    so nothing is negotiated.
file hw/x.py cpus=6 clock=count seconds=900
pass a b.{v4,v6}_{x,y}
skip c : phy
file y.sh
xfail d : phy
fail e : phy
"""


class Reading(unittest.TestCase):
    def test_reasons_go_on_over_lines(self):
        self.assertEqual(table.Table(SAMPLE).reasons,
                         {"phy": "There is no cable, so nothing is negotiated."})

    def test_wishes_and_defaults(self):
        entry = table.Table(SAMPLE).entries["hw/x.py"]
        self.assertEqual((entry.cpus, entry.clock, entry.seconds, entry.ports),
                         (6, "count", 900, 2))

    def test_cases(self):
        self.assertEqual(table.Table(SAMPLE).entries["hw/x.py"].cases, {
            "a": ("pass", None), "b.v4_x": ("pass", None), "b.v4_y": ("pass", None),
            "b.v6_x": ("pass", None), "b.v6_y": ("pass", None), "c": ("skip", "phy")})
        self.assertEqual(table.Table(SAMPLE).entries["y.sh"].cases,
                         {"d": ("xfail", "phy"), "e": ("fail", "phy")})

    def test_expand(self):
        self.assertEqual(table.expand("{a,b}{,1}"), ["a", "a1", "b", "b1"])
        self.assertEqual(table.expand("plain"), ["plain"])
        self.assertEqual(table.expand("{a{b,c},d}e"), ["abe", "ace", "de"])
        self.assertEqual(table.expand("a{,{b,c}{1,2}}"), ["a", "ab1", "ab2", "ac1", "ac2"])

    def test_refused(self):
        for text, why in (
                ("file x\nskip a", "no reason"),
                ("reason r t\nfile x\npass a : r", "has a reason"),
                ("file x\nskip a : r", "no reason r"),
                ("pass a", "of no file"),
                ("file x\npass a a", "there already"),
                ("file x\npass {a,b}\npass b", "there already"),
                ("file x\nfile x", "there already"),
                ("file x colour=red", "not known"),
                ("file x clock=late", "not known"),
                ("file x\npass a{b", "without an end"),
                ("maybe a", "what is"),
                ("reason r t", "nothing has"),
                ("reason r", "no text"),
                ("  floating", "goes on"),
        ):
            with self.subTest(text):
                with self.assertRaisesRegex(table.Wrong, why):
                    table.Table(text)

    def test_a_refusal_names_the_line(self):
        with self.assertRaisesRegex(table.Wrong, "line 3: "):
            table.Table("# one\n\nmaybe a")


class Judging(unittest.TestCase):
    def setUp(self):
        self.entry = table.Table("reason r t\nfile x\npass a\nskip b : r\n").entries["x"]

    def test_as_expected(self):
        self.assertEqual(self.entry.verdict("a", "pass"), ("pass", None, True))
        self.assertEqual(self.entry.verdict("b", "skip"), ("skip", "r", True))

    def test_worse_and_better_are_both_bad(self):
        self.assertEqual(self.entry.verdict("a", "skip"), ("pass", None, False))
        self.assertEqual(self.entry.verdict("b", "pass"), ("skip", "r", False))

    def test_xfail_is_no_skip(self):
        self.assertFalse(self.entry.verdict("b", "xfail")[2])

    def test_one_of_two(self):
        entry = table.Table("reason r t\nfile x\npass|xfail a : r\n").entries["x"]
        self.assertEqual(entry.verdict("a", "pass"), ("pass|xfail", "r", True))
        self.assertEqual(entry.verdict("a", "xfail"), ("pass|xfail", "r", True))
        self.assertEqual(entry.verdict("a", "fail"), ("pass|xfail", "r", False))

    def test_a_case_of_the_run_alone(self):
        self.assertEqual(self.entry.verdict("c", "pass"), (None, None, False))

    def test_a_case_of_the_table_alone(self):
        self.assertEqual(self.entry.missing({"a", "c"}), ["b"])


if __name__ == "__main__":
    unittest.main()
