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

__all__ = ["Errors", "References", "WayResult", "mean_by_phase", "measure_way", "variance_by_phase"]

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
    rows, columns = setup.kernel.shape
    size = setup.kernel.effective_size((1, 1) if name == "dense" else setup.rate)
    return WayResult(
        name,
        _coverage(name, response.shape, setup),
        size[0] * size[1] if name == "naive" else rows * columns,
        size,
        _macs(name, response.shape, setup),
        apart,
        _errors(name, wanted, response, setup),
        0.0 if name not in UPSAMPLINGS else filtered,
        0.0 if name == "dilated" else own,
        float(np.ptp(mean_by_phase(response, setup.rate))),
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


def _errors(
    name: str, wanted: NDArray[np.floating], response: NDArray[np.floating], setup: Setup
) -> Errors:
    """Take the largest difference of each place."""
    interlaced = name == "implant" and setup.phases == "all"
    steps = (1, 1) if interlaced else setup.rate
    # What is no number on both sides is apart by nothing that could be said.
    with np.errstate(invalid="ignore"):
        apart = np.abs(wanted - response)
        flat = apart[..., 0] if apart.shape[2] == 1 else np.fmax.reduce(apart, axis=2)
    sampled = _largest(flat[lattice(steps)])
    if steps == (1, 1):
        return Errors(sampled, None, None)
    flat[lattice(steps)] = -1
    (up, down), (left, right) = setup.kernel.reach(setup.rate, setup.origin, setup.convolve)
    height, width = flat.shape
    inside = flat[up : max(height - down, 0), left : max(width - right, 0)]
    between = _largest(inside)
    inside[...] = -1
    return Errors(sampled, between, _largest(flat))


def _largest(apart: NDArray[np.floating]) -> float | None:
    """Take the largest of some differences; those below 0 mark other places."""
    largest = float(np.fmax.reduce(apart, axis=None)) if apart.size else -1.0
    if largest < 0:
        return None
    return 0.0 if np.isnan(largest) else largest


def mean_by_phase(response: NDArray[np.floating], rate: Pair) -> list[float]:
    """Average the response on the lattice of each phase."""
    # Samples that are no numbers have no mean, which is no accident.
    with np.errstate(invalid="ignore", over="ignore"):
        return [float(part.mean(dtype=np.float64)) for part in _lattices(response, rate)]


def variance_by_phase(response: NDArray[np.floating], rate: Pair) -> list[float]:
    """Take the variance of the response on the lattice of each phase."""
    with np.errstate(invalid="ignore", over="ignore"):
        return [float(part.var(dtype=np.float64)) for part in _lattices(response, rate)]


def _lattices(response: NDArray[np.floating], rate: Pair) -> list[NDArray[np.floating]]:
    phases = product(*(range(min(r, n)) for r, n in zip(rate, response.shape, strict=False)))
    return [response[lattice(rate, (y, x))] for y, x in phases]


def _rms(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    total = 0.0
    for a, b in zip(one, other, strict=True):
        row = np.subtract(a, b, dtype=np.float64)
        total += float(np.vdot(row, row))
    return float(np.sqrt(total / one.size))
