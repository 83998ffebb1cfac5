# SPDX-License-Identifier: GPL-2.0
"""Network namespaces."""

import ctypes
import os
import socket
from contextlib import contextmanager

from lib import command

CLONE_NEWNET = 0x40000000
MS_BIND, MNT_DETACH = 0x1000, 2
NAMES = "/run/netns"

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *args):
    """A function of the C library that tells failure by its result."""
    if getattr(_libc, name)(*args):
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def _setns(fd):
    _call("setns", fd, CLONE_NEWNET)


def _add(name):
    """`ip netns add`, without starting a program for each: the first one it has to be, since
    it also prepares the folder of the names."""
    if not os.path.ismount(NAMES):
        command.run("ip", "netns", "add", name)
        return
    path = f"{NAMES}/{name}"
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0))
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _call("unshare", CLONE_NEWNET)
        try:
            _call("mount", b"/proc/thread-self/ns/net", path.encode(), b"none", MS_BIND, None)
        finally:
            _setns(home)
    except OSError:
        os.unlink(path)
        raise
    finally:
        os.close(home)


def _delete(name):
    """`ip netns del`."""
    _call("umount2", f"{NAMES}/{name}".encode(), MNT_DETACH)
    os.unlink(f"{NAMES}/{name}")


@contextmanager
def inside(path):
    """This thread is in the network namespace of a file for the length of the block."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _setns(there)
        try:
            yield
        finally:
            _setns(home)
    finally:
        os.close(there)
        os.close(home)


class Netns:
    """A namespace as `ip netns add` makes it. IPv6 is off in it until ipv6() so that nothing
    but the test's own frames leaves its devices."""

    def __init__(self, name):
        """Creates it. One that an aborted run left behind is removed first."""
        self.name = name
        if os.path.exists(f"{NAMES}/{name}"):
            _delete(name)
        _add(name)
        self.fd = os.open(f"{NAMES}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        self.sysctl("net/ipv6/conf/all/disable_ipv6", 1)
        self.sysctl("net/ipv6/conf/default/disable_ipv6", 1)

    @contextmanager
    def entered(self):
        """This thread is in the namespace for the length of the block. A socket made there
        stays there; a program started there runs there."""
        with inside(f"/proc/self/fd/{self.fd}"):
            yield self

    def socket(self, *args):
        """A socket of this namespace; arguments as for socket.socket()."""
        with self.entered():
            return socket.socket(*args)

    def run(self, *args, stdin=None):
        """Runs a program here. Returns its output, raises command.CommandFailed."""
        return command.run(*args, ns=self, stdin=stdin)

    def sysctl(self, path, value=None):
        """Sets, or without value returns, /proc/sys/PATH of this namespace."""
        with self.entered():
            with open(f"/proc/sys/{path}", "r" if value is None else "w",
                      encoding="ascii") as file:
                if value is None:
                    return file.read().strip()
                return file.write(str(value))

    def sysfs(self, path, value=None):
        """Sets, or without value returns, /sys/PATH as seen from this namespace."""
        if value is None:
            return command.run("ip", "netns", "exec", self.name, "cat", f"/sys/{path}").strip()
        return command.run("ip", "netns", "exec", self.name, "sh", "-c", 'echo "$1" > "$2"',
                           "sh", str(value), f"/sys/{path}")

    def ipv6(self, dev):
        """Turns IPv6 on for a device, without address detection, autoconfiguration and
        router solicitations. What remains are multicast listener reports, all of them soon
        after."""
        conf = f"net/ipv6/conf/{dev}"
        for name, value in (("accept_dad", 0), ("autoconf", 0), ("accept_ra", 0),
                            ("router_solicitations", 0), ("addr_gen_mode", 1),
                            ("mldv1_unsolicited_report_interval", 10),
                            ("mldv2_unsolicited_report_interval", 10),
                            ("disable_ipv6", 0)):
            self.sysctl(f"{conf}/{name}", value)

    def ifindex(self, dev):
        """A device's index."""
        with self.entered():
            return socket.if_nametoindex(dev)

    def close(self):
        """Removes it. What still uses it keeps it alive, nameless."""
        os.close(self.fd)
        _delete(self.name)
