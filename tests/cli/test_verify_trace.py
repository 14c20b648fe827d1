"""`einlint verify --trace FILE`: what occurred is measured, and what that comes to."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from einlint.verify import saving
from tests.cli.run import called, einlint, findings, write
from tests.cli.traces import row, write_trace

pytest.importorskip("torch")

MATMUL = 'torch.einsum("ij,jk->ik", a, b)'
OUTER = 'torch.einsum("i,j->ij", u, v)'
DOT = 'torch.einsum("i,i->", u, v)'
DOTS = 'torch.einsum("...ij,...jk->...ik", a, b)'
SOURCE = f"import torch\n\nx = {MATMUL}\ny = {OUTER}\nz = {DOT}\nw = {DOTS}\n"
FAST = ("verify", "--isolated", "--threads", "1", "--no-backward", "--trace", "t.jsonl")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write(tmp_path, {"a.py": SOURCE})
    return tmp_path / "a.py"


def report(file: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """The report, whose shares and measured part always are the whole trace."""
    done = called(*FAST, "--format", "json", *arguments, cwd=file.parent)
    assert done.returncode == code, done.stderr
    found = dict(json.loads(done.stdout))
    if "--dry-run" not in arguments:
        totals, shares = found["summary"]["saving"], [each["share"] for each in found["unmeasured"]]
        measured = totals["measured"] / totals["recorded"]
        assert measured + sum(shares) == pytest.approx(1)
        assert totals["measured"] + totals["unmeasured"] == pytest.approx(totals["recorded"])
    return found


def unmeasured(found: dict[str, Any]) -> list[tuple[str, str | None, float]]:
    return [(each["reason"], each["equation"], each["seconds"]) for each in found["unmeasured"]]


def test_what_occurred_is_measured_and_the_saving_is_its_sum(file: Path) -> None:
    write_trace(
        file.parent / "t.jsonl",
        row(file, MATMUL, [2, 3], [3, 4], calls=300, seconds=1.5),
        row(file, MATMUL, [2, 5], [5, 4], calls=40, seconds=0.5, dtype="float64"),
        row(file, OUTER, [3], [4], calls=7, seconds=0.25),
        row(file, DOT, [3], [3], seconds=1.75, autocast="bfloat16"),
    )
    found = report(file)
    matmul, outer = found["results"]
    assert [(each["sizes"], each["dtype"], each["recorded"]) for each in matmul["cases"]] == [
        ({"i": 2, "j": 3, "k": 4}, "float32", {"calls": 300, "seconds": 1.5}),
        ({"i": 2, "j": 5, "k": 4}, "float64", {"calls": 40, "seconds": 0.5}),
    ]
    totals = found["summary"]["saving"]
    cases = [*matmul["cases"], *outer["cases"]]
    assert (totals["recorded"], totals["measured"], totals["unmeasured"]) == (4.0, 2.25, 1.75)
    assert unmeasured(found) == [("it was recorded under autocast", "i,i->", 1.75)]
    saved = [
        each["recorded"]["calls"] * (mean(each, "original") - mean(each, "replacement"))
        for each in cases
    ]
    assert totals["saved"]["median"] == pytest.approx(sum(saved))
    assert totals["saved"]["low"] <= totals["saved"]["median"] <= totals["saved"]["high"]


def mean(case: dict[str, Any], side: str) -> float:
    return float(case[side]["seconds"]["mean"])


def test_the_last_line_is_the_one_that_a_person_wants(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the calls take here, that is believed."""
    monkeypatch.setattr(saving, "_MOST", 1e9)
    write_trace(file.parent / "t.jsonl", row(file, DOT, [3], [3], calls=500, seconds=0.02))
    page = file.parent / "r.html"
    done = called(*FAST, cwd=file.parent)
    last = done.stdout.decode().splitlines()[-1]
    assert re.match(
        r"The rewrites would save [\d.]+ % of the program's einsum time \([\d.]+ ms of ", last
    )
    assert " ms of 20 ms recorded; " in last
    assert "20 ms (500 calls)  i=3" in done.stdout.decode()
    assert "warning: " not in done.stdout.decode()
    called(*FAST, "--budget", "0", "--format", "html", "-o", "r.html", cwd=file.parent)
    assert "Nothing of the 20 ms recorded in einsum was measured." in page.read_text()
    assert (
        "<li>100.0% (20 ms): <code>i,i-&gt;</code>: the budget was spent</li>" in page.read_text()
    )


def test_first_calls_are_kept_apart(file: Path) -> None:
    """9 of 10 s are the cold start: what a later call takes is the rest."""
    first = {"first_calls": 2, "first_seconds": 9.0}
    write_trace(
        file.parent / "t.jsonl",
        row(file, DOT, [3], [3], calls=1002, seconds=10.0, **first),
        row(file, OUTER, [3], [4], calls=1, seconds=5.0, first_calls=1, first_seconds=5.0),
    )
    found = report(file)
    assert unmeasured(found) == [
        ("first calls in a process (cold start)", "i,i->", 9.0),
        ("first calls in a process (cold start)", "i,j->ij", 5.0),
    ]
    totals = found["summary"]["saving"]
    assert totals["measured"] == 1.0
    (difference,) = totals["differences"]
    assert difference["equation"] == "i,i->"
    assert difference["recorded_seconds"] == pytest.approx(1e-3)
    recorded = [each["cases"][0]["recorded"] for each in found["results"]]
    assert {"calls": 1002, "seconds": 10.0, **first} in recorded


def test_a_saving_that_does_not_fit_the_trace_is_warned_of(file: Path) -> None:
    """No machine takes a second for two vectors of size 3."""
    write_trace(file.parent / "t.jsonl", row(file, DOT, [3], [3], calls=50, seconds=50.0))
    text = called(*FAST, cwd=file.parent).stdout.decode()
    assert "warning: `i,i->` at i=3 float32: a call took 1 s in the program, " in text
    assert "by the times measured here; the program's differ: its einsum calls took 50 s." in text
    called(*FAST, "--format", "html", "-o", "r.html", cwd=file.parent)
    page = (file.parent / "r.html").read_text()
    assert "<li>warning: `i,i-&gt;` at i=3 float32: a call took 1 s in the program, " in page


def test_ranges_are_measured_in_their_middle(file: Path) -> None:
    merged = row(file, MATMUL, [[10, 21], 3], [3, [2, 4]], calls=300, seconds=1.5)
    write_trace(file.parent / "t.jsonl", merged)
    ((case,),) = (each["cases"] for each in report(file)["results"])
    assert case["sizes"] == {"i": 15, "j": 3, "k": 3}
    assert case["recorded"]["ranges"] == [
        {"index": "i", "low": 10, "high": 21},
        {"index": "k", "low": 2, "high": 4},
    ]
    text = called(*FAST, cwd=file.parent).stdout.decode()
    assert "1.5 s (300 calls, the middle of i=10..21 k=2..4)  i=15 j=3 k=3" in text


def test_the_axes_of_an_ellipsis_have_ranges_of_their_own(file: Path) -> None:
    shapes = [[2, 4], [5, 7], 2, 3], [[2, 4], [5, 7], 3, 4]
    write_trace(file.parent / "t.jsonl", row(file, DOTS, *shapes, calls=300, seconds=1.5))
    text = called(*FAST, "--dry-run", cwd=file.parent).stdout.decode()
    assert "...=18 i=2 j=3 k=4 (3x6x2x3, 3x6x3x4)" in text
    ((case,),) = (each["cases"] for each in report(file)["results"])
    assert (case["shapes"], case["same_shape"]) == ([[3, 6, 2, 3], [3, 6, 3, 4]], True)
    assert [each["low"] for each in case["recorded"]["ranges"]] == [2, 5]


def test_everything_in_the_trace_is_measured_or_listed_with_its_share(tmp_path: Path) -> None:
    none, view = 'torch.einsum("ii,ij,jk,kk->", a, a, a, a)', 'torch.einsum("ij->ji", a)'
    changed = OUTER.replace("v", "v2")
    write(tmp_path, {"a.py": f"import torch\n{DOT}\n{none}\n", "b.py": f"{view}\n"})
    file, other = tmp_path / "a.py", tmp_path / "b.py"
    numpys = row(file, none, [3], seconds=2.0, api="numpy.einsum")
    write(tmp_path, {"c.py": f"{changed}\n"})
    lost = {**row(tmp_path / "c.py", changed, [3], [3], seconds=4.0), "filename": str(file)}
    unplaced = dict.fromkeys(("filename", "row", "column", "end_row", "end_column", "digest"))
    nothing = dict.fromkeys(("api", "equation", "autocast", "compiled", "operands"))
    raised = {"calls": 0, "raised": 3, "raised_seconds": 16.0}
    write_trace(
        tmp_path / "t.jsonl",
        row(file, DOT, [3], [3], seconds=1.0),
        row(file, DOT, [5], [5], seconds=32.0, autocast="bfloat16"),
        row(file, DOT, [3], [3], seconds=0.0, compiled=True),
        row(file, DOT, [3], [3], seconds=64.0, device="cuda:1"),
        row(file, DOT, [3], [3], seconds=128.0, device="meta"),
        row(file, DOT, [3], [3], seconds=256.0, **nothing),
        row(file, DOT, [3], [4], seconds=0.0, **raised),
        numpys,
        lost,
        row(file, none, [3, 3], seconds=512.0),
        row(other, view, [3, 3], seconds=8.0),
        {**row(file, DOT, [3], [3], seconds=1024.0), **unplaced},
        {**row(file, DOT, [3], [3], seconds=2048.0), "filename": "<string>", "digest": None},
    )
    trace = (tmp_path / "t.jsonl").read_text()
    write(tmp_path, {"t.jsonl": trace.replace('"failures": 0', '"failures": 2')})
    found = report(file, "a.py")
    assert unmeasured(found) == [
        ("its source is unknown", "i,i->", 2048.0),
        ("too many call sites: the trace does not have the place", "i,i->", 1024.0),
        ("no fix is offered for the call", "ii,ij,jk,kk->", 512.0),
        ("too many signatures: the trace does not have the operands", None, 256.0),
        ("it was recorded on meta tensors, which have no values", "i,i->", 128.0),
        ("it was recorded on cuda: measure it with --device cuda", "i,i->", 64.0),
        ("it was recorded under autocast", "i,i->", 32.0),
        ("the calls raised", "i,i->", 16.0),
        ("its file was not checked", "ij->ji", 8.0),
        ("the call has changed since the trace", "i,j->ij", 4.0),
        ("it is a call of numpy.einsum", "ii,ij,jk,kk->", 2.0),
        ("the calls could not be recorded", None, 0.0),
        ("it was recorded under torch.compile, which gives no times", "i,i->", 0.0),
    ]
    assert found["summary"]["saving"]["measured"] == 1.0
    text = called(*FAST, "a.py", cwd=tmp_path).stdout.decode()
    assert "In the trace, but not measured:\n  50.0%  2.05e+03 s  i,i->" in text


def test_a_file_by_two_paths_is_measured_once(file: Path) -> None:
    (file.parent / "b").symlink_to(file.parent)
    write_trace(file.parent / "t.jsonl", row(file, DOT, [3], [3], calls=5, seconds=2.0))
    found = report(file, "a.py", "b/a.py")
    assert found["summary"]["saving"]["measured"] == 2.0
    assert found["results"][0]["cases"][0]["recorded"]["calls"] == 5


def test_of_many_unmeasured_lines_people_see_the_most_expensive(tmp_path: Path) -> None:
    call = 'torch.einsum("ij->ji", a)'
    write(tmp_path, {"a.py": f"{call}\n", "b.py": ""})
    equations = [f"{'a' * number},->" for number in range(1, 24)]
    rows = [row(tmp_path / "a.py", call, [3, 3], equation=each) for each in equations]
    write_trace(tmp_path / "t.jsonl", *rows)
    text = called(*FAST, "b.py", cwd=tmp_path).stdout.decode()
    assert text.count("its file was not checked") == 20
    assert "  13.0% in 3 more lines: see --format json" in text


def test_a_budget_leaves_out_what_is_cheap(file: Path) -> None:
    write_trace(
        file.parent / "t.jsonl",
        row(file, MATMUL, [2, 3], [3, 4], seconds=0.5),
        row(file, OUTER, [3], [4], seconds=1.0),
        row(file, MATMUL, [2, 9], [9, 4], seconds=2.0),
        row(file, MATMUL, [2, 9], [9, 4], seconds=1.0, layout="other"),
    )
    summary = report(file, "--budget", "0", code=1)["summary"]
    assert [each["recorded"]["seconds"] for each in summary["not_run"]] == [3.0, 0.5, 1.0]
    assert summary["saving"]["unmeasured"] == 4.5
    assert summary["saving"]["measured"] == 0
    text = called(*FAST, "--budget", "0", cwd=file.parent).stdout.decode()
    assert text.endswith("Nothing of the 4.5 s recorded in einsum was measured.\n")


def test_shapes_are_told_where_the_sizes_do_not_say_them(file: Path) -> None:
    write_trace(
        file.parent / "t.jsonl",
        row(file, DOTS, [5, 1, 2, 3], [7, 3, 4], seconds=2.0),
        row(file, DOTS, [5, 2, 3], [5, 3, 4], seconds=1.0),
    )
    (result,) = report(file)["results"]
    first, second = result["cases"]
    assert first["shapes"] == [[5, 1, 2, 3], [7, 3, 4]]
    assert first["sizes"] == {"...": 35, "i": 2, "j": 3, "k": 4}
    assert "shapes" not in second
    assert {first["same_shape"], second["same_shape"]} == {True}
    text = called(*FAST, "--budget", "0", cwd=file.parent).stdout.decode()
    assert "not run: ...=35 i=2 j=3 k=4 (5x1x2x3, 7x3x4) float32" in text


OBSTACLES: list[tuple[dict[str, Any], str]] = [
    ({"autocast": "bfloat16"}, "it was recorded under autocast"),
    ({"compiled": True}, "it was recorded under torch.compile, which gives no times"),
    ({"device": "cuda:0"}, "it was recorded on cuda: measure it with --device cuda"),
    ({"dtype": "bool"}, "it was recorded with bool"),
    ({"device": "meta"}, "it was recorded on meta tensors, which have no values"),
    ({"calls": 0, "raised": 1, "raised_seconds": 1.0}, "the calls raised"),
    ({"equation": "i->i"}, "it was recorded with another equation"),
    (
        {"operands": None, "api": None},
        "too many signatures: the trace does not have the operands",
    ),
    ({"row": 99, "end_row": 99, "digest": None}, "this call is not in the trace"),
]


def test_what_cannot_be_measured_is_listed_with_the_reason(file: Path) -> None:
    calls = [OUTER.replace("v", f"v{number}") for number in range(len(OBSTACLES))]
    write(file.parent, {"a.py": "import torch\n" + "".join(f"{each}\n" for each in calls)})
    rows = [
        row(file, call, [3], [4], **others)
        for call, (others, _) in zip(calls, OBSTACLES, strict=True)
    ]
    write_trace(file.parent / "t.jsonl", *rows)
    summary = report(file, "--budget", "0", code=1)["summary"]
    assert [each["reason"] for each in summary["skipped"]] == [reason for _, reason in OBSTACLES]
    assert summary["not_run"] == []


def test_without_anything_seen_nothing_was_verified(file: Path) -> None:
    write_trace(file.parent / "t.jsonl")
    done = called(*FAST, cwd=file.parent)
    assert "Nothing was verified." in done.stdout.decode().splitlines()
    assert done.stderr.startswith(b"einlint: no call in the trace is in these files")
    assert done.returncode == 1


def test_too_little_memory_is_the_result_of_its_case(file: Path) -> None:
    huge = 2**22
    write_trace(
        file.parent / "t.jsonl",
        row(file, OUTER, [huge], [huge], seconds=3.0),
        row(file, DOT, [3], [3], seconds=1.0),
    )
    found = report(file)
    summary = found["summary"]
    assert [each["text"] for each in summary["notes"]] == ["out of memory"]
    assert summary["saving"]["unmeasured"] == 3.0
    assert summary["saving"]["measured"] == 1.0
    assert unmeasured(found) == [("out of memory", "i,j->ij", 3.0)]


def test_a_rewrite_that_is_wrong_where_it_occurred_saves_nothing(file: Path) -> None:
    write_trace(
        file.parent / "t.jsonl",
        row(file, MATMUL, [2, 1], [3, 4], seconds=3.0),
        row(file, MATMUL, [2, 3], [3, 4], seconds=2.0),
        row(file, DOT, [3], [3], seconds=1.0),
    )
    found = report(file, code=1)
    assert found["summary"]["wrong"] == 1
    assert found["summary"]["saving"]["measured"] == 1.0
    assert unmeasured(found) == [("the replacement is wrong", "ij,jk->ik", 5.0)]


def test_the_time_of_a_call_counts_once_whatever_is_found_there(file: Path) -> None:
    call = 'torch.einsum("ij,jk", a, b)'
    write(file.parent, {"a.py": f"import torch\n\nx = {call}\n"})
    write_trace(file.parent / "t.jsonl", row(file, call, [2, 3], [3, 4], seconds=3.0))
    (result,) = report(file, "--select", "ALL", "--budget", "0", code=1)["results"]
    assert result["replacement"] == "a @ b"


def test_what_is_no_trace_is_wrong_usage(file: Path) -> None:
    done = called(*FAST, cwd=file.parent)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--trace t.jsonl: No such file or directory; `einlint trace` records" in done.stderr


@pytest.mark.parametrize("extra", [("--preset", "tiny"), ("--size", "i=3"), ("--dtype", "int8")])
def test_sizes_of_ones_own_do_not_go_with_a_trace(file: Path, extra: tuple[str, str]) -> None:
    write_trace(file.parent / "t.jsonl")
    done = called(*FAST, *extra, cwd=file.parent)
    assert (done.returncode, done.stdout) == (2, b"")
    assert (
        b"`--trace` already gives the sizes and dtypes: use no --preset, no --size" in done.stderr
    )


PROGRAM = """import torch


def attend(q, k):
    scores = torch.einsum("bhqd,bhkd->bhqk", q, k)
    return torch.einsum("bhqk->bhq", scores)


for length in (4, 4, 6):
    attend(torch.rand(2, 3, length, 5), torch.rand(2, 3, 7, 5))
"""


def test_a_program_is_traced_checked_and_verified(tmp_path: Path) -> None:
    write(tmp_path, {"p.py": PROGRAM})
    assert einlint("trace", "-o", "t.jsonl", "p.py", cwd=tmp_path).returncode == 0
    found = findings("--trace", "t.jsonl", "p.py", cwd=tmp_path)
    assert [(each["code"], each["seen"]["calls"]) for each in found] == [
        ("EIN105", 3),
        ("EIN109", 3),
    ]
    assert sum(each["seen"]["share"] for each in found) == pytest.approx(1)
    measured = report(tmp_path / "p.py", "--dry-run")["results"][0]["cases"]
    assert sorted((each["sizes"]["q"], each["recorded"]["calls"]) for each in measured) == [
        (4, 2),
        (6, 1),
    ]
    text = einlint(*FAST, cwd=tmp_path).stdout.decode()
    assert "first calls in a process (cold start)" in text
    assert text.splitlines()[-1].startswith("The rewrites would ")
