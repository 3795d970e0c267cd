from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from dilcli.files.apng import animation_layout, composed
from dilcli.files.png_chunks import parse
from dilcli.files.records import Source
from tests.files import makers

if TYPE_CHECKING:
    from numpy.typing import NDArray

NONE, BACKGROUND, PREVIOUS = 0, 1, 2
SOURCE, OVER = 0, 1


def _apng(
    size: tuple[int, int], frames: list[tuple[NDArray[Any], tuple[int, int], int, int]], colour: int
) -> bytes:
    """Make an APNG of (samples, position, dispose, blend); the first stands in IDAT."""
    bits = 8 * frames[0][0].dtype.itemsize
    head = struct.pack(">IIBBBBB", size[1], size[0], bits, colour, 0, 0, 0)
    out = [makers.SIGNATURE, makers.chunk(b"IHDR", head)]
    out.append(makers.chunk(b"acTL", struct.pack(">II", len(frames), 0)))
    number = 0
    for index, (samples, at, dispose, blend) in enumerate(frames):
        shape = (samples.shape[0], samples.shape[1])
        out.append(makers.frame_control(number, shape, at=at, dispose=dispose, blend=blend))
        body = makers.idat(samples.reshape(*shape, -1), bits)
        number += 1
        if index == 0:
            out.append(makers.chunk(b"IDAT", body))
        else:
            out.append(makers.chunk(b"fdAT", struct.pack(">I", number) + body))
            number += 1
    return b"".join((*out, makers.chunk(b"IEND", b"")))


def _shown(data: bytes) -> list[NDArray[Any]]:
    parts = parse(Source("x.png", data=data))
    return list(composed(parts, len(parts.frames) - 1))


@pytest.mark.parametrize(
    ("dispose", "blend"),
    [(NONE, SOURCE), (NONE, OVER), (BACKGROUND, SOURCE), (BACKGROUND, OVER), (PREVIOUS, SOURCE)],
)
def test_parts_of_a_canvas_are_composed_as_pillow_does(dispose: int, blend: int) -> None:
    first = makers.noise((9, 8, 4), seed=1)
    part = makers.noise((4, 5, 4), seed=2)
    part[..., 3] = np.where(part[..., 3] > 127, 255, 0)
    last = makers.noise((2, 2, 4), seed=3)
    frames = [(first, (0, 0), NONE, SOURCE), (part, (3, 1), dispose, blend)]
    frames.append((last, (0, 6), NONE, SOURCE))
    data = _apng((9, 8), frames, 6)
    image: Any = Image.open(io.BytesIO(data))
    shown = _shown(data)
    assert len(shown) == 3
    for index, frame in enumerate(shown):
        image.seek(index)
        np.testing.assert_array_equal(frame, np.asarray(image.convert("RGBA")))


def test_a_blended_frame_is_taken_away_again_where_its_header_says_so() -> None:
    """Pillow restores a canvas that the frame was already blended into."""
    first, part = makers.noise((5, 4, 4), seed=1), makers.noise((2, 3, 4), seed=2)
    last = makers.noise((1, 1, 4), seed=3)
    frames = [(first, (0, 0), NONE, SOURCE), (part, (1, 1), PREVIOUS, OVER)]
    shown = _shown(_apng((5, 4), [*frames, (last, (0, 0), NONE, SOURCE)], 6))
    expected = first.copy()
    expected[0, 0] = last[0, 0]
    np.testing.assert_array_equal(shown[2], expected)


def test_half_transparent_colours_are_mixed_by_the_formula_of_the_specification() -> None:
    below = np.array([[[200, 0, 40, 128]]], np.uint8)
    above = np.array([[[0, 100, 40, 64]]], np.uint8)
    _, mixed = _shown(_apng((1, 1), [(below, (0, 0), 0, 0), (above, (0, 0), 0, OVER)], 6))
    top, under = 64 / 255, 128 / 255 * (1 - 64 / 255)
    alpha = top + under
    colour = (np.array([0, 100, 40]) * top + np.array([200, 0, 40]) * under) / alpha
    np.testing.assert_array_equal(mixed[0, 0], [*np.rint(colour), np.rint(255 * alpha)])


def test_16_bit_frames_are_exact() -> None:
    frames = [makers.noise((5, 6, 3), "uint16", seed) for seed in range(3)]
    shown = _shown(_apng((5, 6), [(frame, (0, 0), 0, 0) for frame in frames], 2))
    for found, expected in zip(shown, frames, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_gray_frames_stay_gray() -> None:
    frames = [makers.noise((5, 6), seed=seed) for seed in range(2)]
    shown = _shown(_apng((5, 6), [(frame, (0, 0), 0, 0) for frame in frames], 0))
    for found, expected in zip(shown, frames, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dispose", [BACKGROUND, PREVIOUS])
def test_a_cleared_canvas_that_shows_is_transparent_even_without_an_alpha_channel(
    dispose: int,
) -> None:
    """The first frame has nothing before it, so to restore it means to clear it."""
    whole, part = makers.noise((4, 4, 3)), makers.noise((2, 2, 3), seed=1)
    data = _apng((4, 4), [(whole, (0, 0), dispose, 0), (part, (1, 1), 0, 0)], 2)
    parts = parse(Source("x.png", data=data))
    assert animation_layout(parts) == (4, "uint8", True)
    first, second = composed(parts, 1)
    np.testing.assert_array_equal(first[..., :3], whole)
    assert (first[..., 3] == 255).all()
    np.testing.assert_array_equal(second[1:3, 1:3, :3], part)
    assert second[..., 3].sum() == 4 * 255
    assert not second[0].any()


def test_later_frames_are_not_decoded_before_they_are_asked_for() -> None:
    frame = makers.noise((4, 4, 3))
    parts = parse(Source("x.png", data=_apng((4, 4), [(frame, (0, 0), 0, 0)] * 3, 2)))
    parts.frames[2] = (parts.frames[2][0], [memoryview(b"damaged")])
    assert len(list(composed(parts, 1))) == 2
