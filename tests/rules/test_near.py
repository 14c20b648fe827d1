"""A spelling is left to --pedantic where an einsum of the same operand stays beside the call."""

import pytest

from einlint import Settings
from einlint.linting.engine import check
from einlint.source.file import SourceFile

HEAD = "import torch\n\n\ndef f(q, k, queue, w):\n"
POSITIVE = '    positive = torch.einsum("nc,nc->n", q, k)\n'
NEGATIVE = '    negative = torch.einsum("nc,ck->nk", q, queue)\n'


def reported(body: str, *, pedantic: bool = False) -> list[int]:
    """The lines of a function that are reported."""
    settings = Settings(select=("EIN1",), pedantic=pedantic)
    found = check(SourceFile("a.py", HEAD + body), settings).diagnostics
    return [
        (HEAD + body)[: each.start].count("\n") - 3
        for each in found
        if pedantic or not each.is_pedantic
    ]


def test_the_logits_of_momentum_contrast_are_left_in_one_notation() -> None:
    body = POSITIVE + NEGATIVE + "    return positive, negative\n"
    assert reported(body) == []
    assert 2 in reported(body, pedantic=True)


@pytest.mark.parametrize(
    "body",
    [
        NEGATIVE,
        POSITIVE.replace("q, k", "w, k") + NEGATIVE,  # no operand of both
        POSITIVE + "\n" * 6 + NEGATIVE,
        POSITIVE + "    def g(q, queue):\n        " + NEGATIVE.strip() + "\n",
        NEGATIVE + NEGATIVE.replace("q, queue", "q, w"),  # both have a simpler spelling
        NEGATIVE + '    wrong = torch.einsum("nc,ck->nz", q, w)\n',
    ],
)
def test_a_call_is_reported_without_such_a_neighbour(body: str) -> None:
    rows = reported(body)
    assert body[: body.index(NEGATIVE.strip())].count("\n") + 1 in rows


def test_the_statements_of_a_module_are_no_unit() -> None:
    text = f"import torch\n{POSITIVE}{NEGATIVE}".replace("    ", "")
    found = check(SourceFile("a.py", text), Settings(select=("EIN1",))).diagnostics
    assert [each.start for each in found if not each.is_pedantic] == [text.rindex("torch.einsum")]
