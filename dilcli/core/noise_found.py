"""What was found of noise in a picture, and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["NoiseFound", "as_tuples"]


@dataclass(frozen=True, slots=True)
class NoiseFound:
    """Noise, thresholds, and what reached them.

    Attributes
    ----------
    sigma : tuple of float
        Deviation of the noise in each channel, in the units of the input; 1, that of transformed
        samples, where noise is Poisson.
    estimated : bool
        Whether `sigma` is an estimate from w_1.
    limits : tuple of tuple of float
        T of each level (level 1 first) and channel.
    kept : tuple of tuple of float
        Fraction of the details of each level and channel that reached T, in the first iteration.
    """

    sigma: tuple[float, ...]
    estimated: bool
    limits: tuple[tuple[float, ...], ...]
    kept: tuple[tuple[float, ...], ...]

    @property
    def unfiltered(self) -> tuple[int, ...]:
        """Channels of sigma 0, where every detail was kept: flat, saturated or free of noise."""
        return tuple(number for number, sigma in enumerate(self.sigma) if sigma == 0)


def as_tuples(table: NDArray[np.floating]) -> tuple[tuple[float, ...], ...]:
    """Give an array of shape (J, C) as a tuple of rows."""
    return tuple(tuple(row) for row in table.tolist())
