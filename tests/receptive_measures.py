"""What is measured of the sets in `tests.receptive_reference`: boxes, holes and spreads."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from dilcli.core.receptive.network import PICTURE, Merge, Network
from tests.receptive_reference import Cell, along, cells_of, period, seen, shares

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "Measured",
    "aligned",
    "boxes",
    "gap_of",
    "lattice_of",
    "luo_size",
    "mean_of",
    "measure",
    "span",
    "variance_of",
    "volume",
    "worst_variance",
]


class Measured(NamedTuple):
    """What was read from the sets; everything but `coverage` has one member for each axis."""

    rf: tuple[int, ...]
    by_phase: tuple[tuple[int, ...], ...]
    stride: tuple[Fraction, ...]
    padding: tuple[int | None, ...]
    start: tuple[Fraction | None, ...]
    coverage: Fraction
    gap: tuple[int, ...]
    lattice: tuple[int, ...]


class _Law(NamedTuple):
    """One axis: the mean centre is that of (first + last) / 2 - stride * cell over the phases."""

    widths: tuple[int, ...]
    stride: Fraction
    padding: int | None
    start: Fraction | None
    centre: Fraction


def measure(network: Network, *, at: int | None = None, size: Cell | None = None) -> Measured:
    """Measure the sets of one period of cells; the worst phase counts."""
    axes = range(network.axes)
    laws = [_law(network, axis, at, size) for axis in axes]
    sets = [seen(network, cell, at=at, size=size) for cell in cells_of(period(network, at))]
    return Measured(
        tuple(law.widths[-1] for law in laws),
        tuple(law.widths for law in laws),
        tuple(law.stride for law in laws),
        tuple(law.padding for law in laws),
        tuple(law.start for law in laws),
        min(Fraction(len(found), volume(found)) for found in sets),
        tuple(max(gap_of(found, axis) for found in sets) for axis in axes),
        tuple(max(lattice_of(found, axis) for found in sets) for axis in axes),
    )


def boxes(
    network: Network, axis: int, *, at: int | None = None, size: Cell | None = None
) -> list[tuple[int, int]]:
    """Give the first and last position seen by cells 0, 1, ... of an axis, for two periods."""
    line = along(network, axis)
    n = None if size is None else (size[axis],)
    cells = range(2 * period(network, at)[axis] + 1)
    return [span(seen(line, (o,), at=at, size=n), 0) for o in cells]


def _law(network: Network, axis: int, at: int | None, size: Cell | None) -> _Law:
    found, phases = boxes(network, axis, at=at, size=size), period(network, at)[axis]
    widths = tuple(sorted({last - first + 1 for first, last in found}))
    first = found[0][0]
    stride = Fraction(found[phases][0] - first, phases)
    centres = [Fraction(a + b, 2) - stride * o for o, (a, b) in enumerate(found[:phases])]
    centre = sum(centres, Fraction(0)) / phases
    if len(widths) == 1 and all(a == first + stride * o for o, (a, _) in enumerate(found)):
        return _Law(widths, stride, -first, first + Fraction(widths[0], 2), centre)
    return _Law(widths, stride, None, None, centre)


def aligned(network: Network, *, at: int | None = None, size: Cell | None = None) -> bool:
    """Tell whether all branches that meet on the way to a node have equal mean centres there."""
    at = network.output if at is None else at
    if at == PICTURE:
        return True
    node = network.nodes[at]
    if isinstance(node.layer, Merge):
        for axis in range(network.axes):
            laws = [_law(network, axis, source, size) for source in node.inputs]
            if len({(law.stride, law.centre) for law in laws}) > 1:
                return False
    return all(aligned(network, at=source, size=size) for source in set(node.inputs))


def span(positions: Collection[Cell], axis: int) -> tuple[int, int]:
    """Give the first and last position along an axis."""
    found = [position[axis] for position in positions]
    return min(found), max(found)


def volume(positions: Collection[Cell]) -> int:
    """Count the positions in the box around these."""
    axes = range(len(next(iter(positions))))
    return math.prod(last - first + 1 for first, last in (span(positions, i) for i in axes))


def gap_of(positions: Collection[Cell], axis: int) -> int:
    """Measure the largest step between neighbours of the projection on an axis; 1 is no hole."""
    found = sorted({position[axis] for position in positions})
    return max((b - a for a, b in pairwise(found)), default=1)


def lattice_of(positions: Collection[Cell], axis: int) -> int:
    """Give the widest grid that the projection on an axis lies on; 1 for a single position."""
    found = sorted({position[axis] for position in positions})
    return math.gcd(*(i - found[0] for i in found)) or 1


def mean_of(weights: dict[Cell, Fraction], axis: int) -> Fraction:
    """Give the mean of the positions along an axis."""
    return sum((w * i[axis] for i, w in weights.items()), Fraction(0))


def variance_of(weights: dict[Cell, Fraction], axis: int) -> Fraction:
    """Give the variance of the positions along an axis."""
    mean = mean_of(weights, axis)
    return sum((w * (i[axis] - mean) ** 2 for i, w in weights.items()), Fraction(0))


def worst_variance(network: Network, axis: int, at: int | None = None) -> Fraction:
    """Give the largest variance over the phases of an axis."""
    line = along(network, axis)
    cells = cells_of(period(line, at))
    return max(variance_of(shares(line, cell, at=at), 0) for cell in cells)


def luo_size(weights: dict[Cell, Fraction], centre: Cell) -> float:
    """Take the root of the number of positions above 1 - 0.9545 of the centre's share."""
    limit = (1 - Fraction(9545, 10000)) * weights[centre]
    count = sum(w > limit for w in weights.values())
    return float(count ** (1 / len(centre)))
