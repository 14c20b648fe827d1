"""Record calls of torch.einsum.

A TorchFunctionMode would be the documented way, but it has drawbacks: it slows down every operation
of torch, not only einsum (`a + b` from 1.8 to 3.0 us), torch.compile traces it into the program,
and each thread has its own mode. So we replace the operator that torch.einsum finally calls.
torch.einsum itself is unchanged wherever it was imported; this works in all threads and under all
modes and subclasses, and torch.compile calls the operator when it traces.
"""

import sys
from types import CodeType, FrameType, ModuleType
from typing import Any, Final

from einlint.trace.recorder import Recorder, now
from einlint.trace.site import Positions, site_at
from einlint.trace.store import META, Operand, Signature, Site
from einlint.trace.tensor_layout import layout_of

API: Final = "torch.einsum"
_TRACING: Final = "torch._dynamo.utils"
_FAKE: Final = "FakeTensor"  # its device is the one that it stands for
_TRACER: Final = "torch._dynamo.symbolic_convert"


def install(torch: ModuleType, recorder: Recorder) -> None:
    """Record the calls of torch.einsum from now on.

    Raises:
        AttributeError: torch is older than 2.4, the first version that reports autocast by device.
    """
    calls = _Calls(torch, recorder)
    original = torch._VF.einsum

    def einsum(equation: str, operands: Any, **options: Any) -> Any:
        start = now()
        try:
            result = original(equation, operands, **options)
        except Exception:
            end = now()
            calls.record_raised(sys._getframe(1), equation, operands, end - start)
            recorder.finish_call(end)
            raise
        end = now()
        calls.record(sys._getframe(1), equation, operands, end - start)
        recorder.finish_call(end)
        return result

    torch._VF.einsum = einsum


class _Calls:
    def __init__(self, torch: ModuleType, recorder: Recorder) -> None:
        self._is_compiling = torch.compiler.is_compiling
        self._is_autocast = torch.is_autocast_enabled
        self._autocast_dtype = torch.get_autocast_dtype
        self._einsum: CodeType = torch.functional.einsum.__code__
        self._recorder = recorder

    def record(self, frame: FrameType, equation: str, operands: Any, seconds: float) -> None:
        try:
            if self._is_compiling():
                self._record_traced_call(frame, equation, operands)
            else:
                self._record_call(self._caller(frame), equation, operands, seconds)
        except Exception:  # noqa: BLE001 -- an error in the trace must not stop the program
            self._recorder.count_failure()

    def record_raised(
        self, frame: FrameType, equation: object, operands: object, seconds: float
    ) -> None:
        """A call that raised: its arguments may be anything; then they are left out."""
        try:
            if self._is_compiling():
                return  # torch.compile gives up on the call, and the program makes it again
            caller = self._caller(frame)
            try:
                self._record_call(caller, equation, operands, seconds, has_raised=True)
            except Exception:  # noqa: BLE001 -- no tensors
                self._record_unknown(caller, equation, seconds)
        except Exception:  # noqa: BLE001 -- the program gets its own error
            self._recorder.count_failure()

    def _record_unknown(self, caller: FrameType, equation: object, seconds: float) -> None:
        code, offset = caller.f_code, caller.f_lasti
        text = equation if isinstance(equation, str) else None
        signature = Signature(API, text, None, compiled=False, operands=())

        def describe() -> tuple[Site, Signature]:
            return self._recorder.site(code, offset), signature

        self._recorder.count((id(code), offset, text), seconds, describe, has_raised=True)

    def _record_call(
        self,
        frame: FrameType,
        equation: Any,
        operands: Any,
        seconds: float,
        *,
        has_raised: bool = False,
    ) -> None:
        code, offset = frame.f_code, frame.f_lasti
        autocast = self._autocast(operands[0])
        key = (code.co_filename, id(code), offset, equation, autocast, *map(_key, operands))

        def describe() -> tuple[Site, Signature]:
            signature = _signature(equation, operands, autocast, compiled=False)
            return self._recorder.site(code, offset), signature

        self._recorder.count(key, seconds, describe, has_raised=has_raised)

    def _record_traced_call(self, frame: FrameType, equation: str, operands: Any) -> None:
        """A call that torch.compile traces: its sizes are known, its time means nothing.

        Later parts of the compiler call einsum again for the same call; those are ignored.
        """
        caller = frame.f_back
        if caller is None or caller.f_globals.get("__name__") != _TRACING:
            return
        filename, positions = _place_of_tracer(caller)
        signature = _signature(equation, operands, self._autocast(operands[0]), compiled=True)
        site = site_at(filename, positions, self._recorder.cwd)
        self._recorder.count((site, signature), 0.0, lambda: (site, signature))

    def _autocast(self, operand: Any) -> Any:
        """The dtype that autocast casts to for this operand; None outside of autocast."""
        kind = operand.device.type
        if kind == META:  # torch knows no autocast for it, and raises
            return None
        return self._autocast_dtype(kind) if self._is_autocast(kind) else None

    def _caller(self, frame: FrameType) -> FrameType:
        """The caller of torch.einsum; of the outermost call, if modes call it again."""
        caller = frame.f_back if frame.f_code is self._einsum else frame
        assert caller is not None
        if caller.f_code is not self._einsum and caller.f_code.co_name != "__torch_function__":
            return caller
        outer: FrameType | None = caller
        while outer is not None:
            if outer.f_code is self._einsum and outer.f_back is not None:
                caller = outer.f_back
            outer = outer.f_back
        return caller


def _place_of_tracer(frame: FrameType) -> tuple[str, Positions]:
    """The instruction of the program that torch.compile is tracing."""
    current: FrameType | None = frame
    while current is not None:
        if current.f_code.co_name == "step" and current.f_globals.get("__name__") == _TRACER:
            tracer = current.f_locals["self"]
            place = tracer.current_instruction.positions
            positions = (place.lineno, place.end_lineno, place.col_offset, place.end_col_offset)
            return tracer.f_code.co_filename, positions
        current = current.f_back
    raise LookupError("no frame of torch.compile's tracer was found")


def _key(tensor: Any) -> object:
    """A key that distinguishes operands; built for speed."""
    try:
        sizes = tensor.shape, tensor.stride()
        return sizes, tensor.dtype, tensor.device, tensor.requires_grad, type(tensor)
    except RuntimeError:  # sparse and nested tensors have no strides, or no sizes
        return tensor.dtype, tensor.device, tensor.requires_grad, type(tensor), _shape(tensor)


def _signature(equation: str, operands: Any, autocast: Any, *, compiled: bool) -> Signature:
    return Signature(
        API,
        equation,
        None if autocast is None else _name(autocast),
        compiled,
        tuple(map(_operand, operands)),
    )


def _operand(tensor: Any) -> Operand:
    shape = _shape(tensor)
    return Operand(
        shape,
        _name(tensor.dtype),
        _layout(tensor, shape),
        META if type(tensor).__name__ == _FAKE else str(tensor.device),
        bool(tensor.requires_grad),
    )


def _shape(tensor: Any) -> tuple[int | None, ...] | None:
    """The sizes; reading one that torch.compile leaves open would fix it, so it becomes None."""
    try:
        return tuple(size if type(size) is int else None for size in tensor.shape)
    except RuntimeError:
        return None


def _layout(tensor: Any, shape: tuple[int | None, ...] | None) -> str:
    sizes = [] if shape is None else [size for size in shape if size is not None]
    if shape is None or len(sizes) < len(shape):
        return layout_of((), None)
    try:
        return layout_of(sizes, tensor.stride())
    except RuntimeError:
        return layout_of((), None)


def _name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")
