"""Descriptions of the Fomoro calculator, as its links hold them: ``4,2,1,SAME;4,2,1,VALID``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dilcli.core.receptive.network import MAX_NODES, TOO_MANY
from dilcli.core.receptive.reading import layer_from, quoted
from dilcli.core.receptive.values import read_number, refuse
from dilcli.errors import LayerError

if TYPE_CHECKING:
    from dilcli.core.receptive.layers import Layer
    from dilcli.core.receptive.reading import Reading

__all__ = ["fomoro_start", "read_fomoro"]

#: A layer text never begins with a number and a comma.
_START = re.compile(r"\s*(?:(?:https?://[^\s#]*)?#)?(?=[0-9]+\s*,\s*[0-9]+\s*,)")
_COMMENT = re.compile(r"#[^\n]*")
_FIELD = re.compile(r"[^\s,;]+")


def fomoro_start(text: str) -> int | None:
    """Tell where kernel, stride, dilation and padding begin, behind a link's address if any."""
    match = _START.match(text)
    if match is None:
        return None
    return match.end()


def read_fomoro(text: str, at: int, reading: Reading) -> tuple[Layer, ...]:
    """Read convolutions from ``kernel,stride,dilation,SAME`` or ``VALID``, with ``;`` between."""
    layers: list[Layer] = []
    plain = _COMMENT.sub(lambda match: " " * len(match[0]), text[at:])
    for part in plain.split(";"):
        if part.strip():
            layers.append(_read_part(text, at, part, reading))
            if len(layers) > MAX_NODES:
                refuse(text, at, TOO_MANY)
        at += len(part) + 1
    return tuple(layers)


def _read_part(text: str, at: int, part: str, reading: Reading) -> Layer:
    fields = [(at + match.start(), match[0]) for match in _FIELD.finditer(part)]
    begin = fields[0][0] if fields else at
    if len(fields) != 4 or part.count(",") != 3:
        refuse(text, begin, f"{quoted(part.strip())} is no kernel,stride,dilation,SAME or VALID")
    kernel, stride, dilation = (read_number(text, *field) for field in fields[:3])
    place, rule = fields[3][0], fields[3][1].lower()
    if rule not in ("same", "valid"):
        refuse(text, place, f"{quoted(fields[3][1])} is no padding; write SAME or VALID")
    made = {
        "kind": "conv",
        "kernel": (kernel,),
        "stride": (stride,),
        "dilation": (dilation,),
        "padding": rule,
    }
    try:
        return layer_from(reading, made, quoted(part.strip()))
    except LayerError as error:
        refuse(text, begin, str(error))
