"""Blocks, rounds and visits, on a clock that is made up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from math import inf

import pytest

from einlint.verify.timing import FEWEST_VISITS, Block, Sampling, sample


@dataclass
class Machine:
    """Its sides take so many seconds a call, and are written down in the order of their blocks."""

    seconds: dict[str, float]
    now: float = 0.0
    blocks: list[tuple[str, int]] = field(default_factory=list)

    def side(self, name: str) -> Callable[[int], Block]:
        def time_block(calls: int) -> Block:
            self.blocks.append((name, calls))
            self.now += calls * self.seconds[name]
            return Block(calls, calls * self.seconds[name])

        return time_block

    def sampling(self, *names: str) -> Sampling:
        return Sampling([self.side(name) for name in names])


def test_each_side_has_its_own_number_of_calls_and_blocks_are_short() -> None:
    machine = Machine({"slow": 7e-5, "fast": 1e-5})
    sampling = machine.sampling("slow", "fast")
    assert sampling.calls == (7, 50)
    sample([sampling], lambda: inf)
    for visits in sampling.samples():
        assert len(visits) == 16
        assert all(block.wall < 0.001 for visit in visits for block in visit)


def test_every_side_is_the_first_of_a_round_as_often() -> None:
    machine = Machine({"a": 5e-4, "b": 5e-4, "c": 5e-4})
    sampling = machine.sampling("a", "b", "c")
    machine.blocks.clear()
    sample([sampling], lambda: inf)
    firsts = [name for name, _ in machine.blocks[::3]]
    assert firsts[:4] == ["a", "b", "c", "a"]


def test_the_visits_of_one_case_lie_between_those_of_others() -> None:
    machine = Machine({"a": 1e-3, "b": 1e-3, "x": 1e-3, "y": 1e-3})
    cases = [machine.sampling("a", "b"), machine.sampling("x", "y")]
    machine.blocks.clear()
    sample(cases, lambda: inf)
    visits = [is_first for is_first, _ in groupby(name in "ab" for name, _ in machine.blocks)]
    assert visits == [True, False] * 16


@pytest.mark.parametrize("seconds", [2e-5, 2e-3, 0.05])
def test_a_slow_call_has_as_many_visits_as_a_fast_one(seconds: float) -> None:
    machine = Machine({"a": seconds, "b": seconds})
    sampling = machine.sampling("a", "b")
    sample([sampling], lambda: inf)
    assert [len(side) for side in sampling.samples()] == [16, 16]


def test_a_very_slow_call_has_those_that_an_interval_needs() -> None:
    machine = Machine({"a": 4.0, "b": 1.0})
    sampling = machine.sampling("a", "b")
    assert sampling.seconds_needed == FEWEST_VISITS * 5
    sample([sampling], lambda: inf)
    assert [len(side) for side in sampling.samples()] == [FEWEST_VISITS] * 2


def test_without_time_there_are_no_visits() -> None:
    machine = Machine({"a": 1e-3, "b": 1e-3})
    sampling = machine.sampling("a", "b")
    end = machine.now + 0.01
    sample([sampling], lambda: end - machine.now)
    assert 0 < len(sampling.samples()[0]) < FEWEST_VISITS
    assert not sampling.has_interval
    assert machine.now < end + 0.2


def test_single_calls_that_are_slow_at_first_do_not_make_short_blocks() -> None:
    calls: list[int] = []

    def warming(number: int) -> Block:
        seconds = sum(1e-3 if len(calls) < 3 else 1e-5 for _ in range(number))
        calls.append(number)
        return Block(number, seconds)

    machine = Machine({"b": 1e-5})
    sampling = Sampling([warming, machine.side("b")])
    assert sampling.calls == (50, 50)
