"""What a network costs: parameters, and multiply-adds for one input."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from dilcli.core.receptive.network import PICTURE, Merge
from dilcli.core.receptive.warnings import node_name
from dilcli.errors import ArgumentError, LayerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dilcli.core.receptive.fields import ReceptiveField
    from dilcli.core.receptive.layers import Layer

__all__ = ["Costs", "costs"]

_WEIGHTED = ("conv", "dwconv", "tconv")


class Costs(NamedTuple):
    """Parameters and multiply-adds.

    Attributes
    ----------
    channels : tuple of int, optional
        Of each node's output; None where unknown.
    parameters : tuple of int, optional
        Weights of each node, without biases.
    macs : tuple of int, optional
        Multiply-adds of each node for one input, padding included; None where sizes or channels
        are unknown. Pooling and upsampling have no weights and count as 0.
    total_parameters, total_macs : int, optional
        Over all nodes; None where one is unknown.
    """

    channels: tuple[int | None, ...]
    parameters: tuple[int | None, ...]
    macs: tuple[int | None, ...]
    total_parameters: int | None
    total_macs: int | None


def costs(result: ReceptiveField, channels: Sequence[int] | None = None) -> Costs:
    """Count parameters and multiply-adds of each node.

    A dilated kernel has the parameters and operations of the dense one.

    Parameters
    ----------
    result : ReceptiveField
    channels : sequence of int, optional
        Channels of the input, then of each conv and tconv in order; depthwise convolutions and
        layers without weights keep theirs, ``concat`` adds them up. Default: what the layers say.

    Raises
    ------
    ArgumentError
        If there are fewer or more channels than layers to give them to.
    LayerError
        If branches of different channels are added, or groups do not divide channels.
    """
    nodes = result.network.nodes
    wanted = sum(1 for node in nodes if _takes_channels(node.layer))
    if channels is not None:
        if min(channels, default=0) < 1:
            raise ArgumentError(f"channels must be at least 1 (got {min(channels, default=0)})")
        if len(channels) != wanted + 1:
            raise ArgumentError(
                f"{len(channels)} channels given, {wanted + 1} needed: the input's, then one for "
                f"each of {wanted} conv and tconv layers"
            )
    given = iter(channels or ())
    known: dict[int, int | None] = {PICTURE: next(given, None)}
    parameters, macs = [], []
    for index, node in enumerate(nodes):
        inputs = [known[source] for source in node.inputs]
        try:
            weights = _node(node.layer, inputs, index, known, given)
        except LayerError as error:
            raise LayerError(f"{node_name(result.network, index)}: {error}") from None
        parameters.append(weights)
        macs.append(_macs(result, index, weights))
    return Costs(
        tuple(known[index] for index in range(len(nodes))),
        tuple(parameters),
        tuple(macs),
        _total(parameters),
        _total(macs),
    )


def _takes_channels(layer: Layer | Merge) -> bool:
    return not isinstance(layer, Merge) and layer.kind in ("conv", "tconv")


def _node(
    layer: Layer | Merge,
    inputs: list[int | None],
    index: int,
    known: dict[int, int | None],
    given: Iterator[int],
) -> int | None:
    """Settle a node's channels and count its weights."""
    if isinstance(layer, Merge):
        known[index] = _merged(layer.kind, inputs)
        return 0
    (before,) = inputs
    if layer.kind not in _WEIGHTED:
        known[index] = layer.channels or before
        return 0
    after = next(given, layer.channels) if _takes_channels(layer) else layer.channels or before
    groups = before if layer.kind == "dwconv" and layer.groups == 1 else layer.groups
    known[index] = after
    if before is None or after is None or groups is None:
        return None
    if before % groups or after % groups:
        raise LayerError(f"{groups} groups do not divide {before} and {after} channels")
    return prod(layer.kernel) * (before // groups) * after


def _merged(kind: str, inputs: list[int | None]) -> int | None:
    numbers = [n for n in inputs if n is not None]
    if len(numbers) < len(inputs):
        return None
    if kind == "concat":
        return sum(numbers)
    # One channel, or one value, is spread over the others, as frameworks do.
    if len(set(numbers) - {1}) > 1:
        texts = " and ".join(map(str, dict.fromkeys(numbers)))
        raise LayerError(f"branches of {texts} channels are added; to join them write cat(...|...)")
    return max(numbers)


def _macs(result: ReceptiveField, index: int, weights: int | None) -> int | None:
    """Count each weight once for each output pixel; a transposed one for each input pixel."""
    if weights == 0:
        return 0
    node = result.network.nodes[index]
    transposed = not isinstance(node.layer, Merge) and node.layer.kind == "tconv"
    size = result.states[node.inputs[0] if transposed else index].size
    return None if weights is None or size is None else weights * prod(size)


def _total(numbers: Sequence[int | None]) -> int | None:
    known = [n for n in numbers if n is not None]
    return sum(known) if len(known) == len(numbers) else None
