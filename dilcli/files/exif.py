"""EXIF blocks: read with patience, changed in place. Standard library only.

A block is never taken apart and written anew, for maker notes hold offsets of their own: values
are patched where they stand, and a directory that needs another tag is copied to the end.
Format: CIPA DC-008 (Exif 2.32).
"""

from __future__ import annotations

import re
import struct

from dilcli.files.ifd import Entry, byte_order, first_offset, integers, read_ifd

__all__ = ["is_readable", "orientation", "resolution", "upright", "upright_xmp", "with_tags"]

ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 274, 282, 283, 296
DESCRIPTION = 270
_CENTIMETRES = 3


def _main(block: bytes) -> tuple[dict[int, Entry], int]:
    order = byte_order(block)
    entries, pointer = read_ifd(block, first_offset(block), order)
    return {entry.tag: entry for entry in entries}, pointer


def _number(entry: Entry | None, block: bytes) -> float | None:
    if entry is None or entry.number < 1:
        return None
    values = integers(entry, byte_order(block))
    if entry.type in (5, 10):
        return values[0] / values[1] if values[1] else None
    return float(values[0])


def is_readable(block: bytes) -> bool:
    """Say whether the block's header and main directory can be read."""
    try:
        _main(block)
    except (ValueError, struct.error):
        return False
    return True


def orientation(block: bytes | None) -> int:
    """Return the orientation 1 to 8 that a block asks for; 1 where it asks for none it could."""
    if block is None or not is_readable(block):
        return 1
    entry = _main(block)[0].get(ORIENTATION)
    if entry is None or entry.type not in (1, 3, 4) or entry.number < 1:
        return 1
    value = integers(entry, byte_order(block))[0]
    return value if 1 <= value <= 8 else 1


def resolution(block: bytes | None) -> tuple[float, float] | None:
    """Return pixels per inch, x and y, or None where the block says nothing usable."""
    if block is None or not is_readable(block):
        return None
    entries = _main(block)[0]
    try:
        x, y, unit = (
            _number(entries.get(tag), block)
            for tag in (X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT)
        )
    except (struct.error, KeyError):
        return None
    if not x or not y or x < 0 or y < 0 or unit == 1:
        return None
    factor = 2.54 if unit == _CENTIMETRES else 1.0
    return x * factor, y * factor


def upright(block: bytes) -> bytes:
    """Patch the orientation to 1 and unlink the embedded thumbnail, which shows other pixels.

    Nothing else changes, and a block without either comes back as it is.
    """
    order = byte_order(block)
    entries, pointer = _main(block)
    patched = bytearray(block)
    entry = entries.get(ORIENTATION)
    if entry is not None and orientation(block) != 1:
        codes = {1: "B", 3: "H", 4: "I"}
        struct.pack_into(f"{order}{codes[entry.type]}", patched, entry.at, 1)
    if pointer + 4 <= len(patched):
        struct.pack_into(f"{order}I", patched, pointer, 0)
    return bytes(patched)


def has_thumbnail(block: bytes) -> bool:
    """Say whether the block links a second directory, the one of its thumbnail."""
    _, pointer = _main(block)
    return any(block[pointer : pointer + 4])


def upright_xmp(packet: bytes) -> bytes:
    """Set ``tiff:Orientation`` in an XMP packet to 1, its length unchanged."""
    attribute = re.sub(rb"(tiff:Orientation\s*=\s*[\"'])[2-8]", rb"\g<1>1", packet)
    return re.sub(rb"(<tiff:Orientation>\s*)[2-8]", rb"\g<1>1", attribute)


def _rational(value: float) -> bytes:
    from fractions import Fraction

    ratio = Fraction(value).limit_denominator(10_000)
    return struct.pack("<II", ratio.numerator, ratio.denominator)


def _tag_values(
    inches: tuple[float, float] | None, description: str
) -> list[tuple[int, int, int, bytes]]:
    tags = []
    if description:
        text = description.encode() + b"\0"
        tags.append((DESCRIPTION, 2, len(text), text))
    if inches is not None:
        tags.append((X_RESOLUTION, 5, 1, _rational(inches[0])))
        tags.append((Y_RESOLUTION, 5, 1, _rational(inches[1])))
        tags.append((RESOLUTION_UNIT, 3, 1, struct.pack("<H", 2)))
    return tags


def _swapped(tag: tuple[int, int, int, bytes]) -> bytes:
    """Turn a little-endian value around."""
    _, type_, _, value = tag
    step = {2: 1, 3: 2, 5: 4}[type_]
    return b"".join(value[i : i + step][::-1] for i in range(0, len(value), step))


def with_tags(
    block: bytes | None, *, inches: tuple[float, float] | None = None, description: str = ""
) -> bytes | None:
    """Return a block that also holds a resolution (pixels per inch) and a description.

    The main directory is copied to the end of the block with the new tags in it; every other byte
    stays where it is. A description that the block already has is kept, the new one follows it.
    """
    if inches is None and not description:
        return block
    block = block or b"II*\0\x08\0\0\0\0\0\0\0\0\0"
    order = byte_order(block)
    start = first_offset(block)
    entries, pointer = _main(block)
    old = entries.get(DESCRIPTION)
    if description and old is not None and old.value.strip(b"\0 "):
        before = old.value.rstrip(b"\0").decode("utf-8", "replace")
        description = f"{before}\n{description}"
    new = {tag[0]: tag for tag in _tag_values(inches, description)}
    raw = {
        struct.unpack_from(f"{order}H", block, at)[0]: block[at : at + 12]
        for at in range(start + 2, pointer, 12)
    }
    end = len(block) + len(block) % 2
    table_size = 2 + 12 * len(raw.keys() | new.keys()) + 4
    values = b""
    for tag, (_, type_, count, value) in new.items():
        packed = _swapped(new[tag]) if order == ">" else value
        field = packed.ljust(4, b"\0")
        if len(packed) > 4:
            field = struct.pack(f"{order}I", end + table_size + len(values))
            values += packed + b"\0" * (len(packed) % 2)
        raw[tag] = struct.pack(f"{order}HHI", tag, type_, count) + field
    table = struct.pack(f"{order}H", len(raw)) + b"".join(raw[tag] for tag in sorted(raw))
    header = block[:4] + struct.pack(f"{order}I", end)
    following = block[pointer : pointer + 4].ljust(4, b"\0")
    return header + block[8:].ljust(end - 8, b"\0") + table + following + values
