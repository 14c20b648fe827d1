"""The most expensive calls with findings, by the times of a trace."""

from typing import Final

from einlint.diagnostics import Seen
from einlint.output.format import Report

_MOST: Final = 5


def ranking(report: Report) -> str:
    """A line for each of the most expensive calls; empty without a trace."""
    calls: dict[str, tuple[Seen, list[str]]] = {}
    for each in report.diagnostics:
        if each.about is not None and each.about.seen is not None:
            place = report.place(each).within(each.filename)
            _, codes = calls.setdefault(place, (each.about.seen, []))
            codes.append(each.code)
    if not calls:
        return ""
    ranked = sorted(calls.items(), key=lambda item: -item[1][0].share)
    lines = ["Most expensive first:"]
    lines += [
        f"  {place}: {', '.join(dict.fromkeys(codes))}, {seen.text}"
        for place, (seen, codes) in ranked[:_MOST]
    ]
    if len(calls) > _MOST:
        rest = sum(seen.share for _, (seen, _) in ranked[_MOST:])
        lines.append(f"  {len(calls) - _MOST} more calls: {100 * rest:.1f} %")
    return "\n".join(lines) + "\n"
