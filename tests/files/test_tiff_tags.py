from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from dilcli.files import ifd
from dilcli.files.records import Metadata, Source
from dilcli.files.tiff_tags import directory_below, read_metadata
from tests.files import makers

if TYPE_CHECKING:
    from pathlib import Path

PIXELS = makers.noise((5, 6))


def _read(data: bytes, path: Path | None = None) -> tuple[Metadata, list[str]]:
    source = Source("x.tif", data=None if path else data, path=path)
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        pages: Any = list(tiff.pages)
        return read_metadata(source, tiff, pages)


def _tifffile(**options: Any) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, PIXELS, **{"metadata": None, "software": False, **options})
    return buffer.getvalue()


def test_profile_packet_and_resource_block_are_read() -> None:
    data = _tifffile(
        iccprofile=makers.icc(b"GRAY"),
        extratags=[(700, 1, None, b"<x/>", True), (34377, 7, None, b"8BIM1", True)],
    )
    metadata, notes = _read(data)
    assert metadata.icc == makers.icc(b"GRAY")
    assert metadata.xmp == b"<x/>"
    assert metadata.photoshop == b"8BIM1"
    assert notes == []


@pytest.mark.parametrize(
    ("unit", "expected"), [("INCH", (300.0, 72.5)), ("CENTIMETER", (762.0, 184.15)), ("NONE", None)]
)
def test_the_resolution_is_in_inches_and_without_unit_there_is_none(
    unit: Any, expected: tuple[float, float] | None
) -> None:
    metadata, _ = _read(_tifffile(resolution=(300, 72.5), resolutionunit=unit))
    assert metadata.resolution == (None if expected is None else pytest.approx(expected))


def test_texts_have_the_keywords_that_png_gives_them() -> None:
    data = _tifffile(
        description="hill",
        software="tool 1",
        extratags=[(315, 2, None, "Zoë".encode(), True), (33432, 2, None, "none", True)],
    )
    metadata, notes = _read(data)
    assert dict(metadata.text) == {
        "Description": "hill",
        "Software": "tool 1",
        "Author": "Zoë",
        "Copyright": "none",
    }
    assert notes == []


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ({"imagej": True, "metadata": {}}, "ImageJ's description of its layout not kept"),
        ({"ome": True, "metadata": {"axes": "YX"}}, "OME's description of its layout not kept"),
        ({"metadata": {}}, None),
    ],
)
def test_a_description_of_the_files_layout_is_no_text(
    options: dict[str, Any], note: str | None
) -> None:
    metadata, notes = _read(_tifffile(**options))
    assert "Description" not in dict(metadata.text)
    assert notes == ([note] if note else [])


def _pillow() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, "TIFF", exif=makers.exif())
    return buffer.getvalue()


def test_exif_tags_are_gathered_in_a_block_of_their_own(tmp_path: Path) -> None:
    data = _pillow()
    (tmp_path / "x.tif").write_bytes(data)
    for path in (None, tmp_path / "x.tif"):
        block = _read(data, path)[0].exif
        assert block is not None
        found = Image.Exif()
        found.load(b"Exif\0\0" + block)
        assert found[271] == "Maker"
        assert found.get_ifd(34665)[33434] == pytest.approx(0.004)
        assert found.get_ifd(34665)[40961] == 1
        assert found.get_ifd(34853)[1] == "N"


def test_no_exif_tags_make_no_block() -> None:
    assert _read(_tifffile())[0].exif is None


def test_exif_of_a_bigtiff_is_left_out_and_that_is_said() -> None:
    data = _tifffile(bigtiff=True, extratags=[(271, 2, None, "Maker", True)])
    metadata, notes = _read(data)
    assert metadata.exif is None
    assert notes == ["EXIF tags of a BigTIFF not kept"]


def test_a_broken_exif_pointer_becomes_a_note() -> None:
    data = bytearray(_pillow())
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as tiff:
        page: Any = tiff.pages[0]
        at = page.tags[34665].valueoffset
    struct.pack_into("<I", data, at, len(data) + 50)
    metadata, notes = _read(bytes(data))
    assert metadata.exif is None
    assert "broken EXIF not kept" in notes[0]


def test_tags_that_are_not_kept_are_named() -> None:
    data = _tifffile(extratags=[(33550, 12, 3, (1.0, 1.0, 0.0), True), (65001, 3, 1, 7, True)])
    assert _read(data)[1] == ["TIFF tags not kept: 33550, 65001"]


def test_texts_of_later_pages_are_not_lost_in_silence() -> None:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        for text in ("one", "two"):
            writer.write(PIXELS, description=text, metadata=None, software=False, contiguous=False)
    metadata, notes = _read(buffer.getvalue())
    assert metadata.text == (("Description", "one"),)
    assert notes == ["texts of later pages not kept"]


def test_a_directory_below_leaves_out_what_points_further() -> None:
    entries = [ifd.Entry(40961, 3, 1, b"\1\0"), ifd.Entry(40965, 4, 1, b"\0\0\0\0")]
    packed, offsets = ifd.write_ifds([], {34665: entries}, "<", 8)
    pointer = ifd.Entry(34665, 4, 1, struct.pack("<I", offsets[34665]))
    found = directory_below(bytes(8) + packed, pointer, "<")
    assert [entry.tag for entry in found] == [40961]
    assert np.frombuffer(found[0].value, "<u2")[0] == 1
