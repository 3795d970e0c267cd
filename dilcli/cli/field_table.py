"""Receptive fields as a table in the terminal, and in Markdown."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from dilcli.cli.field_columns import Column, column, columns, facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dilcli.features.field_report import FieldReport

__all__ = ["fitted", "markdown", "print_report", "report_lines", "show"]

#: What a narrow terminal loses, in this order. Numbers are never cut and never wrapped.
_FIRST_TO_GO = (
    *("k_eff", "gap", "start", "pad", "dil", "stride", "cover", "jump", "kernel"),
    *("4σ", "RF/in", "MACs", "params", "out", "σ"),
)
#: Names of layers are the only texts that may be shortened.
_LEAST_LABEL = 16

_ERF_NOTE = "σ: linear layers with uniform weights, max-pooling counted as a mean."

#: For terminals that have no Unicode.
_PLAIN = str.maketrans({"×": "x", "–": "-", "σ": "s", "←": "<", "…": "~", "─": "-"})


def print_report(report: FieldReport, *, erf: bool = False) -> None:
    """Print a report as a table and its facts, as wide as the terminal is."""
    from shutil import get_terminal_size

    show(report_lines(report, get_terminal_size().columns, erf=erf))


def show(lines: Sequence[str], head: int = 0) -> None:
    """Print lines, the line `head` in bold where there is bold."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    text = "\n".join(lines)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_PLAIN)
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.text import Text

    styled = Text(text)
    start = sum(len(line) + 1 for line in lines[:head])
    styled.stylize("bold", start, start + len(lines[head]) if lines else 0)
    Console(highlight=False).print(styled, soft_wrap=True)


def report_lines(report: FieldReport, width: int, *, erf: bool = False) -> list[str]:
    """Write a report as lines of at most `width` characters, if its numbers fit."""
    made = columns(report, erf=erf)
    shown, space = fitted(made, width)
    lines = [*_laid_out(shown, space), ""] if report.result.rows else []
    about = facts(report)
    left = max(len(label) for label, _ in about)
    lines += [*(f"{label:<{left}}  {value}" for label, value in about)]
    missing = [c.head for c in made if c.head not in {c.head for c in shown}]
    if erf:
        lines.append(_ERF_NOTE)
    if missing:
        lines.append(f"Left out at {width} columns: {', '.join(missing)}.")
    return lines


def fitted(made: Sequence[Column], width: int) -> tuple[list[Column], int]:
    """Choose the columns that fit, and the blanks between them.

    Columns go in the order of `_FIRST_TO_GO`; names of layers are shortened before that.
    """
    label = next(c for c in made if c.head == "layer")
    least = min(_LEAST_LABEL, label.width)
    kept, space, room = list(made), 2, least
    for kept, space in _choices(made):
        room = width - space * (len(kept) - 1) - sum(c.width for c in kept if c is not label)
        if room >= least:
            break
    shortened = _shortened(label, max(room, least))
    return [shortened if c is label else c for c in kept], space


def _choices(made: Sequence[Column]) -> Iterator[tuple[list[Column], int]]:
    """List what may be shown, the best first."""
    for gone in range(len(_FIRST_TO_GO) + 1):
        kept = [c for c in made if c.head not in _FIRST_TO_GO[:gone]]
        yield kept, 2
        yield kept, 1


def _shortened(label: Column, room: int) -> Column:
    texts = [text if len(text) <= room else f"{text[: room - 1]}…" for text in label.texts]
    return column(label.head, texts)


def _laid_out(made: Sequence[Column], space: int) -> list[str]:
    blank = " " * space
    aligned = []
    for c in made:
        cells = (c.head, *c.texts)
        if c.head == "layer":
            aligned.append([cell.ljust(c.width) for cell in cells])
        else:
            aligned.append([cell.rjust(c.width) for cell in cells])
    head, *rows = (blank.join(cells).rstrip() for cells in zip(*aligned, strict=True))
    return [head, blank.join("─" * c.width for c in made), *rows]


def markdown(report: FieldReport, *, erf: bool = False) -> str:
    """Write a report as a Markdown table with every column, and a list of its facts."""
    made = columns(report, erf=erf)
    rows = [
        [c.head for c in made],
        [":--" if c.head == "layer" else "--:" for c in made],
        *zip(*(c.texts for c in made), strict=True),
    ]
    table = [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in rows]
    items = [f"- {label.strip()}: {value}" for label, value in facts(report)]
    return "\n".join([*table, "", *items, *(["", _ERF_NOTE] if erf else [])])


def _escaped(cell: str) -> str:
    text = cell.lstrip(" ")
    indent = "&nbsp;" * (len(cell) - len(text))
    return indent + re.sub(r"([\\|<*`])", r"\\\1", text)
