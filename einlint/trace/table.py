"""Table: calls and seconds by site and signature, with a bounded size."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Final

from einlint.trace.merged import Form, Merged, form_of
from einlint.trace.store import Count, Row, Signature, Site

# Bounds for memory and file size.
MOST_SITES: Final = 2000
MOST_SIGNATURES: Final = 256
"""How many signatures of one site are kept; the others are merged into ranges of sizes."""
MOST_MERGED: Final = 64
"""How many merged signatures a site may have; the calls of the others are counted together."""


class Table:
    """The counts; each one is created on first use."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Site | None, Signature | None], Count] = {}
        self._signatures: Counter[Site] = Counter()
        self._merged: dict[tuple[Site, Form, bool], Merged] = {}
        self._forms: Counter[Site] = Counter()

    def count(
        self, site: Site | None, signature: Signature | None, *, has_raised: bool = False
    ) -> Count:
        """The count for a call; calls beyond the limits share one count.

        has_raised: the sizes of a call that raised are merged with those of its like only.
        """
        if site not in self._signatures and len(self._signatures) >= MOST_SITES:
            site = signature = None
        known = self._counts.get((site, signature))
        if known is not None:
            return known
        if site is not None and signature is not None:
            if signature.is_merged or self._signatures[site] >= MOST_SIGNATURES:
                return self._merged_count(site, signature, has_raised)
            self._signatures[site] += 1
        return self._counts.setdefault((site, signature), Count())

    def _merged_count(self, site: Site, signature: Signature, has_raised: bool) -> Count:
        """The count of all signatures of this form; its ranges grow to hold this one."""
        self._signatures[site] += 0  # the site is one of those that are kept
        key = site, form_of(signature), has_raised
        known = self._merged.get(key)
        if known is not None:
            known.widen(signature)
            return known.count
        if self._forms[site] >= MOST_MERGED:
            return self.count(site, None)
        self._forms[site] += 1
        made = self._merged[key] = Merged(signature)
        return made.count

    def add(self, rows: Iterable[Row]) -> None:
        """Add the lines of another table."""
        for row in rows:
            has_raised = bool(row.raised) and not row.calls
            self.count(row.site, row.signature, has_raised=has_raised).add_all(row)

    def rows(self) -> Iterator[Row]:
        """The current counts; other threads may continue to count."""
        for (site, signature), count in list(self._counts.items()):
            yield Row(site, signature, **asdict(count))
        for (place, *_), merged in list(self._merged.items()):
            yield Row(place, merged.signature, **asdict(merged.count))
