# SPDX-License-Identifier: GPL-2.0
"""vmmqctl where no kernel module is: its help, what it refuses before it asks the kernel, and
that it knows every attribute and operation of the spec."""

import pathlib
import re
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
SPEC = TOP / "Documentation/netlink/specs/vmmq.yaml"
NOUNS = ("adapter", "vport", "filter", "rss", "move", "vector", "monitor", "stats", "predict")


def call(words=(), stdin=None):
    """(status, standard output, standard error)."""
    done = subprocess.run([HERE / "vmmqctl", *words], input=stdin or "", capture_output=True,
                          text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class Help(unittest.TestCase):
    """Help goes to standard output and is no failure."""

    def helped(self, *words):
        status, out, err = call(words)
        self.assertEqual((status, err), (0, ""), words)
        self.assertIn("usage: vmmqctl", out)
        self.assertLessEqual(max(map(len, out.splitlines())), 82, words)
        return out

    def test_of_the_tool(self):
        out = self.helped("help")
        self.assertEqual(out, self.helped("-h"))
        self.assertEqual(out, self.helped("--help"))
        for noun in NOUNS:
            self.assertIn(f"\n  {noun} ", out)
        self.assertRegex(out, r"Exit status: 0 .*1 .*(?s:.)*2 ")

    def test_of_each_noun(self):
        for noun in NOUNS:
            out = self.helped(noun, "help")
            self.assertIn(f"vmmqctl {noun}", out)
            for words in ((noun, "-h"), (noun, "--help"), ("help", noun)):
                self.assertEqual(out, self.helped(*words))

    def test_version(self):
        self.assertRegex(call(["-V"])[1], r"^vmmqctl \d+\.\d+\n$")

    def test_no_words(self):
        status, out, _ = call()
        self.assertEqual((status, "usage:" in out), (1, True))


class Refused(unittest.TestCase):
    """What is wrong with the words is said, status 1, nothing on standard output."""

    def refused(self, words, *says, stdin=None):
        status, out, err = call(words if isinstance(words, list) else words.split(),
                                stdin=stdin)
        self.assertEqual((status, out), (1, ""), f"{words}: {err}")
        for text in says:
            self.assertIn(text, err, words)

    def test_unknown_words(self):
        for words, hint in (("adaptr", "adapter"), ("adapter shwo", "show"),
                            ("adapter add x max-vprots 3", "max-vports"),
                            ("vport add a quues 2", "queues"),
                            ("vport add a moderation hihg", "high"),
                            ("vport set a activat3", "activate"),
                            ("filter add a macc 02:00:00:00:00:01", "mac"),
                            ("rss set a default-cp 3 entrys 4", "entries"),
                            ("rss set a types upd-ipv4", "udp-ipv4"),
                            ("rss set a types ipv4=src-adr", "src-addr"),
                            ("vector set a 0 afinity 1", "affinity"),
                            ("monitor filtr", "filter"),
                            ("stats a intervl 1", "interval"),
                            ("predict a form 10.0.0.1 to 10.0.0.2", "from"),
                            ("adapter add a flags vlan-filtr", "vlan-filter")):
            self.refused(words, f"did you mean '{hint}'?", "There are:")

    def test_ambiguous(self):
        self.refused("v show", "more than one noun")
        self.refused("rss set a o", "more than one keyword")

    def test_missing(self):
        for words, says in (("adapter add", "adapter's name"), ("vport set x", "what shall change"),
                            ("filter add x", "mac MAC"), ("filter add x vlan 3", "mac MAC"),
                            ("filter move x mac 02:00:00:00:00:01", "to DEV2"),
                            ("rss set x", "what shall change"),
                            ("rss set x key", "what follows key"),
                            ("move x", "what to move"), ("move x 3", "to CPU"),
                            ("move x 3 to", "CPU to move to"),
                            ("move x 3 to 1 and", "what to move"),
                            ("vector set x", "vector's number"),
                            ("vector set x 0", "affinity LIST"),
                            ("predict x", "from is missing"),
                            ("predict x from 10.0.0.1", "to is missing"),
                            ("stats x count 3", "goes with interval")):
            self.refused(words, says)

    def test_too_many(self):
        for words in ("adapter show a b", "adapter del a b", "vport show a b", "vport del a b",
                      "rss show a b", "vector show a 1 2", "vport show adapter a b"):
            self.refused(words, "one word too many")

    def test_together(self):
        self.refused("rss set x on off", "on and off")
        self.refused("rss set x cpus 1 cpus 2", "cpus is given twice")
        self.refused("vport set x activate state activated", "activate and state")
        self.refused("predict x from 10.0.0.1:1 to 10.0.0.2:2 tcp udp", "tcp and udp")

    def test_values(self):
        for words, says in (("vport add a mac 1:2:3", "not an address"),
                            ("vport add a queues x", "not a number"),
                            ("vport show a/b", "not a number"), ("vport show a/1024", "within"),
                            ("vport show sixteen_letters_", "1 to 15 characters"),
                            ("vport show a;b", "other characters"),
                            ("adapter add elevenchars", "1 to 10 characters"),
                            ("adapter del -x", "is no name"),
                            ("vector set a 0 affinity 1;2", "not a list"),
                            ("rss set x cpus 3-1", "backwards"),
                            ("rss set x cpus 9999", "within"), ("rss set x key xyz", "no key"),
                            ("move x 1-2 to y", "not a number"),
                            ("move x 1 to 2 to", "CPU to move to"),
                            ("move x 1 and 2", "to CPU"),
                            ("predict x from 10.0.0.1:1 to ::1", "same IP version"),
                            ("predict x from 10.0.0.1:1 to 10.0.0.2", "only one"),
                            ("predict x from 10.0.0.1:1 to 10.0.0.2:2", "which of them"),
                            ("predict x from 10.0.0.1 to 10.0.0.2 udp", "have ports"),
                            ("predict x from [::1 to [::2]", "no [ADDR]:PORT"),
                            ("predict x from ::1 to ::2 proto 44", "extension header"),
                            ("predict x from 10.0.0.1:99999 to 10.0.0.2:1 tcp", "within"),
                            ("-n a/b adapter", "no name of a network namespace"),
                            ("-n nowhere adapter", "no network namespace"),
                            ("-x adapter", "see 'vmmqctl help'")):
            self.refused(words, says)
        self.refused(["vport", "show", "a b"], "other characters")
        self.refused(["vport", "show", "$(x)"], "other characters")

    def test_options_behind_the_noun(self):
        self.refused("adapter -j", "options stand before the noun")
        self.refused("vport show a -j", "one word too many")

    def test_batches(self):
        self.refused("move -batch", "nothing to move", stdin="# nothing\n\n")
        self.refused("move -batch", "where to move", stdin="a 1 to 2\na 3\n")
        self.refused("move -batch /nowhere/at/all", "can't read")

    def test_full_disk(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([HERE / "vmmqctl", "help"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("can't write", done.stderr)


class Manual(unittest.TestCase):
    """The manual page has every noun, verb and keyword."""

    def test_words(self):
        page = (TOP / "Documentation/vmmqctl.8").read_text(encoding="utf-8")
        page = re.sub(r"\\f.", " ", page.replace("\\-", "-"))
        for words in ("nosuch", "adapter add x nosuch", "vport add x nosuch", "vport set x nosuch",
                      "filter nosuch", "filter move x nosuch", "rss set x nosuch",
                      "rss nosuch", "vector set x 0 nosuch", "stats x nosuch",
                      "predict x nosuch"):
            found = re.sub(r"(?s).*There are:", "", call(words.split())[2]).split()
            self.assertTrue(found, words)
            for word in found:
                self.assertTrue(re.search(rf"\b{word}\b", page), f"{words}: {word}")


def kind_of(attr, flags):
    """The kind the tool should have for an attribute of the spec."""
    if attr["type"] == "nest":
        return "nests" if attr.get("multi-attr") else "nest"
    if attr["type"] == "binary":
        if "sub-type" in attr:
            return attr["sub-type"] + "s"
        return "mac" if attr.get("display-hint") == "mac" else "key"
    if "enum" in attr:
        return "flags" if attr["enum"] in flags else "enum"
    return attr["type"]


class Spec(unittest.TestCase):
    """The tool's table of attributes is that of the spec."""

    def setUp(self):
        try:
            import yaml     # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("Python's yaml is missing")
        self.spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
        self.sets = {s["name"]: s["attributes"] for s in self.spec["attribute-sets"]}
        self.enums = {d["name"]: d for d in self.spec["definitions"]}
        self.flags = {name for name, d in self.enums.items() if d["type"] == "flags"}

    def values(self, name):
        """"NAME=VALUE" of an enum or of flags."""
        enum = self.enums[name]
        start = enum.get("value-start", 0)
        return [f"{e['name'] if isinstance(e, dict) else e}="
                f"{1 << start + n if enum['type'] == 'flags' else start + n}"
                for n, e in enumerate(enum["entries"])]

    def lines_of(self, path, name):
        """What parts_test prints of an attribute set."""
        found = []
        for number, attr in enumerate(self.sets[name], 1):
            if attr["type"] == "pad":
                continue
            values = self.values(attr["enum"]) if "enum" in attr else []
            found.append(" ".join([f"{path}.{attr['name']}", str(number),
                                   kind_of(attr, self.flags), *values]))
            if attr["type"] == "nest":
                found += self.lines_of(f"{path}.{attr['name']}", attr["nested-attributes"])
        return found

    def test_all_known(self):
        by_name = {op["name"]: op for op in self.spec["operations"]["list"]}
        wanted = []
        for op in self.spec["operations"]["list"]:
            of = op if "attribute-set" in op else by_name[op["notify"]]
            wanted.append(f"{op['name']} {op['value']} op")
            wanted += self.lines_of(op["name"], of["attribute-set"])
        shown = subprocess.run([HERE / "parts_test", "schema"], stdout=subprocess.PIPE,
                               text=True, check=True).stdout.splitlines()
        self.assertEqual(shown, wanted)

    def test_keywords_of_capabilities_and_processors(self):
        """Each can be given to 'adapter add'."""
        out = call("adapter add x nosuchkeyword".split())[2]
        known = set(re.sub(r".*There are:", "", out).split())
        renamed = {"max-queue-pairs": "queue-pairs"}
        for name in ("capabilities", "processors"):
            for attr in self.sets[name]:
                if "Not in a request" not in attr.get("doc", ""):
                    self.assertIn(renamed.get(attr["name"], attr["name"]), known)


if __name__ == "__main__":
    unittest.main()
