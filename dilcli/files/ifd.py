"""Image file directories: the tag lists inside TIFF files and EXIF blocks. Standard library only.

Format: TIFF Revision 6.0 (Adobe, 1992), section 2.
"""

from __future__ import annotations

import struct
from typing import Literal, NamedTuple

__all__ = [
    "SIZES",
    "Entry",
    "Order",
    "byte_order",
    "first_offset",
    "integers",
    "read_ifd",
    "write_ifds",
]

Order = Literal["<", ">"]

#: Bytes of one value of each field type; BigTIFF's 8-byte types are not listed.
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_INTEGER_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I"}


class Entry(NamedTuple):
    """One tag: number, field type, count, packed value, and where the value stands (0: new)."""

    tag: int
    type: int
    number: int
    value: bytes
    at: int = 0


def byte_order(block: bytes | bytearray) -> Order:
    """Return the byte order of a TIFF-structured block; ValueError if it is none."""
    if block[:4] == b"II*\0":
        return "<"
    if block[:4] == b"MM\0*":
        return ">"
    raise ValueError("no TIFF header")


def integers(entry: Entry, order: Order) -> tuple[int, ...]:
    """Unpack the integers (or the numerators and denominators) of an entry."""
    if entry.type in (5, 10):
        code = "I" if entry.type == 5 else "i"
        return struct.unpack(f"{order}{2 * entry.number}{code}", entry.value)
    return struct.unpack(f"{order}{entry.number}{_INTEGER_CODES[entry.type]}", entry.value)


def first_offset(block: bytes | bytearray) -> int:
    """Return where the main directory of a TIFF-structured block stands."""
    (offset,) = struct.unpack_from(f"{byte_order(block)}I", block, 4)
    return int(offset)


def read_ifd(block: bytes, offset: int, order: Order) -> tuple[tuple[Entry, ...], int]:
    """Read the directory at an offset.

    Returns
    -------
    entries, pointer
        The tags with their packed values, and where the four bytes stand that point to the next
        directory. Entries whose value lies outside the block are left out.

    Raises
    ------
    ValueError
        If the directory itself lies outside the block.
    """
    if not 8 <= offset <= len(block) - 2:
        raise ValueError("a tag directory lies outside the block")
    (count,) = struct.unpack_from(f"{order}H", block, offset)
    pointer = offset + 2 + 12 * count
    if pointer > len(block):
        raise ValueError("a tag directory is cut off")
    entries = []
    for start in range(offset + 2, pointer, 12):
        tag, type_, number = struct.unpack_from(f"{order}HHI", block, start)
        size = SIZES.get(type_, 0) * number
        at = start + 8
        if size > 4:
            (at,) = struct.unpack_from(f"{order}I", block, at)
        if type_ in SIZES and at + size <= len(block):
            entries.append(Entry(tag, type_, number, block[at : at + size], at))
    return tuple(entries), pointer


def _packed(entries: list[Entry], base: int, order: Order) -> bytes:
    """Lay one directory and its long values out, as they stand at offset ``base``."""
    table, values = b"", b""
    room = base + 2 + 12 * len(entries) + 4
    for entry in sorted(entries):
        field = entry.value.ljust(4, b"\0")
        if len(entry.value) > 4:
            field = struct.pack(f"{order}I", room + len(values))
            values += entry.value + b"\0" * (len(entry.value) % 2)
        table += struct.pack(f"{order}HHI", entry.tag, entry.type, entry.number) + field
    return struct.pack(f"{order}H", len(entries)) + table + b"\0\0\0\0" + values


def write_ifds(
    main: list[Entry], below: dict[int, list[Entry]], order: Order, base: int = 8
) -> tuple[bytes, dict[int, int]]:
    """Lay out a directory and those below it (EXIF, GPS), each named by its pointer tag.

    Returns
    -------
    block, offsets
        The bytes from ``base`` on, main directory first where it has entries, and where each
        directory below starts.
    """
    offsets: dict[int, int] = {}
    pointers = [Entry(tag, 4, 1, b"\0\0\0\0") for tag in below]
    first = _packed(main + pointers, base, order) if main or base == 8 else b""
    rest = b""
    for tag, entries in below.items():
        offsets[tag] = base + len(first) + len(rest)
        rest += _packed(entries, offsets[tag], order)
    if first:
        pointers = [Entry(t, 4, 1, struct.pack(f"{order}I", at)) for t, at in offsets.items()]
        first = _packed(main + pointers, base, order)
    return first + rest, offsets
