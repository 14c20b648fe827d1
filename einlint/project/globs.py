"""Patterns: globs of a settings file or the command line, matched against paths."""

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
    """Globs for the name of a file or folder, or its path from `root`; `*` matches `/` too."""

    root: Path
    globs: tuple[str, ...]

    def match(self, path: Path) -> bool:
        """Whether a pattern matches this absolute path itself."""
        if not self.globs:
            return False
        matches = _regex(self.globs).match
        names = [path.name, path.as_posix()]
        if path.is_relative_to(self.root):
            names.append(path.relative_to(self.root).as_posix())
        return any(matches(name) for name in names)

    def match_within(self, path: Path, *tops: Path) -> bool:
        """Whether a pattern matches the path, or a folder above it but below the root or `tops`.

        The names of the root and of `tops` are not matched: they say nothing of their content.
        """
        limits = {self.root, *tops}
        inside = [place for place in (path, *path.parents) if limits & {*place.parents}]
        if not inside and path not in limits:
            inside = [path]
        return any(self.match(place) for place in inside)


def rooted(glob: str, folder: Path) -> str:
    """A glob relative to `folder`: a name stays a name, a path becomes absolute."""
    if "/" not in glob.rstrip("/"):
        return glob
    return os.path.normpath(os.path.join(escape(str(folder)), glob))


@cache
def _regex(globs: tuple[str, ...]) -> re.Pattern[str]:
    spellings = (spelling for glob in globs for spelling in _spellings(glob))
    return re.compile("|".join(map(translate, spellings)))


def _spellings(glob: str) -> Iterator[str]:
    """The glob in the syntax of fnmatch; `**/` may also match no folder."""
    plain = glob.removeprefix("./").rstrip("/")
    yield plain
    if "**/" in plain:
        yield plain.replace("**/", "")
