"""A sum over axes.

## What it does
Reports equations of one operand that sum over axes: `ij->i`, `ij->`.

## Why is this bad
`sum` is the name for it, and takes `keepdim` and `dtype`.

## Example
```python
import torch

a = torch.randn(3, 4)
totals = torch.einsum("ij->i", a)
```

## Use instead
```python
import torch

a = torch.randn(3, 4)
totals = a.sum(-1)
```

## Fix safety
Unsafe unless `no-autocast` is granted, by the settings or by a trace, and never safe where the code
shows an autocast around the call: inside an autocast region einsum may cast its operands to the low
precision type, and the replacement does not. Integers become int64 in both. There is no fix where
`...` is summed beside kept axes.

einsum checks the ranks of its operands and the replacement does not: `ranks-fit`, granted by
default, but not where a rank depends on data, as after a `squeeze()` without an axis.

Rounding: none was seen. `python benchmarks/rounding.py` (CPU, torch 2.13, 20 draws): all 480
results equal einsum's bit for bit; einsum calls `sum` too.

## When to keep einsum
Where axes are summed and reordered at once, the equation may be easier to read.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """One operand, summed over some axes."""
    yield from simpler(call, settings, ContractionKind.REDUCTION)


RULE = Rule("EIN109", "einsum-reduction", EinsumCall, check, page=__doc__ or "")
