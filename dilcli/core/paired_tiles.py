"""Two pictures of one shape, measured tile by tile: what is made of a tile stays in the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from dilcli.core.strips import even_pieces
from dilcli.core.threads import spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dilcli.core.threads import Scratch

__all__ = ["over_tiles"]

Value = TypeVar("Value")

#: Rows of a tile, and samples of a row of it: ten arrays of that size stay in a core's cache.
ROWS, SAMPLES = 48, 1024


def over_tiles(
    measure: Callable[[NDArray[np.floating], NDArray[np.floating], Scratch], Value],
    reference: NDArray[np.floating],
    other: NDArray[np.floating],
    *,
    threads: int,
    centres: tuple[float, float] = (0.0, 0.0),
    margin: int = 0,
) -> list[Value]:
    """Measure every tile of two pictures.

    The tiles follow from the shape alone, so that no number of threads changes a result.

    Parameters
    ----------
    measure : callable
        Takes the samples of a tile of each picture, C-contiguous float64 arrays of shape
        (rows, columns * C) that it may overwrite, and the scratch of its thread, in which the
        names "reference" and "other" are taken.
    reference, other : ndarray of shape (H, W, C)
        Real samples.
    threads : int
        At least 1.
    centres : pair of float
        What is subtracted from the samples of each picture.
    margin : int
        Rows and columns by which a tile reaches into the next ones, less than H and W. Without
        their margins, the tiles cover the first H - margin rows and W - margin columns.

    Returns
    -------
    list
        What was measured, tile by tile in reading order.
    """
    height, width, channels = reference.shape
    grid = [
        (slice(top, bottom + margin), slice(left, right + margin))
        for top, bottom in even_pieces(height - margin, ROWS)
        for left, right in even_pieces(width - margin, max(SAMPLES // channels, 1))
    ]
    values: dict[int, Value] = {}

    def work(job: tuple[int, tuple[slice, slice]], scratch: Scratch) -> None:
        number, tile = job
        samples = []
        for name, picture, centre in zip(
            ("reference", "other"), (reference, other), centres, strict=True
        ):
            part = picture[tile]
            own = scratch.array(name, part.shape, np.dtype(np.float64))
            np.subtract(part, centre, out=own, dtype=np.float64)
            samples.append(own.reshape(len(own), -1))
        values[number] = measure(samples[0], samples[1], scratch)

    spread(work, enumerate(grid), threads)
    return [values[number] for number in range(len(grid))]
