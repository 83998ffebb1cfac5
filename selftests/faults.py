#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# vm: only=debug timeout=3000
"""Every allocation fails in turn, and nothing is worse than before.

An operation runs again and again; each time another one of the allocations that it makes
fails, by the kernel's fault injection. It then either has failed as a whole, and what it was
to change is as before, or succeeded as a whole. What an error path forgets to free is found
by the leak check at the end of the machine, what it frees twice by the memory checks.

A counting run tells how many allocations there are. Of a few hundred every one fails once;
of the thousands of a module's load some, spread evenly, others for each volume. Before a
module's own code runs, the kernel makes its trace events; if that fails the kernel goes on
with a warning, so what it allocates until then is left alone."""

import contextlib
import ctypes
import errno
import fcntl
import os
import socket
import struct

from lib import bed, ethtool, family, ktap, module, volume

ATTRIBUTES = "/sys/kernel/debug"
FAIL_NTH = "/proc/thread-self/fail-nth"
CACHES = "/sys/kernel/slab"
# Files in /proc and trace events: the kernel goes on without one it has no memory for, and
# warns when it is to be removed.
SPARED_CACHES = ("proc_dir_entry", "ftrace_event_field", "trace_event_file",
                 "tracefs_inode_cache")
MANY = 1 << 30          # more than any operation allocates
LOADER_SLACK = 20       # allocations the loader may make more than when it was counted
ATTEMPTS = 120          # of one operation, with all of the volume
FINIT_MODULE = 313
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
IFF_UP = 1
VPORT_NEW, VPORT_DEL = 9, 11
VPORT_ADAPTER, VPORT_NUMBER = 1, 2

_libc = ctypes.CDLL(None, use_errno=True)


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(text))


class Faults:
    """Fault injection for what this thread does."""

    def __init__(self):
        if not os.path.exists(FAIL_NTH):
            ktap.skip("this kernel has no fault injection (CONFIG_FAULT_INJECTION)")
        for name in ("failslab", "fail_page_alloc"):
            path = f"{ATTRIBUTES}/{name}"
            if not os.path.isdir(path):
                ktap.skip(f"this kernel has no {name} in debugfs")
            _write(f"{path}/ignore-gfp-wait", "N")
            _write(f"{path}/verbose", 0)
        for name in os.listdir(CACHES):
            _write(f"{CACHES}/{name}/failslab", int(name not in SPARED_CACHES))
        _write(f"{ATTRIBUTES}/failslab/cache-filter", "Y")
        # Single pages are mostly those of this process.
        _write(f"{ATTRIBUTES}/fail_page_alloc/min-order", 1)
        self.fd = os.open(FAIL_NTH, os.O_RDWR)

    def during(self, nth, operation):
        """operation() with the nth allocation failing. Returns (how many were left to the
        nth, 0 if it was reached; the errno it ended with, 0 for success)."""
        code = 0
        os.write(self.fd, b"%d" % nth)
        try:
            operation()
        except ethtool.Refused as refusal:
            code = refusal.errno
        except OSError as error:
            code = error.errno
        except MemoryError:     # it was Python's
            code = errno.ENOMEM
        left = int(os.pread(self.fd, 32, 0))
        os.write(self.fd, b"0")
        return left, code

    def close(self):
        """Ends it."""
        os.close(self.fd)


def attempts(first, count):
    """Which allocations fail: every one of few, else some from the first to the last."""
    most = volume.of(ATTEMPTS, 40)
    span = count - first
    if span < most:
        return range(first, count + 1)
    return sorted({first + n * span // (most - 1) for n in range(most)})


def counted(faults, operation):
    """How many allocations the operation makes, and the errno it ends with."""
    left, code = faults.during(MANY, operation)
    return MANY - left, code


def each(operation, undo, state, spared=0, may_refuse=True):
    """Lets the allocations of an operation fail, but for the first spared ones. undo() takes
    back what it did; state() tells what there is, which must be what it is before or behind
    it. It must refuse at least once, if it may."""
    with contextlib.closing(Faults()) as faults:
        before = state()
        count, code = counted(faults, operation)
        ktap.eq(code, 0, "errno of the counting run")
        after = state()
        undo()
        ktap.eq(state(), before, "state when the counting run is taken back")
        refused = 0
        chosen = attempts(spared + 1, count)
        for nth in chosen:
            _, code = faults.during(nth, operation)
            now = state()
            what = f"state after a failure of allocation {nth} of {count}"
            if code:
                refused += 1
                ktap.true(now == before or code == errno.ENOBUFS and now == after,
                          f"{what}, {os.strerror(code)}: {now!r}, before {before!r}")
            else:
                ktap.eq(now, after, what)
            undo()
            ktap.eq(state(), before, f"{what}, taken back")
        ktap.diag(f"{count} allocations, {len(chosen)} failed in turn, {refused} refusals")
        ktap.eq(bool(refused), may_refuse, "whether it was refused at all")


# ---- the operations ----

def _insmod(parameters=b"vports=2 queues=2"):
    fd = os.open(module.PATH, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.syscall(FINIT_MODULE, fd, parameters, 0):
            raise OSError(ctypes.get_errno(), "finit_module")
    finally:
        os.close(fd)


def load():
    """insmod with two VPorts. A parameter that is no number ends it just before the module's
    code would run: what was allocated until then is the loader's."""
    with contextlib.closing(Faults()) as faults:
        loader, code = counted(faults, lambda: _insmod(b"vports=many"))
    ktap.eq(code, errno.EINVAL, "errno of a load with vports=many")
    each(_insmod, lambda: module.loaded() and module.unload(), module.loaded,
         spared=loader + LOADER_SLACK)


def _vport_request(command, number):
    payload = family.attribute(VPORT_ADAPTER, b"vmmq0\0") + family.u32(VPORT_NUMBER, number)
    body = struct.pack("=BBH", command, 1, 0) + payload
    return body


def create_a_vport():
    """vport-new of the control family, and its deletion."""
    with bed.Bed(vports=1, queues=2):
        control = family.Family()
        raw = family.Raw(control)
        flags = family.F_REQUEST | family.F_ACK

        def message(command):
            body = _vport_request(command, 5)
            return struct.pack("=IHHII", 16 + len(body), raw.id, flags, 1, 0) + body

        new, delete = message(VPORT_NEW), message(VPORT_DEL)

        def send(text):
            raw.socket.send(text)
            for kind, _, body in raw.receive():
                if kind == family.NLMSG_ERROR:
                    code = -struct.unpack("=i", body[:4])[0]
                    if code:
                        raise OSError(code, "vport")

        def drain():
            raw.socket.setblocking(False)
            with contextlib.suppress(OSError):
                while True:
                    raw.socket.recv(1 << 16)

        def there():
            return os.path.exists("/sys/class/net/vmmq0v5")

        def undo():
            drain()
            if there():
                raw.socket.setblocking(True)
                raw.socket.send(delete)
                raw.receive()
        try:
            raw.socket.settimeout(family.WAIT)
            each(lambda: send(new), undo, there)
        finally:
            raw.close()
            control.close()


def _with_vport(case, **parameters):
    """Runs case(vport) on a VPort that is up."""
    with bed.Bed(**dict({"vports": 2, "queues": 2, "max_queues": 4}, **parameters)) as site:
        case(site.vports[1])


def channels():
    """ethtool -L."""
    def case(vport):
        each(lambda: vport.tool.set_channels(4), lambda: vport.tool.set_channels(2),
             lambda: vport.tool.channels()[0])
    _with_vport(case)


def rings():
    """ethtool -G."""
    def case(vport):
        before = vport.tool.rings()[:2]
        each(lambda: vport.tool.set_rings(rx=512, tx=128),
             lambda: vport.tool.set_rings(rx=before[0], tx=before[1]),
             lambda: vport.tool.rings()[:2])
    _with_vport(case)


def table_and_key():
    """ethtool -X."""
    def case(vport):
        before = vport.tool.table(), vport.tool.key()
        table, key = [1] * len(before[0]), bytes(range(len(before[1])))
        each(lambda: vport.tool.set_rss(table, key), lambda: vport.tool.set_rss(*before),
             lambda: (vport.tool.table(), vport.tool.key()))
    _with_vport(case)


def up_and_down():
    """A VPort comes up. All it needs is there since it was made; what fails is only word of
    it."""
    def case(vport):
        sock = vport.socket(socket.AF_INET, socket.SOCK_DGRAM)

        def flags(command, value=0):
            answer = fcntl.ioctl(sock, command, struct.pack("16sH14x", vport.name.encode(),
                                                            value))
            return struct.unpack("16sH14x", answer)[1]

        vport.down()
        each(lambda: flags(SIOCSIFFLAGS, IFF_UP), lambda: flags(SIOCSIFFLAGS, 0),
             lambda: flags(SIOCGIFFLAGS) & IFF_UP, may_refuse=False)
    _with_vport(case)


if __name__ == "__main__":
    ktap.main(load, create_a_vport, channels, rings, table_and_key, up_and_down)
