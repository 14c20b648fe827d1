"""What torch dispatches: the operators of a run, and those of them that copy."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from torch.utils._python_dispatch import TorchDispatchMode

_COPIES: Final = ("clone", "copy", "contiguous")


class _Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.counts: Counter[str] = Counter()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        self.counts[str(func)] += 1
        return func(*args, **(kwargs or {}))


def operators_of(run: Callable[[], object]) -> Counter[str]:
    """How often a run dispatches each operator."""
    counting = _Counting()
    with counting:
        run()
    return counting.counts


def copies_in(counts: Counter[str]) -> int:
    """How many of the operators do nothing but copy."""
    return sum(count for name, count in counts.items() if any(each in name for each in _COPIES))
