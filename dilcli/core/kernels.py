"""The kernel: a small table of weights, where its taps fall, and the texts that name one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from dilcli.core import kernel_rank
from dilcli.core.kernel_text import checked_rows, parse_rows
from dilcli.core.named_kernels import named_kernels, named_rows
from dilcli.errors import ArgumentError, KernelError

if TYPE_CHECKING:
    from dilcli.core.kernel_text import Rows

__all__ = ["NORMALIZATIONS", "Kernel", "Tap", "named_kernels", "parse_kernel"]

Pair = tuple[int, int]

NORMALIZATIONS = ("none", "sum", "l1")

#: A sum this small beside the absolute weights is rounding: the kernel is a derivative.
_ZERO_SUM = 1e-6


class Tap(NamedTuple):
    """One non-zero weight and its offset from the output pixel, in pixels, y down and x right."""

    dy: int
    dx: int
    weight: float


@dataclass(frozen=True, slots=True)
class Kernel:
    """A small table of weights, rows x columns, hashable and never changed.

    Attributes
    ----------
    weights : tuple of tuple of float
        At least 1 x 1, rectangular, finite. Any nested sequence of numbers is accepted.
    name : str
        The bare name (``"gaussian"``), a kernel file's stem, or ``"custom"``.

    Raises
    ------
    KernelError
        If the weights are empty, ragged or not finite.
    """

    weights: Rows
    name: str = "custom"

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", checked_rows(self.weights, self.name))

    @property
    def shape(self) -> Pair:
        """Rows and columns of the table."""
        return len(self.weights), len(self.weights[0])

    @property
    def total(self) -> float:
        """Sum of the weights, correctly rounded: the response to a constant image of ones."""
        return math.fsum(weight for row in self.weights for weight in row)

    @property
    def l1(self) -> float:
        """Sum of the absolute weights."""
        return math.fsum(abs(weight) for row in self.weights for weight in row)

    @property
    def positive(self) -> float:
        """Sum of the positive weights."""
        return math.fsum(weight for row in self.weights for weight in row if weight > 0)

    @property
    def negative(self) -> float:
        """Sum of the absolute values of the negative weights."""
        return math.fsum(-weight for row in self.weights for weight in row if weight < 0)

    @property
    def is_zero_sum(self) -> bool:
        """Whether the weights sum to 0 but for rounding: at most 1e-6 of `l1`."""
        return abs(self.total) <= _ZERO_SUM * self.l1

    @property
    def is_non_negative(self) -> bool:
        """Whether no weight is below 0, so that the response is a weighted mean but for scale."""
        return all(weight >= 0 for row in self.weights for weight in row)

    @property
    def rank(self) -> int:
        """Number of separable kernels that it is a sum of; see `kernel_rank.rank`."""
        return kernel_rank.rank(self.weights)

    def factors(self) -> kernel_rank.Factors | None:
        """Column and row whose outer product the kernel is, or None; see `kernel_rank.factor`."""
        return kernel_rank.factor(self.weights)

    def origin(self, index: Pair | None = None) -> Pair:
        """Row and column, from 0, of the weight on the output pixel; ``size // 2`` by default.

        Raises
        ------
        ArgumentError
            If the index lies outside the table.
        """
        rows, columns = self.shape
        if index is None:
            return rows // 2, columns // 2
        y, x = index
        if not (0 <= y < rows and 0 <= x < columns):
            raise ArgumentError(
                f"origin {y},{x} lies outside the {rows} x {columns} kernel; "
                f"wanted 0,0 to {rows - 1},{columns - 1}"
            )
        return y, x

    def taps(
        self, dilation: Pair = (1, 1), origin: Pair | None = None, convolve: bool = False
    ) -> tuple[Tap, ...]:
        """List the non-zero weights, row by row, with the pixels that they multiply.

        Weight ``j`` stands at ``(j - origin) * dilation``: dilation multiplies every offset, also
        those of even kernels. Convolution negates the offsets.

        Parameters
        ----------
        dilation : (int, int)
            Distance between taps in pixels, down and right, at least 1.
        origin : (int, int), optional
            As for `origin`.
        convolve : bool
            Turn the kernel by 180 degrees about the origin.

        Raises
        ------
        ArgumentError
            For a dilation below 1 or an origin outside the table.

        Examples
        --------
        >>> Kernel(((1.0, 2.0, 3.0),)).taps(dilation=(1, 2))
        (Tap(dy=0, dx=-2, weight=1.0), Tap(dy=0, dx=0, weight=2.0), Tap(dy=0, dx=2, weight=3.0))
        """
        step_y, step_x = _checked(dilation)
        y, x = self.origin(origin)
        if convolve:
            step_y, step_x = -step_y, -step_x
        return tuple(
            Tap((i - y) * step_y, (j - x) * step_x, weight)
            for i, row in enumerate(self.weights)
            for j, weight in enumerate(row)
            if weight
        )

    def effective_size(self, dilation: Pair = (1, 1)) -> Pair:
        """Rows and columns of pixels that the spread kernel covers: ``(size - 1) * dilation + 1``.

        Raises
        ------
        ArgumentError
            For a dilation below 1.
        """
        step_y, step_x = _checked(dilation)
        rows, columns = self.shape
        return (rows - 1) * step_y + 1, (columns - 1) * step_x + 1

    def reach(
        self, dilation: Pair = (1, 1), origin: Pair | None = None, convolve: bool = False
    ) -> tuple[Pair, Pair]:
        """How far the taps look past a pixel, ((up, down), (left, right)) in pixels.

        Only taps count, that is non-zero weights. Parameters and errors are those of `taps`.
        """
        taps = self.taps(dilation, origin, convolve)
        rows = [0, *(tap.dy for tap in taps)]
        columns = [0, *(tap.dx for tap in taps)]
        return (-min(rows), max(rows)), (-min(columns), max(columns))

    def scaled(self, factor: float) -> Kernel:
        """Give the kernel with every weight multiplied; KernelError if one overflows."""
        return replace(self, weights=tuple(tuple(w * factor for w in row) for row in self.weights))

    def normalized(self, how: str) -> Kernel:
        """Give the kernel with its weights divided by their sum or by their absolute sum.

        Raises
        ------
        KernelError
            If the divisor is 0.
        ArgumentError
            If `how` is none of `NORMALIZATIONS`.
        """
        if how not in NORMALIZATIONS:
            raise ArgumentError(f"normalization {how!r} is not one of {', '.join(NORMALIZATIONS)}")
        if how == "none":
            return self
        if self.l1 == 0:
            raise KernelError(
                f"kernel {self.name!r} has only zero weights, so it cannot be normalized; use none"
            )
        if how == "sum" and self.is_zero_sum:
            raise KernelError(
                f"kernel {self.name!r} sums to 0, so normalizing by its sum would divide by zero; "
                f"use l1, or none"
            )
        divisor = self.total if how == "sum" else self.l1
        return replace(self, weights=tuple(tuple(w / divisor for w in row) for row in self.weights))


def _checked(dilation: Pair) -> Pair:
    for step in dilation:
        if step < 1:
            raise ArgumentError(f"dilation must be at least 1, got {step}; 1 means no holes")
    return dilation


def parse_kernel(text: str) -> Kernel:
    """Read a kernel from its name or from weights written in line.

    Parameters
    ----------
    text : str
        A name with parameters (``sobel-y``, ``box:5``, ``gaussian:sigma=1.5,size=7``; see
        `named_kernels`), or rows of weights (``1 2 1; 2 4 2; 1 2 1 / 16``; see `kernel_text`).

    Raises
    ------
    KernelError
        One line that says where the text is wrong. For ``@file`` too, as nothing here opens files.

    Examples
    --------
    >>> parse_kernel("box:1x2")
    Kernel(weights=((0.5, 0.5),), name='box')
    """
    stripped = text.strip()
    if stripped.startswith("@"):
        raise KernelError(
            f"kernel {stripped!r} is a file reference, but only a name or weights are read here"
        )
    if stripped[:1].isalpha():
        name, rows = named_rows(stripped)
        return Kernel(rows, name)
    return Kernel(parse_rows(text))
