"""How the signed real numbers of a plane become the samples of a file, and real numbers again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    import numpy as np
    from numpy.typing import DTypeLike, NDArray

__all__ = ["SAMPLES", "Storage", "bounded_gain", "measured_gain"]

#: What ``--planes`` may say, and the samples it stands for.
SAMPLES = {"float32": "float32", "npy": "float64", "uint16": "uint16"}

#: Zero lies at mid-grey, and the largest value at the end of the range.
_MIDDLE, _SPAN = 32768.0, 32767.0


@dataclass(frozen=True, slots=True)
class Storage:
    """Samples of planes: ``value * gain + offset``, rounded half to even where they are integers.

    Attributes
    ----------
    samples : {"float32", "float64", "uint16"}
    offset, gain : float
    """

    samples: str
    offset: float = 0.0
    gain: float = 1.0

    @classmethod
    def sixteen_bits(cls, gain: float) -> Storage:
        """Store planes around mid-grey."""
        return cls("uint16", _MIDDLE, gain)

    def encode(self, plane: NDArray[np.float64]) -> NDArray[Any]:
        """Give the samples of a plane."""
        import numpy as np

        if self.samples != "uint16":
            with np.errstate(over="ignore"):
                return plane.astype(self.samples, copy=False)
        values = plane * self.gain
        np.rint(values, out=values)
        values += self.offset
        return np.clip(values, 0, 65535, out=values).astype(np.uint16)

    def decode(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Give the plane of some samples: floats as they are, integers as float64."""
        import numpy as np

        if self.samples != "uint16":
            return samples
        values: NDArray[np.float64] = (samples.astype(np.float64) - self.offset) / self.gain
        return values


def bounded_gain(source: DTypeLike, taps: Sequence[float], fill: float | None) -> float | None:
    """Give the gain that fits every picture of a type, so that planes of several can be compared.

    Parameters
    ----------
    source : dtype
        Of the picture.
    taps : sequence of float
        The scaling function. Without negative taps smooths stay in the range of the picture, and
        a difference of two does not exceed its width.
    fill : float or None
        The sample outside, where the boundary has one.

    Returns
    -------
    float or None
        None where there is no such gain, and the planes have to be measured.
    """
    import numpy as np

    dtype = np.dtype(source)
    if dtype.kind != "u" or dtype.itemsize > 2 or min(taps) < 0:
        return None
    highest = float(np.iinfo(dtype).max)
    return _SPAN / highest if fill is None or 0 <= fill <= highest else None


def measured_gain(planes: Iterable[NDArray[np.float64]]) -> float:
    """Give the gain that the largest value of all planes just fits.

    Raises
    ------
    ArgumentError
        If a value is not finite.
    """
    import numpy as np

    peak = max(float(np.max(np.abs(plane), initial=0.0)) for plane in planes)
    if not np.isfinite(peak):
        raise ArgumentError(
            "16-bit planes cannot hold values that are not finite; use --planes float32 or npy"
        )
    return _SPAN / peak if peak > np.finfo(np.float64).tiny else 1.0
