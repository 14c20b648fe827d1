"""SourceFile -> CallSites: every einsum call, wherever it stands."""

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from einlint.algebra.sizes import Shape
from einlint.assumptions import NO_AUTOCAST, RANKS_FIT, Evidence, EvidenceKind
from einlint.dialects.text import Precedence
from einlint.lines import LineIndex
from einlint.source.apis import Api
from einlint.source.arguments import operand_nodes, read_arguments
from einlint.source.autocast import outside_of_autocast
from einlint.source.binder import BoundModule, bind
from einlint.source.bound_before import BoundBefore
from einlint.source.callsite import CallSite, Surroundings
from einlint.source.caught import where_errors_are_caught
from einlint.source.compared import compared_calls
from einlint.source.doubtful_rank import doubt_of_rank
from einlint.source.enclosing import enclosing_function
from einlint.source.file import SourceFile
from einlint.source.imports import calls_of_apis, module_name
from einlint.source.shape_comments import ShapeComments
from einlint.source.shapes.evidence import shapes_of
from einlint.source.spans import CallSpan, Span
from einlint.source.surroundings import (
    is_parenthesised,
    is_word,
    needed_precedence,
)
from einlint.source.timed import where_time_is_taken
from einlint.source.wrappers import apis_with


class UnparsableError(ValueError):
    """Python cannot parse the file; `row` and `column` are 1-based."""

    def __init__(self, reason: str, row: int, column: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row
        self.column = column


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A source file with its tree, the bindings of its names, and its lines.

    functions: the dotted names of the user's wrappers of einsum.
    """

    source: SourceFile
    bound: BoundModule
    lines: LineIndex
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A call of an API: its place, and the spans of its parts where they could be read."""

    call: ast.Call
    api: Api
    place: Span
    spans: CallSpan | None
    in_f_string: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """What the whole file tells of its calls.

    shapes: what is known of operands. caught: the nodes whose errors some code looks at.
    timed: those that are timed or profiled.
    compared: calls whose result is tested, with the line that compares it.
    before: what local names stand for.
    """

    shapes: Mapping[ast.expr, Shape | None]
    caught: Set[ast.AST]
    timed: Set[ast.AST]
    compared: Mapping[ast.Call, int]
    before: BoundBefore


def parse_file(source: SourceFile, functions: tuple[str, ...] = ()) -> ParsedFile:
    """Parse a file, in which `functions` are einsum too.

    Raises:
        UnparsableError: Python cannot.
    """
    bound = bind(tree_of(source.text), apis_with(functions, source.filename))
    return ParsedFile(source, bound, LineIndex.of(source.text, source.cells), functions)


def tree_of(text: str) -> ast.Module:
    """Parse a text.

    Raises:
        UnparsableError: Python cannot.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python thinks of escapes is not ours to tell
            return ast.parse(text)
    except SyntaxError as error:
        row, column = max(1, error.lineno or 1), max(1, error.offset or 1)
        raise UnparsableError(error.msg, row, column) from error
    except (ValueError, RecursionError, MemoryError) as error:
        reason = str(error) or "the source is too deeply nested"
        raise UnparsableError(reason, 1, 1) from error


def find_calls(parsed: ParsedFile) -> list[CallSite]:
    """The einsum calls of a file in source order."""
    calls = calls_of_apis(parsed.bound)
    if not calls:
        return []
    before = BoundBefore(parsed.bound)
    known = _Known(
        shapes_of(parsed.bound, parsed.lines, calls),
        where_errors_are_caught(parsed.bound),
        where_time_is_taken(parsed.bound, is_notebook=bool(parsed.source.cells)),
        compared_calls(calls, parsed.bound, before),
        before,
    )
    sites = [_site(candidate, parsed, known) for candidate in _candidates(parsed, calls)]
    return sorted(sites, key=lambda site: (site.span.start, -site.span.end))


def _candidates(parsed: ParsedFile, apis: Mapping[ast.Call, Api]) -> Iterator[_Candidate]:
    text = parsed.source.text
    known: dict[Span, CallSpan] = {}
    in_f_strings: dict[ast.JoinedStr, list[tuple[ast.Call, Api]]] = {}
    for node, api in apis.items():
        f_string = _outermost_f_string(node, parsed.bound)
        if f_string is not None:
            in_f_strings.setdefault(f_string, []).append((node, api))
            continue
        place = Span(*parsed.lines.extent(node))
        if place not in known:
            # What reading a call tells of those inside of it is not read again.
            known.update((each.span, each) for each in _call_spans(place, text))
        yield _Candidate(node, api, place, known.get(place))
    for f_string, calls in in_f_strings.items():
        yield from _in_f_string(Span(*parsed.lines.extent(f_string)), calls, text)


def _in_f_string(place: Span, calls: list[tuple[ast.Call, Api]], text: str) -> Iterator[_Candidate]:
    """Before Python 3.12 `ast` does not know where the parts of an f-string stand; libcst does.

    They are brought together by their text. Of calls with the same text nobody knows which is
    which, and what stands around which, so those are found and not read.
    """
    by_dump: dict[str, list[CallSpan]] = {}
    for each in _call_spans(place, text):
        by_dump.setdefault(_dump(each.span.of(text)), []).append(each)
    unique = {dump for dump, alike in by_dump.items() if len(alike) == 1}
    for call, api in calls:
        dump = ast.dump(call)
        alike = by_dump.get(dump)
        spans = alike.pop(0) if alike else None
        where = place if spans is None else spans.span
        yield _Candidate(call, api, where, spans if dump in unique else None, in_f_string=True)


def _dump(expression: str) -> str:
    try:
        return ast.dump(ast.parse(f"({expression})", mode="eval").body)
    except SyntaxError:
        return ""


def _site(candidate: _Candidate, parsed: ParsedFile, known: _Known) -> CallSite:
    call, place, text = candidate.call, candidate.place, parsed.source.text
    needed = needed_precedence(call, parsed.bound.parents[call])
    if needed > Precedence.ANY and is_parenthesised(text, place.start, place.end):
        needed = Precedence.ANY
    module = module_name(candidate.api.module, call, parsed.bound)
    arguments = read_arguments(call, parsed.bound.scopes[call], candidate.spans, text, known.shapes)
    ranks = _against_ranks(
        operand_nodes(call, arguments), arguments.shapes, known.before, parsed.lines
    )
    if ranks is not None:
        arguments = replace(arguments, evidence={**arguments.evidence, RANKS_FIT: ranks})
    reason = outside_of_autocast(call, parsed.bound, parsed.source)
    if reason is not None:
        evidence = {**arguments.evidence, NO_AUTOCAST: Evidence(reason, call.lineno)}
        arguments = replace(arguments, evidence=evidence)
    # Before Python 3.12 nodes in f-strings have the rows of other ones.
    nodes = () if candidate.in_f_string else tuple(operand_nodes(call, arguments))
    return CallSite(
        candidate.api,
        place,
        parsed.lines,
        Surroundings(
            needed=needed,
            glued_before=is_word(text[place.start - 1 : place.start]),
            glued_behind=is_word(text[place.end : place.end + 1]),
            in_f_string=candidate.in_f_string,
            errors_are_caught=call in known.caught,
            subject=_subject(call, known, parsed.lines),
            module=module,
        ),
        arguments,
        enclosing_function(call, parsed.bound.parents),
        ShapeComments(call, nodes, parsed.bound, parsed.lines),
    )


def _subject(call: ast.Call, known: _Known, lines: LineIndex) -> str | None:
    """What is done with a call that some code tests or measures."""
    if call in known.timed:
        return "timed or profiled here"
    row = known.compared.get(call)
    return None if row is None else f"compared at {lines.row_in_words(row)}"


def _against_ranks(
    operands: Sequence[ast.expr],
    shapes: Sequence[Shape | None],
    before: BoundBefore,
    lines: LineIndex,
) -> Evidence | None:
    """What speaks against the ranks of the operands."""
    for node, shape in zip(operands, shapes, strict=True):
        doubt = None if shape is not None else doubt_of_rank(node, before, lines)
        if doubt is not None:
            return Evidence(doubt, node.lineno, kind=EvidenceKind.AGAINST)
    return None


def _call_spans(place: Span, text: str) -> tuple[CallSpan, ...]:
    """The calls in the expression at `place`, outermost first, with spans in `text`."""
    # Imported here: files without einsum must not pay for libcst.
    from einlint.source.concrete import call_spans

    return tuple(each.moved(place.start) for each in call_spans(place.of(text)))


def _outermost_f_string(node: ast.AST, bound: BoundModule) -> ast.JoinedStr | None:
    outermost: ast.JoinedStr | None = None
    current: ast.AST | None = node
    while current is not None and not isinstance(current, ast.stmt):
        if isinstance(current, ast.JoinedStr):
            outermost = current
        current = bound.parents.get(current)
    return outermost
