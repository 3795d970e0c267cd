"""``dilcli atrous info``: what each level of a transform spans, and what it makes of noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.atrous_options import GENERATION, KERNEL, LEVELS
from dilcli.cli.filter_options import with_options
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["info", "info_lines"]

#: Larger numbers are rounded in the table, never in JSON.
_DIGITS = 12

_EPILOG = """\b
Columns:
  support       pixels along an axis that the plane reads of the picture
  reach         pixels on a side that the taps of the level look past one
  noise weight  standard deviation of the plane for white noise of deviation
                1 far from the boundary, on a picture with rows and columns;
                calculated, not simulated

\b
Examples:
  dilcli atrous info -J 6
  dilcli atrous info --kernel "1 2 1 / 4" --generation 2 --json
"""


@click.command(epilog=_EPILOG)
@with_options(
    (
        LEVELS,
        KERNEL,
        GENERATION,
        click.option("--json", "json_", is_flag=True, help="One JSON object on stdout."),
    )
)
def info(**options: Any) -> None:
    """Show support, reach and noise weight of each level."""
    from dilcli.features.starlet_info import starlet_info

    try:
        record = starlet_info(options["levels"], options["kernel"], int(options["generation"]))
    except (ArgumentError, KernelError) as error:
        raise click.UsageError(str(error)) from None
    if options["json_"]:
        import json

        click.echo(json.dumps(record, allow_nan=False))
        return
    from dilcli.cli.field_table import show

    show(info_lines(record), head=1)


def info_lines(record: dict[str, Any]) -> list[str]:
    """Lay out what `dilcli.features.starlet_info.starlet_info` found as a table."""
    head = ("level", "support", "reach", "noise weight")
    rows = [
        *(_cells(str(plane["level"]), plane) for plane in record["levels"]),
        _cells("residual", record["residual"]),
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    title = f"{record['kernel']}: {len(record['taps'])} taps, generation {record['generation']}"
    return [
        title,
        _line(head, widths),
        "  ".join("─" * width for width in widths),
        *(_line(row, widths) for row in rows),
    ]


def _cells(name: str, plane: dict[str, Any]) -> tuple[str, str, str, str]:
    return name, _short(plane["support"]), _short(plane["reach"]), f"{plane['noise_weight']:.7g}"


def _short(number: int) -> str:
    from decimal import Decimal

    text = str(number)
    return text if len(text) <= _DIGITS else f"{Decimal(number):.6e}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)])
