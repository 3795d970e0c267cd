"""What a TIFF page is, and its samples: every layout becomes (H, W) or (H, W, C), upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dilcli.files.formats import FORMATS
from dilcli.files.orient import upright_array, upright_shape

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tifffile import TiffPage

__all__ = ["Layout", "finished", "layout", "pixels", "samples"]

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
_REFUSED = {
    4: "a transparency mask",
    5: "CMYK",
    8: "CIE Lab",
    9: "ICC Lab",
    10: "ITU Lab",
    32803: "camera raw (a colour filter mosaic)",
    34892: "camera raw",
}
_NO_COMPRESSION, _JPEG = 1, 7
_ASSOCIATED, _UNASSOCIATED = 1, 2
_DNG_VERSION = 50706


@dataclass(frozen=True, slots=True)
class Layout:
    """A page as it will be decoded, and what decoding says about it."""

    shape: tuple[int, ...]
    dtype: str
    alpha: bool
    associated: bool
    orientation: int
    lossy: bool
    uncompressed: bool
    notes: tuple[str, ...]

    @property
    def kind(self) -> tuple[object, ...]:
        """Return what the pages of one picture must have in common; their size may differ."""
        return self.dtype, self.shape[2:], self.alpha, self.associated


def _kind(page: TiffPage) -> str:
    """Return numpy's letter for the kind of samples, "" where there is no such type."""
    return "" if page.dtype is None else page.dtype.kind


def _orientation(page: TiffPage) -> int:
    tag = page.tags.get(274)
    value = tag.value if tag is not None else 1
    return int(value) if value in range(1, 9) else 1


def _colours(page: TiffPage) -> int:
    """Return how many channels the photometric interpretation itself has."""
    photometric = int(page.photometric)
    if photometric in (_RGB, _YCBCR):
        return 3
    if photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _PALETTE):
        return 1
    what = _REFUSED.get(photometric, f"photometric interpretation {photometric}")
    raise ValueError(f"a TIFF page of {what} is not read; gray, RGB and palette are")


def _dtype(page: TiffPage) -> str:
    """Return the sample type of the array, "uint8" for 1, 2 and 4 bits."""
    bits = page.bitspersample
    if bits in (1, 2, 4) and page.samplesperpixel == 1:
        return "uint8"
    name = "unknown" if page.dtype is None else page.dtype.name
    if name not in FORMATS["tiff"].samples or not name.endswith(str(bits)):
        raise ValueError(
            f"a TIFF of {bits}-bit {name} samples is not read; "
            "1, 2, 4, 8, 16, 32 and 64-bit integers and 16, 32 and 64-bit floats are"
        )
    return name


def _refuse(page: TiffPage, colours: int) -> None:
    if page.tags.get(_DNG_VERSION) is not None:
        raise ValueError("camera raw (DNG) is not read; develop it to a TIFF first")
    if page.imagedepth > 1:
        raise ValueError(f"a TIFF page {page.imagedepth} planes deep is not read")
    if page.samplesperpixel < colours:
        raise ValueError(f"a TIFF page of {page.samplesperpixel} samples is no RGB picture")
    palette = int(page.photometric) == _PALETTE
    if palette and (page.samplesperpixel > 1 or page.colormap is None or _kind(page) != "u"):
        raise ValueError("a TIFF palette page without its palette, or with more channels")
    if int(page.photometric) == _YCBCR and int(page.compression) != _JPEG:
        raise ValueError("a TIFF page of YCbCr samples is read only with JPEG compression")
    if int(page.photometric) == _WHITE_IS_ZERO and _kind(page) not in "ub":
        raise ValueError(f"a white-is-zero TIFF page of {page.dtype} samples is not read")


def layout(page: TiffPage) -> Layout:
    """Describe a page; nothing is decoded.

    Raises
    ------
    ValueError
        If the page is of a kind that is not read.
    """
    colours = _colours(page)
    _refuse(page, colours)
    dtype, photometric = _dtype(page), int(page.photometric)
    extra = tuple(int(kind) for kind in page.extrasamples)[: page.samplesperpixel - colours]
    channels = 3 if photometric == _PALETTE else page.samplesperpixel
    stored = (page.imagelength, page.imagewidth)
    orientation = _orientation(page)
    notes = []
    if photometric == _PALETTE:
        notes.append("palette expanded to RGB")
    elif page.bitspersample < 8:
        notes.append(f"{page.bitspersample}-bit samples widened to 0..255")
    if photometric == _WHITE_IS_ZERO:
        notes.append("white-is-zero samples inverted")
    if len(extra) > 1 and {_ASSOCIATED, _UNASSOCIATED} & {*extra}:
        notes.append("alpha among several extra channels kept as a plain channel")
    if orientation != 1:
        notes.append(f"TIFF orientation {orientation} applied")
    shape = stored if channels == 1 else (*stored, channels)
    return Layout(
        upright_shape(shape, orientation),
        dtype,
        alpha=extra == (_UNASSOCIATED,),
        associated=extra == (_ASSOCIATED,),
        orientation=orientation,
        lossy=int(page.compression) == _JPEG,
        uncompressed=int(page.compression) == _NO_COMPRESSION,
        notes=tuple(notes),
    )


def pixels(page: TiffPage) -> int:
    """Return the places that decoding a page takes: those of a tile may be more than its own."""
    tile = page.tilewidth * page.tilelength if page.is_tiled else 0
    return int(max(page.imagelength * page.imagewidth, tile))


def _palette(page: TiffPage) -> NDArray[Any]:
    """Return the palette as (N, 3) of uint8; it is stored as 16 bits, by some writers as 8."""
    import numpy as np

    colours = np.asarray(page.colormap).reshape(3, -1).T
    if colours.max(initial=0) > 255:
        colours = colours >> 8
    return colours.astype(np.uint8)


def finished(page: TiffPage, stored: NDArray[Any]) -> NDArray[Any]:
    """Give stored samples of some rows their meaning: palette, white-is-zero, depth, orientation.

    Parameters
    ----------
    page
        One that :func:`layout` accepts.
    stored
        (rows, W, channels) as :func:`dilcli.files.tiff_grid.decode_into` gives them.

    Returns
    -------
    ndarray
        (rows, W, C) as :func:`layout` describes it, C-contiguous; it may be ``stored`` itself.
    """
    import numpy as np

    photometric, bits = int(page.photometric), page.bitspersample
    image = stored
    if photometric == _PALETTE:
        image = np.take(_palette(page), stored[..., 0], axis=0)
    elif bits < 8:
        image = stored * np.uint8(255 // (2**bits - 1))
    if photometric == _WHITE_IS_ZERO:
        image = ~image
    return np.ascontiguousarray(upright_array(image, _orientation(page)))


def samples(page: TiffPage, threads: int = 1) -> NDArray[Any]:
    """Decode a page as :func:`layout` describes it: native byte order, C-contiguous.

    As many of its strips or tiles at a time as there are ``threads``.
    """
    import numpy as np

    from dilcli.files import tiff_grid

    stored = np.empty(tiff_grid.stored_shape(page), tiff_grid.stored_type(page))
    tiff_grid.decode_into(page, 0, page.imagelength, stored, threads)
    image = finished(page, stored)
    return image[..., 0] if image.shape[-1] == 1 else image
