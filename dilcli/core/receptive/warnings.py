"""What is worth a warning in a receptive field, and how nodes are called in messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.receptive.network import PICTURE, Merge

if TYPE_CHECKING:
    from dilcli.core.receptive.fields import ReceptiveField
    from dilcli.core.receptive.network import Network

__all__ = ["node_name", "warnings"]

#: Larger steps between outputs are not looked at pixel by pixel.
_MAX_PERIOD = 2**16


def node_name(network: Network, index: int) -> str:
    """Name a node for a message: ``layer 3 (conv3d2 @block)``."""
    if index == PICTURE:
        return "the input"
    layer, _, name, _ = network.nodes[index]
    text = layer.kind
    if not isinstance(layer, Merge) and layer.kind not in ("gap", "id", "crop"):
        sizes = layer.kernel if len(set(layer.kernel)) > 1 else layer.kernel[:1]
        text += "x".join(map(str, sizes))
    return f"layer {index + 1} ({text}{' @' + name if name else ''})"


def warnings(result: ReceptiveField) -> tuple[str, ...]:
    """Say one line for each thing about a result that surprises people."""
    found = []
    network, size, summary = result.network, result.input_size, result.summary
    for index, node in enumerate(network.nodes):
        inputs = [result.states[i] for i in node.inputs]
        if result.states[index].misaligned and not any(state.misaligned for state in inputs):
            found.append(
                f"{node_name(network, index)}: the branches' centres differ, so its receptive "
                "field is the hull of theirs"
            )
    if summary.coverage is not None and summary.coverage < 1:
        found.append(_holes(result))
    found.extend(_unseen(result))
    if size is not None and summary.rf is not None:
        larger = [i for i in range(network.axes) if summary.rf[i] > size[i]]
        if larger:
            rf = "x".join(map(str, summary.rf))
            found.append(
                f"the receptive field {rf} exceeds the input {'x'.join(map(str, size))}: "
                "the rest of it is padding"
            )
    state = result.states[result.at]
    nodes = sorted({node for unknown in state.unknown for node in unknown})
    layers = [node for node in nodes if not isinstance(network.nodes[node].layer, Merge)]
    if layers:
        found.append(
            f"{node_name(network, layers[0])}: TensorFlow's SAME padding depends on the input's "
            "size, which is not given: padding, start and alignment are unknown"
        )
    return tuple(found)


def _unseen(result: ReceptiveField) -> list[str]:
    """Tell of pixels that no output sees, for a stride has passed them by."""
    for axis in result.states[result.at].axes:
        period = axis.period
        if not isinstance(period, int) or period > _MAX_PERIOD:
            continue
        seen: set[int] = set()
        for sight in axis.sights:
            if sight.mask is None:
                return []
            bits = bin(sight.mask)[:1:-1]
            seen.update((int(sight.first) + i) % period for i, bit in enumerate(bits) if bit == "1")
        if len(seen) < period:
            return [
                f"strides larger than what is read: no output sees {period - len(seen)} of "
                f"{period} rows or columns of the input"
            ]
    return []


def _holes(result: ReceptiveField) -> str:
    share = float(result.summary.coverage or 0)
    holed = [r for r in result.rows if r.field.coverage is not None and r.field.coverage < 1]
    first = f"; they begin at {node_name(result.network, holed[0].number - 1)}" if holed else ""
    return f"holes: an output sees {share:.2%} of the pixels in its receptive field{first}"
