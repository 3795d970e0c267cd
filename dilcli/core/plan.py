"""A recipe laid out for one frame: what is read, where taps stand, how patches are answered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.arguments import checked_fill, response_dtype
from dilcli.core.colour import colour_field
from dilcli.core.combine import combined_reads
from dilcli.core.fourier import is_bounded, tile_rows
from dilcli.core.recipe import output_layout, settled_alpha
from dilcli.core.stencil import place
from dilcli.core.window import Window, merged

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from dilcli.core.recipe import Alpha, Recipe
    from dilcli.core.stencil import Stencil
    from dilcli.core.strips import Field
    from dilcli.core.treatment import Layout
    from dilcli.core.window import Runs

__all__ = [
    "Plan",
    "described",
    "grid_rows",
    "plan_frame",
    "planes_held",
    "rows_wanted",
]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A recipe laid out for one frame, before a sample of it is read.

    Attributes
    ----------
    recipe : Recipe
        What is done.
    shape : (int, int, int)
        Rows, columns and channels of the frame.
    source : dtype
        Of its samples.
    layout : Layout
        Of the frame that is made.
    has_alpha : bool
        Whether the last channel of the frame is straight alpha.
    alpha : {"premultiply", "keep", "drop"}
        What happens to an alpha channel.
    field : Field
        What is filtered, without samples.
    colours : int
        How many of the responses are colours; one of alpha follows if it is filtered.
    stencils : tuple of Stencil
        The kernel at each rate.
    """

    recipe: Recipe
    shape: tuple[int, int, int]
    source: np.dtype[Any]
    layout: Layout
    has_alpha: bool
    alpha: Alpha
    field: Field
    colours: int
    stencils: tuple[Stencil, ...]

    @property
    def rows(self) -> int:
        """Rows of outputs; a row of samples is one."""
        return -(-self.shape[0] // self.recipe.stride[0])


def plan_frame(
    shape: tuple[int, ...], source: DTypeLike, recipe: Recipe, *, alpha: bool = False
) -> Plan:
    """Lay out a recipe for one frame.

    Parameters
    ----------
    shape : tuple of int
        (N,), (H, W) or (H, W, C).
    source : dtype
        Of the samples.
    recipe : Recipe
        What to do.
    alpha : bool
        Whether the last channel is straight alpha.

    Returns
    -------
    Plan

    Raises
    ------
    ArgumentError
        If the recipe has no meaning for such a frame, or the samples cannot be filtered.
    KernelError
        If responses cannot hold the weights.
    """
    samples = np.dtype(source)
    layout = output_layout(shape, samples, recipe, alpha=alpha)
    height, width, channels = (*((1, *shape) if len(shape) == 1 else shape), 1)[:3]
    dtype = response_dtype(np.empty(0, samples))
    mode = settled_alpha(recipe) if alpha else "drop"
    premultiply = mode == "premultiply"
    # Later rates of a cascade filter responses, and a quotient of responses to colours and alpha
    # is as wrong as its divisor is small. Rates side by side have no grid of tiles in common.
    alone = not premultiply and (len(recipe.dilations) == 1 or recipe.combine == "cascade")
    bounded = alone and recipe.combine != "rms" and is_bounded(samples, recipe.fill)
    stencils = tuple(
        place(
            recipe.kernel,
            width=width,
            dtype=dtype,
            dilation=dilation,
            origin=recipe.origin,
            convolve=recipe.convolve,
            boundary=recipe.boundary,
            bounded=bounded and number == 0,
        )
        for number, dilation in enumerate(recipe.dilations)
    )
    nothing = Window(np.empty((0, width, channels), samples), height, ())
    field = described(nothing, recipe, dtype, alpha=alpha, premultiply=premultiply)
    return Plan(
        recipe=recipe,
        shape=(height, width, channels),
        source=samples,
        layout=layout,
        has_alpha=alpha,
        alpha=mode,
        field=field,
        colours=field.channels - premultiply,
        stencils=stencils,
    )


def described(
    window: Window,
    recipe: Recipe,
    dtype: np.dtype[np.floating],
    *,
    alpha: bool,
    premultiply: bool,
) -> Field:
    """Describe rows of a frame, or none of them, as what a recipe filters."""
    return colour_field(
        window,
        dtype,
        boundary=recipe.boundary,
        fill=checked_fill(recipe.fill, dtype),
        alpha=alpha,
        premultiply=premultiply,
        luma=recipe.luma,
        linear=recipe.linear,
    )


def rows_wanted(plan: Plan, rows: tuple[int, int]) -> Runs:
    """Say which rows of the frame are read for output rows ``[first, last)``."""
    recipe = plan.recipe
    reads, *_ = combined_reads(plan.field, plan.stencils, recipe.combine, recipe.stride, rows)
    if plan.alpha != "keep":
        return reads
    stride = recipe.stride[0]
    return merged([reads, ((rows[0] * stride, (rows[1] - 1) * stride + 1),)])


def planes_held(plan: Plan, rows: tuple[int, int]) -> int:
    """Count the rows of real numbers that a cascade holds for output rows ``[first, last)``."""
    recipe = plan.recipe
    _, *planes = combined_reads(plan.field, plan.stencils, recipe.combine, recipe.stride, rows)
    held = [sum(last - first for first, last in runs) for runs in planes]
    # One plane is read while the next is made.
    return max((a + b for a, b in pairwise([*held, 0])), default=0)


def grid_rows(plan: Plan) -> int:
    """Give the output rows that are best asked for together, from a multiple of them on."""
    first = plan.stencils[0]
    if first.method != "fourier":
        return 1
    depth, stride = tile_rows(plan.field, first), plan.recipe.stride[0]
    return max(depth // stride, 1)
