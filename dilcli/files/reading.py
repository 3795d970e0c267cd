"""Reading: what a file is, and its frames. The format comes from the content, never the name."""

from __future__ import annotations

import importlib
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dilcli.errors import ImageFileError
from dilcli.files import exif
from dilcli.files.formats import FORMATS
from dilcli.files.guard import guarded, one_line
from dilcli.files.records import Decoded, Header, Picture, Source
from dilcli.files.sniff import is_store, sniff

if TYPE_CHECKING:
    from typing import Protocol

    class _Codec(Protocol):
        def inspect(self, source: Source) -> Header: ...
        def decode(self, source: Source, indices: tuple[int, ...]) -> Decoded: ...


__all__ = ["MAX_PIXELS", "Selection", "inspect", "read"]

#: Places in all frames that are decoded, channels not counted; ``--max-pixels`` changes it.
MAX_PIXELS = 500_000_000

#: Frame indices from 0, or a function from the number of frames to such indices.
Selection = Sequence[int] | Callable[[int], Sequence[int]] | None

#: Formats that are read piece by piece, so that a file larger than memory can be inspected.
_BY_PIECES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\x93NUM")


def open_source(
    source: Path | str | bytes | bytearray | memoryview, name: str | None, *, whole: bool = True
) -> Source:
    """Open what the caller named; a regular file is read at once where it is needed whole."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return Source(name or "<bytes>", data=bytes(source))
    path = Path(source)
    shown = name or str(path)
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            if is_store(path):
                return Source(shown, path=path)
            raise ImageFileError(f"{shown}: is a folder, not a picture file")
        with path.open("rb") as file:
            head = file.read(4)
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            if regular and (head in _BY_PIECES or not whole):
                return Source(shown, path=path)
            if regular:
                file.seek(0)
                return Source(shown, data=file.read())
            return Source(shown, data=head + file.read())
    except ImageFileError:
        raise
    except (OSError, ValueError) as error:
        raise ImageFileError(f"{shown}: {one_line(error)}") from error


def codec_of(format_: str) -> _Codec:
    return cast("_Codec", importlib.import_module(f"dilcli.files.{FORMATS[format_].module}"))


def _begun(source: Path | str | bytes, name: str | None) -> Source | None:
    """Return what was decoded of a file before it was asked for."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return None
    from dilcli.files.ahead import taken

    return taken(Path(source), name or str(source))


def chosen(frames: Selection, count: int, source: Source) -> tuple[int, ...]:
    if frames is None:
        return tuple(range(count))
    indices = tuple(frames(count) if callable(frames) else frames)
    for index in indices:
        if not 0 <= index < count:
            known = f"frames 0 to {count - 1}" if count > 1 else "one frame, 0"
            raise source.error(f"has no frame {index}, only {known}")
    if not indices:
        raise source.error("no frame is chosen")
    return indices


def _hold_limit(header: Header, indices: tuple[int, ...], limit: int, source: Source) -> None:
    total = sum(header.pixels[index] for index in indices)
    if total > limit:
        in_frames = f" in {len(indices)} frames" if len(indices) > 1 else ""
        raise source.error(
            f"{total} pixels{in_frames} are more than the limit of {limit}; "
            "raise it with --max-pixels"
        )


def _upright(decoded: Decoded) -> Decoded:
    """Apply the EXIF orientation to the pixels, and unsay it in EXIF and XMP."""
    from dilcli.files.orient import upright_array

    frames, metadata, notes, alpha = decoded
    if metadata.exif is None:
        return decoded
    orientation = exif.orientation(metadata.exif)
    thumbnail = exif.has_thumbnail(metadata.exif)
    metadata = replace(metadata, exif=exif.upright(metadata.exif))
    if thumbnail:
        notes = (*notes, "EXIF thumbnail not kept")
    if orientation != 1:
        frames = tuple(upright_array(frame, orientation) for frame in frames)
        notes = (*notes, f"EXIF orientation {orientation} applied")
        xmp = metadata.xmp and exif.upright_xmp(metadata.xmp)
        x_y = metadata.resolution
        turned = x_y[::-1] if x_y and orientation >= 5 else x_y
        metadata = replace(metadata, xmp=xmp, resolution=turned)
    return Decoded(frames, metadata, notes, alpha)


def _subset(decoded: Decoded, indices: tuple[int, ...]) -> Decoded:
    """Keep the durations of the chosen frames; a single frame is no animation any more."""
    metadata = decoded.metadata
    if not metadata.durations:
        return decoded
    if len(indices) == 1:
        return decoded._replace(metadata=replace(metadata, durations=(), loop=None))
    durations = tuple(metadata.durations[index] for index in indices)
    return decoded._replace(metadata=replace(metadata, durations=durations))


def inspect(source: Path | str | bytes, *, name: str | None = None) -> Header:
    """Read what a picture file is, without decoding it.

    Parameters
    ----------
    source
        A path, never interpreted as an address or a device of a library, or a file's bytes.
    name
        How messages call the source; a path's own text by default.

    Raises
    ------
    ImageFileError
        If the file is missing, damaged, or of a kind that is not read.
    """
    opened = open_source(source, name, whole=False)
    with guarded(f"{opened.name}: cannot read"):
        format_ = sniff(opened)
        with guarded(f"{opened.name}: cannot read {FORMATS[format_].title}"):
            return codec_of(format_).inspect(opened)


def read(
    source: Path | str | bytes,
    *,
    frames: Selection = None,
    max_pixels: int = MAX_PIXELS,
    name: str | None = None,
    threads: int = 1,
) -> Picture:
    """Decode a picture file: every sample exact, upright, native byte order.

    Parameters
    ----------
    source, name
        As in :func:`inspect`.
    frames
        Which frames or pages: indices from 0, a function from their number to such indices, or
        None for all.
    max_pixels
        Refuse more pixels than this in all chosen frames together; read from the header, before
        anything is decoded.
    threads
        How many may decode at a time, of TIFF.

    Raises
    ------
    ImageFileError
        If the file is missing, damaged, too large, or of a kind that is not read.
    """
    opened = replace(_begun(source, name) or open_source(source, name), threads=threads)
    with guarded(f"{opened.name}: cannot read"):
        format_ = sniff(opened)
        title = FORMATS[format_].title
    with guarded(f"{opened.name}: cannot decode {title}"):
        codec = codec_of(format_)
        header = codec.inspect(opened)
        indices = chosen(frames, header.frames, opened)
        _hold_limit(header, indices, max_pixels, opened)
        decoded = _subset(_upright(codec.decode(opened, indices)), indices)
    return Picture(decoded.frames, decoded.alpha, format_, decoded.metadata, decoded.notes)
