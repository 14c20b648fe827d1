"""The formats of bench: each file has a FORMAT and is found by its name."""

from collections.abc import Callable
from dataclasses import dataclass

from einlint.discovery import member
from einlint.verify.bench.report import BenchReport


@dataclass(frozen=True, slots=True)
class BenchFormat:
    """One value of --format."""

    render: Callable[[BenchReport], str]


def bench_format(name: str) -> BenchFormat:
    """The format in the file of this name."""
    return member(__name__, name, BenchFormat)
