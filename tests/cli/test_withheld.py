"""A fix must not hide an error: einsum tells ranks that its replacement does not."""

from pathlib import Path

import pytest

from tests.cli.run import called, findings, write

ONE = """import torch


def both(q, k, v):
    s = torch.einsum("bhqd,bhkd->bhqk", q, k)
    return s, torch.einsum("bij,bjk->bik", q, k)


def other(p, v):
    return torch.einsum("bhqk,bhkd->bhqd", p, v)
"""
ELSEWHERE = """import torch


def product(a, b):
    return torch.einsum("bhqd,bhkd->bhqk", a, b)


def both(q, k):
    return torch.einsum("bij,bjk->bik", product(q, k), k)
"""
NESTED = """import torch


def both(q, k, w):
    s = torch.einsum("bhqd,bhkd->bhqk", q, k)
    return torch.einsum("ij,jk->ik", torch.einsum("bij,bjk->bik", s, k), w)
"""


@pytest.mark.parametrize(
    "text", [ONE, ELSEWHERE, NESTED], ids=["one function", "elsewhere", "nested"]
)
def test_a_call_that_raises_is_not_made_to_run(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a.py": text})
    before = [each["equation"] for each in findings(cwd=tmp_path) if each["code"] == "EIN004"]
    assert before
    for _ in range(2):
        assert called("--fix", cwd=tmp_path).returncode == 1
        after = [each["equation"] for each in findings(cwd=tmp_path) if each["code"] == "EIN004"]
        assert after == before


def test_other_functions_are_fixed_and_the_reason_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": ONE})
    done = called("--fix", cwd=tmp_path).stdout.decode()
    assert "Fixed 1 finding, 3 left." in done
    assert done.count("note: not fixed: without it nothing shows that another call") == 1
    assert (tmp_path / "a.py").read_text() == ONE.replace(
        'torch.einsum("bhqk,bhkd->bhqd", p, v)', "p @ v"
    )
    write(tmp_path, {"a.py": ONE.replace("bij,bjk->bik", "bhij,bhkj->bhik")})
    assert called("--fix", cwd=tmp_path).returncode == 0
    assert "einsum" not in (tmp_path / "a.py").read_text()
