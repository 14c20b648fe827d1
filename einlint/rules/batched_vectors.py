"""A batched product of matrices and vectors.

## What it does
Reports equations with batch indices that multiply matrices by vectors (`bij,bj->bi`). Dot products
of two stacks of vectors (`bi,bi->b`) are not reported: no other spelling is simpler.

## Why is this bad
Usually it is not, so only `--pedantic` reports it: `@` needs an `unsqueeze` and a `squeeze` around
the same batched product. But some exporters support that and not einsum.

## Example
```python
import torch

a, b = torch.randn(2, 3, 4), torch.randn(2, 4)
images = torch.einsum("bij,bj->bi", a, b)
```

## Use instead
```python
import torch

a, b = torch.randn(2, 3, 4), torch.randn(2, 4)
images = (a @ b.unsqueeze(-1)).squeeze(-1)
```

## Fix safety
Shown only, unless `not-slower` is granted: the values are right, the gain is small or none. Never
write `(a * b).sum(-1)` for `bi,bi->b`: it allocates the product, gives int64 for int32, and rounds
every product in half precision.

einsum checks the ranks of its operands and `@` does not: `ranks-fit`, granted by default, but
not where a rank depends on data, as after a `squeeze()` without an axis.

Rounding: none was seen. `python benchmarks/rounding.py` (CPU, torch 2.13, 20 draws): all 160
results equal einsum's bit for bit, which is the same batched product. Other processors and sizes
may give other numbers.

Where the replacement leaves out a `squeeze(dim)` of an operand it needs `squeezed-axes`: torch
keeps an axis that is not 1. Proved where the code shows that it is.

## When to keep einsum
Usually.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Stacks of matrices and vectors, or of vectors."""
    yield from simpler(call, settings, ContractionKind.BATCHED_MATVEC, ContractionKind.BATCHED_DOT)


RULE = Rule("EIN111", "einsum-batched-vectors", EinsumCall, check, page=__doc__ or "")
