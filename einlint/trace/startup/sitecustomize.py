"""Python imports this at startup under `einlint trace`: it starts the recorder.

So worker processes of all kinds are recorded. The sitecustomize that Python would otherwise have
imported is run too.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


def _start(folder: str) -> None:
    root = str(_HERE.parent.parent.parent)
    sys.path.insert(0, root)
    try:
        from einlint.trace.start import start
    finally:
        sys.path.remove(root)
    start(Path(folder))


def _run_the_other() -> None:
    sys.path[:] = [path for path in sys.path if path != str(_HERE)]
    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


try:
    if "EINLINT_TRACE" in os.environ:  # a program may pass on PYTHONPATH without it
        _start(os.environ["EINLINT_TRACE"])
finally:
    _run_the_other()
