"""One JSON object: the environment, and for each equation its points and crossovers."""

import json
import math
from typing import TypeAlias

from einlint.verify.bench.formats import BenchFormat
from einlint.verify.bench.report import BenchEquation, BenchReport, Crossover, Point, Series
from einlint.verify.report import CandidateResult

_Record: TypeAlias = dict[str, object]


def render(report: BenchReport) -> str:
    """The report as one indented JSON object, in ASCII."""
    record = {
        "environment": dict(report.environment),
        "equations": [_equation(each) for each in report.equations],
    }
    return json.dumps(record, indent=2, allow_nan=False) + "\n"


def _equation(result: BenchEquation) -> _Record:
    return {
        "equation": result.equation,
        "points": [_point(each) for each in result.points],
        "crossovers": [
            _crossover(each, series) for series in result.series for each in series.crossovers()
        ],
    }


def _point(point: Point) -> _Record:
    case = point.case
    return {
        "sizes": dict(case.sizes),
        "dtype": case.dtype,
        "device": case.device,
        "mode": case.mode.value,
        "best": point.best,
        "candidates": [_candidate(each) for each in point.candidates],
        **_note(point.note),
    }


def _candidate(result: CandidateResult) -> _Record:
    speedup, measured, compared = result.speedup, result.measurement, result.comparison
    error = compared.error_replacement if compared else None
    return {
        "text": result.text,
        "verdict": result.verdict.value,
        "speedup": {"median": speedup.median, "low": speedup.low, "high": speedup.high}
        if speedup
        else None,
        "seconds": {"median": measured.seconds.median, "iqr": measured.seconds.iqr}
        if measured
        else None,
        "peak_bytes": measured.peak_bytes if measured else None,
        "error": error if error is not None and math.isfinite(error) else None,
        **_note(result.note),
    }


def _note(note: str | None) -> _Record:
    """A further key, where there is something to say."""
    return {} if note is None else {"note": note}


def _crossover(crossover: Crossover, series: Series) -> _Record:
    case = series.points[0].case
    return {
        "index": crossover.index,
        "from": crossover.start,
        "to": crossover.end,
        "before": crossover.before,
        "after": crossover.after,
        "dtype": case.dtype,
        "mode": case.mode.value,
    }


FORMAT = BenchFormat(render)
