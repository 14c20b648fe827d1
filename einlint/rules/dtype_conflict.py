"""Two operands of a contraction whose dtypes torch does not multiply.

## What it does
Reports contractions of two operands to which the code gives two dtypes: by `x.half()`,
`x.to(torch.float16)` and their like, or by a factory such as `torch.ones(3, dtype=torch.float64)`.
Nothing is said of a factory without `dtype=`: any file may set another default. Where nothing is
contracted, as in `i,j->ij`, torch promotes.

Nothing is reported in a file that shows an autocast, which casts the operands; where errors are
caught; and of parameters and buffers, which `model.half()` casts.

## Why is this bad
The call raises whenever it is reached: torch contracts operands of one dtype only.

## Example
```python
import torch

x, w = torch.randn(3, 4), torch.randn(4, 5)
product = torch.einsum("ij,jk->ik", x.double(), w.float())
```

## Use instead
```python
import torch

x, w = torch.randn(3, 4), torch.randn(4, 5)
product = torch.einsum("ij,jk->ik", x.double(), w.double())
```

## Fix safety
There is no fix: either dtype may be meant.

## When to keep einsum
Always; the call has to be fixed. If it runs under the autocast of another file, say so:
`# einlint: ignore[EIN010] under autocast`.
"""

from collections.abc import Iterator

from einlint.diagnostics import Severity
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """At most one finding for a call."""
    if call.site.syntax_context.errors_are_caught:
        return  # a test that expects the error
    if call.mixed_dtypes is not None and call.has_dtype_conflict:
        pairs = zip(call.site.arguments.called(2), call.mixed_dtypes, strict=True)
        dtypes = " and ".join(f"{operand} is {dtype}" for operand, dtype in pairs)
        yield Finding(f"`{call.shown}`: {dtypes}")


RULE = Rule(
    "EIN010", "dtype-conflict", EinsumCall, check, page=__doc__ or "", severity=Severity.ERROR
)
