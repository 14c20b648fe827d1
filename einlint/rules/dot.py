"""A dot product.

## What it does
Reports equations of two operands whose every index is contracted: `i,i->`, `ij,ij->`.

## Why is this bad
einsum parses its equation, permutes, reshapes and calls a batched product of 1x1 matrices.
`a @ b` is one operator, and its meaning is clear.

## Example
```python
import torch

a, b = torch.randn(3), torch.randn(3)
energy = torch.einsum("i,i->", a, b)
```

## Use instead
```python
import torch

a, b = torch.randn(3), torch.randn(3)
energy = a @ b
```

## Fix safety
Safe where `equal-sizes` is granted, as it is by default: einsum lets a contracted index broadcast
from size 1, `@` raises there and never gives another number. Vectors become `a @ b`, not
`torch.dot`, which does not follow autocast. Several contracted indices become `torch.tensordot`,
which does not follow it either, so that fix is unsafe unless `no-autocast` is granted. Never `(a
* b).sum()`: it gives int64 for int32, and rounds every product in half precision.

einsum checks the ranks of its operands and `@` does not: `ranks-fit`, granted by default, but
not where a rank depends on data, as after a `squeeze()` without an axis.

Rounding: the sum is taken in another order. `python benchmarks/rounding.py` (CPU, torch 2.13, 20
draws): of `a @ b` 13 to 18 of 20 float32 results differ from einsum's, by up to 25 epsilons of the
result, and 12 float64 ones; of `tensordot` 15 to 18 of either, by up to 282 where terms cancel; of
160 bfloat16 and float16 results 1. Neither side is the exact one.

## When to keep einsum
Where an operand of size 1 is meant to broadcast against a longer one.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Full contractions of two operands."""
    yield from simpler(call, settings, ContractionKind.DOT)


RULE = Rule("EIN101", "einsum-dot", EinsumCall, check, page=__doc__ or "")
