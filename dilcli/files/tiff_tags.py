"""What stands beside the samples of a TIFF: ICC, XMP, resolution, texts, and its EXIF tags."""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING

from dilcli.files import exif, ifd
from dilcli.files.records import Metadata

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tifffile import TiffFile, TiffPage

    from dilcli.files.records import Source

__all__ = ["EXIF_POINTERS", "TEXT_TAGS", "directory_below", "read_metadata"]

#: Texts with a tag of their own, under the keywords that PNG gives them.
TEXT_TAGS = {270: "Description", 305: "Software", 315: "Author", 33432: "Copyright"}
#: Tags of the main directory that an EXIF block carries as well: document, maker, dates, rating.
EXIF_TAGS = frozenset({269, 271, 272, 306, 316, 18246, 18249, *range(40091, 40096)})
#: Directories below the main one: EXIF and GPS.
EXIF_POINTERS = (34665, 34853)
_INTEROPERABILITY = 40965
_ICC, _XMP, _PHOTOSHOP = 34675, 700, 34377
#: Tags that say how the samples are stored; they are written anew.
_STRUCTURE = frozenset(
    {*range(254, 260), *range(262, 267), 273, 274, *range(277, 285), *range(288, 294), 296, 297}
    | {317, *range(320, 326), *range(330, 335), *range(336, 344), 347, *range(512, 522)}
    | {*range(529, 533), *range(32995, 33000), 65000}
)
_KNOWN = _STRUCTURE | TEXT_TAGS.keys() | EXIF_TAGS | {*EXIF_POINTERS, _ICC, _XMP, _PHOTOSHOP}
_LAYOUT_TEXTS = {"ImageJ=": "ImageJ", '{"shape": ': "tifffile", "<?xml": "OME"}


def _bytes(page: TiffPage, tag: int) -> bytes | None:
    """Return a tag's packed value as it stands in the file."""
    found = page.tags.get(tag)
    if found is None:
        return None
    file = page.parent.filehandle
    file.seek(found.valueoffset)
    data: bytes = file.read(found.valuebytecount)
    return data or None


def _resolution(page: TiffPage) -> tuple[float, float] | None:
    values = []
    for tag in (exif.X_RESOLUTION, exif.Y_RESOLUTION):
        found = page.tags.get(tag)
        if found is None or not isinstance(found.value, tuple) or not all(found.value[:2]):
            return None
        values.append(found.value[0] / found.value[1])
    unit = page.tags.get(exif.RESOLUTION_UNIT)
    number = int(unit.value) if unit is not None else 2
    if number == 1:
        return None
    factor = 2.54 if number == 3 else 1.0
    return values[0] * factor, values[1] * factor


def _texts(page: TiffPage) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    texts, notes = [], []
    for tag, keyword in TEXT_TAGS.items():
        raw = _bytes(page, tag)
        text = (raw or b"").split(b"\0\0")[0].rstrip(b"\0 ").decode("utf-8", "replace")
        writer = next((w for start, w in _LAYOUT_TEXTS.items() if text.startswith(start)), None)
        if tag == exif.DESCRIPTION and writer:
            notes += (
                [f"{writer}'s description of its layout not kept"] if writer != "tifffile" else []
            )
        elif text:
            texts.append((keyword, text.replace("\0", "\n")))
    return tuple(texts), notes


def directory_below(block: bytes, entry: ifd.Entry, order: ifd.Order) -> list[ifd.Entry]:
    """Read the directory that a pointer names; what it points to in turn is left out."""
    entries, _ = ifd.read_ifd(block, ifd.integers(entry, order)[0], order)
    return [e for e in entries if e.tag != _INTEROPERABILITY]


def _exif_block(block: bytes, offset: int) -> bytes | None:
    """Gather the EXIF tags of a classic TIFF's main directory in a block of their own."""
    order = ifd.byte_order(block[:8])
    entries, _ = ifd.read_ifd(block, offset, order)
    main = [entry for entry in entries if entry.tag in EXIF_TAGS]
    below = {e.tag: directory_below(block, e, order) for e in entries if e.tag in EXIF_POINTERS}
    if not main and not below:
        return None
    packed, _ = ifd.write_ifds(main, below, order)
    return block[:4] + struct.pack(f"{order}I", 8) + packed


def _exif(source: Source, tiff: TiffFile, page: TiffPage) -> tuple[bytes | None, list[str]]:
    present = any(tag in page.tags for tag in (*EXIF_TAGS, *EXIF_POINTERS))
    if not present:
        return None, []
    if tiff.is_bigtiff:
        return None, ["EXIF tags of a BigTIFF not kept"]
    try:
        if source.data is not None:
            return _exif_block(source.data, page.offset), []
        with source.open() as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as block:
            return _exif_block(block, page.offset), []  # type: ignore[arg-type]
    except (ValueError, KeyError, struct.error) as error:
        return None, [f"broken EXIF not kept ({error})"]


def _lost_tags(pages: Iterable[TiffPage]) -> list[str]:
    numbers = sorted({int(tag.code) for page in pages for tag in page.tags} - _KNOWN)
    if not numbers:
        return []
    listed = ", ".join(map(str, numbers[:8])) + (", ..." if len(numbers) > 8 else "")
    return [f"TIFF tags not kept: {listed}"]


def read_metadata(
    source: Source, tiff: TiffFile, pages: list[TiffPage]
) -> tuple[Metadata, list[str]]:
    """Return the metadata of the first page, and notes on what is not kept."""
    page = pages[0]
    text, notes = _texts(page)
    block, more = _exif(source, tiff, page)
    metadata = Metadata(
        icc=_bytes(page, _ICC),
        exif=block,
        xmp=(_bytes(page, _XMP) or b"").rstrip(b"\0") or None,
        resolution=_resolution(page),
        text=text,
        photoshop=_bytes(page, _PHOTOSHOP),
    )
    if any(_texts(other)[0] != text for other in pages[1:]):
        notes.append("texts of later pages not kept")
    return metadata, [*notes, *more, *_lost_tags(pages)]
