"""One layer in text: ``conv3d2``, ``maxpool3s2p1@stem`` or ``conv:k=3,d=2``.

::

    layer  := kind kernel {option} [":" key "=" value {"," key "=" value}] ["@" name]
    kernel := sizes                              rows x columns: 3, 3x5, 3x3x3
    option := "s" sizes | "d" sizes | "g" sizes | "p" (pads | rule)
    sizes  := number {"x" number}                one for all axes, or one for each
    pads   := side [":" side] {"x" side [":" side]}      before:after; negative crops
    rule   := "v" valid | "s" TensorFlow's SAME | "h" half | "c" causal

``g`` counts holes, so ``g1`` is ``d2``. ``crop4`` has pads in place of the kernel, ``up2`` a
factor; ``gap`` and ``id`` have neither.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from dilcli.core.receptive.checks import did_you_mean
from dilcli.core.receptive.layers import KINDS, Layer
from dilcli.core.receptive.reading import KIND_ALIASES, Reading, layer_from, quoted
from dilcli.core.receptive.values import (
    PADS,
    SIZES,
    read_name,
    read_rule,
    read_sides,
    read_sizes,
    read_value,
    refuse,
)
from dilcli.errors import LayerError

__all__ = ["read_layer"]

_KIND = re.compile("[a-zA-Z_]+")
_KEY = r"([a-zA-Z_]+)\s*=\s*"
_NEXT_KEY = r"\s*,\s*(?=[a-zA-Z_]+\s*=)"
_VALUE = r'[^\s,;()|#@"]*'

_OPTIONS = {"s": "stride", "d": "dilation", "g": "holes", "p": "padding"}
_KEYS = {
    "k": "kernel",
    **_OPTIONS,
    "rate": "dilation",
    "pad": "padding",
    "op": "output_padding",
    "ceil": "ceil_mode",
    **{
        key: key
        for key in (
            "kernel",
            "stride",
            "dilation",
            "holes",
            "padding",
            "name",
            "output_padding",
            "ceil_mode",
            "mode",
            "channels",
            "groups",
        )
    },
}
#: PyTorch's names of layers, for those who write them here.
_MODULES = {"tconv": "ConvTranspose", "avgpool": "AvgPool", "maxpool": "MaxPool", "pool": "MaxPool"}

#: What people call layers that have no kind here.
_ELSEWHERE = {
    **dict.fromkeys(
        ("relu", "gelu", "silu", "elu", "sigmoid", "tanh", "bn", "batchnorm", "dropout", "act"),
        "it sees one pixel, so leave it out or write id",
    ),
    **dict.fromkeys(
        ("fc", "linear", "dense", "flatten", "attention", "softmax"),
        "what sees the whole input is gap",
    ),
    **dict.fromkeys(("deconv", "upconv", "convtranspose", "conv_transpose"), "write tconv"),
    **dict.fromkeys(("upsample", "resize", "interpolate"), "write up2"),
    **dict.fromkeys(("sepconv", "depthwise", "separable"), "write dwconv3"),
    **dict.fromkeys(("add", "cat", "concat"), "branches follow it, as in cat(conv3 | conv3d2)"),
    "from": "write from:name for the layer @name",
    "x": "a count comes before its layer, as in 3xconv3",
    **dict.fromkeys(("max", "avg", "mean"), "write maxpool or avgpool"),
}


def read_layer(text: str, at: int, reading: Reading) -> tuple[Layer, int]:
    """Read the layer that begins at `at`; also say where it ends."""
    match = _KIND.match(text, at)
    if match is None:
        refuse(text, at, f"unexpected {quoted(text[at])}; layers look like conv3d2 or pool2")
    kind = KIND_ALIASES.get(match[0].lower(), match[0].lower())
    if kind not in KINDS:
        _refuse_kind(text, at, kind)
    fields: dict[str, Any] = {"kind": kind}
    end = _read_options(text, _read_kernel(text, match.end(), fields), fields)
    end = _read_pairs(text, end, fields)
    if end < len(text) and not text[end].isspace() and text[end] not in ",;()|#@":
        _refuse_rest(text, end)
    said = " ".join(text[at:end].split())[:60]
    if text.startswith("@", end):
        _once(text, end, fields, "name")
        fields["name"], end = read_name(text, end + 1)
    _check_complete(text, at, fields)
    try:
        layer = layer_from(reading, fields, said)
    except LayerError as error:
        refuse(text, at, str(error))
    if text[match.end() :][:2].lower() == "2d":
        rate = "x".join(map(str, layer.dilation))
        reading.note(f"{said} is kernel 2, dilation {rate}; kernel {rate} is {match[0]}{rate}")
    return layer, end


def _read_kernel(text: str, at: int, fields: dict[str, Any]) -> int:
    """Read what follows the kind: pads of a crop, else the kernel."""
    crops = fields["kind"] == "crop"
    match = (PADS if crops else SIZES).match(text, at)
    if match is None:
        return at
    if fields["kind"] in ("gap", "id"):
        refuse(text, at, f"{fields['kind']} has no kernel")
    if crops:
        pads = read_sides(text, at, match[0])
        fields["padding"] = tuple((-before, -after) for before, after in pads)
    else:
        fields["kernel"] = read_sizes(text, at, match[0])
    return match.end()


def _read_options(text: str, at: int, fields: dict[str, Any]) -> int:
    while field := _OPTIONS.get(text[at : at + 1].lower()):
        _once(text, at, fields, field)
        begin = at + 1
        if field == "padding":
            fields[field], at = read_rule(text, begin)
            match = PADS.match(text, begin) if at == begin else None
        else:
            match = SIZES.match(text, begin)
        if match:
            fields[field], at = read_value(text, begin, field, match[0]), match.end()
        elif at <= begin:
            _refuse_bare_option(text, begin - 1, fields)
    return at


def _read_pairs(text: str, at: int, fields: dict[str, Any]) -> int:
    """Read the long form: ``:k=3,d=2``."""
    if not text.startswith(":", at):
        return at
    key, next_key, value = map(re.compile, (_KEY, _NEXT_KEY, _VALUE))
    match = key.match(text, at + 1)
    if match is None:
        refuse(text, at, "':' begins key=value, as in conv:k=3,d=2")
    while match:
        field = _KEYS.get(match[1].lower())
        if field is None:
            hint = did_you_mean(match[1].lower(), _KEYS)
            refuse(text, match.start(), f"unknown key {quoted(match[1])}{hint}")
        _once(text, match.start(), fields, field)
        at = match.end()
        if field == "name":
            fields[field], at = read_name(text, at)
        else:
            word = value.match(text, at)
            assert word is not None
            fields[field], at = read_value(text, at, field, word[0]), word.end()
        comma = next_key.match(text, at)
        match = key.match(text, comma.end()) if comma else None
    return at


def _once(text: str, at: int, fields: dict[str, Any], field: str) -> None:
    given = {"holes": "dilation"}.get(field, field)
    if field in fields or given in fields or (field == "dilation" and "holes" in fields):
        refuse(text, at, f"{given} is given twice")


def _check_complete(text: str, at: int, fields: dict[str, Any]) -> None:
    kind = fields["kind"]
    if kind == "crop" and "padding" not in fields:
        refuse(text, at, "crop: number missing; write crop4, or crop4:2 for 4 before and 2 after")
    if kind not in ("crop", "gap", "id") and "kernel" not in fields:
        what = "factor missing; write up2" if kind == "up" else f"kernel missing; write {kind}3"
        refuse(text, at, f"{kind}: {what}")


def _refuse_kind(text: str, at: int, kind: str) -> NoReturn:
    hint = _ELSEWHERE.get(kind)
    known = (*KINDS, *KIND_ALIASES, "add", "cat", "concat", "from")
    hint = f"; {hint}" if hint else did_you_mean(kind, known)
    refuse(text, at, f"unknown layer {quoted(kind)}{hint}")


def _refuse_bare_option(text: str, at: int, fields: dict[str, Any]) -> NoReturn:
    letter, kind = text[at].lower(), fields["kind"]
    kernel = fields.get("kernel", ())
    if letter == "d" and kernel in ((1,), (2,), (3,)) and kind != "up" and len(fields) == 2:
        module, axes = f"nn.{_MODULES.get(kind, 'Conv')}", min(kernel[0], 2)
        wanted = f"write {kind}3 for {module}{axes}d(kernel_size=3)"
        more = f" or {module}3d(kernel_size=3)" if kernel == (3,) else ""
        refuse(text, at, f"dilation missing; {wanted}{more}")
    if letter == "p":
        refuse(text, at, "padding missing after p; write p1, p1:0, pv, ph, ps or pc")
    refuse(text, at, f"{_OPTIONS[letter]} missing after {letter}; write {letter}2")


def _refuse_rest(text: str, at: int) -> NoReturn:
    word = _KIND.match(text, at)
    if word is None:
        refuse(text, at, f"unexpected {quoted(text[at])}")
    if word[0].lower() == "x":
        refuse(text, at, "a number is missing after x")
    refuse(
        text,
        at,
        f"unknown option {quoted(word[0])} (known: s stride, d dilation, g holes, p padding)",
    )
