"""``dilcli rf``: the receptive fields of a stack of layers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dilcli.cli.rf_options import EPILOG, rf_options
from dilcli.errors import ArgumentError, LayerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.features.field_checks import Condition, Verdict
    from dilcli.features.field_report import FieldReport
    from dilcli.features.layer_spec import Description
    from dilcli.files import Picture

__all__ = ["rf"]

_LONGEST_TITLE = 60


@click.command(epilog=EPILOG)
@rf_options
def rf(layers: tuple[str, ...], **options: Any) -> int:
    """Calculate the receptive fields of a stack of layers.

    LAYERS are words such as conv3d2, a .onnx, .toml, .json or .rf file, or - for standard input.
    """
    options["format_"] = _format(options)
    _check_options(layers, options)
    try:
        if options["list_presets"]:
            from dilcli.cli import field_lists

            field_lists.print_presets(as_json=options["format_"] == "json")
            return 0
        if options["suggest"] is not None:
            return _suggest(options)
        description = _description(layers, options)
        return _run(description, options, " ".join(layers) or description.name)
    except (ArgumentError, LayerError) as error:
        raise click.UsageError(str(error)) from None


def _format(options: dict[str, Any]) -> str:
    chosen: str | None = options["format_"]
    if options["json_"] and chosen not in (None, "json"):
        raise click.UsageError(f"--json and --format {chosen} contradict each other; drop one")
    return "json" if options["json_"] else chosen or "table"


def _check_options(layers: tuple[str, ...], options: dict[str, Any]) -> None:
    """Refuse what says the same thing twice, or has no use."""
    sources = {
        "LAYERS": bool(layers),
        "--file": options["file"] is not None,
        "--preset": options["preset"] is not None,
        "--suggest": options["suggest"] is not None,
        "--list-presets": options["list_presets"],
    }
    given = [name for name, there in sources.items() if there]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other; give one of them")
    if not given:
        raise click.UsageError("no layers: write some, such as conv3 conv3d2, or give --preset")
    needs = (
        ("kernel", "--kernel", "suggest", "--suggest"),
        ("layer_count", "--layers", "suggest", "--suggest"),
        ("image", "--image", "map_", "--map"),
        ("image", "--image", "cell", "--cell"),
        ("overwrite", "--overwrite", "map_", "--map"),
    )
    for name, option, other, needed in needs:
        if options[name] and options[other] is None:
            raise click.UsageError(f"{option} has no use without {needed}")
    _check_format(options)
    if options["map_"] == "-":
        if options["plot"] or options["json_"] or options["format_"] != "table":
            raise click.UsageError("--map - leaves standard output to the picture")
        if sys.stdout is None or sys.stdout.isatty():
            raise click.UsageError("a picture is not written to a terminal; redirect it")


def _check_format(options: dict[str, Any]) -> None:
    """Refuse what a format cannot print."""
    lists = options["suggest"] is not None or options["list_presets"]
    if lists and options["format_"] not in ("table", "json"):
        raise click.UsageError(f"lists are printed as table or json, not {options['format_']}")
    if options["suggest"] is not None and (options["conditions"] or options["input_size"]):
        raise click.UsageError(
            "--suggest knows no --check and no --input-size; give them with the suggested layers"
        )
    if options["format_"] == "csv" and (options["cell"] or options["pixel"]):
        raise click.UsageError(
            "csv has rows of layers only; --cell and --pixel need another format"
        )
    if options["plot"] and options["format_"] in ("json", "csv"):
        raise click.UsageError(f"--plot does not go with {options['format_']} on standard output")


def _description(layers: Sequence[str], options: dict[str, Any]) -> Description:
    """Read layers from where they are."""
    from dilcli.features.layer_spec import load_layers

    text, file = " ".join(layers) if layers else None, options["file"]
    data = _standard_input() if "-" in (text, file) else None
    return load_layers(
        None if text == "-" else text,
        file=None if file in (None, "-") else Path(file),
        preset=options["preset"],
        data=data,
        axes=options["axis"],
        padding=options["padding"],
        holes=options["holes"],
        treat_as=options["treat_as"],
        input_size=options["input_size"],
    )


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise click.UsageError("standard input is closed, so - cannot be read")
    return sys.stdin.buffer.read()


def _run(description: Description, options: dict[str, Any], title: str) -> int:
    from dilcli.features.field_report import field_report

    photo = None
    if options["image"] is not None:
        from dilcli.files import read

        photo = read(options["image"])
        # The picture is the input, unless another size is given, which must then be its own.
        options["input_size"] = options["input_size"] or photo.frames[0].shape[:2]
    asked = ("input_size", "channels", "at", "strict", "tconv_rule", "erf", "cell", "pixel")
    # Tables without these numbers are not kept waiting for them.
    spread = options["format_"] in ("json", "csv") or bool(options["conditions"])
    report = field_report(description, spread=spread, **{name: options[name] for name in asked})
    verdicts = _judged(report, options["conditions"])
    for note in report.notes:
        click.echo(f"note: {note}", err=True)
    for warning in report.result.warnings:
        click.echo(f"warning: {warning}", err=True)
    if options["map_"] != "-":
        _print(report, verdicts, options)
    if options["plot"]:
        from dilcli.cli.field_plot import print_plot

        print_plot(report.result)
    if options["map_"] is not None:
        _draw(report, options, title, photo)
    failed = [verdict for verdict in verdicts if not verdict.holds]
    for verdict in failed:
        click.echo(
            f"check failed: {verdict.condition.text} does not hold: {verdict.found}", err=True
        )
    return 3 if failed else 0


def _judged(report: FieldReport, conditions: Sequence[Condition]) -> tuple[Verdict, ...]:
    if not conditions:
        return ()
    from dilcli.features.field_checks import judge

    return judge(report, conditions)


def _print(report: FieldReport, verdicts: Sequence[Verdict], options: dict[str, Any]) -> None:
    if options["format_"] in ("table", "markdown"):
        from dilcli.cli import field_table

        if options["format_"] == "table":
            field_table.print_report(report, erf=options["erf"])
        else:
            click.echo(field_table.markdown(report, erf=options["erf"]))
        return
    from dilcli.features.field_record import as_record, csv_rows

    record = as_record(report, verdicts)
    if options["format_"] == "json":
        import json

        click.echo(json.dumps(record, allow_nan=False))
    else:
        import csv

        csv.writer(sys.stdout, lineterminator="\n").writerows(csv_rows(record))


def _draw(report: FieldReport, options: dict[str, Any], title: str, photo: Picture | None) -> None:
    from dilcli.features.field_map import draw_field_map, map_bytes, write_map

    result = report.result
    name = title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 3]}..."
    if photo is None:
        pixels = draw_field_map(result, result.at, name=name)
    else:
        from dilcli.features.field_over import draw_over_image

        pixels = draw_over_image(result, result.at, options["cell"], photo, name=name)
    if options["map_"] == "-":
        sys.stdout.buffer.write(map_bytes(pixels))
    else:
        write_map(pixels, Path(options["map_"]), overwrite=options["overwrite"])


def _suggest(options: dict[str, Any]) -> int:
    from dilcli.cli import field_lists
    from dilcli.core.receptive.rates import suggest

    found = suggest(options["suggest"], options["kernel"] or 3, options["layer_count"])
    field_lists.print_suggestions(found, as_json=options["format_"] == "json")
    return 0
