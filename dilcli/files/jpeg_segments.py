"""JPEG as a list of segments: the frame header and what stands beside the samples.

Segments are read and written here because Pillow parses EXIF whether one wants it or not, and
fails with it. Formats: ITU-T T.81, JFIF 1.02, Exif 2.32, ICC.1 annex B. Standard library only.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from dilcli.files import exif, ifd
from dilcli.files.records import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dilcli.files.records import Source

__all__ = ["LARGEST_SEGMENT", "Frame", "Parts", "metadata_segments", "parse"]

#: A segment's length field counts itself.
LARGEST_SEGMENT = 65533

_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_LONG_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_ICC = b"ICC_PROFILE\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_PICTURES = b"MPF\0"
_APP0, _APP1, _APP2, _APP13, _APP14, _COM = 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE
_START_OF_SCAN, _END = 0xDA, 0xD9
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}


class Frame(NamedTuple):
    """The JPEG frame header: bits a sample, height, width, components."""

    bits: int
    height: int
    width: int
    components: int


NO_FRAME = Frame(0, 0, 0, 0)


@dataclass(slots=True)
class Parts:
    """Everything found before the first scan, and the file without its metadata."""

    frame: Frame = NO_FRAME
    bare: list[memoryview | bytes] = field(default_factory=list)
    icc_pieces: dict[int, bytes] = field(default_factory=dict)
    icc_count: int = 0
    exif: bytes | None = None
    xmp: bytes | None = None
    photoshop: bytes | None = None
    resolution: tuple[float, float] | None = None
    comments: list[str] = field(default_factory=list)
    pictures: int = 1
    notes: list[str] = field(default_factory=list)

    def icc(self) -> bytes | None:
        """Join the profile's pieces; None where one is missing."""
        wanted = range(1, self.icc_count + 1)
        if not self.icc_count or any(number not in self.icc_pieces for number in wanted):
            return None
        return b"".join(self.icc_pieces[number] for number in wanted)

    def metadata(self) -> Metadata:
        """Return what stands beside the samples."""
        return Metadata(
            icc=self.icc(),
            exif=self.exif,
            xmp=self.xmp,
            resolution=self.resolution or exif.resolution(self.exif),
            text=tuple(("Comment", comment) for comment in self.comments),
            photoshop=self.photoshop,
            lossy=True,
        )


def _walk(source: Source, data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield marker, offset and body of each segment up to the first scan."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise source.error("the JPEG is damaged: a marker is missing")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        elif marker in (_START_OF_SCAN, _END):
            yield marker, at, data[at:]
            return
        else:
            length = int.from_bytes(data[at + 2 : at + 4])
            if length < 2 or at + 2 + length > len(data):
                break
            yield marker, at, data[at + 4 : at + 2 + length]
            at += 2 + length
    raise source.error("the JPEG is cut off before its samples")


def _density(body: bytes) -> tuple[float, float] | None:
    """Return the resolution of a JFIF segment; a density without unit is none."""
    unit, x, y = struct.unpack_from(">BHH", body, 7)
    if unit not in (1, 2) or not x or not y:
        return None
    factor = 2.54 if unit == 2 else 1.0
    return x * factor, y * factor


def _picture_count(body: bytes) -> int:
    order = ifd.byte_order(body)
    entries, _ = ifd.read_ifd(body, ifd.first_offset(body), order)
    return next((ifd.integers(e, order)[0] for e in entries if e.tag == 0xB001), 1)


def _application(parts: Parts, marker: int, body: bytes) -> None:
    """Take one metadata segment; ValueError and friends if it is broken."""
    if marker == _APP1 and body.startswith(_EXIF):
        block = body[len(_EXIF) :]
        if not exif.is_readable(block):
            raise ValueError("broken EXIF")
        parts.exif = parts.exif or block
    elif marker == _APP1 and body.startswith(_XMP):
        parts.xmp = body[len(_XMP) :]
    elif marker == _APP1 and body.startswith(_LONG_XMP):
        raise ValueError("extended XMP")
    elif marker == _APP2 and body.startswith(_ICC):
        number, parts.icc_count = struct.unpack_from("BB", body, len(_ICC))
        parts.icc_pieces[number] = body[len(_ICC) + 2 :]
    elif marker == _APP2 and body.startswith(_PICTURES):
        parts.pictures = _picture_count(body[len(_PICTURES) :])
    elif marker == _APP13 and body.startswith(_PHOTOSHOP):
        parts.photoshop = (parts.photoshop or b"") + body[len(_PHOTOSHOP) :]
    elif marker == _COM:
        parts.comments.append(body.rstrip(b"\0").decode("utf-8", "replace"))


def parse(source: Source) -> Parts:
    """Read the segments of a JPEG up to its samples.

    Raises
    ------
    ImageFileError
        If the file is cut off or holds no frame header. Broken metadata becomes a note.
    """
    parts = Parts()
    data = source.view()
    parts.bare.append(data[:2])
    for marker, at, body in _walk(source, data):
        if marker == _START_OF_SCAN:
            parts.bare.append(body)
            continue
        if marker in _FRAMES and len(body) >= 6:
            parts.frame = Frame(*struct.unpack_from(">BHHB", body))
        if marker == _APP0 and bytes(body[:5]) == b"JFIF\0" and len(body) >= 12:
            parts.resolution = _density(bytes(body))
        if marker == _COM or (_APP0 <= marker <= 0xEF and marker not in (_APP0, _APP14)):
            try:
                _application(parts, marker, bytes(body))
            except (ValueError, IndexError, KeyError, struct.error) as error:
                parts.notes.append(f"JPEG metadata not kept ({error})")
        else:
            parts.bare.append(data[at : at + 4 + len(body)])
    if not parts.frame.width or not parts.frame.height:
        raise source.error("the JPEG has no size in its header")
    if parts.icc_pieces and parts.icc() is None:
        parts.notes.append("JPEG metadata not kept (broken ICC profile)")
    return parts


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def comment_lines(text: tuple[tuple[str, str], ...]) -> list[bytes]:
    """Return texts as comments: ``keyword: text``, and a comment without its keyword."""
    lines = [value if key == "Comment" else f"{key}: {value}" for key, value in text]
    return [line.encode() for line in lines]


def metadata_segments(metadata: Metadata) -> bytes:
    """Lay out what stands beside the samples, to be put after the JFIF segment."""
    out = []
    if metadata.exif is not None:
        out.append(_segment(_APP1, _EXIF + metadata.exif))
    if metadata.xmp is not None:
        out.append(_segment(_APP1, _XMP + metadata.xmp))
    if metadata.photoshop is not None:
        step = LARGEST_SEGMENT - len(_PHOTOSHOP)
        block = metadata.photoshop
        pieces = [block[i : i + step] for i in range(0, len(block), step)]
        out += [_segment(_APP13, _PHOTOSHOP + piece) for piece in pieces]
    if metadata.icc is not None:
        step = LARGEST_SEGMENT - len(_ICC) - 2
        pieces = [metadata.icc[i : i + step] for i in range(0, len(metadata.icc), step)]
        count = len(pieces)
        numbered = enumerate(pieces, 1)
        out += [_segment(_APP2, _ICC + bytes((n, count)) + piece) for n, piece in numbered]
    out += [_segment(_COM, line) for line in comment_lines(metadata.text)]
    return b"".join(out)


def size_faults(metadata: Metadata) -> list[str]:
    """Name what is too long for a JPEG segment."""
    sizes = {
        "EXIF": len(metadata.exif or b"") + len(_EXIF),
        "XMP": len(metadata.xmp or b"") + len(_XMP),
        "ICC profile": len(metadata.icc or b"") // 255,
    }
    for (key, _), line in zip(metadata.text, comment_lines(metadata.text), strict=True):
        sizes[f"text {key!r}"] = len(line)
    return [what for what, size in sizes.items() if size > LARGEST_SEGMENT - 14]
