"""JPEG: inspect, decode, encode. Of a multi-picture file (MPO) the first picture counts."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dilcli.files import exif
from dilcli.files.jpeg_segments import Parts, metadata_segments, parse
from dilcli.files.orient import upright_shape
from dilcli.files.records import Decoded, Header, JpegSettings

if TYPE_CHECKING:
    from PIL.JpegImagePlugin import JpegImageFile

    from dilcli.files.records import Options, Picture, Source

__all__ = ["DEFAULT_QUALITY", "begin", "decode", "encode", "get_ready", "inspect"]

#: With full chroma (4:4:4), where no JPEG's own settings are at hand: 50.8 dB on a photograph,
#: against 39 dB of Pillow's default (75, 4:2:0).
DEFAULT_QUALITY = 95


def _refuse(source: Source, parts: Parts) -> None:
    frame = parts.frame
    if frame.bits != 8:
        raise source.error(
            f"a JPEG of {frame.bits}-bit samples is not read; convert it to 16-bit PNG or TIFF"
        )
    if frame.components == 4:
        raise source.error(
            "a CMYK JPEG is not read, for its colours depend on its printing profile; "
            "convert it to RGB first"
        )
    if frame.components not in (1, 3):
        raise source.error(f"a JPEG of {frame.components} components is not read; 1 or 3 are")


def inspect(source: Source) -> Header:
    """Read the header of a JPEG."""
    parts = parse(source)
    _refuse(source, parts)
    stored = (parts.frame.height, parts.frame.width)
    shape: tuple[int, ...] = stored if parts.frame.components == 1 else (*stored, 3)
    shape = upright_shape(shape, exif.orientation(parts.exif))
    return Header("jpeg", shape, "uint8", alpha=False, frames=1, pixels=(stored[0] * stored[1],))


def _settings(image: JpegImageFile) -> JpegSettings | None:
    """Return how the file was compressed, where Pillow can do the same again."""
    from PIL.JpegImagePlugin import get_sampling

    tables: dict[int, Any] = image.quantization  # type: ignore[attr-defined,unused-ignore]
    chosen = [tables.get(component[3]) for component in image.layer]  # type: ignore[attr-defined,unused-ignore]
    if any(table is None or max(table) > 255 or min(table) < 1 for table in chosen):
        return None
    sampling = get_sampling(image)
    if len(chosen) == 3 and sampling not in (0, 1, 2):
        return None
    return JpegSettings(tuple(tuple(table) for table in chosen if table), max(sampling, 0))


def get_ready() -> None:
    """Load what :func:`begin` needs."""
    from dilcli.files.pillow_pixels import load_module

    load_module("JPEG")


def begin(
    source: Source, *, at_once: bool = False
) -> tuple[Parts, JpegSettings | None, JpegImageFile]:
    """Decode a JPEG as far as no array is needed; ``at_once`` as for Pillow's door."""
    from dilcli.files.pillow_pixels import keep_blocks, open_image

    keep_blocks()
    parts = parse(source)
    image = open_image(io.BytesIO(b"".join(parts.bare)), "JPEG", at_once=at_once)
    if image.mode not in ("L", "RGB"):
        raise source.error(f"a JPEG of mode {image.mode} is not read; gray and RGB are")
    settings = _settings(image)
    image.load()
    return parts, settings, image


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:  # noqa: ARG001 -- one frame only
    """Decode a JPEG as gray or RGB."""
    from dilcli.files.pillow_pixels import as_array

    parts, settings, image = source.begun or begin(source)
    pixels = as_array(image)
    notes = list(parts.notes)
    if parts.pictures > 1:
        notes.append(f"first of {parts.pictures} pictures in this file (MPO); the others not kept")
    metadata = replace(parts.metadata(), jpeg=settings)
    return Decoded((pixels,), metadata, tuple(notes), alpha=False)


def _parameters(picture: Picture, options: Options) -> dict[str, Any]:
    frame = picture.frames[0]
    colours = 1 if frame.ndim == 2 or frame.shape[2] == 1 else 3
    settings = picture.metadata.jpeg
    if options.quality is not None:
        return {"quality": options.quality, "subsampling": 0}
    if settings is None or len(settings.tables) < colours:
        return {"quality": DEFAULT_QUALITY, "subsampling": 0}
    tables = [list(table) for table in settings.tables[:colours]]
    if tables[1:2] == tables[2:]:
        # Both chroma components share the last table that is given.
        del tables[2:]
    return {"qtables": tables, "subsampling": settings.sampling if colours == 3 else 0}


def encode(picture: Picture, options: Options) -> bytes:
    """Return a JPEG: the source's own tables and sampling where it was one, else quality 95.

    ``quality`` 1 to 100 is compressed with full chroma (4:4:4).
    """
    from dilcli.files.pillow_pixels import as_image, target

    parameters = _parameters(picture, options)
    if picture.metadata.resolution is not None:
        x, y = picture.metadata.resolution
        parameters["dpi"] = (min(max(round(x), 1), 65535), min(max(round(y), 1), 65535))
    buffer = target("jpg")
    as_image(picture.frames[0]).save(buffer, **parameters)
    data = buffer.getvalue()
    after_jfif = 4 + int.from_bytes(data[4:6]) if data[2:4] == b"\xff\xe0" else 2
    return data[:after_jfif] + metadata_segments(picture.metadata) + data[after_jfif:]
