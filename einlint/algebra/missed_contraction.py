"""A sum over one operand where one other letter would make the equation a matrix product."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.algebra.roles import IndexRoles, index_roles


@dataclass(frozen=True, slots=True)
class MissedContraction:
    """The index that is summed alone, its operand, and what the equation may have meant."""

    index: str
    operand: int
    meant: Equation


def missed_contractions(equation: Equation) -> Iterator[MissedContraction]:
    """The equations of two operands that are one letter away, the likeliest first.

    `bnsk,bnsh->bnsh` contracts nothing, and `k` has no use; `bnsk,bnkh->bnsh` is a product. Where
    no other letter gives one, the sum is deliberate: `ndfc,d->nf`, `ni,nj->n`.
    """
    if len(equation.inputs) != 2:
        return
    roles = index_roles(equation)
    for index in roles.summed:
        operand = int(index in equation.inputs[1])
        own, term = equation.inputs[operand], equation.inputs[1 - operand]
        # What stands first in both is a batch, as in `zu,zv->zv`.
        start = int(term[:1] == own[:1])
        for place in reversed(range(start, len(term))):
            # Where something is contracted, only another letter without a use may be the typo.
            if term[place] == ELLIPSIS or (roles.contracted and term[place] not in roles.summed):
                continue
            inputs = list(equation.inputs)
            inputs[1 - operand] = (*term[:place], index, *term[place + 1 :])
            if _is_product(inputs, equation.output):
                meant = Equation(tuple(inputs), equation.output)
                yield MissedContraction(index, operand, meant)


def _is_product(inputs: Sequence[Subscripts], output: Subscripts) -> bool:
    """Whether it contracts, and both operands have an index of their own."""
    if not {*output} <= {label for term in inputs for label in term}:
        return False
    roles = index_roles(Equation(tuple(inputs), output))
    is_clean = roles == IndexRoles(roles.batch, roles.contracted, roles.free_left, roles.free_right)
    return is_clean and all((roles.contracted, roles.free_left, roles.free_right))
