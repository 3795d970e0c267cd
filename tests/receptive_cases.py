"""The reference cases of receptive fields: published networks, with their sources in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dilcli.core.receptive.layers import make_layer
from dilcli.core.receptive.network import Branch, Item, Network, lay_out

__all__ = ["CASES", "case", "network_of", "per_axis", "size_of"]

#: Every record has a name, a source, layers, and what is expected of them.
CASES: tuple[dict[str, Any], ...] = tuple(
    json.loads((Path(__file__).parent / "data" / "rf_cases.json").read_text(encoding="utf-8"))[
        "cases"
    ]
)


def case(name: str) -> dict[str, Any]:
    """Find a case by its name."""
    return next(record for record in CASES if record["name"] == name)


def network_of(record: dict[str, Any]) -> Network:
    """Lay the layers of a case out."""
    return lay_out(tuple(map(_item, record["layers"])), axes=2)


def size_of(record: dict[str, Any]) -> tuple[int, int] | None:
    """Give the input's size (rows, columns), if the case has one."""
    size = record.get("input_size")
    return None if size is None else per_axis(size)


def per_axis(value: Any) -> tuple[Any, Any]:
    """Spell one value for both axes out."""
    rows, columns = value if isinstance(value, list) else (value, value)
    return rows, columns


def _item(record: dict[str, Any]) -> Item:
    if record["kind"] == "branch":
        stacks = tuple(tuple(map(_item, stack)) for stack in record["branches"])
        return Branch(stacks, record["merge"])
    padding = record["padding"]
    if isinstance(padding, int):
        padding = [(padding, padding)]
    return make_layer(
        record["kind"],
        _sizes(record["kernel"]),
        stride=_sizes(record["stride"]),
        dilation=_sizes(record["dilation"]),
        padding=padding,
        name=record.get("name", ""),
    )


def _sizes(value: int | list[int]) -> list[int]:
    return [value] if isinstance(value, int) else value
