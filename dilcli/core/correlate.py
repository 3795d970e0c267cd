"""Dilated correlation of arrays: the public face of the engine."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.boundary import boundary_name
from dilcli.core.kernels import Kernel
from dilcli.core.respond import respond
from dilcli.core.stencil import Method, Stencil, place
from dilcli.core.strips import Field, Patch, column_blocks, rows_of, strip_rows, strips
from dilcli.core.threads import Scratch, available_threads, spread
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from dilcli.core.strips import Index

__all__ = [
    "array_field",
    "correlate",
    "correlate_by",
    "patches",
    "response_dtype",
    "threads_for",
]

#: Below this many samples a second thread costs more than it saves.
SAMPLES_PER_THREAD = 1 << 18

#: float64 holds every whole number up to here.
EXACT_FLOAT64 = 1 << 53


def correlate(
    image: ArrayLike,
    kernel: Kernel | ArrayLike,
    *,
    dilation: int | tuple[int, int] = 1,
    boundary: str = "reflect",
    fill: float = 0.0,
    stride: int | tuple[int, int] = 1,
    origin: int | tuple[int, int] | None = None,
    convolve: bool = False,
    out: NDArray[np.floating] | None = None,
    threads: int | None = None,
) -> NDArray[np.floating]:
    """Correlate an image with a dilated kernel.

    ``out[y, x] = sum over i, j of kernel[i, j] * image[y + (i - oy) * dy, x + (j - ox) * dx]``:
    equation (1) of Chen et al., "DeepLab", arXiv 1606.00915, with the kernel not mirrored.
    Channels are filtered alike and apart. Nothing is rounded or clipped.

    Parameters
    ----------
    image : array_like of shape (N,), (H, W) or (H, W, C)
        bool, integer or floating-point samples.
    kernel : Kernel or array_like of shape (kh, kw), or (k,) for an image of shape (N,)
        Finite weights.
    dilation : int or (int, int), default 1
        Distance between taps in pixels, (rows, columns), at least 1. 1 is the dense kernel.
    boundary : {"reflect", "mirror", "nearest", "wrap", "constant"}
        What stands outside the image, under SciPy's names; the aliases of
        `dilcli.core.boundary.ALIASES` work too. Taps may look past the image by any distance.
    fill : float, default 0.0
        The sample outside where the boundary is ``"constant"``.
    stride : int or (int, int), default 1
        Distance between the outputs in pixels: ``out[::sy, ::sx]`` of the unstrided result.
    origin : int or (int, int), optional
        Index of the centre tap in `kernel`, default ``k // 2``. Tap j stands at
        ``(j - origin) * dilation``, for even kernels too.
    convolve : bool, default False
        Turn the kernel by 180 degrees.
    out : ndarray, optional
        Where the result goes, of its shape and dtype. It may overlap `image`.
    threads : int, optional
        Threads to use, default one a processor. The result does not depend on it.

    Returns
    -------
    ndarray of shape (ceil(N / s),), (ceil(H / sy), ceil(W / sx)) or (..., C)
        float32 for bool, 8- and 16-bit integers, float16 and float32; float64 for wider samples.

    Raises
    ------
    ArgumentError
        If a value, shape or sample type has no meaning here.
    KernelError
        If the kernel is empty, not two-dimensional or not finite.

    Examples
    --------
    With ``w = [w0, w1, w2]`` dilation 1 (0 holes) gives ``w0*x0 + w1*x1 + w2*x2`` and dilation 2
    (1 hole) gives ``w0*x0 + w1*x2 + w2*x4``:

    >>> x, w = [3, 1, 4, 1, 5], [100, 10, 1]
    >>> float(correlate(x, w, origin=0)[0])
    314.0
    >>> float(correlate(x, w, dilation=2, origin=0)[0])
    345.0
    """
    return correlate_by(
        None,
        image,
        kernel,
        dilation=dilation,
        boundary=boundary,
        fill=fill,
        stride=stride,
        origin=origin,
        convolve=convolve,
        out=out,
        threads=threads,
    )


def correlate_by(
    method: Method | None,
    image: ArrayLike,
    kernel: Kernel | ArrayLike,
    *,
    dilation: int | tuple[int, int] = 1,
    boundary: str = "reflect",
    fill: float = 0.0,
    stride: int | tuple[int, int] = 1,
    origin: int | tuple[int, int] | None = None,
    convolve: bool = False,
    out: NDArray[np.floating] | None = None,
    threads: int | None = None,
) -> NDArray[np.floating]:
    """Correlate as `correlate` does, by a method of one's own choice.

    Parameters
    ----------
    method : {"direct", "dense", "shared", "separable"} or None
        None is the cheapest one. The bits of ``"direct"`` do not depend on the image's width.
    image, kernel, dilation, boundary, fill, stride, origin, convolve, out, threads
        As in `correlate`.

    Returns
    -------
    ndarray

    Raises
    ------
    ArgumentError
        Also if the method cannot serve the kernel.
    """
    picture = np.asarray(image)
    flat = picture.ndim == 1
    dtype = response_dtype(picture)
    pixels = _as_pixels(picture)
    strides = _pair("stride", stride, flat=flat, least=1)
    field = array_field(pixels, dtype, boundary=boundary, fill=fill)
    stencil = place(
        _as_kernel(kernel, flat=flat),
        width=field.width,
        dtype=dtype,
        dilation=_pair("dilation", dilation, flat=flat, least=1),
        origin=None if origin is None else _pair("origin", origin, flat=flat, least=0),
        convolve=convolve,
        boundary=field.boundary,
        method=method,
    )
    size = tuple(-(-n // s) for n, s in zip(pixels.shape[:2], strides, strict=True))
    shape = (*size, field.channels)
    result = np.empty(shape, dtype)
    given = None if out is None else _checked_out(out, shape, picture.ndim, dtype)
    if given is not None and given.flags.c_contiguous and not np.may_share_memory(given, pixels):
        result = given.reshape(shape)

    def fill_patch(patch: Patch, scratch: Scratch) -> None:
        rows = rows_of(result, patch.strip, slice(*patch.columns))
        respond(field, stencil, patch, scratch, out=rows)

    spread(fill_patch, patches(field, stencil, strides), threads_for(result.size, threads))
    answer = result.reshape(_outer_shape(shape, picture.ndim))
    if given is None:
        return answer
    if not np.may_share_memory(given, answer):
        given[...] = answer
    return given


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


def array_field(
    pixels: NDArray[Any], dtype: np.dtype[np.floating], *, boundary: str, fill: float
) -> Field:
    """Describe an array in memory as what is to be filtered.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C)
        Samples in any byte order and memory layout; read, never copied whole.
    dtype : dtype
        float32 or float64.
    boundary : str
        A boundary or an alias of one.
    fill : float
        The sample outside where the boundary is ``"constant"``.

    Returns
    -------
    Field
    """

    def read(rows: Index, columns: Index, out: NDArray[np.floating]) -> None:
        if isinstance(rows, np.ndarray) and isinstance(columns, np.ndarray):
            rows = rows[:, np.newaxis]
        out[...] = pixels[rows, columns]

    height, width, channels = pixels.shape
    outside = np.full(channels, _checked_fill(fill, dtype), dtype)
    ready = pixels.dtype == dtype and pixels.flags.c_contiguous and pixels.flags.aligned
    return Field(
        height,
        width,
        channels,
        read,
        boundary_name(boundary),
        outside,
        finite=pixels.dtype.kind in "bui" and bool(np.isfinite(outside).all()),
        samples=pixels.reshape(height, width * channels) if ready else None,
    )


def patches(field: Field, stencil: Stencil, stride: tuple[int, int]) -> Iterator[Patch]:
    """Cut the outputs of a field into patches, strips of a block of columns after strips."""
    rows = -(-field.height // stride[0])
    for block in column_blocks(field.width, field.channels, stride[1]):
        samples = (block[1] - block[0]) * stride[1] * field.channels
        target = strip_rows(stencil, samples)
        for strip in strips(0, rows, stencil.row_step, stride[0], target):
            yield Patch(strip, block, stride)


def threads_for(samples: int, threads: int | None) -> int:
    """Choose how many threads to use for so many samples, at most `threads` if that is given."""
    if threads is None:
        threads = available_threads()
    elif isinstance(threads, bool) or not isinstance(threads, (int, np.integer)):
        raise ArgumentError(f"threads must be a whole number (got {threads!r})")
    elif threads < 1:
        raise ArgumentError(f"threads must be at least 1 (got {threads})")
    return max(1, min(threads, samples // SAMPLES_PER_THREAD))


def _as_pixels(picture: NDArray[Any]) -> NDArray[Any]:
    """View an image as (H, W, C); a row of samples is an image one pixel high."""
    if picture.ndim not in (1, 2, 3) or 0 in picture.shape:
        raise ArgumentError(
            f"image of shape {picture.shape} cannot be filtered; "
            "want (N,), (H, W) or (H, W, C) with no side 0"
        )
    if picture.ndim == 1:
        picture = picture[np.newaxis]
    return picture if picture.ndim == 3 else picture[..., np.newaxis]


def _outer_shape(shape: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """Shape of a result for an image of so many axes."""
    return shape if ndim == 3 else shape[2 - ndim : 2]


def _as_kernel(kernel: Kernel | ArrayLike, *, flat: bool) -> Kernel:
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


def _pair(name: str, value: int | tuple[int, int], *, flat: bool, least: int) -> tuple[int, int]:
    """Read one whole number for both axes, or one for each."""
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


def _checked_fill(fill: float, dtype: np.dtype[np.floating]) -> float:
    try:
        value = float(fill)
    except (TypeError, ValueError):
        raise ArgumentError(f"fill must be a real number (got {fill!r})") from None
    if abs(value) != np.inf and abs(value) > float(np.finfo(dtype).max):
        raise ArgumentError(f"fill {value:g} does not fit into {dtype} samples")
    return value


def _checked_out(
    out: NDArray[np.floating], shape: tuple[int, ...], ndim: int, dtype: np.dtype[np.floating]
) -> NDArray[np.floating]:
    wanted = _outer_shape(shape, ndim)
    if not isinstance(out, np.ndarray) or out.shape != wanted or out.dtype != dtype:
        found = f"{out.dtype} {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
        raise ArgumentError(f"out must be a {dtype} array of shape {wanted} (got {found})")
    if not out.flags.writeable:
        raise ArgumentError("out is read-only; want a writable array")
    return out
