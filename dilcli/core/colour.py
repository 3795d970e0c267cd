"""Which channels of a picture are filtered, in which light, and how much alpha weighs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.boundary import boundary_name
from dilcli.core.compiled import is_stored
from dilcli.core.strips import Field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.strips import Index
    from dilcli.core.window import Window

__all__ = ["LUMA", "colour_field", "flatten", "full_scale", "linear_to_srgb", "srgb_to_linear"]

#: Weights of red, green and blue in luma: ITU-R BT.709-6, item 3.2.
LUMA = (0.2126, 0.7152, 0.0722)


def srgb_to_linear(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Turn sRGB values in [0, 1] into linear light (IEC 61966-2-1:1999, 5.2).

    Negative values are mirrored, values above 1 go on along the curve.
    """
    size = np.abs(values)
    linear = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    signed: NDArray[np.floating] = np.copysign(linear, values)
    return signed.astype(values.dtype, copy=False)


def linear_to_srgb(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Turn linear light in [0, 1] into sRGB values (IEC 61966-2-1:1999, 5.2).

    Negative values are mirrored, values above 1 go on along the curve.
    """
    size = np.abs(values)
    encoded = np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055)
    signed: NDArray[np.floating] = np.copysign(encoded, values)
    return signed.astype(values.dtype, copy=False)


def full_scale(dtype: np.dtype[Any]) -> float:
    """Give the sample that means full light or full opacity: the largest integer, or 1.0."""
    return float(np.iinfo(dtype).max) if dtype.kind in "ui" else 1.0


def colour_field(
    window: Window,
    dtype: np.dtype[np.floating],
    *,
    boundary: str,
    fill: float,
    alpha: bool,
    premultiply: bool = False,
    luma: bool = False,
    linear: bool = False,
) -> Field:
    """Describe the channels of a picture that are filtered.

    Parameters
    ----------
    window : Window
        Samples, all or those of some rows; the last channel is straight alpha if `alpha`.
    dtype : dtype
        float32 or float64, of the samples that are filtered.
    boundary, fill
        As in `dilcli.correlate`. The fill stands in every channel, in alpha held to its range.
    alpha : bool
        Whether there is an alpha channel. It is a channel of the field only with `premultiply`.
    premultiply : bool
        Multiply colours by alpha, and append alpha as the last channel of the field.
    luma : bool
        Filter one channel, the Rec. 709 luma of three; one channel alone is its own luma.
    linear : bool
        Filter linear light instead of sRGB values; in the same units, so that full scale stays
        full scale.

    Returns
    -------
    Field
    """
    pixels = window.pixels
    count = pixels.shape[2] - alpha
    mix = luma and count == 3
    changed = alpha or linear or mix
    whole = full_scale(pixels.dtype)
    curve: NDArray[np.floating] | None = None
    if linear and pixels.dtype.kind in "ui" and pixels.dtype.itemsize <= 2:
        steps = np.arange(whole + 1, dtype=np.float64) / whole
        curve = (srgb_to_linear(steps) * whole).astype(dtype)

    def prepare(samples: NDArray[Any], curve: NDArray[np.floating] | None) -> NDArray[Any]:
        colours: NDArray[Any] = samples[..., :count]
        if curve is not None:
            colours = curve[colours]
        elif linear:
            colours = srgb_to_linear(colours.astype(dtype) / whole) * whole
        if mix:
            red, green, blue = (colours[..., i, np.newaxis].astype(dtype) for i in range(3))
            colours = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
        if premultiply:
            weights = samples[..., count:].astype(dtype)
            colours = np.concatenate([colours * weights, weights], axis=-1)
        return colours

    def read(rows: Index, columns: Index, out: NDArray[np.floating]) -> None:
        places = window.places(rows)
        if isinstance(places, np.ndarray) and isinstance(columns, np.ndarray):
            places = places[:, np.newaxis]
        out[...] = prepare(pixels[places, columns], curve)

    # The fill need not be a sample of the picture's type, so no table holds it.
    pixel = np.full((1, 1, pixels.shape[2]), fill, dtype)
    pixel[..., count:] = np.clip(pixel[..., count:], 0, whole)
    outside = prepare(pixel, None)[0, 0]
    return Field(
        window.height,
        pixels.shape[1],
        outside.size,
        read,
        boundary_name(boundary),
        outside.astype(dtype),
        finite=pixels.dtype.kind in "bui" and bool(np.isfinite(outside).all()),
        stored=window if not changed and is_stored(window) else None,
    )


def flatten(
    samples: NDArray[Any],
    background: tuple[int, int, int],
    *,
    associated: bool = False,
    whole: float | None = None,
) -> NDArray[Any]:
    """Lay a picture with alpha over a colour.

    Parameters
    ----------
    samples : ndarray of shape (H, W, C)
        The last channel is alpha.
    background : tuple of int
        Red, green and blue from 0 to 255. A neutral colour leaves a gray picture gray.
    associated : bool
        Whether the colours are multiplied with alpha already.
    whole : float, optional
        The sample that means full light and full opacity, where it is not that of the type.

    Returns
    -------
    ndarray of shape (H, W) or (H, W, 3)
        Of the same type, rounded half to even.
    """
    whole = full_scale(samples.dtype) if whole is None else whole
    ground = np.array(background, np.float64) * (whole / 255)
    colours = samples.shape[2] - 1
    if colours == 1 and np.ptp(ground) == 0:
        ground = ground[:1]
    out = np.empty((*samples.shape[:2], max(colours, ground.size)), samples.dtype)
    for line, target in zip(samples, out, strict=True):
        cover = line[:, colours:] / whole
        shown = line[:, :colours] * (1.0 if associated else cover) + ground * (1 - cover)
        target[...] = np.rint(shown) if target.dtype.kind in "ui" else shown
    return out[..., 0] if out.shape[2] == 1 else out
