"""GIF: inspect, decode, encode. Frames are composed as browsers do, and written whole."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

from dilcli.files.gif_blocks import (
    CLEARED,
    GRAYS,
    RESTORED,
    Frame,
    Parts,
    blocks,
    centiseconds,
    parse,
)
from dilcli.files.jpeg_segments import comment_lines
from dilcli.files.records import Decoded, Header, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.files.records import Metadata, Options, Picture

__all__ = ["DEFAULT_DURATION", "decode", "encode", "inspect"]

#: Milliseconds a frame of what had no timing, as browsers show a GIF without one.
DEFAULT_DURATION = 100.0

_HALF_OPAQUE = 128


def inspect(source: Source) -> Header:
    """Read the blocks of a GIF."""
    parts = parse(source)
    channels = parts.channels()
    stored = (parts.height, parts.width)
    count = len(parts.frames)
    pixels = [max(stored[0] * stored[1], f.width * f.height) for f in parts.frames]
    shape = stored if channels == 1 else (*stored, channels)
    return Header("gif", shape, "uint8", channels == 4, count, tuple(pixels))


def _indices(frame: Frame) -> NDArray[np.uint8]:
    """Unpack a frame's palette indices: as a GIF of its own, whose palette is the grays."""
    from dilcli.files.pillow_pixels import as_array, open_image

    size = struct.pack("<HH", frame.width, frame.height)
    head = b"GIF89a" + size + b"\xf7\0\0" + GRAYS
    image = b"\x2c\0\0\0\0" + size + bytes((64 * frame.interlaced,))
    stream = io.BytesIO(b"".join((head, image, frame.data, b"\x3b")))
    return as_array(open_image(stream, "GIF"))


def _coloured(frame: Frame, channels: int) -> NDArray[np.uint8]:
    """Look a frame's colours up; a transparent pixel has no colour, only zeros."""
    import numpy as np

    table = np.zeros((256, 4), np.uint8)
    table[:, 3] = 255
    colours = np.frombuffer(frame.palette, np.uint8).reshape(-1, 3)
    table[: len(colours), :3] = colours
    if frame.transparent is not None:
        table[frame.transparent] = 0
    return np.take(table[:, :channels], _indices(frame), axis=0)


def _composed(parts: Parts, last: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the canvas as each frame shows it, from the first to frame ``last``."""
    import numpy as np

    channels = parts.channels()
    alpha = channels == 4
    canvas = np.zeros((parts.height, parts.width, channels), np.uint8)
    for frame in parts.frames[: last + 1]:
        box = canvas[frame.y : frame.y + frame.height, frame.x : frame.x + frame.width]
        before = box.copy()
        new = _coloured(frame, channels)[: box.shape[0], : box.shape[1]]
        box[...] = np.where(new[..., -1:] == 0, box, new) if alpha else new
        yield canvas[:, :, 0].copy() if channels == 1 else canvas.copy()
        if frame.disposal == CLEARED:
            box[...] = 0
        elif frame.disposal == RESTORED:
            box[...] = before


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:
    """Decode the chosen frames: gray or RGB, with alpha where something is transparent."""
    parts = parse(source)
    wanted = frozenset(indices)
    shown = enumerate(_composed(parts, max(wanted)))
    made = {index: frame for index, frame in shown if index in wanted}
    frames = tuple(made[index] for index in indices)
    return Decoded(frames, parts.metadata(), tuple(dict.fromkeys(parts.notes)), parts.has_alpha())


def _rgba(frame: NDArray[Any], alpha: bool) -> NDArray[np.uint8]:
    """Return (H, W, 4), alpha on or off and nothing under what is off."""
    import numpy as np

    channels = frame.reshape(*frame.shape[:2], -1)
    out = np.empty((*frame.shape[:2], 4), np.uint8)
    out[..., :3] = channels[..., : channels.shape[2] - alpha]
    out[..., 3] = np.where(channels[..., -1] >= _HALF_OPAQUE, 255, 0) if alpha else 255
    out[out[..., 3] == 0] = 0
    return out


def _quantised(rgba: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], bytes]:
    """Reduce to 255 colours by median cut with error diffusion; index 255 is transparent."""
    import numpy as np
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(rgba[..., :3]))
    chosen = image.quantize(255, Image.Quantize.MEDIANCUT)
    indices = np.array(image.quantize(palette=chosen, dither=Image.Dither.FLOYDSTEINBERG))
    palette = bytes(chosen.getpalette("RGB") or ())[: 3 * 255].ljust(3 * 256, b"\0")
    indices[rgba[..., 3] == 0] = 255
    return indices, palette


def _indexed(frame: NDArray[Any], alpha: bool) -> tuple[NDArray[np.uint8], bytes, int | None]:
    """Return indices, palette and transparent index: exact where 256 colours are enough."""
    import numpy as np

    if frame.ndim == 2 or frame.shape[2] == 1:
        return frame.reshape(frame.shape[:2]), GRAYS, None
    rgba = np.ascontiguousarray(_rgba(frame, alpha))
    colours, inverse = np.unique(rgba.view("<u4")[..., 0], return_inverse=True)
    if len(colours) > 256:
        indices, palette = _quantised(rgba)
        return indices, palette, 255 if alpha else None
    # Downwards, so that colours which are all gray never look like the ramp of gray samples.
    table = colours[::-1].copy().view(np.uint8).reshape(-1, 4)
    last = len(table) - 1
    indices = (last - inverse.reshape(frame.shape[:2])).astype(np.uint8)
    # What is transparent has the packed value 0 and is last; an unused index says "has alpha".
    transparent = None if not alpha else last if table[last, 3] == 0 else last + 1
    used = min(len(table) if transparent is None else transparent + 1, 256)
    size = max(2, 1 << (used - 1).bit_length())
    palette = table[:, :3].tobytes().ljust(3 * size, b"\0")
    return indices, palette, transparent if transparent != 256 else None


def _packed(indices: NDArray[np.uint8]) -> bytes:
    """Compress palette indices with Pillow's LZW, and take the blocks out of its file."""
    import numpy as np
    from PIL import Image

    buffer = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(indices))
    image.save(buffer, "GIF", optimize=False, interlace=0)
    frames = parse(Source("GIF", data=buffer.getvalue())).frames
    if len(frames) != 1 or frames[0].interlaced:
        raise ValueError("this version of Pillow writes another GIF than asked for")
    return bytes(frames[0].data)


def _table_bits(palette: bytes) -> int:
    return (len(palette) // 3 - 1).bit_length() - 1


def _frame_blocks(frame: NDArray[Any], alpha: bool, delay: int, timed: bool) -> bytes:
    indices, palette, transparent = _indexed(frame, alpha)
    height, width = indices.shape
    out = []
    if timed or transparent is not None:
        # With transparency each frame clears the canvas, so that no frame shows through the next.
        disposal = CLEARED if alpha else 1
        flags = disposal << 2 | (transparent is not None)
        out.append(struct.pack("<BBBBHBB", 0x21, 0xF9, 4, flags, delay, transparent or 0, 0))
    flags = 128 | _table_bits(palette)
    out.append(struct.pack("<BHHHHB", 0x2C, 0, 0, width, height, flags))
    return b"".join((*out, palette, _packed(indices)))


def _extensions(metadata: Metadata, frames: int) -> bytes:
    out = []
    plays = 0 if metadata.loop is None else metadata.loop
    if frames > 1 and plays != 1:
        repeats = struct.pack("<BH", 1, min(max(plays - 1, 0), 65535))
        out.append(b"\x21\xff\x0bNETSCAPE2.0" + blocks(repeats))
    out += [b"\x21\xfe" + blocks(line) for line in comment_lines(metadata.text)]
    return b"".join(out)


def encode(picture: Picture, options: Options) -> bytes:  # noqa: ARG001 -- nothing to choose
    """Return a GIF of whole frames, each with its own palette, so that none is ever merged.

    A frame of at most 256 colours, a transparent one included, is exact. Others are reduced to
    255 colours, and alpha below 128 becomes transparent.
    """
    metadata, count = picture.metadata, len(picture.frames)
    height, width = picture.frames[0].shape[:2]
    delays = centiseconds(metadata.durations or (DEFAULT_DURATION,) * count)
    out = [b"GIF89a", struct.pack("<HHBBB", width, height, 0x70, 0, 0)]
    out.append(_extensions(metadata, count))
    for frame, delay in zip(picture.frames, delays, strict=True):
        out.append(_frame_blocks(frame, picture.alpha, delay, count > 1))
    return b"".join((*out, b"\x3b"))
