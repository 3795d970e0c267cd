from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from dilcli.errors import ImageFileError
from dilcli.files import jpeg
from dilcli.files.records import JpegSettings, Metadata, Options, Picture, Source
from tests.files import makers

OPTIONS = Options("jpeg")


def _smooth(height: int = 40, width: int = 56) -> np.ndarray[Any, Any]:
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 4, y * 6, 255 - x * 3], axis=-1).astype(np.uint8)


def _source(data: bytes) -> Source:
    return Source("x.jpg", data=data)


def _open(data: bytes) -> Any:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("pixels", [_smooth(), _smooth()[..., 0].copy()])
def test_the_samples_are_pillows_and_the_header_tells_the_truth(
    pixels: np.ndarray[Any, Any],
) -> None:
    data = makers.jpeg(pixels)
    header, decoded = jpeg.inspect(_source(data)), jpeg.decode(_source(data), (0,))
    np.testing.assert_array_equal(decoded.frames[0], np.asarray(_open(data)))
    assert header.shape == pixels.shape == decoded.frames[0].shape
    assert (header.dtype, header.alpha, header.frames) == ("uint8", False, 1)


@pytest.mark.parametrize("sampling", [0, 1, 2])
@pytest.mark.parametrize("quality", [35, 90])
def test_a_jpeg_is_compressed_again_with_its_own_tables_and_sampling(
    sampling: int, quality: int
) -> None:
    source = makers.jpeg(_smooth(), quality=quality, subsampling=sampling)
    decoded = jpeg.decode(_source(source), (0,))
    data = jpeg.encode(Picture(decoded.frames, False, "jpeg", decoded.metadata), OPTIONS)
    before, after = _open(source), _open(data)
    assert after.quantization == before.quantization
    assert JpegImagePlugin.get_sampling(after) == sampling
    change = np.asarray(after).astype(int) - np.asarray(before)
    assert np.abs(change).mean() < 1.0


def test_what_was_no_jpeg_gets_quality_95_and_full_chroma() -> None:
    """Pillow's own default is 75 with a quarter of the colour, which shows."""
    data = jpeg.encode(Picture((_smooth(),), False, "png"), OPTIONS)
    expected = _open(makers.jpeg(_smooth(), quality=95, subsampling=0))
    assert _open(data).quantization == expected.quantization
    assert JpegImagePlugin.get_sampling(_open(data)) == 0


def test_a_given_quality_wins_over_the_sources_own() -> None:
    decoded = jpeg.decode(_source(makers.jpeg(_smooth(), quality=30, subsampling=2)), (0,))
    picture = Picture(decoded.frames, False, "jpeg", decoded.metadata)
    data = jpeg.encode(picture, Options("jpeg", quality=80))
    assert _open(data).quantization == _open(makers.jpeg(_smooth(), quality=80)).quantization


def test_a_gray_result_of_a_colour_jpeg_uses_the_table_of_its_brightness() -> None:
    source = makers.jpeg(_smooth(), quality=60)
    settings = jpeg.decode(_source(source), (0,)).metadata.jpeg
    assert settings is not None
    picture = Picture((_smooth()[..., :1],), False, "jpeg", Metadata(jpeg=settings))
    image = _open(jpeg.encode(picture, OPTIONS))
    assert image.mode == "L"
    assert image.quantization[0] == _open(source).quantization[0]


def test_a_colour_result_of_a_gray_jpeg_gets_the_default() -> None:
    settings = JpegSettings((tuple(range(1, 65)),), 0)
    picture = Picture((_smooth(),), False, "jpeg", Metadata(jpeg=settings))
    expected = _open(makers.jpeg(_smooth(), quality=95, subsampling=0))
    assert _open(jpeg.encode(picture, OPTIONS)).quantization == expected.quantization


def test_a_cmyk_jpeg_is_refused_and_never_taken_for_rgba() -> None:
    buffer = io.BytesIO()
    Image.new("CMYK", (8, 8), (10, 20, 30, 40)).save(buffer, "JPEG")
    for act in (jpeg.inspect, lambda s: jpeg.decode(s, (0,))):
        with pytest.raises((ImageFileError, ValueError), match="CMYK"):
            act(_source(buffer.getvalue()))


def test_a_jpeg_of_12_bits_is_refused() -> None:
    data = bytearray(makers.jpeg(_smooth()))
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(ImageFileError, match="12-bit"):
        jpeg.inspect(_source(bytes(data)))


def test_of_a_multi_picture_file_the_first_is_read_and_that_is_said() -> None:
    """Telephones write them; as an animation they would be two frames of different sizes."""
    buffer = io.BytesIO()
    second = Image.fromarray(_smooth(10, 12))
    Image.fromarray(_smooth()).save(buffer, "MPO", save_all=True, append_images=[second])
    source = _source(buffer.getvalue())
    assert jpeg.inspect(source).frames == 1
    decoded = jpeg.decode(source, (0,))
    assert decoded.frames[0].shape == (40, 56, 3)
    assert decoded.notes == ("first of 2 pictures in this file (MPO); the others not kept",)


def test_broken_exif_does_not_stop_the_decoder() -> None:
    data = makers.jpeg(_smooth(), makers.segment(0xE1, b"Exif\0\0garbage!"))
    decoded = jpeg.decode(_source(data), (0,))
    np.testing.assert_array_equal(decoded.frames[0], np.asarray(_open(makers.jpeg(_smooth()))))
    assert decoded.notes == ("JPEG metadata not kept (broken EXIF)",)


def test_metadata_and_density_are_written_where_readers_look_for_them() -> None:
    metadata = Metadata(icc=makers.icc(), exif=makers.exif(), xmp=b"<x/>", resolution=(300.4, 72.0))
    data = jpeg.encode(Picture((_smooth(),), False, "png", metadata), OPTIONS)
    image = _open(data)
    assert image.info["dpi"] == (300, 72)
    assert image.info["icc_profile"] == makers.icc()
    assert image.info["exif"] == b"Exif\0\0" + makers.exif()
    image.load()


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_the_header_gives_the_shape_of_the_upright_picture(orientation: int) -> None:
    block = makers.segment(0xE1, b"Exif\0\0" + makers.exif("<", orientation))
    header = jpeg.inspect(_source(makers.jpeg(_smooth(), block)))
    assert header.shape == ((56, 40, 3) if orientation == 6 else (40, 56, 3))
