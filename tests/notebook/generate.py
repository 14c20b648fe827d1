"""Notebooks of many kinds from a seed, and what --fix has to make of each, byte for byte."""

import json
import random
from dataclasses import dataclass
from typing import Any

SETUP = """import torch
from torch import einsum

a = torch.arange(6.0).reshape(2, 3)
b = torch.arange(12.0).reshape(3, 4)
q = torch.arange(48.0).reshape(2, 2, 3, 4)
k = torch.arange(80.0).reshape(2, 2, 5, 4)
u = v = torch.arange(3.0)"""

# What a cell is, and what it becomes; `#` is the number of the cell, for names.
FIXED = (
    ('r# = torch.einsum("ij,jk->ik", a, b)', "r# = a @ b"),
    ('r# = einsum("i,i->", u, v)  # caf\u00e9 \U0001d518 "quoted" \\ \t.', None),
    ("# \u00e9\U0001d518\nr# = (einsum('i,i->', u, v)\n  + 1)\n", None),
    (
        'r# = torch.einsum(\n    "bhqd,bhkd->bhqk",\n    q,\n    k,\n)\nprint("\u2028")',
        'r# = q @ k.transpose(-2, -1)\nprint("\u2028")',
    ),
    ("%timeit -n 1 -r 1 torch.einsum('ij,jk->ik', a, b)", None),
    ("%%timeit -n1 -r1 -q r = torch.einsum('ij,jk->ik', a, b)\nr + einsum('i,i->', u, v)", None),
    ("\n%%time\nr# = torch.einsum('ij,jk->ik', a, b)\n", None),
    ("%%capture kept\nprint('?')\nr# = einsum('i,i->', u, v)", None),
    ("r# = %time torch.einsum('ij,jk->ik', a, b)", None),
    ("%precision 3\nfor _ in range(2):\n    %time r# = einsum('i,i->', u, v)", None),
    ("!true 'it?\nr# = einsum('i,i->', u, v);", None),
    ("r#_home = %env HOME\nr# = einsum('i,i->', u, v)\nr#_home + 'a?'", None),
    ("def f#(x):\n    '''\n%time\n!x'''\n    return einsum('i,i->', u, x)\nr# = f#(v)", None),
    ("import asyncio\nawait asyncio.sleep(0)\nr# = einsum('i,i->', u, v)", None),
    ("  r# = 1\n  r# = einsum('i,i->', u, v)", None),
    (
        "%timeit -q -n1 -r1 f = torch.einsum('ij,jk->ik', \\\n    a, b)",
        "%timeit -q -n1 -r1 f = a @ b",
    ),
)
REPLACED = {
    "torch.einsum('ij,jk->ik', a, b)": "a @ b",
    'einsum("i,i->", u, v)': "u @ v",
    "einsum('i,i->', u, v)": "u @ v",
    "einsum('i,i->', u, x)": "u @ x",
}
KEPT = (
    "",
    "\n",
    "# nothing but a comment on einsum",
    "r# = torch.einsum('bi,oij,bj->bo', a, torch.ones(4, 3, 3), a)",
    "r# = torch.einsum('ij,jk->ik', a, b)  # noqa: EIN104",
    "r# = torch.einsum('ij,jk->ik', a, b)  # einlint: ignore",
    "print('%d%%' % 3, '\u00e9', \"it's\")",
    "%%html\n<b>einsum('i,i->', u, v)",
    "%%script true\ntorch.einsum('ij,jk->ik', a, b)",
    "%%timeit -n1 -r1 from torch import einsum as e\ne('i,i->', u, v)",
    "u?",
    "r# = 1 +",
)
OUTPUTS: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"name": "stdout", "output_type": "stream", "text": ["einsum('i,i->', u, v) \u00e9\n", "]}"]}],
    [
        {
            "data": {"image/png": "iVBORw0KGgo=\n", "text/plain": ["tensor(1)"]},
            "execution_count": 3,
            "metadata": {"a \u00e9": {"source": ["einsum('i,i->', u, v)"]}},
            "output_type": "execute_result",
        }
    ],
)


@dataclass(frozen=True)
class Generated:
    """The bytes before and after, and the sources of the code cells before and after."""

    before: bytes
    after: bytes
    cells: tuple[str, ...]
    fixed: tuple[str, ...]


@dataclass(frozen=True)
class Style:
    """How a notebook is written down."""

    indent: int | str | None
    separators: tuple[str, str] | None
    is_ascii: bool
    newline: str
    end: str

    def bytes_of(self, notebook: dict[str, Any]) -> bytes:
        text = json.dumps(
            notebook, indent=self.indent, separators=self.separators, ensure_ascii=self.is_ascii
        )
        return (text + self.end).replace("\n", self.newline).encode()


def generated(seed: int) -> Generated:
    """The notebook of a seed."""
    draw = random.Random(seed)
    pairs = [(SETUP, SETUP), *(_pair(draw, number) for number in range(1, draw.randrange(2, 9)))]
    style = Style(
        draw.choice((None, 1, 2, 4, "\t")),
        draw.choice((None, (",", ":"))),
        draw.random() < 0.3,
        draw.choice(("\n", "\n", "\r\n")),
        draw.choice(("", "\n")),
    )
    state = draw.getstate()
    before, after = ([pair[side] for pair in pairs] for side in (0, 1))
    written = []
    for cells in (before, after):
        draw.setstate(state)
        written.append(style.bytes_of(_notebook(draw, cells)))
    return Generated(written[0], written[1], tuple(before), tuple(after))


def _pair(draw: random.Random, number: int) -> tuple[str, str]:
    if draw.random() < 0.4:
        kept = numbered(draw.choice(KEPT), number)
        return kept, kept
    before, after = draw.choice(FIXED)
    return numbered(before, number), numbered(after or _replaced(before), number)


def numbered(cell: str, number: int) -> str:
    """The cell with its number in the names that it binds."""
    return cell.replace("r#", f"r{number}").replace("f#", f"f{number}")


def _replaced(cell: str) -> str:
    for call, replacement in REPLACED.items():
        cell = cell.replace(call, replacement)
    return cell


def _notebook(draw: random.Random, cells: list[str]) -> dict[str, Any]:
    minor = draw.randrange(6)
    written = []
    for number, cell in enumerate(cells):
        if draw.random() < 0.4:
            written.append(
                _cell(draw, "markdown", f"m{number}", minor, "## `einsum` \u00e9\n* one")
            )
        written.append(_cell(draw, "code", f"c{number}", minor, cell))
    kernel = {"display_name": "Python 3 \u00e9", "language": "python", "name": "python3"}
    metadata = draw.choice(({}, {"kernelspec": kernel}, {"language_info": {"name": "python"}}))
    notebook = {"cells": written, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}
    return _shuffled(draw, notebook)


def _cell(draw: random.Random, kind: str, name: str, minor: int, text: str) -> dict[str, Any]:
    is_list = draw.random() < 0.7
    cell: dict[str, Any] = {
        "cell_type": kind,
        "metadata": draw.choice(({}, {"tags": ["einsum"]}, {"collapsed": True})),
        "source": text.splitlines(True) if is_list else text,
    }
    if minor >= 5:
        cell["id"] = name
    if kind == "code":
        outputs = draw.choice(OUTPUTS)
        cell |= {"execution_count": draw.choice((None, 7)), "outputs": outputs}
    return _shuffled(draw, cell)


def _shuffled(draw: random.Random, members: dict[str, Any]) -> dict[str, Any]:
    keys = list(members)
    if draw.random() < 0.5:
        draw.shuffle(keys)
    return {key: members[key] for key in keys}
