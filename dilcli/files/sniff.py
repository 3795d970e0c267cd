"""The format of a file from its content, against a list of what is allowed.

Only these formats are ever handed to a library. What starts another program (EPS, PDF, video) or
could fetch something (SVG) is refused by name, everything unknown is refused too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.files.formats import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from dilcli.files.records import Source

__all__ = ["is_store", "sniff"]

_PREFIXES = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"II+\0": "tiff",
    b"MM\0+": "tiff",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"\x93NUMPY": "npy",
    b"\0\0\0\x0cjP  \r\n\x87\n": "jpeg2000",
    b"\xff\x4f\xff\x51": "jpeg2000",
    b"SIMPLE  =": "fits",
}
_NETPBM = {b"P1": "pnm", b"P2": "pnm", b"P3": "pnm", b"P4": "pnm", b"P5": "pnm", b"P6": "pnm"}
_NETPBM |= {b"PF": "pfm", b"Pf": "pfm"}
_BRANDS = {
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heif",
    b"heix": "heif",
    b"heim": "heif",
    b"heis": "heif",
    b"hevc": "heif",
    b"hevx": "heif",
    b"mif1": "heif",
    b"msf1": "heif",
}
#: Files of which one stands in every folder that is a Zarr array or group, of format 3 or 2.
_ZARR_FILES = ("zarr.json", ".zarray", ".zgroup")
_TGA_FOOTER = b"TRUEVISION-XFILE.\0"
_TGA_KINDS = (1, 2, 3, 9, 10, 11)
_REFUSED = {
    b"%!PS": "PostScript",
    b"\xc5\xd0\xd3\xc6": "EPS",
    b"%PDF": "PDF",
    b"<svg": "SVG",
    b"<?xml": "XML or SVG",
    b"<!DOC": "HTML",
    b"<html": "HTML",
    b"8BPS": "Photoshop (PSD)",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\x76\x2f\x31\x01": "OpenEXR",
    b"#?RADIANCE": "Radiance HDR",
    b"\x1a\x45\xdf\xa3": "a video",
    b"PK\x03\x04": "a ZIP archive (or .npz)",
    b"\x1f\x8b": "gzip",
}


def _boxed(head: bytes) -> str | None:
    """Tell the ISO base media files apart: AVIF and HEIF are pictures, the rest is video."""
    if head[4:8] != b"ftyp":
        return None
    major = _BRANDS.get(head[8:12])
    if major == "heif" and b"avif" in head[16 : int.from_bytes(head[:4])]:
        return "avif"
    return major


def _known(head: bytes, tail: bytes) -> str | None:
    for prefix, name in _PREFIXES.items():
        if head.startswith(prefix):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[2:3] in (b" ", b"\t", b"\r", b"\n", b"#") and head[:2] in _NETPBM:
        return _NETPBM[head[:2]]
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in (
        12,
        40,
        52,
        56,
        64,
        108,
        124,
    ):
        return "bmp"
    if tail == _TGA_FOOTER and head[1] in (0, 1) and head[2] in _TGA_KINDS:
        return "tga"
    return _boxed(head)


def _refused(head: bytes) -> str | None:
    if head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] == b"AVI "):
        return "a video"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((what for prefix, what in _REFUSED.items() if start.startswith(prefix)), None)


def is_store(path: Path) -> bool:
    """Say whether a path is a folder that is read as one picture: a Zarr store."""
    return path.is_dir() and any((path / name).is_file() for name in _ZARR_FILES)


def sniff(source: Source) -> str:
    """Return the name of the format of a source, read from its first (and last) bytes.

    Raises
    ------
    ImageFileError
        If the source is empty or of no allowed format.
    """
    if source.path is not None and is_store(source.path):
        return "zarr"
    with source.open() as file:
        head = file.read(256)
        file.seek(max(source.size() - len(_TGA_FOOTER), 0))
        tail = file.read(len(_TGA_FOOTER))
    if not head:
        raise source.error("the file is empty")
    known = _known(head, tail)
    if known:
        return known
    refused = _refused(head)
    titles = ", ".join(format_.title for format_ in FORMATS.values())
    what = f"{refused} is not read" if refused else "not a picture in a known format"
    raise source.error(f"{what}; dilcli reads {titles}")
