"""One way of the comparison, measured: what it covers and costs, how far off it is and where."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dilcli.core.metrics import Differences, differences
from dilcli.core.resample import UPSAMPLINGS, lattice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.two_ways import Setup

__all__ = ["Errors", "References", "WayResult", "by_phase", "measure_way"]

Pair = tuple[int, int]

#: Multiply-adds that interpolating one pixel takes from four and from sixteen neighbours.
_UPSAMPLING_MACS = {"implant": 0, "nearest": 0, "bilinear": 4, "bicubic": 16}


class Errors(NamedTuple):
    """Largest absolute differences from the dilated response by place; None where there is none.

    `sampled` are the lattice's pixels, `border` those of the others whose taps look past the
    picture, `between` the rest.
    """

    sampled: float | None
    between: float | None
    border: float | None


class WayResult(NamedTuple):
    """One way, measured against the dilated response.

    Attributes
    ----------
    name : str
    coverage : float
        Share of the pixels for which the filter gave a response.
    parameters : int
        Weights of the kernel as it is applied.
    effective_size : (int, int)
        Of that kernel, in pixels of the picture.
    macs_per_pixel : float
        Multiply-adds for one pixel of the result, prefilter and interpolation included.
    differences : Differences
    errors : Errors
    prefilter_error : float
        Root mean square of what the prefilter does to the dilated response.
    interpolation_error : float
        Root mean square difference from the dilated response of the prefiltered picture.
    checkerboard : float
        Largest minus smallest mean over the lattices of all phases.
    seconds : float
    """

    name: str
    coverage: float
    parameters: int
    effective_size: Pair
    macs_per_pixel: float
    differences: Differences
    errors: Errors
    prefilter_error: float
    interpolation_error: float | None
    checkerboard: float
    seconds: float


class References(NamedTuple):
    """What ways are held against.

    Attributes
    ----------
    dilated : ndarray of shape (H, W, C)
        The dilated response of the picture.
    prefiltered : ndarray
        That of the prefiltered picture; the same array where there is no prefilter.
    pixels : ndarray
        The picture, prefiltered.
    """

    dilated: NDArray[np.floating]
    prefiltered: NDArray[np.floating]
    pixels: NDArray[np.floating]


def measure_way(
    name: str,
    response: NDArray[np.floating],
    reference: References,
    setup: Setup,
    seconds: float,
) -> WayResult:
    """Measure a way's response, of shape (H, W, C), that took so many seconds."""
    wanted = reference.dilated
    apart = differences(wanted, response)
    filtered = 0.0
    if reference.prefiltered is not wanted:
        filtered = _rms(wanted, reference.prefiltered)
    own = apart.rmse if reference.prefiltered is wanted else _rms(reference.prefiltered, response)
    means, _ = by_phase(response, setup.rate)
    rows, columns = setup.kernel.shape
    size = setup.kernel.effective_size((1, 1) if name == "dense" else setup.rate)
    return WayResult(
        name,
        _coverage(name, response.shape, setup),
        size[0] * size[1] if name == "naive" else rows * columns,
        size,
        _macs(name, response.shape, setup),
        apart,
        _errors(wanted, response, setup),
        0.0 if name not in UPSAMPLINGS else filtered,
        0.0 if name == "dilated" else own,
        float(np.ptp(means)),
        seconds,
    )


def _coverage(name: str, shape: tuple[int, ...], setup: Setup) -> float:
    """Only implanting leaves pixels without any response."""
    if name != "implant" or setup.phases == "all":
        return 1.0
    kept = [-(-n // r) for n, r in zip(shape, setup.rate, strict=False)]
    return kept[0] * kept[1] / (shape[0] * shape[1])


def _macs(name: str, shape: tuple[int, ...], setup: Setup) -> float:
    rows, columns = setup.kernel.shape
    if name == "naive":
        size = setup.kernel.effective_size(setup.rate)
        return float(size[0] * size[1])
    if name not in UPSAMPLINGS:
        return float(rows * columns)
    kept = _coverage("implant", shape, setup._replace(phases="one"))
    filtering = rows * columns * (1.0 if name == "implant" and setup.phases == "all" else kept)
    prefiltering = 0
    if setup.prefilter is not None:
        high, wide = setup.prefilter.shape
        prefiltering = high * wide if setup.prefilter.factors() is None else high + wide
    return filtering + prefiltering + _UPSAMPLING_MACS[name]


def _errors(wanted: NDArray[np.floating], response: NDArray[np.floating], setup: Setup) -> Errors:
    """Take the largest difference of each place."""
    # What is no number on both sides is apart by nothing that could be said.
    with np.errstate(invalid="ignore"):
        apart = np.nan_to_num(np.abs(wanted - response), posinf=np.inf).max(axis=2)
    steps = (1, 1) if setup.phases == "all" else setup.rate
    sampled = float(apart[lattice(steps)].max())
    if steps == (1, 1):
        return Errors(sampled, None, None)
    apart[lattice(steps)] = -1
    (up, down), (left, right) = setup.kernel.reach(setup.rate, setup.origin, setup.convolve)
    inside = apart[up : apart.shape[0] - down or None, left : apart.shape[1] - right or None]
    between = float(inside.max()) if inside.size else -1.0
    inside[...] = -1
    border = float(apart.max())
    return Errors(sampled, between if between >= 0 else None, border if border >= 0 else None)


def by_phase(response: NDArray[np.floating], rate: Pair) -> tuple[list[float], list[float]]:
    """Mean and variance of the response on the lattice of each phase."""
    parts = [response[lattice(rate, phase)] for phase in product(range(rate[0]), range(rate[1]))]
    # Samples that are no numbers have no mean, which is no accident.
    with np.errstate(invalid="ignore", over="ignore"):
        means = [float(part.mean(dtype=np.float64)) for part in parts]
        return means, [float(part.var(dtype=np.float64)) for part in parts]


def _rms(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    total = 0.0
    for a, b in zip(one, other, strict=True):
        row = np.subtract(a, b, dtype=np.float64)
        total += float(np.vdot(row, row))
    return float(np.sqrt(total / one.size))
