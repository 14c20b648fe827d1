"""The playground, built from this checkout if Pyodide is installed beside it."""

import importlib.util
import sys
from types import ModuleType

from tests.conftest import ROOT


def loaded(name: str) -> ModuleType:
    """A module of the folder `playground`, which is no package."""
    place = ROOT / "playground" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"playground_{name}", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module
