"""An equation whose terms and operands differ in number.

## What it does
Reports calls that pass another number of operands than their equation has terms. Operands that
are unpacked, or passed as one list that is made elsewhere, are not counted.

## Why is this bad
The call raises whenever it is reached.

## Example
```python
import torch

product = torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(3, 4), torch.ones(4, 5))
```

## Use instead
```python
import torch

product = torch.einsum("ij,jk,kl->il", torch.ones(2, 3), torch.ones(3, 4), torch.ones(4, 5))
```

## Fix safety
There is no fix: either the equation or the operands may be meant.

## When to keep einsum
Always; the call has to be mended.
"""

from collections.abc import Iterator

from einlint.diagnostics import Severity, counted
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Both numbers, where they are known and differ."""
    if call.contraction is None or not call.has_miscounted_operands:
        return
    terms = counted(len(call.contraction.equation.inputs), "term")
    operands = counted(call.site.arguments.operand_count or 0, "operand")
    yield Finding(f"`{call.shown}` has {terms}, the call passes {operands}")


RULE = Rule(
    "EIN002", "operand-count", EinsumCall, check, page=__doc__ or "", severity=Severity.ERROR
)
