from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dilcli.files import png_pixels
from dilcli.files.png_chunks import parse
from dilcli.files.png_pixels import decode, layout
from dilcli.files.records import Source
from tests.files import makers

SIZES = [(1, 1), (13, 9), (3, 17)]


def _decoded(data: bytes) -> np.ndarray[Any, Any]:
    parts = parse(Source("x.png", data=data))
    found = decode(parts.header, parts.palette, parts.transparency, parts.image)
    channels, dtype, _ = layout(parts.header, parts.transparency)
    size = (parts.header.height, parts.header.width)
    assert found.shape == (size if channels == 1 else (*size, channels))
    assert found.dtype == dtype
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(("colour", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_8_and_16_bit_samples_are_exact_with_every_filter_and_interlaced(
    size: tuple[int, int], interlaced: bool, bits: int, colour: int, channels: int
) -> None:
    """Pillow and imageio cut 16-bit colour to 8 bits without a word."""
    samples = makers.noise((*size, channels), f"uint{bits}")
    data = makers.png(samples, colour, bits, interlaced=interlaced)
    np.testing.assert_array_equal(_decoded(data), samples[:, :, 0] if channels == 1 else samples)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits_are_widened_to_the_full_range(bits: int, interlaced: bool) -> None:
    samples = makers.noise((11, 13)) & (2**bits - 1)
    data = makers.png(samples, 0, bits, interlaced=interlaced)
    np.testing.assert_array_equal(_decoded(data), samples * (255 // (2**bits - 1)))


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("known", [None, 1, 2])
def test_a_palette_becomes_rgb_and_with_transparency_rgba(bits: int, known: int | None) -> None:
    """Without care the alpha of a palette is lost, with a single index even silently."""
    colours = makers.noise((2**bits, 3), seed=1)
    indices = makers.noise((11, 13)) & (2**bits - 1)
    extra = [makers.chunk(b"PLTE", colours.tobytes())]
    alpha = np.full(2**bits, 255, np.uint8)
    if known:
        alpha[:known] = [0, 77][:known]
        extra.append(makers.chunk(b"tRNS", alpha[:known].tobytes()))
    found = _decoded(makers.png(indices, 3, bits, extra=extra))
    np.testing.assert_array_equal(found[..., :3], colours[indices])
    if known:
        np.testing.assert_array_equal(found[..., 3], alpha[indices])


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_the_transparent_gray_is_compared_at_the_files_own_depth(bits: int) -> None:
    samples = makers.noise((11, 13), "uint16") % min(2**bits, 4)
    key = 2**bits - 1 if bits < 3 else 3
    # Only the low bits of the key count.
    stored = key if bits == 16 else key | 0xFF00
    extra = [makers.chunk(b"tRNS", struct.pack(">H", stored))]
    found = _decoded(makers.png(samples, 0, bits, extra=extra))
    full = 65535 if bits == 16 else 255
    scale = 255 // (2**bits - 1) if bits < 8 else 1
    np.testing.assert_array_equal(found[..., 0], samples * scale)
    np.testing.assert_array_equal(found[..., 1], np.where(samples == key, 0, full))


@pytest.mark.parametrize("bits", [8, 16])
def test_the_transparent_colour_hides_only_pixels_that_equal_it_in_all_channels(bits: int) -> None:
    samples = makers.noise((11, 13, 3), "uint16") % 2 + (256 if bits == 16 else 0)
    key = samples[4, 5]
    extra = [makers.chunk(b"tRNS", struct.pack(">HHH", *key))]
    found = _decoded(makers.png(samples, 2, bits, extra=extra))
    np.testing.assert_array_equal(found[..., :3], samples)
    hidden = (samples == key).all(axis=-1)
    assert 0 < hidden.sum() < hidden.size
    np.testing.assert_array_equal(found[..., 3] == 0, hidden)
    assert set(np.unique(found[..., 3])) == {0, 2**bits - 1}


def test_an_index_outside_the_palette_is_damage() -> None:
    extra = [makers.chunk(b"PLTE", bytes(6))]
    with pytest.raises(ValueError, match="outside its palette"):
        _decoded(makers.png(np.full((2, 2), 2, np.uint8), 3, 8, extra=extra))


def test_a_cut_off_transparent_colour_is_damage() -> None:
    extra = [makers.chunk(b"tRNS", b"\0")]
    with pytest.raises(ValueError, match="transparent colour"):
        _decoded(makers.png(makers.noise((2, 2)), 0, 8, extra=extra))


def test_16_bit_colour_is_refused_and_never_cut_where_pillow_unpacks_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The raw modes are Pillow's inner affair: another choice of its must not mean 8 bits."""
    data = makers.png(makers.noise((4, 4, 3), "uint16"), 2, 16)
    monkeypatch.setattr(png_pixels, "_HALVES", {2: ("RGB;16N", "RGB;16L")})
    with pytest.raises(ValueError, match="cannot unpack RGB;16N samples exactly"):
        _decoded(data)


def test_16_bit_gray_is_native_uint16_without_a_mode_conversion() -> None:
    """Asking Pillow for mode L would saturate: 40263 would be 255."""
    samples = np.array([[0, 1, 255, 256, 1858, 40263, 65535]], np.uint16)
    found = _decoded(makers.png(samples, 0, 16))
    np.testing.assert_array_equal(found, samples)
    assert found.dtype.isnative


def test_pillow_agrees_on_8_bits() -> None:
    data = makers.png(makers.noise((9, 7, 4)), 6)
    np.testing.assert_array_equal(_decoded(data), np.asarray(Image.open(io.BytesIO(data))))
