"""The columns of a batch of findings: the keys of the source, then the fields of the JSON."""

from typing import Final

import pyarrow as pa

from einlint.unusable import UnusableError

PATH: Final = "path"
CONTENT: Final = "content"

_CLASHING: Final = "source_"


def finding_fields() -> dict[str, pa.DataType]:
    """The columns that say what was found, with their types; all of them may be null.

    They have the names and the form of `--output-format json`. `problem` says why a row could not
    be checked; it is null for a finding.
    """
    text = pa.string()
    place = pa.struct({"row": pa.int32(), "column": pa.int32()})
    roles = ("batch", "contracted", "free_left", "free_right", "summed", "diagonal")
    proof = pa.struct({"text": text, "row": pa.int32(), "kind": text})
    assumption = {"name": text, "text": text, "proved_by": proof, "granted": pa.bool_()}
    edit = {"content": text, "location": place, "end_location": place}
    return {
        "problem": text,
        "code": text,
        "name": text,
        "message": text,
        "severity": text,
        "cell": pa.int32(),
        "location": place,
        "end_location": place,
        "api": text,
        "equation": text,
        "canonical": text,
        "kind": text,
        "roles": pa.struct(dict.fromkeys(roles, text)),
        "fix": pa.struct(
            {
                "applicability": text,
                "message": text,
                "assumptions": pa.list_(pa.struct(assumption)),
                "edits": pa.list_(pa.struct(edit)),
            }
        ),
        "notes": pa.list_(text),
        "pedantic": pa.bool_(),
    }


def findings_schema(
    source: pa.Schema, *, path_column: str = PATH, content_column: str = CONTENT
) -> pa.Schema:
    """The schema of the findings in batches of a schema.

    The columns of the source come first, all but the content. One that has the name of a column of
    the findings gets `source_` before it.

    Raises:
        UnusableError: a column is missing, occurs twice, or holds neither text nor bytes.
    """
    for name in (path_column, content_column):
        if source.names.count(name) != 1:
            known = ", ".join(f"`{each}`" for each in source.names) or "none"
            times = "more than one column" if name in source.names else "no column"
            raise UnusableError(f"there is {times} `{name}`; the columns are {known}")
    if not holds_texts(source.field(content_column).type):
        kind = source.field(content_column).type
        raise UnusableError(f"the column `{content_column}` is {kind}, and neither text nor bytes")
    own = finding_fields()
    keys = [
        field.with_name(f"{_CLASHING}{field.name}") if field.name in own else field
        for field in source
        if field.name != content_column
    ]
    names = [*(each.name for each in keys), *own]
    if twice := {each for each in names if names.count(each) > 1}:
        raise UnusableError(f"more than one column would be called `{min(twice)}`")
    # No metadata: what pandas and others say there is about the columns of the source.
    return pa.schema([*keys, *(pa.field(name, kind) for name, kind in own.items())])


def holds_texts(kind: pa.DataType) -> bool:
    """Whether values of a type are text or bytes."""
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    return is_text(plain) or str(plain) in ("binary", "large_binary", "binary_view")


def is_text(kind: pa.DataType) -> bool:
    """Whether values of a type are text, which is stored as UTF-8."""
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    return str(plain) in ("string", "large_string", "string_view")
