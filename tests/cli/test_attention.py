"""What a report says of compiling attention, in every format that shows notes."""

import json
from pathlib import Path

from tests.cli.run import called, write

SOURCE = """import torch


def attention(q, k, v):
    scores = torch.einsum("bhqd,bhkd->bhqk", q, k) * 0.125
    return torch.einsum("bhqk,bhkd->bhqd", scores.softmax(-1), v)


def gate(x, w, v):
    scores = torch.einsum("bhqd,bhkd->bhqk", x, w) * 0.125
    return torch.einsum("bhqk,bhkd->bhqd", scores.sigmoid(), v)
"""
START = "torch.compile fuses this attention if both products are written with `@`"


def test_both_findings_of_attention_say_it_and_no_other(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    arguments = ("--select", "EIN1", "--output-format", "json", "a.py")
    found = json.loads(called(*arguments, cwd=tmp_path).stdout)
    assert [any(note.startswith(START) for note in each["notes"]) for each in found] == [
        *(True, True),
        *(False, False),
    ]


def test_the_finding_of_the_whole_attention_says_it_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    found = json.loads(called("--output-format", "json", "a.py", cwd=tmp_path).stdout)
    assert [each["code"] for each in found] == ["EIN202", "EIN105", "EIN105"]
    assert called("a.py", cwd=tmp_path).stdout.count(f"note: {START}".encode()) == 1


def test_it_is_true_of_what_fix_writes_and_no_finding_is_left(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SOURCE})
    assert called("--fix", "a.py", cwd=tmp_path).returncode == 0
    assert "scores = q @ k.transpose(-2, -1) * 0.125" in (tmp_path / "a.py").read_text()
    assert START.encode() not in called("a.py", cwd=tmp_path).stdout
