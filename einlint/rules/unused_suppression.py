"""A comment that silences no finding.

## What it does
Reports unused parts of comments that silence einlint: a code in `# noqa: EIN105` or
`# einlint: ignore[EIN105]` without a finding for it (for `# einlint: ignore-file[EIN105]`, in the
file), an unknown code, and an `# einlint: ignore` without codes where nothing is reported. Such a
comment silences a call from any line of the call, and from the last line of the statement or header
around it. A comment that cannot be read, such as `# einlint: disable=EIN105` or one without its
`]`, silences nothing and is reported too; without this rule, check names it on standard error.

A code counts as used if its rule reports something there, whether that rule is selected or not.
A bare `# noqa` and the codes of other tools are not checked.

## Why is this bad
A comment without a finding would hide the next finding, which nobody has looked at. A comment with
a wrong code does not hide the finding that it was written for.

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
The fix removes the unused codes, or the whole comment and the white space before it if no code is
left. Text for other tools and for people is kept. It is safe: Python ignores comments.

## When to keep einsum
The finding is about the comment, not about einsum. Off by default. Only a comment that names this
rule, as `# noqa: EIN901` does, silences it.
"""

from einlint.diagnostics import Fact
from einlint.rulebook.rule import Rule

RULE: Rule[Fact] = Rule("EIN901", "unused-suppression", page=__doc__ or "", is_default=False)
