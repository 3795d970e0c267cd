"""Rows of outputs made ready: their input is in memory, and patches of them are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dilcli.core.arguments import response_dtype
from dilcli.core.combine import combined_patches, combined_total, responder
from dilcli.core.plan import described
from dilcli.core.threads import Scratch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.combine import Responder
    from dilcli.core.plan import Plan
    from dilcli.core.recipe import Recipe
    from dilcli.core.strips import Field, Patch
    from dilcli.core.window import Window

__all__ = ["Ready", "lay_out_rows", "responses_to"]


class Ready(NamedTuple):
    """Rows of outputs whose input is in memory.

    Attributes
    ----------
    window : Window
        The input rows.
    rows : (int, int)
        Output rows ``[first, last)``.
    field : Field
        What is filtered.
    respond : callable
        Gives the responses of a patch of `field`.
    respond_straight : callable or None
        Those of colours that alpha does not weigh, where filtered alpha can be 0.
    patches : tuple of Patch
        All outputs of the rows.
    """

    window: Window
    rows: tuple[int, int]
    field: Field
    respond: Responder
    respond_straight: Responder | None
    patches: tuple[Patch, ...]


def lay_out_rows(
    plan: Plan, window: Window, rows: tuple[int, int], threads: int | None = None
) -> Ready:
    """Get ready to answer for some rows of outputs.

    Parameters
    ----------
    plan : Plan
        Of the frame.
    window : Window
        At least the rows of `rows_wanted`.
    rows : (int, int)
        Output rows ``[first, last)``.
    threads : int, optional
        As in `dilcli.correlate`, for the planes of a cascade.

    Returns
    -------
    Ready

    Raises
    ------
    ArgumentError
        If samples cannot be filtered, which only their values tell.
    """
    recipe, stencils = plan.recipe, plan.stencils
    stride = recipe.stride
    dtype = response_dtype(window.pixels)
    premultiply = plan.alpha == "premultiply"

    def field_of(*, premultiply: bool) -> Field:
        return described(window, recipe, dtype, alpha=plan.has_alpha, premultiply=premultiply)

    def answers(field: Field) -> Responder:
        return responder(field, stencils, recipe.combine, stride=stride, rows=rows, threads=threads)

    field = field_of(premultiply=premultiply)
    straight = None
    if premultiply and _may_vanish(window.pixels[..., -1], recipe):
        straight = answers(field_of(premultiply=False))
    return Ready(
        window,
        rows,
        field,
        answers(field),
        straight,
        tuple(combined_patches(field, stencils, recipe.combine, stride, rows)),
    )


def responses_to(plan: Plan, ready: Ready, patch: Patch, scratch: Scratch) -> NDArray[np.floating]:
    """Give the responses of the colours of a patch, and of alpha if it is filtered.

    Parameters
    ----------
    plan, ready
        What is filtered, and how.
    patch : Patch
        Which outputs.
    scratch : Scratch
        Memory of the thread.

    Returns
    -------
    ndarray of shape (phases, rows, columns, C)
        In input units, the bias added to colours; overwritten by the next call.
    """
    values = ready.respond(patch, scratch)
    recipe = plan.recipe
    if plan.alpha == "premultiply":
        total = combined_total(recipe.kernel.total, len(recipe.dilations), recipe.combine)
        colours, alpha = values[..., : plan.colours], values[..., plan.colours :]
        np.divide(colours, alpha, out=colours)
        if total != 1:
            np.multiply(colours, total, out=colours)
            np.divide(alpha, total, out=alpha)
        vanished = (alpha == 0)[..., 0]
        if ready.respond_straight is not None and vanished.any():
            apart = scratch.keep("straight", Scratch)
            colours[vanished] = ready.respond_straight(patch, apart)[vanished]
    if recipe.bias:
        np.add(values[..., : plan.colours], recipe.bias, out=values[..., : plan.colours])
    return values


def _may_vanish(alpha: NDArray[Any], recipe: Recipe) -> bool:
    """Whether filtered alpha can be 0 anywhere."""
    outside = recipe.boundary == "constant" and recipe.fill == 0
    return outside or not bool(alpha.all())
