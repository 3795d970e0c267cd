"""TIFF strips and tiles that tifffile alone cannot decode, through Pillow's libtiff.

tifffile needs imagecodecs for LZW, and Pillow's TIFF reader cuts most sample types to 8 bits. But
compression knows nothing of samples: declared as rows of bytes, in a TIFF made for the purpose,
libtiff unpacks them exactly, and predictor, byte order and tiles are undone here. Format: TIFF
Revision 6.0 (Adobe, 1992); floating point predictor: Adobe Photoshop TIFF Technical Note 3.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

from dilcli.files.ifd import Entry, write_ifds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tifffile import TiffPage

__all__ = [
    "BYTE_CODECS",
    "PICTURE_CODECS",
    "decode_bytes",
    "decode_picture",
    "geometry",
    "unpacked_samples",
]

#: None, LZW, Deflate (two numbers), PackBits, LZMA, ZSTD.
BYTE_CODECS = frozenset({1, 5, 8, 32946, 32773, 34925, 50000})
#: CCITT (three kinds) and JPEG, which know about pixels.
PICTURE_CODECS = frozenset({2, 3, 4, 7})

_SHORT, _LONG, _UNDEFINED = 3, 4, 7
_COPIED = (292, 293, 347, 530, 531, 532)


def _segments(page: TiffPage, plane: int, first: int, last: int) -> list[bytes]:
    """Read the strips or tiles of rows of segments ``[first, last)`` of one plane."""
    _, _, across, down = geometry(page)
    chosen = slice((plane * down + first) * across, (plane * down + last) * across)
    file = page.parent.filehandle
    out = []
    for offset, size in zip(page.dataoffsets[chosen], page.databytecounts[chosen], strict=True):
        file.seek(offset)
        data = file.read(size)
        if not size or len(data) != size:
            raise ValueError("a strip or tile is missing or cut off")
        out.append(data)
    return out


def _tiff(
    tags: dict[int, tuple[int, tuple[int, ...] | bytes]], segments: list[bytes]
) -> io.BytesIO:
    """Make a little-endian TIFF of one image whose strips (or tiles) are given."""
    tiled = 322 in tags
    body, offsets = b"".join(segments), []
    at = 8
    for segment in segments:
        offsets.append(at)
        at += len(segment)
    body += b"\0" * (at % 2)
    tags[324 if tiled else 273] = (_LONG, tuple(offsets))
    tags[325 if tiled else 279] = (_LONG, tuple(map(len, segments)))
    entries = []
    for tag, (type_, values) in tags.items():
        if isinstance(values, bytes):
            entries.append(Entry(tag, type_, len(values), values))
        else:
            code = "H" if type_ == _SHORT else "I"
            packed = struct.pack(f"<{len(values)}{code}", *values)
            entries.append(Entry(tag, type_, len(values), packed))
    start = 8 + len(body)
    directory, _ = write_ifds(entries, {}, "<", start)
    return io.BytesIO(b"II*\0" + struct.pack("<I", start) + body + directory)


def _loaded(stream: io.BytesIO) -> Any:
    """Decode a TIFF with Pillow; what libtiff complains about is damage.

    Raises
    ------
    ValueError
        With libtiff's first line, which Pillow would leave on standard error.
    """
    from dilcli.files.libtiff_log import libtiff_log
    from dilcli.files.pillow_pixels import open_image

    with libtiff_log() as complaints:
        image = open_image(stream, "TIFF")
        try:
            image.load()
        except OSError as error:
            failure: OSError | None = error
        else:
            failure = None
    if complaints:
        raise ValueError(f"damaged data ({complaints[0]})")
    if failure is not None:
        raise failure
    return image


def _unpacked(page: TiffPage, segments: list[bytes], width: int, height: int, rows: int) -> Any:
    """Unpack segments of ``rows`` rows of ``width`` bytes to an array (height, width) of bytes."""
    from dilcli.files.pillow_pixels import as_array

    tags: dict[int, tuple[int, tuple[int, ...] | bytes]] = {
        256: (_LONG, (width,)),
        257: (_LONG, (height,)),
        258: (_SHORT, (8,)),
        259: (_SHORT, (int(page.compression),)),
        262: (_SHORT, (1,)),
        266: (_SHORT, (int(page.fillorder),)),
        277: (_SHORT, (1,)),
        278: (_LONG, (rows,)),
    }
    return as_array(_loaded(_tiff(tags, segments)))


def geometry(page: TiffPage) -> tuple[int, int, int, int]:
    """Return width and rows of one segment, and how many stand side by side and below."""
    if page.is_tiled:
        width, rows = page.tilewidth, page.tilelength
    else:
        width, rows = page.imagewidth, min(page.rowsperstrip or 2**32, page.imagelength)
    return width, rows, -(-page.imagewidth // width), -(-page.imagelength // rows)


def unpacked_samples(
    page: TiffPage, data: NDArray[np.uint8], width: int, channels: int
) -> NDArray[Any]:
    """Make rows of bytes samples (rows, width, channels) again: predictor, byte order, bits."""
    import numpy as np

    height, bits = len(data), page.bitspersample
    if bits < 8:
        flat = np.unpackbits(data, axis=1).reshape(height, -1, bits)
        weights = 1 << np.arange(bits - 1, -1, -1, dtype=np.uint8)
        return (flat @ weights)[:, : width * channels].reshape(height, width, channels)
    dtype = np.dtype(page.dtype)
    if page.predictor == 3:
        steps = data.reshape(height, -1, channels).cumsum(axis=1, dtype=np.uint8)
        planes = steps.reshape(height, dtype.itemsize, width * channels)
        ordered = np.ascontiguousarray(planes.transpose(0, 2, 1))
        floats = ordered.view(dtype.newbyteorder(">"))
        return floats.reshape(height, width, channels).astype(dtype.newbyteorder("="))
    stored = dtype.newbyteorder(page.parent.byteorder)
    samples = data.view(stored).reshape(height, width, channels)
    if page.predictor == 2:
        whole = np.dtype(f"u{dtype.itemsize}")
        steps = samples.view(whole.newbyteorder(page.parent.byteorder))
        return steps.cumsum(axis=1, dtype=whole).view(dtype.newbyteorder("="))
    return samples.astype(dtype.newbyteorder("="), copy=False)


def decode_bytes(page: TiffPage, first: int = 0, last: int | None = None) -> NDArray[Any]:
    """Decode a page of any sample type whose compression is one of :data:`BYTE_CODECS`.

    Of its rows of strips or tiles those from ``first`` to before ``last``; all by default.

    Returns
    -------
    ndarray
        ``(planes, rows, W, channels)`` of native byte order; fewer than 8 bits stay unscaled
        uint8.
    """
    import numpy as np

    planes = page.samplesperpixel if page.planarconfig == 2 else 1
    channels = 1 if page.planarconfig == 2 else page.samplesperpixel
    width, rows, across, down = geometry(page)
    last = down if last is None else last
    if len(page.dataoffsets) != planes * across * down:
        raise ValueError("strips or tiles are missing")
    row_bytes = -(-width * channels * page.bitspersample // 8)
    shown = min(last * rows, page.imagelength) - first * rows
    height = across * (last - first) * rows if page.is_tiled else shown
    out = []
    for plane in range(planes):
        segments = _segments(page, plane, first, last)
        data = _unpacked(page, segments, row_bytes, height, rows)
        samples = unpacked_samples(page, data, width, channels)
        if page.is_tiled:
            grid = samples.reshape(last - first, across, rows, width, channels).swapaxes(1, 2)
            samples = grid.reshape((last - first) * rows, across * width, channels)
            samples = samples[:shown, : page.imagewidth]
        out.append(samples)
    return np.stack(out)


def _picture_tags(page: TiffPage, length: int) -> dict[int, tuple[int, tuple[int, ...] | bytes]]:
    """Describe ``length`` rows of a page whose codec knows about pixels."""
    photometric, bits = int(page.photometric), page.bitspersample
    tags: dict[int, tuple[int, tuple[int, ...] | bytes]] = {
        256: (_LONG, (page.imagewidth,)),
        257: (_LONG, (length,)),
        258: (_SHORT, (bits,) * page.samplesperpixel),
        259: (_SHORT, (int(page.compression),)),
        262: (_SHORT, (1 if photometric == 0 else photometric,)),
        266: (_SHORT, (int(page.fillorder),)),
        277: (_SHORT, (page.samplesperpixel,)),
        284: (_SHORT, (1,)),
    }
    if page.is_tiled:
        tags |= {322: (_LONG, (page.tilewidth,)), 323: (_LONG, (page.tilelength,))}
    else:
        tags[278] = (_LONG, (page.rowsperstrip or page.imagelength,))
    for number in _COPIED:
        tag = page.tags.get(number)
        if tag is not None and tag.dtype in (_SHORT, _LONG):
            values = tag.value if isinstance(tag.value, tuple) else (int(tag.value),)
            tags[number] = (int(tag.dtype), values)
        elif tag is not None and isinstance(tag.value, bytes):
            tags[number] = (_UNDEFINED, tag.value)
    return tags


def decode_picture(page: TiffPage, first: int = 0, last: int | None = None) -> NDArray[np.uint8]:
    """Decode a page of 1-bit CCITT or 8-bit JPEG samples; chosen as in :func:`decode_bytes`.

    Returns
    -------
    ndarray
        ``(1, rows, W, channels)`` of uint8; YCbCr becomes RGB, 1-bit samples are 0 and 1.
    """
    import numpy as np

    from dilcli.files.pillow_pixels import as_array

    _, rows, _, down = geometry(page)
    last = down if last is None else last
    length = min(last * rows, page.imagelength) - first * rows
    segments = _segments(page, 0, first, last)
    image = _loaded(_tiff(_picture_tags(page, length), segments))
    if image.mode not in ("1", "L", "RGB"):
        raise ValueError(f"a page of mode {image.mode} is not read; gray and RGB are")
    pixels = as_array(image.convert("L") if image.mode == "1" else image)
    pixels = pixels // 255 if image.mode == "1" else pixels
    return np.asarray(pixels.reshape(1, length, page.imagewidth, -1), np.uint8)
