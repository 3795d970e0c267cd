"""How an output's weight is spread over the pixels that it sees: uniform weights, one axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.receptive.axis import visits
from dilcli.core.receptive.network import PICTURE, Merge
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from dilcli.core.receptive.fields import ReceptiveField

__all__ = ["MAX_PROFILE", "profile", "sources", "way"]

#: Wider fields have no profile; it would take long and nobody could look at it.
MAX_PROFILE = 2**16
#: Nor have networks in which so many weights would be added up, which takes seconds.
_MAX_SUMS = 2**24


def profile(result: ReceptiveField, axis: int, index: int | None = None) -> tuple[float, ...]:
    """Tell how an output's weight is spread over the pixels of its box along one axis.

    Parameters
    ----------
    result : ReceptiveField
        Under the exact rule for transposed convolutions.
    axis : int
    index : int, optional
        Of the node. Default: the one that was summed up.

    Returns
    -------
    tuple of float
        One weight for each pixel from the first to the last of the box; they sum to 1. After
        upsampling, of the phase with the largest box.

    Raises
    ------
    ArgumentError
        If only the whole input is seen, or the box is too wide.
    """
    index = result.at if index is None else index
    state = result.states[index]
    if not state.axes or result.tconv_rule == "paper":
        raise ArgumentError("there is no profile: pixels are not told apart")
    sights = state.axes[axis].sights
    if max(sight.width for sight in sights) > MAX_PROFILE:
        raise ArgumentError(f"the receptive field is wider than {MAX_PROFILE} pixels: no profile")
    nodes = way(result, index)
    sums = sum(_sums(result, node, axis) for node in nodes)
    if sums > _MAX_SUMS:
        raise ArgumentError(f"a profile would take {sums} sums; at most {_MAX_SUMS} are made")
    known: dict[int, list[list[float]]] = {PICTURE: [[1.0]]}
    for node in nodes:
        if result.states[node].axes:
            known[node] = _profiles(result, node, axis, known)
    widest = max(range(len(sights)), key=lambda phase: sights[phase].width)
    return tuple(known[index][widest])


def way(result: ReceptiveField, index: int) -> list[int]:
    """List the nodes that a node depends on, and itself, in order of computation."""
    wanted, waiting = set[int](), [index]
    while waiting:
        node = waiting.pop()
        if node != PICTURE and node not in wanted:
            wanted.add(node)
            waiting.extend(result.network.nodes[node].inputs)
    return sorted(wanted)


def _sums(result: ReceptiveField, index: int, axis: int) -> int:
    """Count the weights that are added up for a node's profile, about."""
    state = result.states[index]
    if not state.axes:
        return 0
    width = sum(int(sight.width) for sight in state.axes[axis].sights)
    return width * (state.windows[axis].kernel if state.windows else len(state.shifts))


def _profiles(
    result: ReceptiveField, index: int, axis: int, known: dict[int, list[list[float]]]
) -> list[list[float]]:
    made = []
    for sight, taken in zip(
        result.states[index].axes[axis].sights, sources(result, index, axis), strict=True
    ):
        total = [0.0] * int(sight.width)
        parts = [part for part in taken if known[part[0]][part[1]]]
        whole = sum(part[3] for part in parts)
        for source, phase, by, share in parts:
            start = int(result.states[source].axes[axis].sights[phase].first + by - sight.first)
            for position, weight in enumerate(known[source][phase], start):
                total[position] += weight * share / whole
        made.append(total)
    return made


def sources(result: ReceptiveField, index: int, axis: int) -> list[list[tuple[int, int, int, int]]]:
    """List for each phase of a node the inputs it is the mean of.

    Each is a node, its phase, by how many pixels it stands further on, and what it weighs.
    """
    node, state = result.network.nodes[index], result.states[index]
    if not isinstance(node.layer, Merge):
        (source,) = node.inputs
        before = result.states[source].axes[axis]
        _, taken = visits(before.period, len(before.sights), state.windows[axis])
        return [[(source, phase, int(by), weight) for phase, by, weight in part] for part in taken]
    seeing = [source for source in node.inputs if result.states[source].axes]
    found = []
    for phase in range(len(state.axes[axis].sights)):
        inputs = []
        for source, shift in zip(seeing, state.shifts, strict=True):
            before = result.states[source].axes[axis]
            turn, own = divmod(phase, len(before.sights))
            inputs.append((source, own, int(turn * before.period + shift[axis]), 1))
        found.append(inputs)
    return found
