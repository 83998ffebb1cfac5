#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# vm: only=debug
"""The KUnit tests of kunit/: the parser, the hash, the lookup and the ring, inside a kernel
that watches every access. Their results, as the kernel log tells them, become ours."""

import os
import re

from lib import command, ktap, module

PATH = os.path.join(os.path.dirname(module.PATH), "vmmq_kunit.ko")
SUITES = ("vmmq_flow", "vmmq_toeplitz", "vmmq_ring", "vmmq_rss")
RESULT = re.compile(r"^ *(not ok|ok) \d+ (?:- )?(\w+)(.*)$")


def run():
    """The lines KUnit writes while the module loads."""
    log = module.Log()
    try:
        command.run("insmod", PATH)
        command.run("rmmod", "vmmq_kunit")
        return log.lines()
    finally:
        log.close()


def suites():
    """Each case of each suite passes; no suite is missing."""
    if not os.path.exists(PATH):
        ktap.skip(f"{PATH} is not built: only the debug kernel has KUnit")
    lines = run()
    found = dict.fromkeys(SUITES)
    for match in filter(None, map(RESULT.match, lines)):
        verdict, name, rest = match.groups()
        if name in found:
            found[name] = verdict
        ktap.diag(f"{verdict} {name}{rest}")
    bad = [line for line in lines if "not ok" in line or "EXPECTATION FAILED" in line
           or "ASSERTION FAILED" in line]
    if bad:
        ktap.diag("\n".join(lines))
    ktap.eq(bad, [], "failures")
    ktap.eq(found, dict.fromkeys(SUITES, "ok"), "suites")


if __name__ == "__main__":
    ktap.main(suites)
