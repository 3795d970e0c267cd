"""Real numbers fitted to samples, and how far samples lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import DTypeLike, NDArray

    from dilcli.core.response import Depth

__all__ = ["apart", "fitted"]


def fitted(
    values: NDArray[np.float64], source: DTypeLike, depth: Depth = "same"
) -> tuple[NDArray[Any], int]:
    """Fit real numbers to samples: half to even, saturated.

    Parameters
    ----------
    values : ndarray of float64
        In units of the source; overwritten.
    source : dtype
        Of the picture that they are of.
    depth : {"same", "8", "16", "float"}
        As `dilcli.core.response.output_dtype` has it.

    Returns
    -------
    (ndarray, int)
        The samples, and how many were clipped.
    """
    import numpy as np

    from dilcli.core.response import output_dtype
    from dilcli.core.samples import fit, to_samples

    given = np.dtype(source)
    output = output_dtype(given, depth)
    endless = (-np.inf, np.inf)
    how = fit("raw" if output.kind == "f" else "clip", given, output, endless, doubt=np.inf)
    samples = np.empty(values.shape, output)
    with np.errstate(over="ignore"):
        return samples, to_samples(values, how, samples)


def apart(one: NDArray[Any], other: NDArray[Any]) -> float | None:
    """Give the largest absolute difference of two pictures, None where it is not finite."""
    import numpy as np

    with np.errstate(all="ignore"):
        difference = np.subtract(one, other, dtype=np.float64)
        np.abs(difference, out=difference)
    # Infinities and NaN of both are equal, though their difference is not a number.
    difference[(one == other) | (np.isnan(one) & np.isnan(other))] = 0
    largest = float(difference.max(initial=0.0))
    return largest if np.isfinite(largest) else None
