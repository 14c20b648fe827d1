"""Read a JSON report of verify, for `--verified`: the rewrites whose cases are all good enough.

A rewrite is left out if it has no cases, or if one is worse than the wanted verdict, wrong, unsure
or not run. Reports of another machine are rejected.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from einlint.linting.verified import Verified
from einlint.verify.machine import machine_differences
from einlint.verify.report import Verdict

_Record: TypeAlias = Mapping[str, object]

_GOOD_ENOUGH: Final = {
    Verdict.FASTER: ("faster", (Verdict.FASTER,)),
    Verdict.SAME: ("faster or the same", (Verdict.FASTER, Verdict.SAME)),
}
_COMMAND: Final = "einlint verify --format json -o"


class ReportError(ValueError):
    """The report cannot be used; the message says why and what to do."""


def read_report(path: Path, level: Verdict) -> Verified:
    """The rewrites of a report whose cases all reach `level`, FASTER or SAME.

    Raises:
        ReportError: it cannot be read, is not a report of verify, or is from another machine.
    """
    report = _report(path)
    try:
        environment = _record(report, "environment")
        known = {name: _text(environment, name) for name in ("host", "cpu", "torch")}
        claim, verdicts = _GOOD_ENOUGH[level]
        pairs = frozenset(_pairs(report, verdicts))
    except _ShapeError as error:
        raise ReportError(f"{path}: {error}: create it with `{_COMMAND} {path}`") from error
    if differing := machine_differences(known):
        where = "; ".join(differing)
        raise ReportError(f"{path} was not measured here ({where}): rerun `{_COMMAND} {path}`")
    return Verified(claim, pairs)


def _pairs(report: _Record, verdicts: tuple[Verdict, ...]) -> Iterator[tuple[str, str]]:
    """The texts of the rewrites whose cases are all good enough, in every entry of the report."""
    results = _records(report, "results")
    not_run = {_summary_key(each) for each in _records(_record(report, "summary"), "not_run")}
    bad = {
        _texts(each)
        for each in results
        if _summary_key(each) in not_run or not _is_good(_records(each, "cases"), verdicts)
    }
    yield from (texts for texts in map(_texts, results) if texts not in bad)


def _is_good(cases: list[_Record], verdicts: tuple[Verdict, ...]) -> bool:
    found = [_verdict(case) for case in cases]
    return bool(found) and all(verdict in verdicts for verdict in found)


def _texts(result: _Record) -> tuple[str, str]:
    return _text(result, "original"), _text(result, "replacement")


def _summary_key(record: _Record) -> tuple[str, str]:
    """How the summary identifies a rewrite."""
    return _text(record, "equation"), _text(record, "replacement")


class _ShapeError(ValueError):
    """A key of the report is missing or has the wrong type."""


def _report(path: Path) -> _Record:
    try:
        report = json.loads(path.read_bytes())
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path} is not JSON: {error}") from error
    if not isinstance(report, dict):
        raise ReportError(f"{path} is not a report of verify: create it with `{_COMMAND} {path}`")
    return report


def _record(record: _Record, key: str) -> _Record:
    value = record.get(key)
    if not isinstance(value, dict):
        raise _ShapeError(f"`{key}` is not an object")
    return value


def _records(record: _Record, key: str) -> list[_Record]:
    values = record.get(key)
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise _ShapeError(f"`{key}` is not a list of objects")
    return values


def _text(record: _Record, key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise _ShapeError(f"`{key}` is not a string")
    return value


def _verdict(case: _Record) -> Verdict:
    """The verdict of a case; cases of a dry run have none."""
    text = _text(case, "verdict")
    try:
        return Verdict(text)
    except ValueError as error:
        raise _ShapeError(f"`{text}` is not a verdict") from error
