"""The summary below the findings, and the table of --statistics."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from einlint.diagnostics import Applicability, Diagnostic, counted
from einlint.output.format import Format, Report
from einlint.output.paint import Paint
from einlint.output.records import Record


def summary(report: Report, paint: Paint) -> str:
    """How many findings there are, were fixed and remain, and which options fix more."""
    left = len(report.diagnostics)
    lines = []
    if report.fixed:
        lines.append(f"Fixed {counted(report.fixed, 'finding')}, {left} left.")
    elif report.is_partial and not left:
        lines.append("Nothing found in what could be checked.")
    else:
        lines.append(f"Found {counted(left, 'finding')}." if left else "All checks passed!")
    return "\n".join([*map(paint.bold, lines), *_hints(report)]) + "\n"


def statistics(report: Report, chosen: Format) -> str:
    """The number of findings by code and equation, and of calls that no rule can judge.

    The most frequent come first. Equations that differ only in their letters are counted
    together, under their most frequent spelling.
    """
    counts = Counter((each.code, each.name) for each in report.diagnostics)
    tallies = [
        _Tally(code, name, count, tuple(each for each in report.diagnostics if each.code == code))
        for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    tallies += [
        _Tally(None, name.value, count, ()) for name, count in sorted(report.unjudged.items())
    ]
    if chosen.render_records is not None:
        return chosen.render_records([each.record(report.threshold) for each in tallies])
    return "".join(each.text(report.threshold) for each in tallies)


@dataclass(frozen=True, slots=True)
class _Tally:
    """The findings of one code; for calls that no rule can judge, only their number."""

    code: str | None
    name: str
    count: int
    findings: tuple[Diagnostic, ...]

    def text(self, threshold: Applicability) -> str:
        mark = "[*] " if self._is_fixable(threshold) else ""
        lines = [f"{self.count}\t{self.code or '-'}\t{mark}{self.name}"]
        lines += [f"\t{count}\t{equation}" for equation, count in self._equations()]
        return "".join(f"{line}\n" for line in lines)

    def record(self, threshold: Applicability) -> Record:
        equations = [{"equation": name, "count": count} for name, count in self._equations()]
        return {
            "code": self.code,
            "name": self.name,
            "count": self.count,
            "fixable": self._is_fixable(threshold),
            "equations": equations,
        }

    def _is_fixable(self, threshold: Applicability) -> bool:
        return any(each.is_fixable(threshold) for each in self.findings)

    def _equations(self) -> list[tuple[str, int]]:
        spellings: dict[str, Counter[str]] = {}
        for about in (each.about for each in self.findings):
            if about is not None and about.canonical is not None:
                spellings.setdefault(about.canonical, Counter())[about.equation or ""] += 1
        pairs = [(each.most_common(1)[0][0], each.total()) for each in spellings.values()]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _hints(report: Report) -> Sequence[str]:
    """Which options fix more findings, and what the baseline accepts."""
    fixable = sum(each.is_fixable(report.threshold) for each in report.diagnostics)
    unsafe = sum(each.is_fixable(Applicability.UNSAFE) for each in report.diagnostics) - fixable
    options = "--fix --unsafe-fixes" if report.threshold is Applicability.UNSAFE else "--fix"
    hints = []
    if fixable and report.fixed is None:
        hints.append(f"[*] {fixable} fixable with `{options}`.")
    if unsafe:
        more = "more " if fixable else ""
        hints.append(f"{unsafe} {more}with `--unsafe-fixes`; the findings say what is not proved.")
    if report.accepted:
        hints.append(f"{counted(report.accepted, 'finding')} accepted by the baseline.")
    return hints
