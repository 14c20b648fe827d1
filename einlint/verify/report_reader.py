"""Read a report of verify back: the rewrites of which every case was as good as is asked for.

A rewrite is left out if one of its cases is worse than that, wrong, unsure or not run, or if it
has none. Numbers of another machine are refused.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from einlint.linting.verified import Verified
from einlint.verify.machine import differences
from einlint.verify.report import Verdict

_Record: TypeAlias = Mapping[str, object]

_GOOD_ENOUGH: Final = {
    Verdict.FASTER: ("faster", (Verdict.FASTER,)),
    Verdict.SAME: ("faster or the same", (Verdict.FASTER, Verdict.SAME)),
}
_AGAIN: Final = "einlint verify --format json -o"


class ReportError(ValueError):
    """The report cannot be used; the message says why, and what to do."""


def read_report(path: Path, level: Verdict) -> Verified:
    """The rewrites of a report whose cases all reach `level`, FASTER or SAME.

    Raises:
        ReportError: it cannot be read, is none of a run of verify, or is of another machine.
    """
    report = _report(path)
    try:
        environment = _record(report, "environment")
        known = {name: _text(environment, name) for name in ("host", "cpu", "torch")}
        claim, verdicts = _GOOD_ENOUGH[level]
        pairs = frozenset(_pairs(report, verdicts))
    except _ShapeError as error:
        raise ReportError(f"{path}: {error}: make it with `{_AGAIN} {path}`") from error
    if others := differences(known):
        where = "; ".join(others)
        raise ReportError(f"{path} was not measured here ({where}): rerun `{_AGAIN} {path}`")
    return Verified(claim, pairs)


def _pairs(report: _Record, verdicts: tuple[Verdict, ...]) -> Iterator[tuple[str, str]]:
    """The texts of the rewrites that are good throughout, wherever the report has them."""
    results = _records(report, "results")
    not_run = {_about(each) for each in _records(_record(report, "summary"), "not_run")}
    bad = {
        _texts(each)
        for each in results
        if _about(each) in not_run or not _is_good(_records(each, "cases"), verdicts)
    }
    yield from (texts for texts in map(_texts, results) if texts not in bad)


def _is_good(cases: list[_Record], verdicts: tuple[Verdict, ...]) -> bool:
    found = [_verdict(case) for case in cases]
    return bool(found) and all(verdict in verdicts for verdict in found)


def _texts(result: _Record) -> tuple[str, str]:
    return _text(result, "original"), _text(result, "replacement")


def _about(record: _Record) -> tuple[str, str]:
    """How the summary calls a rewrite."""
    return _text(record, "equation"), _text(record, "replacement")


class _ShapeError(ValueError):
    """Something is missing in a report, or is of another type."""


def _report(path: Path) -> _Record:
    try:
        report = json.loads(path.read_bytes())
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path} is not JSON: {error}") from error
    if not isinstance(report, dict):
        raise ReportError(f"{path} is no report: make it with `{_AGAIN} {path}`")
    return report


def _record(record: _Record, key: str) -> _Record:
    value = record.get(key)
    if not isinstance(value, dict):
        raise _ShapeError(f"`{key}` is no object")
    return value


def _records(record: _Record, key: str) -> list[_Record]:
    values = record.get(key)
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise _ShapeError(f"`{key}` is no list of objects")
    return values


def _text(record: _Record, key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise _ShapeError(f"`{key}` is no text")
    return value


def _verdict(case: _Record) -> Verdict:
    """What came of a case; those of a dry run have none."""
    text = _text(case, "verdict")
    try:
        return Verdict(text)
    except ValueError as error:
        raise _ShapeError(f"`{text}` is no verdict") from error
