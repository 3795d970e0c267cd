"""What a sheet shows of a plane."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.draw.resizing import fitted, resized
from dilcli.features.starlet_shown import ShownPlane, drawn_channel


def test_luma_or_the_first_channel_is_drawn_and_what_is_not_finite_is_0() -> None:
    colours = np.array([[[1.0, 0, 0], [0, np.nan, 0]]])
    assert drawn_channel(colours).tolist() == [[np.float32(0.2126), 0]]
    assert drawn_channel(np.array([[[3.0, 9.0]]])).tolist() == [[3.0]]
    assert drawn_channel(np.array([np.inf, 2.0])).tolist() == [[0.0, 2.0]]


@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    room=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    height=st.integers(1, 90),
)
def test_strips_of_any_height_are_drawn_as_the_whole_is(
    size: tuple[int, int], room: tuple[int, int], height: int
) -> None:
    plane = np.random.default_rng(0).normal(size=size).astype(np.float32)
    spans = fitted(size, room)
    shown = ShownPlane(spans)
    for first in range(0, size[0], height):
        shown.add(first, plane[first : first + height, :, np.newaxis])
    np.testing.assert_allclose(shown.dots(shown.means), resized(plane, spans), atol=1e-5)
    assert (shown.low, shown.high) == (plane.min(), plane.max())
    assert shown.deviation == pytest.approx(float(plane.std()), abs=1e-5)
    np.testing.assert_array_equal(shown.sampled, plane)


def test_of_a_large_plane_some_samples_are_kept_as_they_are() -> None:
    plane = np.arange(1200.0 * 900).reshape(1200, 900)
    shown = ShownPlane(fitted(plane.shape, (300, 300)))
    for first in range(0, 1200, 77):
        shown.add(first, plane[first : first + 77, :, np.newaxis])
    np.testing.assert_array_equal(shown.sampled, plane[::3, ::3].astype(np.float32))
