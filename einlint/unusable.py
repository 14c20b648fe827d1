"""What einlint is given is read as what it should be, or one error says what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

_Kind = TypeVar("_Kind")


class UnusableError(ValueError):
    """A file, folder, setting or stream cannot be used; the run goes on without it."""


@contextmanager
def errors_at(place: "Path | str") -> Iterator[None]:
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


class WrongFormError(ValueError):
    """JSON that einlint wrote, or should have written, has another form than einlint gives it."""


def json_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object in a text.

    Raises:
        WrongFormError: the text is not JSON, or no object.
    """
    import json  # reading settings does without

    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WrongFormError(f"not JSON: {_reason(error)}") from error
    if not isinstance(found, dict):
        raise WrongFormError("not a JSON object")
    return found


def typed(kind: type[_Kind], record: object, **made: object) -> _Kind:
    """Build a dataclass from a JSON object with its fields; other keys are left alone.

    Args:
        kind: the dataclass; the annotation of each field is checked.
        record: the JSON object.
        made: the fields that are converted already.

    Raises:
        WrongFormError: it is no object, a field is missing, or one has another type.

    >>> typed(Operand, {"shape": [2], "dtype": "float32"}, shape=(2,))
    """
    from typing import get_type_hints

    if not isinstance(record, Mapping):
        raise WrongFormError(f"not a JSON object: {record!r}")
    values = dict(made)
    for name, hint in get_type_hints(kind).items():
        if name in made:
            continue
        if name not in record:
            raise WrongFormError(f"`{name}` is missing")
        values[name] = typed_value(record[name], hint, name)
    return kind(**values)


def typed_value(value: Any, hint: Any, name: str) -> Any:
    """The value, if it is of the type: a class, or several with `|`; an integer is a float too.

    Raises:
        WrongFormError: it is not.
    """
    kinds = {float: int | float, list[object]: list, dict[str, object]: dict}
    kind = kinds.get(hint, hint)
    is_no_number = isinstance(value, bool) and hint in (int, float)
    if is_no_number or not isinstance(value, kind):
        raise WrongFormError(f"`{name}` is {value!r}")
    return value
