"""PNG and APNG: inspect, decode, encode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.files import exif
from dilcli.files.orient import upright_shape
from dilcli.files.png_chunks import Parts, parse
from dilcli.files.png_pixels import layout, samples, unpacked
from dilcli.files.records import Decoded, Header

if TYPE_CHECKING:
    from PIL import Image

    from dilcli.files.records import Options, Picture, Source

__all__ = ["begin", "decode", "encode", "get_ready", "inspect"]


def _animated(parts: Parts) -> bool:
    return len(parts.frames) > 1


def _layout(parts: Parts) -> tuple[int, str, bool]:
    if _animated(parts):
        from dilcli.files.apng import animation_layout

        return animation_layout(parts)
    return layout(parts.header, parts.transparency)


def inspect(source: Source) -> Header:
    """Read the header of a PNG or APNG."""
    parts = parse(source, samples=False)
    frames = len(parts.frames) if _animated(parts) else 1
    channels, dtype, alpha = _layout(parts)
    stored = (parts.header.height, parts.header.width)
    shape: tuple[int, ...] = stored if channels == 1 else (*stored, channels)
    shape = upright_shape(shape, exif.orientation(parts.exif))
    return Header("png", shape, dtype, alpha, frames, (stored[0] * stored[1],) * frames)


def _sample_notes(parts: Parts) -> list[str]:
    header, notes = parts.header, []
    if header.colour == 3:
        notes.append(f"palette expanded to {'RGBA' if parts.transparency else 'RGB'}")
    elif header.bits < 8:
        notes.append(f"{header.bits}-bit samples widened to 0..255")
    if header.colour in (0, 2) and parts.transparency:
        notes.append("transparent colour key made an alpha channel")
    if _animated(parts) and parts.has_still:
        notes.append("the still image that stands in for the animation is not kept")
    return notes


def get_ready() -> None:
    """Load what :func:`begin` needs."""
    from dilcli.files.pillow_pixels import load_module

    load_module("PNG")


def begin(source: Source, *, at_once: bool = False) -> tuple[Parts, Image.Image | None]:
    """Decode a PNG as far as no array is needed: nothing yet of animations.

    ``at_once`` as for Pillow's door.
    """
    parts = parse(source)
    if _animated(parts):
        return parts, None
    return parts, unpacked(parts.header, parts.palette, parts.image, at_once=at_once)


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:
    """Decode the chosen frames of a PNG or APNG, every depth and colour type exactly."""
    parts, image = source.begun or begin(source)
    if _animated(parts):
        from dilcli.files.apng import composed

        wanted = frozenset(indices)
        shown = enumerate(composed(parts, max(wanted)))
        made = {index: frame for index, frame in shown if index in wanted}
        frames = tuple(made[index] for index in indices)
    else:
        still = samples(parts.header, parts.palette, parts.transparency, parts.image, image)
        frames = (still,)
    notes = (*_sample_notes(parts), *parts.notes)
    return Decoded(frames, parts.metadata(), notes, _layout(parts)[2])


def encode(picture: Picture, options: Options) -> bytes:
    """Return a PNG or APNG; ``compression`` is the zlib level 0 to 9."""
    from dilcli.files.png_write import DEFAULT_LEVEL
    from dilcli.files.png_write import encode as encode_png

    level = DEFAULT_LEVEL if options.compression is None else int(options.compression)
    return encode_png(picture, level, options.threads)
