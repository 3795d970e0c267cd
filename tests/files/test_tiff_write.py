from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from dilcli.files.records import Metadata, Picture
from dilcli.files.tiff_write import encode
from tests.files import makers


def _encode(*frames: Any, alpha: bool = False, compression: Any = None, **metadata: Any) -> bytes:
    return encode(Picture(frames, alpha, "x", Metadata(**metadata)), compression)


def _first(data: bytes) -> Any:
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        return tiff.pages[0]


@pytest.mark.parametrize(
    "dtype", ["uint8", "uint16", "int16", "uint32", "int64", "float16", "float64"]
)
@pytest.mark.parametrize("compression", [None, "none", 0, 6, 9])
def test_tifffile_reads_every_sample_back(dtype: str, compression: Any) -> None:
    image = makers.noise((33, 21, 3), dtype)
    data = _encode(image, compression=compression)
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(data)), image)
    assert _first(data).compression == (1 if compression in ("none", 0) else 8)


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 2), (9, 7, 3), (9, 7, 4)])
@pytest.mark.parametrize("order", ["<", ">"])
def test_pillow_reads_every_sample_back_through_predictor_and_byte_order(
    shape: tuple[int, ...], order: str
) -> None:
    image = makers.noise(shape)
    data = _encode(image, alpha=shape[-1] in (2, 4), exif=makers.exif(order))
    assert data[:2] == (b"II" if order == "<" else b"MM")
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), image)


@pytest.mark.parametrize(
    ("shape", "alpha", "associated", "expected"),
    [
        ((9, 7), False, False, (1, ())),
        ((9, 7, 1), False, False, (1, ())),
        ((9, 7, 2), True, False, (1, (2,))),
        ((9, 7, 2), False, False, (1, (0,))),
        ((9, 7, 3), False, False, (2, ())),
        ((9, 7, 4), True, False, (2, (2,))),
        ((9, 7, 4), False, False, (2, (0,))),
        ((9, 7, 4), False, True, (2, (1,))),
        ((9, 7, 6), False, False, (2, (0, 0, 0))),
    ],
)
def test_channels_stay_channels_and_say_what_they_are(
    shape: tuple[int, ...], alpha: bool, associated: bool, expected: Any
) -> None:
    """Left to guess, the library makes H pages of W x 2 out of gray with alpha."""
    image = makers.noise(shape)
    data = _encode(image, alpha=alpha, associated_alpha=associated)
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        assert len(tiff.pages) == 1
        page: Any = tiff.pages[0]
        np.testing.assert_array_equal(page.asarray().reshape(shape), image)
        extra = tuple(int(kind) for kind in page.extrasamples)
        assert (int(page.photometric), extra) == expected
        assert int(page.planarconfig) == 1


@pytest.mark.parametrize("compression", [None, "none"])
def test_a_picture_of_many_strips_is_exact(compression: Any) -> None:
    image = makers.noise((700, 600, 3), "uint16")
    data = _encode(image, compression=compression)
    assert compression or len(_first(data).dataoffsets) > 1
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(data)), image)


def test_three_gray_pages_are_no_planar_rgb() -> None:
    frames = [makers.noise((9, 7), seed=seed) for seed in range(3)]
    with tifffile.TiffFile(io.BytesIO(_encode(*frames))) as tiff:
        assert len(tiff.pages) == 3
        for page, frame in zip(tiff.pages, frames, strict=True):
            np.testing.assert_array_equal(page.asarray(), frame)


def test_pages_may_differ_in_size() -> None:
    frames = [makers.noise((9, 7, 3)), makers.noise((20, 4, 3)), makers.noise((20, 4, 3), seed=1)]
    with tifffile.TiffFile(io.BytesIO(_encode(*frames))) as tiff:
        for page, frame in zip(tiff.pages, frames, strict=True):
            np.testing.assert_array_equal(page.asarray(), frame)


def test_integers_are_stored_as_differences_and_floats_are_not() -> None:
    """The floating point predictor would need a further package."""
    smooth = np.add.outer(np.arange(300), np.arange(300)).astype(np.uint16)
    assert _first(_encode(smooth)).predictor == 2
    assert len(_encode(smooth)) < len(_encode(smooth.astype(np.float32))) / 2
    assert _first(_encode(smooth.astype(np.float32))).predictor == 1


def test_metadata_is_written_once_and_the_profile_and_resolution_on_each_page() -> None:
    frame = makers.noise((5, 6, 3))
    text = (
        ("Title", "hill"),
        ("Software", "tool"),
        ("Comment", "über"),
        ("Author", "Zoë"),
        ("Copyright", "none"),
    )
    data = _encode(
        frame,
        frame,
        icc=makers.icc(),
        xmp=b"<x/>",
        resolution=(300.0, 72.5),
        text=text,
        photoshop=b"8BIM1",
    )
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        pages: Any = tiff.pages
        first, second = (page.tags for page in pages)
        for tags in (first, second):
            assert tags[34675].value == makers.icc()
            assert tags[282].value == (300, 1)
            assert tags[283].value == (145, 2)
            assert tags[296].value == 2
        assert first[700].value == b"<x/>"
        assert first[34377].value
        assert first[305].value == "tool"
        file: Any = tiff.filehandle
        file.seek(first[270].valueoffset)
        assert file.read(first[270].valuebytecount) == "Title: hill\nüber".encode() + b"\0"
        assert 270 not in second
        assert 700 not in second


def test_no_metadata_means_no_tags_of_the_librarys_own() -> None:
    tags = {tag.code for tag in _first(_encode(makers.noise((5, 6)))).tags}
    assert not tags & {270, 305, 306, 34675, 700}
    assert _first(_encode(makers.noise((5, 6)))).tags[296].value == 1, "no unit, no resolution"


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_and_gps_directories_are_placed_and_pillow_finds_them(order: str) -> None:
    frame = makers.noise((5, 6, 3))
    data = _encode(frame, frame, exif=makers.exif(order, 1))
    image: Any = Image.open(io.BytesIO(data))
    np.testing.assert_array_equal(np.asarray(image), frame)
    assert image.n_frames == 2
    image.seek(0)
    found = image.getexif()
    assert found[271] == "Maker"
    assert found.get_ifd(34665)[33434] == pytest.approx(1 / 250)
    assert found.get_ifd(34665)[40961] == 1
    assert found.get_ifd(34853)[1] == "N"


def test_a_description_in_exif_and_one_of_the_caller_are_both_kept() -> None:
    from dilcli.files.exif import with_tags

    block = with_tags(makers.exif(), description="from EXIF")
    data = _encode(makers.noise((5, 6)), exif=block, text=(("Description", "from text"),))
    assert _first(data).description == "from EXIF\nfrom text"


def test_what_is_larger_than_32_bits_can_point_to_is_a_bigtiff(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = makers.noise((20, 20))
    assert _encode(image)[:4] == b"II*\0"
    monkeypatch.setattr("dilcli.files.tiff_write.CLASSIC_TIFF_LIMIT", 399)
    data = _encode(image)
    assert data[:4] == b"II+\0"
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(data)), image)


@pytest.mark.parametrize(
    ("compression", "number"), [(None, 1), ("none", 1), ("deflate", 8), (1, 8), (0, 1)]
)
def test_what_was_not_compressed_stays_so_unless_told_not_to(compression: Any, number: int) -> None:
    data = _encode(makers.noise((9, 7)), compression=compression, uncompressed=True)
    assert _first(data).compression == number


def test_the_bytes_do_not_depend_on_the_threads() -> None:
    picture = Picture((makers.noise((700, 500, 3)),), False, "x", Metadata())
    assert len(_first(encode(picture, None, 1)).dataoffsets) > 2
    assert encode(picture, None, 3) == encode(picture, None, 1)
