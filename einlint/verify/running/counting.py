"""Count what a run dispatches: operators, copies, FLOPs, and the bytes that they move."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch.utils import flop_counter
from torch.utils._python_dispatch import TorchDispatchMode

_COPIES: Final = ("clone", "copy", "contiguous")
# This operator makes a view although its schema does not say so.
_UNSAFE_VIEW: Final = "aten._unsafe_view.default"
# Operators that multiply matrices or vectors, and the place of the first of the two operands.
_PRODUCTS: Final = (
    *(("mm", 0), ("bmm", 0), ("mv", 0), ("dot", 0), ("vdot", 0)),
    *(("addmm", 1), ("baddbmm", 1), ("addmv", 1)),
)
# Attention on a CPU, which torch does not count: the places of query, key and value, and how often
# each of the two products is computed.
_ATTENTION: Final = {
    "_scaled_dot_product_flash_attention_for_cpu": (slice(3), (1, 1)),
    "_scaled_dot_product_flash_attention_for_cpu_backward": (slice(1, 4), (3, 2)),
}
# Namespace of queries such as `prim.device` on fake tensors; they compute nothing.
_QUERIES: Final = "prim"


@dataclass(frozen=True, slots=True)
class Dispatched:
    """The operators of a run.

    moved_bytes: bytes read and written by all of them but views. flops: of products of matrices and
    vectors, and of attention; a multiplication and an addition are two.
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
        self.flops = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Else torch imports its compiler for each mode, which takes longer than most runs."""
        return False

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
        self.flops += _flops(func, args, kwargs or {}, result)
        if not _is_view(func):
            self.moved_bytes += sum(map(_bytes, _tensors((args, kwargs, result))))
        return result


class _CountingCompiled(_Counting):  # type: ignore[no-untyped-call]
    """The same where the compiler is there already: it must not compile the counting too."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return True

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        return super().__torch_dispatch__(func, types, args, kwargs)


def count_dispatched(run: Callable[[], object]) -> Dispatched:
    """Count what a run dispatches."""
    counting = _CountingCompiled() if "torch._dynamo" in sys.modules else _Counting()
    with counting:
        run()
    return Dispatched(counting.counts, counting.moved_bytes, counting.flops)


def _flops(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: object) -> int:
    packet = func._overloadpacket
    place = dict(_PRODUCTS).get(packet.__name__)
    if place is not None:
        left, right = args[place : place + 2]
        return 2 * int(left.numel()) * (int(right.shape[-1]) if right.dim() > 1 else 1)
    if packet.__name__ in _ATTENTION:
        places, (scores, values) = _ATTENTION[packet.__name__]
        query, key, value = args[places]
        features = scores * int(query.shape[-1]) + values * int(value.shape[-1])
        return 2 * int(query[..., 0].numel()) * int(key.shape[-2]) * features
    of_others = getattr(flop_counter, "flop_registry", {}).get(packet)  # since torch 2.2
    return 0 if of_others is None else int(of_others(*args, **kwargs, out_val=result))


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
