"""What is not needed is not imported: no libcst before a fix is written, and no torch."""

import subprocess
import sys
from pathlib import Path

import pytest

# Told when the process ends, however it does.
WATCH = "import atexit, sys\natexit.register(lambda: print(sorted(HEAVY & set(sys.modules))))\n"
HEAVY = "HEAVY = {'einlint.pictures', 'libcst', 'lsprotocol', 'numpy', 'pygls', 'torch'}\n"

CALL = "import torch\nx = torch.einsum('ij,kl->', a, b)\n"
FIXABLE = "import torch\nx = torch.einsum('ij,jk->ik', a, b)\n"


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


def test_that_test_sees_torch(tmp_path: Path) -> None:
    assert "'torch'" in imported("import torch", tmp_path)
