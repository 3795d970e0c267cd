"""The samples of one PNG image: every colour type and depth, exact."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

from dilcli.files.png_chunks import SIGNATURE, Ihdr, chunk_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

__all__ = ["decode", "layout", "samples", "unpacked"]

#: Pillow's raw modes for 16-bit colour: the first keeps the high bytes, the second the low ones.
_HALVES = {2: ("RGB;16B", "RGB;16L"), 6: ("RGBA;16B", "RGBA;16L")}
#: A chunk's length has 31 bits.
_LARGEST_CHUNK = 1 << 30
_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}


def layout(header: Ihdr, transparency: bytes | None) -> tuple[int, str, bool]:
    """Return channels, dtype and alpha of the array that :func:`decode` gives."""
    keyed = transparency is not None and header.colour in (0, 2, 3)
    alpha = keyed or header.colour in (4, 6)
    return _CHANNELS[header.colour] + keyed, "uint16" if header.bits == 16 else "uint8", alpha


def _stream(header: Ihdr, palette: bytes, pieces: Iterable[memoryview]) -> io.BytesIO:
    """Write the PNG again with nothing but what the samples hang on, and those in one piece."""
    head = struct.pack(">IIBBBBB", *header[:4], 0, 0, header.interlace)
    out: list[bytes | memoryview] = [SIGNATURE, *chunk_parts(b"IHDR", head)]
    if palette:
        out += chunk_parts(b"PLTE", palette)
    joined = memoryview(b"".join(pieces))
    for start in range(0, len(joined), _LARGEST_CHUNK):
        out += chunk_parts(b"IDAT", joined[start : start + _LARGEST_CHUNK])
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
    joined = _decode_as(stream, high, high, mode).astype(np.uint16)
    joined <<= 8
    joined |= _decode_as(stream, high, low, mode)
    return joined


def _with_key(stored: NDArray[Any], header: Ihdr, key: bytes) -> NDArray[Any]:
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
    height, width = stored.shape[:2]
    full = np.iinfo(stored.dtype).max
    out = np.empty((height, width, channels + 1), stored.dtype)
    out[..., :channels] = stored.reshape(height, width, channels)
    hit = (out[..., :channels] == values.astype(stored.dtype)).all(axis=-1)
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


def _is_wide(header: Ihdr) -> bool:
    return header.bits == 16 and header.colour in (2, 4, 6)


def unpacked(
    header: Ihdr, palette: bytes, pieces: Iterable[memoryview], *, at_once: bool = False
) -> Image.Image | None:
    """Have Pillow decode an image; None where it alone would not be exact.

    ``at_once`` as for Pillow's door.
    """
    from dilcli.files.pillow_pixels import open_image

    if _is_wide(header):
        return None
    stream = _stream(header, palette, pieces)
    image: Image.Image = open_image(stream, "PNG", at_once=at_once)
    image.load()
    return image


def samples(
    header: Ihdr,
    palette: bytes,
    transparency: bytes | None,
    pieces: Iterable[memoryview],
    image: Image.Image | None,
) -> NDArray[Any]:
    """Give the samples of an image their meaning.

    Parameters
    ----------
    header, palette, transparency, pieces
        What the file says.
    image
        As :func:`unpacked` gives it.

    Returns
    -------
    ndarray
        ``(H, W)`` or ``(H, W, C)`` of uint8 or uint16 as :func:`layout` says; fewer than 8 bits
        are widened to 0..255, palettes looked up, colour keys and palette alpha made a channel.
    """
    from dilcli.files.pillow_pixels import as_array

    if image is None:
        found = _wide_colour(_stream(header, palette, pieces), header.colour)
    else:
        found = as_array(image.convert("L") if image.mode == "1" else image)
    if header.colour == 3:
        return _looked_up(found, palette, transparency)
    if transparency is not None and header.colour in (0, 2):
        return _with_key(found, header, transparency)
    return found


def decode(
    header: Ihdr, palette: bytes, transparency: bytes | None, pieces: Sequence[memoryview]
) -> NDArray[Any]:
    """Decode one PNG image: :func:`samples` of what is :func:`unpacked`."""
    image = unpacked(header, palette, pieces)
    return samples(header, palette, transparency, pieces, image)
