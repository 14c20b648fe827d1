"""Which files are checked, by their suffixes."""

from typing import Final

NOTEBOOK: Final = ".ipynb"
"""The suffix of notebook files."""

SOURCES: Final = frozenset({".py", ".pyi", NOTEBOOK})
"""The suffixes of the files that are checked in a folder."""
