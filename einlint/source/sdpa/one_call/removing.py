"""Statements that nobody needs any longer, and the edits that take them out of a text."""

import ast
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass, replace
from io import StringIO
from tokenize import COMMENT, TokenError, generate_tokens
from typing import Final, TypeAlias

from einlint.diagnostics import Edit
from einlint.source.autocast import is_autocast
from einlint.source.binder import BoundModule
from einlint.source.helpers import helper_of
from einlint.source.lines import LineIndex
from einlint.source.sdpa.causal import is_causal
from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.of_scores.casts import without_cast
from einlint.source.sdpa.of_scores.checks import checks_of, unused_sizes
from einlint.source.sdpa.one_call.deletions import unneeded
from einlint.source.sdpa.one_call.emptied import edits_for, emptied, is_elif
from einlint.source.sdpa.parts import Parts
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.recorded import Place
from einlint.source.sdpa.steps import Step
from einlint.source.sdpa.texts import UnwritableError
from einlint.source.terms import ATTRIBUTE, CHOICE, Term

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_BODIES: Final = ("body", "orelse", "finalbody")
# What only asks for something, as a function or as a method of a tensor.
_ASKING: Final = frozenset(
    {"hasattr", "isinstance", "len", "dim", "size", "numel", "any", "all", "item", "ndimension"}
)
_RESTLESS = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)


def removable(
    matched: Matched,
    parts: Parts,
    read: Read,
    named: Set[str] = frozenset(),
    staying: Collection[ast.stmt] = (),
) -> list[ast.stmt]:
    """The statements whose results nobody needs if one call computes an attention.

    named: the names that the call reads: they may not be deleted in front of it. staying: the
        statements that become others.

    Raises:
        UnwritableError: a block would be left empty, or a name be deleted that is no longer bound.
    """
    needed = needed_terms(matched, parts, read)
    product = read.recorder.homes[matched.product]
    gone = {
        each
        for each in _statements(read.function)
        if each is not product and _has_no_effects(each, read) and _loses_all(each, read, needed)
    }
    gone.update(checks_of(matched, read).values())
    gone.update(unused_sizes(matched, read))
    gone.update(_idle(matched, read))
    gone.difference_update(staying)
    if not gone:
        return []
    for node, names in deleted_besides(gone, matched, read, named):
        if {*node.targets} <= {*names}:
            gone.add(node)  # there is nothing to delete any longer, or not yet
    return list(_outermost(read.function.body, _Gone(gone, read)))


def deleted_besides(
    gone: Set[ast.stmt], matched: Matched, read: Read, named: Set[str]
) -> list[tuple[ast.Delete, tuple[ast.Name, ...]]]:
    """Each `del` that may not stay as it is, with the names that it must not delete."""
    product = read.recorder.homes[matched.product]
    return list(unneeded(gone, named, {*_deletions(product, read)}, product, read))


def _idle(matched: Matched, read: Read) -> Iterator[ast.stmt]:
    """Those that do nothing once a mask is not expanded to the scores: `mask = mask`."""
    inside = {*matched.terms}
    for node, scores in read.recorder.asked.expanded.items():
        match read.file.bound.parents[node], node:
            case (
                ast.Assign(targets=[ast.Name(id=name)]) as statement,
                ast.Call(func=ast.Attribute(value=ast.Name(id=own))),
            ) if name == own and scores in inside:
                yield statement


def place_of(matched: Matched, read: Read) -> Place:
    """What holds at the second product, with what names stood for that were deleted before it.

    A branch that only casts query and key is gone.
    """
    product = matched.product
    place = read.recorder.places[product]
    names = dict(place.names)
    for node in _deletions(read.recorder.homes[product], read):
        for name, (term, gone) in read.recorder.deleted[node].items():
            if name in names:
                names[name] = _with(names[name], gone, term)
    for done in matched.scores.steps:
        if done.step is Step.CAST and done.term.operator == CHOICE:
            names = {name: without_cast(term, done.term) for name, term in names.items()}
    return replace(place, names=names)


def _with(term: Term, gone: Term, instead: Term) -> Term:
    """A value, with what it is instead of one that is deleted there or in one branch."""
    if term is gone:
        return instead
    if term.operator != CHOICE or gone not in term.operands[1:]:
        return term
    test, *sides = term.operands
    sides = [instead if each is gone else each for each in sides]
    return Term(CHOICE, (test, *sides), line=term.line)


def _deletions(product: ast.stmt, read: Read) -> Iterator[ast.Delete]:
    """Those in front of a statement in its own block, or in an `if` there, the last one first.

    Only those of local names.
    """
    parent = read.file.bound.parents[product]
    blocks = (getattr(parent, name, None) for name in _BODIES)
    body = next((each for each in blocks if isinstance(each, list) and product in each), [])
    declared = {
        name
        for each in ast.walk(read.function)
        if isinstance(each, ast.Global | ast.Nonlocal)
        for name in each.names
    }
    ahead = body[: body.index(product)] if body else []
    parts = ([*each.body, *each.orelse] if isinstance(each, ast.If) else [each] for each in ahead)
    for each in reversed([each for part in parts for each in part]):
        known = read.recorder.deleted.get(each) if isinstance(each, ast.Delete) else None
        if isinstance(each, ast.Delete) and known is not None and declared.isdisjoint(known):
            yield each


def _statements(function: Function) -> list[ast.stmt]:
    return [each for each in ast.walk(function) if isinstance(each, ast.stmt)]


def needed_terms(matched: Matched, parts: Parts, read: Read) -> set[Term]:
    """What everything that leaves the function is computed from, with attention as one call."""
    rest = parts.heads or (matched.key, matched.value)
    arguments = [each.term for each in (matched.query, *rest)]
    for done in (*parts.numbers, *parts.on_query, *parts.on_value):
        arguments += [each for each in (done.other,) if each is not None]
        arguments += [choice.operands[0] for choice, _ in done.tests]
    for mask in () if is_causal(matched, parts, read) else parts.masks:
        arguments += [mask.term, *(choice.operands[0] for choice, _ in mask.done.tests)]
        arguments += mask.window.sizes if mask.window is not None else ()
        if parts.gathered:  # what it fills in is filled in there as well
            arguments += [
                e for at, e in enumerate(mask.done.term.operands) if at != mask.done.place
            ]
    if parts.dropout is not None:
        term = parts.dropout.term
        arguments += [each for at, each in enumerate(term.operands) if at != parts.dropout.place]
    needed: set[Term] = set()
    checks = checks_of(matched, read)
    pending = [each for each in read.sinks if each not in checks]
    while pending:
        term = pending.pop()
        if term not in needed and not (parts.gathered and _is_kind_of(term, matched)):
            needed.add(term)
            pending += arguments if term is matched.product else term.operands
    return needed


def _is_kind_of(term: Term, matched: Matched) -> bool:
    """Whether it is the dtype or device of scores, which the mask has as well."""
    is_kind = term.operator == ATTRIBUTE and term.detail in ("dtype", "device")
    return is_kind and term.operands[0] in matched.terms


def _loses_all(node: ast.stmt, read: Read, needed: set[Term]) -> bool:
    """Whether somebody needed what a statement makes, and nobody does any longer."""
    results = read.recorder.results.get(node, ())
    return any(map(read.is_live, results)) and needed.isdisjoint(results)


def _has_no_effects(node: ast.stmt, read: Read) -> bool:
    """Whether it binds names, and does nothing else that anybody may see."""
    match node:
        case ast.Assign(targets=[ast.Tuple()], value=ast.Tuple()):
            # What else is computed there is not looked at.
            results = read.recorder.results.get(node, ())
            return all(map(read.is_live, results)) and _binds_each(node, len(results))
        case ast.Assign(targets=targets) if node not in read.recorder.fills:
            parts = [each for target in targets for each in ast.walk(target)]
            if any(isinstance(each, ast.Attribute | ast.Subscript) for each in parts):
                return False
        case ast.Assign() | ast.Expr() | ast.AugAssign() | ast.AnnAssign(target=ast.Name()):
            pass
        case _:
            return False
    return True


def _binds_each(node: ast.Assign, count: int) -> bool:
    """Whether it binds as many names as it computes values, each to its own."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            bound = {each.id for each in names if isinstance(each, ast.Name)}
            return len(bound) == len(names) == len(values) == count
    return False


@dataclass(frozen=True, slots=True)
class _Gone:
    """The statements that nobody needs any longer, and where they stand."""

    statements: set[ast.stmt]
    read: Read

    def holds(self, node: ast.stmt) -> bool:
        """Whether nothing of a statement is needed, and asking its test changes nothing."""
        if node in self.statements:
            return True
        if isinstance(node, ast.With):
            return all(map(is_autocast, node.items)) and all(map(self.holds, node.body))
        if not isinstance(node, ast.If) or not all(map(self._is_pure, ast.walk(node.test))):
            return False
        return all(map(self.holds, (*node.body, *node.orelse)))

    def _is_pure(self, node: ast.AST) -> bool:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in _ASKING:
                return True
            case ast.Call(func=ast.Attribute(attr=name)) if name in _ASKING:
                return True
            case ast.Call(func=called):
                return helper_of(called, self.read.file.bound) is not None
        return not isinstance(node, _RESTLESS)


def _outermost(body: list[ast.stmt], gone: _Gone) -> Iterator[ast.stmt]:
    """The statements to take out; an `if` of which nothing is left goes as a whole."""
    for node in body:
        if gone.holds(node):
            yield node
            continue
        for name in _BODIES:
            inner = getattr(node, name, None)
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                is_kept = isinstance(node, ast.If) and bool(node.orelse)
                if all(map(gone.holds, inner)) and not is_kept:
                    raise UnwritableError("a block would be left empty")
                yield from _outermost(inner, gone)
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            if all(map(gone.holds, part.body)):
                raise UnwritableError("a block would be left empty")
            yield from _outermost(part.body, gone)


def edits_that_remove(
    statements: list[ast.stmt], lines: LineIndex, bound: BoundModule
) -> list[Edit]:
    """The edits; the comments of a statement stay, each on a line of its own.

    Of the blank lines around what is taken out those in front stay.

    Raises:
        UnwritableError: another statement stands on its line.
    """
    gone = set(statements)
    cut = _Cut(lines)
    in_order = sorted(statements, key=lambda each: each.lineno)
    edits: list[Edit] = []
    passing: set[ast.stmt] = set()
    for node in emptied(gone, bound):
        found = edits_for(node, lines)
        edits += found
        passing.update([] if found else node.body[-1:])
    edits += [
        _passed(each, lines) if each in passing else cut.with_blanks(_removed(each, lines))
        for each in in_order
    ]
    for each in statements:
        parent = bound.parents[each]
        is_first = isinstance(parent, ast.If) and each in parent.orelse[:1]
        if is_first and isinstance(parent, ast.If) and gone >= {*parent.orelse}:
            edits += [] if is_elif(parent, lines) else [_else_removed(parent, lines)]
    return edits


@dataclass(slots=True)
class _Cut:
    """Takes out lines from top to bottom, each with the blank lines that would stand double.

    end: where the last one ends. is_open: whether a blank line, or the head of a block, stands in
        front of it.
    """

    lines: LineIndex
    end: int = -1
    is_open: bool = False

    def with_blanks(self, edit: Edit) -> Edit:
        """The edit, with the blank lines behind it if one stands in front of it."""
        lines = self.lines
        first = lines.line_number(edit.start)
        if edit.content or edit.start != lines.starts[first - 1]:
            return edit  # a comment stays, or what stands in front of it
        if edit.start != self.end:
            before = lines.line(first - 1).strip() if first > 1 else ""
            self.is_open = not before or (before.endswith(":") and not before.startswith("#"))
        self.end = edit.end
        number = following = lines.line_number(edit.end)
        while following < len(lines.starts) and not lines.line(following).strip():
            following += 1
        # What stands on another level is parted by as many lines as before.
        is_alike = _indent(lines.line(following)) == _indent(lines.line(first))
        if self.is_open and is_alike and following > number:
            self.end = lines.starts[following - 1]
        return Edit(edit.start, self.end, "")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _else_removed(node: ast.If, lines: LineIndex) -> Edit:
    """The edit that takes out the `else:` of a block of which nothing is left."""
    _, start = lines.extent(node.body[-1])
    end, _ = lines.extent(node.orelse[0])
    first, last = lines.line_number(start) + 1, lines.line_number(end) - 1
    words = [lines.line(number).strip() for number in range(first, last + 1)]
    if [each for each in words if each] != ["else:"]:
        raise UnwritableError("a comment stands at an `else` of which nothing is left")
    return Edit(lines.starts[first - 1], lines.starts[last], "")


def _removed(node: ast.stmt, lines: LineIndex) -> Edit:
    start, end = lines.extent(node)
    first, last = lines.line_number(start), lines.line_number(max(start, end - 1))
    head = lines.text[lines.starts[first - 1] : start]
    tail = lines.text[end : lines.end(last)]
    inside = lines.text[start:end]
    if head.strip() or (tail.strip() and not tail.lstrip().startswith("#")):
        raise UnwritableError("a statement that nobody needs any longer shares its line")
    comments = _comments(inside, head) if last > first and "#" in inside else []
    kept = lines.newline.join(comments)
    if tail.strip():
        own_line = f"{lines.newline}{head}" if kept else ""
        return Edit(start, end + len(tail) - len(tail.lstrip()), f"{kept}{own_line}")
    if kept:
        return Edit(start, end, kept)
    behind = lines.starts[last] if last < len(lines.starts) else len(lines.text)
    return Edit(lines.starts[first - 1], behind, "")


def _passed(node: ast.stmt, lines: LineIndex) -> Edit:
    """The edit that makes a statement `pass`, behind the comments in it."""
    start, end = lines.extent(node)
    inside = lines.text[start:end]
    if "\n" not in inside or "#" not in inside:
        return Edit(start, end, "pass")
    head = lines.text[lines.starts[lines.line_number(start) - 1] : start]
    if head.strip():
        raise UnwritableError("a comment stands in a statement that shares its line")
    comments = _comments(inside, head)
    own_line = f"{lines.newline}{head}"
    return Edit(start, end, f"{lines.newline.join(comments)}{own_line if comments else ''}pass")


def _comments(text: str, indent: str) -> list[str]:
    """The comments in a statement, each on a line of its own; the first one has its indent."""
    try:
        # Without its indent an `else:` would stand deeper than its `if`.
        tokens = list(generate_tokens(StringIO(indent + text).readline))
    except (SyntaxError, TokenError):
        raise UnwritableError(
            "a comment stands in a statement in a way that is not known"
        ) from None
    found = [each.string for each in tokens if each.type == COMMENT]
    return [each if at == 0 else indent + each for at, each in enumerate(found)]
