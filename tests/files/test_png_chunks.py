from __future__ import annotations

import struct
import zlib

import pytest

from dilcli.errors import ImageFileError
from dilcli.files.png_chunks import SIGNATURE, Parts, chunk, parse
from dilcli.files.records import Source
from tests.files import makers

GRAY = makers.noise((3, 4))


def _parts(*extra: bytes) -> Parts:
    return parse(Source("x.png", data=makers.png(GRAY, 0, extra=extra)))


def test_every_kind_of_text_is_read_and_xmp_is_no_text() -> None:
    parts = parse(
        Source(
            "x.png",
            data=makers.png(
                GRAY,
                0,
                extra=[
                    makers.chunk(b"tEXt", b"Title\0caf\xe9"),
                    makers.chunk(b"zTXt", b"Long\0\0" + zlib.compress(b"a" * 3000)),
                    makers.chunk(b"iTXt", b"Name\0\0\0de\0\0" + "Größe".encode()),
                    makers.chunk(b"iTXt", b"Zip\0\1\0\0\0" + zlib.compress("π".encode())),
                    makers.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"),
                ],
            ),
        )
    )
    metadata = parts.metadata()
    assert metadata.text == (
        ("Title", "café"),
        ("Long", "a" * 3000),
        ("Name", "Größe"),
        ("Zip", "π"),
    )
    assert metadata.xmp == b"<x/>"
    assert not parts.notes


def test_texts_named_like_real_fields_replace_none_of_them() -> None:
    """In imageio a text ``dpi`` or ``icc_profile`` overwrites the resolution or the profile."""
    extra = [
        makers.chunk(b"tEXt", b"exif\0garbage!"),
        makers.chunk(b"tEXt", b"dpi\0many"),
        makers.chunk(b"tEXt", b"icc_profile\0none"),
        makers.chunk(b"pHYs", struct.pack(">IIB", 11811, 5906, 1)),
        makers.chunk(b"iCCP", b"p\0\0" + zlib.compress(makers.icc(b"GRAY"))),
    ]
    parts = _parts(*extra)
    metadata = parts.metadata()
    assert [key for key, _ in metadata.text] == ["exif", "dpi", "icc_profile"]
    assert metadata.resolution == pytest.approx((300, 150), abs=0.02)
    assert metadata.icc == makers.icc(b"GRAY")
    assert metadata.exif is None


def test_a_compressed_text_of_megabytes_is_read() -> None:
    """Pillow alone stops at one: 'Decompressed data too large for MAX_TEXT_CHUNK'."""
    text = b"workflow " * 400_000
    body = b"parameters\0\0" + zlib.compress(text)
    parts = _parts(makers.chunk(b"zTXt", body))
    assert parts.text == [("parameters", text.decode())]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"eXIf", b"garbage!"),
        (b"eXIf", b""),
        (b"iCCP", b"name\0\0not zlib"),
        (b"iCCP", b"no separator"),
        (b"zTXt", b"key\0\0" + zlib.compress(bytes(100))[:9] + b"\xff\xff"),
        (b"iTXt", b"key\0\0\0\0\0\xff\xfe"),
        (b"tEXt", b"no separator"),
        (b"pHYs", b"\0\0"),
    ],
)
def test_broken_metadata_becomes_a_note_and_never_an_error(kind: bytes, body: bytes) -> None:
    parts = _parts(makers.chunk(kind, body))
    assert len(parts.notes) == 1
    assert kind.decode() in parts.notes[0]
    assert parts.image


def test_a_text_that_unpacks_without_end_is_not_kept() -> None:
    packer = zlib.compressobj(9)
    body = b"bomb\0\0" + packer.compress(bytes(65 << 20)) + packer.flush()
    parts = _parts(makers.chunk(b"zTXt", body))
    assert "64 MiB" in parts.notes[0]


def test_a_wrong_checksum_in_a_text_is_no_damage_to_the_picture() -> None:
    body = bytearray(makers.chunk(b"tEXt", b"Title\0x"))
    body[-1] ^= 1
    parts = _parts(bytes(body))
    assert parts.text == [("Title", "x")]


def test_a_flipped_bit_in_the_samples_is_damage() -> None:
    data = bytearray(makers.png(GRAY, 0))
    data[data.index(b"IDAT") + 6] ^= 1
    with pytest.raises(ImageFileError, match="bad checksum in chunk IDAT"):
        parse(Source("x.png", data=bytes(data)))


def test_a_file_cut_off_in_its_samples_is_damage_and_one_cut_before_its_end_is_whole() -> None:
    data = makers.png(GRAY, 0)
    with pytest.raises(ImageFileError, match=r"x\.png: the PNG is cut off in chunk 'IDAT'"):
        parse(Source("x.png", data=data[: data.index(b"IEND") - 6]))
    whole = parse(Source("x.png", data=data[: data.index(b"IEND") - 4]))
    assert b"".join(whole.image) == makers.idat(GRAY[..., None], 8)


@pytest.mark.parametrize(
    "head",
    [
        struct.pack(">IIBBBBB", 0, 3, 8, 0, 0, 0, 0),
        struct.pack(">IIBBBBB", 4, 0, 8, 0, 0, 0, 0),
        struct.pack(">IIBBBBB", 4, 3, 3, 0, 0, 0, 0),
        struct.pack(">IIBBBBB", 4, 3, 8, 5, 0, 0, 0),
        struct.pack(">IIBBBBB", 4, 3, 16, 3, 0, 0, 0),
        b"\0\0\0\1",
    ],
)
def test_an_impossible_header_is_damage(head: bytes) -> None:
    data = SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    with pytest.raises(ImageFileError, match="header"):
        parse(Source("x.png", data=data))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (SIGNATURE + chunk(b"IDAT", b""), "does not start with its header"),
        (SIGNATURE, "no samples"),
        (makers.png(GRAY, 3), "no palette"),
    ],
)
def test_a_missing_part_is_named(data: bytes, said: str) -> None:
    with pytest.raises(ImageFileError, match=said):
        parse(Source("x.png", data=data))


def test_chunks_that_give_the_samples_a_meaning_are_kept_in_order() -> None:
    extra = [
        makers.chunk(b"cICP", b"\x09\x10\0\1"),
        makers.chunk(b"gAMA", struct.pack(">I", 100000)),
        makers.chunk(b"tIME", bytes(7)),
    ]
    parts = _parts(*extra)
    assert [kind for kind, _ in parts.metadata().png_colour] == ["cICP", "gAMA"]


def test_a_density_without_unit_is_no_resolution() -> None:
    body = struct.pack(">IIB", 1, 1, 0)
    parts = _parts(makers.chunk(b"pHYs", body))
    assert parts.metadata().resolution is None


def test_exif_gives_the_resolution_where_no_chunk_does() -> None:
    extra = [makers.chunk(b"eXIf", makers.exif("<"))]
    parts = _parts(*extra)
    assert parts.metadata().resolution == (300, 150)


def test_a_chunk_is_length_kind_body_and_checksum() -> None:
    assert chunk(b"IEND", b"") == bytes.fromhex("0000000049454e44ae426082")
    assert chunk(b"tEXt", memoryview(b"a\0b")) == makers.chunk(b"tEXt", b"a\0b")


def test_an_apng_frame_outside_its_canvas_is_damage() -> None:
    control = makers.chunk(b"acTL", struct.pack(">II", 1, 0))
    frame = makers.frame_control(0, (4, 4))
    data = makers.png(GRAY, 0, extra=[control, frame])
    with pytest.raises(ImageFileError, match="frame header is damaged"):
        parse(Source("x.png", data=data))
