"""Responses: the words for them, the samples that hold them, and how far they can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import DTypeLike

    from dilcli.core.kernels import Kernel

__all__ = [
    "COMBINATIONS",
    "DEPTHS",
    "RESPONSES",
    "Combination",
    "Depth",
    "Response",
    "choose_response",
    "output_dtype",
    "response_bounds",
]

Response = Literal["auto", "clip", "abs", "offset", "minmax", "raw"]
Depth = Literal["same", "8", "16", "float"]
Combination = Literal["max", "mean", "sum", "rms", "cascade"]

RESPONSES: tuple[Response, ...] = get_args(Response)
DEPTHS: tuple[Depth, ...] = get_args(Depth)
COMBINATIONS: tuple[Combination, ...] = get_args(Combination)


def output_dtype(samples: DTypeLike, depth: Depth) -> np.dtype[np.generic]:
    """Choose the type of output samples.

    Parameters
    ----------
    samples : dtype
        Type of the input samples.
    depth : {"same", "8", "16", "float"}
        bool samples count as 8 bits; ``"float"`` is float64 for integers of 32 and 64 bits,
        which float32 cannot hold.

    Returns
    -------
    dtype
    """
    import numpy as np

    dtype = np.dtype(samples).newbyteorder("=")
    if depth == "8" or (depth == "same" and dtype.kind == "b"):
        return np.dtype(np.uint8)
    if depth == "16":
        return np.dtype(np.uint16)
    if depth == "float" and dtype.kind != "f":
        return np.dtype(np.float64 if dtype.itemsize > 2 else np.float32)
    return dtype


def choose_response(response: Response, kernel: Kernel, output: np.dtype[np.generic]) -> Response:
    """Settle what ``"auto"`` means, and refuse what the output cannot hold.

    Parameters
    ----------
    response : str
        One of `RESPONSES`.
    kernel : Kernel
        ``"auto"`` is ``"abs"`` for kernels that sum to 0 where samples are unsigned.
    output : dtype
        Type of the output samples.

    Returns
    -------
    str
        One of `RESPONSES`, never ``"auto"``.

    Raises
    ------
    ArgumentError
        For ``"raw"`` with unsigned samples and ``"offset"`` with floats.
    """
    if response == "auto":
        if output.kind == "f":
            return "raw"
        return "abs" if kernel.is_zero_sum and output.kind == "u" else "clip"
    if response == "raw" and output.kind == "u":
        raise ArgumentError(
            f"response 'raw' needs signed or float samples, and the output has {output}; "
            "use --depth float with an output in .tif or .npy, or response clip, abs or offset"
        )
    if response == "offset" and output.kind == "f":
        raise ArgumentError(
            f"response 'offset' puts 0 at mid-grey, which {output} samples do not have; "
            "use response raw, or --depth 8 or 16"
        )
    return response


def response_bounds(
    kernel: Kernel,
    low: float,
    high: float,
    *,
    fill: float | None = None,
    runs: int = 1,
    combine: Combination | None = None,
) -> tuple[float, float]:
    """Bound the responses to samples in a range, by the signs of the weights alone.

    Parameters
    ----------
    kernel : Kernel
        Weights.
    low, high : float
        Range of the samples.
    fill : float, optional
        The sample outside, if it need not be one of the picture's.
    runs : int
        How many rates are combined.
    combine : str, optional
        One of `COMBINATIONS`.

    Returns
    -------
    tuple of float
        The smallest and the largest response there can be.
    """

    def once(low: float, high: float) -> tuple[float, float]:
        plus, minus = kernel.positive, kernel.negative
        if fill is not None:
            low, high = min(low, fill), max(high, fill)
        return plus * low - minus * high, plus * high - minus * low

    first, last = once(low, high)
    if combine == "sum":
        return runs * first, runs * last
    if combine == "rms":
        return 0.0, max(abs(first), abs(last))
    if combine == "cascade":
        for _ in range(runs - 1):
            first, last = once(first, last)
    return first, last
