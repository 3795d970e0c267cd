"""The options of ``apply``, each written once and in the order that help shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.filter_options import (
    CONVOLVE,
    FILL,
    ORIGIN,
    boundary_option,
    holes_option,
    kernel_option,
)
from dilcli.cli.params import (
    FormatParam,
    FramesParam,
    PairListParam,
    PairParam,
    SizeParam,
    WordParam,
)
from dilcli.core.kernels import NORMALIZATIONS
from dilcli.core.response import COMBINATIONS, DEPTHS, RESPONSES

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
    click.option(
        "--depth",
        type=WordParam(DEPTHS, "D"),
        default="same",
        show_default=True,
        help="Samples of the output: same, 8, 16, float.",
    ),
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
    click.option(
        "--frames",
        type=FramesParam(),
        metavar="N,N-M",
        default="all",
        help="Frames or pages, from 0: 0 or 2-5.",
    ),
    click.option("-r", "--recursive", is_flag=True, help="Enter folders in folders."),
    click.option(
        "--include",
        metavar="PATTERN",
        multiple=True,
        help="Take only inputs that match, such as '*.tif'; may be given again.",
    ),
    click.option(
        "--exclude",
        metavar="PATTERN",
        multiple=True,
        help="Leave out inputs and folders that match; may be given again.",
    ),
    click.option(
        "--files-from", metavar="FILE", help="Names of inputs, one a line; - for standard input."
    ),
    click.option("-0", "--null", is_flag=True, help="Names of --files-from end with a NUL."),
    click.option("-o", "--output", metavar="PATH", help="A file, a template, or - for stdout."),
    click.option(
        "--output-dir",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="A folder for outputs; made if missing.",
    ),
    click.option("--format", "format_", type=FormatParam(), help="Format of - or default names."),
    click.option("--quality", type=int, metavar="N", help="1 to 100 for JPEG, WebP, AVIF."),
    click.option("--compression", metavar="C", help="0 to 9 for PNG and TIFF; none."),
    click.option("--strip-metadata", is_flag=True, help="Write pixels only."),
    click.option("--overwrite", is_flag=True, help="Replace outputs that exist."),
    click.option("--skip-existing", is_flag=True, help="Leave outputs that exist alone."),
    click.option("--max-pixels", type=click.IntRange(min=1), metavar="N", help="Refuse more."),
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Files at a time, or threads of a single one; default all processors.",
    ),
    click.option(
        "--memory-limit",
        type=SizeParam(),
        metavar="SIZE",
        help="All that the run may take, as 512MB; larger TIFF, .npy and Zarr go strip by strip.",
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="A Dask scheduler whose workers do the work; local starts one.",
    ),
    click.option("--fail-fast", is_flag=True, help="End at the first failure."),
    click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing."),
    click.option(
        "--log",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Append what is said to a file.",
    ),
    click.option("--json", "json_", is_flag=True, help="One JSON object per output on stdout."),
    click.option("--list-kernels", is_flag=True, help="List the named kernels."),
    click.option("--show-kernel", is_flag=True, help="Draw the kernel's taps and holes."),
    click.option("--explain", is_flag=True, help="Offsets, bounds, and the same in other tools."),
)


def apply_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of ``apply``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
