"""A comment that silences no finding.

## What it does
Reports what is idle in the comments that silence einlint: a code in `# noqa: EIN105` or
`# einlint: ignore[EIN105]` that nothing on its rows is reported under (or nothing in the file, for
`# einlint: ignore-file[EIN105]`), a code that no rule has, and an `# einlint: ignore` without
codes where nothing is reported. A comment that cannot be read, as one without its `]`, silences
nothing and is reported too.

A code counts as used if its rule reports something there, whether that rule is selected or not.
A bare `# noqa` and the codes of other tools are theirs to judge.

## Why is this bad
A comment without a finding hides the next one, which nobody has looked at. One with a wrong code
does not hide what it was written for.

## Example
```python
import torch

product = torch.ones(2, 3) @ torch.ones(3, 4)  # noqa: EIN104
```

## Use instead
```python
import torch

product = torch.ones(2, 3) @ torch.ones(3, 4)
```

## Fix safety
The fix removes the idle codes, or the comment with the white space before it where no code is
left. What other tools and people say in the comment stays. It is safe: Python reads no comments.

## When to keep einsum
The finding is about the comment, not about einsum. Off by default. Only a comment that names this
rule, as `# noqa: EIN901` does, silences it.
"""

from einlint.diagnostics import Fact
from einlint.rulebook.rule import Rule

RULE: Rule[Fact] = Rule("EIN901", "unused-suppression", page=__doc__ or "", is_default=False)
