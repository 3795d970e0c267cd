"""The settings of a transform, and frames laid out for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dilcli.features.starlet_source import StarletSource, colour_shape, span_of

if TYPE_CHECKING:
    from dilcli.core.boundary import Boundary
    from dilcli.core.kernels import Kernel
    from dilcli.files import FrameRows

__all__ = ["Transform", "laid_out"]


class Transform(NamedTuple):
    """Settings of a transform, as `dilcli.starlet` has them."""

    levels: int
    kernel: Kernel
    boundary: Boundary = "reflect"
    fill: float = 0.0
    generation: int = 1


def laid_out(rows: FrameRows, transform: Transform, *, alpha: bool) -> StarletSource:
    """Lay out the transform of a frame.

    Parameters
    ----------
    rows : FrameRows
    transform : Transform
    alpha : bool
        Whether the last channel is alpha, which is not transformed.

    Returns
    -------
    StarletSource

    Raises
    ------
    ArgumentError, KernelError
        As `dilcli.starlet`.
    """
    from dilcli.core.starlet_plan import plan_starlet

    plan = plan_starlet(
        colour_shape(rows.shape, alpha=alpha),
        rows.dtype,
        transform.levels,
        kernel=transform.kernel,
        boundary=transform.boundary,
        fill=transform.fill,
        generation=transform.generation,
        span=span_of(rows, alpha=alpha),
    )
    return StarletSource(rows, plan, alpha)
