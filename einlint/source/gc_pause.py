"""Pause garbage collection while syntax trees are built."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Turn the collector off: it would visit the nodes of a growing tree again and again.

    All of them are alive, and on large files these visits take more than half of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
