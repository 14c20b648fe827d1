"""Pair: the text of a call and the text a fix writes for it, with names for the operands."""

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
    """The two texts cannot be run by themselves; the message says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two expressions over `names`, one tensor each, and over the name `torch`.

    equation: what `original` computes.
    readings: the text that the fix writes. Operands of the same text cannot be told apart in it,
        so there is one reading for each way to do so. They have one value, so that the fix is
        right if one reading is right for all values.
    """

    equation: Equation
    names: tuple[str, ...]
    original: str
    readings: tuple[str, ...]


def pair_of(site: CallSite, fix: Fix) -> Pair:
    """The call at `site` and what `fix` makes of it.

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
    translation = _Translation(_dump(call.func), arguments.equation, site.syntax_context.module)
    after = _edited(site, fix.edits)
    readings = dict.fromkeys(
        translation.text(_expression(after), operands, order) for order in _orders(operands, names)
    )
    original = translation.text(call, operands, names)
    return Pair(parse(arguments.equation), names, original, tuple(readings))


@dataclass(frozen=True, slots=True)
class _Translation:
    """What names of the source mean: the function called, its equation, and the module's name."""

    function: str
    equation: str
    module: str | None

    def text(self, tree: ast.expr, operands: Sequence[str], names: Sequence[str]) -> str:
        """The expression with each operand, known by its dump, replaced by its name."""
        waiting: dict[str, list[str]] = {}
        for operand, name in zip(operands, names, strict=True):
            waiting.setdefault(operand, []).append(name)
        return ast.unparse(_Renamer(self, waiting).visit(tree))


class _Renamer(ast.NodeTransformer):
    """Puts names for operands, outermost first, and `torch.einsum` for the function called."""

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
        first, *others = node.args
        is_equation = not isinstance(first, ast.Constant) and _dump(first) not in self._waiting
        equation = ast.Constant(self._translation.equation)
        arguments: list[ast.expr] = [equation if is_equation else self._named(first)]
        arguments += map(self._named, others)
        function = ast.Attribute(ast.Name("torch", ast.Load()), "einsum", ast.Load())
        return ast.Call(function, arguments, [])

    def _named(self, node: ast.expr) -> ast.expr:
        visited = self.visit(node)
        assert isinstance(visited, ast.expr)
        return visited

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """The module; any other name that is left is bound by nobody, lest it be an operand's."""
        is_module = node.id == self._translation.module
        return ast.Name("torch" if is_module else f"unbound_{node.id}", ast.Load())


def _orders(operands: Sequence[str], names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The names in every order that differs only among operands of one text."""
    groups = [
        [name for operand, name in zip(operands, names, strict=True) if operand == each]
        for each in dict.fromkeys(operands)
    ]
    for chosen in product(*map(permutations, groups)):
        distinct = dict.fromkeys(operands)
        waiting = {each: list(group) for each, group in zip(distinct, chosen, strict=True)}
        yield tuple(waiting[operand].pop(0) for operand in operands)


def _edited(site: CallSite, edits: Sequence[Edit]) -> str:
    """The text of the call with the edits, which lie inside it, made."""
    text, span = site.lines.text, site.span
    behind = len(text) - span.end
    after = spliced(text, edits)
    return after[span.start : len(after) - behind]


def _expression(source: str) -> ast.expr:
    return ast.parse(f"({source}\n)", mode="eval").body


def _dump(node: ast.expr) -> str:
    return ast.dump(node)
