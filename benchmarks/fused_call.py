"""Where scaled_dot_product_attention is faster than attention written by hand, and where it is not.

    python benchmarks/fused_call.py

Each case runs both, eager and in turns, on one thread: the CPU time of the products over that of
the call, with its 99 % interval, and the largest difference of the results. `einlint verify` does
the same for the attention of a file.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from einlint.verify.running.backends.cpu import BACKEND
from einlint.verify.timing import Clock, Sampling, sample
from einlint.verify.verdict import speedup_of

HEADS, FEATURES = 8, 64


@dataclass(frozen=True, slots=True)
class Case:
    """A batch of query tokens against key tokens.

    is_flat: the batch has the heads too. is_spread: the call gets one axis more, of one head.
    is_turned: the heads are moved in front of the tokens by a transposition.
    is_apart: the features are moved behind the tokens by a transposition, and so do not lie next to
        each other in memory.
    is_biased: the scores get a parameter of the model, which is the mask of the call.
    """

    name: str
    batch: int
    queries: int
    keys: int
    dtype: torch.dtype = torch.float32
    is_masked: bool = False
    backward: bool = False
    is_flat: bool = False
    is_spread: bool = False
    is_turned: bool = False
    is_apart: bool = False
    is_biased: bool = False
    heads: int = HEADS
    features: int = FEATURES


CASES = [
    Case("512 tokens", 4, 512, 512),
    Case("512 tokens, mask", 4, 512, 512, is_masked=True),
    Case("512 tokens, backward", 4, 512, 512, backward=True),
    Case("2048 tokens", 1, 2048, 2048),
    Case("64 tokens", 8, 64, 64),
    Case("one query, 512 keys", 4, 1, 512),
    Case("64 tokens, three axes", 8, 64, 64, is_flat=True),
    Case("512 tokens, three axes", 4, 512, 512, is_flat=True),
    Case("64 tokens, three axes and one more", 8, 64, 64, is_flat=True, is_spread=True),
    Case("512 tokens, three axes and one more", 1, 512, 512, is_flat=True, is_spread=True),
    Case(
        "512 x 256, three axes and one more",
        1,
        512,
        512,
        is_flat=True,
        is_spread=True,
        features=256,
    ),
    Case("48 channels", 1, 48, 48, heads=4, features=4096),
    Case("48 channels, backward", 1, 48, 48, heads=4, features=4096, backward=True),
    Case("one query, 512 keys, turned", 4, 1, 512, is_turned=True),
    Case("one query, 512 keys, turned, backward", 4, 1, 512, is_turned=True, backward=True),
    Case("196 tokens, features apart", 2, 196, 196, is_apart=True),
    Case("196 tokens, features apart, backward", 2, 196, 196, is_apart=True, backward=True),
    Case("784 tokens, features apart", 2, 784, 784, is_apart=True),
    Case("784 tokens, features apart, backward", 2, 784, 784, is_apart=True, backward=True),
    Case("49 tokens, learned bias", 64, 49, 49, is_biased=True),
    Case("49 tokens, learned bias, backward", 64, 49, 49, is_biased=True, backward=True),
    Case("512 tokens, learned bias", 4, 512, 512, is_biased=True),
    Case("512 tokens, learned bias, backward", 4, 512, 512, is_biased=True, backward=True),
    Case("64 tokens, bfloat16", 8, 64, 64, torch.bfloat16),
    Case("64 tokens, bfloat16, backward", 8, 64, 64, torch.bfloat16, backward=True),
    Case("512 tokens, bfloat16", 4, 512, 512, torch.bfloat16),
    Case("one query, 512 keys, bfloat16", 4, 1, 512, torch.bfloat16),
    Case("512 tokens, float64", 4, 512, 512, torch.float64),
]


def by_hand(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """The products and the softmax between them."""
    scores = q @ k.transpose(-2, -1) * FEATURES**-0.5
    if mask is not None and mask.is_floating_point():
        scores = scores + mask
    elif mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(-1) @ v


def by_call(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """The one call."""
    return torch.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, scale=FEATURES**-0.5
    )


def by_call_of_one_head(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """The one call of three axes, which are given one more."""
    q, k, v = (each.unsqueeze(1) for each in (q, k, v))
    return by_call(q, k, v, mask).squeeze(1)


def measured(case: Case) -> str:
    """One row of the table."""
    batch = (case.batch * case.heads,) if case.is_flat else (case.batch, case.heads)
    shape, rest = ((*batch, count, case.features) for count in (case.queries, case.keys))
    made = [torch.randn(each, dtype=case.dtype) for each in (shape, rest, rest)]
    if case.is_turned:
        made = [each.transpose(1, 2).contiguous().transpose(1, 2) for each in made]
    if case.is_apart:
        made = [each.transpose(2, 3).contiguous().transpose(2, 3) for each in made]
    inputs = [each.requires_grad_(case.backward) for each in made]
    call = by_call_of_one_head if case.is_spread else by_call
    mask = torch.ones(case.queries, case.keys, dtype=torch.bool).tril() if case.is_masked else None
    if case.is_biased:
        bias = torch.randn(case.heads, case.queries, case.keys, dtype=case.dtype)
        mask = bias.requires_grad_()

    def runner(function: Callable[..., torch.Tensor]) -> Callable[[], object]:
        def forward() -> object:
            with torch.no_grad():
                return function(*inputs, mask)

        def both() -> object:
            learned = [*inputs, mask] if case.is_biased and mask is not None else inputs
            return torch.autograd.grad(function(*inputs, mask).sum(), learned)

        return both if case.backward else forward

    sides = [runner(by_hand), runner(call)]
    sampling = Sampling([BACKEND.timer("run()", {"run": each}, 1) for each in sides])
    sample([sampling], lambda: 1.0)
    speedup = speedup_of(*sampling.samples(), Clock.CPU)
    assert speedup is not None
    error = (by_hand(*inputs, mask) - call(*inputs, mask)).abs().max().item()
    interval = f"{speedup.low:.2f} to {speedup.high:.2f}"
    return f"| {case.name} | {speedup.median:.2f} | {interval} | {error:.0e} |"


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, CPU, one thread, {HEADS} heads of {FEATURES} features")
    print("| case | by hand / call | 99 % interval | difference |\n|---|---|---|---|")
    for case in CASES:
        print(measured(case), flush=True)
    rows = torch.zeros(1, 4, dtype=torch.bool)
    q, k, v = (torch.ones(1, 1, count, FEATURES) for count in (1, 4, 4))
    print(
        f"a row that is masked as a whole: {by_hand(q, k, v, rows).flatten()[0].item()} by hand,",
        end="",
    )
    print(f" {by_call(q, k, v, rows).flatten()[0].item()} by the call")


if __name__ == "__main__":
    main()
