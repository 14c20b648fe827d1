"""The exact places of a call's arguments, parentheses and comments, from `ast` and the text.

`ast` has the places of expressions without their parentheses. Between two arguments stand only
white space, comments, a comma, parentheses, stars and the name of an argument, so it can be read
there without a parser what belongs to which of them.
"""

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from einlint.source.lines import LineIndex
from einlint.source.spans import ArgumentSpan, CallSpan, Span

# Calls that nest far deeper overflow the stack of libcst, which has to confirm what is written.
_DEEPEST_NESTING: Final = 100
_OPENING: Final = "([{"
_NO_BRACKETS: Final = re.compile(r"[^()\[\]{}]+")

_COMMENT: Final = re.compile(r"#[^\r\n]*")
_SPACE: Final = r"[ \t\f\r\n\\]"
# What stands in front of a value, between two, and behind the last one.
_FRONT: Final = rf"{_SPACE}*+(?:\w++{_SPACE}*+=|\*\*?)?(?:{_SPACE}|\()*+"
_FIRST: Final = re.compile(_FRONT)
_BETWEEN: Final = re.compile(rf"(?:{_SPACE}|\))*+,{_FRONT}")
_LAST: Final = re.compile(rf"(?:{_SPACE}|\))*+,?{_SPACE}*+")
_CALLED: Final = re.compile(rf"(?:{_SPACE}|\))*+\(")


class _UnclearError(Exception):
    """Something else stands between two values."""


def call_span(
    call: ast.Call, lines: LineIndex, comments: Sequence[Span] = (), *, is_printed: bool = False
) -> CallSpan | None:
    """The parts of a call; None if they cannot be told.

    Args:
        call: a call with places in the text: before Python 3.12, none in an f-string.
        lines: the lines of the text.
        comments: the comments in it and around it, in order.
        is_printed: it is in the `{...=}` of an f-string, or in a t-string.
    """
    whole = Span(*lines.extent(call))
    if too_deep(whole.of(lines.text)):
        return None
    try:
        arguments = tuple(_arguments(call, whole, lines))
    except _UnclearError:
        return None
    inside = (bisect_left(comments, at, key=_start) for at in (whole.start, whole.end))
    return CallSpan(whole, arguments, tuple(comments[slice(*inside)]), is_printed)


def too_deep(text: str) -> bool:
    """Whether the brackets of a text may nest too deeply for libcst; those in strings count too."""
    if sum(map(text.count, _OPENING)) <= _DEEPEST_NESTING:
        return False
    depth = deepest = 0
    for character in _NO_BRACKETS.sub("", text):
        depth += 1 if character in _OPENING else -1
        deepest = max(deepest, depth)
    return deepest > _DEEPEST_NESTING


def _start(span: Span) -> int:
    return span.start


def _arguments(call: ast.Call, whole: Span, lines: LineIndex) -> Iterator[ArgumentSpan]:
    """The arguments in the order of the text."""
    values = [*map(_unstarred, call.args), *(each.value for each in call.keywords)]
    values.sort(key=lambda each: (each.lineno, each.col_offset))
    function = lines.extent(call.func)[1]
    first = lines.extent(values[0])[0] if values else whole.end
    called = _CALLED.match(_without_comments(lines.text[function:first]))
    if called is None:
        yield ArgumentSpan(_lone_generator(values, whole, lines))
        return
    spans = _separated(values, Span(function + called.end(), whole.end - 1), lines)
    for value, span in zip(values, spans, strict=True):
        yield ArgumentSpan(span, _elements(value, lines))


def _unstarred(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node


def _elements(value: ast.expr, lines: LineIndex) -> tuple[Span, ...]:
    """The elements of a list or tuple display."""
    if not isinstance(value, (ast.List, ast.Tuple)):
        return ()
    start, end = lines.extent(value)
    return tuple(_separated([*map(_unstarred, value.elts)], Span(start + 1, end - 1), lines))


def _separated(values: Sequence[ast.expr], inside: Span, lines: LineIndex) -> Iterator[Span]:
    """The values between two brackets, each with its parentheses."""
    places = [Span(*lines.extent(each)) for each in values]
    if not places:
        return
    starts = [inside.start, *(each.end for each in places)]
    ends = [*(each.start for each in places), inside.end]
    gaps = [
        _without_comments(lines.text[one:other]) for one, other in zip(starts, ends, strict=True)
    ]
    forms = [_FIRST, *[_BETWEEN] * (len(places) - 1), _LAST]
    if not all(form.fullmatch(gap) for form, gap in zip(forms, gaps, strict=True)):
        raise _UnclearError
    for place, before, behind in zip(places, gaps, gaps[1:], strict=False):
        opening, closing = before.rpartition(",")[2], behind.partition(",")[0]
        count = opening.count("(")
        if count != closing.count(")"):
            raise _UnclearError
        if count:
            left = len(opening) - opening.index("(")
            yield Span(place.start - left, place.end + closing.rindex(")") + 1)
        else:
            yield place


def _lone_generator(values: Sequence[ast.expr], whole: Span, lines: LineIndex) -> Span:
    """`all(x for x in y)`: for `ast` the parentheses of the call are those of the generator."""
    match values:
        case [ast.GeneratorExp(elt=result, generators=[*_, last]) as value]:
            pass
        case _:
            raise _UnclearError
    start, end = lines.extent(value)
    if lines.text[start] != "(" or end != whole.end:
        raise _UnclearError
    first = lines.extent(result)[0]
    before = _without_comments(lines.text[start + 1 : first])
    final = lines.extent(last.ifs[-1] if last.ifs else last.iter)[1]
    behind = _without_comments(lines.text[final : end - 1])
    return Span(first - len(before.lstrip(" \t\f\r\n\\")), final + behind.rfind(")") + 1)


def _without_comments(gap: str) -> str:
    """The text between two values with spaces for comments, so that places stay the same."""
    return _COMMENT.sub(lambda found: " " * len(found[0]), gap) if "#" in gap else gap
