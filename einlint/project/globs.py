"""Patterns: globs of a settings file or the command line, matched against paths."""

import os
import re
from collections.abc import Iterator
from functools import cache

_SPECIAL = frozenset("*?[/")


class Patterns:
    """Globs for the name of a file or folder, or its path from `root`; `*` matches `/` too.

    All paths are absolute, with forward slashes. A plain class: making a dataclass takes longer
    than a run on one file has.

    names: the globs that are the whole name of a file or folder.
    are_names: there are no others.
    """

    __slots__ = ("_others", "are_names", "names", "root")

    def __init__(self, root: str, globs: tuple[str, ...]) -> None:
        self.root = root
        self.names, self._others = _compiled(globs)
        self.are_names = self._others is None

    def match(self, path: str) -> bool:
        """Whether a pattern matches this path itself."""
        name = path.rpartition("/")[2]
        if name in self.names:
            return True
        regex = self._others
        if regex is None:
            return False
        inside = _below(path, self.root)
        return any(regex.match(each) for each in (name, path, inside) if each is not None)

    def match_within(self, path: str, *tops: str) -> bool:
        """Whether a pattern matches the path, or a folder above it but below the root or `tops`.

        The names of the root and of `tops` are not matched: they say nothing of their content.
        """
        limits = {self.root, *tops}
        inside = [place for place in (path, *parents(path)) if limits & {*parents(place)}]
        if not inside and path not in limits:
            inside = [path]
        return any(self.match(place) for place in inside)


def parents(path: str) -> list[str]:
    """The folders above an absolute path, the nearest first."""
    found = []
    while (above := os.path.dirname(path)) != path:
        found.append(above)
        path = above
    return found


def rooted(glob: str, folder: str) -> str:
    """A glob relative to `folder`: a name stays a name, a path becomes absolute."""
    if "/" not in glob.rstrip("/"):
        return glob
    from glob import escape

    return os.path.normpath(os.path.join(escape(folder), glob))


def _below(path: str, root: str) -> str | None:
    """The path from `root`; None if it is not below it."""
    if path == root:
        return "."
    folder = root if root.endswith("/") else f"{root}/"
    return path[len(folder) :] if path.startswith(folder) else None


@cache
def _compiled(globs: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str] | None]:
    """The globs that are mere names, and one regex for the others."""
    spellings = [spelling for glob in globs for spelling in _spellings(glob)]
    names = frozenset(
        each for each in spellings if each not in ("", ".") and _SPECIAL.isdisjoint(each)
    )
    others = [each for each in spellings if each not in names]
    if not others:
        return names, None
    from fnmatch import translate

    return names, re.compile("|".join(map(translate, others)))


def _spellings(glob: str) -> Iterator[str]:
    """The glob in the syntax of fnmatch; `**/` may also match no folder."""
    plain = glob.removeprefix("./").rstrip("/")
    yield plain
    if "**/" in plain:
        yield plain.replace("**/", "")
