"""Numbers of receptive fields as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from dilcli.core.receptive.fields import Field
    from dilcli.core.receptive.layers import Layer

__all__ = [
    "compact",
    "on_axes",
    "padding_text",
    "percent",
    "plain",
    "rf_text",
    "sizes_text",
]

#: Fractions of these denominators are short as decimals.
_DECIMAL = (1, 2, 4, 8, 16)
_UNITS = ("", "k", "M", "G", "T", "P", "E")


def plain(value: float | Fraction | None) -> str:
    """Write a number exactly: ``3``, ``0.5``, ``1/3``; floats with two decimals; unknown is ?."""
    if value is None:
        return "?"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.2f}"
    if value.denominator == 1:
        return str(value.numerator)
    whole = abs(value.numerator) < 10**12 and value.denominator in _DECIMAL
    return repr(float(value)) if whole else str(value)


def on_axes(texts: Iterable[str]) -> str:
    """Join the texts of all axes, rows first; one stands for all where they are equal."""
    texts = list(texts)
    return texts[0] if len(set(texts)) == 1 else "×".join(texts)


def sizes_text(values: Sequence[float | Fraction | None]) -> str:
    """Write one number for each axis."""
    return on_axes(map(plain, values))


def rf_text(field: Field) -> str:
    """Write a receptive field: ``7``, ``7×5``, by phase ``188–204``, or ``all``."""
    if field.rf is None:
        return "all"
    if field.rf_by_phase is None:
        return sizes_text(field.rf)
    return on_axes(
        plain(widths[0]) if len(widths) == 1 else f"{plain(widths[0])}–{plain(widths[-1])}"
        for widths in field.rf_by_phase
    )


def padding_text(layer: Layer) -> str:
    """Write a layer's padding: ``1``, before:after where they differ, or ``same``."""
    if layer.padding == "same":
        return "same"
    return on_axes(
        str(before) if before == after else f"{before}:{after}" for before, after in layer.padding
    )


def percent(share: Fraction | None, digits: int = 2) -> str:
    """Write a share as percent; 100% is said of the whole only, and 0% of nothing only."""
    if share is None:
        return "?"
    if (100 * share).denominator == 1:
        return f"{100 * share}%"
    unit = 10**digits
    units = round(100 * unit * share)
    if share < 1:
        units = min(units, 100 * unit - 1)
    if units == 0:
        return f"<{1 / unit:.{digits}f}%"
    return f"{units // unit}.{units % unit:0{digits}d}%"


def compact(value: int | None) -> str:
    """Write a large number with four digits and its unit: ``4.089G``; exactly below 100000."""
    if value is None or value < 100_000:
        return plain(value)
    power = min((len(str(value)) - 1) // 3, len(_UNITS) - 1)
    return f"{value / 1000**power:.4g}{_UNITS[power]}"
