"""The table of other tools in README: the columns of what is installed here are made again."""

import os
import shutil
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.conftest import ROOT


def test_einlint_and_ruff_say_what_the_table_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    comparison = import_module("comparison")
    # Tests may run without their environment being activated.
    places = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
    program = shutil.which("ruff", path=places)
    assert program is not None
    programs = Path(program).parent
    text = (ROOT / "README.md").read_text().partition("<!-- comparison -->\n")[2]
    head, _, *rows = text.partition("<!-- end")[0].splitlines()
    assert head.startswith(f"| call | einlint | ruff {comparison.version(programs, 'ruff')} |")
    assert len(rows) == len(comparison.CALLS)
    for row, (what, code) in zip(rows, comparison.CALLS, strict=True):
        file = tmp_path / "call.py"
        file.write_text(comparison.source(code))
        said = [each(programs, file, code) for each in (comparison.by_einlint, comparison.by_ruff)]
        cells = " | ".join([what, *map(comparison.shown, said)])
        assert row.startswith(f"| {cells} |")
