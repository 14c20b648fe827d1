"""What a reading meets that asks scores for something, read as if query or key were asked."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from einlint.source.binder import BoundModule
from einlint.source.sdpa.of_scores.batch_sizes import (
    of_named,
    rank_of_scores,
    size_of_scores,
    sizes_of_scores,
)
from einlint.source.sdpa.of_scores.borrowed import Lent, lender_of
from einlint.source.sdpa.of_scores.ranks import lender_of_rank
from einlint.source.sdpa.of_scores.sizes import both_sizes, size_without_scores
from einlint.source.sdpa.of_scores.triangles import Triangle, triangle_of
from einlint.source.sdpa.of_scores.unexpanded import unexpanded
from einlint.source.terms import ITEM, SHAPE, SIZE, TUPLE, Term

_ASKING: Final = frozenset(
    {"device", "dtype", "is_cuda", "expand", "expand_as", "to", "type_as", "get_device"}
    | {"dim", "ndim", "ndimension", "shape", "size"}
    | {"new_zeros", "new_ones", "new_full", "new_tensor"}
)


def may_ask(node: ast.expr) -> bool:
    """Whether it is spelled like what asks for a device, a dtype or a shape."""
    called = node.func if isinstance(node, ast.Call) else node
    return isinstance(called, ast.Attribute) and called.attr in _ASKING


@dataclass(slots=True)
class Asked:
    """What has been met, in the functions themselves.

    sizes: what asks for axes of a product, and the same of its operands.
    lent: the names of scores that are asked for a device or dtype, and what may be asked instead.
    expanded: masks that are expanded to scores, with these.
    triangles: what is made like scores to mask them, and what may be made instead.
    """

    bound: BoundModule
    sizes: dict[ast.expr, tuple[Term, ...]] = field(default_factory=dict)
    lent: dict[ast.Name, Lent] = field(default_factory=dict)
    expanded: dict[ast.expr, Term] = field(default_factory=dict)
    triangles: dict[ast.expr, Triangle] = field(default_factory=dict)

    def mask(self, node: ast.expr, names: Mapping[str, Term], *, is_here: bool) -> ast.expr | None:
        """The mask that an expression expands to scores."""
        found = unexpanded(node, names, self.bound)
        if found is None:
            return None
        if is_here:
            self.expanded[node] = found[1]
        return found[0]

    def names(
        self, node: ast.expr, names: dict[str, Term], *, is_here: bool
    ) -> dict[str, Term] | None:
        """What names stand for where query or key is asked; None if no scores are."""
        lender = lender_of(node, names, is_here=is_here)
        lender = lender or lender_of_rank(node, names, self.bound)
        if lender is None:
            return None
        if is_here:
            self.lent[lender.of] = lender
        return {**names, lender.of.id: lender.term}

    def size(self, node: ast.expr, term: Term, names: Mapping[str, Term], *, is_here: bool) -> Term:
        """A length of scores, or several, as those of query and key."""
        if term.operator not in (SIZE, ITEM, SHAPE):
            return term
        both = self._all_sizes(node, term) if term.operator == SHAPE else both_sizes(term)
        one = None if both else size_without_scores(term) or size_of_scores(term)
        sizes = both or ((one,) if one is not None else ())
        sizes = tuple(of_named(each, names) for each in sizes)
        if sizes and is_here:
            self.sizes[node] = sizes
        if len(sizes) > 1:
            return Term(TUPLE, sizes, detail=False, line=term.line)
        return sizes[0] if sizes else term

    def _all_sizes(self, node: ast.expr, shape: Term) -> tuple[Term, ...]:
        """All lengths of scores, where an assignment gives each of them a name."""
        match self.bound.parents[node]:
            case ast.Assign(targets=[ast.Tuple(elts=names)]) if len(names) > 1:
                if all(isinstance(each, ast.Name) for each in names):
                    return sizes_of_scores(shape, len(names))
            case ast.Compare(ops=[ast.Eq() | ast.NotEq()]):
                count = rank_of_scores(shape.operands[0])
                return () if count is None else sizes_of_scores(shape, count)
        return ()

    def triangle(
        self, node: ast.expr, term: Term, names: Mapping[str, Term], *, is_here: bool
    ) -> Term:
        """A tensor like scores that only masks them, as one that needs no scores."""
        found = triangle_of(node, term, names, self.bound) if is_here else None
        if found is None:
            return term
        self.triangles[node] = found
        return found.term
