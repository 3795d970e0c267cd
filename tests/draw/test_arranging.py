"""Where panels stand: a figure that fits a screen, whatever the shape of the picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.draw.arranging import GAP, LINE, Arrangement, arranged

SHAPES = st.tuples(st.integers(1, 6000), st.integers(1, 6000))
COUNTS = st.integers(1, 8)


def lines(plan: Arrangement, count: int) -> int:
    return -(-count // plan.columns) if plan.columns else count


@given(SHAPES, COUNTS)
def test_figures_are_no_wider_than_a_screen(shape: tuple[int, int], count: int) -> None:
    plan = arranged(shape, count)
    if plan.columns:
        width = plan.columns * max(plan.width, plan.whole[1].dots)
    else:
        width = plan.width + plan.whole[1].dots + plan.detail[1]
    assert width + GAP * max(plan.columns - 1, 0) <= 1640


@given(SHAPES, COUNTS)
def test_pictures_and_details_are_no_higher_than_a_page(shape: tuple[int, int], count: int) -> None:
    plan = arranged(shape, count)
    height = plan.whole[0].dots + plan.detail[0] if plan.columns else plan.detail[0]
    assert lines(plan, count) * height <= 1400


@given(SHAPES, COUNTS)
def test_details_have_room_and_are_about_as_wide_as_what_is_above_them(
    shape: tuple[int, int], count: int
) -> None:
    plan = arranged(shape, count)
    assert min(plan.detail) >= 80
    if plan.columns:
        assert plan.detail[1] + 2 * LINE == plan.width >= plan.whole[1].dots


@pytest.mark.parametrize(
    ("shape", "count", "columns"),
    [
        ((512, 512), 5, 5),
        ((300, 451), 5, 5),
        ((400, 300), 5, 5),
        ((512, 512), 7, 4),
        ((200, 512), 5, 3),
        ((20, 3000), 5, 0),
        ((1, 700), 5, 0),
        ((3000, 20), 5, 5),
        ((512, 512), 1, 1),
    ],
)
def test_panels_stand_by_the_shape_of_the_picture(
    shape: tuple[int, int], count: int, columns: int
) -> None:
    assert arranged(shape, count).columns == columns


@pytest.mark.parametrize("shape", [(32, 32), (33, 47), (512, 512), (300, 451), (3648, 5472)])
def test_five_panels_of_a_usual_picture_make_a_figure_of_a_usual_width(
    shape: tuple[int, int],
) -> None:
    plan = arranged(shape, 5)
    assert 1200 <= 5 * plan.width + 4 * GAP <= 1560
    assert plan.whole[1].dots >= 200
