# SPDX-License-Identifier: GPL-2.0
"""Waiting in terms of work done. Nothing here asserts how long something took; the bound
on a wait without any progress only keeps a broken machine from hanging."""

import time

from lib import ktap

STUCK = 120     # seconds without any change


def until(condition, what, progress=None):
    """Polls condition() until it is true and returns its value. progress(): a value that
    changes while there is hope; without it, the bound is on the whole wait."""
    pause, last = 0.002, None
    end = time.monotonic() + STUCK
    while True:
        value = condition()
        if value:
            return value
        if progress:
            now = progress()
            if now != last:
                last, end = now, time.monotonic() + STUCK
        if time.monotonic() > end:
            ktap.fail(f"still waiting for {what} after {STUCK} s without progress"
                      + (f", at {last!r}" if progress else ""))
        time.sleep(pause)
        pause = min(pause * 2, 0.1)


def reaches(count, wanted, what):
    """Polls count() until it is at least wanted. Returns it."""
    return until(lambda: count() >= wanted and (count(),), f"{what} to reach {wanted}",
                 count)[0]


def settled(value, times=4, pause=0.05):
    """Polls value() until it is the same `times` times in a row. Returns it."""
    last, same = value(), 1
    end = time.monotonic() + STUCK
    while same < times:
        time.sleep(pause)
        now = value()
        same = same + 1 if now == last else 1
        if time.monotonic() > end:
            ktap.fail(f"did not settle in {STUCK} s: {last!r}, then {now!r}")
        last = now
    return last
