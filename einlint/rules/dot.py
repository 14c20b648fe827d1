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
* b).sum()`: it gives int64 for int32, and rounds every product in half precision. Sums are taken
in another order, so results may differ in the last digit.

einsum checks the ranks of its operands and `@` does not: `ranks-fit`, granted by default, but
not where a rank depends on data, as after a `squeeze()` without an axis.

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
