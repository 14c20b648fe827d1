"""check_batch: a record batch of sources in, a record batch of findings out; pure."""

from collections.abc import Sequence
from functools import reduce
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from einlint.arrow.rows import LARGEST, Row, records_of
from einlint.arrow.schema import CONTENT, PATH, finding_fields, findings_schema, is_text
from einlint.linting.wanted import wants_unused_suppressions, words_wanted
from einlint.output.records import Record
from einlint.settings import Settings
from einlint.source.prefilter import SUPPRESSING

_Mask: TypeAlias = Any  # a pyarrow.BooleanArray

_UNNAMED = "<row>"


def check_batch(
    batch: pa.RecordBatch,
    *,
    settings: Settings | None = None,
    path_column: str = PATH,
    content_column: str = CONTENT,
) -> pa.RecordBatch:
    """The findings in a batch of sources: a row for each, in the order of the sources.

    A row whose content is null, not text, too large or not Python is one row of the result, with
    the reason in `problem` and `message`. Arrow leaves out the texts without the words that a
    finding needs, so Python sees only the others. The function is pure and can be pickled, with
    `functools.partial` too.

    Args:
        batch: a column with the names of the files, one with their contents (text, or the bytes of
            the files), and others, which are passed through: `findings_schema` tells.
        settings: as in `[tool.einlint]`; None means the defaults. No settings file is read, and
            `exclude` and `per-file-ignores` are not looked at.
        path_column: the column of names; one that ends in `.ipynb` belongs to a notebook.
        content_column: the column of contents; the result does not have it.

    Raises:
        einlint.unusable.UnusableError: the batch lacks a column, or it has another type.
        einlint.settings.SettingsError: the settings select an unknown rule.
    """
    schema = findings_schema(batch.schema, path_column=path_column, content_column=content_column)
    chosen = settings or Settings()
    column = batch.column(batch.schema.get_field_index(content_column))
    contents = _as_bytes(column)
    to_check = pc.indices_nonzero(_to_check(contents, chosen))
    names = batch.column(batch.schema.get_field_index(path_column)).take(to_check).to_pylist()
    numbers: list[int] = []
    records: list[Record] = []
    for number, name in zip(to_check.to_pylist(), names, strict=True):
        filename = _UNNAMED if name is None else str(name)
        row = Row(filename, contents[number].as_py(), is_text(column.type))
        for record in records_of(row, chosen):
            numbers.append(number)
            records.append(record)
    return findings_batch(batch, numbers, records, schema, content_column)


def findings_batch(
    batch: pa.RecordBatch,
    numbers: Sequence[int],
    records: Sequence[Record],
    schema: pa.Schema,
    content_column: str,
) -> pa.RecordBatch:
    """The records, each with the keys of the row of the batch that it is about."""
    rows = pa.array(numbers, pa.int64())
    keys = [
        column.take(rows)
        for field, column in zip(batch.schema, batch.columns, strict=True)
        if field.name != content_column
    ]
    own = [
        _array([each.get(name) for each in records], kind)
        for name, kind in finding_fields().items()
    ]
    return pa.RecordBatch.from_arrays([*keys, *own], schema=schema)


def _array(values: list[object], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # a string of Python may hold half of a surrogate pair
        return pa.array([_encodable(each) for each in values], kind)


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {key: _encodable(each) for key, each in value.items()}
        case list():
            return [_encodable(each) for each in value]
    return value


def _as_bytes(column: pa.Array) -> pa.Array:
    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return plain.cast(pa.large_binary())


def _to_check(contents: pa.Array, settings: Settings) -> _Mask:
    """Which rows Python has to look at: those with the words, and those that are no usable text."""
    masks = [
        contents.is_null(),
        pc.greater(pc.binary_length(contents), LARGEST),
        _holds(contents, "\\x00"),
        _undecodable(contents),
        *(_holds_each(contents, groups) for groups in words_wanted(settings)),
    ]
    if wants_unused_suppressions(settings):
        masks.append(_holds(contents, SUPPRESSING))
    return reduce(pc.or_, (each.fill_null(False) for each in masks))


def _holds_each(contents: pa.Array, groups: Sequence[Sequence[str]]) -> _Mask:
    """Which rows have a word of each group; a group is searched for where those before it are."""
    found = None
    for group in groups:
        left = contents if found is None else contents.filter(found)
        here = reduce(pc.or_, (_holds(left, word) for word in group)).fill_null(False)
        found = here if found is None else pc.replace_with_mask(found, found, here)
    return pa.array([True] * len(contents), pa.bool_()) if found is None else found


def _holds(contents: pa.Array, pattern: str) -> _Mask:
    # Five times as fast as `match_substring`: RE2 finds a single word with memchr.
    return pc.match_substring_regex(contents, pattern)


def _undecodable(contents: pa.Array) -> _Mask:
    """Which rows are not UTF-8. Arrow says that of all rows together, so halves are asked."""
    parts: list[pa.Array] = []
    waiting = [contents]
    while waiting:
        part = waiting.pop()
        try:
            part.cast(pa.large_string())
        except pa.ArrowInvalid:
            middle = len(part) // 2
            if middle:
                waiting += [part.slice(middle), part.slice(0, middle)]
            else:
                parts.append(pa.array([True]))
        else:
            parts.append(pa.nulls(len(part), pa.bool_()).fill_null(False))
    return pa.concat_arrays(parts)
