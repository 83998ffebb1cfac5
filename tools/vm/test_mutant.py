# SPDX-License-Identifier: GPL-2.0
"""Tests of mutant.py, and that the records of selftests/mutants fit the tree."""

import pathlib
import re
import unittest

import ktap
import mutant

TOP = pathlib.Path(__file__).resolve().parents[2]
RECORD = """# a comment
name: one
case: wire.py padding links
file: wire.c
-  if (a)
- return 1;
+ if (b)
+ return 2;

name: two
case: pause.py paused
kernel: 7.3
file: tx.c
- x = 1;
+
"""


def parsed(text):
    """The only mutant of a text."""
    found, = mutant.parse(text)
    return found


class Records(unittest.TestCase):
    """Lists and what is no list."""

    def test_parse(self):
        one, two = mutant.parse(RECORD)
        self.assertEqual((one.name, one.program, one.cases, one.kernel, one.file),
                         ("one", "wire.py", ["padding", "links"], None, "wire.c"))
        self.assertEqual((one.old, one.new), (["if (a)", "return 1;"], ["if (b)", "return 2;"]))
        self.assertEqual((two.kernel, two.new), ("7.3", [""]))

    def test_wrong(self):
        for old, new in (("name: one", "nome: one"), ("case: wire.py padding links", "case: x"),
                         ("file: wire.c", ""), ("name: two", "name: one"),
                         ("- x = 1;\n+", "+"), ("+ if (b)\n+ return 2;",
                                               "+ if (a)\n+ return 1;")):
            with self.subTest(old), self.assertRaises(mutant.Wrong):
                mutant.parse(RECORD.replace(old, new))

    def test_choose(self):
        both = mutant.parse(RECORD)
        for words, names in (([], ["one", "two"]), (["tw"], ["two"]), (["wire.py"], ["one"]),
                             (["tx.c", "one"], ["one", "two"])):
            self.assertEqual([m.name for m in mutant.choose(both, words)], names)
        with self.assertRaises(mutant.Wrong):
            mutant.choose(both, ["three"])


class Breaks(unittest.TestCase):
    """A break of a file."""

    def test_apply(self):
        one = mutant.parse(RECORD)[0]
        self.assertEqual(one.apply("\tf();\n\tif (a)\n\t\treturn 1;\n\tg();\n"),
                         "\tf();\nif (b)\nreturn 2;\n\tg();\n")
        for text in ("if (a)\n\nreturn 1;\n", "if (a)\nreturn 1;\n" * 2, ""):
            with self.subTest(text), self.assertRaises(mutant.Wrong):
                one.apply(text)

    def test_list_fits_the_tree(self):
        for one in mutant.parse((TOP / "selftests/mutants").read_text()):
            with self.subTest(one.name):
                one.apply((TOP / mutant.DRIVER / one.file).read_text())
                program = (TOP / "selftests" / one.program).read_text()
                for case in one.cases:
                    self.assertTrue(re.search(rf"^def {case}\(\):", program, re.M),
                                    f"{one.program} has no case {case}")


class Verdicts(unittest.TestCase):
    """What a run says of a mutant."""

    def verdict(self, lines, cases, status=1, unbroken=False):
        """The word for a program that printed these lines."""
        program = ktap.Program("p")
        for line in ["KTAP version 1", f"1..{len(cases)}", *lines]:
            program.feed(line)
        program.finish(status)
        return mutant.verdict(program, cases, status, unbroken)[0]

    def test_words(self):
        for word, lines, status in (
                ("killed", ["not ok 1 a", "not ok 2 b"], 1),
                ("survived", ["not ok 1 a", "ok 2 b"], 1),
                ("broken", ["not ok 1 a", "ok 2 b # SKIP no c"], 1),
                ("killed", ["not ok 1 a"], None),
                ("survived", ["ok 1 a"], None),
                ("killed", [], -9), ("broken", [], 2), ("broken", ["not ok 1 a"], 1)):
            self.assertEqual(self.verdict(lines, ["a", "b"], status), word, lines)

    def test_unbroken(self):
        for word, lines, status in (("passed", ["ok 1 a", "ok 2 b"], 0),
                                    ("failed", ["ok 1 a", "not ok 2 b"], 1),
                                    ("failed", ["ok 1 a"], None)):
            self.assertEqual(self.verdict(lines, ["a", "b"], status, True), word, lines)


if __name__ == "__main__":
    unittest.main()
