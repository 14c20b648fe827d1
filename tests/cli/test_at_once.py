"""A run that finds nothing says the same whether the program is loaded for it or not."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from einlint.cli import at_once
from einlint.cli.main import main
from einlint.linting import front
from einlint.linting.glance import glanced_at
from tests.cli import run
from tests.cli.run import SOURCE, called, write

LEFTOVER = ".einlint-0123456789abcdef.tmp"
MINE = "from mine import f\n\nx = f('i,i->', a, b)\n"
TABLE = "[tool.einlint]\nfunctions = ['mine.f']\n"
NO_TABLE = "[tool.other]\nx = 1\n"
FILES = {
    "a.py": "import torch\n",
    "notes.txt": "",
    "sub/b.pyi": "x = 1\n",
    "sub/c.ipynb": "{}",
    "sub/.py": SOURCE,
    "sub/other.txt": SOURCE,
    "sub/build/a.py": SOURCE,
    "hit/a.py": SOURCE,
    "softmax/a.py": "x = softmax(a @ b)\n",
    "empty/x": "",
    "dots/.py/a.py": SOURCE,
    "dots.py/a.py/b.py": SOURCE,
    "rule/a.py": "",
    "old/a.py": "",
    f"old/{LEFTOVER}": "",
    "plain/pyproject.toml": NO_TABLE,
    "plain/a.py": MINE,
    "plain/table/pyproject.toml": TABLE,
    "plain/table/a.py": MINE,
    "escaped/pyproject.toml": TABLE.replace("einlint", '"e\\u0069nlint"'),
    "escaped/a.py": MINE,
    "broken/pyproject.toml": "[",
    "broken/a.py": "",
    "own/einlint.toml": "functions = ['mine.f']",
    "own/a.py": MINE,
    "git/.gitignore": "a.py",
    "git/a.py": SOURCE,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    (tmp_path / "sub/link").symlink_to("../hit")
    (tmp_path / "sub/link.py").symlink_to("../a.py")
    (tmp_path / "sub/nowhere.py").symlink_to("none.py")
    os.mkfifo(tmp_path / "sub/pipe.py")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "is_at_once"),
    [
        (("a.py",), True),
        (("sub",), True),
        (("check", "sub", "a.py", "notes.txt"), True),
        (("./sub/", "sub/../a.py", "sub/link.py"), True),
        (("empty",), True),
        (("plain/a.py",), True),
        (("check", "rule"), True),
        (("check", "--force-exclude", "--fix", "a.py"), True),
        (("sub/b.pyi", "--isolated"), True),
        (("--isolated", "own", "broken", "plain"), True),
        (("hit",), False),
        (("sub", "hit/a.py"), False),
        (("sub/link",), False),
        (("sub/pipe.py",), False),
        (("softmax",), False),
        (("dots",), False),
        (("dots.py",), False),
        (("rule",), False),
        (("rule", "EIN105"), False),
        (("plain",), False),
        (("plain/table/a.py",), False),
        (("escaped",), False),
        (("broken",), False),
        (("broken/a.py",), False),
        (("own",), False),
        (("own/a.py",), False),
        (("git",), False),
        (("git/a.py",), False),
        (("old",), False),
        (("--fix", "old/a.py"), False),
        (("old/a.py",), True),
        (("--fix", "sub"), False),
        (("sub/build/a.py", "--force-exclude"), False),
        (("none.py",), False),
        (("",), False),
        ((), False),
        (("-",), False),
        (("-q", "a.py"), False),
        (("--", "a.py"), False),
        (("--fxi", "a.py"), False),
        (("--output-format", "json", "a.py"), False),
        (("check", "--help"), False),
    ],
    ids=str,
)
@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}])
def test_it_says_what_the_program_says(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    is_at_once: bool,
    environment: dict[str, str],
) -> None:
    outcomes = []
    for is_tried in (True, False):
        (folder / "old" / LEFTOVER).touch()
        monkeypatch.setattr(run, "main", main)
        begun = tried(monkeypatch) if is_tried else []
        done = called(*arguments, cwd=folder, environment=environment)
        left = sorted(folder.rglob("*"))
        outcomes.append((done.returncode, done.stdout, done.stderr, left))
        if is_tried:
            assert (begun == []) == is_at_once
    assert outcomes[0] == outcomes[1]


def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have commands called as a process begins them; gets an item when the program is asked."""
    begun: list[str] = []

    def both() -> None:
        searched = at_once.end_if_nothing_is_found(sys.argv[1:])
        begun.append("program")
        main(searched)

    monkeypatch.setattr(run, "main", both)
    return begun


@pytest.mark.parametrize("settings", ["pyproject.toml", "einlint.toml"])
def test_wrong_settings_of_the_current_folder_are_told_whatever_is_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, settings: str
) -> None:
    (folder / "sub" / settings).write_text("[tool.einlint]\nx = 1\n")
    begun = tried(monkeypatch)
    assert called("../a.py", cwd=folder / "sub").returncode == 2
    assert begun


def test_a_current_folder_that_is_gone_is_told_whatever_is_checked(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert at_once.end_if_nothing_is_found(["--isolated", str(folder / "a.py")]) == set()


def test_without_paths_the_current_folder_is_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tried(monkeypatch)
    assert called(cwd=folder / "rule").stdout == b"All checks passed!\n"
    assert not begun
    assert called(cwd=folder / "hit").returncode == 1
    assert begun


def test_completion_is_asked_of_the_program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = tried(monkeypatch)
    called("a.py", cwd=folder, environment={"_EINLINT_COMPLETE": "bash_source"})
    assert begun


def test_ctrl_c_ends_both_alike(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(_: str) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(front, "glanced_at", pressed)
    expected = called("a.py", cwd=folder)
    assert b"Aborted!" in expected.stderr
    monkeypatch.setattr(at_once, "glanced_at", pressed)
    begun = tried(monkeypatch)
    done = called("a.py", cwd=folder)
    assert (done.returncode, done.stderr) == (expected.returncode, expected.stderr)
    assert not begun


def test_no_file_is_searched_twice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def noted(name: str) -> bytes | None:
        seen.append(name)
        return glanced_at(name)

    monkeypatch.setattr(front, "glanced_at", noted)
    tried(monkeypatch)
    done = called("a.py", "sub", "hit", cwd=folder)
    assert b"EIN105" in done.stdout
    assert seen == ["hit/a.py"]


@pytest.mark.parametrize("start", ["-m einlint", "-c 'from einlint.cli.main import main; main()'"])
def test_a_terminal_and_a_full_disk(folder: Path, start: str) -> None:
    script = f"exec {sys.executable} {start} a.py"
    ours, theirs = pty.openpty()
    # The terminal of a CI system may set them.
    environment = {each: os.environ[each] for each in os.environ if "COLOR" not in each}
    subprocess.run(["sh", "-c", script], cwd=folder, stdout=theirs, env=environment, check=True)
    os.close(theirs)
    with suppress(OSError):  # the end of what Linux gives of a terminal
        assert os.read(ours, 100) == b"\x1b[1mAll checks passed!\x1b[0m\r\n"
    os.close(ours)
    full = ["sh", "-c", f"{script} > /dev/full"]
    done = subprocess.run(full, cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (
        2,
        "einlint: standard output: No space left on device\n",
    )


def test_nothing_is_loaded_but_what_decides(folder: Path) -> None:
    """`typing`, `re` or `click` take as long as all of the run, or longer."""
    script = """
import atexit, sys
before = {*sys.modules}
atexit.register(lambda: print(*({*sys.modules} - before)))
from einlint.__main__ import main
main()
"""
    command = [sys.executable, "-c", script, "check", "--force-exclude", "a.py", "sub/b.pyi"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    said, loaded = done.stdout.splitlines()
    assert said == "All checks passed!"
    assert {name.partition(".")[0] for name in loaded.split()} <= {"einlint", "gc", "stat"}
