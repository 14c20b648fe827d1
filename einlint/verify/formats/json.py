"""One JSON object: the environment, the results by rewrite, and a summary."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TypeAlias

from einlint.verify.case import Case, Recorded, Site
from einlint.verify.compared import Change, Compared
from einlint.verify.device_time import (
    gb_per_second,
    is_launch_bound,
    kernel_seconds,
    tflop_per_second,
)
from einlint.verify.dry_run_report import DryRun, DryRunCase, DryRunReport, DryRunRewrite
from einlint.verify.formats import ReportFormat
from einlint.verify.json_text import json_text
from einlint.verify.report import (
    CandidateResult,
    Measurement,
    Result,
    RewriteResult,
    Saving,
    Skipped,
    Speedup,
    Spread,
    Verdict,
    VerifyReport,
)
from einlint.verify.timing import Block, Samples

_Record: TypeAlias = dict[str, object]


def render(report: VerifyReport) -> str:
    """The report as one indented JSON object, in ASCII."""
    record: _Record = {
        "environment": dict(report.environment),
        "results": [_rewrite(each) for each in report.results],
        "unmeasured": [asdict(each) for each in report.unmeasured],
        "summary": _summary(report),
    }
    if report.compared is not None:
        record["compared"] = _compared(report.compared)
    return json_text(record) + "\n"


def render_dry_run(report: DryRunReport) -> str:
    """The report of a dry run as a JSON object."""
    record = {
        "environment": dict(report.environment),
        "results": [
            {**_describe_rewrite(each), "cases": [_dry_run_case(case) for case in each.cases]}
            for each in report.results
        ],
        "summary": {
            "rewrites": len(report.results),
            "cases": sum(len(each.cases) for each in report.results),
            "only_forward": report.only_forward,
            "left_out": _left_out(report.results),
            "skipped": [_skipped(each) for each in report.skipped],
        },
    }
    return json_text(record) + "\n"


def _dry_run_case(case: DryRunCase) -> _Record:
    return {
        **_case(case.case),
        "original": _dry_run(case.original),
        "replacement": _dry_run(case.replacement),
    }


def _dry_run(side: DryRun) -> _Record:
    return {
        "operators": side.operators,
        "copies": side.copies,
        "flops": side.flops,
        "bytes": side.moved_bytes,
    }


def _rewrite(result: RewriteResult) -> _Record:
    return {
        **_describe_rewrite(result),
        "cases": [_result(each) for each in result.cases],
    }


def _describe_rewrite(result: RewriteResult | DryRunRewrite) -> _Record:
    return {
        "equation": result.equation,
        "original": result.original,
        "replacement": result.replacement,
        "sites": [_site(each) for each in result.sites],
    }


def _result(result: Result) -> _Record:
    compared = result.comparison
    return {
        **_case(result.case),
        "verdict": result.verdict.value,
        "speedup": _speedup(result.speedup) if result.speedup else None,
        "original": _measurement(result.original) if result.original else None,
        "replacement": _measurement(result.replacement) if result.replacement else None,
        "error": {
            "original": _finite(compared.error_original) if compared else None,
            "replacement": _finite(compared.error_replacement) if compared else None,
        },
        "same_shape": compared.same_shape if compared else None,
        "same_dtype": compared.same_dtype if compared else None,
        "same_strides": compared.same_strides if compared else None,
        **_clocks(result),
        "candidates": [_candidate(each) for each in result.candidates],
        "samples": _both_samples(result),
    }


def _clocks(result: Result) -> _Record:
    """The clock whose ratio counts, and the ratio by each clock that ran."""
    by_clock = {
        "wall_speedup": result.wall_speedup,
        "cpu_speedup": result.cpu_speedup,
        "device_speedup": result.device_speedup,
    }
    return {
        "clock": result.clock.value,
        "busy": result.busy,
        **{name: _speedup(each) if each else None for name, each in by_clock.items()},
    }


def _candidate(found: CandidateResult) -> _Record:
    measured, compared = found.measurement, found.comparison
    return {
        "text": found.text,
        "verdict": found.verdict.value,
        "speedup": _speedup(found.speedup) if found.speedup else None,
        "seconds": _spread(measured.seconds) if measured else None,
        "peak_bytes": measured.peak_bytes if measured else None,
        "error": _finite(compared.error_replacement) if compared else None,
        "note": found.note,
    }


def _both_samples(result: Result) -> _Record | None:
    before, after = result.original, result.replacement
    if before is None or after is None:
        return None
    return {"original": _samples(before.samples), "replacement": _samples(after.samples)}


def _samples(samples: Samples) -> list[list[list[float | None]]]:
    """By visit the calls of each block and its seconds: wall, CPU, and device if that ran."""
    return [[_block(block) for block in visit] for visit in samples]


def _block(block: Block) -> list[float | None]:
    clocks = [block.wall, block.cpu, *([block.device] if block.device is not None else [])]
    return [block.calls, *(each if each is None else _rounded(each) for each in clocks)]


def _rounded(seconds: float) -> float:
    """To five digits: a hundredth of a clock's own noise, and half as many bytes."""
    return float(f"{seconds:.5g}")


def _spread(spread: Spread) -> _Record:
    return {"median": spread.median, "iqr": spread.iqr, "mean": spread.mean}


def _case(case: Case) -> _Record:
    return {
        "sizes": dict(case.sizes),
        "dtype": case.dtype,
        "device": case.device,
        "mode": case.mode.value,
        **_origin(case),
        **_from_trace(case),
    }


def _origin(case: Case) -> _Record:
    """Where each size comes from, and which preset gave those that are assumed."""
    if case.origin is None:
        return {}
    sources = (each.value for each in case.origin.sources)
    preset = {} if case.origin.preset is None else {"preset": case.origin.preset}
    labels = (label for label, _ in case.sizes)
    return {"sizes_from": dict(zip(labels, sources, strict=True)), **preset}


def _from_trace(case: Case) -> _Record:
    """The extra keys of a case from a trace: counts, and shapes if the sizes do not give them."""
    record: _Record = {}
    if case.shapes is not None:
        record["shapes"] = [list(shape) for shape in case.shapes]
    if case.recorded is not None:
        record["recorded"] = _recorded(case.recorded)
    return record


def _recorded(recorded: Recorded) -> _Record:
    """What the trace has of a case; first calls and ranges only where there are some."""
    record: _Record = {"calls": recorded.calls, "seconds": recorded.seconds}
    if recorded.first_calls:
        record["first_calls"] = recorded.first_calls
        record["first_seconds"] = recorded.first_seconds
    if recorded.ranges:
        record["ranges"] = [
            {"index": label, "low": low, "high": high} for label, low, high in recorded.ranges
        ]
    return record


def _speedup(speedup: Speedup) -> _Record:
    return {"median": speedup.median, "low": speedup.low, "high": speedup.high}


def _measurement(measured: Measurement) -> _Record:
    return {
        "seconds": _spread(measured.seconds),
        "cpu_seconds": _spread(measured.cpu_seconds) if measured.cpu_seconds else None,
        "peak_bytes": measured.peak_bytes,
        "operators": measured.operators,
        "kernels": measured.launches,
        "flops": measured.flops,
        "bytes": measured.moved_bytes,
        "tflop_per_second": tflop_per_second(measured),
        "gb_per_second": gb_per_second(measured),
        **_on_device(measured),
        **_kernel_times(measured),
    }


def _on_device(measured: Measurement) -> _Record:
    """Times by the clock of the device, which only some devices have."""
    seconds = measured.device_seconds
    if seconds is None:
        return {}
    return {
        "device_seconds": {"median": seconds.median, "iqr": seconds.iqr},
        "kernel_seconds": kernel_seconds(measured),
        "launch_bound": is_launch_bound(measured),
    }


def _kernel_times(measured: Measurement) -> _Record:
    """The kernels, which only some devices report."""
    record: _Record = {}
    if measured.kernels is not None:
        record["kernel_times"] = [
            {"name": each.name, "launches": each.launches, "seconds": each.seconds}
            for each in measured.kernels
        ]
    return record


def _summary(report: VerifyReport) -> _Record:
    """Counts, and every case or call without numbers, with the reason."""
    return {
        "rewrites": len(report.results),
        "sites": sum(len(each.sites) for each in report.results),
        "cases": len(report.cases),
        **{verdict.value: report.count(verdict) for verdict in Verdict},
        "interrupted": report.interrupted,
        "not_run": [
            {
                "equation": result.equation,
                "replacement": result.replacement,
                **_case(case),
                "reason": report.not_run_reason,
            }
            for result in report.results
            for case in result.not_run
        ],
        "left_out": _left_out(report.results),
        "notes": [
            {
                "equation": result.equation,
                "replacement": result.replacement,
                **_case(each.case),
                "text": each.note,
            }
            for result in report.results
            for each in result.cases
            if each.note is not None
        ],
        "skipped": [_skipped(each) for each in report.skipped],
        **({"saving": _saving(report.saving)} if report.saving else {}),
    }


def _left_out(results: Sequence[RewriteResult | DryRunRewrite]) -> list[_Record]:
    """What was not planned, and why."""
    return [
        {"equation": each.equation, "replacement": each.replacement, "text": text}
        for each in results
        for text in each.left_out
    ]


def _saving(saving: Saving) -> _Record:
    """The saving, in seconds of einsum's time; differences are in seconds for one call."""
    return {
        "recorded": saving.recorded,
        "measured": saving.measured,
        "unmeasured": saving.unmeasured,
        "saved": _speedup(saving.saved),
        "differences": [
            {
                "equation": each.equation,
                **_case(each.case),
                "recorded_seconds": each.recorded,
                "measured_seconds": each.measured,
            }
            for each in saving.differences
        ],
    }


def _compared(compared: Compared) -> _Record:
    return {
        "old": compared.old,
        "date": compared.date,
        **{change.value: compared.count(change) for change in Change},
        "cases": [
            {
                "name": each.name,
                "change": each.change.value,
                "verdict": {
                    "before": each.before.value if each.before else None,
                    "after": each.after.value if each.after else None,
                },
                "original": _speedup(each.original) if each.original else None,
                "replacement": _speedup(each.replacement) if each.replacement else None,
                "ratio": _speedup(each.ratio) if each.ratio else None,
            }
            for each in compared.cases
        ],
    }


def _skipped(skipped: Skipped) -> _Record:
    return {**_site(skipped.site), "reason": skipped.reason}


def _site(site: Site) -> _Record:
    cell = {} if site.cell is None else {"cell": site.cell}
    return {"filename": site.filename, **cell, "row": site.row}


def _finite(number: float | None) -> float | None:
    """The number, or None if JSON cannot express it (infinity and NaN)."""
    return number if number is not None and math.isfinite(number) else None


FORMAT = ReportFormat(render, render_dry_run)
