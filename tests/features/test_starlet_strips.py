"""Strips that fit into memory."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from dilcli.core.starlet_plan import plan_starlet
from dilcli.errors import ImageFileError
from dilcli.features.machine import Means
from dilcli.features.starlet_strips import Room, cut_apart, cut_together, room_of


class Rows:
    """Rows of a frame that are never read."""

    def __init__(self, shape: tuple[int, ...], together: int = 1) -> None:
        self.shape, self.together, self.dtype = shape, together, np.dtype(np.uint16)

    def read(self, first: int, last: int) -> None:
        """Say that nothing is read to cut a frame."""
        raise AssertionError("no sample is needed")


SHAPE = (5000, 4000)


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("together", [1, 256])
def test_less_memory_makes_lower_strips_of_all_rows(generation: int, together: int) -> None:
    plan = plan_starlet(SHAPE, "uint16", 4, generation=generation)
    rows = Rows(SHAPE, together)
    heights = []
    for megabytes in (60, 120, 10_000):
        room = Room(megabytes * 10**6, 2, "a.tif")
        for strips in (
            cut_apart(plan, rows, room, stored=20, packed=False),  # type: ignore[arg-type]
            cut_together(plan, (rows,) * 5, room, written=2),  # type: ignore[arg-type]
        ):
            assert strips[0][0] == 0
            assert strips[-1][1] == SHAPE[0]
            assert all(one[1] == other[0] for one, other in pairwise(strips))
            heights.append(strips[0][1])
    assert heights[0] < heights[2] < heights[4] <= 5000
    assert heights[1] <= heights[3] <= heights[5]


def test_a_small_picture_is_one_strip() -> None:
    plan = plan_starlet((9,), "uint16", 2)
    strips = cut_apart(plan, Rows((9,)), Room(10**6, 1, "a"), stored=4, packed=True)  # type: ignore[arg-type]
    assert strips == [(0, 1)]


def test_what_does_not_fit_row_by_row_is_refused_with_what_would() -> None:
    plan = plan_starlet(SHAPE, "uint16", 4)
    with pytest.raises(ImageFileError, match=r"a\.tif: even strip by strip .* raise it by") as said:
        cut_apart(plan, Rows(SHAPE), Room(-5, 1, "a.tif"), stored=4, packed=False)  # type: ignore[arg-type]
    lacking = int(str(said.value).split("raise it by ")[1].split()[0])
    room = Room(lacking * 10**6, 1, "a.tif")
    assert cut_apart(plan, Rows(SHAPE), room, stored=4, packed=False)  # type: ignore[arg-type]


def test_the_process_and_its_picture_are_taken_off() -> None:
    few, many = room_of(Means(1, 10**9), "a"), room_of(Means(4, 10**9), "a", held=10**6)
    assert many.memory < few.memory - 10**6 < 10**9
