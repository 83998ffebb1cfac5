#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=4 once
"""The pages of Documentation/networking/vmmq: runs their examples, a case for each page, and
compares their tables of names with the names the module has.

An example is a block `.. code-block:: console`. A line beginning with "# " or "$ " is a
command, one beginning with "> " continues it, the others are what it prints; blanks count as
one, empty lines not at all. "..." stands for any text within a line, alone for any lines.
Options of a block:
    :class: refused    its commands end with another status than 0, all others with 0
    :class: settles    its commands only read; they are repeated until the output is right
    :name: setup       runs before a page whose first command isn't an insmod
A page's commands run in one shell, as root, in the top folder of the tree."""

import os
import pathlib
import re
import select
import subprocess
import tempfile
import textwrap
import time

from lib import command, cpus, ktap, module, tracing, wait
from lib.bed import Bed

TOP = pathlib.Path(__file__).resolve().parent.parent
PAGES = TOP / "Documentation/networking/vmmq"
SETUP_PAGE = "quickstart"
WITHOUT_EXAMPLES = ("index", "locking", "memory-ordering", "performance", "upstream")
CPUS = 4    # the examples show queues 0 to 3 on CPUs 0 to 3
# With it on, switching an event switches the scheduler's too, which emulated CPUs may not
# survive: it rewrites code that all of them are running.
RECORD_NAMES = pathlib.Path(tracing.ROOT, "options/record-cmd")

DIRECTIVE = ".. code-block:: console"    # at the left margin: an indented one is quoted
OPTION = re.compile(r" +:(\w+): *(.*)$")
NAME_IN_TABLE = re.compile(r"^``(\S+)``(?:  |$)")


# ---- from a page to its examples ----

class Example:
    """One command: where it stands, its text, the lines it prints, what its block says."""

    def __init__(self, where, text, options):
        self.where = where
        self.text = text
        self.options = options
        self.output = []

    def __repr__(self):
        return f"{self.where}: {self.text}"


def blocks(text):
    """(line number, options, lines) of each block of examples."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.rstrip() != DIRECTIVE:
            continue
        body, options = [], {}
        for follows in lines[number + 1:]:
            if follows.strip() and not follows.startswith(" "):
                break
            option = OPTION.match(follows)
            if option and not body:
                options[option[1]] = option[2]
            elif body or follows.strip():
                body.append(follows)
        yield number + 1, options, textwrap.dedent("\n".join(body)).splitlines()


def examples(name, text):
    """The Examples of a page."""
    found = []
    for number, options, lines in blocks(text):
        mine = []
        for line in lines:
            if line.startswith(("# ", "$ ")):
                mine.append(Example(f"{name}.rst:{number}", line[2:], options))
            elif not mine:
                ktap.true(not line.strip(), f"{name}.rst:{number}: begins with no command")
            elif (line + " ").startswith("> ") and not mine[-1].output:
                mine[-1].text += "\n" + line[2:]
            else:
                mine[-1].output.append(line)
        ktap.true(mine, f"{name}.rst:{number}: a block without a command")
        found += mine
    return found


def pages():
    """{name: text} of all pages."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in PAGES.glob("*.rst")}
    if not found:
        ktap.skip(f"{PAGES} has no pages")
    return found


def to_run(name):
    """The Examples that a page's case runs: its own, with the setup if they need it."""
    texts = pages()
    own = examples(name, texts[name])
    ktap.true(own, f"{name}.rst has examples")
    if own[0].text.startswith("insmod"):
        return own
    setup = [e for e in examples(SETUP_PAGE, texts[SETUP_PAGE])
             if e.options.get("name") == "setup"]
    ktap.true(setup, f"{SETUP_PAGE}.rst has the setup")
    return setup + own


# ---- what a command prints ----

def words(lines):
    """Lines with blanks made one, without the empty ones."""
    return [line for line in (" ".join(line.split()) for line in lines) if line]


def matches(wanted, lines):
    """Whether lines are the ones wanted, "..." being the wildcard."""
    pattern = ""
    for line in words(wanted):
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("...")) + r"\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in words(lines))) is not None


class Shell:
    """A shell that runs commands one by one. Its processes are a session of their own."""

    def __init__(self):
        self.output = tempfile.NamedTemporaryFile(prefix="vmmq-doc-")
        self.status, far = os.pipe()
        self.far = far
        with open(self.output.name, "a", encoding="ascii") as complaints:
            self.process = subprocess.Popen(
                ["bash", "--norc", "--noprofile"], cwd=TOP, text=True, pass_fds=[far],
                stdin=subprocess.PIPE, stdout=complaints, stderr=complaints,
                env=dict(os.environ, LC_ALL="C"))
        os.close(far)

    def run(self, text):
        """Runs a command. Returns (status, lines of output)."""
        self.process.stdin.write(f"{{ {text}\n}} >{self.output.name} 2>&1 </dev/null "
                                 f"{self.far}>&-\nprintf '%s\\n' $? >&{self.far}\n")
        self.process.stdin.flush()
        if not select.select([self.status], [], [], command.LIMIT)[0]:
            ktap.fail(f"{text}: did not end in {command.LIMIT} s")
        answer = os.read(self.status, 16).decode()
        with open(self.output.name, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
        ktap.true(answer, f"{text}: ended the shell: " + "\n".join(lines))
        return int(answer), lines

    def close(self):
        """Ends it."""
        self.process.stdin.close()
        if self.process.poll() is None:
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        os.close(self.status)
        self.output.close()


def complaint(example, status, lines):
    """What is wrong with the answer to an example, None if nothing is."""
    said = "\n".join(lines)
    if bool(status) != (example.options.get("class") == "refused"):
        return f"{example}\nstatus {status}, output:\n{said}"
    if not matches(example.output, lines):
        return f"{example}\nprinted:\n{said}\nexpected:\n" + "\n".join(example.output)
    return None


def try_example(shell, example):
    """Runs an example; one that settles as often as it takes."""
    end = time.monotonic() + wait.STUCK
    while True:
        wrong = complaint(example, *shell.run(example.text))
        if not wrong:
            return
        if example.options.get("class") != "settles" or time.monotonic() > end:
            ktap.fail(wrong)
        time.sleep(0.1)


def all_namespaces():
    """Names of the network namespaces."""
    return set(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else set()


def run_page(name):
    """Runs the examples of a page and puts the machine back in order."""
    cpus.need(CPUS)
    todo = to_run(name)
    online, namespaces, names = cpus.online(), all_namespaces(), RECORD_NAMES.read_text()
    RECORD_NAMES.write_text("0")
    shell = Shell()
    try:
        for example in todo:
            try_example(shell, example)
    finally:
        shell.close()
        for cpu in set(online) - set(cpus.online()):
            cpus.set_online(cpu, True)
        if module.loaded():
            module.unload()
        for left in all_namespaces() - namespaces:
            command.run("ip", "netns", "del", left)
        RECORD_NAMES.write_text(names)
        pathlib.Path(tracing.ROOT, "trace").write_text("")
    ktap.diag(f"{len(todo)} commands")


# ---- cases ----

def page_case(name):
    """The case that runs the examples of a page."""
    def case():
        run_page(name)
    case.__name__ = name.replace("-", "_")
    return case


def reader_notices():
    """The reader of examples and the comparison accept what they should and nothing else."""
    text = textwrap.dedent("""
        Words.

        .. code-block:: console
           :class: refused

           # one
           > two
             out  a
           ...
           $ three

        .. code-block:: sh

           # not run

        .. code-block:: rst

           .. code-block:: console

              # quoted
        """)
    one, three = examples("page", text)
    ktap.eq((one.text, one.output, one.options["class"]),
            ("one\ntwo", ["  out  a", "..."], "refused"), "first example")
    ktap.eq((three.text, three.output), ("three", []), "second example")

    for wanted, lines, right in (
            (["a  b", ""], [" a\tb"], True), (["a"], [], False), ([], ["a"], False),
            (["a", "b"], ["b", "a"], False), (["a ... c"], ["a b c"], True),
            (["a ... c"], ["a b"], False), (["..."], [], True), (["a", "..."], ["b"], False),
            (["...", "b", "..."], ["a", "b", "c"], True), (["a", "b"], ["a", "x", "b"], False),
            (["a.c"], ["abc"], False), (["a...c"], ["a", "c"], False)):
        ktap.eq(matches(wanted, lines), right, f"{wanted} against {lines}")

    shell = Shell()
    try:
        ktap.eq(shell.run("cd /; X=1; false"), (1, []), "a command that fails")
        ktap.eq(shell.run("echo $X; pwd >&2"), (0, ["1", "/"]), "the next one")
    finally:
        shell.close()
    for example, status, lines in ((one, 0, ["out a"]), (one, 1, []), (three, 0, []),
                                   (three, 1, ["out"])):
        ktap.true(complaint(example, status, lines), f"{example} with {status} {lines}")
    ktap.eq(complaint(one, 1, ["out a", "b"]), None, "complaint about a right answer")


def index_names_every_page():
    """Each page is in the index once, and has examples unless it is one without."""
    texts = pages()
    listed = re.findall(r"^   ([\w-]+)$", texts["index"], re.M)
    ktap.eq(sorted(listed), sorted(set(texts) - {"index"}), "pages in the index")
    for name, text in texts.items():
        ktap.eq(bool(examples(name, text)), name not in WITHOUT_EXAMPLES,
                f"examples in {name}.rst")


def in_tables(text):
    """What stands first, as ``literal``, in the lines of the tables of a page."""
    return [name[1] for line in text.splitlines() if (name := NAME_IN_TABLE.match(line))]


def parameters_are_described():
    """parameters.rst has a line for each module parameter and for nothing else."""
    lines = command.run("modinfo", "-F", "parm", module.PATH).splitlines()
    ktap.eq(sorted(in_tables(pages()["parameters"])),
            sorted(line.split(":")[0] for line in lines), "parameters")


def section(text, title):
    """The part of a page below a title, to the next title of the same kind."""
    return re.split(r"^.+\n=+$", text.split(f"\n{title}\n" + "=" * len(title))[1],
                    flags=re.M)[0]


def counters_and_flags_are_described():
    """ethtool.rst has a line for each counter and private flag and for nothing else."""
    with Bed(vports=1, up=False) as bed:
        tool = bed.vports[0].tool
        names = {re.sub(r"_queue_\d+_", "_queue_N_", name) for name in tool.stat_names()}
        names |= set(tool.flags())
    text = pages()["ethtool"]
    ktap.eq(sorted(in_tables(section(text, "Private flags") + section(text, "Counters"))),
            sorted(names), "counters and flags")


def event_fields():
    """{event: fields in the order they are printed} of the loaded module."""
    found = {}
    for path in pathlib.Path(tracing.ROOT, "events/vmmq").glob("*/format"):
        shown = path.read_text(encoding="ascii").split("print fmt: ")[1].split('"')[1]
        found[path.parent.name] = re.findall(r"(\w+)=", shown)
    return found


def events_are_described():
    """tracing.rst has a section for each trace event, which has a line for each field."""
    sections = re.split(r"^(vmmq_\w+)\n-+\n", pages()["tracing"], flags=re.M)[1:]
    described = {name: in_tables(re.split(r"^[\w ]+\n[=-]+$", text, flags=re.M)[0])
                 for name, text in zip(sections[::2], sections[1::2])}
    module.load(vports=1)
    try:
        ktap.eq(described, event_fields(), "trace events and their fields")
    finally:
        module.unload()


if __name__ == "__main__":
    ktap.main(reader_notices, index_names_every_page, parameters_are_described,
              counters_and_flags_are_described, events_are_described,
              *(page_case(path.stem) for path in sorted(PAGES.glob("*.rst"))
                if path.stem not in WITHOUT_EXAMPLES))
