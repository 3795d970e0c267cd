"""A kernel placed on a picture: which taps are read at which offsets, and by which method.

Everything here is fixed by the kernel, the geometry and the sample type before the first sample
is read, so that no result can depend on how a picture is cut into strips.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd, inf
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from dilcli.core.boundary import equivalent_offset
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dilcli.core.boundary import Boundary
    from dilcli.core.kernels import Kernel

__all__ = ["Method", "Stencil", "Sums", "Term", "cost_of", "grouped", "methods_for", "place"]

Method = Literal["direct", "dense", "shared", "separable", "fourier"]

#: A shifted addend of a response: which row of taps or vertical sum, which column of taps, weight.
Term = tuple[int, int, float]


class Costs(NamedTuple):
    """What an output sample costs in nanoseconds a core, apart from reading and writing it.

    Measured by ``benchmarks/methods.py`` with compiled code; only the ratios matter, and only to
    choose a method. The choice is the same where NumPy does the work.

    Attributes
    ----------
    multiply_add : float
        Each multiply-add of a vertical sum.
    column : float
        Adding a vertical sum that serves one column of the kernel, and is not kept.
    plane : float
        Keeping a vertical sum that serves several.
    term : float
        Adding one of these, or a row of taps, from where it stands.
    group : float
        Weighting terms, and adding them to the others.
    transform, rim : float
        A sample of Fourier transforms, and what each row and column of the kernel adds to it.
    """

    multiply_add: float
    column: float
    plane: float
    term: float
    group: float
    transform: float
    rim: float


# Dense kernels of 31, 45, 63 and 81 taps a side took 22, 47, 89 and 156 ns, transforms 23, 29, 30
# and 41, at dilation 4 in 12 megapixels; at dilation 32 transforms took 44, 36, 56 and 79, since
# their margins grow. Their price makes them rarely lose: they are taken from 39 taps a side on.
# Double precision is not better than theirs: never there.
COSTS = {
    "float32": Costs(0.02, 0.035, 0.09, 0.04, 0.01, transform=25, rim=0.065),
    "float64": Costs(0.04, 0.07, 0.18, 0.08, 0.02, transform=inf, rim=inf),
}


class Sums(NamedTuple):
    """How a response is put together.

    Attributes
    ----------
    products : ndarray of shape (n, rows) or None
        Weights of n vertical sums over the rows of taps. None: the rows of taps themselves are
        shifted and added.
    groups : tuple of tuples of Term
        What is shifted and added. The terms of a group share their weight but for its sign, so
        they are added first and weighted together.
    """

    products: NDArray[np.float64] | None
    groups: tuple[tuple[Term, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Stencil:
    """Taps of a kernel on the rows and columns of one picture.

    Row i of taps stands ``row_start + i * row_step`` pixels below an output row, column j of taps
    ``columns[j]`` pixels to its right; `weights` has shape (rows, columns) and may hold zeros.
    `products` and `groups` are `Sums`.
    """

    method: Method
    dtype: np.dtype[Any]
    row_start: int
    row_step: int
    columns: tuple[int, ...]
    weights: NDArray[Any]
    products: NDArray[Any] | None
    groups: tuple[tuple[Term, ...], ...]

    @property
    def rows(self) -> int:
        """Rows of taps."""
        return int(self.weights.shape[0])


def place(
    kernel: Kernel,
    *,
    width: int,
    dtype: np.dtype[np.floating],
    dilation: tuple[int, int] = (1, 1),
    origin: tuple[int, int] | None = None,
    convolve: bool = False,
    boundary: Boundary = "reflect",
    method: Method | None = None,
    bounded: bool = False,
) -> Stencil:
    """Place a kernel on a picture.

    Tap j stands at ``(j - origin) * dilation``. Rows and columns without a tap are dropped, and
    zero rows at a regular distance turn into dilation, so that a kernel spelled with zeros costs
    what the kernel spelled with a dilation costs.

    Parameters
    ----------
    kernel : Kernel
        Weights, rows x columns.
    width : int
        Columns of the picture, in pixels.
    dtype : dtype
        float32 or float64, of samples, sums and responses.
    dilation, origin, convolve, boundary
        As in `dilcli.correlate`.
    method : str, optional
        Forces a method; by default the cheapest one for this kernel and sample type.
    bounded : bool
        Whether samples are integers of at most 16 bits, and the fill is no larger. Only then
        ``"fourier"`` is a choice: it spreads the rounding errors of a sample over its surroundings.

    Returns
    -------
    Stencil

    Raises
    ------
    ArgumentError
        If the origin is outside the kernel, or the forced method cannot serve this kernel.
    KernelError
        If a weight is too large for `dtype`.
    """
    weights = np.array(kernel.weights, np.float64)
    largest = float(np.abs(weights).max())
    if largest > float(np.finfo(dtype).max):
        raise KernelError(
            f"kernel has a weight of size {largest:g}, which {dtype} responses cannot hold; "
            "scale the kernel down or use samples of 64 bits"
        )
    oy, ox = kernel.origin(origin)
    factors = kernel.factors()
    if convolve:
        weights = weights[::-1, ::-1]
        oy, ox = weights.shape[0] - 1 - oy, weights.shape[1] - 1 - ox
        factors = factors and (factors[0][::-1], factors[1][::-1])
    rows = np.flatnonzero(weights.any(axis=1)) if weights.any() else np.array([oy])
    cols = np.flatnonzero(weights.any(axis=0)) if weights.any() else np.array([ox])
    spacing = gcd(*np.diff(rows).tolist()) or 1
    kept_rows = slice(int(rows[0]), int(rows[-1]) + 1, spacing)
    kept = weights[kept_rows, cols]
    separated = factors and (np.array(factors[0])[kept_rows], np.array(factors[1])[cols])
    methods = methods_for(kept, separated)
    costs = {name: cost_of(sums, dtype) for name, sums in methods.items()}
    if bounded and factors is None:
        costs["fourier"] = _cost_of_transforms(kept.shape, dtype)
    methods["fourier"] = Sums(None, ())
    cheapest = min(costs, key=lambda name: costs[name])
    chosen: Method = cheapest if method is None else method
    if chosen not in methods:
        raise ArgumentError(f"method {chosen!r} cannot serve this kernel, want {list(methods)}")
    products, groups = methods[chosen]
    return Stencil(
        method=chosen,
        dtype=dtype,
        row_start=(int(rows[0]) - oy) * dilation[0],
        row_step=spacing * dilation[0],
        columns=tuple(
            equivalent_offset((c - ox) * dilation[1], width, boundary) for c in cols.tolist()
        ),
        weights=kept.astype(dtype),
        products=None if products is None else np.ascontiguousarray(products, dtype),
        groups=groups,
    )


def methods_for(
    weights: NDArray[np.float64],
    factors: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
) -> dict[Method, Sums]:
    """Lay out every method that can compute a kernel.

    Parameters
    ----------
    weights : ndarray of shape (rows, cols)
        Kernel without empty rows and columns.
    factors : tuple of ndarrays of shapes (rows,) and (cols,), or None
        Column and row whose outer product the kernel is, if it has rank 1.

    Returns
    -------
    dict of str to Sums
        ``"direct"``: tap by tap. ``"dense"``: a vertical sum for each column of the kernel, then
        one shifted sum. ``"shared"``: a vertical sum for each different column (equal but for the
        sign counts as equal), then shifted sums. ``"separable"``: one vertical sum, then weighted
        shifted sums.
    """
    taps = ((i, j, float(weights[i, j])) for i, j in np.argwhere(weights).tolist())
    columns = weights.shape[1]
    methods: dict[Method, Sums] = {
        "direct": Sums(None, grouped(taps)),
        "dense": Sums(weights.T, grouped((j, j, 1.0) for j in range(columns))),
    }
    if len(weights) > 1:
        products: list[NDArray[np.float64]] = []
        terms: list[Term] = []
        for j, column in enumerate(weights.T):
            row, sign = _found(products, column)
            if row == len(products):
                products.append(column)
            terms.append((row, j, sign))
        if len(products) < columns:
            methods["shared"] = Sums(np.array(products), grouped(terms))
        if factors is not None:
            terms = [(0, j, w) for j, w in enumerate(factors[1].tolist())]
            methods["separable"] = Sums(factors[0][np.newaxis], grouped(terms))
    return methods


def _found(products: list[NDArray[np.float64]], column: NDArray[np.float64]) -> tuple[int, float]:
    """Index and sign of the vertical sum that serves a column; one past the end if none does."""
    for row, product in enumerate(products):
        if np.array_equal(column, product):
            return row, 1.0
        if np.array_equal(column, -product):
            return row, -1.0
    return len(products), 1.0


def grouped(terms: Iterable[Term]) -> tuple[tuple[Term, ...], ...]:
    """Terms of one weight together; a positive one first, so that no sum need be negated."""
    groups: dict[float, list[Term]] = {}
    for term in terms:
        groups.setdefault(abs(term[2]), []).append(term)
    return tuple(tuple(sorted(g, key=lambda term: term[2] < 0)) for g in groups.values())


def _cost_of_transforms(shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> float:
    """Estimate the nanoseconds a sample takes by Fourier transforms."""
    price = COSTS[dtype.name]
    return price.transform + price.rim * sum(shape)


def cost_of(sums: Sums, dtype: np.dtype[Any], costs: Costs | None = None) -> float:
    """Estimate the nanoseconds that sums take a sample, at the costs of a type or at given ones."""
    price = costs or COSTS[dtype.name]
    terms, groups = sum(map(len, sums.groups)), len(sums.groups)
    if sums.products is None:
        return price.term * terms + price.group * groups
    cost = price.multiply_add * sums.products.size
    if groups == 1 and terms == len(sums.products):
        return cost + price.column * terms
    return cost + price.plane * len(sums.products) + price.term * terms + price.group * groups
