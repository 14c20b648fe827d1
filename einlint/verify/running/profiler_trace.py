"""The Chrome trace of a profiler: the only documented list of all its events."""

import json
import tempfile
from pathlib import Path
from typing import Any, TypeAlias

from torch.autograd import profiler as of_autograd
from torch.profiler import profile

Profile: TypeAlias = profile | of_autograd.profile


def chrome_trace(profiler: Profile) -> dict[str, Any]:
    """The content of the file that `export_chrome_trace` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        profiler.export_chrome_trace(str(path))
        return dict(json.loads(path.read_text(encoding="utf-8")))
