"""From real-valued responses to samples: which range, which sign, which rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.response import Response

__all__ = ["Fit", "fit", "stretched", "to_samples"]

#: 255 * 257 = 65535: the factor between the full scales of 8 and 16 bits.
EIGHT_TO_SIXTEEN = 257


@dataclass(frozen=True, slots=True)
class Fit:
    """How a response becomes a sample: ``round(gain * (f(response) - base) + offset)``, saturated.

    Attributes
    ----------
    dtype : str
        Type of the samples.
    gain, offset : float
        In output units.
    absolute : bool
        Whether f is the absolute value; else it is the response itself.
    low, high : float
        The range of the samples; infinite for float32 and float64.
    encodes : bool
        Whether the samples show light, so that linear light has to be encoded for them; maps of
        signed or stretched responses do not.
    bounded : bool
        Whether no response can leave the range, so that none need be looked for.
    base : float
        In input units: the response that `offset` stands for.
    """

    dtype: str
    gain: float
    offset: float
    absolute: bool
    low: float
    high: float
    encodes: bool = False
    bounded: bool = False
    base: float = 0.0


def fit(
    response: Response,
    source: np.dtype[np.generic],
    output: np.dtype[np.generic],
    bounds: tuple[float, float],
    bias: float = 0.0,
    *,
    doubt: float = 0.0,
) -> Fit:
    """Lay out how responses become samples.

    ``"offset"`` maps 0 to mid-grey and the larger bound to the end of the range. The bound is the
    kernel's own, so the scale is the same for every picture, frame and strip, and nothing can
    clip.

    Parameters
    ----------
    response : str
        One of `dilcli.core.response.RESPONSES`, never ``"auto"``; for ``"minmax"`` use `stretched`.
    source, output : dtype
        Types of the input and output samples.
    bounds : tuple of float
        The smallest and the largest response there can be, in input units, but for the bias.
    bias : float
        What has been added to the responses.
    doubt : float
        How far past the bounds a response may lie for all that, in input units: by rounding, or
        anywhere (infinity), as with a NaN among the samples.

    Returns
    -------
    Fit
    """
    low, high = _range(output)
    offset, gain = 0.0, _depth_factor(source, output)
    if response == "offset":
        offset = (high + 1) / 2 if output.kind == "u" else 0.0
        gain = (high - offset) / (max(abs(bounds[0]), abs(bounds[1])) or 1.0)
    ends = [gain * (bound + bias) + offset for bound in bounds]
    if response == "abs":
        ends = [abs(end) for end in ends] + ([0.0] if ends[0] * ends[1] < 0 else [])
    # A half to either side is rounded back into the range; gain and offset round a little too.
    sure = source.kind in "ui" and abs(gain) * doubt <= 0.2
    bounded = sure and low - 0.25 <= min(ends) and max(ends) <= high + 0.25
    return Fit(
        output.name,
        gain,
        offset,
        absolute=response == "abs",
        low=low,
        high=high,
        encodes=response in ("clip", "abs") and output.kind != "f",
        bounded=bounded,
    )


def stretched(output: np.dtype[np.generic], least: float, most: float) -> Fit:
    """Lay out ``"minmax"``: the responses found in a picture fill the range of the samples.

    Parameters
    ----------
    output : dtype
        Type of the output samples; floats are stretched to [0, 1].
    least, most : float
        Smallest and largest response of the picture. A flat picture maps to the lower end.

    Returns
    -------
    Fit
    """
    low, high = _range(output)
    start, end = (0.0, 1.0) if output.kind == "f" else (low, high)
    gain = (end - start) / (most - least) if most > least else 0.0
    return Fit(output.name, gain, start, absolute=False, low=low, high=high, base=least)


def _range(dtype: np.dtype[np.generic]) -> tuple[float, float]:
    if dtype.kind in "ui":
        bits = 8 * dtype.itemsize - (dtype.kind == "i")
        # The last float below 2**bits that is a whole number of the type.
        high = float(2**bits - 1) if bits <= 53 else float(np.nextafter(2.0**bits, 0))
        return (-(2.0**bits) if dtype.kind == "i" else 0.0), high
    if dtype == np.float16:
        return -65504.0, 65504.0
    return -np.inf, np.inf


def _depth_factor(source: np.dtype[np.generic], output: np.dtype[np.generic]) -> float:
    """Factor from input to output units: 8- and 16-bit samples are shares of their full scale."""
    factors = {("uint8", "uint16"): EIGHT_TO_SIXTEEN, ("uint16", "uint8"): 1 / EIGHT_TO_SIXTEEN}
    return float(factors.get((source.name, output.name), 1.0))


def to_samples(responses: NDArray[np.floating], fit: Fit, out: NDArray[np.generic]) -> int:
    """Turn responses into samples: half to even, saturated, never wrapped.

    Parameters
    ----------
    responses : ndarray of floating, any shape
        Overwritten.
    fit : Fit
        How.
    out : ndarray of the same shape, of the type of `fit`
        Where the samples go.

    Returns
    -------
    int
        How many samples were outside the range and were clipped. A NaN becomes 0 where samples
        are integers, and counts as clipped.
    """
    if fit.absolute:
        np.abs(responses, out=responses)
    if fit.base != 0:
        np.subtract(responses, fit.base, out=responses)
    if fit.gain != 1:
        np.multiply(responses, fit.gain, out=responses)
    if fit.offset != 0:
        np.add(responses, fit.offset, out=responses)
    clipped = 0
    if np.isfinite(fit.high):
        integral = out.dtype.kind != "f"
        if integral:
            np.rint(responses, out=responses)
        if not fit.bounded:
            clipped = _clip(responses, fit, keep_nan=not integral)
    np.copyto(out, responses, casting="unsafe")
    return clipped


def _clip(responses: NDArray[np.floating], fit: Fit, *, keep_nan: bool) -> int:
    least, most = responses.min(), responses.max()
    # A NaN makes all comparisons false.
    if least >= fit.low and most <= fit.high:
        return 0
    if least <= most and not keep_nan:
        below = np.count_nonzero(responses < fit.low) if least < fit.low else 0
        above = np.count_nonzero(responses > fit.high) if most > fit.high else 0
        np.clip(responses, fit.low, fit.high, out=responses)
        return int(below + above)
    outside = (responses < fit.low) | (responses > fit.high)
    if keep_nan:
        # float16 keeps its infinities: only a finite response can be lost to the range.
        outside &= np.isfinite(responses)
    else:
        missing = np.isnan(responses)
        outside |= missing
        responses[missing] = 0
    np.clip(responses, fit.low, fit.high, out=responses, where=outside)
    return int(np.count_nonzero(outside))
