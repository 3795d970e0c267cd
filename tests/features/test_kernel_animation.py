"""Animations of a kernel, from a call to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from dilcli import files
from dilcli.draw.animation import CURRENT, INPUT, OUTPUT, sliding_frames
from dilcli.draw.colours import BOX, TAP
from dilcli.errors import ArgumentError, ImageFileError
from dilcli.features.kernel_animation import check_animation, write_animation

if TYPE_CHECKING:
    from pathlib import Path


def test_by_default_it_is_the_kernel_of_3_x_3_at_the_dilations_1_and_2(tmp_path: Path) -> None:
    path = tmp_path / "out.gif"
    write_animation(path)
    read = files.read(path)
    drawn = sliding_frames((3, 3), [(1, 1), (2, 2)], (5, 5))
    assert len(read.frames) == 25
    for made, frame in zip(drawn, read.frames, strict=True):
        np.testing.assert_array_equal(frame, made)
    assert path.stat().st_size < 300_000


def test_another_reader_sees_its_pace_its_colours_and_that_it_never_ends(tmp_path: Path) -> None:
    write_animation(tmp_path / "out.gif")
    with Image.open(tmp_path / "out.gif") as image:
        assert image.n_frames == 25  # type: ignore[attr-defined]
        assert image.info["loop"] == 0
        durations = []
        for number in range(25):
            image.seek(number)
            durations.append(image.info["duration"])
            colours = {colour for _, colour in image.convert("RGB").getcolors(256) or ()}
            assert colours >= {INPUT, TAP, BOX, CURRENT, OUTPUT}
    assert len(set(durations[:-1])) == 1
    assert 200 <= durations[0] <= 500
    assert durations[-1] > durations[0]


@pytest.mark.parametrize("name", ["a.png", "a.APNG", "a.webp"])
def test_other_formats_hold_the_same_pictures(tmp_path: Path, name: str) -> None:
    write_animation(tmp_path / name, (1, 3), [(1, 1), (3, 3)])
    write_animation(tmp_path / "a.gif", (1, 3), [(1, 1), (3, 3)])
    one, other = (files.read(tmp_path / each) for each in (name, "a.gif"))
    np.testing.assert_array_equal(one.frames, other.frames)
    assert one.metadata.durations == other.metadata.durations
    assert one.metadata.loop == other.metadata.loop == 0


@pytest.mark.parametrize(
    ("size", "dilations", "frames"),
    [
        ((3, 3), [(2, 3)], 25),
        ((2, 5), [(1, 1), (2, 2), (4, 4)], 25),
        ((1, 1), [(1, 1)], 25),
        ((1, 15), [(1, 1), (9, 4)], 9),
        ((4, 1), [(21, 70)], 9),
        ((3, 3), [(31, 1)], 25),
    ],
)
def test_sizes_and_dilations_can_be_chosen(
    tmp_path: Path, size: tuple[int, int], dilations: list[tuple[int, int]], frames: int
) -> None:
    write_animation(tmp_path / "out.gif", size, dilations)
    assert files.inspect(tmp_path / "out.gif").frames == frames


@pytest.mark.parametrize(
    ("size", "dilations", "message"),
    [
        ((17, 3), [(1, 1)], "kernel 17x3: an animation shows 1x1 to 15x15"),
        ((0, 3), [(1, 1)], "kernel 0x3: an animation shows 1x1 to 15x15"),
        ((3, 3), [(1, 1), (0, 2)], "dilation 0x2: must be 1 or more"),
        (
            (3, 3),
            [(1, 1), (2, 32)],
            "dilation 2x32: a 3x3 kernel has a field of view of 5x65; "
            "an animation shows up to 64x64",
        ),
        ((3, 3), [], "shows 1 to 6 dilations, not 0"),
        ((3, 3), [(n, n) for n in range(1, 8)], "shows 1 to 6 dilations, not 7"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(
    tmp_path: Path, size: tuple[int, int], dilations: list[tuple[int, int]], message: str
) -> None:
    for call in (check_animation, write_animation):
        with pytest.raises(ArgumentError, match=message):
            call(tmp_path / "out.gif", size, dilations)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.jpg", "a.jpg: JPEG holds no animation; use one of .gif .png .webp .avif"),
        ("a.tif", "TIFF holds no animation"),
        ("a.npy", "NPY holds no animation"),
        ("a.bmp", "BMP holds no animation"),
        ("a.gift", "did you mean .gif"),
        ("a", "no extension"),
        ("-", "no extension"),
    ],
)
def test_names_of_other_formats_are_refused(tmp_path: Path, name: str, message: str) -> None:
    for call in (check_animation, write_animation):
        with pytest.raises(ImageFileError, match=message) as caught:
            call(tmp_path / name, (3, 3), [(1, 1)])
        assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept_unless_it_may_be_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.gif"
    path.write_bytes(b"mine")
    with pytest.raises(ImageFileError, match="output exists"):
        write_animation(path, (1, 2))
    assert path.read_bytes() == b"mine"
    write_animation(path, (1, 2), overwrite=True)
    assert files.inspect(path).frames == 9
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ImageFileError, match="does not exist"):
        write_animation(tmp_path / "none" / "out.gif", (1, 2))
