"""SourceFile -> CallSites: every einsum call, wherever it stands."""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from einlint.algebra.sizes import Shape
from einlint.rewriting.assumptions import NO_AUTOCAST, Evidence
from einlint.rewriting.dialects.text import Precedence
from einlint.source.apis import Api
from einlint.source.arguments import operand_nodes, read_arguments
from einlint.source.autocast import outside_of_autocast
from einlint.source.binder import BoundModule, bind
from einlint.source.callsite import CallSite, Surroundings
from einlint.source.enclosing import enclosing_function
from einlint.source.file import SourceFile
from einlint.source.imports import calls_of_apis, module_name
from einlint.source.lines import LineIndex
from einlint.source.shape_comments import ShapeComments
from einlint.source.shapes.evidence import shapes_of
from einlint.source.spans import CallSpan, Span
from einlint.source.syntax_context import (
    errors_are_caught,
    is_parenthesised,
    is_word,
    needed_precedence,
)
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
    shapes = shapes_of(parsed.bound, parsed.lines, calls)
    sites = [_site(candidate, parsed, shapes) for candidate in _candidates(parsed, calls)]
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


def _site(
    candidate: _Candidate, parsed: ParsedFile, shapes: Mapping[ast.expr, Shape | None]
) -> CallSite:
    call, place, text = candidate.call, candidate.place, parsed.source.text
    needed = needed_precedence(call, parsed.bound.parents[call])
    if needed > Precedence.ANY and is_parenthesised(text, place.start, place.end):
        needed = Precedence.ANY
    module = module_name(candidate.api.module, call, parsed.bound)
    arguments = read_arguments(call, parsed.bound.scopes[call], candidate.spans, text, shapes)
    reason = outside_of_autocast(call, parsed.bound, parsed.source)
    if reason is not None:
        known = {**arguments.evidence, NO_AUTOCAST: Evidence(reason, call.lineno)}
        arguments = replace(arguments, evidence=known)
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
            errors_are_caught=errors_are_caught(call, parsed.bound.parents),
            module=module,
        ),
        arguments,
        enclosing_function(call, parsed.bound.parents),
        ShapeComments(call, nodes, parsed.bound, parsed.lines),
    )


def _call_spans(place: Span, text: str) -> tuple[CallSpan, ...]:
    """The calls in the expression at `place`, outermost first, with spans in `text`."""
    # Imported here: files without einsum must not pay for libcst.
    from einlint.source.call_spans import call_spans

    return tuple(each.moved(place.start) for each in call_spans(place.of(text)))


def _outermost_f_string(node: ast.AST, bound: BoundModule) -> ast.JoinedStr | None:
    outermost: ast.JoinedStr | None = None
    current: ast.AST | None = node
    while current is not None and not isinstance(current, ast.stmt):
        if isinstance(current, ast.JoinedStr):
            outermost = current
        current = bound.parents.get(current)
    return outermost
