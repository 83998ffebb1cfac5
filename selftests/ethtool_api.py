#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What can be configured: ethtool's settings of a VPort are taken exactly, read back, and
refused with a reason; the parameters of the module; how adapters and VPorts show up."""

import errno
import os
import re

from lib import command, ethtool, flow, ktap, module
from lib.bed import Bed

KEY = "6d:5a:56:da:25:5b:0e:c2:41:67:25:3d:43:a3:8f:b0:d0:ca:2b:cb:" \
      "ae:7b:30:b4:77:cb:2d:a3:80:30:f2:0c:6a:42:b7:3b:be:ac:01:fa"


class Tool:
    """The ethtool program on the first VPort of a bed: what it shows, as text."""

    def __init__(self, bed):
        self.vport = bed.vports[0]
        self.name = self.vport.name
        self.device = self.vport.tool

    def __call__(self, text):
        """ethtool TEXT, {} in it being the VPort. Returns the output."""
        return self.vport.ethtool(*text.format(self.name).split())

    def refused(self, text, says):
        """ethtool TEXT must fail, and the reason must contain `says`, in its output or in
        the kernel log (the old interfaces can't carry a text)."""
        log = module.Log()
        try:
            output = command.refused("ethtool", *text.format(self.name).split(),
                                     ns=self.vport.ns)
            output += "\n".join(log.lines())
        finally:
            log.close()
        ktap.contains(output.lower(), says.lower(), f"reason why {text!r} is refused")

    def value(self, text, name):
        """The last value shown for a name: "RX:" of -g stands twice, maximum first."""
        found = re.findall(rf"^{re.escape(name)}\s*(.*?)\s*$", self(text), re.M)
        ktap.true(found, f"{name!r} in the output of ethtool {text}")
        return found[-1]

    def table(self):
        """The indirection table as `ethtool -x` prints it."""
        rows = re.findall(r"^ *(\d+):((?: +\d+)+)$", self("-x {}"), re.M)
        ktap.eq([int(first) for first, _ in rows],
                [8 * n for n in range(len(rows))], "numbers of the rows")
        return [int(queue) for _, row in rows for queue in row.split()]


def refuses(function, *args, code=errno.EINVAL):
    """Fails unless function(*args) is refused with this error."""
    try:
        function(*args)
    except ethtool.Refused as refusal:
        ktap.eq(errno.errorcode[refusal.errno], errno.errorcode[code], str(refusal))
    else:
        ktap.fail(f"{function.__name__}{args} was not refused")


def in_sysfs(vport, program, path):
    """Runs a program on a path below the VPort's in sysfs, as its namespace sees it.
    Returns the words it prints."""
    return command.run("ip", "netns", "exec", vport.ns.name, *program.split(),
                       f"/sys/class/net/{vport.name}/{path}").split()


def table_by_equal_weight_start():
    """-X equal, weight, start; default resets; read back by -x."""
    with Bed(vports=1, queues=6) as bed:
        tool = Tool(bed)
        ktap.eq(tool.table(), [n % 6 for n in range(128)], "table at first")
        tool("-X {} equal 4")
        ktap.eq(tool.table(), [n % 4 for n in range(128)], "equal 4")
        tool("-X {} equal 2 start 3")
        ktap.eq(tool.table(), [3 + n % 2 for n in range(128)], "equal 2 start 3")
        tool("-X {} weight 1 0 3")
        ktap.eq(tool.table(), [0] * 32 + [2] * 96, "weight 1 0 3")
        tool("-X {} weight 1 1 start 4")
        ktap.eq(tool.table(), [4] * 64 + [5] * 64, "weight 1 1 start 4")
        tool("-X {} default")
        ktap.eq(tool.table(), [n % 6 for n in range(128)], "default")
        tool.refused("-X {} equal 7", "")
        tool.refused("-X {} equal 2 start 5", "")
        ktap.eq(tool.table(), [n % 6 for n in range(128)], "table after refusals")
        ktap.eq(tool.device.table(), tool.table(), "table by ioctl and by program")


def any_table_is_taken():
    """Every entry can name every queue; an entry beyond the queues refuses the whole."""
    with Bed(vports=1, queues=5, entries=64) as bed:
        device = bed.vports[0].tool
        table = [n * n % 5 for n in range(64)]
        device.set_rss(table)
        ktap.eq(device.table(), table, "table read back")
        for place in (0, 31, 63):
            bad = list(table)
            bad[place] = 5
            refuses(device.set_rss, bad)
        refuses(device.set_rss, table * 2)
        refuses(device.set_rss, table[:32])
        ktap.eq(device.table(), table, "table after refusals")


def key_and_hash_function():
    """-X hkey is taken exactly, by length; toeplitz is the only function."""
    with Bed(vports=2, queues=2) as bed:
        tool = Tool(bed)
        first = tool.device.key()
        ktap.eq(len(first), 40, "length of the key")
        ktap.true(any(first), "the key at first isn't zero")
        ktap.eq(bed.vports[1].tool.key(), first, "all VPorts have one key at first")
        tool(f"-X {{}} hkey {KEY}")
        ktap.contains(tool("-x {}"), KEY, "key shown")
        ktap.eq(tool.device.key().hex(":"), KEY, "key by ioctl")
        for bad in (KEY[:-3], KEY + ":00", "6d"):
            tool.refused(f"-X {{}} hkey {bad}", "key")
        tool("-X {} hfunc toeplitz")
        for bad in ("xor", "crc32"):
            tool.refused(f"-X {{}} hfunc {bad}", "")
        for code in (2, 4, 8):
            refuses(tool.device.set_rss, None, None, code, code=errno.EOPNOTSUPP)
        ktap.eq(tool.device.key().hex(":"), KEY, "key after refusals")
        ktap.contains(tool("-x {}"), "toeplitz: on", "hash function shown")
        refuses(tool.device.set_rss, [9] * 128, bytes(40))
        ktap.eq(tool.device.key().hex(":"), KEY, "key after a refused table and key")
        tool(f"-X {{}} hkey {KEY.replace('6d', '11')} equal 1")
        ktap.eq(tool.device.key()[0], 0x11, "key set together with a table")
        ktap.eq(set(tool.table()), {0}, "table set together with a key")


def key_of_52_bytes():
    """key_size=52: longer keys, and only these."""
    with Bed(vports=1, queues=2, key_size=52) as bed:
        tool = Tool(bed)
        long_key = KEY + ":01:02:03:04:05:06:07:08:09:0a:0b:0c"
        ktap.eq(len(tool.device.key()), 52, "length of the key")
        tool(f"-X {{}} hkey {long_key}")
        ktap.eq(tool.device.key().hex(":"), long_key, "key read back")
        tool.refused(f"-X {{}} hkey {KEY}", "key")


def hash_fields():
    """-N rx-flow-hash takes any set of fields that makes sense, -n shows it."""
    names = {"s": "IP SA", "d": "IP DA", "f": "L4 bytes 0 & 1 [TCP/UDP src port]",
             "n": "L4 bytes 2 & 3 [TCP/UDP dst port]"}
    with Bed(vports=1, queues=2) as bed:
        tool = Tool(bed)

        def refused_fields(kind, letters):      # the program then doesn't always exit with 1
            output = command.status("ethtool", "-N", tool.name, "rx-flow-hash", kind, letters,
                                    ns=tool.vport.ns)[1]
            ktap.contains(output, "Cannot change", f"-N of {kind} {letters}")
        for kind, letters in flow.DEFAULT_FIELDS.items():
            ktap.eq(tool.device.fields(kind), letters, f"fields of {kind} at first")
        for kind in ("tcp4", "udp4", "tcp6", "udp6"):
            for letters in ("sd", "s", "d", "fn", "f", "n", "sf", "dn", "sdfn"):
                tool(f"-N {{}} rx-flow-hash {kind} {letters}")
                ktap.eq(tool.device.fields(kind), letters, f"fields of {kind}")
            shown = tool(f"-n {{}} rx-flow-hash {kind}")
            for letter in "sdfn":
                ktap.contains(shown, names[letter], f"-n of {kind}")
            tool.device.set_fields(kind, "")
            ktap.eq(tool.device.fields(kind), "", f"no fields of {kind}")
            for letters in ("sdv", "m", "t", "r"):
                refused_fields(kind, letters)
            ktap.eq(tool.device.fields(kind), "", f"fields of {kind} after refusals")
        for kind in ("ip4", "ip6"):
            for letters in ("s", "d", "", "sd"):
                tool.device.set_fields(kind, letters)
                ktap.eq(tool.device.fields(kind), letters, f"fields of {kind}")
            refuses(tool.device.set_fields, kind, "sdfn")
            refuses(tool.device.set_fields, kind, "f")
            ktap.eq(tool.device.fields(kind), "sd", f"fields of {kind} after refusals")
        for kind in ("sctp4", "ah4", "esp6", "sctp6"):
            refused_fields(kind, "sd")


def private_flags():
    """--set-priv-flags: read back one by one; extended addresses want an address field."""
    flags = ("rss-ipv6-ex", "rss-tcp-ipv6-ex", "rss-udp-ipv6-ex", "tx-hash")
    with Bed(vports=1, queues=2) as bed:
        tool = Tool(bed)
        ktap.eq(tool.device.flags(), dict.fromkeys(flags, False), "flags at first")
        for flag in flags:
            tool(f"--set-priv-flags {{}} {flag} on")
            ktap.eq(tool.device.flags(), {name: name == flag for name in flags},
                    f"flags with {flag} on")
            tool(f"--set-priv-flags {{}} {flag} off")
        for kind, flag in (("ip6", flags[0]), ("tcp6", flags[1]), ("udp6", flags[2])):
            tool.device.set_fields(kind, "" if kind == "ip6" else "fn")
            tool.refused(f"--set-priv-flags {{}} {flag} on", "address")
            ktap.eq(tool.device.flags()[flag], False, f"{flag} after a refusal")
            tool.device.set_fields(kind, "s")
            tool(f"--set-priv-flags {{}} {flag} on")
            refuses(tool.device.set_fields, kind, "" if kind == "ip6" else "fn")
            ktap.eq(tool.device.fields(kind), "s", f"fields of {kind} after a refusal")
            ktap.eq(tool.device.flags()[flag], True, f"{flag} beside other fields")


def channels():
    """-l, -L: exact; the default table follows; a user's table stays and is protected."""
    with Bed(vports=1, queues=4, max_queues=9) as bed:
        tool = Tool(bed)
        ktap.eq(tool.device.channels(), (4, 9), "channels at first")
        for count in (9, 1, 5, 2, 8):
            tool(f"-L {{}} combined {count}")
            ktap.eq(tool.device.channels(), (count, 9), "channels")
            ktap.eq(tool.device.rx_rings(), count, "receive rings")
            ktap.eq(tool.table(), [n % count for n in range(128)], "default table")
            ktap.eq(sorted(in_sysfs(tool.vport, "ls", "queues")),
                    sorted(f"{side}-{n}" for side in ("rx", "tx") for n in range(count)),
                    "queues in sysfs")
        for bad in ("combined 0", "combined 10", "rx 2", "tx 3", "other 1"):
            tool.refused(f"-L {{}} {bad}", "")
        ktap.eq(tool.device.channels(), (8, 9), "channels after refusals")
        mine = [7] + [n % 3 for n in range(127)]
        tool.device.set_rss(mine)
        tool("-L {} combined 9")
        ktap.eq(tool.table(), mine, "a user's table after growing")
        tool.refused("-L {} combined 7", "table")
        ktap.eq(tool.device.channels(), (9, 9), "channels after a refusal")
        tool("-L {} combined 8")
        ktap.eq(tool.table(), mine, "a user's table after shrinking")
        tool("-X {} default")
        tool("-L {} combined 2")
        ktap.eq(tool.table(), [n % 2 for n in range(128)], "default table again")
        tool.vport.down()
        tool("-L {} combined 6")
        tool.vport.up()
        ktap.eq(tool.device.channels(), (6, 9), "channels set while down")


def rings():
    """-g, -G: any number of frames in the limits, exactly."""
    with Bed(vports=1, queues=3) as bed:
        tool = Tool(bed)
        ktap.eq(tool.device.rings(), (1024, 1024, 16384, 16384), "rings at first")
        for rx, tx in ((16, 16384), (17, 1000), (16384, 16), (999, 31), (1024, 1024)):
            tool(f"-G {{}} rx {rx} tx {tx}")
            ktap.eq(tool.device.rings()[:2], (rx, tx), "rings")
            ktap.eq(tool.value("-g {}", "RX:"), str(rx), "rx shown")
            ktap.eq(tool.value("-g {}", "TX:"), str(tx), "tx shown")
        for bad in ("rx 15", "rx 0", "tx 15", "rx 16385", "tx 16385", "rx-mini 16",
                    "rx-jumbo 16", "rx 100 tx 5"):
            tool.refused(f"-G {{}} {bad}", "")
        ktap.eq(tool.device.rings()[:2], (1024, 1024), "rings after refusals")
        # By ioctl the core has no say about the minimum: the module has.
        refuses(tool.device.set_rings, 15, 100)
        refuses(tool.device.set_rings, 100, 0)
        tool.vport.down()
        tool("-G {} rx 77")
        ktap.eq(tool.device.rings()[:2], (77, 1024), "rings set while down")
        tool.vport.up()
        ktap.eq(tool.device.rings()[:2], (77, 1024), "rings after up")


def coalescing():
    """-c, -C: what is supported is read back, the rest refused."""
    with Bed(vports=1, queues=3) as bed:
        tool = Tool(bed)
        for usecs, frames, adaptive in ((0, 0, "off"), (50, 8, "off"), (10000, 16384, "off"),
                                        (7, 0, "on"), (1, 1, "off")):
            tool(f"-C {{}} adaptive-rx {adaptive} rx-usecs {usecs} rx-frames {frames}")
            ktap.eq(tool.value("-c {}", "rx-usecs:"), str(usecs), "rx-usecs")
            ktap.eq(tool.value("-c {}", "rx-frames:"), str(frames), "rx-frames")
            ktap.eq(tool.value("-c {}", "Adaptive RX:").split()[0], adaptive, "adaptive")
        for bad, why in (("rx-usecs 10001", "10000"), ("rx-frames 16385", "16384"),
                         ("tx-usecs 5", ""), ("adaptive-tx on", ""), ("rx-usecs-irq 3", "")):
            tool.refused(f"-C {{}} {bad}", why)
        ktap.eq(tool.value("-c {}", "rx-usecs:"), "1", "rx-usecs after refusals")
        tool("-L {} combined 5")
        ktap.eq(tool.value("-c {}", "rx-usecs:"), "1", "rx-usecs after -L")


def pause():
    """-a, -A: both directions, off at first, never negotiated."""
    with Bed(vports=1, queues=2) as bed:
        tool = Tool(bed)

        def shown():
            return tuple(tool.value("-a {}", name) for name in ("Autonegotiate:", "RX:", "TX:"))
        ktap.eq(shown(), ("off", "off", "off"), "pause at first")
        for rx, tx in (("on", "off"), ("on", "on"), ("off", "on"), ("off", "off")):
            tool(f"-A {{}} autoneg off rx {rx} tx {tx}")
            ktap.eq(shown(), ("off", rx, tx), "pause")
        tool.refused("-A {} autoneg on", "")
        ktap.eq(shown(), ("off", "off", "off"), "pause after a refusal")


def driver_info():
    """-i: driver, and the adapter as bus address."""
    with Bed(vports=2, adapters=2) as bed:
        tool = Tool(bed)
        ktap.eq(tool.value("-i {}", "driver:"), "vmmq", "driver")
        ktap.eq(tool.value("-i {}", "bus-info:"), "vmmq0", "bus-info")
        ktap.eq(tool.value("-i {}", "supports-statistics:"), "yes", "statistics")
        ktap.eq(tool.value("-i {}", "supports-priv-flags:"), "yes", "private flags")
        ktap.contains(command.ethtool("-i", "vmmq1v1"), "bus-info: vmmq1", "second adapter")


def features():
    """-k, -K: what a VPort can leave out is switched, what it can't is fixed."""
    with Bed(vports=1, queues=2) as bed:
        tool = Tool(bed)
        names = ("receive-hashing", "rx-checksumming", "tx-checksum-ip-generic",
                 "tx-scatter-gather", "tx-tcp-segmentation", "tx-tcp6-segmentation",
                 "generic-receive-offload", "rx-vlan-offload", "tx-vlan-offload",
                 "rx-vlan-filter")

        def state(name):
            found = re.search(rf"^\s*{name}: (\S+)( \[\S.*\])?$", tool("-k {}"), re.M)
            ktap.true(found, f"feature {name} is shown")
            return found[1] + (found[2] or "")
        for name in names:
            ktap.eq(state(name), "on", f"{name} at first")
            long_name = {"receive-hashing": "rx-hashing", "rx-checksumming": "rx-checksum",
                         "rx-vlan-offload": "rx-vlan-hw-parse",
                         "tx-vlan-offload": "tx-vlan-hw-insert",
                         "generic-receive-offload": "rx-gro"}.get(name, name)
            tool(f"-K {{}} {long_name} off")
            ktap.eq(state(name), "off", f"{name} switched off")
            tool(f"-K {{}} {long_name} on")
            ktap.eq(state(name), "on", f"{name} switched on")


def counters_have_one_layout():
    """-S: the same names in the same order, whatever the number of queues in use."""
    per_vport = ["rx_drop_down", "rx_drop_oversize", "rx_drop_nomem", "rx_drop_busy",
                 "rx_drop_malformed", "rx_drop_loopback", "rx_drop_rule",
                 "tx_drop_unmatched", "tx_drop_own", "tx_drop_malformed", "tx_drop_nomem",
                 "tx_drop_down"]
    per_vport += [f"rx_hash_{kind}" for kind in flow.TYPES]
    per_vport += ["rss_entries_moved", "rss_longest_drain_ns", "rx_csum_errors"]
    per_queue = ["rx_queue_{}_" + name for name in
                 ("packets", "bytes", "csum_errors", "missed", "purged", "waited", "polls",
                  "interrupts", "xdp_pass", "xdp_drops", "xdp_tx", "xdp_redirects",
                  "xdp_aborted", "xdp_errors")]
    per_queue += ["tx_queue_{}_" + name for name in
                  ("packets", "bytes", "gso_frames", "gso_packets", "completed", "stop",
                   "wake", "pause", "override", "xdp_packets")]
    with Bed(vports=1, queues=2, max_queues=5) as bed:
        tool = Tool(bed)
        expected = per_vport + [name.format(n) for n in range(5) for name in per_queue]
        for count in (2, 5, 1):
            tool(f"-L {{}} combined {count}")
            shown = re.findall(r"^ +(\w+): (\d+)$", tool("-S {}"), re.M)
            ktap.eq([name for name, _ in shown], expected, f"counters with {count} queues")
        tool.vport.down()
        ktap.eq(list(tool.vport.stats()), expected, "counters while down")


def link_settings():
    """The link is up with the VPort, its speed is fixed."""
    with Bed(vports=1, queues=2, up=False) as bed:
        tool = Tool(bed)
        ktap.eq(tool.value("{}", "\tLink detected:"), "no", "link while down")
        tool.vport.up()
        ktap.eq(tool.value("{}", "\tLink detected:"), "yes", "link while up")
        ktap.eq(tool.value("{}", "\tSpeed:"), "100000Mb/s", "speed")
        ktap.eq(tool.value("{}", "\tDuplex:"), "Full", "duplex")
        tool.refused("-s {} speed 1000", "fixed")
        tool.refused("-s {} duplex half", "fixed")
        tool.refused("-s {} autoneg on", "")
        ktap.eq(tool.value("{}", "\tSpeed:"), "100000Mb/s", "speed after refusals")


def mtu_limits():
    """MTU 68 to 65521."""
    with Bed(vports=1, queues=2) as bed:
        vport = bed.vports[0]
        for mtu in (68, 1500, 9000, 65521):
            vport.ip(f"link set {vport.name} mtu {mtu}")
            ktap.contains(vport.ip(f"link show {vport.name}"), f"mtu {mtu} ", "MTU")
        for mtu in (67, 0, 65522, 70000):
            command.refused("ip", "link", "set", vport.name, "mtu", str(mtu), ns=vport.ns)
        ktap.contains(vport.ip(f"link show {vport.name}"), "mtu 65521 ", "MTU after refusals")


def device_model():
    """Kind, parent, port number; VPort 0 can't be deleted, others can."""
    with Bed(vports=3, adapters=2, queues=2) as bed:
        parent = bed.has_parent()
        for vport in bed.vports:
            details = vport.ip(f"-d link show {vport.name}")
            ktap.true(re.search(r"^    vmmq\b", details, re.M), f"kind in {details}")
            parent_of = in_sysfs(vport, "readlink -f", "device")
            ktap.eq([os.path.basename(path) for path in parent_of], ["vmmq0"],
                    "parent in sysfs")
            ktap.eq(vport.ns.sysfs(f"class/net/{vport.name}/dev_port"), str(vport.number),
                    "dev_port")
        ktap.true(os.path.isdir(parent), "parent on the bus")
        ktap.eq(sorted(os.listdir("/sys/bus/vmmq/devices")), ["vmmq0", "vmmq1"], "adapters")
        for name in ("vmmq1v0", "vmmq1v1", "vmmq1v2"):
            ktap.contains(os.path.realpath(f"/sys/class/net/{name}"), "/vmmq1/net/", "path")
        command.refused("ip", "link", "del", "vmmq1v0", says="not supported")
        ktap.true(os.path.exists("/sys/class/net/vmmq1v0"), "VPort 0 is still there")
        command.ip("link del vmmq1v1")
        ktap.true(not os.path.exists("/sys/class/net/vmmq1v1"), "VPort 1 is gone")
        ktap.true(os.path.exists("/sys/class/net/vmmq1v2"), "VPort 2 is still there")
        command.refused("ip", "link", "add", "mine", "type", "vmmq")
        ktap.true(not os.path.exists("/sys/class/net/mine"), "nothing was added")


def parameters_are_documented():
    """modinfo shows every parameter with its limits, a licence and a description."""
    text = command.run("modinfo", module.PATH)
    shown = dict(re.findall(r"^parm: +(\w+):(.*)$", text, re.M))
    limits = {"adapters": "64", "vports": "1024", "queues": "max_queues", "max_queues": "128",
              "entries": "4096", "key_size": "52", "tx_hash": "hash",
              "order": "order", "wire": "wire"}
    ktap.eq(sorted(shown), sorted(limits), "parameters")
    for name, limit in limits.items():
        ktap.contains(shown[name], limit, f"limits of {name}")
    for line in ("license:", "description:", "author:"):
        ktap.contains(text, line, "modinfo")


def bad_parameters_are_refused():
    """insmod fails, and the log names the parameter, its value and what is allowed."""
    for bad, words in (
            (dict(entries=100), "entries=100 power of two"),
            (dict(entries=8), "entries=8 16 4096"),
            (dict(entries=0), "entries=0 16 4096"),
            (dict(entries=8192), "entries=8192 16 4096"),
            (dict(key_size=41), "key_size=41 40 52"),
            (dict(key_size=0), "key_size=0 40 52"),
            (dict(max_queues=129), "max_queues=129 1 128"),
            (dict(max_queues=0), "max_queues=0 1 128"),
            (dict(queues=0), "queues=0 1"),
            (dict(queues=129), "queues=129 128"),
            (dict(queues=5, max_queues=4), "queues=5 1 4"),
            (dict(vports=0), "vports=0 1 1024"),
            (dict(vports=1025), "vports=1025 1 1024"),
            (dict(adapters=0), "adapters=0 1 64"),
            (dict(adapters=65), "adapters=65 1 64")):
        lines = "\n".join(module.refused(**bad))
        for word in words.split():
            ktap.contains(lines, word, f"log on insmod {bad}")
    for bad in (dict(entries=-1), dict(queues="many"), dict(tx_hash="perhaps")):
        module.refused(**bad)


def boundaries_are_accepted():
    """The smallest and the largest values do work."""
    for parameters, sizes, queues in (
            (dict(entries=16, queues=1, max_queues=1), (16, 40), (1, 1)),
            (dict(entries=4096, key_size=52, max_queues=128, queues=128), (4096, 52),
             (128, 128)),
            (dict(max_queues=128, queues=3), (512, 40), (3, 128)),
            (dict(max_queues=33, queues=33), (256, 40), (33, 33)),
            (dict(queues=40), (256, 40), (40, 40))):
        with Bed(vports=1, **parameters) as bed:
            device = bed.vports[0].tool
            ktap.eq(device.rss_sizes(), sizes, f"entries and key size with {parameters}")
            ktap.eq(device.channels(), queues, f"channels with {parameters}")
            ktap.eq(device.table(), [n % queues[0] for n in range(sizes[0])], "table")


def many_adapters_and_vports():
    """64 adapters; 1024 VPorts of one adapter."""
    module.load(adapters=64, vports=1, queues=1, max_queues=1)
    try:
        ktap.eq(sorted(os.listdir("/sys/bus/vmmq/devices")),
                sorted(f"vmmq{n}" for n in range(64)), "adapters")
        names = set(os.listdir("/sys/class/net"))
        ktap.eq({f"vmmq{n}v0" for n in range(64)} - names, set(), "VPorts missing")
    finally:
        module.unload()
    module.load(vports=1024, queues=1, max_queues=1, entries=16)
    try:
        names = set(os.listdir("/sys/class/net"))
        ktap.eq({f"vmmq0v{n}" for n in range(1024)} - names, set(), "VPorts missing")
    finally:
        module.unload()


ktap.main(table_by_equal_weight_start, any_table_is_taken, key_and_hash_function,
          key_of_52_bytes, hash_fields, private_flags, channels, rings, coalescing, pause,
          driver_info, features, counters_have_one_layout, link_settings, mtu_limits,
          device_model, parameters_are_documented, bad_parameters_are_refused,
          boundaries_are_accepted, many_adapters_and_vports)
