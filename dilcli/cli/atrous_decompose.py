"""``dilcli atrous decompose``: the planes of a picture as files, proved to give it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.atrous_options import (
    GENERATION,
    KERNEL,
    LEVELS,
    input_content,
    named_fill,
    note,
    with_options,
)
from dilcli.cli.filter_options import FILL, boundary_option
from dilcli.cli.params import WordParam
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from dilcli.features.starlet_decompose import Decomposition

__all__ = ["decompose"]

_EPILOG = """\b
Planes are w1 (the finest details) to wN and cN (the residual). float32 and
npy hold them as they are; uint16 holds value * gain + 32768. Beside the
residual a record with its name and .json says how they were made. Alpha, if
there is any, is a further file: recompose gives the picture back.

\b
Examples:
  dilcli atrous decompose photo.png -J 5 --output-dir planes
  dilcli atrous decompose photo.png -o "{stem}_{plane}.npy" -b mirror
  dilcli atrous decompose photo.png --stack -o planes.tif
"""


@click.command(epilog=_EPILOG)
@with_options(
    (
        click.argument("source", metavar="INPUT"),
        LEVELS,
        KERNEL,
        GENERATION,
        boundary_option("What stands outside the image; reflect and wrap conserve its sum."),
        FILL,
        click.option(
            "-o",
            "--output",
            metavar="TEMPLATE",
            help="Names of the planes; default {stem}_{plane}.tif beside the input.",
        ),
        click.option(
            "--output-dir",
            metavar="DIR",
            type=click.Path(path_type=Path, file_okay=False),
            help="A folder for outputs; made if missing.",
        ),
        click.option(
            "--planes",
            type=WordParam(("float32", "npy", "uint16"), "HOW"),
            help="float32, npy (float64) or uint16 (zero at 32768); default by the extension.",
        ),
        click.option("--stack", is_flag=True, help="One TIFF whose pages are the planes."),
        click.option(
            "--montage",
            metavar="FILE",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Draw all planes on one sheet.",
        ),
        click.option("--overwrite", is_flag=True, help="Replace outputs that exist."),
        click.option("--json", "json_", is_flag=True, help="One JSON object on stdout."),
    )
)
def decompose(source: str, **options: Any) -> None:
    """Write the planes of a picture as files.

    INPUT is an image file, or - for standard input; of an animation the first frame is taken.
    """
    from dilcli.features import starlet_decompose
    from dilcli.features.starlet_targets import Naming

    transform = starlet_decompose.Transform(
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
        options["overwrite"],
        options["montage"],
    )
    content = input_content(source)
    try:
        made = starlet_decompose.decompose(content, source, transform, naming)
    except (ArgumentError, KernelError) as error:
        raise click.UsageError(str(error)) from None
    _show(made, options["montage"], as_json=options["json_"])


def _show(made: Decomposition, montage: Path | None, *, as_json: bool) -> None:
    from dilcli.cli.report import echo

    planes = [str(path) for path in made.targets.planes]
    echo(f"{made.input} -> {planes[0] if len(planes) == 1 else f'{planes[0]} ... {planes[-1]}'}")
    for text in made.notes:
        note(text)
    if as_json:
        import json

        click.echo(json.dumps(_record(made, montage), allow_nan=False))
        return
    verb = "sum to" if made.sidecar.generation == 1 else "rebuild"
    largest = "not finite" if made.difference is None else f"{made.difference:.6g}"
    click.echo(f"planes {verb} the input: max |diff| {largest}")


def _record(made: Decomposition, montage: Path | None) -> dict[str, Any]:
    sidecar, targets = made.sidecar, made.targets
    return {
        "input": made.input,
        "planes": [str(path) for path in targets.planes],
        "alpha": None if targets.alpha is None else str(targets.alpha),
        "sidecar": str(targets.sidecar),
        "montage": None if montage is None else str(montage),
        "kernel": sidecar.kernel,
        "levels": sidecar.levels,
        "generation": sidecar.generation,
        "boundary": sidecar.boundary,
        "fill": sidecar.fill,
        "shape": list(sidecar.shape),
        "dtype": sidecar.dtype,
        "samples": sidecar.samples,
        "gain": sidecar.gain,
        "offset": sidecar.offset,
        "stack": sidecar.stack,
        "max_abs_diff": made.difference,
        "notes": list(made.notes),
    }
