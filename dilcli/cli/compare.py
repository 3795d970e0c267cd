"""``dilcli compare``: dilated filtering beside downsample, filter, upsample, on a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.compare_options import COSTS, EPILOG, UPSAMPLINGS, compare_options
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.features.compare import Run, Subject
    from dilcli.features.comparison_files import Drawing

__all__ = ["compare"]

Pair = tuple[int, int]


@click.command(epilog=EPILOG)
@compare_options
def compare(source: str, **options: Any) -> int:
    """Compare dilated filtering with downsample, filter, upsample.

    INPUT is an image file, or - for standard input. Both ways read the same pixels with the same
    weights where samples are kept, and give the same bits there: that is proved in each run.
    """
    options["rates"] = _rates(options)
    _check_options(source, options)
    chosen = {*options["upsample"], *options["cost"]}
    options["ways"] = ("dilated", *(way for way in (*UPSAMPLINGS, *COSTS) if way in chosen))
    try:
        return _run(source, options)
    except (ArgumentError, KernelError) as error:
        raise click.UsageError(str(error)) from None


def _rates(options: dict[str, Any]) -> tuple[Pair, ...]:
    if options["dilation"] and options["holes"]:
        raise click.UsageError("--dilation and --holes say the same thing; give one of them")
    rates = options["dilation"] or options["holes"] or ((2, 2),)
    return tuple(dict.fromkeys(rates))


def _check_options(source: str, options: dict[str, Any]) -> None:
    """Refuse what has no meaning together, and say what has no use."""
    if not source:
        raise click.UsageError("the name of the input is empty")
    if options["kernel"] is None:
        raise click.UsageError("a kernel is missing: -k SPEC (see dilcli apply --list-kernels)")
    if options["border"] == "decimate-first":
        wanting = {"--check": options["check"], "--phases all": options["phases"] == "all"}
        for name in (name for name, given in wanting.items() if given):
            raise click.UsageError(
                f"{name} needs --border pad-first: a small picture that is continued by itself "
                "differs at its border"
            )
    for name in ("panels", "zoom"):
        if options[name] and options["output"] is None:
            raise click.UsageError(f"--{name} has no use without -o")
    if options["output"] == "-":
        _check_standard_output(options)
    fill, boundary = options["fill"], options["boundary"]
    if fill is not None and boundary != "constant":
        click.echo(
            f"note: --fill {fill:g} is for -b constant; {boundary} has no use for it", err=True
        )


def _check_standard_output(options: dict[str, Any]) -> None:
    if options["json_"]:
        raise click.UsageError("--json and -o - would both write to standard output; drop one")
    if sys.stdout is None or sys.stdout.isatty():
        raise click.UsageError("a picture is not written to a terminal; redirect it")


def _run(source: str, options: dict[str, Any]) -> int:
    from dilcli.features.compare import compare_at, read_subject
    from dilcli.features.comparison_conditions import check_conditions
    from dilcli.features.comparison_files import Kept, output_files, plan_outputs

    kernel, rates = options["kernel"], options["rates"]
    kernel.origin(options["origin"])
    check_conditions(options["conditions"], options["ways"])
    drawing = _drawing(options)
    _check_animation(options)
    outputs = plan_outputs(
        source,
        kernel,
        rates,
        figure=options["output"],
        diff=options["diff"],
        animation=options["animation"],
        overwrite=options["overwrite"],
    )
    kepts = [Kept.needed(output, drawing, options["ways"]) for output in outputs]
    subject = read_subject(_content(source), source, options["channels"])
    for note in subject.notes:
        click.echo(f"note: {note}", err=True)
    _check_drawing(drawing, subject)
    names = ("kernel", "boundary", "origin", "convolve", "ways", "align", "border", "phases")
    settings = {name: options[name] for name in names} | {"fill": options["fill"] or 0.0}
    failed = False
    for number, (rate, output, kept) in enumerate(zip(rates, outputs, kepts, strict=True)):
        run = compare_at(subject, rate, settings, options["prefilter"], kept.keep)
        made = output_files(output, subject, run, kept, drawing)
        kept.release()
        _write(made, overwrite=options["overwrite"])
        _show(run, options, first=number == 0)
        failed |= _stops(run, options)
    if options["animation"] is not None:
        _animate(options)
    return 3 if failed else 0


def _content(source: str) -> Path | bytes:
    """Read what cannot be read twice: standard input, a pipe, a device."""
    if source == "-":
        if sys.stdin is None:
            raise click.UsageError("standard input is closed, so - cannot be read")
        return sys.stdin.buffer.read()
    path = Path(source)
    return path.read_bytes() if path.is_fifo() or path.is_char_device() else path


def _drawing(options: dict[str, Any]) -> Drawing:
    from dilcli.features.comparison_files import Drawing, figure_panels

    ways = options["ways"]
    panels = options["panels"] or figure_panels(ways)
    missing = [name for name in panels if name not in ("input", "difference", *ways)]
    if missing:
        option = "--cost" if missing[0] in COSTS else "--upsample"
        raise click.UsageError(
            f"the panel {missing[0]!r} is not among the ways; add it to {option}"
        )
    return Drawing(panels, options["zoom"])


def _check_drawing(drawing: Drawing, subject: Subject) -> None:
    if drawing.zoom is not None:
        from dilcli.features.detail import checked_detail

        height, width = subject.pixels.shape[:2]
        checked_detail(drawing.zoom, (height, width))


def _animated(rates: Sequence[Pair]) -> tuple[Pair, ...]:
    """Begin with the dense kernel."""
    return tuple(dict.fromkeys(((1, 1), *rates)))


def _check_animation(options: dict[str, Any]) -> None:
    if options["animation"] is not None:
        from dilcli.features.kernel_animation import check_animation

        check_animation(options["animation"], options["kernel"].shape, _animated(options["rates"]))


def _animate(options: dict[str, Any]) -> None:
    from dilcli.features.kernel_animation import write_animation

    write_animation(
        options["animation"],
        options["kernel"].shape,
        _animated(options["rates"]),
        overwrite=options["overwrite"],
    )


def _write(made: Sequence[tuple[Path, bytes]], *, overwrite: bool) -> None:
    from dilcli.files import write

    for path, data in made:
        if str(path) == "-":
            sys.stdout.buffer.write(data)
        else:
            write(path, data, overwrite=overwrite)


def _show(run: Run, options: dict[str, Any], *, first: bool) -> None:
    if options["json_"]:
        import json

        from dilcli.features.comparison_record import as_record

        click.echo(json.dumps(as_record(run), allow_nan=False))
    elif options["output"] != "-":
        from dilcli.cli.comparison_table import print_comparison

        if not first:
            click.echo()
        print_comparison(run)


def _stops(run: Run, options: dict[str, Any]) -> bool:
    """Tell whether a check or a condition stops the caller, and which."""
    from dilcli.features.comparison_conditions import holding
    from dilcli.features.comparison_record import as_record

    place = f"at dilation {'x'.join(map(str, run.setup.rate))}"
    lines = [f"fail-if {line} {place}" for line in holding(as_record(run), options["conditions"])]
    if options["check"] and not run.comparison.identity.exact:
        lines.append(f"check failed: the identity is not exact {place}")
    for line in lines:
        click.echo(line, err=True)
    return bool(lines)
