from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.files import tiff, tiff_tiles
from dilcli.files.formats import FORMATS
from dilcli.files.records import Metadata, Options, Picture, Source
from dilcli.files.rows import StripFrame
from tests.files import makers

if TYPE_CHECKING:
    from collections.abc import Iterator


def _frame(image: Any, *heights: int) -> StripFrame:
    """Cut an image to strips of these heights, again and again."""

    def strips() -> Iterator[Any]:
        first, turn = 0, 0
        while first < len(image):
            last = first + heights[turn % len(heights)]
            yield image[first:last]
            first, turn = last, turn + 1

    return StripFrame(image.shape, image.dtype, strips())


def _written(*frames: StripFrame, alpha: bool = False, **options: Any) -> bytes:
    buffer, metadata = io.BytesIO(), options.pop("metadata", Metadata())
    tiff_tiles.write_pages(
        buffer, frames, count=len(frames), alpha=alpha, metadata=metadata, **options
    )
    return buffer.getvalue()


@pytest.mark.parametrize("dtype", FORMATS["tiff"].samples)
@pytest.mark.parametrize("compression", [None, "none", 0, 6])
@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_every_sample_type_is_exact(
    dtype: str, compression: Any, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiff_tiles, "TILE", 16)
    image = makers.noise((50, 45, channels), dtype)
    data = _written(_frame(image, 11), compression=compression)
    found = files.read(data).frames[0]
    assert found.shape == (image.shape if channels > 1 else image.shape[:2])
    np.testing.assert_array_equal(found.reshape(image.shape), image)


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    heights=st.lists(st.integers(1, 50), min_size=1, max_size=4),
    threads=st.integers(1, 3),
    packed=st.sampled_from([None, "none"]),
)
def test_strips_may_have_any_height(
    height: int, width: int, heights: list[int], threads: int, packed: str | None
) -> None:
    image = makers.noise((height, width, 3), "uint16")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiff_tiles, "TILE", 16)
        frame = _frame(image, *heights)
        data = _written(frame, compression=packed, threads=threads)
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(data)), image)


def test_other_readers_read_tiles_and_strips_too() -> None:
    image = makers.noise((300, 290, 3))
    for compression in (None, "none"):
        picture = Image.open(io.BytesIO(_written(_frame(image, 7), compression=compression)))
        np.testing.assert_array_equal(np.asarray(picture), image)


def test_uncompressed_rows_can_be_read_alone_and_compressed_ones_by_tiles() -> None:
    image = makers.noise((600, 300), "uint16")
    for compression, together in (("none", 1), (None, tiff_tiles.TILE)):
        source = Source("x", data=_written(_frame(image, 50), compression=compression))
        with tiff.open_rows(source, (0,), 1) as picture:
            assert picture.frames[0].together == together


def test_a_strip_that_is_used_again_by_its_maker_does_no_harm() -> None:
    image = makers.noise((64, 64, 3))
    strip = np.empty((8, 64, 3), np.uint8)

    def strips() -> Iterator[Any]:
        for first in range(0, 64, 8):
            strip[...] = image[first : first + 8]
            yield strip
        strip[...] = 0

    for compression in (None, "none"):
        frame = StripFrame(image.shape, image.dtype, strips())
        data = _written(frame, compression=compression, threads=2)
        np.testing.assert_array_equal(files.read(data).frames[0], image)


FULL = Metadata(
    icc=makers.icc(),
    xmp=b"<x/>",
    resolution=(300.0, 72.5),
    text=(("Title", "hill"), ("Software", "tool"), ("Author", "Zoë")),
    photoshop=b"8BIM1",
)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("pages", [1, 2])
def test_what_stands_beside_the_samples_is_what_whole_writing_writes(
    order: str, alpha: bool, pages: int
) -> None:
    image = makers.noise((20, 30, 3 + alpha))
    metadata = replace(FULL, exif=makers.exif(order, 1))
    made = _written(*[_frame(image, 7) for _ in range(pages)], alpha=alpha, metadata=metadata)
    picture = Picture((image,) * pages, alpha, "x", metadata)
    whole = tiff.encode(picture, Options("tiff"))
    assert made[:4] == whole[:4]
    by_strips, at_once = files.read(made), files.read(whole)
    assert by_strips.metadata == at_once.metadata
    assert (by_strips.alpha, by_strips.notes) == (at_once.alpha, at_once.notes)
    for frame in by_strips.frames:
        np.testing.assert_array_equal(frame, image)
    found: Any = Image.open(io.BytesIO(made))
    assert found.n_frames == pages
    found.seek(0)
    assert found.getexif().get_ifd(34853)[1] == "N"


def test_associated_alpha_stays_what_it_is() -> None:
    image = makers.noise((20, 30, 4))
    metadata = Metadata(associated_alpha=True)
    assert files.read(_written(_frame(image, 7), metadata=metadata)).metadata.associated_alpha


def test_a_profile_for_other_colours_is_left_out() -> None:
    data = _written(_frame(makers.noise((20, 30)), 7), metadata=Metadata(icc=makers.icc()))
    assert files.read(data).metadata.icc is None


def test_pages_may_differ_in_size_and_are_made_one_after_another() -> None:
    images = [makers.noise((20, 30)), makers.noise((300, 7)), makers.noise((5, 600))]
    order: list[str] = []

    def strips(number: int) -> Iterator[Any]:
        order.append(f"strips {number}")
        yield images[number]

    def frames() -> Iterator[StripFrame]:
        for number, image in enumerate(images):
            order.append(f"frame {number}")
            yield StripFrame(image.shape, image.dtype, strips(number))

    buffer = io.BytesIO()
    tiff_tiles.write_pages(buffer, frames(), count=3, alpha=False, metadata=Metadata())
    for found, image in zip(files.read(buffer.getvalue()).frames, images, strict=True):
        np.testing.assert_array_equal(found, image)
    assert order == [f"{what} {n}" for n in range(3) for what in ("frame", "strips")]


def test_beyond_32_bits_it_is_a_bigtiff_and_exif_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = makers.noise((20, 20))
    assert _written(_frame(image, 7))[:4] == b"II*\0"
    monkeypatch.setattr("dilcli.files.formats.CLASSIC_TIFF_LIMIT", 799)
    assert _written(_frame(image, 7))[:4] == b"II*\0"
    data = _written(_frame(image, 7), _frame(image, 7))
    assert data[:4] == b"II+\0"
    np.testing.assert_array_equal(files.read(data).frames[1], image)
    buffer, made = io.BytesIO(), iter((_frame(image, 7), _frame(image, 7)))
    tiff_tiles.write_pages(buffer, made, count=2, alpha=False, metadata=Metadata())
    assert buffer.getvalue()[:4] == b"II+\0"
    with pytest.raises(ImageFileError, match=r"BigTIFF.*EXIF"):
        _written(_frame(image, 7), _frame(image, 7), metadata=Metadata(exif=makers.exif()))


@pytest.mark.parametrize("compression", [None, "none"])
@pytest.mark.parametrize(
    ("image", "shape", "dtype", "said"),
    [
        (makers.noise((9, 7)), (10, 7), "uint8", "9 rows for a frame of 10"),
        (makers.noise((9, 7)), (8, 7), "uint8", "9 rows for a frame of 8"),
        (makers.noise((9, 7)), (5, 7), "uint8", "9 rows for a frame of 5"),
        (makers.noise((9, 7), "uint16"), (9, 7), "uint8", "uint16 samples"),
        (makers.noise((9, 7)), (9, 8), "uint8", "reshape"),
    ],
)
def test_strips_that_are_other_than_promised_are_no_picture(
    image: Any, shape: tuple[int, ...], dtype: str, said: str, compression: str | None
) -> None:
    frame = StripFrame(shape, np.dtype(dtype), iter([image[:5], image[5:]]))
    with pytest.raises(ValueError, match=said):
        _written(frame, compression=compression)


@pytest.mark.parametrize("compression", [None, "none"])
def test_what_comes_after_the_last_full_tile_is_an_error_too(compression: str | None) -> None:
    image = makers.noise((20, 7))
    frame = StripFrame((16, 7), image.dtype, iter([image[:16], image[16:]]))
    with pytest.raises(ValueError, match="20 rows for a frame of 16"):
        _written(frame, compression=compression)


def test_another_number_of_frames_than_promised_is_said() -> None:
    with pytest.raises(ValueError, match="1 frames instead of 2"):
        tiff_tiles.write_pages(
            io.BytesIO(),
            [_frame(makers.noise((5, 5)), 5)],
            count=2,
            alpha=False,
            metadata=Metadata(),
        )


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("compression", [None, "none"])
def test_memory_is_that_of_some_tiles_and_not_of_the_picture(
    threads: int, compression: str | None, tmp_path: Any
) -> None:
    strip = np.zeros((64, 4096), np.uint8)
    frame = StripFrame((4096, 4096), strip.dtype, (strip for _ in range(64)))
    with (tmp_path / "x.tif").open("w+b") as file:
        tiff_tiles.write_pages(
            io.BytesIO(), [_frame(strip, 64)], count=1, alpha=False, metadata=Metadata()
        )
        tracemalloc.start()
        tiff_tiles.write_pages(
            file,
            [frame],
            count=1,
            alpha=False,
            metadata=Metadata(),
            compression=compression,
            threads=threads,
        )
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    # A row of tiles, the lot that is being compressed in its stages, and change.
    assert peak < 256 * 4096 + 4 * 4 * threads * 256 * 256 + 2**20
