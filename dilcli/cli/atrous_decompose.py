"""``dilcli atrous decompose``: the planes of pictures as files, proved to give them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dilcli.cli.atrous_options import BOUNDARY, GENERATION, KERNEL, LEVELS, named_fill
from dilcli.cli.filter_options import FILL, with_options
from dilcli.cli.params import WordParam
from dilcli.cli.run_options import INPUT_OPTIONS, OUTPUT_DIR, WORK_OPTIONS
from dilcli.errors import ArgumentError, KernelError

__all__ = ["decompose"]

_EPILOG = """\b
Planes are w1 (the finest details) to wN and cN (the residual). float32 and
npy hold them as they are; uint16 holds value * gain + 32768. Beside the
residual a record with its name and .json says how they were made. Alpha, if
there is any, is a further file: recompose gives the picture back.

\b
Of an animation or a TIFF of several pages each plane is a TIFF of as many
pages; with {frame} in the names every frame has files of its own. A stack
holds all planes of a frame before those of the next.

\b
Examples:
  dilcli atrous decompose photo.png -J 5 --output-dir planes
  dilcli atrous decompose photo.png -o "{stem}_{plane}.npy" -b mirror
  dilcli atrous decompose photo.png --stack -o planes.tif
  dilcli atrous decompose shots -r --output-dir planes --skip-existing
"""


@click.command(epilog=_EPILOG)
@with_options(
    (
        click.argument("inputs", nargs=-1),
        LEVELS,
        KERNEL,
        GENERATION,
        BOUNDARY,
        FILL,
        click.option(
            "--planes",
            type=WordParam(("float32", "npy", "uint16"), "HOW"),
            help="float32, npy (float64) or uint16 (zero at 32768); default by the extension.",
        ),
        click.option("--stack", is_flag=True, help="One TIFF whose pages are the planes."),
        click.option(
            "--montage",
            metavar="PATH",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Draw all planes on one sheet: a file, or a template.",
        ),
        click.option(
            "-o",
            "--output",
            metavar="TEMPLATE",
            help="Names of the planes; default {stem}_{plane}.tif beside the input.",
        ),
        OUTPUT_DIR,
        *INPUT_OPTIONS,
        *WORK_OPTIONS,
    )
)
def decompose(inputs: tuple[str, ...], **options: Any) -> int:
    """Write the planes of pictures as files.

    INPUTS are files, folders, globs, @list.txt, or - for standard input.
    """
    from dilcli.cli.run import run
    from dilcli.core.starlet_recipe import check_starlet
    from dilcli.features.starlet_targets import Naming
    from dilcli.features.starlet_tasks import name_planes, recipe_of
    from dilcli.features.starlet_transform import Transform

    transform = Transform(
        options["levels"],
        options["kernel"],
        options["boundary"],
        named_fill(options["fill"], options["boundary"]),
        int(options["generation"]),
    )
    naming = Naming(
        options["output"],
        options["output_dir"],
        options["planes"],
        options["stack"],
        montage=options["montage"],
    )
    try:
        check_starlet(recipe_of(transform))
        return run(
            inputs,
            lambda sources, _: name_planes(sources, transform, naming, options["frames"]),
            options,
        )
    except (ArgumentError, KernelError) as error:
        raise click.UsageError(str(error)) from None
