"""Failures: what could not be used is recorded, and the run goes on without it."""

from collections.abc import Iterator
from contextlib import contextmanager

from einlint.printable import printable, shown_name
from einlint.unusable import UnusableError


@contextmanager
def recording(failures: list[str], filename: str) -> Iterator[None]:
    """Record an error of one file or folder for the end of the run; go on with the others."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- reported at the end, with exit code 2
        record(failures, error, filename)


def record(failures: list[str], error: Exception, filename: str) -> None:
    """Record that a file, a folder or its settings could not be used; each message once."""
    failure = _described(error, filename)
    if failure not in failures:
        failures.append(failure)


def _described(error: Exception, filename: str) -> str:
    """The message for an error; an unexpected one includes its traceback."""
    name = shown_name(filename)
    if isinstance(error, UnusableError):
        return printable(str(error))
    if isinstance(error, OSError):
        return f"{name}: {error.strerror or error}"
    import traceback

    from einlint.linting.judging import RuleError

    if isinstance(error, RuleError):
        return f"internal error: {printable(str(error))}"
    return f"internal error in {name}:\n{''.join(traceback.format_exception(error))}"
