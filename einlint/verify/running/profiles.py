"""Profile all spellings of a case together: one torch.profiler table and one Chrome trace."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from torch.autograd.profiler import record_function
from torch.profiler import ProfilerActivity, profile

from einlint.verify.case import Case
from einlint.verify.running.runnable import Runnable
from einlint.verify.spelling_names import spelling_names

_RUNS: Final = 10
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9]+")


@dataclass(slots=True)
class Profiles:
    """Writes into `folder`; files are numbered in the order in which cases run."""

    folder: Path
    count: int = field(default=0, init=False)

    def write(
        self, equation: str, case: Case, texts: Sequence[str], sides: Sequence[Runnable]
    ) -> None:
        """Write the table and the trace of one case.

        Every call of a side is a row named by its text: `einsum`, `matmul`, `bmm`.

        Raises:
            OSError: the folder is not writable.
        """
        self.count += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        words = [f"{self.count:03}", equation, case.dtype, case.mode.value]
        name = "-".join(_NOT_IN_NAMES.sub("-", word).strip("-") for word in words)
        on_device = case.device.partition(":")[0] == "cuda"
        named = list(zip(spelling_names(texts), texts, sides, strict=True))
        profiler = _profile([(name, side) for name, _, side in named], on_device=on_device)
        # torch calls the second one `device_time_total` now, and still understands this name.
        order = "cuda_time_total" if on_device else "cpu_time_total"
        table = profiler.key_averages().table(sort_by=order, max_name_column_width=40)
        about = [f"{equation}: {_RUNS} calls of each in {case.mode.value} on {case.device}"]
        about += [f"{name}: {text}" for name, text, _ in named]
        path = self.folder / name
        path.with_suffix(".txt").write_text("\n".join([*about, "", table, ""]), encoding="utf-8")
        profiler.export_chrome_trace(str(path.with_suffix(".json")))


def _profile(named: Sequence[tuple[str, Runnable]], *, on_device: bool) -> profile:
    """All sides in turn, in one profile; each has run before."""
    activities = [ProfilerActivity.CPU]
    if on_device:
        activities.append(ProfilerActivity.CUDA)
    # Compiled before: Python takes longer to read a statement than torch to run a small one.
    runs = [(name, compile(side.statement, name, "eval"), side.names) for name, side in named]
    profiler = profile(activities=activities, profile_memory=True)
    with profiler:
        for _ in range(_RUNS):
            for name, code, names in runs:
                with record_function(name):
                    eval(code, names)
    return profiler
