"""The formats: their extensions and what each can hold. Standard library only.

An output's format comes from its extension through this table and never from a library's guess:
imageio writes a TIFF under any name that it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING

from dilcli.errors import ImageFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CLASSIC_TIFF_LIMIT",
    "FORMATS",
    "Format",
    "extension_for",
    "format_for",
    "missing_package",
    "with_article",
]

#: Samples beyond this many bytes make a BigTIFF: the offsets of a classic one have 32 bits.
CLASSIC_TIFF_LIMIT = 2**32 - 2**25

_INTEGERS = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")
_FLOATS = ("float16", "float32", "float64")
_ALL_METADATA = frozenset({"icc", "exif", "xmp", "resolution", "text"})


@dataclass(frozen=True, slots=True)
class Format:
    """What one format can hold when dilcli writes it.

    ``samples`` are sample types as numpy names, ``colour_samples`` those of pictures with several
    channels. ``channels`` are channel counts without alpha (0 = any). ``largest_side`` is
    in pixels, 0 where no limit is in reach. ``loss`` is "none", "always" or "choice". ``needs``
    is a module that may be missing, and what to install for it. ``strips`` says whether rows are
    read and written apart (see :mod:`dilcli.files.rows`). ``bare`` formats hold an array and
    nothing else: alpha becomes a plain channel there, and metadata is left out with a note.
    ``folder`` says that it is a folder and no stream of bytes: written by strips alone, never
    encoded, never on standard output.
    """

    title: str
    extensions: tuple[str, ...]
    module: str
    samples: tuple[str, ...] = ("uint8",)
    colour_samples: tuple[str, ...] = ("uint8",)
    channels: tuple[int, ...] = (1, 3)
    alpha: bool = False
    frames: bool = False
    metadata: frozenset[str] = frozenset()
    largest_side: int = 0
    loss: str = "none"
    written: bool = True
    needs: tuple[str, str] | None = None
    strips: bool = False
    bare: bool = False
    folder: bool = False


_DEEP = ("uint8", "uint16")

#: Every format that is read or written, by its name. Nothing outside this list is ever opened.
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "png": Format(
            "PNG",
            (".png", ".apng"),
            "png",
            samples=_DEEP,
            colour_samples=_DEEP,
            alpha=True,
            frames=True,
            metadata=_ALL_METADATA,
            largest_side=2**31 - 1,
        ),
        "jpeg": Format(
            "JPEG",
            (".jpg", ".jpeg", ".jpe", ".jfif"),
            "jpeg",
            metadata=_ALL_METADATA,
            largest_side=65500,
            loss="always",
        ),
        "tiff": Format(
            "TIFF",
            (".tif", ".tiff"),
            "tiff",
            samples=_INTEGERS + _FLOATS,
            colour_samples=_INTEGERS + _FLOATS,
            channels=(0,),
            alpha=True,
            frames=True,
            metadata=_ALL_METADATA,
            strips=True,
        ),
        "webp": Format(
            "WebP",
            (".webp",),
            "webp",
            alpha=True,
            frames=True,
            metadata=_ALL_METADATA,
            largest_side=16383,
            loss="choice",
        ),
        "gif": Format(
            "GIF",
            (".gif",),
            "gif",
            alpha=True,
            frames=True,
            metadata=frozenset({"text"}),
            largest_side=65535,
        ),
        "npy": Format(
            "NPY",
            (".npy",),
            "npy",
            samples=_INTEGERS + _FLOATS,
            colour_samples=_INTEGERS + _FLOATS,
            channels=(0,),
            strips=True,
            bare=True,
        ),
        "zarr": Format(
            "Zarr",
            (".zarr",),
            "zarr_store",
            samples=_INTEGERS + _FLOATS,
            colour_samples=_INTEGERS + _FLOATS,
            channels=(0,),
            needs=("zarr", "pip install dilcli[zarr]"),
            strips=True,
            bare=True,
            folder=True,
        ),
        "bmp": Format("BMP", (".bmp",), "via_imageio", metadata=frozenset({"resolution"})),
        "pnm": Format("PNM", (".ppm", ".pgm", ".pnm"), "pnm", samples=_DEEP, colour_samples=_DEEP),
        "pfm": Format("PFM", (".pfm",), "pnm", samples=("float32",), colour_samples=("float32",)),
        "jpeg2000": Format("JPEG 2000", (".jp2",), "via_imageio", samples=_DEEP, alpha=True),
        "avif": Format(
            "AVIF",
            (".avif",),
            "via_imageio",
            alpha=True,
            frames=True,
            metadata=_ALL_METADATA,
            largest_side=32768,
            loss="always",
            needs=("PIL._avif", "pip install 'pillow>=11.3'"),
        ),
        "tga": Format("TGA", (".tga",), "via_imageio", alpha=True, largest_side=65535),
        "heif": Format(
            "HEIF",
            (".heic", ".heif"),
            "via_imageio",
            alpha=True,
            metadata=_ALL_METADATA,
            largest_side=32768,
            loss="always",
            needs=("pillow_heif", "pip install dilcli[heif]"),
        ),
        "fits": Format(
            "FITS",
            (".fits", ".fit", ".fts"),
            "via_imageio",
            written=False,
            needs=("astropy", "pip install dilcli[fits]"),
        ),
    }
)

_BY_EXTENSION = {e: name for name, format_ in FORMATS.items() for e in format_.extensions}


def format_for(path_or_extension: str | PurePath) -> str:
    """Return the name of the format that an output's extension stands for.

    Parameters
    ----------
    path_or_extension
        ``out.PNG``, ``.png`` or ``png``; upper and lower case are the same.

    Raises
    ------
    ImageFileError
        If no format that dilcli writes has this extension; the message lists those that have one.
    """
    text = str(path_or_extension)
    name = PurePath(text).name
    _, dot, last = name.rpartition(".")
    extension = f".{last}".lower() if dot or "/" not in text else ""
    found = _BY_EXTENSION.get(extension)
    if found and FORMATS[found].written:
        return found
    if found:
        what = f"{FORMATS[found].title} is read but not written"
    elif not dot:
        what = "no extension names its format"
    else:
        what = f"no format is known by the extension {extension!r}"
        from difflib import get_close_matches

        close = get_close_matches(extension, _BY_EXTENSION, 1)
        what += f" (did you mean {close[0]}?)" if close else ""
    writable = " ".join(e for e, n in _BY_EXTENSION.items() if FORMATS[n].written)
    raise ImageFileError(f"{text}: {what}; use one of {writable}")


def extension_for(format: str) -> str:  # noqa: A002 -- the word of every picture library
    """Return the usual extension of a format, with its dot."""
    return FORMATS[format].extensions[0]


def missing_package(format_: str) -> str | None:
    """Return the sentence that says what a format needs and is not installed; None if nothing."""
    kind = FORMATS[format_]
    if kind.needs is None:
        return None
    from importlib.util import find_spec

    module, remedy = kind.needs
    return None if find_spec(module) else f"{kind.title} needs: {remedy}"


def with_article(title: str) -> str:
    """Put the indefinite article before a title: a PNG, an AVIF."""
    return f"{'an' if title[0] in 'AEIO' or title == 'NPY' else 'a'} {title}"
