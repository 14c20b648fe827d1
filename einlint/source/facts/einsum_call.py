"""EinsumCall: a call with a literal equation, and the contraction that it computes."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from einlint.algebra.canonical import canonical
from einlint.algebra.contraction import Contraction, ContractionKind, contraction_of
from einlint.algebra.equation import ELLIPSIS, Equation, EquationError, parse
from einlint.algebra.expression import Operand
from einlint.algebra.own_views import operand_with_views
from einlint.algebra.size_table import SizeTable, size_table
from einlint.algebra.sizes import Shape
from einlint.diagnostics import Description, Pointer, Seen
from einlint.printable import printable
from einlint.rewriting.assumptions import PURE_OPERANDS
from einlint.source.binder import BoundModule
from einlint.source.callsite import Arguments, CallSite
from einlint.source.facts.attention import Attention
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.finder import Matcher, ParsedFile
from einlint.source.prefilter import may_call_einsum
from einlint.source.size_names import TwoNames, two_names

# How far away a call stands that is read together with another, in lines and in calls.
_NEAR_LINES: Final = 5
_MOST_NEAR: Final = 4


class EinsumCall(NamedTuple):
    """A call with a literal equation.

    contraction: what it computes; None if the equation is invalid (`error`), the sublists are not
        an equation, or torch rejects the form of the call.
    sizes: the known sizes of its indices; None if no size is known.
    fitted: the same if the operands have the ranks of the equation; else the call raises.
    two_names: the indices whose sizes the code calls by two names.
    seen: what a trace recorded of it; None without a trace.
    attention: the attention that it is a product of.
    other: the other product of it; None if that is written as a matrix product already.
    is_beside_stacks: whether its function has batched products that are none of `torch.bmm`.
    near: the calls a few lines away that share an operand with it.
    """

    site: CallSite
    text: str
    contraction: Contraction | None
    sizes: SizeTable | None = None
    fitted: SizeTable | None = None
    error: EquationError | None = None
    two_names: tuple[TwoNames, ...] = ()
    seen: Seen | None = None
    attention: Attention | None = None
    other: "EinsumCall | None" = None
    is_beside_stacks: bool = False
    near: "tuple[EinsumCall, ...]" = ()

    @property
    def shown(self) -> str:
        """The equation for messages: on one line, with escapes for unprintable characters."""
        return printable(self.text.strip(" "))

    def pointer(self, column: int) -> Pointer:
        """The character at a column of the equation."""
        end, text = self.site.arguments.equation_end, self.site.lines.text
        # A line break in a string may be two characters in the file and is one in the equation.
        is_plain = end is not None and text.endswith(self.text, 0, end)
        offset = end - len(self.text) + column if end is not None and is_plain else None
        return Pointer(self.text, column, offset)

    @property
    def has_miscounted_operands(self) -> bool:
        """Whether the number of operands is known, and is not that of the equation."""
        count = self.site.arguments.operand_count
        return self.contraction is not None and count not in (
            None,
            len(self.contraction.equation.inputs),
        )

    @property
    def mixed_dtypes(self) -> tuple[str, str] | None:
        """The dtypes of two operands of a contraction, where they differ: `@` rejects them."""
        contracted = () if self.contraction is None else self.contraction.roles.contracted
        match self.site.arguments.dtypes:
            case (str(one), str(other)) if one != other and {*contracted} - {ELLIPSIS}:
                return one, other
        return None

    @property
    def has_dtype_conflict(self) -> bool:
        """Whether einsum rejects them too.

        Where all that is contracted has size 1 in one operand, it multiplies, which promotes; so
        it may where a size is 0.
        """
        if self.mixed_dtypes is None or self.site.syntax_context.has_autocast:
            return False
        if self.contraction is None or self.fitted is None:
            return True
        tables = [each.places for each in (self.sizes, self.fitted) if each is not None]
        sizes = {
            label: {each.axis.size for places in tables for each in places.get(label, ())}
            for label in {*self.contraction.roles.contracted}.union(*tables)
        }
        contracted = (sizes[label] for label in self.contraction.roles.contracted)
        is_sum = any(found and 1 not in found for found in contracted)
        return is_sum and not any(0 in found for found in sizes.values())

    @property
    def is_rejected(self) -> bool:
        """Whether the call surely raises, by the number, ranks, sizes or dtypes of its operands."""
        tables = (self.sizes, self.fitted)
        has_conflicts = any(each is not None and each.has_conflicts for each in tables)
        return self.has_miscounted_operands or has_conflicts or self.has_dtype_conflict

    @property
    def start(self) -> int:
        """The offset of its start."""
        return self.site.start

    @property
    def end(self) -> int:
        """The offset of its end."""
        return self.site.end

    @property
    def description(self) -> Description:
        """The called function, the equation and its kind, and what a trace recorded."""
        described = self.site.description._replace(equation=self.text, seen=self.seen)
        if self.contraction is None:
            return described
        return described._replace(
            canonical=str(canonical(self.contraction.equation)),
            kind=self.contraction.kind.value,
            roles=tuple(self.contraction.roles.as_text().items()),
        )


def products_of(attention: HandWrittenAttention) -> tuple[EinsumCall, ...]:
    """The products of an attention that are einsum calls."""
    parsed = attention.parsed
    if not may_call_einsum(parsed.source.text):
        return ()
    # Reading calls is dear: first whether there is one.
    if not any((each.start, each.end) in attention.products for each in parsed.facts(CallSite)):
        return ()
    found = parsed.facts(EinsumCall)
    return tuple(each for each in found if (each.start, each.end) in attention.products)


def find(parsed: ParsedFile) -> Iterator[EinsumCall]:
    """The calls of a file that rules can judge."""
    found = (_einsum_call(site, parsed.bound) for site in parsed.facts(CallSite))
    known = _beside(call for call in found if call is not None)
    calls = {id(call.site): call for call in _with_near(tuple(known))}
    for attention in parsed.facts(Attention):
        products = [calls[id(site)] for site in attention.sites if id(site) in calls]
        for call in products:
            other = next((each for each in products if each is not call), None)
            calls[id(call.site)] = call._replace(attention=attention, other=other)
    yield from calls.values()


def _beside(found: Iterable[EinsumCall]) -> Iterator[EinsumCall]:
    """The calls, of which those know it that stand beside batched products of other sizes."""
    calls = tuple(found)
    batched = [each for each in calls if _is_batched(each)]
    functions = {each.site.function for each in batched if not _has_one_batch(each)}
    functions.discard("")  # the statements of a module, or of notebooks, are no unit
    for call in calls:
        is_beside = call.site.function in functions and _is_batched(call)
        yield call._replace(is_beside_stacks=True) if is_beside else call


def _with_near(calls: tuple[EinsumCall, ...]) -> Iterator[EinsumCall]:
    for at, call in enumerate(calls):
        around = (*calls[max(at - _MOST_NEAR, 0) : at], *calls[at + 1 : at + 1 + _MOST_NEAR])
        near = tuple(each for each in around if _is_near(call, each))
        yield call._replace(near=near) if near else call


def _is_near(call: EinsumCall, other: EinsumCall) -> bool:
    """Whether both stand within a few lines of one function, and share an operand."""
    if call.site.function != other.site.function or not call.site.function:
        return False
    one, two = ({*each.site.arguments.texts} - {""} for each in (call, other))
    if one.isdisjoint(two):
        return False
    lines = call.site.lines
    apart = max(call.start, other.start), min(call.end, other.end)
    return lines.line_number(apart[0]) <= lines.line_number(apart[1]) + _NEAR_LINES


def _is_batched(call: EinsumCall) -> bool:
    kind = None if call.contraction is None else call.contraction.kind
    return kind is ContractionKind.BATCHED_MATMUL


def _has_one_batch(call: EinsumCall) -> bool:
    """Whether it has one batch axis, which the code shows to be of one size."""
    batch = () if call.contraction is None else call.contraction.roles.batch
    return len(batch) == 1 and call.sizes is not None and call.sizes.has_one_size(batch[0])


def _einsum_call(site: CallSite, bound: BoundModule) -> EinsumCall | None:
    text, fault = site.arguments.equation, site.arguments.sublist_fault
    if site.arguments.rejection is not None:
        return EinsumCall(site, text or "", None)
    if text is None:
        return None if fault is None else EinsumCall(site, "", None)
    try:
        equation = parse(text)
    except EquationError as error:
        return EinsumCall(site, text, None, error=error)
    contraction = contraction_of(equation, _operands(site.arguments, equation))
    shapes, fitted = site.arguments.shapes, site.arguments.fitted_shapes
    if len(fitted) == len(shapes):
        fitted = tuple(one or other for one, other in zip(fitted, shapes, strict=True))
    sizes = known_sizes(site, contraction)
    table = sizes if fitted == shapes else _sizes(site, contraction, fitted)
    return EinsumCall(
        site,
        text,
        contraction,
        sizes,
        table,
        two_names=() if table is None else two_names(table, bound),
    )


def _operands(arguments: Arguments, equation: Equation) -> tuple[Operand, ...]:
    """The operands with the views of their texts; none if no text has any."""
    sure = arguments.sure_views
    if len(sure) != len(equation.inputs):
        return ()
    terms = zip(equation.inputs, arguments.views, sure, strict=True)
    return tuple(operand_with_views(place, *each) for place, each in enumerate(terms))


def known_sizes(site: CallSite, contraction: Contraction) -> SizeTable | None:
    """The sizes that the code shows; None if it shows none."""
    return _sizes(site, contraction, site.arguments.shapes)


def _sizes(
    site: CallSite, contraction: Contraction, shapes: tuple[Shape | None, ...]
) -> SizeTable | None:
    """The sizes from shapes, and from operands that are one tensor; None if nothing is known.

    Operands are one tensor if their texts are equal and evaluating them has no effects: then they
    are names, attributes and constants.
    """
    arguments, count = site.arguments, len(contraction.equation.inputs)
    names = _names(arguments)
    shapes = shapes or (None,) * count
    if len(shapes) != count or (not names and not any(shape is not None for shape in shapes)):
        return None
    return size_table(contraction.equation, shapes, names, arguments.texts)


def _names(arguments: Arguments) -> tuple[str, ...]:
    """The texts of the operands, if two of them are one tensor."""
    texts = arguments.texts
    is_pure = PURE_OPERANDS in arguments.evidence
    return texts if is_pure and len(set(texts)) < len(texts) else ()


MATCHER = Matcher(EinsumCall, find)
