"""Where pixels get to in layers of real sizes: padding between layers holds no pixel.

A receptive field is that of an endless input. In one of a given size a layer's outputs end, and
what the next layer reads beyond them is padding, though the picture might go on there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.receptive.network import PICTURE
from dilcli.core.receptive.profile import way
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from dilcli.core.receptive.fields import ReceptiveField
    from dilcli.core.receptive.windows import Window

__all__ = ["outputs_reached", "pixels_reached"]

#: More places along an axis are not followed one by one.
_MAX_PLACES = 2**22


def pixels_reached(result: ReceptiveField, axis: int, index: int, output: int) -> set[int]:
    """Find the pixels along one axis that an output of a node depends on.

    Parameters
    ----------
    result : ReceptiveField
        With an input size; its nodes do not see the whole input.
    axis : int
    index : int
        Of the node.
    output : int
        Below the node's size.

    Raises
    ------
    ArgumentError
        If the field is too wide.
    """
    waiting: dict[int, set[int]] = {index: {output}}
    followed = 0
    for node in range(index, PICTURE, -1):
        places = waiting.pop(node, set())
        windows = result.states[node].windows
        for source in result.network.nodes[node].inputs if places else ():
            state = result.states[source]
            assert state.size is not None
            if not state.axes:
                continue
            read = places if not windows else _read_by(windows[axis], places)
            waiting.setdefault(source, set()).update(_inside(read, state.size[axis]))
            followed += len(read)
            _check(followed)
    return waiting.get(PICTURE, set())


def outputs_reached(result: ReceptiveField, axis: int, index: int, pixel: int) -> set[int]:
    """Find the outputs of a node along one axis that depend on a pixel; see `pixels_reached`."""
    reached: dict[int, set[int]] = {PICTURE: {pixel}}
    followed = 0
    for node in way(result, index):
        state = result.states[node]
        assert state.size is not None
        places: set[int] = set()
        for source in result.network.nodes[node].inputs:
            seen = reached.get(source, set())
            places |= seen if not state.windows else _reading(state.windows[axis], seen)
        reached[node] = _inside(places, state.size[axis])
        followed += len(places)
        _check(followed)
    return reached[index]


def _read_by(taps: Window, outputs: set[int]) -> set[int]:
    """Name the inputs that some outputs read."""
    return _back(taps, outputs) if taps.transposed else _forth(taps, outputs)


def _reading(taps: Window, inputs: set[int]) -> set[int]:
    """Name the outputs that read some inputs."""
    return _forth(taps, inputs) if taps.transposed else _back(taps, inputs)


def _forth(taps: Window, places: set[int]) -> set[int]:
    _check(len(places) * taps.kernel)
    steps = [tap * taps.dilation - taps.before for tap in range(taps.kernel)]
    return {place * taps.stride + step for place in places for step in steps}


def _back(taps: Window, places: set[int]) -> set[int]:
    _check(len(places) * taps.kernel)
    steps = [tap * taps.dilation - taps.before for tap in range(taps.kernel)]
    return {
        (place - step) // taps.stride
        for place in places
        for step in steps
        if (place - step) % taps.stride == 0
    }


def _inside(places: set[int], size: int) -> set[int]:
    return {place for place in places if 0 <= place < size}


def _check(followed: int) -> None:
    if followed > _MAX_PLACES:
        raise ArgumentError("the receptive field is too wide to be followed pixel by pixel")
