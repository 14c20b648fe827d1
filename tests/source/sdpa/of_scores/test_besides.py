"""What may be changed between the two products, and what stands in the way of one call."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions, function

BETWEEN = "something is changed between the two products"
IN_PLACE = "something is changed in place between the two products"
CLASS = (
    "class A(nn.Module):\n"
    "    def __init__(self, d):\n        super().__init__()\n        self.at = 0\n"
    "        self.scale = d**-0.5\n        self.register_buffer('seen', torch.zeros(1))\n"
    "    def low(self):\n        return self.at\n"
    "    def forward(self, q, k, v, m):\n        s = q @ k.mT * self.scale\n"
)


@pytest.mark.parametrize(
    ("body", "obstacle"),
    [
        ("x = torch.zeros(5, 5); s = q @ k.mT; x[0] = 1; s = s + x; s.softmax(-1) @ v", ""),
        ("s = q @ k.mT; x = torch.zeros(5).to(m); x[0] += 1; s = s + x; s.softmax(-1) @ v", ""),
        ("s = q @ k.mT; x = torch.zeros(5); x.fill_(1.0); s = s + x; s.softmax(-1) @ v", ""),
        ("s = q @ k.mT; x = m < 1; x[0] = True; s.masked_fill_(x, -1e9); s.softmax(-1) @ v", ""),
        # it was read in front of that, itself or by a view
        ("s = q @ k.mT; x = torch.zeros(5); s = s + x; x[0] = 1; s.softmax(-1) @ v", BETWEEN),
        ("s = q @ k.mT; x = torch.ones(5); s = s + x * 2; x[0] = 1; s.softmax(-1) @ v", BETWEEN),
        ("s = q @ k.mT; x = torch.zeros(5); y = x[:]; s = s + y; x.fill_(1); s.softmax(-1) @ v",
         IN_PLACE),
        ("q = q * 1; s = q @ k.mT; q[0] = 1; s.softmax(-1) @ v", BETWEEN),
        ("q = q * 1; x = q[0]; s = q @ k.mT; x.zero_(); s.softmax(-1) @ v", IN_PLACE),
        # somebody else may hold it
        ("s = q @ k.mT; m[0] = 1; s = s + m; s.softmax(-1) @ v", BETWEEN),
        ("s = q @ k.mT; x = m.view(5, 5); x[0] = 1; s = s + x; s.softmax(-1) @ v", BETWEEN),
        ("s = q @ k.mT; x = m if flag else torch.ones(5); x[0] = 1; s = s + x; s.softmax(-1) @ v",
         BETWEEN),
    ],
)  # fmt: skip
def test_tensors(body: str, obstacle: str) -> None:
    (found,) = attentions(function(body))
    assert "; ".join(found.obstacles) == obstacle


@pytest.mark.parametrize(
    ("line", "obstacle"),
    [
        ("self.at += 1", ""),
        ("self.at = m.shape[0]", ""),
        ("self.last = m", ""),
        ("self.scale = 2", BETWEEN),
        ("self.seen += 1", BETWEEN),  # a tensor, in place
        ("self.other += 1", BETWEEN),  # nobody knows what it is
        ("self.low = 1", BETWEEN),  # a method
        ("m.at = 1", BETWEEN),
        ("self.at, x = 1, 2", BETWEEN),
    ],
)
def test_attributes(line: str, obstacle: str) -> None:
    (found,) = attentions(f"{HEAD}{CLASS}        {line}\n        return s.softmax(-1) @ v\n")
    assert "; ".join(found.obstacles) == obstacle


def test_an_attribute_that_a_method_may_read() -> None:
    lines = "        self.at = 3\n        s = s + self.low()\n        return s.softmax(-1) @ v\n"
    (found,) = attentions(f"{HEAD}{CLASS}{lines}")
    assert BETWEEN in found.obstacles


def test_a_function_of_another_file_that_only_asks_by_its_name() -> None:
    body = "s = q @ k.mT; n = exists(m); s = s + m; s.softmax(-1) @ v * n"
    text = f"from helpers import exists\n{function(body)}"
    assert attentions(text)[0].obstacles == ()
    (found,) = attentions(text.replace("exists", "existing"))
    assert found.obstacles == ("`existing` may change what is read between the two products",)
