"""The options of ``compare``, each written once and in the order that help shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.compare_params import ConditionParam, DetailParam, PrefilterParam, WordsParam
from dilcli.cli.filter_options import (
    CONVOLVE,
    FILL,
    ORIGIN,
    boundary_option,
    holes_option,
    kernel_option,
)
from dilcli.cli.params import (
    PairListParam,
    WordParam,
)
from dilcli.features.compare import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ALIGNMENTS",
    "BORDERS",
    "COSTS",
    "EPILOG",
    "PHASES",
    "UPSAMPLINGS",
    "compare_options",
]

#: Words of the engine, which help must not load for them.
UPSAMPLINGS = ("implant", "nearest", "bilinear", "bicubic")
COSTS = ("dense", "naive")
ALIGNMENTS = ("samples", "half-pixel")
BORDERS = ("pad-first", "decimate-first")
PHASES = ("one", "all")
_PANELS = ("input", "dilated", *UPSAMPLINGS, *COSTS, "difference")

#: What the columns mean, the conditions, and examples, below the options in the help.
EPILOG = """\b
The ways, each held against dilated:
  dilated   the kernel with holes, on every pixel
  implant   every rth sample filtered, zeros between the results
  nearest   the same, each result repeated
  bilinear, bicubic   the same, interpolated
  dense, naive   the kernel without holes; its holes filled with zeros

\b
Columns:
  coverage    share of the positions that get a response
  params      weights; MACs/px are multiply-adds for a pixel of the result
  max |diff|  largest difference from dilated, in the picture's units
  PSNR, SSIM  as in scikit-image; the data range is said below the table.
              SSIM is of responses shifted by their smallest value, for it
              compares quotients of means, which need one sign
  corr.       Pearson's correlation coefficient
A narrow terminal loses columns from the right, never digits.

\b
Conditions (--fail-if): NAME OP NUMBER or WAY.NAME OP NUMBER, with
< <= > >= = !=. Without a way one holds if any way but dilated meets it;
the psnr of identical responses is infinite. Names: psnr ssim rmse mae
  max_abs_diff correlation coverage checkerboard prefilter_error
  interpolation_error data_range parameters macs_per_pixel seconds
  sampled between border; once: aliased_energy mean_spread variance_spread

\b
Examples:
  dilcli compare photo.jpg -k gaussian-dy -d 2 -o figure.png
  dilcli compare photo.jpg -k sobel-y -d 2,4 --prefilter gaussian
  dilcli compare scan.tif -k "1 2 1" -d 1x3 --check --json
  dilcli compare photo.jpg -k b3 --fail-if "bilinear.psnr<40"
"""


_OPTIONS = (
    click.argument("source", metavar="INPUT"),
    kernel_option("A name, weights in line, or @file, as for apply; required."),
    click.option(
        "-d",
        "--dilation",
        "--rate",
        "dilation",
        type=PairListParam(),
        metavar="N[xM],...",
        help="Distance between taps and step of the lattice; default 2. Several are several runs.",
    ),
    holes_option("The same counted in gaps: dilation - 1."),
    boundary_option("What stands outside the image: reflect, mirror, nearest, wrap, constant."),
    FILL,
    ORIGIN,
    CONVOLVE,
    click.option(
        "--channels",
        type=WordParam(CHANNELS, "C"),
        default="luma",
        show_default=True,
        help="Compare luma alone (Rec. 709), or all colour channels.",
    ),
    click.option(
        "--upsample",
        type=WordsParam(UPSAMPLINGS, "WAY,..."),
        default=UPSAMPLINGS,
        metavar="WAY,...",
        help="Of implant, nearest, bilinear, bicubic; default all.",
    ),
    click.option(
        "--cost",
        type=WordsParam(COSTS, "WAY,..."),
        default=(),
        metavar="WAY,...",
        help="Add what only shows its cost: dense, naive.",
    ),
    click.option(
        "--prefilter",
        type=PrefilterParam(),
        default="none",
        show_default=True,
        help="Before samples are dropped: none, gaussian (sigma is half the rate), "
        "gaussian:sigma=S, box, b3.",
    ),
    click.option(
        "--align",
        type=WordParam(ALIGNMENTS, "HOW"),
        default="samples",
        show_default=True,
        help="Upsample from where samples were taken, or as PyTorch and OpenCV do: "
        "samples, half-pixel.",
    ),
    click.option(
        "--border",
        type=WordParam(BORDERS, "HOW"),
        default="pad-first",
        show_default=True,
        help="Continue the full picture, or the small one: pad-first, decimate-first.",
    ),
    click.option(
        "--phases",
        type=WordParam(PHASES, "P"),
        default="one",
        show_default=True,
        help="Filter one lattice, or all and interlace them for implant: one, all.",
    ),
    click.option("-o", "--output", metavar="FILE", help="Draw the figure; - is standard output."),
    click.option(
        "--panels",
        type=WordsParam(_PANELS, "NAME,..."),
        metavar="NAME,...",
        help="Panels of the figure: input, difference, and ways.",
    ),
    click.option(
        "--zoom",
        type=DetailParam(),
        metavar="Y,X,HxW",
        help="The figure's detail; default a strong one.",
    ),
    click.option(
        "--diff", metavar="FILE", help="Write way - dilated as float TIFF, one page per way."
    ),
    click.option(
        "--animation",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Draw the kernel sliding over a grid, at dilation 1 and those given, as GIF.",
    ),
    click.option("--check", is_flag=True, help="Exit with 3 unless the identity is exact."),
    click.option(
        "--fail-if",
        "conditions",
        type=ConditionParam(),
        multiple=True,
        help="Exit with 3 if this holds, such as psnr<40; repeatable.",
    ),
    click.option("--json", "json_", is_flag=True, help="One JSON object per rate on stdout."),
    click.option("--overwrite", is_flag=True, help="Replace outputs that exist."),
)


def compare_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of ``compare``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
