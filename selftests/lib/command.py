# SPDX-License-Identifier: GPL-2.0
"""Programs: run them, and say what was run and what it said when that failed."""

import shutil
import subprocess

from lib import ktap

LIMIT = 300     # seconds; only to end a program that hangs


class CommandFailed(ktap.Failure):
    """A program ended with another status than 0. Its text is the command and its output."""

    def __init__(self, args, ns, status, output):
        """status: exit status or a word; output: what it printed, both channels."""
        where = f" (in {ns.name})" if ns else ""
        super().__init__(f"{' '.join(args)}{where}: status {status}\n{output.strip()}")
        self.output = output


def need(program):
    """Skips the case if the program isn't installed."""
    if not shutil.which(program):
        ktap.skip(f"program {program} is not installed")


def _split(args):
    return args[0].split() if len(args) == 1 else [str(a) for a in args]


def _call(args, ns, stdin=None):
    """Runs it in namespace ns. Returns (status, stdout, stderr)."""
    try:
        with ns.entered() if ns else _Here():
            process = subprocess.Popen(args, text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except FileNotFoundError:
        ktap.skip(f"program {args[0]} is not installed")
    try:
        out, err = process.communicate(stdin, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise CommandFailed(args, ns, f"none after {LIMIT} s", out + err) from None
    return process.returncode, out, err


class _Here:
    """No namespace: stay in this one."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def run(*args, ns=None, stdin=None):
    """Runs a program, given as words or as one string to split at blanks, in a namespace
    (Netns). Returns its standard output. Raises CommandFailed."""
    args = _split(args)
    status, out, err = _call(args, ns, stdin)
    if status:
        raise CommandFailed(args, ns, status, out + err)
    return out


def status(*args, ns=None):
    """Runs a program that may fail. Returns (exit status, output of both channels)."""
    code, out, err = _call(_split(args), ns)
    return code, out + err


def refused(*args, ns=None, says=None):
    """Runs a program that must fail; says: a text its output must contain. Returns it."""
    args = _split(args)
    code, out, err = _call(args, ns)
    if not code:
        ktap.fail(f"{' '.join(args)}: succeeded, a refusal was expected")
    if says is not None:
        ktap.contains((out + err).lower(), says.lower(), " ".join(args))
    return out + err


def spawn(*args, ns=None):
    """Starts a program in the background; its output is discarded. Returns the Popen, which
    the caller ends with stop()."""
    with ns.entered() if ns else _Here():
        return subprocess.Popen(_split(args), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def stop(process):
    """Ends a program of spawn() if it still runs, and reaps it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def ip(*args, ns=None):
    """ip ARGS in a namespace. Returns its output."""
    return run("ip", *_split(args), ns=ns)


def ethtool(*args, ns=None):
    """ethtool ARGS in a namespace. Returns its output."""
    return run("ethtool", *_split(args), ns=ns)
