"""What a plane holds, measured while it is made: extremes and energy."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import fsum, inf, isfinite, isnan, nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Measure"]


@dataclass(slots=True)
class Measure:
    """Extremes and energy of a plane, from its rows in order, however many at a time.

    Attributes
    ----------
    low, high : float
        In units of the picture; NaN if there is a NaN.
    samples : int
    """

    low: float = inf
    high: float = -inf
    samples: int = 0
    _squares: list[float] = field(default_factory=list)

    def add(self, rows: NDArray[np.float64]) -> None:
        """Take in rows (rows, W, C)."""
        import numpy as np

        if not rows.size:
            return
        low, high = float(rows.min()), float(rows.max())
        self.low = low if low < self.low or isnan(low) else self.low
        self.high = high if high > self.high or isnan(high) else self.high
        self.samples += rows.size
        flat = rows.reshape(len(rows), -1)
        # One sum a row, and the sum of these exact: the same for strips of any height.
        with np.errstate(all="ignore"):
            self._squares += np.einsum("ij,ij->i", flat, flat).tolist()

    @property
    def energy(self) -> float:
        """Mean of the squares, which is that of the picture's own unit squared."""
        if not self.samples or not all(map(isfinite, self._squares)):
            return nan
        return fsum(self._squares) / self.samples

    def record(self) -> dict[str, Any]:
        """Give the numbers for JSON; None for what is not finite."""
        found = {"min": self.low, "max": self.high, "energy": self.energy}
        return {name: value if isfinite(value) else None for name, value in found.items()}
