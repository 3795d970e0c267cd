"""Pictures measured tile by tile: each sample once, with margins, in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dilcli.core import paired_tiles
from dilcli.core.paired_tiles import over_tiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.threads import Scratch


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paired_tiles, "ROWS", 3)
    monkeypatch.setattr(paired_tiles, "SAMPLES", 8)


def copies(
    one: NDArray[np.floating], two: NDArray[np.floating], _: Scratch
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    return one.copy(), two.copy()


@pytest.mark.usefixtures("small_tiles")
@given(
    st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 9)),
    st.integers(0, 6),
    st.integers(1, 3),
)
def test_tiles_without_their_margins_hold_every_sample_once(
    shape: tuple[int, int, int], margin: int, threads: int
) -> None:
    """Each sample has a number of its own: the tiles' samples are those of their windows."""
    height, width, channels = shape[0] + margin, shape[1] + margin, shape[2]
    picture = np.arange(height * width * channels, dtype=np.float32).reshape(
        height, width, channels
    )
    tiles = over_tiles(copies, picture, -picture, threads=threads, margin=margin)
    seen: list[float] = []
    for one, two in tiles:
        assert np.array_equal(one, -two)
        assert one.dtype == np.float64
        pixels = one.reshape(len(one), -1, channels)
        row, column = divmod(int(pixels[0, 0, 0]) // channels, width)
        window = picture[row : row + len(one), column : column + pixels.shape[1]]
        assert np.array_equal(pixels, window)
        seen += pixels[: len(one) - margin, : pixels.shape[1] - margin].ravel().tolist()
    assert sorted(seen) == sorted(picture[: shape[0], : shape[1]].ravel().tolist())


@pytest.mark.usefixtures("small_tiles")
def test_values_come_in_reading_order_whatever_the_threads() -> None:
    picture = np.arange(240.0).reshape(12, 20, 1)
    for threads in (1, 2, 5):
        firsts = over_tiles(lambda one, *_: float(one[0, 0]), picture, picture, threads=threads)
        assert firsts == sorted(firsts)
        assert len(firsts) == 12


def test_a_centre_is_subtracted_from_each_picture() -> None:
    one, two = np.full((2, 3, 1), 5, np.float32), np.full((2, 3, 1), 7, np.float64)
    [(first, second)] = over_tiles(copies, one, two, threads=1, centres=(4.5, -1))
    assert first.tolist() == [[0.5] * 3] * 2
    assert second.tolist() == [[8.0] * 3] * 2


@pytest.mark.usefixtures("small_tiles")
def test_what_a_measure_overwrites_are_copies_of_any_layout() -> None:
    picture = np.arange(120.0).reshape(6, 10, 2)[::-1, ::2].swapaxes(0, 1)
    before = picture.copy()

    def spoil(one: NDArray[np.floating], two: NDArray[np.floating], _: Scratch) -> float:
        assert one.flags.c_contiguous
        one.fill(0)
        return float(two.sum())

    assert sum(over_tiles(spoil, picture, picture, threads=1)) == before.sum()
    assert np.array_equal(picture, before)
