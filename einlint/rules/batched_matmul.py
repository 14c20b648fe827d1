"""A batched matrix product.

## What it does
Reports equations that contract one index, keep one of each side, and share batch indices:
`bij,bjk->bik`, `bhqd,bhkd->bhqk`.

## Why is this bad
`@` is the same product with a third of the overhead at small sizes, and exporters support it.

In attention more depends on it. `torch.compile` replaces both products and the softmax between them
by `scaled_dot_product_attention` if both are written with `@`, and not if one is an einsum. Where
that was measured, the finding says so: four axes; query, key and value all contiguous, or all with
heads that `.transpose(1, 2)` has just moved; scores times a number, over a number, or over a number
plus a mask; softmax in the scores' dtype or in float32; nothing else reads scores or weights. There
the compiled `@` is 1.6 to 2.5 times as fast, in 1/4 to 1/16 of the memory (inference, 512 tokens).
In other forms nothing is gained, or only in one layout: scores without a scale, a query that is
scaled first, times a number plus a mask, `masked_fill`, `where`, three axes.
`python benchmarks/attention.py` measures them (CPU, torch 2.13).

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
`torch.bmm`, which costs less still and checks the ranks as einsum does; but `@` beside another
batched product of the same function of which that is not shown. Where more than the last
two axes must be permuted (`bqhd,bkhd->bhqk`) the replacement does what einsum does, so it needs
`not-slower`. Broadcasting `@` can be many times slower than einsum. So with `...` for the batch the
fix needs `batch-sizes-equal`, and also where the code shows that a batch index is 1 in one operand
(`k.unsqueeze(1)`, `mask[None]`, `keepdim=True`) and not that it is 1 in the other. Without them it
is unsafe; there is no fix at sizes where `@` was measured to be several times slower.

A matrix that must be transposed and have its batch axes moved gets two views, with
`.transpose(-2, -1)` last: under `torch.compile` Inductor mistakes a single `permute` in that place
for the transposition alone, and computes other values or fails.

einsum checks the ranks of its operands and `@` does not: `ranks-fit`, granted by default, but
not where a rank depends on data, as after a `squeeze()` without an axis.

Rounding: none was seen. `python benchmarks/rounding.py` (CPU, torch 2.13, 20 draws): all 480
results equal einsum's bit for bit, which is the same batched product. Other processors and sizes
may give other numbers.

## When to keep einsum
Where both operands need views of their batch axes other than `.transpose(1, 2)` of four axes
(`qbhd,kbhd->bhqk`): Inductor would misread any spelling of them. Where the axes are not in the
order of matmul: the equation reads better than three permutations, and runs as fast, unless
compiled attention is fused (above).
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
