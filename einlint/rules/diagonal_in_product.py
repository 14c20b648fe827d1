"""An index that is repeated within one of several operands.

## What it does
Reports equations of two operands or more where an index occurs twice in one operand.

## Why is this bad
einsum takes the diagonal of that operand and drops everything else, without a word. A typo has this
effect: `nn,xyzn->xyzn` scales the channels of an image by the diagonal of a matrix that was meant
to mix them, as `mn,xyzn->xyzm` does.

## Example
```python
import torch

matrix, image = torch.randn(4, 4), torch.randn(2, 3, 5, 4)
mixed = torch.einsum("nn,xyzn->xyzn", matrix, image)
```

## Use instead
```python
import torch

matrix, image = torch.randn(4, 4), torch.randn(2, 3, 5, 4)
mixed = torch.einsum("mn,xyzn->xyzm", matrix, image)
```

## Fix safety
There is no fix: only the author knows whether the diagonal is meant.

## When to keep einsum
Where the diagonal is meant. Write it first, so that readers see it: `matrix.diagonal()` as `n`, and
`matrices.diagonal(dim1=-2, dim2=-1)` as `bn` where the term is `bnn`. A repeated index of the only
operand, `ii->i`, is never taken for a typo: that is what einsum is used for, and EIN110's matter.
"""

from collections import Counter
from collections.abc import Iterator

from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """One finding for each such operand."""
    if call.contraction is None or len(call.contraction.equation.inputs) < 2:
        return
    terms = call.contraction.equation.inputs
    for operand, term in zip(call.site.arguments.called(len(terms)), terms, strict=True):
        repeated = [f"`{label}`" for label, count in Counter(term).items() if count > 1]
        if repeated:
            used = f"only the diagonal of {operand} is used"
            again = f"`{''.join(term)}` repeats {' and '.join(repeated)}"
            yield Finding(f"`{call.shown}`: {used}, because {again}")


RULE = Rule("EIN008", "diagonal-in-product", EinsumCall, check, page=__doc__ or "")
