"""``dilcli apply``: filter picture files with a dilated kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.apply_options import apply_options
from dilcli.core.boundary import ALIASES, BOUNDARIES, PICTURES
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from dilcli.core.kernels import Kernel
    from dilcli.core.recipe import Recipe

__all__ = ["apply"]

_PICTURES = "\n".join(f"  {name:9}{picture}" for name, picture in PICTURES.items())
_OTHER_NAMES = "\n".join(
    f"  {name:9}{', '.join(alias for alias, meant in ALIASES.items() if meant == name)}"
    for name in BOUNDARIES
)

_EPILOG = f"""\b
What stands outside the image (-b):
{_PICTURES}
Other libraries' words for them:
{_OTHER_NAMES}

\b
Examples:
  dilcli apply photo.jpg -k sobel-y -d 2 -o edges.png
  dilcli apply photo.jpg -k gaussian:sigma=1.5 -d 1,2,4 --output-dir out
  dilcli apply scan.tif -k "1 2 1; 2 4 2; 1 2 1 / 16" -d 2x3 -b mirror
  dilcli apply shots -r -k b3 -d 2 --output-dir out --skip-existing
"""


def _rates(
    dilation: tuple[tuple[int, int], ...] | None, **aliases: tuple[tuple[int, int], ...] | None
) -> tuple[tuple[int, int], ...]:
    given = {name: rates for name, rates in {"dilation": dilation, **aliases}.items() if rates}
    if len(given) > 1:
        names = " and ".join(f"--{name}" for name in given)
        raise click.UsageError(f"{names} say the same thing; give one of them")
    return next(iter(given.values()), ((1, 1),))


def _fill(fill: float | None, boundary: str) -> float:
    if fill is not None and boundary != "constant":
        click.echo(
            f"note: --fill {fill:g} is for -b constant; {boundary} has no use for it", err=True
        )
    return fill or 0.0


@click.command(epilog=_EPILOG)
@apply_options
def apply(inputs: tuple[str, ...], **options: Any) -> int:
    """Filter image files with a dilated kernel.

    INPUTS are files, folders, globs, @list.txt, or - for standard input. Without -o an output is
    named {stem}_{kernel}_d{dilation}{ext} beside its input.
    """
    if options["list_kernels"]:
        from dilcli.cli import kernel_views

        kernel_views.print_kernel_list()
        return 0
    options["rates"] = _rates(options["dilation"], rate=options["rate"], holes=options["holes"])
    options["fill"] = _fill(options["fill"], options["boundary"])
    try:
        kernel = _kernel(options)
        if options["show_kernel"] or options["explain"]:
            _show(kernel, options)
            return 0
        _begin(inputs, options)
        from dilcli.cli.run import run_recipes

        return run_recipes(inputs, _recipes(kernel, options), options)
    except (ArgumentError, KernelError) as error:
        raise click.UsageError(str(error)) from None


def _begin(inputs: tuple[str, ...], options: dict[str, Any]) -> None:
    """Have a picture that is alone decoded while the rest of the program is loaded."""
    limits = ("memory_limit", "scheduler")
    if len(inputs) != 1 or options["dry_run"] or any(options[name] for name in limits):
        return
    from dilcli.files.ahead import begin

    begin(inputs[0], options["max_pixels"])


def _kernel(options: dict[str, Any]) -> Kernel:
    """Settle the weights: the kernel as given, normalised, scaled."""
    if options["kernel"] is None:
        raise click.UsageError("a kernel is missing: -k SPEC (see --list-kernels)")
    kernel: Kernel = options["kernel"].normalized(options["normalize"]).scaled(options["scale"])
    kernel.origin(options["origin"])
    return kernel


def _show(kernel: Kernel, options: dict[str, Any]) -> None:
    from dilcli.cli import kernel_views
    from dilcli.features.explain import explain

    for rate in options["rates"]:
        if options["show_kernel"]:
            kernel_views.print_kernel(kernel, rate, options["origin"], options["convolve"])
        if options["explain"]:
            names = ("boundary", "fill", "stride", "origin", "convolve", "bias")
            chosen = {name: options[name] for name in names}
            kernel_views.print_explanation(explain(kernel, dilation=rate, **chosen))


def _recipes(kernel: Kernel, options: dict[str, Any]) -> list[Recipe]:
    """Make a recipe for each rate, or one for all of them."""
    from dilcli.core.recipe import Recipe, check_recipe

    rates = options["rates"]
    names = (
        *("boundary", "fill", "origin", "convolve", "stride", "bias"),
        *("response", "depth", "alpha", "linear"),
    )
    shared = {name: options[name] for name in names}
    shared["luma"] = options["channels"] == "luma"
    if options["combine"] is not None:
        recipes = [Recipe(kernel, rates, options["combine"], **shared)]
    else:
        recipes = [Recipe(kernel, (rate,), **shared) for rate in rates]
    for recipe in recipes:
        check_recipe(recipe)
    return recipes
