"""A product of an N-D operand with a matrix.

## What it does
Reports equations that contract one index of a matrix with one of an operand of higher rank:
`bij,jk->bik`, `...i,oi->...o`, `oi,bti->bto`.

## Why is this bad
`@` folds the leading axes into one plain matrix product.

## Example
```python
import torch

x, weight = torch.randn(2, 3, 4), torch.randn(5, 4)
y = torch.einsum("bti,oi->bto", x, weight)
```

## Use instead
```python
import torch

x, weight = torch.randn(2, 3, 4), torch.randn(5, 4)
y = x @ weight.transpose(-2, -1)
```

## Fix safety
Safe where `equal-sizes` is granted, as it is by default: einsum lets a contracted index broadcast
from size 1, `@` raises there and never gives another number. With the matrix on the left
(`ij,bjk->bik`) `@` repeats it for every batch and can be 20 times slower than einsum or somewhat
faster, depending on the sizes: `not-slower`, so the fix is unsafe. Where the code shows sizes at
which `@` was measured to be faster, only `same-layout` remains open; where it shows sizes at
which `@` is slower, nothing is reported.

einsum checks the ranks of its operands and `@` does not: `ranks-fit`, granted by default, but
not where a rank depends on data, as after a `squeeze()` without an axis.

Rounding: none was seen with the matrix on the right. `python benchmarks/rounding.py` (CPU, torch
2.13, 20 draws): all 320 results equal einsum's bit for bit. With the matrix on the left all 20
small float32 results differ, and all float64 ones, by up to 0.8 epsilons of the largest element.
Other processors and sizes may give other numbers.

## When to keep einsum
With the matrix on the left (`ij,bjk->bik`), or where the N-D operand has to be transposed
(`bji,jk->bik`), unless you have measured.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """One operand of any rank and one matrix."""
    yield from simpler(call, settings, ContractionKind.LINEAR)


RULE = Rule("EIN106", "einsum-linear", EinsumCall, check, page=__doc__ or "")
