"""Every format outside the fast table, through imageio: BMP, JPEG 2000, AVIF, TGA, HEIF, FITS.

The plugin is always named and gets bytes, never a name: imageio's own choice depends on what else
is installed, and it takes some names for addresses and devices. What its plugins would cut
without a word is refused from the header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dilcli.files import box_headers, exif
from dilcli.files.formats import FORMATS, missing_package
from dilcli.files.gif import DEFAULT_DURATION
from dilcli.files.orient import upright_shape
from dilcli.files.records import Decoded, Header, Metadata
from dilcli.files.sniff import sniff
from dilcli.files.webp import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dilcli.files.records import Options, Picture, Source

__all__ = ["DEFAULT_QUALITY", "decode", "encode", "inspect", "read_frames", "write_frame"]

#: AVIF and HEIF, with full chroma; Pillow's own default (75, 4:2:0) shows.
DEFAULT_QUALITY = 90

_CHECKS: dict[str, Callable[[bytes], list[str]]] = {
    "jpeg2000": box_headers.check_jpeg2000,
    "avif": box_headers.check_avif,
    "heif": box_headers.check_heif,
}


def _need(format_: str) -> None:
    """Refuse a format whose package is missing."""
    missing = missing_package(format_)
    if missing:
        raise ValueError(missing)


def _opened(data: bytes) -> Any:
    import imageio.v3 as iio

    from dilcli.files.pillow_pixels import unlimited

    with unlimited():
        return iio.imopen(data, "r", plugin="pillow")


def _facts(data: bytes) -> tuple[tuple[int, ...], str, int, dict[str, Any]]:
    """Return shape, dtype, number of frames and metadata; nothing is decoded."""
    with _opened(data) as file:
        first = file.properties(index=0)
        frames = file.properties(index=...).n_images or 1
        return tuple(first.shape), first.dtype.name, frames, file.metadata(index=0)


def _readable(format_: str, data: bytes) -> tuple[bytes, list[str]]:
    """Hide an EXIF item that the decoder would trip over."""
    if format_ not in ("avif", "heif"):
        return data, []
    try:
        _facts(data)
    except Exception:  # which one depends on the byte that is broken
        return box_headers.without_exif(data), ["broken EXIF not kept"]
    return data, []


def inspect(source: Source) -> Header:
    """Read the header through imageio's plugin, and what it hides through our own eyes."""
    format_, data = sniff(source), source.bytes()
    _need(format_)
    if format_ == "fits":
        size, dtype = box_headers.fits_header(data)
        return Header("fits", size, dtype, alpha=False, frames=1, pixels=(size[0] * size[1],))
    if format_ in _CHECKS:
        _CHECKS[format_](data)
    data, _ = _readable(format_, data)
    stored, dtype, frames, found = _facts(data)
    shape = upright_shape(stored, exif.orientation(_block(found)))
    alpha = len(stored) == 3 and stored[2] in (2, 4)
    dtype = "uint8" if dtype == "bool" else dtype
    return Header(format_, shape, dtype, alpha, frames, (stored[0] * stored[1],) * frames)


def _block(found: dict[str, Any]) -> bytes | None:
    block = found.get("exif")
    if not isinstance(block, bytes):
        return None
    block = block.removeprefix(b"Exif\0\0")
    return block if exif.is_readable(block) else None


def _metadata(format_: str, found: list[dict[str, Any]]) -> Metadata:
    first = found[0]
    block, dpi = _block(first), first.get("dpi", (0, 0))
    known = format_ == "bmp" and min(dpi) >= 1
    animated = len(found) > 1
    lossy = FORMATS[format_].loss == "always"
    return Metadata(
        icc=first.get("icc_profile") or None,
        exif=block,
        xmp=first.get("xmp") or None,
        resolution=(float(dpi[0]), float(dpi[1])) if known else exif.resolution(block),
        durations=tuple(float(each.get("duration", 0)) for each in found) if animated else (),
        loop=0 if animated else None,
        lossy=lossy,
    )


def _native(array: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    if array.dtype.kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    return np.ascontiguousarray(array, array.dtype.newbyteorder("="))


def read_frames(
    data: bytes, indices: tuple[int, ...]
) -> tuple[list[NDArray[Any]], list[dict[str, Any]]]:
    """Decode the chosen frames with imageio's Pillow plugin, and what it says beside each."""
    frames, found = [], []
    with _opened(data) as file:
        for index in indices:
            frames.append(_native(file.read(index=index)))
            found.append(file.metadata(index=index))
    return frames, found


def _decode_fits(source: Source) -> Decoded:
    import imageio.v3 as iio

    array = _native(iio.imread(source.bytes(), plugin="FITS", extension=".fits"))
    return Decoded((array,), Metadata(), ("FITS header cards not kept",), alpha=False)


def decode(source: Source, indices: tuple[int, ...]) -> Decoded:
    """Decode the chosen frames through imageio."""
    format_, data = sniff(source), source.bytes()
    if format_ == "fits":
        return _decode_fits(source)
    notes = _CHECKS[format_](data) if format_ in _CHECKS else []
    data, more = _readable(format_, data)
    every = tuple(range(max(indices) + 1)) if len(indices) > 1 else indices
    frames, found = read_frames(data, every)
    place = {index: n for n, index in enumerate(every)}
    metadata = _metadata(format_, found)
    notes += _bmp_notes(data) if format_ == "bmp" else []
    chosen = tuple(frames[place[i]] for i in indices)
    alpha = chosen[0].ndim == 3 and chosen[0].shape[2] in (2, 4)
    return Decoded(chosen, metadata, (*notes, *more), alpha)


def _bmp_notes(data: bytes) -> list[str]:
    """Say what a 32-bit BMP without masks may hide: its fourth bytes have no meaning."""
    bits, kind = data[28], int.from_bytes(data[30:34], "little")
    start = int.from_bytes(data[10:14], "little")
    hidden = data[14] >= 40 and bits == 32 and kind == 0 and any(data[start + 3 :: 4])
    return ["fourth bytes of 32-bit BMP pixels not kept"] if hidden else []


def write_frame(array: NDArray[Any], extension: str, **parameters: Any) -> bytes:
    """Encode one array with imageio's Pillow plugin."""
    import imageio.v3 as iio

    many = isinstance(parameters.get("duration"), list)
    data = iio.imwrite(
        "<bytes>", array, plugin="pillow", extension=extension, is_batch=many, **parameters
    )
    return bytes(data)


def encode(picture: Picture, options: Options) -> bytes:
    """Return a BMP, JPEG 2000, AVIF, TGA or HEIF; ``quality`` is for AVIF and HEIF."""
    import numpy as np

    format_, metadata = options.format, picture.metadata
    _need(format_)
    frames = [_single(frame) for frame in picture.frames]
    parameters: dict[str, Any] = {}
    if format_ == "bmp":
        parameters["dpi"] = metadata.resolution or (0, 0)
    if FORMATS[format_].loss == "always":
        parameters["quality"] = DEFAULT_QUALITY if options.quality is None else options.quality
        parameters["subsampling"] = "4:0:0" if frames[0].ndim == 2 else "4:4:4"
        named = {"icc_profile": metadata.icc, "exif": metadata.exif, "xmp": metadata.xmp}
        parameters |= {key: value for key, value in named.items() if value is not None}
    extension = FORMATS[format_].extensions[0]
    if len(frames) == 1:
        return write_frame(frames[0], extension, **parameters)
    durations = metadata.durations or (DEFAULT_DURATION,) * len(frames)
    parameters["duration"] = milliseconds(durations)
    return write_frame(np.stack(frames), extension, **parameters)


def _single(frame: NDArray[Any]) -> NDArray[Any]:
    return frame[:, :, 0] if frame.ndim == 3 and frame.shape[2] == 1 else frame
