"""An equation without an arrow.

## What it does
Reports equations whose output follows from einsum's rule: the ellipsis, then every index that
occurs once, in alphabetical order with capitals first.

## Why is this bad
The order of the output's axes follows from the names of the indices: renaming one transposes the
result. `ij,jK` is (K, i), and `ba` is a transposition.

## Example
```python
import torch

rows, columns = torch.ones(2, 3), torch.ones(3, 4)
product = torch.einsum("ij,jk", rows, columns)
```

## Use instead
```python
import torch

rows, columns = torch.ones(2, 3), torch.ones(3, 4)
product = torch.einsum("ij,jk->ik", rows, columns)
```

## Fix safety
Safe: the fix adds the output that einsum infers to the equation. There is no fix where the
equation is not one plain string inside the call.

## When to keep einsum
Always; this is about the equation only. Off by default, as the result is well defined.
"""

from collections.abc import Iterator

from einlint.algebra.equation import ARROW
from einlint.diagnostics import Edit, Fix
from einlint.rulebook.replacement import required_by_function
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """The output that einsum infers, and a fix that writes it."""
    if call.contraction is None or not call.contraction.equation.implicit:
        return
    output = "".join(call.contraction.equation.output)
    result = f"`{output}`" if output else "empty, a scalar"
    message = f"`{call.shown}` leaves its output to the alphabetical rule: it is {result}"
    yield Finding(message, _fix(call, f"{ARROW}{output}", settings))


def _fix(call: EinsumCall, addition: str, settings: Settings) -> Fix | None:
    end = call.site.arguments.equation_end
    if end is None:
        return None
    message = f"Write the output: `{call.text}{addition}`"
    requirements = required_by_function(call, settings)
    return Fix(message, (Edit(end, end, addition),), requirements)


RULE = Rule("EIN006", "implicit-output", EinsumCall, check, page=__doc__ or "", is_default=False)
