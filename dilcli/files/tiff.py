"""TIFF and BigTIFF: inspect, decode, encode, whole or strip by strip."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from dilcli.files.records import Decoded, Header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tifffile import TiffFile, TiffPage

    from dilcli.files.records import Metadata, Options, Picture, Source
    from dilcli.files.rows import RowPicture, StripFrame
    from dilcli.files.tiff_pages import Layout

__all__ = ["decode", "encode", "inspect", "open_rows", "write_strips"]


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


def inspect(source: Source) -> Header:
    """Read the directories of a TIFF; what is said of the samples is said of the first page."""
    from dilcli.files.tiff_pages import layout, pixels

    with _open(source) as (_, pages, _):
        first = layout(pages[0])
        places = tuple(pixels(page) for page in pages)
    shown = (first.shape, first.dtype, first.alpha)
    return Header("tiff", *shown, len(pages), places, first.associated, first.uncompressed)


def _layouts(pages: list[TiffPage], indices: tuple[int, ...]) -> list[Layout]:
    """Describe the chosen pages, and hold them to one kind of samples."""
    from dilcli.files.tiff_pages import layout

    found = [layout(pages[index]) for index in indices]
    for index, each in zip(indices, found, strict=True):
        if each.kind != found[0].kind:
            raise ValueError(
                f"pages {indices[0]} and {index} differ in sample type, channels or alpha; "
                "choose among them with --frames"
            )
    return found


def _upright(metadata: Metadata, orientation: int) -> Metadata:
    """Unsay the orientation that was applied to the pixels."""
    from dilcli.files.exif import upright_xmp

    xmp, x_y = metadata.xmp, metadata.resolution
    if xmp is not None and orientation != 1:
        xmp = upright_xmp(xmp)
    return replace(metadata, xmp=xmp, resolution=x_y[::-1] if x_y and orientation >= 5 else x_y)


def _beside(
    source: Source, tiff: TiffFile, pages: list[TiffPage], found: list[Layout], others: int
) -> tuple[Metadata, tuple[str, ...]]:
    """Return the metadata of a picture of the chosen pages, and notes on how it is read."""
    from dilcli.files.tiff_tags import read_metadata

    metadata, notes = read_metadata(source, tiff, pages)
    first = found[0]
    seen = dict.fromkeys(note for each in found for note in each.notes)
    if others:
        notes.append(f"pages of lower resolution and masks not kept ({others})")
    if first.associated:
        notes.append("associated alpha kept as it is: all channels are filtered alike")
    metadata = replace(
        _upright(metadata, first.orientation),
        associated_alpha=first.associated,
        lossy=any(each.lossy for each in found),
        uncompressed=all(each.uncompressed for each in found),
    )
    return metadata, (*seen, *notes)


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:
    """Decode the chosen pages of a TIFF, upright, every sample type exactly."""
    from dilcli.files.tiff_pages import samples

    with _open(source) as (tiff, pages, others):
        found = _layouts(pages, indices)
        frames = tuple(samples(pages[index], source.threads) for index in indices)
        metadata, notes = _beside(source, tiff, pages, found, others)
    return Decoded(frames, metadata, notes, found[0].alpha)


@contextmanager
def open_rows(source: Source, indices: tuple[int, ...], threads: int) -> Iterator[RowPicture]:
    """Open the chosen pages of a TIFF, whose rows are as :func:`decode` gives them."""
    from dilcli.files.rows import RowPicture
    from dilcli.files.tiff_rows import PageRows

    with _open(source) as (tiff, pages, others):
        found = _layouts(pages, indices)
        frames = tuple(
            PageRows(pages[index], each, threads)
            for index, each in zip(indices, found, strict=True)
        )
        metadata, notes = _beside(source, tiff, pages, found, others)
        yield RowPicture(frames, found[0].alpha, "tiff", metadata, notes)


def encode(picture: Picture, options: Options) -> bytes:
    """Return a TIFF of one page a frame; ``compression`` is none, deflate or its level 0 to 9.

    Without it Deflate, unless the source was a TIFF that is not compressed.
    """
    from dilcli.files.tiff_write import encode as encode_tiff

    return encode_tiff(picture, options.compression, options.threads)


def write_strips(
    path: Path,
    frames: Iterable[StripFrame],
    *,
    count: int,
    alpha: bool,
    metadata: Metadata,
    options: Options,
    overwrite: bool,
    tag: str,
    threads: int,
) -> None:
    """Write a TIFF of one page a frame while the frames are made."""
    from dilcli.files.tiff_tiles import write_pages
    from dilcli.files.writing import replacing

    with replacing(path, overwrite=overwrite, tag=tag) as file:
        write_pages(
            file,
            frames,
            count=count,
            alpha=alpha,
            metadata=metadata,
            compression=options.compression,
            threads=threads,
        )
