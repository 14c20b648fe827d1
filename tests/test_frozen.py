"""The quick dataclass behaves as that of the library."""

import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, field, fields, replace
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from einlint import frozen
from einlint.frozen import dataclass as quick

Kind = TypeVar("Kind")


def classes(dataclass: Callable[..., Any]) -> tuple[type[Any], type[Any]]:
    @dataclass(frozen=True, slots=True)
    class Point:
        """Two numbers."""

        x: int
        y: int = 2
        names: list[str] = field(default_factory=list, compare=False)
        secret: str = field(default="s", repr=False)

        @property
        def sum(self) -> int:
            return self.x + self.y

    @dataclass(frozen=True, slots=True)
    class Placed(Point):
        """A third."""

        z: int = 3

        def __post_init__(self) -> None:
            if self.z < 0:
                raise ValueError("below")

    return Point, Placed


@quick(frozen=True, slots=True)
class Box(Generic[Kind]):
    content: Kind
    other: int = 0


PAIRS = list(zip(classes(quick), classes(dataclasses.dataclass), strict=True))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_objects_are_alike(one: type[Any], other: type[Any]) -> None:
    for arguments in ({"x": 1}, {"x": 1, "y": 5}, {"x": 1, "names": ["a"], "secret": "t"}):
        ours, theirs = one(**arguments), other(**arguments)
        assert repr(ours) == repr(theirs).replace("dataclass", "quick")
        assert asdict(ours) == asdict(theirs)
        assert ours.sum == theirs.sum
        assert (hash(ours) == hash(one(1))) == (hash(theirs) == hash(other(1)))
        assert (ours == one(1)) == (theirs == other(1))
        assert ours != theirs
        assert asdict(replace(ours, x=9)) == asdict(replace(theirs, x=9))
    for name in ("__match_args__", "__doc__", "__qualname__", "__module__"):
        assert getattr(one, name) == getattr(other, name)
    described = [
        [(each.name, each.type, each.compare) for each in fields(kind)] for kind in (one, other)
    ]
    assert described[0] == described[1]
    assert one.__slots__ == tuple(other.__slots__)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_what_is_wrong_is_refused_alike(one: type[Any], other: type[Any]) -> None:
    for kind in (one, other):
        made = kind(1)
        with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
            made.x = 3
        with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
            del made.x
        with pytest.raises((AttributeError, TypeError)):
            made.unknown = 3
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
            kind()
        with pytest.raises(TypeError, match="unexpected keyword argument 'w'"):
            kind(1, w=3)


def test_a_class_that_continues_after_its_fields() -> None:
    for _, placed in (classes(quick), classes(dataclasses.dataclass)):
        with pytest.raises(ValueError, match="below"):
            placed(1, z=-1)


def test_default_lists_are_not_shared() -> None:
    point, _ = classes(quick)
    assert point(1).names is not point(1).names


def test_pickling_and_match_work() -> None:
    box = pickle.loads(pickle.dumps(Box([1])))
    assert box == Box([1])
    match box:
        case Box(content, 0):
            assert content == [1]
        case _:
            pytest.fail("no match")


@pytest.mark.parametrize(
    "options", [{"frozen": True}, {"slots": True}, {"frozen": True, "slots": True, "order": True}]
)
def test_other_options_are_left_to_the_library(options: dict[str, bool]) -> None:
    class Plain:
        x: int = 1
        shared: ClassVar[int] = 2

    assert not frozen._is_plain(Plain)
    assert repr(quick(**options)(Plain)()).endswith("Plain(x=1)")
