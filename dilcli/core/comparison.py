"""One dilated filter at full size beside downsampling, filtering and upsampling: the two ways.

With rate r, way A keeps every r-th sample, filters with the dense kernel and puts something
between the results; way B filters with the kernel dilated by r. At the kept samples they read the
same pixels with the same weights (Chen et al., "DeepLab", arXiv:1606.00915, section 3.1), and give
the same bits, for both go through the direct method.
"""

from __future__ import annotations

import importlib
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dilcli.core.correlate import correlate_by
from dilcli.core.resample import UPSAMPLINGS, lattice
from dilcli.core.spectrum import aliased_energy
from dilcli.core.two_ways import (
    BORDERS,
    COSTLY_WAYS,
    PHASES,
    WAYS,
    Setup,
    check_setup,
    dilated,
    interpolated,
    naive,
    phases_of,
    reduced,
)
from dilcli.core.way_result import (
    Errors,
    References,
    WayResult,
    mean_by_phase,
    measure_way,
    variance_by_phase,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


__all__ = [
    "BORDERS",
    "COSTLY_WAYS",
    "PHASES",
    "WAYS",
    "Comparison",
    "Errors",
    "Gridding",
    "Identity",
    "Setup",
    "WayResult",
    "compare",
]

Pair = tuple[int, int]


class Identity(NamedTuple):
    """How far the two ways are apart at the kept samples; `exact` is to the last bit."""

    positions: int
    max_abs_diff: float
    exact: bool


class Gridding(NamedTuple):
    """Spread of the dilated response's means and variances over the lattices of all phases."""

    mean_spread: float
    variance_spread: float


class Comparison(NamedTuple):
    """Both ways on one picture; see the members' own words."""

    ways: tuple[WayResult, ...]
    identity: Identity
    aliased_energy: float | None
    gridding: Gridding


def compare(
    pixels: NDArray[np.floating],
    setup: Setup,
    keep: Callable[[str, NDArray[np.floating]], None] | None = None,
) -> Comparison:
    """Filter a picture in all ways and measure them.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C)
        float32 or float64; channels are filtered alike.
    setup : Setup
    keep : callable, optional
        Is handed each way's name and response, of shape (H, W, C), while it is there.

    Returns
    -------
    Comparison

    Raises
    ------
    ArgumentError
        If a setting is none of its choices, or contradicts another.
    """
    check_setup(setup)
    started = time.perf_counter()
    wanted = dilated(pixels, setup)
    seconds = {"dilated": time.perf_counter() - started}
    reference = References(wanted, wanted, pixels)
    filtering = 0.0
    if setup.prefilter is not None:
        started = time.perf_counter()
        smooth = correlate_by(
            None, pixels, setup.prefilter, boundary=setup.boundary, fill=setup.fill
        )
        filtering = time.perf_counter() - started
        reference = References(wanted, dilated(smooth, setup), smooth)
    started = time.perf_counter()
    lattices = {
        phase: reduced(reference.pixels, setup, phase) for phase in phases_of(setup, pixels.shape)
    }
    reducing = time.perf_counter() - started
    identity = _identity(reference.prefiltered, lattices, setup.rate)
    if {"bicubic", "naive"} & set(setup.ways):
        # Its import belongs to no way's time.
        importlib.import_module("scipy.ndimage")
    results = []
    for name in setup.ways:
        started = time.perf_counter()
        response = _respond(name, pixels, wanted, lattices, setup)
        spent = time.perf_counter() - started
        if name in UPSAMPLINGS:
            spent += filtering + (reducing if name == "implant" else reducing / len(lattices))
        if keep is not None:
            keep(name, response)
        results.append(measure_way(name, response, reference, setup, seconds.get(name, spent)))
    energy = aliased_energy(pixels, setup.rate)
    gridding = Gridding(
        float(np.ptp(mean_by_phase(wanted, setup.rate))),
        float(np.ptp(variance_by_phase(wanted, setup.rate))),
    )
    return Comparison(tuple(results), identity, energy, gridding)


def _identity(
    wanted: NDArray[np.floating], lattices: dict[Pair, NDArray[np.floating]], rate: Pair
) -> Identity:
    positions, largest, exact = 0, 0.0, True
    for phase, samples in lattices.items():
        there = wanted[lattice(rate, phase)]
        positions += samples.shape[0] * samples.shape[1]
        same = np.array_equal(there, samples, equal_nan=True)
        exact &= same
        if not same:
            largest = max(largest, float(np.nanmax(np.abs(there - samples))))
    return Identity(positions, largest, exact)


def _respond(
    name: str,
    pixels: NDArray[np.floating],
    wanted: NDArray[np.floating],
    lattices: dict[Pair, NDArray[np.floating]],
    setup: Setup,
) -> NDArray[np.floating]:
    """Give a way's response; only what is interpolated comes from the prefiltered picture."""
    if name == "dilated":
        return wanted
    if name == "dense":
        return dilated(pixels, setup._replace(rate=(1, 1)))
    if name == "naive":
        return naive(pixels, setup)
    return interpolated(name, lattices, pixels.shape, setup)
