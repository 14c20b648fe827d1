"""An equation that torch.einsum rejects at run time.

## What it does
Reports literal equations outside of the grammar of torch.einsum: characters other than letters,
spaces and `...`, a second ellipsis in a term, a second arrow, and subscripts outside of [0, 52)
in the sublist form. The message names the column inside the equation, and the code point of a
character that only looks right: a Cyrillic letter, an arrow of another kind, an invisible space.

## Why is this bad
The call raises whenever it is reached, whatever its operands are.

## Example
```python
import torch

product = torch.einsum("ij;jk->ik", torch.ones(2, 3), torch.ones(3, 4))
```

## Use instead
```python
import torch

product = torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(3, 4))
```

## Fix safety
There is no fix: only the author knows what was meant.

## When to keep einsum
Always; the equation has to be fixed. For names of more than one letter use einops.
"""

from collections.abc import Iterator

from einlint.algebra.equation import Fault
from einlint.diagnostics import Severity
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """The first fault of the equation's syntax."""
    fault = call.site.arguments.sublist_fault
    if fault is not None:
        yield Finding(f"the sublists make no equation: {fault}")
    if call.error is not None and call.error.fault is Fault.SYNTAX:
        pointer = call.pointer(call.error.column)
        yield Finding(f"`{call.shown}` is invalid: {call.error}", pointer=pointer)


RULE = Rule(
    "EIN001", "invalid-equation", EinsumCall, check, page=__doc__ or "", severity=Severity.ERROR
)
