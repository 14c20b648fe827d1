"""Scales that a class keeps: which of them are numbers, and which stay on the query."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions

NUMBER, QUERY = "scale=1 / self.root", "q / self.root"
MASK = "the scores are multiplied by what may be a mask"


def said(inside: str, head: str = "class A(nn.Module):\n", name: str = "root") -> str:
    """What becomes of an attention whose scores are divided by an attribute."""
    text = (
        f"{HEAD}{head}    def __init__(self, d, device):\n        super().__init__()\n"
        f"        self.d = d\n{inside}\n    def forward(self, q, k, v):\n"
        f"        s = q @ k.mT / self.{name}\n        return s.softmax(-1) @ v\n"
    )
    (found,) = attentions(text)
    replacement = None if found.obstacles else found.replacement()
    return found.obstacles[0] if replacement is None else replacement.text


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        # by another method, in the body of the class, as a property
        ("        self.build()\n    def build(self):\n        self.root = self.d ** 0.5", NUMBER),
        ("    def build(self, head_dim):\n        self.root = math.sqrt(head_dim)", NUMBER),
        ("    root = 8.0", NUMBER),
        ("    @property\n    def root(self):\n        return self.d ** 0.5", NUMBER),
        ("    @property\n    def root(self):\n        'The root.'\n        return 8.0", NUMBER),
        # a tensor of one number
        ("        self.register_buffer('root', torch.tensor(d ** 0.5))", QUERY),
        ("        self.root = torch.sqrt(torch.FloatTensor([d])).to(device)", QUERY),
        # what may be anything
        ("    def set(self, root):\n        self.root = root", MASK),
        ("    def set(self, x):\n        self.root = self.weights * 2", MASK),
        ("    def set(self, x):\n        self.root = x ** 0.5", MASK),
        ("    root = 8.0\n    def set(self, x):\n        self.root = x", MASK),
        ("    @property\n    def root(self):\n        return self.weights * 2", MASK),
        ("    @property\n    def root(self):\n        print(self)\n        print(1)\n"
         "        return self.d ** 0.5", MASK),
        ("        self.root = torch.FloatTensor([d, d])", MASK),
        ("        self.root = torch.FloatTensor(d)", MASK),
    ],
)  # fmt: skip
def test_an_attribute(inside: str, text: str) -> None:
    assert text in said(inside)


def test_a_class_that_is_derived_may_set_something_else() -> None:
    heir = "class B(nn.Module):\n    root = 8.0\n\nclass A(B):\n"
    assert NUMBER in said("        pass", heir)
    assert said("        self.root = device", heir) == MASK


def test_what_is_called_a_scale_stays_on_the_query() -> None:
    inside = "        self.scale = device.number(d)"
    assert "q / self.scale" in said(inside, name="scale")
    shaped = "        self.scale = nn.Parameter(torch.ones(d, 3))"
    assert said(shaped, name="scale") == MASK


def test_a_number_of_init_keeps_its_value() -> None:
    text = (
        f"{HEAD}class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.large = 1e9\n    def forward(self, q, k, v, m):\n"
        "        s = (q @ k.mT).masked_fill(m, -1 * self.large)\n        return s.softmax(-1) @ v\n"
    )
    assert attentions(text)[0].obstacles == ()


@pytest.mark.parametrize("name", ["n_bias", "d_bias", "num_mask", "d_pos"])
def test_a_bias_is_no_number_by_its_first_letter(name: str) -> None:
    text = (
        f"{HEAD}def f(q, k, v, {name}):\n    s = q @ k.mT + {name}\n    return s.softmax(-1) @ v\n"
    )
    replacement = attentions(text)[0].replacement()
    assert replacement is not None
    assert f"attn_mask={name}" in replacement.text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("temperature", "q / self.temperature"),
        ("temp", "q / self.temp"),
        ("temporal_scale", "q / self.temporal_scale"),
        ("temporal_decay", MASK),
        ("template", MASK),
        ("scaled_mask", MASK),
    ],
)
def test_a_name_that_only_begins_as_that_of_a_scale(name: str, text: str) -> None:
    inside = f"        self.{name} = build(device)"
    assert text in said(inside, name=name)
