from __future__ import annotations

import io
import tracemalloc
import zlib
from itertools import chain, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dilcli import files
from dilcli.errors import ImageFileError
from dilcli.files import tiff, tiff_grid
from dilcli.files.records import Source
from tests.files import makers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHAPE = (37, 41)
RGB = (*SHAPE, 3)


def _tifffile(image: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(
        buffer,
        bigtiff=options.pop("bigtiff", False),
        byteorder=options.pop("byteorder", "<"),
    ) as writer:
        writer.write(image, metadata=None, **options)
    return buffer.getvalue()


def _pillow(image: Any, compression: str) -> bytes | None:
    buffer = io.BytesIO()
    try:
        Image.fromarray(image).save(buffer, "TIFF", compression=compression, strip_size=16 * 41 * 3)
    except OSError:
        return None
    return buffer.getvalue()


def _tags(bits: int, compression: int, channels: int = 1) -> dict[int, tuple[int, tuple[int, ...]]]:
    return {
        256: (4, (41,)),
        257: (4, (37,)),
        258: (3, (bits,) * channels),
        259: (3, (compression,)),
        262: (3, (2 if channels == 3 else 0,)),
        277: (3, (channels,)),
    }


def _few_bits(bits: int, compression: int) -> bytes:
    values = makers.noise(SHAPE) & (2**bits - 1)
    planes = (values[:, :, None] >> np.arange(bits - 1, -1, -1, dtype=np.uint8)) & 1
    rows = np.packbits(planes.reshape(len(values), -1), axis=1)
    pack = bytes if compression == 1 else zlib.compress
    strips = [pack(rows[y : y + 7].tobytes()) for y in range(0, 37, 7)]
    return makers.tiff(_tags(bits, compression) | {278: (4, (7,))}, strips)


def _lzw_tiles() -> bytes:
    padded = np.zeros((48, 48, 3), np.uint16)
    padded[:37, :41] = makers.noise(RGB, "uint16")
    tiles = [
        makers.lzw(padded[y : y + 16, x : x + 16].tobytes())
        for y in range(0, 48, 16)
        for x in range(0, 48, 16)
    ]
    tags = _tags(16, 5, channels=3) | {322: (4, (16,)), 323: (4, (16,))}
    return makers.tiff(tags, tiles, tiled=True)


STRIPS: dict[str, Any] = {"rowsperstrip": 7}
TILES: dict[str, Any] = {"tile": (16, 32)}
LAYOUTS: dict[str, dict[str, Any]] = {"strips": STRIPS, "tiles": TILES, "one": {}}


def _sample_types() -> Iterator[tuple[str, bytes]]:
    dtypes = ("uint8", "uint16", "int32", "float16", "float64")
    for dtype, order, packed, layout in product(dtypes, "<>", (None, "zlib"), LAYOUTS):
        image = makers.noise(RGB, dtype)
        how: dict[str, Any] = {"byteorder": order, "compression": packed, **LAYOUTS[layout]}
        yield f"{dtype}{order}{packed}-{layout}", _tifffile(image, photometric="rgb", **how)


def _meanings() -> Iterator[tuple[str, bytes]]:
    image, gray = makers.noise(RGB, "uint16"), makers.noise(SHAPE)
    planar, colours = np.moveaxis(image, -1, 0), makers.noise((256, 3), "uint16").T
    yield (
        "predictor",
        _tifffile(image, photometric="rgb", compression="zlib", predictor=2, **STRIPS),
    )
    for packed in (None, "zlib"):
        how: dict[str, Any] = {"compression": packed, **STRIPS}
        separate = {**how, "photometric": "rgb", "planarconfig": "separate"}
        yield f"planar-{packed}-strips", _tifffile(planar, **separate)
        yield f"planar-{packed}-tiles", _tifffile(planar, **{**separate, **TILES})
        yield f"white-{packed}", _tifffile(gray, photometric="miniswhite", **how)
        yield f"palette-{packed}", _tifffile(gray, photometric="palette", colormap=colours, **how)
        yield f"big-{packed}", _tifffile(gray, photometric="minisblack", bigtiff=True, **how)
        for orientation in (2, 3, 4):
            extra = [(274, 3, 1, orientation, True)]
            turned = _tifffile(image, photometric="rgb", extratags=extra, **how)
            yield f"orientation{orientation}-{packed}", turned


def _codecs() -> Iterator[tuple[str, bytes | None]]:
    for codec in ("tiff_lzw", "packbits", "zstd", "lzma", "tiff_adobe_deflate", "jpeg"):
        yield codec, _pillow(makers.noise(RGB), codec)
        yield f"{codec}-gray", _pillow(makers.noise(SHAPE), codec)
    for codec in ("group3", "group4", "tiff_ccitt"):
        yield codec, _pillow(makers.noise(SHAPE) > 127, codec)
    for bits in (1, 2, 4):
        yield f"{bits}-bit", _few_bits(bits, 1)
        yield f"{bits}-bit-zlib", _few_bits(bits, 8)
    yield "lzw-tiles", _lzw_tiles()


EVERY = chain(_sample_types(), _meanings(), _codecs())
KINDS = {name: data for name, data in EVERY if data is not None}


def _put(folder: Path, data: bytes) -> Path:
    path = folder / "x.tif"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", KINDS)
def test_rows_read_apart_are_the_rows_read_whole(name: str, threads: int, tmp_path: Path) -> None:
    path = _put(tmp_path, KINDS[name])
    whole = files.read(path)
    expected = whole.frames[0].reshape(*SHAPE, -1)
    with files.open_rows(path, threads=threads) as picture:
        (rows,) = picture.frames
        assert rows.shape == whole.frames[0].shape
        assert rows.dtype == whole.frames[0].dtype
        assert (picture.alpha, picture.format) == (whole.alpha, "tiff")
        assert (picture.metadata, picture.notes) == (whole.metadata, whole.notes)
        for first, last in ((0, 5), (3, 9), (8, 30), (29, 37), (12, 13), (0, 37), (36, 37)):
            found = rows.read(first, last)
            np.testing.assert_array_equal(found, expected[first:last])
            assert found.dtype == rows.dtype
            assert found.flags.c_contiguous


@given(
    ranges=st.lists(st.tuples(st.integers(0, 37), st.integers(0, 37)), min_size=1, max_size=8),
    name=st.sampled_from(
        ["uint16>zlib-tiles", "orientation3-zlib", "tiff_lzw", "planar-zlib-strips"]
    ),
)
def test_the_order_of_reads_does_not_matter(ranges: list[tuple[int, int]], name: str) -> None:
    source = Source("x", data=KINDS[name])
    expected = files.read(KINDS[name]).frames[0]
    with tiff.open_rows(source, (0,), 1) as picture:
        for range_ in ranges:
            first, last = sorted(range_)
            np.testing.assert_array_equal(picture.frames[0].read(first, last), expected[first:last])


@pytest.mark.parametrize(
    ("name", "together"),
    [
        ("uint8<None-one", 1),
        ("uint8<None-strips", 1),
        ("planar-None-strips", 1),
        ("uint8<None-tiles", 16),
        ("uint8<zlib-tiles", 16),
        ("uint8<zlib-strips", 7),
        ("uint8<zlib-one", 37),
        ("orientation2-zlib", 7),
        ("orientation3-None", 1),
        # 37 rows in strips of 7: seen from below they do not start at row 0.
        ("orientation3-zlib", 14),
        ("lzw-tiles", 16),
    ],
)
def test_rows_that_are_decoded_at_once_are_those_of_a_strip_or_tile(
    name: str, together: int, tmp_path: Path
) -> None:
    with files.open_rows(_put(tmp_path, KINDS[name])) as picture:
        assert picture.frames[0].together == together


def test_reads_that_overlap_decode_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, decoded = tiff_grid.decode_into, list[int]()

    def counted(page: Any, first: int, last: int, *rest: Any) -> None:
        decoded.extend(range(first, last))
        real(page, first, last, *rest)

    monkeypatch.setattr(tiff_grid, "decode_into", counted)
    with files.open_rows(_put(tmp_path, KINDS["uint16<zlib-tiles"])) as picture:
        for first in range(0, 37, 5):
            picture.frames[0].read(max(first - 4, 0), min(first + 9, 37))
    assert sorted(decoded) == list(range(37))


def test_what_is_kept_cannot_be_changed_from_outside(tmp_path: Path) -> None:
    with files.open_rows(_put(tmp_path, KINDS["uint16<zlib-tiles"])) as picture:
        before = picture.frames[0].read(0, 9)
        with pytest.raises(ValueError, match="read-only"):
            before[...] = 0


@pytest.mark.parametrize("orientation", range(5, 9))
def test_a_page_that_lies_on_its_side_is_refused_in_one_line(
    orientation: int, tmp_path: Path
) -> None:
    extra = [(274, 3, 1, orientation, True)]
    path = _put(tmp_path, _tifffile(makers.noise(SHAPE), extratags=extra))
    with (
        pytest.raises(ImageFileError, match=rf"x\.tif: .*orientation {orientation} .* whole"),
        files.open_rows(path),
    ):
        pass


def test_pages_are_chosen_and_may_differ_in_size(tmp_path: Path) -> None:
    pages = [makers.noise(SHAPE), makers.noise((5, 90)), makers.noise((64, 3))]
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        for page in pages:
            writer.write(page, metadata=None, contiguous=False, compression="zlib")
    path = _put(tmp_path, buffer.getvalue())
    with files.open_rows(path, frames=[2, 0]) as picture:
        for rows, page in zip(picture.frames, (pages[2], pages[0]), strict=True):
            np.testing.assert_array_equal(rows.read(2, 4)[..., 0], page[2:4])


@pytest.mark.parametrize("first_last", [(-1, 3), (5, 3), (30, 38)])
def test_rows_that_are_not_there_are_named(first_last: tuple[int, int], tmp_path: Path) -> None:
    path = _put(tmp_path, KINDS["uint8<None-one"])
    with (
        files.open_rows(path) as picture,
        pytest.raises(ImageFileError, match=r"no rows .* only 0 to 37"),
    ):
        picture.frames[0].read(*first_last)


@pytest.mark.parametrize(
    "name",
    [
        "uint8<None-one",
        "uint16>zlib-strips",
        "float64<None-tiles",
        "tiff_lzw",
        "planar-None-strips",
    ],
)
def test_a_file_cut_off_is_one_line_when_its_rows_are_read(name: str, tmp_path: Path) -> None:
    data = KINDS[name]
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page: Any = file.pages[0]
        at, size = page.dataoffsets[-1], page.databytecounts[-1]
        tables = page.offset
    if tables > at:
        # Its directory stands behind the samples: spoil where the last strip is said to be.
        data = data.replace(at.to_bytes(4, "little"), (2**31).to_bytes(4, "little"))
    else:
        data = data[: at + size // 2]
    with files.open_rows(_put(tmp_path, data)) as picture:
        with pytest.raises(ImageFileError) as caught:
            picture.frames[0].read(0, 37)
        message = str(caught.value)
        assert message.startswith(f"{tmp_path}/x.tif: cannot decode TIFF: ")
        assert "\n" not in message
        if "tiles" not in name and "one" not in name and "planar" not in name:
            assert len(picture.frames[0].read(0, 5)) == 5


@pytest.mark.parametrize("layout", [{"rowsperstrip": 16}, {"tile": (16, 512)}])
@pytest.mark.parametrize("packed", [None, "zlib"])
def test_memory_is_that_of_the_rows_and_not_of_the_picture(
    layout: dict[str, Any], packed: str | None, tmp_path: Path
) -> None:
    image = np.zeros((4096, 2048), np.uint8)
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, image, compression=packed, metadata=None, **layout)
    with files.open_rows(path) as picture:
        picture.frames[0].read(0, 1)
        tracemalloc.start()
        for first in range(0, 4096, 64):
            picture.frames[0].read(max(first - 8, 0), first + 64)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    # Two strips of 64 rows with halo and grid, before and after a read, and change.
    assert peak < 4 * 96 * 2048


def test_one_row_of_one_huge_strip_costs_one_row(tmp_path: Path) -> None:
    image = np.zeros((4096, 2048), np.uint8)
    image[3000] = makers.noise((2048,))
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, image, metadata=None)
    with files.open_rows(path) as picture:
        picture.frames[0].read(0, 1)
        tracemalloc.start()
        found = picture.frames[0].read(3000, 3001)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    np.testing.assert_array_equal(found[0, :, 0], image[3000])
    assert peak < 64 * 1024
