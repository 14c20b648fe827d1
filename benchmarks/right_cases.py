"""Count right replacements that the comparison of verify calls wrong: there must be none.

    python benchmarks/right_cases.py [--count 3000] [--seed N] [-v]

Each case is a random equation of one to three operands, one of its right spellings, sizes from 1
up, and a dtype. The spellings are all plans that fixes are chosen from, and others that a person
may write: the operands in another order, multiply and sum, one sum after another, products of
copies, two products after each other. Each spelling is tested as verify does it: on small operands
of all kinds once, then at the sizes of the case. Prints every false `wrong`; exit code 1 if there
is one.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from math import prod
from typing import Final

import torch

from einlint.algebra.contraction import contraction_of
from einlint.algebra.equation import ELLIPSIS, Equation, parse
from einlint.algebra.roles import index_roles
from einlint.linting.pairing import Pair
from einlint.rewriting.choose import plans
from einlint.rewriting.dialects.style import Style
from einlint.rewriting.dialects.text import operand_names
from einlint.rewriting.dialects.torch import spell
from einlint.verify.case import Site
from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.running.correctness import compare_sides
from einlint.verify.running.pair_operands import ComparisonInputs
from einlint.verify.running.probe import find_right_reading
from einlint.verify.running.tensors import shapes_of

DTYPES: Final = (
    *(torch.float32, torch.float64, torch.bfloat16, torch.float16),
    *(torch.complex64, torch.complex128, torch.int64, torch.int32, torch.uint8),
)
SIZES: Final = (1, 1, 2, 3, 5, 8, 17, 32, 64, 257)
MOST_PRODUCTS: Final = 2**18
MANY_PRODUCTS: Final = 2**24  # of a few cases, of which verify compares a part with float64
LETTERS: Final = "abcde"
# Equations that code is full of; half of the cases have one of them.
COMMON: Final = (
    *("i,i->", "ij,j->i", "ij,i->j", "ij,jk->ik", "ij,kj->ik", "ji,jk->ik", "ik,kj->ji"),
    *("bij,bjk->bik", "bhqd,bhkd->bhqk", "bhqk,bhkd->bhqd", "bij,jk->bik", "ij,bjk->bik"),
    *("bqhd,bkhd->bhqk", "bij,bj->bi", "bi,bi->b", "ij,ij->", "i,j->ij", "bi,bj->bij"),
    *("ij,ij->ij", "ij,j->ij", "ij->ji", "bij->ijb", "ij->i", "ij->", "ii->i", "ii->"),
    *("...ij,...jk->...ik", "...i,ij->...j", "...ij->...ji", "...i,...i->...", "...ij->...i"),
    *("bchw,kc->bkhw", "bhij,bhjk,k->bhi", "ij,jk,kl->il", "i,ij,j->", "a,a,a->a"),
)
CPU: Final = torch.device("cpu")


def main() -> int:
    parser = argparse.ArgumentParser(description="False `wrong` among right replacements.")
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-v", action="store_true", help="print the number of cases of each dtype")
    options = parser.parse_args()
    torch.set_num_threads(1)
    started, dtypes = time.process_time(), Counter[str]()
    faults: list[str] = []
    for equation, text, shapes, dtype in right_cases(options.count, options.seed):
        dtypes[str(dtype)] += 1
        fault = fault_of(equation, text, shapes, dtype)
        if fault is not None:
            faults.append(fault)
            print(f"{equation}  {text}  {shapes}  {dtype}: {fault}", flush=True)
    seconds = time.process_time() - started
    if options.v:
        print(", ".join(f"{name} {number}" for name, number in sorted(dtypes.items())))
    spellings = _small_fault.cache_info().currsize
    print(
        f"{options.count} cases of {spellings} spellings, {seconds:.0f} s of CPU time:"
        f" {len(faults)} false `wrong`"
    )
    return 1 if faults else 0


def right_cases(
    count: int, seed: int
) -> Iterator[tuple[str, str, Sequence[Sequence[int]], torch.dtype]]:
    """Equations, right replacements, shapes and dtypes at random; equal for equal arguments."""
    chance = random.Random(seed)
    made = 0
    while made < count:
        text = chance.choice(COMMON) if chance.random() < 0.5 else _random_equation(chance)
        equation = parse(text)
        found = spellings(equation)
        if not found:
            continue
        sizes = {label: chance.choice(SIZES) for label in equation.labels}
        most = MOST_PRODUCTS if chance.random() < 0.98 else MANY_PRODUCTS
        while prod(sizes.values()) > most:
            sizes[max(sizes, key=lambda label: sizes[label])] //= 2
        ellipsis = [chance.choice(SIZES[:5]) for _ in range(chance.randrange(4))]
        shapes, dtype = shapes_of(equation, sizes, ellipsis), chance.choice(DTYPES)
        if _runs(equation, shapes, dtype):
            yield text, chance.choice(found), shapes, dtype
            made += 1


def _runs(equation: Equation, shapes: Sequence[Sequence[int]], dtype: torch.dtype) -> bool:
    """Whether einsum takes the operands: a sum of integers before a product has another dtype."""
    try:
        torch.einsum(str(equation), *(torch.ones(shape, dtype=dtype) for shape in shapes))
    except RuntimeError:
        return False
    return True


def fault_of(
    equation: str, text: str, shapes: Sequence[Sequence[int]], dtype: torch.dtype
) -> str | None:
    """What the comparison says against a replacement."""
    small = _small_fault(equation, text)
    if small is not None:
        return small
    inputs = ComparisonInputs(tuple(map(tuple, shapes)), dtype, CPU, CPU)
    try:
        return compare_sides(_rewrite(equation, text), text, inputs).fault
    except RuntimeError as error:
        return f"{type(error).__name__}: {error}"


@cache
def _small_fault(equation: str, text: str) -> str | None:
    fault = find_right_reading(_rewrite(equation, text))[1]
    return None if fault is None else f"{fault.text} ({fault.dtype})"


def _rewrite(equation: str, text: str) -> FoundRewrite:
    parsed = parse(equation)
    names = tuple(each.source for each in operand_names(len(parsed.inputs)))
    call = f"torch.einsum({equation!r}, {', '.join(names)})"
    return FoundRewrite(Pair(parsed, names, call, (text,)), (Site("right.py", 1),))


def spellings(equation: Equation) -> list[str]:
    """All right spellings that are known, in a fixed order."""
    names = operand_names(len(equation.inputs))
    offered = [
        spell(plan.expression, names, Style(), "torch").source
        for plan in plans(contraction_of(equation))
    ]
    return list(dict.fromkeys([*offered, *_others(equation, [each.source for each in names])]))


def _others(equation: Equation, names: Sequence[str]) -> Iterator[str]:
    """What a person may write instead."""
    terms, output = ["".join(term) for term in equation.inputs], "".join(equation.output)
    copies = ", ".join(f"{name}.contiguous()" for name in names)
    yield f"torch.einsum('{','.join(terms)}->{output}', {copies})"
    if len(terms) == 1:
        summed = [label for label in terms[0] if label not in output]
        if len(summed) > 1 and len(set(terms[0])) == len(terms[0]) and ELLIPSIS not in terms[0]:
            axes = sorted((terms[0].index(label) for label in summed), reverse=True)
            kept = [label for label in terms[0] if label in output]
            order = [kept.index(label) for label in output]
            sums = "".join(f".sum({axis})" for axis in axes)
            yield f"{names[0]}{sums}.permute({order})"
        return
    roles = index_roles(equation)
    is_plain = not roles.summed and not roles.diagonal
    if len(terms) == 2 or is_plain:  # a sum of integers before a product changes their dtype
        swapped = ",".join(reversed(terms))
        yield f"torch.einsum('{swapped}->{output}', {', '.join(reversed(names))})"
    if len(terms) == 3 and is_plain:
        inner = [label for label in equation.labels if label in equation.inputs[1]]
        inner += [label for label in equation.inputs[2] if label not in inner]
        first = {*equation.inputs[0], *equation.output}
        kept = "".join(label for label in inner if label in first)
        later = f"torch.einsum('{terms[1]},{terms[2]}->{kept}', {names[1]}, {names[2]})"
        yield f"torch.einsum('{terms[0]},{kept}->{output}', {names[0]}, {later})"
    if len(terms) == 2 and is_plain and roles.contracted:
        yield from _multiplied(equation, names)


def _multiplied(equation: Equation, names: Sequence[str]) -> Iterator[str]:
    """Multiply and sum, with the axes of the output first."""
    if ELLIPSIS in equation.labels:
        return
    order = [*equation.output, *(each for each in equation.labels if each not in equation.output)]
    parts = []
    for name, term in zip(names, equation.inputs, strict=True):
        axes = [term.index(label) for label in order if label in term]
        shown = ", ".join(":" if label in term else "None" for label in order)
        parts.append(f"{name}.permute({axes})[{shown}]")
    summed = list(range(len(equation.output), len(order)))
    yield f"({' * '.join(parts)}).sum({summed}, dtype={names[0]}.dtype)"


def _random_equation(chance: random.Random) -> str:
    """One to three terms of up to four letters; sometimes one letter twice, or `...`."""
    letters = LETTERS[: chance.randint(2, len(LETTERS))]
    terms = []
    for _ in range(chance.choice((1, 2, 2, 2, 2, 3))):
        term = chance.sample(letters, chance.randint(1, min(4, len(letters))))
        if chance.random() < 0.08:
            term.append(chance.choice(term))
        terms.append("".join(term))
    present = sorted({letter for term in terms for letter in term})
    output = "".join(chance.sample(present, chance.randint(0, min(4, len(present)))))
    if chance.random() < 0.15:
        return f"{','.join(ELLIPSIS + term for term in terms)}->{ELLIPSIS}{output}"
    return f"{','.join(terms)}->{output}"


if __name__ == "__main__":
    sys.exit(main())
