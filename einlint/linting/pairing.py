"""Pair: a call and its replacement as two expressions over names for the operands."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from einlint.algebra.equation import Equation, parse
from einlint.diagnostics import Edit, Fix
from einlint.linting.fixes import spliced
from einlint.rewriting.dialects.text import operand_names
from einlint.source.callsite import CallSite


class UnpairableError(ValueError):
    """Call and replacement cannot run on their own; the message says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two expressions over `names`, each of them one tensor, and the name `torch`.

    equation: what `original` computes.
    readings: the text that the fix writes. If two operands have the same text, the replacement
        does not show which one is meant where; there is one reading for each way to assign them.
        Operands of one text have one value, so the fix is correct if any reading is correct for
        all values.
    """

    equation: Equation
    names: tuple[str, ...]
    original: str
    readings: tuple[str, ...]


def pair_of(site: CallSite, fix: Fix) -> Pair:
    """The call at `site`, and what `fix` replaces it with.

    Raises:
        UnpairableError: the operands of the call, or the edits of the fix, are not known.
    """
    arguments = site.arguments
    if arguments.operands is None or arguments.equation is None:
        raise UnpairableError(arguments.obstacle or "the equation is not literal")
    if not fix.edits:
        raise UnpairableError("the fix can only be shown")
    names = tuple(name.source for name in operand_names(len(arguments.operands)))
    operands = [_dump(_expression(operand.source)) for operand in arguments.operands]
    text = site.lines.text
    call = _expression(site.span.of(text))
    assert isinstance(call, ast.Call)
    translation = _Translation(
        _dump(call.func),
        arguments.equation,
        site.syntax_context.module,
        arguments.is_of_a_partial,
    )
    after = _edited(site, fix.edits)
    readings = dict.fromkeys(
        translation.text(_expression(after), operands, order) for order in _orders(operands, names)
    )
    original = translation.text(call, operands, names)
    return Pair(parse(arguments.equation), names, original, tuple(readings))


@dataclass(frozen=True, slots=True)
class _Translation:
    """How to translate the source.

    function: what is called. equation: its equation. module: the name of torch.
    is_of_a_partial: the equation is not among the arguments.
    """

    function: str
    equation: str
    module: str | None
    is_of_a_partial: bool

    def text(self, tree: ast.expr, operands: Sequence[str], names: Sequence[str]) -> str:
        """The expression with every operand, found by its `ast.dump`, replaced by its name."""
        waiting: dict[str, list[str]] = {}
        for operand, name in zip(operands, names, strict=True):
            waiting.setdefault(operand, []).append(name)
        return ast.unparse(_Renamer(self, waiting).visit(tree))


class _Renamer(ast.NodeTransformer):
    """Replaces operands by names, outermost first, and the called function by `torch.einsum`."""

    def __init__(self, translation: _Translation, waiting: dict[str, list[str]]) -> None:
        self._translation = translation
        self._waiting = waiting

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr):
            names = self._waiting.get(_dump(node))
            if names:
                return ast.Name(names.pop(0), ast.Load())
        visited: ast.AST = super().visit(node)
        return visited

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if _dump(node.func) != self._translation.function:
            return self.generic_visit(node)
        given: list[ast.expr] = list(node.args)
        equation = ast.Constant(self._translation.equation)
        if self._translation.is_of_a_partial:
            given.insert(0, equation)
        elif not isinstance(given[0], ast.Constant) and _dump(given[0]) not in self._waiting:
            given[0] = equation
        arguments = list(map(self._named, given))
        function = ast.Attribute(ast.Name("torch", ast.Load()), "einsum", ast.Load())
        return ast.Call(function, arguments, [])

    def _named(self, node: ast.expr) -> ast.expr:
        visited = self.visit(node)
        assert isinstance(visited, ast.expr)
        return visited

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Rename the module to `torch`; other names must not collide with those of operands."""
        is_module = node.id == self._translation.module
        return ast.Name("torch" if is_module else f"unbound_{node.id}", ast.Load())


def _orders(operands: Sequence[str], names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The names in every order that only swaps operands of the same text."""
    groups = [
        [name for operand, name in zip(operands, names, strict=True) if operand == each]
        for each in dict.fromkeys(operands)
    ]
    for chosen in product(*map(permutations, groups)):
        distinct = dict.fromkeys(operands)
        waiting = {each: list(group) for each, group in zip(distinct, chosen, strict=True)}
        yield tuple(waiting[operand].pop(0) for operand in operands)


def _edited(site: CallSite, edits: Sequence[Edit]) -> str:
    """The text of the call after the edits, which all lie inside it."""
    text, span = site.lines.text, site.span
    after_call = len(text) - span.end
    after = spliced(text, edits)
    return after[span.start : len(after) - after_call]


def _expression(source: str) -> ast.expr:
    return ast.parse(f"({source}\n)", mode="eval").body


def _dump(node: ast.expr) -> str:
    return ast.dump(node)
