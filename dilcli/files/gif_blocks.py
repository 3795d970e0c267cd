"""GIF as a list of blocks: canvas, frames, timing, comments. Standard library only.

Format: Graphics Interchange Format, version 89a (CompuServe, 1990), and Netscape's loop extension.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from dilcli.files.records import Metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.files.records import Source

__all__ = ["CLEARED", "GRAYS", "RESTORED", "Frame", "Parts", "blocks", "centiseconds", "parse"]

CLEARED, RESTORED = 2, 3

#: The palette that stands for gray samples.
GRAYS = bytes(level for level in range(256) for _ in "rgb")

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_CONTROL, _COMMENT, _APPLICATION = 0xF9, 0xFE, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


class Frame(NamedTuple):
    """One image: where it stands, how it is coloured, how long it shows (ms), its LZW blocks."""

    x: int
    y: int
    width: int
    height: int
    interlaced: bool
    palette: bytes
    data: bytes | memoryview
    transparent: int | None
    duration: float
    disposal: int


@dataclass(slots=True)
class Parts:
    """Everything found in the file."""

    width: int
    height: int
    frames: list[Frame] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    plays: int = 1
    notes: list[str] = field(default_factory=list)

    def covers(self, frame: Frame) -> bool:
        """Say whether a frame fills the canvas."""
        inside = frame.x <= 0 and frame.y <= 0
        return inside and frame.width >= self.width and frame.height >= self.height

    def has_alpha(self) -> bool:
        """Say whether a transparent index or an empty part of the canvas may show."""
        empty = True
        for frame in self.frames:
            before, empty = empty, empty and not self.covers(frame)
            if empty or frame.transparent is not None:
                return True
            empty = frame.disposal == CLEARED or (frame.disposal == RESTORED and before)
        return False

    def channels(self) -> int:
        """Return 4 with alpha, 1 where every palette is the ramp of 256 grays, else 3."""
        if self.has_alpha():
            return 4
        return 1 if all(frame.palette == GRAYS for frame in self.frames) else 3

    def metadata(self) -> Metadata:
        """Return what stands beside the samples."""
        animated = len(self.frames) > 1
        return Metadata(
            text=tuple(("Comment", comment) for comment in self.comments),
            durations=tuple(frame.duration for frame in self.frames) if animated else (),
            loop=self.plays if animated else None,
        )


def _sub_blocks(data: memoryview, at: int) -> tuple[bytes, int]:
    """Join length-prefixed pieces; return them and where the next block starts."""
    pieces = []
    while size := data[at]:
        pieces.append(data[at + 1 : at + 1 + size])
        at += 1 + size
    return b"".join(pieces), at + 1


def _skipped(data: memoryview, at: int) -> int:
    """Return where the next block starts after length-prefixed pieces."""
    while size := data[at]:
        at += 1 + size
    return at + 1


def _extension(parts: Parts, label: int, body: bytes) -> None:
    if label == _COMMENT:
        parts.comments.append(body.decode("utf-8", "replace"))
    elif label == _APPLICATION and body[:11] in _LOOPS and len(body) >= 14:
        # Browsers show the animation once and then repeat it so many times; 0 is for ever.
        repeats = int.from_bytes(body[12:14], "little")
        parts.plays = repeats + 1 if repeats else 0
    elif label == _APPLICATION:
        name = body[:11].decode("latin-1")
        parts.notes.append(f"GIF application data not kept ({name})")


def _walk(data: memoryview, parts: Parts, global_palette: bytes, at: int) -> None:
    control: tuple[int | None, float, int] = (None, 0.0, 0)
    # Some writers leave the trailer out: the end of the file will do.
    while at < len(data) and data[at] != _TRAILER:
        if data[at] == _EXTENSION:
            label = data[at + 1]
            body, at = _sub_blocks(data, at + 2)
            if label == _CONTROL:
                flags, delay, index = struct.unpack_from("<BHB", body)
                control = (index if flags & 1 else None, 10.0 * delay, flags >> 2 & 7)
            else:
                _extension(parts, label, body)
        elif data[at] == _IMAGE:
            x, y, width, height, flags = struct.unpack_from("<HHHHB", data, at + 1)
            start = at + 10 + (3 << (flags & 7) + 1 if flags & 128 else 0)
            palette = bytes(data[at + 10 : start]) if flags & 128 else global_palette
            at = _skipped(data, start + 1)
            packed = data[start:at]
            place = (x, y, width, height, bool(flags & 64), palette, packed)
            parts.frames.append(Frame(*place, *control))
            control = (None, 0.0, 0)
        else:
            raise ValueError(f"unknown block {data[at]:#x}")


def parse(source: Source) -> Parts:
    """Read all blocks of a GIF; the compressed samples stay compressed.

    Raises
    ------
    ImageFileError
        If the file holds no whole frame. What follows the last whole frame is left out.
    """
    data = source.view()
    if len(data) < 13:
        raise source.error("the GIF is cut off in its header")
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + (3 << (flags & 7) + 1 if flags & 128 else 0)
    parts = Parts(width, height)
    try:
        _walk(data, parts, bytes(data[13:at]) if flags & 128 else b"", at)
    except (IndexError, ValueError, struct.error):
        parts.notes.append("the GIF is cut off after its last whole frame")
    parts.frames = [frame for frame in parts.frames if frame.width and frame.height]
    if not parts.frames:
        raise source.error("the GIF holds no whole frame")
    if not width or not height:
        parts.width, parts.height = parts.frames[0].width, parts.frames[0].height
    if not all(frame.palette for frame in parts.frames):
        raise source.error("the GIF has a frame without a palette")
    return parts


def blocks(data: bytes) -> bytes:
    """Cut data into length-prefixed pieces."""
    cut = [data[i : i + 255] for i in range(0, len(data), 255)]
    return b"".join(bytes((len(piece),)) + piece for piece in cut) + b"\0"


def centiseconds(durations: Sequence[float]) -> list[int]:
    """Round milliseconds to hundredths of a second so that their sum is off by half of one."""
    total, before, out = 0.0, 0, []
    for duration in durations:
        total += duration / 10
        out.append(min(round(total) - before, 65535))
        before = round(total)
    return out
