"""`baddbmm`: a product of matrices that is scaled and added."""

from einlint.algebra.equation import Equation
from einlint.source.terms import PRODUCT, Term


def fused_product(term: Term, equation: Equation) -> Term:
    """`baddbmm(a, b, c, beta=..., alpha=...)` as a sum and a product of this equation."""
    base, *sides = term.positional
    product = Term(PRODUCT, tuple(sides), detail=equation, line=term.line)
    keywords = term.keywords
    if "alpha" in keywords:
        product = Term("mul", (product, keywords["alpha"]), line=term.line)
    if "beta" in keywords:
        base = Term("mul", (base, keywords["beta"]), line=term.line)
    return Term("add", (base, product), line=term.line)
