"""What the engine is held against: loops over samples and taps, with nothing clever in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def sample_outside(row: Sequence[float], i: int, boundary: str, fill: float) -> float:
    """Walk to a position one step at a time, as the boundary's picture is drawn."""
    n = len(row)
    if boundary == "constant":
        return row[i] if 0 <= i < n else fill
    if boundary == "nearest":
        return row[max(0, min(n - 1, i))]
    if boundary == "wrap":
        while i < 0:
            i += n
        while i >= n:
            i -= n
        return row[i]
    while not 0 <= i < n:
        if boundary == "reflect":
            i = -1 - i if i < 0 else 2 * n - 1 - i
        elif n == 1:
            i = 0
        else:
            i = -i if i < 0 else 2 * n - 2 - i
    return row[i]


def loops(
    image: NDArray[np.generic],
    weights: NDArray[np.generic],
    *,
    dilation: tuple[int, int] = (1, 1),
    boundary: str = "reflect",
    fill: float = 0.0,
    stride: tuple[int, int] = (1, 1),
    origin: tuple[int, int] | None = None,
    convolve: bool = False,
) -> NDArray[np.float64]:
    """Correlate one channel (H, W) by four loops in float64; zero weights read nothing."""
    height, width = image.shape
    oy, ox = origin or (weights.shape[0] // 2, weights.shape[1] // 2)
    sign = -1 if convolve else 1
    index = np.arange(width, dtype=float).tolist()
    index_rows = np.arange(height, dtype=float).tolist()
    out = np.zeros((-(-height // stride[0]), -(-width // stride[1])))
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            total = 0.0
            for i in range(weights.shape[0]):
                for j in range(weights.shape[1]):
                    if weights[i, j] == 0:
                        continue
                    yy = y * stride[0] + sign * (i - oy) * dilation[0]
                    xx = x * stride[1] + sign * (j - ox) * dilation[1]
                    at_y = sample_outside(index_rows, yy, boundary, -1)
                    at_x = sample_outside(index, xx, boundary, -1)
                    outside = min(at_y, at_x) < 0
                    sample = fill if outside else float(image[int(at_y), int(at_x)])
                    total += float(weights[i, j]) * sample
            out[y, x] = total
    return out
