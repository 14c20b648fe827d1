"""The sizes of the zeros that a mask is built of, asked of query and key."""

from collections.abc import Set
from typing import Final

from einlint.source.sdpa.axes import spread
from einlint.source.sdpa.matching import FEATURE, QUERY, Matched
from einlint.source.sdpa.of_scores.sizes import sizes_of_scores
from einlint.source.sdpa.parts import Parts
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.values import is_number
from einlint.source.terms import SIZE, Term

_SCALING: Final = frozenset({"mul", "div"})


def _of_name(size: Term, named: Set[Term]) -> Term:
    """A length of what has a name, where that is a query before it is scaled."""
    owner = size.operands[0]
    while owner not in named and owner.operator in _SCALING:
        if not all(map(is_number, owner.operands[1:])):
            return size
        owner = owner.operands[0]
    return Term(SIZE, (owner,), detail=size.detail, line=size.line)


def sizes_of_zeros(matched: Matched, parts: Parts, read: Read) -> tuple[Term, ...] | None:
    """The lengths of rows and columns, which what masks them makes larger; None if not known.

    What a function is given instead of the scores has all their axes.
    """
    found = sizes_of_scores(matched.scores.base)
    place = read.recorder.places.get(matched.scores.base)
    if found is None or place is None:
        return None
    named = {term for name, term in place.names.items() if "." not in name}
    sizes = tuple(_of_name(each, named) for each in found)
    if not any(each.is_called for each in parts.masks):
        return sizes
    operands = matched.query, matched.key, matched.value
    ranks = {read.rank(each.term, each.product) for each in operands}
    rank = ranks.pop()
    rows = sizes[0]
    if ranks or rank is None or rows.detail != -2:
        return None
    if spread(matched.query.labels, rank)[-2:] != (QUERY, FEATURE):
        return None
    batch = [Term(SIZE, rows.operands, detail=at, line=rows.line) for at in range(-rank, -2)]
    return (*batch, *sizes)
