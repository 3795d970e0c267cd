"""Down and up again: the lattice of samples that are kept, and what is put between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from dilcli.core.boundary import source_index
from dilcli.core.threads import available_threads, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.boundary import Boundary
    from dilcli.core.threads import Scratch

__all__ = [
    "ALIGNMENTS",
    "UPSAMPLINGS",
    "Alignment",
    "Upsampling",
    "decimate",
    "lattice",
    "upsample",
]

Pair = tuple[int, int]
Upsampling = Literal["implant", "nearest", "bilinear", "bicubic"]
Alignment = Literal["samples", "half-pixel"]

UPSAMPLINGS: tuple[Upsampling, ...] = get_args(Upsampling)
ALIGNMENTS: tuple[Alignment, ...] = get_args(Alignment)

#: Rows made together: what is worked on stays in a core's cache.
_ROWS = 32


class _Mix(NamedTuple):
    """For each output along an axis, the samples it mixes and how: both (taps, outputs)."""

    source: NDArray[np.intp]
    weight: NDArray[np.floating]


def lattice(rate: Pair, phase: Pair = (0, 0)) -> tuple[slice, slice]:
    """Give the rows and columns that are kept when every `rate`-th one is."""
    return slice(phase[0], None, rate[0]), slice(phase[1], None, rate[1])


def decimate(
    pixels: NDArray[np.floating],
    rate: Pair,
    phase: Pair,
    *,
    margin: tuple[Pair, Pair],
    boundary: Boundary,
    fill: float,
) -> NDArray[np.floating]:
    """Keep every `rate`-th row and column of an image that goes on past its edges.

    It is what is left of the image padded at full size: samples outside are those of the full
    image, which a boundary of the small one would not give.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C)
    rate : (int, int)
    phase : (int, int)
        The first row and column that is kept; below `rate` and inside the image.
    margin : ((int, int), (int, int))
        Kept rows above and below, and kept columns left and right of the image.
    boundary : str
    fill : float
        The sample outside where the boundary is ``"constant"``.

    Returns
    -------
    ndarray of shape (h, w, C)
        ``h = margin[0][0] + ceil((H - phase[0]) / rate[0]) + margin[0][1]``, w alike.
    """
    rows, columns = (
        source_index(
            np.arange(-before, -(-(length - start) // step) + after, dtype=np.intp) * step + start,
            length,
            boundary,
        )
        for (before, after), length, step, start in zip(
            margin, pixels.shape, rate, phase, strict=False
        )
    )
    kept: NDArray[np.floating] = pixels[rows[:, np.newaxis], columns]
    kept[rows < 0] = fill
    kept[:, columns < 0] = fill
    return kept


def upsample(
    samples: NDArray[np.floating],
    shape: Pair,
    rate: Pair,
    way: Upsampling,
    align: Alignment = "samples",
) -> NDArray[np.floating]:
    """Bring a reduced image back to full size.

    Parameters
    ----------
    samples : ndarray of shape (h, w, C)
        float32 or float64; ``h = ceil(H / rate[0])``, ``w = ceil(W / rate[1])``.
    shape : (int, int)
        H and W.
    rate : (int, int)
    way : {"implant", "nearest", "bilinear", "bicubic"}
        ``implant`` leaves zeros between the samples, ``nearest`` repeats each one, ``bicubic`` is
        the cubic spline through all of them. Past the last sample it is repeated.
    align : {"samples", "half-pixel"}
        Where sample i stands: at pixel ``i * rate``, from where it was taken, or in the middle of
        its block, where ``align_corners=False`` of PyTorch and OpenCV's resize put it.

    Returns
    -------
    ndarray of shape (H, W, C)
        Of the samples' type. Aligned at the samples it has their very bits there.
    """
    if way == "nearest":
        below, right = (np.arange(n) // step for n, step in zip(shape, rate, strict=True))
        return samples[below[:, np.newaxis], right]
    whole = np.zeros((*shape, samples.shape[2]), samples.dtype)
    if way != "implant":
        nodes = samples if way == "bilinear" else _spline_nodes(samples)
        rows, columns = (
            _mix(_positions(length, step, align).clip(0, count - 1), count, way, samples.dtype)
            for length, step, count in zip(shape, rate, samples.shape, strict=False)
        )
        _interpolate(nodes, rows, columns, whole)
    if way == "implant" or align == "samples":
        whole[lattice(rate)] = samples
    return whole


def _spline_nodes(samples: NDArray[np.floating]) -> NDArray[np.floating]:
    """Find the B-spline's coefficients, whose spline runs through the samples."""
    from scipy import ndimage

    nodes = samples.astype(np.float64)
    for axis in range(2):
        if nodes.shape[axis] > 1:
            nodes = ndimage.spline_filter1d(nodes, 3, axis, mode="mirror")
    return nodes.astype(samples.dtype, copy=False)


def _positions(length: int, step: int, align: Alignment) -> NDArray[np.float64]:
    """Where each pixel falls among the samples."""
    pixels = np.arange(length, dtype=np.float64)
    return pixels / step if align == "samples" else (pixels + 0.5) / step - 0.5


def _mix(
    at: NDArray[np.float64], count: int, way: Upsampling, dtype: np.dtype[np.floating]
) -> _Mix:
    below = np.minimum(at.astype(np.intp), max(count - 2, 0))
    part = at - below
    if way == "bilinear":
        weights, first = [1 - part, part], 0
    else:
        # The cubic B-spline's four pieces (de Boor 1978), on the samples around.
        rest = 1 - part
        weights = [
            rest**3 / 6,
            (4 - 6 * part**2 + 3 * part**3) / 6,
            (4 - 6 * rest**2 + 3 * rest**3) / 6,
            part**3 / 6,
        ]
        first = -1
    taps = np.arange(first, first + len(weights), dtype=np.intp)[:, np.newaxis]
    return _Mix(source_index(below + taps, count, "mirror"), np.array(weights, dtype))


def _interpolate(
    nodes: NDArray[np.floating], rows: _Mix, columns: _Mix, whole: NDArray[np.floating]
) -> None:
    def fill(first: int, _: Scratch) -> None:
        block = slice(first, first + _ROWS)
        down = rows.weight[:, block, np.newaxis, np.newaxis]
        lines = sum(w * nodes[i] for w, i in zip(down, rows.source[:, block], strict=True))
        out = whole[block]
        across = columns.weight[:, :, np.newaxis]
        for weight, source in zip(across, columns.source, strict=True):
            out += lines.take(source, axis=1) * weight

    spread(fill, range(0, len(whole), _ROWS), available_threads())
