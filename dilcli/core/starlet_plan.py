"""A starlet transform laid out for one picture: the taps of each level, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.arguments import response_dtype
from dilcli.core.boundary import boundary_name, equivalent_offset
from dilcli.core.colour import full_scale
from dilcli.core.correlate import array_field
from dilcli.core.levels import checked_levels
from dilcli.core.scaling import scaling_taps
from dilcli.core.stencil import Stencil, methods_for
from dilcli.core.window import Window
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike

    from dilcli.core.boundary import Boundary
    from dilcli.core.kernels import Kernel
    from dilcli.core.strips import Field

__all__ = ["StarletPlan", "plan_starlet"]

_REALS = np.dtype(np.float64)

#: float64 holds whole numbers of so many bits.
_BITS = 53


@dataclass(frozen=True, slots=True, eq=False)
class StarletPlan:
    """A starlet transform laid out for one picture, before a sample of it is read.

    Attributes
    ----------
    shape : (int, int, int)
        Rows, columns and channels.
    flat : bool
        Whether the picture is a row of samples, smoothed along that one axis only.
    taps : tuple of float
        The scaling function.
    generation : {1, 2}
        1: ``w_j = c_{j-1} - c_j``. 2: ``w_j = c_{j-1} - h_j * c_j``.
    boundary : str
        What stands outside the picture and each of its smooths.
    fill : float
        The sample outside where the boundary is ``"constant"``.
    stencils : tuple of Stencil
        The smoothing of each level, level 1 first.
    grain : float or None
        Smooths are rounded to multiples of it, a power of 2, so that all sums and differences of
        planes are exact; see `plan_starlet`.
    """

    shape: tuple[int, int, int]
    flat: bool
    taps: tuple[float, ...]
    generation: int
    boundary: Boundary
    fill: float
    stencils: tuple[Stencil, ...]
    grain: float | None

    @property
    def levels(self) -> int:
        """How many details there are."""
        return len(self.stencils)

    def field(self, window: Window) -> Field:
        """Describe rows of the picture or of a smooth as what is smoothed next."""
        return array_field(window, _REALS, boundary=self.boundary, fill=self.fill)


def plan_starlet(
    shape: tuple[int, ...],
    source: DTypeLike,
    levels: int,
    *,
    kernel: Kernel | str | Sequence[float] = "b3",
    boundary: str = "reflect",
    fill: float = 0.0,
    generation: int = 1,
    span: tuple[float, float] | None = None,
) -> StarletPlan:
    """Lay out a starlet transform for one picture.

    Parameters
    ----------
    shape : tuple of int
        (N,), (H, W) or (H, W, C).
    source : dtype
        Of the samples. The smooths of integers are rounded to the spacing that float64 has at the
        top of their range (2**-45 for uint8, 2**-37 for uint16). So planes of whole numbers sum
        to the picture exactly at every level and for every non-negative kernel, and dyadic
        planes stay exact (b3 in 2-D: up to level 5 and 4).
    levels, kernel, boundary, fill, generation
        As in `dilcli.starlet`.
    span : (float, float), optional
        The smallest and the largest sample of all, where known. Without it the range of 8- and
        16-bit integers is that of their type, and wider ones are not rounded.

    Returns
    -------
    StarletPlan

    Raises
    ------
    ArgumentError
        If a value has no meaning here, or such samples cannot be filtered.
    KernelError
        If the kernel is no scaling function.
    """
    samples = np.dtype(source)
    response_dtype(np.empty(0, samples))
    count = checked_levels(levels)
    if isinstance(generation, bool) or generation not in (1, 2):
        raise ArgumentError(f"generation must be 1 or 2 (got {generation!r})")
    taps = scaling_taps(kernel)
    flat = len(shape) == 1
    height, width, channels = (*((1, *shape) if flat else shape), 1)[:3]
    outside = boundary_name(boundary)
    nothing = Window(np.empty((0, width, channels), samples), height, ())
    field = array_field(nothing, _REALS, boundary=outside, fill=fill)
    return StarletPlan(
        shape=(height, width, channels),
        flat=flat,
        taps=taps,
        generation=int(generation),
        boundary=outside,
        fill=float(field.fill[0]),
        stencils=tuple(
            _stencil(taps, 1 << level, (height, width), outside, flat=flat)
            for level in range(count)
        ),
        grain=_grain(samples, span, taps, float(field.fill[0]) if outside == "constant" else None),
    )


def _stencil(
    taps: tuple[float, ...], dilation: int, size: tuple[int, int], boundary: Boundary, *, flat: bool
) -> Stencil:
    """Place the taps of a level along both axes of a picture, or along its only one."""
    height, width = size
    h = np.array(taps)
    reach = len(taps) // 2
    weights = h[np.newaxis] if flat else np.outer(h, h)
    sums = methods_for(weights, (h, h))["direct" if flat else "separable"]
    step = _equivalent_dilation(dilation, height, boundary)
    return Stencil(
        method="direct" if flat else "separable",
        dtype=_REALS,
        row_start=0 if flat else -reach * step,
        row_step=step,
        columns=tuple(
            equivalent_offset(offset * dilation, width, boundary)
            for offset in range(-reach, reach + 1)
        ),
        weights=weights,
        products=None if sums.products is None else np.ascontiguousarray(sums.products),
        groups=sums.groups,
    )


def _equivalent_dilation(dilation: int, length: int, boundary: Boundary) -> int:
    """Shorten a dilation of any size without changing the samples that taps reach."""
    if boundary in ("nearest", "constant"):
        return min(dilation, length)
    period = {"wrap": length, "reflect": 2 * length, "mirror": max(2 * length - 2, 1)}[boundary]
    return (dilation - 1) % period + 1


def _grain(
    source: np.dtype[Any],
    span: tuple[float, float] | None,
    taps: tuple[float, ...],
    fill: float | None,
) -> float | None:
    """Give the spacing of smooths that makes sums of planes exact, None where there is none.

    Smooths lie between the smallest and the largest sample as the taps are weights of a mean. So
    differences of two of them are whole multiples of the spacing, 2**53 of them at most.
    """
    whole_numbers = source.kind == "b" or source.kind in "ui"
    if not whole_numbers or min(taps) < 0 or (span is None and source.itemsize > 2):
        return None
    high = full_scale(source)
    low, high = span or (-high - 1 if source.kind == "i" else 0.0, high)
    bits = _bits(low, high)
    if fill is not None:
        # A fill far outside would make the spacing too coarse for the samples.
        if not abs(fill) < 2.0 ** (bits + 8):
            return None
        bits = max(bits, _bits(min(low, fill), max(high, fill)))
    return 2.0 ** (bits - _BITS) if bits <= _BITS else None


def _bits(low: float, high: float) -> int:
    return ceil(log2(max(high - low, high, -low, 1.0)))
