"""`einlint verify --trace FILE`: what occurred is measured, and what that comes to."""

import json
from pathlib import Path
from typing import Any

import pytest

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
    done = called(*FAST, "--format", "json", *arguments, cwd=file.parent)
    assert done.returncode == code, done.stderr
    return dict(json.loads(done.stdout))


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
    saving = found["summary"]["saving"]
    cases = [*matmul["cases"], *outer["cases"]]
    assert (saving["recorded"], saving["measured"], saving["unmeasured"]) == (4.0, 2.25, 0)
    for name in ("median", "low", "high"):
        taken = (each["recorded"]["seconds"] / each["speedup"][name] for each in cases)
        assert saving["saved"][name] == pytest.approx(2.25 - sum(taken))


def test_the_last_line_is_the_one_that_a_person_wants(file: Path) -> None:
    write_trace(file.parent / "t.jsonl", row(file, DOT, [3], [3], calls=5, seconds=2.0))
    page = file.parent / "r.html"
    done = called(*FAST, cwd=file.parent)
    last = done.stdout.decode().splitlines()[-1]
    assert last.startswith("The rewrites would save ")
    assert "% of the program's einsum time (1." in last
    assert " s of 2 s recorded; " in last
    assert "2 s (5 calls)  i=3" in done.stdout.decode()
    called(*FAST, "--budget", "0", "--format", "html", "-o", "r.html", cwd=file.parent)
    assert "Nothing of the 2 s recorded in einsum was measured." in page.read_text()


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
    ({"operands": None, "api": None}, "the trace does not contain the operands of this call"),
    ({"row": 99, "digest": None}, "this call is not in the trace"),
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
    summary = report(file)["summary"]
    assert [each["text"] for each in summary["notes"]] == ["out of memory"]
    assert summary["saving"]["unmeasured"] == 3.0
    assert summary["saving"]["measured"] == 1.0


def test_a_rewrite_that_is_wrong_where_it_occurred_saves_nothing(file: Path) -> None:
    write_trace(
        file.parent / "t.jsonl",
        row(file, MATMUL, [2, 1], [3, 4], seconds=3.0),
        row(file, MATMUL, [2, 3], [3, 4], seconds=2.0),
        row(file, DOT, [3], [3], seconds=1.0),
    )
    summary = report(file, code=1)["summary"]
    assert summary["wrong"] == 1
    assert summary["saving"]["measured"] == 1.0


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
    assert " % of the program's einsum time (" in text.splitlines()[-1]
