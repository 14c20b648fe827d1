"""Operands by keyword, in the order of the parameters: `torch.matmul(input=q, other=k)`."""

from typing import Final

from einlint.source.operators import IN_PLACE
from einlint.source.terms import Term

_FILLING: Final = ("input", "mask", "value")
_PARAMETERS: Final[dict[object, tuple[str, ...]]] = {
    "masked_fill": _FILLING,
    "masked_fill_": _FILLING,
    "matmul": ("input", "other"),
    "bmm": ("input", "mat2"),
    "softmax": ("input",),
    "dropout": ("input",),
}


def in_order(term: Term) -> Term:
    """The operation with its operands by place, where their names say which these are."""
    parameters = _PARAMETERS.get(term.detail if term.operator == IN_PLACE else term.operator, ())
    missing = parameters[len(term.positional) :]
    if not missing or not {*term.names} >= {*missing}:
        return term
    keywords = term.keywords
    others = tuple(each for each in term.names if each not in missing)
    operands = (*term.positional, *(keywords[each] for each in (*missing, *others)))
    return Term(term.operator, operands, others, term.detail, term.is_method, line=term.line)
