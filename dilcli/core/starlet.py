"""The starlet transform: a picture as details from fine to coarse, and a smooth residual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.arguments import as_pixels, outer_shape, response_dtype
from dilcli.core.levels import level_values
from dilcli.core.row_blocks import by_rows
from dilcli.core.scaling import scaling_taps
from dilcli.core.starlet_plan import plan_starlet
from dilcli.core.starlet_rows import plane_rows, rebuild
from dilcli.core.window import Window, whole
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    from dilcli.core.kernels import Kernel

__all__ = ["inverse_starlet", "iter_planes", "scaling_taps", "starlet"]


def starlet(
    image: ArrayLike,
    levels: int,
    *,
    kernel: Kernel | str | Sequence[float] = "b3",
    boundary: str = "reflect",
    fill: float = 0.0,
    generation: int = 1,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Transform an image into details and a residual by the algorithme à trous.

    ``c_0`` is the image; ``c_j = h_j * c_{j-1}`` along rows and columns, where ``h_j`` is the
    scaling function with dilation ``2**(j-1)``; the detail of level j is ``w_j = c_{j-1} - c_j``,
    and ``c_J`` is the residual. Channels are transformed alike and apart.

    Parameters
    ----------
    image : array_like of shape (N,), (H, W) or (H, W, C)
        bool, integer or floating-point samples, read as float64.
    levels : int
        J, the number of details, at least 1; level 1 is the finest. Any number on any size.
    kernel : Kernel or str or sequence of float, default "b3"
        The scaling function: symmetric, an odd number of taps, of sum 1; or the outer product of
        one with itself. See `dilcli.core.scaling.scaling_taps`.
    boundary : {"reflect", "mirror", "nearest", "wrap", "constant"}
        What stands outside the image, and outside each smooth. ``reflect`` and ``wrap`` conserve
        flux: every detail sums to 0.
    fill : float, default 0.0
        The sample outside where the boundary is ``"constant"``.
    generation : {1, 2}
        2: ``w_j = c_{j-1} - h_j * c_j``, whose synthesis filter is non-negative.
    threads : int, optional
        Threads to use, default one a processor. The result does not depend on it.

    Returns
    -------
    ndarray of shape (levels + 1, *image.shape)
        float64, in the units of the image: w_1 to w_J, then c_J. In generation 1 they sum to the
        image: exactly for whole numbers (bool and integers) if the kernel is non-negative, to
        rounding otherwise.

    Raises
    ------
    ArgumentError
        If a value, shape or sample type has no meaning here.
    KernelError
        If the kernel is no scaling function.

    See Also
    --------
    inverse_starlet : puts an image together from planes.

    Notes
    -----
    Holschneider et al. 1989; Shensa, IEEE Trans. Signal Process. 40, 1992. Both generations:
    Starck, Fadili & Murtagh, "The undecimated wavelet decomposition and its reconstruction",
    IEEE Trans. Image Process. 16, 2007. A NaN reaches all that reads it.

    Examples
    --------
    >>> planes = starlet([0, 0, 16, 0, 0], levels=1, boundary="zero")
    >>> planes.tolist()
    [[-1.0, -4.0, 10.0, -4.0, -1.0], [1.0, 4.0, 6.0, 4.0, 1.0]]
    >>> planes.sum(axis=0).tolist()
    [0.0, 0.0, 16.0, 0.0, 0.0]
    """
    settings: dict[str, Any] = {"kernel": kernel, "boundary": boundary, "fill": fill}
    picture = np.asarray(image)
    planes = iter_planes(picture, levels, **settings, generation=generation, threads=threads)
    first = next(planes)
    stack = np.empty((levels + 1, *first.shape))
    stack[0] = first
    del first
    for number in range(1, levels + 1):
        stack[number] = next(planes)
    return stack


def iter_planes(
    image: ArrayLike,
    levels: int,
    *,
    kernel: Kernel | str | Sequence[float] = "b3",
    boundary: str = "reflect",
    fill: float = 0.0,
    generation: int = 1,
    threads: int | None = None,
) -> Iterator[NDArray[np.float64]]:
    """Compute the planes of `starlet` one after another.

    Two smooths are held besides what the caller keeps, three in generation 2.

    Parameters
    ----------
    image, levels, kernel, boundary, fill, generation, threads
        As in `starlet`. What is wrong with them is said before the first plane is asked for.

    Returns
    -------
    iterator of ndarray of the shape of the image
        float64: w_1 to w_J, then c_J; they belong to the caller.

    Raises
    ------
    ArgumentError
        If a value, shape or sample type has no meaning here.
    KernelError
        If the kernel is no scaling function.
    """
    picture = np.asarray(image)
    response_dtype(picture)
    pixels = as_pixels(picture)
    settings: dict[str, Any] = {"kernel": kernel, "boundary": boundary, "fill": fill}
    wide = pixels.dtype.kind in "ui" and pixels.itemsize > 2
    plan = plan_starlet(
        picture.shape,
        picture.dtype,
        levels,
        **settings,
        generation=generation,
        span=(float(pixels.min()), float(pixels.max())) if wide else None,
    )
    rows = (0, plan.shape[0])
    shape = outer_shape(pixels.shape, picture.ndim)
    planes = plane_rows(plan, whole(pixels), rows, threads)
    return (plane.reshape(shape) for plane in planes)


def inverse_starlet(
    planes: Sequence[ArrayLike] | NDArray[Any],
    *,
    gains: float | Sequence[float] = (1.0,),
    residual_gain: float = 1.0,
    kernel: Kernel | str | Sequence[float] = "b3",
    boundary: str = "reflect",
    fill: float = 0.0,
    generation: int = 1,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """Put an image together from the planes of `starlet`.

    Parameters
    ----------
    planes : array_like of shape (levels + 1, *image.shape), or a sequence of such planes
        w_1 to w_J, then c_J.
    gains : float or sequence of float, default (1.0,)
        Factors of the details, level 1 first; the last one repeats over the levels that follow.
    residual_gain : float, default 1.0
        Factor of the residual; 0 removes the background.
    kernel, boundary, fill, generation
        As in `starlet`, and as they were there. They matter in generation 2 only.
    threads : int, optional
        Threads to use, default one a processor. The result does not depend on it.

    Returns
    -------
    ndarray of the shape of the image
        float64. Generation 1: ``sum over j of gain_j * w_j + residual_gain * c_J``. Generation 2:
        ``c_{j-1} = h_j * c_j + gain_j * w_j``, from ``residual_gain * c_J`` down to c_0.

    Raises
    ------
    ArgumentError
        If a value, shape or sample type has no meaning here.
    KernelError
        If the kernel is no scaling function.

    Notes
    -----
    Starck, Fadili & Murtagh 2007, as `starlet`. Level 1 alone with a gain above 1 is unsharp
    masking.

    Examples
    --------
    >>> planes = starlet([1, 1, 9, 1], levels=2)
    >>> inverse_starlet(planes).tolist()
    [1.0, 1.0, 9.0, 1.0]
    >>> inverse_starlet(planes, gains=(0, 1)).tolist() == (planes[1] + planes[2]).tolist()
    True
    """
    arrays = [np.asarray(plane) for plane in planes]
    if len(arrays) < 2 or len({plane.shape for plane in arrays}) > 1:
        shapes = sorted({plane.shape for plane in arrays})
        raise ArgumentError(
            f"{len(arrays)} planes of shapes {shapes} are no transform; "
            "want at least one detail and the residual, all of one shape"
        )
    levels = len(arrays) - 1
    factors = [
        *level_values("gain", gains, levels),
        *level_values("residual gain", residual_gain, 1),
    ]
    settings: dict[str, Any] = {"kernel": kernel, "boundary": boundary, "fill": fill}
    shape, ndim = as_pixels(arrays[0]).shape, arrays[0].ndim
    plan = plan_starlet(arrays[0].shape, np.float64, levels, **settings, generation=generation)

    def weighted() -> Iterator[Window]:
        for plane, factor in zip(arrays, factors, strict=True):
            response_dtype(plane)
            yield whole(_times(as_pixels(plane), factor, threads))

    return rebuild(plan, weighted(), threads).reshape(outer_shape(shape, ndim))


def _times(pixels: NDArray[Any], factor: float, threads: int | None) -> NDArray[np.float64]:
    product = np.empty(pixels.shape)

    def multiply(rows: slice) -> None:
        np.multiply(pixels[rows], factor, out=product[rows], dtype=np.float64)

    by_rows(multiply, product.shape, threads)
    return product
