"""``dilcli apply``: filter picture files with a dilated kernel."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.apply_options import apply_options
from dilcli.core.boundary import ALIASES, BOUNDARIES, PICTURES
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from dilcli.core.kernels import Kernel
    from dilcli.core.recipe import Recipe
    from dilcli.features.outcome import Outcome
    from dilcli.features.outputs import Source, Writing

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

    Without -o an output is named {stem}_{kernel}_d{dilation}{ext} beside its input.
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
        return _run(inputs, _recipes(kernel, options), options)
    except (ArgumentError, KernelError) as error:
        raise click.UsageError(str(error)) from None


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


def _run(inputs: Sequence[str], recipes: list[Recipe], options: dict[str, Any]) -> int:
    from dilcli.cli.progress import progress
    from dilcli.features.apply import estimate, run_tasks
    from dilcli.features.outputs import plan_tasks

    writing, frames = _writing(options), options["frames"]
    tasks = plan_tasks(list(_sources(inputs)), recipes, writing, frames)
    if options["dry_run"]:
        outcomes = estimate(tasks, writing, frames=frames)
    else:
        outcomes = run_tasks(
            tasks,
            writing,
            frames=frames,
            max_pixels=options["max_pixels"],
            standard_output=_standard_output(options["output"]),
        )
    failed = False
    with progress(0 if options["json_"] or options["dry_run"] else len(tasks)) as step:
        for outcome in outcomes:
            failed |= outcome.status == "failed"
            with step():
                _say(outcome, options)
    return 1 if failed else 0


def _say(outcome: Outcome, options: dict[str, Any]) -> None:
    from dilcli.cli import report

    if options["json_"]:
        click.echo(report.as_json(outcome))
        if outcome.error is not None:
            report.say(outcome)
    elif options["dry_run"]:
        report.say_estimate(outcome)
    else:
        report.say(outcome)


def _writing(options: dict[str, Any]) -> Writing:
    from dilcli.features.outputs import Writing

    if options["json_"] and options["output"] == "-":
        raise click.UsageError("--json and -o - would both write to standard output; drop one")
    if options["overwrite"] and options["skip_existing"]:
        raise click.UsageError("--overwrite and --skip-existing contradict each other; drop one")
    return Writing(
        template=options["output"],
        folder=options["output_dir"],
        format=options["format_"],
        quality=options["quality"],
        compression=options["compression"],
        strip_metadata=options["strip_metadata"],
        background=_background(options["background"]),
        overwrite=options["overwrite"],
        skip_existing=options["skip_existing"],
    )


def _sources(inputs: Sequence[str]) -> Iterator[Source]:
    from dilcli.features.outputs import Source

    if not inputs:
        raise click.UsageError("no input is named; give picture files, or - for standard input")
    if inputs.count("-") > 1:
        raise click.UsageError("standard input can be read once; give - once")
    for name in inputs:
        if not name:
            raise click.UsageError("the name of an input is empty")
        yield Source(name, _read_once(name))


def _read_once(name: str) -> bytes | None:
    """Read what cannot be read twice: standard input, a pipe, a device; None for other files."""
    if name == "-":
        if sys.stdin is None:
            raise click.UsageError("standard input is closed, so - cannot be read")
        return sys.stdin.buffer.read()
    path = Path(name)
    if path.is_fifo() or path.is_char_device():
        return path.read_bytes()
    return None


def _standard_output(template: str | None) -> BinaryIO | None:
    if template != "-":
        return None
    if sys.stdout is None:
        raise click.UsageError("standard output is closed, so -o - cannot be written")
    if sys.stdout.isatty():
        raise click.UsageError("a picture is not written to a terminal; redirect standard output")
    return sys.stdout.buffer


def _background(text: str | None) -> tuple[int, int, int] | None:
    from dilcli.files.colour import parse_colour

    return None if text is None else parse_colour(text)
