# SPDX-License-Identifier: GPL-2.0
"""Loads and unloads vmmq.ko, and reads the kernel log."""

import os
import re
import time

from lib import command, ktap

NAME = "vmmq"
PATH = os.environ.get("VMMQ_KO") or os.path.normpath(os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../drivers/net/vmmq/vmmq.ko"))

REPORT = re.compile(r"-+\[ cut here \]-+|BUG: |WARNING: |INFO: possible |INFO: suspicious |"
                    r"INFO: rcu|rcu: INFO|Oops|general protection|refcount_t: |"
                    r"unregister_netdevice: waiting|kernel BUG at |Unable to handle")


class Log:
    """The kernel log from the moment of creation on."""

    def __init__(self):
        """Starts behind the newest line."""
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self.fd, 0, os.SEEK_END)

    def lines(self):
        """The messages since creation or since the last call, oldest first."""
        found = []
        while True:
            try:
                record = os.read(self.fd, 8192)
            except BlockingIOError:
                return found
            except BrokenPipeError:     # overwritten before we came
                continue
            found += record.decode("utf-8", "replace").partition(";")[2].splitlines()[:1]

    def close(self):
        """Ends it."""
        os.close(self.fd)


def loaded():
    """Whether the module is loaded."""
    return os.path.exists(f"/sys/module/{NAME}")


def load(**parameters):
    """insmod with parameters, e.g. load(vports=2, queues=4)."""
    if not os.path.exists(PATH):
        ktap.fail(f"{PATH} does not exist: build the module first")
    command.run("insmod", PATH, *(f"{k}={v}" for k, v in parameters.items()))


def refused(**parameters):
    """insmod that must fail. Returns the module's lines in the kernel log. A module that
    loaded after all is unloaded."""
    log = Log()
    try:
        command.refused("insmod", PATH, *(f"{k}={v}" for k, v in parameters.items()))
    except ktap.Failure:
        if loaded():
            unload()
        raise
    finally:
        lines = [line for line in log.lines() if NAME in line]
        log.close()
    ktap.true(not loaded(), f"insmod {parameters} failed but the module is loaded")
    return lines


def unload():
    """rmmod. An open file of a trace or a socket may hold it for a moment, so it is tried
    again as long as it is only in use."""
    for attempt in range(50):
        status, output = command.status("rmmod", NAME)
        if not status:
            return
        if "in use" not in output:
            break
        time.sleep(0.02 * attempt)
    ktap.fail(f"rmmod {NAME}: {output.strip()}")


def guarded(case):
    """Wraps a case: it starts without the module, it must not leave the module behind, and
    the kernel must not have complained meanwhile."""
    def run():
        if os.geteuid():
            ktap.skip("root privileges are missing")
        if loaded():
            unload()
        log = Log()
        try:
            case()
            left = loaded()
            if left:
                unload()
                ktap.fail("the case left the module loaded")
        finally:
            if loaded():
                try:
                    unload()
                except ktap.Failure as failure:
                    ktap.diag(failure)
            lines = log.lines()
            log.close()
            reports = [n for n, line in enumerate(lines) if REPORT.search(line)]
            for n in reports[:1]:
                ktap.diag("\n".join(lines[n:n + 60]))
        ktap.true(not reports, "the kernel log has a report")
    run.__name__ = case.__name__
    return run
