"""The effective receptive field in the plane: how much each input pixel weighs in one output.

Weights are uniform: a window is the mean of what it reads, a meeting the mean of its branches;
max-pooling counts as a mean. The way is back from one output to the input, in the cells of each
node, so that phases after upsampling need no care of their own.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dilcli.core.receptive.network import PICTURE, Merge
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dilcli.core.receptive.fields import ReceptiveField
    from dilcli.core.receptive.windows import Window

__all__ = ["field_heat"]

Pair = tuple[int, int]


class _Patch(NamedTuple):
    """Weights of the cells of one node, from the cell with this row and column on."""

    first: Pair
    weights: NDArray[np.float64]


def field_heat(
    result: ReceptiveField, index: int, output: Pair = (0, 0)
) -> tuple[Pair, NDArray[np.float64]]:
    """Weigh the input pixels that one output of a node sees.

    Parameters
    ----------
    result : ReceptiveField
        Of a network of 1 or 2 axes, or 3, of which the first is summed over.
    index : int
        Of a node that does not see the whole input.
    output : (int, int)
        Row and column of the output; the row is 0 in a network of 1 axis.

    Returns
    -------
    first : (int, int)
        Row and column of the input pixel that the first weight belongs to.
    weights : ndarray of float64, shape (H, W)
        They sum to 1.

    Raises
    ------
    ArgumentError
        If the output sees nothing, as some do after a transposed convolution whose stride exceeds
        its kernel.
    """
    if not _branched(result, index):
        rows, columns = (_seen(result, index, output, (axis,)) for axis in (0, 1))
        first = (rows.first[0], columns.first[1])
        return _trimmed(_Patch(first, rows.weights @ columns.weights))
    return _trimmed(_seen(result, index, output, (0, 1)))


def _branched(result: ReceptiveField, index: int) -> bool:
    """Tell whether branches meet on the way to a node; else it is a product of two lines."""
    while index != PICTURE:
        node = result.network.nodes[index]
        if isinstance(node.layer, Merge):
            return True
        (index,) = node.inputs
    return False


def _seen(result: ReceptiveField, index: int, output: Pair, axes: tuple[int, ...]) -> _Patch:
    """Go back from one output to the input, along rows (0) or columns (1) or both."""
    # Where paddings are unknown, branches meet after moves in pixels of the input, which need be
    # no whole cells: patches with different moves stay apart until they are in the input.
    waiting = {index: {(0, 0): _Patch(output, np.ones((1, 1)))}}
    for at in range(index, PICTURE, -1):
        for moved, patch in waiting.pop(at, {}).items():
            for source, by, read in _inputs(result, at, patch, axes):
                places = waiting.setdefault(source, {})
                move = (moved[0] + by[0], moved[1] + by[1])
                places[move] = _sum(places[move], read) if move in places else read
    patches = [
        _Patch((patch.first[0] + move[0], patch.first[1] + move[1]), patch.weights)
        for move, patch in waiting[PICTURE].items()
    ]
    whole = patches[0]
    for patch in patches[1:]:
        whole = _sum(whole, patch)
    return whole


def _inputs(
    result: ReceptiveField, at: int, patch: _Patch, axes: tuple[int, ...]
) -> Iterator[tuple[int, Pair, _Patch]]:
    """Tell what a patch of a node's outputs reads of each of its inputs, and how that is moved."""
    node, state = result.network.nodes[at], result.states[at]
    if not isinstance(node.layer, Merge):
        read = patch
        for axis, taps in zip((1, 0), reversed(state.windows), strict=False):
            read = _read(read, taps, axis) if axis in axes else read
        yield node.inputs[0], (0, 0), read
        return
    sources = [source for source in node.inputs if result.states[source].axes]
    share = _Patch(patch.first, patch.weights / len(sources))
    for source, shift in zip(sources, state.shifts, strict=True):
        rows, columns = (0, *shift)[-2:]
        yield source, (rows, columns), share


def _read(patch: _Patch, taps: Window, axis: int) -> _Patch:
    """Go back through one axis of a layer."""
    first, weights = patch.first[axis], np.moveaxis(patch.weights, axis, 0)
    read = _gathered if taps.transposed else _scattered
    first, weights = read(first, weights, taps)
    firsts = (patch.first[0], first) if axis else (first, patch.first[1])
    return _Patch(firsts, np.moveaxis(weights, 0, axis))


def _scattered(
    first: int, weights: NDArray[np.float64], taps: Window
) -> tuple[int, NDArray[np.float64]]:
    """Spread each output's weight evenly over the inputs of its window."""
    if taps.stride > 1:
        apart = np.zeros(((len(weights) - 1) * taps.stride + 1, weights.shape[1]))
        apart[:: taps.stride] = weights
        weights = apart
    spread = _comb(weights / taps.kernel, taps.kernel, taps.dilation)
    return first * taps.stride - taps.before, spread


def _comb(weights: NDArray[np.float64], copies: int, step: int) -> NDArray[np.float64]:
    """Sum copies that stand `step` rows apart, by doubling."""
    if copies == 1:
        return weights
    half = _comb(weights, copies // 2, step)
    out = np.zeros((len(weights) + (copies - 1) * step, weights.shape[1]))
    out[: len(half)] = half
    at = copies // 2 * step
    out[at : at + len(half)] += half
    if copies % 2:
        out[len(out) - len(weights) :] += weights
    return out


def _gathered(
    first: int, weights: NDArray[np.float64], taps: Window
) -> tuple[int, NDArray[np.float64]]:
    """Spread each output's weight over the inputs whose transposed windows hold it."""
    stride, begin = taps.stride, first + taps.before
    steps = [(tap * taps.dilation, taps.weight(tap)) for tap in range(taps.kernel)]
    whole = Counter[int]()
    for step, weight in steps:
        whole[step % stride] += weight
    parts = []
    for step, weight in steps:
        # From the first output whose distance to this tap is a whole number of strides.
        skip = (step - begin) % stride
        if skip < len(weights):
            share = weights[skip::stride] * (weight / whole[step % stride])
            parts.append(((begin + skip - step) // stride, share))
    if not parts:
        return begin // stride, np.zeros((1, weights.shape[1]))
    low = min(at for at, _ in parts)
    out = np.zeros((max(at + len(rows) for at, rows in parts) - low, weights.shape[1]))
    for at, rows in parts:
        out[at - low : at - low + len(rows)] += rows
    return low, out


def _trimmed(patch: _Patch) -> _Patch:
    """Leave out rows and columns at the edges that nothing is read of, and make the sum 1."""
    if not patch.weights.any():
        raise ArgumentError("this output sees nothing")
    rows, columns = (np.flatnonzero(patch.weights.any(axis=axis)) for axis in (1, 0))
    (top, left), (bottom, right) = (rows[0], columns[0]), (rows[-1] + 1, columns[-1] + 1)
    weights = patch.weights[top:bottom, left:right]
    first = (patch.first[0] + int(top), patch.first[1] + int(left))
    return _Patch(first, weights / weights.sum())


def _sum(one: _Patch, other: _Patch) -> _Patch:
    """Add two patches of one node, each at its place."""
    top, left = (min(pair) for pair in zip(one.first, other.first, strict=True))
    bottom, right = (
        max(a + n, b + m)
        for a, n, b, m in zip(
            one.first, one.weights.shape, other.first, other.weights.shape, strict=True
        )
    )
    out = np.zeros((bottom - top, right - left))
    for (row, column), weights in (one, other):
        height, width = weights.shape
        out[row - top : row - top + height, column - left : column - left + width] += weights
    return _Patch((top, left), out)
