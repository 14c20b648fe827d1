"""A file that another program saves while it is checked keeps what that program wrote."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import FIXED, LONGEST, SOURCE, write

# The other program saves just before the last step of writing a file: later is too late.
SAVING = """
import os, sys
from pathlib import Path
from einlint.cli.main import main

def saving(handle, real=os.fsync):
    real(handle)
    for name in ("a.py", "n.ipynb"):
        Path(name).write_text("saved meanwhile\\n")

os.fsync = saving
sys.argv[1:] = {arguments}
main()
"""
CELL = {"cell_type": "code", "source": [SOURCE], "metadata": {}, "outputs": []}
NOTEBOOK = json.dumps({"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SAVING.format(arguments=[*arguments])]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("options", [("--fix",), ("--add-ignore", "why")])
def test_it_is_left_alone_and_named_and_the_others_are_written(
    tmp_path: Path, options: tuple[str, ...], jobs: str
) -> None:
    write(tmp_path, {"a.py": SOURCE, "n.ipynb": NOTEBOOK, "z.py": SOURCE})
    # Each is the first that is written, so nobody has saved it before.
    done = run(tmp_path, *options, "-j", jobs, "a.py", "z.py")
    assert done.returncode == 2
    assert done.stderr.startswith("einlint: a.py: another program changed it during the run")
    assert (tmp_path / "a.py").read_text() == "saved meanwhile\n"
    assert (tmp_path / "z.py").read_text() != SOURCE
    assert "a.py" not in done.stdout, "what was found in a text that is gone"
    (tmp_path / "n.ipynb").write_text(NOTEBOOK)
    done = run(tmp_path, *options, "-j", jobs, "n.ipynb", "z.py")
    assert (done.returncode, "einlint: n.ipynb: " in done.stderr) == (2, True)
    assert (tmp_path / "n.ipynb").read_text() == "saved meanwhile\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.py", "n.ipynb", "z.py"]


def test_a_file_that_is_written_twice_is_not_taken_for_another_programs(tmp_path: Path) -> None:
    """Through two links to it."""
    write(tmp_path, {"b.py": SOURCE})
    (tmp_path / "c.py").symlink_to("b.py")
    done = run(tmp_path, "--fix", "b.py", "c.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "b.py").read_text() == FIXED
