# SPDX-License-Identifier: GPL-2.0
"""The sum of KTAP results: outputs and exit statuses against counts worked out by hand."""

import contextlib
import io
import unittest

import ktap


def judged(text, status=0):
    program = ktap.Program("sample")
    for line in text.splitlines(keepends=True):
        program.feed(line)
    program.finish(status)
    return program


class Sum(unittest.TestCase):
    def counts(self, text, status, passed, failed, skipped):
        program = judged(text, status)
        self.assertEqual((program.passed, program.failed, program.skipped),
                         (passed, failed, skipped), program.problems)

    def test_plain(self):
        self.counts("KTAP version 1\n1..3\nok 1 a\nok 2 - b\nok 3 c # time=1ms\n", 0, 3, 0, 0)

    def test_plan_at_the_end(self):
        self.counts("TAP version 13\nok 1 a\nok 2 b\n1..2\n", 0, 2, 0, 0)

    def test_failure(self):
        self.counts("1..2\nok 1 a\nnot ok 2 b\n", 1, 1, 1, 0)

    def test_failure_with_good_exit_status(self):
        self.counts("1..2\nok 1 a\nnot ok 2 b\n", 0, 1, 1, 0)

    def test_skip_and_xfail_are_not_passed(self):
        self.counts("1..3\nok 1 a # SKIP no hardware\nok 2 b # XFAIL known\nok 3 c\n", 0, 1, 0, 2)

    def test_failure_cannot_hide_behind_a_directive(self):
        for directive in ("SKIP", "XFAIL", "TODO"):
            with self.subTest(directive):
                self.counts(f"1..1\nnot ok 1 a # {directive} x\n", 1, 0, 1, 0)

    def test_word_skip_in_a_name_is_no_skip(self):
        self.counts("1..1\nok 1 SKIP is a word here\n", 0, 1, 0, 0)

    def test_all_skipped(self):
        self.counts("1..0 # SKIP no module\n", 4, 0, 0, 1)

    def test_kselftest_skip_with_a_word(self):
        self.counts("SKIP: needs ethtool\n", 4, 0, 0, 1)

    def test_kselftest_skip_without_a_word(self):
        self.counts("", 4, 0, 1, 0)

    def test_skip_status_after_passes(self):
        self.counts("1..1\nok 1 a\n", 4, 1, 1, 0)

    def test_plan_not_fulfilled(self):
        self.counts("1..3\nok 1 a\nok 2 b\n", 0, 2, 1, 0)

    def test_more_than_planned(self):
        self.counts("1..1\nok 1 a\nok 2 b\n", 0, 2, 1, 0)

    def test_no_plan(self):
        self.counts("ok 1 a\n", 0, 1, 1, 0)

    def test_two_plans(self):
        self.counts("1..1\nok 1 a\n1..1\n", 0, 1, 1, 0)

    def test_silence(self):
        self.counts("", 0, 0, 1, 0)

    def test_plan_of_nothing_without_a_reason(self):
        self.counts("1..0\n", 0, 0, 1, 0)

    def test_number_twice(self):
        self.counts("1..2\nok 1 a\nok 1 a\n", 0, 2, 2, 0)

    def test_crash_after_passes(self):
        self.counts("1..1\nok 1 a\n", 139, 1, 1, 0)

    def test_crash_in_the_middle(self):
        self.counts("1..3\nok 1 a\n", 139, 1, 1, 0)

    def test_crash_after_a_failure(self):
        self.counts("1..1\nnot ok 1 a\n", 1, 0, 1, 0)

    def test_did_not_end(self):
        self.counts("1..1\nok 1 a\n", None, 1, 1, 0)

    def test_bail_out(self):
        self.counts("1..2\nok 1 a\nBail out! no device\n", 255, 1, 2, 0)

    def test_comments_are_no_results(self):
        self.counts("1..1\n# ok 1 x\n# not ok 2 y\nokay\nnot okay\nok 1 a\n", 0, 1, 0, 0)

    def test_subtests_count_and_their_parent_does_not(self):
        self.counts("1..2\n    KTAP version 1\n    1..2\n    ok 1 x\n    ok 2 y\nok 1 a\nok 2 b\n",
                    0, 3, 0, 0)

    def test_failed_subtest_counts_once(self):
        self.counts("1..1\n  1..2\n  ok 1 x\n  not ok 2 y\nnot ok 1 a\n", 1, 1, 1, 0)

    def test_parent_failed_by_itself(self):
        self.counts("1..1\n  1..1\n  ok 1 x\nnot ok 1 a\n", 1, 1, 1, 0)

    def test_plan_of_subtests_not_fulfilled(self):
        self.counts("1..1\n  1..2\n  ok 1 x\nok 1 a\n", 0, 1, 1, 0)

    def test_subtests_without_a_parent(self):
        self.counts("1..1\n  1..1\n  ok 1 x\n", 0, 1, 1, 0)

    def test_documents_one_after_the_other(self):
        self.counts("KTAP version 1\n1..1\nok 1 a\nKTAP version 1\n1..1\nok 1 b\n", 0, 2, 0, 0)

    def test_plan_of_an_earlier_document_not_fulfilled(self):
        self.counts("KTAP version 1\n1..2\nok 1 a\nKTAP version 1\n1..1\nok 1 b\n", 0, 2, 1, 0)

    def test_total(self):
        programs = [judged("1..2\nok 1 a\nnot ok 2 b\n", 1), judged("1..0 # SKIP x\n", 4)]
        self.assertEqual(ktap.total(programs), "1 passed, 1 failed, 1 skipped")


class Programs(unittest.TestCase):
    def test_a_program_killed_by_a_signal_has_failed(self):
        with contextlib.redirect_stdout(io.StringIO()):
            program = ktap.run("x", ["sh", "-c", "echo 1..0 '# SKIP x'; kill -9 $$"])
        self.assertEqual(program.failed, 1)
