# SPDX-License-Identifier: GPL-2.0
"""The command-line tool: run, read, refused, and listened to."""

import json
import os
import pathlib
import select
import subprocess

from lib import command, ktap, wait

TOP = pathlib.Path(__file__).resolve().parents[2]
PATH = os.environ.get("VMMQCTL") or str(TOP / "tools/vmmqctl/vmmqctl")

MISUSED, REFUSED = 1, 2


def _words(words):
    if not os.path.exists(PATH):
        ktap.skip(f"{PATH} is not built")
    words = words[0].split() if len(words) == 1 else [str(word) for word in words]
    return [PATH, *words]


def call(*words, ns=None, stdin=None):
    """Runs it. Returns (status, standard output, standard error)."""
    words = _words(words)
    with ns.entered() if ns else _Here():
        done = subprocess.run(words, input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=command.LIMIT,
                              check=False)
    return done.returncode, done.stdout, done.stderr


class _Here:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def run(*words, ns=None, stdin=None):
    """Runs it, in a namespace if one is given; it must succeed and not complain. Returns
    what it prints. Words may be given as one string."""
    status, out, err = call(*words, ns=ns, stdin=stdin)
    what = " ".join(_words(words)[1:])
    ktap.eq((status, err), (0, ""), f"vmmqctl {what}: status and complaints")
    return out


def show(*words, ns=None, stdin=None):
    """The same with -j. Returns what the JSON says."""
    words = _words(words)[1:]
    out = run("-j", *words, ns=ns, stdin=stdin)
    try:
        return json.loads(out)
    except ValueError as error:
        return ktap.fail(f"vmmqctl -j {' '.join(words)}: {error}: {out!r}")


def one(*words, ns=None):
    """show() of a single object."""
    found = show(*words, ns=ns)
    ktap.eq(len(found), 1, f"objects of {' '.join(_words(words)[1:])}")
    return found[0]


def refused(status, *words, says=(), ns=None, stdin=None):
    """It must end with this status, print nothing on standard output, and complain with each
    of the texts. Returns the complaint."""
    got, out, err = call(*words, ns=ns, stdin=stdin)
    what = f"vmmqctl {' '.join(_words(words)[1:])}"
    ktap.eq((got, out), (status, ""), f"{what}: status and output ({err.strip()})")
    for text in [says] if isinstance(says, str) else says:
        ktap.contains(err, text, what)
    ktap.true(err.startswith("vmmqctl: "), f"{what}: complaint {err!r} begins with the name")
    return err


def _plain(value):
    """A value of ynl as JSON would have it; sets, and lists of words alike, are sorted, since
    flags have no order."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, bytes):
        return value.hex(":")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, list):
        parts = [_plain(part) for part in value]
        return sorted(parts) if parts and all(isinstance(p, str) for p in parts) else parts
    return value


def same(shown, reply, what, without=()):
    """Fails unless what the tool shows is what ynl says: list against list, key by key.

    without: keys that may have changed between the two."""
    shown, reply = _plain(shown), _plain(reply)
    if isinstance(shown, dict):
        shown, reply = [shown], [reply]
    ktap.eq(len(shown), len(reply), f"{what}: objects")
    with ktap.Mismatches(what) as found:
        for mine, other in zip(shown, reply):
            found.eq(sorted(mine), sorted(other), "keys")
            for key in set(mine) - set(without):
                found.eq(mine[key], other.get(key), key)


class Monitor:
    """vmmqctl -j monitor WORDS, from when it listens until close()."""

    def __init__(self, *words, ns=None, text=False):
        """text: without -j."""
        options = [] if text else ["-j"]
        with ns.entered() if ns else _Here():
            self.process = subprocess.Popen(
                _words([*options, "monitor", *words]), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.ns = ns
        self.rest = b""
        wait.until(self._listens, "the monitor to listen")

    def _listens(self):
        """Whether its socket is a member of a group, by /proc/net/netlink."""
        if self.process.poll() is not None:
            ktap.fail(f"the monitor ended: {self.process.stderr.read().decode()}")
        with self.ns.entered() if self.ns else _Here():
            with open("/proc/thread-self/net/netlink", encoding="ascii") as table:
                rows = [line.split() for line in table][1:]
        return any(row[1] == "16" and row[2] == str(self.process.pid) and int(row[3], 16)
                   for row in rows)

    def lines(self, count):
        """The next lines, as many as told; it must print them all."""
        found = []
        while len(found) < count:
            line, separator, rest = self.rest.partition(b"\n")
            if separator:
                found.append(line.decode())
                self.rest = rest
                continue
            if not select.select([self.process.stdout], [], [], wait.STUCK)[0]:
                ktap.fail(f"the monitor printed {len(found)} of {count} lines: {found}")
            data = os.read(self.process.stdout.fileno(), 1 << 20)
            ktap.true(data, f"the monitor ended after {found}")
            self.rest += data
        return found

    def some(self, pause=0.3):
        """The lines that come until none came for a pause, in seconds."""
        while select.select([self.process.stdout], [], [], pause)[0]:
            data = os.read(self.process.stdout.fileno(), 1 << 20)
            ktap.true(data, "the monitor ended")
            self.rest += data
        *lines, self.rest = self.rest.split(b"\n")
        return [line.decode() for line in lines]

    def heard(self, count):
        """The next notifications: list of (name, attributes)."""
        found = [json.loads(line) for line in self.lines(count)]
        for entry in found:
            ktap.eq(sorted(entry), ["msg", "name"], "members of a notification")
        return [(entry["name"], entry["msg"]) for entry in found]

    def close(self):
        """Ends it."""
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
