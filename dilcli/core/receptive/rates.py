"""Rates of dilation: which of them leave no hole, and which reach a wanted receptive field."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dilcli.core.receptive.network import PICTURE, Merge
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dilcli.core.receptive.layers import Layer
    from dilcli.core.receptive.network import Network

__all__ = ["Suggestion", "hdc_m2", "hole_free_steps", "steps", "suggest"]

_MAX_WANTED = 10**9
_MAX_LAYERS = 1000
#: As many as a double has bits for the growth of rates.
_HALVINGS = 60


def steps(network: Network, index: int, axis: int) -> tuple[tuple[int, int], ...] | None:
    """List kernel and distance between taps, in pixels of the input, for each layer on the way.

    Only layers with more than one tap are listed. None where the way to the node is no single
    path of windows: after a meeting, upsampling or a global layer.
    """
    layers = _way(network, index)
    if layers is None:
        return None
    jump, found = 1, []
    for layer in layers:
        if layer.kernel[axis] > 1:
            found.append((layer.kernel[axis], jump * layer.dilation[axis]))
        jump *= layer.stride[axis]
    return tuple(found)


def _way(network: Network, index: int) -> list[Layer] | None:
    layers = []
    while index != PICTURE:
        node = network.nodes[index]
        if isinstance(node.layer, Merge) or node.layer.kind in ("tconv", "up", "gap"):
            return None
        layers.append(node.layer)
        (index,) = node.inputs
    return layers[::-1]


def hole_free_steps(found: Iterable[tuple[int, int]]) -> bool:
    """Tell exactly whether a single path of layers leaves no hole on an axis.

    Parameters
    ----------
    found : iterable of (int, int)
        Kernel and distance between taps in pixels of the input, for each layer, in any order.

    Notes
    -----
    There is no hole if and only if every step is at most 1 plus the sum of ``(kernel - 1) * step``
    over smaller steps. Sorted by step, the layers so far see a run of that many pixels; copies of
    it join if they are no farther apart. If they are, the pixel behind the run is seen by no one,
    for every larger step leads past it.
    """
    run = 1
    for step, kernel in sorted((step, kernel) for kernel, step in found):
        if kernel > 1 and step > run:
            return False
        run += (kernel - 1) * step
    return True


def hdc_m2(network: Network, index: int, axis: int) -> int | None:
    """Tell the second maximum distance M2 of "hybrid dilated convolution".

    ``M_n = r_n; M_i = max(M_{i+1} - 2 r_i, 2 r_i - M_{i+1}, r_i)``; the paper asks for M2 <= kernel
    (Wang et al., "Understanding Convolution for Semantic Segmentation", WACV 2018,
    arXiv:1702.08502). It is not enough: rates 2, 2, 3 pass and leave holes.

    Returns
    -------
    int or None
        None unless the way is one path of two or more layers of the same kernel above 1 and
        stride 1 everywhere.
    """
    layers = _way(network, index)
    if layers is None or any(layer.stride[axis] > 1 for layer in layers):
        return None
    layers = [layer for layer in layers if layer.kernel[axis] > 1]
    if len(layers) < 2 or len({layer.kernel[axis] for layer in layers}) > 1:
        return None
    rates = [layer.dilation[axis] for layer in layers]
    most = rates[-1]
    for rate in reversed(rates[1:-1]):
        most = max(most - 2 * rate, 2 * rate - most, rate)
    return most


class Suggestion(NamedTuple):
    """Rates of a stack without holes, the receptive field it reaches, and its text."""

    layers: int
    rates: tuple[int, ...]
    rf: int
    text: str


def suggest(wanted: int, kernel: int = 3, layers: int | None = None) -> tuple[Suggestion, ...]:
    """Suggest rates that reach a receptive field without holes, the fewest layers first.

    Rates grow by a whole factor of at most the kernel; the largest such stack, 1, k, k**2, ...,
    sees every pixel of k**n exactly once. The last rates are cut so that the field is no larger
    than it must be.

    Parameters
    ----------
    wanted : int
        The least receptive field, in pixels of the stack's input.
    kernel : int
        At least 2.
    layers : int, optional
        Only stacks of that many layers. Default: the fewest, and up to three more.

    Raises
    ------
    ArgumentError
        If a number is out of range, or so few layers cannot reach it.
    """
    if kernel < 2 or wanted < 1 or (layers is not None and layers < 1):
        raise ArgumentError(
            f"field {wanted} and layers {layers} must be at least 1, kernel {kernel} at least 2"
        )
    if max(wanted, kernel, layers or 1) > _MAX_WANTED or (layers or 1) > _MAX_LAYERS:
        raise ArgumentError(f"fields go to {_MAX_WANTED}, layers to {_MAX_LAYERS}")
    fewest = 1
    while kernel**fewest < wanted:
        fewest += 1
    if layers is not None and layers < fewest:
        raise ArgumentError(
            f"without holes {layers} layers of kernel {kernel} reach {kernel**layers} at most; "
            f"{wanted} needs {fewest} layers"
        )
    counts = range(fewest, fewest + 4) if layers is None else (layers,)
    return tuple(_suggestion(kernel, _rates(wanted, kernel, count)) for count in counts)


def _suggestion(kernel: int, rates: tuple[int, ...]) -> Suggestion:
    words = [f"conv{kernel}" + (f"d{rate}" if rate > 1 else "") for rate in rates]
    return Suggestion(len(rates), rates, 1 + (kernel - 1) * sum(rates), " ".join(words))


def _rates(wanted: int, kernel: int, count: int) -> tuple[int, ...]:
    """Let rates grow no faster than they must, and end at the wanted field."""
    needed = -(-(wanted - 1) // (kernel - 1))
    slow, fast = 1.0, float(kernel)
    for _ in range(_HALVINGS):
        middle = (slow + fast) / 2
        if sum(_grown(middle, kernel, count, needed)) >= needed:
            fast = middle
        else:
            slow = middle
    return tuple(sorted(_grown(fast, kernel, count, needed)))


def _grown(factor: float, kernel: int, count: int, needed: int) -> list[int]:
    """Grow rates by a factor, as far as they leave no hole and are of use."""
    rates: list[int] = []
    power, total = 1.0, 0
    for _ in range(count):
        rate = max(1, min(int(power), 1 + (kernel - 1) * total, needed - total))
        rates.append(rate)
        total += rate
        power = min(power * factor, float(needed + 1))
    return rates
