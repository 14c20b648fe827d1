"""Start recording in this process and its forks."""

import atexit
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from einlint.trace import numpy_calls, torch_calls
from einlint.trace.importing import after_import
from einlint.trace.recorder import Recorder


def start(folder: Path) -> None:
    """Record the calls of this process in a file of `folder`."""
    recorder = Recorder(folder)
    after_import(
        {
            "torch": partial(_install, torch_calls.install, recorder),
            "numpy": partial(_install, numpy_calls.install, recorder),
        }
    )
    atexit.register(recorder.write)
    leave = os._exit

    def _exit(status: int) -> NoReturn:
        recorder.write()
        leave(status)

    os._exit = _exit  # worker processes end with os._exit, which skips atexit
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=recorder.begin)


def _install(
    install: Callable[[ModuleType, Recorder], None], recorder: Recorder, module: ModuleType
) -> None:
    """Record the calls of a library; if that fails, say so and leave it unchanged."""
    try:
        install(module, recorder)
    except AttributeError as error:
        name = f"{module.__name__} {getattr(module, '__version__', '')}".rstrip()
        reason = f"{name} lacks what the recorder needs: {error}"
        print(f"einlint: einsum calls are not recorded: {reason}", file=sys.stderr)
