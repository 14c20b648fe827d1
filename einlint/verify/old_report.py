"""Read an old JSON report of verify, for `--compare`: verdicts and raw samples by case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from einlint.unusable import UnusableError, WrongFormError, errors_at, json_object, typed
from einlint.verify.case import Case
from einlint.verify.report import Environment, Verdict
from einlint.verify.timing import Block, Samples

CaseKey: TypeAlias = tuple[object, ...]
"""What makes two cases the same: the texts, and all that a case is run with."""

_KIND: Final = ("device", "device_name", "threads")


@dataclass(frozen=True, slots=True)
class OldCase:
    """The result of a case. sides: the blocks of original and replacement; None if not timed."""

    name: str
    verdict: Verdict
    sides: tuple[Samples, Samples] | None


@dataclass(frozen=True, slots=True)
class OldReport:
    """What an old report says."""

    path: Path
    environment: Mapping[str, object]
    cases: Mapping[CaseKey, OldCase]

    def other_kind(self, environment: Environment) -> str | None:
        """Why its times are not those of such a machine, as a sentence; None if they are."""
        here = dict(environment)
        found = [
            f"{name} {self.environment.get(name)}, not {here.get(name)}"
            for name in _KIND
            if self.environment.get(name) != here.get(name)
        ]
        if not found:
            return None
        return f"{self.path} is from another kind of machine ({'; '.join(found)})"


def key_of(equation: str, original: str, replacement: str, case: Case) -> CaseKey:
    """The key of a case of a rewrite."""
    about = (case.dtype, case.device, case.mode.value)
    return (equation, original, replacement, case.sizes, case.shapes, *about)


def read_old_report(path: Path) -> OldReport:
    """The cases of a report.

    Raises:
        UnusableError: it cannot be read, or verify did not write it.
    """
    try:
        with errors_at(path):
            report = typed(_Report, json_object(path.read_bytes()))
            cases = dict(_cases(report))
    except UnusableError as error:
        way_out = f"create it with `einlint verify --format json -o {path}`"
        raise UnusableError(f"{error}: {way_out}") from error
    return OldReport(path, report.environment, cases)


@dataclass(frozen=True, slots=True)
class _Report:
    environment: dict[str, object]
    results: list[object]


@dataclass(frozen=True, slots=True)
class _Rewrite:
    equation: str
    original: str
    replacement: str
    cases: list[object]


@dataclass(frozen=True, slots=True)
class _Case:
    sizes: dict[str, object]
    dtype: str
    device: str
    mode: str
    verdict: str
    samples: object


@dataclass(frozen=True, slots=True)
class _Sides:
    original: list[object]
    replacement: list[object]


def _cases(report: _Report) -> Iterator[tuple[CaseKey, OldCase]]:
    for record in report.results:
        rewrite = typed(_Rewrite, record)
        texts = (rewrite.equation, rewrite.original, rewrite.replacement)
        for each in rewrite.cases:
            case = typed(_Case, each)
            shapes = each.get("shapes") if isinstance(each, dict) else None
            about = (tuple(case.sizes.items()), _tuples(shapes), case.dtype, case.device, case.mode)
            sizes = " ".join(f"{label}={size}" for label, size in case.sizes.items())
            name = " ".join((rewrite.equation, sizes, case.dtype, case.mode))
            yield (*texts, *about), OldCase(name, Verdict(case.verdict), _sides(case))


def _sides(case: _Case) -> tuple[Samples, Samples] | None:
    if case.samples is None:
        return None
    sides = typed(_Sides, case.samples)
    try:
        return _samples(sides.original), _samples(sides.replacement)
    except (TypeError, ValueError) as error:
        raise WrongFormError("`samples` has another form") from error


def _samples(visits: Any) -> Samples:
    return tuple(tuple(_block(*block) for block in visit) for visit in visits)


def _block(calls: int, wall: float, cpu: float | None, device: float | None = None) -> Block:
    times = (each if each is None else float(each) for each in (cpu, device))
    return Block(int(calls), float(wall), *times)


def _tuples(shapes: Any) -> object:
    return None if shapes is None else tuple(map(tuple, shapes))
