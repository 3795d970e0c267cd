"""A picture and what several ways of filtering made of it, side by side, on one scale."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from dilcli.draw.arranging import GAP, LINE, arranged
from dilcli.draw.captions import caption
from dilcli.draw.colours import BOX, PAPER, SOFT, signed_colours
from dilcli.draw.figures import beside, figure
from dilcli.draw.legends import Entry
from dilcli.draw.lines import frame
from dilcli.draw.resizing import fitted, ratio, resized
from dilcli.draw.scale_bars import scale_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dilcli.draw.arranging import Arrangement
    from dilcli.draw.resizing import Span

__all__ = ["Panel", "comparison_figure"]

#: Top, left, rows and columns, in pixels of the picture.
Zoom = tuple[int, int, int, int]

_TITLE, _WORDS = 15, 12
_BAR = 420


class Panel(NamedTuple):
    """One picture of the figure.

    Attributes
    ----------
    name : str
        Its title.
    lines : sequence of str
        Paragraphs of its caption.
    image : ndarray of uint8, shape (H, W, 3), or of float, shape (H, W)
        A picture, or signed values. All panels have one height and width.
    kind : {"picture", "signed", "difference"}
        Differences have a scale of their own.
    spacing : (int, int)
        Distance between the pixels that bear values, where all between are 0; see
        `dilcli.draw.resizing.resized`.
    """

    name: str
    lines: Sequence[str]
    image: NDArray[Any]
    kind: Literal["picture", "signed", "difference"]
    spacing: tuple[int, int] = (1, 1)


def comparison_figure(
    panels: Sequence[Panel],
    *,
    title: str,
    facts: Sequence[str] = (),
    notes: Sequence[str] = (),
    limit: float,
    zoom: Zoom | None = None,
    difference_gain: float = 1.0,
) -> NDArray[np.uint8]:
    """Draw panels on one signed scale, with a detail of each.

    Small pictures are magnified by a whole number, large ones reduced by means; differences, whose
    signs would cancel, by root mean squares. Details are magnified by a whole number, so that
    each pixel is seen.

    Parameters
    ----------
    panels : sequence of Panel
        At least one.
    title : str
    facts : sequence of str
        Paragraphs below the title.
    notes : sequence of str
        Said in the legend.
    limit : float
        The signed value, above 0, that has the colour of the end; larger ones have it, too.
    zoom : (int, int, int, int), optional
        Top, left, rows and columns of the detail, in the picture; without it there is none.
    difference_gain : float
        Differences are drawn so many times as strong.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    height, width = panels[0].image.shape[:2]
    plan = arranged((height, width), len(panels))
    limits = {"signed": limit, "difference": limit / difference_gain}
    wholes = [_drawn(panel, panel.image, plan.whole, limits) for panel in panels]
    details, spans = [], None
    if zoom is not None:
        top, left, rows, columns = zoom
        spans = fitted((rows, columns), plan.detail)
        parts = [panel.image[top : top + rows, left : left + columns] for panel in panels]
        details = [_drawn(p, part, spans, limits) for p, part in zip(panels, parts, strict=True)]
        details = [_framed(detail) for detail in details]
        outlined = next((n for n, panel in enumerate(panels) if panel.kind == "picture"), 0)
        _outline(wholes[outlined], zoom, plan.whole)
    body = (_lines if plan.columns else _strips)(panels, wholes, details, plan)
    bar = _scale(panels, limit, difference_gain)
    entries = [*_entries(panels, plan.whole, zoom, spans), *map(Entry, notes)]
    return figure(_stacked([body, bar], GAP), title=title, facts=facts, entries=entries)


def _drawn(
    panel: Panel, image: NDArray[Any], spans: tuple[Span, Span], limits: dict[str, float]
) -> NDArray[np.uint8]:
    if panel.kind == "picture":
        return np.rint(resized(image, spans)).astype(np.uint8)
    if panel.kind == "difference" and _is_reduced(spans):
        # Differences of both signs, that lie side by side, would make a mean of 0.
        squares = np.square(image / limits[panel.kind])
        return signed_colours(np.sqrt(resized(squares, spans)))
    return signed_colours(resized(image, spans, panel.spacing) / limits[panel.kind])


def _is_reduced(spans: tuple[Span, Span]) -> bool:
    return any(span.pixels > 1 for span in spans)


def _framed(detail: NDArray[np.uint8]) -> NDArray[np.uint8]:
    canvas = np.pad(detail, ((LINE, LINE), (LINE, LINE), (0, 0)))
    frame(canvas, (LINE, LINE, len(canvas) - LINE, canvas.shape[1] - LINE), BOX, width=LINE)
    return canvas


def _outline(whole: NDArray[np.uint8], zoom: Zoom, spans: tuple[Span, Span]) -> None:
    top, left, rows, columns = zoom
    box = (
        spans[0].place(top),
        spans[1].place(left),
        spans[0].place(top + rows),
        spans[1].place(left + columns),
    )
    for colour, line in ((PAPER, 2 * LINE), (BOX, LINE)):
        frame(whole, box, colour, width=line)


def _lines(
    panels: Sequence[Panel],
    wholes: Sequence[NDArray[np.uint8]],
    details: Sequence[NDArray[np.uint8]],
    plan: Arrangement,
) -> NDArray[np.uint8]:
    """Stand panels side by side on one line or several, details below."""
    lines = []
    for first in range(0, len(panels), plan.columns):
        part = slice(first, first + plan.columns)
        titles = [caption([panel.name], plan.width, size=_TITLE) for panel in panels[part]]
        rows = [titles, list(wholes[part]), list(details[part])]
        rows.append([_words(panel, plan.width) for panel in panels[part]])
        widest = max(plan.width, *(image.shape[1] for row in rows for image in row))
        set_rows = [beside([_padded(image, widest) for image in row]) for row in rows if row]
        lines.append(_stacked(set_rows, GAP // 2))
    return _stacked(lines, GAP)


def _strips(
    panels: Sequence[Panel],
    wholes: Sequence[NDArray[np.uint8]],
    details: Sequence[NDArray[np.uint8]],
    plan: Arrangement,
) -> NDArray[np.uint8]:
    """Stand panels below one another, words on the left, details on the right."""
    lines = []
    for number, panel in enumerate(panels):
        title = caption([panel.name], plan.width, size=_TITLE)
        words = np.concatenate([title, _words(panel, plan.width)])
        lines.append(beside([words, wholes[number], *details[number : number + 1]]))
    return _stacked(lines, GAP)


def _words(panel: Panel, width: int) -> NDArray[np.uint8]:
    return caption(panel.lines, width, size=_WORDS, colour=SOFT)


def _padded(image: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    edges = ((0, 0), (0, width - image.shape[1]), (0, 0))
    return np.pad(image, edges, constant_values=PAPER[0])


def _stacked(parts: Sequence[NDArray[np.uint8]], gap: int) -> NDArray[np.uint8]:
    width = max(part.shape[1] for part in parts)
    between = np.full((gap, width, 3), PAPER, np.uint8)
    rows = [row for part in parts for row in (between, _padded(part, width))]
    return np.concatenate(rows[1:])


def _scale(panels: Sequence[Panel], limit: float, gain: float) -> NDArray[np.uint8]:
    kinds = {panel.kind for panel in panels}
    meanings = [("response", limit)] if "signed" in kinds else []
    if "difference" in kinds:
        meanings.append((f"difference, x{gain:g}" if gain != 1 else "difference", limit / gain))
    if not meanings:
        return np.full((0, 1, 3), PAPER, np.uint8)
    return scale_bar(meanings, _BAR)


def _entries(
    panels: Sequence[Panel],
    whole: tuple[Span, Span],
    zoom: Zoom | None,
    spans: tuple[Span, Span] | None,
) -> list[Entry]:
    entries = []
    if zoom is not None and spans is not None:
        top, left, rows, columns = zoom
        words = f"detail from {top},{left}: {rows} x {columns} pixels, {ratio(spans)}"
        entries.append(Entry(words, BOX, line=LINE))
    entries.append(Entry(f"whole picture: {whole[0].length} x {whole[1].length}, {ratio(whole)}"))
    if not _is_reduced(whole):
        return entries
    for panel in panels:
        if panel.kind == "difference":
            entries.append(Entry("whole difference: root mean square of each area, without sign"))
        share = _sparseness(panel, whole)
        if share > 1:
            entries.append(
                Entry(f"{panel.name}: reduced with its zeros to 1/{share} of the strength")
            )
    return entries


def _sparseness(panel: Panel, spans: tuple[Span, Span]) -> int:
    """Tell how many pixels there are to each that bears a value, along what is reduced."""
    pairs = zip(panel.spacing, spans, strict=True)
    return prod(spacing for spacing, span in pairs if span.pixels > 1)
