"""A batched matrix product.

## What it does
Reports equations that contract one index, keep one of each side, and share batch indices:
`bij,bjk->bik`, `bhqd,bhkd->bhqk`.

## Why is this bad
`@` is the same product with a third of the overhead at small sizes, and exporters know it.

## Example
```python
import torch

q, k = torch.randn(2, 3, 5, 4), torch.randn(2, 3, 6, 4)
scores = torch.einsum("bhqd,bhkd->bhqk", q, k)
```

## Use instead
```python
import torch

q, k = torch.randn(2, 3, 5, 4), torch.randn(2, 3, 6, 4)
scores = q @ k.transpose(-2, -1)
```

## Fix safety
Safe where `equal-sizes` is granted, as it is by default: einsum lets a contracted index broadcast
from size 1, `@` raises there and never gives another number. Where the
code shows that the one batch index of two 3-D operands has one size in both, the fix is
`torch.bmm`, which costs less still and checks the ranks as einsum does. Where more than the last
two axes must be permuted (`bqhd,bkhd->bhqk`) the replacement does what einsum does, so it needs
`not-slower`; with `...` for the batch it needs `batch-sizes-equal`, as broadcasting `@` can be
many times slower than einsum. Without them the fix is unsafe.

## When to keep einsum
Where the axes are not in the order of matmul: the equation reads better than three permutations,
and runs as fast.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Two stacks of matrices."""
    yield from simpler(call, settings, ContractionKind.BATCHED_MATMUL)


RULE = Rule("EIN105", "einsum-batched-matmul", EinsumCall, check, page=__doc__ or "")
