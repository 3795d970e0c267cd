"""Whether an output is whole, so that a run that was broken off can go on where it stopped."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from dilcli.errors import ImageFileError
from dilcli.files.guard import guarded
from dilcli.files.reading import inspect, read
from dilcli.files.records import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tifffile import TiffFile

__all__ = ["is_whole"]

#: Some writers put bytes of their own behind the end of a JPEG; this many are looked at.
_JPEG_TAIL = 1 << 16


def _png_ends(source: Source) -> bool:
    with source.open() as file:
        at = 8
        while True:
            file.seek(at)
            head = file.read(8)
            if len(head) < 8:
                return False
            at += 12 + int.from_bytes(head[:4])
            if head[4:] == b"IEND":
                return at <= source.size()


def _jpeg_ends(source: Source) -> bool:
    from dilcli.files.jpeg_segments import parse

    # A thumbnail has an end too, but it stands before the samples.
    samples = parse(source).bare[-1]
    return b"\xff\xd9" in bytes(samples[-_JPEG_TAIL:])


def _gif_ends(source: Source) -> bool:
    from dilcli.files.gif_blocks import parse

    last = source.view()[-1]
    return last == 0x3B and not any("cut off" in note for note in parse(source).notes)


def _webp_ends(source: Source) -> bool:
    return 8 + int.from_bytes(source.view()[4:8], "little") <= source.size()


def _bmp_ends(source: Source) -> bool:
    return int.from_bytes(source.view()[2:6], "little") <= source.size()


def _chain_ends(tiff: TiffFile) -> bool:
    """Say whether the last page that was found is the last one that there is."""
    file, kind = tiff.filehandle, tiff.tiff
    file.seek(tiff.pages[-1].offset)
    (tags,) = struct.unpack(kind.tagnoformat, file.read(kind.tagnosize))
    file.seek(tags * kind.tagsize, 1)
    return file.read(kind.offsetsize) == bytes(kind.offsetsize)


def _tiff_ends(source: Source) -> bool:
    import tifffile

    from dilcli.files.tiff_grid import segment_count

    size = source.size()
    with source.open() as stream, tifffile.TiffFile(stream) as tiff:
        for page in tiff.pages:
            assert isinstance(page, tifffile.TiffPage)
            places = list(zip(page.dataoffsets, page.databytecounts, strict=True))
            if len(places) < segment_count(page):
                return False
            if any(not length or at + length > size for at, length in places):
                return False
        return _chain_ends(tiff)


def _header_says(source: Source) -> bool:  # noqa: ARG001 -- reading the header was the test
    return True


#: How the end of a file is found where its header alone does not tell. All other formats are
#: decoded.
_ENDS: dict[str, Callable[[Source], bool]] = {
    "png": _png_ends,
    "jpeg": _jpeg_ends,
    "gif": _gif_ends,
    "webp": _webp_ends,
    "bmp": _bmp_ends,
    "tiff": _tiff_ends,
    "npy": _header_says,
    "zarr": _header_says,
}


def is_whole(path: Path) -> bool:
    """Say whether a file is a picture that is not cut off.

    The header is read and the end is looked for; only formats whose end says nothing are decoded.
    Damage inside the samples may stay unseen.

    Parameters
    ----------
    path
        A file, or the folder of a Zarr store. What is missing or cannot be read is not whole.
    """
    source = Source(str(path), path=path)
    if not (path.is_file() or path.is_dir()):
        return False
    try:
        header = inspect(path)
        ends = _ENDS.get(header.format)
        if ends is None:
            read(path, max_pixels=sum(header.pixels))
            return True
        with guarded(source.name):
            return ends(source)
    except ImageFileError:
        return False
