"""What a sheet shows of a plane, gathered while the plane is made: its means and its extent."""

from __future__ import annotations

from math import ceil, inf, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.draw.resizing import Span

__all__ = ["ShownPlane", "drawn_channel"]

#: Samples on whose sizes the scale of colours is chosen, about.
_SAMPLED = 1 << 18


def drawn_channel(plane: NDArray[Any]) -> NDArray[np.float32]:
    """Take of a plane what is drawn.

    Parameters
    ----------
    plane : ndarray of shape (N,), (H, W) or (H, W, C)

    Returns
    -------
    ndarray of float32, shape (H, W)
        The first channel, or the luma of the first three; what is not finite becomes 0.
    """
    import numpy as np

    from dilcli.core.arguments import as_pixels
    from dilcli.core.colour import LUMA

    pixels = as_pixels(plane)
    with np.errstate(over="ignore"):
        if pixels.shape[2] >= 3:
            drawn: NDArray[np.float32] = (pixels[..., :3] @ np.array(LUMA)).astype(np.float32)
        else:
            drawn = pixels[..., 0].astype(np.float32)
    np.nan_to_num(drawn, copy=False, posinf=0.0, neginf=0.0)
    return drawn


class ShownPlane:
    """A plane reduced to what is drawn of it, from its rows in any strips.

    Parameters
    ----------
    spans : (Span, Span)
        How rows and columns will be drawn.

    Attributes
    ----------
    means : ndarray of float64, shape (cells, cells)
        Of the areas that are drawn as one cell.
    low, high : float
        Of what is drawn, before it is reduced.
    """

    def __init__(self, spans: tuple[Span, Span]) -> None:
        import numpy as np

        self.spans = spans
        self.means = np.zeros((spans[0].cells, spans[1].cells))
        self.low, self.high = inf, -inf
        self._cell, self._row = 0, np.zeros(spans[1].length)
        self._samples, self._sum, self._squares = 0, 0.0, 0.0
        self._step = ceil(sqrt(spans[0].length * spans[1].length / _SAMPLED))
        self._sampled: list[NDArray[np.float32]] = []

    def add(self, first: int, plane: NDArray[Any]) -> None:
        """Take in rows of a plane, the first of which is the row `first`; they come in order."""
        import numpy as np

        drawn = drawn_channel(plane)
        self.low, self.high = min(self.low, float(drawn.min())), max(self.high, float(drawn.max()))
        self._samples += drawn.size
        self._sum += float(drawn.sum(dtype=np.float64))
        self._squares += float(np.einsum("ij,ij->", drawn, drawn, dtype=np.float64))
        self._sampled.append(drawn[-first % self._step :: self._step, :: self._step].copy())
        for number, row in enumerate(drawn, first):
            self._gather(number, row)

    def _gather(self, number: int, row: NDArray[np.float32]) -> None:
        """Add a row to the cells that it lies in by the share it has in them."""
        span = self.spans[0]
        while self._cell < span.cells:
            low, high = self._cell * span.pixels, (self._cell + 1) * span.pixels
            high = min(high, span.length)
            share = min(number + 1, high) - max(number, low)
            if share > 0:
                self._row += row * (share / (high - low))
            if number + 1 < high:
                return
            self.means[self._cell] = self._across(self._row)
            self._row[:] = 0
            self._cell += 1
            if number + 1 == high:
                return

    def _across(self, row: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average a row over the cells that lie beside one another."""
        import numpy as np

        span = self.spans[1]
        if span.pixels == 1:
            return row
        edges = np.minimum(np.arange(span.cells + 1) * span.pixels, span.length)
        # Between two pixels the sum of all before grows evenly.
        sums = np.concatenate(([0.0], np.cumsum(row)))
        within = np.diff(np.interp(edges, np.arange(span.length + 1), sums))
        means: NDArray[np.float64] = within / np.diff(edges)
        return means

    @property
    def sampled(self) -> NDArray[np.float32]:
        """Samples as they are, in rows and columns apart from one another if there are many."""
        import numpy as np

        return np.concatenate(self._sampled)

    @property
    def deviation(self) -> float:
        """The standard deviation of what is drawn."""
        mean = self._sum / self._samples
        return sqrt(max(self._squares / self._samples - mean * mean, 0.0))

    def dots(self, means: NDArray[Any]) -> NDArray[Any]:
        """Draw cells as dots."""
        rows, columns = self.spans
        return means.repeat(rows.size, axis=0).repeat(columns.size, axis=1)
