#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# vm: once
"""The demo's table is true: its sums, its prediction and its verdict, all computed again
here from the flows, the key and the weights it names."""

import collections
import json
import os
import subprocess
import sys

from lib import command, ktap, netns, toeplitz

DEMO = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                     "../tools/demo/demo.py"))
TIMES = ("before", "after")


def run_demo(*words):
    """(exit status, standard output, standard error) of the demo."""
    command.need("iperf3")
    done = subprocess.run([sys.executable, DEMO, *words], capture_output=True, text=True,
                          timeout=1500, check=False)
    return done.returncode, done.stdout, done.stderr


def weighted(weights, entries):
    """The table `ethtool -X weight` makes: runs of entries in proportion to the weights."""
    table, total = [], sum(weights)
    for queue, weight in enumerate(weights):
        upto = sum(weights[:queue]) + weight
        table += [queue] * (entries * upto // total - len(table))
    return table


def predict(shown, when):
    """{queue: packets} as the flows' hashes and the table say."""
    key, table = bytes.fromhex(shown["key"]), shown["tables"][when]
    found = collections.Counter({0: shown[f"unhashed_{when}"]})
    for flow in shown["flows"]:
        data = toeplitz.pack(shown["sender"]["address"], flow["port"],
                             shown["receiver"]["address"], shown["receiver"]["port"])
        value = toeplitz.toeplitz(key, data)
        ktap.eq(flow["hash"], value, f"hash of port {flow['port']}")
        found[table[value % len(table)]] += flow[f"packets_{when}"]
    return found


def check_rows(shown, when):
    """Rows, sums, shares and prediction of one phase."""
    rows, total = shown["rows"], shown[f"packets_{when}"]
    ktap.eq(sum(row[f"packets_{when}"] for row in rows), total, f"sum of packets {when}")
    ktap.eq(sum(flow[f"packets_{when}"] for flow in shown["flows"])
            + shown[f"unhashed_{when}"], total, f"sum of the flows' packets {when}")
    predicted = predict(shown, when)
    for row in rows:
        name = f"queue {row['queue']} on CPU {row['cpu']} {when}"
        packets = row[f"packets_{when}"]
        ktap.eq(packets, predicted[row["queue"]], f"packets of {name}, predicted")
        for kind in ("share", "predicted"):
            ktap.eq(round(row[f"{kind}_{when}"], 6), round(100 * packets / total, 6),
                    f"{kind} of {name}")


def table_is_true():
    """`demo.py -j`: sums, shares, prediction, and nothing lost."""
    status, out, err = run_demo("-j", "-n", "2000")
    ktap.eq((status, err), (0, ""), "exit status and error output")
    shown = json.loads(out)
    rows = shown["rows"]
    ktap.eq(sorted(row["queue"] for row in rows), list(range(shown["queues"])), "a row a queue")
    ktap.true(len(shown["flows"]) > shown["queues"], "flows")
    for when in TIMES:
        ktap.true(shown[f"packets_{when}"] >= 2000, f"packets {when}")
        check_rows(shown, when)
    entries = len(shown["tables"]["before"])
    ktap.eq(shown["tables"]["before"], [n % shown["queues"] for n in range(entries)],
            "table before")
    ktap.eq(shown["tables"]["after"], weighted(shown["weights"], entries), "table after")
    for row in rows:
        if not shown["weights"][row["queue"]]:
            ktap.eq(row["packets_after"], 0, f"packets on queue {row['queue']} after")
    ktap.eq(shown["polled"], shown["steered"], "packets arrived of those steered")
    ktap.true(shown["polled"] >= sum(shown[f"packets_{when}"] for when in TIMES), "all counted")
    ktap.eq((shown["drops"], shown["problems"], shown["matched"]), ({}, [], True), "verdict")


def words_for_people():
    """Without -j: the commands, both tables, the verdict; no colour in a pipe."""
    status, out, err = run_demo("-n", "1000", "-P", "4", "-q", "3")
    ktap.eq((status, err), (0, ""), "exit status and error output")
    for part in ("# insmod ", "# ip netns exec demo2 ethtool -X vmmq0v2 weight 1 0 1",
                 " before ", " after ", "predicted"):
        ktap.contains(out, part, "output")
    ktap.true("\033" not in out, "no colour in a pipe")
    ktap.true(out.splitlines()[-1].startswith("All matched: "), "the last line is the verdict")


def nothing_is_left():
    """What stands in its way it names, and it leaves nothing behind."""
    taken = netns.Netns("demo2")
    try:
        status, out, err = run_demo("-j")
        ktap.eq((status, out), (2, ""), "exit status with a namespace in the way")
        ktap.contains(err, "ip netns del demo2", "what to do")
    finally:
        taken.close()
    ktap.eq(command.run("ip netns list"), "", "namespaces left")
    ktap.true(not os.path.exists("/sys/kernel/tracing/instances/vmmq-demo"), "no trace left")


if __name__ == "__main__":
    ktap.main(table_is_true, words_for_people, nothing_is_left)
