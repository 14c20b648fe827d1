"""Table: calls and seconds by site and signature, with a bounded size."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from einlint.trace.store import Count, Row, Signature, Site

# Bounds for memory and file size.
MOST_SITES: Final = 2000
MOST_SIGNATURES: Final = 256
"""How many signatures of one site are kept; the calls of the others are counted together."""


class Table:
    """The counts; each one is created on first use."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Site | None, Signature | None], Count] = {}
        self._signatures: Counter[Site] = Counter()

    def count(self, site: Site | None, signature: Signature | None) -> Count:
        """The count for a call; calls beyond the limits share one count."""
        if site not in self._signatures and len(self._signatures) >= MOST_SITES:
            site = signature = None
        known = self._counts.get((site, signature))
        if known is not None:
            return known
        if site is not None and signature is not None:
            if self._signatures[site] >= MOST_SIGNATURES:
                return self.count(site, None)
            self._signatures[site] += 1
        return self._counts.setdefault((site, signature), Count())

    def add(self, rows: Iterable[Row]) -> None:
        """Add the lines of another table."""
        for row in rows:
            count = self.count(row.site, row.signature)
            count.calls += row.calls
            count.seconds += row.seconds

    def rows(self) -> Iterator[Row]:
        """The current counts; other threads may continue to count."""
        for (site, signature), count in list(self._counts.items()):
            yield Row(site, signature, count.calls, count.seconds)
