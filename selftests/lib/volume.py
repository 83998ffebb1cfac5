# SPDX-License-Identifier: GPL-2.0
"""How much of a stress is done: VMMQ_VOLUME percent of it, all if it isn't set. It scales how
often something is repeated, never what is checked. The runner gives a kernel that is alone all
of it, several less, since what they differ in shows early."""

import os

KMEMLEAK = "/sys/kernel/debug/kmemleak"


def watched():
    """True on a kernel that watches every access to memory: it is several times slower, so
    fewer frames stand in a ring while something changes."""
    return os.path.exists(KMEMLEAK)


def percent():
    """The share to do, 1 to 100."""
    return min(100, max(1, int(os.environ.get("VMMQ_VOLUME") or 100)))


def of(full, least=1):
    """How often to do what is done full times, but no less than least."""
    return max(min(full, least), full * percent() // 100)
