"""A recipe laid out for one frame: what is read, where taps stand, how patches are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dilcli.core.arguments import checked_fill, response_dtype
from dilcli.core.colour import colour_field
from dilcli.core.combine import combined_patches, combined_total, responder
from dilcli.core.correlate import threads_for
from dilcli.core.fourier import is_bounded
from dilcli.core.stencil import place
from dilcli.core.threads import Scratch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.combine import Responder
    from dilcli.core.recipe import Alpha, Recipe
    from dilcli.core.strips import Field, Patch

__all__ = ["Plan", "plan_frame", "responses_to"]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A recipe laid out for one frame.

    Attributes
    ----------
    recipe : Recipe
        What is done.
    pixels : ndarray of shape (H, W, C)
        Samples of the frame.
    colours : int
        How many of the responses are colours; one of alpha follows if it is filtered.
    alpha : {"premultiply", "keep", "drop"}
        What happens to an alpha channel.
    field : Field
        What is filtered.
    respond : callable
        Gives the responses of a patch of `field`.
    respond_straight : callable or None
        Those of colours that alpha does not weigh, where filtered alpha can be 0.
    patches : tuple of Patch
        All outputs.
    threads : int
        How many to use.
    """

    recipe: Recipe
    pixels: NDArray[Any]
    colours: int
    alpha: Alpha
    field: Field
    respond: Responder
    respond_straight: Responder | None
    patches: tuple[Patch, ...]
    threads: int


def plan_frame(
    pixels: NDArray[Any], recipe: Recipe, mode: Alpha, alpha: bool, threads: int | None
) -> Plan:
    """Lay out a recipe for one frame.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C)
        Samples of any real type.
    recipe : Recipe
        What to do.
    mode : {"premultiply", "keep", "drop"}
        What happens to an alpha channel.
    alpha : bool
        Whether the last channel is straight alpha.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    Plan

    Raises
    ------
    ArgumentError
        If the samples are of a type that cannot be filtered.
    KernelError
        If responses cannot hold the weights.
    """
    dtype = response_dtype(pixels)
    premultiply = mode == "premultiply"
    # Later rates of a cascade filter responses, and a quotient of responses to colours and alpha
    # is as wrong as its divisor is small. Rates side by side have no grid of tiles in common.
    alone = not premultiply and (len(recipe.dilations) == 1 or recipe.combine == "cascade")
    bounded = alone and recipe.combine != "rms" and is_bounded(pixels.dtype, recipe.fill)
    stencils = [
        place(
            recipe.kernel,
            width=pixels.shape[1],
            dtype=dtype,
            dilation=dilation,
            origin=recipe.origin,
            convolve=recipe.convolve,
            boundary=recipe.boundary,
            bounded=bounded and number == 0,
        )
        for number, dilation in enumerate(recipe.dilations)
    ]

    def described(*, premultiply: bool) -> Field:
        return colour_field(
            pixels,
            dtype,
            boundary=recipe.boundary,
            fill=checked_fill(recipe.fill, dtype),
            alpha=alpha,
            premultiply=premultiply,
            luma=recipe.luma,
            linear=recipe.linear,
        )

    field = described(premultiply=premultiply)
    straight = None
    if premultiply and _may_vanish(pixels[..., -1], recipe):
        straight = responder(described(premultiply=False), stencils, recipe.combine, threads)
    return Plan(
        recipe=recipe,
        pixels=pixels,
        colours=field.channels - premultiply,
        alpha=mode,
        field=field,
        respond=responder(field, stencils, recipe.combine, threads),
        respond_straight=straight,
        patches=tuple(combined_patches(field, stencils, recipe.combine, recipe.stride)),
        threads=threads_for(pixels.size, threads),
    )


def responses_to(plan: Plan, patch: Patch, scratch: Scratch) -> NDArray[np.floating]:
    """Give the responses of the colours of a patch, and of alpha if it is filtered.

    Parameters
    ----------
    plan : Plan
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
    values = plan.respond(patch, scratch)
    recipe = plan.recipe
    if plan.alpha == "premultiply":
        total = combined_total(recipe.kernel.total, len(recipe.dilations), recipe.combine)
        colours, alpha = values[..., : plan.colours], values[..., plan.colours :]
        np.divide(colours, alpha, out=colours)
        if total != 1:
            np.multiply(colours, total, out=colours)
            np.divide(alpha, total, out=alpha)
        vanished = (alpha == 0)[..., 0]
        if plan.respond_straight is not None and vanished.any():
            apart = scratch.keep("straight", Scratch)
            colours[vanished] = plan.respond_straight(patch, apart)[vanished]
    if recipe.bias:
        np.add(values[..., : plan.colours], recipe.bias, out=values[..., : plan.colours])
    return values


def _may_vanish(alpha: NDArray[Any], recipe: Recipe) -> bool:
    """Whether filtered alpha can be 0 anywhere."""
    outside = recipe.boundary == "constant" and recipe.fill == 0
    return outside or not bool(alpha.all())
