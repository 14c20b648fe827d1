"""An ellipsis that the output lacks.

## What it does
Reports equations with `...` in an operand and an explicit output without it.

## Why is this bad
torch.einsum sums over all the axes that the ellipsis stands for, where numpy.einsum raises. How
many axes vanish depends on the ranks of the operands, and the equation does not show it.

## Example
```python
import torch

total = torch.einsum("...i,i->i", torch.ones(2, 3, 4), torch.ones(4))
```

## Use instead
```python
import torch

total = torch.einsum("...i,i->...i", torch.ones(2, 3, 4), torch.ones(4)).sum((0, 1))
```

## Fix safety
There is no fix: the number of axes is not in the equation.

## When to keep einsum
Where a sum over any number of leading axes is intended. Off by default for that reason.
"""

from collections.abc import Iterator

from einlint.algebra.equation import ELLIPSIS
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """The ellipsis, where it is an operand's and not the output's."""
    if call.contraction is None:
        return
    equation = call.contraction.equation
    if ELLIPSIS in equation.labels and ELLIPSIS not in equation.output:
        yield Finding(f"`{call.shown}` sums over all axes that `...` stands for; numpy raises here")


RULE = Rule("EIN007", "summed-ellipsis", EinsumCall, check, page=__doc__ or "", is_default=False)
