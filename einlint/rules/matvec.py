"""A product of a matrix and a vector.

## What it does
Reports equations that contract the only index of a vector with one of the other operand:
`ij,j->i`, `j,ij->i`, `bij,j->bi`.

## Why is this bad
einsum runs a batched matrix product with a batch of one and a column of one, between reshapes.

## Example
```python
import torch

a, b = torch.randn(3, 4), torch.randn(4)
image = torch.einsum("ij,j->i", a, b)
```

## Use instead
```python
import torch

a, b = torch.randn(3, 4), torch.randn(4)
image = a @ b
```

## Fix safety
Safe where `equal-sizes` is granted, as it is by default: einsum lets a contracted index broadcast
from size 1, `@` raises there and never gives another number. `b @ a` for `ij,i->j` evaluates the
operands in another order, which is safe for names, attributes and constants (`pure-operands`);
otherwise the order is kept by a transposition. Where `@` would have to copy, `not-slower` is
missing and the fix is unsafe.

einsum checks the ranks of its operands and `@` does not: `ranks-fit`, granted by default, but
not where a rank depends on data, as after a `squeeze()` without an axis.

Rounding: nearly none. `python benchmarks/rounding.py` (CPU, torch 2.13, 20 draws): of 320 results 1
differs from einsum's, a float16 one, by less than 0.1 epsilon. Other processors and sizes may give
other numbers.

## When to keep einsum
Where a stack of matrices has to be transposed for it (`k,bkc->bc`) measure first: `@` may be
slower.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """A matrix, or a stack of them, and one vector, in either order."""
    yield from simpler(call, settings, ContractionKind.MATVEC, ContractionKind.VECMAT)


RULE = Rule("EIN103", "einsum-matvec", EinsumCall, check, page=__doc__ or "")
