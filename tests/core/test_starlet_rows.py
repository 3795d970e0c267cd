"""Rows of planes from a window of just what they need are those of the whole, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilcli.core import strips
from dilcli.core.boundary import BOUNDARIES
from dilcli.core.starlet_plan import StarletPlan, plan_starlet
from dilcli.core.starlet_rows import (
    plane_rows,
    rebuilt_reads,
    rebuilt_rows,
    rows_of,
    starlet_reads,
)
from dilcli.core.window import Window, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.window import Runs


def _window(picture: NDArray[Any], runs: Runs) -> Window:
    return Window(np.concatenate([picture[a:b] for a, b in runs]), len(picture), runs)


def _halved(number: int, plane: Window) -> None:
    """Change a plane sample by sample, each one in its own way."""
    samples = plane.pixels
    samples[np.abs(samples) < 3 * number] = 0
    samples *= 1.1 + number


@st.composite
def _drawn(draw: st.DrawFn) -> tuple[NDArray[Any], StarletPlan, tuple[int, int]]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draw(st.integers(1, 60)), draw(st.integers(1, 9)), draw(st.integers(1, 3)))
    dtype = draw(st.sampled_from(["uint8", "int16", "float32", "float64", ">u2"]))
    picture = (rng.normal(size=shape) * 100 + 100).clip(0, 250).astype(dtype)
    plan = plan_starlet(
        shape,
        picture.dtype,
        draw(st.integers(1, 7)),
        kernel=draw(st.sampled_from(["b3", "linear", "gaussian:sigma=1", "box:3"])),
        boundary=draw(st.sampled_from(BOUNDARIES)),
        fill=draw(st.sampled_from([0.0, 7.25])),
        generation=draw(st.sampled_from([1, 2])),
    )
    first = draw(st.integers(0, shape[0] - 1))
    return picture, plan, (first, draw(st.integers(first + 1, shape[0])))


@settings(max_examples=150)
@given(_drawn(), st.sampled_from([(8, 64), (1, 1), (3, 5)]))
def test_rows_of_planes_need_their_window_only(drawn: Any, height: tuple[int, int]) -> None:
    picture, plan, rows = drawn
    every = list(plane_rows(plan, whole(picture), (0, len(picture))))
    window = _window(picture, starlet_reads(plan, rows))
    before = window.pixels.copy()
    with mock.patch.object(strips, "STRIP_ROWS", height):
        some = list(plane_rows(plan, window, rows))
    assert len(some) == plan.levels + 1
    for one, all_rows in zip(some, every, strict=True):
        assert one.dtype == np.float64
        np.testing.assert_array_equal(one, all_rows[slice(*rows)])
    np.testing.assert_array_equal(window.pixels, before)


@settings(max_examples=150)
@given(_drawn())
def test_rebuilt_rows_need_their_window_only(drawn: Any) -> None:
    picture, plan, rows = drawn
    every = rebuilt_rows(plan, whole(picture), (0, len(picture)), _halved)
    some = rebuilt_rows(plan, _window(picture, rebuilt_reads(plan, rows)), rows, _halved)
    np.testing.assert_array_equal(some, every[slice(*rows)])


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("dtype", ["uint8", "float64"])
def test_threads_and_strips_leave_every_bit_of_a_larger_picture_alone(
    generation: int, dtype: str
) -> None:
    picture = np.random.default_rng(5).integers(0, 256, (700, 811, 2)).astype(dtype)
    plan = plan_starlet(picture.shape, dtype, 6, kernel="gaussian:sigma=1", generation=generation)
    every = list(plane_rows(plan, whole(picture), (0, 700), 1))
    joined = rebuilt_rows(plan, whole(picture), (0, 700), _halved, 1)
    for threads, height in ((3, 700), (1, 100), (2, 333)):
        for first in range(0, 700, height):
            rows = (first, min(first + height, 700))
            window = _window(picture, starlet_reads(plan, rows))
            for one, plane in zip(plane_rows(plan, window, rows, threads), every, strict=True):
                np.testing.assert_array_equal(one, plane[slice(*rows)])
            window = _window(picture, rebuilt_reads(plan, rows))
            some = rebuilt_rows(plan, window, rows, _halved, threads)
            np.testing.assert_array_equal(some, joined[slice(*rows)])


def test_a_far_level_reads_few_rows_for_a_few() -> None:
    plan = plan_starlet((100_000, 4), np.uint8, 4)
    reads = starlet_reads(plan, (50_000, 50_010))
    assert sum(last - first for first, last in reads) <= 10 + 2 * 30


def test_rows_are_found_in_any_run_and_missed_in_none() -> None:
    pixels = np.arange(6.0).reshape(6, 1, 1)
    window = Window(pixels, 20, ((2, 5), (10, 13)))
    assert rows_of(window, ((10, 12),)).ravel().tolist() == [3, 4]
    assert np.shares_memory(rows_of(window, ((10, 12),)), pixels)
    assert rows_of(window, ((3, 4), (12, 13))).ravel().tolist() == [1, 5]
    with pytest.raises(AssertionError, match="rows 7 to 8"):
        rows_of(window, ((7, 8),))
