"""The effective receptive field: how strongly an output depends on each pixel it sees.

For linear layers with uniform weights it is exact: each layer spreads its input's profile evenly
over its taps, and where branches meet the mean of theirs is taken (Luo, Li, Urtasun, Zemel,
"Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", NIPS 2016,
arXiv:1701.04128). Max-pooling is counted as a mean.
"""

from __future__ import annotations

from bisect import bisect_right
from contextlib import suppress
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from dilcli.core.receptive.axis import visits
from dilcli.core.receptive.network import PICTURE, Merge
from dilcli.core.receptive.profile import profile, sources, way
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.receptive.axis import Axis, Number
    from dilcli.core.receptive.fields import ReceptiveField
    from dilcli.core.receptive.windows import Window

__all__ = ["THRESHOLD", "Effective", "effective", "variances"]

#: A pixel counts if its weight exceeds this share of the centre's: two standard deviations of a
#: Gaussian leave 4.55 % outside (Luo et al. 2016).
THRESHOLD = 1 - 0.9545

#: Mean and variance of the positions seen; None where nothing is seen.
_Moments = tuple[Fraction, Fraction] | None


class Effective(NamedTuple):
    """Size of an effective receptive field.

    Attributes
    ----------
    variance : tuple of Fraction
        Of the position, in pixels squared, on each axis; the largest over phases.
    sigma : tuple of float
        Its square root; four of it are the usual size of the field.
    luo_size : float, optional
        Side of the square (cube, line) with as many pixels as exceed `THRESHOLD` of the centre's
        weight. None where phases differ, or the field is too wide.
    separable : bool
        False where branches met: `luo_size` then comes from the product of the axes' profiles,
        which is not exactly what the output sees.
    """

    variance: tuple[Fraction, ...]
    sigma: tuple[float, ...]
    luo_size: float | None
    separable: bool


def variances(result: ReceptiveField) -> tuple[tuple[Fraction, ...] | None, ...]:
    """Tell for each node the variance of its effective receptive field on each axis.

    On a single path it is the sum of ``step**2 * (kernel**2 - 1) / 12``, where a layer's step is
    the distance between its taps in pixels of the network's input.

    Returns
    -------
    tuple of (tuple of Fraction or None)
        In pixels squared, the largest over phases; None where only the whole input is seen.
    """
    paper = result.tconv_rule == "paper"
    known: dict[int, list[tuple[_Moments, ...]]] = {
        PICTURE: [((Fraction(0), Fraction(0)),)] * result.network.axes
    }
    for index, node in enumerate(result.network.nodes):
        state = result.states[index]
        if not state.axes:
            continue
        if isinstance(node.layer, Merge):
            known[index] = _met(result, index, known)
            continue
        (source,) = node.inputs
        before = result.states[source].axes
        known[index] = [
            _spread(axis, seen, taps, paper)
            for axis, seen, taps in zip(before, known[source], state.windows, strict=True)
        ]
    return tuple(
        tuple(max((m[1] for m in axis if m), default=Fraction(0)) for axis in known[i])
        if i in known
        else None
        for i in range(len(result.network.nodes))
    )


def effective(result: ReceptiveField, index: int | None = None) -> Effective | None:
    """Measure the effective receptive field of a node.

    Parameters
    ----------
    result : ReceptiveField
    index : int, optional
        Of the node. Default: the one that was summed up.

    Returns
    -------
    Effective or None
        None where the whole input is seen.
    """
    index = result.at if index is None else index
    state = result.states[index]
    if state.whole:
        return None
    if index == PICTURE:
        found: tuple[Fraction, ...] | None = (Fraction(0),) * result.network.axes
    else:
        found = variances(result)[index]
    assert found is not None
    size = None
    if all(len(axis.sights) == 1 for axis in state.axes) and result.tconv_rule != "paper":
        with suppress(ArgumentError):
            size = _luo([profile(result, axis, index) for axis in range(len(state.axes))])
    separable = not any(
        isinstance(result.network.nodes[i].layer, Merge) for i in way(result, index)
    )
    return Effective(found, tuple(sqrt(value) for value in found), size, separable)


def _spread(
    axis: Axis, seen: tuple[_Moments, ...], taps: Window, paper: bool
) -> tuple[_Moments, ...]:
    """Apply a layer to the moments of each phase."""
    if len(axis.sights) == 1 and (paper or not taps.transposed) and seen[0]:
        mean, variance = seen[0]
        jump, before = Fraction(axis.period), taps.before
        if taps.transposed:
            jump, before = jump / taps.stride, taps.effective_size - 1 - taps.before
        step = jump * taps.dilation
        middle = step * (taps.kernel - 1) / 2 - before * jump
        return ((mean + middle, variance + step**2 * (taps.kernel**2 - 1) / 12),)
    _, inputs = visits(axis.period, len(axis.sights), taps)
    return tuple(
        _mixture([(seen[phase], by, weight) for phase, by, weight in taken]) for taken in inputs
    )


def _met(
    result: ReceptiveField, index: int, known: dict[int, list[tuple[_Moments, ...]]]
) -> list[tuple[_Moments, ...]]:
    return [
        tuple(
            _mixture(
                [(known[source][axis][phase], by, share) for source, phase, by, share in taken]
            )
            for taken in sources(result, index, axis)
        )
        for axis in range(result.network.axes)
    ]


def _mixture(parts: Sequence[tuple[_Moments, Number, int]]) -> _Moments:
    """Mean and variance of a mixture, of parts that are moved by some pixels and weighed."""
    seen = [(moments[0] + by, moments[1], weight) for moments, by, weight in parts if moments]
    if not seen:
        return None
    whole = sum(weight for _, _, weight in seen)
    mean = sum((m * weight for m, _, weight in seen), Fraction(0)) / whole
    square = sum(((v + m * m) * weight for m, v, weight in seen), Fraction(0)) / whole
    return mean, square - mean * mean


def _luo(profiles: Sequence[Sequence[float]]) -> float:
    """Side of the square with as many pixels as exceed the threshold."""
    bound = THRESHOLD
    for line in profiles:
        bound *= line[len(line) // 2]
    return float(_count_above(profiles, bound) ** (1 / len(profiles)))


def _count_above(profiles: Sequence[Sequence[float]], bound: float) -> int:
    """Count the members of an outer product that exceed a bound."""
    ordered = sorted(profiles[-1])
    if len(profiles) == 1:
        return len(ordered) - bisect_right(ordered, bound)
    return sum(_count_above(profiles[1:], bound / w) for w in profiles[0] if w > 0)
