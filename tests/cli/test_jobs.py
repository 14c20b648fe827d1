"""-j N: several processes, and the same outcome in the same order as one."""

import os
from pathlib import Path

import pytest

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
    one, several = (einlint("-j", jobs, *options, cwd=project) for jobs in ("1", "3"))
    assert one.returncode == 2
    assert (b"EIN105" in one.stdout) != ("--diff" in options)
    assert (several.returncode, several.stdout) == (one.returncode, one.stdout)
    assert several.stderr == one.stderr


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
