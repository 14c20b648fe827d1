"""HandWrittenAttention: products with a softmax between them, which one call may compute."""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from einlint.diagnostics import Edit
from einlint.source.facts.attention_by_hand import SOFTMAX, AttentionByHand
from einlint.source.finder import Matcher, ParsedFile
from einlint.source.names import last_name

# Most files have no softmax: what reads and replaces an attention is imported where there is one.
if TYPE_CHECKING:
    from einlint.source.attention.replacing import Replacement
    from einlint.source.sdpa.matching import Matched
    from einlint.source.sdpa.one_call.alone import Alone
    from einlint.source.sdpa.parts import Parts
    from einlint.source.sdpa.reading import Read

_RANDOM = re.compile(r"drop|rand|normal|bernoulli|multinomial", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class HandWrittenAttention(AttentionByHand):
    """An attention that is read step by step."""

    matched: "Matched" = field(repr=False)
    parts: "Parts" = field(repr=False)
    read: "Read" = field(repr=False)
    parsed: ParsedFile = field(repr=False)

    @property
    def is_causal(self) -> bool:
        """Whether its only mask is that of a causal attention, which the call makes itself."""
        from einlint.source.sdpa.causal import is_causal

        return is_causal(self.matched, self.parts, self.read)

    @property
    def drawback(self) -> str:
        """Why one call is not expected to be faster; empty where nothing says so."""
        from einlint.source.sdpa.drawbacks import drawback

        return drawback(self.matched, self.parts, self.read)

    @property
    def taken_axes(self) -> int | None:
        """How many axes an operand is taken to have, if only its transposition tells it."""
        operands = self.matched.query, self.matched.key, self.matched.value
        found = (each.taken_axes(self.read) for each in operands)
        return next((each for each in found if each is not None), None)

    @property
    def has_checks(self) -> bool:
        """Whether sizes of its scores or weights are checked; the call does without."""
        from einlint.source.sdpa.of_scores.checks import checks_of

        return bool(checks_of(self.matched, self.read))

    @property
    def moves_random_numbers(self) -> bool:
        """Whether what is written in the first product, or for the scores, draws some."""
        nodes = self.read.recorder.nodes
        written = (nodes.get(each) for each in self.matched.scores.terms)
        return any(
            isinstance(each, ast.Call) and _RANDOM.search(last_name(each.func))
            for node in written
            if isinstance(node, ast.expr)
            for each in ast.walk(node)
        )

    def alone(self) -> "Alone":
        """It and the call, as expressions that run on their own.

        Raises:
            UnwritableError: they cannot; the message says why.
        """
        from einlint.source.sdpa.one_call.alone import alone

        return alone(self.matched, self.parts, self.read)

    def replacement(
        self, *, may_group: bool = False, has_scale: bool = True
    ) -> "Replacement | None":
        """The call that computes the same, proved; None if nothing can be said of it.

        may_group: the call may repeat the heads of key and value. has_scale: it takes a scale; else
            the query is scaled.
        """
        from einlint.source.attention.replacing import replacement

        return replacement(self, may_group=may_group, has_scale=has_scale)

    def is_proved(self, edits: Sequence[Edit]) -> bool:
        """Whether reading the text behind these edits shows that it computes the same."""
        from einlint.source.attention.replacing import is_proved

        return is_proved(self, edits)


def find(parsed: ParsedFile) -> Iterable[HandWrittenAttention]:
    """The attention of a file that is written by hand."""
    if SOFTMAX not in parsed.source.text:
        return ()
    from einlint.source.attention.by_hand import found

    return found(parsed)


_PRODUCTS = ("einsum", "matmul", "bmm", ".mm", "@")

MATCHER = Matcher(HandWrittenAttention, find, ((SOFTMAX,), _PRODUCTS))
