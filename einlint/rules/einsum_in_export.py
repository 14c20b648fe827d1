"""An einsum call that no other rule reports.

## What it does
Reports every call with a literal equation that no other selected rule reports: complex
contractions, where einsum is the right tool.

## Why is this bad
It is not, unless the model is exported: einsum becomes one opaque node, which several exporters
and accelerators do not support.

## Example
```python
import torch

x, weight = torch.randn(2, 3, 4, 5), torch.randn(4, 5, 6)
y = torch.einsum("bthd,hdo->bto", x, weight)
```

## Use instead
```python
import torch

x, weight = torch.randn(2, 3, 4, 5), torch.randn(4, 5, 6)
y = torch.tensordot(x, weight, dims=2)
```

## Fix safety
There is no fix.

## When to keep einsum
Wherever the model is not exported. Off by default.
"""

from collections.abc import Iterator

from einlint.algebra.nouns import noun
from einlint.diagnostics import Severity
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """What the contraction is."""
    if call.contraction is not None:
        what = noun(call.contraction)
        yield Finding(f"`{call.shown}` is {what}: exporters may not support it as an einsum call")


RULE = Rule(
    "EIN301",
    "einsum-in-export",
    EinsumCall,
    check,
    page=__doc__ or "",
    severity=Severity.INFO,
    is_default=False,
    is_last_resort=True,
)
