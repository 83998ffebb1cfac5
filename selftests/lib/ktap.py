# SPDX-License-Identifier: GPL-2.0
"""Reports in KTAP, runs the cases of a test program, and states expectations.

A program ends with `ktap.main(case, case, ...)`. A case is a function without arguments;
its name is the name in the report. It fails by raising, skips with `skip("what is missing")`.
"""

import os
import sys
import traceback

KSFT_PASS = 0
KSFT_FAIL = 1
KSFT_SKIP = 4


class Failure(Exception):
    """An expectation that didn't hold."""


class Skip(Exception):
    """Something the case needs and the machine lacks."""


def diag(text):
    """Prints text as diagnostic lines, which begin with "# "."""
    for line in str(text).splitlines() or [""]:
        print(f"# {line}", flush=True)


def skip(reason):
    """Ends the case as skipped. The reason names the missing thing."""
    raise Skip(reason)


def fail(text):
    """Ends the case as failed."""
    raise Failure(text)


def true(condition, text):
    """Fails with the text unless the condition holds."""
    if not condition:
        raise Failure(text)


def eq(actual, expected, what):
    """Fails unless actual equals expected."""
    if actual != expected:
        raise Failure(f"{what}: got {actual!r}, expected {expected!r}")


def ne(actual, unwanted, what):
    """Fails if actual equals unwanted."""
    if actual == unwanted:
        raise Failure(f"{what}: got {actual!r}, which it must not be")


def between(actual, low, high, what):
    """Fails unless low <= actual <= high."""
    if not low <= actual <= high:
        raise Failure(f"{what}: got {actual!r}, expected {low!r} to {high!r}")


def contains(text, part, what):
    """Fails unless part occurs in text."""
    if part not in text:
        raise Failure(f"{what}: {part!r} is not in {text!r}")


class Mismatches:
    """Gathers failed comparisons of a long run and reports the first few of them.

    `with Mismatches("steering") as m: m.eq(a, b, "frame 3 queue")` fails at the end of the
    block if any comparison failed, or if there was none at all.
    """

    SHOWN = 8

    def __init__(self, what):
        """what: a word for the run, begins the failure's text."""
        self.what = what
        self.compared = 0
        self.texts = []

    def eq(self, actual, expected, what):
        """Compares and remembers. Returns whether they are equal."""
        self.compared += 1
        if actual == expected:
            return True
        self.texts.append(f"{what}: got {actual!r}, expected {expected!r}")
        return False

    def add(self, text):
        """Remembers a mismatch that is no comparison of two values."""
        self.compared += 1
        self.texts.append(text)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            for text in self.texts[:self.SHOWN]:
                diag(f"{self.what}: {text}")
            return False
        if not self.compared:
            raise Failure(f"{self.what}: nothing was compared")
        if self.texts:
            shown = "\n".join(self.texts[:self.SHOWN])
            raise Failure(f"{self.what}: {len(self.texts)} of {self.compared} "
                          f"comparisons failed\n{shown}")
        return False


def _mark(text):
    """Leaves a line in the kernel log, so that a report can be told to be a case's."""
    try:
        with open("/dev/kmsg", "w", encoding="ascii") as log:
            log.write(f"vmmq-test: {text}\n")
    except OSError:
        pass


def _run_case(number, name, case):
    """Runs one case and prints its line. Returns its KSFT_ value."""
    try:
        case()
    except Skip as reason:
        print(f"ok {number} {name} # SKIP {reason}", flush=True)
        return KSFT_SKIP
    except Failure as failure:
        diag(failure)
        frame = traceback.extract_tb(failure.__traceback__)
        here = [f for f in frame if os.sep + "lib" + os.sep not in f.filename]
        if here:
            diag(f"at {os.path.basename(here[-1].filename)}:{here[-1].lineno}")
    except KeyboardInterrupt:
        raise
    except BaseException:  # pylint: disable=broad-except
        diag(traceback.format_exc())
    else:
        print(f"ok {number} {name}", flush=True)
        return KSFT_PASS
    print(f"not ok {number} {name}", flush=True)
    return KSFT_FAIL


def main(*cases):
    """Runs the cases in order and exits with 0, 1 (one failed) or 4 (all skipped).

    Names on the command line select cases: `./steer_rx.py udp_flows`. A case named
    there and unknown is an error.
    """
    from lib import module  # pylint: disable=import-outside-toplevel,cyclic-import

    wanted = sys.argv[1:]
    names = [case.__name__ for case in cases]
    for name in wanted:
        if name not in names:
            print(f"no case {name}; there are: {' '.join(names)}", file=sys.stderr)
            sys.exit(2)
    cases = [case for case in cases if not wanted or case.__name__ in wanted]

    print("KTAP version 1", flush=True)
    print(f"1..{len(cases)}", flush=True)
    program = os.path.basename(sys.argv[0])
    results = []
    for number, case in enumerate(cases, 1):
        _mark(f"begin {program}:{case.__name__}")
        results.append(_run_case(number, case.__name__, module.guarded(case)))
    _mark(f"end {program}")
    diag("Totals: pass:{} fail:{} xfail:0 xpass:0 skip:{} error:0".format(
        *(results.count(r) for r in (KSFT_PASS, KSFT_FAIL, KSFT_SKIP))))
    if KSFT_FAIL in results:
        sys.exit(KSFT_FAIL)
    sys.exit(KSFT_PASS if KSFT_PASS in results else KSFT_SKIP)
