from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from PIL import Image

from dilcli.files.box_headers import (
    check_avif,
    check_heif,
    check_jpeg2000,
    fits_header,
    without_exif,
)
from dilcli.files.formats import missing_package
from tests.files import makers


def _jpeg2000(image: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG2000", **options)
    return buffer.getvalue()


def _codestream(*parts: tuple[int, int, int]) -> bytes:
    """Make the start of a codestream with components of (depth byte, x step, y step)."""
    size = struct.pack(">HHIIIIIIIIH", 38 + 3 * len(parts), 0, *[8] * 8, len(parts))
    return b"\xff\x4f\xff\x51" + size + b"".join(bytes(part) for part in parts)


@pytest.mark.parametrize(
    "image",
    [
        makers.noise((8, 8)),
        makers.noise((8, 8, 2)),
        makers.noise((8, 8, 3)),
        makers.noise((8, 8, 4)),
        makers.noise((8, 8), "uint16"),
    ],
)
def test_what_is_decoded_exactly_passes(image: Any) -> None:
    assert check_jpeg2000(_jpeg2000(image)) == []


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([(15, 1, 1)] * 3, "3 channels of 16-bit samples"),
        ([(11, 1, 1)], "1 channels of 12-bit"),
        ([(0x87, 1, 1)], "signed"),
        ([(7, 1, 1), (7, 2, 2), (7, 2, 2)], "one size"),
        ([(15, 1, 1), (7, 1, 1)], "16-bit"),
    ],
)
def test_what_would_be_cut_to_8_bits_is_refused(
    parts: list[tuple[int, int, int]], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        check_jpeg2000(_codestream(*parts))


def test_a_palette_in_a_jpeg_2000_is_refused() -> None:
    with pytest.raises(ValueError, match="palette"):
        check_jpeg2000(b"pclr" + _codestream((7, 1, 1)))


def test_boxes_that_are_not_kept_are_named() -> None:
    data = b"\0\0\0\x09xml <x/>" + b"colr\2\0\0icc" + _codestream((7, 1, 1))
    assert check_jpeg2000(data) == ["JPEG 2000 boxes not kept: XML, ICC profile"]
    assert check_jpeg2000(b"colr\1\0\0" + _codestream((7, 1, 1))) == []


def test_a_file_without_a_codestream_is_damage() -> None:
    with pytest.raises(ValueError, match="no codestream"):
        check_jpeg2000(b"\0\0\0\x0cjP  ")


@pytest.mark.parametrize(("flags", "bits"), [(0x40, 10), (0x60, 12)])
def test_an_avif_of_more_than_8_bits_is_refused_even_in_its_second_item(
    flags: int, bits: int
) -> None:
    data = b"av1C\x81\0\x0c" + b"av1C\x81\0" + bytes((flags | 0x0C,))
    with pytest.raises(ValueError, match=f"an AVIF of {bits}-bit samples"):
        check_avif(data)


@pytest.mark.skipif(missing_package("avif") is not None, reason="Pillow without AVIF")
def test_an_avif_by_pillow_has_8_bits() -> None:
    buffer = io.BytesIO()
    Image.fromarray(makers.noise((8, 8, 3))).save(buffer, "AVIF")
    assert check_avif(buffer.getvalue()) == []


def test_a_heif_of_more_than_8_bits_is_refused() -> None:
    box = bytearray(b"hvcC" + bytes(23))
    assert check_heif(bytes(box)) == []
    box[4 + 17] = 0xF8 | 2
    with pytest.raises(ValueError, match="10-bit"):
        check_heif(bytes(box))


def test_the_exif_item_is_hidden_without_moving_a_byte() -> None:
    assert without_exif(b"infe\2\0\0\0\0\2\0\0Exif\0") == b"infe\2\0\0\0\0\2\0\0skip\0"


def _fits(*cards: str, body: int = 4000) -> bytes:
    text = "".join(card.ljust(80) for card in ("SIMPLE  =                    T", *cards, "END"))
    return text.ljust(2880).encode() + bytes(body)


@pytest.mark.parametrize(
    ("cards", "dtype"),
    [
        (("BITPIX  = 8",), "uint8"),
        (("BITPIX  = 16",), "int16"),
        (("BITPIX  = 16 / bits", "BZERO   = 32768.0"), "uint16"),
        (("BITPIX  = 32", "BZERO   = 2147483648", "BSCALE  = 1.0"), "uint32"),
        (("BITPIX  = -32",), "float32"),
        (("BITPIX  = -64",), "float64"),
    ],
)
def test_a_fits_header_tells_shape_and_type(cards: tuple[str, ...], dtype: str) -> None:
    data = _fits(*cards, "NAXIS   = 2", "NAXIS1  = 31", "NAXIS2  = 11")
    assert fits_header(data) == ((11, 31), dtype)


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        (("BITPIX  = 8", "NAXIS   = 0"), "0 axes"),
        (("BITPIX  = 8", "NAXIS   = 3"), "3 axes"),
        (
            ("BITPIX  = 16", "BSCALE  = 0.5", "NAXIS   = 2", "NAXIS1  = 3", "NAXIS2  = 3"),
            "BSCALE",
        ),
        (("BITPIX  = 64", "NAXIS   = 2", "NAXIS1  = 3", "NAXIS2  = 3"), "BITPIX 64"),
        (("BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 30000", "NAXIS2  = 30000"), "cut off"),
    ],
)
def test_other_fits_files_are_refused(cards: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fits_header(_fits(*cards))
