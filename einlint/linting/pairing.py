"""Pair: a call and its replacement as two expressions over names for the operands."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from einlint.algebra.equation import Equation, Subscripts, parse
from einlint.algebra.views import View, undone
from einlint.diagnostics import Edit, Fix
from einlint.linting.fixes import spliced
from einlint.rewriting.dialects.text import Text, operand_names
from einlint.source.callsite import CallSite
from einlint.source.facts.einsum_call import EinsumCall
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.parsing import expression_of
from einlint.source.sdpa.one_call.alone import Alone
from einlint.source.sdpa.texts import UnwritableError

# How many readings are tried; their number may be the factorial of that of the operands.
_MOST_READINGS: Final = 1000
_NO_VIEWS: Final[tuple[tuple[View, ...], ...]] = ((),)


@dataclass(frozen=True, slots=True)
class _Form:
    """The `ast.dump` of an operand in the source, and what stands for it in the pair.

    kind: forms of the same text and kind may be swapped: they have the same subscripts in the
        equation, and the same views are undone.
    """

    text: str
    expression: ast.expr
    kind: tuple[str, str]


class UnpairableError(ValueError):
    """Call and replacement cannot run on their own; the message says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two expressions over `names`, each of them one tensor, and the name `torch`.

    equation: what `original` computes; of an attention the axes of its operands and its result.
    readings: the text that the fix writes. If two operands have the same text, the replacement
        does not show which one is meant where; there is one reading for each way to assign them.
        Operands of one text have one value, so the fix is correct if any reading is correct for
        all values. Where the fix leaves out a view of an operand, the reading undoes it by another:
        names stand for what the operands are, with their views.
    attention: what else is known of it if it is an attention.
    """

    equation: Equation
    names: tuple[str, ...]
    original: str
    readings: tuple[str, ...]
    attention: Alone | None = None

    @property
    def title(self) -> str:
        """What reports call it: the equation, or `attention`."""
        return str(self.equation) if self.attention is None else "attention"

    @property
    def steps(self) -> tuple[Equation, ...]:
        """The contractions of an attention; empty if the equation is all that is computed."""
        return () if self.attention is None else self.attention.products


def pair_about(fact: object, fix: Fix) -> Pair:
    """What a finding is about, and what its fix replaces it with.

    Raises:
        UnpairableError: both cannot run on their own.
    """
    match fact:
        case EinsumCall():
            return pair_of(fact.site, fix)
        case HandWrittenAttention():
            return _attention_pair(fact, fix)
    raise UnpairableError("only calls of einsum and whole attentions can run on their own")


def _attention_pair(fact: HandWrittenAttention, fix: Fix) -> Pair:
    if fact.obstacles:
        raise UnpairableError("one call does not compute it; its products are compared one by one")
    if not fix.edits:
        raise UnpairableError("the fix can only be shown")
    try:
        found = fact.alone()
    except UnwritableError as error:
        raise UnpairableError(str(error)) from error
    return Pair(found.axes, found.names, found.original, (found.replacement,), found)


def pair_of(site: CallSite, fix: Fix) -> Pair:
    """The call at `site`, and what `fix` replaces it with.

    Raises:
        UnpairableError: the operands of the call, or the edits of the fix, are not known; or there
            are too many readings.
    """
    arguments = site.arguments
    if arguments.operands is None or arguments.equation is None:
        raise UnpairableError(arguments.obstacle or "the equation is not literal")
    if not fix.edits:
        raise UnpairableError("the fix can only be shown")
    names = tuple(name.source for name in operand_names(len(arguments.operands)))
    equation = parse(arguments.equation)
    if len(names) < len(arguments.operands):
        raise UnpairableError(f"it has more than {len(names)} operands")
    if len(names) != len(equation.inputs):
        raise UnpairableError("terms and operands differ in number")
    forms = [
        list(_forms(name, subscripts, operand, views))
        for name, subscripts, operand, views in zip(
            names,
            equation.inputs,
            arguments.operands,
            arguments.views or _NO_VIEWS * len(names),
            strict=True,
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
    forms = [[own[0], *(each for each in own[1:] if each.text in present)] for own in forms]
    written = [own[0] for own in forms]
    original = translation.text(call, written)
    orders = (
        order
        for chosen in product(*forms)
        for order in _orders([each.text for each in chosen], chosen)
    )
    tried = list(islice(orders, _MOST_READINGS + 1))
    if len(tried) > _MOST_READINGS:  # the right one may be among the others
        raise UnpairableError("operands of the same text can stand in too many orders")
    found = [translation.reading(_expression(after), order) for order in tried]
    complete = dict.fromkeys(text for text, is_complete in found if is_complete)
    readings = tuple(complete) or (found[0][0],)
    return Pair(equation, names, original, readings)


def _forms(
    name: str, subscripts: Subscripts, operand: Text, views: Sequence[View]
) -> Iterator[_Form]:
    """The operand's text, and it without its last views: then its name with these undone."""
    expression: ast.expr = ast.Name(name, ast.Load())
    labels = "".join(subscripts)
    yield _Form(_dump(_expression(operand.source)), expression, (labels, ""))
    for view, base in zip(views, operand.bases, strict=True):
        if base.source.startswith("*"):
            return  # `rearrange(*b, "i j -> j i")`: no expression, and never left alone by a fix
        back = undone(view)
        method = ast.Attribute(expression, back.name, ast.Load())
        expression = ast.Call(method, [ast.Constant(axis) for axis in back.axes], [])
        undoing = ast.unparse(expression).removeprefix(name)
        yield _Form(_dump(_expression(base.source)), expression, (labels, undoing))


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
        for each in operands:
            waiting.setdefault(each.text, []).append(each.expression)
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


def _orders(texts: Sequence[str], forms: Sequence[_Form]) -> Iterator[tuple[_Form, ...]]:
    """The operands in every order that keeps the texts; those of one kind are not swapped."""
    if not texts:
        yield ()
        return
    firsts: dict[tuple[str, str], _Form] = {}
    for each in forms:
        if each.text == texts[0]:
            firsts.setdefault(each.kind, each)
    for first in firsts.values():
        left = [each for each in forms if each is not first]
        for others in _orders(texts[1:], left):
            yield first, *others


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
