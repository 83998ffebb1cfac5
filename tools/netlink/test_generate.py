# SPDX-License-Identifier: GPL-2.0
"""The generated files of the control family are those of its spec."""

import pathlib
import subprocess
import unittest

GENERATE = pathlib.Path(__file__).resolve().parent / "generate"


class Generated(unittest.TestCase):
    def test_same_as_the_spec(self):
        """Header, policies and tables are what the kernel's generator makes."""
        done = subprocess.run([GENERATE, "--check"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
