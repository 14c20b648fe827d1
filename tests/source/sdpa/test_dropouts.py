"""Dropouts that a module may do without, and that stand in an `nn.Sequential`."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions

CALL = "F.scaled_dot_product_attention"


def written(made: str, steps: str) -> str:
    """The call for a module that makes `self.drop` so; S stands for the scores."""
    text = f"""{HEAD}
class Attention(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.p = p
        {made}
    def forward(self, q, k, v):
        w = {steps.replace("S", "(q @ k.mT)")}
        return w @ v
"""
    (found,) = attentions(text)
    if found.obstacles:
        return found.obstacles[0]
    replacement = found.replacement()
    assert replacement is not None
    assert replacement.edits
    return replacement.text


LATER = "S.softmax(-1)\n        if self.drop is not None:\n            w = self.drop(w)"


@pytest.mark.parametrize(
    ("made", "steps", "chance"),
    [
        (
            "self.attend = nn.Sequential(nn.Softmax(dim=-1), nn.Dropout(p))",
            "self.attend(S)",
            "self.attend[1].p if self.attend[1].training else 0.0",
        ),
        (
            "self.drop = nn.Dropout(p) if p > 0 else nn.Identity()",
            "self.drop(S.softmax(-1))",
            'getattr(self.drop, "p", 0.0) if self.drop.training else 0.0',
        ),
        (
            "self.drop = nn.Dropout(p) if p > 0 else None",
            LATER,
            "self.drop.p if self.drop is not None and self.drop.training else 0.0",
        ),
        (
            "self.drop = None\n        if p > 0:\n            self.drop = nn.Dropout(p)",
            LATER.replace(" is not None", ""),
            "self.drop.p if self.drop and self.drop.training else 0.0",
        ),
        (
            "self.drop = p",
            "F.dropout(S.softmax(-1), p=self.p, training=self.training)",
            "self.p if self.training else 0.0",
        ),
        (
            "self.drop = nn.Dropout(p)",
            "F.dropout(S.softmax(-1), self.drop.p, self.drop.training)",
            "self.drop.p if self.drop.training else 0.0",
        ),
        (
            "self.drop = nn.Dropout(p)",
            "F.dropout(S.softmax(-1), self.drop.p, self.training)",
            "self.drop.p if self.training else 0.0",
        ),
        (
            "",
            "S.softmax(-1)\n        if self.p > 0 or self.q:\n"
            "            w = F.dropout(w, self.p, self.training)",
            "self.p if (self.p > 0 or self.q) and self.training else 0.0",
        ),
        (
            "",
            "F.dropout(S.softmax(-1), self.p if self.training else 0.0)",
            "self.p if self.training else 0.0",
        ),
    ],
)
def test_the_chance_and_when_it_is_one(made: str, steps: str, chance: str) -> None:
    assert written(made, steps) == f"{CALL}(q, k, v, dropout_p={chance}, scale=1.0)"


@pytest.mark.parametrize(
    ("made", "steps", "obstacle"),
    [
        (
            "self.attend = nn.Sequential(nn.Softmax(dim=-1), nn.Dropout(p), nn.Dropout(p))",
            "self.attend(S)",
            "the weights have two dropouts",
        ),
        (
            "self.attend = nn.Sequential(nn.Dropout(p), nn.Softmax(dim=-1))",
            "self.attend(S)",
            "there is a dropout before the softmax",
        ),
        (
            "self.drop = nn.Dropout(p) if p else nn.LayerNorm(p)",
            "self.drop(S.softmax(-1))",
            "`self.drop` is not seen to be a dropout",
        ),
    ],
)
def test_what_else_stands_in_the_way(made: str, steps: str, obstacle: str) -> None:
    assert written(made, steps) == obstacle


@pytest.mark.parametrize(
    "change",
    [
        "self.drop.append(nn.LayerNorm(5))",
        "self.drop[0] = nn.ReLU()",
        "self.drop.forward = print",
        "self.drop.add_module('1', nn.ReLU())",
        "self.drop.register_forward_hook(print)",
        "self.add_module('drop', nn.ReLU())",
        "setattr(self, 'drop', nn.ReLU())",
    ],
)
def test_a_layer_that_is_changed_later_is_not_known(change: str) -> None:
    made = f"self.drop = nn.Dropout(p)\n        {change}"
    assert written(made, "self.drop(S.softmax(-1))") == "`self.drop` is not seen to be a dropout"
