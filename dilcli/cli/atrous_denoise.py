"""``dilcli atrous denoise``: noise removed by thresholds on the details of pictures."""

from __future__ import annotations

from typing import Any

import click

from dilcli.cli.atrous_options import CHANGE_OPTIONS, scaling_settings
from dilcli.cli.filter_options import with_options
from dilcli.cli.params import NumbersParam, WordParam
from dilcli.errors import ArgumentError, KernelError

__all__ = ["SigmaParam", "denoise"]

_EPILOG = """\b
Details of level j below k * sigma * weight of the level are noise and are
dropped; the residual is kept. The weights are exact for any kernel and shown
by dilcli atrous info. sigma is found in the finest details of each channel
(median absolute value / 0.67449 / weight) unless it is given; where that
median is 0 nothing is removed, and a note says so.

\b
Examples:
  dilcli atrous denoise m31.tif --ksigma 4,3 -o clean.tif
  dilcli atrous denoise photo.jpg --channels luma --amount 0.8 -o soft.jpg
  dilcli atrous denoise shots -r --output-dir clean --skip-existing
  dilcli atrous denoise counts.npy --poisson 2.1,5,100 -o clean.npy
"""


class SigmaParam(NumbersParam):
    """``auto``, a number, or one number a channel."""

    name = "auto|S,..."

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Read numbers; none for ``auto``."""
        return () if value == "auto" else super().convert(value, param, ctx)


@click.command(epilog=_EPILOG)
@with_options(
    (
        click.argument("inputs", nargs=-1),
        click.option(
            "--ksigma",
            type=NumbersParam(),
            metavar="K,...",
            default="4,3",
            show_default=True,
            help="Thresholds in deviations of the noise, level 1 first; the last one repeats.",
        ),
        click.option(
            "--threshold",
            type=WordParam(("hard", "soft"), "HOW"),
            default="hard",
            show_default=True,
            help="hard keeps larger details as they are; soft takes the threshold off them.",
        ),
        click.option(
            "--sigma",
            type=SigmaParam(),
            default="auto",
            show_default=True,
            metavar="S,...",
            help="Deviation of the noise in units of the input: auto, one, or one a channel.",
        ),
        click.option(
            "--poisson",
            type=NumbersParam(),
            metavar="G,R,O",
            help="Noise of a detector: gain, read noise, offset (generalised Anscombe transform).",
        ),
        click.option(
            "--amount",
            type=click.FloatRange(0, 1),
            default=1.0,
            show_default=True,
            metavar="A",
            help="0 is the input, 1 the denoised picture; between them their mixture.",
        ),
        click.option(
            "--iterations",
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            metavar="N",
            help="Denoise what was removed, too, and put back what survives.",
        ),
        click.option("--positive", is_flag=True, help="Turn negative samples into 0."),
        *CHANGE_OPTIONS,
    )
)
def denoise(inputs: tuple[str, ...], **options: Any) -> int:
    """Remove noise from pictures by thresholds on their details.

    INPUTS are files, folders, globs, @list.txt, or - for standard input. Without -o an output is
    named {stem}_denoised{ext} beside its input.
    """
    from dilcli.core.denoising import denoising
    from dilcli.core.starlet_recipe import StarletRecipe, check_starlet

    try:
        change = denoising(
            options["levels"],
            ksigma=options["ksigma"],
            threshold=options["threshold"],
            sigma=options["sigma"] or None,
            poisson=options["poisson"],
            amount=options["amount"],
            iterations=options["iterations"],
            positive=options["positive"],
        )
        recipe = StarletRecipe(change, **scaling_settings(options))
        check_starlet(recipe)
        from dilcli.cli.run import run_recipes

        return run_recipes(inputs, [recipe], options)
    except (ArgumentError, KernelError) as error:
        raise click.UsageError(str(error)) from None
