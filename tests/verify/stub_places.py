"""Notice where tensors of a made-up GPU meet those of the CPU, which torch rejects.

A storage belongs to the GPU if it was made or moved there, or if an operator made it of such ones.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

GPU = torch.device("cuda:1")
_CPU = torch.device("cpu")


class Places(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Where each storage is; `met` are the operators that had tensors of both places."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.on_gpu: set[int] = set()
        self.met: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        # A number is a tensor without axes, and may come from anywhere.
        given = [each for each in _tensors((args, kwargs)) if each.dim() and each.numel()]
        places = {self.is_on_gpu(each) for each in given}
        if len(places) > 1:
            self.met.append(str(func))
            raise RuntimeError(f"{func}: expected all tensors to be on the same device")
        result = func(*args, **(kwargs or {}))
        if True not in places:
            self.on_gpu.difference_update(map(_storage, _tensors(result)))
        else:
            self.on_gpu.update(map(_storage, _tensors(result)))
        return result

    def is_on_gpu(self, tensor: torch.Tensor) -> bool:
        return _storage(tensor) in self.on_gpu

    def moved(self, tensor: torch.Tensor, *, to_gpu: bool) -> torch.Tensor:
        if self.is_on_gpu(tensor) == to_gpu:
            return tensor
        made = tensor.clone()
        (self.on_gpu.add if to_gpu else self.on_gpu.discard)(_storage(made))
        return made


def watch_places(monkeypatch: pytest.MonkeyPatch) -> Places:
    """Use behind `stub_cuda`, whose tensors otherwise are on the CPU alone; enter it for a run."""
    places = Places()
    move = torch.Tensor.to  # of the stub: it drops a device that is a GPU

    def to(tensor: torch.Tensor, *given: Any, **options: Any) -> torch.Tensor:
        if not (given and isinstance(given[0], torch.device)):
            return move(tensor, *given, **options)
        return places.moved(tensor, to_gpu=given[0].type == "cuda")

    def made_there(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        def make(*given: Any, **options: Any) -> torch.Tensor:
            device = options.get("device", _CPU)
            return places.moved(function(*given, **options), to_gpu=device.type == "cuda")

        return make

    def device(tensor: torch.Tensor) -> torch.device:
        return GPU if places.is_on_gpu(tensor) else _CPU

    state = torch.get_rng_state

    def random_state() -> torch.Tensor:
        """It is made without an operator, maybe in memory that a tensor of the GPU had before."""
        found = state()
        places.on_gpu.discard(_storage(found))
        return found

    monkeypatch.setattr(torch, "get_rng_state", random_state)
    for name in ("empty", "randn"):
        monkeypatch.setattr(torch, name, made_there(getattr(torch, name)))
    monkeypatch.setattr(torch.Tensor, "to", to)
    monkeypatch.setattr(torch.Tensor, "device", property(device))
    return places


def _tensors(value: object) -> Iterator[torch.Tensor]:
    yield from (each for each in tree_flatten(value)[0] if isinstance(each, torch.Tensor))


def _storage(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
