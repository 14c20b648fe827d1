"""Run the code cells of a notebook in IPython, as its kernel would."""

from collections.abc import Sequence

import torch
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

# Nothing is written, nothing is read, nothing is coloured.
CONFIG = Config(
    {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}},
)


def tensors_of(cells: Sequence[str]) -> dict[str, torch.Tensor]:
    """The tensors that the cells leave behind, by name."""
    shell = InteractiveShell.instance(config=CONFIG)
    shell.reset(new_session=False)
    for cell in cells:
        shell.run_cell(cell, store_history=False)
    return {
        name: value
        for name, value in shell.user_ns.items()
        if isinstance(value, torch.Tensor) and name.startswith("r")
    }
