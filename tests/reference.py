"""What the engine is held against: loops over samples and taps, with nothing clever in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    samples = image.astype(np.float64).tolist()
    across, along = list(range(width)), list(range(height))
    taps = [
        (sign * (i - oy) * dilation[0], sign * (j - ox) * dilation[1], float(weights[i, j]))
        for i in range(weights.shape[0])
        for j in range(weights.shape[1])
        if weights[i, j] != 0
    ]
    out = np.zeros((-(-height // stride[0]), -(-width // stride[1])))
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            total = 0.0
            for dy, dx, weight in taps:
                at_y = int(sample_outside(along, y * stride[0] + dy, boundary, -1))
                at_x = int(sample_outside(across, x * stride[1] + dx, boundary, -1))
                total += weight * (fill if min(at_y, at_x) < 0 else samples[at_y][at_x])
            out[y, x] = total
    return out


def loops_by_channel(
    image: NDArray[np.generic], weights: NDArray[np.generic], **settings: Any
) -> NDArray[np.float64]:
    """Correlate (H, W, C) channel by channel."""
    channels = range(image.shape[2])
    return np.stack([loops(image[..., c], weights, **settings) for c in channels], axis=-1)


def spread_out(weights: NDArray[Any], dilation: tuple[int, int]) -> NDArray[Any]:
    """Spell a dilated kernel as a dense one, with zeros in the holes."""
    rows, columns = weights.shape
    dense = np.zeros(((rows - 1) * dilation[0] + 1, (columns - 1) * dilation[1] + 1), weights.dtype)
    dense[:: dilation[0], :: dilation[1]] = weights
    return dense
