# SPDX-License-Identifier: GPL-2.0
"""Parsed specs of netlink families. Python's yaml takes an emulated machine seconds for one,
so the host may have left it parsed: LIBRARY/specs/<SHA-256 of its text>.json."""

import hashlib
import importlib
import json
import pathlib
import sys
import types


class Specs:
    """Stands in for the module yaml."""

    def __init__(self, library):
        self.folder = pathlib.Path(library) / "specs"

    def safe_load(self, stream):
        """What the spec in an open file, or in a text, says."""
        text = stream if isinstance(stream, str) else stream.read()
        name = hashlib.sha256(text.encode()).hexdigest()
        try:
            return json.loads((self.folder / f"{name}.json").read_text())
        except (OSError, ValueError):
            return self._yaml().safe_load(text)

    @staticmethod
    def _yaml():
        """The module itself; who imports it later gets it too."""
        if isinstance(sys.modules.get("yaml"), Standin):
            del sys.modules["yaml"]
        return importlib.import_module("yaml")


class Standin(types.ModuleType):
    """A module with nothing but safe_load()."""

    def __init__(self, library):
        super().__init__("yaml")
        self.safe_load = Specs(library).safe_load


def install(library):
    """From now on the ynl of this library finds parsed specs, if there are any."""
    if "yaml" not in sys.modules and (pathlib.Path(library) / "specs").is_dir():
        sys.modules["yaml"] = Standin(library)
