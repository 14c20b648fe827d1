"""`einlint verify` of attention that is written by hand, as one rewrite from product to product."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import called, write
from tests.cli.traces import row, write_trace

torch = pytest.importorskip("torch")

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import einsum, nn\n\n\n"
MASKED = f"""{HEAD}def attention(q, k, v, mask):
    scores = q @ k.transpose(-2, -1) / 8.0
    scores = scores.masked_fill(mask == 0, -1e9)
    return scores.softmax(dim=-1) @ v
"""
SCORES = 'torch.einsum("bqhd,bkhd->bhqk", q, k)'
VALUES = 'torch.einsum("bhqk,bkhd->bqhd", scores.softmax(-1), v)'
EINSUM = f"""{HEAD}def attention(q, k, v):
    scores = {SCORES} * 0.125
    return {VALUES}
"""
CALL = "torch.nn.functional.scaled_dot_product_attention"
FAST = ("verify", "--isolated", "--threads", "1", "--no-backward")
# Functions of q, k, v and m, each with another chain; all of them run at the tiny sizes.
FORMS = {
    "scaled first": ("s = (q * 0.5) @ k.transpose(-2, -1)", "s.softmax(-1) @ v"),
    "divided in place": (
        "s = torch.matmul(q, k.mT)\n    s /= 8",
        "torch.matmul(F.softmax(s, dim=-1), v)",
    ),
    "a bias": ("s = 0.125 * (q @ k.transpose(2, 3)) + m", "torch.softmax(s, -1) @ v"),
    "a bias that is subtracted": ("s = q @ k.mT - m", "torch.softmax(s, -1) @ v"),
    "its own maximum": ("s = q @ k.mT\n    s = s - s.amax(-1, keepdim=True)", "s.softmax(-1) @ v"),
    "softmax in float32": (
        "s = q @ k.mT",
        "s.softmax(dim=-1, dtype=torch.float32).to(q.dtype) @ v",
    ),
    "float and back": ("s = (q @ k.mT).float()", "s.softmax(-1).type_as(v) @ v"),
    "where": ("s = torch.where(m > 0, q @ k.mT, float('-inf'))", "s.softmax(-1) @ v"),
    "where not": ("s = torch.where(m.bool(), -1e9, q @ k.mT)", "s.softmax(-1) @ v"),
    "filled in place": ("s = q @ k.mT\n    s.masked_fill_(~m, float('-inf'))", "s.softmax(-1) @ v"),
    "the limit of a dtype": (
        "s = q @ k.mT\n    s = s.masked_fill(m, torch.finfo(s.dtype).min)",
        "s.softmax(-1) @ v",
    ),
    "a bias and a mask": (
        "s = (q @ k.mT + m).masked_fill(n == 0, float('-inf'))",
        "s.softmax(-1) @ v",
    ),
    "heads behind the tokens": (
        "s = einsum('bqhd,bkhd->bqhk', q, k)",
        "einsum('bqhk,bkhd->bqhd', s.softmax(-1), v)",
    ),
    "one head for all keys": (
        "s = einsum('bhid,bjd->bhij', q, k)",
        "einsum('bhij,bjd->bhid', s.softmax(-1), v)",
    ),
    "keys first": (
        "s = einsum('bhjd,bhid->bhij', k, q)",
        "einsum('bhjd,bhij->bhid', v, s.softmax(-1))",
    ),
    "an ellipsis": (
        "s = einsum('...id,...jd->...ij', q, k)",
        "einsum('...ij,...jd->...id', s.softmax(-1), v)",
    ),
    "three axes": ("s = torch.bmm(q, k.transpose(1, 2))", "torch.bmm(s.softmax(-1), v)"),
    "transposed between": (
        "s = (k @ q.transpose(-2, -1) / 8).transpose(-2, -1)",
        "s.softmax(-1) @ v",
    ),
    "a product that scales": (
        "s = torch.baddbmm(m, q, k.transpose(1, 2), beta=0, alpha=0.25)",
        "torch.bmm(s.softmax(-1), v)",
    ),
    "a product that adds": ("s = torch.baddbmm(m, q, k.transpose(1, 2))", "s.softmax(-1) @ v"),
    "causal": (
        "t = q.shape[2]\n    k = k.view(2, 4, t, 8)\n    q = q.view(2, 4, t, 8)\n"
        "    mask = torch.tril(torch.ones(t, t))\n"
        "    s = (q @ k.mT).masked_fill(mask == 0, float('-inf'))",
        "s.softmax(-1) @ v",
    ),
    "dropout": ("s = q @ k.mT", "F.dropout(s.softmax(-1), 0.1, m is None) @ v"),
}


def function(name: str) -> str:
    before, result = FORMS[name]
    return f"{HEAD}def attention(q, k, v, m, n):\n    {before}\n    return {result}\n"


def report(folder: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = called(*FAST, "--format", "json", *arguments, cwd=folder)
    assert done.returncode == code, done.stderr
    return dict(json.loads(done.stdout))


def attention_in(found: dict[str, Any]) -> dict[str, Any]:
    (one,) = (each for each in found["results"] if each["equation"] == "attention")
    return dict(one)


def test_an_attention_is_one_rewrite_from_product_to_product(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": MASKED})
    one = attention_in(report(tmp_path, "--preset", "tiny"))
    chain = "(q @ k.transpose(-2, -1) / 8.0).masked_fill(mask, -1000000000.0)"
    assert one["original"] == f"torch.softmax({chain}, -1) @ v"
    assert one["replacement"] == f"{CALL}(q, k, v, attn_mask=~mask, scale=1 / 8.0)"
    assert one["sites"] == [{"filename": "a.py", "row": 7}]
    (case,) = one["cases"]
    assert case["sizes"] == {"b": 1, "h": 2, "n": 8, "d": 8, "m": 8, "e": 8}
    assert case["verdict"] != "wrong"
    assert case["speedup"]["low"] < case["speedup"]["high"]
    assert case["original"]["peak_bytes"] > 0
    assert case["original"]["operators"] > case["replacement"]["operators"]


def test_it_is_printed_like_other_rewrites(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": MASKED})
    text = called(*FAST, "--preset", "tiny", cwd=tmp_path).stdout.decode()
    assert f"  ->  {CALL}(q, k, v, attn_mask=~mask, scale=1 / 8.0)\n  at a.py:7\n" in text


def test_gradients_and_the_compiled_chain_are_timed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiling takes minutes on some machines: here it leaves the function as it is."""
    compiled: list[Callable[..., Any]] = []
    monkeypatch.setattr(torch, "compile", lambda made: compiled.append(made) or made)
    write(tmp_path, {"a.py": EINSUM})
    arguments = ("--compile", "--backward", "--preset", "tiny", "--select", "EIN202")
    one = attention_in(report(tmp_path, *arguments))
    assert [each["mode"] for each in one["cases"]] == ["forward", "forward+backward", "compiled"]
    assert all(each["speedup"] for each in one["cases"])
    operands = torch.randn(3, 2, 5, 3, 4)
    by_hand, by_call = (function(*operands) for function in compiled)
    torch.testing.assert_close(by_hand, by_call)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_runs_and_is_right(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"a.py": function(name)})
    found = report(tmp_path, "--preset", "tiny", "--select", "EIN202")
    one = attention_in(found)
    assert found["summary"]["notes"] == []
    assert [each["verdict"] for each in one["cases"]] != ["wrong"]
    assert all(each["speedup"] for each in one["cases"])


def test_a_causal_mask_is_a_triangle_as_long_as_the_text(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": function("causal")})
    one = attention_in(report(tmp_path, "--preset", "tiny", "--select", "EIN202"))
    assert one["replacement"] == f"{CALL}(q, k, v, is_causal=True, scale=1.0)"
    assert {*map(frozenset, (each["sizes"] for each in one["cases"]))} == {frozenset("bhnde")}


def test_sizes_come_from_presets_the_code_and_the_command_line(tmp_path: Path) -> None:
    """One query is among the presets, and needs no option."""
    write(tmp_path, {"a.py": MASKED})
    cases = attention_in(report(tmp_path, "--dry-run"))["cases"]
    lengths = [(each["preset"], each["sizes"]["n"], each["sizes"]["m"]) for each in cases]
    assert lengths == [("small", 64, 64), ("typical", 512, 512), ("decode", 1, 512)]
    given = "    q, k, v = torch.randn(3, 2, 3, 7, 5)\n    scores ="
    write(tmp_path, {"a.py": MASKED.replace("    scores =", given, 1)})
    first, *_ = attention_in(report(tmp_path, "--dry-run"))["cases"]
    assert first["sizes"] == {"b": 2, "h": 3, "n": 7, "d": 5, "m": 7, "e": 5}
    assert set(first["sizes_from"].values()) == {"code"}
    chosen = ("--dry-run", "--preset", "tiny", "--size", "b=5,m=9")
    case, _ = attention_in(report(tmp_path, *chosen))["cases"]
    assert case["sizes"] == {"b": 5, "h": 3, "n": 7, "d": 5, "m": 9, "e": 5}


def test_sizes_come_from_a_trace_of_both_products(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": EINSUM})
    file = tmp_path / "a.py"
    write_trace(
        tmp_path / "t.jsonl",
        row(file, SCORES, [2, 7, 3, 8], [2, 9, 3, 8], calls=3, seconds=0.25),
        row(file, VALUES, [2, 3, 7, 9], [2, 9, 3, 4], calls=3, seconds=0.75),
        row(file, VALUES, [2, 3, 5, 9], [2, 9, 3, 4], calls=3, seconds=0.5),
    )
    found = report(tmp_path, "--trace", "t.jsonl")
    (case,) = attention_in(found)["cases"]
    assert case["sizes"] == {"b": 2, "n": 7, "h": 3, "d": 8, "m": 9, "e": 4}
    assert set(case["sizes_from"].values()) == {"trace"}
    # The time of its calls is that of the calls: it counts once.
    assert found["summary"]["saving"]["recorded"] == pytest.approx(1.5)
    assert found["summary"]["saving"]["measured"] == pytest.approx(1.5)


def test_a_trace_has_no_sizes_of_products_that_are_no_einsum(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": MASKED})
    write_trace(tmp_path / "t.jsonl")
    (skipped,) = report(tmp_path, "--trace", "t.jsonl", code=1)["summary"]["skipped"]
    assert "a trace has einsum calls only" in skipped["reason"]


def with_verdict(found: dict[str, Any], verdict: str) -> str:
    """The report, of a machine that nobody else used, in which the attention has one verdict."""
    one = {**attention_in(found), "cases": [{"verdict": verdict}]}
    about = {**found["environment"], "busy": 0.0}
    summary = {**found["summary"], "not_run": []}
    return json.dumps({**found, "environment": about, "results": [one], "summary": summary})


def test_only_an_attention_that_pays_here_is_replaced(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": MASKED})
    found = report(tmp_path, "--preset", "tiny")
    options = ("--fix", "--isolated", "--verified", "r.json", "a.py")
    for verdict, flags, is_replaced in (
        ("slower", ("--unsafe-fixes",), False),
        ("faster", (), False),  # faster, and still unsafe
        ("faster", ("--unsafe-fixes",), True),
    ):
        (tmp_path / "r.json").write_text(with_verdict(found, verdict))
        called(*options, *flags, cwd=tmp_path)
        text = (tmp_path / "a.py").read_text()
        assert ("scaled_dot_product_attention" in text, "softmax" not in text) == (
            is_replaced,
            is_replaced,
        )


def test_another_mask_is_another_rewrite(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": MASKED})
    found = report(tmp_path, "--preset", "tiny")
    (tmp_path / "r.json").write_text(with_verdict(found, "faster"))
    text = MASKED.replace("mask == 0", "mask")
    other = text.replace("masked_fill(mask, -1e9)", "add(mask)")
    for each, is_replaced in ((text, True), (other, False)):
        write(tmp_path, {"a.py": each})
        called("--fix", "--unsafe-fixes", "--isolated", "--verified", "r.json", cwd=tmp_path)
        after = (tmp_path / "a.py").read_text()
        assert ("scaled_dot_product_attention" in after) == is_replaced
