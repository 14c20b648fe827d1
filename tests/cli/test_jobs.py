"""-j N: several processes, and the same outcome in the same order as one."""

import os
from pathlib import Path

import pytest

from einlint.cli import visit
from tests.cli.run import FIXED, SOURCE, einlint, write


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, {f"m{number:02}.py": SOURCE for number in range(40)})
    write(tmp_path, {"m07.py": "einsum(\n", "s/einlint.toml": "x = 1\n", "s/a.py": SOURCE})
    (tmp_path / "link.py").symlink_to("m11.py")
    os.mkfifo(tmp_path / "pipe.py")
    return tmp_path


@pytest.mark.parametrize(
    "options",
    [
        ("--output-format", "json"),
        ("--statistics",),
        ("--diff",),
        ("--output-format", "full", ".", "pipe.py"),
    ],
)
def test_the_output_does_not_depend_on_the_number_of_processes(
    project: Path, options: tuple[str, ...]
) -> None:
    one = einlint("-j", "1", *options, cwd=project)
    assert one.returncode == 2
    assert (b"EIN105" in one.stdout) != ("--diff" in options)
    for jobs in (("-j", "3"), ()):  # 40 files are enough for several by default
        several = einlint(*jobs, *options, cwd=project)
        assert (several.returncode, several.stdout) == (one.returncode, one.stdout)
        assert several.stderr == one.stderr


@pytest.mark.parametrize(
    ("files", "cores", "expected"), [(31, 8, 1), (32, 8, 2), (32, 1, 1), (1000, 8, 8)]
)
def test_by_default_there_are_as_many_processes_as_pay(
    monkeypatch: pytest.MonkeyPatch, files: int, cores: int, expected: int
) -> None:
    monkeypatch.setattr(visit, "cores", lambda: cores)
    assert visit._paying(files) == expected


def test_fixes_are_written_by_every_process_once(project: Path) -> None:
    (project / "m03.py").chmod(0o444)
    done = einlint("--fix", "--jobs", "3", cwd=project)
    assert done.returncode == 2
    assert b"m03.py: it is read-only" in done.stderr
    assert b"unknown key `x`" in done.stderr
    assert b"Fixed 38 findings, 2 left." in done.stdout
    assert (project / "m03.py").read_text() == SOURCE
    assert (project / "m11.py").read_text() == FIXED
    assert sum(path.read_text() == FIXED for path in project.glob("m*.py")) == 38
