"""What a run dispatches, counted: FLOPs as torch counts them, and quickly."""

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch.utils import flop_counter
from torch.utils.flop_counter import FlopCounterMode

from einlint.verify.running.counting import count_dispatched

A, B = torch.ones(4, 3, 5, requires_grad=True), torch.ones(4, 5, 6, requires_grad=True)


@pytest.mark.parametrize(
    "run",
    [
        lambda: torch.einsum("bij,bjk->bik", A, B),
        lambda: torch.autograd.grad(torch.bmm(A, B).sum(), [A, B]),
        lambda: A[0] @ B[0],
        lambda: torch.tensordot(A, B[0], 1),
        lambda: torch.nn.functional.linear(A[0], A[1], torch.ones(3)),
        lambda: torch.baddbmm(torch.ones(4, 3, 6), A, B),
        lambda: torch.conv1d(A, torch.ones(2, 3, 2)),
        lambda: A * A,
    ],
)
def test_flops_are_those_of_torch(run: Callable[[], object]) -> None:
    with FlopCounterMode(display=False) as expected:
        run()
    assert count_dispatched(run).flops == expected.get_total_flops()


def test_products_with_vectors_count_too() -> None:
    """Torch counts none of them."""
    a, b = A[0], B[0, :, 0]
    assert count_dispatched(lambda: a @ b).flops == 2 * 3 * 5
    assert count_dispatched(lambda: b @ b).flops == 2 * 5
    assert count_dispatched(lambda: torch.addmv(torch.ones(3), a, b)).flops == 2 * 3 * 5


def test_counting_does_not_import_the_compiler() -> None:
    """That takes seconds, more than most runs of verify measure."""
    program = (
        "import sys, torch\n"
        "from einlint.verify.running.counting import count_dispatched\n"
        "a = torch.ones(3, 3)\n"
        "assert count_dispatched(lambda: torch.einsum('ij,jk->ik', a, a)).flops == 54\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_attention_on_a_cpu_counts_as_much_as_on_a_gpu() -> None:
    """Torch counts that of GPUs only."""
    q = torch.ones(2, 3, 5, 8, requires_grad=True)
    k, v = (torch.ones(2, 3, 7, 8, requires_grad=True) for _ in range(2))
    shapes = [each.shape for each in (q, k, v)]
    forward = flop_counter.sdpa_flop_count(*shapes)
    backward = flop_counter.sdpa_backward_flop_count(torch.Size((2, 3, 5, 8)), *shapes)

    def run() -> torch.Tensor:
        return torch.nn.functional.scaled_dot_product_attention(q, k, v)

    assert count_dispatched(run).flops == forward
    both = count_dispatched(lambda: torch.autograd.grad(run().sum(), [q, k, v]))
    assert both.flops == forward + backward


def test_counting_is_not_compiled_with_what_it_counts() -> None:
    """It was, once for every operator: that took longer than all the rest of `--compile`."""
    program = (
        "import torch, torch._dynamo\n"
        "from einlint.verify.running.counting import count_dispatched\n"
        "graphs = []\n"
        "def keep(module, inputs):\n"
        "    graphs.append(module)\n"
        "    return module.forward\n"
        "compiled = torch.compile(lambda a: (a @ a).sin() + 1, backend=keep)\n"
        "compiled(torch.ones(3, 3))\n"
        "assert count_dispatched(lambda: compiled(torch.ones(3, 3))).operators > 2\n"
        "assert len(graphs) == 1\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
