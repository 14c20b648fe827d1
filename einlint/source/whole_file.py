"""WholeFile: what the rest of a file says of its calls; found once, asked for each call."""

import ast
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from einlint.algebra.equation import ELLIPSIS, EquationError, Subscripts, parse
from einlint.algebra.sizes import Shape
from einlint.rewriting.assumptions import (
    NO_AUTOCAST,
    PLAIN_EINSUM,
    RANKS_FIT,
    Evidence,
    EvidenceKind,
)
from einlint.source.apis import Api
from einlint.source.autocast import ShownAutocast, shown_autocast
from einlint.source.binder import BoundModule
from einlint.source.bound_before import BoundBefore
from einlint.source.callsite import Arguments
from einlint.source.caught import where_errors_are_caught
from einlint.source.compared import compared_calls
from einlint.source.doubtful_rank import doubt_of_rank
from einlint.source.infer import FileTerms
from einlint.source.interception import interception
from einlint.source.lines import LineIndex
from einlint.source.soundness import is_unsure
from einlint.source.timed import where_time_is_taken

# The compiler's pattern of attention has one between its two products.
_SOFTMAX: Final = "softmax"


@dataclass(frozen=True, slots=True)
class WholeFile:
    """What a file says of its calls.

    terms: what computes the operands. shapes: what is known of those.
    caught: the nodes whose errors some code looks at. timed: those that are timed or profiled.
    compared: calls whose result is tested, with the line that compares it.
    before: what local names stand for.
    autocast: the regions that the code shows.
    intercepted: what replaces or watches the function that is called.
    """

    bound: BoundModule
    lines: LineIndex
    terms: FileTerms
    shapes: Mapping[ast.expr, Shape | None]
    caught: Set[ast.AST]
    timed: Set[ast.AST]
    compared: Mapping[ast.Call, int]
    before: BoundBefore
    autocast: ShownAutocast
    intercepted: Evidence | None

    def subject(self, call: ast.Call) -> str | None:
        """What is done with a call that some code tests or measures."""
        if call in self.timed:
            return "timed or profiled here"
        row = self.compared.get(call)
        return None if row is None else f"compared at {self.lines.describe_line(row)}"

    def evidence(
        self, call: ast.Call, operands: Sequence[ast.expr], shapes: Sequence[Shape | None]
    ) -> Iterator[tuple[str, Evidence]]:
        """What the file proves or refutes of the assumptions at a call."""
        if self.intercepted is not None:
            yield PLAIN_EINSUM, self.intercepted
        row = self.autocast.around(call, self.bound.parents)
        if row is not None:
            text = f"the code shows an autocast there ({self.lines.describe_line(row)})"
            yield NO_AUTOCAST, Evidence(text, self.lines.starts[row - 1], EvidenceKind.AGAINST)
        ranks = self._ranks(operands, shapes)
        if ranks is not None:
            yield RANKS_FIT, ranks

    def with_units(self, call: ast.Call, arguments: Arguments) -> tuple[Shape | None, ...]:
        """The shapes of the operands; of one that is not known, the axes that are visibly 1.

        Those prove nothing, as only the call tells how many axes there are; they speak against
        a replacement.
        """
        terms = _terms(arguments)
        return (
            arguments.shapes
            if terms is None
            else tuple(
                self.terms.unit_axes(call, number, len(term))
                if shape is None and ELLIPSIS not in term
                else shape
                for number, (term, shape) in enumerate(zip(terms, arguments.shapes, strict=True))
            )
        )

    def permutations(
        self, call: ast.Call, arguments: Arguments
    ) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """By operand the permutations that it ends in, where torch.compile may find attention."""
        terms = _terms(arguments)
        if terms is None or _SOFTMAX not in self.lines.text:
            return ()
        ranks = [0 if ELLIPSIS in term else len(term) for term in terms]
        return self.terms.permutations(call, ranks)

    def _ranks(
        self, operands: Sequence[ast.expr], shapes: Sequence[Shape | None]
    ) -> Evidence | None:
        """That all are known, as a call that is rejected has no fix; or that one is in doubt."""
        for node, shape in zip(operands, shapes, strict=True):
            doubt = None if shape is not None else doubt_of_rank(node, self.before, self.lines)
            if doubt is not None:
                return Evidence(doubt, self.lines.extent(node)[0], EvidenceKind.AGAINST)
        if None in shapes or not shapes:
            return None
        offsets = (axis.offset for shape in shapes for axis in shape or ())
        first = next((offset for offset in offsets if offset is not None), None)
        return Evidence("the code shows the number of axes of every operand", first)


def _terms(arguments: Arguments) -> tuple[Subscripts, ...] | None:
    """The terms of the equation, if there is one for each operand."""
    try:
        terms = parse(arguments.equation or "").inputs
    except EquationError:
        return None
    return terms if len(terms) == len(arguments.shapes) else None


def whole_file(bound: BoundModule, lines: LineIndex, calls: Mapping[ast.Call, Api]) -> WholeFile:
    """Read what a file says of these calls."""
    before = BoundBefore(bound)
    terms = FileTerms.read(bound, lines, calls)
    return WholeFile(
        bound,
        lines,
        terms,
        {} if is_unsure(bound) else terms.shapes(),
        where_errors_are_caught(bound),
        where_time_is_taken(bound, is_notebook=lines.parts is not None),
        compared_calls(calls, bound, before),
        before,
        shown_autocast(bound, lines.text),
        _intercepted(bound, lines, calls),
    )


def _intercepted(
    bound: BoundModule, lines: LineIndex, calls: Mapping[ast.Call, Api]
) -> Evidence | None:
    found = interception(bound, calls)
    if found is None:
        return None
    text = f"{lines.describe_line(found.row)} {found.deed}"
    return Evidence(text, lines.starts[found.row - 1], EvidenceKind.AGAINST)
