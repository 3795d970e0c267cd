from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from PIL import Image

from dilcli.files import exif, fitting
from dilcli.files.records import JpegSettings, Metadata
from tests.files import makers

FULL = Metadata(
    icc=makers.icc(),
    exif=makers.exif(),
    xmp=b"<x/>",
    resolution=(300.0, 150.0),
    text=(("Title", "hill"), ("Comment", "über")),
    durations=(10.0, 20.0),
    loop=3,
    jpeg=JpegSettings(((1,) * 64,), 0),
    lossy=True,
    photoshop=b"8BIM",
)


@pytest.mark.parametrize("format_", ["png", "jpeg", "tiff", "webp", "avif", "heif"])
def test_formats_with_room_for_everything_lose_nothing(format_: str) -> None:
    assert fitting.lost(format_, replace(FULL, durations=()), 1) == []


@pytest.mark.parametrize(
    ("format_", "kept"),
    [("gif", {"text"}), ("bmp", {"resolution"}), ("tga", set()), ("npy", set())],
)
def test_what_has_no_room_is_named_and_nothing_else(format_: str, kept: set[str]) -> None:
    names = {
        "icc": "the ICC profile",
        "exif": "EXIF",
        "xmp": "XMP",
        "resolution": "the resolution",
        "text": "text (Title, Comment)",
    }
    expected = [name for key, name in names.items() if key not in kept]
    assert fitting.lost(format_, FULL, 1) == expected
    assert fitting.lost(format_, Metadata(), 1) == []


def test_pages_have_no_durations() -> None:
    assert fitting.lost("tiff", FULL, 2) == ["frame durations"]
    assert fitting.lost("tiff", FULL, 1) == []


def test_stripped_metadata_keeps_only_what_the_samples_need() -> None:
    assert fitting.stripped(FULL) == Metadata(
        durations=FULL.durations, loop=3, jpeg=FULL.jpeg, lossy=True
    )


@pytest.mark.parametrize("format_", ["png", "jpeg", "tiff"])
def test_formats_with_their_own_fields_get_them_unchanged(format_: str) -> None:
    assert fitting.fitted(format_, FULL, 3) == FULL


@pytest.mark.parametrize("format_", ["webp", "avif", "heif"])
def test_texts_and_resolution_travel_in_exif_where_a_format_has_nothing_else(format_: str) -> None:
    metadata = fitting.fitted(format_, replace(FULL, resolution=(72.0, 72.0)), 3)
    assert (metadata.text, metadata.resolution) == ((), None)
    assert exif.resolution(metadata.exif) == (72.0, 72.0)
    found = Image.Exif()
    found.load(b"Exif\0\0" + (metadata.exif or b""))
    assert found[270].encode("latin-1").decode() in ("Title: hill\nüber", "Title: hill\nüber\0")
    assert found[271] == "Maker"


def test_a_resolution_that_exif_has_already_is_not_added_again() -> None:
    metadata = fitting.fitted("webp", replace(FULL, text=(), resolution=(299.9994, 150.0)), 3)
    assert metadata.exif == FULL.exif


@pytest.mark.parametrize(
    ("space", "format_", "colours", "kept"),
    [
        (b"RGB ", "png", 3, True),
        (b"GRAY", "png", 1, True),
        (b"RGB ", "png", 1, False),
        (b"GRAY", "jpeg", 3, False),
        (b"CMYK", "tiff", 3, False),
        (b"GRAY", "webp", 1, False),
        (b"RGB ", "webp", 1, True),
    ],
)
def test_a_profile_for_other_colours_would_be_wrong_and_is_left_out_with_a_note(
    space: bytes, format_: str, colours: int, kept: bool
) -> None:
    metadata = Metadata(icc=makers.icc(space))
    assert (fitting.fitted(format_, metadata, colours).icc is not None) == kept
    assert bool(fitting.notes(format_, metadata, colours)) != kept


@pytest.mark.parametrize(
    ("shape", "alpha", "expected"),
    [
        ((5, 6), False, 1),
        ((5, 6, 1), False, 1),
        ((5, 6, 2), True, 1),
        ((5, 6, 3), False, 3),
        ((5, 6, 4), True, 3),
        ((5, 6, 4), False, 3),
    ],
)
def test_colours_are_gray_or_rgb(shape: tuple[int, ...], alpha: bool, expected: int) -> None:
    assert fitting.colour_count(shape, alpha) == expected


def test_png_chunks_with_a_special_meaning_are_missed_elsewhere_and_plain_srgb_is_not() -> None:
    plain = (
        ("sRGB", b"\0"),
        ("gAMA", struct.pack(">I", 45455)),
        ("cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
    )
    assert fitting.notes("jpeg", Metadata(png_colour=plain), 3) == []
    special = (*plain, ("cICP", b"\x09\x10\0\1"), ("gAMA", struct.pack(">I", 100000)))
    metadata = Metadata(png_colour=special)
    assert fitting.notes("jpeg", metadata, 3) == ["PNG colour chunks not kept: cICP, gAMA"]
    assert fitting.notes("png", metadata, 3) == []


def test_photoshop_records_are_missed_outside_jpeg_and_tiff() -> None:
    assert fitting.notes("jpeg", FULL, 3) == fitting.notes("tiff", FULL, 3) == []
    assert fitting.notes("png", FULL, 3) == ["Photoshop and IPTC records not kept"]
