"""The options of ``rf``, each written once and in the order that help shows them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.params import WordParam
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dilcli.features.field_checks import Condition

__all__ = ["EPILOG", "ConditionParam", "NumbersParam", "rf_options"]

_MAX_DIGITS = 9

#: The grammar, the legend of the table, and examples, below the options in the help.
EPILOG = """\b
Layers (rows x columns; options in any order; ( | ) needs quotes):
  conv3  conv3x5  conv3d2  conv3s2p1  conv3d2@name   size, then options
  s2 stride   d2 dilation, 1 is dense   g1 holes, the same as d2
  p1 padding   p1:2 before:after   pv valid  ph half  ps SAME  pc causal
  dwconv3  pool2  maxpool3s2  avgpool2  tconv4s2p1  up2  crop4  gap  id
  3xconv3  2x(conv1 conv3)   repeated
  (conv3|id)  cat(conv3d6|conv3d12)  from:name   branches, skips
Defaults: stride 1, for pools the kernel; padding half (the size stays),
for pools 0. The size of a receptive field never depends on padding.

\b
Columns:
  k_eff     effective size, dilation * (kernel - 1) + 1
  RF        receptive field in pixels of the input; 188-204 after
            upsampling, where it depends on the output; all: everything
  jump      effective stride: pixels from one output to the next
  start     centre of output 0; the first pixel's centre is 0.5
  cover     share of the receptive field that is seen; less than 100%
            is holes
  gap       largest distance between neighbouring pixels seen; 1 is none
  out       output size; RF/in is the share of the input
  σ, 4σ     effective receptive field: standard deviation, exact for
            linear layers with uniform weights; max-pooling counted as
            a mean
  params    weights without biases; MACs are multiply-adds
? is unknown: TensorFlow's SAME with a stride needs --input-size.
Below the table, HDC M2 is the paper's test; coverage is the exact one.
A narrow terminal loses columns from k_eff on, never digits.

\b
Conditions (--check), which must hold on every axis:
  NAME OP NUMBER, with >= <= = != > <: rf, stride, padding, start,
  coverage (percent), gap, lattice, output_size, parameters, macs, sigma
  aligned, hole_free, whole_input, or not and one of these

\b
Examples:
  dilcli rf conv3 conv3d2 conv3d4 --input-size 224
  dilcli rf --preset resnet50 --cell 3,3 --input-size 224
  dilcli rf "2xconv3 (conv3d2|conv3d4)" --check coverage=100 --json
  dilcli rf --suggest 65
"""


class NumbersParam(click.ParamType[tuple[int, ...]]):
    """Whole numbers that a sign joins: ``224x320``, ``3,4``."""

    def __init__(self, name: str, sign: str, example: str, most: int | None = 3) -> None:
        self.name = name
        self.sign = sign
        self.example = example
        self.most = most

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Read the numbers."""
        if isinstance(value, tuple):
            return value
        texts = [text.strip() for text in value.split(self.sign)]
        if not all(re.fullmatch(r"\d+", text, re.ASCII) for text in texts):
            self.fail(f"{value!r} is not {self.name}, such as {self.example}", param, ctx)
        if max(map(len, texts)) > _MAX_DIGITS:
            self.fail(f"{value!r} has a number of more than {_MAX_DIGITS} digits", param, ctx)
        if self.most is not None and len(texts) > self.most:
            self.fail(f"{value!r} has more than {self.most} numbers", param, ctx)
        return tuple(map(int, texts))


class ConditionParam(click.ParamType["Condition"]):
    """A condition on the result: ``rf>=65``."""

    name = "COND"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Condition:
        """Read a condition."""
        from dilcli.features.field_checks import parse_condition

        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # click hands a default through again
        try:
            return parse_condition(value)
        except ArgumentError as error:
            self.fail(str(error), param, ctx)


_POSITION = NumbersParam("a position", ",", "3,4")

_OPTIONS = (
    click.argument("layers", nargs=-1),
    click.option("--file", metavar="FILE", help="Read layers from a file; - is standard input."),
    click.option("--preset", metavar="NAME", help="A known network."),
    click.option("--list-presets", is_flag=True, help="List the known networks."),
    click.option(
        "--axis", type=click.IntRange(1, 3), metavar="1|2|3", help="Number of axes; default 2."
    ),
    click.option(
        "--padding",
        type=WordParam(("half", "valid", "same", "causal"), "HOW"),
        help="Padding where layers say none: half, valid, same (TensorFlow), causal.",
    ),
    click.option("--holes", is_flag=True, help="d counts gaps: d0 is dense."),
    click.option(
        "--treat-as",
        multiple=True,
        metavar="KIND:OP",
        help="Read an ONNX operator as pointwise:OP or whole:OP; repeatable.",
    ),
    click.option(
        "--tconv-rule",
        type=WordParam(("exact", "paper"), "RULE"),
        default="exact",
        show_default=True,
        help="Transposed convolution: exact by phase, or paper.",
    ),
    click.option("--strict", is_flag=True, help="Misaligned branches are an error."),
    click.option("--erf", is_flag=True, help="Effective receptive field; see below."),
    click.option(
        "--input-size",
        type=NumbersParam("a size", "x", "224 or 224x320"),
        metavar="HxW",
        help="Add output sizes and the share of the input.",
    ),
    click.option(
        "--channels",
        type=NumbersParam("a list of channels", ",", "3,64,64", most=None),
        metavar="N,N,...",
        help="Add costs: channels of the input, then of each conv and tconv.",
    ),
    click.option(
        "--cell", type=_POSITION, metavar="Y,X", help="Which pixels this output sees; from 0."
    ),
    click.option(
        "--pixel", type=_POSITION, metavar="Y,X", help="Which outputs see this pixel; from 0."
    ),
    click.option("--at", metavar="LAYER", help="Sum up at this layer: a name or a number."),
    click.option(
        "--format",
        "format_",
        type=WordParam(("table", "json", "csv", "markdown"), "NAME"),
        help="table (the default), json, csv, markdown.",
    ),
    click.option("--json", "json_", is_flag=True, help="The same as --format json."),
    click.option(
        "--check",
        "conditions",
        type=ConditionParam(),
        multiple=True,
        help="Exit with 3 unless this holds; repeatable.",
    ),
    click.option(
        "--suggest",
        type=click.IntRange(1),
        metavar="N",
        help="Suggest rates without holes that reach a field of N.",
    ),
    click.option("--kernel", type=click.IntRange(2), metavar="K", help="For --suggest; default 3."),
    click.option(
        "--layers", "layer_count", type=click.IntRange(1), metavar="N", help="For --suggest."
    ),
    click.option("--plot", is_flag=True, help="Draw the pixels that one output sees."),
    click.option("--map", "map_", metavar="FILE", help="The same as a picture, with the ERF."),
    click.option(
        "--image",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Draw --map over this picture, for --cell.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace the --map file if it exists."),
)


def rf_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of ``rf``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
