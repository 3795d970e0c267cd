from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dilcli.errors import ImageFileError
from dilcli.files import via_imageio
from dilcli.files.encoding import encode
from dilcli.files.formats import missing_package
from dilcli.files.reading import inspect, read
from dilcli.files.records import Metadata, Options, Picture, Source
from tests.files import makers

needs_avif = pytest.mark.skipif(missing_package("avif") is not None, reason="Pillow without AVIF")


def _smooth(channels: int) -> Any:
    y, x = np.mgrid[:40, :56]
    planes = [x * 4, y * 6, 255 - x * 3, 255 - y * 2]
    return np.stack(planes[:channels], axis=-1).astype(np.uint8)


def _pillow(name: str, image: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, name, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("format_", "shape", "dtype"),
    [
        ("bmp", (9, 13), "uint8"),
        ("bmp", (9, 13, 3), "uint8"),
        ("tga", (9, 13), "uint8"),
        ("tga", (9, 13, 2), "uint8"),
        ("tga", (9, 13, 3), "uint8"),
        ("tga", (9, 13, 4), "uint8"),
        ("jpeg2000", (9, 13), "uint8"),
        ("jpeg2000", (9, 13, 2), "uint8"),
        ("jpeg2000", (9, 13, 3), "uint8"),
        ("jpeg2000", (9, 13, 4), "uint8"),
        ("jpeg2000", (9, 13), "uint16"),
        ("jpeg2000", (1, 1), "uint16"),
    ],
)
def test_loss_free_formats_are_exact_both_ways_and_pillow_agrees(
    format_: str, shape: tuple[int, ...], dtype: str
) -> None:
    samples = makers.noise(shape, dtype)
    alpha = shape[-1] in (2, 4) and len(shape) == 3
    data = via_imageio.encode(Picture((samples,), alpha, "x"), Options(format_))
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), samples)
    header, picture = inspect(data), read(data)
    np.testing.assert_array_equal(picture.frames[0], samples)
    assert (header.format, header.shape, header.dtype) == (format_, shape, dtype)
    assert header.alpha == picture.alpha == alpha
    assert picture.frames[0].dtype.isnative


def test_a_16_bit_colour_jpeg_2000_is_refused_in_one_line() -> None:
    """The library would give 8 bits without a word."""
    data = _pillow("JPEG2000", _smooth(3))
    at = data.index(b"\xff\x4f\xff\x51") + 42
    deep = data[:at] + b"\x0f\1\1\x0f\1\1\x0f\1\1" + data[at + 9 :]
    for act in (inspect, read):
        with pytest.raises(ImageFileError, match="3 channels of 16-bit samples"):
            act(deep, name="x.jp2")


@needs_avif
@pytest.mark.parametrize("channels", [3, 4])
def test_avif_stays_near_and_keeps_its_metadata(channels: int) -> None:
    image = _smooth(channels)
    metadata = Metadata(
        icc=makers.icc(), exif=makers.exif("<"), xmp=b"<x/>", text=(("Title", "hill"),)
    )
    picture = Picture((image,), channels == 4, "png", metadata)
    back = read(encode(picture, "avif"))
    assert np.abs(back.frames[0].astype(int) - image).mean() < 3
    assert back.alpha == (channels == 4)
    assert back.metadata.icc == makers.icc()
    assert back.metadata.xmp == b"<x/>"
    assert back.metadata.resolution == (300.0, 150.0)
    assert back.metadata.exif is not None
    assert b"Title: hill" in back.metadata.exif
    assert back.metadata.lossy


@needs_avif
def test_a_better_quality_of_avif_is_nearer_and_larger() -> None:
    image = _smooth(3)
    small, large = (
        encode(Picture((image,), False, "png"), "avif", quality=quality) for quality in (20, 95)
    )
    assert len(small) < len(large)
    errors = [np.abs(read(data).frames[0].astype(int) - image).mean() for data in (small, large)]
    assert errors[1] < errors[0]


@needs_avif
def test_an_avif_animation_keeps_its_frames_and_durations() -> None:
    frames = tuple(np.roll(_smooth(3), 10 * step, axis=1) for step in (0, 0, 2))
    metadata = Metadata(durations=(100.0, 70.0, 33.0), loop=0)
    data = encode(Picture(frames, False, "gif", metadata), "avif")
    assert inspect(data).frames == 3
    back = read(data)
    assert back.metadata.durations == (100.0, 70.0, 33.0)
    for found, expected in zip(back.frames, frames, strict=True):
        assert np.abs(found.astype(int) - expected).mean() < 3
    last = read(data, frames=[2])
    np.testing.assert_array_equal(last.frames[0], back.frames[2])


@needs_avif
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_an_avif_is_applied(orientation: int) -> None:
    stored = _smooth(3)
    exif = Image.Exif()
    exif[274] = orientation
    data = _pillow("AVIF", stored, quality=95, subsampling="4:4:4", exif=exif)
    picture = read(data)
    shown = Image.fromarray(stored)
    shown.getexif()[274] = orientation
    from PIL import ImageOps

    expected = np.asarray(ImageOps.exif_transpose(shown))
    assert inspect(data).shape == picture.frames[0].shape == expected.shape
    assert np.abs(picture.frames[0].astype(int) - expected).mean() < 4


@needs_avif
def test_broken_exif_does_not_stop_an_avif() -> None:
    data = _pillow("AVIF", _smooth(3), exif=b"Exif\0\0" + makers.exif("<", 6))
    at = data.index(b"II*\0")
    broken = data[:at] + b"garbage!" + data[at + 8 :]
    picture = read(broken)
    assert picture.frames[0].shape in ((40, 56, 3), (56, 40, 3))
    assert picture.metadata.exif is None or picture.notes


def test_a_bmp_keeps_its_resolution_and_invents_none() -> None:
    picture = Picture((_smooth(3),), False, "png", Metadata(resolution=(300.0, 72.0)))
    back = read(encode(picture, "bmp"))
    assert back.metadata.resolution == pytest.approx((300, 72), abs=0.05)
    assert read(encode(Picture((_smooth(3),), False, "png"), "bmp")).metadata.resolution is None


def test_a_bmp_palette_and_a_bmp_of_one_bit_are_widened() -> None:
    colours = Image.fromarray(_smooth(3)).quantize(50)
    buffer = io.BytesIO()
    colours.save(buffer, "BMP")
    np.testing.assert_array_equal(
        read(buffer.getvalue()).frames[0], np.asarray(colours.convert("RGB"))
    )
    ink = makers.noise((9, 13)) > 127
    data = _pillow("BMP", ink)
    assert inspect(data).dtype == "uint8"
    np.testing.assert_array_equal(read(data).frames[0], ink * 255)


def test_the_fourth_bytes_of_a_bmp_are_no_alpha_and_their_loss_is_said() -> None:
    data = _pillow("BMP", makers.noise((5, 6, 4)))
    picture = read(data)
    assert picture.frames[0].shape == (5, 6, 3)
    assert picture.notes == ("fourth bytes of 32-bit BMP pixels not kept",)


@pytest.mark.parametrize(("format_", "package"), [("heif", "pillow_heif"), ("fits", "astropy")])
def test_a_missing_package_is_named_as_its_extra(
    format_: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec

    def find_spec(name: str, *more: Any) -> Any:
        return None if name == package else real(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    head = b"\0\0\0\x18ftypheic" if format_ == "heif" else b"SIMPLE  ="
    with pytest.raises(ImageFileError, match=rf"needs: pip install dilcli\[{format_}\]"):
        inspect(head + bytes(100))


def test_heif_is_read_and_written_where_its_package_is_there() -> None:
    pytest.importorskip("pillow_heif")
    image = _smooth(3)
    back = read(encode(Picture((image,), False, "png", Metadata(xmp=b"<x/>")), "heif"))
    assert np.abs(back.frames[0].astype(int) - image).mean() < 3
    assert back.metadata.xmp == b"<x/>"


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_fits_is_read_where_its_package_is_there(dtype: str) -> None:
    fits = pytest.importorskip("astropy.io.fits")
    samples = makers.noise((9, 13), dtype)
    buffer = io.BytesIO()
    fits.PrimaryHDU(samples).writeto(buffer)
    picture = read(buffer.getvalue())
    np.testing.assert_array_equal(picture.frames[0], samples)
    assert inspect(buffer.getvalue()).dtype == dtype


def test_the_plugin_is_named_and_gets_bytes_never_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Left alone, imageio tries what is installed and takes some names for addresses."""
    import imageio.v3 as iio

    seen: list[tuple[type, object]] = []
    real = iio.imopen

    def spy(uri: Any, mode: Any, **options: Any) -> Any:
        seen.append((type(uri), options.get("plugin")))
        return real(uri, mode, **options)

    monkeypatch.setattr(iio, "imopen", spy)
    via_imageio.inspect(Source("http://example.org/x.bmp", data=_pillow("BMP", _smooth(3))))
    assert seen
    assert set(seen) == {(bytes, "pillow")}


def test_the_fast_formats_load_neither_imageio_nor_each_others_libraries() -> None:
    code = (
        "import sys, io, numpy as np\n"
        "from dilcli.files import encode, read, Picture\n"
        "for name in ('png', 'jpeg', 'webp', 'gif', 'npy'):\n"
        "    read(encode(Picture((np.zeros((4, 4), np.uint8),), False, 'x'), name))\n"
        "print([m for m in ('imageio', 'tifffile', 'scipy', 'imagecodecs') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
