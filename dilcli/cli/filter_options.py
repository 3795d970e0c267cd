"""Options that every command has that filters: the kernel, where its taps stand, the boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.params import BoundaryParam, KernelParam, OriginParam, PairListParam

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "CONVOLVE",
    "FILL",
    "ORIGIN",
    "boundary_option",
    "holes_option",
    "kernel_option",
    "with_options",
]

FILL = click.option("--fill", type=float, help="The sample outside for -b constant; default 0.")
CONVOLVE = click.option("--convolve", is_flag=True, help="Turn the kernel by 180 degrees.")
ORIGIN = click.option(
    "--origin",
    type=OriginParam(),
    metavar="Y,X",
    help="Index of the centre tap; default k // 2.",
)


def kernel_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make ``-k`` with a command's own words of help."""
    return click.option("-k", "--kernel", type=KernelParam(), metavar="SPEC", help=text)


def holes_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make ``--holes`` with a command's own words of help."""
    return click.option("--holes", type=PairListParam(holes=True), metavar="N[xM],...", help=text)


def boundary_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make ``-b`` with a command's own words of help."""
    return click.option(
        "-b",
        "--boundary",
        type=BoundaryParam(),
        default="reflect",
        show_default=True,
        help=text,
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
