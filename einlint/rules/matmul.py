"""A matrix product.

## What it does
Reports equations that contract one index of two matrices, whatever their axes' order:
`ik,kj->ij`, `ik,jk->ij`, `ik,kj->ji`.

## Why is this bad
`a @ b` is the same product without the reshapes around a batch of one, and every reader of
Python knows it.

## Example
```python
import torch

a, b = torch.randn(3, 4), torch.randn(5, 4)
product = torch.einsum("ik,jk->ij", a, b)
```

## Use instead
```python
import torch

a, b = torch.randn(3, 4), torch.randn(5, 4)
product = a @ b.T
```

## Fix safety
Safe where `equal-sizes` is granted, as it is by default: einsum lets a contracted index broadcast
from size 1, `@` raises there and never gives another number. A transposed output is the product
of the transposed operands in the other order, which keeps the memory layout; where the operands
may not change places (`pure-operands`) the product is transposed instead, and the fix is unsafe:
`same-layout`.

einsum checks the ranks of its operands and `@` does not: `ranks-fit`, granted by default, but
not where a rank depends on data, as after a `squeeze()` without an axis.

Rounding: libraries compute a small product in another way. `python benchmarks/rounding.py` (CPU,
torch 2.13, 20 draws): of 40 x 300 times 300 x 50 no result of any dtype differs from einsum's; of 5
x 17 times 17 x 3 all 20 float32 results of `ik,jk->ij` do, and 14 to 20 float64 ones of every form,
by up to 2.3 epsilons of the largest element. Other processors and sizes may give other numbers, in
bfloat16 too.

## When to keep einsum
Where an operand of size 1 is meant to broadcast along a contracted index.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Two matrices."""
    yield from simpler(call, settings, ContractionKind.MATMUL)


RULE = Rule("EIN104", "einsum-matmul", EinsumCall, check, page=__doc__ or "")
