"""The JSON schema of the settings, made of their type: what an editor needs to complete them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeAlias

from einlint.rewriting.assumptions import MEANINGS
from einlint.rulebook.selection import ALL, all_rules
from einlint.settings import (
    EXTEND,
    Reader,
    Settings,
    VerifySettings,
    declared,
    read_address,
    read_assumptions,
    read_codes,
    read_codes_by_pattern,
    read_functions,
    read_version,
)

Schema: TypeAlias = dict[str, Any]

_STRINGS = {"type": "array", "items": {"type": "string"}}
_BY_TYPE: Mapping[object, Schema] = {
    bool: {"type": "boolean"},
    str: {"type": "string"},
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
    extend = {
        "type": "string",
        "description": "Build on this file: later values override; `extend-*` keys append.",
    }
    schema = _table(Settings)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of einlint",
        **schema,
        "properties": {EXTEND: extend, **schema["properties"]},
    }


def _table(kind: type[Settings | VerifySettings]) -> Schema:
    properties = {
        key: {
            "description": setting.text,
            **_schema_of(each.type, setting.read),
            **_default(each.default),
        }
        for (key, setting), each in zip(declared(kind).items(), fields(kind), strict=True)
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _schema_of(kind: Any, read: Reader) -> Schema:
    if read in _NAMES:
        lists = {"type": "array", "items": _NAMES[read]()}
        is_table = read is read_codes_by_pattern
        return {"type": "object", "additionalProperties": lists} if is_table else lists
    if read is read_version:
        return {"type": "string", "pattern": r"^[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?$"}
    if read is read_address:
        return {"type": "string", "pattern": r'^(https?|file)://[^\s"<>]+$'}
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
_NAMES: Mapping[Reader, Callable[[], Schema]] = {
    read_codes: _codes,
    read_codes_by_pattern: _codes,
    read_assumptions: _assumptions,
    read_functions: _functions,
}


def _default(value: object) -> Schema:
    if value is None or isinstance(value, VerifySettings):
        return {}
    return {"default": list(value) if isinstance(value, tuple) else value}
