"""What commands of ``atrous`` have in common: levels, scaling function, input, notes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.params import KernelParam
from dilcli.errors import ImageFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "GENERATION",
    "KERNEL",
    "LEVELS",
    "MOST_LEVELS",
    "input_content",
    "named_fill",
    "note",
    "with_options",
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
GENERATION = click.option(
    "--generation",
    type=click.Choice(["1", "2"]),
    default="1",
    show_default=True,
    help="1: planes sum to the picture; 2: it is rebuilt with a filter without negative weights.",
)


def with_options(
    options: Sequence[Callable[..., Any]],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command options, in the order that help shows them."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def input_content(source: str) -> Path | bytes:
    """Read what cannot be read twice: standard input, a pipe, a device."""
    if not source:
        raise click.UsageError("the name of the input is empty")
    if source == "-":
        if sys.stdin is None:
            raise click.UsageError("standard input is closed, so - cannot be read")
        return sys.stdin.buffer.read()
    path = Path(source)
    try:
        return path.read_bytes() if path.is_fifo() or path.is_char_device() else path
    except OSError as error:
        raise ImageFileError(f"{source}: cannot read: {error.strerror or error}") from None


def note(text: str) -> None:
    """Say on standard error what is to be known about a result."""
    from dilcli.cli.report import echo

    echo(f"note: {text}")


def named_fill(fill: float | None, boundary: str) -> float:
    """Give the sample outside, and say if it has no use."""
    if fill is not None and boundary != "constant":
        note(f"--fill {fill:g} is for -b constant; {boundary} has no use for it")
    return fill or 0.0
