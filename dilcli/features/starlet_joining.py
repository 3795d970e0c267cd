"""A frame put together strip by strip from the rows of its planes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from dilcli.core.response import Depth
    from dilcli.core.starlet_plan import StarletPlan
    from dilcli.core.window import Window
    from dilcli.features.starlet_sidecar import Sidecar
    from dilcli.features.starlet_storage import Storage
    from dilcli.features.starlet_stored import StoredFrame
    from dilcli.features.starlet_strips import Strip

__all__ = ["Joining", "join", "joining_plan"]


class Joining(NamedTuple):
    """How planes become a picture.

    Attributes
    ----------
    storage : Storage
        How planes are stored.
    factors : tuple of float
        Of w1 to the residual.
    source : str
        Sample type of the picture that they are of.
    depth : {"same", "8", "16", "float"}
    threads : int or None
    sidecar : Sidecar or None
        The record of the planes.
    """

    storage: Storage
    factors: tuple[float, ...]
    source: str
    depth: Depth
    threads: int | None
    sidecar: Sidecar | None = None


def joining_plan(frame: StoredFrame, sidecar: Sidecar | None) -> StarletPlan:
    """Lay out the transform of a frame by its record, or as the plain sum of its planes."""
    from dilcli.core.starlet_plan import plan_starlet

    levels = len(frame.planes) - 1
    if sidecar is None:
        return plan_starlet(frame.shape, "float64", levels)
    return plan_starlet(
        frame.shape,
        "float64",
        levels,
        kernel=sidecar.taps,
        boundary=sidecar.boundary,
        fill=sidecar.fill,
        generation=sidecar.generation,
    )


def join(
    frame: StoredFrame, plan: StarletPlan, strips: Sequence[Strip], how: Joining
) -> Iterator[tuple[NDArray[Any], int]]:
    """Put a frame together.

    Parameters
    ----------
    frame : StoredFrame
    plan : StarletPlan
        As `joining_plan` gives it.
    strips : sequence of (int, int)
        All rows of it, from the top.
    how : Joining

    Yields
    ------
    ndarray of shape (rows, W, C)
        Rows of the picture, alpha last if there is any.
    int
        How many of their samples were clipped, alpha not counted.
    """
    import numpy as np

    from dilcli.core.starlet_needs import rebuilding_needs
    from dilcli.core.starlet_rows import rebuild
    from dilcli.features.starlet_samples import fitted

    for strip in strips:
        runs = rebuilding_needs(plan, (strip,)).planes
        values = rebuild(plan, _weighted(frame, plan, runs, how), how.threads)
        samples, clipped = fitted(values, how.source, how.depth)
        if frame.alpha is not None:
            rows = frame.alpha.read(*strip)
            opacity, _ = fitted(rows.astype(np.float64), rows.dtype, how.depth)
            samples = np.concatenate((samples, opacity), axis=2)
        yield samples, clipped


def _weighted(
    frame: StoredFrame, plan: StarletPlan, runs: Sequence[Any], how: Joining
) -> Iterator[Window]:
    from dilcli.core.window import Window

    for rows, needed, factor in zip(frame.planes, runs, how.factors, strict=True):
        # `rebuild` writes over what it gets.
        yield Window(_times(rows, needed, factor, how), plan.shape[0], needed)


def _times(rows: Any, runs: Any, factor: float, how: Joining) -> NDArray[np.float64]:
    import numpy as np

    from dilcli.core.row_blocks import by_rows
    from dilcli.features.starlet_source import read_runs

    stored = read_runs(rows, runs)
    product = np.empty(stored.shape)

    def multiply(some: slice) -> None:
        plane = how.storage.decode(stored[some])
        np.multiply(plane, factor, out=product[some], dtype=np.float64)

    by_rows(multiply, product.shape, how.threads)
    return product
