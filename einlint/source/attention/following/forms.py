"""Products, softmaxes and views as they are written, by their names alone."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from einlint.algebra.einops_pattern import equation_of
from einlint.algebra.equation import Equation, EquationError, parse
from einlint.source.binder import BoundModule
from einlint.source.imports import dotted_path
from einlint.source.names import last_name
from einlint.source.scopes import Scope

_MATRICES: Final = frozenset({"matmul", "bmm", "mm"})
_EQUATIONS: Final = frozenset({"einsum", "contract"})
# Of axes that arguments or nobody tells.
_OTHER_AXES: Final = frozenset({"tensordot", "inner"})
PRODUCTS: Final = frozenset({*_MATRICES, *_EQUATIONS, *_OTHER_AXES, "baddbmm"})
# Modules of a class that multiply are called so: `self.matmul1(q, k)`.
_NAMED_PRODUCT: Final = re.compile(r"(matmul|bmm|einsum)\d*$", re.IGNORECASE)
_TORCHS: Final = frozenset({"torch", "einops", "opt_einsum"})
_LIBRARIES = (
    "jax flax haiku tensorflow keras paddle mxnet mindspore oneflow numpy scipy cupy chainer "
    "tinygrad mlx theano autograd megengine"
)
_OTHERS: Final = frozenset(_LIBRARIES.split())
# What a name means that nothing in the file binds but, maybe, a star import or an earlier run.
_MEANT: Final[Mapping[str, str]] = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
}
_RANKS: Final[Mapping[str, int]] = {"bmm": 3, "baddbmm": 3, "mm": 2}
_SOFTMAX: Final = "softmax"
_NO_SOFTMAX: Final = re.compile(r"log|gumbel|cross|loss|_grad|backward", re.IGNORECASE)


class Product(NamedTuple):
    """A product of two operands; words: why it is none of torch's, if it may be another."""

    operands: tuple[ast.expr, ast.expr]
    equation: Equation | None = None
    rank: int | None = None
    words: str = ""


class Softmax(NamedTuple):
    """A softmax; axis: the one that is given, from either side. words: as in Product."""

    operand: ast.expr
    axis: int | None = None
    words: str = ""


@dataclass(slots=True)
class Forms:
    """The forms of one file.

    softmaxes: the attributes that hold a softmax of torch.nn, and its axis.
    """

    bound: BoundModule
    softmaxes: dict[str, int | None] = field(init=False)
    _roots: dict[tuple[Scope, str], str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.softmaxes = {}
        for call in self.bound.calls_of({"Softmax"}):
            for each in self.bound.around(call):
                targets = each.targets if isinstance(each, ast.Assign) else ()
                for target in targets:
                    if isinstance(target, ast.Attribute):
                        self.softmaxes[target.attr] = _axis(call, 0)
                if isinstance(each, ast.stmt):
                    break
        attributes, names = self.bound.named(ast.Attribute), self.bound.named(ast.Name)
        for each in (*attributes.get(_SOFTMAX, ()), *names.get(_SOFTMAX, ())):
            for name in self._holders(each):
                self.softmaxes.setdefault(name, None)

    def _holders(self, node: ast.expr) -> Iterator[str]:
        """The attributes that hold a function that is called softmax: `self.attend = F.softmax`."""
        for around in self.bound.around(node):
            if isinstance(around, ast.Assign):
                yield from (each.attr for each in around.targets if isinstance(each, ast.Attribute))
            if isinstance(around, ast.Call | ast.stmt):
                break

    def path(self, node: ast.expr) -> str | None:
        """The dotted name of what another module holds."""
        root, attributes = node, list[str]()
        while isinstance(root, ast.Attribute):
            attributes.append(root.attr)
            root = root.value
        if not isinstance(root, ast.Name):
            return None
        key = self.bound.scopes[root], root.id
        if key not in self._roots:
            meant = _MEANT.get(root.id) if key[0].owner(root.id) is None else None
            self._roots[key] = meant or dotted_path(root, key[0])
        known = self._roots[key]
        return None if known is None else ".".join([known, *reversed(attributes)])

    def product(self, node: ast.expr) -> Product | None:
        """The product that an expression is."""
        if isinstance(node, ast.BinOp):
            is_one = isinstance(node.op, ast.MatMult)
            return Product((node.left, node.right)) if is_one else None
        if not isinstance(node, ast.Call):
            return None
        name = last_name(node.func)
        if name not in PRODUCTS and _NAMED_PRODUCT.search(name) is None:
            return None
        path = self.path(node.func)
        if path is not None:
            return _of_module(node, name) if path.partition(".")[0] in _TORCHS else None
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if owner is None or (isinstance(owner, ast.Name) and owner.id in ("self", "cls")):
            found = _of_module(node, name)
            if found is None:
                found = _of_two(node.args, name) if len(node.args) > 1 else None
            words = f"`{ast.unparse(node.func)}` is no product that einlint knows"
            return None if found is None else found._replace(words=words)
        return _of_two([owner, *node.args], name) if node.args and name in _MATRICES else None

    def softmax(self, node: ast.Call) -> Softmax | None:
        """The softmax that a call is."""
        function = node.func
        match function:
            case ast.Call(func=made) if last_name(made) == "Softmax" and node.args:
                return Softmax(node.args[0], _axis(function, 0))
        name = last_name(function)
        is_own = isinstance(function, ast.Attribute) and last_name(function.value) in (
            "self",
            "cls",
        )
        if is_own and name in self.softmaxes and node.args:
            known = self.softmaxes[name]
            return Softmax(node.args[0], _axis(node, 1) if known is None else known)
        if _SOFTMAX not in name.lower() or _NO_SOFTMAX.search(name) is not None:
            return None
        path = self.path(function)
        if path is not None and path.partition(".")[0] in _OTHERS:
            return None
        is_torchs = name in ("softmax", "softmax_") and not is_own
        words = "" if is_torchs else f"`{ast.unparse(function)}` is another softmax than torch's"
        if path is None and isinstance(function, ast.Attribute) and is_torchs:
            return Softmax(function.value, _axis(node, 0))
        given = next((each.value for each in node.keywords if each.arg in ("input", "x")), None)
        operand = node.args[0] if node.args else given
        return None if operand is None else Softmax(operand, _axis(node, 1), words)


def _of_module(node: ast.Call, name: str) -> Product | None:
    """The product of a function: of matrices, or by an equation."""
    args = node.args
    if name in _OTHER_AXES:
        words = f"multiplies with `{name}`"
        return Product((args[0], args[1]), words=words) if len(args) > 1 else None
    match args:
        case [ast.Constant(value=str(text)), one, other] if name not in _MATRICES:
            return Product((one, other), _parsed(text))
        case [
            ast.Constant(value=str(text)),
            ast.List(elts=[one, other]) | ast.Tuple(elts=[one, other]),
        ]:
            return Product((one, other), _parsed(text))
        case [one, other, ast.Constant(value=str(text))]:
            return Product((one, other), equation_of(text))
        case [one, other, *_] if name not in {*_EQUATIONS, "baddbmm"}:
            return Product((one, other), None, _RANKS.get(name))
        case [_, one, other] if name == "baddbmm":
            return Product((one, other), None, 3)
        case [ast.Starred(), *_]:
            return None
        case [ast.Constant(), *_, one, other] | [*_, one, other, ast.Constant()] if (
            name in _EQUATIONS and len(args) > 3
        ):
            return Product((one, other), words=f"multiplies more than two with `{name}`")
        case [_, one, other] if name in _EQUATIONS:
            return Product((one, other), words=f"gives `{name}` no literal equation")
    return None


def _of_two(args: list[ast.expr], name: str) -> Product:
    return Product((args[0], args[1]), None, _RANKS.get(name))


def _parsed(text: str) -> Equation | None:
    try:
        found = parse(text)
    except EquationError:
        return None
    return found if len(found.inputs) == 2 else None


def _axis(call: ast.Call, place: int) -> int | None:
    """The literal axis that a call is given, at a place or by its name."""
    given = [each.value for each in call.keywords if each.arg in ("dim", "axis")]
    given += call.args[place : place + 1]
    return integer(given[0]) if given else None


def integer(node: ast.expr) -> int | None:
    """The literal integer that an expression is."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
    return None


def integers(nodes: list[ast.expr]) -> tuple[int, ...] | None:
    """The literal integers that expressions are, or the one list or tuple among them."""
    match nodes:
        case [ast.Tuple(elts=parts) | ast.List(elts=parts)]:
            nodes = parts
    found = tuple(each for each in map(integer, nodes) if each is not None)
    return found if found and len(found) == len(nodes) else None
