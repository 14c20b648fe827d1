"""An outer product.

## What it does
Reports equations that sum over nothing and give each side an index of its own: `i,j->ij`,
`bi,bj->bij`.

## Why is this bad
`torch.outer(a, b)`, or a product with `unsqueeze`, is one operator whose name says what it does.

## Example
```python
import torch

a, b = torch.randn(3), torch.randn(4)
table = torch.einsum("i,j->ij", a, b)
```

## Use instead
```python
import torch

a, b = torch.randn(3), torch.randn(4)
table = torch.outer(a, b)
```

## Fix safety
Unsafe unless `no-autocast` is granted, by the settings or by a trace, and never safe where the code
shows an autocast around the call: inside an autocast region einsum may cast its operands to the low
precision type, and the replacement does not. A 0-dim operand, or one that is only `...`, needs
`equal-dtypes` too.

Rounding: none. `python benchmarks/rounding.py` (CPU, torch 2.13, 20 draws): all 320 results equal
einsum's bit for bit.

Where the replacement leaves out a `squeeze(dim)` of an operand it needs `squeezed-axes`: torch
keeps an axis that is not 1. Proved where the code shows that it is.

## When to keep einsum
In code that runs under autocast and wants the low precision type.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Products of two operands that each have an index of their own."""
    yield from simpler(call, settings, ContractionKind.OUTER)


RULE = Rule("EIN102", "einsum-outer", EinsumCall, check, page=__doc__ or "")
