"""No garbage collection while a syntax tree grows."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_kept() -> Iterator[None]:
    """Switch the collector off: all that a tree is made of is alive, and it looks at it often.

    On large files that look takes more than half of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
