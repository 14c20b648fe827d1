"""A file that contains `einsum` and that Python cannot read.

## What it does
Reports a file that mentions `einsum` and cannot be decoded or parsed by the Python that runs
einlint, at the place where Python stopped.

## Why is this bad
Calls in such a file are not checked; the finding shows what is missing from the result. Other files
are still checked.

## Example
```python
import torch

product = torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(3, 4)
```

## Use instead
```python
import torch

product = torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(3, 4))
```

## Fix safety
There is no fix.

## When to keep einsum
The finding is about the file, not about einsum. A file in the syntax of another Python version
belongs in `exclude`, or einlint has to run on that version.
"""

from collections.abc import Iterator

from einlint.diagnostics import Severity
from einlint.rulebook.rule import EinsumCall, Finding, Rule
from einlint.settings import Settings


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """Nothing: the file that this rule is about has no calls to look at."""
    yield from ()


RULE = Rule("EIN000", "unparsable", check, page=__doc__ or "", severity=Severity.ERROR)
