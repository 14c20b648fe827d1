"""bench: the sizes, the best of each point, where it changes, and the page."""

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest

from einlint.algebra.equation import parse
from einlint.verify.bench.formats import bench_format
from einlint.verify.bench.grid import Sweep, SweepError, grid, sweep_for, sweep_named
from einlint.verify.bench.judge import bench_report
from einlint.verify.bench.report import BenchReport, Crossover
from einlint.verify.case import Case, Mode
from einlint.verify.page.crossover import crossover, crossover_file
from einlint.verify.report import (
    CandidateResult,
    Comparison,
    Measurement,
    Result,
    RewriteResult,
    Speedup,
    Spread,
    Verdict,
    VerifyReport,
)
from einlint.verify.timing import FEWEST_VISITS, Block
from einlint.verify.verdict import speedup_of, verdict_of

MATMUL = parse("ik,kj->ij")
EINSUM = "torch.einsum('ik,kj->ij', a, b)"
RIGHT = Comparison(1e-6, 2e-6, same_shape=True, same_dtype=True, same_strides=True)


@pytest.mark.parametrize(
    ("text", "labels", "sizes"),
    [
        ("k=16..4096", "k", (16, 64, 256, 1024, 4096)),
        ("qk=1..64", "qk", (1, 4, 16, 64)),
        ("k=16..100", "k", (16, 64, 100)),
        ("k=7..7", "k", (7,)),
        (" k = 2 .. 9 ", "k", (2, 8, 9)),
        ("k=10..1000:3", "k", (10, 100, 1000)),
        ("k=1..4:9", "k", (1, 2, 3, 4)),
        ("k=5..9:1", "k", (9,)),
        ("...=1..4", "...", (1, 4)),
    ],
)
def test_what_a_sweep_means(text: str, labels: str, sizes: tuple[int, ...]) -> None:
    found = sweep_named(text)
    assert ("".join(found.labels), found.sizes) == (labels, sizes)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("k", "`k` is not INDEX=FROM..TO, as in k=16..4096, or INDEX=FROM..TO:COUNT"),
        ("k=16", "`k=16` is not INDEX=FROM..TO"),
        ("k=0..16", "`k=0..16` is not INDEX=FROM..TO"),
        ("2=1..16", "`2=1..16` is not INDEX=FROM..TO"),
        ("k=64..16", "`k=64..16` runs backwards: write k=16..64"),
        ("k=1..16:0", "`:0` in `k=1..16:0` is no number of sizes"),
        ("k=1..16x", "`x` in `k=1..16x` is no number of sizes"),
        ("kk=1..16", "`kk=1..16` names the index `k` twice"),
    ],
)
def test_what_is_no_sweep(text: str, reason: str) -> None:
    with pytest.raises(SweepError) as error:
        sweep_named(text)
    assert str(error.value).startswith(reason)


def test_without_a_sweep_all_indices_take_powers_of_4_together() -> None:
    sweep = sweep_for(MATMUL, {}, None)
    assert sweep == Sweep(("i", "k", "j"), (4, 16, 64, 256, 1024))
    assert sweep_for(MATMUL, {"i": 8}, None) == Sweep(("k", "j"), (4, 16, 64, 256, 1024))
    assert sweep_for(MATMUL, {"i": 8, "k": 8, "j": 8}, None) is None
    assert grid(MATMUL, {"i": 8, "k": 9, "j": 7}, None) == ((("i", 8), ("k", 9), ("j", 7)),)


def test_powers_that_fill_the_memory_are_left_out() -> None:
    """Five axes of 1024 have 10**15 products."""
    sweep = sweep_for(parse("bhqd,bhkd->bhqk"), {}, None)
    assert sweep is not None
    assert sweep.sizes == (4, 16, 64)


def test_indices_that_are_not_swept_keep_one_size() -> None:
    equation = parse("bhqd,bhkd->bhqk")
    found = grid(equation, {"d": 64}, Sweep(("q", "k"), (16, 4096)))
    assert [dict(sizes) for sizes in found] == [
        {"b": 8, "h": 8, "q": size, "d": 64, "k": size} for size in (16, 4096)
    ]


def samples(seconds: float) -> tuple[tuple[Block, ...], ...]:
    return ((Block(1, seconds, seconds),),) * FEWEST_VISITS


def measured(seconds: float) -> Measurement:
    spread = Spread(seconds, seconds / 10, seconds)
    return Measurement(spread, int(seconds * 1e9), 1, None, samples=samples(seconds))


def timed(text: str, seconds: float, einsum: float) -> CandidateResult:
    speedup = speedup_of(samples(einsum), samples(seconds))
    return CandidateResult(text, verdict_of(speedup), RIGHT, speedup, measured(seconds))


def result(size: int, einsum: float, again: float, **seconds: float) -> Result:
    """einsum, einsum once more, and other spellings, each with its time; size of all indices."""
    case = Case((("i", size), ("k", size), ("j", size)), "float32", "cpu", Mode.FORWARD)
    others = (
        *(timed(text, one, einsum) for text, one in seconds.items()),
        CandidateResult("<i>", Verdict.WRONG, RIGHT, note="other values & <b>"),
        CandidateResult("huge", Verdict.UNSURE, note="out of memory"),
    )
    speedup = speedup_of(samples(einsum), samples(again))
    return Result(
        case, Verdict.SAME, RIGHT, speedup, measured(einsum), measured(again), candidates=others
    )


def report(*results: Result, left: tuple[Case, ...] = ()) -> BenchReport:
    one = RewriteResult(str(MATMUL), EINSUM, EINSUM, (), results, left)
    return bench_report(VerifyReport((("torch", "2"),), (one,)), [("i", "k", "j")])


@pytest.mark.parametrize(
    ("einsum", "again", "seconds", "best"),
    [
        (8e-6, 8e-6, {"simple": 4e-6, "fast": 3e-6}, "fast"),
        (8e-6, 8e-6, {"simple": 3.1e-6, "fast": 3e-6}, "simple"),
        (8e-6, 8e-6, {"simple": 7.9e-6, "fast": 7.8e-6}, EINSUM),
        (8e-6, 8e-6, {"simple": 9e-6, "fast": 10e-6}, EINSUM),
        (8e-6, 4e-6, {"simple": 4e-6, "fast": 3.9e-6}, EINSUM),  # einsum itself is not steady
        (8e-6, 8e-6, {}, EINSUM),
    ],
)
def test_the_best_is_surely_faster_or_the_simplest(
    einsum: float, again: float, seconds: dict[str, float], best: str
) -> None:
    (point,) = report(result(16, einsum, again, **seconds)).points
    assert point.best == best
    first = point.candidates[0]
    assert (first.text, first.speedup) == (EINSUM, Speedup(1.0, 1.0, 1.0))


CHANGING = (
    result(16, 8e-6, 8e-6, fast=4e-6),
    result(4, 8e-6, 8e-6, fast=2e-6),
    result(256, 8e-6, 8e-6, fast=16e-6),
)


def test_where_the_best_changes() -> None:
    """The results come in any order; a point that was not measured is no end of a change."""
    left = Case((("i", 64), ("k", 64), ("j", 64)), "float32", "cpu", Mode.FORWARD)
    (equation,) = report(*CHANGING, left=(left,)).equations
    (series,) = equation.series
    assert [series.size(point) for point in series.points] == [4, 16, 64, 256]
    assert [point.best for point in series.points] == ["fast", "fast", None, EINSUM]
    assert list(series.crossovers()) == [Crossover("ikj", 16, 256, "fast", EINSUM)]


def test_text_says_what_is_best_and_why_something_is_missing() -> None:
    left = Case((("i", 64), ("k", 64), ("j", 64)), "float32", "cpu", Mode.FORWARD)
    noisy = result(1024, 8e-6, 4e-6, fast=16e-6)
    text = bench_format("text").render(report(*CHANGING, noisy, left=(left,)))
    assert "ik,kj->ij  float32, cpu, forward\n" in text
    rows = [line.split() for line in text.splitlines() if line.startswith("  ")]
    assert rows[0] == ["ikj=4", "ikj=16", "ikj=64", "ikj=256", "ikj=1024"]
    assert ["fast", "*4.00", "*2.00", "-", "0.50", "0.50"] in rows
    assert ["<i>", "wrong", "wrong", "-", "wrong", "wrong"] in rows
    assert f"the best changes between ikj=16 and ikj=256: from `fast` to `{EINSUM}`" in text
    assert "at ikj=64: not run: the budget was spent" in text
    assert "at ikj=4, ikj=16, ikj=256, ikj=1024: `huge`: out of memory" in text
    assert "at ikj=1024: einsum against itself: 1.9" in text or "itself: 2.00" in text
    assert text.endswith("4 points measured; 1 without a measurement.\n")


def test_the_best_is_not_called_the_best_everywhere_if_sizes_are_missing() -> None:
    text = bench_format("text").render
    left = Case((("i", 64), ("k", 64), ("j", 64)), "float32", "cpu", Mode.FORWARD)
    assert "the best everywhere: `fast`" in text(report(*CHANGING[:2]))
    assert "the best wherever it was measured: `fast`" in text(report(*CHANGING[:2], left=(left,)))


def parsed(text: str) -> Any:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def test_the_page_has_a_picture_and_all_numbers_and_loads_nothing() -> None:
    text = bench_format("html").render(report(*CHANGING))
    assert "://" not in text
    page = parsed(text)
    (picture,) = page.findall(".//figure/{http://www.w3.org/2000/svg}svg")
    assert "from fast to torch.einsum" in picture.get("aria-label")
    rows = [[cell.text for cell in row] for row in page.findall(".//tbody/tr")]
    assert [row[0] for row in rows] == [EINSUM, "fast", "<i>", "huge"]
    assert rows[1][1].startswith("4.00")
    assert rows[2][1:] == ["wrong"] * 3
    ids = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    known = set(ids)
    used = [each.get("href") for each in page.iter() if each.get("href")]
    assert all(href[1:] in known for href in used)


def test_a_page_of_one_point_has_no_picture() -> None:
    page = parsed(bench_format("html").render(report(CHANGING[0])))
    assert page.findall(".//figure") == []
    assert len(page.findall(".//tbody/tr")) == 4


def test_every_line_of_a_picture_is_named_and_einsum_comes_first() -> None:
    many = {f"way{number}": 1e-6 * number for number in range(1, 12)}
    series = (
        report(result(4, 8e-6, 8e-6, **many), result(16, 8e-6, 8e-6, **many)).equations[0].series[0]
    )
    svg = crossover("title", series, 3)
    assert svg is not None
    assert svg.index(">torch.einsum") < svg.index(">way1<")
    assert all(f">way{number}<" in svg for number in range(1, 12))
    assert "#0202" not in svg
    assert 'id="crossover3-' in svg


def test_a_picture_for_docs_stands_alone() -> None:
    (series,) = report(*CHANGING).equations[0].series
    text = crossover_file("a <title> & more", series)
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    used = set(re.findall(r"var\((--\w+)\)", text))
    assert {"--ink", "--band", "--line1"} <= used
    assert used <= set(re.findall(r"(--\w+):", text))
    with pytest.raises(ValueError, match="fewer than two points"):
        crossover_file("title", replace(series, points=series.points[:1]))


def test_nothing_measured_is_an_empty_report() -> None:
    left = Case((("i", 64), ("k", 64), ("j", 64)), "float32", "cpu", Mode.FORWARD)
    empty = report(left=(left,))
    assert empty.is_empty
    assert not report(CHANGING[0]).is_empty
    assert "0 points measured; 1 without a measurement." in bench_format("text").render(empty)
    assert parsed(bench_format("html").render(empty)) is not None
