"""What is not needed is not imported: no libcst before a fix is written, and no torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

# Told when the process ends, however it does.
WATCH = "import atexit, sys\natexit.register(lambda: print(sorted(HEAVY & set(sys.modules))))\n"
HEAVY = "HEAVY = {'einlint.pictures', 'libcst', 'lsprotocol', 'numpy', 'pygls', 'torch'}\n"

CALL = "import torch\nx = torch.einsum('ij,kl->', a, b)\n"
FIXABLE = "import torch\nx = torch.einsum('ij,jk->ik', a, b)\n"
NOTEBOOK = json.dumps(
    {
        "cells": [{"cell_type": "code", "id": "1", "metadata": {}, "outputs": [], "source": CALL}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)
TRACE = json.dumps(
    {"trace": 2, "program_seconds": 1, "recorder_seconds": 0, "processes": 1, "failures": 0}
)


def imported(script: str, cwd: Path) -> str:
    """The heavy modules that a process has imported when it ends."""
    command = [sys.executable, "-c", HEAVY + WATCH + script]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.stdout, done.stderr
    return done.stdout.splitlines()[-1]


def command_line(*arguments: str) -> str:
    return f"sys.argv[1:] = {list(arguments)}\nfrom einlint.cli.main import main\nmain()\n"


@pytest.mark.parametrize(
    "script",
    [
        "import einlint",
        "import einlint.cli",
        command_line("--version"),
        command_line("--help"),
        command_line("rule", "EIN105"),
        command_line("explain", "bhqd,bhkd->bhqk"),
    ],
)
def test_the_first_steps_are_light(tmp_path: Path, script: str) -> None:
    assert imported(script, tmp_path) == "[]"


@pytest.mark.parametrize("option", ["--isolated", "--fix", "--diff"])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("import torch\nx = 1\n", "[]"),
        ("# no einsum here, only the word\nimport torch\n", "[]"),
        ("def broken(: # einsum\n", "[]"),
        (CALL, "[]"),
        (FIXABLE, "['libcst']"),
    ],
)
def test_libcst_is_loaded_only_where_a_fix_is_written(
    tmp_path: Path, content: str, expected: str, option: str
) -> None:
    """The last case is the test of this test, with an option that writes."""
    expected = "[]" if option == "--isolated" else expected
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "module.py").write_text(content)
    assert imported(command_line("check", option, "."), tmp_path) == expected


# Rooms that only a softmax, a notebook, an option or a comment needs, and one module of each.
RARE = {
    "einlint.cli.accepted",
    "einlint.linting.pairing",
    "einlint.linting.suppression.read",
    "einlint.notebook",
    "einlint.project.baseline",
    "einlint.source.sdpa",
    "einlint.trace",
}


@pytest.mark.parametrize(
    ("content", "arguments", "expected"),
    [
        (FIXABLE, (), set()),
        (FIXABLE + "y = x.softmax(-1)\n", (), {"einlint.source.sdpa"}),
        (FIXABLE + "y = 1  # noqa\n", (), {"einlint.linting.suppression.read"}),
        (FIXABLE, ("--trace", "trace.json"), {"einlint.trace"}),
        (NOTEBOOK, (), {"einlint.notebook"}),
    ],
)
def test_a_plain_run_loads_only_what_it_uses(
    tmp_path: Path, content: str, arguments: tuple[str, ...], expected: set[str]
) -> None:
    """The later cases test this test: each loads the one room that it uses."""
    name = "one.ipynb" if content == NOTEBOOK else "one.py"
    (tmp_path / name).write_text(content)
    (tmp_path / "trace.json").write_text(TRACE)
    script = f"HEAVY = {RARE}\n" + command_line("check", *arguments, name)
    assert imported(script, tmp_path) == str(sorted(expected))


def test_that_test_sees_torch(tmp_path: Path) -> None:
    assert "'torch'" in imported("import torch", tmp_path)
