"""Dilated correlation of arrays: the public face of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dilcli.core.arguments import (
    as_kernel,
    as_pair,
    as_pixels,
    checked_fill,
    checked_out,
    outer_shape,
    response_dtype,
)
from dilcli.core.boundary import boundary_name
from dilcli.core.compiled import is_stored
from dilcli.core.cutting import patches
from dilcli.core.fourier import is_bounded
from dilcli.core.respond import respond
from dilcli.core.stencil import Method, place
from dilcli.core.strips import Field, Patch, rows_of
from dilcli.core.threads import Scratch, available_threads, spread
from dilcli.core.window import whole
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from dilcli.core.kernels import Kernel
    from dilcli.core.strips import Index
    from dilcli.core.window import Window

__all__ = [
    "array_field",
    "correlate",
    "correlate_by",
    "threads_for",
]

#: Below this many samples a second thread costs more than it saves.
SAMPLES_PER_THREAD = 1 << 18


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
    method : {"direct", "dense", "shared", "separable", "fourier"} or None
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
    pixels = as_pixels(picture)
    strides = as_pair("stride", stride, flat=flat, least=1)
    field = array_field(whole(pixels), dtype, boundary=boundary, fill=fill)
    stencil = place(
        as_kernel(kernel, flat=flat),
        width=field.width,
        dtype=dtype,
        dilation=as_pair("dilation", dilation, flat=flat, least=1),
        origin=None if origin is None else as_pair("origin", origin, flat=flat, least=0),
        convolve=convolve,
        boundary=field.boundary,
        method=method,
        bounded=is_bounded(pixels.dtype, float(field.fill[0])),
    )
    size = tuple(-(-n // s) for n, s in zip(pixels.shape[:2], strides, strict=True))
    shape = (*size, field.channels)
    result = np.empty(shape, dtype)
    given = None if out is None else checked_out(out, shape, picture.ndim, dtype)
    if given is not None and given.flags.c_contiguous and not np.may_share_memory(given, pixels):
        result = given.reshape(shape)

    def fill_patch(patch: Patch, scratch: Scratch) -> None:
        rows = rows_of(result, patch.strip, slice(*patch.columns))
        respond(field, stencil, patch, scratch, out=rows)

    cuts = patches(field, stencil, strides, streamed=True)
    spread(fill_patch, cuts, threads_for(result.size, threads))
    answer = result.reshape(outer_shape(shape, picture.ndim))
    if given is None:
        return answer
    if not np.may_share_memory(given, answer):
        given[...] = answer
    return given


def array_field(
    window: Window, dtype: np.dtype[np.floating], *, boundary: str, fill: float
) -> Field:
    """Describe an array in memory as what is to be filtered.

    Parameters
    ----------
    window : Window
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
        places = window.places(rows)
        if isinstance(places, np.ndarray) and isinstance(columns, np.ndarray):
            places = places[:, np.newaxis]
        out[...] = pixels[places, columns]

    pixels = window.pixels
    _, width, channels = pixels.shape
    outside = np.full(channels, checked_fill(fill, dtype), dtype)
    return Field(
        window.height,
        width,
        channels,
        read,
        boundary_name(boundary),
        outside,
        finite=pixels.dtype.kind in "bui" and bool(np.isfinite(outside).all()),
        stored=window if is_stored(window) else None,
    )


def threads_for(samples: int, threads: int | None) -> int:
    """Choose how many threads to use for so many samples, at most `threads` if that is given."""
    if threads is None:
        threads = available_threads()
    elif isinstance(threads, bool) or not isinstance(threads, (int, np.integer)):
        raise ArgumentError(f"threads must be a whole number (got {threads!r})")
    elif threads < 1:
        raise ArgumentError(f"threads must be at least 1 (got {threads})")
    return max(1, min(threads, samples // SAMPLES_PER_THREAD))
