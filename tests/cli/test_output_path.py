"""`-o` names a report: a source under that name is not overwritten."""

import os
from pathlib import Path

import pytest

from tests.cli.run import SOURCE, called, write

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


def test_a_report_beside_the_sources_is_written_and_written_again(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    for _ in range(2):
        done = called("--output-format", "json", "-o", "a.json", "a.py", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, b"")
    assert (tmp_path / "a.json").read_text().startswith("[")
