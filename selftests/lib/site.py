# SPDX-License-Identifier: GPL-2.0
"""A test bed under load."""

from lib import bed, load


class LoadSite:
    """`with LoadSite(options, vports=3, ...) as site:` a test bed and a load between its
    VPorts, both taken down at the end, also after a failure.

    bed: bed.Bed; load: load.Load. What is set up is in prepare() of the class that inherits."""

    def __init__(self, options=None, **parameters):
        """options: of the Load, by name; parameters: of the Bed."""
        self.bed = bed.Bed(**parameters)
        self.load = load.Load(**(options or {}))

    def __enter__(self):
        self.bed.__enter__()
        try:
            self.prepare()
        except BaseException:
            self.__exit__(Exception, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.close()
        return self.bed.__exit__(kind, value, trace)

    def prepare(self):
        """Gives the VPorts what the test needs and begins the load."""

    def close(self):
        """Ends the load, before the bed goes."""
        self.load.close()
