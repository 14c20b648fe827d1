"""Which files are checked, by their suffixes; every run loads it, so it imports nothing."""

NOTEBOOK = ".ipynb"
"""The suffix of notebook files."""

SOURCES = frozenset({".py", ".pyi", NOTEBOOK})
"""The suffixes of the files that are checked in a folder."""
