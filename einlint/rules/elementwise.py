"""An elementwise product.

## What it does
Reports equations that sum over nothing and give at most one side an index of its own:
`ij,ij->ij`, `ij,j->ij`, `bhnd,bn->bhnd`.

## Why is this bad
einsum ends in the same `mul`, after a dozen views.

## Example
```python
import torch

a, b = torch.randn(3, 4), torch.randn(3)
scaled = torch.einsum("ij,i->ij", a, b)
```

## Use instead
```python
import torch

a, b = torch.randn(3, 4), torch.randn(3)
scaled = a * b.unsqueeze(-1)
```

## Fix safety
Unsafe unless `no-autocast` is granted, by the settings or by a trace, and never safe where the code
shows an autocast around the call: inside an autocast region einsum may cast its operands to the low
precision type, and the replacement does not. A 0-dim operand, or one that is only `...`, needs
`equal-dtypes` too: it takes part in type promotion in einsum, and not in `*`.

einsum checks the ranks of its operands and the replacement does not: `ranks-fit`, granted by
default, but not where a rank depends on data, as after a `squeeze()` without an axis.

Rounding: none. `python benchmarks/rounding.py` (CPU, torch 2.13, 20 draws): all 320 results equal
einsum's bit for bit.

Where the replacement leaves out a `squeeze(dim)` of an operand it needs `squeezed-axes`: torch
keeps an axis that is not 1. Proved where the code shows that it is.

## When to keep einsum
Where many axes must be permuted and inserted, the equation may be easier to read.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Products that sum over nothing."""
    yield from simpler(call, settings, ContractionKind.ELEMENTWISE)


RULE = Rule("EIN107", "einsum-elementwise", EinsumCall, check, page=__doc__ or "")
