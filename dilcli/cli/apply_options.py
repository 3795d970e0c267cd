"""The options of ``apply``, each written once and in the order that help shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.filter_options import (
    CONVOLVE,
    FILL,
    ORIGIN,
    boundary_option,
    holes_option,
    kernel_option,
    with_options,
)
from dilcli.cli.params import PairListParam, PairParam, WordParam
from dilcli.cli.run_options import DEPTH, RUN_OPTIONS
from dilcli.core.kernels import NORMALIZATIONS
from dilcli.core.response import COMBINATIONS, RESPONSES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["apply_options"]

_OPTIONS = (
    click.argument("inputs", nargs=-1),
    kernel_option("A name, weights in line, or @file; required."),
    click.option(
        "-d",
        "--dilation",
        type=PairListParam(),
        metavar="N[xM],...",
        help="Distance between taps, >= 1; 1 is dense. Several rates make several outputs.",
    ),
    click.option(
        "--rate", type=PairListParam(), metavar="N[xM],...", help="The same under DeepLab's name."
    ),
    holes_option("The same counted in gaps; 0 is dense."),
    click.option(
        "--combine",
        type=WordParam(COMBINATIONS, "HOW"),
        help="One output from several rates: max, mean, sum or rms of the responses, or cascade.",
    ),
    click.option(
        "--stride",
        type=PairParam(),
        metavar="N[xM]",
        default="1",
        help="Keep every Nth pixel, x[::N].",
    ),
    boundary_option("What stands outside the image; pictures below."),
    FILL,
    CONVOLVE,
    ORIGIN,
    click.option(
        "--normalize",
        type=WordParam(NORMALIZATIONS, "HOW"),
        default="none",
        show_default=True,
        help="Divide the weights by their sum, or by their l1 norm.",
    ),
    click.option("--scale", type=float, default=1.0, help="Multiply the weights."),
    click.option("--bias", type=float, default=0.0, help="Add to the response, in input units."),
    click.option(
        "--response",
        type=WordParam(RESPONSES, "HOW"),
        default="auto",
        show_default=True,
        help="How responses become samples: clip, abs, offset, minmax, raw.",
    ),
    DEPTH,
    click.option(
        "--alpha",
        type=WordParam(("auto", "premultiply", "keep", "drop"), "HOW"),
        default="auto",
        show_default=True,
        help="What happens to alpha: premultiply, keep, drop.",
    ),
    click.option("--background", metavar="COLOR", help="Flatten alpha onto a colour."),
    click.option(
        "--channels",
        type=WordParam(("all", "luma"), "C"),
        default="all",
        show_default=True,
        help="Filter all colour channels, or luma alone (Rec. 709).",
    ),
    click.option("--linear", is_flag=True, help="Filter in linear light (sRGB)."),
    *RUN_OPTIONS,
    click.option("--list-kernels", is_flag=True, help="List the named kernels."),
    click.option("--show-kernel", is_flag=True, help="Draw the kernel's taps and holes."),
    click.option("--explain", is_flag=True, help="Offsets, bounds, and the same in other tools."),
)


def apply_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of ``apply``."""
    return with_options(_OPTIONS)(command)
