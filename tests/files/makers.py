"""Files made by hand, bit by bit, so that no library's opinion stands between test and format."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = (
    (0, 0, 8, 8),
    (0, 4, 8, 8),
    (4, 0, 8, 4),
    (0, 2, 4, 4),
    (2, 0, 4, 2),
    (0, 1, 2, 2),
    (1, 0, 2, 1),
)
COLOUR_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def noise(shape: tuple[int, ...], dtype: str = "uint8", seed: int = 0) -> NDArray[Any]:
    """Draw samples over the whole range of a type; floats of many magnitudes, none of them NaN."""
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return (rng.standard_normal(shape) * 10.0 ** rng.integers(-3, 4, shape)).astype(kind)
    info = np.iinfo(kind)
    return rng.integers(info.min, info.max, shape, kind, endpoint=True)


def few_colours(shape: tuple[int, ...], count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Draw noise of (H, W, C) that uses at most ``count`` different pixels."""
    rng = np.random.default_rng(seed)
    colours = rng.integers(0, 256, (count, shape[2]), np.uint8)
    return colours[rng.integers(0, count, shape[:2])]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _packed_rows(samples: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """(H, W, C) samples to rows of bytes, big-endian, first sample in the high bits."""
    rows = samples.reshape(samples.shape[0], -1)
    if bits == 16:
        return np.ascontiguousarray(rows.astype(">u2")).view(np.uint8)
    if bits == 8:
        return rows.astype(np.uint8)
    planes = (rows[:, :, None].astype(np.uint8) >> np.arange(bits - 1, -1, -1, dtype=np.uint8)) & 1
    return np.packbits(planes.reshape(len(rows), -1), axis=1)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    by_left, by_up, by_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    return (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]


def _filtered(rows: NDArray[np.uint8], step: int) -> bytes:
    """Filter row n by PNG's filter n modulo 5, so that every filter occurs."""
    out = bytearray()
    above = bytes(rows.shape[1])
    for number, row in enumerate(rows):
        kind, line = number % 5, row.tobytes()
        out.append(kind)
        for i, value in enumerate(line):
            left = line[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            out.append((value - _predicted(kind, left, above[i], corner)) % 256)
        above = line
    return bytes(out)


def idat(samples: NDArray[Any], bits: int, *, interlaced: bool = False) -> bytes:
    """Return the zlib stream of an image of (H, W, C) samples."""
    step = max(1, samples.shape[2] * bits // 8)
    if not interlaced:
        return zlib.compress(_filtered(_packed_rows(samples, bits), step))
    passes = [samples[y::dy, x::dx] for y, x, dy, dx in ADAM7]
    used = [part for part in passes if part.size]
    return zlib.compress(b"".join(_filtered(_packed_rows(p, bits), step) for p in used))


def png(
    samples: NDArray[Any],
    colour: int,
    bits: int = 8,
    *,
    interlaced: bool = False,
    extra: Iterable[bytes] = (),
) -> bytes:
    """Make a PNG of (H, W) or (H, W, C) samples; ``extra`` chunks stand between IHDR and IDAT."""
    image = samples.reshape(*samples.shape[:2], -1)
    height, width = image.shape[:2]
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced))
    body = idat(image, bits, interlaced=interlaced)
    parts = (SIGNATURE, chunk(b"IHDR", head), *extra, chunk(b"IDAT", body), chunk(b"IEND", b""))
    return b"".join(parts)


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return kinds and bodies of all chunks; checksums are checked."""
    at, out = len(SIGNATURE), []
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        out.append((kind, body))
        at += 12 + length
    return out


def unpng(data: bytes) -> NDArray[Any]:
    """Decode a plain PNG (8 or 16 bits, not interlaced) with zlib and nothing else."""
    chunks = png_chunks(data)
    width, height, bits, colour, _, _, interlace = struct.unpack(">IIBBBBB", chunks[0][1])
    assert interlace == 0
    raw = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    return unfiltered(raw, width, height, COLOUR_CHANNELS[colour], bits)


def unfiltered(raw: bytes, width: int, height: int, channels: int, bits: int) -> NDArray[Any]:
    """Undo PNG's filters; (H, W, C), or (H, W) of one channel."""
    step = channels * bits // 8
    row_bytes = width * step
    above, out = bytearray(row_bytes), bytearray()
    for y in range(height):
        kind, *line = raw[y * (row_bytes + 1) : (y + 1) * (row_bytes + 1)]
        row = bytearray()
        for i, value in enumerate(line):
            left = row[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            row.append((value + _predicted(kind, left, above[i], corner)) % 256)
        above = row
        out += row
    samples = np.frombuffer(bytes(out), ">u2" if bits == 16 else np.uint8)
    samples = samples.astype(samples.dtype.newbyteorder("="))
    return samples.reshape((height, width, channels) if channels > 1 else (height, width))


def frame_control(
    number: int,
    size: tuple[int, int],
    *,
    at: tuple[int, int] = (0, 0),
    delay: tuple[int, int] = (1, 10),
    dispose: int = 0,
    blend: int = 0,
) -> bytes:
    """Make an fcTL chunk; size and position are rows before columns."""
    place = (size[1], size[0], at[1], at[0])
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, *place, *delay, dispose, blend))


def exif(order: str = "<", orientation: int | None = None, *, thumbnail: bool = False) -> bytes:
    """Make an EXIF block: maker, orientation, resolution 300 x 150, an EXIF and a GPS directory."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    short = struct.Struct(f"{order}HHI")
    count = 6 + (orientation is not None)
    data_at = 8 + 2 + 12 * count + 4
    values = b"Maker\0" + struct.pack(f"{order}IIII", 300, 1, 150, 1)
    exif_at = data_at + len(values)
    # One EXIF tag (exposure time, which points on) and one inside its entry (colour space).
    exif_ifd = struct.pack(f"{order}H", 2)
    exif_ifd += short.pack(33434, 5, 1) + struct.pack(f"{order}I", exif_at + 30)
    exif_ifd += short.pack(40961, 3, 1) + struct.pack(f"{order}HH", 1, 0)
    exif_ifd += b"\0\0\0\0" + struct.pack(f"{order}II", 1, 250)
    gps_at = exif_at + len(exif_ifd)
    gps = struct.pack(f"{order}H", 1) + short.pack(1, 2, 2) + b"N\0\0\0" + b"\0\0\0\0"
    thumbnail_at = gps_at + len(gps)
    second = struct.pack(f"{order}H", 1) + short.pack(259, 3, 1)
    second += struct.pack(f"{order}HH", 6, 0) + b"\0\0\0\0"
    entries = [short.pack(271, 2, 6) + struct.pack(f"{order}I", data_at)]
    if orientation is not None:
        entries.append(short.pack(274, 3, 1) + struct.pack(f"{order}HH", orientation, 0))
    entries.append(short.pack(282, 5, 1) + struct.pack(f"{order}I", data_at + 6))
    entries.append(short.pack(283, 5, 1) + struct.pack(f"{order}I", data_at + 14))
    entries.append(short.pack(296, 3, 1) + struct.pack(f"{order}HH", 2, 0))
    entries.append(short.pack(34665, 4, 1) + struct.pack(f"{order}I", exif_at))
    entries.append(short.pack(34853, 4, 1) + struct.pack(f"{order}I", gps_at))
    following = struct.pack(f"{order}I", thumbnail_at if thumbnail else 0)
    table = struct.pack(f"{order}H", count) + b"".join(entries) + following
    block = mark + struct.pack(f"{order}I", 8) + table + values + exif_ifd + gps
    return block + (second if thumbnail else b"")


def icc(space: bytes = b"RGB ") -> bytes:
    """Bytes with the fields of an ICC header that anyone looks at."""
    size = 200
    return struct.pack(">I", size) + b"test" + b"\x04\0\0\0mntr" + space + bytes(size - 20)


def jpeg(image: NDArray[Any], segments: bytes = b"", *, quality: int = 90, **options: Any) -> bytes:
    """Make a JPEG by Pillow with further segments right after its first marker."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality, **options)
    data = buffer.getvalue()
    return data[:2] + segments + data[2:]


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def lzw(data: bytes) -> bytes:
    """TIFF's LZW without compression: nine bits a code, the table cleared before it grows."""
    codes = []
    for start in range(0, len(data), 250):
        codes += [256, *data[start : start + 250]]
    codes.append(257)
    bits = "".join(f"{code:09b}" for code in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)


def tiff(
    tags: dict[int, tuple[int, tuple[int, ...]]],
    strips: list[bytes],
    order: str = "<",
    *,
    tiled: bool = False,
) -> bytes:
    """Make a classic TIFF of one page; tags are number: (type 3 or 4, values)."""
    offsets, at = [], 8
    for strip in strips:
        offsets.append(at)
        at += len(strip)
    places, sizes = (324, 325) if tiled else (273, 279)
    every = {**tags, places: (4, tuple(offsets)), sizes: (4, tuple(map(len, strips)))}
    body = b"".join(strips) + b"\0" * (at % 2)
    start = 8 + len(body)
    values_at = start + 2 + 12 * len(every) + 4
    table, values = b"", b""
    for tag in sorted(every):
        kind, numbers = every[tag]
        packed = struct.pack(f"{order}{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        field = packed.ljust(4, b"\0")
        if len(packed) > 4:
            field = struct.pack(f"{order}I", values_at + len(values))
            values += packed
        table += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + field
    mark = b"II*\0" if order == "<" else b"MM\0*"
    head = mark + struct.pack(f"{order}I", start)
    return head + body + struct.pack(f"{order}H", len(every)) + table + bytes(4) + values
