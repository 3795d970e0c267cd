"""Receptive fields from any description of layers, for a Python caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.core.receptive.fields import receptive_field as _of_network
from dilcli.core.receptive.network import Network, lay_out
from dilcli.core.receptive.records import items_from
from dilcli.core.receptive.text import parse_items
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.receptive.fields import ReceptiveField

__all__ = ["receptive_field"]


def receptive_field(
    layers: str | Sequence[object] | Network,
    *,
    input_size: int | Sequence[int] | None = None,
    axes: int | None = None,
    strict: bool = False,
    tconv_rule: str = "exact",
) -> ReceptiveField:
    """Calculate the receptive field of a stack of layers, and of every layer in it.

    Parameters
    ----------
    layers : str, sequence of mappings, or Network
        Layer text (``"conv3 conv3d2 pool2"``), or records with the keys ``kind``, ``kernel``,
        ``stride``, ``padding``, ``dilation``, ``name``, ``repeat``, ``branches``, ``merge``.
    input_size : int or sequence of int, optional
        Pixels along each axis, rows first; one number for all axes. Gives output sizes, and the
        padding of TensorFlow's ``"same"``.
    axes : int, optional
        1, 2 or 3. Default: what the layers say, else 2.
    strict : bool
        Refuse branches whose centres differ; else the hull of theirs is given.
    tconv_rule : {"exact", "paper"}
        ``exact`` looks at each phase of a transposed convolution; ``paper`` adds
        ``(kernel - 1)`` times the stride of its output, as published tables do.

    Returns
    -------
    ReceptiveField
        ``summary`` is the `Field` of the last layer, ``rows`` has one for each layer.

    Raises
    ------
    LayerError
        If the layers cannot be read, do not fit together or have no output.
    ArgumentError
        If another argument is out of its range.

    Notes
    -----
    The formulas are those of Araujo, Norris, Sim, Distill 2019, doi 10.23915/distill.00021.

    Examples
    --------
    >>> field = receptive_field("conv3 conv3d2 conv3d4").summary
    >>> field.rf, field.effective_stride, field.effective_padding
    ((15, 15), (1, 1), (7, 7))
    """
    if axes is not None and axes not in (1, 2, 3):
        raise ArgumentError(f"axes must be 1, 2 or 3 (got {axes})")
    if isinstance(layers, Network):
        network = layers
    else:
        items = parse_items(layers) if isinstance(layers, str) else items_from(layers)
        network = lay_out(items, axes)
    if isinstance(input_size, int):
        input_size = (input_size,) * network.axes
    return _of_network(
        network,
        input_size=None if input_size is None else tuple(input_size),
        strict=strict,
        tconv_rule=tconv_rule,
    )
