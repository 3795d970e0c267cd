"""TIFF and BigTIFF: inspect, decode, encode."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from dilcli.files.records import Decoded, Header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tifffile import TiffFile, TiffPage

    from dilcli.files.records import Options, Picture, Source
    from dilcli.files.tiff_pages import Layout

__all__ = ["decode", "encode", "inspect"]


@contextmanager
def _open(source: Source) -> Iterator[tuple[TiffFile, list[TiffPage], int]]:
    """Open a TIFF; yield it, its full-resolution pages, and how many others it has."""
    import tifffile

    with source.open() as stream, tifffile.TiffFile(stream) as tiff:
        every = [page for page in tiff.pages if isinstance(page, tifffile.TiffPage)]
        pages = [page for page in every if not page.is_reduced and not page.is_mask]
        if not pages:
            raise source.error("the TIFF holds no page at full resolution")
        yield tiff, pages, len(every) - len(pages)


def _layouts(source: Source, pages: list[TiffPage]) -> list[Layout]:
    """Describe all pages, and hold them to one kind of samples."""
    from dilcli.files.tiff_pages import layout

    try:
        found = [layout(page) for page in pages]
    except ValueError as error:
        raise source.error(str(error)) from None
    kinds = {(x.dtype, x.shape[2:], x.alpha, x.associated) for x in found}
    if len(kinds) > 1:
        raise source.error("the TIFF's pages differ in sample type, channels or alpha")
    return found


def inspect(source: Source) -> Header:
    """Read the directories of a TIFF."""
    with _open(source) as (_, pages, _):
        found = _layouts(source, pages)
    first = found[0]
    pixels = tuple(each.pixels for each in found)
    return Header("tiff", first.shape, first.dtype, first.alpha, len(found), pixels)


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:
    """Decode the chosen pages of a TIFF, upright, every sample type exactly."""
    from dilcli.files.tiff_pages import samples
    from dilcli.files.tiff_tags import read_metadata

    with _open(source) as (tiff, pages, others):
        found = _layouts(source, pages)
        frames = tuple(samples(pages[index]) for index in indices)
        metadata, notes = read_metadata(source, tiff, pages)
    seen = dict.fromkeys(note for index in indices for note in found[index].notes)
    if others:
        notes.append(f"pages of lower resolution and masks not kept ({others})")
    if found[0].associated:
        notes.append("associated alpha kept as it is: all channels are filtered alike")
    metadata = replace(
        metadata,
        associated_alpha=found[0].associated,
        lossy=any(each.lossy for each in found),
    )
    return Decoded(frames, metadata, (*seen, *notes))


def encode(picture: Picture, options: Options) -> bytes:
    """Return a TIFF of one page a frame; ``compression`` is none, deflate or its level 0 to 9."""
    from dilcli.files.tiff_write import encode as encode_tiff

    return encode_tiff(picture, options.compression)
