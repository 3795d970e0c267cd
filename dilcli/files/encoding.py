"""From a picture to the bytes of a file."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from dilcli.files import fitting
from dilcli.files.checking import check, parse_options
from dilcli.files.formats import FORMATS
from dilcli.files.guard import guarded

if TYPE_CHECKING:
    from typing import Protocol

    from dilcli.files.records import Options, Picture

    class _Codec(Protocol):
        def encode(self, picture: Picture, options: Options) -> bytes: ...


__all__ = ["encode"]


def encode(
    picture: Picture,
    format: str,  # noqa: A002 -- the word of every picture library
    *,
    quality: int | None = None,
    compression: str | int | None = None,
    strip_metadata: bool = False,
    threads: int = 1,
) -> bytes:
    """Return a picture as the bytes of a file; samples are never converted to fit.

    Parameters
    ----------
    picture
        Frames ``(H, W)`` or ``(H, W, C)`` as :func:`read` gives them; ``.npy`` also ``(N,)``.
    format
        A name of :data:`FORMATS`, as :func:`format_for` gives it.
    quality
        1 to 100 for JPEG, WebP, AVIF and HEIF. Without it a JPEG that was one is compressed with
        its own tables and sampling, any other at 95; WebP is loss-free unless its source was
        compressed with loss, then 90.
    compression
        0 to 9 for PNG and TIFF; TIFF also ``"none"`` and ``"deflate"``.
    strip_metadata
        Leave out all that stands beside the samples but frame durations and loops.
    threads
        How many may compress at a time, in PNG and TIFF; the bytes do not depend on it.

    Raises
    ------
    ImageFileError
        If the format cannot hold the picture, as :func:`check` says, or the encoder fails.
    """
    first = picture.frames[0]
    check(
        format,
        shape=first.shape,
        dtype=first.dtype.name,
        alpha=picture.alpha,
        frames=len(picture.frames),
        metadata=picture.metadata,
        strip_metadata=strip_metadata,
        quality=quality,
        compression=compression,
        mixed_sizes=len({frame.shape for frame in picture.frames}) > 1,
    )
    options, _ = parse_options(format, quality, compression)
    options = replace(options, threads=threads)
    metadata = fitting.stripped(picture.metadata) if strip_metadata else picture.metadata
    if len(picture.frames) == 1:
        metadata = replace(metadata, durations=(), loop=None)
    colours = fitting.colour_count(first.shape, picture.alpha)
    metadata = fitting.fitted(format, metadata, colours)
    with guarded(f"cannot encode {FORMATS[format].title}"):
        module = importlib.import_module(f"dilcli.files.{FORMATS[format].module}")
        return cast("_Codec", module).encode(replace(picture, metadata=metadata), options)
