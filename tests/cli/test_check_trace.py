"""`einlint --trace FILE`: what a trace says of the calls that are checked."""

import json
from pathlib import Path

import pytest

from tests.cli.run import called, einlint, findings, write
from tests.cli.traces import HEAD, row, write_trace

MATMUL = 'torch.einsum("ij,jk->ik", a, b)'
DOT = 'torch.einsum("i,i->", u, v)'
OUTER = 'torch.einsum("i,j->ij", u, v)'
SOURCE = f"import torch\n\nx = {MATMUL}\ny = {DOT}\nz = {OUTER}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three calls: 75 %, 5 % and 20 % of the time."""
    write(tmp_path, {"a.py": SOURCE})
    file = tmp_path / "a.py"
    write_trace(
        tmp_path / "t.jsonl",
        row(file, MATMUL, [2, 3], [3, 4], calls=300, seconds=1.5),
        row(file, MATMUL, [2, 5], [5, 4], calls=40, seconds=1.5),
        row(file, DOT, [3], [3], calls=1, seconds=0.2),
        row(file, OUTER, [3], [4], calls=7, seconds=0.8),
    )
    return tmp_path


def test_findings_have_their_share_and_stay_in_the_order_of_the_file(project: Path) -> None:
    found = findings("--trace", "t.jsonl", cwd=project)
    assert [(each["code"], each["seen"]["calls"]) for each in found] == [
        ("EIN104", 340),
        ("EIN101", 1),
        ("EIN102", 7),
    ]
    assert [each["seen"]["share"] for each in found] == pytest.approx([0.75, 0.05, 0.2])
    assert found[0]["notes"] == ["75.0 % of the program's einsum time (340 calls)"]
    assert "seen" not in findings(cwd=project)[0]


@pytest.mark.parametrize("output_format", ["full", "concise"])
def test_people_see_the_most_expensive_first(project: Path, output_format: str) -> None:
    options = ("--pedantic", "--trace", "t.jsonl", "--output-format", output_format)
    text = called(*options, cwd=project).stdout.decode()
    assert (
        "Most expensive first:\n"
        "  a.py:3:5: EIN104, 75.0 % of the program's einsum time (340 calls)\n"
        "  a.py:5:5: EIN102, 20.0 % of the program's einsum time (7 calls)\n"
        "  a.py:4:5: EIN101, 5.0 % of the program's einsum time (1 call)\n"
        "Found 3 findings.\n"
    ) in text
    assert b"Most expensive" not in called(*options, "-q", cwd=project).stdout
    assert b"Most expensive" not in called("--output-format", output_format, cwd=project).stdout


def test_the_ranking_is_short_and_counts_the_rest(tmp_path: Path) -> None:
    calls = [MATMUL.replace("a, b", f"a, b{number}") for number in range(7)]
    write(tmp_path, {"a.py": "import torch\n" + "".join(f"{each}\n" for each in calls)})
    file = tmp_path / "a.py"
    write_trace(tmp_path / "t.jsonl", *(row(file, each, [2, 3], [3, 4]) for each in calls))
    text = called("--trace", "t.jsonl", "--output-format", "concise", cwd=tmp_path).stdout
    assert text.count(b"% of the program's einsum time") == 5
    assert b"  2 more calls: 28.6 %\n" in text


def test_processes_and_standard_input_see_the_same(project: Path) -> None:
    write(project, {"b.py": SOURCE})
    alone = einlint("--trace", "t.jsonl", "a.py", "b.py", cwd=project).stdout
    assert einlint("--trace", "t.jsonl", "-j", "2", "a.py", "b.py", cwd=project).stdout == alone
    options = ("--trace", "t.jsonl", "--stdin-filename", "a.py", "-")
    found = findings(*options, cwd=project, stdin=SOURCE.encode())
    assert found == findings("--trace", "t.jsonl", "a.py", cwd=project)


def test_what_was_seen_is_no_proof_unless_it_is_trusted(project: Path) -> None:
    outer = findings("--trace", "t.jsonl", cwd=project)[2]["fix"]
    seen = {each["name"]: each["proved_by"] for each in outer["assumptions"]}
    assert outer["applicability"] == "unsafe"
    assert (seen["no-autocast"]["kind"], seen["no-autocast"]["text"]) == (
        "trace",
        "seen in 7 calls on cpu",
    )
    text = called("--pedantic", "--trace", "t.jsonl", cwd=project).stdout.decode()
    assert (
        "(`no-autocast`): seen in 7 calls on cpu, which `trust-trace = true` accepts as proof"
        in text
    )
    write(project, {"einlint.toml": "trust-trace = true\n"})
    outer = findings("--trace", "t.jsonl", cwd=project)[2]["fix"]
    assert outer["applicability"] == "safe"
    assert "note: seen in 7 calls on cpu: `no-autocast`\n" in (
        called("--trace", "t.jsonl", cwd=project).stdout.decode()
    )
    assert called("--trace", "t.jsonl", "--fix", cwd=project).returncode == 0
    assert "torch.outer(u, v)" in (project / "a.py").read_text()


def test_what_did_not_hold_is_not_granted(project: Path) -> None:
    file = project / "a.py"
    write_trace(project / "t.jsonl", row(file, MATMUL, [2, 1], [3, 4], calls=3))
    text = called("--pedantic", "--trace", "t.jsonl", "--fix", cwd=project).stdout.decode()
    assert "(`equal-sizes`): it did not hold in 3 of the 3 calls seen" in text
    assert file.read_text() == SOURCE.replace(DOT, "u @ v")


INNER = 'torch.einsum("ij,jk->ik", a, b)'
NESTED = f'torch.einsum("ij,jk->ik", {INNER}, c)'


def nested(folder: Path, inner: list[int], call: str = NESTED) -> Path:
    """A file with a nested call, and a trace of it; the inner one has an operand of this shape."""
    file = folder / "a.py"
    write(folder, {"a.py": f"import torch\n\nx = {call}\n"})
    write_trace(
        folder / "t.jsonl",
        row(file, call, [2, 4], [4, 2]),
        row(file, INNER, inner, [3, 4], calls=8),
    )
    return file


def test_nested_calls_are_fixed_in_one_run(tmp_path: Path) -> None:
    file = nested(tmp_path, [2, 3])
    done = called("--trace", "t.jsonl", "--fix", cwd=tmp_path)
    assert done.stdout.endswith(b"\nFixed 2 findings, 0 left.\n")
    # What is fixed has not changed since the trace.
    assert done.stderr == b"unused now: torch, a.py:1\n"
    assert file.read_text() == "import torch\n\nx = a @ b @ c\n"


def test_what_did_not_hold_is_remembered_when_the_row_has_changed(tmp_path: Path) -> None:
    """The outer call is fixed first, and the inner one then stands elsewhere in another row."""
    file = nested(tmp_path, [2, 1])
    done = called("--pedantic", "--trace", "t.jsonl", "--fix", cwd=tmp_path)
    assert b"it did not hold in 8 of the 8 calls seen" in done.stdout
    assert file.read_text() == f"import torch\n\nx = {INNER} @ c\n"


def test_calls_of_one_text_are_not_taken_for_each_other(tmp_path: Path) -> None:
    """One of two equal operands broadcast: neither is fixed, whichever goes first afterwards."""
    call = f'torch.einsum("ij,kj->ik", {INNER}, {INNER})'
    file = nested(tmp_path, [2, 1], call)
    called("--trace", "t.jsonl", "--fix", cwd=tmp_path)
    assert file.read_text().count("torch.einsum") == 2


def test_imports_that_go_leave_the_trace_in_place(tmp_path: Path) -> None:
    call = 'einsum("ij,jk->ik", a, b)'
    source = f"from torch import einsum\nimport torch\n\nx = {call}\ny = {OUTER}\n"
    write(tmp_path, {"a.py": source})
    file = tmp_path / "a.py"
    write_trace(tmp_path / "t.jsonl", row(file, call, [2, 3], [3, 4]), row(file, OUTER, [3], [4]))
    write(tmp_path, {"einlint.toml": "unfixable = ['EIN102']\n"})
    (left,) = findings("--trace", "t.jsonl", "--fix", "--unsafe-fixes", cwd=tmp_path)
    assert file.read_text() == f"import torch\n\nx = a @ b\ny = {OUTER}\n"
    assert left["seen"] == {"calls": 1, "share": 0.5}


def test_calls_that_have_moved_are_known_and_calls_that_have_changed_are_told(
    project: Path,
) -> None:
    moved = "# one\n# two\n" + SOURCE.replace(DOT, DOT.replace("u, v", "w, v"))
    write(project, {"a.py": moved})
    done = called("--pedantic", "--trace", "t.jsonl", "--output-format", "json", cwd=project)
    assert ["seen" in each for each in json.loads(done.stdout)] == [True, False, True]
    message = "einlint: 1 call has changed since the trace: run `einlint trace` again\n"
    assert done.stderr.decode() == message
    write(project, {"a.py": moved.replace(OUTER, OUTER.replace("u, v", "w, v"))})
    done = called("--trace", "t.jsonl", cwd=project)
    assert done.stderr.decode() == message.replace("1 call has", "2 calls have")
    assert called("--trace", "t.jsonl", "-q", cwd=project).stderr == b""


def test_a_trace_of_other_files_is_told(project: Path) -> None:
    write(project, {"b.py": SOURCE})
    done = called("--trace", "t.jsonl", "b.py", cwd=project)
    assert done.stderr.startswith(b"einlint: no call in the trace is in these files")


def damaged(**change: object) -> str:
    """A trace with one line, in which something is changed."""
    place = {"filename": "a.py", "row": 3, "column": 5, "end_row": 3, "end_column": 9, "digest": ""}
    signature = dict.fromkeys(("api", "equation", "autocast", "compiled", "operands"))
    line = {**place, **signature, "calls": 1, "seconds": 1.0, **change}
    return "".join(f"{json.dumps(each)}\n" for each in (HEAD, line))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("none", None, "--trace none: No such file or directory; `einlint trace` records one"),
        ("a.py", None, "--trace a.py:1: not JSON: "),
        ("empty", "", "--trace empty: not a trace of this version of einlint: record it again"),
        ("new", json.dumps({**HEAD, "trace": 9}), "--trace new: not a trace of this version"),
        ("row", f"{json.dumps(HEAD)}\n{{}}\n", "--trace row:2: not a line of a trace: "),
        (
            "far",
            damaged(row=10**9),
            "far:2: not a line of a trace: the call ends on line 3, before",
        ),
        ("nan", damaged(seconds=float("nan")), "nan:2: not a line of a trace: `seconds` is nan"),
        (".", None, "--trace .: there are no traces in this folder; `einlint trace` records one"),
    ],
)
def test_what_is_no_trace_is_wrong_usage(
    tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    write(tmp_path, {"a.py": SOURCE, **({} if text is None else {name: text})})
    done = called("--trace", name, "a.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


def test_a_batch_axis_that_was_seen_to_broadcast_makes_the_fix_unsafe(tmp_path: Path) -> None:
    call = 'torch.einsum("bij,bjk->bik", a, b)'
    write(tmp_path, {"a.py": f"import torch\n\nx = {call}\n"})
    file = tmp_path / "a.py"
    write_trace(
        tmp_path / "t.jsonl",
        row(file, call, [5, 2, 3], [5, 3, 4], calls=9),
        row(file, call, [5, 2, 3], [1, 3, 4], calls=3),
    )
    (before,) = findings(cwd=tmp_path)
    (found,) = findings("--trace", "t.jsonl", cwd=tmp_path)
    assert before["fix"]["applicability"] == "safe"
    assert found["fix"]["applicability"] == "unsafe"
    assert "batch-sizes-equal" in {each["name"] for each in found["fix"]["assumptions"]}


def test_ranges_are_no_known_size_and_calls_that_raised_are_not_seen(tmp_path: Path) -> None:
    """Equal ranges may have been unequal in each call; a range of a free index does not matter."""
    write(
        tmp_path, {"a.py": SOURCE, "einlint.toml": "assume = ['ranks-fit']\ntrust-trace = true\n"}
    )
    file, trace = tmp_path / "a.py", tmp_path / "t.jsonl"
    seen = {"calls": 9, "seconds": 3.0}
    for shapes, is_safe in (
        (([2, 3], [3, 4]), True),
        (([[2, 9], 3], [3, 4]), True),
        (([2, [3, 9]], [[3, 9], 4]), False),
    ):
        raised = row(file, DOT, [3], [4], calls=0, seconds=0.0, raised=2, raised_seconds=1.0)
        write_trace(trace, row(file, MATMUL, *shapes, **seen), raised)
        matmul, dot, _ = findings("--trace", "t.jsonl", cwd=tmp_path)
        assert matmul["seen"] == {"calls": 9, "share": 0.75}
        assert (matmul["fix"]["applicability"] == "safe") == is_safe
        assert "seen" not in dot
