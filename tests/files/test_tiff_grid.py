from __future__ import annotations

import io
import threading
import time
from typing import Any

import numpy as np
import pytest
import tifffile

from dilcli.files import tiff_grid
from tests.files import makers


def _page(image: Any, **options: Any) -> Any:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, image, metadata=None, **options)
    return tifffile.TiffFile(io.BytesIO(buffer.getvalue())).pages[0]


def _decoded(page: Any, first: int, last: int, threads: int = 1) -> Any:
    _, width, channels = tiff_grid.stored_shape(page)
    out = np.empty((last - first, width, channels), tiff_grid.stored_type(page))
    tiff_grid.decode_into(page, first, last, out, threads)
    return out


class _Slow(io.BytesIO):
    """A file that lets other threads in between a seek and the read that follows it."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        place = super().seek(offset, whence)
        time.sleep(0.001)
        return place


class _Watched(io.BytesIO):
    """A file that counts the bytes that are read."""

    count = 0

    def readinto(self, target: Any, /) -> int:
        self.count += memoryview(target).nbytes
        return super().readinto(target)

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


@pytest.mark.parametrize("rowsperstrip", [8, 600])
def test_only_the_bytes_of_the_wanted_rows_are_read(rowsperstrip: int) -> None:
    image = makers.noise((600, 200, 3), "uint16")
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, image, photometric="rgb", metadata=None, rowsperstrip=rowsperstrip)
    watched = _Watched(buffer.getvalue())
    with tifffile.TiffFile(watched) as file:
        page: Any = file.pages[0]
        assert tiff_grid.rows_together(page) == 1
        watched.count = 0
        np.testing.assert_array_equal(_decoded(page, 301, 309), image[301:309])
    assert watched.count == 8 * 200 * 3 * 2


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_strips_with_gaps_between_them_are_read_by_the_row(planar: bool, order: str) -> None:
    image = makers.noise((11, 7, 3), "uint16")
    stored = image.astype(f"{order}u2")
    planes = np.moveaxis(stored, -1, 0)[..., None] if planar else stored[None]
    strips = [
        np.ascontiguousarray(plane[y : y + 4]).tobytes() + bytes(10)
        for plane in planes
        for y in (0, 4, 8)
    ]
    tags: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (4, (7,)),
        257: (4, (11,)),
        258: (3, (16,) * 3),
        259: (3, (1,)),
        262: (3, (2,)),
        277: (3, (3,)),
        278: (4, (4,)),
        284: (3, (1 + planar,)),
    }
    with tifffile.TiffFile(io.BytesIO(makers.tiff(tags, strips, order))) as file:
        page: Any = file.pages[0]
        assert tiff_grid.rows_together(page) == 1
        for first, last in ((0, 11), (3, 5), (5, 7), (2, 9), (10, 11)):
            np.testing.assert_array_equal(_decoded(page, first, last), image[first:last])


@pytest.mark.parametrize("packed", [None, "zlib"])
def test_strips_that_were_never_written_hold_what_stands_for_no_data(packed: str | None) -> None:
    image = makers.noise((12, 5), "int16")
    page = _page(image, rowsperstrip=4, compression=packed, extratags=[(42113, 2, 0, "-99", True)])
    page.dataoffsets = (page.dataoffsets[0], 0, page.dataoffsets[2])
    page.databytecounts = (page.databytecounts[0], 0, page.databytecounts[2])
    image[4:8] = -99
    np.testing.assert_array_equal(_decoded(page, 0, 12)[..., 0], image)


@pytest.mark.parametrize("packed", [None, "zlib"])
def test_a_page_with_too_few_strips_is_damaged(packed: str | None) -> None:
    page = _page(makers.noise((12, 5)), rowsperstrip=4, compression=packed)
    page.dataoffsets = page.dataoffsets[:2]
    page.databytecounts = (*page.databytecounts[:1], 3)
    with pytest.raises(ValueError, match="missing"):
        _decoded(page, 0, 12)


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_the_number_of_threads_changes_nothing(threads: int) -> None:
    image = makers.noise((100, 130, 3), "uint16")
    page = _page(image, photometric="rgb", tile=(16, 16), compression="zlib", predictor=2)
    np.testing.assert_array_equal(_decoded(page, 16, 64, threads), image[16:64])


def test_threads_decode_at_the_same_time() -> None:
    """Both tiles wait for one another: one thread alone would wait for ever."""
    page = _page(makers.noise((16, 32)), tile=(16, 16), compression="zlib")
    real, meeting = page.decode, threading.Barrier(2, timeout=30)

    def decode(*arguments: Any, **options: Any) -> Any:
        meeting.wait()
        return real(*arguments, **options)

    page.__dict__["decode"] = decode
    assert _decoded(page, 0, 16, 2).shape == (16, 32, 1)


def test_threads_do_not_read_one_anothers_tiles() -> None:
    image = makers.noise((64, 64), "uint16")
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, image, tile=(16, 16), compression="zlib", metadata=None)
    with tifffile.TiffFile(_Slow(buffer.getvalue())) as file:
        page: Any = file.pages[0]
        np.testing.assert_array_equal(_decoded(page, 0, 64, 4)[..., 0], image)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"rowsperstrip": 4}, 3),
        ({"tile": (16, 16)}, 2),
        ({"tile": (16, 16), "planar": True}, 6),
        ({"rowsperstrip": 4, "planar": True}, 9),
    ],
)
def test_segments_of_all_planes_are_counted(options: dict[str, Any], expected: int) -> None:
    if options.pop("planar", False):
        page = _page(
            makers.noise((3, 12, 20)), photometric="rgb", planarconfig="separate", **options
        )
    else:
        page = _page(makers.noise((12, 20, 3)), photometric="rgb", **options)
    assert tiff_grid.segment_count(page) == expected == len(page.dataoffsets)
