"""Where scaled_dot_product_attention is faster than attention written by hand, and where it is not.

    python benchmarks/fused_call.py

Each case runs both, eager and interleaved, on one thread: the median of the times of the products
over that of the call, with the quartiles, and the largest difference of the results.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

import torch

ROUNDS, SECONDS = 15, 0.15
HEADS, FEATURES = 8, 64


@dataclass(frozen=True, slots=True)
class Case:
    """A batch of query tokens against key tokens."""

    name: str
    batch: int
    queries: int
    keys: int
    dtype: torch.dtype = torch.float32
    is_masked: bool = False
    backward: bool = False


CASES = [
    Case("512 tokens", 4, 512, 512),
    Case("512 tokens, mask", 4, 512, 512, is_masked=True),
    Case("512 tokens, backward", 4, 512, 512, backward=True),
    Case("2048 tokens", 1, 2048, 2048),
    Case("64 tokens", 8, 64, 64),
    Case("one query, 512 keys", 4, 1, 512),
    Case("64 tokens, bfloat16", 8, 64, 64, torch.bfloat16),
    Case("512 tokens, bfloat16", 4, 512, 512, torch.bfloat16),
    Case("one query, 512 keys, bfloat16", 4, 1, 512, torch.bfloat16),
    Case("512 tokens, float64", 4, 512, 512, torch.float64),
]


def by_hand(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """The products and the softmax between them."""
    scores = q @ k.transpose(-2, -1) * FEATURES**-0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(-1) @ v


def by_call(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """The one call."""
    return torch.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, scale=FEATURES**-0.5
    )


def timed(run: Callable[[], object], count: int) -> float:
    """Seconds for each of some runs."""
    start = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - start) / count


def measured(case: Case) -> str:
    """One row of the table."""
    shape = (case.batch, HEADS, case.queries, FEATURES)
    rest = (case.batch, HEADS, case.keys, FEATURES)
    inputs = [
        torch.randn(each, dtype=case.dtype, requires_grad=case.backward)
        for each in (shape, rest, rest)
    ]
    mask = torch.ones(case.queries, case.keys, dtype=torch.bool).tril() if case.is_masked else None

    def runner(function: Callable[..., torch.Tensor]) -> Callable[[], object]:
        def forward() -> object:
            with torch.no_grad():
                return function(*inputs, mask)

        def both() -> object:
            return torch.autograd.grad(function(*inputs, mask).sum(), inputs)

        return both if case.backward else forward

    one, other = runner(by_hand), runner(by_call)
    count = max(1, int(SECONDS / ROUNDS / max(timed(one, 2), 1e-6)))
    pairs = [(timed(one, count), timed(other, count)) for _ in range(ROUNDS)]
    ratios = [left / right for left, right in pairs]
    low, _, high = quantiles(ratios, n=4)
    error = (by_hand(*inputs, mask) - by_call(*inputs, mask)).abs().max().item()
    return f"| {case.name} | {median(ratios):.2f} | {low:.2f}-{high:.2f} | {error:.0e} |"


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, CPU, one thread, {HEADS} heads of {FEATURES} features")
    print("| case | by hand / call | quartiles | difference |\n|---|---|---|---|")
    for case in CASES:
        print(measured(case))
    rows = torch.zeros(1, 4, dtype=torch.bool)
    q, k, v = (torch.ones(1, 1, count, FEATURES) for count in (1, 4, 4))
    print(
        f"a row that is masked as a whole: {by_hand(q, k, v, rows).flatten()[0].item()} by hand,",
        end="",
    )
    print(f" {by_call(q, k, v, rows).flatten()[0].item()} by the call")


if __name__ == "__main__":
    main()
