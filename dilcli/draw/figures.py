"""A figure about a picture: its title and facts above it, the meanings of its colours below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dilcli.draw.captions import caption
from dilcli.draw.colours import PAPER, SOFT
from dilcli.draw.legends import legend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dilcli.draw.legends import Entry

__all__ = ["beside", "figure"]

_MARGIN = 20
_GAP = 12
#: Narrower pictures leave titles no room.
_NARROWEST = 400


def figure(
    body: NDArray[np.uint8],
    *,
    title: str,
    facts: Sequence[str] = (),
    entries: Sequence[Entry] = (),
) -> NDArray[np.uint8]:
    """Set a title, facts and a legend about a picture.

    Parameters
    ----------
    body : ndarray of uint8, shape (H, W, 3)
    title : str
    facts : sequence of str
        Paragraphs below the title.
    entries : sequence of Entry
        Of the legend.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    width = max(body.shape[1], _NARROWEST)
    gap = np.full((_GAP, width, 3), PAPER, np.uint8)
    parts = [
        caption([title], width, size=19),
        caption(facts, width, size=13, colour=SOFT),
        gap,
        np.pad(body, ((0, 0), (0, width - body.shape[1]), (0, 0)), constant_values=PAPER[0]),
        gap,
        legend(entries, width),
    ]
    edges = ((_MARGIN, _MARGIN), (_MARGIN, _MARGIN), (0, 0))
    return np.pad(np.concatenate(parts), edges, constant_values=PAPER[0])


def beside(panels: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Stand pictures side by side on one line at their tops.

    Parameters
    ----------
    panels : sequence of ndarray of uint8, shape (H, W, 3)

    Returns
    -------
    ndarray of uint8, shape (largest H, sum of W and the gaps between, 3)
    """
    height = max(len(panel) for panel in panels)
    width = sum(panel.shape[1] for panel in panels) + _GAP * (len(panels) - 1)
    canvas = np.full((height, width, 3), PAPER, np.uint8)
    left = 0
    for panel in panels:
        canvas[: len(panel), left : left + panel.shape[1]] = panel
        left += panel.shape[1] + _GAP
    return canvas
