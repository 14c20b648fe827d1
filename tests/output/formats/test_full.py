"""The format for people: a code frame below every finding."""

import re
from pathlib import Path

import pytest

from tests.cli.run import called, write
from tests.output.formats.readers import NOTEBOOK, Place, Reader, shown_as


def read(text: str) -> list[Place]:
    found = re.findall(r"^\w+ (EIN\d+) .*\n  --> (.*):(\d+):(\d+)$", text, re.M)
    return [Place(name, code, (int(row), int(column))) for code, name, row, column in found]


READER = Reader(read)


def test_the_frame_of_a_cell_has_its_line_numbers(tmp_path: Path) -> None:
    write(tmp_path, {"a.ipynb": NOTEBOOK})
    frame = '2 | x = torch.einsum("i,i->", a, b)\n  |     ^^^^'
    assert frame in shown_as("full", cwd=tmp_path)


@pytest.mark.parametrize(
    ("call", "frame"),
    [
        (
            'einsum("ij,jk->il", a, b)',
            '1 | einsum("ij,jk->il", a, b)\n  | ~~~~~~~~~~~~~~~~^~~~~~~~~',
        ),
        # A wide letter has two columns.
        ('einsum("\u4e2dj;k->", a)', '1 | einsum("\u4e2dj;k->", a)\n  | ~~~~~~~~^~~~~~~~~~~~'),
        (
            'einsum(\n"ij,jk->il",\na)',
            '1 |   einsum(\n  |  _^\n2 | | "ij,jk->il",\n  | |          ^\n3 | | a)\n  | |__^',
        ),
        ('einsum("ij," "jk=>ik", a, b)', "equation: ij,jk=>ik\n               ^"),
        ('einsum("ij,j\\u043a->ik", a, b)', "equation: ij,j\u043a->ik\n              ^"),
        ('einsum("i\\tj,j\\tk->ik", a, b)', "equation: i\\tj,j\\tk->ik\n           ^"),
        ('einsum(NAME, a)\nNAME = "ij->ik"', "equation: ij->ik\n               ^"),
    ],
)
def test_a_caret_stands_under_the_wrong_letter(tmp_path: Path, call: str, frame: str) -> None:
    write(tmp_path, {"a.py": f"{call}\nfrom torch import einsum\n"})
    text = shown_as("full", "--select", "EIN001,EIN003", cwd=tmp_path)
    assert f"\n{frame}\n" in text


def test_the_caret_in_a_cell_of_a_notebook(tmp_path: Path) -> None:
    write(tmp_path, {"a.ipynb": NOTEBOOK.replace("i,i->", "i,i->j")})
    frame = '2 | x = torch.einsum("i,i->j", a, b)\n  |     ~~~~~~~~~~~~~~~~~~~^~~~~~~~'
    assert frame in shown_as("full", cwd=tmp_path)


def test_errors_differ_from_spellings_in_words_and_in_colour(tmp_path: Path) -> None:
    calls = 'torch.einsum("i->j", a)\ntorch.einsum("i,i->", a, b)\n'
    write(tmp_path, {"a.py": f"import torch\n{calls}"})
    for color, error, warning in (
        ("never", "error EIN003 ", "warning EIN101 "),
        ("always", "\x1b[1;31merror EIN003\x1b[0m ", "\x1b[1;33mwarning EIN101\x1b[0m "),
    ):
        done = called("--color", color, cwd=tmp_path)
        titles = [line for line in done.stdout.decode().splitlines() if " EIN" in line]
        assert titles[0].startswith(error)
        assert titles[1].startswith(warning)
