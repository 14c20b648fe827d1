"""Settings, ignore files, folders, streams that cannot be used: a line, and the rest is done."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.run import FIXED, LONGEST, SOURCE, called, einlint, findings, write

DEEP_TABLE = f"select = {'[' * 5000}{']' * 5000}\n"
COMMAND = f"{sys.executable} -m einlint"

# A file, what is in it, and what is said behind its path.
UNUSABLE = {
    "a user that is nobody": ("einlint.toml", b'extend = "~nouser/x.toml"\n', ": `extend` names"),
    "no character of a path": ("einlint.toml", b'extend = "a\\u0000b"\n', ": `extend` names"),
    "nested": ("einlint.toml", DEEP_TABLE.encode(), ": it is nested too deeply"),
    "no TOML": ("pyproject.toml", b"[tool\n", ": Expected"),
    "no text": ("pyproject.toml", b"\xff", ": 'utf-8' codec can't decode"),
    "a number that is none": ("einlint.toml", b"a = " + b"9" * 5000, ": Exceeds the limit"),
    "no range": (".gitignore", b"x\n\n[z-a]\n", ":3: bad character range z-a"),
    "no range of folders": (".gitignore", b"[z-a]/\n", ":1: bad character range z-a"),
}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((each, ("--fix",)) for each in UNUSABLE),
        *((each, ("--fix", "-j", "2")) for each in ("no TOML", "no range of folders")),
    ],
)
def test_a_folder_that_cannot_be_used_is_named_and_the_others_are_fixed(
    tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    file, content, said = UNUSABLE[name]
    write(tmp_path, dict.fromkeys(("a/a.py", "b/c/c.py", "d/d.py"), SOURCE))
    (tmp_path / "b" / file).write_bytes(content)
    run = einlint if "-j" in options else called
    for paths in ((), ("b", "a", "d", "b/c")):
        done = run(*options, *paths, cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr.decode().startswith(f"einlint: {tmp_path / 'b' / file}{said}")
        assert done.stderr.count(b"\n") == 1
        assert (tmp_path / "b/c/c.py").read_text() == SOURCE
        for each in (tmp_path / "a/a.py", tmp_path / "d/d.py"):
            assert each.read_text() == FIXED
            each.write_text(SOURCE)


def test_a_line_that_git_takes_for_no_pattern_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "!\na.py\nb\\\n", "a.py": SOURCE, "b.py": SOURCE})
    assert [each["filename"] for each in findings(cwd=tmp_path)] == ["b.py"]


def test_what_python_thinks_of_a_pattern_is_not_told(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "[[:digit:]].py\n", "a.py": SOURCE})
    done = einlint(cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"")


BUG = """
import sys
from einlint.cli.main import main
from einlint.project.gitignore import GitIgnore

def broken(ignored, folder, real=GitIgnore.inside):
    return {}["broken"] if folder.endswith("/b") else real(ignored, folder)

GitIgnore.inside = broken
sys.argv[1:] = ["--fix"]
main()
"""


def test_a_bug_of_ours_in_one_folder_is_told_whole_and_the_others_are_fixed(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("a/a.py", "b/b.py", "c/c.py"), SOURCE))
    write(tmp_path, dict.fromkeys(("a/.gitignore", "b/.gitignore"), ""))
    done = subprocess.run(
        [sys.executable, "-c", BUG], cwd=tmp_path, capture_output=True, timeout=LONGEST
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"einlint: internal error in b:\nTraceback ")
    assert b"KeyError: 'broken'" in done.stderr
    assert [(tmp_path / each).read_text() for each in ("a/a.py", "b/b.py", "c/c.py")] == [
        FIXED,
        SOURCE,
        FIXED,
    ]


def test_a_link_to_itself_is_named_by_several_processes_too(tmp_path: Path) -> None:
    write(tmp_path, {"b.py": SOURCE})
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "loop").symlink_to("loop")
    one, two = (einlint("-j", jobs, "loop.py", "loop", "b.py", cwd=tmp_path) for jobs in "12")
    assert two.stderr.decode().splitlines() == [
        "einlint: loop.py: Too many levels of symbolic links",
        "einlint: loop: Too many levels of symbolic links",
    ]
    assert (one.returncode, one.stdout, one.stderr) == (2, two.stdout, two.stderr)
    assert b"EIN105" in two.stdout


def test_names_that_are_no_text_are_names(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\xff.py")).write_text(SOURCE)
    folder = tmp_path / os.fsdecode(b"b\xff")
    write(folder, {"einlint.toml": "x = 1\n", "b.py": SOURCE})
    for options in ((), ("--output-format", "json"), ("--diff",), ("--show-files",), ("-v",)):
        done = einlint(*options, cwd=tmp_path)
        assert done.returncode == 2
        assert b"b\\udcff/einlint.toml: unknown key `x`\n" in done.stderr
        assert b"Traceback" not in done.stderr
        raw = rb"a\377.py" if options == ("--diff",) else b"a\\udcff.py"
        assert raw in done.stdout + done.stderr
    assert einlint("--fix", "-j", "2", cwd=tmp_path).returncode == 2
    assert (tmp_path / os.fsdecode(b"a\xff.py")).read_text() == FIXED


@pytest.mark.parametrize(
    ("streams", "out", "err"),
    [
        (">&-", "", "einlint: standard output is closed\n"),
        ("2>&-", "einlint: standard error is closed\n", ""),
        (">&- 2>&-", "", ""),
        ("> /dev/full", "", "einlint: standard output: No space left on device\n"),
        ("b.py 2> /dev/full", None, ""),
        ("--output-format json > /dev/full", "", "einlint: standard output: No space left on"),
        ("--diff > /dev/full", "", "einlint: standard output: No space left on device\n"),
        ("--version > /dev/full", "", "einlint: standard output: No space left on device\n"),
        ("- <&-", "", "einlint: standard input: it is closed\n"),
        ("lsp <&-", "", "einlint: standard input is closed\n"),
        ("--show-settings >&-", "", "einlint: standard output is closed\n"),
        ("baseline >&-", "", "einlint: standard output is closed\n"),
    ],
)
def test_a_stream_that_is_closed_or_full_is_one_line_where_it_can_be_said(
    tmp_path: Path, streams: str, out: str | None, err: str
) -> None:
    write(tmp_path, {"a/a.py": SOURCE, "b.py": "einsum(\0"})
    (tmp_path / "loop.py").symlink_to("loop.py")
    streams = streams.replace("b.py", "loop.py a")
    done = subprocess.run(
        ["sh", "-c", f"exec {COMMAND} {streams}"],
        cwd=tmp_path,
        capture_output=True,
        timeout=LONGEST,
    )
    assert done.returncode == 2
    assert done.stderr.decode().startswith(err)
    assert done.stderr.count(b"\n") == (1 if err else 0)
    assert out is None or done.stdout.decode() == out


def test_standard_input_need_not_be_open_where_it_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    command = ["sh", "-c", f"exec {COMMAND} --fix -j 2 <&-"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=LONGEST)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "a.py").read_text() == FIXED


@pytest.mark.parametrize("arguments", [".", "--fix", "-", "baseline", "--isolated", "-j 2"])
def test_a_current_folder_that_is_deleted_is_one_line(tmp_path: Path, arguments: str) -> None:
    (tmp_path / "gone").mkdir()
    done = subprocess.run(
        ["sh", "-c", f"cd gone && rmdir ../gone && exec {COMMAND} {arguments}"],
        cwd=tmp_path,
        capture_output=True,
        timeout=LONGEST,
    )
    assert done.returncode == 2
    assert done.stderr == b"einlint: the current folder: No such file or directory\n"


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """A folder that is deleted by a program: Python's own functions nest as deep as the folders."""
    yield tmp_path
    subprocess.run(["rm", "-rf", *map(str, tmp_path.iterdir())], check=True)


def nested(folder: Path, name: str, depth: int) -> None:
    """A file in folders within folders; its path may be longer than the system takes."""
    code = (
        f"import os\nfor _ in range({depth}):\n    os.mkdir({name!r})\n    os.chdir({name!r})\n"
        f"open('m.py', 'w').write({SOURCE!r})"
    )
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, timeout=LONGEST)


def test_folders_that_nest_deeper_than_pythons_calls_are_visited(tree: Path) -> None:
    depth = 1300
    write(tree, {"z.py": SOURCE})
    nested(tree, "d", depth)
    deep = "d/" * depth + "m.py"
    assert [each["filename"] for each in findings(deep, cwd=tree)] == [deep]
    assert [each["filename"] for each in findings(cwd=tree)] == [deep, "z.py"]
    assert einlint("--fix", "-j", "2", cwd=tree).returncode == 0
    assert (tree / deep).read_text() == (tree / "z.py").read_text() == FIXED


def test_folders_whose_path_is_too_long_are_named_and_the_others_are_fixed(tree: Path) -> None:
    write(tree, {"z.py": SOURCE})
    nested(tree, "d" * 200, 30)
    done = einlint("--fix", cwd=tree)
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.endswith(b": File name too long\n")
    assert (tree / "z.py").read_text() == FIXED
