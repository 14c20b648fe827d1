"""CallSite: everything that the source shows about one einsum call."""

from collections.abc import Mapping
from typing import NamedTuple

from einlint.algebra.operand_names import called
from einlint.algebra.sizes import Shape
from einlint.algebra.views import View
from einlint.diagnostics import Description, Unjudged
from einlint.rewriting.assumptions import Evidence
from einlint.rewriting.dialects.text import Precedence, Text
from einlint.rewriting.sides import Orders
from einlint.source.apis import Api
from einlint.source.lines import LineIndex
from einlint.source.spans import Span


class SyntaxContext(NamedTuple):
    """The code around a call that a replacement must respect.

    needed: a replacement that binds less tightly than this needs parentheses.
    glued_before, glued_behind: a letter touches the call there, and would join a name at that end
        of the replacement: `return(einsum)(...)`, `einsum(...)if x else y`.
    in_f_string: a brace at the start of the replacement would be doubled.
    errors_are_caught: the code around the call handles its errors.
    has_autocast: the file turns autocast on somewhere, and the call may be reached from there.
    subject: what the code does if it tests or measures the call itself: "timed or profiled here".
    module: the name of the API's module at this place; None if it has none.
    """

    needed: Precedence
    glued_before: bool
    glued_behind: bool
    in_f_string: bool
    errors_are_caught: bool
    has_autocast: bool
    subject: str | None
    module: str | None


class Arguments(NamedTuple):
    """The arguments of the call.

    equation: its text; None if it is not known, and `unjudged` says why.
    is_overridable: a derived class of another file may set another equation.
    is_of_a_partial: the equation is not in the call, but in the `partial` that it calls.
    rejection: why torch rejects the form of the call; then at most `equation` is known.
    equation_end: the offset of the closing quote, where text can be added; None if not.
    sublist_fault: why the sublists of the call are not an equation.
    operand_count: the number of operands; None if it is unknown because of unpacking.
    operands: their texts; None if they cannot be written elsewhere: `obstacle` says why.
    comments: the comments inside the call but outside of its operands.
    evidence: assumption name -> what proves it here.
    shapes: the known sizes of each operand; None if its rank is unknown. Empty if the operands
        are unknown.
    fitted_shapes: the same if the call does not raise, because the equation tells the ranks.
    dtypes: the dtype of each operand as torch names it; None if it is unknown.
    permutations: for each operand, the permutations at its end, the last one first; empty if the
        file has no softmax.
    views: for each operand, the views that its text ends in, the last one first.
    sure_views: how many of them may be left out, as they are surely those of a tensor.
    """

    equation: str | None = None
    equation_end: int | None = None
    sublist_fault: str | None = None
    operand_count: int | None = None
    operands: tuple[Text, ...] | None = None
    obstacle: str | None = None
    comments: tuple[str, ...] = ()
    evidence: Mapping[str, Evidence] = {}
    shapes: tuple[Shape | None, ...] = ()
    fitted_shapes: tuple[Shape | None, ...] = ()
    dtypes: tuple[str | None, ...] = ()
    permutations: tuple[tuple[Orders, ...], ...] = ()
    rejection: str | None = None
    unjudged: Unjudged | None = None
    is_overridable: bool = False
    is_of_a_partial: bool = False
    views: tuple[tuple[View, ...], ...] = ()
    sure_views: tuple[int, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The operands as the code writes them; none if they cannot be written elsewhere."""
        return tuple(each.source for each in self.operands or ())

    def called(self, count: int) -> tuple[str, ...]:
        """What messages call each of `count` operands."""
        return called(self.texts, count)


class CallSite(NamedTuple):
    """One call of an einsum API, a fact; `span` excludes parentheses around the call.

    function: the dotted name of the function around it; empty at the top level.
    """

    api: Api
    span: Span
    lines: LineIndex
    syntax_context: SyntaxContext
    arguments: Arguments
    function: str

    @property
    def start(self) -> int:
        """The offset of its start."""
        return self.span.start

    @property
    def end(self) -> int:
        """The offset of its end."""
        return self.span.end

    @property
    def description(self) -> Description:
        """The function that is called."""
        return Description(self.api.name, function=self.function)
