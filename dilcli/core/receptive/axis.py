"""What the outputs of a layer see along one axis of the input: exact boxes and sets of pixels.

After upsampling, neighbouring outputs see boxes of different sizes; the pattern repeats. An `Axis`
therefore holds one `Sight` for each phase of that pattern: a network without upsampling has one
phase. A layer is applied from the input's side: what an output sees is the union of what its taps
see, each moved to its place.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from dilcli.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dilcli.core.receptive.windows import Window

__all__ = [
    "NOTHING",
    "START",
    "Axis",
    "Number",
    "Sight",
    "moved",
    "through",
    "union",
    "visits",
    "with_phases",
]

Number = int | Fraction

#: Sets of pixels wider than this are not kept; boxes still are exact.
_MAX_BITS = 2**18
#: Upsampling repeats its pattern after at most this many outputs.
_MAX_PHASES = 4096
_MAX_VISITS = 2**20


class Sight(NamedTuple):
    """The pixels that one output sees along one axis.

    Attributes
    ----------
    first, last : int
        The box, inclusive; pixels of the input are counted from 0, so padding is below 0. Nothing
        is seen where last < first. Fractions under the paper's rule for transposed convolution.
    mask : int, optional
        Bit i stands for pixel ``first + i``; None where the box is too wide for a mask.
    """

    first: Number
    last: Number
    mask: int | None

    @property
    def width(self) -> Number:
        """Pixels from the first to the last."""
        return self.last - self.first + 1


class Axis(NamedTuple):
    """What outputs see along one axis.

    Output ``q * len(sights) + phase`` sees ``sights[phase]`` moved by ``q * period`` pixels.
    """

    period: Number
    sights: tuple[Sight, ...]

    @property
    def stride(self) -> Number:
        """Input pixels from one output to the next, on average: the effective stride."""
        stride = Fraction(self.period) / len(self.sights)
        return stride.numerator if stride.denominator == 1 else stride

    def at(self, output: int) -> Sight:
        """Tell what the output with this index sees."""
        turn, phase = divmod(output, len(self.sights))
        return moved(self.sights[phase], turn * self.period)


#: An output that sees nothing: a transposed convolution whose stride exceeds its kernel has some.
NOTHING = Sight(0, -1, 0)
#: The input itself: each pixel sees itself.
START = Axis(1, (Sight(0, 0, 1),))


def moved(sight: Sight, by: Number) -> Sight:
    """Move what is seen by some pixels."""
    if sight.last < sight.first or by == 0:
        return sight
    return Sight(sight.first + by, sight.last + by, sight.mask)


def union(sights: Iterable[Sight]) -> Sight:
    """Join what several outputs see."""
    seen = [sight for sight in sights if sight.last >= sight.first]
    if not seen:
        return NOTHING
    first = min(sight.first for sight in seen)
    last = max(sight.last for sight in seen)
    mask: int | None = 0
    for sight in seen:
        if sight.mask is None or mask is None or last - first >= _MAX_BITS:
            mask = None
        else:
            mask |= sight.mask << int(sight.first - first)
    return Sight(first, last, mask)


def with_phases(axis: Axis, phases: int) -> Axis:
    """Write the pattern out over more phases, a multiple of those it has."""
    turns = phases // len(axis.sights)
    if turns == 1:
        return axis
    return Axis(axis.period * turns, tuple(axis.at(output) for output in range(phases)))


def through(axis: Axis, taps: Window, paper: bool = False) -> Axis:
    """Apply a layer: tell what its outputs see of the network's input.

    Parameters
    ----------
    axis : Axis
        What the layer's inputs see.
    taps : Window
    paper : bool
        Count a transposed convolution as a convolution at its output's resolution, as papers do
        (V-Net's table): an upper bound that does not look at phases.

    Raises
    ------
    LayerError
        If upsampling makes more phases than can be told apart.
    """
    if len(axis.sights) == 1 and (paper or not taps.transposed):
        return _dense(axis, taps)
    period, inputs = visits(axis.period, len(axis.sights), taps)
    sights = tuple(union(moved(axis.sights[p], by) for p, by, _ in taken) for taken in inputs)
    if len(sights) * max(sight.width for sight in sights) > _MAX_BITS * 8:
        sights = tuple(sight._replace(mask=None) for sight in sights)
    return Axis(period, sights)


def visits(
    period: Number, phases: int, taps: Window
) -> tuple[Number, Iterator[list[tuple[int, Number, int]]]]:
    """List for each phase of the outputs which inputs it reads.

    Returns
    -------
    period : int
        Of the outputs, in pixels of the network's input.
    iterator of list of (int, int, int)
        For each phase of the outputs, the phase of each input it reads, by how many pixels it
        stands further on, and what it weighs.
    """
    turns = 1 if taps.transposed else lcm(phases, taps.stride) // phases
    made = phases * taps.stride if taps.transposed else turns * phases // taps.stride
    if made > _MAX_PHASES or made * taps.kernel > _MAX_VISITS:
        raise LayerError(
            f"upsampling makes {made} phases with {taps.kernel} taps each, too many to tell apart "
            f"(at most {_MAX_PHASES}, and {_MAX_VISITS} taps in all)"
        )
    read = (
        [(i % phases, i // phases * period, weight) for i, weight in _inputs(taps, output)]
        for output in range(made)
    )
    return period * turns, read


def _inputs(taps: Window, output: int) -> Iterator[tuple[int, int]]:
    """Name the inputs that one output reads, and what they weigh."""
    for tap in range(taps.kernel):
        if not taps.transposed:
            yield output * taps.stride - taps.before + tap * taps.dilation, taps.weight(tap)
            continue
        place, rest = divmod(output + taps.before - tap * taps.dilation, taps.stride)
        if rest == 0:
            yield place, taps.weight(tap)


def _dense(axis: Axis, taps: Window) -> Axis:
    """Apply a layer where there is one phase: all outputs see the same pattern."""
    (sight,) = axis.sights
    if taps.transposed:
        period: Number = Fraction(axis.period) / taps.stride
        before = taps.effective_size - 1 - taps.before
        jump, mask = period, None
    else:
        period, jump = axis.period * taps.stride, axis.period
        before, mask = taps.before, sight.mask
    first = sight.first - before * jump
    last = sight.last + (taps.effective_size - 1 - before) * jump
    if mask is not None:
        mask = None if last - first >= _MAX_BITS else _comb(mask, taps, int(jump))
    return Axis(period, (Sight(first, last, mask),))


def _comb(mask: int, taps: Window, jump: int) -> int:
    """Join copies of a mask at each tap's place."""
    copies, step = 1, taps.dilation * jump
    while copies < taps.kernel:
        more = min(copies, taps.kernel - copies)
        mask |= mask << (more * step)
        copies += more
    return mask
