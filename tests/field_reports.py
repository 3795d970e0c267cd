"""Reports on layer texts, for the tests of everything that shows them."""

from __future__ import annotations

from typing import Any

from dilcli.features.field_report import FieldReport, field_report
from dilcli.features.layer_spec import Description, load_layers

__all__ = ["describe", "report"]


def describe(text: str, axes: int | None = None) -> Description:
    """Read layers from text alone."""
    return load_layers(
        text,
        file=None,
        preset=None,
        data=None,
        axes=axes,
        padding=None,
        holes=False,
        treat_as=(),
    )


def report(text: str, axes: int | None = None, **settings: Any) -> FieldReport:
    """Report on a layer text."""
    return field_report(describe(text, axes), **settings)
