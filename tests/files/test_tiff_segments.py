from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from dilcli.files import tiff_segments
from dilcli.files.formats import FORMATS
from tests.files import makers

if TYPE_CHECKING:
    from collections.abc import Callable

NONE, LZW, DEFLATE = 1, 5, 8
PACK: dict[int, Callable[[bytes], bytes]] = {NONE: bytes, LZW: makers.lzw, DEFLATE: zlib.compress}
SAMPLE_FORMATS = {"u": 1, "i": 2, "f": 3}


def _difference(rows: Any) -> bytes:
    """Apply the horizontal predictor to (H, W, C) samples of any type, bit patterns as integers."""
    whole = rows.view(f"{rows.dtype.byteorder}u{rows.dtype.itemsize}")
    out = whole.copy()
    out[:, 1:] = whole[:, 1:] - whole[:, :-1]
    return bytes(out.tobytes())


def _float_difference(rows: Any) -> bytes:
    """Apply the floating point predictor: bytes by significance, then differences of bytes."""
    height, width, channels = rows.shape
    size = rows.dtype.itemsize
    big = np.ascontiguousarray(rows.astype(rows.dtype.newbyteorder(">"))).view(np.uint8)
    planes = big.reshape(height, width * channels, size).transpose(0, 2, 1)
    line = planes.reshape(height, -1, channels).copy()
    out = line.copy()
    out[:, 1:] = line[:, 1:] - line[:, :-1]
    return out.tobytes()


def _packed(rows: Any, codec: int, predictor: int) -> bytes:
    if predictor == 2:
        return PACK[codec](_difference(rows))
    return PACK[codec](_float_difference(rows) if predictor == 3 else rows.tobytes())


def _tags(image: Any, codec: int, predictor: int) -> dict[int, tuple[int, tuple[int, ...]]]:
    height, width, channels = image.shape
    bits = 8 * image.dtype.itemsize
    tags: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (4, (width,)),
        257: (4, (height,)),
        258: (3, (bits,) * channels),
        259: (3, (codec,)),
        262: (3, (2 if channels == 3 else 1,)),
        277: (3, (channels,)),
        317: (3, (predictor,)),
        339: (3, (SAMPLE_FORMATS[image.dtype.kind],) * channels),
    }
    return tags


def _stripped(image: Any, codec: int, predictor: int, order: str = "<", rows: int = 4) -> bytes:
    stored = image.astype(image.dtype.newbyteorder(order))
    strips = [
        _packed(np.ascontiguousarray(stored[y : y + rows]), codec, predictor)
        for y in range(0, len(stored), rows)
    ]
    tags = _tags(image, codec, predictor) | {278: (4, (rows,))}
    return makers.tiff(tags, strips, order)


def _decoded(data: bytes, first: int = 0, last: int | None = None) -> Any:
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page: Any = tiff.pages[0]
        return tiff_segments.decode_bytes(page, first, last)


@pytest.mark.parametrize("dtype", FORMATS["tiff"].samples)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("codec", "predictor"), [(NONE, 1), (LZW, 1), (LZW, 2), (DEFLATE, 2)])
def test_every_sample_type_is_exact_without_a_further_package(
    dtype: str, channels: int, order: str, codec: int, predictor: int
) -> None:
    """Without imagecodecs tifffile cannot read LZW, and Pillow cuts most types to 8 bits."""
    image = makers.noise((11, 7, channels), dtype)
    found = _decoded(_stripped(image, codec, predictor, order))
    np.testing.assert_array_equal(found[0], image)
    assert found.dtype == image.dtype
    assert found.dtype.isnative


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_floating_point_predictor_is_undone(dtype: str, channels: int, order: str) -> None:
    image = makers.noise((9, 7, channels), dtype)
    found = _decoded(_stripped(image, DEFLATE, 3, order))
    np.testing.assert_array_equal(found[0], image)


@pytest.mark.parametrize("codec", [NONE, LZW])
@pytest.mark.parametrize("predictor", [1, 2])
def test_tiles_are_put_together_and_cut_at_the_border(codec: int, predictor: int) -> None:
    image = makers.noise((37, 41, 3), "uint16")
    padded = np.zeros((48, 48, 3), np.uint16)
    padded[:37, :41] = image
    tiles = [
        _packed(np.ascontiguousarray(padded[y : y + 16, x : x + 16]), codec, predictor)
        for y in range(0, 48, 16)
        for x in range(0, 48, 16)
    ]
    tags = _tags(image, codec, predictor) | {322: (4, (16,)), 323: (4, (16,))}
    data = makers.tiff(tags, tiles, tiled=True)
    np.testing.assert_array_equal(_decoded(data)[0], image)
    for first, last in ((0, 1), (1, 3), (2, 3)):
        found = _decoded(data, first, last)[0]
        np.testing.assert_array_equal(found, image[16 * first : 16 * last])


@pytest.mark.parametrize(("codec", "predictor"), [(LZW, 2), (DEFLATE, 1)])
@pytest.mark.parametrize("order", ["<", ">"])
def test_some_strips_are_the_rows_that_they_hold(codec: int, predictor: int, order: str) -> None:
    image = makers.noise((11, 7, 3), "uint16")
    data = _stripped(image, codec, predictor, order)
    for first, last in ((0, 1), (1, 3), (2, 3), (0, 3)):
        found = _decoded(data, first, last)[0]
        np.testing.assert_array_equal(found, image[4 * first : 4 * last])


def test_separate_planes_stay_separate() -> None:
    image = makers.noise((10, 7, 3), "int32")
    planes = [np.ascontiguousarray(image[:, :, c : c + 1]) for c in range(3)]
    strips = [_packed(plane[y : y + 4], LZW, 2) for plane in planes for y in range(0, 10, 4)]
    tags = _tags(image, LZW, 2) | {278: (4, (4,)), 284: (3, (2,))}
    data = makers.tiff(tags, strips)
    np.testing.assert_array_equal(np.concatenate(list(_decoded(data)), axis=-1), image)
    some = np.concatenate(list(_decoded(data, 1, 3)), axis=-1)
    np.testing.assert_array_equal(some, image[4:])


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("codec", [NONE, LZW, DEFLATE])
def test_few_bits_are_unpacked_and_not_scaled(bits: int, codec: int) -> None:
    image = makers.noise((6, 13)) & (2**bits - 1)
    planes = (image[:, :, None] >> np.arange(bits - 1, -1, -1, dtype=np.uint8)) & 1
    rows = np.packbits(planes.reshape(6, -1), axis=1)
    tags = _tags(image[..., None], codec, 1) | {258: (3, (bits,)), 278: (4, (4,))}
    found = _decoded(
        makers.tiff(tags, [PACK[codec](rows[:4].tobytes()), PACK[codec](rows[4:].tobytes())])
    )
    np.testing.assert_array_equal(found[0, ..., 0], image)


@pytest.mark.parametrize(
    "compression", ["tiff_lzw", "packbits", "zstd", "lzma", "tiff_adobe_deflate"]
)
def test_what_pillow_wrote_is_read(compression: str) -> None:
    image = makers.noise((23, 31, 3))
    buffer = io.BytesIO()
    try:
        Image.fromarray(image).save(buffer, "TIFF", compression=compression)
    except OSError:
        pytest.skip(f"this build of Pillow knows no {compression}")
    np.testing.assert_array_equal(_decoded(buffer.getvalue())[0], image)


def test_bits_in_the_other_order_are_turned_around() -> None:
    image = makers.noise((5, 16, 1))
    reverse = np.array([int(f"{v:08b}"[::-1], 2) for v in range(256)], np.uint8)
    for codec in (NONE, DEFLATE):
        strips = [reverse[np.frombuffer(PACK[codec](image.tobytes()), np.uint8)].tobytes()]
        tags = _tags(image, codec, 1) | {266: (3, (2,)), 278: (4, (5,))}
        np.testing.assert_array_equal(_decoded(makers.tiff(tags, strips))[0], image)


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt"])
def test_fax_pages_are_read_as_0_and_1(compression: str) -> None:
    ink = makers.noise((23, 31)) > 127
    buffer = io.BytesIO()
    Image.fromarray(ink).save(buffer, "TIFF", compression=compression)
    with tifffile.TiffFile(io.BytesIO(buffer.getvalue())) as tiff:
        page: Any = tiff.pages[0]
        found = tiff_segments.decode_picture(page)
        inverted = int(page.photometric) == 0
    np.testing.assert_array_equal(found[0, ..., 0], ink != inverted)


@pytest.mark.parametrize("shape", [(24, 32), (24, 32, 3)])
def test_jpeg_pages_are_read_as_pillow_reads_them(shape: tuple[int, ...]) -> None:
    y, x = np.mgrid[:24, :32]
    image = np.stack([x * 8, y * 10, 255 - x * 4], axis=-1).astype(np.uint8)
    image = image if len(shape) == 3 else image[..., 0].copy()
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "TIFF", compression="jpeg", quality=90)
    with tifffile.TiffFile(io.BytesIO(buffer.getvalue())) as tiff:
        page: Any = tiff.pages[0]
        found = tiff_segments.decode_picture(page)
    expected = np.asarray(Image.open(io.BytesIO(buffer.getvalue())))
    np.testing.assert_array_equal(found[0].reshape(shape), expected)


@pytest.mark.parametrize("compression", ["group4", "jpeg"])
def test_some_strips_of_what_knows_pixels_are_the_rows_that_they_hold(compression: str) -> None:
    image = makers.noise((37, 40)) > 127
    picture = Image.fromarray(image).convert("1" if compression == "group4" else "RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", compression=compression, strip_size=8 * 40 * 3)
    with tifffile.TiffFile(io.BytesIO(buffer.getvalue())) as tiff:
        page: Any = tiff.pages[0]
        _, rows, _, down = tiff_segments.geometry(page)
        whole = tiff_segments.decode_picture(page)
        assert down > 1 or compression == "group4"
        for first in range(down):
            found = tiff_segments.decode_picture(page, first, first + 1)
            np.testing.assert_array_equal(found[0], whole[0, rows * first : rows * (first + 1)])


def test_damage_is_an_error_and_not_a_stranger_on_standard_error(
    capfd: pytest.CaptureFixture[str],
) -> None:
    data = bytearray(_stripped(makers.noise((40, 40, 1)), LZW, 1))
    data[100:160] = b"\xff" * 60
    with pytest.raises(ValueError, match="damaged data"):
        _decoded(bytes(data))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("cut", ["count", "bytes"])
def test_missing_strips_are_damage(cut: str) -> None:
    image = makers.noise((12, 7, 1))
    strips = [makers.lzw(image[y : y + 4].tobytes()) for y in (0, 4, 8)]
    tags = _tags(image, LZW, 1) | {278: (4, (4,))}
    strips = strips[:2] if cut == "count" else [*strips[:2], b""]
    with pytest.raises(ValueError, match="strip"):
        _decoded(makers.tiff(tags, strips))
