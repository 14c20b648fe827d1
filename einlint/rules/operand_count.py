"""Terms and operands that differ in number, and arguments in a form that torch rejects.

## What it does
Reports calls that pass another number of operands than their equation has terms. Operands that
are unpacked, or passed as one list that is made elsewhere, are not counted; a lone argument that
surely is a tensor is one operand. Reports calls of torch.einsum whose equation is not the first
argument, that pass keyword arguments or no operands, and those where an operand is a list beside
others, a string or a number. torch accepts
`einsum("ij,jk->ik", a, b)`, `einsum("ij,jk->ik", [a, b])` and `einsum(a, [0, 1], b, [1, 2])`.

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
There is no fix: either the equation or the operands may be meant. No other rule reports a call
whose form torch rejects.

## When to keep einsum
Always; the call has to be fixed.
"""

from collections.abc import Iterator

from einlint.diagnostics import Severity
from einlint.printable import counted
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Both numbers, where they are known and differ, or what is wrong with the arguments."""
    rejection = call.site.arguments.rejection
    if rejection is not None:
        shown = f" of `{call.shown}`" if call.text else ""
        yield Finding(f"torch.einsum rejects this call{shown}: {rejection}")
    if call.contraction is None or not call.has_miscounted_operands:
        return
    terms = counted(len(call.contraction.equation.inputs), "term")
    operands = counted(call.site.arguments.operand_count or 0, "operand")
    yield Finding(f"`{call.shown}` has {terms}, the call passes {operands}")


RULE = Rule(
    "EIN002", "operand-count", EinsumCall, check, page=__doc__ or "", severity=Severity.ERROR
)
