"""What a command says: JSON Lines on standard output, one line an output on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from dilcli.features.outcome import Outcome

__all__ = ["Level", "Line", "as_json", "echo", "lines", "one_line", "say", "say_estimate"]

Level = Literal["info", "warning", "error"]


class Line(NamedTuple):
    """One thing to say of an output.

    Attributes
    ----------
    level : {"info", "warning", "error"}
    text : str
        As people read it in the terminal, below the lines before it.
    entry : str
        As it reads in a log, where other lines may stand between.
    """

    level: Level
    text: str
    entry: str


def as_json(outcome: Outcome) -> str:
    """Write an outcome as one line of JSON with stable keys."""
    import json

    from dilcli.features.recipe_words import makes_planes, noise_record, settings_record

    if makes_planes(outcome.recipe):
        return _planes_json(outcome)
    known = outcome.clipped is not None and outcome.samples > 0
    record: dict[str, Any] = {
        "input": outcome.input,
        "output": outcome.output,
        "status": outcome.status,
        "error": outcome.error,
        **settings_record(outcome.recipe),
        "response": outcome.response,
        "shape": None if outcome.shape is None else list(outcome.shape),
        "dtype": outcome.dtype,
        "frames": outcome.frames,
        "clipped": outcome.clipped,
        "clipped_fraction": (outcome.clipped or 0) / outcome.samples if known else None,
        "seconds": outcome.seconds,
        **noise_record(outcome),
    }
    return json.dumps(record, allow_nan=False)


def _planes_json(outcome: Outcome) -> str:
    import json

    from dilcli.cli.planes_report import NOTHING_MADE, planes_record
    from dilcli.features.recipe_words import settings_record

    settings, made = settings_record(outcome.recipe), outcome.planes
    names = ("kernel", "generation", "boundary", "fill")
    record = {
        "input": outcome.input,
        "status": outcome.status,
        "error": outcome.error,
        **{name: settings[name] for name in names},
        **(NOTHING_MADE if made is None else planes_record(made)),
        "seconds": outcome.seconds,
    }
    return json.dumps(record, allow_nan=False)


def lines(outcome: Outcome) -> list[Line]:
    """Make the lines that say what became of an output."""
    if outcome.error is not None:
        names = (outcome.input, outcome.output)
        named = any(name in outcome.error for name in names if name is not None)
        message = outcome.error if named else f"{outcome.input}: {outcome.error}"
        return [Line("error", f"Error: {message}", message)]
    start = f"{outcome.input} -> {outcome.output}: "
    if outcome.status == "skipped":
        line = f"{start}skipped, it exists"
        return [Line("info", line, line)]
    if outcome.planes is not None:
        from dilcli.cli.planes_report import shown_names

        start = f"{outcome.input} -> {shown_names(outcome.planes)}: "
    line = f"{start}{_made(outcome)}{_clipping(outcome)}"
    notes = (f"note: {note}" for note in outcome.notes)
    return [
        Line("warning" if outcome.clipped else "info", line, line),
        *(Line("warning", f"  {note}", f"{start}{note}") for note in notes),
    ]


def one_line(text: str) -> str:
    """Keep a text one line, whatever characters a file's name has."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def echo(line: str) -> None:
    """Print one line on standard error."""
    click.echo(one_line(line), err=True)


def say(outcome: Outcome, echo: Callable[[str], None] = echo) -> None:
    """Say what became of an output, on standard error unless `echo` says it elsewhere."""
    for line in lines(outcome):
        echo(line.text)


def say_estimate(outcome: Outcome) -> None:
    """Say on standard output what would be made, and what it would cost."""
    if outcome.status != "ok":
        say(outcome)
        return
    from dilcli.features.recipe_words import multiply_adds

    taps, samples = multiply_adds(outcome.recipe), outcome.samples
    made = (
        f"{outcome.input} -> {outcome.output}: {_made(outcome)}, {taps} multiply-adds a sample, "
        f"{taps * samples / 1e6:.1f} million in all, {outcome.size / 2**20:.1f} MiB of pixels"
    )
    for line in (made, *(f"  note: {note}" for note in outcome.notes)):
        click.echo(one_line(line))


def _made(outcome: Outcome) -> str:
    from dilcli.features.recipe_words import made_how

    shape = " x ".join(map(str, outcome.shape or ()))
    frames = f", {outcome.frames} frames" if (outcome.frames or 1) > 1 else ""
    return f"{shape} {outcome.dtype}{frames}, {made_how(outcome)}"


def _clipping(outcome: Outcome) -> str:
    if not outcome.clipped:
        return ""
    from dilcli.features.recipe_words import clipping_remedy

    share = outcome.clipped / outcome.samples
    return (
        f"; {outcome.clipped} of {outcome.samples} samples ({share:.1%}) clipped; what keeps "
        f"them: {clipping_remedy(outcome)}"
    )
