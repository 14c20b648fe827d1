"""Attention in methods with decorators: `self` is still the object, and names may be asked for."""

import pytest

from tests.source.sdpa.functions import HEAD, attentions, behind_fix


def method(decorators: str, first: str = "self") -> str:
    """A module whose `forward` has these decorators."""
    return f"""{HEAD}
class Attention(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.drop = nn.Dropout(p)
{decorators}
    def forward({first}, q, k, v):
        attn = (q @ k.mT).softmax(-1)
        attn = {first}.drop(attn)
        return attn @ v
"""


@pytest.mark.parametrize(
    "decorators",
    ["@torch.no_grad()", "@force_fp32(apply_to=('x',))", "@typed\n    @docs('attention')"],
)
def test_a_dropout_of_the_object_is_seen_made(decorators: str) -> None:
    text = behind_fix(method(f"    {decorators}"))
    assert "dropout_p=self.drop.p if self.drop.training else 0.0" in text
    assert "attn" not in text.replace("attention", "")


@pytest.mark.parametrize("decorators", ["@staticmethod", "@abc.classmethod"])
def test_what_is_no_object_has_no_dropout(decorators: str) -> None:
    (found,) = attentions(method(f"    {decorators}"))
    assert found.obstacles == ("`self.drop` is not seen to be a dropout",)


def test_the_first_parameter_of_another_decorated_function_may_be_a_class() -> None:
    (found,) = attentions(method("    @validated", "cls"))
    assert any("is not seen to be a dropout" in each for each in found.obstacles)


@pytest.mark.parametrize("decorator", ["@get_local('attn')", "@watch(names=['attn'])"])
def test_a_decorator_that_names_the_weights_may_read_them(decorator: str) -> None:
    assert behind_fix(method(f"    {decorator}")) == (
        "a decorator may read `attn`, which would not be bound"
    )


def test_a_decorator_that_names_something_else_reads_no_weights() -> None:
    assert "scaled_dot_product_attention" in behind_fix(method("    @get_local('value')"))
