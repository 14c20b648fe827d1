"""UnusableError: what einlint was given cannot be used, and the text says where and why."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UnusableError(ValueError):
    """A file, a folder, a setting or a stream cannot be used; it ends nothing but its own part."""


@contextmanager
def naming(place: Path | str) -> Iterator[None]:
    """Whatever the system or a parser raises in here becomes one error that names the place.

    Raises:
        UnusableError: something was raised. What points to a bug of ours stays what it is.
    """
    try:
        yield
    except (OSError, ValueError, RecursionError, OverflowError, re.error) as error:
        raise UnusableError(f"{place}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    # The position that `re` would add is one in a pattern that nobody wrote.
    return error.msg if isinstance(error, re.error) else str(error)
