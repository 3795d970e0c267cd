from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from dilcli.errors import ImageFileError
from dilcli.files import png
from dilcli.files.records import Metadata, Options, Picture, Source
from tests.files import makers


def _source(data: bytes) -> Source:
    return Source("x.png", data=data)


@pytest.mark.parametrize(
    ("colour", "bits", "shape", "dtype", "alpha"),
    [
        (0, 1, (3, 4), "uint8", False),
        (0, 16, (3, 4), "uint16", False),
        (2, 8, (3, 4, 3), "uint8", False),
        (2, 16, (3, 4, 3), "uint16", False),
        (4, 16, (3, 4, 2), "uint16", True),
        (6, 8, (3, 4, 4), "uint8", True),
    ],
)
def test_the_header_tells_the_truth_about_depth_and_alpha(
    colour: int, bits: int, shape: tuple[int, ...], dtype: str, alpha: bool
) -> None:
    """What imageio's properties say of a 16-bit file is 8 bits."""
    samples = makers.noise((3, 4, makers.COLOUR_CHANNELS[colour]), "uint16") % 2
    source = _source(makers.png(samples, colour, bits))
    header = png.inspect(source)
    assert (header.shape, header.dtype, header.alpha) == (shape, dtype, alpha)
    decoded = png.decode(source, (0,))
    assert decoded.frames[0].shape == shape
    assert decoded.frames[0].dtype == dtype
    assert decoded.alpha == alpha


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_header_gives_the_shape_of_the_upright_picture(orientation: int) -> None:
    extra = [makers.chunk(b"eXIf", makers.exif(">", orientation))]
    header = png.inspect(_source(makers.png(makers.noise((3, 4)), 0, extra=extra)))
    assert header.shape == ((4, 3) if orientation >= 5 else (3, 4))


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (makers.png(makers.noise((3, 4)) % 2, 0, 1), "1-bit samples widened to 0..255"),
        (
            makers.png(makers.noise((3, 4)) % 2, 3, extra=[makers.chunk(b"PLTE", bytes(6))]),
            "palette expanded to RGB",
        ),
        (
            makers.png(makers.noise((3, 4)), 0, extra=[makers.chunk(b"tRNS", b"\0\1")]),
            "transparent colour key made an alpha channel",
        ),
    ],
)
def test_what_reading_changed_is_said(data: bytes, note: str) -> None:
    assert png.decode(_source(data), (0,)).notes == (note,)


def _animation(frames: list[Any], **metadata: Any) -> bytes:
    picture = Picture(tuple(frames), False, "png", Metadata(**metadata))
    return png.encode(picture, Options("png"))


def test_frames_can_be_chosen_in_any_order() -> None:
    frames = [makers.noise((3, 4, 3), seed=seed) for seed in range(4)]
    source = _source(_animation(frames))
    assert png.inspect(source).frames == 4
    assert png.inspect(source).pixels == (12,) * 4
    decoded = png.decode(source, (3, 1))
    np.testing.assert_array_equal(decoded.frames[0], frames[3])
    np.testing.assert_array_equal(decoded.frames[1], frames[1])


def test_a_still_image_outside_the_animation_is_no_frame_and_that_is_said() -> None:
    frames = [makers.noise((3, 4), seed=seed) for seed in range(2)]
    chunks = makers.png_chunks(_animation(frames))
    hidden = makers.idat(makers.noise((3, 4, 1), seed=9), 8)
    out = [makers.SIGNATURE]
    number = 0
    for kind, body in chunks:
        if kind == b"fcTL" and number == 0:
            out.append(makers.chunk(b"IDAT", hidden))
        if kind == b"IDAT":
            number += 1
            out.append(makers.chunk(b"fdAT", struct.pack(">I", number) + body))
        else:
            number += kind in (b"fcTL", b"fdAT")
            out.append(makers.chunk(kind, body))
    decoded = png.decode(_source(b"".join(out)), (0, 1))
    np.testing.assert_array_equal(decoded.frames[0], frames[0])
    np.testing.assert_array_equal(decoded.frames[1], frames[1])
    assert "still image" in decoded.notes[0]


def test_an_animation_of_one_frame_is_a_still() -> None:
    control = makers.chunk(b"acTL", struct.pack(">II", 1, 0))
    extra = [control, makers.frame_control(0, (3, 4))]
    samples = makers.noise((3, 4))
    source = _source(makers.png(samples, 0, extra=extra))
    assert png.inspect(source).frames == 1
    decoded = png.decode(source, (0,))
    np.testing.assert_array_equal(decoded.frames[0], samples)
    assert decoded.metadata.durations == ()
    assert decoded.metadata.loop is None


def test_the_compression_level_is_the_callers() -> None:
    picture = Picture((np.zeros((50, 50), np.uint8),), False, "png")
    sizes = [len(png.encode(picture, Options("png", compression=level))) for level in (0, 9)]
    assert sizes[0] > 2500 > sizes[1]


def test_a_header_is_inspected_without_a_look_at_the_samples() -> None:
    data = bytearray(makers.png(makers.noise((5, 6)), 0))
    data[data.index(b"IDAT") + 8] ^= 1
    source = Source("x.png", data=bytes(data))
    assert png.inspect(source).shape == (5, 6)
    with pytest.raises(ImageFileError, match="bad checksum in chunk IDAT"):
        png.decode(source, (0,))
