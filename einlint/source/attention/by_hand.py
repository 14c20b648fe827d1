"""Find the attention of a file that is written by hand, by reading its functions."""

import ast
import re
from collections.abc import Iterator

from einlint.diagnostics import Description
from einlint.source.ancestors import enclosing_function
from einlint.source.attention.fused_elsewhere import FusedElsewhere
from einlint.source.attention.other_libraries import has_other_tensors
from einlint.source.facts.hand_written_attention import HandWrittenAttention
from einlint.source.finder import ParsedFile
from einlint.source.sdpa.causal import is_causal
from einlint.source.sdpa.matching import Matched, matches
from einlint.source.sdpa.of_scores.joined import with_joined_axes
from einlint.source.sdpa.parts import parts_of
from einlint.source.sdpa.reading import Read, functions_read
from einlint.source.sdpa.steps import Step
from einlint.source.terms import APPLY, CALL, ITEM, PRODUCT, TUPLE

_CALLED = re.compile(r"att(n|en)|dots|\bsim\b|scores?\b|energy", re.IGNORECASE)
_UNKNOWN = frozenset({CALL, APPLY, ITEM, TUPLE, PRODUCT})


def found(parsed: ParsedFile) -> Iterator[HandWrittenAttention]:
    """The attention of a file that is written by hand."""
    if has_other_tensors(parsed.bound):
        return
    fused, parsed = FusedElsewhere.of(parsed), parsed.without_facts_of(HandWrittenAttention)
    for read in functions_read(parsed.bound, parsed.lines, lambda each: not fused.speaks_for(each)):
        nearest: dict[int, HandWrittenAttention] = {}
        for matched in matches(read):
            fact = _fact(matched, read, parsed)
            # Weights that several products use make one finding, of the product next to them.
            known = nearest.get(fact.start)
            is_nearer = known is None or _steps_behind(fact) < _steps_behind(known)
            if is_nearer and _is_attention(fact):
                nearest[fact.start] = fact
        yield from nearest.values()


def _steps_behind(fact: HandWrittenAttention) -> int:
    """How many steps lie between the softmax and the product that no table knows."""
    return sum(each.step is Step.OTHER for each in fact.matched.weights.steps)


def _is_attention(fact: HandWrittenAttention) -> bool:
    """Whether it is called so where something unknown is done between the products."""
    steps = (*fact.matched.scores.steps, *fact.matched.weights.steps)
    unknown = (each for each in steps if each.step is Step.OTHER)
    if all(each.term.operator not in _UNKNOWN for each in unknown):
        return True
    lines = fact.parsed.lines
    texts = [fact.description.function, *(lines.text[start:end] for start, end in fact.spans)]
    homes = (fact.read.recorder.homes.get(each) for each in fact.matched.terms)
    texts += [lines.line(each.lineno) for each in homes if each is not None]
    return any(_CALLED.search(each) for each in texts)


def _fact(matched: Matched, read: Read, parsed: ParsedFile) -> HandWrittenAttention:
    recorder, lines = read.recorder, parsed.lines
    matched = with_joined_axes(matched)
    parts = parts_of(matched, read)
    is_of_method = not recorder.of_methods.isdisjoint(matched.terms)
    if is_of_method and not is_causal(matched, parts, read):
        parts.block("another method computes a part of it")  # its mask has no text here
    nodes = (recorder.nodes.get(each) for each in matched.terms)
    spans = {lines.extent(each) for each in nodes if isinstance(each, ast.expr | ast.stmt)}
    ends = (recorder.nodes.get(each) for each in (matched.scores.base, matched.product))
    products = sorted(lines.extent(each) for each in ends if isinstance(each, ast.expr))
    first = recorder.nodes[matched.product]
    description = Description(function=enclosing_function(first, parsed.bound.parents))
    return HandWrittenAttention(
        *products[0],
        description,
        tuple(sorted(spans)),
        tuple(products),
        tuple(parts.obstacles),
        matched,
        parts,
        read,
        parsed,
    )
