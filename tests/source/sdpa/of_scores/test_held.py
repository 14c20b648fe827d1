"""Tensors that something else than a name holds: what reads them there sees every change."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions, function

BETWEEN = "something is changed between the two products"
CLASS = (
    "class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.register_buffer('bias', torch.randn(5, 7))\n"
    "    def get(self):\n        return self.bias\n    @property\n"
    "    def mine(self):\n        return self.bias\n"
    "    def forward(self, q, k, v):\n        m = torch.zeros(5, 7)\n"
)


@pytest.mark.parametrize(
    "held",
    [
        "d = [m]; s = q @ k.mT; s = s + d[0]",
        "d = dict(m=m); s = q @ k.mT; s = s + d['m']",
        "d = lambda: m; s = q @ k.mT; s = s + d()",
        "n = m.T; d = [n.T]; s = q @ k.mT; s = s + d[0]",
        "d = flag or m; e = (d,); s = q @ k.mT; s = s + e[0]",
        "keep(m); s = q @ k.mT; s = s + kept()",
        "flag.m = m; s = q @ k.mT; s = s + flag.m",
    ],
)
def test_what_holds_a_mask_that_is_changed_behind_it(held: str) -> None:
    text = function(
        f"m = torch.zeros(5, 7); {held}; m[:, 0] = 5; s.softmax(-1) @ v", "q, k, v, flag"
    )
    (found,) = attentions(text)
    assert BETWEEN in found.obstacles


@pytest.mark.parametrize(
    "used",
    ["n = m.shape", "n = m[None]", "n = m * 2", "n = torch.where(m > 0, m, 0)", "n = len(m)",
     "n = rearrange(m, 'a b -> b a')", "n: torch.Tensor = m", "n = v[m > 0, 0]"],
)  # fmt: skip
def test_what_only_uses_it(used: str) -> None:
    body = f"s = q @ k.mT; m = torch.zeros(5, 7); {used}; m[:, 0] = 5; s = s + m; s.softmax(-1) @ v"
    (found,) = attentions(function(body))
    assert found.obstacles == ()


@pytest.mark.parametrize(
    "lines",
    [
        # `__init__` has made it, and a method or a property reads it
        "s = s + self.get(); self.bias.mul_(2)",
        "s = s + self.mine; self.bias.mul_(2)",
        "self.bias.mul_(2); s = s + self.mine",
        "self.m = m; s = s + self.m; m[:, 0] = 5",
        "self.m = m; s = s + self.get(); m.fill_(5)",
    ],
)
def test_a_tensor_of_the_class(lines: str) -> None:
    body = "".join(f"        {each.strip()}\n" for each in f"s = q @ k.mT; {lines}".split(";"))
    (found,) = attentions(f"{HEAD}{CLASS}{body}        return s.softmax(-1) @ v\n")
    assert any("is changed" in each for each in found.obstacles)
