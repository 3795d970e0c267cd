"""What a command says: JSON Lines on standard output, one line an output on standard error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dilcli.features.outcome import Outcome

__all__ = ["as_json", "say", "say_estimate"]


def as_json(outcome: Outcome) -> str:
    """Write an outcome as one line of JSON with stable keys."""
    recipe = outcome.recipe
    kernel = recipe.kernel
    rates = [list(rate) for rate in recipe.dilations]
    sizes = [list(kernel.effective_size(rate)) for rate in recipe.dilations]
    known = outcome.clipped is not None and outcome.samples > 0
    record: dict[str, Any] = {
        "input": outcome.input,
        "output": outcome.output,
        "status": outcome.status,
        "error": outcome.error,
        "kernel": kernel.name,
        "dilation": rates[0] if len(rates) == 1 else rates,
        "effective_size": sizes[0] if len(sizes) == 1 else sizes,
        "taps": len(kernel.taps()),
        "boundary": recipe.boundary,
        "response": outcome.response,
        "shape": None if outcome.shape is None else list(outcome.shape),
        "dtype": outcome.dtype,
        "frames": outcome.frames,
        "clipped": outcome.clipped,
        "clipped_fraction": (outcome.clipped or 0) / outcome.samples if known else None,
        "seconds": outcome.seconds,
    }
    return json.dumps(record, allow_nan=False)


def say(outcome: Outcome) -> None:
    """Say on standard error what became of an output."""
    if outcome.error is not None:
        named = outcome.input in outcome.error or (outcome.output or "\n") in outcome.error
        _echo(f"Error: {'' if named else outcome.input + ': '}{outcome.error}", err=True)
        return
    line = f"{outcome.input} -> {outcome.output}: "
    if outcome.status == "skipped":
        _echo(f"{line}skipped, it exists", err=True)
        return
    _echo(f"{line}{_made(outcome)}{_clipping(outcome)}", err=True)
    for note in outcome.notes:
        _echo(f"  note: {note}", err=True)


def say_estimate(outcome: Outcome) -> None:
    """Say on standard output what would be made, and what it would cost."""
    if outcome.status != "ok":
        say(outcome)
        return
    recipe = outcome.recipe
    taps = len(recipe.kernel.taps()) * len(recipe.dilations)
    samples = outcome.samples
    _echo(
        f"{outcome.input} -> {outcome.output}: {_made(outcome)}, {taps} multiply-adds a sample, "
        f"{taps * samples / 1e6:.1f} million in all, {outcome.size / 2**20:.1f} MiB of pixels"
    )
    for note in outcome.notes:
        _echo(f"  note: {note}")


def _made(outcome: Outcome) -> str:
    shape = " x ".join(map(str, outcome.shape or ()))
    frames = f", {outcome.frames} frames" if (outcome.frames or 1) > 1 else ""
    return f"{shape} {outcome.dtype}{frames}, response {outcome.response}"


def _clipping(outcome: Outcome) -> str:
    if not outcome.clipped:
        return ""
    share = outcome.clipped / outcome.samples
    others = " or ".join(word for word in ("offset", "minmax") if word != outcome.response)
    return (
        f"; {outcome.clipped} of {outcome.samples} samples ({share:.1%}) clipped; what keeps "
        f"them: --response {others}, or --depth float with a .tif or .npy"
    )


def _echo(line: str, *, err: bool = False) -> None:
    """Print one line that stays one line, whatever characters a file's name has."""
    click.echo("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line), err=err)
