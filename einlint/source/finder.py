"""SourceFile -> ParsedFile: tree, bindings, lines, and the facts found in it."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, NamedTuple, TypeVar

from einlint.diagnostics import Fact
from einlint.discovery import members
from einlint.source.binder import BoundModule, bind
from einlint.source.file import SourceFile
from einlint.source.lines import LineIndex
from einlint.source.other_pythons import ADVICE, is_slip, reader
from einlint.source.parsing import module_of
from einlint.source.wrappers import apis_with

_Kind = TypeVar("_Kind", bound=Fact)


class UnparsableError(ValueError):
    """Python cannot parse the text; `offset` is the place of the error.

    advice: what to try, if another Python may be able to.
    """

    def __init__(self, reason: str, offset: int = 0, advice: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.advice = advice


@dataclass(frozen=True, slots=True, eq=False)
class ParsedFile:
    """A source file with its tree, the bindings of its names, its lines, and its facts.

    functions: the dotted names of the user's wrappers of einsum.
    is_brief: what no plain report shows is not looked for, nor counted.
    """

    source: SourceFile
    bound: BoundModule
    lines: LineIndex
    functions: tuple[str, ...] = ()
    is_brief: bool = False
    _facts: dict[type[Fact], tuple[Any, ...]] = field(default_factory=dict, repr=False)

    def facts(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        """The facts of a kind in source order; found on the first call, then kept."""
        if kind not in self._facts:
            found = _matchers()[kind].find(self)
            self._facts[kind] = tuple(sorted(found, key=lambda each: (each.start, -each.end)))
        return self._facts[kind]

    def without_facts_of(self, kind: type[Fact]) -> "ParsedFile":
        """The same, for facts of this kind to refer to: they are then in no cycle."""
        others = {each: found for each, found in self._facts.items() if each is not kind}
        return replace(self, _facts=others)


class Matcher(NamedTuple, Generic[_Kind]):
    """Finds the facts of one kind; every file of `einlint.source.facts` defines one.

    words: a file with such facts has one word of each of these groups; without groups it mentions
        einsum, or one of the user's functions.
    """

    kind: type[_Kind]
    find: Callable[[ParsedFile], Iterable[_Kind]]
    words: tuple[tuple[str, ...], ...] = ()


def _matchers() -> dict[type[Fact], Matcher[Any]]:
    return {each.kind: each for each in members("einlint.source.facts", Matcher)}


def words_of(kind: type[Fact]) -> tuple[tuple[str, ...], ...]:
    """The groups of words of a file with facts of a kind; none if they are about einsum calls."""
    return _matchers()[kind].words


def parse_file(
    source: SourceFile, functions: tuple[str, ...] = (), *, is_brief: bool = False
) -> ParsedFile:
    """Parse a file; `functions` are wrappers that count as einsum.

    Raises:
        UnparsableError: Python cannot parse it.
    """
    return parsed_with(tree_of(source.text), source, functions, is_brief=is_brief)


def parsed_with(
    tree: ast.Module,
    source: SourceFile,
    functions: tuple[str, ...] = (),
    *,
    is_brief: bool = False,
) -> ParsedFile:
    """The same for a file whose tree is known; it stays as it is."""
    bound = bind(tree, apis_with(functions, source.filename))
    lines = LineIndex.of(source.text, source.places)
    return ParsedFile(source, bound, lines, functions, is_brief)


def tree_of(text: str) -> ast.Module:
    """Parse a text.

    Raises:
        UnparsableError: Python cannot parse it.
    """
    try:
        return module_of(text)
    except SyntaxError as error:
        raise _unparsable(error, text) from error
    except (ValueError, RecursionError, MemoryError) as error:
        reason = str(error) or "the source is too deeply nested"
        raise UnparsableError(reason) from error


def _unparsable(error: SyntaxError, text: str) -> UnparsableError:
    """The error at its place, or at the end of its line or of the text where that comes first."""
    lines = LineIndex.of(text)
    number = max(1, error.lineno or 1)
    if number > len(lines.starts):
        return UnparsableError(error.msg, len(text))
    line = lines.line(number)
    column = min(max(1, error.offset or 1) - 1, len(line))
    other, offset = reader(error.msg, line, column), lines.starts[number - 1] + column
    if other is not None:
        return UnparsableError(f"{error.msg} ({other})", offset)
    return UnparsableError(error.msg, offset, None if is_slip(error.msg) else ADVICE)
