"""What a kernel does to pixels, as numbers, and how other tools would be told the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dilcli.core.boundary import boundary_name
from dilcli.features.equivalents import Plan, equivalents

if TYPE_CHECKING:
    from dilcli.core.boundary import Boundary
    from dilcli.core.kernels import Kernel, Tap
    from dilcli.features.equivalents import Equivalent

__all__ = ["Explanation", "explain"]

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A kernel at one dilation, laid open. Lengths are pixels, pairs are (rows, columns).

    Attributes
    ----------
    kernel : Kernel
    dilation, stride, origin : (int, int)
    convolve : bool
    boundary : str
    fill, bias : float
        In the units of the samples.
    samples : (float, float)
        Smallest and largest sample that the image can hold.
    response : (float, float)
        Smallest and largest value that the filter can answer with, bias included, before any
        clipping: reached where every sample is the worst one.
    taps : tuple of Tap
        Offsets and weights, as applied.
    padding : ((int, int), (int, int))
        How far taps read past the image: (up, down), (left, right).
    effective_size : (int, int)
    rank : int
        1 is separable.
    total, l1 : float
        Sum of the weights, and of their absolute values.
    equivalents : tuple of Equivalent
        Other tools, and the code that gives the same pixels there.
    """

    kernel: Kernel
    dilation: Pair
    stride: Pair
    origin: Pair
    convolve: bool
    boundary: Boundary
    fill: float
    bias: float
    samples: tuple[float, float]
    response: tuple[float, float]
    taps: tuple[Tap, ...]
    padding: tuple[Pair, Pair]
    effective_size: Pair
    rank: int
    total: float
    l1: float
    equivalents: tuple[Equivalent, ...]


def explain(
    kernel: Kernel,
    *,
    dilation: Pair = (1, 1),
    boundary: str = "reflect",
    fill: float = 0.0,
    stride: Pair = (1, 1),
    origin: Pair | None = None,
    convolve: bool = False,
    bias: float = 0.0,
    samples: tuple[float, float] = (0.0, 255.0),
) -> Explanation:
    """Lay open what a kernel does.

    Parameters
    ----------
    kernel : Kernel
        Normalized and scaled already, if it is to be.
    dilation, stride : (int, int)
        Rows and columns, at least 1.
    boundary : str
        A name or alias of `dilcli.core.boundary`.
    fill : float
        What stands outside the image with the boundary ``constant``.
    origin : (int, int), optional
        Default: ``size // 2``.
    convolve : bool
        Turn the kernel by 180 degrees.
    bias : float
        Added to every response.
    samples : (float, float)
        Smallest and largest sample, (0, 255) for 8 bits.

    Returns
    -------
    Explanation

    Raises
    ------
    ArgumentError
        For a dilation or stride below 1, an origin outside the kernel, or an unknown boundary.
    """
    name = boundary_name(boundary)
    padding = kernel.reach(dilation, origin, convolve)
    low, high = samples
    if name == "constant" and any(map(any, padding)):
        low, high = min(low, fill), max(high, fill)
    fill, bias = float(fill), float(bias)
    plan = Plan(kernel, dilation, kernel.origin(origin), convolve, name, fill, stride, bias)
    return Explanation(
        kernel=kernel,
        dilation=dilation,
        stride=stride,
        origin=plan.origin,
        convolve=convolve,
        boundary=name,
        fill=fill,
        bias=bias,
        samples=samples,
        response=(
            kernel.positive * low - kernel.negative * high + bias,
            kernel.positive * high - kernel.negative * low + bias,
        ),
        taps=kernel.taps(dilation, origin, convolve),
        padding=padding,
        effective_size=kernel.effective_size(dilation),
        rank=kernel.rank,
        total=kernel.total,
        l1=kernel.l1,
        equivalents=equivalents(plan),
    )
