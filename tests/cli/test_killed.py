"""--fix that is killed: every file is the old one or the new one, and a later run goes on."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.run import FIXED, LONGEST, SOURCE, called, findings, write

COUNT = 40
COMMAND = [sys.executable, "-m", "einlint", "--fix"]


def filled(folder: Path) -> Path:
    write(folder, {f"package/m{number}.py": SOURCE for number in range(COUNT)})
    return folder


def texts(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("package/m*.py"))]


def test_killed_at_any_moment(tmp_path: Path) -> None:
    start = time.monotonic()
    subprocess.run(COMMAND, cwd=filled(tmp_path / "whole"), timeout=LONGEST, capture_output=True)
    whole = time.monotonic() - start
    for part in range(12):
        folder = filled(tmp_path / f"{part}")
        process = subprocess.Popen(COMMAND, cwd=folder, stdout=subprocess.DEVNULL)
        time.sleep(whole * (0.3 + 0.06 * part))
        process.kill()
        process.wait()
        found = texts(folder)
        assert len(found) == COUNT
        assert set(found) <= {SOURCE, FIXED}
        assert called("--fix", cwd=folder).returncode == 0
        assert texts(folder) == [FIXED] * COUNT


KILLED = """
import os, signal, sys
from einlint.cli.main import main

def killed(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

os.{place} = killed
sys.argv[1:] = ["--fix"]
main()
"""


@pytest.mark.parametrize("place", ["fdopen", "fsync", "chown", "replace"])
def test_what_is_left_behind_is_not_taken_for_a_source(tmp_path: Path, place: str) -> None:
    """Killed between the first byte that is written and the last step, the renaming."""
    write(tmp_path, {"a.py": SOURCE})
    script = KILLED.format(place=place)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, timeout=LONGEST
    )
    assert done.returncode == -9
    assert (tmp_path / "a.py").read_text() == SOURCE
    (left,) = (each for each in tmp_path.iterdir() if each.name != "a.py")
    before = left.read_bytes()
    assert [each["filename"] for each in findings(cwd=tmp_path)] == ["a.py"]
    assert called("--fix", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.py").read_text() == FIXED
    assert left.read_bytes() == before
