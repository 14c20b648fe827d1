"""The files that say how others are checked; every run loads it, so it imports nothing."""

OWN_SETTINGS = "einlint.toml"
PYPROJECT = "pyproject.toml"
"""The files of settings in a folder; the second has a table of them, or not."""

GIT = frozenset({".git", ".gitignore"})
"""Names in a folder that say something of what git ignores in it."""
