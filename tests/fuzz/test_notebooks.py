"""Notebooks: cells from the grammar with magics, JSON in any style, and both damaged."""

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.conftest import ROOT
from tests.fuzz.fuzzer import Fuzzer
from tests.fuzz.oracles import check_notebook
from tests.fuzz.sources import damaged, texts
from tests.notebook.generate import FIXED, KEPT, generated, numbered

MAGICS = (
    *("%timeit -n 1 ", "%%time\n", "!ls ", "%%bash\n", "r = %time ", "?", "%%capture x\n", "r = !"),
    *(
        "%matplotlib inline\n",
        "  %time ",
        "%%timeit ",
        "%%writefile a.py\n",
        "await ",
        "\n\n",
        ", f ",
    ),
)
KINDS = ("code", "code", "code", "markdown", "raw", "other")


@st.composite
def cells(draw: DrawFn) -> str:
    known = st.sampled_from([each for pair in FIXED for each in pair if each] + list(KEPT))
    text = draw(texts() | known.map(lambda each: numbered(each, 1)))
    if not draw(st.integers(0, 2)):
        text = draw(st.sampled_from(MAGICS)) + text
    if not draw(st.integers(0, 5)):
        text = text.replace("\n", draw(st.sampled_from(("\r\n", "\r", "\u2028\n", "\n\n"))))
    return text


@st.composite
def notebooks(draw: DrawFn) -> bytes:
    """The bytes of a notebook."""
    found = []
    for text in draw(st.lists(cells(), max_size=4)):
        lines = text.splitlines(True) if draw(st.booleans()) else text.split("\n")
        source = draw(st.sampled_from((text, lines, [text], [*text[:9], text[9:]])))
        cell: dict[str, Any] = {"cell_type": draw(st.sampled_from(KINDS)), "source": source}
        cell |= {"metadata": {}, "outputs": draw(st.sampled_from(([], ["einsum \u00e9"], [text])))}
        found.append(dict(draw(st.permutations(list(cell.items())))))
    top = {"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(
        top,
        indent=draw(st.sampled_from((None, 1, 4, "\t"))),
        separators=draw(st.sampled_from((None, (",", ":"), (" ,\n", " : ")))),
        ensure_ascii=draw(st.booleans()),
    )
    bom = draw(st.sampled_from(("", "", "", "\ufeff")))
    return (bom + text.replace("\n", draw(st.sampled_from(("\n", "\r\n"))))).encode()


def test_notebooks_of_the_grammar(fuzzer: Fuzzer) -> None:
    fuzzer.run(0.1, notebooks(), check_notebook)


def test_damaged_notebooks(fuzzer: Fuzzer) -> None:
    files = [each.read_bytes() for each in sorted((ROOT / "fixtures").rglob("*.ipynb"))]
    small = st.sampled_from([each for each in files if len(each) < 9000])
    seeds = st.integers(0, 99).map(lambda seed: generated(seed).before)
    fuzzer.run(0.1, damaged(small | seeds | notebooks()), check_notebook)
