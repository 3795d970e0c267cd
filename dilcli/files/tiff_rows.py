"""The rows of a TIFF page, decoded when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dilcli.files import tiff_grid
from dilcli.files.tiff_pages import finished

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tifffile import TiffPage

    from dilcli.files.tiff_pages import Layout

__all__ = ["PageRows"]

#: Half a turn, and upside down: the first row is stored last.
_ROWS_FLIPPED = (3, 4)
_FIRST_TURNED = 5


@dataclass(slots=True, eq=False)
class PageRows:
    """The rows of a page as :func:`dilcli.files.tiff_pages.samples` gives them, some at a time.

    What the last read decoded is kept, so that reads that overlap decode nothing twice: ``kept``
    holds stored rows from ``start`` on.
    """

    page: TiffPage
    layout: Layout
    threads: int = 1
    start: int = 0
    kept: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        if self.layout.orientation >= _FIRST_TURNED:
            raise ValueError(
                f"a TIFF page of orientation {self.layout.orientation} must be turned, "
                "so it is decoded whole, not strip by strip; raise --memory-limit"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (H, W) or (H, W, C)."""
        return self.layout.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return the sample type, native byte order."""
        import numpy as np

        return np.dtype(self.layout.dtype)

    @property
    def together(self) -> int:
        """Return how many rows are decoded at once: the height of a strip or tile.

        Where rows are stored from the last to the first and strips do not divide the height, the
        grid does not start at row 0: as many rows then lie in two strips.
        """
        rows, height = tiff_grid.rows_together(self.page), self.layout.shape[0]
        if self.layout.orientation in _ROWS_FLIPPED and height % rows:
            rows *= 2
        return min(rows, height)

    def read(self, first: int, last: int) -> NDArray[Any]:
        """Return rows ``[first, last)`` as (rows, W, C), read-only where they are kept."""
        height = self.layout.shape[0]
        if not 0 <= first <= last <= height:
            raise ValueError(f"there are no rows {first} to {last}, only 0 to {height}")
        if self.layout.orientation in _ROWS_FLIPPED:
            first, last = height - last, height - first
        return finished(self.page, self._stored(first, last))

    def _stored(self, first: int, last: int) -> NDArray[Any]:
        rows = tiff_grid.rows_together(self.page)
        if rows == 1:
            return self._decoded(first, last)
        start, stop = first - first % rows, min(last + -last % rows, self.page.imagelength)
        if self.kept is None or (start, stop) != (self.start, self.start + len(self.kept)):
            self.kept, self.start = self._decoded(start, stop), start
        view = self.kept[first - start : last - start]
        view.flags.writeable = False
        return view

    def _decoded(self, start: int, stop: int) -> NDArray[Any]:
        """Decode rows on the grid, but for those that are kept."""
        import numpy as np

        _, *row = tiff_grid.stored_shape(self.page)
        out = np.empty((stop - start, *row), tiff_grid.stored_type(self.page))
        low = high = start
        if self.kept is not None:
            low = min(max(start, self.start), stop)
            high = max(min(stop, self.start + len(self.kept)), low)
            out[low - start : high - start] = self.kept[low - self.start : high - self.start]
        tiff_grid.decode_into(self.page, start, low, out[: low - start], self.threads)
        tiff_grid.decode_into(self.page, high, stop, out[high - start :], self.threads)
        return out
