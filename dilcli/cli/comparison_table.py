"""A comparison as a table in the terminal, and what is said below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.features.comparison_words import (
    decimal,
    identity_text,
    psnr_text,
    settings_text,
    share,
    sides,
    title,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dilcli.core.comparison import WayResult
    from dilcli.features.compare import Run

__all__ = ["comparison_lines", "laid_out", "print_comparison"]

_HEAD = 2

_COLUMNS: dict[str, Callable[[WayResult], str]] = {
    "way": lambda way: way.name,
    "coverage": lambda way: share(way.coverage),
    "params": lambda way: str(way.parameters),
    "MACs/px": lambda way: decimal(way.macs_per_pixel),
    "max |diff|": lambda way: decimal(way.differences.max_abs_diff),
    "RMSE": lambda way: decimal(way.differences.rmse),
    "PSNR": lambda way: psnr_text(way.differences.psnr, identical=way.differences.identical),
    "SSIM": lambda way: _likeness(way.differences.ssim),
    "corr.": lambda way: _likeness(way.differences.correlation),
    "time": lambda way: _time(way.seconds),
}
_PLACES: dict[str, Callable[[WayResult], str]] = {
    "largest |diff|": lambda way: way.name,
    "sampled": lambda way: decimal(way.errors.sampled),
    "between": lambda way: decimal(way.errors.between),
    "border": lambda way: decimal(way.errors.border),
    "checkerboard": lambda way: decimal(way.checkerboard),
}
#: The split of the error where there is a prefilter: root mean squares.
_SPLIT: dict[str, Callable[[WayResult], str]] = {
    "prefilter": lambda way: decimal(way.prefilter_error),
    "interpolation": lambda way: decimal(way.interpolation_error),
}


def print_comparison(run: Run) -> None:
    """Print a comparison as wide as the terminal is."""
    from shutil import get_terminal_size

    from dilcli.cli.field_table import show

    show(comparison_lines(run, get_terminal_size().columns), _HEAD)


def comparison_lines(run: Run, width: int) -> list[str]:
    """Write a comparison as lines whose tables are at most `width` characters wide."""
    ways = run.comparison.ways
    places = _PLACES if run.setup.prefilter is None else {**_PLACES, **_SPLIT}
    others = [way for way in ways if way.name != "dilated"]
    return [
        f"{title(run)} ({sides(ways[0].effective_size)})",
        settings_text(run),
        *laid_out({head: [text(way) for way in ways] for head, text in _COLUMNS.items()}, width),
        "",
        *laid_out({head: [text(way) for way in others] for head, text in places.items()}, width),
        "",
        *_facts(run),
    ]


def laid_out(columns: dict[str, list[str]], width: int) -> list[str]:
    """Lay out columns of texts; a narrow terminal loses some from the right, never digits.

    Parameters
    ----------
    columns : dict of str to list of str
        By their heads; the first one's texts are names and stand on the left.
    width : int

    Returns
    -------
    list of str
        With a last line that names what was left out.
    """
    widths = {head: max(map(len, (head, *texts))) for head, texts in columns.items()}
    kept, blank = list(columns), "  "
    if _total(kept, widths, blank) > width:
        blank = " "
    while len(kept) > 1 and _total(kept, widths, blank) > width:
        kept.pop()
    aligned = []
    for place, head in enumerate(kept):
        cells = (head, *columns[head])
        aligned.append([c.rjust(widths[head]) if place else c.ljust(widths[head]) for c in cells])
    head, *rows = (blank.join(cells).rstrip() for cells in zip(*aligned, strict=True))
    lines = [head, blank.join("─" * widths[name] for name in kept), *rows]
    missing = [name for name in columns if name not in kept]
    return [*lines, f"Left out at {width} columns: {', '.join(missing)}."] if missing else lines


def _total(kept: Sequence[str], widths: dict[str, int], blank: str) -> int:
    return sum(widths[head] for head in kept) + len(blank) * (len(kept) - 1)


def _facts(run: Run) -> list[str]:
    comparison, setup = run.comparison, run.setup
    reach = comparison.ways[0].differences.data_range
    lines = [
        f"identity: {identity_text(run)}",
        f"data range: {decimal(reach)}, that of the dilated response",
    ]
    if comparison.aliased_energy is not None:
        energy = share(comparison.aliased_energy)
        lines.append(f"aliasing: {energy} of the energy is above the lattice's Nyquist frequency")
    phases = min(setup.rate[0], run.size[0]) * min(setup.rate[1], run.size[1])
    if phases > 1:
        means, variances = map(decimal, comparison.gridding)
        lines.append(
            f"gridding: spread between {phases} phases: means {means}, variances {variances}"
        )
    if setup.prefilter is not None:
        lines.append("prefilter, interpolation: root mean squares of either's error")
    return lines


def _likeness(value: float | None) -> str:
    """Write what is 1 for identical responses, and for no others."""
    if value is None:
        return "-"
    return "1" if value == 1 else f"{max(min(value, 0.9999), -1):.4f}"


def _time(seconds: float) -> str:
    """Write a time in about six characters, so that the table's width depends on no clock."""
    if seconds < 0.9995:
        thousandths = seconds * 1000
        return f"{thousandths:.1f} ms" if thousandths < 9.95 else f"{thousandths:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
