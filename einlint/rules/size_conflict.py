"""Operands whose ranks or sizes do not fit the equation.

## What it does
Reports calls where the code shows that one index has two sizes, or that an operand has another
number of axes than its term. Sizes are read from the code, which is never run: where they are not
certain, nothing is reported. Size 1 broadcasts in einsum, so it is no conflict, except against a
repeated index of the same operand.

## Why is this bad
The call raises whenever it is reached.

## Example
```python
import torch

product = torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(4, 5))
```

## Use instead
```python
import torch

product = torch.einsum("ij,kj->ik", torch.ones(2, 3), torch.ones(4, 3))
```

## Fix safety
There is no fix: either the equation or the operands may be meant.

## When to keep einsum
Always; the call has to be fixed.
"""

from collections.abc import Iterator, Sequence

from einlint.algebra.equation import ELLIPSIS
from einlint.algebra.size_table import RankConflict, SizeConflict
from einlint.algebra.sizes import Axis
from einlint.diagnostics import Severity
from einlint.printable import counted
from einlint.rulebook.rule import Finding, Rule
from einlint.settings import Settings
from einlint.source.facts.einsum_call import EinsumCall


def check(call: EinsumCall, settings: Settings) -> Iterator[Finding]:
    """One finding for each such operand, and for each such index."""
    for rank in call.sizes.rank_conflicts if call.sizes else ():
        yield _of_rank(rank, call.sizes.called if call.sizes else (), call)
    for size in call.fitted.size_conflicts if call.fitted else ():
        yield _of_size(size, call.fitted.called if call.fitted else (), call)


def _of_rank(conflict: RankConflict, called: Sequence[str], call: EinsumCall) -> Finding:
    term, count = "".join(conflict.term), len(conflict.shape)
    axes = counted(count, "axis", "axes")
    named = len(conflict.term) - conflict.term.count(ELLIPSIS)
    needs = f"at least {named}" if ELLIPSIS in conflict.term else str(named)
    texts = dict.fromkeys(each.text for each in conflict.shape if each.text)
    notes = (f"it has {axes}: {text}" for text in texts)
    offset = next((each.offset for each in conflict.shape if each.offset is not None), None)
    operand = f"{called[conflict.operand]}{_in(offset, call)}"
    message = f"`{call.shown}`: {operand} has {axes}, `{term}` needs {needs}"
    return Finding(message, notes=tuple(notes))


def _of_size(conflict: SizeConflict, called: Sequence[str], call: EinsumCall) -> Finding:
    places = (conflict.first, conflict.second)
    sizes = " and ".join(
        f"{place.axis.size} in {called[place.operand]}{_in(place.axis.offset, call)}"
        for place in places
    )
    notes = _notes(conflict.index, [place.axis for place in places])
    return Finding(f"`{call.shown}`: `{conflict.index}` is {sizes}", notes=tuple(notes))


def _notes(index: str, axes: Sequence[Axis]) -> Iterator[str]:
    for axis in axes:
        if axis.text:
            yield f"`{index}` is {axis.size}: {axis.text}"


def _in(offset: int | None, call: EinsumCall) -> str:
    lines = call.site.lines
    return "" if offset is None else f" ({lines.describe_line(lines.line_number(offset))})"


RULE = Rule(
    "EIN004", "size-conflict", EinsumCall, check, page=__doc__ or "", severity=Severity.ERROR
)
