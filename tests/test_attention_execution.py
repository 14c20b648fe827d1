"""Fixes of attention compute what the code did; the proof refuses whatever computes something else.

The functions are those of `benchmarks/attention_fixes.py`, which runs more of them.
"""

import random
from importlib import import_module
from types import ModuleType

import pytest
import torch

from einlint import Settings
from einlint.diagnostics import Edit
from einlint.linting.engine import check
from einlint.source.file import SourceFile
from tests.conftest import ROOT

FUNCTIONS, LOOKALIKES, MUTANTS = 60, 60, 150


@pytest.fixture
def fixes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import attention_fixes

    assert isinstance(attention_fixes, ModuleType)
    return attention_fixes


def test_written_fixes_compute_the_same_and_blocked_functions_are_left_alone(
    fixes: ModuleType,
) -> None:
    draw = random.Random(11)
    torch.manual_seed(0)
    made = [fixes.attention(draw) for _ in range(FUNCTIONS)]
    said = [fixes.judged(each) for each in made]
    assert {*said} == {"fixed and equal", "blocked as meant"}
    assert said.count("fixed and equal") > FUNCTIONS / 3
    assert [bool(each.block) for each in made] == [each == "blocked as meant" for each in said]


@pytest.mark.parametrize(
    "lines",
    [
        # products
        "q, k, v = q[0, 0], k[0, 0], v[0, 0]; s = torch.mm(q, k.t()); return s.softmax(-1).mm(v)",
        "q, k, v = q[0], k[0], v[0]; b = q.new_ones(3, 5, 5); s = b.baddbmm(batch1=q, "
        "batch2=k.mT, beta=scale, alpha=0.5); return torch.bmm(s.softmax(-1), v)",
        "s = einops.einsum(q, k, 'b h query d, b h key d -> b h query key') * scale; "
        "w = s.softmax(-1); return einops.einsum(w, v, 'b h i j, b h j d -> b i h d')",
        # sizes are checked
        "s = q @ k.mT; assert s.shape[:2] == q.shape[:2]; w = (s + bias).softmax(-1); "
        "assert list(w.size()) == list(s.shape), w.size(); return w @ v",
        # query and key are deleted before the call
        "s = q @ k.mT * scale; del q, k; s = s + bias; w = s.softmax(-1); del s; return w @ v",
        # a query that all of a batch share
        "q = q[0, 0]; s = torch.einsum('id,bhjd->bhij', q, k); return s.softmax(-1) @ v",
        # scales in one branch, and behind a mask
        "s = q @ k.mT; if scale > 0: s = s * 0.5; return s.softmax(-1) @ v",
        "s = q @ k.mT; if scale > 1: s = s / 8; else: s = s * 3; return s.softmax(-1) @ v",
        "s = q @ k.mT; if training and scale > 0: s = s / 2; s = s / 2 + bias; "
        "return s.softmax(-1) @ v",
        "s = (q @ k.mT).masked_fill(mask, -math.inf); "
        "return (s * (scale or 1 / 8)).softmax(-1) @ v",
        "scale = torch.full((3, 1, 1), 0.2); t = torch.clamp(scale.reshape(3, 1, 1), max=4.0)"
        ".exp().to(q.dtype); return ((q @ k.mT) * t + bias).softmax(-1) @ v",
        "t = torch.full((3, 1, 1), 0.2).reshape(3, 1, 1).exp().to(q.dtype); s = q @ k.mT; "
        "if scale > 0: s *= t; "
        "if training: s = s / t; s = s.masked_fill(mask, -math.inf); return s.softmax(-1) @ v",
        "t = torch.full((3, 1, 1), 3.0).reshape(3, 1, 1).to(q.dtype); s = q @ k.mT; "
        "if scale > 1: s = s / t; else: s = s * scale; return s.softmax(-1) @ v",
        # masks that are written for two cases, with a number that a call makes
        "s = q @ k.mT; if training: s = s + bias; "
        "if scale > 0: s = s + bias.masked_fill(mask, float(-100.0)); return s.softmax(-1) @ v",
        # weights that are scaled
        "s = (q @ k.mT) * scale + bias; w = s.softmax(-1) / 3; if scale > 0: w = 0.5 * w; "
        "w = F.dropout(w, 0.1, training) * 2.0; return w @ v",
        "q = torch.cat([q, q], 1); s = torch.einsum('bhqd,bhkd->bhqk', q, k.repeat(1, 2, 1, 1)); "
        "w = torch.mul(s.softmax(-1), v.size(-1) ** -0.5); "
        "return torch.einsum('bhqk,bhkd->bqhd', w, v.repeat(1, 2, 1, 1))",
        # masks that lie on other axes than those of the call
        "q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2); "
        "b = bias[:, :, None] * torch.arange(3, dtype=q.dtype); "
        "s = torch.einsum('bqhd,bkhd->bqkh', q, k) + b; "
        "return torch.einsum('bqkh,bkhd->bqhd', s.softmax(-2), v)",
        "b = bias[None, :, :, None].repeat(2, 1, 1, 3); b[1] *= 2; b[:, :, :, 2] *= 3; "
        "s = torch.einsum('bhqd,bhkd->bqkh', q, k); "
        "s = s.masked_fill(mask[:, :, None], -1e9) + b; "
        "return torch.einsum('bqkh,bhkd->bhqd', s.softmax(2), v)",
        "s = torch.einsum('bhqd,bhkd->qkbh', q, k).masked_fill(mask[:, :, None, None], -math.inf); "
        "return torch.einsum('qkbh,bhkd->bhqd', s.softmax(1), v)",
        "s = torch.einsum('bhqd,bhkd->bqhk', q, k) + bias.unsqueeze(1); "
        "return torch.einsum('bqhk,bhkd->bqhd', s.softmax(-1), v)",
        # what masked scores are filled with
        "s = q @ k.mT; low = -9e15 * torch.ones_like(s); "
        "return torch.where(~mask, s, low).softmax(-1) @ v",
        # a mask that is an index
        "s = q @ k.mT * 0.3; s[mask.expand_as(s)] = -math.inf; return s.softmax(-1) @ v",
        "s = q @ k.mT; if training: s[mask.expand_as(s)] = float('-inf'); return s.softmax(-1) @ v",
        "m = mask.expand(q.shape[0], q.shape[1], *mask.shape[-2:]); s = q @ k.mT; s[m] = -1e9; "
        "if scale > 0: s[m == 1] = -math.inf; return (s + bias).softmax(-1) @ v",
        # masks as large as the scores, whose lengths are asked of them
        "s = q @ k.transpose(-2, -1) / 2; i, j = s.shape[-2:]; "
        "m = torch.ones((i, j), dtype=torch.bool).triu(j - i + 1); "
        "s = s.masked_fill(m, -torch.finfo(s.dtype).max); return s.softmax(-1) @ v",
        "s = torch.einsum('bhid,bhjd->bhij', q, k); n = s.size(-1); i = s.shape[-2]; "
        "s = s * scale + bias[:i, :n]; return torch.einsum('bhij,bhjd->bhid', s.softmax(-1), v)",
        # optional masks of several kinds
        "s = torch.einsum('bhid,bhjd->bhij', q, k) * scale; low = -torch.finfo(s.dtype).max; "
        "if scale > 0: s = s + bias; if scale > 1: s.masked_fill_(~mask, low); "
        "if q.ndim == 4:\n        i, j = s.shape[-2:]\n        c = torch.ones(i, j)\n"
        "        s.masked_fill_(c.triu_(j - i + 1).bool(), low); "
        "return torch.einsum('bhij,bhjd->bhid', s.softmax(-1), v)",
        "s = q @ k.mT; if scale > 0: s.masked_fill_(mask, -math.inf); if scale < 1: s = s - bias; "
        "if q.ndim > 3: s += bias.T; w = s.softmax(-1); return w @ v",
        # one branch casts query and key
        "if scale < 1:\n        with torch.autocast(enabled=False, device_type='cpu'):\n"
        "            q, k = q.float(), k.float()\n            s = q @ k.transpose(2, 3) * scale\n"
        "    else:\n        s = q @ k.transpose(2, 3) * scale; "
        "del q, k; if scale > 0: s.masked_fill_(mask, -torch.finfo(s.dtype).max); "
        "s = s.softmax(-1); return s.to(v.dtype) @ v",
        # two branches with the whole of it, of which one masks or scales
        "if scale > 1:\n        w = torch.softmax(q @ k.transpose(-2, -1) / q.size(-1)**0.5, -1)\n"
        "    else:\n        w = (q @ k.transpose(-2, -1) / q.size(-1)**0.5 + bias).softmax(-1); "
        "return w @ v",
        "if scale < 1:\n        s = q @ k.mT * scale\n        s = s.masked_fill(mask, -1e9)\n"
        "    else:\n        s = q @ k.mT * scale; return s.softmax(-1) @ v",
        "s = q @ k.mT; if training: s = s / scale; "
        "if q.ndim > 3: s *= scale; return s.softmax(-1) @ v",
        # a bias that one branch scales, and the other one does not
        "if scale > 0: s = (q @ k.mT + bias) * 0.5\n    else: s = q @ k.mT * 0.5 + bias; "
        "return s.softmax(-1) @ v",
        "s = q @ k.mT\n    if scale > 1:\n        s = (s + bias) / 2\n    else:\n"
        "        s = (s / 2 - bias) * 3; return s.softmax(-1) @ v",
        # a mask of either kind
        "s = q @ k.mT\n    if bias is not None:\n        if bias.dtype == torch.bool:\n"
        "            s.masked_fill_(bias, -math.inf)\n        else:\n            s += bias; "
        "return torch.softmax(s, -1) @ v",
        # a scale that is kept in a dictionary
        "params = {'sqrt_dim': 3.0}; s = q @ k.mT / params['sqrt_dim']; "
        "if training: s = s + bias; return s.softmax(-1) @ v",
        "params = {'head_dim': 16}; s = q @ k.mT * params['head_dim'] ** -0.5 + bias; "
        "return s.softmax(-1) @ v",
        # keys of earlier calls
        "f.cache = k; s = q @ f.cache[:, :].transpose(2, 3); return s.softmax(-1) @ v",
    ],
)
def test_forms_that_were_seen_in_public_code(fixes: ModuleType, lines: str) -> None:
    body = "".join(f"    {each}\n" for each in _lines(lines))
    head = import_module("attention_functions").HEAD
    text = f"{head}def f(q, k, v, scale, mask, bias, training=False):\n{body}"
    made = fixes.Generated(text, "operator", "")
    assert fixes.judged(made) == "fixed and equal"


def _lines(text: str) -> list[str]:
    """Statements that semicolons part; what an `if` or an `else` holds stands behind it."""
    return [each.strip() for each in text.split(";")]


def test_fixes_for_a_torch_without_scale_compute_the_same(
    fixes: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(select=("EIN202",), pedantic=True, torch_version="2.0")
    monkeypatch.setattr(fixes, "SETTINGS", settings)
    draw = random.Random(15)
    said = [fixes.judged(fixes.attention(draw)) for _ in range(FUNCTIONS // 3)]
    assert "fixed and different" not in said
    assert "wrongly fixed" not in said
    assert said.count("fixed and equal") > FUNCTIONS / 12


def test_lookalikes_have_no_finding(fixes: ModuleType) -> None:
    draw = random.Random(12)
    for text in [fixes.lookalike(draw) for _ in range(LOOKALIKES)]:
        assert not check(SourceFile("a.py", text), fixes.SETTINGS).diagnostics, text


def test_mutants_of_written_fixes_are_refused(fixes: ModuleType) -> None:
    draw = random.Random(13)
    fixable = (made for made in iter(lambda: fixes.attention(draw), None) if not made.block)
    count = 0
    while count < MUTANTS:
        for edits, attention in fixes.mutated(next(fixable)):
            count += 1
            assert not attention.is_proved(edits), fixes.spliced(
                attention.parsed.source.text, edits
            )


def test_that_test_sees_a_proof_and_a_difference(fixes: ModuleType) -> None:
    draw = random.Random(14)
    made = next(made for made in iter(lambda: fixes.attention(draw), None) if not made.block)
    *_, (_, attention) = fixes.mutated(made)
    replacement = attention.replacement(may_group=True)
    assert attention.is_proved(replacement.edits)
    assert fixes.are_equal(made, made.text)
    changed = made.text.replace("    return ", "    return 2 * ")
    assert not fixes.are_equal(made, changed)
    assert not attention.is_proved((Edit(0, 0, "import os\nimport sys\n"),))
