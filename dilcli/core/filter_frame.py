"""A dilated filter laid out for one frame, as all treatments of pictures are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from dilcli.core.compiled import serves
from dilcli.core.filtering import extremes, filter_rows, filter_whole, settle, widest
from dilcli.core.plan import grid_rows, planes_held, rows_wanted
from dilcli.core.ready import lay_out_rows
from dilcli.core.samples import Fit
from dilcli.core.strips import BLOCK_SAMPLES, strip_rows
from dilcli.core.treatment import Treated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.plan import Plan
    from dilcli.core.stencil import Stencil
    from dilcli.core.treatment import Layout
    from dilcli.core.window import Runs, Window

__all__ = ["FilterFrame", "FindExtremes", "array_bytes"]

#: Bytes that a thread takes for transforms.
_TRANSFORMS = 96 << 20
#: How many times a thread's arrays are there where colours are mixed or turned into linear light,
#: and where alpha weighs them. Measured.
_PREPARED, _WEIGHED = 2, 4


class FindExtremes(NamedTuple):
    """Asks for the smallest and the largest response in some rows."""


@dataclass(frozen=True, slots=True, eq=False)
class FilterFrame:
    """A `dilcli.core.treatment.Frame` whose treatment is a recipe of dilated filtering.

    Orders are `FindExtremes`, and a `dilcli.core.samples.Fit` for making rows.
    """

    plan: Plan

    @property
    def layout(self) -> Layout:
        """What the frame will be."""
        return self.plan.layout

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels that are read."""
        return self.plan.shape

    @property
    def source(self) -> np.dtype[Any]:
        """Type of the samples that are read."""
        return self.plan.source

    @property
    def rows(self) -> int:
        """Rows of outputs."""
        return self.plan.rows

    @property
    def grid(self) -> int:
        """Output rows that are best asked for together."""
        return grid_rows(self.plan)

    def reads(self, rows: tuple[int, int], order: Any = None) -> Runs:  # noqa: ARG002
        """Say which rows are read for output rows, whatever the order."""
        return rows_wanted(self.plan, rows)

    def held(self, rows: tuple[int, int]) -> int:
        """Give the bytes of the planes of a cascade."""
        field = self.plan.field
        row = self.plan.shape[1] * field.channels * field.fill.dtype.itemsize
        return planes_held(self.plan, rows) * row

    def scratch(self) -> int:
        """Give the bytes of the arrays that a thread sums in."""
        plan = self.plan
        most = array_bytes(plan.stencils, plan.shape[1] * plan.field.channels)
        if plan.alpha == "premultiply":
            return most * _WEIGHED
        return most * (_PREPARED if plan.recipe.linear or plan.recipe.luma else 1)

    def settle(self, ask: Callable[[Any], Iterator[Any]]) -> Fit:
        """Settle how responses become samples; ``"minmax"`` asks for their extremes."""
        found = widest(ask(FindExtremes())) if self.layout.response == "minmax" else None
        return settle(self.plan, found)

    def carry_out(
        self, order: Any, window: Window, rows: tuple[int, int], threads: int | None
    ) -> Any:
        """Find the extremes of the responses in some rows, or make the rows."""
        ready = lay_out_rows(self.plan, window, rows, threads)
        if isinstance(order, Fit):
            return Treated(*filter_rows(self.plan, order, ready, threads))
        return extremes(self.plan, ready, threads)

    def whole(self, pixels: NDArray[Any], threads: int | None) -> tuple[Treated, Fit]:
        """Filter a frame in memory."""
        samples, clipped, settled = filter_whole(self.plan, pixels, threads)
        return Treated(samples, clipped), settled

    def noise(self, settled: Any, kept: NDArray[np.int64] | None) -> None:  # noqa: ARG002
        """Tell nothing: noise is not looked for."""
        return


def array_bytes(stencils: Sequence[Stencil], row: int) -> int:
    """Estimate the bytes of the arrays that a thread sums in.

    Parameters
    ----------
    stencils : sequence of Stencil
        One after another, of which the largest counts.
    row : int
        Samples of a row.

    Returns
    -------
    int
    """
    most, samples = 0, min(row, BLOCK_SAMPLES * 3 // 2)
    for stencil in stencils:
        rows = strip_rows(stencil, samples)
        if serves(stencil):
            planes = 2 * (rows + stencil.rows + 4)  # rows read, responses, a few lines at work
        else:
            products = 0 if stencil.products is None else len(stencil.products)
            planes = rows + stencil.rows + rows * (products + 3)
        size = planes * samples * stencil.dtype.itemsize * 5 // 4
        most = max(most, _TRANSFORMS if stencil.method == "fourier" else size)
    return most
