"""An index whose sizes have two names in the code.

## What it does
Reports indices that are one parameter of a function in one operand, and another parameter of it in
another operand. Nothing is reported where the function compares the two, or where the calls of the
file pass one value for both.

Without this rule, the finding that reports a simpler spelling of such a call has a note.

## Why is this bad
The call raises unless the two sizes are equal. Often they are in tests and in the first
configuration, and the axes of a weight are the wrong way round.

## Example
```python
import torch


def project(x: torch.Tensor, d_in: int, d_out: int) -> torch.Tensor:
    weight = torch.ones(d_out, d_in)
    return torch.einsum("bnd,de->bne", x.view(2, -1, d_in), weight)
```

## Use instead
```python
import torch


def project(x: torch.Tensor, d_in: int, d_out: int) -> torch.Tensor:
    weight = torch.ones(d_out, d_in)
    return torch.einsum("bnd,ed->bne", x.view(2, -1, d_in), weight)


projected = project(torch.ones(2, 3, 4), 4, 5)
```

## Fix safety
There is no fix: the equation may be wrong, or the order of the axes.

## When to keep einsum
Always; make one name of two that mean the same, or say `assert d_in == d_out`.
"""

from collections.abc import Iterator

from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """One finding for each such index."""
    for each in call.two_names:
        texts = dict.fromkeys(place.axis.text for place in (each.first, each.second))
        notes = tuple(f"the size is shown by {text}" for text in texts if text)
        yield Finding(f"`{call.shown}`: {each.text}", notes=notes)


RULE = Rule("EIN009", "size-names-differ", EinsumCall, check, page=__doc__ or "", is_default=False)
