"""Whether a format can hold a picture: said before anything is filtered. Stdlib only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError, ImageFileError
from dilcli.files import fitting
from dilcli.files.formats import (
    CLASSIC_TIFF_LIMIT,
    FORMATS,
    Format,
    extension_for,
    missing_package,
    with_article,
)
from dilcli.files.records import Metadata, Options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["check", "parse_options"]

_REMEDIES = ("png", "tiff", "webp", "npy")
_LEVELS = range(10)
#: What the formats that take a level take besides.
_WORDS: Mapping[str, tuple[str, ...]] = {"png": (), "tiff": ("none", "deflate"), "zarr": ("none",)}


def parse_options(
    format_: str, quality: int | None, compression: str | int | None
) -> tuple[Options, list[str]]:
    """Validate the options of an output, and say which of them mean nothing to its format.

    Raises
    ------
    ArgumentError
        If a value is out of range or no word of this format.
    """
    title, notes = FORMATS[format_].title, []
    if quality is not None and not 1 <= quality <= 100:
        raise ArgumentError(f"quality {quality}: must be 1 to 100")
    if quality is not None and FORMATS[format_].loss == "none":
        notes.append(f"quality {quality} means nothing to {title}, which is loss-free")
        quality = None
    if compression is None:
        return Options(format_, quality), notes
    text = str(compression).strip().lower()
    level = int(text) if text.isdecimal() else None
    words = _WORDS.get(format_)
    if words and text in words:
        return Options(format_, quality, text), notes
    if words is not None:
        if level not in _LEVELS:
            known = f"{', '.join(words)} or 0 to 9" if words else "0 to 9"
            raise ArgumentError(f"compression {compression!r}: {title} takes {known}")
        return Options(format_, quality, level), notes
    notes.append(f"compression {compression} means nothing to {title}")
    return Options(format_, quality), notes


def _channels(shape: tuple[int, ...]) -> int:
    return 1 if len(shape) < 3 else shape[2]


def _holds(format_: Format, dtype: str, colours: int, alpha: bool) -> bool:
    samples = format_.samples if colours + alpha == 1 else format_.colour_samples
    counts = not {0, colours}.isdisjoint(format_.channels)
    return dtype in samples and counts and (format_.alpha or not alpha)


def _others(dtype: str, colours: int, alpha: bool) -> str:
    """List the extensions of formats that hold such samples."""
    fit = [FORMATS[name] for name in _REMEDIES]
    fit = [f for f in fit if _holds(f, dtype, colours, alpha)]
    return ", ".join(f.extensions[0] for f in fit)


def _check_samples(format_: str, shape: tuple[int, ...], dtype: str, alpha: bool) -> None:
    kind = FORMATS[format_]
    colours = _channels(shape) - alpha
    samples = kind.samples if colours + alpha == 1 else kind.colour_samples
    if len(shape) == 1 and format_ != "npy":
        raise ImageFileError(f"{kind.title} cannot hold a one-dimensional array; use .npy")
    if alpha and not kind.alpha and not kind.bare:
        raise ImageFileError(
            f"{kind.title} cannot hold alpha; flatten it with apply --background COLOR, or use "
            f"{_others(dtype, colours, alpha)}"
        )
    if dtype not in samples:
        depths = {"uint8": "8", "uint16": "16", "float32": "float"}
        fit = " or ".join(depths[name] for name in samples if name in depths)
        what = " in several channels" if dtype in kind.samples else ""
        raise ImageFileError(
            f"{kind.title} cannot hold {dtype} samples{what}; use --depth {fit}, or an output "
            f"that can: {_others(dtype, colours, alpha)}"
        )
    if {0, colours}.isdisjoint(kind.channels):
        without = " and alpha" if alpha else " without alpha"
        raise ImageFileError(
            f"{kind.title} cannot hold {colours} channels{without}; "
            f"use {_others(dtype, colours, alpha)}"
        )


def _check_size(format_: str, shape: tuple[int, ...], frames: int, mixed_sizes: bool) -> None:
    kind = FORMATS[format_]
    longest = max(shape[:2])
    if kind.largest_side and longest > kind.largest_side:
        raise ImageFileError(
            f"{kind.title} cannot hold a side of {longest} pixels, at most {kind.largest_side}; "
            "use .png or .tif"
        )
    if frames > 1 and not kind.frames:
        raise ImageFileError(
            f"{kind.title} cannot hold {frames} frames; use --frames 0 for the first one, "
            "{frame} in the output's name, or an output that can: .tif, .png, .webp, .gif"
        )
    if frames > 1 and mixed_sizes and format_ != "tiff":
        raise ImageFileError(
            f"{kind.title} cannot hold frames of different sizes; use .tif, --frames 0 for the "
            "first one, or {frame} in the output's name"
        )


def _check_segments(metadata: Metadata) -> None:
    from dilcli.files.jpeg_segments import size_faults

    too_long = size_faults(metadata)
    if too_long:
        raise ImageFileError(
            f"JPEG cannot hold so long a record ({', '.join(too_long)}); use --strip-metadata, "
            "or an output that can: .png, .tif"
        )


def _check_metadata(format_: str, metadata: Metadata, frames: int, size: int) -> None:
    kind = FORMATS[format_]
    missing = fitting.lost(format_, metadata, frames)
    if missing and not kind.bare:
        raise ImageFileError(
            f"{kind.title} cannot hold {', '.join(missing)} of the source; use --strip-metadata, "
            f"or another output such as {'.webp' if 'frame durations' in missing else '.png'}"
        )
    if format_ == "jpeg":
        _check_segments(metadata)
    if format_ == "tiff" and metadata.exif and size > CLASSIC_TIFF_LIMIT:
        raise ImageFileError(
            "a TIFF beyond 4 GiB (BigTIFF) cannot hold EXIF; use --strip-metadata, or .png"
        )


def _sample_notes(format_: str, shape: tuple[int, ...], alpha: bool) -> Iterator[str]:
    colours = _channels(shape) - alpha
    if format_ == "gif" and (colours > 1 or alpha):
        yield "GIF holds 256 colours a frame: more are reduced, and alpha becomes on or off"
    if colours == 1 and (format_ == "webp" or (format_ == "gif" and alpha)):
        yield f"{with_article(FORMATS[format_].title)} has no such gray: written as RGB"
    if FORMATS[format_].bare and alpha:
        yield f"alpha becomes a plain channel of the {extension_for(format_)}"


def _bare_notes(format_: str, metadata: Metadata, frames: int) -> list[str]:
    missing = fitting.lost(format_, metadata, frames)
    article = with_article(FORMATS[format_].title).split()[0]
    said = f"{article} {extension_for(format_)} holds no metadata; not kept: {', '.join(missing)}"
    return [said] if missing else []


def _timing_notes(format_: str, metadata: Metadata) -> list[str]:
    notes = []
    if format_ == "gif" and any(duration % 10 for duration in metadata.durations):
        notes.append("GIF durations are multiples of 10 ms: rounded, their sum kept")
    if format_ == "avif" and metadata.loop:
        notes.append("an AVIF plays for ever: number of loops not kept")
    return notes


def check(
    format: str,  # noqa: A002 -- the word of every picture library
    *,
    shape: tuple[int, ...],
    dtype: str,
    alpha: bool,
    frames: int = 1,
    metadata: Metadata | None = None,
    strip_metadata: bool = False,
    quality: int | None = None,
    compression: str | int | None = None,
    mixed_sizes: bool = False,
) -> tuple[str, ...]:
    """Say whether a format can hold a picture, before any work is done for it.

    Parameters
    ----------
    format
        A name of :data:`FORMATS`, as :func:`format_for` gives it.
    shape, dtype, alpha, frames
        Of one frame as it will be written, numpy's name of the sample type, whether the last
        channel is alpha, and how many frames there are.
    metadata, strip_metadata
        What the source says beside its samples, and whether that is to be left out.
    quality, compression
        As in :func:`encode`.
    mixed_sizes
        Whether the frames differ in size, as TIFF pages may.

    Returns
    -------
    tuple of str
        What will be written otherwise than one might expect, and what is left out.

    Raises
    ------
    ImageFileError
        If samples, alpha, frames, size or metadata have no room; the message names the remedy.
    ArgumentError
        If an option is out of range.
    """
    kind = FORMATS[format]
    if not kind.written:
        raise ImageFileError(f"{kind.title} is read but not written; use .tif or .npy")
    package = missing_package(format)
    if package:
        raise ImageFileError(package)
    metadata = metadata or Metadata()
    as_it_is = kind.bare or format == "tiff"
    if metadata.associated_alpha and _channels(shape) in (2, 4) and not as_it_is:
        raise ImageFileError(
            f"{kind.title} cannot hold associated (premultiplied) alpha as it is; use .tif"
        )
    _check_samples(format, shape, dtype, alpha)
    _check_size(format, shape, frames, mixed_sizes)
    _, notes = parse_options(format, quality, compression)
    notes += _sample_notes(format, shape, alpha)
    if strip_metadata:
        return tuple(notes)
    size = frames * _bytes(shape, dtype)
    _check_metadata(format, metadata, frames, size)
    if kind.bare:
        notes += _bare_notes(format, metadata, frames)
    notes += fitting.notes(format, metadata, fitting.colour_count(shape, alpha))
    notes += _timing_notes(format, metadata) if frames > 1 else []
    return tuple(notes)


def _bytes(shape: tuple[int, ...], dtype: str) -> int:
    size = int("".join(c for c in dtype if c.isdigit())) // 8
    for side in shape:
        size *= side
    return size
