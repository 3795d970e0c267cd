"""Where the panels of a comparison stand, by the shape of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dilcli.draw.resizing import fitted

if TYPE_CHECKING:
    from dilcli.draw.resizing import Span

__all__ = ["GAP", "LINE", "Arrangement", "arranged"]

GAP = 12
#: Width of the frame about a detail.
LINE = 2
#: Dots that all panels side by side have, and the gaps between them.
_WIDTH = 1520
#: Captions need so much, and details more than a thin picture has.
_NARROWEST, _WIDEST = 250, 480
#: On one line, and on each of two.
_TALLEST = (460, 300)
#: Panels side by side that are wider in all, in heights of one, go on two lines.
_ONE_LINE = 9.0
_MOST_COLUMNS = 6
#: A picture so much wider than high has a line of its own, its words on the left and its detail
#: on the right.
_STRIP = 4.5
_DETAIL_OF_STRIP = 290


class Arrangement(NamedTuple):
    """How panels stand.

    Attributes
    ----------
    columns : int
        Panels on a line; 0 where each has its words and its detail beside it.
    width : int
        Dots for the words of a panel.
    whole : (Span, Span)
        How the whole picture is drawn.
    detail : (int, int)
        Rows and columns of dots that a detail may have within its frame.
    """

    columns: int
    width: int
    whole: tuple[Span, Span]
    detail: tuple[int, int]


def arranged(shape: tuple[int, int], count: int) -> Arrangement:
    """Choose where panels stand, so that a figure fits a screen and is filled well.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the picture.
    count : int
        Panels.
    """
    aspect = shape[1] / shape[0]
    if aspect > _STRIP:
        across = _WIDTH - _NARROWEST - _DETAIL_OF_STRIP - 2 * GAP
        whole = fitted(shape, (_DETAIL_OF_STRIP // 2, across))
        high, width = _DETAIL_OF_STRIP // 2, _DETAIL_OF_STRIP
        return Arrangement(0, _NARROWEST, whole, (high - 2 * LINE, width - 2 * LINE))
    lines = 1 if count <= _MOST_COLUMNS and count * max(aspect, 1.0) <= _ONE_LINE else 2
    columns = -(-count // lines)
    across = min((_WIDTH - GAP * (columns - 1)) // columns, _WIDEST)
    whole = fitted(shape, (_TALLEST[lines - 1], across))
    rows, dots = whole[0].dots, whole[1].dots
    width = max(dots, min(_NARROWEST, across))
    high = max(min(rows * width // dots, width * 4 // 3), width // 2)
    return Arrangement(columns, width, whole, (high - 2 * LINE, width - 2 * LINE))
