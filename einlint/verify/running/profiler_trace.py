"""The Chrome trace of a profiler: the only documented list of all its events."""

import json
import tempfile
from pathlib import Path
from typing import Any

from torch.profiler import profile


def chrome_trace(profiler: profile) -> dict[str, Any]:
    """The content of the file that `export_chrome_trace` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        profiler.export_chrome_trace(str(path))
        return dict(json.loads(path.read_text(encoding="utf-8")))
