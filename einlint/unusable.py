"""UnusableError: some input of einlint cannot be used; the message says which and why."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UnusableError(ValueError):
    """A file, folder, setting or stream cannot be used; the run goes on without it."""


@contextmanager
def errors_at(place: Path | str) -> Iterator[None]:
    """Turn errors of the system or a parser into one error that names the place.

    Raises:
        UnusableError: such an error was raised; exceptions that show a bug pass unchanged.
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
    # `re` adds a position in the translated pattern, which the user never wrote.
    return error.msg if isinstance(error, re.error) else str(error)
