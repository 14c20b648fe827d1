"""Which lines are masked, how, and that IPython reads the same cells as Python."""

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from einlint.notebook.magics import binds_unseen_names, python_of

MASKED = [
    ("%matplotlib inline\nx = 1", "0                 \nx = 1"),
    ("if x:\n    !ls 'it\n    %cd ..", "if x:\n    0      \n    0     "),
    ("!!ls\n?f\nf??\n%%time", "0   \n0 \n0  \n0     "),
    (", f a b\n;f a\n/f a", "0      \n0   \n0   "),
    ("x = !ls\na.b, c = %sx ls\nd['#='] = !ls", "x = 0  \na.b, c = 0     \nd['#='] = 0  "),
    ("!ls \\\n a \\\n b\nx", "0    \n    \n  \nx"),
    ("!ls\r\nx", "0  \r\nx"),
    ("f(\n 1)?\nx", "0 \n   \nx"),
    ("%timeit f(x)", "if 1:   f(x)"),
    ("%timeit -n 10 -r3 -o f(x)", "if 1:             f(x)".rjust(21)),
    ("% time y = f(x); z", "if 1:  y = f(x); z"),
    ("%time f(a, \\\n  b)", "if 1: f(a, \\\n  b)"),
    ("for _ in x:\n\t%time f()", "for _ in x:\n\tif 1: f()"),
    ("x = %timeit -o f(y)", "x = 1 and      f(y)"),
    ("%time for i in x: f(i)", "0                     "),
    ("%time\n%timeit", "0    \n0      "),
    ("%lprun -f f f(x)", "0               "),
    ("\n%%time\nx = 1", "\n0     \nx = 1"),
    ("%%timeit -n 3 a = 1\n%%capture\nb", "if 1:          a = 1\n0        \nb"),
    ("pip install opt_einsum", "0                     "),
    ("timeit f(x)", "if 1:  f(x)"),
]
PYTHON = [
    "print('x=%d' % 3)",
    "'a=%d' % x",
    "s = '''\n%time\n!x\n'''",
    'f(\n"it\'s", # (\n%x\n)',
    "x = a\\\n%b",
    "x = 1  # why?",
    "x = '?'",
    "x = {'a': y != z}",
    "ls = 1",
    "await f()",
    "time = x",
]
SKIPPED = [
    "%%bash\nls",
    "%%html\n<b>",
    "%%python\nx = 1",
    "%%time\n%%script sh\nls",
    "%%timeit import torch\nx",
    "%%timeit\nfrom torch import einsum\nx",
]


@pytest.mark.parametrize(("cell", "expected"), MASKED)
def test_a_magic_is_masked_in_its_place(cell: str, expected: str) -> None:
    masked = python_of(cell)
    assert masked is not None
    assert masked.split() == expected.split()
    assert len(masked) == len(cell)
    assert [len(row) for row in masked.split("\n")] == [len(row) for row in cell.split("\n")]
    ast.parse(masked)
    for word in ("f(x)", "f()", "y = f(x); z"):
        assert word not in masked or masked.index(word) == cell.index(word)


@pytest.mark.parametrize("cell", PYTHON)
def test_python_stays_as_it_is(cell: str) -> None:
    assert python_of(cell) == cell


@pytest.mark.parametrize("cell", SKIPPED)
def test_cells_that_are_not_run_here_are_skipped(cell: str) -> None:
    assert python_of(cell) is None


@pytest.mark.parametrize("cell", [*(cell for cell, _ in MASKED[:-2]), *PYTHON, "x ? y", "!a\nb c"])
def test_ipython_takes_the_same_cells_for_python(cell: str) -> None:
    if cell == "f(\n 1)?\nx":
        pytest.skip("IPython asks for help on names only; the cell is of no use to it")
    masked = python_of(cell)
    assert masked is not None
    assert is_python(masked) is is_python(TransformerManager().transform_cell(cell))


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("x = 1\n%run other.py", True),
        ("%pylab inline", True),
        ("%%cython\ndef einsum(): pass", True),
        ("%time run()", False),
        ("run = 1", False),
    ],
)
def test_magics_that_bind_names_are_known(cell: str, expected: bool) -> None:
    assert binds_unseen_names(cell) is expected


def test_a_cell_with_thousands_of_magics() -> None:
    """It was read by a function that called itself for each."""
    code = python_of("%%capture\n" * 3000 + "x = 1")
    assert code == "0        \n" * 3000 + "x = 1"
