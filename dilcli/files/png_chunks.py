"""PNG and APNG as a list of chunks: the header, what stands beside the samples, the frames.

Chunks are read here and not through a library because a text chunk named ``exif`` or ``dpi``, a
broken profile or a long text must neither stop the decoder nor replace the real value.
Format: PNG Specification, third edition (W3C, 2025). Standard library only.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from dilcli.files import exif
from dilcli.files.records import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dilcli.files.records import Source

__all__ = [
    "METRES",
    "SIGNATURE",
    "XMP_KEYWORD",
    "Control",
    "Ihdr",
    "Parts",
    "chunk",
    "chunk_parts",
    "parse",
]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_KEYWORD = "XML:com.adobe.xmp"
_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"fdAT", b"fcTL", b"acTL")
_SAMPLES = (b"IDAT", b"fdAT")
_COLOUR = (b"cICP", b"mDCV", b"cLLI", b"sRGB", b"gAMA", b"cHRM")
#: A compressed text or profile may unpack to this much; picture tools store megabytes of text.
_LARGEST_TEXT = 64 << 20
#: Metres in an inch.
METRES = 0.0254


class Ihdr(NamedTuple):
    """The PNG header: width, height, bits a sample, colour type, interlace method."""

    width: int
    height: int
    bits: int
    colour: int
    interlace: int


class Control(NamedTuple):
    """Where one APNG frame stands, how long (ms), and how it meets the canvas."""

    width: int
    height: int
    x: int
    y: int
    duration: float
    dispose: int
    blend: int


NO_HEADER = Ihdr(0, 0, 0, 0, 0)


@dataclass(slots=True)
class Parts:
    """Everything found in the file; ``frames`` pairs a control with its compressed pieces."""

    header: Ihdr = NO_HEADER
    palette: bytes = b""
    transparency: bytes | None = None
    image: list[memoryview] = field(default_factory=list)
    frames: list[tuple[Control, list[memoryview]]] = field(default_factory=list)
    animated: int = 0
    plays: int = 0
    has_still: bool = False
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    resolution: tuple[float, float] | None = None
    text: list[tuple[str, str]] = field(default_factory=list)
    colour: list[tuple[str, bytes]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def metadata(self) -> Metadata:
        """Return what stands beside the samples."""
        animated = len(self.frames) > 1
        return Metadata(
            icc=self.icc,
            exif=self.exif,
            xmp=self.xmp,
            resolution=self.resolution or exif.resolution(self.exif),
            text=tuple(self.text),
            durations=tuple(c.duration for c, _ in self.frames) if animated else (),
            loop=self.plays if animated else None,
            png_colour=tuple(self.colour),
        )


def _walk(
    source: Source, data: memoryview, unchecked: tuple[bytes, ...]
) -> Iterator[tuple[bytes, memoryview]]:
    """Yield chunk types and bodies; the checksums of what the samples hang on are checked."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = bytes(data[at + 4 : at + 8])
        body = data[at + 8 : at + 8 + length]
        crc = data[at + 8 + length : at + 12 + length]
        if len(crc) < 4 and kind != b"IEND":
            raise source.error(f"the PNG is cut off in chunk {kind.decode('latin-1')!r}")
        checked = kind in _CRITICAL and kind not in unchecked
        if checked and zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(crc):
            raise source.error(f"the PNG is damaged: bad checksum in chunk {kind.decode()}")
        if kind == b"IEND":
            return
        yield kind, body
        at += 12 + length


def _header(source: Source, body: memoryview) -> Ihdr:
    if len(body) < 13:
        raise source.error("the PNG header is cut off")
    width, height, bits, colour, _, _, interlace = struct.unpack_from(">IIBBBBB", body)
    allowed = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
    if not width or not height or bits not in allowed.get(colour, ()):
        what = f"{width} x {height} pixels of {bits} bits, colour type {colour}"
        raise source.error(f"the PNG header is damaged ({what})")
    return Ihdr(width, height, bits, colour, interlace)


def _inflate(packed: bytes | memoryview) -> bytes:
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(packed, _LARGEST_TEXT)
    if unpacker.unconsumed_tail:
        raise ValueError(f"more than {_LARGEST_TEXT >> 20} MiB")
    if not unpacker.eof:
        raise ValueError("cut off")
    return data


def _text(kind: bytes, body: bytes) -> tuple[str, str]:
    keyword, rest = body.split(b"\0", 1)
    if kind == b"tEXt":
        value = rest.decode("latin-1")
    elif kind == b"zTXt":
        value = _inflate(rest[1:]).decode("latin-1")
    else:
        _, _, packed = rest[2:].split(b"\0", 2)
        value = (_inflate(packed) if rest[0] else packed).decode("utf-8")
    return keyword.decode("latin-1"), value


def _ancillary(parts: Parts, kind: bytes, body: bytes) -> None:
    """Take one chunk that no sample hangs on; ValueError and friends if it is broken."""
    if kind in (b"tEXt", b"zTXt", b"iTXt"):
        keyword, value = _text(kind, body)
        if keyword == XMP_KEYWORD:
            parts.xmp = value.encode()
        else:
            parts.text.append((keyword, value))
    elif kind == b"iCCP":
        parts.icc = _inflate(body.split(b"\0", 1)[1][1:])
    elif kind == b"eXIf":
        block = body.removeprefix(b"Exif\0\0")
        if not exif.is_readable(block):
            raise ValueError("no TIFF structure")
        parts.exif = block
    elif kind == b"pHYs":
        x, y, unit = struct.unpack(">IIB", body)
        if unit == 1 and x and y:
            parts.resolution = x * METRES, y * METRES
    elif kind in _COLOUR:
        parts.colour.append((kind.decode(), body))


def _control(source: Source, body: memoryview, canvas: Ihdr) -> Control:
    if len(body) < 26:
        raise source.error("an APNG frame header is cut off")
    _, width, height, x, y, delay, unit, dispose, blend = struct.unpack_from(">IIIIIHHBB", body)
    inside = x + width <= canvas.width and y + height <= canvas.height
    if not width or not height or not inside or dispose > 2 or blend > 1:
        raise source.error("an APNG frame header is damaged")
    return Control(width, height, x, y, 1000 * delay / (unit or 100), dispose, blend)


def _critical(source: Source, parts: Parts, kind: bytes, body: memoryview) -> None:
    """Take one chunk that the samples hang on."""
    if kind == b"PLTE":
        parts.palette = bytes(body)
    elif kind == b"tRNS":
        parts.transparency = bytes(body)
    elif kind == b"acTL" and len(body) == 8:
        parts.animated, parts.plays = struct.unpack(">II", body)
    elif kind == b"fcTL" and parts.animated:
        parts.frames.append((_control(source, body, parts.header), []))
    elif kind == b"IDAT":
        parts.has_still = parts.has_still or not parts.frames
        parts.image.append(body)
    if kind in (b"IDAT", b"fdAT") and parts.frames:
        parts.frames[-1][1].append(body if kind == b"IDAT" else body[4:])


def parse(source: Source, *, samples: bool = True) -> Parts:
    """Read all chunks of a PNG or APNG; without ``samples`` these are not even looked at.

    Raises
    ------
    ImageFileError
        If the header, the palette or the compressed samples are damaged or missing. Broken
        metadata becomes a note.
    """
    parts = Parts()
    for kind, body in _walk(source, source.view(), () if samples else _SAMPLES):
        if kind == b"IHDR":
            parts.header = _header(source, body)
        elif not parts.header.width:
            raise source.error("the PNG does not start with its header")
        elif kind in _CRITICAL:
            _critical(source, parts, kind, body)
        else:
            try:
                _ancillary(parts, kind, bytes(body))
            except (ValueError, IndexError, struct.error, zlib.error) as error:
                name = kind.decode("latin-1")
                parts.notes.append(f"broken PNG chunk {name} not kept ({error})")
    if not parts.image:
        raise source.error("the PNG holds no samples (no IDAT chunk)")
    if parts.header.colour == 3 and not parts.palette:
        raise source.error("the PNG has palette samples but no palette")
    return parts


def chunk_parts(kind: bytes, body: bytes | memoryview) -> tuple[bytes | memoryview, ...]:
    """Return length, kind, body and checksum of a chunk; the body is not copied."""
    crc = zlib.crc32(body, zlib.crc32(kind))
    return struct.pack(">I", len(body)), kind, body, struct.pack(">I", crc)


def chunk(kind: bytes, body: bytes | memoryview) -> bytes:
    """Return a chunk with its length and checksum."""
    return b"".join(chunk_parts(kind, body))
