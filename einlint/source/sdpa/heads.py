"""Keys and values whose heads are repeated, which `enable_gqa` does without writing them."""

import ast
import re
from dataclasses import dataclass
from typing import Final

from einlint.algebra.equation import Subscripts
from einlint.source.sdpa.axes import before, spread, view_of
from einlint.source.sdpa.matching import FEATURE, KEY, VALUE, Matched, Operand
from einlint.source.sdpa.reading import Read
from einlint.source.sdpa.recorded import Recorder
from einlint.source.sdpa.texts import UnwritableError, Words, operands_of, suffix, wanted
from einlint.source.sdpa.values import is_number
from einlint.source.sdpa.windows import is_same
from einlint.source.terms import ATTRIBUTE, FREE, ITEM, SLICE, Term

_MOST_VIEWS: Final = 6
# `repeats` alone may be a tensor with one number for each head, as torch calls it.
_TIMES: Final = re.compile(r"(?!reps$|repeats$).*(rep|group|ratio|kv)", re.IGNORECASE)
_EACH: Final = re.compile(r"lens$|lengths|counts$|_per_head", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Repeated:
    """What is repeated, and its axes.

    made: the term that repeats it. times: how often.
    """

    made: Term
    term: Term
    labels: Subscripts
    times: Term


def grouped(matched: Matched, read: Read) -> tuple[Repeated, Repeated] | None:
    """Key and value, if the heads of both are repeated as often; None if they are not."""
    found = [_repeated(each, matched, read) for each in (matched.key, matched.value)]
    key, value = found
    if key is None or value is None or not is_same(key.times, value.times):
        return None
    return key, value


def _repeated(operand: Operand, matched: Matched, read: Read) -> Repeated | None:
    term, labels = operand.term, operand.labels
    for _ in range(_MOST_VIEWS):
        found = _times(term)
        if found is not None:
            base, times, place = found
            rank = read.rank(base, operand.product) or read.rank(term, operand.product)
            labels = spread(labels, rank)
            is_head = -len(labels) <= place < len(labels) and _is_head(
                labels[place], labels, matched, rank
            )
            return Repeated(term, base, labels, times) if is_head else None
        view = view_of(term)
        rank = read.rank(term, operand.product)
        ahead = None if view is None else before(view, labels, rank)
        if term.operator == "contiguous":
            ahead = labels
        if ahead is None:
            return None
        term, labels = term.operands[0], ahead
    return None


def _is_head(label: str, labels: Subscripts, matched: Matched, rank: int | None) -> bool:
    """Whether an axis is the one in front of tokens and features, of four."""
    if len(labels) != 4 or label in (KEY, FEATURE, VALUE):
        return False
    return label == spread(matched.batch, None if rank is None else rank - 2)[-1]


def _times(term: Term) -> tuple[Term, Term, int] | None:
    """What is repeated, how often, and along which axis."""
    match term.operator, term.operands:
        case "choice", [_, one, other]:
            # Where it is repeated once it is not repeated at all.
            found = _times(other)
            return found if found is not None and found[0] is one else None
        case "repeat_interleave", [base, *_]:
            named = dict(zip(("input", "repeats", "dim"), term.positional, strict=False))
            named |= term.keywords
            times, axis = named.get("repeats"), named.get("dim")
            place = None if axis is None else axis.integer
            is_known = times is not None and {*named} == {"input", "repeats", "dim"}
            if is_known and place is not None and times is not None and _is_count(times):
                return base, times, place
        case "reshape", [Term(operator="expand") as many, *sizes]:
            return _joined(many, sizes)
    return None


def _is_count(times: Term) -> bool:
    """Whether it is one number, and not one for each head."""
    name = str(times.detail) if times.operator == ATTRIBUTE else ""
    if times.operator == FREE:
        name = getattr(times.detail, "name", "")
    return is_number(times) or bool(_TIMES.match(name) and not _EACH.search(name))


def _joined(many: Term, sizes: list[Term]) -> tuple[Term, Term, int] | None:
    """`x[:, :, None].expand(b, h, n, s, d).reshape(b, h * n, s, d)`."""
    taken, *expanded = many.operands
    if taken.operator != ITEM or many.names or len(expanded) != 5 or len(sizes) != 4:
        return None
    base, *indices = taken.operands
    place = next((at for at, each in enumerate(indices) if each.is_constant(None)), 0)
    rest = [each for at, each in enumerate(indices) if at != place]
    is_whole = all(each.operator == SLICE and bool(each.detail) for each in rest)
    if not is_whole or place == 0:
        return None
    times, heads = expanded[place], expanded[place - 1]
    joined = sizes[place - 1]
    is_product = joined.operator == "mul" and (
        all(map(is_same, joined.operands, (heads, times)))
        or all(map(is_same, joined.operands, (times, heads)))
    )
    others = [*expanded[: place - 1], *expanded[place + 1 :]]
    is_kept = all(map(is_same, others, [*sizes[: place - 1], *sizes[place:]]))
    return (base, times, place - 1) if is_product and is_kept and _is_count(times) else None


def repeated_text(found: Repeated, words: Words, batch: Subscripts, last: Subscripts) -> str:
    """The text of what is repeated, with its axes in the order of the call.

    Its name may have been bound anew by the statement that repeats it; without that statement it
    stands for it again.

    Raises:
        UnwritableError: it has no text there.
    """
    recorder = words.read.recorder
    node = recorder.calls.get(found.made)
    if node is not None:
        nodes = [each for each in node.args if _is_name_of(each, found.term, recorder)]
    else:
        written = recorder.nodes.get(found.made)
        nodes = [] if written is None else operands_of(written, found.made, words.read)[:1]
    if not nodes:
        raise UnwritableError("what is repeated is computed by another function")
    try:
        text = words.primary(nodes[0], found.term)
    except UnwritableError:
        if not isinstance(nodes[0], ast.Name):
            raise
        text = nodes[0].id
    return text + suffix(found.labels, wanted(found.labels, batch, last))


def _is_name_of(node: ast.expr, term: Term, recorder: Recorder) -> bool:
    return isinstance(node, ast.Name) and recorder.names.get(node) is term
