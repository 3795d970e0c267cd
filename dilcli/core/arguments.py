"""What a caller may give to the engine: checked, and read as the engine takes it."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.kernels import Kernel
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "as_kernel",
    "as_pair",
    "as_pixels",
    "checked_fill",
    "checked_out",
    "outer_shape",
    "refuse_non_finite",
    "response_dtype",
]

#: float64 holds every whole number up to here.
EXACT_FLOAT64 = 1 << 53


def response_dtype(samples: NDArray[Any]) -> np.dtype[np.floating]:
    """Choose the type of sums and responses for a type of samples.

    Parameters
    ----------
    samples : ndarray
        Samples of any type.

    Returns
    -------
    dtype
        float32 for bool, 8- and 16-bit samples and float32; float64 for 32- and 64-bit integers
        and float64.

    Raises
    ------
    ArgumentError
        If the samples are not real numbers, or are integers beyond 2**53, which float64 cannot
        tell apart.
    """
    kind, size = samples.dtype.kind, samples.dtype.itemsize
    if kind not in "buif" or size > 8:
        raise ArgumentError(
            f"samples of type {samples.dtype} cannot be filtered; "
            "want bool, integers, or floats of 16, 32 or 64 bits"
        )
    if kind in "ui" and size == 8 and samples.size:
        low, high = int(samples.min()), int(samples.max())
        if max(high, -low) > EXACT_FLOAT64:
            raise ArgumentError(
                f"{samples.dtype} samples from {low} to {high} reach beyond 2**53, "
                "where float64 skips whole numbers; scale them down first"
            )
    wide = size == 8 or (kind in "ui" and size == 4)
    return np.dtype(np.float64 if wide else np.float32)


def as_pixels(picture: NDArray[Any]) -> NDArray[Any]:
    """View an image as (H, W, C); a row of samples is an image one pixel high.

    Parameters
    ----------
    picture : ndarray of shape (N,), (H, W) or (H, W, C)
        Samples of any type.

    Returns
    -------
    ndarray of shape (H, W, C)

    Raises
    ------
    ArgumentError
        If it has another number of axes, or a side 0.
    """
    if picture.ndim not in (1, 2, 3) or 0 in picture.shape:
        raise ArgumentError(
            f"image of shape {picture.shape} cannot be filtered; "
            "want (N,), (H, W) or (H, W, C) with no side 0"
        )
    if picture.ndim == 1:
        picture = picture[np.newaxis]
    return picture if picture.ndim == 3 else picture[..., np.newaxis]


def refuse_non_finite(pixels: NDArray[Any]) -> None:
    """Refuse samples that would spread over a picture.

    Raises
    ------
    ArgumentError
        Says how many are NaN or infinite.
    """
    if pixels.dtype.kind == "f":
        bad = pixels.size - np.count_nonzero(np.isfinite(pixels))
        if bad:
            raise ArgumentError(
                f"{bad} of {pixels.size} samples are NaN or infinite and would spread over "
                "the image; replace them first"
            )


def as_kernel(kernel: Kernel | ArrayLike, *, flat: bool) -> Kernel:
    """Read weights as a kernel.

    Parameters
    ----------
    kernel : Kernel or array_like of shape (kh, kw), or (k,) if `flat`
        Finite weights.
    flat : bool
        Whether the image is a row of samples.

    Returns
    -------
    Kernel

    Raises
    ------
    KernelError
        If it is empty, not real and finite, or has another number of axes than the image.
    """
    if isinstance(kernel, Kernel):
        if flat and kernel.shape[0] > 1:
            raise KernelError(
                f"kernel of {kernel.shape[0]} rows cannot filter an image of shape (N,); want 1 row"
            )
        return kernel
    weights = np.asarray(kernel)
    wanted = 1 if flat else 2
    if weights.dtype.kind not in "buif" or weights.ndim != wanted or 0 in weights.shape:
        raise KernelError(
            f"kernel of shape {weights.shape} and type {weights.dtype} cannot be used; want "
            f"real weights of shape {'(k,)' if flat else '(kh, kw)'} for this image"
        )
    return Kernel(tuple(map(tuple, np.atleast_2d(weights).tolist())))


def as_pair(name: str, value: int | tuple[int, int], *, flat: bool, least: int) -> tuple[int, int]:
    """Read one whole number for both axes, or one for each.

    Parameters
    ----------
    name : {"dilation", "stride", "origin"}
        Said in errors; the axis that a row of samples lacks has dilation and stride 1, origin 0.
    value : int or (int, int)
        What was given.
    flat : bool
        Whether the image is a row of samples, which takes one number.
    least : int
        The smallest that has a meaning.

    Returns
    -------
    tuple of int
        For (rows, columns).

    Raises
    ------
    ArgumentError
        If it is no whole number, or below `least`.
    """
    try:
        given = np.atleast_1d(np.asarray(value, object))
        items = tuple(operator.index(item) for item in given if not isinstance(item, bool))
    except TypeError:
        given, items = np.empty(0), ()
    if len(given) != len(items) or len(items) not in ((1,) if flat else (1, 2)):
        wanted = "a whole number" if flat else "a whole number or (rows, columns)"
        raise ArgumentError(f"{name} must be {wanted} (got {value!r})")
    if min(items) < least:
        hint = "; 1 means dense, no holes" if name == "dilation" else ""
        raise ArgumentError(f"{name} must be >= {least} (got {value}){hint}")
    if flat:
        return (0 if name == "origin" else 1), items[0]
    return items[0], items[-1]


def checked_fill(fill: float, dtype: np.dtype[np.floating]) -> float:
    """Refuse a fill that is no real number, or that samples of a type cannot hold."""
    try:
        value = float(fill)
    except (TypeError, ValueError):
        raise ArgumentError(f"fill must be a real number (got {fill!r})") from None
    if abs(value) != np.inf and abs(value) > float(np.finfo(dtype).max):
        raise ArgumentError(f"fill {value:g} does not fit into {dtype} samples")
    return value


def checked_out(
    out: NDArray[np.floating], shape: tuple[int, ...], ndim: int, dtype: np.dtype[np.floating]
) -> NDArray[np.floating]:
    """Refuse an array that cannot take a result.

    Parameters
    ----------
    out : ndarray
        What was given.
    shape : tuple of int
        Of the result, (H, W, C).
    ndim : int
        Axes of the image.
    dtype : dtype
        Of the result.

    Returns
    -------
    ndarray
        `out` itself.

    Raises
    ------
    ArgumentError
        If it has another shape or type, or is read-only.
    """
    wanted = outer_shape(shape, ndim)
    if not isinstance(out, np.ndarray) or out.shape != wanted or out.dtype != dtype:
        found = f"{out.dtype} {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
        raise ArgumentError(f"out must be a {dtype} array of shape {wanted} (got {found})")
    if not out.flags.writeable:
        raise ArgumentError("out is read-only; want a writable array")
    return out


def outer_shape(shape: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """Shape of a result for an image of so many axes."""
    return shape if ndim == 3 else shape[2 - ndim : 2]
