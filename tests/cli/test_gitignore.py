"""What git ignores is not visited; git itself is the judge."""

import random
import subprocess
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from einlint.project.configuration import project_of
from einlint.project.walk import Walk
from tests.cli.run import SOURCE, called, einlint, findings, stopped_by_permissions, write

PIECES = ("a", "b", "a.py", "b.py", "*.py", "*", "**", "?", "[ab]", "a*", "**/a", "b/**")
WILD = (*PIECES, "*a*b", "*.*", "*[ab]*", "[!a]*", "**/*", "*/**/*", "**/*y", "?*", "*.p*")
FOLDERS = ("", "a", "b", "a/a", "a/b", "b/a")


def checked(*arguments: str, cwd: Path) -> list[str]:
    return [each["filename"] for each in findings(*arguments, cwd=cwd)]


def git(*arguments: str, cwd: Path) -> str:
    command = ["git", "-c", "core.excludesFile=/dev/null", *arguments]
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


def repository(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    git("init", "--quiet", ".", cwd=folder)
    write(folder, files)
    return folder


def test_ignored_files_are_passed_over_and_named_ones_are_not(tmp_path: Path) -> None:
    project = repository(
        tmp_path / "p",
        {
            ".gitignore": "out/\n*_pb2.py\n!keep_pb2.py\n",
            "a.py": SOURCE,
            "a_pb2.py": SOURCE,
            "keep_pb2.py": SOURCE,
            "out/b.py": SOURCE,
        },
    )
    assert checked(cwd=project) == ["a.py", "keep_pb2.py"]
    assert checked("a_pb2.py", "out/b.py", cwd=project) == ["a_pb2.py", "out/b.py"]
    assert len(checked("--no-respect-gitignore", cwd=project)) == 4
    write(project, {"einlint.toml": "respect-gitignore = false\n"})
    assert len(checked(cwd=project)) == 4
    assert len(checked("--respect-gitignore", cwd=project)) == 2


def test_what_lies_in_an_ignored_folder_does_not_come_back(tmp_path: Path) -> None:
    files = {".gitignore": "out\n!out/a.py\n", "out/.gitignore": "!*.py\n", "out/a.py": SOURCE}
    assert checked(cwd=repository(tmp_path / "p", files)) == []


def test_what_lies_in_a_folder_is_not_the_folder(tmp_path: Path) -> None:
    files = {".gitignore": "out/**\n!out/a.py\n", "out/a.py": SOURCE, "out/b.py": SOURCE}
    assert checked(cwd=repository(tmp_path / "p", files)) == ["out/a.py"]


def test_the_files_above_count_up_to_the_root_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*.py\n"})
    files = {".gitignore": "/s/t/a.py\n", "s/t/a.py": SOURCE, "s/t/b.py": SOURCE}
    project = repository(tmp_path / "p", files)
    assert checked("s/t", cwd=project) == ["s/t/b.py"]
    assert checked(cwd=project / "s/t") == ["b.py"]
    repository(project / "s", {})
    assert checked(cwd=project) == ["s/t/a.py", "s/t/b.py"]


def test_an_ignored_folder_that_is_named_is_visited(tmp_path: Path) -> None:
    files = {".gitignore": "out/\n", "out/s/a.py": SOURCE, "out/s/.gitignore": "b.py\n"}
    project = repository(tmp_path / "p", {**files, "out/s/b.py": SOURCE})
    assert checked("out", cwd=project) == ["out/s/a.py"]
    assert checked("out/s", cwd=project) == ["out/s/a.py"]


def test_without_a_repository_the_current_folder_is_the_root(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*.py\n", "p/.gitignore": "s/a.py\n"})
    write(tmp_path, {"p/s/a.py": SOURCE, "p/s/b.py": SOURCE})
    for path in (".", "s"):
        assert checked(path, cwd=tmp_path / "p") == ["s/b.py"]


def test_the_excludes_of_a_repository_count_least(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", {"a.py": SOURCE, "b.py": SOURCE})
    write(project, {".git/info/exclude": "*.py\n", ".gitignore": "!b.py\n"})
    assert checked(cwd=project) == ["b.py"]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfa.py\n",
        b"a.py\r\n",
        b"a.py  \n",
        b"x\\\n**\\\na.py\n",
        b"\xff\na.py\n",
    ],
)
def test_odd_ignore_files(tmp_path: Path, data: bytes) -> None:
    project = repository(tmp_path / "p", {"a.py": SOURCE, "b.py": SOURCE})
    (project / ".gitignore").write_bytes(data)
    assert checked(cwd=project) == ["b.py"]


def test_a_space_behind_a_backslash_belongs_to_the_name(tmp_path: Path) -> None:
    files = {".gitignore": "a\\ \nb\\  \nc\\\\ \n"}
    project = repository(tmp_path / "p", files)
    write(project, {f"{name}/{name}.py": SOURCE for name in ("a", "a ", "b ", "c", "c\\")})
    assert checked(cwd=project) == ["a/a.py", "c/c.py"]


def test_an_ignore_file_that_is_a_folder_says_nothing(tmp_path: Path) -> None:
    files = {"a.py": SOURCE, ".gitignore": "b.py\n", "s/b.py": SOURCE}
    project = repository(tmp_path / "p", files)
    (project / "s/.gitignore").mkdir()
    done = called("--output-format", "concise", cwd=project)
    assert (done.returncode, done.stdout.count(b"EIN105")) == (1, 1)


def test_an_ignore_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    project = repository(tmp_path / "p", {"a.py": SOURCE, "s/b.py": SOURCE, "s/.gitignore": ""})
    (project / "s/.gitignore").chmod(0)
    options = ("--output-format", "concise")
    done = einlint(*options, cwd=project, prefix=stopped_by_permissions())
    assert (done.returncode, done.stdout.count(b"EIN105")) == (2, 1)
    assert b"s/.gitignore: Permission denied" in done.stderr


@pytest.mark.parametrize("pieces", [PIECES, WILD])
def test_random_ignore_files_mean_what_git_says(tmp_path: Path, pieces: tuple[str, ...]) -> None:
    """Files named a.py and b.py in six folders, and a few random patterns in some of them."""
    places = [f"{folder}/{name}".strip("/") for folder in FOLDERS for name in ("a.py", "b.py")]
    project = repository(tmp_path / "p", dict.fromkeys(places, ""))
    chance = random.Random(3)
    outcomes = set()
    for _ in range(150):
        for folder in FOLDERS:
            patterns = [_pattern(chance, pieces) for _ in range(chance.choice((0, 0, 1, 3)))]
            (project / folder / ".gitignore").write_text("\n".join(patterns))
        expected = git("ls-files", "--others", "--exclude-standard", "*.py", cwd=project).split()
        walked = Walk(project_of, nullcontext).files(str(project))
        actual = [Path(path).relative_to(project).as_posix() for path, _ in walked]
        texts = {each: (project / each / ".gitignore").read_text() for each in FOLDERS}
        assert sorted(actual) == sorted(expected), texts
        outcomes.add(tuple(actual))
    assert len(outcomes) > 30


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 30 + "b", "a" * 60),
        ("[ab]*" * 30 + "c", "a" * 60),
        ("**/a/" * 12 + "b", "/".join(["a"] * 40)),
        ("**/*a*a/" * 9 + "b", "/".join(["a" * 9] * 25)),
    ],
)
def test_patterns_with_many_stars_do_not_try_every_way_to_fail(
    tmp_path: Path, pattern: str, path: str
) -> None:
    repository(tmp_path / "p", {".gitignore": pattern, f"{path}.py": SOURCE})
    start = time.process_time()
    assert checked(cwd=tmp_path / "p") == [f"{path}.py"]
    assert time.process_time() - start < 10, "it never ended"


def _pattern(chance: random.Random, pieces: tuple[str, ...]) -> str:
    count = chance.choice((1, 1, 2) if pieces is PIECES else (1, 2, 3, 4))
    path = "/".join(chance.choices(pieces, k=count))
    sign, start, end = (chance.choice(("", "", each)) for each in ("!", "/", "/"))
    return f"{sign}{start}{path}{end}"
