"""A copy of the project to which a test adds files, as a newcomer would."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.cli.run import LONGEST
from tests.conftest import ROOT


def copy_of_the_project(folder: Path) -> Path:
    """The package, its tests and fixtures in an empty folder."""
    for name in ("einlint", "tests", "fixtures"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run(copy: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m module` in the copy; its einlint comes before the installed one."""
    command = [sys.executable, "-m", module, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, timeout=LONGEST
    )
