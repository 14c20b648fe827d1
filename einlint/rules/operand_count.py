"""An equation whose terms and operands differ in number.

## What it does
Reports calls that pass another number of operands than their equation has terms. Operands that
are unpacked, or passed as one list that is made elsewhere, are not counted.

## Why is this bad
The call raises whenever it is reached.

## Example
```python
import torch

product = torch.einsum("ij,jk,kl->il", torch.ones(2, 3), torch.ones(3, 4))
```

## Use instead
```python
import torch

product = torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(3, 4))
```

## Fix safety
There is no fix: either the equation or the operands may be meant.

## When to keep einsum
Always; the call has to be mended.
"""

from collections.abc import Iterator

from einlint.diagnostics import Severity
from einlint.rulebook.rule import EinsumCall, Finding, Rule
from einlint.settings import Settings


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Both numbers, where they are known and differ."""
    if call.contraction is None or not call.has_miscounted_operands:
        return
    terms = _counted(len(call.contraction.equation.inputs), "term")
    operands = _counted(call.site.arguments.operand_count or 0, "operand")
    yield Finding(f"`{call.shown}` has {terms}, the call passes {operands}")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


RULE = Rule("EIN002", "operand-count", check, page=__doc__ or "", severity=Severity.ERROR)
