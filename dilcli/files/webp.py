"""WebP: inspect, decode, encode, still and animated.

Frames are compressed one by one and put into the container here: libwebp's own animation encoder
merges frames that look alike. Container: WebP Container Specification (Google, 2011 to 2025).
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dilcli.files import exif
from dilcli.files.gif import DEFAULT_DURATION
from dilcli.files.orient import upright_shape
from dilcli.files.records import Decoded, Header, Metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dilcli.files.records import Options, Picture, Source

__all__ = ["DEFAULT_QUALITY", "decode", "encode", "inspect", "milliseconds"]

#: For what was compressed with loss before; anything else stays loss-free.
DEFAULT_QUALITY = 90

#: The effort of loss-free compression. On a photograph of 3.2 Mpx this takes 0.8 s for 1.16 MB,
#: Pillow's default (method 4, 80) 2.5 s for 1.15 MB.
_LOSSLESS = {"lossless": True, "exact": True, "method": 1, "quality": 20}

_ANIMATED, _HAS_XMP, _HAS_EXIF, _HAS_ALPHA, _HAS_ICC = 0x02, 0x04, 0x08, 0x10, 0x20
_REPLACE_CANVAS = 0x02


@dataclass(slots=True)
class Parts:
    """Everything found in the container."""

    width: int = 0
    height: int = 0
    alpha: bool = False
    lossy: bool = False
    plays: int = 1
    durations: list[float] = field(default_factory=list)
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    notes: list[str] = field(default_factory=list)

    def metadata(self) -> Metadata:
        """Return what stands beside the samples."""
        animated = len(self.durations) > 1
        return Metadata(
            icc=self.icc,
            exif=self.exif,
            xmp=self.xmp,
            resolution=exif.resolution(self.exif),
            durations=tuple(self.durations) if animated else (),
            loop=self.plays if animated else None,
            lossy=self.lossy,
        )


def _chunks(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    at = 0
    while at + 8 <= len(data):
        (size,) = struct.unpack_from("<I", data, at + 4)
        yield bytes(data[at : at + 4]), data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _image(parts: Parts, kind: bytes, body: memoryview) -> None:
    """Take size, alpha and kind of compression from the chunk of a still image."""
    parts.lossy = parts.lossy or kind == b"VP8 "
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 1)
        parts.width, parts.height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        parts.alpha = parts.alpha or bool(bits >> 28 & 1)
    else:
        width, height = struct.unpack_from("<HH", body, 6)
        parts.width, parts.height = width & 0x3FFF, height & 0x3FFF


def _take(parts: Parts, kind: bytes, body: memoryview) -> None:
    if kind == b"VP8X":
        parts.alpha = bool(body[0] & _HAS_ALPHA)
        parts.width = int.from_bytes(body[4:7], "little") + 1
        parts.height = int.from_bytes(body[7:10], "little") + 1
    elif kind in (b"VP8 ", b"VP8L"):
        _image(parts, kind, body)
    elif kind == b"ALPH":
        parts.alpha = True
    elif kind == b"ANIM":
        parts.plays = int.from_bytes(body[4:6], "little")
    elif kind == b"ANMF":
        parts.durations.append(float(int.from_bytes(body[12:15], "little")))
        parts.lossy = parts.lossy or any(inner == b"VP8 " for inner, _ in _chunks(body[16:]))
    elif kind == b"ICCP":
        parts.icc = bytes(body)
    elif kind == b"XMP ":
        parts.xmp = bytes(body)
    elif kind == b"EXIF":
        block = bytes(body).removeprefix(b"Exif\0\0")
        if exif.is_readable(block):
            parts.exif = block
        else:
            parts.notes.append("broken EXIF not kept")


def _parse(source: Source) -> Parts:
    parts = Parts()
    data = source.view()
    for kind, body in _chunks(data[12 : 8 + int.from_bytes(data[4:8], "little")]):
        _take(parts, kind, body)
    if not parts.width or not parts.height:
        raise source.error("the WebP has no size in its header")
    return parts


def inspect(source: Source) -> Header:
    """Read the container of a WebP."""
    parts = _parse(source)
    stored = (parts.height, parts.width, 4 if parts.alpha else 3)
    shape = upright_shape(stored, exif.orientation(parts.exif))
    frames = max(len(parts.durations), 1)
    return Header("webp", shape, "uint8", parts.alpha, frames, (stored[0] * stored[1],) * frames)


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:
    """Decode the chosen frames as RGB or RGBA, colours under alpha 0 included."""
    from dilcli.files.pillow_pixels import as_array, open_image, unlimited

    parts = _parse(source)
    with unlimited():
        image = open_image(io.BytesIO(source.bytes()), "WEBP")
    # A picture whose header has alpha and whose samples are all opaque is decoded as RGB.
    mode = "RGBA" if parts.alpha else "RGB"
    made = {}
    for index in sorted(set(indices)):
        image.seek(index)
        made[index] = as_array(image if image.mode == mode else image.convert(mode))
    frames = tuple(made[i] for i in indices)
    return Decoded(frames, parts.metadata(), tuple(parts.notes), parts.alpha)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _compressed(frame: NDArray[Any], parameters: dict[str, Any], alpha: bool) -> bytes:
    """Compress one frame, and take its image chunks out of Pillow's file."""
    from dilcli.files.pillow_pixels import as_image

    buffer = io.BytesIO()
    image = as_image(frame)
    image.convert("RGBA" if alpha else "RGB").save(buffer, "WEBP", **parameters)
    chunks = _chunks(memoryview(buffer.getvalue())[12:])
    image_chunks = (b"VP8 ", b"VP8L", b"ALPH")
    return b"".join(_chunk(kind, bytes(body)) for kind, body in chunks if kind in image_chunks)


def milliseconds(durations: Sequence[float]) -> list[int]:
    """Round so that the sum is off by half a millisecond at most."""
    total, before, out = 0.0, 0, []
    for duration in durations:
        total += duration
        out.append(min(round(total) - before, 2**24 - 1))
        before = round(total)
    return out


def _size(width: int, height: int) -> bytes:
    return (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def _header(picture: Picture, width: int, height: int) -> bytes:
    metadata = picture.metadata
    flags = _HAS_ALPHA * picture.alpha + _ANIMATED * (len(picture.frames) > 1)
    flags += _HAS_ICC * (metadata.icc is not None) + _HAS_EXIF * (metadata.exif is not None)
    flags += _HAS_XMP * (metadata.xmp is not None)
    return _chunk(b"VP8X", bytes((flags, 0, 0, 0)) + _size(width, height))


def _animation(picture: Picture, images: list[bytes], size: bytes) -> Iterator[bytes]:
    """Lay out the frames, each the whole canvas and replacing what was there."""
    metadata = picture.metadata
    plays = 0 if metadata.loop is None else min(metadata.loop, 65535)
    yield _chunk(b"ANIM", b"\0\0\0\0" + struct.pack("<H", plays))
    durations = milliseconds(metadata.durations or (DEFAULT_DURATION,) * len(images))
    for image, duration in zip(images, durations, strict=True):
        timing = duration.to_bytes(3, "little") + bytes((_REPLACE_CANVAS,))
        yield _chunk(b"ANMF", bytes(6) + size + timing + image)


def encode(picture: Picture, options: Options) -> bytes:
    """Return a WebP: loss-free, unless a quality is given or the source was compressed with loss.

    Loss-free means every sample, colours under alpha 0 included. Gray is written as RGB.
    """
    quality = options.quality
    if quality is None and picture.metadata.lossy:
        quality = DEFAULT_QUALITY
    parameters = _LOSSLESS if quality is None else {"quality": quality, "exact": True}
    images = [_compressed(frame, dict(parameters), picture.alpha) for frame in picture.frames]
    height, width = picture.frames[0].shape[:2]
    metadata = picture.metadata
    out = [_header(picture, width, height)]
    if metadata.icc is not None:
        out.append(_chunk(b"ICCP", metadata.icc))
    if len(images) > 1:
        out += _animation(picture, images, _size(width, height))
    else:
        out += images
    if metadata.exif is not None:
        out.append(_chunk(b"EXIF", metadata.exif))
    if metadata.xmp is not None:
        out.append(_chunk(b"XMP ", metadata.xmp))
    body = b"WEBP" + b"".join(out)
    return b"RIFF" + struct.pack("<I", len(body)) + body
