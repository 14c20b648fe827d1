"""GitIgnore: what git ignores below a folder; the only place that imports pathspec."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pathspec import GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class GitIgnore:
    """The ignore files that reach into a folder, each with the folder it speaks of.

    The innermost goes first. Who asks walks from above and does not enter what is ignored, as
    git does: what lies in an ignored folder cannot come back.
    """

    files: tuple[tuple[Path, GitIgnoreSpec], ...] = ()

    def ignores(self, path: Path, *, is_folder: bool) -> bool:
        """Whether git ignores an absolute path whose parents it does not ignore."""
        for folder, spec in self.files:
            name = path.relative_to(folder).as_posix()
            verdict = spec.check_file(f"{name}/" if is_folder else name).include
            if verdict is not None:
                return verdict
        return False

    def inside(self, folder: Path) -> "GitIgnore":
        """With the files of `folder` as well; a repository begins anew.

        Raises:
            OSError: an ignore file cannot be read.
        """
        own = _read(folder, folder / ".gitignore")
        if (folder / ".git").exists():
            return GitIgnore((*own, *_read(folder, folder / ".git" / "info" / "exclude")))
        return GitIgnore((*own, *self.files))


def around(folder: Path, current: Path) -> GitIgnore:
    """The files above `folder`, up to the repository's root; where there is none, to `current`.

    A folder that is ignored itself was asked for all the same: then they do not count.

    Raises:
        OSError: an ignore file cannot be read.
    """
    ignored = GitIgnore()
    for outer, inner in pairwise(_way(folder, current)):
        ignored = ignored.inside(outer)
        if ignored.ignores(inner, is_folder=True):
            return GitIgnore()
    return ignored


def _way(folder: Path, current: Path) -> list[Path]:
    """The folders from the outermost that has a say down to `folder`."""
    upwards = (folder, *folder.parents)
    tops = (each for each in upwards if (each / ".git").exists())
    top = next(tops, current if current in upwards else folder)
    return [each for each in reversed(upwards) if each.is_relative_to(top)]


def _read(folder: Path, path: Path) -> Iterator[tuple[Path, GitIgnoreSpec]]:
    if path.is_file():
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
        yield folder, _spec([line.removesuffix("\r") for line in text.split("\n")])


def _spec(lines: list[str]) -> GitIgnoreSpec:
    """The patterns of the lines; git passes over a line that is none."""
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
