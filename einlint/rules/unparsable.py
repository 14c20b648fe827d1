"""A file that contains `einsum` and that Python cannot read.

## What it does
Reports a file that mentions `einsum` and cannot be decoded or parsed by the Python that runs
einlint, at the place where Python stopped. The message names that Python and, where the line shows
it, the one that the code needs.

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
belongs in `exclude`, or einlint has to run with that version.
"""

from einlint.diagnostics import Fact, Severity
from einlint.rulebook.rule import Rule

RULE: Rule[Fact] = Rule("EIN000", "unparsable", page=__doc__ or "", severity=Severity.ERROR)
