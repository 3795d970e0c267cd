"""Layers from records, as JSON and TOML files hold them: ``{"kind": "conv", "kernel": 3}``.

A layer has ``kind`` and ``kernel`` (or none, as in text), and may have ``stride``, ``dilation``,
``padding``, ``name``, ``ceil_mode``, ``output_padding``, ``mode``, ``channels`` and ``groups``.
``{"branches": [[...], [...]], "merge": "concat"}`` are branches, ``{"layers": [...]}`` is a group,
``{"kind": "from", "layer": "name"}`` goes on from a named layer. All but the last may ``repeat``.
A text in place of a record, or of a list of them, is read by the grammar of layer text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dilcli.core.receptive.checks import did_you_mean
from dilcli.core.receptive.network import MAX_DEPTH, MAX_NODES, TOO_DEEP, TOO_MANY, Branch
from dilcli.core.receptive.reading import Reading, layer_from, quoted, repeated, restart
from dilcli.core.receptive.record_values import layer_fields, refuse_at, whole_number, word
from dilcli.core.receptive.text import read_text
from dilcli.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.receptive.layers import PaddingRule
    from dilcli.core.receptive.network import Item
    from dilcli.core.receptive.reading import Piece

__all__ = ["items_from", "read_records"]

_LAYER_KEYS = (
    "kind",
    "kernel",
    "stride",
    "dilation",
    "padding",
    "name",
    "repeat",
    "ceil_mode",
    "output_padding",
    "mode",
    "channels",
    "groups",
)
_SHAPES = {
    "branch": ("kind", "branches", "merge", "name", "repeat"),
    "group": ("kind", "layers", "name", "repeat"),
    "from": ("kind", "layer"),
}
_KEYS = (*_LAYER_KEYS, "branches", "merge", "layers", "layer")
_MERGES = {"add": "add", "concat": "concat", "cat": "concat"}


def items_from(
    records: Sequence[object] | str,
    *,
    padding: PaddingRule | None = None,
    holes: bool = False,
) -> tuple[Item, ...]:
    """Read layers from records.

    Parameters
    ----------
    records : sequence of mapping or str
        See above.
    padding : {"half", "valid", "same", "causal"}, optional
        Of convolutions that give none; default ``half``.
    holes : bool
        Dilations count the gaps between taps: 0 is dense.

    Returns
    -------
    tuple of Layer, Branch or From

    Raises
    ------
    LayerError
        One line that begins with the place, such as ``layers[3].branches[0][1]``.

    Examples
    --------
    >>> items_from([{"kind": "pool", "kernel": 2, "name": "half"}])[0].stride
    (2,)
    """
    return read_records(records, Reading(padding, holes))


def read_records(records: object, reading: Reading) -> tuple[Item, ...]:
    """Read layers from records; what holds for the description is in `reading`."""
    return _stack(records, "layers", reading, 0)[0]


def _stack(value: object, place: str, reading: Reading, depth: int) -> Piece:
    if isinstance(value, str):
        return _text(value, place, reading, depth)
    if not isinstance(value, list | tuple):
        refuse_at(place, f"wants a list of layers (got {quoted(value)})")
    items: list[Item] = []
    places = 0
    for number, record in enumerate(value):
        own, more = _item(record, f"{place}[{number}]", reading, depth)
        places += more
        if places > MAX_NODES:
            refuse_at(place, TOO_MANY)
        items += own
    return tuple(items), places


def _text(text: str, place: str, reading: Reading, depth: int) -> Piece:
    try:
        return read_text(text, reading, depth)
    except LayerError as error:
        refuse_at(place, str(error))


def _item(record: object, place: str, reading: Reading, depth: int) -> Piece:
    if isinstance(record, str):
        return _text(record, place, reading, depth)
    if not isinstance(record, dict):
        refuse_at(place, f'wants {{"kind": "conv", "kernel": 3}} or "conv3" (got {quoted(record)})')
    given = {key: value for key, value in record.items() if value is not None}
    shape = _shape(given, place)
    if shape == "from":
        name = word(given["layer"], f"{place}.layer")
        try:
            return (restart(reading, name),), 1
        except LayerError as error:
            refuse_at(place, str(error))
    count = whole_number(given.pop("repeat", 1), f"{place}.repeat")
    if shape == "layer":
        fields = layer_fields(given, place)
        try:
            piece: Piece = (layer_from(reading, fields, place),), 1
        except LayerError as error:
            refuse_at(place, str(error))
    else:
        piece = _branch(given, shape, place, reading, depth)
    try:
        return repeated(piece, count)
    except LayerError as error:
        refuse_at(f"{place}.repeat", str(error))


def _shape(record: dict[Any, Any], place: str) -> str:
    """Tell branches, groups and restarts from layers, and refuse keys that mean nothing."""
    kind = record.get("kind")
    by_key = {"branches": "branch", "layers": "group", "layer": "from"}
    shape = next((shape for key, shape in by_key.items() if key in record), None)
    if isinstance(kind, str) and kind.lower() in _SHAPES:
        shape = kind.lower()
    known = _SHAPES.get(shape or "", _LAYER_KEYS)
    for key in record:
        if key not in _KEYS:
            hint = did_you_mean(key, known) if isinstance(key, str) else ""
            refuse_at(place, f"unknown key {quoted(key)}{hint}")
        if key not in known:
            refuse_at(place, f"key {key!r} has no meaning in a {shape or 'layer'}")
    if shape and kind is not None and (not isinstance(kind, str) or kind.lower() != shape):
        refuse_at(place, f"a {shape} cannot be of kind {quoted(kind)}")
    for key, needed in by_key.items():
        if shape == needed and key not in record:
            refuse_at(place, f"{key} missing in a {shape}")
    return shape or "layer"


def _branch(record: dict[str, Any], shape: str, place: str, reading: Reading, depth: int) -> Piece:
    if depth >= MAX_DEPTH:
        refuse_at(place, TOO_DEEP)
    merge = record.get("merge", "add")
    if not isinstance(merge, str) or merge not in _MERGES:
        refuse_at(place, f"merge is add or concat (got {quoted(merge)})")
    key = "branches" if shape == "branch" else "layers"
    stacks, inner = record[key], f"{place}.{key}"
    if shape == "group":
        pieces = [_stack(stacks, inner, reading, depth + 1)]
    elif not isinstance(stacks, list | tuple) or not stacks:
        got = "none" if isinstance(stacks, list | tuple) else quoted(stacks)
        refuse_at(inner, f"wants a list of lists of layers (got {got})")
    else:
        pieces = [
            _stack(stack, f"{inner}[{number}]", reading, depth + 1)
            for number, stack in enumerate(stacks)
        ]
    name = word(record.get("name", ""), f"{place}.name")
    if name:
        reading.names[name] = None
    branch = Branch(tuple(items for items, _ in pieces), _MERGES[merge], name)
    return (branch,), 1 + sum(places for _, places in pieces)
