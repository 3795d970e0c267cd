"""The samples of one PNG image: every colour type and depth, exact."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

from dilcli.files.png_chunks import SIGNATURE, Ihdr, chunk_parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["decode", "layout"]

#: Pillow's raw modes for 16-bit colour: the first keeps the high bytes, the second the low ones.
_HALVES = {2: ("RGB;16B", "RGB;16L"), 6: ("RGBA;16B", "RGBA;16L")}
_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}


def layout(header: Ihdr, transparency: bytes | None) -> tuple[int, str, bool]:
    """Return channels, dtype and alpha of the array that :func:`decode` gives."""
    keyed = transparency is not None and header.colour in (0, 2, 3)
    alpha = keyed or header.colour in (4, 6)
    return _CHANNELS[header.colour] + keyed, "uint16" if header.bits == 16 else "uint8", alpha


def _stream(header: Ihdr, palette: bytes, pieces: Iterable[memoryview]) -> io.BytesIO:
    """Write the PNG again with nothing but what the samples hang on."""
    head = struct.pack(">IIBBBBB", *header[:4], 0, 0, header.interlace)
    out: list[bytes | memoryview] = [SIGNATURE, *chunk_parts(b"IHDR", head)]
    if palette:
        out += chunk_parts(b"PLTE", palette)
    for piece in pieces:
        out += chunk_parts(b"IDAT", piece)
    out += chunk_parts(b"IEND", b"")
    return io.BytesIO(b"".join(out))


def _decode_as(stream: io.BytesIO, expected: str, rawmode: str, mode: str) -> NDArray[Any]:
    """Let Pillow unpack the samples by another raw mode than its own choice.

    Raises
    ------
    ValueError
        If Pillow did not choose ``expected`` to begin with: better none than 8 bits of 16.
    """
    from dilcli.files.pillow_pixels import as_array, open_image

    stream.seek(0)
    image = open_image(stream, "PNG")
    tile = image.tile[0] if len(image.tile) == 1 else None
    if tile is None or tile[3] != expected:
        raise ValueError(f"this version of Pillow cannot unpack {expected} samples exactly")
    # Before Pillow 11 a tile is a plain tuple.
    named = hasattr(tile, "_replace")
    image.tile = [tile._replace(args=rawmode) if named else (*tile[:3], rawmode)]
    if image.mode != mode:
        raise ValueError(f"this version of Pillow unpacks {expected} samples as {image.mode}")
    return as_array(image)


def _wide_colour(stream: io.BytesIO, colour: int) -> NDArray[Any]:
    """Decode 16-bit gray with alpha, RGB or RGBA, which Pillow alone cuts to 8 bits."""
    import numpy as np

    if colour == 4:
        # Two samples of two bytes are four bytes, and Pillow copies those unchanged as RGBA.
        raw = _decode_as(stream, "LA;16B", "RGBA", "RGBA")
        return raw.view(">u2").astype(np.uint16)
    high, low = _HALVES[colour]
    mode = high.partition(";")[0]
    samples = _decode_as(stream, high, high, mode).astype(np.uint16)
    samples <<= 8
    samples |= _decode_as(stream, high, low, mode)
    return samples


def _with_key(samples: NDArray[Any], header: Ihdr, key: bytes) -> NDArray[Any]:
    """Add the alpha of a colour key: 0 where every channel equals it, else full."""
    import numpy as np

    channels = _CHANNELS[header.colour]
    if len(key) < 2 * channels:
        raise ValueError("the PNG is damaged: its transparent colour is cut off")
    values = np.array(struct.unpack_from(f">{channels}H", key), np.uint32)
    if header.bits < 8:
        values = values % (1 << header.bits) * (255 // ((1 << header.bits) - 1))
    elif header.bits == 8:
        values %= 256
    height, width = samples.shape[:2]
    full = np.iinfo(samples.dtype).max
    out = np.empty((height, width, channels + 1), samples.dtype)
    out[..., :channels] = samples.reshape(height, width, channels)
    hit = (out[..., :channels] == values.astype(samples.dtype)).all(axis=-1)
    out[..., channels] = np.where(hit, 0, full)
    return out


def _looked_up(
    indices: NDArray[Any], palette: bytes, transparency: bytes | None
) -> NDArray[np.uint8]:
    import numpy as np

    colours = np.frombuffer(palette[: len(palette) // 3 * 3], np.uint8).reshape(-1, 3)[:256]
    if indices.size and indices.max() >= len(colours):
        raise ValueError("the PNG is damaged: a sample lies outside its palette")
    if transparency is None:
        return np.take(colours, indices, axis=0)
    table = np.full((len(colours), 4), 255, np.uint8)
    table[:, :3] = colours
    known = transparency[: len(colours)]
    table[: len(known), 3] = np.frombuffer(known, np.uint8)
    return np.take(table, indices, axis=0)


def decode(
    header: Ihdr, palette: bytes, transparency: bytes | None, pieces: Iterable[memoryview]
) -> NDArray[Any]:
    """Decode one PNG image.

    Returns
    -------
    ndarray
        ``(H, W)`` or ``(H, W, C)`` of uint8 or uint16 as :func:`layout` says; fewer than 8 bits
        are widened to 0..255, palettes looked up, colour keys and palette alpha made a channel.
    """
    from dilcli.files.pillow_pixels import as_array, open_image

    stream = _stream(header, palette, pieces)
    if header.bits == 16 and header.colour in (2, 4, 6):
        samples = _wide_colour(stream, header.colour)
    else:
        image = open_image(stream, "PNG")
        samples = as_array(image.convert("L") if image.mode == "1" else image)
    if header.colour == 3:
        return _looked_up(samples, palette, transparency)
    if transparency is not None and header.colour in (0, 2):
        return _with_key(samples, header, transparency)
    return samples
