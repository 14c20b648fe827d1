"""Count what a run dispatches: operators, copies, FLOPs, and the bytes that they move."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

_COPIES: Final = ("clone", "copy", "contiguous")
# This operator makes a view although its schema does not say so.
_UNSAFE_VIEW: Final = "aten._unsafe_view.default"
# Namespace of queries such as `prim.device` on fake tensors; they compute nothing.
_QUERIES: Final = "prim"


@dataclass(frozen=True, slots=True)
class Dispatched:
    """The operators of a run.

    moved_bytes: bytes read and written by all of them but views. flops: of products, the only ones
    that torch counts; a multiplication and an addition are two.
    """

    counts: Counter[str]
    moved_bytes: int
    flops: int

    @property
    def operators(self) -> int:
        """The number of operators."""
        return self.counts.total()

    @property
    def copies(self) -> int:
        """The number of operators that only copy."""
        named = self.counts.items()
        return sum(count for name, count in named if any(each in name for each in _COPIES))


class _Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.counts: Counter[str] = Counter()
        self.moved_bytes = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func.namespace == _QUERIES:
            return result
        self.counts[str(func)] += 1
        if not _is_view(func):
            self.moved_bytes += sum(map(_bytes, _tensors((args, kwargs, result))))
        return result


def count_dispatched(run: Callable[[], object]) -> Dispatched:
    """Count what a run dispatches."""
    counting = _Counting()
    flops = FlopCounterMode(display=False, custom_mapping=dict(_VECTOR_PRODUCTS))
    # The FLOP counter splits operators. It is the outer one, so that their parts do not count.
    with flops, counting:
        run()
    return Dispatched(counting.counts, counting.moved_bytes, int(flops.get_total_flops()))


def _product_flops(
    left: Sequence[int], right: Sequence[int], *others: object, **options: object
) -> int:
    """One multiplication and one addition for every element of the left operand."""
    return 2 * prod(left)


# FlopCounterMode counts products of matrices, but not these products with vectors.
_VECTOR_PRODUCTS: Final = (
    (torch.ops.aten.mv, _product_flops),
    (torch.ops.aten.dot, _product_flops),
)


def _is_view(operator: Any) -> bool:
    aliases = (each.alias_info for each in operator._schema.returns)
    return str(operator) == _UNSAFE_VIEW or any(
        alias is not None and not alias.is_write for alias in aliases
    )


def _tensors(value: object) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from _tensors(each)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _bytes(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()
