"""What of a picture's metadata a format can hold, and in which form. Standard library only."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from dilcli.files import exif
from dilcli.files.formats import FORMATS
from dilcli.files.records import Metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["colour_count", "fitted", "lost", "notes", "stripped"]

#: Formats that hold texts and a resolution only inside their EXIF block.
_THROUGH_EXIF = frozenset({"webp", "avif", "heif"})
#: Formats that store gray as RGB.
_NO_GRAY = frozenset({"webp"})
_PHOTOSHOP = frozenset({"jpeg", "tiff"})
_COLOUR_SPACES = {b"GRAY": 1, b"RGB ": 3}
#: PNG chunks that say no more than "sRGB", which is what everyone assumes.
_PLAIN_SRGB: Mapping[str, tuple[int, ...]] = {
    "gAMA": (45455,),
    "cHRM": (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
}


def colour_count(shape: tuple[int, ...], alpha: bool) -> int:
    """Return 3 for what is stored as RGB, 1 for gray; further channels are no colours."""
    channels = 1 if len(shape) < 3 else shape[2]
    return 3 if channels - alpha >= 3 else 1


def stripped(metadata: Metadata) -> Metadata:
    """Keep only what the samples themselves need: timing, and how they were stored."""
    return Metadata(
        durations=metadata.durations,
        loop=metadata.loop,
        jpeg=metadata.jpeg,
        lossy=metadata.lossy,
        associated_alpha=metadata.associated_alpha,
        uncompressed=metadata.uncompressed,
    )


def lost(format_: str, metadata: Metadata, frames: int) -> list[str]:
    """Name what the format has no room for."""
    named = {
        "icc": ("the ICC profile", metadata.icc),
        "exif": ("EXIF", metadata.exif),
        "xmp": ("XMP", metadata.xmp),
        "resolution": ("the resolution", metadata.resolution),
        "text": (_texts(metadata), metadata.text),
    }
    known = FORMATS[format_].metadata
    missing = [what for key, (what, value) in named.items() if value and key not in known]
    if metadata.durations and frames > 1 and format_ == "tiff":
        missing.append("frame durations")
    return missing


def _texts(metadata: Metadata) -> str:
    keywords = ", ".join(dict.fromkeys(keyword for keyword, _ in metadata.text))
    return f"text ({keywords})"


def _is_plain_srgb(kind: str, body: bytes) -> bool:
    if kind == "sRGB":
        return True
    expected = _PLAIN_SRGB.get(kind)
    return expected is not None and body == b"".join(n.to_bytes(4) for n in expected)


def _fits(icc: bytes, colours: int) -> bool:
    """Say whether a profile is for as many colours as the picture has."""
    return _COLOUR_SPACES.get(icc[16:20]) == colours


def notes(format_: str, metadata: Metadata, colours: int) -> list[str]:
    """Say what is left out because it would be wrong or has no other home."""
    said = []
    colours = 3 if format_ in _NO_GRAY else colours
    if metadata.icc and "icc" in FORMATS[format_].metadata and not _fits(metadata.icc, colours):
        space = metadata.icc[16:20].decode("latin-1").strip()
        said.append(f"ICC profile for {space} not kept: the picture has {colours} colour channels")
    if format_ != "png":
        special = [k for k, body in metadata.png_colour if not _is_plain_srgb(k, body)]
        if special:
            said.append(f"PNG colour chunks not kept: {', '.join(special)}")
    if metadata.photoshop and format_ not in _PHOTOSHOP:
        said.append("Photoshop and IPTC records not kept")
    return said


def _same(one: tuple[float, float] | None, other: tuple[float, float]) -> bool:
    return one is not None and all(
        math.isclose(a, b, rel_tol=1e-3) for a, b in zip(one, other, strict=True)
    )


def fitted(format_: str, metadata: Metadata, colours: int) -> Metadata:
    """Return the metadata as the format's writer is to write it."""
    colours = 3 if format_ in _NO_GRAY else colours
    if metadata.icc is not None and not _fits(metadata.icc, colours):
        metadata = replace(metadata, icc=None)
    if format_ not in _THROUGH_EXIF:
        return metadata
    lines = [v if k in ("Description", "Comment") else f"{k}: {v}" for k, v in metadata.text]
    inches = metadata.resolution
    if inches is not None and _same(exif.resolution(metadata.exif), inches):
        inches = None
    block = exif.with_tags(metadata.exif, inches=inches, description="\n".join(lines))
    return replace(metadata, exif=block, resolution=None, text=())
