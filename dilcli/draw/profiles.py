"""Curves beside a panel: one bar for each of its rows or columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dilcli.draw.colours import PAPER, TAP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.draw.colours import Colour

__all__ = ["profile"]


def profile(
    weights: NDArray[np.float64], height: int, colours: NDArray[np.uint8] | Colour = TAP
) -> NDArray[np.uint8]:
    """Draw bars side by side, one dot wide each.

    Parameters
    ----------
    weights : ndarray of float64, shape (W,)
        At least 0; the largest has a bar of full height, each other than 0 at least one dot.
    height : int
        Of the largest bar.
    colours : ndarray of uint8, shape (W, 3), or tuple of int
        Of each bar, or of all.

    Returns
    -------
    ndarray of uint8, shape (`height`, W, 3)
        Bars stand on the last row.
    """
    tall = np.maximum(np.ceil(weights / (weights.max() or 1.0) * height), weights > 0)
    inside = np.arange(height, 0, -1)[:, None] <= tall
    panel: NDArray[np.uint8] = np.where(
        inside[..., None], np.asarray(colours, np.uint8), np.array(PAPER, np.uint8)
    )
    return panel
