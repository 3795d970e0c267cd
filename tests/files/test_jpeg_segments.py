from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from PIL import Image

from dilcli.errors import ImageFileError
from dilcli.files.jpeg_segments import (
    LARGEST_SEGMENT,
    Frame,
    Parts,
    metadata_segments,
    parse,
    size_faults,
)
from dilcli.files.records import Metadata, Source
from tests.files import makers

PIXELS = makers.noise((8, 9, 3))


def _parts(segments: bytes = b"", **options: Any) -> Parts:
    return parse(Source("x.jpg", data=makers.jpeg(PIXELS, segments, **options)))


def test_the_frame_header_is_found_in_baseline_and_progressive_files() -> None:
    assert _parts().frame == Frame(8, 8, 9, 3)
    assert _parts(progressive=True).frame == Frame(8, 8, 9, 3)


def test_all_metadata_comes_back() -> None:
    metadata = Metadata(
        icc=makers.icc() + bytes(70_000),
        exif=makers.exif(">"),
        xmp=b"<x/>",
        resolution=(300, 150),
        text=(("Comment", "one"), ("Author", "Zoë")),
        photoshop=b"8BIM" + bytes(70_000),
        lossy=True,
    )
    back = _parts(metadata_segments(metadata)).metadata()
    for name in ("icc", "exif", "xmp", "photoshop"):
        assert getattr(back, name) == getattr(metadata, name)
    assert back.text == (("Comment", "one"), ("Comment", "Author: Zoë"))
    assert back.resolution == (300.0, 150.0), "from EXIF, for there is no JFIF density"
    assert back.lossy


def test_pillow_reads_the_same_metadata() -> None:
    metadata = Metadata(
        icc=makers.icc() + bytes(70_000),
        exif=makers.exif("<"),
        xmp=b"<x/>",
        text=(("Comment", "c"),),
    )
    data = makers.jpeg(PIXELS, metadata_segments(metadata))
    image: Any = Image.open(io.BytesIO(data))
    assert image.info["icc_profile"] == metadata.icc
    assert image.info["exif"] == b"Exif\0\0" + makers.exif("<")
    assert image.info["xmp"] == b"<x/>"
    assert image.info["comment"] == b"c"


def test_the_bare_file_has_the_same_samples_and_no_metadata() -> None:
    data = makers.jpeg(PIXELS, metadata_segments(Metadata(exif=b"broken", text=(("a", "b"),))))
    bare = b"".join(parse(Source("x.jpg", data=data)).bare)
    assert bare == makers.jpeg(PIXELS)


@pytest.mark.parametrize(
    ("unit", "expected"), [(0, None), (1, (300, 150)), (2, (762, 381)), (9, None)]
)
def test_a_density_without_unit_is_an_aspect_ratio_and_no_resolution(
    unit: int, expected: tuple[float, float] | None
) -> None:
    jfif = b"JFIF\0\1\1" + struct.pack(">BHHBB", unit, 300, 150, 0, 0)
    data = makers.jpeg(PIXELS)
    length = int.from_bytes(data[4:6])
    data = data[:2] + makers.segment(0xE0, jfif) + data[4 + length :]
    assert parse(Source("x.jpg", data=data)).metadata().resolution == expected


@pytest.mark.parametrize(
    ("segments", "said"),
    [
        (makers.segment(0xE1, b"Exif\0\0garbage!"), "broken EXIF"),
        (makers.segment(0xE2, b"ICC_PROFILE\0\1\2half"), "broken ICC profile"),
        (makers.segment(0xE2, b"ICC_PROFILE\0"), "not kept"),
        (makers.segment(0xE2, b"MPF\0nothing"), "not kept"),
        (makers.segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(50)), "extended XMP"),
    ],
)
def test_broken_metadata_becomes_a_note_and_never_an_error(segments: bytes, said: str) -> None:
    parts = _parts(segments)
    assert len(parts.notes) == 1
    assert said in parts.notes[0]
    metadata = parts.metadata()
    assert (metadata.icc, metadata.exif) == (None, None)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (makers.jpeg(PIXELS)[:100], "cut off"),
        (b"\xff\xd8\xff", "cut off"),
        (b"\xff\xd8\xff\xe0\0\4ab\0\0\0\0", "marker is missing"),
        (b"\xff\xd8\xff\xd9\0\0", "no size"),
    ],
)
def test_a_file_without_its_header_is_damage(data: bytes, said: str) -> None:
    with pytest.raises(ImageFileError, match=said):
        parse(Source("x.jpg", data=data))


def test_fill_bytes_between_segments_are_allowed() -> None:
    parts = _parts(b"\xff\xff\xff" + makers.segment(0xFE, b"after fill")[1:])
    assert parts.comments == ["after fill"]


def test_the_number_of_pictures_in_a_multi_picture_file_is_read() -> None:
    buffer = io.BytesIO()
    first = Image.fromarray(PIXELS)
    first.save(
        buffer, "MPO", save_all=True, append_images=[Image.fromarray(PIXELS[::2, ::2].copy())]
    )
    assert parse(Source("x.jpg", data=buffer.getvalue())).pictures == 2
    assert _parts().pictures == 1


def test_what_no_segment_can_hold_is_named() -> None:
    assert LARGEST_SEGMENT == 65533
    long = bytes(LARGEST_SEGMENT)
    metadata = Metadata(exif=long, xmp=long, text=(("Comment", "x" * 70_000), ("A", "b")))
    assert size_faults(metadata) == ["EXIF", "XMP", "text 'Comment'"]
    assert not size_faults(Metadata(icc=bytes(1 << 20), exif=bytes(65_000)))
    assert len(metadata_segments(Metadata(exif=bytes(65_000)))) == 65_010
