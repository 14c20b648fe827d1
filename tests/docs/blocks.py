"""Run the blocks of code in a page: one parser of sybil for each language.

All blocks of a page share one folder and one Python namespace, in order. A block whose first line
is a comment with a file name writes that file. `console` runs commands and compares what they
print; `sh` shows commands that are not run, such as installations: their names and options have to
exist.
"""

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
import yaml
from sybil import Document, Example, Sybil
from sybil.parsers.myst import CodeBlockParser

from einlint import Settings, fix_source
from einlint.cli.main import cli
from einlint.rulebook.selection import selected_rules
from einlint.settings import settings_of
from tests.cli.run import called
from tests.conftest import ROOT

_FILE = re.compile(r"#\s+(\.?[\w./-]+\.(?:py|toml|ya?ml))\n")
# What differs from run to run: numbers with their units, and what is concluded from them.
_VARYING = re.compile(
    r"-*\d[\d.,e+-]*(?: ?(?:[un]?s|ms|B|[KMG]iB|%))?|faster|slower|same|unsure|\s+|-{3,}|\*|~"
)
_VARIABLE = re.compile(r"[A-Z_]+=")
_MEASURED = ("verify", "bench", "trace")
_HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
_OTHERS = {
    "bash",
    "export",
    "flake8",
    "git",
    "hatchling",
    "pre-commit",
    "sphinx-build",
    "twine",
    ".",
}


def examples(page: Path, folder: Path) -> tuple[Document, list[Example]]:
    """The blocks of a page; they run in the folder."""
    evaluators = {
        "python": python,
        "text": text,
        "console": console,
        "sh": lambda example: check_commands(example.parsed),
        "toml": toml,
        "yaml": yaml_,
        "json": lambda example: json.loads(example.parsed) and None,
        "lua": lua,
        "diff": diff,
    }
    parsers = [CodeBlockParser(name, evaluator) for name, evaluator in evaluators.items()]
    document = Sybil(parsers).parse(page)
    document.namespace.update(folder=folder, edits=[], names={"__name__": page.stem}, printed=None)
    return document, list(document.examples())


def python(example: Example) -> None:
    """Write it to the file that it names, or run it."""
    if written(example):
        return
    output = io.StringIO()
    code = compile(example.parsed, f"{example.path}:{example.line}", "exec")
    with contextlib.redirect_stdout(output):
        exec(code, example.namespace["names"])
    example.namespace["printed"] = output.getvalue()


def text(example: Example) -> None:
    """What the Python block above it has printed, if it has printed something."""
    printed, example.namespace["printed"] = example.namespace["printed"], None
    if printed:
        edit(example, printed)


def console(example: Example) -> None:
    """Each command behind `$ `, and what it prints below it."""
    parts = re.split(r"^\$ (.*)\n", example.parsed, flags=re.MULTILINE)
    assert not parts[0], "a console block starts with `$ `"
    now = ""
    for command, before in zip(parts[1::2], parts[2::2], strict=True):
        after = output_of(command, example.namespace["folder"])
        is_same = any(each in command for each in _MEASURED) and _bare(after) == _bare(before)
        now += f"$ {command}\n{before if is_same else after}"
    edit(example, now)


def output_of(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    if program == "einlint":
        done = called(*arguments, cwd=folder)
        return (done.stdout + done.stderr).decode()
    assert program in ("cat", "git", "flake8", "python"), f"`{program}` is not run here"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run([program, *arguments], cwd=folder, env=environment, text=True, **streams)
    return str(done.stdout)


def _bare(text: str) -> str:
    """Without what differs from run to run, and without the line about the machine."""
    return _VARYING.sub("", re.sub("^torch .* platform .*", "", text, flags=re.MULTILINE))


def edit(example: Example, now: str) -> None:
    """Remember what a block should have as its text."""
    start = example.region.start + example.region.lexemes["source"].offset
    end = example.document.text.rindex("```", start, example.region.end)
    example.namespace["edits"].append((start, end, now))


def written(example: Example) -> bool:
    """Whether the block is a file; it is written."""
    name = _FILE.match(example.parsed)
    if name is not None:
        path = example.namespace["folder"] / name[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example.parsed)
    return name is not None


def toml(example: Example) -> None:
    table = tomllib.loads(example.parsed)
    settings = settings_of(table.get("tool", {}).get("einlint", {}))
    selected_rules(settings)
    # Not written: the other blocks of a page show what einlint says by default.


def yaml_(example: Example) -> None:
    """Hooks and commands in it exist."""
    for key, value in pairs(yaml.safe_load(example.parsed)):
        if key == "id":
            assert value in [hook["id"] for hook in _HOOKS]
        if key in ("run", "script"):
            check_commands("\n".join(value) if isinstance(value, list) else value)


def pairs(data: object) -> Iterator[tuple[str, object]]:
    """All keys of all tables in a text of YAML, with their values."""
    if isinstance(data, dict):
        yield from data.items()
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for each in inner:
        yield from pairs(each)


def lua(example: Example) -> None:
    """No Lua here: its brackets are closed, and the command that it starts is one."""
    for opening, closing in ("{}", "()"):
        assert example.parsed.count(opening) == example.parsed.count(closing)
    (command,) = re.findall(r"cmd = \{ (.*?) \}", example.parsed)
    check_commands(command.replace('"', "").replace(",", ""))


def diff(example: Example) -> None:
    """The new lines are what einlint makes of the old ones."""
    lines = example.parsed.splitlines()
    before, after = (
        "import torch\n" + "".join(f"{line[1:]}\n" for line in lines if line[:1] in (sign, " "))
        for sign in "-+"
    )
    assert fix_source(before, settings=Settings()).text == after


def check_commands(script: str) -> None:
    """Each command exists, with its options."""
    for line in script.splitlines():
        words = shlex.split(re.sub(r"<[^<>]*>", "PLACE", line), comments=True)
        while words:
            end = next((at for at, word in enumerate(words) if word in ("&&", "|")), len(words))
            program, *arguments = [each for each in words[:end] if not _VARIABLE.match(each)]
            check_command(program.removeprefix(".venv/bin/"), arguments)
            words = words[end + 1 :]


def check_command(program: str, arguments: list[str]) -> None:
    """One command: of einlint with its options, or of a program that is known here."""
    checks: dict[str, Callable[[list[str]], None]] = {
        "einlint": check_einlint,
        "pip": check_pip,
        "python": check_python,
        "pytest": check_pytest,
    }
    assert program in checks or program in _OTHERS, f"unknown command: {program}"
    if program in checks:
        checks[program](arguments)


def check_einlint(arguments: list[str]) -> None:
    with click.Context(cli) as context:
        names = cli.list_commands(context)
        name = arguments[0] if arguments[:1] and arguments[0] in names else "check"
        command = cli.get_command(context, name)
    assert command is not None
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    own = arguments[:3] if name == "trace" else arguments  # the rest is of the traced program
    for each in own:
        if each.startswith("-") and each != "-":
            assert each in {*known, "--help", "-h"}, f"einlint {name} has no {each}"


def check_pip(arguments: list[str]) -> None:
    """The extras that are named are extras, and nothing is installed from an index by our name."""
    assert not [each for each in arguments if re.fullmatch(r"einlint(\[.*\])?", each)]
    extras = {name for each in arguments for name in re.findall(r"\[([\w,-]+)\]", each)}
    assert extras <= set(_PROJECT["optional-dependencies"])


def check_python(arguments: list[str]) -> None:
    if arguments[:1] == ["-c"]:
        exec(compile(arguments[1], "<command>", "exec"), {})
    elif arguments[0] != "-m":
        file = ROOT / arguments[0]
        assert file.exists(), file
        options = [each for each in arguments[1:] if each.startswith("--")]
        assert all(each in file.read_text() for each in options), arguments


def check_pytest(arguments: list[str]) -> None:
    for each in arguments:
        if each.startswith("tests"):
            assert (ROOT / each).exists(), each


def evaluated(page: Path, folder: Path) -> str:
    """The text of a page after its blocks have run: what they print stands in it.

    Raises:
        AssertionError: a block is wrong; the message has its line.
    """
    document, blocks = examples(page, folder)
    for each in blocks:
        try:
            each.evaluate()
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- told with its place
            pytest.fail(f"{page.relative_to(ROOT)}:{each.line}: {error!r}")
    result = document.text
    for start, end, now in reversed(document.namespace["edits"]):
        result = f"{result[:start]}{now}{result[end:]}"
    return result
