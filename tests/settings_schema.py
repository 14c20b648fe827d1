"""The JSON schema of the settings, made of their type: what an editor needs to complete them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeAlias

from einlint.rewriting.assumptions import MEANINGS
from einlint.rulebook.selection import ALL, all_rules
from einlint.settings import EXTEND, READERS, Settings, VerifySettings

Schema: TypeAlias = dict[str, Any]

_STRINGS = {"type": "array", "items": {"type": "string"}}
_BY_TYPE: Mapping[object, Schema] = {
    bool: {"type": "boolean"},
    str | None: {"type": "string"},
    tuple[str, ...]: _STRINGS,
    tuple[str, ...] | None: _STRINGS,
    tuple[tuple[str, tuple[str, ...]], ...]: {"type": "object", "additionalProperties": _STRINGS},
    tuple[tuple[str, int], ...]: {
        "type": "object",
        "additionalProperties": {"type": "integer", "minimum": 1},
    },
}


def settings_schema() -> Schema:
    """The schema of an `einlint.toml`: a property for each key that the readers know."""
    extend = {"type": "string", "description": "the settings file to build upon"}
    schema = _table(Settings)
    properties = {key: schema["properties"][key] for key in READERS}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of einlint",
        **schema,
        "properties": {EXTEND: extend, **properties},
    }


def _table(kind: type[Settings | VerifySettings]) -> Schema:
    says = _descriptions(kind)
    properties = {
        each.name.replace("_", "-"): {
            "description": says[each.name],
            **_schema_of(each.type, each.name),
            **_default(each.default),
        }
        for each in fields(kind)
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _schema_of(kind: Any, name: str) -> Schema:
    if name in _NAMES:
        items = _NAMES[name]()
        lists = {"type": "array", "items": items}
        is_table = name == "per_file_ignores"
        return {"type": "object", "additionalProperties": lists} if is_table else lists
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [each.value for each in kind]}
    return _table(kind) if kind is VerifySettings else _BY_TYPE[kind]


def _codes() -> Schema:
    """Codes for completion; any prefix of one, in either case, is right too."""
    codes = [rule.code for rule in all_rules()]
    prefixes = sorted({ALL, *(code[:end] for code in codes for end in range(1, len(code) + 1))})
    either = [re.sub("[A-Z]", lambda at: f"[{at[0]}{at[0].lower()}]", each) for each in prefixes]
    choices = [{"enum": [ALL, *codes]}, {"pattern": f"^({'|'.join(either)})$"}]
    return {"type": "string", "anyOf": choices}


def _assumptions() -> Schema:
    return {"enum": list(MEANINGS)}


def _functions() -> Schema:
    part = r"[^\s.\-\d][^\s.\-]*"
    return {"type": "string", "pattern": rf"^{part}(\.{part})+$"}


# Lists of names that are known, or of one form.
_NAMES: Mapping[str, Callable[[], Schema]] = {
    **dict.fromkeys(
        ("select", "extend_select", "ignore", "per_file_ignores", "fixable", "unfixable"), _codes
    ),
    "assume": _assumptions,
    "functions": _functions,
}


def _default(value: object) -> Schema:
    if value is None or isinstance(value, VerifySettings):
        return {}
    return {"default": list(value) if isinstance(value, tuple) else value}


def _descriptions(kind: type) -> dict[str, str]:
    """What the docstring of a type says of its fields, each as `name: text.` and a space."""
    text = " ".join((kind.__doc__ or "").split())
    names = "|".join(each.name for each in fields(kind))
    parts = re.split(rf"(?:^|(?<=\. ))({names}): ", text)
    return {name: says.strip() for name, says in zip(parts[1::2], parts[2::2], strict=True)}
