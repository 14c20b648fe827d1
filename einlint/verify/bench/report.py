"""The report of bench, as plain data: points with their candidates, and where the best changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from einlint.algebra.equation import Subscripts
from einlint.verify.case import Case
from einlint.verify.report import CandidateResult, Environment


@dataclass(frozen=True, slots=True)
class Point:
    """All candidates at one grid point, einsum first.

    best: the text of the best one; None if nothing was measured.
    note: why nothing was measured.
    control: the ratio of einsum to itself as it was measured, low and high; None if it was not.
    """

    case: Case
    candidates: tuple[CandidateResult, ...]
    best: str | None
    note: str | None = None
    control: tuple[float, float] | None = None

    def named(self, text: str) -> CandidateResult | None:
        """The candidate with this text."""
        return next((each for each in self.candidates if each.text == text), None)


@dataclass(frozen=True, slots=True)
class Crossover:
    """Between two sizes of a sweep the best candidate changes. index: what is swept."""

    index: str
    start: int
    end: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one dtype and mode, in the order of the swept sizes. swept: the indices."""

    swept: Subscripts
    points: tuple[Point, ...]

    @property
    def index(self) -> str:
        """The swept indices as one word; empty if nothing is swept."""
        return "".join(self.swept)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of all candidates, einsum first."""
        return tuple(dict.fromkeys(each.text for point in self.points for each in point.candidates))

    def size(self, point: Point) -> int:
        """The size of the swept indices at a point; 1 if nothing is swept."""
        return dict(point.case.sizes)[self.swept[0]] if self.swept else 1

    def crossovers(self) -> Iterator[Crossover]:
        """Where the best candidate changes from one measured point to the next."""
        measured = [point for point in self.points if point.best is not None]
        for one, other in pairwise(measured):
            if one.best is not None and other.best is not None and one.best != other.best:
                sizes = self.size(one), self.size(other)
                yield Crossover(self.index, *sizes, one.best, other.best)


@dataclass(frozen=True, slots=True)
class BenchEquation:
    """One equation: a series for each dtype and mode."""

    equation: str
    series: tuple[Series, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """The points of all series."""
        return tuple(point for each in self.series for point in each.points)


@dataclass(frozen=True, slots=True)
class BenchReport:
    """Everything that one run of bench found. interrupted: the user stopped it."""

    environment: Environment
    equations: tuple[BenchEquation, ...]
    interrupted: bool = False

    @property
    def points(self) -> tuple[Point, ...]:
        """The points of all equations."""
        return tuple(point for each in self.equations for point in each.points)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was measured."""
        return all(point.best is None for point in self.points)
