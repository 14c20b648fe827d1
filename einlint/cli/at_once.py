"""A check of paths that finds nothing, where nothing but defaults applies: it ends at once.

What is unusual in any way is left to the program, which is loaded then and begins anew. This loads
nothing that Python has not loaded by then: `typing` alone takes as long as such a run.
"""

import os
import stat
import sys

from einlint.linting.glance import glanced_at, holds_default_words
from einlint.output.clean import all_passed
from einlint.project.default_excludes import NAMES as EXCLUDED
from einlint.project.special_names import GIT, OWN_SETTINGS, PYPROJECT
from einlint.project.suffixes import SOURCES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ISOLATED, _FIX, _FORCE_EXCLUDE = _FLAGS = ("--isolated", "--fix", "--force-exclude")
_ENDINGS = tuple(SOURCES)
_LEFT_OUT = EXCLUDED | SOURCES  # a file that is named like a suffix has none
_TEMPORARY = ".tmp"  # a run that was killed may have left it, and the program removes it


class _UnusualError(Exception):
    """The program has to decide."""


def end_if_nothing_is_found(words: list[str]) -> set[str]:
    """End the process as the program would, if that has nothing to report.

    words: the command line.

    Returns: the names of files that need no second search: they hold no words of the default rules.
    """
    searched: set[str] = set()
    try:
        for file in _files(*_asked(words)):
            data = glanced_at(file)
            if data is None or holds_default_words(data):
                return searched
            searched.add(file)
    except KeyboardInterrupt:
        sys.stderr.write("\nAborted!\n")  # as click says it
        sys.exit(1)
    except Exception:  # noqa: BLE001 -- the program meets it again, and says it
        return searched
    try:
        sys.stdout.write(all_passed("auto", is_terminal=sys.stdout.isatty()))
        sys.stdout.flush()
    except OSError as error:
        from einlint.cli.main import end_with

        end_with(error)
    sys.exit(0)


def _asked(words: list[str]) -> tuple[set[str], list[str]]:
    """The flags and the paths of a command line that has nothing else."""
    if "_EINLINT_COMPLETE" in os.environ or None in (sys.stdout, sys.stderr):
        raise _UnusualError
    if words[:1] == ["check"]:
        words = words[1:]
    elif words and f"{words[0]}.py" in os.listdir(f"{os.path.dirname(__file__)}/commands"):
        raise _UnusualError
    paths = [word for word in words if word not in _FLAGS]
    if any(path.startswith("-") for path in paths):
        raise _UnusualError
    return {*words} & {*_FLAGS}, paths or ["."]


def _files(flags: set[str], paths: list[str]) -> "Iterator[str]":
    """The files to check."""
    reads_settings = _ISOLATED not in flags
    plain: set[str] = set()
    swept: set[str] = set()
    here = os.getcwd()  # the program ends where that is gone
    if reads_settings:
        _require_no_settings(here, plain)
    for path in paths:
        place = os.path.abspath(path)
        mode = os.stat(path).st_mode
        folder = place if stat.S_ISDIR(mode) else os.path.dirname(place)
        if reads_settings:
            _require_no_settings(folder, plain)
        if _FORCE_EXCLUDE in flags and not EXCLUDED.isdisjoint(place.split("/")):
            raise _UnusualError
        if stat.S_ISREG(mode):
            if _FIX in flags:
                _require_no_leftovers(os.path.dirname(os.path.realpath(path)), swept)
            yield path
        elif stat.S_ISDIR(mode) and _FIX not in flags:
            _require_no_git(folder)
            yield from _files_below(path, reads_settings=reads_settings)
        else:
            raise _UnusualError


def _require_no_settings(folder: str, known: set[str]) -> None:
    """Require that neither the folder nor one above it has settings.

    known: the folders of which that is known.
    """
    while folder not in known:
        known.add(folder)
        for name in (OWN_SETTINGS, PYPROJECT):
            path = os.path.join(folder, name)
            if os.path.lexists(path):
                _require_no_table(path)
        folder = os.path.dirname(folder)


def _require_no_table(path: str) -> None:
    """Require that a file is a pyproject.toml without a table of settings."""
    if not path.endswith(PYPROJECT):
        raise _UnusualError
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if "einlint" in text:
        raise _UnusualError
    import tomllib

    tool = tomllib.loads(text).get("tool")
    if isinstance(tool, dict) and "einlint" in tool:  # a name may be spelled with escapes
        raise _UnusualError


def _require_no_git(folder: str) -> None:
    """Require that git says nothing of what lies in a folder."""
    above = ""
    while folder != above:
        if any(os.path.lexists(os.path.join(folder, name)) for name in GIT):
            raise _UnusualError
        folder, above = os.path.dirname(folder), folder


def _require_no_leftovers(folder: str, known: set[str]) -> None:
    """Require that a folder has no temporary files, which --fix removes.

    known: the folders of which that is known.
    """
    if folder not in known:
        known.add(folder)
        if any(name.endswith(_TEMPORARY) for name in os.listdir(folder)):
            raise _UnusualError


def _files_below(path: str, *, reads_settings: bool) -> "Iterator[str]":
    """The files to check in a folder, each after all settings that may apply to it."""
    left = [path]
    while left:
        folder = left.pop()
        before = "" if folder == "." else os.path.join(folder, "")
        files = []
        with os.scandir(folder) as found:
            for entry in found:
                name = entry.name
                if name.endswith(_ENDINGS) and entry.is_file():
                    if name not in _LEFT_OUT:
                        files.append(before + name)
                elif name in GIT or name.endswith(_TEMPORARY):
                    raise _UnusualError
                elif entry.is_dir(follow_symlinks=False):
                    if name not in EXCLUDED:
                        left.append(before + name)
                elif reads_settings and name in (OWN_SETTINGS, PYPROJECT):
                    _require_no_table(before + name)
        yield from files
