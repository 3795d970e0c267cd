"""What the outputs of a node see in all axes at once, and what layers and meetings make of it.

A path is a product: the pixels seen are those of its rows crossed with those of its columns. Where
branches meet, the union of products is no product any more, so a state holds several paths; a path
inside another is dropped, which leaves one for most networks.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from dilcli.core.receptive.axis import START, Axis, Sight, moved, through, union, with_phases
from dilcli.core.receptive.windows import Window, output_size, window
from dilcli.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dilcli.core.receptive.layers import Layer

__all__ = ["State", "apply_layer", "meet", "picture"]

Path = tuple[Axis, ...]

#: Crossing branches of distinct dilations double the paths at each meeting; real networks have a
#: few. More than this are not kept.
_MAX_PATHS = 128


class State(NamedTuple):
    """What the outputs of one node see of the network's input.

    Attributes
    ----------
    axes : tuple of Axis
        The union of the paths on each axis; empty where only the whole input is seen.
    paths : tuple of tuple of Axis
        Products whose union is seen; all have the phases of `axes`. Empty where there are too many
        to keep: then only the axes are known.
    size : tuple of int, optional
        Outputs along each axis, where the input's size is known.
    unknown : tuple of frozenset of int
        For each axis the nodes whose padding is not known, so that positions are not.
    whole : bool
        A global layer on the way sees the whole input.
    misaligned : bool
        Branches have met whose centres differ.
    windows : tuple of Window
        The layer on each axis, as it was applied; empty for meetings.
    shifts : tuple of tuple of int
        At a meeting of unknown paddings, how far each input was moved on each axis to meet at the
        centres.
    """

    axes: Path
    paths: tuple[Path, ...]
    size: tuple[int, ...] | None
    unknown: tuple[frozenset[int], ...]
    whole: bool = False
    misaligned: bool = False
    windows: tuple[Window, ...] = ()
    shifts: tuple[tuple[int, ...], ...] = ()


def picture(axes: int, size: tuple[int, ...] | None) -> State:
    """Begin at the network's input, where each pixel sees itself."""
    start = (START,) * axes
    return State(start, (start,), size, (frozenset(),) * axes)


def apply_layer(state: State, layer: Layer, node: int, paper: bool) -> State:
    """Tell what the outputs of a layer see, from what its inputs see.

    Raises
    ------
    LayerError
        If the layer has no output, or makes too many phases.
    """
    axes = range(len(layer.kernel))
    sizes = state.size or (None,) * len(layer.kernel)
    windows = tuple(window(layer, axis, sizes[axis]) for axis in axes)
    made = None
    if state.size is not None:
        made = tuple(output_size(layer, axis, windows[axis], state.size[axis]) for axis in axes)
    if layer.kind == "gap" or not state.axes:
        none = (frozenset[int](),) * len(layer.kernel)
        return State((), (), made, none, True, state.misaligned, windows)
    done: dict[tuple[Axis, Window], Axis] = {}

    def applied(path: Path) -> Path:
        for key in zip(path, windows, strict=True):
            if key not in done:
                done[key] = through(*key, paper)
        return tuple(done[key] for key in zip(path, windows, strict=True))

    paths = tuple(applied(path) for path in state.paths)
    unknown = tuple(
        before if taps.known else before | {node}
        for before, taps in zip(state.unknown, windows, strict=True)
    )
    return state._replace(
        axes=paths[0] if len(paths) == 1 else applied(state.axes),
        paths=paths,
        size=made,
        unknown=unknown,
        windows=windows,
        shifts=(),
    )


def meet(states: Sequence[State], node: int) -> State:
    """Tell what the outputs see where branches meet.

    Raises
    ------
    LayerError
        If effective strides or sizes differ; the message names both.
    """
    size = _common_size(states)
    seeing = [state for state in states if state.axes]
    whole = any(state.whole for state in states)
    misaligned = any(state.misaligned for state in states)
    if not seeing:
        return states[0]._replace(size=size, misaligned=misaligned, windows=(), shifts=())
    count = len(seeing[0].axes)
    _check_strides(seeing, count)
    phases = [lcm(*(len(state.axes[axis].sights) for state in seeing)) for axis in range(count)]
    seeing = [_written_out(state, phases) for state in seeing]
    unknown, moves = [], []
    for axis in range(count):
        ways = [state.axes[axis] for state in seeing]
        if len({state.unknown[axis] for state in seeing}) == 1:
            unknown.append(seeing[0].unknown[axis])
            moves.append([0] * len(ways))
            misaligned |= len(set(_centres(ways))) > 1
        else:
            joined = frozenset[int]().union(*(state.unknown[axis] for state in seeing))
            unknown.append(joined | {node})
            moves.append(_to_the_widest(ways))
    shifts = tuple(zip(*moves, strict=True))
    axes = _all_joined(_moved(state.axes, by) for state, by in zip(seeing, shifts, strict=True))
    paths = [
        _moved(path, shift)
        for state, shift in zip(seeing, shifts, strict=True)
        for path in state.paths
    ]
    all_kept = all(state.paths for state in seeing)
    paths = _without_the_contained(paths, axes) if all_kept else []
    return State(axes, tuple(paths), size, tuple(unknown), whole, misaligned, (), shifts)


def _common_size(states: Sequence[State]) -> tuple[int, ...] | None:
    if any(state.size is None for state in states):
        return None
    # What is pooled over the whole input is one value, which meets any size.
    sizes = [s.size for s in states if s.axes or set(s.size or ()) != {1}]
    sizes = sizes or [states[0].size]
    if len(set(sizes)) > 1:
        texts = list(dict.fromkeys("x".join(map(str, size or ())) for size in sizes))
        raise LayerError(f"branches of different sizes meet: {' and '.join(texts)}")
    return sizes[0]


def _check_strides(states: Sequence[State], count: int) -> None:
    strides = [tuple(state.axes[axis].stride for axis in range(count)) for state in states]
    if len(set(strides)) > 1:
        texts = ["x".join(map(str, stride)) for stride in strides]
        other = next(i for i, stride in enumerate(strides) if stride != strides[0])
        raise LayerError(
            "branches of different effective strides meet: "
            f"{texts[0]} in branch 1 and {texts[other]} in branch {other + 1} (rows x columns); "
            "they cannot be aligned"
        )


def _written_out(state: State, phases: Sequence[int]) -> State:
    def wide(path: Path) -> Path:
        return tuple(with_phases(axis, n) for axis, n in zip(path, phases, strict=True))

    return state._replace(axes=wide(state.axes), paths=tuple(map(wide, state.paths)))


def _centres(ways: Sequence[Axis]) -> list[Fraction]:
    """Twice the mean centre of each way, over the phases in which all see something."""
    rounds = zip(*(way.sights for way in ways), strict=True)
    seen = [sights for sights in rounds if all(s.last >= s.first for s in sights)]
    sums = [
        sum((Fraction(s.first + s.last) for s in sights), Fraction(0))
        for sights in zip(*seen, strict=True)
    ]
    return [total / len(seen) for total in sums]


def _to_the_widest(ways: Sequence[Axis]) -> list[int]:
    centres = _centres(ways)
    if not centres:
        return [0] * len(ways)
    widths = [max(sight.width for sight in way.sights) for way in ways]
    widest = centres[widths.index(max(widths))]
    return [int((widest - centre) // 2) for centre in centres]


def _moved(path: Path, shift: tuple[int, ...]) -> Path:
    if not any(shift):
        return path
    return tuple(
        Axis(axis.period, tuple(moved(sight, by) for sight in axis.sights))
        for axis, by in zip(path, shift, strict=True)
    )


def _all_joined(paths: Iterable[Path]) -> Path:
    """Join paths on each axis by itself."""
    return tuple(
        Axis(axes[0].period, tuple(map(union, zip(*(axis.sights for axis in axes), strict=True))))
        for axes in zip(*paths, strict=True)
    )


def _without_the_contained(paths: Sequence[Path], axes: Path) -> list[Path]:
    if any(sight.mask is None for axis in axes for sight in axis.sights):
        # Without masks only boxes are left, and they are told by the union.
        return [axes]
    kept: list[Path] = []
    for path in dict.fromkeys(paths):
        if not any(_contains(other, path) for other in kept):
            kept = [other for other in kept if not _contains(path, other)]
            kept.append(path)
    return kept if len(kept) <= _MAX_PATHS else []


def _contains(outer: Path, inner: Path) -> bool:
    return all(
        _covers(o, i)
        for large, small in zip(outer, inner, strict=True)
        for o, i in zip(large.sights, small.sights, strict=True)
    )


def _covers(outer: Sight, inner: Sight) -> bool:
    if inner.last < inner.first:
        return True
    if inner.first < outer.first or inner.last > outer.last:
        return False
    mask = (inner.mask or 0) << int(inner.first - outer.first)
    return mask & (outer.mask or 0) == mask
