"""What all benchmarks share: one form of results, tables, and what they were measured on.

Every script writes the same form with ``--json FILE``, a `Report`, so that ``compare.py`` can hold
any of them against an earlier one. Ratios say how many times better dilcli is: above 1 it wins.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
import sys
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import geometric_mean
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "Measure",
    "Report",
    "add_options",
    "console",
    "machine",
    "mean_ratio",
    "measured",
    "read_report",
    "show",
    "versions",
    "write_report",
]

FORM = "dilcli-benchmark/1"
#: Tables; where standard output is no terminal they are wide all the same.
console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)


@dataclass(frozen=True)
class Measure:
    """One quantity of every side in one case.

    Attributes
    ----------
    case : str
        What is done, to what.
    quantity : str
        What the values are, with their unit.
    values : dict of str to float
        By side.
    ratios : dict of str to float
        By peer: how many times better dilcli is.
    bounds : tuple of str
        Sides that were stopped: their value is the limit, their ratio is too low.
    """

    case: str
    quantity: str
    values: dict[str, float]
    ratios: dict[str, float] = field(default_factory=dict)
    bounds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All that a script has measured, on what, and with which versions."""

    script: str
    machine: str
    versions: str
    options: dict[str, Any]
    measures: list[Measure]
    when: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    form: str = FORM


def measured(
    case: str,
    quantity: str,
    values: Mapping[str, float],
    *,
    ours: str = "dilcli",
    more: bool = False,
    bounds: Iterable[str] = (),
) -> Measure:
    """Hold one side against all others; `more` says that more is better."""
    ratios = {
        side: values[ours] / value if more else value / values[ours]
        for side, value in values.items()
        if side != ours and values[ours] and value
    }
    return Measure(case, quantity, dict(values), ratios, tuple(bounds))


def add_options(parser: argparse.ArgumentParser, *, command: bool = False) -> None:
    """Add what every script has, and for those that start processes which dilcli they start."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    parser.add_argument("--markdown", action="store_true", help="tables as Markdown")
    if command:
        parser.add_argument(
            "--dilcli", metavar="COMMAND", help="the dilcli to measure (the one of this Python)"
        )


def machine() -> str:
    """Name the processor and how many cores this process may use."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [t for t in cpuinfo.read_text().splitlines() if t.startswith("model name")]
        name = models[0].partition(":")[2].strip() if models else name
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def versions(*packages: str) -> str:
    """Give the installed version of each package that is installed."""
    found = []
    for package in packages:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{package} not installed")
    return ", ".join(found)


def mean_ratio(ratios: Iterable[float]) -> float:
    """Compute the geometric mean; NaN of nothing."""
    kept = list(ratios)
    return geometric_mean(kept) if kept else math.nan


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: the first column is text, the others are numbers."""
    form = box.MARKDOWN if "--markdown" in sys.argv else box.SIMPLE_HEAD
    table = Table(box=form)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", no_wrap=number == 0)
    for row in rows:
        table.add_row(*row)
    console.print(f"\n{title}", style="bold")
    console.print(table)


def write_report(
    options: argparse.Namespace, packages: str, measures: Sequence[Measure], script: str
) -> None:
    """Write the results where ``--json`` wants them, if it does.

    Parameters
    ----------
    options : Namespace
        All options of the script; they are part of the report.
    packages : str
        Names and versions of what was measured.
    measures : sequence of Measure
        The results.
    script : str
        The script's ``__file__``.
    """
    if options.json is None:
        return
    given = {key: value for key, value in vars(options).items() if key != "json"}
    report = Report(Path(script).stem, machine(), packages, given, list(measures))
    unfinished = options.json.with_name(options.json.name + ".part")
    unfinished.write_text(json.dumps(asdict(report), indent=1, allow_nan=False, default=str) + "\n")
    unfinished.replace(options.json)


def read_report(path: Path) -> Report:
    """Read what `write_report` wrote.

    Raises
    ------
    ValueError
        If the file is missing or something else.
    """
    try:
        found = json.loads(path.read_text())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: {error}; want a file that --json wrote") from None
    if not isinstance(found, dict) or found.get("form") != FORM:
        raise ValueError(f"{path} is no report of the form {FORM!r}; want one that --json wrote")
    measures = [Measure(**{**item, "bounds": tuple(item["bounds"])}) for item in found["measures"]]
    return Report(**{**found, "measures": measures})
