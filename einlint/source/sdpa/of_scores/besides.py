"""What is changed between the two products, and changes nothing that one call reads later.

The call stands at the second product. By hand query and key are read at the first one, and a mask
where it masks. So a tensor that was made here may be changed as long as nobody has read it, and
an attribute may be bound anew that nothing there reads.
"""

import ast
from collections.abc import Iterator, Set
from typing import Final, TypeAlias

from einlint.source.methods import class_of_self
from einlint.source.operators import IN_PLACE
from einlint.source.sdpa.axes import VIEWS
from einlint.source.sdpa.matching import Matched
from einlint.source.sdpa.of_scores.held import COMPUTED, is_held
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.steps import name_of_step
from einlint.source.terms import ATTRIBUTE, CALL, CHOICE, ITEM, OPAQUE, PRODUCT, Term

# Values that the call reads, with the terms that read them by hand.
Moved: TypeAlias = tuple[tuple[Term, Term], ...]
_MOST_TERMS: Final = 60
_VIEWING: Final = (
    "view reshape unsqueeze squeeze expand expand_as view_as flatten unflatten contiguous to "
    "type type_as float half bool int long cuda cpu detach chunk split unbind diagonal narrow "
    "rearrange real data"
)
_SHARING: Final = frozenset(
    {IN_PLACE, "augmented", "aliased", ITEM, ATTRIBUTE, *VIEWS, *_VIEWING.split()}
)
_MAKERS: Final = "zeros ones full empty eye arange rand randn new_zeros new_ones new_full new_empty"
_MAKING: Final = frozenset({PRODUCT, *COMPUTED, *_MAKERS.split()})
_ASKING: Final = frozenset({"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "BitAnd", "BitOr", "Invert"})


def is_besides(node: ast.AST, moved: Moved, matched: Matched, read: Read) -> bool:
    """Whether a statement that writes into an object changes nothing that the call reads."""
    match node:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name() as owner, attr=name)]):
            return _is_attribute_for_others(owner, name, matched, read)
        case ast.AugAssign(target=ast.Attribute(value=ast.Name() as owner, attr=name)):
            is_unread = _is_attribute_for_others(owner, name, matched, read)
            return is_unread and _is_count(owner, name, read)
        case (
            ast.Assign(targets=[ast.Subscript(value=ast.Name() as owner)])
            | ast.AugAssign(target=ast.Subscript(value=ast.Name() as owner))
        ):
            term = read.recorder.names.get(owner)
            return term is not None and is_read_behind(term, node, moved, read)
    return False


def is_read_behind(changed: Term, node: ast.AST | None, moved: Moved, read: Read) -> bool:
    """Whether what is changed was made here, and is read behind that wherever the call reads it.

    node: what changes it.
    """
    memory = _memory(changed)
    if memory is None or not _is_made_here(memory, read) or is_held(memory, read):
        return False
    for term, reader in moved:
        reads = read.recorder.nodes.get(reader)
        if reads is None or node is None:
            return False
        # What is read may be the result of the change: `scores.masked_fill_(c.triu_(1), low)`.
        inner = {*ast.walk(node)} if node in {*ast.walk(reads)} else set()
        own = None if inner else term
        if _start(reads) <= _end(node) and _may_read(reads, own, memory, inner, read):
            return False
    return True


def _may_read(
    reads: ast.AST, term: Term | None, memory: set[Term], inner: Set[ast.AST], read: Read
) -> bool:
    """Whether what is written there, and will be read later, depends on what is changed.

    inner: the parts of it that change it.
    """
    names = read.recorder.names
    found: list[Term | None] = [] if term is None else [term]
    outer = (each for each in ast.walk(reads) if each not in inner)
    found += [names[each] for each in outer if isinstance(each, ast.Name) and each in names]
    for each in found:
        other = None if each is None else _memory(each)
        if other is None or not memory.isdisjoint(other):
            return True
    return False


def _start(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)


def _memory(term: Term) -> set[Term] | None:
    """A value, and all that may lie in the same memory; None if that is too much."""
    found: set[Term] = set()
    pending = [term]
    while pending:
        each = pending.pop()
        if each in found:
            continue
        found.add(each)
        if len(found) > _MOST_TERMS:
            return None
        if each.operator == CHOICE:
            pending += each.operands[1:]
        elif _shares(each):
            pending += each.operands[:1]
    return found


def _shares(term: Term) -> bool:
    """Whether it may lie in the memory of its first operand."""
    return name_of_step(term) in _SHARING or term.operator in _SHARING


def _is_made_here(memory: Set[Term], read: Read) -> bool:
    """Whether the function has made what lies in a memory, so that nobody else holds it."""
    for each in memory:
        if _makes(each):
            home = read.recorder.homes.get(each)
            if home is None or read.function not in read.file.bound.around(home):
                return False  # `__init__` has made it
        elif each.operator != CHOICE and not (_shares(each) and each.operands):
            return False
    return True


def _makes(term: Term) -> bool:
    """Whether its result lies in memory of its own."""
    if term.operator == CALL:
        name = name_of_step(term)
        is_torchs = str(term.detail).startswith("torch.") and not term.is_method
        return (is_torchs or name.startswith("new_")) and name in _MAKING
    return term.operator in _MAKING or (term.operator == OPAQUE and term.detail in _ASKING)


# ---- attributes


def _is_attribute_for_others(owner: ast.Name, name: str, matched: Matched, read: Read) -> bool:
    """Whether nothing between the products reads an attribute, or what may depend on it."""
    inside = class_of_self(owner, read.file.bound)
    if inside is None:
        return False
    reads = {*_attributes_read(matched, read)}
    known = read.owned(inside).items()
    methods = {each for each, value in known if isinstance(value, ast.FunctionDef)}
    return name not in reads | methods and reads.isdisjoint(methods)


def _attributes_read(matched: Matched, read: Read) -> Iterator[str]:
    nodes = (read.recorder.nodes.get(each) for each in matched.terms)
    for node in {each for each in nodes if each is not None}:
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute):
                yield each.attr


def _is_count(owner: ast.Name, name: str, read: Read) -> bool:
    """Whether its class gives an attribute nothing but numbers: `+=` may change a tensor."""
    inside = class_of_self(owner, read.file.bound)
    values = [*_given(inside, name)] if inside is not None else []
    return bool(values) and all(
        isinstance(each, ast.Constant) and isinstance(each.value, int | float) for each in values
    )


def _given(inside: ast.ClassDef, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(inside):
        match node:
            case ast.Assign(targets=targets, value=value):
                if any(name in _names_of(each) for each in targets):
                    yield value
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                if name in _names_of(target):
                    yield value


def _names_of(target: ast.expr) -> Iterator[str]:
    """The attributes that a target binds."""
    return (each.attr for each in ast.walk(target) if isinstance(each, ast.Attribute))
