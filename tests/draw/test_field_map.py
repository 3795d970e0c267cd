"""Maps of receptive fields, read back from their pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dilcli.draw.cells import fitting_scale
from dilcli.draw.colours import BOX, HOLE, INK, TAP, heat_colours
from dilcli.draw.field_map import field_figure, spread

Figure = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def panel_of(figure: Figure, taps: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Figure:
    """Cut out what the frame of the box is about."""
    framed = (figure == BOX).all(axis=2)
    top = int(np.flatnonzero(framed.any(axis=1))[0]) + 2
    left = int(np.flatnonzero(framed[top - 2])[0]) + 2
    scale = fitting_scale(max(taps.shape))
    height, width = (-(-n // scale.pixels) * scale.size for n in taps.shape)
    return figure[top : top + height, left : left + width]


def bell(size: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    line = np.exp(-(np.linspace(-3, 3, size) ** 2))
    weights: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = np.outer(line, line)
    return weights / float(weights.sum())


@settings(max_examples=30)
@given(
    arrays(bool, st.tuples(st.integers(2, 40), st.integers(1, 40))).filter(lambda taps: taps.any()),
    st.booleans(),
)
def test_each_tap_is_a_cell_of_its_own_and_each_hole_is_none(
    taps: np.ndarray[tuple[int, int], np.dtype[np.bool_]], with_heat: bool
) -> None:
    heat = taps / taps.sum() if with_heat else None
    size = fitting_scale(max(taps.shape)).size
    panel = panel_of(field_figure(taps, heat, title="t"), taps)
    middles = panel[size // 2 :: size, size // 2 :: size]
    expected = np.where(taps[..., None], heat_colours(1.0) if with_heat else TAP, HOLE)
    crossed = (middles == INK).all(axis=2)
    np.testing.assert_array_equal(middles[~crossed], expected[~crossed])


def test_heavier_pixels_are_darker() -> None:
    taps = np.ones((1, 5), bool)
    heat = np.array([[1, 2, 4, 3, 1]]) / 11
    panel = panel_of(field_figure(taps, heat, title="t"), taps)
    size = fitting_scale(5).size
    sums = panel[0, size // 2 :: size].sum(axis=1)
    assert np.argsort(sums, kind="stable").tolist() == [2, 3, 1, 0, 4]


@pytest.mark.parametrize("rf", [2, 3, 5, 31, 212, 399, 427, 801, 1027, 3039])
def test_a_map_of_any_field_can_be_looked_at(rf: int) -> None:
    figure = field_figure(np.ones((rf, rf), bool), bell(rf), title="some network")
    assert min(figure.shape[:2]) >= 480
    assert max(figure.shape[:2]) <= 1050


def test_cells_of_several_pixels_are_shaded_by_their_share_of_taps() -> None:
    taps = np.zeros((1000, 1000), bool)
    taps[0, 0] = taps[0:2, 2:4] = True
    panel = panel_of(field_figure(taps, None, title="t"), taps)
    one, all_of_them, none = panel[0, 0], panel[0, 1], panel[5, 5]
    assert all_of_them.tolist() == list(TAP)
    assert none.tolist() == list(HOLE)
    assert sum(TAP) < one.sum() < sum(HOLE)


def test_a_network_of_one_axis_is_a_curve_over_its_pixels() -> None:
    taps = np.array([[True, False, True, True]])
    figure = field_figure(taps, np.array([[0.5, 0, 0.25, 0.25]]), title="t")
    strong, faint = heat_colours([1.0, 0.5]).tolist()
    framed = (figure == BOX).all(axis=2)
    above = figure[: int(np.flatnonzero(framed.any(axis=1))[0])]
    bars = [(above == colour).all(axis=2) for colour in (strong, faint)]
    tall = [bar.any(axis=1).sum() for bar in bars]
    assert tall[0] == pytest.approx(2 * tall[1], abs=2)
    assert tall[1] > 100


def test_spread_is_mean_and_deviation_of_the_position() -> None:
    heat = np.zeros((3, 8))
    heat[1, 1] = heat[1, 5] = 0.5
    assert spread(heat) == ((1.5, 0.0), (3.5, 2.0))


def test_the_box_of_four_sigma_is_drawn_where_it_is_inside() -> None:
    wide, narrow = np.full((61, 61), 1 / 61**2), bell(61)
    dashes = []
    for heat in (wide, narrow):
        taps = np.ones((61, 61), bool)
        panel = panel_of(field_figure(taps, heat, title="t"), taps)
        dashes.append((panel == INK).all(axis=2))
    assert not dashes[0].any()
    rows = np.flatnonzero(dashes[1].any(axis=1))
    size = fitting_scale(61).size
    (mean, sigma), _ = spread(narrow)
    assert rows[0] == pytest.approx((mean - 2 * sigma) * size, abs=2)
    assert rows[-1] == pytest.approx((mean + 2 * sigma) * size, abs=2)
