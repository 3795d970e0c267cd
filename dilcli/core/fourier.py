"""Large dense kernels by the discrete Fourier transform, over a grid of tiles.

The sum over taps is a product of transforms (the correlation theorem; Oppenheim and Schafer,
"Discrete-Time Signal Processing", chapter 8), so its cost hardly grows with the kernel. An output
then depends on every sample of its tile, in its last bits: the tiles are therefore fixed by the
picture and the stencil alone, and no sample may be far larger than the others.
"""

from __future__ import annotations

from math import gcd, isfinite, log2, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dilcli.core.strips import Patch, even_pieces, strips

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dilcli.core.planes import Workspace
    from dilcli.core.stencil import Stencil
    from dilcli.core.strips import Field
    from dilcli.core.threads import Scratch

__all__ = ["is_bounded", "picked", "tile_rows", "tiles", "transform_planes"]

#: Rows and columns of a transform: at least, in kernels, so that its margins waste little, and at
#: most (but for a kernel of half that size), so that it stays in a core's cache.
LEAST = (128, 256)
KERNELS = 6
MOST = 512

#: Bytes of input samples that a tile aims at.
TILE_BYTES = 6 << 20


class _Mill(NamedTuple):
    """What is made once for all transforms of one size.

    Attributes
    ----------
    spacing : int
        Distance of the columns of taps: columns that far apart are a dense problem of their own.
    kernel : ndarray of shape (rows, columns // 2 + 1)
        Conjugate of the kernel's transform.
    samples : ndarray of shape (rows, columns)
        What is transformed, and the sums.
    spectra : pair of ndarrays of the shape of `kernel`
        Where transforms go; never in place, which NumPy would do by a copy.
    error : float
        Bound of the errors of the sums of samples up to 1.
    """

    spacing: int
    kernel: NDArray[np.complex128]
    samples: NDArray[np.float64]
    spectra: tuple[NDArray[np.complex128], NDArray[np.complex128]]
    error: float


def is_bounded(samples: np.dtype[Any], outside: float) -> bool:
    """Tell whether no sample can be so large that its rounding errors drown the others.

    Parameters
    ----------
    samples : dtype
        Of the picture.
    outside : float
        The sample that stands outside; NaN and infinities are summed apart.
    """
    small = samples.kind in "bui" and samples.itemsize <= 2
    return small and not 1 << 16 < abs(outside) < np.inf


def tile_rows(field: Field, stencil: Stencil) -> int:
    """Give the rows of outputs from one row of tiles to the next: whole rows of every phase."""
    reads, _ = _tile_size(stencil, field.channels)
    of_a_phase = -(-field.height // stencil.row_step)
    pieces = -(-of_a_phase // (reads - stencil.rows + 1))
    return -(-of_a_phase // pieces) * stencil.row_step


def tiles(
    field: Field, stencil: Stencil, stride: tuple[int, int], rows: tuple[int, int]
) -> Iterator[Patch]:
    """Cut outputs of a field into patches on the grid of tiles.

    Parameters
    ----------
    field, stencil
        What is filtered, with what.
    stride : tuple of int
        Input pixels from one output to the next: outputs between them are computed and left out.
    rows : tuple of int
        Output rows ``[first, last)``. Tiles that reach past them are computed whole.

    Yields
    ------
    Patch
    """
    reads, columns = _tile_size(stencil, field.channels)
    depth = tile_rows(field, stencil)
    start, stop = rows[0] * stride[0], (rows[1] - 1) * stride[0] + 1
    for top in range(start // depth * depth, stop, depth):
        bottom = min(top + depth, field.height)
        full = stride[0] == 1 and start <= top and bottom <= stop
        for strip in strips(top, bottom, stencil.row_step, 1, reads - stencil.rows + 1):
            together = max(reads // (strip.rows + stencil.rows - 1), 1) if full else 1
            for a, b in even_pieces(strip.phases, together):
                part = strip._replace(start=strip.start + a, phases=b - a)
                for block in even_pieces(field.width, columns):
                    whole = Patch(part, block, (1, 1))
                    if full and stride[1] == 1:
                        yield whole
                    else:
                        yield from _kept(whole, stride, None if full else rows)


def _kept(whole: Patch, stride: tuple[int, int], rows: tuple[int, int] | None) -> Iterator[Patch]:
    """Give the outputs of a tile that are outputs under a stride, in some rows, if there are any.

    Without `rows` all rows are kept; else the tile is of one phase.
    """
    strip = kept = whole.strip
    columns = tuple(-(-edge // stride[1]) for edge in whole.columns)
    if rows is not None:
        inside = [strip.start + j * strip.step for j in range(strip.rows)]
        wanted = [row // stride[0] for row in inside if row % stride[0] == 0]
        wanted = [row for row in wanted if rows[0] <= row < rows[1]]
        if not wanted:
            return
        step = strip.step // gcd(strip.step, stride[0])
        kept = strip._replace(start=wanted[0], rows=len(wanted), step=step)
    if columns[0] < columns[1]:
        yield Patch(kept, (columns[0], columns[1]), stride, whole)


def picked(patch: Patch, whole: Patch) -> tuple[slice, ...]:
    """Say which outputs of a tile are those of a patch under a stride."""
    (down, across), strip, tile = patch.stride, patch.strip, whole.strip
    first = (strip.start * down - tile.start) // tile.step
    step = strip.step * down // tile.step
    left = patch.columns[0] * across - whole.columns[0]
    return (
        slice(None),
        slice(first, first + (strip.rows - 1) * step + 1, step),
        slice(left, None, across),
    )


def _tile_size(stencil: Stencil, channels: int) -> tuple[int, int]:
    """Give the input rows of a phase and the output columns of a tile."""
    spacing, reach = _spacing(stencil)
    taps = reach // spacing + 1
    pixel = channels * stencil.dtype.itemsize
    reads = max(LEAST[0], min(KERNELS * stencil.rows, MOST), 2 * stencil.rows)
    columns = max(LEAST[1], min(KERNELS * taps, MOST), 2 * taps)
    width = min(columns * spacing, TILE_BYTES // (reads * pixel))
    width = max(width, 2 * reach, LEAST[1] // 2)
    reads = max(min(reads, TILE_BYTES // (width * pixel)), 2 * stencil.rows)
    return reads, width - reach


def _spacing(stencil: Stencil) -> tuple[int, int]:
    """Give the distance of the columns of taps, and that of the outermost ones."""
    left = min(stencil.columns)
    return gcd(*(c - left for c in stencil.columns)) or 1, max(stencil.columns) - left


def transform_planes(
    stencil: Stencil, patch: Patch, work: Workspace, scratch: Scratch, out: NDArray[np.floating]
) -> None:
    """Sum over all taps, phase by phase and channel by channel.

    Sums are taken in double precision, and rounded to whole multiples of a power of two above
    their errors: so zeros stay zeros, and sums of whole numbers are exact.

    Parameters
    ----------
    stencil, patch, work
        With what, where, the planes of all input samples.
    scratch : Scratch
        Memory of this thread.
    out : ndarray of shape (phases, rows, columns, channels)
        Where the sums go.
    """
    spacing, reach = _spacing(stencil)
    left = work.spans.first
    width = (patch.shape[2] - 1) * patch.stride[1] + 1
    planes = work.planes[:, :, left : left + width + reach]
    size = (
        _fast(planes.shape[1]),
        _fast(-(-width // spacing) + reach // spacing),
    )
    mill = scratch.keep((id(stencil), "fourier", size), lambda: _set_up(stencil, size))
    for phase, channel in np.ndindex(out.shape[0], out.shape[3]):
        samples, sums = planes[phase, ..., channel], out[phase, ..., channel]
        peak = max(float(samples.max()), -float(samples.min()))
        if not isfinite(peak):
            sums.fill(np.nan)
        elif patch.stride[1] == 1:
            _transform(samples, peak, mill, sums)
        else:
            every = np.empty((sums.shape[0], width), sums.dtype)
            _transform(samples, peak, mill, every)
            sums[...] = every[:, :: patch.stride[1]]


def _set_up(stencil: Stencil, size: tuple[int, int]) -> _Mill:
    """Transform the kernel. Taps that stand on one column are added."""
    spacing, _ = _spacing(stencil)
    left = min(stencil.columns)
    table = np.zeros(size)
    for j, column in enumerate(stencil.columns):
        table[: stencil.rows, (column - left) // spacing] += stencil.weights[:, j]
    kernel = np.conj(np.fft.rfft2(table))
    # Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, theorem 24.2: a
    # transform is wrong by a few log2(n) roundings of its 2-norm.
    count = size[0] * size[1]
    rounding = float(np.finfo(np.float64).eps) * 2 * (log2(count) + 1)
    error = rounding * sqrt(count) * float(np.linalg.norm(table))
    return _Mill(spacing, kernel, table, (np.zeros_like(kernel), np.zeros_like(kernel)), error)


def _transform(
    samples: NDArray[np.floating], peak: float, mill: _Mill, out: NDArray[np.floating]
) -> None:
    """Sum over all taps of one phase of rows and one channel."""
    (reads, _), (rows, columns) = samples.shape, out.shape
    if peak == 0 or mill.error == 0:
        out.fill(0)
        return
    # Adding a number this large rounds to multiples of the power of two above the error.
    shift = 1.5 * 2.0 ** (52 + np.ceil(log2(peak * mill.error)))
    table, length = mill.samples, mill.samples.shape[1]
    spectrum, other = mill.spectra
    for start in range(min(mill.spacing, columns)):
        part = samples[:, start :: mill.spacing]
        table[:reads, : part.shape[1]] = part
        table[:reads, part.shape[1] :] = 0
        np.fft.rfft(table[:reads], axis=1, out=spectrum[:reads])
        spectrum[reads:] = 0
        np.fft.fft(spectrum, axis=0, out=other)
        np.multiply(other, mill.kernel, out=other)
        np.fft.ifft(other, axis=0, out=spectrum)
        kept = out[:, start :: mill.spacing]
        sums = np.fft.irfft(spectrum[:rows], n=length, axis=1, out=table[:rows])
        sums = sums[:, : kept.shape[1]]
        np.add(sums, shift, out=sums)
        np.subtract(sums, shift, out=kept, casting="same_kind")


def _fast(least: int) -> int:
    """Give the smallest length with no prime factor above 5."""
    length = least
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 1
