"""Paths that cannot be read, written, found or trusted: named, and the other files are done."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import (
    FIXED,
    LONGEST,
    SOURCE,
    called,
    einlint,
    findings,
    stopped_by_permissions,
    write,
)


def test_links_in_circles_end(tmp_path: Path) -> None:
    write(tmp_path, {"a/b.py": SOURCE})
    (tmp_path / "a/again").symlink_to(tmp_path)
    (tmp_path / "a/self.py").symlink_to("self.py")
    assert [each["filename"] for each in findings(cwd=tmp_path)] == ["a/b.py"]


def test_a_link_to_itself_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"b.py": SOURCE})
    (tmp_path / "self.py").symlink_to("self.py")
    done = einlint("--fix", "self.py", "b.py", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(b"einlint: self.py: ")
    assert done.stderr.count(b"\n") == 1
    assert (tmp_path / "b.py").read_text() == FIXED


def test_a_read_only_file_is_named_and_the_others_are_fixed(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE, "b.py": SOURCE})
    (tmp_path / "a.py").chmod(0o444)
    done = called("--fix", cwd=tmp_path)
    assert done.returncode == 2
    assert "a.py: it is read-only" in done.stderr.decode()
    assert (tmp_path / "a.py").read_text() == SOURCE
    assert (tmp_path / "b.py").read_text() == FIXED
    left = called("--fix", "--output-format", "json", cwd=tmp_path)
    assert [each["filename"] for each in json.loads(left.stdout)] == ["a.py"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("owner", [(4711, -1), (-1, 4711)])
def test_another_users_file_is_named_and_left_to_its_owner(
    tmp_path: Path, owner: tuple[int, int]
) -> None:
    """In a folder where anybody may write: it would become one's own."""
    write(tmp_path, {"a.py": SOURCE, "b.py": SOURCE})
    path = tmp_path / "a.py"
    path.chmod(0o666)
    os.chown(path, *owner)
    before = path.stat()
    if shutil.which("setpriv") is None:
        pytest.skip("nothing here takes root the right to give files away")
    done = einlint("--fix", cwd=tmp_path, prefix=("setpriv", "--bounding-set", "-chown"))
    assert done.returncode == 2
    assert done.stderr.startswith(b"einlint: a.py: it belongs to another user or group")
    assert (path.read_text(), path.stat().st_ino) == (SOURCE, before.st_ino)
    assert (tmp_path / "b.py").read_text() == FIXED
    assert einlint("--fix", cwd=tmp_path).returncode == 0
    after = path.stat()
    assert (path.read_text(), after.st_uid, after.st_gid, after.st_mode) == (
        FIXED,
        before.st_uid,
        before.st_gid,
        before.st_mode,
    )


def test_whether_a_file_may_be_written_is_asked_of_the_system(tmp_path: Path) -> None:
    """Its mode bits let somebody write it, and the folder anybody."""
    write(tmp_path, {"a.py": SOURCE, "b.py": SOURCE})
    (tmp_path / "a.py").chmod(0o464)  # the group and not the owner
    prefix = stopped_by_permissions()
    done = einlint("--fix", cwd=tmp_path, prefix=prefix)
    assert (done.returncode, done.stderr) == (2, b"einlint: a.py: you may not write it\n")
    assert (tmp_path / "a.py").read_text() == SOURCE
    assert (tmp_path / "b.py").read_text() == FIXED


@pytest.mark.parametrize("names", [("a.py",), ("a.py", "other/b.py"), ("other/b.py",)])
def test_a_file_with_several_hard_links_is_named_and_keeps_one_text(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    write(tmp_path, {"a.py": SOURCE, "other/c.py": SOURCE})
    os.link(tmp_path / "a.py", tmp_path / "other/b.py")
    done = called("--fix", *names, "other/c.py", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        f"einlint: {name}: it has 2 names (hard links), and only this one would change"
        for name in names
    ]
    assert {(tmp_path / each).read_text() for each in ("a.py", "other/b.py")} == {SOURCE}
    assert (tmp_path / "a.py").samefile(tmp_path / "other/b.py")
    assert (tmp_path / "other/c.py").read_text() == FIXED


def test_a_read_only_folder_is_named_and_the_others_are_fixed(tmp_path: Path) -> None:
    write(tmp_path, {"sub/a.py": SOURCE, "z.py": SOURCE})
    (tmp_path / "sub").chmod(0o555)
    options = ("--fix", "--output-format", "json")
    done = einlint(*options, cwd=tmp_path, prefix=stopped_by_permissions())
    assert done.returncode == 2
    assert done.stderr == b"einlint: sub/a.py: Permission denied\n"
    assert [each["filename"] for each in json.loads(done.stdout)] == ["sub/a.py"]
    assert [each.name for each in (tmp_path / "sub").iterdir()] == ["a.py"]
    assert (tmp_path / "sub/a.py").read_text() == SOURCE
    assert (tmp_path / "z.py").read_text() == FIXED


@pytest.mark.parametrize("closed", ["a.py", "sub"])
@pytest.mark.parametrize("paths", [(), ("a.py", "sub", "z.py")])
def test_what_may_not_be_read_is_named_and_the_others_are_fixed(
    tmp_path: Path, closed: str, paths: tuple[str, ...]
) -> None:
    write(tmp_path, {"a.py": SOURCE, "sub/b.py": SOURCE, "z.py": SOURCE})
    (tmp_path / closed).chmod(0)
    done = einlint("--fix", *paths, cwd=tmp_path, prefix=stopped_by_permissions())
    (tmp_path / closed).chmod(0o755)
    assert done.returncode == 2
    assert done.stderr.decode() == f"einlint: {closed}: Permission denied\n"
    texts = {each: (tmp_path / each).read_text() for each in ("a.py", "sub/b.py", "z.py")}
    assert [each for each, text in texts.items() if text == SOURCE] == [
        "a.py" if closed == "a.py" else "sub/b.py"
    ]


def test_a_file_in_a_closed_folder_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"sub/b.py": SOURCE, "z.py": SOURCE})
    (tmp_path / "sub").chmod(0)
    done = einlint("--fix", "sub/b.py", "z.py", cwd=tmp_path, prefix=stopped_by_permissions())
    (tmp_path / "sub").chmod(0o755)
    assert done.returncode == 2
    assert b"sub/b.py" in done.stderr
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "sub/b.py").read_text() == SOURCE


def test_a_folder_above_that_may_not_be_entered_has_no_settings(tmp_path: Path) -> None:
    write(tmp_path, {"above/here/a.py": SOURCE})
    (tmp_path / "above").chmod(0)
    prefix = (*stopped_by_permissions(), "env", "-C", str(tmp_path))
    code = "import os; os.chmod('above', 0o755); os.chdir('above/here'); os.chmod('..', 0); "
    run = "import sys; sys.argv[1:] = []; from einlint.cli.main import main; main()"
    done = subprocess.run(
        [*prefix, sys.executable, "-c", code + run], capture_output=True, timeout=LONGEST
    )
    (tmp_path / "above").chmod(0o755)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"EIN105" in done.stdout


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    done = einlint("pipe.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, b"einlint: pipe.py: not a regular file\n")
    assert einlint(cwd=tmp_path).returncode == 0


def test_settings_that_are_a_pipe_do_not_hang(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    os.mkfifo(tmp_path / "pyproject.toml")
    os.mkfifo(tmp_path / "einlint.toml")
    assert einlint("--fix", cwd=tmp_path).returncode == 0


def test_a_folder_may_be_named_like_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"x.py/a.py": SOURCE})
    assert [each["filename"] for each in findings("x.py", cwd=tmp_path)] == ["x.py/a.py"]
    assert [each["filename"] for each in findings(cwd=tmp_path)] == ["x.py/a.py"]


def test_a_dangling_link_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to("nowhere")
    assert einlint("a.py", cwd=tmp_path).returncode == 2
    assert einlint(cwd=tmp_path).returncode == 0


def test_machine_formats_stay_valid_beside_a_failure(tmp_path: Path) -> None:
    write(tmp_path, {"b.py": SOURCE})
    os.mkfifo(tmp_path / "pipe.py")
    done = called("--output-format", "json", "pipe.py", "b.py", cwd=tmp_path)
    assert done.returncode == 2
    assert [each["code"] for each in json.loads(done.stdout)] == ["EIN105"]


@pytest.mark.parametrize("paths", [("nowhere.py",), ("a.py", "nowhere/b.py"), ("a.py/b.py",)])
def test_a_missing_path_stops_before_anything_is_written(
    tmp_path: Path, paths: tuple[str, ...]
) -> None:
    write(tmp_path, {"a.py": SOURCE})
    done = called("--fix", *paths, cwd=tmp_path)
    assert done.returncode == 2
    assert f"path does not exist: {paths[-1]}" in done.stderr.decode()
    assert (tmp_path / "a.py").read_text() == SOURCE


VANISHING = """
import os, sys
from pathlib import Path
from einlint.cli import run
from einlint.cli.main import main

def vanishing(real):
    def call(*arguments):
        Path("b.py").unlink(missing_ok=True)
        return real(*arguments)
    return call

{place} = vanishing({place})
sys.argv[1:] = ["--fix", *{paths}]
main()
"""

GONE = b"einlint: b.py: No such file or directory\n"


@pytest.mark.parametrize(
    ("place", "paths", "message"),
    [
        ("run.content_of", ["b.py", "a.py", "c.py"], GONE),  # just before it is read
        ("run.content_of", ["a.py", "b.py", "c.py"], GONE),  # while another one is read
        ("os.fdopen", ["a.py", "b.py", "c.py"], GONE),  # while another one is written
        ("os.fdopen", [], GONE),  # found below a folder, and gone when its turn comes
        ("os.scandir", [], b""),
    ],
)
def test_a_file_that_vanishes_is_named_or_passed_over_and_the_others_are_fixed(
    tmp_path: Path, place: str, paths: list[str], message: bytes
) -> None:
    write(tmp_path, {"a.py": SOURCE, "b.py": SOURCE, "c.py": SOURCE})
    script = VANISHING.format(place=place, paths=paths)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, timeout=LONGEST
    )
    assert (done.returncode, done.stderr) == (2 if message else 0, message)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.py", "c.py"]
    assert {(tmp_path / each).read_text() for each in ("a.py", "c.py")} == {FIXED}
