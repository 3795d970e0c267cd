"""What is common to reading layers from text and from records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dilcli.core.receptive.checks import all_sizes, did_you_mean
from dilcli.core.receptive.layers import Layer, make_layer
from dilcli.core.receptive.network import MAX_NODES, TOO_MANY, From, Item
from dilcli.errors import LayerError

if TYPE_CHECKING:
    from dilcli.core.receptive.layers import PaddingRule

__all__ = [
    "KIND_ALIASES",
    "MAX_NUMBER",
    "Piece",
    "Reading",
    "layer_from",
    "quoted",
    "repeated",
    "restart",
]

#: Items in a row, and how many places they take: at least as many as they make nodes.
Piece = tuple[tuple[Item, ...], int]

KIND_ALIASES = {"globalpool": "gap", "identity": "id"}

#: Nine digits. More are typing errors, and an integer of thousands takes long to print.
MAX_NUMBER = 999_999_999

_MAX_SHOWN = 60
_TYPES: dict[type, str] = {list: "a list", tuple: "a list", dict: "a table"}


class Reading:
    """One description while it is read: what was asked for it, and what was found so far.

    Attributes
    ----------
    padding : str, optional
        What convolutions get that say nothing; default ``half``.
    holes : bool
        Dilations count the gaps between taps, 0 being dense.
    axes : int, optional
        As asked for, or as the first layer has that gives one size for each axis.
    ranked : str
        What gave `axes`: that layer as it was written, or what asked for them.
    names : dict of str
        The names given so far, in order.
    notes : list of str
        What a reader may have meant differently.
    """

    def __init__(
        self, padding: PaddingRule | None = None, holes: bool = False, axes: int | None = None
    ) -> None:
        self.padding = padding
        self.holes = holes
        self.axes = axes
        self.ranked = "--axis"
        self.names: dict[str, None] = {}
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        """Keep a note, once."""
        if text not in self.notes:
            self.notes.append(text)


def layer_from(reading: Reading, fields: dict[str, Any], said: str) -> Layer:
    """Make a layer from what was written of it.

    Parameters
    ----------
    reading : Reading
        Learns the layer's name, its axes, and notes on it.
    fields : dict
        Arguments of `make_layer`; ``holes`` may stand for ``dilation``.
    said : str
        How messages about other layers call this one.

    Raises
    ------
    LayerError
        If the layer has no meaning, or sizes for another number of axes than those before.
    """
    counted = "holes" if "holes" in fields else "dilation"
    gaps = 1 if reading.holes or counted == "holes" else 0
    if counted in fields:
        fields["dilation"] = tuple(number + gaps for number in fields.pop(counted))
    if "padding" not in fields and fields["kind"] in ("conv", "dwconv"):
        fields["padding"] = reading.padding
    layer = make_layer(**fields)
    axes = max(map(len, all_sizes(layer)))
    if axes > 1 and reading.axes is None:
        reading.axes, reading.ranked = axes, said
    if axes > 1 and axes != reading.axes:
        raise LayerError(f"sizes for {axes} axes, but {reading.ranked} is for {reading.axes}")
    if fields.get("padding") in (None, "half"):
        _note_on_halves(reading, layer, said)
    if layer.name:
        reading.names[layer.name] = None
    return layer


def _note_on_halves(reading: Reading, layer: Layer, said: str) -> None:
    for before, after in layer.padding if layer.padding != "same" else ():
        if before != after:
            reading.note(
                f"{said}: half padding of an even kernel is asymmetric, "
                f"{before} before and {after} after"
            )


def restart(reading: Reading, name: str) -> From:
    """Go on from a layer that was named before."""
    if name not in reading.names:
        hint = did_you_mean(name, reading.names) if reading.names else "; name one by @name"
        raise LayerError(f"no earlier layer is named {quoted(name)}{hint}")
    return From(name)


def repeated(piece: Piece, count: int) -> Piece:
    """Repeat items, unless they would be more than any network has."""
    items, places = piece
    if count < 1:
        raise LayerError(f"a count is at least 1 (got {count})")
    if places * count > MAX_NODES:
        raise LayerError(TOO_MANY)
    return items * count, places * count


def quoted(value: object) -> str:
    """Show a user's value in a message: in one line, however long or nested it is."""
    if isinstance(value, str):
        return repr(value) if len(value) <= _MAX_SHOWN else repr(value[:_MAX_SHOWN]) + "..."
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return "a number of more than 9 digits"
    if isinstance(value, bool) or value is None:
        return "nothing" if value is None else str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return _TYPES.get(type(value), f"a {type(value).__name__}")
