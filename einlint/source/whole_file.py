"""WholeFile: what the rest of a file shows about its calls; found once, used for every call."""

import ast
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final, NamedTuple

from einlint.algebra.equation import ELLIPSIS, EquationError, Subscripts, parse
from einlint.algebra.sizes import Shape
from einlint.algebra.views import SQUEEZE
from einlint.rewriting.assumptions import (
    NO_AUTOCAST,
    PLAIN_EINSUM,
    RANKS_FIT,
    SQUEEZED_AXES,
    Evidence,
    EvidenceKind,
)
from einlint.rewriting.sides import Orders
from einlint.source.apis import Api
from einlint.source.autocast import ShownAutocast, shown_autocast
from einlint.source.binder import BoundModule
from einlint.source.bound_before import BoundBefore
from einlint.source.callsite import Arguments
from einlint.source.caught import where_errors_are_caught
from einlint.source.compared import compared_calls
from einlint.source.doubtful_rank import doubt_of_rank
from einlint.source.infer import FileTerms, OperandShapes
from einlint.source.interception import interception
from einlint.source.lines import LineIndex
from einlint.source.sure_views import all_squeeze, sure_views
from einlint.source.timed import where_time_is_taken

# Attention has one between its two products; it may be `nn.Softmax`.
_SOFTMAX: Final = "oftmax"


class WholeFile(NamedTuple):
    """What a file shows about its calls.

    terms: the terms that compute the operands. shapes: what is known of their shapes.
    dtypes: the known dtypes of operands, if no autocast casts them.
    caught: the nodes whose errors some code handles. timed: those that are timed or profiled.
    compared: the calls whose result is tested, with the line of the comparison.
    before: the values of local names.
    autocast: the regions of autocast in the code.
    intercepted: the code that replaces or watches the called function.
    """

    bound: BoundModule
    lines: LineIndex
    terms: FileTerms
    shapes: OperandShapes
    dtypes: Mapping[ast.expr, str | None]
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
        line = self.compared.get(call)
        return None if line is None else f"compared at {self.lines.describe_line(line)}"

    def evidence(
        self, call: ast.Call, operands: Sequence[ast.expr], shapes: Sequence[Shape | None]
    ) -> Iterator[tuple[str, Evidence]]:
        """What the file proves or refutes of the assumptions at a call."""
        if self.intercepted is not None:
            yield PLAIN_EINSUM, self.intercepted
        line = self.autocast.around(call, self.bound.parents)
        if line is not None:
            text = f"the code shows an autocast there ({self.lines.describe_line(line)})"
            yield NO_AUTOCAST, Evidence(text, self.lines.starts[line - 1], EvidenceKind.AGAINST)
        ranks = self._ranks(operands, shapes)
        if ranks is not None:
            yield RANKS_FIT, ranks

    def tensors(self, call: ast.Call) -> Set[ast.expr]:
        """The operands of a call that surely are tensors, and no lists of them."""
        return self.terms.tensors(call)

    def with_units(self, call: ast.Call, arguments: Arguments) -> tuple[Shape | None, ...]:
        """The shapes of the operands; for an unknown one, its axes that are visibly of size 1.

        Those prove nothing, because only the equation gives the rank; but they count against a
        replacement.
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

    def permutations(self, call: ast.Call, arguments: Arguments) -> tuple[tuple[Orders, ...], ...]:
        """For each operand, the permutations at its end, if torch.compile may find attention."""
        terms = _terms(arguments)
        if terms is None or _SOFTMAX not in self.lines.text:
            return ()
        ranks = [0 if ELLIPSIS in term else len(term) for term in terms]
        return self.terms.permutations(call, ranks)

    def with_sure_views(self, call: ast.Call, arguments: Arguments) -> Arguments:
        """The arguments with what the file proves of the views of their operands."""
        views = arguments.views
        if not any(views):
            return arguments
        known = arguments._replace(sure_views=sure_views(self.terms, call, views))
        if not any(view.name == SQUEEZE for own in views for view in own):
            return known
        if not all_squeeze(self.terms, call, views):
            return known
        shown = Evidence("the code shows that the squeezed axes have size 1")
        return known._replace(evidence={**known.evidence, SQUEEZED_AXES: shown})

    def _ranks(
        self, operands: Sequence[ast.expr], shapes: Sequence[Shape | None]
    ) -> Evidence | None:
        """Evidence that all ranks are known, or that one depends on data.

        Known ranks fit: a call with wrong ones is reported without a fix.
        """
        for node, shape in zip(operands, shapes, strict=True):
            doubt = None if shape is not None else doubt_of_rank(node, self.before, self.lines)
            if doubt is not None:
                return Evidence(doubt, self.lines.extent(node)[0], EvidenceKind.AGAINST)
        if None in shapes or not shapes:
            return None
        offsets = (axis.offset for shape in shapes for axis in shape or ())
        first = next((offset for offset in offsets if offset is not None), None)
        return Evidence("the number of axes that the code shows", first)


def _terms(arguments: Arguments) -> tuple[Subscripts, ...] | None:
    """The terms of the equation, if there is one per operand."""
    try:
        terms = parse(arguments.equation or "").inputs
    except EquationError:
        return None
    return terms if len(terms) == len(arguments.shapes) else None


def whole_file(bound: BoundModule, lines: LineIndex, calls: Mapping[ast.Call, Api]) -> WholeFile:
    """Find what a file shows about these calls."""
    before = BoundBefore(bound)
    terms = FileTerms.read(bound, lines, calls)
    return WholeFile(
        bound,
        lines,
        terms,
        terms.shapes(),
        terms.dtypes(),
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
    text = f"{lines.describe_line(found.line)} {found.deed}"
    return Evidence(text, lines.starts[found.line - 1], EvidenceKind.AGAINST)
