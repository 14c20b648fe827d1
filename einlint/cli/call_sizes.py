"""The sizes of --size: for all calls, or for the calls on one line, as in `train.py:41:b=8,h=3`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from einlint.cli.call_place import CallPlace, place_named
from einlint.cli.option_values import read_sizes, split_commas
from einlint.project.files import absolute
from einlint.settings import did_you_mean
from einlint.verify.case import Site
from einlint.verify.case_sizes import unknown_indices
from einlint.verify.found_rewrites import FoundRewrite

# The place ends before the last colon; the sizes behind it have none.
_AT_A_LINE: Final = re.compile(r"(?P<place>.+:\d+):(?P<sizes>[^:]*=[^:]*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SizesAt:
    """Sizes for the calls on one line. text: the place, as on the command line."""

    text: str
    place: CallPlace
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class GivenSizes:
    """What all uses of --size give: sizes for all calls, and sizes for the calls on some lines."""

    everywhere: Mapping[str, int] = field(default_factory=dict)
    at: tuple[SizesAt, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.at)


def given_sizes(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> GivenSizes:
    """The sizes of all uses of --size; a later size replaces an earlier one."""
    everywhere: dict[str, int] = {}
    at: list[SizesAt] = []
    for text in texts:
        match = _AT_A_LINE.fullmatch(text)
        place = None if match is None else place_named(match["place"])
        behind = text if match is None or place is None else match["sizes"]
        sizes = read_sizes(split_commas(context, option, (behind,)))
        if match is None or place is None:
            everywhere |= sizes
        elif place.column is not None:
            raise click.BadParameter(f"`{match['place']}` has a column: write FILE:LINE:INDEX=SIZE")
        else:
            at.append(SizesAt(match["place"], place, sizes))
    return GivenSizes(everywhere, tuple(at))


def require_known(
    given: GivenSizes, rewrites: Sequence[FoundRewrite]
) -> dict[Site, dict[str, int]]:
    """The sizes for calls, by their places.

    Raises:
        click.UsageError: an index is in no equation, or no call is at a place.
    """
    equations = [each.pair.equation for each in rewrites]
    for label in unknown_indices(given.everywhere, equations):
        raise click.UsageError(f"--size {label}: no equation with a fix has the index `{label}`")
    found: dict[Site, dict[str, int]] = {}
    for each in given.at:
        sites = set(_sites_at(each.place, [site for one in rewrites for site in one.sites]))
        if not sites:
            raise click.UsageError(f"--size {each.text}: {_nothing(each, rewrites)}")
        there = [one.pair.equation for one in rewrites if sites.intersection(one.sites)]
        for label in unknown_indices(each.sizes, there):
            shown = " and ".join(f"`{equation}`" for equation in there)
            raise click.UsageError(f"--size {each.text}: {shown} has no index `{label}`")
        for site in sites:
            found.setdefault(site, {}).update(each.sizes)
    return found


def _sites_at(place: CallPlace, sites: Sequence[Site]) -> Iterator[Site]:
    """The sites on the line; in files whose path ends like that of the place, if none has it."""
    on_line = [each for each in sites if (each.cell, each.row) == (place.cell, place.line)]
    exact = [each for each in on_line if _is_same(each.filename, place.file)]
    yield from exact or (each for each in on_line if _ends_like(each.filename, place.file))


def _is_same(filename: str, file: str) -> bool:
    return absolute(Path(filename)) == absolute(Path(file))


def _ends_like(filename: str, end: str) -> bool:
    parts = Path(end).parts
    return Path(filename).parts[-len(parts) :] == parts


def _nothing(wanted: SizesAt, rewrites: Sequence[FoundRewrite]) -> str:
    """That no call is there, and where the nearest one is."""
    place = wanted.place
    sites = sorted({site for one in rewrites for site in one.sites})
    in_file = [
        each
        for each in sites
        if _is_same(each.filename, place.file) or _ends_like(each.filename, place.file)
    ]
    text = "no call with a fix starts there"
    if not in_file:
        near = did_you_mean(wanted.text, [each.place for each in sites])
        return text + (near or (f"; the first one is at {sites[0].place}" if sites else ""))

    def distance(each: Site) -> tuple[int, int]:
        return abs((each.cell or 0) - (place.cell or 0)), abs(each.row - place.line)

    return f"{text}; the nearest one is at {min(in_file, key=distance).place}"
