"""A diagonal, or the sum of one.

## What it does
Reports equations of one operand with a repeated index: `ii->i`, `ii->`, `bii->bi`.

## Why is this bad
`diagonal` is the name for it. The result is a writable view in both.

## Example
```python
import torch

a = torch.randn(3, 3)
trace = torch.einsum("ii->", a)
```

## Use instead
```python
import torch

a = torch.randn(3, 3)
trace = a.diagonal().sum()
```

## Fix safety
Unsafe unless `no-autocast` is granted, by the settings or by a trace, and never safe where the code
shows an autocast around the call: inside an autocast region einsum may cast its operands to the low
precision type, and the replacement does not. einsum raises where the repeated axes differ in size
and `diagonal` does not; the finding says so. Not `trace()`, which does not take bool.

einsum checks the ranks of its operands and the replacement does not: `ranks-fit`, granted by
default, but not where a rank depends on data, as after a `squeeze()` without an axis.

Rounding: none was seen. `python benchmarks/rounding.py` (CPU, torch 2.13, 20 draws): all 320
results equal einsum's bit for bit; einsum takes a diagonal and calls `sum` too.

## When to keep einsum
Where the check that the axes are equal is wanted.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """One operand with a repeated index."""
    yield from simpler(call, settings, ContractionKind.DIAGONAL)


RULE = Rule("EIN110", "einsum-diagonal", EinsumCall, check, page=__doc__ or "")
