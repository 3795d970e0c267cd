from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from dilcli.files.formats import FORMATS
from dilcli.files.tiff_pages import Layout, layout, pixels, samples
from tests.files import makers


def _tifffile(image: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, image, metadata=None, **options)
    return buffer.getvalue()


def _read(data: bytes) -> tuple[Layout, Any]:
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page: Any = tiff.pages[0]
        described, found = layout(page), samples(page)
    assert found.shape == described.shape
    assert found.dtype == described.dtype
    assert found.dtype.isnative
    assert found.flags.c_contiguous
    return described, found


def _described(data: bytes) -> Layout:
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page: Any = tiff.pages[0]
        return layout(page)


@pytest.mark.parametrize("dtype", FORMATS["tiff"].samples)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("tile", [None, (16, 32)])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_every_sample_type_byte_order_and_tile_is_exact(
    dtype: str, order: Any, tile: Any, compression: Any
) -> None:
    image = makers.noise((21, 37, 3), dtype)
    data = _tifffile(image, photometric="rgb", byteorder=order, tile=tile, compression=compression)
    np.testing.assert_array_equal(_read(data)[1], image)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_separate_planes_become_channels(dtype: str) -> None:
    """The library alone gives (3, H, W)."""
    image = makers.noise((11, 13, 3), dtype)
    data = _tifffile(np.moveaxis(image, -1, 0), photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(_read(data)[1], image)


@pytest.mark.parametrize("mode", ["plain", "tiff_lzw"])
def test_a_palette_is_looked_up(mode: str) -> None:
    """The library alone gives the indices."""
    image = Image.fromarray(makers.noise((11, 13, 3))).quantize(99)
    buffer = io.BytesIO()
    image.save(buffer, "TIFF", compression=None if mode == "plain" else mode)
    described, found = _read(buffer.getvalue())
    np.testing.assert_array_equal(found, np.asarray(image.convert("RGB")))
    assert described.notes == ("palette expanded to RGB",)


@pytest.mark.parametrize("factor", [1, 256, 257])
def test_a_palette_of_any_writers_scale_gives_the_same_colours(factor: int) -> None:
    colours = makers.noise((256, 3)) | 1
    indices = makers.noise((5, 6))
    data = _tifffile(
        indices, photometric="palette", colormap=(colours.T.astype(np.uint16) * factor)
    )
    np.testing.assert_array_equal(_read(data)[1], colours[indices])


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32"])
def test_white_is_zero_is_inverted_and_that_is_said(dtype: str) -> None:
    image = makers.noise((5, 6), dtype)
    described, found = _read(_tifffile(image, photometric="miniswhite"))
    np.testing.assert_array_equal(found, np.iinfo(dtype).max - image)
    assert described.notes == ("white-is-zero samples inverted",)


@pytest.mark.parametrize("photometric", ["miniswhite", "minisblack"])
def test_bool_is_0_and_255_and_never_a_negative(photometric: str) -> None:
    image = makers.noise((5, 13)) > 127
    _, found = _read(_tifffile(image, photometric=photometric))
    np.testing.assert_array_equal(found, (image != (photometric == "miniswhite")) * 255)


@pytest.mark.parametrize("bits", [2, 4])
def test_few_bits_are_widened(bits: int) -> None:
    values = makers.noise((4, 8)) & (2**bits - 1)
    planes = (values[:, :, None] >> np.arange(bits - 1, -1, -1, dtype=np.uint8)) & 1
    strip = np.packbits(planes.reshape(4, -1), axis=1).tobytes()
    tags: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (4, (8,)),
        257: (4, (4,)),
        258: (3, (bits,)),
        259: (3, (1,)),
        262: (3, (1,)),
        277: (3, (1,)),
        278: (4, (4,)),
    }
    described, found = _read(makers.tiff(tags, [strip]))
    np.testing.assert_array_equal(found, values * (255 // (2**bits - 1)))
    assert described.notes == (f"{bits}-bit samples widened to 0..255",)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_tag_is_applied(orientation: int) -> None:
    """Pillow applies it, tifffile does not."""
    image = makers.noise((5, 7, 3))
    extra = [(274, 3, 1, orientation, True)]
    described, found = _read(_tifffile(image, photometric="rgb", extratags=extra))
    picture = Image.fromarray(image)
    picture.getexif()[274] = orientation
    np.testing.assert_array_equal(found, np.asarray(ImageOps.exif_transpose(picture)))
    noted = (f"TIFF orientation {orientation} applied",)
    assert described.notes == (() if orientation == 1 else noted)


@pytest.mark.parametrize(
    ("channels", "extra", "alpha", "associated"),
    [
        (1, [], False, False),
        (2, ["unassalpha"], True, False),
        (2, ["assocalpha"], False, True),
        (2, ["unspecified"], False, False),
        (3, [], False, False),
        (4, ["unassalpha"], True, False),
        (4, ["assocalpha"], False, True),
        (4, ["unspecified"], False, False),
        (5, ["unspecified", "unassalpha"], False, False),
    ],
)
def test_only_a_single_straight_alpha_is_alpha(
    channels: int, extra: Any, alpha: bool, associated: bool
) -> None:
    image = makers.noise((5, 6, channels) if channels > 1 else (5, 6), "uint16")
    photometric = "rgb" if channels >= 3 else "minisblack"
    data = _tifffile(
        image, photometric=photometric, planarconfig="contig", extrasamples=extra or None
    )
    described, found = _read(data)
    np.testing.assert_array_equal(found, image)
    assert (described.alpha, described.associated) == (alpha, associated)
    assert bool(described.notes) == (len(extra) > 1)


@pytest.mark.parametrize("mode", ["CMYK", "LAB"])
def test_other_colours_are_refused(mode: Any) -> None:
    """CMYK has the shape of RGBA."""
    buffer = io.BytesIO()
    Image.new(mode, (5, 6)).save(buffer, "TIFF")
    with pytest.raises(ValueError, match="CMYK" if mode == "CMYK" else "Lab"):
        _described(buffer.getvalue())


def _tags(**changed: Any) -> dict[int, tuple[int, tuple[int, ...]]]:
    tags: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (4, (8,)),
        257: (4, (4,)),
        258: (3, (8,)),
        259: (3, (1,)),
        262: (3, (1,)),
        277: (3, (1,)),
        278: (4, (4,)),
    }
    return tags | {int(tag[1:]): value for tag, value in changed.items()}


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (_tags(_258=(3, (12,))), "12-bit"),
        (_tags(_258=(3, (5, 6, 5)), _277=(3, (3,)), _262=(3, (2,))), "not read"),
        (_tags(_262=(3, (32803,))), "camera raw"),
        (_tags(_50706=(3, (1, 4, 0, 0))), "DNG"),
        (_tags(_262=(3, (4,))), "mask"),
        (_tags(_262=(3, (6,)), _277=(3, (3,)), _258=(3, (8, 8, 8))), "YCbCr"),
        (_tags(_262=(3, (2,))), "1 samples is no RGB"),
        (_tags(_262=(3, (3,))), "palette"),
        (_tags(_262=(3, (0,)), _339=(3, (2,))), "white-is-zero"),
        (_tags(_258=(3, (64,)), _339=(3, (6,))), "not read"),
        (_tags(_32997=(4, (3,))), "3 planes deep"),
    ],
)
def test_what_would_be_read_wrong_is_refused_by_name(
    tags: dict[int, tuple[int, tuple[int, ...]]], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        _described(makers.tiff(tags, [bytes(256)]))


def test_an_exotic_compression_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"LERC needs: pip install dilcli\[codecs\]"):
        _read(makers.tiff(_tags(_259=(3, (34887,))), [bytes(32)]))


def test_a_tile_larger_than_its_page_counts_against_the_pixel_limit() -> None:
    data = _tifffile(makers.noise((5, 6)), tile=(64, 32))
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page: Any = tiff.pages[0]
        assert pixels(page) == 64 * 32


@pytest.mark.parametrize("layout", [{"rowsperstrip": 5}, {"tile": (16, 16)}])
def test_threads_decode_the_same_samples(layout: dict[str, Any]) -> None:
    image = makers.noise((43, 37, 3))
    data = _tifffile(image, photometric="rgb", compression="zlib", predictor=2, **layout)
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        np.testing.assert_array_equal(samples(tiff.pages.first, 3), image)
