# SPDX-License-Identifier: GPL-2.0
"""Owns the record of green runs: which tree, to the content of each file, passed whole on a
kernel, and how long that took. Kept in the cache folder."""

import hashlib
import json
import os
import pathlib
import time

import vm

SOURCES = ("drivers", "include", "selftests", "tools", "Documentation", "Makefile")
EXPECTED = 2700         # seconds of a run, as long as none was measured
KEPT_DAYS = 30


def cache():
    """The folder of what is kept between runs."""
    home = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return pathlib.Path(os.environ.get("VMMQ_CACHE") or home / "vmmq")


def source_files(top):
    """Paths of the sources below top, sorted; what a build left is none."""
    found = []
    for name in SOURCES:
        if (top / name).is_file():
            found.append(top / name)
        for folder, folders, files in os.walk(top / name):
            folders[:] = [f for f in folders if f not in vm.LEFT_OUT]
            found += [pathlib.Path(folder, f) for f in files]
    return sorted(path for path in found if not built(path))


def built(path):
    """True for what the build makes beside its sources."""
    if path.name.startswith(".") or path.name in ("modules.order", "Module.symvers"):
        return True
    if path.name.endswith(vm.LEFT_OUT_SUFFIXES + (".ko", ".a")):
        return True
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def tree_hash(top=vm.TOP):
    """A name for the content of the tree."""
    digest = hashlib.sha256()
    for path in source_files(top):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(top)} {content}\n".encode())
    return digest.hexdigest()[:20]


class Record:
    """What is known of a kernel's runs."""

    def __init__(self, kernel, folder=None, tree=None):
        """tree: hash of the tree; of this one if none is given."""
        self.folder = (folder or cache()) / "green"
        self.path = self.folder / f"{kernel}-{tree or tree_hash()}"
        self.times = self.folder / f"{kernel}-seconds"

    def is_green(self):
        return self.path.exists()

    def text(self):
        """The sum of the green run."""
        return json.loads(self.path.read_text())["sum"]

    def expected(self):
        """Seconds a run will take, by the last one."""
        try:
            return int(self.times.read_text()) * 1.15
        except (OSError, ValueError):
            return EXPECTED

    def keep(self, programs, seconds):
        """Notes a whole run; only one that passed makes the tree a green one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        passed, failed, skipped = (sum(getattr(p, field) for p in programs)
                                   for field in ("passed", "failed", "skipped"))
        if not passed or failed:
            self.path.unlink(missing_ok=True)
            return
        self.times.write_text(f"{int(seconds)}\n")
        text = f"{passed} passed, {failed} failed, {skipped} skipped"
        self.path.write_text(json.dumps({"sum": text, "seconds": int(seconds)}) + "\n")
        for old in self.folder.iterdir():
            if time.time() - old.stat().st_mtime > KEPT_DAYS * 86400:
                old.unlink(missing_ok=True)
