"""The two ways themselves: what is compared, and the response of each way.

Both go through the direct method, whose bits do not depend on a picture's width.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dilcli.core.correlate import correlate_by
from dilcli.core.resample import UPSAMPLINGS, decimate, lattice, upsample
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dilcli.core.boundary import Boundary
    from dilcli.core.kernels import Kernel
    from dilcli.core.resample import Alignment

__all__ = [
    "BORDERS",
    "COSTLY_WAYS",
    "PHASES",
    "WAYS",
    "Setup",
    "check_setup",
    "dilated",
    "interpolated",
    "naive",
    "phases_of",
    "reduced",
]

Pair = tuple[int, int]

#: The ways of the comparison, and two more that only show what they cost.
WAYS = ("dilated", *UPSAMPLINGS)
COSTLY_WAYS = ("dense", "naive")
BORDERS = ("pad-first", "decimate-first")
PHASES = ("one", "all")


class Setup(NamedTuple):
    """What is compared, and how.

    Attributes
    ----------
    kernel : Kernel
    rate : (int, int)
        Dilation of the one way, step of the lattice of the other; rows, columns.
    boundary : str
    fill : float
        The sample outside where the boundary is ``"constant"``.
    origin : (int, int), optional
    convolve : bool
    ways : tuple of str
        Of `WAYS` and `COSTLY_WAYS`, in the order of the results.
    prefilter : Kernel, optional
        Applied before samples are thrown away.
    align : {"samples", "half-pixel"}
        Where upsampling puts the samples.
    border : {"pad-first", "decimate-first"}
        Whether the boundary continues the full picture or the small one.
    phases : {"one", "all"}
        With ``all`` each of the lattices is filtered and all are interlaced for ``implant``.
    """

    kernel: Kernel
    rate: Pair
    boundary: Boundary = "reflect"
    fill: float = 0.0
    origin: Pair | None = None
    convolve: bool = False
    ways: tuple[str, ...] = WAYS
    prefilter: Kernel | None = None
    align: Alignment = "samples"
    border: str = "pad-first"
    phases: str = "one"


def check_setup(setup: Setup) -> None:
    """Refuse settings that are none of their choices, or contradict one another.

    Raises
    ------
    ArgumentError
        One line that names the setting.
    """
    for word, value, known in (
        ("border", setup.border, BORDERS),
        ("phases", setup.phases, PHASES),
        *(("way", way, (*WAYS, *COSTLY_WAYS)) for way in setup.ways),
    ):
        if value not in known:
            raise ArgumentError(f"unknown {word} {value!r} (choices: {', '.join(known)})")
    if setup.border == "decimate-first" and setup.phases == "all":
        raise ArgumentError("decimate-first filters one lattice only; phases all needs pad-first")


def dilated(pixels: NDArray[np.floating], setup: Setup) -> NDArray[np.floating]:
    """Filter an image of shape (H, W, C) with the dilated kernel."""
    return correlate_by(
        "direct",
        pixels,
        setup.kernel,
        dilation=setup.rate,
        boundary=setup.boundary,
        fill=setup.fill,
        origin=setup.origin,
        convolve=setup.convolve,
    )


def phases_of(setup: Setup, size: tuple[int, ...]) -> Iterator[Pair]:
    """List the first row and column of each lattice that is filtered."""
    if setup.phases == "one":
        return iter([(0, 0)])
    # A picture smaller than the rate has fewer lattices: the others hold no pixel.
    rows, columns = (range(min(r, n)) for r, n in zip(setup.rate, size, strict=False))
    return product(rows, columns)


def reduced(pixels: NDArray[np.floating], setup: Setup, phase: Pair) -> NDArray[np.floating]:
    """Filter one lattice with the dense kernel."""
    kernel, origin, convolve = setup.kernel, setup.origin, setup.convolve
    first = setup.border == "pad-first"
    margin = kernel.reach((1, 1), origin, convolve) if first else ((0, 0), (0, 0))
    kept = decimate(
        pixels, setup.rate, phase, margin=margin, boundary=setup.boundary, fill=setup.fill
    )
    made = correlate_by(
        "direct",
        kept,
        kernel,
        boundary="nearest" if first else setup.boundary,
        fill=setup.fill,
        origin=origin,
        convolve=convolve,
    )
    (up, down), (left, right) = margin
    height, width = made.shape[:2]
    return made[up : height - down, left : width - right]


def interpolated(
    name: str, lattices: dict[Pair, NDArray[np.floating]], shape: tuple[int, ...], setup: Setup
) -> NDArray[np.floating]:
    """Bring filtered lattices back to full size.

    Parameters
    ----------
    name : str
        One of `UPSAMPLINGS`. With all phases ``implant`` interlaces them.
    lattices : dict of (int, int) to ndarray of shape (h, w, C)
        Responses by phase.
    shape : tuple of int
        Of the full picture: (H, W, C).
    setup : Setup

    Returns
    -------
    ndarray of shape (H, W, C)
    """
    if name == "implant" and setup.phases == "all":
        whole = np.empty(shape, lattices[0, 0].dtype)
        for phase, samples in lattices.items():
            whole[lattice(setup.rate, phase)] = samples
        return whole
    return upsample(lattices[0, 0], shape[:2], setup.rate, name, setup.align)  # type: ignore[arg-type]


def naive(pixels: NDArray[np.floating], setup: Setup) -> NDArray[np.floating]:
    """Filter with every zero between the taps, as a library without dilation has to."""
    from scipy import ndimage

    taps = setup.kernel.taps(setup.rate, setup.origin, setup.convolve)
    reach = (max(abs(tap.dy) for tap in taps), max(abs(tap.dx) for tap in taps)) if taps else (0, 0)
    table = np.zeros((2 * reach[0] + 1, 2 * reach[1] + 1))
    for dy, dx, weight in taps:
        table[reach[0] + dy, reach[1] + dx] = weight
    made = np.empty_like(pixels)
    for channel in range(pixels.shape[2]):
        ndimage.correlate(
            pixels[..., channel],
            table,
            output=made[..., channel],
            mode=setup.boundary,
            cval=setup.fill,
        )
    return made
