"""Silenced: the findings that comments silence, found by what an edit replaces."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from einlint.diagnostics import Diagnostic
from einlint.linting.suppression.read import LineRange, Suppressions


@dataclass(frozen=True)
class Silenced:
    """The findings, in the order of the text; each fix looks at those that it may concern."""

    found: Sequence[Diagnostic]
    suppressions: Suppressions

    def near(self, spans: Iterable[tuple[int, int]]) -> Iterator[Diagnostic]:
        """Those about a call in one of the spans, or with a comment in one; some come twice."""
        if not self.found:
            return
        for start, end in spans:
            first = bisect_left(self.found, start, key=lambda each: each.start)
            last = bisect_right(self.found, end, key=lambda each: each.start)
            yield from self.found[first:last]
            offsets = self._offsets
            for offset in offsets[bisect_left(offsets, start) : bisect_left(offsets, end)]:
                for group in self._by_comment[offset]:
                    yield from group

    @cached_property
    def _by_comment(self) -> dict[int, list[list[Diagnostic]]]:
        """The findings by where that starts which silences them, by lines."""
        groups: dict[tuple[str, LineRange | None], list[Diagnostic]] = defaultdict(list)
        for each in self.found:
            for lines in self.suppressions.where(each.start, each.end):
                groups[each.code, lines].append(each)
        found: dict[int, list[list[Diagnostic]]] = defaultdict(list)
        for (code, lines), group in groups.items():
            for part in self.suppressions.matching(code, lines):
                found[part.start].append(group)
        return found

    @cached_property
    def _offsets(self) -> list[int]:
        return sorted(self._by_comment)
