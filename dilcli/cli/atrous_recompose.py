"""``dilcli atrous recompose``: a picture put together from its planes, with gains."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.atrous_options import note
from dilcli.cli.filter_options import with_options
from dilcli.cli.params import FramesParam, NumbersParam, SizeParam, WordParam
from dilcli.core.response import DEPTHS
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from dilcli.features.starlet_recompose import Recomposition

__all__ = ["recompose"]

_EPILOG = """\b
The record beside the residual says how the planes were made and what the
picture was. Without it they are told by their names (_w1, ..., _cN), summed
as generation 1, and --depth says what the picture is. All frames are put
together, with the durations of an animation where the output can hold them.

\b
Examples:
  dilcli atrous recompose photo_w?.tif photo_c4.tif -o same.png
  dilcli atrous recompose photo_*.tif -o sharp.png --gain 1.5,1.2,1
  dilcli atrous recompose planes.tif -o flat.tif --residual-gain 0 \\
    --depth float
"""


@click.command(epilog=_EPILOG)
@with_options(
    (
        click.argument("planes", nargs=-1, required=True),
        click.option(
            "-o",
            "--output",
            required=True,
            metavar="FILE",
            type=click.Path(path_type=Path, dir_okay=False),
            help="The picture; required.",
        ),
        click.option(
            "--gain",
            type=NumbersParam(),
            default="1",
            show_default=True,
            metavar="G,...",
            help="Factors of the details, level 1 first; the last one repeats.",
        ),
        click.option(
            "--residual-gain",
            type=float,
            default=1.0,
            show_default=True,
            metavar="G",
            help="Factor of the residual; 0 removes the background.",
        ),
        click.option(
            "--depth",
            type=WordParam(DEPTHS, "D"),
            default="same",
            show_default=True,
            help="Samples of the output: same as the picture's, 8, 16, float.",
        ),
        click.option(
            "--frames",
            type=FramesParam(),
            default="all",
            show_default=True,
            metavar="all|N,N-M",
            help="Which frames or pages, counted from 0.",
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(min=1),
            metavar="N",
            help="Threads; default all processors.",
        ),
        click.option(
            "--memory-limit",
            type=SizeParam(),
            metavar="SIZE",
            help="All that it may take, as 512MB; larger TIFF and .npy pass strip by strip.",
        ),
        click.option("--overwrite", is_flag=True, help="Replace an output that exists."),
        click.option("--json", "json_", is_flag=True, help="One JSON object on stdout."),
    )
)
def recompose(planes: tuple[str, ...], **options: Any) -> None:
    """Put a picture together from its planes.

    PLANES are the files that decompose wrote, in any order, or one file with all of them.
    """
    from dilcli.features import starlet_recompose

    try:
        made = starlet_recompose.recompose(
            planes,
            options["output"],
            gains=options["gain"],
            residual_gain=options["residual_gain"],
            depth=options["depth"],
            overwrite=options["overwrite"],
            frames=options["frames"],
            memory=options["memory_limit"],
            threads=options["jobs"],
        )
    except (ArgumentError, KernelError) as error:
        raise click.UsageError(str(error)) from None
    _show(made, as_json=options["json_"])


def _show(made: Recomposition, *, as_json: bool) -> None:
    from dilcli.cli.report import echo

    size = " x ".join(map(str, made.shape))
    size = f"{made.frames} frames of {size}" if made.frames > 1 else size
    line = f"{made.levels} level{'s' * (made.levels != 1)} -> {made.output}: {size} {made.dtype}"
    if made.clipped:
        share = made.clipped / made.samples
        line += f"; {made.clipped} of {made.samples} samples ({share:.1%}) clipped"
        line += "; what keeps them: --depth float with a .tif or .npy"
    echo(line)
    for text in made.notes:
        note(text)
    if as_json:
        import json

        record = made._asdict() | {
            "output": str(made.output),
            "shape": list(made.shape),
            "notes": list(made.notes),
        }
        click.echo(json.dumps(record, allow_nan=False))
