"""Table: calls and seconds by site and signature, of bounded size."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from einlint.trace.store import Count, Row, Signature, Site

MOST_SITES: Final = 2000
MOST_SIGNATURES: Final = 256
"""How many signatures of one site are kept; the calls of the others are counted together."""


class Table:
    """The counts, made when they are asked for."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Site | None, Signature | None], Count] = {}
        self._signatures: Counter[Site] = Counter()

    def count(self, site: Site | None, signature: Signature | None) -> Count:
        """The count to add a call to: beyond the limits that of all other calls there."""
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
        """Add what another table held."""
        for row in rows:
            count = self.count(row.site, row.signature)
            count.calls += row.calls
            count.seconds += row.seconds

    def rows(self) -> Iterator[Row]:
        """The counts by now; other threads may go on counting."""
        for (site, signature), count in list(self._counts.items()):
            yield Row(site, signature, count.calls, count.seconds)
