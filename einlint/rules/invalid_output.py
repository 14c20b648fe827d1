"""An output index that is unknown or repeated.

## What it does
Reports equations whose output has an index that no operand has, or one index twice. The message
names the column inside the equation.

## Why is this bad
The call raises whenever it is reached. Unlike numpy, torch cannot write a diagonal either.

## Example
```python
import torch

product = torch.einsum("ij,jk->il", torch.ones(2, 3), torch.ones(3, 4))
```

## Use instead
```python
import torch

product = torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(3, 4))
```

## Fix safety
There is no fix: only the author knows what was meant.

## When to keep einsum
Always; the output has to be fixed.
"""

from collections.abc import Iterator

from einlint.algebra.equation import Fault
from einlint.diagnostics import Severity
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """The first fault of the output."""
    if call.error is not None and call.error.fault is Fault.OUTPUT:
        pointer = call.pointer(call.error.column)
        yield Finding(f"`{call.shown}` is invalid: {call.error}", pointer=pointer)


RULE = Rule(
    "EIN003", "invalid-output", EinsumCall, check, page=__doc__ or "", severity=Severity.ERROR
)
