"""Which rows of which plane of a starlet transform must be computed for some rows of a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dilcli.core.cutting import rows_read
from dilcli.core.window import Window, merged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.starlet_plan import StarletPlan
    from dilcli.core.stencil import Stencil
    from dilcli.core.window import Runs

__all__ = ["Needs", "planes_needs", "rebuilding_needs"]


@dataclass(frozen=True, slots=True)
class Needs:
    """Which rows of which plane are computed.

    Attributes
    ----------
    smooths : tuple of runs
        Rows of c_0, the picture, to c_J.
    planes : tuple of runs
        Rows of w_1 to w_J and of the residual.
    """

    smooths: tuple[Runs, ...]
    planes: tuple[Runs, ...]


def planes_needs(plan: StarletPlan, rows: tuple[int, int]) -> Needs:
    """Say what must be computed for rows ``[first, last)`` of all planes."""
    return _needs(plan, [(rows,)] * (plan.levels + 1))


def rebuilding_needs(plan: StarletPlan, runs: Runs) -> Needs:
    """Say what must be computed for rows of a picture put together from planes.

    In generation 2 what is put together at each level is smoothed at the next finer one.
    """
    wanted = [runs]
    for stencil in plan.stencils:
        wanted.append(_reads(plan, stencil, wanted[-1]) if plan.generation == 2 else runs)
    return _needs(plan, wanted)


def _needs(plan: StarletPlan, planes: list[Runs]) -> Needs:
    def subtracted(level: int) -> Runs:
        """Rows of c_level that w_level takes."""
        runs = planes[level - 1]
        return runs if plan.generation == 1 else _reads(plan, plan.stencils[level - 1], runs)

    smooths = [merged([planes[-1], subtracted(plan.levels)])]
    for level in range(plan.levels, 0, -1):
        # The middle tap reads the very rows that w_level is a difference at.
        parts = [_reads(plan, plan.stencils[level - 1], smooths[0])]
        if level > 1:
            parts.append(subtracted(level - 1))
        smooths.insert(0, merged(parts))
    return Needs(tuple(smooths), tuple(planes))


def _reads(plan: StarletPlan, stencil: Stencil, runs: Runs) -> Runs:
    """Say which rows a level reads for rows of its smooth."""
    height, width, channels = plan.shape
    nothing: NDArray[np.float64] = np.empty((0, width, channels))
    return rows_read(plan.field(Window(nothing, height, ())), stencil, (1, 1), runs)
