"""Start recording in this process, and in those that it forks."""

import atexit
import os
from functools import partial
from pathlib import Path
from typing import NoReturn

from einlint.trace import numpy_calls, torch_calls
from einlint.trace.importing import after_import
from einlint.trace.recorder import Recorder


def start(folder: Path) -> None:
    """Record the calls of this process in a file of `folder`."""
    recorder = Recorder(folder)
    after_import(
        {
            "torch": partial(torch_calls.install, recorder=recorder),
            "numpy": partial(numpy_calls.install, recorder=recorder),
        }
    )
    atexit.register(recorder.write)
    leave = os._exit

    def _exit(status: int) -> NoReturn:
        recorder.write()
        leave(status)

    os._exit = _exit  # worker processes end like this, and skip atexit
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=recorder.begin)
