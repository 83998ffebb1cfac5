# SPDX-License-Identifier: GPL-2.0
"""Settings of Sphinx for these pages: plain, with nothing that Debian's python3-sphinx lacks."""

project = "vmmq"
copyright = "The vmmq authors"    # pylint: disable=redefined-builtin
root_doc = "networking/vmmq/index"
include_patterns = ["networking/vmmq/*.rst"]
html_theme = "alabaster"
html_copy_source = False
html_show_sourcelink = False
highlight_language = "none"
