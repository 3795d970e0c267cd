"""The figure of a comparison: what is shown of each way, on which scale, and which detail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError
from dilcli.files import Picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.draw.panels import Panel

__all__ = ["PANELS", "draw_comparison"]

Pair = tuple[int, int]
#: Top, left, rows and columns.
Zoom = tuple[int, int, int, int]

#: What is drawn if nothing is said, in this order.
PANELS = ("input", "dilated", "implant", "bilinear", "difference")
_TITLES = {
    "implant": "implanted",
    "nearest": "upsampled, nearest",
    "bilinear": "upsampled, bilinear",
    "bicubic": "upsampled, bicubic",
}
#: The difference is that of the first of these that is drawn, else of the first that was run.
_UPSAMPLED = ("bilinear", "bicubic", "nearest", "implant")
