# SPDX-License-Identifier: GPL-2.0
"""Owns which test programs run in which machines: what a program wishes, which kernels it is
for, how much of the stress it does there, and how the programs are shared out to boots."""

import os
import re
import shlex
import subprocess

import vm

SELFTESTS = vm.TOP / "selftests"
MATRIX = ("6.1", "6.12", "7.3")
DEBUG = "debug"
TEST_SECONDS = 1200         # bound of a program that names none: it hangs, it isn't slow
DEBUG_SLOWER = 4            # times, of a kernel full of checks
SHARE = 7                   # programs of a boot, if several machines are to be kept busy
FULL, HALF, REDUCED, SMALL = 100, 50, 20, 10    # percent of the stress, see lib/volume.py
DIRECTIVE = re.compile(r"^#\s*vm:\s*(.+)$")
WISHES = ("cpus", "mem", "append", "timeout", "own-boot", "once", "only")


class Job:
    """Programs for one boot: kernel, cpus, mem (MiB), append, volume (percent of the stress),
    tests ([(program, seconds)])."""

    def __init__(self, kernel, machine, volume):
        self.kernel, self.volume = kernel, volume
        self.cpus, self.mem, self.append = machine
        self.tests = []

    def seconds(self):
        """The bound of all its programs."""
        return sum(seconds for _, seconds in self.tests)


def all_tests():
    """TEST_PROGS of selftests/Makefile, in its order."""
    show = "show_test_progs:;@printf '%s\\n' $(TEST_PROGS)"
    done = subprocess.run(["make", "-s", "--no-print-directory", "-C", str(SELFTESTS),
                           "--eval", show, "show_test_progs"],
                          stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.split()


def chosen_tests(names):
    """The named tests, all if none is named; an unknown name is an error."""
    if not (SELFTESTS / "Makefile").exists():
        return []
    known = all_tests()
    names = [name.removeprefix("selftests/") for name in names]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise vm.Broken(f"no test {', '.join(unknown)}; there are: {' '.join(known)}")
    return names or known


def wishes(program, folder=None):
    """What the program's "# vm:" lines ask for, as a dict."""
    found = {}
    with open((folder or SELFTESTS) / program, errors="replace") as file:
        for line, _ in zip(file, range(40)):
            match = DIRECTIVE.match(line)
            for word in shlex.split(match[1]) if match else ():
                key, _, value = word.partition("=")
                if key not in WISHES:
                    raise vm.Broken(f"{program}: '# vm: {word}' is not known")
                found[key] = f"{found[key]} {value}" if key == "append" and key in found \
                    else value
    return found


def volume_of(kernel, kernels):
    """Percent of the stress: what VMMQ_VOLUME says, else all of it on a kernel alone; of
    several, half of it on the newest and less on the others."""
    if os.environ.get("VMMQ_VOLUME"):
        return int(os.environ["VMMQ_VOLUME"])
    if kernel == DEBUG:
        return SMALL
    if len(kernels) == 1:
        return FULL
    return HALF if kernel == kernels[-1] else REDUCED


def wanted(wish, kernel, kernels, named):
    """Whether a program of these wishes runs on this kernel; who is named always does."""
    if named:
        return True
    if wish.get("only", kernel) != kernel:
        return False
    return "once" not in wish or kernel == kernels[0]


def jobs_of(kernel, kernels, programs, named, machine, share=SHARE):
    """The jobs of one kernel. programs: list of (name, wishes); machine: (cpus, mem) of those
    who wish nothing."""
    volume = volume_of(kernel, kernels)
    found = {}
    for name, wish in programs:
        if not wanted(wish, kernel, kernels, named):
            continue
        place = (str(wish.get("cpus", machine[0])), int(wish.get("mem", machine[1])),
                 wish.get("append", ""))
        key = place + (name if "own-boot" in wish else "",)
        seconds = int(wish.get("timeout", TEST_SECONDS))
        seconds *= DEBUG_SLOWER if kernel == DEBUG else 1
        jobs = found.setdefault(key, [Job(kernel, place, volume)])
        if share and len(jobs[-1].tests) == share:
            jobs.append(Job(kernel, place, volume))
        jobs[-1].tests.append((name, seconds))
    return [job for jobs in found.values() for job in jobs]


def jobs(kernels, names, machine, share=SHARE):
    """All jobs, those with the longest programs first."""
    programs = [(name, wishes(name)) for name in chosen_tests(names)]
    found = [job for kernel in kernels
             for job in jobs_of(kernel, kernels, programs, bool(names), machine, share)]
    return sorted(found, key=lambda job: -max(seconds for _, seconds in job.tests))
