"""An index of one operand only that the output lacks.

## What it does
Reports equations of two operands or more with an index that occurs in exactly one operand and
not in the output.

## Why is this bad
einsum silently sums over such an index before it multiplies. A typo in an equation often has this
effect: `bnsk,bnsh->bnsh` for `bnsk,bnkh->bnsh` runs whenever the sizes fit, and is wrong.

## Example
```python
import torch

weights, values = torch.ones(2, 3, 4, 4), torch.ones(2, 3, 4, 5)
mixed = torch.einsum("bnsk,bnsh->bnsh", weights, values)
```

## Use instead
```python
import torch

weights, values = torch.ones(2, 3, 4, 4), torch.ones(2, 3, 4, 5)
mixed = torch.einsum("bnsk,bnkh->bnsh", weights, values)
```

## Fix safety
There is no fix: the equation may be right, or it may not.

## When to keep einsum
Where the sum is intended. Then `weights.sum(-1)` before the product makes that clear to readers.
"""

from collections.abc import Iterator

from einlint.algebra.equation import ELLIPSIS
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """One finding for each such index."""
    if call.contraction is None or len(call.contraction.equation.inputs) < 2:
        return
    equation = call.contraction.equation
    for label in equation.labels:
        holders = [number for number, term in enumerate(equation.inputs, 1) if label in term]
        if len(holders) == 1 and label not in (*equation.output, ELLIPSIS):
            place = f"only in operand {holders[0]} and not in the output"
            yield Finding(f"`{call.shown}`: `{label}` is {place}, so it is summed silently")


RULE = Rule("EIN005", "silently-summed-index", EinsumCall, check, page=__doc__ or "")
