"""Measure einsum, matmul and scaled_dot_product_attention, each eager and compiled.

    python benchmarks/attention.py [--size b=4,h=8,n=512,d=64] [--quick]

Every form is written with einsum, with the text that einlint's fix makes of that, and with
scaled_dot_product_attention (SDPA). It prints Markdown tables. The first one has milliseconds and
MiB: whether plain `--fix` writes both products (else `--unsafe-fixes` with `not-slower` does),
whether Inductor fuses the einsum and the `@` form, and for all six the CPU time of a run and its
peak memory. The second one has ratios, each with its 99 % interval: all six sides take turns in one
run, and what is compared is each visit with itself (`einlint/verify/timing.py`). One thread; the
CPU time of a thread does not count what others do meanwhile. The forms are compiled without the
caches of torch; that takes most of the time, about ten minutes in all, and one with --quick.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import torch
import torch._functorch.config
import torch._inductor.config
from torch._dynamo.utils import counters

from einlint import Settings, fix_source
from einlint.rewriting.fused import Form, Step
from einlint.verify.report import Speedup
from einlint.verify.running.backends.cpu import BACKEND
from einlint.verify.running.measure import spread
from einlint.verify.timing import Clock, Sampling, TimeBlock, sample
from einlint.verify.verdict import speedup_of

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
SIDES: Final = ("einsum", "`@`", "SDPA", "einsum compiled", "`@` compiled", "SDPA compiled")
# What is compared: how many times as long the first one takes.
RATIOS: Final = ((0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (0, 5))


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


def timer_of(side: Attention, operands: list[torch.Tensor]) -> TimeBlock:
    """Times blocks of runs of a side."""
    return BACKEND.timer("run(side, operands)", {"run": run, "side": side, "operands": operands}, 1)


def rows(variant: Variant, sizes: dict[str, int]) -> tuple[str, str]:
    """The row of each table."""
    operands = operands_of(variant, sizes)
    source = source_of(variant)
    text, is_plain = fixed(source)
    functions = [function_of(each) for each in (source, text, fused_source(variant))]
    with torch.set_grad_enabled(variant.is_training):
        expected = functions[0](*operands)
        pairs = [compiled(each, operands) for each in functions]
        sides = [*functions, *(each for each, _ in pairs)]
        for each in sides[1:]:
            torch.testing.assert_close(each(*operands), expected, rtol=1e-3, atol=1e-3)
        sampling = Sampling([timer_of(side, operands) for side in sides])
        sample([sampling], lambda: 1.0)
        runs = [lambda side=side: run(side, operands) for side in sides]
        peaks = BACKEND.peak_bytes(runs, torch.device("cpu"))
    name = [variant.name, variant.layout, "training" if variant.is_training else "inference"]
    fused = (is_plain, pairs[1][1], pairs[0][1])
    samples = sampling.samples()
    spreads = [spread(each, Clock.CPU) for each in samples]
    times = [f"{1000 * each.median:.2f}" for each in spreads if each is not None]
    memory = [f"{(each or 0) / 2**20:.1f}" for each in peaks]
    first = [*name, *("yes" if each else "no" for each in fused), *times, *memory]
    ratios = [ratio(speedup_of(samples[a], samples[b], Clock.CPU)) for a, b in RATIOS]
    shares = [f"{(peaks[a] or 1) / (peaks[b] or 1):.1f}" for a, b in RATIOS]
    return line(first), line([*name, *ratios, *shares])


def ratio(speedup: Speedup | None) -> str:
    """As in 2.91 (2.88 to 2.95)."""
    if speedup is None:
        return "-"
    return f"{speedup.median:.2f} ({speedup.low:.2f} to {speedup.high:.2f})"


def line(cells: list[str]) -> str:
    """One row of a table."""
    return f"| {' | '.join(cells)} |"


def header(columns: list[str]) -> str:
    """The first rows of a table."""
    return f"{line(columns)}\n|{'---|' * len(columns)}"


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
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # the profiler prints its start and stop
    torch._inductor.config.fx_graph_cache = False
    torch._functorch.config.enable_autograd_cache = False
    print(f"torch {torch.__version__}, {BACKEND.describe(torch.device('cpu'))} CPU, one thread,")
    print(f"float32, {options.size}; CPU time and peak memory\n")
    about = ["steps", "layout", "mode"]
    columns = [*about, "plain --fix", "`@` fused", "einsum fused"]
    columns += [f"{each} {unit}" for unit in ("ms", "MiB") for each in SIDES]
    print(header(columns))
    second = []
    try:
        for variant in list(variants())[: _QUICK if options.quick else None]:
            one, other = rows(variant, sizes)
            print(one, flush=True)
            second.append(other)
    finally:  # of what was measured before Ctrl-C too
        compared = [f"{SIDES[one]} / {SIDES[other]}" for one, other in RATIOS]
        print("\nRatios: of CPU time with their 99 % intervals, then of peak memory\n")
        print(header([*about, *compared, *(f"{each} memory" for each in compared)]))
        print("\n".join(second))


if __name__ == "__main__":
    main()
