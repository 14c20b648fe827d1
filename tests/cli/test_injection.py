"""Names of files and texts say nothing to a terminal or to a CI system that reads the log."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from einlint.discovery import module_names
from tests.cli.run import LONGEST, SOURCE, called, einlint, write

COMMAND = "a\n::error title=x::pwned.py"
FORMATS = module_names("einlint.output.formats")
NAMES = (
    COMMAND,
    "b\x1b[31m.py",
    "c\u202e.py",
    "d\r.py",
    "::warning::e.py",
    "f##[error]x.py",
    "g##vso[task.x y=z]h.py",
)
ODD = "\x1b[2J \u202e"
TEXT = f"\x0c\n{SOURCE}".replace(", k)\n", f', k["{ODD}"])  # {ODD}\n')
WRONG = "x = torch.einsum('ij,\u202ejk', a)\n"


def obeyed(output: bytes) -> list[str]:
    """The lines that a terminal or a CI system would not just show."""
    lines = output.decode().split("\n")
    starts = ("::error title=x", "::warning::e")

    def is_shown(line: str) -> bool:
        is_command = line.lstrip().startswith(starts) or "##[" in line
        return line.replace("\t", "").isprintable() and not is_command

    return [line for line in lines if not is_shown(line)]


@pytest.mark.parametrize(
    "options",
    [
        *(("--output-format", each) for each in FORMATS),
        ("--show-files",),
        ("-v",),
        ("--fix",),
        ("--fix", "--output-format", "concise"),
        ("--diff",),
        ("--add-ignore", "why"),
        ("--statistics",),
        ("verify", "--dry-run"),
        ("baseline",),
    ],
)
def test_names_are_escaped_everywhere(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Also where a file cannot be read or has a misspelt comment, or settings are wrong."""
    if options[0] == "verify":
        pytest.importorskip("torch")
    write(tmp_path, dict.fromkeys(NAMES, f"{SOURCE}# einlint: disable=EIN105\n"))
    write(tmp_path, {f"{name}.folder/m.py": SOURCE for name in NAMES})
    write(tmp_path, {f"{name}.folder/einlint.toml": "x = 1\n" for name in NAMES})
    write(tmp_path, {f"g{NAMES[0]}": "einsum ="})
    done = called(*options, cwd=tmp_path)
    assert done.returncode in {0, 1, 2}
    assert obeyed(done.stderr) == []
    assert obeyed(done.stdout) == []
    if options[0] not in {"baseline", "--add-ignore", "--statistics"}:
        assert b"pwned" in done.stdout, "it is named all the same"


def test_a_path_that_does_not_exist_is_escaped_too(tmp_path: Path) -> None:
    for name in NAMES:
        for arguments in ((name,), ("--trace", name), ("--config", name), ("explain", f"{name}:1")):
            done = called(*arguments, cwd=tmp_path)
            assert (done.returncode, obeyed(done.stderr)) == (2, []), arguments


@pytest.mark.parametrize("form", ["full", "concise", "github", "html"])
def test_texts_are_escaped_in_formats_for_people(tmp_path: Path, form: str) -> None:
    write(tmp_path, {"a.py": TEXT, "b.py": f"import torch\n{WRONG}"})
    done = called("--output-format", form, "--pedantic", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"")
    assert obeyed(done.stdout) == []
    assert (b"\\x1b[2J" in done.stdout) == (form != "concise"), "it shows no code"
    assert obeyed(called("--fix", "a.py", cwd=tmp_path).stdout) == []


def test_a_diff_in_a_pipe_can_be_applied(tmp_path: Path) -> None:
    """Its names are quoted as git quotes them, and its text is that of the file."""
    subprocess.run(["git", "init", "--quiet", "."], cwd=tmp_path, check=True)
    texts = dict.fromkeys((*NAMES, 'in/q".py', "in/\\.py", "in/\N{SNOWMAN}.py"), TEXT)
    write(tmp_path, texts)
    (tmp_path / os.fsdecode(b"\xff.py")).write_text(TEXT)
    diff = called("--diff", cwd=tmp_path).stdout
    assert b"\x1b[2J \xe2\x80\xae" in diff
    subprocess.run(["git", "apply", "-p0"], input=diff, cwd=tmp_path, check=True)
    assert {path.read_text() for path in tmp_path.rglob("*.py")} == {
        TEXT.replace('torch.einsum("bhqd,bhkd->bhqk", q, k[', "q @ k[").replace(
            '"])  #', '"].transpose(-2, -1)  #'
        )
    }
    write(tmp_path, {"a.py": TEXT})
    diff = called("--diff", "a.py", cwd=tmp_path).stdout
    subprocess.run(["git", "apply"], input=diff, cwd=tmp_path, check=True)
    assert (tmp_path / "a.py").read_text() != TEXT


@pytest.mark.parametrize("options", [("--diff", "a.py"), ("--diff", "--color", "never", "a.py")])
def test_a_diff_at_a_terminal_is_escaped(tmp_path: Path, options: tuple[str, ...]) -> None:
    write(tmp_path, {"a.py": TEXT})
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "einlint", *options]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=theirs, stderr=subprocess.PIPE, env=environment
    )
    _, errors = process.communicate(timeout=LONGEST)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert (process.returncode, b"Traceback" in errors) == (1, False)
    assert r"\x1b[2J \u202e" in shown
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown


def test_a_process_escapes_as_well(tmp_path: Path) -> None:
    write(tmp_path, {COMMAND: SOURCE})
    done = einlint("--output-format", "concise", cwd=tmp_path)
    assert done.stdout.startswith(rb"a\n::error title=x::pwned.py:5:12: EIN105")
