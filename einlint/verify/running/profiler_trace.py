"""The chrome trace of a profiler: the one documented place where every event is listed."""

import json
import tempfile
from pathlib import Path
from typing import Any

from torch.profiler import profile


def chrome_trace(profiler: profile) -> dict[str, Any]:
    """What `export_chrome_trace` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        profiler.export_chrome_trace(str(path))
        return dict(json.loads(path.read_text(encoding="utf-8")))
