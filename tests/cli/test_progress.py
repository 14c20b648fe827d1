"""How far a check is: told on a terminal, after two seconds, and nowhere else."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from einlint.cli import progress
from tests.cli.run import LONGEST, SOURCE, einlint, write

START = "import sys; from einlint.cli import main, progress; progress._SILENT = {}; main.main()"


def seen_on_a_terminal(folder: Path, silent: float, *arguments: str) -> str:
    """What a terminal gets on standard error, with another number of silent seconds."""
    ours, theirs = pty.openpty()
    command = (sys.executable, "-c", START.format(silent), *arguments)
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    nothing = subprocess.DEVNULL
    subprocess.run(
        command, cwd=folder, stdout=nothing, stderr=theirs, env=environment, timeout=LONGEST
    )
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 1 << 16):
            text += part
    except OSError:  # Linux: all has been read
        pass
    os.close(ours)
    return text.decode()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_long_check_is_told_on_a_terminal_and_the_line_goes_away(
    tmp_path: Path, jobs: str
) -> None:
    write(tmp_path, {f"a{number}.py": SOURCE for number in range(3)})
    seen = seen_on_a_terminal(tmp_path, 0.0, "-j", jobs, ".")
    assert seen.startswith("\r\x1b[Kchecked 1 of 3 files")
    assert seen.endswith("\r\x1b[K")


def test_a_short_check_tells_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    assert seen_on_a_terminal(tmp_path, LONGEST, ".") == ""


def test_nothing_is_told_where_nobody_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.py": SOURCE})
    assert einlint(".", cwd=tmp_path).stderr == b""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("CI", "1")
    assert not progress.is_watched()
