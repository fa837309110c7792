"""What mutants do to the same differences is worked out once, whoever asks and against whatever other cases."""

from __future__ import annotations

from collections.abc import Sequence

from explain_samples import difference, like, matching, matrix, mutant, result, row

from pytest_characterize.explain.clusters import Spot
from pytest_characterize.explain.mutations import Mutations, Variation
from pytest_characterize.explain.resembling import Resembling


class Counting(Mutations):
    """Counts how often the mutants of a difference are looked up."""

    asked = 0

    def touching_one(self, spot: Spot) -> Sequence[Variation]:
        """As ever, and counted."""
        self.asked += 1
        return super().touching_one(spot)


def test_the_same_differences_are_worked_out_once() -> None:
    one = mutant("vip > 6")
    results = [
        *(result(f"a{at}", difference(), likenesses=(like(one),)) for at in range(4)),
        *matching(6),
    ]
    mutations = Counting(results, matrix(results, row(one, 0, 1, 2, 3, 4, ran=tuple(range(10)))))
    resembling = Resembling(mutations)
    spots = [(at, 0) for at in range(4)]
    cases, others = 0b1111, 0b1111110000
    first = resembling.of(spots, cases, others)
    assert [found.variation.mutant.id for found in first] == [one.id]
    assert resembling.of(spots[::-1], cases, others) == first
    fewer = resembling.of(spots, cases, others & ~0b10000)
    assert (first[0].others, fewer[0].others) == (1, 0)
    assert mutations.asked == 4
    resembling.of(spots[:2], 0b11, others)
    assert mutations.asked == 4 + 2, "other differences are another question"
