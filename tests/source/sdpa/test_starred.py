"""Attention in files whose torch comes by a star import of another file of the project."""

import math

import pytest

from tests.source.sdpa.functions import attentions, behind_fix

BODY = (
    "class A(nn.Module):\n"
    "    def forward(self, q, k, v, mask, bias):\n"
    "        s = torch.einsum('bhqf,bhkf->bhqk', q, k) * 0.3 + bias\n"
    "        s = s.masked_fill(mask, -math.inf)\n"
    "        w = F.softmax(s, dim=-1)\n"
    "        return torch.einsum('bhqk,bhkf->bhqf', w, v)\n"
)
STAR = "from custom_types import *\n\n\n"


def test_its_names_are_taken_for_torch_and_the_fix_computes_the_same() -> None:
    text = behind_fix(STAR + BODY)
    assert "F.scaled_dot_product_attention(" in text
    assert "attn_mask=torch.where(~mask, bias, " in text
    torch = pytest.importorskip("torch")
    nn = torch.nn
    generator = torch.Generator().manual_seed(0)
    values = [torch.randn(2, 3, 5, 4, generator=generator) for _ in range(3)]
    masks = torch.rand(5, 5, generator=generator) > 0.7, torch.randn(5, 5, generator=generator)
    masks[0].fill_diagonal_(False)
    results = []
    for each in (BODY, text.removeprefix(STAR)):
        names = {"torch": torch, "nn": nn, "F": nn.functional, "math": math}
        exec(each, names)
        made = [x.clone().requires_grad_() for x in values]
        out = names["A"]()(*made, *masks)  # type: ignore[operator]
        results.append([out, *torch.autograd.grad(out.square().sum(), made)])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    "head",
    [
        "import jax\nfrom custom_types import *\n",  # it may be a library that looks like torch
        "from flax import linen\nfrom custom_types import *\n",
        "from math import *\n",  # which brings no torch
        "",
        "def g():\n    torch = F = nn = 0\n",  # nothing is imported
        "from custom_types import *\ntorch = nn = F = make()\n",  # bound here
    ],
)
def test_other_names_are_not(head: str) -> None:
    assert not attentions(head + BODY)


@pytest.mark.parametrize(
    ("stars", "is_seen"),
    [
        ("from torch.nn import *", True),
        ("from torch.nn import *\nfrom helpers import *", False),
        ("from helpers import *", False),
    ],
)
def test_a_dropout_that_a_star_import_of_torch_binds(stars: str, is_seen: bool) -> None:
    text = f"""import torch
import torch.nn.functional as F
from torch import nn
{stars}

class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = Dropout(0.1)

    def forward(self, q, k, v):
        return self.drop((q @ k.mT).softmax(-1)) @ v
"""
    (found,) = attentions(text)
    assert found.obstacles == (() if is_seen else ("`self.drop` is not seen to be a dropout",))


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("from torch import nn\nfrom helpers import *\n", "nn.functional"),
        ("import torch.nn.functional as F\nfrom helpers import *\nfrom math import pi\n", "F"),
        (
            "import torch\nimport torch.nn.functional\nimport torch.nn.functional as F\n"
            "from helpers import *\nimport torch.nn.functional as F\n",
            "torch.nn.functional",
        ),
    ],
)
def test_a_module_that_is_imported_twice_or_ahead_of_a_star_import_is_written(
    head: str, name: str
) -> None:
    text = behind_fix(f"{head}def f(q, k, v):\n    return (q @ k.mT).softmax(-1) @ v\n")
    assert f"return {name}.scaled_dot_product_attention(q, k, v, scale=1.0)" in text


@pytest.mark.parametrize(
    "head",
    [
        "from helpers import *\nif old:\n    from torch import nn\n",
        "from torch import nn\nfrom helpers import *\nnn = None or make()\n",
    ],
)
def test_a_module_that_may_be_another_is_not_written(head: str) -> None:
    (found,) = attentions(f"{head}def f(q, k, v):\n    return (q @ k.mT).softmax(-1) @ v\n")
    replacement = found.replacement()
    assert replacement is not None
    assert not replacement.edits


@pytest.mark.parametrize("handler", ["HAS_TORCH = False", "raise"])
def test_a_module_that_is_imported_in_a_try_is_written(handler: str) -> None:
    head = f"try:\n    import torch.nn.functional as F\nexcept ImportError:\n    {handler}\n"
    text = f"{head}def f(q, k, v):\n    return F.softmax(q @ k.mT, -1) @ v\n"
    assert "return F.scaled_dot_product_attention(" in behind_fix(text)


def test_a_star_import_of_a_script_binds_none_of_its_names() -> None:
    script = '\n\nif __name__ == "__main__":\n    from complexity import *\n\n    count(A())\n'
    assert "F.scaled_dot_product_attention(" in behind_fix(STAR + BODY + script)
    elsewhere = "\n\nif count:\n    from complexity import *\n"
    assert not attentions(STAR + BODY + elsewhere)
