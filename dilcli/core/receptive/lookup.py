"""Which pixels one output sees, and which outputs see one pixel."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from dilcli.core.receptive.axis import moved
from dilcli.core.receptive.holes import count_union
from dilcli.core.receptive.reached import outputs_reached, pixels_reached
from dilcli.core.receptive.warnings import node_name
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.receptive.axis import Axis, Number
    from dilcli.core.receptive.fields import ReceptiveField
    from dilcli.core.receptive.states import State

__all__ = ["Cell", "Pixel", "cell", "pixel"]

Span = tuple["Number", "Number"]

#: More outputs along an axis are not looked at one by one.
_MAX_OUTPUTS = 2**20


class Cell(NamedTuple):
    """What one output sees.

    Attributes
    ----------
    box : tuple of (int, int)
        First and last pixel along each axis, inclusive; pixels below 0 are padding. An empty
        box, of an output that sees nothing, has last = first - 1.
    clipped : tuple of (int, int), optional
        The part of it inside the input; None where that is empty or the input's size is unknown.
    lost : tuple of (int, int), optional
        Pixels of the box before and after the input; None where its size is unknown.
    reached : tuple of (int, int), optional
        First and last pixel that the output really depends on: where a layer between ends early
        its padding takes the place of pixels that the box still holds. None where there is none
        or the input's size is unknown.
    """

    box: tuple[Span, ...]
    clipped: tuple[Span, ...] | None
    lost: tuple[Span, ...] | None
    reached: tuple[tuple[int, int], ...] | None


class Pixel(NamedTuple):
    """Which outputs see one pixel.

    Attributes
    ----------
    outputs : tuple of (int, int), optional
        First and last along each axis, inclusive; None if there are none.
    number : int, optional
        How many of them see it; fewer than the box has where there are holes. None where there
        are too many branches to count.
    """

    outputs: tuple[tuple[int, int], ...] | None
    number: int | None


def cell(result: ReceptiveField, position: Sequence[int], index: int | None = None) -> Cell:
    """Tell which pixels of the input an output sees.

    Parameters
    ----------
    result : ReceptiveField
    position : sequence of int
        The output's index along each axis, from 0.
    index : int, optional
        Of the node. Default: the one that was summed up.

    Raises
    ------
    ArgumentError
        If there is no such output, or padding or the size of what is wholly seen is unknown.
    """
    index = result.at if index is None else index
    state = _positioned(result, position, index)
    if state.size is not None and any(p >= n for p, n in zip(position, state.size, strict=True)):
        last = ",".join(str(n - 1) for n in state.size)
        raise ArgumentError(
            f"there is no output {_text(position)}: they go from {_text([0] * len(position))} "
            f"to {last}"
        )
    sizes = result.input_size
    if state.whole and sizes is not None:
        everything = tuple((0, size - 1) for size in sizes)
        return Cell(everything, everything, ((0, 0),) * len(sizes), everything)
    sights = [axis.at(p) for axis, p in zip(state.axes, position, strict=True)]
    box = tuple((sight.first, sight.last) for sight in sights)
    if sizes is None:
        return Cell(box, None, None, None)
    seen = [pixels_reached(result, axis, index, at) for axis, at in enumerate(position)]
    inside = tuple(
        (max(first, 0), min(last, size - 1)) for (first, last), size in zip(box, sizes, strict=True)
    )
    lost = tuple(
        (max(min(last + 1, 0) - first, 0), max(last - max(first, size) + 1, 0))
        for (first, last), size in zip(box, sizes, strict=True)
    )
    empty = any(last < first for first, last in inside)
    reached = tuple((min(pixels), max(pixels)) for pixels in seen) if all(seen) else None
    return Cell(box, None if empty else inside, lost, reached)


def pixel(result: ReceptiveField, position: Sequence[int], index: int | None = None) -> Pixel:
    """Tell which outputs see a pixel of the input.

    Parameters
    ----------
    result : ReceptiveField
        Outputs are counted from 0. Where the input's size is known they end at the last one, and
        those are left out that the pixel does not reach because a layer between ends before it.
    position : sequence of int
        The pixel's index along each axis, from 0.
    index : int, optional
        Of the node. Default: the one that was summed up.

    Raises
    ------
    ArgumentError
        If there is no such pixel, or padding or the size of what is wholly seen is unknown.
    """
    index = result.at if index is None else index
    state = _positioned(result, position, index)
    size = result.input_size
    if size is not None and any(p >= n for p, n in zip(position, size, strict=True)):
        last = ",".join(str(n - 1) for n in size)
        raise ArgumentError(f"there is no pixel {_text(position)}: the last one is {last}")
    if state.whole and state.size is not None:
        return Pixel(tuple((0, n - 1) for n in state.size), prod(state.size))
    sizes = state.size or (None,) * len(position)
    reached = [
        None if size is None else outputs_reached(result, axis, index, at)
        for axis, at in enumerate(position)
    ]
    ways = [
        [
            _outputs(axis, at, n) if real is None else _outputs(axis, at, n) & real
            for axis, at, n, real in zip(path, position, sizes, reached, strict=True)
        ]
        for path in state.paths or (state.axes,)
    ]
    ways = [way for way in ways if all(way)]
    if not ways:
        return Pixel(None, 0)
    spans, lows = [], []
    for found in zip(*ways, strict=True):
        everyone = set().union(*found)
        lows.append(min(everyone))
        spans.append((min(everyone), max(everyone)))
    masks = [
        [sum(1 << (output - low) for output in found) for found, low in zip(way, lows, strict=True)]
        for way in ways
    ]
    return Pixel(tuple(spans), count_union(masks) if state.paths else None)


def _positioned(result: ReceptiveField, position: Sequence[int], index: int) -> State:
    """Check that positions have a meaning at a node."""
    state = result.states[index]
    name = node_name(result.network, index)
    if len(position) != result.network.axes or min(position) < 0:
        raise ArgumentError(
            f"position {_text(position)} must be {result.network.axes} numbers of at least 0"
        )
    if state.whole and result.input_size is None:
        raise ArgumentError(f"{name} sees the whole input; its size is not given")
    if state.whole:
        return state
    if any(state.unknown):
        raise ArgumentError(f"the padding of {name} depends on the input's size; give it")
    return state


def _outputs(axis: Axis, at: int, size: int | None) -> set[int]:
    """Find the outputs along one axis that see a pixel."""
    found = set()
    for phase, sight in enumerate(axis.sights):
        if sight.last < sight.first:
            continue
        low, high = -((sight.last - at) // axis.period), (at - sight.first) // axis.period
        if high - low > _MAX_OUTPUTS:
            raise ArgumentError(f"more than {_MAX_OUTPUTS} outputs see that pixel")
        for turn in range(int(low), int(high) + 1):
            output = turn * len(axis.sights) + phase
            inside = moved(sight, turn * axis.period)
            seen = sight.mask is None or sight.mask >> int(at - inside.first) & 1
            if output >= 0 and (size is None or output < size) and seen:
                found.add(output)
    return found


def _text(position: Sequence[int]) -> str:
    return ",".join(map(str, position))
