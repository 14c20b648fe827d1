"""Run the command line on a copy of some files, and check the result."""

import ast
import shutil
import subprocess
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_COMMAND = (sys.executable, "-m", "einlint", "check", "--isolated", "--select", "ALL")


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of the runs: reported failures, and files that are not as they should be.

    unreadable: files that Python parsed before, and does not after a fix.
    unsettled: files that the same fix changes a second time.
    """

    failures: tuple[str, ...]
    unreadable: tuple[str, ...]
    unsettled: tuple[str, ...]


def applied(files: Sequence[Path], root: Path, into: Path) -> Applied:
    """Copy the files below `root` and fix them twice, by --fix and then by --unsafe-fixes too."""
    copies = [_copied(path, root, into) for path in files]
    readable = [path for path in copies if _is_readable(path)]
    failures: list[str] = []
    unreadable: list[Path] = []
    unsettled: list[Path] = []
    for options in (("--fix",), ("--fix", "--unsafe-fixes")):
        failures += _run(options, copies)
        unreadable += [path for path in readable if not _is_readable(path)]
        before = [path.read_bytes() for path in copies]
        failures += _run(options, copies)
        pairs = zip(copies, before, strict=True)
        unsettled += [path for path, data in pairs if path.read_bytes() != data]
    return Applied(tuple(failures), _names(unreadable, into), _names(unsettled, into))


def _copied(path: Path, root: Path, into: Path) -> Path:
    target = into / path.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return target


def _run(options: Sequence[str], files: Sequence[Path]) -> list[str]:
    """The failures that one process reports; exit codes 0 and 1 are not failures."""
    if not files:
        return []
    done = subprocess.run([*_COMMAND, *options, *map(str, files)], capture_output=True, text=True)
    if done.returncode in (0, 1) and "Traceback" not in done.stderr:
        return []
    return [done.stderr.strip() or f"exit code {done.returncode}"]


def _is_readable(path: Path) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return False
    return True


def _names(paths: Sequence[Path], root: Path) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path.relative_to(root).as_posix() for path in paths))
