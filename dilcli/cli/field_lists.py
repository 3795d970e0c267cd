"""Lists that need no network: the presets, and rates that reach a receptive field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dilcli.core.receptive.rates import Suggestion

__all__ = ["print_presets", "print_suggestions"]


def print_presets(*, as_json: bool = False) -> None:
    """Print every preset: its name, what it is, and where its layers are from."""
    from shutil import get_terminal_size
    from textwrap import TextWrapper

    from dilcli.core.receptive.presets import presets

    known = presets()
    if as_json:
        keys = ("name", "aliases", "summary", "source", "notes", "axes", "text")
        _print_json({"presets": [{key: getattr(p, key) for key in keys} for p in known]})
        return
    indent = " " * 4
    # Addresses and paths are found again only if they are whole.
    hanging = TextWrapper(
        max(get_terminal_size().columns, 40),
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
    for preset in known:
        names = ", ".join((preset.name, *preset.aliases))
        click.echo(hanging.fill(f"{names}: {preset.summary}"))
        click.echo(hanging.fill(indent + preset.source))


def print_suggestions(found: Sequence[Suggestion], *, as_json: bool = False) -> None:
    """Print stacks of layers without holes, the fewest layers first."""
    if as_json:
        _print_json({"suggestions": [suggestion._asdict() for suggestion in found]})
        return
    rows = [("layers", "RF", "rates", "text to paste")]
    rows += [(str(s.layers), str(s.rf), ",".join(map(str, s.rates)), s.text) for s in found]
    counts, fields, rates = (max(len(row[column]) for row in rows) for column in range(3))
    for row in rows:
        click.echo(f"{row[0]:>{counts}}  {row[1]:>{fields}}  {row[2]:<{rates}}  {row[3]}")


def _print_json(record: dict[str, object]) -> None:
    import json

    click.echo(json.dumps(record, allow_nan=False))
