"""What `__init__` of a class and of its bases in the file makes of the attributes of `self`."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from einlint.source.ancestors import statements_in
from einlint.source.binder import BoundModule
from einlint.source.expressions import Expressions, State
from einlint.source.imports import dotted_path
from einlint.source.methods import class_of_self
from einlint.source.names import last_name
from einlint.source.sdpa.values import is_called_a_size
from einlint.source.terms import FREE, LAYER, Free, Term

# A number, whatever it is computed from; detail: how.
NUMBER: Final = "math"
# A layer that drops, or does nothing and has no `p`: `nn.Dropout(p) if p else nn.Identity()`.
DROPOUT_OR_IDENTITY: Final = "Dropout_or_Identity"
_DROPOUT: Final = "torch.nn.Dropout"
_IDENTITY: Final = "torch.nn.Identity"
# Methods that change what a layer does.
_CHANGING: Final = frozenset(
    {
        *("append", "extend", "insert", "pop", "add_module", "register_module"),
        *("register_forward_hook", "register_forward_pre_hook"),
    }
)
_CALLED: Final = frozenset({*_CHANGING, "setattr"})
Changes: TypeAlias = Mapping[ast.AST, Sequence[ast.AST]]
_EITHER: Final = frozenset({_DROPOUT, _IDENTITY, DROPOUT_OR_IDENTITY})


def members(
    node: ast.ClassDef, heirs: list[ast.ClassDef], bound: BoundModule, expressions: Expressions
) -> dict[str, Term]:
    """The layers, parameters and numbers that one place of the class or its bases sets.

    heirs: the classes of the file that are derived from it; what they set otherwise is not known.
    """
    classes = list(_lineage(node, bound))
    set_at: dict[str, list[tuple[ast.expr, ast.FunctionDef]]] = {}
    for value, method, name in _set_by(classes):
        set_at.setdefault(name, []).append((value, method))
    found = {
        name: expressions.read(value, State())
        for name, value in _negatives(classes, heirs).items()
        if name not in set_at
    }
    found |= {
        name: Term(NUMBER, detail=ast.dump(value))
        for name, value in _computed(classes, heirs, bound).items()
        if name not in set_at
    }
    for name, places in set_at.items():
        made = [each for each in places if not _is_none(each[0])]
        terms = [_term(value, method, bound, expressions) for value, method in made]
        known = _one_of([each for each in terms if each is not None])
        is_sure = len(made) == len(places) or (known is not None and known.operator == LAYER)
        if known is not None and None not in terms and is_sure:
            found[name] = known
    for value, method, name in _set_by(heirs):
        if name in found and not _is_none(value):
            term = _term(value, method, bound, expressions)
            both = None if term is None else _one_of([found[name], term])
            if both is None:
                del found[name]
            else:
                found[name] = both
    return found


def _negatives(classes: list[ast.ClassDef], heirs: list[ast.ClassDef]) -> dict[str, ast.expr]:
    """The negative literals that classes give names, if nothing else is given to these later."""
    found: dict[str, ast.expr] = {}
    for each in (*reversed(classes), *(each for each in heirs if each not in classes)):
        for name, value in _named_in(each):
            if not is_negative(value):
                found.pop(name, None)
            elif each in classes:
                found[name] = value
    return found


def _computed(
    classes: list[ast.ClassDef], heirs: list[ast.ClassDef], bound: BoundModule
) -> dict[str, ast.expr]:
    """The numbers of the body of a class, and properties that compute one of sizes, by name."""
    found: dict[str, ast.expr] = {}
    for each in (*reversed(classes), *(each for each in heirs if each not in classes)):
        for name, value in _named_in(each):
            found.pop(name, None)
            is_positive = isinstance(value, ast.Constant) and is_number(value, set(), bound)
            if is_positive and each in classes:
                found[name] = value
        for method in each.body if each in classes else ():
            match method:
                case ast.FunctionDef(
                    name=name,
                    decorator_list=[ast.Name(id="property")],
                    body=[*_, ast.Return(value=ast.expr() as value)],
                ) if len(method.body) < 3 and is_number(value, _sizes(method), bound, sizes=True):
                    found[name] = value
    return found


def _sizes(method: ast.FunctionDef) -> set[str]:
    """The first parameter of a method, and those that are called sizes."""
    names = [each.arg for each in (*method.args.args, *method.args.kwonlyargs)]
    return {*names[:1], *filter(is_called_a_size, names)}


def _named_in(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """The names that the body of a class binds, with what each is given, if that is one thing."""
    for each in node.body:
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.FunctionDef(name=name):
                yield name, ast.Constant(value=...)
            case ast.ClassDef() | ast.AsyncFunctionDef() | ast.Expr() | ast.AnnAssign():
                pass
            case _:
                names = (inner for inner in ast.walk(each) if isinstance(inner, ast.Name))
                yield from ((inner.id, ast.Constant(value=...)) for inner in names)


def _one_of(terms: list[Term]) -> Term | None:
    """What any of these is; None if that may be several things."""
    kinds = {_kind(each) for each in terms}
    if len(kinds) == 1:
        return terms[0]
    if terms and all(each.operator == LAYER and each.detail in _EITHER for each in terms):
        return Term(LAYER, detail=DROPOUT_OR_IDENTITY)
    return None


def _set_by(
    classes: list[ast.ClassDef],
) -> Iterator[tuple[ast.expr, ast.FunctionDef, str]]:
    """The values, methods and names of all attributes that classes set."""
    for each in classes:
        for method in each.body:
            if isinstance(method, ast.FunctionDef):
                yield from ((value, method, name) for name, value in _set_in(method))


def _kind(term: Term) -> object:
    """What must be one thing where an attribute is set twice."""
    if term.operator != LAYER:
        return NUMBER if term.operator == NUMBER else term
    inner = tuple(_kind(each) for each in term.operands if each.operator == LAYER)
    is_softmax = str(term.detail).endswith("Softmax")
    return (term.detail, inner or tuple(each.detail for each in term.operands if is_softmax))


def owned(node: ast.ClassDef, bound: BoundModule) -> dict[str, ast.expr | ast.FunctionDef]:
    """What a class and its bases in the file keep in attributes, and their methods, by name."""
    classes = list(_lineage(node, bound))
    methods = (each for some in classes for each in some.body if isinstance(each, ast.FunctionDef))
    found: dict[str, ast.expr | ast.FunctionDef] = {}
    for method in methods:
        found.setdefault(method.name, method)
    return {**{name: value for value, _, name in _set_by(classes)}, **found}


def _lineage(node: ast.ClassDef, bound: BoundModule) -> Iterator[ast.ClassDef]:
    """The class and its bases in the file."""
    by_name = {each.name: each for each in bound.of_kind(ast.ClassDef)}
    seen = {node}
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        for base in current.bases:
            other = by_name.get(last_name(base))
            if other is not None and other not in seen:
                seen.add(other)
                pending.append(other)


def _set_in(method: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """Every attribute of the first parameter that is set, with its value if that is one thing."""
    own = method.args.args[0].arg if method.args.args else ""
    for node in statements_in(method):
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) or not node.value:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            is_one = not isinstance(node, ast.AugAssign)
            parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            for each in parts:
                name = _attribute(each, own)
                if name is not None:
                    is_sure = is_one and each is target
                    yield name, node.value if is_sure else ast.Constant(value=...)


def set_outside(bound: BoundModule) -> set[str]:
    """The attributes that code sets of what is not `self`: `model.drop = nn.Identity()`."""
    return {
        name
        for owner, name in bound.patches
        if owner is not None
        and not (isinstance(owner, ast.Name) and class_of_self(owner, bound) is not None)
    }


def refilled_in(bound: BoundModule) -> Iterator[str]:
    """The attributes whose elements are changed, by a method in place or by an index."""
    for name, found in bound.named(ast.Attribute).items():
        if name.endswith("_") and not name.endswith("__"):
            yield from (each for node in found for each in _owners(node))
    for node in bound.of_kind(ast.Subscript):
        if isinstance(node.ctx, ast.Store):
            yield from _owners(node)


def _owners(node: ast.AST) -> Iterator[str]:
    """The attributes in front of the last one: `mask` and `data` of `self.mask.data.zero_`."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
        if isinstance(node, ast.Attribute):
            yield node.attr


def changed_layers(
    node: ast.ClassDef, heirs: list[ast.ClassDef], bound: BoundModule, changes: Changes
) -> Iterator[str]:
    """The attributes whose layers a method changes, as `self.attend.append(layer)` does."""
    for each in dict.fromkeys((*_lineage(node, bound), *heirs)):
        for method in each.body:
            if isinstance(method, ast.FunctionDef) and method.args.args:
                own = method.args.args[0].arg
                found = (_changed_by(inner, own) for inner in changes.get(method, ()))
                yield from (name for name in found if name is not None)


def changes_in(bound: BoundModule) -> Changes:
    """What may change a layer, by the methods around it."""
    found: dict[ast.AST, list[ast.AST]] = {}
    calls = bound.calls_of(_CALLED)
    items = (each for each in bound.of_kind(ast.Subscript) if _is_set(each))
    attributes = (each for each in bound.of_kind(ast.Attribute) if _is_set(each))
    for node in (*calls, *items, *attributes):
        for around in bound.around(node):
            if isinstance(around, ast.FunctionDef):
                found.setdefault(around, []).append(node)
    return found


def _is_set(node: ast.Subscript | ast.Attribute) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _changed_by(node: ast.AST, own: str) -> str | None:
    match node:
        case (
            ast.Call(
                func=ast.Attribute(value=ast.Name(id=owner), attr="add_module" | "register_module"),
                args=[ast.Constant(value=str(name)), *_],
            )
            | ast.Call(
                func=ast.Name(id="setattr"),
                args=[ast.Name(id=owner), ast.Constant(value=str(name)), *_],
            )
        ) if owner == own:
            return name
        case ast.Call(func=ast.Attribute(value=layer, attr=method)) if method in _CHANGING:
            return _attribute(layer, own)
        case ast.Subscript(value=layer, ctx=ast.Store() | ast.Del()):
            return _attribute(layer, own)
        case ast.Attribute(value=layer, attr="dim" | "forward", ctx=ast.Store()):
            return _attribute(layer, own)
    return None


def _attribute(node: ast.expr, own: str) -> str | None:
    """The attribute of `self` that it is."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == own:
            return attribute
    return None


def _term(
    value: ast.expr, method: ast.FunctionDef, bound: BoundModule, expressions: Expressions
) -> Term | None:
    """A layer of torch.nn, a parameter, or a number; None for all that is not looked at."""
    match value:
        case ast.IfExp(body=body, orelse=other):
            sides = [each for each in (body, other) if not _is_none(each)]
            terms = [_term(each, method, bound, expressions) for each in sides]
            layers = [each for each in terms if each is not None and each.operator == LAYER]
            if terms and len(layers) == len(terms):
                return _one_of(layers)
        case ast.Call(func=function):
            path = expressions.path(function)
            if path == "torch.nn.Parameter":
                return expressions.read(value, State())
            if path is not None and path.startswith("torch.nn.") and path[9:10].isupper():
                return expressions.read(value, _state(method))
    if method.name == "__init__" and is_negative(value):
        return expressions.read(value, State())
    is_init = method.name == "__init__"
    settings = _settings(method) if is_init else _sizes(method)
    if is_number(value, settings, bound, sizes=not is_init) and (is_init or not _is_literal(value)):
        return Term(NUMBER, detail=ast.dump(value))
    return None


def _is_none(node: ast.expr) -> bool:
    """Whether it is None, which nobody can call."""
    return isinstance(node, ast.Constant) and node.value is None


def _state(method: ast.FunctionDef) -> State:
    arguments = [*method.args.args, *method.args.kwonlyargs]
    names = {
        each.arg: Term(FREE, detail=Free(each.arg, group=method), line=each.lineno)
        for each in arguments
    }
    return State(names)


@lru_cache(maxsize=1)  # asked for each attribute of a method
def _settings(method: ast.FunctionDef) -> set[str]:
    """The parameters and the local names of `__init__`."""
    names = {each.arg for each in (*method.args.args, *method.args.kwonlyargs)}
    for statement in ast.walk(method):
        if isinstance(statement, ast.Name) and isinstance(statement.ctx, ast.Store):
            names.add(statement.id)
    return names


def _is_literal(node: ast.expr) -> bool:
    """Whether it is a number as it stands there, which may be a mark: `self.last = 0`."""
    return isinstance(node, ast.Constant)


def is_number(
    node: ast.expr, settings: set[str], bound: BoundModule, *, sizes: bool = False
) -> bool:
    """Whether an expression computes a number from the settings of a module.

    sizes: an attribute counts only if it is called one.
    """
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ast.BinOp(left=left, right=right):
            return all(_is_part(each, settings, bound, sizes=sizes) for each in (left, right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return is_number(operand, settings, bound, sizes=sizes)
        case ast.IfExp(body=body, orelse=other):
            return all(_is_part(each, settings, bound, sizes=sizes) for each in (body, other))
        case ast.BoolOp(values=values):
            return all(_is_part(each, settings, bound, sizes=sizes) for each in values)
        case ast.Call(func=function, args=args, keywords=[]):
            path = dotted_path(function, bound.scopes[function]) or last_name(function)
            is_math = path.startswith(("math.", "numpy.")) or path in ("float", "int")
            return is_math and all(_is_part(each, settings, bound, sizes=sizes) for each in args)
    return False


def is_negative(node: ast.expr) -> bool:
    """Whether it is a negative literal, such as masked scores are filled with."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)):
            return isinstance(value, int | float)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Attribute(attr="inf")):
            return True
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(text))], keywords=[]):
            return text.strip().startswith("-")
    return False


def _is_part(node: ast.expr, settings: set[str], bound: BoundModule, *, sizes: bool) -> bool:
    match node:
        case ast.Name(id=name):
            return name in settings
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):  # `self.head_dim`
            is_known = not sizes or is_called_a_size(attribute) or attribute == "d"
            return name in settings and is_known
    return is_number(node, settings, bound, sizes=sizes)
