"""PNM (PBM, PGM, PPM) and PFM through imageio, colour of 16 and 32 bits included.

imageio's plugin cuts 16-bit PPM to 8 bits and knows no colour PFM. But a row of RGB pixels is a
row of three times as many gray ones: only the header tells them apart, so it is changed on the way
in and out. Formats: Netpbm's pnm(5), and Debevec's PFM.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from dilcli.files.records import Decoded, Header, Metadata
from dilcli.files.via_imageio import read_frames, write_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.files.records import Options, Picture, Source

__all__ = ["decode", "encode", "inspect"]

_TOKEN = re.compile(rb"(?:\s+|#[^\r\n]*[\r\n])*([^\s#]+)")
_BITMAPS, _GRAY_OF = ("P1", "P4"), {"P3": "P2", "P6": "P5", "PF": "Pf"}


class _Head(NamedTuple):
    """Magic number, size, largest value (PFM: scale) as text, and where the samples start."""

    magic: str
    width: int
    height: int
    largest: str
    start: int

    @property
    def is_float(self) -> bool:
        return self.magic[1] in "fF"

    @property
    def is_colour(self) -> bool:
        return self.magic in _GRAY_OF

    @property
    def dtype(self) -> str:
        if self.is_float:
            return "float32"
        return "uint16" if self.largest == "65535" else "uint8"


def _head(source: Source, data: bytes | memoryview) -> _Head:
    magic = bytes(data[:2]).decode()
    words, at = [], 2
    for _ in range(2 if magic in _BITMAPS else 3):
        found = _TOKEN.match(data, at)
        if found is None:
            raise source.error("the header is cut off")
        words.append(found[1].decode("latin-1"))
        at = found.end()
    if not all(word.isdecimal() and int(word) for word in words[:2]):
        raise source.error(f"the header is damaged: a size of {words[0]} x {words[1]}")
    head = _Head(magic, int(words[0]), int(words[1]), (*words, "1")[2], at + 1)
    if magic not in (*_BITMAPS, "Pf", "PF") and head.largest not in ("255", "65535"):
        raise source.error(
            f"samples up to {head.largest} would be rescaled; only 255 and 65535 are read; "
            "run pamdepth 65535 on it first"
        )
    return head


def inspect(source: Source) -> Header:
    """Read the header of a PNM or PFM."""
    head = _head(source, source.view())
    shape: tuple[int, ...] = (head.height, head.width)
    shape = (*shape, 3) if head.is_colour else shape
    format_ = "pfm" if head.is_float else "pnm"
    return Header(format_, shape, head.dtype, False, 1, (head.height * head.width,))


def _as_gray(head: _Head, data: bytes) -> bytes:
    """Change the header of a colour picture into that of a gray one three times as wide."""
    words = f"{_GRAY_OF[head.magic]}\n{3 * head.width} {head.height}\n{head.largest}\n"
    return words.encode() + data[head.start :]


def _notes(head: _Head, data: bytes) -> list[str]:
    notes = []
    if head.magic in _BITMAPS:
        notes.append("1-bit samples widened to 0..255")
    if head.is_float and abs(float(head.largest)) != 1.0:
        notes.append(f"PFM scale {head.largest} not applied")
    sizes = {"P5": 1, "P6": 3, "Pf": 4, "PF": 12}
    if head.magic in sizes:
        size = sizes[head.magic] * (2 if head.dtype == "uint16" else 1)
        if data[head.start + size * head.width * head.height :].strip():
            notes.append("what follows the first picture not kept")
    return notes


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:  # noqa: ARG001 -- one frame only
    """Decode a PNM or PFM: every sample exact."""
    import numpy as np

    data = source.bytes()
    head = _head(source, data)
    wide = head.is_colour and head.dtype != "uint8"
    (samples,), _ = read_frames(_as_gray(head, data) if wide else data, (0,))
    shape = (head.height, head.width, 3) if head.is_colour else (head.height, head.width)
    pixels = np.ascontiguousarray(samples.reshape(shape), head.dtype)
    return Decoded((pixels,), Metadata(), tuple(_notes(head, data)), alpha=False)


def _as_colour(data: bytes, width: int) -> bytes:
    """Change the header of a gray picture into that of a colour one a third as wide."""
    magic, _, height, largest, samples = re.split(rb"\s", data, maxsplit=4)
    colour = {b"P5": b"P6", b"Pf": b"PF"}[magic]
    return b"\n".join((colour, b"%d %s" % (width, height), largest, samples))


def encode(picture: Picture, options: Options) -> bytes:
    """Return a PGM or PPM of 8 or 16 bits, or a PFM; binary."""
    frame: NDArray[Any] = picture.frames[0]
    extension = ".pfm" if options.format == "pfm" else ".ppm"
    height, width = frame.shape[:2]
    if frame.dtype == "uint16":
        # Pillow before 11 writes 16-bit samples only out of 32-bit ones.
        frame = frame.astype("int32")
    if frame.ndim == 2 or frame.shape[2] == 1:
        return write_frame(frame.reshape(height, width), extension)
    if frame.dtype == "uint8":
        return write_frame(frame, extension)
    return _as_colour(write_frame(frame.reshape(height, 3 * width), extension), width)
