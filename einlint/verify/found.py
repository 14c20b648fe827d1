"""From the findings in files to the rewrites to verify: each once, with all of its sites."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from einlint.diagnostics import Diagnostic
from einlint.source.file import SourceFile
from einlint.source.finder import find_calls, parse_file
from einlint.verify.pair import Pair, UnpairableError, pair_of
from einlint.verify.report import Site, Skipped


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A call and its replacement over names for the operands, and where they stand."""

    pair: Pair
    sites: tuple[Site, ...]


def rewrites_in(
    diagnostics: Iterable[Diagnostic], texts: Mapping[str, str]
) -> tuple[tuple[Rewrite, ...], tuple[Skipped, ...]]:
    """The rewrites that findings offer, safe or not, and the calls that cannot be run.

    Args:
        diagnostics: what a check found.
        texts: file name -> its text.
    """
    by_file: dict[str, list[Diagnostic]] = {}
    for each in diagnostics:
        if each.fix is not None and each.fix.edits:
            by_file.setdefault(each.filename, []).append(each)
    grouped: dict[object, tuple[Pair, list[Site]]] = {}
    skipped: list[Skipped] = []
    for filename, found in by_file.items():
        for site, pair in _pairs(filename, texts[filename], found):
            if isinstance(pair, UnpairableError):
                skipped.append(Skipped(site, str(pair)))
                continue
            _, sites = grouped.setdefault((pair.equation, pair.readings), (pair, []))
            sites.append(site)
    rewrites = tuple(Rewrite(pair, tuple(dict.fromkeys(sites))) for pair, sites in grouped.values())
    return rewrites, tuple(skipped)


def _pairs(
    filename: str, text: str, diagnostics: Sequence[Diagnostic]
) -> Iterator[tuple[Site, Pair | UnpairableError]]:
    calls = {call.range: call for call in find_calls(parse_file(SourceFile(filename, text)))}
    for each in diagnostics:
        site = Site(filename, each.range.start.row)
        assert each.fix is not None
        try:
            yield site, pair_of(calls[each.range], each.fix)
        except UnpairableError as error:
            yield site, error
