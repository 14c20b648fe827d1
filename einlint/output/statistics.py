"""The tables of --statistics: findings by code, and every einsum call by what it is."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from einlint.diagnostics import Applicability, Description, Diagnostic
from einlint.output.format import Format, Report
from einlint.output.records import Record
from einlint.printable import printable

_INVALID: Final = "invalid"

_Key = TypeVar("_Key")
_Item = TypeVar("_Item")


def statistics(report: Report, chosen: Format) -> str:
    """The number of findings by code, and of calls by kind, each with their equations.

    Every call is counted by what it is, whether a rule reports it or not. The most frequent come
    first. Equations that differ only in their letters are counted together, under their most
    frequent spelling.
    """
    tallies = [*_of_findings(report), *_of_calls(report)]
    if chosen.render_records is not None:
        return chosen.render_records([each.record() for each in tallies])
    return "".join(each.text() for each in tallies)


@dataclass(frozen=True, slots=True)
class _Tally:
    """A number of findings of one code, or of calls of one kind (`code` is None).

    is_fixable: the options of the run fix one of them. is_pedantic: only `--pedantic` reports them.
    """

    code: str | None
    name: str
    count: int
    equations: tuple[tuple[str, int], ...]
    is_fixable: bool = False
    is_pedantic: bool = False

    def text(self) -> str:
        mark = "[*] " if self.is_fixable else ""
        option = " (with --pedantic)" if self.is_pedantic else ""
        lines = [f"{self.count}\t{self.code or '-'}\t{mark}{self.name}{option}"]
        lines += [f"\t{count}\t{printable(equation)}" for equation, count in self.equations]
        return "".join(f"{line}\n" for line in lines)

    def record(self) -> Record:
        return {
            "code": self.code,
            "name": self.name,
            "count": self.count,
            "fixable": self.is_fixable,
            "pedantic": self.is_pedantic,
            "equations": [{"equation": name, "count": count} for name, count in self.equations],
        }


def _of_findings(report: Report) -> Iterator[_Tally]:
    """The reported findings by code, then the hidden ones."""
    for found in (report.diagnostics, report.hidden):
        by_code: dict[tuple[str, str], list[Diagnostic]] = {}
        for each in found:
            by_code.setdefault((each.code, each.name), []).append(each)
        for (code, name), alike in _most_frequent_first(by_code):
            about = (each.about for each in alike if each.about is not None)
            yield _Tally(
                code,
                name,
                len(alike),
                _equations(about),
                any(_is_fixable(each, report.threshold) for each in alike),
                found is report.hidden,
            )


def _is_fixable(diagnostic: Diagnostic, threshold: Applicability) -> bool:
    return not diagnostic.is_hidden and diagnostic.is_fixable(threshold)


def _of_calls(report: Report) -> Iterator[_Tally]:
    by_kind: dict[str, list[Description]] = {}
    for call in report.calls:
        by_kind.setdefault(call.kind or _INVALID, []).append(call)
    for kind, alike in _most_frequent_first(by_kind):
        yield _Tally(None, kind, len(alike), _equations(alike))
    for reason, count in sorted(report.unjudged.items()):
        yield _Tally(None, reason.value, count, ())


def _most_frequent_first(groups: dict[_Key, list[_Item]]) -> list[tuple[_Key, list[_Item]]]:
    return sorted(groups.items(), key=lambda group: (-len(group[1]), str(group[0])))


def _equations(about: Iterable[Description]) -> tuple[tuple[str, int], ...]:
    spellings: dict[str, Counter[str]] = {}
    for each in about:
        if each.canonical is not None:
            spellings.setdefault(each.canonical, Counter())[each.equation or ""] += 1
    pairs = [(each.most_common(1)[0][0], each.total()) for each in spellings.values()]
    return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
