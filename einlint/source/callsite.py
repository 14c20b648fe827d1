"""CallSite: everything that is known of one einsum call."""

from dataclasses import dataclass, field

from einlint.algebra.sizes import Shape
from einlint.diagnostics import Description
from einlint.rewriting.assumptions import Evidence
from einlint.rewriting.dialects.text import Precedence, Text
from einlint.source.apis import Api
from einlint.source.lines import LineIndex
from einlint.source.spans import Span


@dataclass(frozen=True, slots=True)
class SyntaxContext:
    """What stands around a call, as far as a replacement must respect it.

    needed: the precedence a replacement must have, or else stand in parentheses.
    glued_before, glued_behind: the character there would run into a name at that end of the
        replacement, as in `return(einsum)(...)` and in `einsum(...)if x else y`.
    in_f_string: a brace at the start of the replacement would be doubled.
    errors_are_caught: the code around it looks at what the call raises.
    subject: what is done with the call, where it is what some code tests or measures.
    module: the name of the API's module at this place, if it has one.
    """

    needed: Precedence
    glued_before: bool
    glued_behind: bool
    in_f_string: bool
    errors_are_caught: bool
    subject: str | None
    module: str | None


@dataclass(frozen=True, slots=True)
class Arguments:
    """What is passed to the call.

    equation: its text, None where it is not literal.
    rejection: why torch rejects the form of the call, so that nothing else is known of it but
        perhaps the text of the equation.
    equation_end: the offset behind the equation inside its quotes, where it can be extended.
    sublist_fault: why the sublists of the call make no equation.
    operand_count: how many operands are passed; None where unpacking hides it.
    operands: their texts; None where `obstacle` says why they cannot be written elsewhere.
    comments: those inside the call and outside of its operands.
    evidence: assumption name -> what proves it here.
    shapes: what is known of the sizes of each operand; None where its rank is unknown. Empty
        where the operands are not known.
    permutations: by operand those that it ends in, the last one first, where the file takes a
        softmax; empty elsewhere.
    """

    equation: str | None = None
    equation_end: int | None = None
    sublist_fault: str | None = None
    operand_count: int | None = None
    operands: tuple[Text, ...] | None = None
    obstacle: str | None = None
    comments: tuple[str, ...] = ()
    evidence: dict[str, Evidence] = field(default_factory=dict)
    shapes: tuple[Shape | None, ...] = ()
    permutations: tuple[tuple[tuple[int, ...], ...], ...] = ()
    rejection: str | None = None


@dataclass(frozen=True, slots=True)
class CallSite:
    """One call of an einsum API, a fact; `span` excludes parentheses around the call.

    function: the dotted name of the function around it, empty outside of any.
    """

    api: Api
    span: Span
    lines: LineIndex
    syntax_context: SyntaxContext
    arguments: Arguments
    function: str

    @property
    def start(self) -> int:
        """Where the call starts."""
        return self.span.start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.span.end

    @property
    def description(self) -> Description:
        """The function that is called."""
        return Description(self.api.name, function=self.function)
