from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dilcli.files import exif
from tests.files import makers


def _pillow(block: bytes) -> Image.Exif:
    found = Image.Exif()
    found.load(b"Exif\0\0" + block)
    return found


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_patched_in_place_and_nothing_else(order: str, orientation: int) -> None:
    """Writing a block anew would move what maker notes point to."""
    block = makers.exif(order, orientation)
    assert exif.orientation(block) == orientation
    patched = exif.upright(block)
    assert exif.orientation(patched) == 1
    differing = [i for i, (a, b) in enumerate(zip(block, patched, strict=True)) if a != b]
    assert len(differing) == (orientation != 1)
    assert len(patched) == len(block)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_impossible_orientation_asks_for_nothing_and_stays(value: int) -> None:
    block = makers.exif("<", value)
    assert exif.orientation(block) == 1
    assert exif.upright(block) == block


@pytest.mark.parametrize("block", [None, b"", b"garbage!", b"II*\0\xff\xff\xff\xff", b"II*\0\x08"])
def test_a_broken_block_asks_for_nothing(block: bytes | None) -> None:
    assert exif.orientation(block) == 1
    assert exif.resolution(block) is None
    if block is not None:
        assert not exif.is_readable(block)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_no_damage_whatever_raises(at: int, bytes_: bytes) -> None:
    block = bytearray(makers.exif("<", 6, thumbnail=True))
    at %= len(block)
    block[at : at + len(bytes_)] = bytes_
    exif.orientation(bytes(block))
    exif.resolution(bytes(block))
    if exif.is_readable(bytes(block)):
        exif.upright(bytes(block))
        exif.with_tags(bytes(block), inches=(1, 2), description="x")


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_thumbnail_is_unlinked_for_it_shows_other_pixels(order: str) -> None:
    block = makers.exif(order, thumbnail=True)
    assert exif.has_thumbnail(block)
    patched = exif.upright(block)
    assert not exif.has_thumbnail(patched)
    assert exif.upright(patched) == patched
    assert _pillow(patched)[271] == "Maker"


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_resolution_is_read_in_inches(order: str) -> None:
    assert exif.resolution(makers.exif(order)) == (300, 150)
    assert exif.resolution(makers.exif(order, 3)) == (300, 150)


def test_centimetres_become_inches_and_no_unit_is_no_resolution() -> None:
    block = makers.exif("<")
    unit = block.index(b"\x28\x01\x03\0\x01\0\0\0\x02") + 8
    for value, expected in ((3, (762, 381)), (1, None)):
        changed = bytearray(block)
        changed[unit] = value
        assert exif.resolution(bytes(changed)) == expected


@pytest.mark.parametrize("order", ["<", ">"])
def test_tags_are_added_and_everything_else_stays_where_it_was(order: str) -> None:
    block = makers.exif(order, 1)
    added = exif.with_tags(block, inches=(72.5, 96.0), description="πs and qs")
    assert added is not None
    assert added[8 : len(block)] == block[8:]
    assert exif.resolution(added) == (72.5, 96.0)
    found = _pillow(added)
    assert found[271] == "Maker"
    assert found[296] == 2
    assert found.get_ifd(34665)[40961] == 1
    assert found.get_ifd(34665)[33434] == pytest.approx(1 / 250)
    assert "πs and qs".encode() in added


def test_a_block_is_made_where_there_was_none() -> None:
    block = exif.with_tags(None, inches=(300.0, 299.9994), description="text")
    assert exif.resolution(block) == pytest.approx((300, 299.9994), abs=1e-4)
    assert block is not None
    assert _pillow(block)[270] == "text"


def test_nothing_to_add_adds_nothing() -> None:
    block = makers.exif()
    assert exif.with_tags(block) is block
    assert exif.with_tags(None) is None


def test_a_description_follows_the_one_that_is_there() -> None:
    once = exif.with_tags(None, description="first")
    twice = exif.with_tags(once, description="second")
    assert twice is not None
    assert _pillow(twice)[270] == "first\nsecond"


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (b'<d tiff:Orientation="6"/>', b'<d tiff:Orientation="1"/>'),
        (b"<d tiff:Orientation='8'/>", b"<d tiff:Orientation='1'/>"),
        (b"<tiff:Orientation> 3</tiff:Orientation>", b"<tiff:Orientation> 1</tiff:Orientation>"),
        (b"<tiff:Model>6</tiff:Model>", b"<tiff:Model>6</tiff:Model>"),
    ],
)
def test_xmp_says_upright_too_and_keeps_its_length(packet: bytes, expected: bytes) -> None:
    assert exif.upright_xmp(packet) == expected
