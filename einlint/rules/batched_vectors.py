"""A batched product with vectors.

## What it does
Reports equations with batch indices that multiply matrices by vectors (`bij,bj->bi`) or vectors
by vectors (`bi,bi->b`).

## Why is this bad
Usually it is not: `@` needs an `unsqueeze` and a `squeeze` around the same batched product. But
some exporters support that and not einsum.

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
Unsafe unless `not-slower` is granted: the values are right, the gain is small or none. There is
none where it would take more than two views, as for `bi,bi->b`. Never `(a * b).sum(-1)`: it
allocates the product, gives int64 for int32, and rounds every product in half precision.

einsum checks the ranks of its operands and `@` does not: `ranks-fit`, granted by default, but
not where a rank depends on data, as after a `squeeze()` without an axis.

Where the replacement leaves out a `squeeze(dim)` of an operand it needs `squeezed-axes`: torch
keeps an axis that is not 1. Proved where the code shows that it is.

## When to keep einsum
Usually. Off by default.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import named
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Stacks of matrices and vectors, or of vectors."""
    yield from named(call, settings, ContractionKind.BATCHED_MATVEC, ContractionKind.BATCHED_DOT)


RULE = Rule(
    "EIN111", "einsum-batched-vectors", EinsumCall, check, page=__doc__ or "", is_default=False
)
