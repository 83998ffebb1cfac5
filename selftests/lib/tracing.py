# SPDX-License-Identifier: GPL-2.0
"""The module's trace events, read from a trace instance of one's own."""

import os
import re
import time

from lib import ktap

ROOT = "/sys/kernel/tracing"
EVENTS = ("steer", "receive", "xmit", "tx_complete", "interrupt", "poll", "drop", "move_start",
          "move_end", "filter", "xdp")

LINE = re.compile(r"^\s*(?P<task>.+)-(?P<pid>\d+)\s+\[(?P<cpu>\d+)\] .*?: "
                  r"(?:vmmq_)?(?P<name>\w+): (?P<fields>.*)$")
ENTRIES = re.compile(r"entries-in-buffer/entries-written: (\d+)/(\d+)")


class Event:
    """One trace event: name ("steer", "receive", ...), pid, traced_on (CPU that wrote it)
    and the event's own fields as attributes; numbers are ints, words are str."""

    def __init__(self, name, pid, traced_on, fields):
        self.name = name
        self.pid = pid
        self.traced_on = traced_on
        self.fields = fields

    def __getattr__(self, key):
        try:
            return self.__dict__["fields"][key]
        except KeyError:
            raise AttributeError(f"event {self.name} has no field {key}") from None

    def __repr__(self):
        return f"{self.name}({' '.join(f'{k}={v}' for k, v in self.fields.items())})"


def _record_names(value):
    """Sets whether tracing remembers task names. Returns what it was. That needs the
    scheduler's own tracepoints, and switching those rewrites code all CPUs are running."""
    with open(f"{ROOT}/options/record-cmd", "r+", encoding="ascii") as file:
        before = file.read().strip()
        file.seek(0)
        file.write(value)
    return before


def _number(text):
    try:
        return int(text, 0)
    except ValueError:
        return text


def parse(text):
    """The events in the text of a trace file, in its order."""
    events = []
    for line in text.splitlines():
        match = LINE.match(line)
        if match:
            pairs = (word.split("=", 1) for word in match["fields"].split() if "=" in word)
            events.append(Event(match["name"], int(match["pid"]), int(match["cpu"]),
                                {key: _number(value) for key, value in pairs}))
    return events


class Trace:
    """Records events of the module between entering and leaving a `with` block, or from
    start() on. The module must be loaded before and unloaded after.

    `with Trace("steer", "receive") as trace: ...` then trace.events().
    The order of events is that of their recording, over all CPUs.
    """

    def __init__(self, *names, buffer_kb=8192, filters=None):
        """names: of EVENTS, all if none is given, or of the kernel's own ("net/net_dev_xmit").
        buffer_kb: for each CPU. filters: {name: which events of it are recorded}."""
        self.names = names or EVENTS
        self.filters = filters or {}
        self.path = f"{ROOT}/instances/vmmq-test-{os.getpid()}-{id(self):x}"
        self.buffer_kb = buffer_kb
        self.created = False

    @staticmethod
    def _folder(name):
        return f"events/{name}" if "/" in name else f"events/vmmq/vmmq_{name}"

    def _write(self, file, value):
        with open(f"{self.path}/{file}", "w", encoding="ascii") as out:
            out.write(str(value))

    def __enter__(self):
        if not os.path.isdir(f"{ROOT}/events"):
            ktap.skip(f"tracefs is not mounted at {ROOT}")
        if not os.path.isdir(f"{ROOT}/events/vmmq"):
            ktap.fail("the kernel shows no events of vmmq")
        before = _record_names("0")
        try:
            os.mkdir(self.path)     # takes over the options of the moment
        finally:
            _record_names(before)
        self.created = True
        try:
            self._write("trace_clock", "counter")
            self._write("buffer_size_kb", self.buffer_kb)
            for name, text in self.filters.items():
                self._write(f"{self._folder(name)}/filter", text)
            for name in self.names:
                self._write(f"{self._folder(name)}/enable", 1)
            self._write("tracing_on", 1)
        except OSError:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()
        return False

    def clear(self):
        """Forgets what was recorded."""
        self._write("trace", "")

    def events(self, *names, **fields):
        """What was recorded, oldest first: events of these names (all if none is given)
        whose fields have these values. Fails if the buffer lost any."""
        with open(f"{self.path}/trace", encoding="utf-8", errors="replace") as file:
            text = file.read()
        entries = ENTRIES.search(text)
        ktap.true(entries, "trace file without a count of its entries")
        ktap.eq(entries[1], entries[2], "trace entries kept and written (the buffer is small)")
        return [event for event in parse(text)
                if (not names or event.name in names)
                and all(event.fields.get(k) == v for k, v in fields.items())]

    def count(self, name, **fields):
        """Events of a name recorded so far whose fields have these values."""
        return len(self.events(name, **fields))

    def close(self):
        """Stops and removes the instance."""
        if not self.created:
            return
        self.created = False
        self._write("tracing_on", 0)
        for name in self.names:
            try:
                self._write(f"{self._folder(name)}/enable", 0)
            except OSError:
                pass
        for attempt in range(50):
            try:
                os.rmdir(self.path)
                return
            except OSError:
                time.sleep(0.01 * attempt)
        os.rmdir(self.path)
