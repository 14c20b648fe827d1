"""The summary below the findings."""

from collections.abc import Iterator, Sequence
from typing import Final

from einlint.diagnostics import Applicability, Diagnostic, Severity
from einlint.output.clean import ALL_PASSED
from einlint.output.format import Report
from einlint.output.paint import Paint
from einlint.printable import counted

# What the findings of a series say of a call, in the order of the summary.
_WORDS: Final = {
    "error": "wrong",
    "EIN0": "suspicious",
    "EIN2": "costly",
    "EIN1": "simpler",
}


def summary(report: Report, paint: Paint) -> str:
    """How many findings there are, were fixed and remain, and which options fix more."""
    left = len(report.diagnostics)
    lines = []
    if report.fixed:
        lines.append(f"Fixed {counted(report.fixed, 'finding')}, {left} left.")
    elif report.is_partial and not left:
        lines.append("Nothing found in what could be checked.")
    else:
        lines.append(f"Found {counted(left, 'finding')}." if left else ALL_PASSED)
    return "\n".join([*map(paint.bold, lines), *_hints(report), *_count(report)]) + "\n"


def _count(report: Report) -> Iterator[str]:
    """The last line: how many calls there are, and what the findings say of them."""
    said: dict[str, set[tuple[str, int, int]]] = {}
    for each in report.diagnostics:
        said.setdefault(_said_by(each), set()).add((each.filename, each.start, each.end))
    parts = [f"{len(said[word])} {word}" for word in _WORDS.values() if word in said]
    if report.hidden:
        parts.append(f"{len(report.hidden)} more with --pedantic")
    if report.calls and parts:
        yield f"{counted(len(report.calls), 'einsum call')}: {', '.join(parts)}"


def _said_by(diagnostic: Diagnostic) -> str:
    """What a finding says of its call; empty for those on comments and on portability."""
    if diagnostic.severity is Severity.ERROR:
        return _WORDS["error"]
    return _WORDS.get(diagnostic.code[:4], "")


def _hints(report: Report) -> Sequence[str]:
    """Which options fix more findings, and what the baseline accepts."""
    fixable = sum(each.is_fixable(report.threshold) for each in report.diagnostics)
    unsafe = sum(each.is_fixable(Applicability.UNSAFE) for each in report.diagnostics) - fixable
    options = "--fix --unsafe-fixes" if report.threshold is Applicability.UNSAFE else "--fix"
    hints = []
    inside = _inside(report)
    if fixable + inside and report.fixed is None:
        part = f", {inside} of them in EIN202" if inside else ""
        hints.append(f"[*] {fixable + inside} fixable with `{options}`{part}.")
    if unsafe:
        more = "more " if fixable + inside else ""
        hints.append(f"{unsafe} {more}with `--unsafe-fixes`; the findings say what is not proved.")
    if report.accepted:
        hints.append(f"{counted(report.accepted, 'finding')} accepted by the baseline.")
    return hints


def _inside(report: Report) -> int:
    """How many products of a reported attention the options rewrite, and not the attention."""
    if report.threshold is Applicability.UNSAFE:
        return 0
    return sum(each.is_fixable(report.threshold) for each in report.covered)
