"""Pixels as cells: panels have a size that can be looked at, and averages are averages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dilcli.draw.cells import Scale, fitting_scale, magnified, means


@given(st.integers(1, 10**6), st.sampled_from([400, 600]))
def test_the_longer_side_of_a_panel_is_between_two_thirds_and_four_thirds(
    longest: int, side: int
) -> None:
    scale = fitting_scale(longest, side)
    drawn = -(-longest // scale.pixels) * scale.size
    assert side * 0.65 <= drawn <= side * 4 / 3
    assert 1 in scale


def test_edges_of_pixels_lie_where_cells_begin() -> None:
    assert [Scale(1, 46).place(at) for at in (0, 1, 6.5, 13)] == [0, 46, 299, 598]
    assert Scale(3, 1).box((0, 3, 30, 31)) == (0, 1, 10, 10)


@given(
    arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.floats(0, 1)),
    st.integers(1, 10),
)
def test_means_are_those_of_each_cell(values: np.ndarray, pixels: int) -> None:
    found = means(values, pixels)
    for (row, column), mean in np.ndenumerate(found):
        part = values[row * pixels :, column * pixels :][:pixels, :pixels]
        assert part.size
        assert mean == pytest.approx(part.mean())
    assert found.shape == tuple(-(-n // pixels) for n in values.shape)


def test_shares_of_taps_are_means_of_truth() -> None:
    assert means(np.array([[True, False, True]]), 2).tolist() == [[0.5, 1.0]]


@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_magnified_cell_is_a_square_with_a_gap_at_its_end(colours: tuple[int, ...]) -> None:
    cells = np.arange(6 * (3 if colours else 1), dtype=np.uint8).reshape(2, 3, *colours)
    drawn = magnified(cells, 4, gap=1)
    assert drawn.shape == (8, 12, *colours)
    assert (drawn[3::4] == 255).all()
    assert (drawn[:, 3::4] == 255).all()
    for row, column in np.ndindex(2, 3):
        square = drawn[4 * row : 4 * row + 3, 4 * column : 4 * column + 3]
        assert (square == cells[row, column]).all()
    np.testing.assert_array_equal(magnified(cells, 1), cells)
