from __future__ import annotations

import io
import os
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from dilcli import files
from dilcli.files.completeness import is_whole
from dilcli.files.formats import FORMATS, missing_package
from dilcli.files.records import Metadata, Picture
from tests.files import makers

if TYPE_CHECKING:
    from pathlib import Path

FORMATS_OF_BYTES = [
    n for n, kind in FORMATS.items() if kind.written and not kind.folder and not missing_package(n)
]


def _sample(format_: str, shape: tuple[int, ...] = (25, 31, 3), **metadata: Any) -> bytes:
    image = makers.noise(shape, "float32" if format_ == "pfm" else "uint8")
    return files.encode(Picture((image,), False, "x", Metadata(**metadata)), format_)


def _animation(format_: str) -> bytes:
    frames = tuple(makers.few_colours((6, 7, 3), 50, seed) for seed in range(4))
    durations = () if format_ == "tiff" else (10.0,) * 4
    picture = Picture(frames, False, "x", Metadata(durations=durations, loop=0))
    return files.encode(picture, format_)


def _samples() -> dict[str, bytes]:
    found = {name: _sample(name) for name in FORMATS_OF_BYTES}
    found |= {f"{n}-frames": _animation(n) for n in ("png", "gif", "webp", "tiff")}
    found |= {f"{n}-exif": _sample(n, exif=makers.exif("<", 1)) for n in ("jpeg", "tiff", "png")}
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, makers.noise((40, 40)), tile=(16, 16), metadata=None, bigtiff=True)
    return found | {"tiff-big": buffer.getvalue(), "png-gray": _sample("png", (9, 8))}


SAMPLES = _samples()


@pytest.mark.parametrize("name", SAMPLES)
def test_what_was_written_is_whole_and_no_beginning_of_it_is(name: str, tmp_path: Path) -> None:
    path, data = tmp_path / "x", SAMPLES[name]
    path.write_bytes(data)
    assert is_whole(path)
    rng = random.Random(name)
    cuts = {0, 1, 5, len(data) - 1, len(data) // 2, *rng.sample(range(len(data)), 40)}
    for cut in sorted(cuts):
        path.write_bytes(data[:cut])
        assert not is_whole(path), cut


@pytest.mark.parametrize("name", ["png", "jpeg", "gif-frames", "tiff", "npy", "webp"])
def test_nothing_is_decoded_where_the_end_can_be_seen(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_bytes(SAMPLES[name])
    monkeypatch.setattr("dilcli.files.completeness.read", lambda *_, **__: pytest.fail("decoded"))
    assert is_whole(tmp_path / "x")


def test_bytes_after_the_end_of_a_jpeg_or_png_do_no_harm(tmp_path: Path) -> None:
    for name in ("jpeg", "png"):
        (tmp_path / "x").write_bytes(SAMPLES[name] + bytes(100))
        assert is_whole(tmp_path / "x")


def test_the_end_of_a_thumbnail_is_not_that_of_the_picture(tmp_path: Path) -> None:
    thumbnail = makers.segment(0xE1, b"thumb" + makers.jpeg(makers.noise((8, 8))))
    data = makers.jpeg(makers.noise((8, 8)), thumbnail)
    (tmp_path / "x").write_bytes(data)
    assert is_whole(tmp_path / "x")
    (tmp_path / "x").write_bytes(data[:-2])
    assert not is_whole(tmp_path / "x")


def test_a_page_that_is_missing_at_the_end_of_a_tiff_is_missed(tmp_path: Path) -> None:
    """The library takes the pages that it finds and says nothing."""
    data = SAMPLES["tiff-frames"]
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        pages: Any = tiff.pages
        starts = sorted(min(page.offset, *page.dataoffsets) for page in pages)
    for start in starts[1:]:
        (tmp_path / "x").write_bytes(data[:start])
        assert not is_whole(tmp_path / "x")


def test_a_tiff_whose_tiles_have_no_bytes_is_not_whole(tmp_path: Path) -> None:
    data = bytearray(SAMPLES["tiff-big"])
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as tiff:
        page: Any = tiff.pages[0]
        tag = page.tags[325]
        at, size = tag.valueoffset, tag.valuebytecount
    data[at : at + size] = bytes(size)
    (tmp_path / "x").write_bytes(data)
    assert not is_whole(tmp_path / "x")


def test_a_tiff_with_too_few_strips_is_not_whole(tmp_path: Path) -> None:
    tags: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (4, (7,)),
        257: (4, (12,)),
        258: (3, (8,)),
        259: (3, (1,)),
        262: (3, (1,)),
        277: (3, (1,)),
        278: (4, (4,)),
    }
    for count in (2, 3):
        (tmp_path / "x").write_bytes(makers.tiff(tags, [bytes(28)] * count))
        assert is_whole(tmp_path / "x") == (count == 3)


def test_what_is_written_by_strips_is_whole(tmp_path: Path) -> None:
    image = makers.noise((300, 290, 3))
    for format_ in ("tiff", "npy"):
        frame = files.StripFrame(image.shape, image.dtype, [image[:9], image[9:]])
        path = tmp_path / format_
        files.write_strips(path, format_, [frame])
        assert is_whole(path)
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size - 1)
        assert not is_whole(path)


def test_a_zarr_store_is_whole_where_its_header_can_be_read(tmp_path: Path) -> None:
    if missing_package("zarr"):
        pytest.skip("zarr is not installed")
    image = makers.noise((9, 7))
    path = tmp_path / "x.zarr"
    frame = files.StripFrame(image.shape, image.dtype, [image])
    files.write_strips(path, "zarr", [frame])
    assert is_whole(path)
    (path / "zarr.json").write_text("{")
    assert not is_whole(path)


def test_what_is_no_picture_is_not_whole(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "text", tmp_path / "nowhere", tmp_path / "pipe"):
        assert not is_whole(path)


def test_damage_is_never_an_exception(tmp_path: Path) -> None:
    rng, path = random.Random(0), tmp_path / "x"
    for data in SAMPLES.values():
        for _ in range(40):
            broken = bytearray(data)
            for _ in range(rng.randint(1, 6)):
                broken[rng.randrange(min(len(broken), 200))] = rng.randrange(256)
            path.write_bytes(broken)
            assert is_whole(path) in (True, False)


def test_an_image_of_all_bytes_equal_is_whole_too(tmp_path: Path) -> None:
    picture = Picture((np.full((40, 40, 3), 255, np.uint8),), False, "x")
    for format_ in ("png", "jpeg", "gif", "webp", "tiff"):
        (tmp_path / "x").write_bytes(files.encode(picture, format_))
        assert is_whole(tmp_path / "x")
