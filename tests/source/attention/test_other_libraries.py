"""Attention of other libraries of tensors is none that torch computes: it is silent."""

import pytest

from einlint import Settings
from einlint.linting.engine import check
from einlint.source.file import SourceFile

ATTENTION = """
class Attention({base}):
    def forward(self, q, k, v):
        scores = {product} * self.scale
        attn = {softmax}
        return attn @ v
"""
SETTINGS = Settings(select=("EIN202",), pedantic=True)


def is_found(head: str, base: str, product: str, softmax: str) -> bool:
    """Whether anything is said of such a file."""
    text = head + ATTENTION.format(base=base, product=product, softmax=softmax)
    return bool(check(SourceFile("a.py", text), SETTINGS).diagnostics)


OTHERS = {
    "paddle": ("import paddle\nfrom paddle import nn\n", "nn.functional.softmax(scores, axis=-1)"),
    "mindspore": ("import mindspore.ops as P\nfrom mindspore import nn\n", "P.softmax(scores, -1)"),
    "flax": ("from flax import linen as nn\nimport jax\n", "jax.nn.softmax(scores, -1)"),
    "mlx": ("import mlx.core as mx\nimport mlx.nn as nn\n", "mx.softmax(scores, -1)"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_library(name: str) -> None:
    head, softmax = OTHERS[name]
    for product in ("q @ k.swapaxes(-1, -2)", "q.matmul(k.T)"):
        assert not is_found(head, "nn.Module", product, softmax)
    assert is_found(f"import torch\n{head}", "nn.Module", "torch.matmul(q, k.mT)", softmax)


def test_arrays_of_numpy_and_tensors_that_a_file_is_given() -> None:
    head, own = "import numpy as np\n", "softmax(scores, -1)"
    product = "q @ k.swapaxes(-1, -2)"
    assert not is_found(head, "object", product, own)
    assert is_found(head, "object", product, "scores.softmax(-1)")
    assert is_found(f"{head}from header import nn\n", "nn.Module", product, own)
    assert is_found(f"{head}from header import *\n", "object", product, own)
    assert is_found("", "object", product, own)


def test_layers_that_are_imported_ahead_of_a_star_import() -> None:
    text = """
import torch
from torch import nn
from torch.nn import Dropout, Softmax
from .model_resnet import *


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.softmax = Softmax(dim=-1)
        self.drop = Dropout(0.1)

    def forward(self, q, k, v):
        return torch.matmul(self.drop(self.softmax(torch.matmul(q, k.mT))), v)
"""
    (found,) = check(SourceFile("a.py", text), SETTINGS).diagnostics
    assert found.fix is not None
    assert "dropout_p=self.drop.p if self.drop.training else 0.0" in found.fix.message
