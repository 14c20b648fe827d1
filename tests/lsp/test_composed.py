"""Rounds of edits and the edits composed of them lead to the same text."""

from itertools import pairwise
from random import Random

from einlint.diagnostics import Edit
from einlint.linting.fixes import spliced
from einlint.lsp.composed import composed


def random_edits(random: Random, length: int) -> list[Edit]:
    limits = sorted(random.choices(range(length + 1), k=2 * random.randrange(4)))
    content = "".join(random.choices("xyz\n", k=random.randrange(4)))
    return [Edit(*pair, content) for pair in zip(limits[::2], limits[1::2], strict=True)]


def test_any_rounds() -> None:
    random = Random(0)
    for _ in range(1000):
        text = after = "abcdefghijkl"[: random.randrange(13)]
        rounds = []
        for _ in range(random.randrange(4)):
            rounds.append(random_edits(random, len(after)))
            after = spliced(after, rounds[-1])
        found = composed(len(text), rounds)
        assert spliced(text, found) == after, (text, rounds)
        assert all(one.end < other.start for one, other in pairwise(found))


def test_what_is_kept_is_not_edited() -> None:
    rounds = [[Edit(1, 2, "X"), Edit(4, 5, "")], [Edit(1, 2, ""), Edit(0, 0, "new")]]
    assert composed(6, rounds) == [Edit(0, 0, "new"), Edit(1, 2, ""), Edit(4, 5, "")]
