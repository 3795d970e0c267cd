"""The rows of a picture that are in memory: all of them, or what a strip of outputs reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dilcli.core.strips import Index

__all__ = ["Runs", "Window", "merged", "runs_of", "whole"]

#: Rows ``[first, last)`` of a picture, from the top, apart from one another.
Runs = tuple[tuple[int, int], ...]


class Window(NamedTuple):
    """Rows of a picture that are in memory, one run of them after another.

    Attributes
    ----------
    pixels : ndarray of shape (rows, W, C)
        The rows of all runs.
    height : int
        Rows of the whole picture.
    runs : tuple of (int, int)
        Which rows of the picture they are.
    """

    pixels: NDArray[Any]
    height: int
    runs: Runs

    def places(self, rows: Index) -> Index:
        """Say where rows of the picture lie in `pixels`.

        Parameters
        ----------
        rows : slice or ndarray of intp
            Rows of the picture. An array may name rows that are not here, as one does that is
            filled with something else afterwards; they get the place of some other row.

        Returns
        -------
        slice or ndarray of intp
        """
        if isinstance(rows, slice):
            start, stop, step = rows.indices(self.height)
            if len(self.runs) == 1:
                first = self.runs[0][0]
                return slice(start - first, stop - first, step)
            rows = np.arange(start, stop, step)
        elif len(self.runs) == 1:
            return np.clip(rows - self.runs[0][0], 0, max(len(self.pixels) - 1, 0))
        starts = np.array([first for first, _ in self.runs])
        lengths = [last - first for first, last in self.runs]
        shifts = starts - np.concatenate([[0], np.cumsum(lengths)[:-1]])
        run = np.maximum(np.searchsorted(starts, rows, side="right") - 1, 0)
        places: NDArray[np.intp] = np.clip(rows - shifts[run], 0, max(len(self.pixels) - 1, 0))
        return places


def whole(pixels: NDArray[Any]) -> Window:
    """Look at a picture that is in memory whole, an array of shape (H, W, C)."""
    return Window(pixels, len(pixels), ((0, len(pixels)),))


def runs_of(spans: Sequence[NDArray[np.intp]], gap: int) -> Runs:
    """Gather rows into runs.

    Parameters
    ----------
    spans : sequence of ndarray of intp
        Rows in any order; -1 stands for none.
    gap : int
        Rows between two runs up to which they are taken along as one.

    Returns
    -------
    tuple of (int, int)
        At least one run, be it of one row.
    """
    rows = np.unique(np.concatenate(spans))
    rows = rows[np.searchsorted(rows, 0) :]
    if not rows.size:
        return ((0, 1),)
    ends = np.flatnonzero(np.diff(rows) > gap + 1)
    firsts = rows[np.concatenate([[0], ends + 1])]
    lasts = rows[np.concatenate([ends, [rows.size - 1]])] + 1
    return tuple(zip(firsts.tolist(), lasts.tolist(), strict=True))


def merged(several: Sequence[Runs]) -> Runs:
    """Unite the rows of several runs, those that touch or overlap as one."""
    out: list[tuple[int, int]] = []
    for first, last in sorted(run for runs in several for run in runs):
        if out and first <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return tuple(out)
