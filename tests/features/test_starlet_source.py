"""Frames whose rows are read as strips need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli import files
from dilcli.core.starlet_plan import plan_starlet
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.starlet_source import (
    StarletSource,
    collected,
    colour_shape,
    decoded_bytes,
    open_frames,
    read_runs,
    span_of,
)
from dilcli.features.streaming import in_memory

if TYPE_CHECKING:
    from pathlib import Path

    from dilcli.files import FrameRows

Array = np.ndarray[Any, np.dtype[Any]]


def rows_of(pixels: Array) -> FrameRows:
    return in_memory(files.Picture((pixels,), alpha=False, format="npy")).frames[0]


def test_runs_are_read_one_after_another() -> None:
    pixels = np.arange(24).reshape(8, 3)
    assert read_runs(rows_of(pixels), ((0, 2), (5, 6)))[:, 0, 0].tolist() == [0, 3, 15]


def test_alpha_stands_apart_from_the_colours() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(3, 4, 2)
    frame = StarletSource(rows_of(pixels), plan_starlet((3, 4), "uint8", 1), alpha=True)
    assert frame.shape == (3, 4)
    colours, alpha = frame.read(((1, 3),))
    assert alpha is not None
    np.testing.assert_array_equal(colours.pixels, pixels[1:, :, :1])
    np.testing.assert_array_equal(alpha.pixels, pixels[1:, :, 1:])
    assert (colours.height, colours.runs) == (3, ((1, 3),))


def test_one_channel_without_alpha_is_no_axis() -> None:
    assert colour_shape((3, 4, 2), alpha=True) == (3, 4)
    assert colour_shape((3, 4, 4), alpha=True) == (3, 4, 3)
    assert colour_shape((3, 4, 1), alpha=False) == (3, 4, 1)


def test_wide_integers_are_looked_through_without_alpha() -> None:
    pixels = np.zeros((5, 4, 2), np.int32)
    pixels[4, 3] = (-7, 99)
    assert span_of(rows_of(pixels), alpha=True) == (-7, 0)
    assert span_of(rows_of(pixels), alpha=False) == (-7, 99)
    assert span_of(rows_of(np.array([3, 1 << 40])), alpha=False) == (3, 1 << 40)
    assert span_of(rows_of(pixels.astype(np.int16)), alpha=False) is None
    with pytest.raises(ArgumentError, match="2"):
        span_of(rows_of(np.array([[1 << 60]])), alpha=False)


def test_strips_are_put_together() -> None:
    pixels = np.arange(12.0).reshape(4, 3)
    frame = files.StripFrame((4, 3), np.dtype(float), [pixels[:3], pixels[3:]])
    np.testing.assert_array_equal(collected(frame), pixels)


@pytest.mark.parametrize(("memory", "held"), [(8 * 6400, 6400), (6400, 0)])
def test_a_large_picture_stays_in_its_file(memory: int, held: int, tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.arange(800.0).reshape(40, 20))
    header = files.inspect(path)
    assert decoded_bytes(header, (0,)) == 6400
    with open_frames(path, header, (0,), "a.npy", memory=memory, threads=1) as (picture, found):
        assert found == held
        assert picture.frames[0].read(2, 3)[0, 1, 0] == 41


def test_what_cannot_be_read_by_rows_is_read_whole_where_it_fits(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.asfortranarray(np.zeros((40, 20))))
    header = files.inspect(path)
    with open_frames(path, header, (0,), "a", memory=6400 * 4, threads=1) as (_, held):
        assert held == 6400
    with (
        pytest.raises(ImageFileError, match="Fortran"),
        open_frames(path, header, (0,), "a", memory=6400, threads=1),
    ):
        pass


def test_a_format_that_is_decoded_whole_is_refused_with_what_it_takes() -> None:
    data = files.encode(
        files.Picture((np.zeros((400, 200), np.uint8),), alpha=False, format="png"), "png"
    )
    header = files.inspect(data)
    with (
        pytest.raises(ImageFileError, match=r"b\.png: PNG is decoded whole.*raise --memory-limit"),
        open_frames(data, header, (0,), "b.png", memory=100_000, threads=1),
    ):
        pass
    with open_frames(data, header, (0,), "b.png", memory=240_000, threads=1) as (_, held):
        assert held == 80_000
