"""Profiles: all spellings of a case in one table and one trace, with rows named as they are."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from einlint.verify.candidates import Candidate
from einlint.verify.case import Mode
from einlint.verify.running import runner
from einlint.verify.running.profiles import Profiles
from einlint.verify.spelling_names import spelling_names
from tests.cli.run import called, write
from tests.verify.jobs import blocks_of, job, rewrite

ROW = re.compile(r"^ *(\S+(?: \S+)*)  +\d", re.MULTILINE)


def profile(folder: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch) -> tuple[str, set[str]]:
    """The table, and the names of the user's rows in the trace."""
    monkeypatch.setattr(runner, "sample", blocks_of(3.0, 2.0, 1.0, 1.0))
    one = rewrite("bij,bjk->bik", "a @ b")
    texts = ("torch.bmm(a, b)", "b @ a.mT", "torch.matmul(a, b)")
    one = replace(one, candidates=tuple(map(Candidate, texts)))
    runner.run_job(replace(job(one), modes=(mode,), profiles=Profiles(folder)))
    trace, table = sorted(folder.iterdir())
    assert trace.name == f"001-bij-bjk-bik-float32-{mode.value.replace('+', '-')}.json"
    assert table.name == trace.with_suffix(".txt").name
    events = json.loads(trace.read_text())["traceEvents"]
    return table.read_text(), {
        each["name"] for each in events if each.get("cat") == "user_annotation"
    }


@pytest.mark.parametrize("mode", [Mode.FORWARD, Mode.BACKWARD])
def test_all_right_spellings_are_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    table, rows = profile(tmp_path / "new" / "folder", mode, monkeypatch)
    assert rows == {"einsum", "matmul", "bmm", "matmul 2"}
    named = ROW.findall(table)
    assert rows < set(named)
    assert "aten::einsum" in named
    about = table[: table.index("---")].splitlines()
    assert about[1:5] == [
        "einsum: torch.einsum('bij,bjk->bik', a, b)",
        "matmul: a @ b",
        "bmm: torch.bmm(a, b)",
        "matmul 2: torch.matmul(a, b)",
    ]


def test_the_table_is_sorted_by_the_time_of_the_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, _ = profile(tmp_path, Mode.FORWARD, monkeypatch)
    header = next(line for line in table.splitlines() if "CPU total" in line)
    column = re.split(r"  +", header.strip()).index("CPU total")
    rows = [re.split(r"  +", line.strip()) for line in table.splitlines() if ROW.match(line)]
    times = [_microseconds(row[column]) for row in rows]
    assert len(times) > 4
    assert times == sorted(times, reverse=True)


def test_each_case_has_a_table_and_a_trace(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": 'import torch\n\nz = torch.einsum("ij,jk->ik", u, v)\n'})
    options = ("--isolated", "--preset", "tiny", "--threads", "1", "--profile-dir", "p")
    done = called("verify", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in (tmp_path / "p").iterdir())
    forward, backward = "001-ij-jk-ik-float32-forward", "002-ij-jk-ik-float32-forward-backward"
    assert names == [f"{name}{end}" for name in (forward, backward) for end in (".json", ".txt")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("torch.einsum('ij->ji', a)", "einsum"),
        ("np.einsum('ij->ji', a)", "einsum"),
        ("a @ b.transpose(-2, -1)", "matmul"),
        ("(a @ b).transpose(0, 1)", "matmul"),
        ("(a[:, None] @ b)[0].squeeze(-1).mT", "matmul"),
        ("torch.bmm(a, b)", "bmm"),
        ("torch.nn.functional.linear(a, b)", "linear"),
        ("F.linear(a, b)", "linear"),
        ("torch.reshape(torch.mm(a, b), (2, 3))", "mm"),
        ("a * b", "mul"),
        ("(a * b).sum(-1)", "sum"),
        ("a.mT", "mT"),
        ("a.permute(1, 0).contiguous()", "contiguous"),
        ("torch.transpose(a, 0, 1)", "transpose"),
        ("-a", "value"),
    ],
)
def test_a_spelling_is_named_by_what_does_the_work(text: str, name: str) -> None:
    assert spelling_names((text,)) == (name,)


def test_names_are_unique() -> None:
    texts = ("a @ b", "torch.matmul(a, b)", "torch.mm(a, b)")
    assert spelling_names(texts) == ("matmul", "matmul 2", "mm")


def _microseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]
