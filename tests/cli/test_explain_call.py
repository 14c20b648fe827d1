"""einlint explain FILE:LINE from the outside."""

import json
from pathlib import Path
from typing import Any

import pytest

from einlint.linting.engine import read, read_python
from einlint.linting.findings import Findings
from einlint.linting.one_call import judged
from einlint.linting.silence import Hushed, why_silent
from einlint.rewriting.advice import Action, Advice
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall
from tests.cli.run import called, write

SOURCE = """import torch
from torch import einsum

def scores(q, k, x, w, v, heads, weight, one, other, square, equation):
    s = torch.einsum("bhqd,bhkd->bhqk", q, k)
    y = einsum("bij,jk->bik", x, einsum("ij,jk->ik", w, v))  # noqa: EIN104
    d, e = torch.ones(3, 4), torch.ones(4, 5)
    m = einsum(
        "ij,jk->ik",
        d,
        e,
    )
    z = einsum(equation, d, e)
    h = einsum("bthd,hdo->bto", heads, weight)
    n = einsum("ij,jk->iz", one, other)
    o = einsum("i,j->ij", one, other)
    p = einsum("ij,jk->ik", d, d)
    return einsum("ii->", square)
"""


def explained(folder: Path, *arguments: str) -> str:
    done = called("explain", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"a.py": SOURCE})
    return tmp_path


def data_of(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(explained(folder, *arguments, "--format", "json"))
    return found


def test_a_reported_call(folder: Path) -> None:
    text = explained(folder, "a.py:5")
    for line in (
        'a.py:5:9: torch.einsum("bhqd,bhkd->bhqk", q, k)\n',
        "reported: EIN105 (safe fix) `bhqd,bhkd->bhqk` is a batched matrix product\n",
        "\nreplace einsum: the replacement reads simpler\n",
        "\nReplacement\n  q @ k.transpose(-2, -1)\n",
        "    granted: `d` has one size in both operands (`equal-sizes`)\n",
        "    granted: the operands have the ranks of the equation, which einsum checks (`",
    ):
        assert line in text


def test_what_is_proved_is_said_with_its_line(folder: Path) -> None:
    text = explained(folder, "a.py:10")  # a line in the middle of the call
    assert text.startswith('a.py:8:9: einsum( "ij,jk->ik", d, e, )\n')
    assert "    proved: `j` has one size in both operands (`equal-sizes`): `d, e = " in text
    assert "the number of axes that the code shows (line 7)\n" in text
    assert "FLOPs       120 in products (torch.bmm)\n" in text


def test_what_is_missing(folder: Path) -> None:
    text = explained(folder, "a.py:16")
    assert "reported: EIN102" in text
    assert "\nreplace einsum: the replacement reads simpler, but it is not proved safe\n" in text
    assert "    safe if the call is not inside an autocast region" in text


def test_all_calls_of_a_line_and_one_by_its_column(folder: Path) -> None:
    outer, inner = data_of(folder, "a.py:6")
    assert (outer["location"]["column"], inner["location"]["column"]) == (9, 34)
    assert inner["silent"] == [{"code": "EIN104", "reasons": ["a comment on line 6 silences it"]}]
    for column, call in ((9, outer), (33, outer), (34, inner), (58, inner)):
        assert data_of(folder, f"a.py:6:{column}") == [call]


def test_a_complex_contraction_is_reported_by_no_rule(folder: Path) -> None:
    text = explained(folder, "a.py:14")
    assert "\nnot reported: no single operation that is simpler does it\n" in text
    assert "  torch.tensordot(heads, weight, dims=2)\n" in text
    (call,) = data_of(folder, "a.py:14")
    assert call["silent"] == [{"code": None, "reasons": [call["explanation"]["reason"]]}]


def test_calls_that_torch_rejects(folder: Path) -> None:
    text = explained(folder, "a.py:15")
    assert text.endswith(
        "is invalid: output index `z` does not occur in any operand (column 9 of the equation)\n"
        "  ij,jk->iz\n"
        "          ^\n"
    )
    text = explained(folder, "a.py:17")
    assert "reported: EIN004 `ij,jk->ik`: `j` is 4 in operand 1 (line 7) and 3 in operand" in text
    assert "\ntorch rejects this call: `ij,jk->ik`: `j` is 4 in operand 1" in text
    assert "Replacement" not in text
    (call,) = data_of(folder, "a.py:17")
    assert call["explanation"]["advice"] == "wrong"
    assert call["explanation"]["replacement"] is call["explanation"]["flops"] is None


def test_an_equation_that_is_not_literal(folder: Path) -> None:
    assert explained(folder, "a.py:13") == (
        "a.py:13:9: einsum(equation, d, e)\nnot judged: the equation is not literal\n"
    )
    (call,) = data_of(folder, "a.py:13")
    assert call["is_judged"] is False
    assert call["explanation"] is None


def test_sizes_are_added_to_those_of_the_code(folder: Path) -> None:
    text = explained(folder, "a.py:5", "--size", "b=64,h=8,q=20,k=64,d=64")
    assert "FLOPs       83,886,080 in products (torch.bmm)\n" in text
    assert "proved: `d` has one size in both operands (`equal-sizes`): --size d\n" in text
    done = called("explain", "a.py:9", "--size", "j=5", cwd=folder)
    assert done.returncode == 2
    assert b"`j` has size 4 in the code, not 5" in done.stderr


def test_the_settings_of_the_file_count(folder: Path) -> None:
    settings = '[tool.einlint]\nallow = ["ij,jk->ik"]\nextend-assume = ["no-autocast"]\n'
    write(folder, {"sub/pyproject.toml": settings, "sub/a.py": SOURCE})
    (call,) = data_of(folder, "sub/a.py:9")
    assert call["silent"] == [
        {"code": "EIN104", "reasons": ["the setting `allow` keeps this equation"]}
    ]
    assert "    granted: the call is not inside" in explained(folder, "sub/a.py:16")
    write(folder, {"sub/pyproject.toml": '[tool.einlint]\nignore = ["EIN105"]\n'})
    (call,) = data_of(folder, "sub/a.py:5")
    assert call["silent"] == [
        {"code": "EIN105", "reasons": ["EIN105 is not selected: the settings turn it off"]}
    ]
    done = called("explain", "sub/a.py:5", cwd=folder)
    write(folder, {"sub/pyproject.toml": "[tool.einlint]\nignor = []\n"})
    done = called("explain", "sub/a.py:5", cwd=folder)
    assert done.returncode == 2
    assert b"unknown key `ignor`" in done.stderr


def notebook(*cells: str) -> str:
    made = [{"cell_type": "code", "source": cell, "metadata": {}} for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made})


def test_calls_in_a_notebook(tmp_path: Path) -> None:
    cells = ("import torch\n", "a = 1\nb = torch.einsum('ij,jk->ik', x, y)\n")
    write(tmp_path, {"n.ipynb": notebook(*cells)})
    whole = explained(tmp_path, "n.ipynb:2:2")
    assert whole.startswith("n.ipynb:cell 2:2:5: torch.einsum('ij,jk->ik', x, y)\nreported: EIN104")
    for place in ("n.ipynb:cell 2:2", "n.ipynb:cell 2:2:5", "n.ipynb:2:2:5"):
        assert explained(tmp_path, place) == whole
    for place, said in (
        ("n.ipynb:2", "write FILE:CELL:LINE"),
        (
            "n.ipynb:1:2",
            "no einsum call on line 2 of n.ipynb:cell 1; the nearest one is at n.ipynb",
        ),
    ):
        done = called("explain", place, cwd=tmp_path)
        assert done.returncode == 2
        assert said in done.stderr.decode()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("a.py:3", "no einsum call on line 3 of a.py; the nearest one is at a.py:5:9"),
        ("a.py:6:3", "no einsum call on line 6 of a.py; the nearest one is at a.py:6:9"),
        ("a.py:99999", "the nearest one is at a.py:18:12"),
        ("b.py:3", "path does not exist: b.py"),
        ("a.py:1:2:3", "`a.py:1:2:3` is no place in a.py: write FILE:LINE"),
        ("none.py:1", "no einsum call on line 1 of none.py, nor anywhere in none.py"),
        ("broken.py:1", "broken.py: the file mentions einsum, and Python 3"),
        ("a.py", "name a line of this file: `a.py:LINE`"),
        (".:1", "einlint: .: Is a directory"),
        ("ij,jk->ik:1", "path does not exist: ij,jk->ik"),
    ],
)
def test_places_without_a_call(folder: Path, place: str, said: str) -> None:
    write(folder, {"none.py": "x = 1\n", "broken.py": "einsum(\n"})
    done = called("explain", place, cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()


def test_nothing_of_a_source_moves_the_terminal(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "from torch import einsum\neinsum('i\x1b[2J,i->', 'x\x1b', b)\n"})
    text = explained(tmp_path, "a.py:2")
    assert "\x1b" not in text
    write(tmp_path, {"a.py": "from torch import einsum\neinsum('i\x1b,i->z', a, b)\n"})
    assert explained(tmp_path, "a.py:2").endswith("\n  i\\x1b,i->z\n   ^\n")


def test_the_replacement_is_what_the_fix_writes() -> None:
    compared = 0
    for path in sorted((Path(__file__).parents[2] / "fixtures" / "rules").rglob("*.py")):
        source = read(str(path), path.read_bytes(), Settings())
        parsed = source if isinstance(source, Findings) else read_python(source, Settings())
        for call in () if isinstance(parsed, Findings) else parsed.facts(EinsumCall):
            found = judged(call, Settings(), {}, "float32")
            if found.fix is None or not found.fix.edits or found.explanation is None:
                continue
            replacement, others = found.explanation.replacement, found.explanation.others
            text = replacement.text if replacement else others[0].text
            written = " ".join(found.fix.edits[0].content.split())
            assert text.strip("() ") == written.strip("() "), path
            missing = [each.name for each in found.fix.unmet]
            assert replacement is None or list(replacement.unmet) == missing, path
            compared += 1
    assert compared > 150


SIMPLE = Advice(Action.REPLACE, "the replacement reads simpler")
KEPT = Advice(Action.KEEP, "the replacement reads no simpler")


@pytest.mark.parametrize(
    ("hushed", "reasons"),
    [
        (Hushed("EIN104", advice=SIMPLE), ()),
        (Hushed("EIN104", ("line 3",), advice=SIMPLE), ("a comment on line 3 silences it",)),
        (
            Hushed("EIN111", is_selected=False, is_default=False),
            ("EIN111 is not selected: it is off by default",),
        ),
        (
            Hushed("EIN104", is_selected=False, is_allowed=True),
            (
                "EIN104 is not selected: the settings turn it off",
                "the setting `allow` keeps this equation",
            ),
        ),
        (Hushed("EIN110", advice=KEPT), ("the replacement reads no simpler",)),
        (Hushed(None, advice=KEPT), ("the replacement reads no simpler",)),
        (
            Hushed("EIN102", advice=SIMPLE, unmet=("no-autocast", "ranks-fit")),
            (
                "only --pedantic reports it: neither proved nor granted is"
                " `no-autocast`, `ranks-fit`",
            ),
        ),
    ],
)
def test_why_silent(hushed: Hushed, reasons: tuple[str, ...]) -> None:
    assert why_silent(hushed) == reasons
