"""Wrong replacements, and what the comparison of verify says of each."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """A replacement that is wrong.

    wrong: what is wrong with it.
    said: what the comparison says, in part; None if it does not look for this.
    reason: why it does not look for it.
    original: the call, if it is not einsum of the equation alone.
    """

    equation: str
    replacement: str
    wrong: str
    said: str | None
    reason: str = ""
    original: str | None = None


_LOOP = "sum((a[:, [k]] * b[[k]] for k in range(max(a.shape[1], len(b)))), start=a[:, :0] @ b[:0])"
_SECOND = "a @ b.detach() + a.detach() @ b - (a @ b).detach()"
_STACKED = "torch.stack([x @ y for x, y in zip(a, b)])"

CAUGHT: Final = tuple(
    PlantedFault(*each)
    for each in (
        # Operands and axes.
        ("ij,jk->ik", "b @ a", "operands change places", "it raises"),
        (
            *("ij,jk->ik", "b @ a if a.shape == b.shape else a @ b"),
            *("operands change places on squares only", "where all sizes are equal"),
        ),
        ("ij,kj->ik", "a @ b", "a transpose is missing", "it raises"),
        (
            *("ij,kj->ik", "a @ (b if b.shape[0] == b.shape[1] else b.T)"),
            *("a transpose is missing on squares", "where all sizes are equal"),
        ),
        ("ij,jk->ik", "(a @ b).T", "the result is transposed", "another shape"),
        ("ij->i", "a.sum(0)", "another axis is summed", "another shape"),
        ("bij->bj", "a.sum(2)", "another axis is summed", "another shape"),
        ("ij->ji", "a.reshape(a.shape[1], a.shape[0])", "reshape for transpose", "other values"),
        ("bij,bjk->bik", "a.flip(0) @ b", "batches in another order", "other values"),
        ("bij,bjk->bik", "a[:1] @ b", "one batch for all", "other values"),
        (
            *("bhij->bij", "a.reshape(a.shape[1], a.shape[0], *a.shape[2:]).sum(0)"),
            *("a reshape that mixes two axes", "other values"),
        ),
        ("ij,jk->ik", "a[:, 1:] @ b[1:]", "the first product is left out", "other values"),
        ("ij,jk,kl->il", "a @ b @ c.flip(0)", "one of three operands is reversed", "other values"),
        ("a,a,a->a", "a * b * b", "one of three operands is used twice", "other values"),
        # Arithmetic.
        (
            *("ij,jk->ik", "a @ b", "a scale is missing", "other values", ""),
            "torch.einsum('ij,jk->ik', a, b) * 2",
        ),
        ("ij,jk->ik", "a @ b + 1", "one too many", "other values"),
        ("ij,ij->", "(a * b).sum() * 1.0001", "wrong by a ten-thousandth", "other values"),
        ("ij->i", "a.mean(1)", "mean for sum", "other values"),
        ("ij->i", "a.prod(1)", "product for sum", "other values"),
        ("ij,kl->il", "a[:, :1] * b[:1]", "two sums are left out", "other values"),
        ("i,i->", "torch.vdot(a, b)", "the first operand is conjugated", "other values"),
        ("ij,jk->ik", "a @ b.mH.mT", "the second operand is conjugated", "other values"),
        ("ii->", "a.sum()", "all elements instead of the diagonal", "other values"),
        ("ii->i", "a[0]", "a row instead of the diagonal", "other values"),
        ("iij->ij", "a[0]", "a slice instead of the diagonal", "other values"),
        # Dtypes.
        ("ij,jk->ik", "(a @ b).float()", "always float32", "another dtype"),
        ("bi,bi->b", "(a * b).sum(-1)", "small integers are summed as int64", "another dtype"),
        ("ij->i", "a.sum(-1, dtype=a.dtype)", "small integers stay small", "another dtype"),
        ("ij,ij->ij", "a * b.to(a.dtype)", "the first of two dtypes wins", "of two dtypes"),
        (
            "ij,jk->ik",
            "a @ b if a.is_floating_point() or a.is_complex()"
            " else (a.double() @ b.double()).to(a.dtype)",
            *("integers are multiplied in float64", "with large integers"),
        ),
        # Accuracy.
        (
            *("ij,jk->ik", _LOOP),
            *("a sum accumulated in half precision", "with random numbers in bfloat16"),
        ),
        (
            *("ij,jk->ik", f"a @ b if a.dtype is not torch.float16 else {_LOOP}"),
            *("a sum accumulated in float16", "with random numbers in float16"),
        ),
        (
            "ij,jk->ik",
            "a @ b if a.dtype is not torch.float16 else (a.bfloat16() @ b.bfloat16()).half()",
            *("float16 by way of bfloat16", "with random numbers in float16"),
        ),
        (
            "ij,jk->ik",
            "a @ b if a.dtype is not torch.float32 else (a.bfloat16() @ b.bfloat16()).float()",
            *("float32 by way of bfloat16", "with random numbers in float32"),
        ),
        (
            *("ij->ji", "a.T if a.dtype is not torch.float64 else a.T.float().double()"),
            *("float64 by way of float32", "with random numbers in float64"),
        ),
        (
            *("ij->ji", "a.T if a.dtype is not torch.float16 else a.T.bfloat16().half()"),
            *("a permutation that rounds", "with random numbers in float16"),
        ),
        # Values at the edges.
        (
            "ij,jk->ik",
            "(a @ b).nan_to_num() if a.is_floating_point() else a @ b",
            *("not-a-number and infinity are swallowed", "holds nan"),
        ),
        ("ij,jk->ik", "torch.where(a == a, a, 0) @ b", "one operand loses its nan", "holds nan"),
        ("ij->i", "torch.where(a == a, a, 0).sum(1)", "a sum that leaves out nan", "holds nan"),
        (
            "ij,jk->ik",
            "(a @ b).clamp(-3e38, 3e38) if a.dtype is torch.float32 else a @ b",
            *("infinity is clamped", "holds inf"),
        ),
        (
            "ij,jk->ik",
            "torch.where((a @ b).isinf(), 0, a @ b) if a.is_floating_point() else a @ b",
            *("infinity becomes 0", "holds inf"),
        ),
        (
            "ij,jk->ik",
            "torch.where(a == float('-inf'), -1e30, a) @ b if a.dtype is torch.float32 else a @ b",
            *("minus infinity becomes finite", "holds -inf"),
        ),
        (
            *("ii->i", "(a * torch.eye(len(a), dtype=a.dtype)).sum(-1, dtype=a.dtype)"),
            *("the mask of a diagonal lets nan through", "holds nan"),
        ),
        (
            "ij,jk->ik",
            "(a @ b).where((a @ b).abs().nan_to_num(0, 0, 0) < 1e9, 1e9)"
            " if a.dtype is torch.float32 else a @ b",
            *("large results are clamped", "with large numbers"),
        ),
        (
            "ij,jk->ik",
            "(a * 2.0**100 @ b) / 2.0**100 if a.dtype is torch.float32 else a @ b",
            *("a scale that overflows", "with large numbers"),
        ),
        (
            "ij,jk->ik",
            "(a.half() @ b.half()).bfloat16() if a.dtype is torch.bfloat16 else a @ b",
            *("bfloat16 by way of float16 overflows", "with large numbers"),
        ),
        (
            "ij,jk->ik",
            "(a * 4096 @ b) / 4096 if a.dtype is torch.float16 else a @ b",
            *("overflows in float16", "with random numbers in float16"),
        ),
        (
            "ij,jk->ik",
            "torch.where((a.abs() < 1e-9) & (a != 0), a.abs() * 0, a) @ b"
            " if a.dtype is torch.float32 else a @ b",
            *("tiny numbers become 0", "with tiny numbers"),
        ),
        # Sizes.
        ("ij,jk->ik", "(a @ b).squeeze()", "an axis of size 1 is lost", "where `i` has size 1"),
        (
            *("ij,jk->ik", "(a @ b).flatten() if a.shape[0] == b.shape[1] == 1 else a @ b"),
            *("wrong for a single element", "where `i` and `k` have size 1"),
        ),
        (
            "bij,bjk->bik",
            "a @ b if a.numel() > 1 or b.numel() > 1 else (a @ b).squeeze()",
            *("wrong where all sizes are 1", "`b` and `i` and `j` and `k` have size 1"),
        ),
        ("ij->i", "a.sum(-1) if a.numel() else a.sum(0)", "wrong if empty", "has size 0"),
        (
            *("ij,jk->ik", "a @ b if a.shape[1] else (a @ b) + 1"),
            *("an empty sum is 1", "where `j` has size 0"),
        ),
        (
            *("ij,jk->ik", "a @ b if a.shape[0] <= 16 else (a @ b).flip(0)"),
            *("wrong from a size on, which a case has", "other values"),
        ),
        # Ranks of an ellipsis.
        (
            *("...ij,...jk->...ik", _STACKED, "one axis for the ellipsis, and not empty"),
            "where `...` has size 0",
        ),
        (
            *("...ij,...jk->...ik", "torch.bmm(a, b)", "one axis for the ellipsis"),
            "where `...` stands for 0 axes",
        ),
        (
            *("...ij->...ji", "a.transpose(1, 2) if a.dim() > 2 else a.T"),
            *("axes are counted from the left", "where `...` stands for 2 axes"),
        ),
        (
            *("...i->...", "a.sum(-1) if a.dim() < 3 else a.sum(1)"),
            *("axes are counted from the left", "where `...` stands for 2 axes"),
        ),
        # Operands that broadcast.
        (
            *("ij,ij->", "a.flatten() @ b.flatten()"),
            *("sizes (1, n) and (n, 1) make up for each other", "broadcast along `i` and `j`"),
        ),
        (
            *("ij,j->i", "(a[:, :len(b)] * b).sum(-1, dtype=a.dtype)"),
            *("the longer operand is cut off", "operand `b` broadcasts along `j`"),
        ),
        (
            *("bij,bjk->bik", "a[:len(b)] @ b"),
            *("the longer batch is cut off", "operand `b` broadcasts along `b`"),
        ),
        # Memory layouts.
        (
            *("ij->ji", "a.as_strided((a.shape[1], a.shape[0]), (1, a.shape[1]))"),
            *("a view that needs contiguous memory", "other values"),
        ),
        (
            *("ij,ij->", "a.view(-1) @ b.view(-1)"),
            *("view of a tensor that is not contiguous", "it raises"),
        ),
        (
            *("ij,jk->ik", "a @ b if a.storage_offset() == 0 else (a @ b).flip(0)"),
            *("wrong for a part of a larger tensor", "with strided operands"),
        ),
        (
            *("ij,jk->ik", "a @ b if a.stride(0) else (a @ b).flip(1)"),
            *("wrong for an expanded operand", "expanded along their first axis"),
        ),
        (
            *("ij,jk->ik", "a @ b if a.stride(1) else (a @ b).flip(1)"),
            *("wrong for an expanded operand", "expanded along their last axis"),
        ),
        (
            *("ij->i", "a.sum(-1) if a.shape[1] != 1 else a.squeeze(1).to(a.sum().dtype)"),
            *("a view where the call makes a tensor", "shares memory with an operand"),
        ),
        (
            *("ij,j->ij", "a.mul(b) if (b != 1).any() else a"),
            *("the operand itself, if nothing changes", "shares memory with an operand"),
        ),
        # What else happens.
        (
            *("ij,jk->ik", "a.detach().neg_() @ (b * -1 if b.dtype != torch.bool else b)"),
            *("an operand is negated in place", "changes an operand"),
        ),
        ("ij,jk->ik", "a.data.mul_(2) @ b", "an operand is doubled in place", "changes an operand"),
        (
            *("ij,jk->ik", "(a @ b, b.detach().zero_())[0]"),
            *("an operand is used as scratch", "changes an operand"),
        ),
        (
            *("ij,jk->ik", "(a @ b)[torch.randperm(len(a)).sort()[0]]"),
            *("the state of the random numbers moves on", "draws random numbers"),
        ),
        (
            *("ij,jk->ik", "(torch.manual_seed(0), a @ b)[1]"),
            *("random numbers are seeded", "draws random numbers"),
        ),
        (
            *("ij,jk->ik", "a @ b * (torch.rand(()) > 0.5).to(a.dtype)"),
            *("dropout by mistake", "draws random numbers"),
        ),
        ("i,i->", "(a @ b).item()", "a number", "no tensor"),
        ("ij,jk->ik", "(a @ b).to('meta')", "a tensor on another device", "no tensor like that"),
        ("ij,jk->ik", "a.matmull(b)", "there is no such method", "it raises"),
        # Gradients.
        ("ij,jk->ik", "(a @ b).detach()", "no gradient", "other gradients"),
        ("ij,jk->ik", "a.detach() @ b", "one operand gets no gradient", "other gradients"),
        (
            *("ij,jk->ik", "torch.no_grad()(torch.matmul)(a, b)"),
            *("computed without gradients", "other gradients"),
        ),
        (
            *("ij,jk->ik", "2 * (a @ b).detach() - a @ b"),
            *("gradients of the other sign", "other gradients"),
        ),
        (
            *("ij,jk->ik", "a @ b + (a - a.detach()) @ b.detach()"),
            *("one gradient is doubled", "other gradients"),
        ),
        ("ij,jk->ik", _SECOND, "no second derivatives", "other gradients"),
    )
)

NOT_LOOKED_FOR: Final = tuple(
    PlantedFault(equation, replacement, wrong, None, reason)
    for equation, replacement, wrong, reason in (
        (
            *("ij,jk->ik", "(b.mT @ a.mT).mT", "another memory layout"),
            "most code does not ask; the report has it as `same_strides`",
        ),
        (
            *("ij->ji", "a.mT.contiguous()", "a copy where the call gives a view"),
            "writing into a result of einsum is rare; the operand just stays as it was",
        ),
        (
            *("ij,jk->ik", "a @ b", "an error where an operand broadcasts along `j`"),
            "an error is loud, and `equal-sizes` is about it; another result there is looked for",
        ),
        (
            *("ii->i", "a.diagonal()", "no error for a matrix that is not square"),
            "the call raises, so there is nothing to compare; `errors-not-caught` is about it",
        ),
        (
            *("ij,jk->ik", "(a @ b).flip(0) if len(a) > 4096 else a @ b"),
            "wrong from a size on that no case has",
            "only the sizes of cases are run: `--size i=8192` finds it",
        ),
        (
            "bhqd,bhkd->bhqk",
            "(lambda r: r if sum(n == 1 for n in a.shape) != 3 else r[0])(a @ b.transpose(-2, -1))",
            "wrong where just three of five sizes are 1",
            "two at once and all at once are tried: the number of combinations grows too fast",
        ),
        (
            *("...ij->...ji", "a.transpose(-2, -1) if a.dim() < 6 else a"),
            "wrong where an ellipsis stands for four axes",
            "0, 1 and 2 axes are tried, and the shapes of a trace",
        ),
        (
            *("ij,jk->ik", "a @ b if torch.is_grad_enabled() else b @ a"),
            "wrong in inference mode",
            "no mode of torch is switched but autocast, of which a note tells",
        ),
        (
            *("ij,jk->ik", "a @ b if not torch.compiler.is_compiling() else b @ a"),
            "wrong when compiled",
            "the compiled mode is measured, not compared",
        ),
        (
            *("ij,jk->ik", "a @ b if not a.is_cuda else b @ a", "wrong on another device"),
            "only the CPU and the device of the run are asked",
        ),
        (
            *("ij,jk->ik", "a @ b if a.dtype is not torch.int16 else b @ a"),
            "wrong in a rare dtype",
            "nine dtypes are tried, and those of the run",
        ),
        (
            *(
                "ij,jk->ik",
                "(a @ b).conj() if not a.is_complex() else (a.conj() @ b.conj()).conj()",
            ),
            "the conjugation of the result is pending",
            "its values are equal; few functions look at the bit",
        ),
        (
            *("ij,ij->ij", "a * b + torch.zeros((), dtype=a.dtype)"),
            "minus zero becomes zero",
            "both are equal to each other; sums in another order do the same",
        ),
        (
            *("ij,jk->ik", "a @ b if __import__('random').random() >= 0 else b @ a"),
            "random numbers of Python are drawn",
            "only torch's own state is looked at",
        ),
        (
            *("ij,jk->ik", "(a @ b, a.register_hook(lambda g: None) if a.requires_grad else 0)[0]"),
            "an operand is given a hook",
            "operands are looked at for their values; the gradients of this run are compared",
        ),
    )
)

PLANTED: Final = (*CAUGHT, *NOT_LOOKED_FOR)
