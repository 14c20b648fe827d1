"""`-o` names a report: a source under that name is not overwritten."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import LONGEST, SOURCE, called, einlint, write

COMMANDS = (("check",), ("baseline",), ("verify", "--dry-run"), ("trace",))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["a.py", "new.py", "a.pyi", "n.ipynb", "x/A.PY"])
def test_a_report_over_a_source_is_refused(
    tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    write(tmp_path, {"a.py": SOURCE, "a.pyi": SOURCE, "n.ipynb": "{}"})
    done = called(*command, "-o", name, "a.py", cwd=tmp_path)
    assert done.returncode == 2
    assert f"-o {name}: a file with".encode() in done.stderr
    assert (tmp_path / "a.py").read_text() == SOURCE
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.py", "a.pyi", "n.ipynb"]


@pytest.mark.parametrize("command", COMMANDS)
def test_so_is_one_over_a_named_file_with_another_suffix(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Also under another name, and where it would be fixed first."""
    write(tmp_path, {"script": SOURCE})
    (tmp_path / "link.json").symlink_to("script")
    os.link(tmp_path / "script", tmp_path / "hard.json")
    for name in ("script", "link.json", "hard.json"):
        done = called(*command, "-o", name, "script", cwd=tmp_path)
        assert done.returncode == 2
        said = b"not a baseline" if command == ("baseline",) else b"it is one of the sources"
        assert said in done.stderr
        assert (tmp_path / "script").read_text() == SOURCE


def test_a_report_may_go_to_a_device_or_a_pipe(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    done = einlint("--output-format", "json", "-o", "/dev/stdout", "a.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.startswith(b"[")
    os.mkfifo(tmp_path / "pipe")
    command = [sys.executable, "-m", "einlint", "-o", "pipe", "a.py"]
    process = subprocess.Popen(command, cwd=tmp_path)
    assert "EIN105" in (tmp_path / "pipe").read_text()
    assert process.wait(LONGEST) == 1
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_to_a_report_that_is_not_there_yet_stays(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    (tmp_path / "link.json").symlink_to("new.json")
    for _ in range(2):
        done = called("--output-format", "json", "-o", "link.json", "a.py", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, b"")
        assert (tmp_path / "link.json").is_symlink()
        assert (tmp_path / "new.json").read_text().startswith("[")


def test_a_new_report_has_the_usual_mode_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE, "usual": ""})
    called("-o", "r.txt", "a.py", cwd=tmp_path)
    assert (tmp_path / "r.txt").stat().st_mode == (tmp_path / "usual").stat().st_mode
    (tmp_path / "r.txt").chmod(0o640)
    called("-o", "r.txt", "a.py", cwd=tmp_path)
    assert stat.S_IMODE((tmp_path / "r.txt").stat().st_mode) == 0o640


def test_a_report_beside_the_sources_is_written_and_written_again(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    for _ in range(2):
        done = called("--output-format", "json", "-o", "a.json", "a.py", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, b"")
    assert (tmp_path / "a.json").read_text().startswith("[")
