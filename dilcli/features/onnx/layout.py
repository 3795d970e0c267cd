"""Which axes of a tensor are rows and columns, followed through reshaping.

A layout has one member for each axis of a tensor: the parts it is made of, the slowest first. A
part belongs to rows (0), columns (1), ... or to no place in the picture (`ELSEWHERE`: batch,
channels). Rows and columns run together into one axis of tokens are two parts of one axis; rows
cut into blocks are two parts too, of which the second says which row of a block (`WITHIN` + 0).
Once others have been put between, tokens stand `ANYWHERE`.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "ANYWHERE",
    "ELSEWHERE",
    "WITHIN",
    "Layout",
    "Part",
    "block_sizes",
    "broadcast",
    "flattened",
    "layout",
    "permuted",
    "places",
    "plane_blocks",
    "reshaped",
    "with_axes",
    "without_axes",
]

ELSEWHERE = -1
ANYWHERE = 9
WITHIN = 10

Shape = tuple[int | None, ...]


class Part(NamedTuple):
    """A factor of an axis: where it belongs, and its size where several share an axis."""

    place: int
    size: int | None = None


Layout = tuple[tuple[Part, ...], ...]

_NOWHERE = (Part(ELSEWHERE),)


def layout(axes: Iterable[int]) -> Layout:
    """Make the layout of a tensor whose axes are each of one part.

    Examples
    --------
    >>> layout([ELSEWHERE, ELSEWHERE, 0, 1]) == layout([-1, -1, 0, 1])
    True
    """
    return tuple((Part(place),) for place in axes)


def places(of: Iterable[tuple[Part, ...]]) -> set[int]:
    """Tell which axes of the picture appear in some axes of a tensor."""
    return {part.place for axis in of for part in axis} - {ELSEWHERE}


def permuted(of: Layout, order: Sequence[int] | None) -> Layout:
    """Follow ``Transpose``; no order turns all axes around."""
    return tuple(of[axis] for axis in order) if order else of[::-1]


def with_axes(of: Layout, axes: Iterable[int]) -> Layout:
    """Follow ``Unsqueeze``: the axes are those of the outcome."""
    axes = list(axes)
    rank = len(of) + len(axes)
    new = {axis % rank for axis in axes}
    old = iter(of)
    return tuple(_NOWHERE if axis in new else next(old) for axis in range(rank))


def without_axes(of: Layout, axes: Iterable[int]) -> Layout:
    """Follow ``Squeeze`` and whatever takes axes away."""
    gone = {axis % len(of) for axis in axes}
    return tuple(parts for axis, parts in enumerate(of) if axis not in gone)


def flattened(of: Layout, axis: int, shape: Shape | None) -> Layout:
    """Follow ``Flatten``, which leaves two axes: those before `axis`, and the others."""
    sized = _sized(of, shape or (None,) * len(of))
    axis = axis % len(of) if axis < 0 else axis
    return _tidy(sized[:axis]), _tidy(sized[axis:])


def reshaped(of: Layout, before: Shape | None, after: Shape | None) -> Layout | None:
    """Follow ``Reshape`` from one shape to another.

    Returns
    -------
    Layout or None
        None where rows or columns would be cut into uneven pieces, or sizes are unknown.
    """
    if before is None or after is None or None in before or None in after:
        return None
    rest = [part for axis in _sized(of, before) for part in axis][::-1]
    cut = {place - WITHIN for place in places(of) if place >= WITHIN}
    made = []
    for size in after:
        axis = _taken(rest, size or 0, cut)
        if axis is None:
            return None
        made.append(_tidy([axis]))
    return None if any(part.size != 1 for part in rest) else tuple(made)


def _taken(rest: list[Part], size: int, cut: set[int]) -> tuple[Part, ...] | None:
    """Take parts from the end of a list until their product is `size`; rows are cut once only."""
    axis = []
    while size > 1:
        if not rest:
            return None
        part = rest.pop()
        number = part.size or 0
        if number and size % number == 0:
            axis.append(part)
            size //= number
        elif number and number % size == 0 and part.place < ANYWHERE and part.place not in cut:
            within = part.place if part.place == ELSEWHERE else WITHIN + part.place
            axis.append(Part(part.place, size))
            rest.append(Part(within, number // size))
            size = 1
        else:
            return None
    if not axis and rest and rest[-1].size == 1:
        axis.append(rest.pop())
    return tuple(axis)


def block_sizes(of: Layout, shape: Shape, axes: int) -> list[int]:
    """Tell the size of the blocks whose members stand along some axes of a tensor."""
    sizes = [1] * axes
    for part in (part for axis in _sized(of, shape or (None,) * len(of)) for part in axis):
        if part.place >= WITHIN:
            sizes[part.place - WITHIN] = part.size or 1
    return sizes


def plane_blocks(of: Layout, shape: Shape, axes: int) -> tuple[list[int], list[int]] | None:
    """See a layout as that of a picture of channels: batch, channels, rows, columns, ...

    Returns
    -------
    blocks, repeats : list of int
        For each axis of the picture the pixels of a block whose members are channels, and the
        channels that are members of a block of pixels.
    None
        Where axes are others, or in another order.
    """
    if len(of) != axes + 2:
        return None
    sized = _sized(of, shape or (None,) * len(of))
    blocks, repeats = block_sizes(sized[1:2], shape[1:2], axes), [1] * axes
    for place, axis in enumerate(sized[2:]):
        if len(axis) == 2 and axis[1].place == ELSEWHERE:
            repeats[place] = axis[1].size or 1
        elif len(axis) > 1:
            return None
        # An axis of one row was put in, so that a line is filtered as a picture.
        put_in = axis == (Part(ELSEWHERE, 1),) and place not in places(of)
        if axis[0].place != place and not put_in:
            return None
    inside = {part.place for part in sized[1]} - {ELSEWHERE}
    wanted = {WITHIN + place for place, block in enumerate(blocks) if block > 1}
    return None if places(of[:1]) or inside - wanted else (blocks, repeats)


def _sized(of: Layout, shape: Shape) -> Layout:
    return tuple(
        (Part(axis[0].place, size),) if len(axis) == 1 else axis
        for axis, size in zip(of, shape, strict=True)
    )


def _tidy(axes: Iterable[tuple[Part, ...]]) -> tuple[Part, ...]:
    """Run axes together, leaving parts out that are neither in the picture nor more than 1."""
    parts: list[Part] = []
    for part in (part for axis in axes for part in axis if part != Part(ELSEWHERE, 1)):
        last = parts[-1] if parts else None
        again = last and part.place == last.place + WITHIN
        if last and (again or part.place == last.place == ELSEWHERE):
            # A block put together again, or more channels.
            parts[-1] = Part(last.place, (last.size or 1) * (part.size or 1))
        else:
            parts.append(part)
    return tuple(parts) if len(parts) > 1 else tuple(Part(p.place) for p in parts) or _NOWHERE


def broadcast(layouts: Sequence[Layout]) -> Layout | None:
    """Find the layout of an element-wise operation; axes are compared from the last on.

    Returns
    -------
    Layout or None
        None where rows meet columns.
    """
    made = []
    for axes in zip_longest(*(of[::-1] for of in layouts), fillvalue=_NOWHERE):
        seen = {tuple(part.place for part in axis): axis for axis in axes if places([axis])}
        if len(seen) > 1:
            return None
        made.append(next(iter(seen.values()), _NOWHERE))
    return tuple(made[::-1])
