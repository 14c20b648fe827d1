"""Write torch.profiler tables and Chrome traces of both sides into a folder."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import torch
from torch.profiler import ProfilerActivity, profile

from einlint.verify.report import Case
from einlint.verify.running.runnable import Runnable

_RUNS: Final = 10
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9]+")


@dataclass(slots=True)
class Profiles:
    """Writes into `folder`; files are numbered in the order in which cases run."""

    folder: Path
    count: int = field(default=0, init=False)

    def write(self, equation: str, case: Case, original: Runnable, replacement: Runnable) -> None:
        """Write the files of one case.

        Raises:
            OSError: the folder is not writable.
        """
        self.count += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        words = [f"{self.count:03}", equation, case.dtype, case.mode.value]
        name = "-".join(_NOT_IN_NAMES.sub("-", word).strip("-") for word in words)
        for name_of_side, side in (("original", original), ("replacement", replacement)):
            self._write(self.folder / f"{name}-{name_of_side}", side, case.device)

    def _write(self, path: Path, side: Runnable, device: str) -> None:
        activities = [ProfilerActivity.CPU]
        if torch.device(device).type == "cuda":
            activities.append(ProfilerActivity.CUDA)
        side.run()
        with profile(activities=activities, profile_memory=True, record_shapes=True) as profiler:
            for _ in range(_RUNS):
                side.run()
        table = profiler.key_averages().table(sort_by="self_cpu_time_total")
        about = f"{_RUNS} runs of {side.statement} on {device}\n\n"
        path.with_suffix(".txt").write_text(about + table + "\n", encoding="utf-8")
        profiler.export_chrome_trace(str(path.with_suffix(".json")))
