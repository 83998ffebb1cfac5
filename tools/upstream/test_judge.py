# SPDX-License-Identifier: GPL-2.0
"""The verdict on a guest's output, and the sum."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vm"))

import judge  # noqa: E402
import table  # noqa: E402

TABLE = """
reason r What a software NIC lacks.
file a.py
pass one two
skip three : r
file hw/b.sh
fail all : r
"""
GOOD = """
# vmmq-test: begin a.py
TAP version 13
1..3
ok 1 a.one
ok 2 a.two
ok 3 a.three # SKIP no such thing

# vmmq-test: end a.py status=0 seconds=3

# vmmq-test: begin hw/b.sh

# vmmq-test: end hw/b.sh status=1 seconds=3
"""


class Hearing(unittest.TestCase):
    def heard(self, text):
        """(listener, sum, what was shown) after a guest said text and ended."""
        expected = table.Table(TABLE)
        total = judge.Sum(expected.reasons)
        shown = io.StringIO()
        with tempfile.TemporaryDirectory() as logs, contextlib.redirect_stdout(shown):
            listener = judge.Listener(expected.entries, total, pathlib.Path(logs))
            for start in range(0, len(text), 7):
                listener(text[start:start + 7].encode())
            listener.close()
        return listener, total, shown.getvalue()

    def counts(self, text, passed, failed, skipped):
        total = self.heard(text)[1]
        self.assertEqual((total.passed, total.failed, total.skipped),
                         (passed, failed, skipped), total.failures)

    def test_as_expected(self):
        self.counts(GOOD, 2, 0, 2)

    def test_a_line_for_each_case_with_the_reason(self):
        lines = self.heard(GOOD)[2].splitlines()
        self.assertIn("ok   a.py one", lines)
        self.assertIn("skip a.py three: What a software NIC lacks.", lines)
        self.assertIn("fail hw/b.sh all: What a software NIC lacks.", lines)

    def test_worse(self):
        self.counts(GOOD.replace("ok 2 a.two", "not ok 2 a.two").replace("status=0", "status=1"),
                    1, 1, 2)

    def test_better(self):
        self.counts(GOOD.replace(" # SKIP no such thing", ""), 2, 1, 1)

    def test_one_case_more(self):
        self.counts(GOOD.replace("1..3", "1..4").replace("# SKIP no such thing\n",
                                                         "# SKIP x\nok 4 a.four\n"), 2, 1, 2)

    def test_one_case_less(self):
        self.counts(GOOD.replace("1..3", "1..2").replace("ok 3 a.three # SKIP no such thing\n",
                                                         ""), 2, 1, 1)

    def test_a_name_twice(self):
        self.counts(GOOD.replace("a.two", "a.one"), 1, 2, 2)

    def test_a_file_that_is_killed(self):
        self.counts(GOOD.replace("a.py status=0", "a.py status=timeout"), 2, 1, 2)

    def test_a_guest_that_dies(self):
        listener, total, _ = self.heard(GOOD[:GOOD.index("ok 3")])
        self.assertEqual((total.passed, total.skipped), (2, 0))
        self.assertGreaterEqual(total.failed, 2)    # three did not run, the plan is not fulfilled
        self.assertEqual([entry.name for entry in listener.left()], ["hw/b.sh"])

    def test_what_is_left_behind(self):
        self.counts(GOOD.replace("\n# vmmq-test: end a.py",
                                 "\n# vmmq-test: left a.py: link x\n# vmmq-test: end a.py"),
                    2, 1, 2)


if __name__ == "__main__":
    unittest.main()
