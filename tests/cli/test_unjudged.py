"""Calls that no rule judges are counted on standard error, each with the reason."""

import json
from pathlib import Path

import pytest

from einlint.output.format import format_names
from tests.cli.run import called, einlint, write

CALL = 'einsum("ij,jk->ik", a, b)\n'
NOT_LITERAL = "import torch\nx = torch.einsum(equation, a, b)\n"
STAR = f"from torch import einsum\nfrom helpers import *\nx = {CALL}"
ONE_NOT_LITERAL = "1 call was not judged: its equation is not literal\n"
TWO_NOT_LITERAL = "2 calls were not judged: their equations are not literal\n"
ONE_STAR = "1 call was not judged: a star import may rebind einsum\n"
TWO_STARS = "2 calls were not judged: a star import may rebind einsum\n"
TWO_EQUATIONS = "1 call was not judged: it has one of several equations\n"
ANOTHER = "1 call was not judged: its name may be another function\n"


def told(folder: Path, source: str, *options: str) -> str:
    write(folder, {"a.py": source})
    return called(*options, "a.py", cwd=folder).stderr.decode()


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (NOT_LITERAL, ONE_NOT_LITERAL),
        (NOT_LITERAL * 2, TWO_NOT_LITERAL),
        ("import torch\nx = torch.einsum(*arguments)\n", ONE_NOT_LITERAL),
        ("from torch import einsum as e\nx = e(f'{i}->', a)\n", ONE_NOT_LITERAL),
        ('import torch\nx = torch.einsum("i->" if c else "i->i", a)\n', TWO_EQUATIONS),
        (
            "import torch\n" + 'x = torch.einsum("i->" if c else "i->i", a)\n' * 2,
            "2 calls were not judged: each has one of several equations\n",
        ),
        (STAR, ONE_STAR),
        (f"from helpers import *\nx = torch.{CALL}y = torch.{CALL}", TWO_STARS),
        (f"from helpers import *\nx = {CALL}", ONE_STAR),
        (f"from torch import *\nfrom jax.numpy import *\nx = {CALL}", ONE_STAR),
        (f"from helpers import *\n\n\ndef f(a, b):\n    return torch.{CALL}", ONE_STAR),
        (
            f"try:\n  from fast import einsum\nexcept E:\n  from torch import einsum\n{CALL}",
            ANOTHER,
        ),
        (f"import torch\nif c:\n  torch = stub\ntorch.{CALL}", ANOTHER),
        (
            f"import torch\nif c:\n  torch = stub\ntorch.{CALL}torch.{CALL}",
            "2 calls were not judged: their names may be other functions\n",
        ),
        (f"import torch\nif c:\n  einsum = f()\nelse:\n  einsum = torch.einsum\n{CALL}", ANOTHER),
    ],
)
def test_the_reason_is_told(tmp_path: Path, source: str, line: str) -> None:
    assert told(tmp_path, source) == line


@pytest.mark.parametrize(
    "source",
    [
        f"import torch\nx = torch.{CALL}",
        f"from numpy import *\nx = {CALL}",
        f"from numpy import einsum\nfrom helpers import *\nx = {CALL}",
        f"from helpers import *\nimport torch\nx = torch.{CALL}",
        f"from helpers import *\nx = self.torch.{CALL}y = jnp.{CALL}",
        f"from helpers import *\n\n\ndef f(einsum, torch):\n    return {CALL}",
        f"from helpers import *\n\n\ndef einsum(*a): ...\n\n\nx = {CALL}",
        f"x = torch.{CALL}",
    ],
)
def test_nothing_is_told_of_what_is_judged_and_of_other_functions(
    tmp_path: Path, source: str
) -> None:
    assert told(tmp_path, source) == ""


@pytest.mark.parametrize("output_format", format_names())
def test_every_format_and_a_report_file_leave_the_lines_on_standard_error(
    tmp_path: Path, output_format: str
) -> None:
    lines = "".join(sorted((ONE_NOT_LITERAL, ONE_STAR)))
    write(tmp_path, {"a.py": NOT_LITERAL, "b.py": STAR})
    for more in ((), ("-o", "report")):
        done = called("--output-format", output_format, *more, cwd=tmp_path)
        assert (done.returncode, "".join(sorted(done.stderr.decode().splitlines(True)))) == (
            0,
            lines,
        )
        # A page is looked at without what a terminal said.
        is_told = output_format == "html" and not more
        assert (b"judged" in done.stdout) == is_told
    assert ("judged" in (tmp_path / "report").read_text()) == (output_format == "html")


def test_with_fixes_and_diffs_and_on_standard_input(tmp_path: Path) -> None:
    fixable = f"{NOT_LITERAL}y = torch.{CALL}"
    assert told(tmp_path, fixable, "--diff").startswith(ONE_NOT_LITERAL)
    assert told(tmp_path, fixable, "--fix") == ONE_NOT_LITERAL
    done = called("-", cwd=tmp_path, stdin=STAR.encode())
    assert done.stderr.decode() == ONE_STAR


def test_quiet_leaves_them_out_like_other_notes(tmp_path: Path) -> None:
    assert told(tmp_path, NOT_LITERAL, "--quiet") == ""


def test_worker_processes_count_the_same(tmp_path: Path) -> None:
    sources = {f"a{number}.py": NOT_LITERAL for number in range(5)}
    write(tmp_path, {**sources, "b.py": STAR, "c.py": STAR})
    one, two = (einlint("-j", jobs, cwd=tmp_path) for jobs in ("1", "2"))
    assert one.stderr.decode().splitlines(True) == [
        TWO_STARS,
        TWO_NOT_LITERAL.replace("2", "5"),
    ]
    assert (one.stdout, one.stderr, one.returncode) == (two.stdout, two.stderr, two.returncode)


def test_cells_of_a_notebook_count_together(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [cell | {"source": text} for text in ("from helpers import *", f"torch.{CALL}" * 2)]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    write(tmp_path, {"a.ipynb": json.dumps(book)})
    assert called(cwd=tmp_path).stderr.decode() == TWO_STARS


def test_statistics_count_them_by_name(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": NOT_LITERAL * 2, "b.py": STAR})
    done = called("--statistics", cwd=tmp_path)
    assert done.stdout.decode() == "1\t-\tstar-import\n2\t-\tunknown-equation\n"
    assert done.stderr.decode() == ONE_STAR + TWO_NOT_LITERAL
