"""Record calls of numpy.einsum.

No inner function is reached by every call, so numpy.einsum itself is replaced by a wrapper.
"""

import sys
from functools import wraps
from types import FrameType, ModuleType
from typing import Any, Final

from einlint.trace.recorder import Recorder, now
from einlint.trace.store import Operand, Signature, Site
from einlint.trace.tensor_layout import layout_of

API: Final = "numpy.einsum"
_CPU: Final = "cpu"


def install(numpy: ModuleType, recorder: Recorder) -> None:
    """Record the calls of numpy.einsum from now on."""
    original = numpy.einsum

    @wraps(original)
    def einsum(*arguments: Any, **options: Any) -> Any:
        start, has_raised = now(), True
        try:
            result = original(*arguments, **options)
            has_raised = False
        finally:
            end = now()
            try:
                _record(sys._getframe(1), arguments, end - start, recorder, has_raised=has_raised)
            except Exception:  # noqa: BLE001 -- an error in the trace must not stop the program
                recorder.count_failure()
            recorder.finish_call(end)
        return result

    numpy.einsum = einsum  # type: ignore[attr-defined]


def _record(
    frame: FrameType,
    arguments: tuple[Any, ...],
    seconds: float,
    recorder: Recorder,
    *,
    has_raised: bool,
) -> None:
    code, offset = frame.f_code, frame.f_lasti
    is_text = isinstance(arguments[0], str)
    equation = arguments[0] if is_text else None
    passed = arguments[1:] if is_text else arguments[: len(arguments) // 2 * 2 : 2]
    operands = tuple(map(_operand, passed))

    def describe() -> tuple[Site, Signature]:
        return recorder.site(code, offset), Signature(API, equation, None, False, operands)

    key = id(code), offset, equation, operands
    recorder.count(key, seconds, describe, has_raised=has_raised)


def _operand(array: Any) -> Operand:
    """Describe an array; for a list of numbers, which numpy accepts too, all is unknown."""
    strides = getattr(array, "strides", None)
    if strides is None:
        return Operand(None, type(array).__name__, layout_of((), None), _CPU, False)
    steps = [stride // array.itemsize for stride in strides]
    return Operand(array.shape, str(array.dtype), layout_of(array.shape, steps), _CPU, False)
