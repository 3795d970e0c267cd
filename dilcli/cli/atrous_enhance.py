"""``dilcli atrous enhance``: pictures sharpened by scale, their background taken away or shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.atrous_options import CHANGE_OPTIONS, scaling_settings
from dilcli.cli.filter_options import with_options
from dilcli.cli.params import NumbersParam
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from dilcli.core.starlet_recipe import StarletRecipe

__all__ = ["enhance"]

_EPILOG = """\b
The output is the sum of the details, each level times its gain, and of the
residual times --residual-gain. A gain above 1 at the finest level sharpens,
below 1 smooths; --residual-gain 0 takes away what is larger than 2^N pixels.

\b
Examples:
  dilcli atrous enhance photo.jpg --gain 2,1.5,1 -o sharp.jpg
  dilcli atrous enhance galaxy.tif -J 6 --residual-gain 0 --depth float \\
    -o flat.tif --background sky.tif
  dilcli atrous enhance shots --gain 1.5,1.2,1 --output-dir sharp
"""


@click.command(epilog=_EPILOG)
@with_options(
    (
        click.argument("inputs", nargs=-1),
        click.option(
            "--gain",
            type=NumbersParam(),
            metavar="G,...",
            help="Factors of the details, level 1 first; the last one repeats; default 1.",
        ),
        click.option(
            "--residual-gain",
            type=float,
            metavar="G",
            help="Factor of the residual; default 1, 0 removes the background.",
        ),
        click.option(
            "--background",
            "residual",
            metavar="PATH",
            help="Write the residual as well, or alone: a file, a template, or -.",
        ),
        *CHANGE_OPTIONS,
    )
)
def enhance(inputs: tuple[str, ...], **options: Any) -> int:
    """Sharpen pictures by scale, or take their background away.

    INPUTS are files, folders, globs, @list.txt, or - for standard input. Without -o an output is
    named {stem}_enhanced{ext} beside its input.
    """
    from dilcli.core.starlet_recipe import check_starlet

    try:
        recipes, templates = _recipes(options)
        for recipe in recipes:
            check_starlet(recipe)
        from dilcli.cli.run import run_recipes

        return run_recipes(inputs, recipes, options, templates)
    except (ArgumentError, KernelError) as error:
        raise click.UsageError(str(error)) from None


def _recipes(options: dict[str, Any]) -> tuple[list[StarletRecipe], list[str | None]]:
    """Make a recipe of the gains, of the background, or of both."""
    from dilcli.core.starlet_recipe import Background, StarletRecipe, enhancing

    settings = scaling_settings(options)
    gains, residual_gain, background = (
        options["gain"],
        options["residual_gain"],
        options["residual"],
    )
    recipes, templates = list[StarletRecipe](), list[str | None]()
    if gains is not None or residual_gain is not None:
        change = enhancing(
            options["levels"],
            (1.0,) if gains is None else gains,
            1.0 if residual_gain is None else residual_gain,
        )
        recipes.append(StarletRecipe(change, **settings))
        templates.append(None)
    elif options["output"] is not None or background is None:
        raise ArgumentError(
            "the output would be the input unchanged; give --gain, --residual-gain or --background"
        )
    if background is not None:
        recipes.append(StarletRecipe(Background(), **settings))
        templates.append(background)
    return recipes, templates
