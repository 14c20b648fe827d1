"""Pair: a call and its replacement as two expressions over names for the operands."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product
from typing import Final, TypeAlias

from einlint.algebra.equation import Equation, parse
from einlint.algebra.views import View, undone
from einlint.diagnostics import Edit, Fix
from einlint.linting.fixes import spliced
from einlint.rewriting.dialects.text import Text, operand_names
from einlint.source.callsite import CallSite
from einlint.source.parsing import expression_of

_Form: TypeAlias = tuple[str, ast.expr]
"""The `ast.dump` of an operand in the source, and what stands for it in the pair."""

# Of the ways to leave out the views of operands; more of them have no more than one reading.
_MOST_CHOICES: Final = 64
_NO_VIEWS: Final[tuple[tuple[View, ...], ...]] = ((),)


class UnpairableError(ValueError):
    """Call and replacement cannot run on their own; the message says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two expressions over `names`, each of them one tensor, and the name `torch`.

    equation: what `original` computes.
    readings: the text that the fix writes. If two operands have the same text, the replacement
        does not show which one is meant where; there is one reading for each way to assign them.
        Operands of one text have one value, so the fix is correct if any reading is correct for
        all values. Where the fix leaves out a view of an operand, the reading undoes it by another:
        names stand for what the operands are, with their views.
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
    forms = [
        list(_forms(name, operand, views))
        for name, operand, views in zip(
            names, arguments.operands, arguments.views or _NO_VIEWS * len(names), strict=True
        )
    ]
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
    present = {_dump(each) for each in ast.walk(_expression(after)) if isinstance(each, ast.expr)}
    forms = [[own[0], *(each for each in own[1:] if each[0] in present)] for own in forms]
    written = [each[0] for each in forms]
    original = translation.text(call, written)
    chosen = islice(product(*forms), _MOST_CHOICES)
    found = [
        translation.reading(_expression(after), order) for each in chosen for order in _orders(each)
    ]
    complete = dict.fromkeys(text for text, is_complete in found if is_complete)
    readings = tuple(complete) or (found[0][0],)
    return Pair(parse(arguments.equation), names, original, readings)


def _forms(name: str, operand: Text, views: Sequence[View]) -> Iterator[_Form]:
    """The operand's text, and it without its last views: then its name with these undone."""
    expression: ast.expr = ast.Name(name, ast.Load())
    yield _dump(_expression(operand.source)), expression
    for view, base in zip(views, operand.bases, strict=True):
        if base.source.startswith("*"):
            return  # `rearrange(*b, "i j -> j i")`: no expression, and never left alone by a fix
        back = undone(view)
        method = ast.Attribute(expression, back.name, ast.Load())
        expression = ast.Call(method, [ast.Constant(axis) for axis in back.axes], [])
        yield _dump(_expression(base.source)), expression


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

    def text(self, tree: ast.expr, operands: Sequence[_Form]) -> str:
        """The expression with every operand replaced by its name."""
        return self.reading(tree, operands)[0]

    def reading(self, tree: ast.expr, operands: Sequence[_Form]) -> tuple[str, bool]:
        """The expression with every operand replaced, and whether all of them were in it."""
        waiting: dict[str, list[ast.expr]] = {}
        for operand, name in operands:
            waiting.setdefault(operand, []).append(name)
        text = ast.unparse(_Renamer(self, waiting).visit(tree))
        return text, not any(waiting.values())


class _Renamer(ast.NodeTransformer):
    """Replaces operands by names, outermost first, and the called function by `torch.einsum`."""

    def __init__(self, translation: _Translation, waiting: dict[str, list[ast.expr]]) -> None:
        self._translation = translation
        self._waiting = waiting

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr):
            names = self._waiting.get(_dump(node))
            if names:
                return names.pop(0)
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


def _orders(operands: Sequence[_Form]) -> Iterator[tuple[_Form, ...]]:
    """The operands in every order that only swaps those of the same text."""
    groups: dict[str, list[ast.expr]] = {}
    for text, name in operands:
        groups.setdefault(text, []).append(name)
    for chosen in product(*map(permutations, groups.values())):
        waiting = {text: list(group) for text, group in zip(groups, chosen, strict=True)}
        yield tuple((text, waiting[text].pop(0)) for text, _ in operands)


def _edited(site: CallSite, edits: Sequence[Edit]) -> str:
    """The text of the call after the edits, which all lie inside it."""
    text, span = site.lines.text, site.span
    after_call = len(text) - span.end
    after = spliced(text, edits)
    return after[span.start : len(after) - after_call]


def _expression(source: str) -> ast.expr:
    return expression_of(f"({source}\n)")


def _dump(node: ast.expr) -> str:
    return ast.dump(node)
