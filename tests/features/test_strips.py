"""Strips cover a frame once, fit into memory, and read what they need and no more."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core.filter_frame import FilterFrame, FindExtremes
from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.plan import grid_rows, plan_frame
from dilcli.core.recipe import Recipe
from dilcli.errors import ImageFileError
from dilcli.features import strips
from dilcli.features.strips import carry_out, cut, read_window

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Rows:
    """Rows of an array that remember what was read."""

    def __init__(self, pixels: NDArray[Any], together: int = 1) -> None:
        self.pixels, self.together = pixels, together
        self.shape, self.dtype = pixels.shape, pixels.dtype
        self.reads: list[tuple[int, int]] = []

    def read(self, first: int, last: int) -> NDArray[Any]:
        self.reads.append((first, last))
        return np.atleast_3d(self.pixels[first:last])


def _plan(shape: tuple[int, ...], dtype: str = "uint8", **recipe: Any) -> FilterFrame:
    kernel = recipe.pop("kernel", parse_kernel("b3"))
    return FilterFrame(plan_frame(shape, dtype, Recipe(kernel, **recipe)))


@given(
    st.integers(1, 5000),
    st.integers(1, 3000),
    st.integers(1, 3),
    st.sampled_from([1, 16, 512]),
    st.integers(25_000_000, 200_000_000),
)
def test_strips_cover_every_row_once_and_fit(
    height: int, width: int, stride: int, together: int, memory: int
) -> None:
    plan = _plan((height, width), stride=(stride, 1))
    frame = _Rows(np.broadcast_to(np.uint8(0), (height, width)), together)
    try:
        found = cut(plan, frame, memory, 1, "x")
    except ImageFileError:
        assert strips._memory(plan, frame, (0, 1), 1) > memory
        return
    assert [strip[0] for strip in found] == [0, *(strip[1] for strip in found[:-1])]
    assert found[-1][1] == plan.rows
    assert all(strips._memory(plan, frame, strip, 1) <= memory for strip in found)


def test_less_memory_makes_lower_strips_and_too_little_is_refused_in_one_line() -> None:
    plan = _plan((40_000, 40_000), "uint16", dilations=((8, 8),))
    frame = _Rows(np.broadcast_to(np.uint16(0), (40_000, 40_000)), 512)
    heights = []
    for memory in (4_000_000_000, 400_000_000, 250_000_000):
        found = cut(plan, frame, memory, 2, "x")
        assert all((b - a) % 256 == 0 or b == 40_000 or b - a < 256 for a, b in found)
        heights.append(found[0][1])
    assert sorted(heights, reverse=True) == heights
    assert heights[-1] < heights[0]
    with pytest.raises(ImageFileError, match=r"x: even strip by strip it takes \d+ MB.*raise it"):
        cut(plan, frame, 60_000_000, 2, "x")


def test_strips_keep_to_the_grid_of_tiles_where_there_is_one() -> None:
    rng = np.random.default_rng(0)
    kernel = Kernel(tuple(map(tuple, rng.normal(size=(41, 41)).tolist())))
    plan = _plan((6000, 300), kernel=kernel)
    grid = grid_rows(plan.plan)
    assert grid > 1
    found = cut(plan, _Rows(np.zeros((6000, 300), np.uint8)), 120_000_000, 1, "x")
    assert all(first % grid == 0 for first, _ in found)


@pytest.mark.parametrize("boundary", ["reflect", "wrap", "constant"])
def test_a_strip_reads_the_rows_under_its_taps_and_is_what_the_whole_gives(boundary: Any) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (90, 7), np.uint8)
    recipe = Recipe(parse_kernel("1; 2; 1 / 4"), ((30, 1),), boundary=boundary)
    plan = FilterFrame(plan_frame(pixels.shape, "uint8", recipe))
    frame = _Rows(pixels)
    whole = filter_frame(pixels, recipe)
    for strip in pairwise(range(0, 91, 10)):
        frame.reads.clear()
        samples, *_ = carry_out(frame, plan, plan.settle(iter), strip, 1)
        np.testing.assert_array_equal(samples[..., 0], whole.samples[slice(*strip)])
        assert sum(last - first for first, last in frame.reads) <= 40


def test_one_run_of_rows_is_read_without_a_copy_and_several_are_joined() -> None:
    pixels = np.arange(400, dtype=np.uint16).reshape(100, 4)
    near, far = _plan((100, 4), "uint16"), _plan((100, 4), "uint16", dilations=((20, 1),))
    window = read_window(_Rows(pixels), near, (10, 20))
    assert window.runs == ((8, 22),)
    assert np.shares_memory(window.pixels, pixels)
    window = read_window(_Rows(pixels), far, (45, 50))
    assert window.runs == ((5, 10), (25, 30), (45, 50), (65, 70), (85, 90))
    assert window.pixels[7, 0, 0] == pixels[27, 0]


def test_extremes_of_all_strips_are_those_of_the_frame() -> None:
    pixels = np.random.default_rng(2).normal(size=(64, 9)).astype(np.float32)
    plan, frame = _plan((64, 9), "float32", response="minmax"), _Rows(pixels)
    parts = [carry_out(frame, plan, FindExtremes(), strip, 1) for strip in ((0, 20), (20, 64))]
    low = min(part[0] for part in parts if part)
    high = max(part[1] for part in parts if part)
    assert carry_out(frame, plan, FindExtremes(), (0, 64), 1) == (low, high)
