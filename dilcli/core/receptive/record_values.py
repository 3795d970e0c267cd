"""What stands behind the keys of a layer's record, checked: sizes, paddings, words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from dilcli.core.receptive.checks import WINDOWLESS, did_you_mean
from dilcli.core.receptive.layers import KINDS, PADDING_RULES
from dilcli.core.receptive.reading import KIND_ALIASES, MAX_NUMBER, quoted
from dilcli.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["layer_fields", "refuse_at", "whole_number", "whole_numbers", "word"]


def refuse_at(place: str, wrong: str) -> NoReturn:
    """Raise what is wrong in records, and where: ``layers[3].branches[0][1]: ...``.

    Raises
    ------
    LayerError
        Always.
    """
    raise LayerError(f"{place}: {wrong}")


def layer_fields(record: dict[str, Any], place: str) -> dict[str, Any]:
    """Read a layer's record as arguments of `make_layer`."""
    kind = _kind(record, place)
    if "kernel" not in record and kind not in WINDOWLESS:
        size = 2 if kind == "up" else 3
        refuse_at(place, f'kernel missing; write {{"kind": "{kind}", "kernel": {size}}}')
    fields = {
        key: read(record[key], f"{place}.{key}") for key, read in _READERS.items() if key in record
    }
    if "padding" in record:
        fields["padding"] = _padding(record["padding"], f"{place}.padding", kind)
    return {"kind": kind, **fields}


def whole_numbers(value: object, place: str) -> tuple[int, ...]:
    """Read one whole number for all axes, or a list of one for each.

    Raises
    ------
    LayerError
        If it is anything else, or a number has more than nine digits.
    """
    if not isinstance(value, list | tuple):
        return (whole_number(value, place),)
    if not 1 <= len(value) <= 3:
        refuse_at(place, f"wants numbers for 1, 2 or 3 axes (got {len(value)})")
    return tuple(whole_number(number, place) for number in value)


def whole_number(value: object, place: str) -> int:
    """Read a whole number of at most nine digits; true and false are none.

    Raises
    ------
    LayerError
        If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        refuse_at(place, f"wants a whole number (got {quoted(value)})")
    if abs(value) > MAX_NUMBER:
        refuse_at(place, f"wants a whole number of at most 9 digits (got {quoted(value)})")
    return value


def word(value: object, place: str) -> str:
    """Read a text that can be printed in one line.

    Raises
    ------
    LayerError
        If it is anything else.
    """
    if not isinstance(value, str) or not value.isprintable():
        refuse_at(place, f"wants a text of one line (got {quoted(value)})")
    return value


def _switch(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        refuse_at(place, f"wants true or false (got {quoted(value)})")
    return value


def _kind(record: dict[str, Any], place: str) -> str:
    if "kind" not in record:
        refuse_at(place, f"kind missing (known: {', '.join(KINDS)})")
    kind = word(record["kind"], f"{place}.kind").lower()
    kind = KIND_ALIASES.get(kind, kind)
    if kind not in KINDS:
        known = (*KINDS, *KIND_ALIASES, "branch", "group", "from")
        refuse_at(place, f"unknown kind {quoted(kind)}{did_you_mean(kind, known)}")
    return kind


def _padding(value: object, place: str, kind: str) -> object:
    """Read ``1``, ``[1, 2]`` for each axis, ``[[1, 0], [2, 2]]`` before and after, or a word."""
    if isinstance(value, str):
        if value.lower() not in PADDING_RULES:
            refuse_at(place, f"unknown padding {quoted(value)}{did_you_mean(value, PADDING_RULES)}")
        return value.lower()
    sides = value if isinstance(value, list | tuple) else [value]
    if not 1 <= len(sides) <= 3:
        refuse_at(place, f"wants paddings for 1, 2 or 3 axes (got {len(sides)})")
    pads = tuple(_pair(side, place) for side in sides)
    if kind == "crop" and max(max(pair) for pair in pads) > 0:
        refuse_at(place, "a crop is a negative padding, such as -4; conv of kernel 1 can pad")
    return pads


def _pair(side: object, place: str) -> tuple[int, int]:
    pair = side if isinstance(side, list | tuple) else [side, side]
    if len(pair) != 2:
        refuse_at(place, f"wants [before, after] for an axis (got {len(pair)} numbers)")
    return whole_number(pair[0], place), whole_number(pair[1], place)


_READERS: dict[str, Callable[[object, str], Any]] = {
    **dict.fromkeys(("kernel", "stride", "dilation", "output_padding"), whole_numbers),
    **dict.fromkeys(("channels", "groups"), whole_number),
    **dict.fromkeys(("name", "mode"), word),
    "ceil_mode": _switch,
}
