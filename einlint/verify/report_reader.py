"""Read a JSON report of verify, for `--verified`: the rewrites whose cases are all good enough.

A rewrite is left out if it has no cases, or if one is worse than the wanted verdict, wrong, unsure
or not run. Reports of another kind of machine are rejected, and those of a busy one.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from einlint.linting.verified import Verified
from einlint.unusable import WrongFormError, json_object, typed
from einlint.verify.machine import machine_differences
from einlint.verify.report import BUSY_SHARE, Verdict

_GOOD_ENOUGH: Final = {
    Verdict.FASTER: ("faster", (Verdict.FASTER,)),
    Verdict.SAME: ("faster or the same", (Verdict.FASTER, Verdict.SAME)),
}
_COMMAND: Final = "einlint verify --format json -o"


class ReportError(ValueError):
    """The report cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Report:
    environment: dict[str, object]
    results: list[object]
    summary: dict[str, object]


@dataclass(frozen=True, slots=True)
class _Machine:
    cpu: str
    cpus: int | None
    device: str
    device_name: str
    threads: int
    torch: str
    busy: float | None


@dataclass(frozen=True, slots=True)
class _Summary:
    not_run: list[object]


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """How the summary identifies a rewrite."""

    equation: str
    replacement: str


@dataclass(frozen=True, slots=True)
class _Result:
    original: str
    replacement: str
    cases: list[object]

    @property
    def texts(self) -> tuple[str, str]:
        return self.original, self.replacement


@dataclass(frozen=True, slots=True)
class _Case:
    verdict: str


def read_report(path: Path, level: Verdict, *, accept_busy: bool = False) -> Verified:
    """The rewrites of a report whose cases all reach `level`, FASTER or SAME.

    Raises:
        ReportError: it cannot be read, is not a report of verify, is from another kind of machine,
            or from a busy one, unless that is accepted.
    """
    try:
        report = typed(_Report, json_object(path.read_bytes()))
        machine = typed(_Machine, report.environment)
        claim, verdicts = _GOOD_ENOUGH[level]
        pairs = frozenset(_pairs(report, verdicts))
    except OSError as error:
        reason = error.strerror or error
        way_out = f"`{_COMMAND} report.json` writes a report"
        raise ReportError(f"--verified {path}: {reason}; {way_out}") from error
    except WrongFormError as error:
        text = f"{path} is not a report of verify: {error}"
        raise ReportError(f"{text}: create it with `{_COMMAND} {path}`") from error
    if differing := machine_differences(asdict(machine)):
        where = "; ".join(differing)
        raise ReportError(f"{path} was not measured here ({where}): rerun `{_COMMAND} {path}`")
    if machine.busy is not None and machine.busy > BUSY_SHARE and not accept_busy:
        share = f"other programs took {100 * machine.busy:.0f} % of the time"
        way_out = f"rerun `{_COMMAND} {path}`, or add --accept-busy"
        raise ReportError(f"{path} was measured on a busy machine ({share}): {way_out}")
    return Verified(claim, pairs, is_faster=level is Verdict.FASTER)


def _pairs(report: _Report, verdicts: tuple[Verdict, ...]) -> Iterator[tuple[str, str]]:
    """The texts of the rewrites whose cases are all good enough, in every entry of the report."""
    not_run = {typed(_Rewrite, record) for record in typed(_Summary, report.summary).not_run}
    results = [(typed(_Rewrite, record), typed(_Result, record)) for record in report.results]
    bad = {
        result.texts
        for rewrite, result in results
        if rewrite in not_run or not _is_good(result.cases, verdicts)
    }
    yield from (result.texts for _, result in results if result.texts not in bad)


def _is_good(cases: list[object], verdicts: tuple[Verdict, ...]) -> bool:
    found = [_verdict(case) for case in cases]
    return bool(found) and all(verdict in verdicts for verdict in found)


def _verdict(case: object) -> Verdict:
    """The verdict of a case; cases of a dry run have none."""
    text = typed(_Case, case).verdict
    try:
        return Verdict(text)
    except ValueError as error:
        raise WrongFormError(f"`{text}` is not a verdict") from error
