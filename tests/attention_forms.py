"""Bodies of functions with attention, judged by running them before and behind their fix."""

from importlib import import_module
from textwrap import dedent, indent
from types import ModuleType

import pytest

from tests.conftest import ROOT


def judged(form: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What becomes of a body of `f(q, k, v, scale, mask, bias, training)`: `fixed and equal`."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    fixes = import_module("attention_fixes")
    assert isinstance(fixes, ModuleType)
    head = import_module("attention_functions").HEAD
    body = indent(dedent(form), "    ")
    text = f"import numpy as np\n{head}def f(q, k, v, scale, mask, bias, training=False):\n{body}"
    return str(fixes.judged(fixes.Generated(text, "operator", "")))
