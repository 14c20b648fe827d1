"""Measure which forms of attention torch.compile fuses, and what that is worth.

    python benchmarks/attention.py [--size b=4,h=8,n=512,d=64] [--quick]

Every form is written with einsum, with the text that einlint's fix makes of that, and with
scaled_dot_product_attention. It prints a Markdown table: whether plain `--fix` writes both products
(else `--unsafe-fixes` with `not-slower` does), whether Inductor fuses the einsum and the `@` form,
the milliseconds of a run, and how many times as much time and peak memory the compiled einsum form
takes as the compiled `@` form. Times are medians of interleaved runs on one thread. The forms are
compiled without the caches of torch; that takes most of the time, less than ten minutes in all, and
less than two with --quick.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import torch
import torch._functorch.config
import torch._inductor.config
from torch._dynamo.utils import counters

from einlint import Settings, fix_source
from einlint.rewriting.fused import Form, Step
from einlint.verify.running.backends.cpu import BACKEND

Attention: TypeAlias = Callable[..., torch.Tensor]

# What a step does to the scores `s`; `m` is a mask to be added, `b` one of bools.
TEXTS: Final = {
    Step.MUL: "s = s * 0.125",
    Step.DIV: "s = s / 8.0",
    Step.ADD: "s = s + m",
    Step.MASKED_FILL: 's = s.masked_fill(b, float("-inf"))',
    Step.WHERE: 's = torch.where(b, float("-inf"), s)',
    Step.MINUS_MAXIMUM: "s = s - s.amax(-1, keepdim=True)",
    Step.FLOAT32: "s = s.float()",
    Step.SOFTMAX: "s = s.softmax(-1)",
    Step.CAST: "s = s.to(v.dtype)",
    Step.DROPOUT: "s = F.dropout(s, 0.1, False)",
}
# The equations of both products, the axes of an operand, and what is done to the operands before.
LAYOUTS: Final = {
    "b h n d": ("bhqd,bhkd->bhqk", "bhqk,bhkd->bhqd", "bhnd", ""),
    "b h n d, transposed heads": (
        "bhqd,bhkd->bhqk",
        "bhqk,bhkd->bhqd",
        "bnhd",
        "q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)",
    ),
    "b h n d, transposed heads but keys": (
        "bhqd,bhkd->bhqk",
        "bhqk,bhkd->bhqd",
        "bnhd",
        "q, k, v = q.transpose(1, 2), k.transpose(1, 2).contiguous(), v.transpose(1, 2)",
    ),
    "b n h d": ("bqhd,bkhd->bhqk", "bhqk,bkhd->bqhd", "bnhd", ""),
    "b n d": ("bqd,bkd->bqk", "bqk,bkd->bqd", "xnd", ""),
}
BEFORE: Final = "q = q * 0.125"
_SCALES: Final = (Step.MUL, Step.DIV)
_FEWEST_RUNS, _MOST_RUNS, _SECONDS = 5, 21, 2.0


@dataclass(frozen=True, slots=True)
class Variant:
    """One row: the steps, the layout of the operands, and whether gradients are computed.

    is_scaled_first: the query is scaled, not the scores.
    """

    form: Form
    layout: str = "b h n d"
    is_training: bool = False
    is_scaled_first: bool = False

    @property
    def name(self) -> str:
        """The steps as text."""
        steps = [each.value for each in self.form]
        return ", ".join(["q * number", *steps] if self.is_scaled_first else steps)


def variants() -> Iterator[Variant]:
    """All rows; those of --quick come first."""
    mul, div, add, softmax = (Step.MUL,), (Step.DIV,), (Step.ADD,), (Step.SOFTMAX,)
    single = (Step.FLOAT32, Step.SOFTMAX, Step.CAST)
    transposed = "b h n d, transposed heads"
    for between in (mul, div, (*div, *add)):
        yield Variant((*between, *softmax))
    yield Variant((*mul, *add, *softmax))
    yield Variant(softmax)
    for between in (mul, div, (*div, *add)):
        yield Variant((*between, *single))
    yield Variant(softmax, is_scaled_first=True)
    for step in (Step.MASKED_FILL, Step.WHERE, Step.MINUS_MAXIMUM):
        yield Variant((*div, step, *softmax))
    yield Variant((*mul, Step.MASKED_FILL, *softmax))
    for between in (mul, div, (*div, *add)):
        for end in (softmax, single):
            yield Variant((*between, *end), transposed)
    yield Variant(softmax, transposed)
    yield Variant((*mul, *softmax), f"{transposed} but keys")
    for between in (mul, (*div, *add)):
        yield Variant((*between, *softmax), "b n h d")
    for between in ((), mul):
        yield Variant((*between, *softmax), "b n d")
    for form in ((*mul, *softmax), (*div, *add, *softmax), (*mul, *single)):
        yield Variant(form, is_training=True)
    yield Variant((*mul, *softmax), transposed, is_training=True)


_QUICK: Final = 5


def source_of(variant: Variant) -> str:
    """The form as a function, written with einsum."""
    scores, values, _, views = LAYOUTS[variant.layout]
    body = [
        *([views] if views else []),
        *([BEFORE] if variant.is_scaled_first else []),
        f's = torch.einsum("{scores}", q, k)',
        *(TEXTS[step] for step in variant.form),
        f'return torch.einsum("{values}", s, v)',
    ]
    return _function(body)


def fused_source(variant: Variant) -> str:
    """The same with scaled_dot_product_attention."""
    is_scaled = variant.is_scaled_first or any(step in variant.form for step in _SCALES)
    masks = {Step.ADD: "m", Step.MASKED_FILL: "~b", Step.WHERE: "~b"}
    mask = next((masks[step] for step in variant.form if step in masks), "None")
    _, _, axes, views = LAYOUTS[variant.layout]
    is_moved = not views and axes == "bnhd"
    moved = LAYOUTS["b h n d, transposed heads"][3]
    call = f"F.scaled_dot_product_attention(q, k, v, {mask}, scale={0.125 if is_scaled else 1.0})"
    before = views or (moved if is_moved else "")
    end = ".transpose(1, 2)" if is_moved else ""
    return _function([*([before] if before else []), f"return {call}{end}"])


def _function(body: list[str]) -> str:
    head = "import torch\nfrom torch.nn import functional as F\n\n\ndef attention(q, k, v, m, b):\n"
    return head + "".join(f"    {line}\n" for line in body)


def fixed(source: str) -> tuple[str, bool]:
    """What einlint makes of it, and whether plain --fix did."""
    plain = fix_source(source).text
    if "einsum" not in plain:
        return plain, True
    return fix_source(source, settings=Settings(assume=("not-slower",)), unsafe=True).text, False


def function_of(source: str) -> Attention:
    """The function that a source defines."""
    names: dict[str, Any] = {}
    exec(compile(source, "attention.py", "exec"), names)
    function: Attention = names["attention"]
    return function


def compiled(function: Attention, operands: list[torch.Tensor]) -> tuple[Attention, bool]:
    """The compiled function, and whether Inductor fused its attention."""
    torch.compiler.reset()
    counters.clear()
    result = torch.compile(function, fullgraph=True, dynamic=False)
    run(result, operands)
    return result, counters["inductor"]["fuse_attention"] > 0


def run(function: Attention, operands: list[torch.Tensor]) -> object:
    """One run, with gradients if the operands require them."""
    result = function(*operands)
    if result.requires_grad:
        return torch.autograd.grad(result, operands[:3], torch.ones_like(result))
    return result


def operands_of(variant: Variant, sizes: dict[str, int]) -> list[torch.Tensor]:
    """The query, key and value, a mask of numbers and one of bools that leaves a key to each."""
    made = torch.Generator().manual_seed(0)
    known = {**sizes, "x": sizes["b"] * sizes["h"]}
    shape = [known[axis] for axis in LAYOUTS[variant.layout][2]]
    count = sizes["n"]
    drawn = [torch.randn(shape, generator=made) for _ in range(3)]
    if variant.is_training:
        drawn = [each.requires_grad_() for each in drawn]
    later = torch.ones(count, count, dtype=torch.bool).triu(1)
    return [*drawn, torch.randn(count, count, generator=made), later]


def milliseconds(sides: list[Attention], operands: list[torch.Tensor]) -> list[float]:
    """The median time of each side; the sides take turns."""
    taken: list[list[float]] = [[] for _ in sides]
    end = time.perf_counter() + _SECONDS * len(sides) / 2
    for turn in range(_MOST_RUNS):
        if turn >= _FEWEST_RUNS and time.perf_counter() > end:
            break
        for side, times in zip(sides, taken, strict=True):
            start = time.perf_counter()
            run(side, operands)
            times.append(1000 * (time.perf_counter() - start))
    return [statistics.median(times[1:]) for times in taken]


def row(variant: Variant, sizes: dict[str, int]) -> str:
    """One row of the table."""
    operands = operands_of(variant, sizes)
    source = source_of(variant)
    text, is_plain = fixed(source)
    functions = [function_of(each) for each in (source, text, fused_source(variant))]
    with torch.set_grad_enabled(variant.is_training):
        expected = functions[0](*operands)
        for each in functions[1:]:
            torch.testing.assert_close(each(*operands), expected, rtol=1e-3, atol=1e-3)
        pairs = [compiled(each, operands) for each in functions]
        for each, _ in pairs:
            torch.testing.assert_close(each(*operands), expected, rtol=1e-3, atol=1e-3)
        one, other, sdpa = (each for each, _ in pairs)
        times = milliseconds([functions[0], functions[1], one, other, sdpa], operands)
        device = torch.device("cpu")
        runs = [lambda side=side: run(side, operands) for side in (one, other)]
        memory = [peak or 1 for peak in BACKEND.peak_bytes(runs, device)]
    cells = [
        variant.name,
        variant.layout,
        "training" if variant.is_training else "inference",
        *("yes" if each else "no" for each in (is_plain, pairs[1][1], pairs[0][1])),
        *(f"{each:.1f}" for each in times),
        f"{times[2] / times[3]:.1f}",
        f"{memory[0] / memory[1]:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Attention under torch.compile.")
    parser.add_argument("--size", default="b=4,h=8,n=512,d=64")
    parser.add_argument("--quick", action="store_true", help="only the first forms")
    options = parser.parse_args()
    sizes = {
        name: int(size) for name, size in (each.split("=") for each in options.size.split(","))
    }
    torch.set_num_threads(1)
    torch._inductor.config.fx_graph_cache = False
    torch._functorch.config.enable_autograd_cache = False
    print(f"torch {torch.__version__}, {BACKEND.describe(torch.device('cpu'))} CPU, one thread,")
    print(f"float32, {options.size}; times in ms\n")
    columns = ["steps", "layout", "mode", "plain --fix", "`@` fused", "einsum fused", "einsum"]
    columns += ["`@`", "einsum compiled", "`@` compiled", "sdpa compiled", "time", "memory"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    chosen = list(variants())[: _QUICK if options.quick else None]
    for variant in chosen:
        print(row(variant, sizes), flush=True)


if __name__ == "__main__":
    main()
