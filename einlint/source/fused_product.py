"""`baddbmm`: a product of matrices that is scaled and added."""

from typing import Final

from einlint.algebra.equation import Equation
from einlint.source.terms import PRODUCT, Term

_SIDES: Final = ("batch1", "batch2")


def is_fused_product(term: Term) -> bool:
    """Whether a call of `baddbmm` is given all that it needs."""
    return len(term.positional) + sum(each in _SIDES for each in term.names) == 3


def fused_product(term: Term, equation: Equation) -> Term:
    """`baddbmm(a, b, c, beta=..., alpha=...)` as a sum and a product of this equation."""
    keywords = term.keywords
    base, *sides = (*term.positional, *(keywords[each] for each in _SIDES if each in keywords))
    product = Term(PRODUCT, tuple(sides), detail=equation, line=term.line)
    if "alpha" in keywords:
        product = Term("mul", (product, keywords["alpha"]), line=term.line)
    if "beta" in keywords:
        base = Term("mul", (base, keywords["beta"]), line=term.line)
    return Term("add", (base, product), line=term.line)
