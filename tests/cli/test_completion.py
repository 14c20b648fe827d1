"""Completion in a shell: the script, and what it is told for a line half typed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import einlint


def completed(line: str, cwd: Path) -> list[str]:
    """The type and the value of what a shell offers for the last word of a line."""
    words = line.split(" ")
    environment = {
        "_EINLINT_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = einlint(cwd=cwd, environment=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize(
    ("line", "offered", "not_offered"),
    [
        ("einlint ", ["plain,check", "plain,explain", "plain,rule", "file,"], []),
        ("einlint ex", ["plain,explain"], ["plain,rule"]),
        ("einlint --f", ["plain,--fix"], ["plain,--diff", "plain,check"]),
        ("einlint --ver", ["plain,--version"], []),
        ("einlint --fix --d", ["plain,--diff"], ["plain,--fix"]),
        ("einlint --fix sr", ["file,sr"], []),
        ("einlint src/", ["file,src/"], ["plain,check"]),
        ("einlint check --output-format s", ["plain,sarif"], ["plain,full"]),
        ("einlint --output-format j", ["plain,json", "plain,jsonl", "plain,junit"], []),
        ("einlint rule --a", ["plain,--all"], ["plain,--fix"]),
    ],
)
def test_what_is_offered(
    tmp_path: Path, line: str, offered: list[str], not_offered: list[str]
) -> None:
    found = completed(line, tmp_path)
    assert [each for each in offered if each not in found] == []
    assert [each for each in not_offered if each in found] == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ru", "rule"),
        ("--unsafe", "--unsafe-fixes"),
        ("--output-format gi", "github gitlab"),
        ("src/", ""),
    ],
)
def test_bash_takes_the_script(tmp_path: Path, words: str, expected: str) -> None:
    script = einlint(cwd=tmp_path, environment={"_EINLINT_COMPLETE": "bash_source"}).stdout.decode()
    (tmp_path / "einlint").write_text(f'#!/bin/sh\nexec {sys.executable} -m einlint "$@"\n')
    (tmp_path / "einlint").chmod(0o755)
    lines = (
        f"PATH={tmp_path}:$PATH",
        script,
        "compopt() { :; }",  # bash has its own only while it completes
        f"COMP_WORDS=(einlint {words})",
        "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))",
        "_einlint_completion einlint",
        'echo "${COMPREPLY[*]}"',
    )
    command = ["bash", "--norc", "-c", "\n".join(lines)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.stdout, done.stderr) == (f"{expected}\n", "")
