"""The matcher of CallSite: every call of an einsum API."""

import ast
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import NamedTuple

from einlint.rewriting.dialects.text import Precedence
from einlint.source.ancestors import ancestors, enclosing_function
from einlint.source.apis import Api
from einlint.source.arguments import operand_nodes, read_arguments
from einlint.source.binder import BoundModule
from einlint.source.callsite import CallSite, SyntaxContext
from einlint.source.equations import Equations
from einlint.source.finder import Matcher, ParsedFile
from einlint.source.imports import calls_of_apis, module_name
from einlint.source.parsing import expression_of
from einlint.source.prefilter import may_call_einsum
from einlint.source.read_calls import ReadCalls, is_formatted_string
from einlint.source.rejected import rejected_arguments
from einlint.source.spans import ArgumentSpan, CallSpan, Span
from einlint.source.syntax_context import is_parenthesised, is_word, needed_precedence
from einlint.source.whole_file import WholeFile, whole_file


class _Candidate(NamedTuple):
    """A call of an API, its place, and the spans of its parts if they could be read."""

    call: ast.Call
    api: Api
    place: Span
    spans: CallSpan | None
    in_f_string: bool = False


def find(parsed: ParsedFile) -> Iterator[CallSite]:
    """The calls of a file."""
    if not may_call_einsum(parsed.source.text, parsed.functions):
        return
    equations = Equations(parsed.bound)
    calls = {**calls_of_apis(parsed.bound), **equations.calls_of_partials()}
    if calls:
        known = whole_file(parsed.bound, parsed.lines, calls)
        for candidate in _candidates(parsed, calls):
            yield _site(candidate, parsed, known, equations)


def _candidates(parsed: ParsedFile, apis: Mapping[ast.Call, Api]) -> Iterator[_Candidate]:
    read = ReadCalls(parsed.lines)
    in_f_strings: dict[ast.expr, list[tuple[ast.Call, Api]]] = {}
    for node, api in apis.items():
        f_string = _outermost_f_string(node, parsed.bound)
        if f_string is not None:
            in_f_strings.setdefault(f_string, []).append((node, api))
            continue
        yield _Candidate(node, api, Span(*parsed.lines.extent(node)), read.call(node))
    for f_string, calls in in_f_strings.items():
        yield from _in_f_string(f_string, calls, read)


def _in_f_string(
    f_string: ast.expr, calls: list[tuple[ast.Call, Api]], read: ReadCalls
) -> Iterator[_Candidate]:
    """Before Python 3.12 `ast` has no places for the parts of an f-string; libcst has.

    The calls of both are matched by their text. Calls with the same text cannot be matched, so
    they are found, but their parts are not read.
    """
    place, text = Span(*read.lines.extent(f_string)), read.lines.text
    by_dump: dict[str, list[CallSpan]] = {}
    for each in read.calls_in_string(f_string):
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
        return ast.dump(expression_of(f"({expression})"))
    except SyntaxError:
        return ""


def _site(
    candidate: _Candidate, parsed: ParsedFile, known: WholeFile, equations: Equations
) -> CallSite:
    call, place, text = candidate.call, candidate.place, parsed.source.text
    needed = needed_precedence(call, parsed.bound.parents[call])
    if needed > Precedence.ANY and is_parenthesised(text, place.start, place.end):
        needed = Precedence.ANY
    module = module_name(candidate.api.module, call, parsed.bound)
    is_plain = not candidate.api.is_wrapper and known.intercepted is None
    form, spans = _full_form(candidate, equations)
    rejected = rejected_arguments(form, equations) if is_plain else None
    is_lone = len(form.args) == 2  # one operand, or all of them in a list
    tensors = known.tensors(call) if is_plain and is_lone else ()
    arguments = rejected or read_arguments(form, equations, spans, text, tensors)
    operands = operand_nodes(form, arguments)
    arguments = arguments._replace(
        shapes=tuple(map(known.shapes.known.get, operands)),
        is_of_a_partial=form is not call,
    )
    shown = dict(known.evidence(call, operands, arguments.shapes))
    arguments = arguments._replace(
        evidence={**arguments.evidence, **shown},
        shapes=known.with_units(call, arguments),
        dtypes=tuple(known.dtypes.get(node) for node in operands) if is_plain else (),
        fitted_shapes=tuple(known.shapes.fitted.get(node) for node in operands),
        permutations=known.permutations(call, arguments),
    )
    arguments = known.with_sure_views(call, arguments)
    return CallSite(
        candidate.api,
        place,
        parsed.lines,
        SyntaxContext(
            needed=needed,
            glued_before=is_word(text[place.start - 1 : place.start]),
            glued_behind=is_word(text[place.end : place.end + 1]),
            in_f_string=candidate.in_f_string,
            errors_are_caught=call in known.caught,
            has_autocast=not known.autocast.is_none,
            subject=known.subject(call),
            module=module,
        ),
        arguments,
        enclosing_function(call, parsed.bound.parents),
    )


def _full_form(candidate: _Candidate, equations: Equations) -> tuple[ast.Call, CallSpan | None]:
    """The call with all arguments that einsum gets, also those of a `partial`, and their places."""
    call, spans = candidate.call, candidate.spans
    given = equations.given(call)
    if given is call.args:
        return call, spans
    if spans is not None:
        elsewhere = ArgumentSpan(Span(spans.span.start, spans.span.start))
        spans = spans._replace(arguments=(elsewhere, *spans.arguments))
    return ast.Call(call.func, given, call.keywords), spans


def _outermost_f_string(node: ast.AST, bound: BoundModule) -> ast.expr | None:
    within = takewhile(lambda each: not isinstance(each, ast.stmt), ancestors(node, bound.parents))
    strings = [each for each in within if is_formatted_string(each)]
    return strings[-1] if strings else None


MATCHER = Matcher(CallSite, find)
