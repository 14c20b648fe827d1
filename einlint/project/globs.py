"""Patterns: the globs of a settings file or of the command line, matched against paths."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from glob import escape
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Patterns:
    """Globs that name a file or folder, or its path from `root`; `*` stands for `/` as well."""

    root: Path
    globs: tuple[str, ...]

    def match(self, path: Path) -> bool:
        """Whether an absolute path itself is meant."""
        if not self.globs:
            return False
        matches = _regex(self.globs).match
        names = [path.name, path.as_posix()]
        if path.is_relative_to(self.root):
            names.append(path.relative_to(self.root).as_posix())
        return any(matches(name) for name in names)

    def match_within(self, path: Path, *tops: Path) -> bool:
        """Whether the path, or a folder above it that lies below the root or `tops`, is meant.

        What the root and the tops themselves are called says nothing of what is in them.
        """
        limits = {self.root, *tops}
        inside = [each for each in (path, *path.parents) if limits & {*each.parents}]
        if not inside and path not in limits:
            inside = [path]
        return any(self.match(each) for each in inside)


def rooted(glob: str, folder: Path) -> str:
    """A glob as it is understood in `folder`: a name stays a name, a path becomes absolute."""
    if "/" not in glob.rstrip("/"):
        return glob
    return os.path.normpath(os.path.join(escape(str(folder)), glob))


@cache
def _regex(globs: tuple[str, ...]) -> re.Pattern[str]:
    spellings = (spelling for glob in globs for spelling in _spellings(glob))
    return re.compile("|".join(map(translate, spellings)))


def _spellings(glob: str) -> Iterator[str]:
    """The glob as fnmatch takes it; `**/` stands for no folder too."""
    plain = glob.removeprefix("./").rstrip("/")
    yield plain
    if "**/" in plain:
        yield plain.replace("**/", "")
