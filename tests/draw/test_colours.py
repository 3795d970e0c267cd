"""The colours of figures keep an order that any eye can see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.draw.colours import (
    BOX,
    HOLE,
    INK,
    PAPER,
    SOFT,
    TAP,
    Colour,
    blend,
    heat_colours,
    signed_colours,
)


def lightness(colour: object) -> float:
    """Luminance of CIE 1931 as the eye grades it (CIELAB's L*)."""
    shares = np.asarray(colour, float) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def test_heat_darkens_steadily_so_that_hue_is_not_needed_to_read_it() -> None:
    steps = [lightness(colour) for colour in heat_colours(np.linspace(0, 1, 101))]
    falls = -np.diff(steps)
    assert falls.min() > 0
    assert falls.max() < 3 * falls.mean()


def test_the_faintest_heat_is_told_from_a_hole_and_from_paper() -> None:
    assert lightness(HOLE) - lightness(heat_colours(0.0)) > 5
    assert lightness(PAPER) - lightness(HOLE) > 5
    assert heat_colours(0.0)[2] - heat_colours(0.0)[0] > 30, "blue, where holes are gray"


@given(st.floats(-10, 10))
def test_values_outside_are_drawn_as_the_nearer_end(value: float) -> None:
    inside = min(max(value, 0.0), 1.0)
    assert heat_colours(value).tolist() == heat_colours(inside).tolist()


def test_heat_keeps_the_shape_of_its_values() -> None:
    assert heat_colours(np.zeros((2, 3, 4))).shape == (2, 3, 4, 3)


@pytest.mark.parametrize("colour", [INK, SOFT, BOX, TAP])
def test_lines_and_letters_stand_out_on_paper(colour: Colour) -> None:
    assert lightness(PAPER) - lightness(colour) > 40


def test_blending_goes_from_one_colour_to_the_other() -> None:
    mixed = blend(np.array([[0, 100, 200]] * 3, np.uint8), (100, 100, 100), [0.0, 0.5, 1.0])
    assert mixed.tolist() == [[0, 100, 200], [50, 100, 150], [100, 100, 100]]


def test_no_response_is_mid_grey() -> None:
    assert signed_colours(0.0).tolist() == [128, 128, 128]


def test_signed_values_lighten_evenly_so_that_signs_are_told_apart_without_colours() -> None:
    steps = np.array([lightness(colour) for colour in signed_colours(np.linspace(-1, 1, 41))])
    rises = np.diff(steps)
    assert rises.min() > 0
    assert rises.max() < 2 * rises.mean()
    grey = steps[20]
    assert steps[-1] - grey == pytest.approx(grey - steps[0], abs=3)


def test_signs_have_hues_that_no_colour_vision_mixes_up() -> None:
    for value in (0.3, 0.6, 1.0):
        below, above = signed_colours(-value).astype(int), signed_colours(value).astype(int)
        assert below[2] - below[0] > 30, "blue"
        assert above[0] - above[2] > 30, "orange"


@given(st.floats(-10, 10))
def test_signed_values_outside_are_drawn_as_the_nearer_end(value: float) -> None:
    inside = min(max(value, -1.0), 1.0)
    assert signed_colours(value).tolist() == signed_colours(inside).tolist()
