"""An index of one operand only that the output lacks, where one other letter gives a product.

## What it does
Reports equations of two operands with an index that occurs in one operand only and not in the
output, if one other letter in the other operand would make a matrix product of it. An index of
size 1 is not reported, nor one that the code shows to have another size than that letter.

## Why is this bad
einsum silently sums over such an index before it multiplies. A typo in an equation often has this
effect: `bnsk,bnsh->bnsh` for `bnsk,bnkh->bnsh` runs whenever the sizes fit, and is wrong.

Such a sum can also be meant. The products of 77 public sources with 1,223 calls have four of them:
all are meant, as in `ndfc,d->nf`, `g,tg->g` and `bik,aik->bi`. The rule reports none of them:
no other letter makes a matrix product of these. Of the products in public code that one wrong
letter turns into such a sum, it reports half.

## Example
```python
import torch

weights, values = torch.ones(2, 3, 4, 4), torch.ones(2, 3, 4, 5)
mixed = torch.einsum("bnsk,bnsh->bnsh", weights, values)
```

## Use instead
```python
import torch

weights, values = torch.ones(2, 3, 4, 4), torch.ones(2, 3, 4, 5)
mixed = torch.einsum("bnsk,bnkh->bnsh", weights, values)
```

## Fix safety
There is no fix: the equation may be right, or it may not.

## When to keep einsum
Where the sum is intended. Then `weights.sum(-1)` before the product makes that clear to readers.
"""

from collections.abc import Iterator

from einlint.algebra.missed_contraction import MissedContraction, missed_contractions
from einlint.algebra.size_table import size_table
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """One finding for a call, about the likeliest typo."""
    if call.contraction is None or call.is_rejected:
        return
    equation = call.contraction.equation
    for missed in missed_contractions(equation):
        if _may_be_meant(missed, call):
            operand = call.site.arguments.called(len(equation.inputs))[missed.operand]
            place = f"only in {operand} and not in the output"
            message = f"`{call.shown}`: `{missed.index}` is {place}, so it is summed silently"
            yield Finding(message, notes=(f"is `{missed.meant}` meant?",))
            return


def _may_be_meant(missed: MissedContraction, call: EinsumCall) -> bool:
    """Whether the sum matters, and the sizes allow the other equation."""
    if call.fitted is None:
        return True
    shapes = call.site.arguments.fitted_shapes
    is_allowed = not shapes or not size_table(missed.meant, shapes).has_conflicts
    return is_allowed and call.fitted.number(missed.index) != 1


RULE = Rule("EIN005", "silently-summed-index", EinsumCall, check, page=__doc__ or "")
