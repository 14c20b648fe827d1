"""The settings of the docs site: `sphinx-build -W --keep-going docs build/docs`.

Nothing is loaded from outside, neither when the site is built nor when it is read.
"""

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

import einlint  # noqa: E402 -- that of this checkout

project = "einlint"
author = "the einlint maintainers"
version = release = einlint.__version__

extensions = ["myst_parser", "generated"]  # `generated` stands beside this file
nitpicky = True
smartquotes = False  # it makes one dash of the two of `--fix`
myst_heading_anchors = 4

html_theme = "furo"
html_title = f"einlint {version}"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False

# The playground, where `python playground/build.py` has built it: then a page links to it.
_BUILT = DOCS.parent / "build" / "site"
if (_BUILT / "playground").is_dir():
    html_extra_path = [str(_BUILT)]
    tags.add("playground")  # type: ignore[name-defined]  # noqa: F821 -- Sphinx gives it
