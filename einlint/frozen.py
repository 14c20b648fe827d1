"""dataclass: that of the library, but a frozen and slotted class is made in a tenth of the time.

The library compiles seven functions for each class. With a hundred and fifty classes this took
longer than all the rest of a run on one file. Here one function is compiled, when the first object
of the class is made; the others are closures. `replace`, `fields`, `asdict`, pickling and `match`
work as always. Whatever is not just `frozen=True, slots=True` is left to the library.
"""

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from reprlib import recursive_repr
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

# Since Python 3.14 annotations are computed by functions, which a new class must take over.
_IS_KNOWN = sys.version_info < (3, 14)
_SPECIAL = ("ClassVar", "InitVar", "KW_ONLY")

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls: type | None = None, /, **options: bool) -> Any:
        """As `dataclasses.dataclass`."""
        if cls is None:
            return lambda made: dataclass(made, **options)
        if options == {"frozen": True, "slots": True} and _is_plain(cls):
            return _made(cls)
        return dataclasses.dataclass(cls, **options)


def _is_plain(cls: type) -> bool:
    """Whether nothing about the class is special; `__init__` and the like are none of its own."""
    if not _IS_KNOWN:
        return False
    params = (getattr(base, "__dataclass_params__", None) for base in cls.__bases__)
    if any(each is not None and not each.frozen for each in params):
        return False
    if not {"__init__", "__eq__", "__hash__", "__repr__"}.isdisjoint(vars(cls)):
        return False
    if any(isinstance(each, Field) and not each.init for each in vars(cls).values()):
        return False
    kinds = vars(cls).get("__annotations__", {}).values()
    return not any(word in str(kind) for kind in kinds for word in _SPECIAL)


def _made(cls: type) -> type:
    """The class with slots, and with the methods of a frozen dataclass."""
    own = vars(cls).get("__annotations__", {})
    fields: dict[str, Field[Any]] = {}
    for base in reversed(cls.__mro__[1:]):
        fields |= vars(base).get("__dataclass_fields__", {})
    inherited = tuple(fields)
    fields |= {name: _field(cls, name, kind) for name, kind in own.items()}
    names = tuple(fields)
    compared = tuple(name for name, each in fields.items() if each.compare)
    content = {
        key: value
        for key, value in vars(cls).items()
        if key not in own and key not in ("__dict__", "__weakref__")
    }
    content |= {
        "__slots__": tuple(name for name in own if name not in inherited),
        "__match_args__": names,
        "__dataclass_fields__": fields,
        "__dataclass_params__": SimpleNamespace(frozen=True),  # asked of a base class
        "__qualname__": cls.__qualname__,
        **_methods(compared, tuple(name for name, each in fields.items() if each.repr)),
        "__getstate__": lambda self: [getattr(self, name) for name in names],
        "__setstate__": _state_setter(names),
        "__init__": _first_init(fields, is_continued=hasattr(cls, "__post_init__")),
    }
    made = type(cls)(cls.__name__, cls.__bases__, content)
    made.__setattr__, made.__delattr__ = _refusals(made, names)  # type: ignore[method-assign]
    return made


def _field(cls: type, name: str, kind: Any) -> Any:
    default = vars(cls).get(name, MISSING)
    made: Any = default if isinstance(default, Field) else dataclasses.field(default=default)
    made.name, made.type, made.kw_only = name, kind, False
    made._field_type = dataclasses._FIELD  # type: ignore[attr-defined]
    return made


def _methods(compared: tuple[str, ...], shown: tuple[str, ...]) -> dict[str, Any]:
    values = _getter(compared)

    def equal(self: Any, other: object) -> Any:
        return (
            values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented
        )

    @recursive_repr()
    def text(self: Any) -> str:
        parts = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{self.__class__.__qualname__}({parts})"

    return {"__eq__": equal, "__hash__": lambda self: hash(values(self)), "__repr__": text}


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """A function to the tuple of some attributes."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple([getattr(self, name) for name in names])


def _state_setter(names: tuple[str, ...]) -> Callable[[Any, Any], None]:
    def set_state(self: Any, state: Any) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return set_state


def _refusals(cls: Any, names: tuple[str, ...]) -> tuple[Callable[..., None], Callable[..., None]]:
    """What is called to set and to delete an attribute."""

    def refuse_to_set(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def refuse_to_delete(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return refuse_to_set, refuse_to_delete


def _first_init(fields: "dict[str, Field[Any]]", *, is_continued: bool) -> Callable[..., None]:
    """An `__init__` that puts the real one in its own place, and calls it."""

    def first(self: Any, *args: Any, **kwargs: Any) -> None:
        init = _init(fields, is_continued=is_continued)
        for each in type(self).__mro__:
            if vars(each).get("__init__") is first:  # else another thread was faster
                init.__qualname__ = f"{each.__qualname__}.__init__"
                each.__init__ = init  # type: ignore[misc]
        init(self, *args, **kwargs)

    return first


def _init(fields: "dict[str, Field[Any]]", *, is_continued: bool) -> Callable[..., None]:
    """The compiled `__init__`."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_MADE": object()}
    parameters, lines = ["self"], ["pass"]
    for name, each in fields.items():
        value, default = name, ""
        if each.default is not MISSING:
            known[f"_default_{name}"] = each.default
            default = f"=_default_{name}"
        elif each.default_factory is not MISSING:
            known[f"_factory_{name}"] = each.default_factory
            default, value = "=_MADE", f"_factory_{name}() if {name} is _MADE else {name}"
        parameters.append(name + default)
        lines.append(f"_set(self, {name!r}, {value})")
    if is_continued:
        lines.append("self.__post_init__()")
    head = f"def make({', '.join(known)}):\n def __init__({', '.join(parameters)}):\n  "
    body = "\n  ".join(lines)
    space: dict[str, Any] = {}
    exec(f"{head}{body}\n return __init__", {}, space)
    init: Callable[..., None] = space["make"](**known)
    return init
