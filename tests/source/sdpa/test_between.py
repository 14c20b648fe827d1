"""What is done between the products, which the one call would come behind."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions, behind_fix

CHANGED = "something is changed between the two products"
MAY_CHANGE = "`change` may change what is read between the two products"


def obstacles(between: str, rest: str = "", mask: str = "m") -> tuple[str, ...]:
    """The obstacles of an attention with statements between its products; `rest` is behind it."""
    lines = "".join(f"        {each}\n" for each in between.split("\n"))
    text = f"""{HEAD}from helpers import prepared

class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(8, 8)
        self.other = prepared()

    def attend(self, q, k, v, m):
        s = q @ k.mT
{lines}        s = s + {mask}
        return s.softmax(-1) @ v
{rest}"""
    (found,) = attentions(text)
    return found.obstacles


METHOD = "\n    def change(self, m):\n        {}\n        return m\n"
FUNCTION = "\ndef change(m):\n    {}\n    return m\n"


@pytest.mark.parametrize(
    "between",
    [
        "self.change(m)",
        "change(m)",
        "torch.nn.init.zeros_(m)",
        "torch.add(m, 1, out=m)",
        "x = F.relu(m, inplace=True)",
        "m.__setitem__(0, 1)",
        "x = 1; m[0] = 1",
        "with lock(m):\n    x = m + 1",
        "with self.lock:\n    pass",
    ],
)
def test_what_is_called_for_its_effect(between: str) -> None:
    assert obstacles(between) == (CHANGED,)


@pytest.mark.parametrize(
    ("between", "rest"),
    [
        ("x = self.change(m)", METHOD.format("m[0] = 1")),
        ("x = self.change(m)", METHOD.format("m += 1")),
        ("x = self.change(m)", METHOD.format("m.zero_()")),
        ("x = self.change(m)", ""),  # of a base in another file
        ("x = change(m)", FUNCTION.format("m[0] = 1")),
        ("x = change(m[0])", FUNCTION.format("m[0] = 1")),
        ("x = change(k=q.view(-1))", FUNCTION.format("k.zero_()").replace("(m)", "(k)")),
        ("x = helpers.change(k)", "import helpers\n"),
        ("y = m.view(-1)\nx = change(y)", FUNCTION.format("m.zero_()")),
    ],
)
def test_what_is_given_to_a_call_that_may_change_it(between: str, rest: str) -> None:
    assert obstacles(between, rest) == (MAY_CHANGE,)


@pytest.mark.parametrize(
    ("between", "rest"),
    [
        ("x = self.change(m)", METHOD.format("n = m + 1")),
        ("x = change(m)", FUNCTION.format("n = m + 1")),
        ("x = self.change(m.shape, m + 1, q.size(0))", METHOD.format("m[0] = 1")),
        ("v = self.project(k)", ""),
        ("v = self.other(k)", ""),
        ("v = torch.relu(k)", ""),
        ("v = k.expand_as(q)", ""),
        ("n = len(m)", ""),
        ("with torch.no_grad():\n    x = m + 1", ""),
        ("with self.profiler.record('mask'):\n    x = m + 1", ""),
        ("m = prepared(m)", ""),
    ],
)
def test_what_changes_nothing(between: str, rest: str) -> None:
    assert obstacles(between, rest) == ()


CACHE = """
    def change(self, m):
        if m not in self.kept:
            self.kept[m] = m + 1
        return self.kept[m]
"""


@pytest.mark.parametrize(
    ("rest", "mask", "is_read"),
    [
        (CACHE, "self.change(m)", False),
        (CACHE, "self.change(m) + self.kept[q]", True),
        (CACHE.replace("self.kept[m] = m + 1", "vars(self).update(m)"), "self.change(m)", True),
    ],
)
def test_a_method_that_keeps_what_only_it_reads(rest: str, mask: str, is_read: bool) -> None:
    assert obstacles("pass", rest, mask) == ((MAY_CHANGE,) if is_read else ())


@pytest.mark.parametrize(
    ("first", "body"),
    [
        ("(q * 2) @ k.mT", "t.zero_()"),  # the call computes `q * 2` behind it
        ("(q * self.scale) @ k.mT", "self.grow()"),
        ("(q * self.scale) @ k.mT", "self.__dict__['scale'] = t"),
    ],
)
def test_what_a_method_changes_of_that_which_the_query_is_computed_of(
    first: str, body: str
) -> None:
    text = f"""{HEAD}
class Attention(nn.Module):
    def attend(self, q, k, v):
        s = {first}
        b = self.change(q)
        return (s + b).softmax(-1) @ v

    def change(self, t):
        {body}
        return self.bias

    def grow(self):
        self.scale += 1
"""
    (found,) = attentions(text)
    assert found.obstacles == (MAY_CHANGE,)


def test_weights_without_gradients_are_not_replaced() -> None:
    assert obstacles("with torch.no_grad():\n    s = s * 2") == (
        "a part of it is computed without gradients",
    )
    assert obstacles("with torch.autocast('cpu', enabled=False):\n    s = s * 2") == ()


@pytest.mark.parametrize(
    "end",
    [
        "print(m)\n    return s.softmax(-1) @ v",
        "logger.info(m)\n    return s.softmax(-1) @ v",
        "self.out = (\n        s.softmax(-1) @ v)",
        "o = s.softmax(-1) @ v; change(m); return o",
    ],
)
def test_what_stands_in_nobodys_way(end: str) -> None:
    text = f"{HEAD}def attend(self, q, k, v, m):\n    s = q @ k.mT\n    {end}\n"
    (found,) = attentions(text)
    assert not found.obstacles


def test_a_new_mask_that_is_changed_in_place() -> None:
    assert obstacles("n = torch.ones(3, 3).triu_(1)", "", "n") == ()


def test_a_new_mask_that_is_changed_in_place_behind_its_use() -> None:
    found = obstacles("n = torch.zeros(3, 3)\ns = s + n\nn.fill_(1)")
    assert found == ("something is changed in place between the two products",)


COUNTING = """class A(nn.Module):
    def __init__(self):
        super().__init__()
        self.at = 0
    def forward(self, q, k, v, m, flag=True):
        s = q @ k.mT
        if flag:
            c = m[self.at : self.at + 5]
            self.at += 5
        else:
            c = m[:5]
            self.at = 0
        s.masked_fill_(c, -torch.inf)
        return s.softmax(-1) @ v
    def reset(self):
        self.at = 0
"""


def test_what_counts_in_an_attribute_changes_nothing_that_is_read() -> None:
    fixed = behind_fix(HEAD + COUNTING)
    assert "self.at += 5\n" in fixed
    assert "attn_mask=~c" in fixed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.at = 0", "self.at = torch.zeros(1)"),
        ("self.at += 5", "self.other += 5"),
        ("masked_fill_(c,", "masked_fill_(c + self.at,"),
        ("(q @ k.mT)", "(q @ k.mT) * self.at"),
        ("    def reset", "    def load(self, at): self.at = at\n    def reset"),
    ],
)
def test_what_is_read_behind_it_is_changed(old: str, new: str) -> None:
    text = COUNTING.replace("= q @ k.mT", "= (q @ k.mT)")
    assert old in text
    assert "scaled_dot_product_attention(" not in behind_fix(HEAD + text.replace(old, new))
