"""Two names of one size: a finding of EIN009, else a note on the finding of a simpler spelling."""

import pytest

from einlint.linting.engine import check, read
from einlint.settings import Settings
from einlint.source.file import SourceFile

TEXT = """
import torch
def f(x: torch.Tensor, d_in, d_out):
    return torch.einsum("bnd,de->bne", x.view(2, -1, d_in), torch.ones(d_out, d_in))
"""
TEXT_OF_NOTE = (
    "`d` is called d_in in operand `x.view(2, -1, d_in)` "
    "and d_out in operand `torch.ones(d_out, d_in)`"
)


@pytest.mark.parametrize(
    ("extended", "codes"), [((), ["EIN106"]), (("EIN009",), ["EIN009", "EIN106"])]
)
def test_it_is_said_once(extended: tuple[str, ...], codes: list[str]) -> None:
    settings = Settings(extend_select=extended)
    source = read("f.py", TEXT.encode(), settings)
    assert isinstance(source, SourceFile)
    found = check(source, settings).diagnostics
    assert [each.code for each in found] == codes
    said = [text for each in found for text in (each.message, *each.notes)]
    assert sum(TEXT_OF_NOTE in each for each in said) == 1


@pytest.mark.parametrize(
    "rows",
    [
        "x.view(2, -1, d_in), torch.ones(d_in, d_out)",
        "x.view(2, -1, d_in + 1), torch.ones(d_out, d_in)",
        "x.view(2, -1, d_in), torch.ones(d_out, d_in) if d_in == d_out else x",
    ],
)
def test_nothing_is_said_of_one_name_of_a_sum_or_of_names_that_are_compared(rows: str) -> None:
    settings = Settings(select=("EIN009",))
    head = TEXT.partition("return")[0]
    source = read("f.py", f'{head}return torch.einsum("bnd,de->bne", {rows})\n'.encode(), settings)
    assert isinstance(source, SourceFile)
    assert not check(source, settings).diagnostics
