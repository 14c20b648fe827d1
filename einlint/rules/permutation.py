"""A permutation of axes.

## What it does
Reports equations of one operand that only reorder its axes: `ij->ji`, `bhwc->bchw`.

## Why is this bad
`transpose` and `permute` are the names for it. The result is a view in both.

## Example
```python
import torch

a = torch.randn(2, 3, 4, 5)
channels_first = torch.einsum("bhwc->bchw", a)
```

## Use instead
```python
import torch

a = torch.randn(2, 3, 4, 5)
channels_first = a.permute(0, 3, 1, 2)
```

## Fix safety
Unsafe unless `no-autocast` is granted, by the settings or by a trace, and never safe where the code
shows an autocast around the call: inside an autocast region einsum may cast its operands to the low
precision type, and the replacement does not. There is no fix for an equation that changes nothing,
because it still makes a new view.

einsum checks the ranks of its operands and the replacement does not: `ranks-fit`, granted by
default, but not where a rank depends on data, as after a `squeeze()` without an axis.

Rounding: none, it is a view of the same numbers (`python benchmarks/rounding.py`).

## When to keep einsum
Where the names of the axes help the reader; einops.rearrange also allows long names.
"""

from collections.abc import Iterator

from einlint.algebra.contraction import ContractionKind
from einlint.rulebook.replacement import simpler
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """One operand with its axes in another order."""
    yield from simpler(call, settings, ContractionKind.PERMUTATION)


RULE = Rule("EIN108", "einsum-permutation", EinsumCall, check, page=__doc__ or "")
