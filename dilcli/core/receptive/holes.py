"""Holes: which pixels inside a receptive field are seen at all."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from math import gcd, prod
from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dilcli.core.receptive.axis import Axis, Sight
    from dilcli.core.receptive.fields import ReceptiveField
    from dilcli.core.receptive.states import State

__all__ = ["count_union", "coverage", "gap", "lattice", "tap_rows"]

#: More combinations of phases and paths than this are not counted.
_MAX_COUNTS = 2**16


def count_union(products: Sequence[Sequence[int]]) -> int:
    """Count the pixels in a union of products of bit masks.

    Parameters
    ----------
    products : sequence of sequence of int
        For each product one mask an axis; bit i of every mask on an axis is the same pixel.

    Examples
    --------
    Two crossing lines, three pixels each:

    >>> count_union([(0b010, 0b111), (0b111, 0b010)])
    5
    """
    if not products:
        return 0
    if len(products[0]) == 1:
        joined = 0
        for (mask,) in products:
            joined |= mask
        return joined.bit_count()
    # Rows that lie in the same products are counted together.
    classes: dict[tuple[int, ...], int] = {(): -1}
    for number, masks in enumerate(products):
        split: dict[tuple[int, ...], int] = {}
        for members, rows in classes.items():
            inside = rows & masks[0]
            outside = rows & ~masks[0]
            if inside:
                split[(*members, number)] = inside
            if outside:
                split[members] = outside
        classes = split
    return sum(
        rows.bit_count() * count_union([products[i][1:] for i in members])
        for members, rows in classes.items()
        if members
    )


def coverage(state: State) -> Fraction | None:
    """Tell the share of the box that is seen, over all axes, in the worst phase."""
    if not state.paths:
        return None
    if any(sight.mask is None for axis in state.axes for sight in axis.sights):
        return None
    if len(state.paths) == 1:
        return prod((min(map(_share, axis.sights)) for axis in state.axes), start=Fraction(1))
    phases = [range(len(axis.sights)) for axis in state.axes]
    if prod(map(len, phases)) * len(state.paths) > _MAX_COUNTS:
        return None
    return min(_shared(state, phase) for phase in product(*phases))


def _share(sight: Sight) -> Fraction:
    if sight.last < sight.first:
        return Fraction(1)
    return Fraction((sight.mask or 0).bit_count()) / Fraction(sight.width)


def _shared(state: State, phase: tuple[int, ...]) -> Fraction:
    boxes = [axis.sights[p] for axis, p in zip(state.axes, phase, strict=True)]
    if any(box.last < box.first for box in boxes):
        return Fraction(1)
    products = [
        [_placed(axis.sights[p], box) for axis, p, box in zip(path, phase, boxes, strict=True)]
        for path in state.paths
    ]
    return Fraction(count_union(products), prod(int(box.width) for box in boxes))


def _placed(sight: Sight, box: Sight) -> int:
    """Write a mask with the first pixel of a box as bit 0."""
    if sight.last < sight.first:
        return 0
    return (sight.mask or 0) << int(sight.first - box.first)


def gap(axis: Axis) -> int | None:
    """Largest distance between neighbouring pixels seen, over the phases; 1 is no hole."""
    return _worst(axis, lambda mask: 1 + max(map(len, bin(mask)[2:].rstrip("0").split("1"))))


def lattice(axis: Axis) -> int | None:
    """Greatest common divisor of the distances between pixels seen, the largest over phases."""

    def divisor(mask: int) -> int:
        found = 0
        for match in re.finditer("1", bin(mask)[:1:-1]):
            found = gcd(found, match.start())
            if found == 1:
                break
        return found or 1

    return _worst(axis, divisor)


def _worst(axis: Axis, measure: Callable[[int], int]) -> int | None:
    worst = 1
    for sight in axis.sights:
        if sight.mask is None:
            return None
        if sight.mask & (sight.mask + 1):
            worst = max(worst, measure(sight.mask))
    return worst


def tap_rows(result: ReceptiveField, index: int) -> tuple[tuple[int, int], list[int]]:
    """Draw the pixels that one output sees, as one bit mask a row.

    After upsampling it is the output with the largest receptive field. Of three axes the last two
    are drawn, a pixel being seen if any along the first is.

    Parameters
    ----------
    result : ReceptiveField
    index : int
        Of the node.

    Returns
    -------
    first : (int, int)
        Row and column of the box's first pixel, for the first output of that phase.
    rows : list of int
        Bit i stands for the i-th column of the box. A 1-D network has one row.

    Raises
    ------
    ArgumentError
        If the whole input is seen, or the box is too wide for masks.
    """
    state = result.states[index]
    if not state.axes or state.whole:
        raise ArgumentError("the whole input is seen: there are no taps to draw")
    known = state.paths and all(s.mask is not None for axis in state.axes for s in axis.sights)
    if not known:
        raise ArgumentError(
            "the pixels seen cannot be drawn: the receptive field is too wide, on no "
            "whole pixels, or of too many branches"
        )
    widths = [[sight.width for sight in axis.sights] for axis in state.axes]
    phases = [found.index(max(found)) for found in widths]
    boxes = [axis.sights[phase] for axis, phase in zip(state.axes, phases, strict=True)]
    drawn = []
    for path in state.paths:
        sights = [axis.sights[phase] for axis, phase in zip(path, phases, strict=True)]
        masks = [_placed(sight, box) for sight, box in zip(sights, boxes, strict=True)]
        if all(masks):
            drawn.append(masks[-2:] if len(masks) > 1 else [1, *masks])
    height = int(boxes[-2].width) if len(boxes) > 1 else 1
    rows = [0] * height
    for tall, wide in drawn:
        for row in range(height):
            if tall >> row & 1:
                rows[row] |= wide
    return (int(boxes[-2].first) if len(boxes) > 1 else 0, int(boxes[-1].first)), rows
