"""What commands of ``atrous`` have in common: levels, scaling function, boundary, notes."""

from __future__ import annotations

from typing import Any

import click

from dilcli.cli.filter_options import FILL, boundary_option
from dilcli.cli.params import KernelParam, WordParam
from dilcli.cli.run_options import DEPTH, RUN_OPTIONS

__all__ = [
    "BOUNDARY",
    "CHANGE_OPTIONS",
    "GENERATION",
    "KERNEL",
    "LEVELS",
    "MOST_LEVELS",
    "named_fill",
    "note",
    "scaling_settings",
]

#: Level 64 has holes beyond any picture; numbers of this many bits can still be shown.
MOST_LEVELS = 1024

LEVELS = click.option(
    "-J",
    "--levels",
    type=click.IntRange(1, MOST_LEVELS),
    metavar="N",
    default=4,
    show_default=True,
    help="How many details; the residual is extra.",
)
KERNEL = click.option(
    "-k",
    "--kernel",
    type=KernelParam(),
    metavar="SPEC",
    default="b3",
    show_default=True,
    help="The scaling function: b3, linear, symmetric weights of sum 1, or @file.",
)
CHANNELS = click.option(
    "--channels",
    type=WordParam(("all", "luma"), "C"),
    default="all",
    show_default=True,
    help="Each colour channel by itself, or luma alone (Rec. 709): colours keep their tint.",
)
GENERATION = click.option(
    "--generation",
    type=click.Choice(["1", "2"]),
    default="1",
    show_default=True,
    help="1: planes sum to the picture; 2: it is rebuilt with a filter without negative weights.",
)

BOUNDARY = boundary_option("What stands outside the image; reflect and wrap conserve its sum.")
#: Of commands that change planes of pictures and make pictures of them again.
CHANGE_OPTIONS = (
    LEVELS,
    KERNEL,
    GENERATION,
    CHANNELS,
    BOUNDARY,
    FILL,
    DEPTH,
    *RUN_OPTIONS,
)


def note(text: str) -> None:
    """Say on standard error what is to be known about a result."""
    from dilcli.cli.report import echo

    echo(f"note: {text}")


def named_fill(fill: float | None, boundary: str) -> float:
    """Give the sample outside, and say if it has no use."""
    if fill is not None and boundary != "constant":
        note(f"--fill {fill:g} is for -b constant; {boundary} has no use for it")
    return fill or 0.0


def scaling_settings(options: dict[str, Any]) -> dict[str, Any]:
    """Give the settings of `dilcli.core.starlet_recipe.StarletRecipe` that options name."""
    return {
        "kernel": options["kernel"],
        "levels": options["levels"],
        "boundary": options["boundary"],
        "fill": named_fill(options["fill"], options["boundary"]),
        "generation": int(options["generation"]),
        "luma": options["channels"] == "luma",
        "depth": options["depth"],
    }
