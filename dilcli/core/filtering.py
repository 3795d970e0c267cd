"""All that happens to the samples of a picture between reading and writing.

Rows in, samples out, strip by strip: a picture is never padded or turned into real numbers whole.
"""

from __future__ import annotations

from math import inf, isfinite, prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dilcli.core.colour import full_scale, linear_to_srgb, srgb_to_linear
from dilcli.core.compiled import finish_by, serves
from dilcli.core.correlate import threads_for
from dilcli.core.cutting import patches
from dilcli.core.plan import plan_frame
from dilcli.core.ready import lay_out_rows, responses_to
from dilcli.core.respond import sum_samples
from dilcli.core.response import response_bounds
from dilcli.core.samples import fit, stretched, to_samples
from dilcli.core.strips import rows_of
from dilcli.core.threads import Scratch, spread
from dilcli.core.window import whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dilcli.core.plan import Plan
    from dilcli.core.ready import Ready
    from dilcli.core.recipe import Recipe
    from dilcli.core.response import Response
    from dilcli.core.samples import Fit
    from dilcli.core.strips import Patch

__all__ = [
    "Extremes",
    "Filtered",
    "extremes",
    "filter_frame",
    "filter_rows",
    "filter_whole",
    "settle",
    "widest",
]

#: The smallest and the largest finite response.
Extremes = tuple[float, float]


class Filtered(NamedTuple):
    """A filtered frame.

    Attributes
    ----------
    samples : ndarray of shape (N,), (H, W) or (H, W, C)
        Of the output's type.
    alpha : bool
        Whether the last channel is alpha.
    response : str
        How responses became samples, never ``"auto"``.
    clipped : int
        Samples that were outside the range of the output's type.
    """

    samples: NDArray[Any]
    alpha: bool
    response: Response
    clipped: int


def filter_frame(
    frame: NDArray[Any], recipe: Recipe, *, alpha: bool = False, threads: int | None = None
) -> Filtered:
    """Filter the samples of one frame and turn the responses into samples again.

    Parameters
    ----------
    frame : ndarray of shape (N,), (H, W) or (H, W, C)
        Samples of any real type; read, never copied or converted whole.
    recipe : Recipe
        What to do.
    alpha : bool
        Whether the last channel is straight alpha.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    Filtered

    Raises
    ------
    ArgumentError
        If the recipe has no meaning for this frame.
    """
    plan = plan_frame(frame.shape, frame.dtype, recipe, alpha=alpha)
    samples, clipped, _ = filter_whole(plan, frame.reshape(plan.shape), threads)
    return Filtered(
        samples.reshape(plan.layout.shape), plan.layout.alpha, plan.layout.response, clipped
    )


def filter_whole(
    plan: Plan, pixels: NDArray[Any], threads: int | None = None
) -> tuple[NDArray[Any], int, Fit]:
    """Filter a frame of shape (H, W, C) in memory: `filter_rows` of all rows, settled before."""
    ready = lay_out_rows(plan, whole(pixels), (0, plan.rows), threads)
    found = extremes(plan, ready, threads) if plan.layout.response == "minmax" else None
    settled = settle(plan, found)
    return (*filter_rows(plan, settled, ready, threads), settled)


def extremes(plan: Plan, ready: Ready, threads: int | None = None) -> Extremes | None:
    """Find the smallest and the largest finite response in some rows, None without any."""
    found: list[Extremes] = []

    def look(patch: Patch, scratch: Scratch) -> None:
        values = responses_to(plan, ready, patch, scratch)[..., : plan.colours]
        finite = values[np.isfinite(values)]
        if finite.size:
            found.append((float(finite.min()), float(finite.max())))

    spread(look, ready.patches, threads_for(ready.window.pixels.size, threads))
    return widest(found)


def widest(several: Iterable[Extremes | None]) -> Extremes | None:
    """Put together the extremes of several parts of a frame."""
    found = [each for each in several if each is not None]
    return (min(low for low, _ in found), max(high for _, high in found)) if found else None


def settle(plan: Plan, found: Extremes | None = None) -> Fit:
    """Settle how the responses to a frame become samples.

    Parameters
    ----------
    plan : Plan
        Of the frame.
    found : (float, float), optional
        The extremes of all of its responses, which ``"minmax"`` stretches.

    Returns
    -------
    Fit
    """
    source, output = plan.source, plan.layout.dtype
    if plan.layout.response == "minmax":
        return stretched(output, *(found or (0.0, 0.0)))
    bounds = _bounds(plan.recipe, source, output)
    doubt = _doubt(plan, plan.recipe.kernel.l1)
    return fit(plan.layout.response, source, output, bounds, plan.recipe.bias, doubt=doubt)


def filter_rows(
    plan: Plan, settled: Fit, ready: Ready, threads: int | None = None
) -> tuple[NDArray[Any], int]:
    """Filter some rows of a frame: the one function that all pictures go through.

    The bits of the result do not depend on which rows are filtered together.

    Parameters
    ----------
    plan : Plan
        Of the frame.
    settled : Fit
        As `settle` gives it for the whole frame.
    ready : Ready
        The rows, as `dilcli.core.plan.lay_out_rows` gives them.
    threads : int, optional
        As in `dilcli.correlate`.

    Returns
    -------
    ndarray of shape (rows, columns, channels)
        Of the output's type.
    int
        How many samples were outside their range and were clipped.
    """
    first, last = ready.rows
    columns = -(-plan.shape[1] // plan.recipe.stride[1])
    channels = plan.colours + plan.layout.alpha
    samples = np.empty((last - first, columns, channels), plan.layout.dtype)
    clipped: list[int] = []
    encode = plan.recipe.linear and settled.encodes
    light = full_scale(plan.source)
    doubt = _doubt(plan, 1.0)
    of_alpha = fit("clip", plan.source, samples.dtype, _span(plan.source), doubt=doubt)
    finish = finish_by(settled, plan.recipe.bias) if _makes_samples(plan, settled) else None
    cuts: Iterable[Patch] = ready.patches
    if finish is not None:
        stencil, stride = plan.stencils[0], plan.recipe.stride
        cuts = patches(ready.field, stencil, stride, ready.rows, streamed=True)

    def fill_patch(patch: Patch, scratch: Scratch) -> None:
        place = patch.strip._replace(start=patch.strip.start - first)
        out = rows_of(samples, place, slice(*patch.columns))
        of_colours, beside = out[..., : plan.colours], out[..., plan.colours :]
        if finish is not None:
            made = scratch.array("made", of_colours.shape, out.dtype) if beside.size else of_colours
            outside = sum_samples(
                ready.field, plan.stencils[0], patch, scratch, made, finish=finish
            )
            clipped.append(outside)
            if beside.size:
                of_colours[...] = made
        else:
            values = responses_to(plan, ready, patch, scratch)
            colours = values[..., : plan.colours]
            if encode:
                if settled.absolute:
                    np.abs(colours, out=colours)
                colours[...] = linear_to_srgb(colours / light) * light
            clipped.append(to_samples(colours, settled, of_colours))
            if plan.alpha == "premultiply":
                to_samples(values[..., plan.colours :], of_alpha, beside)
        if plan.alpha == "keep":
            _copy_alpha(plan, ready, patch, of_alpha, beside)

    spread(fill_patch, cuts, threads_for(ready.window.pixels.size, threads))
    return samples, sum(clipped)


def _makes_samples(plan: Plan, settled: Fit) -> bool:
    """Whether the sums of one stencil become samples as they are, with nothing between."""
    mixed = plan.alpha == "premultiply" or (plan.recipe.linear and settled.encodes)
    alone = len(plan.stencils) == 1 and plan.recipe.combine != "rms"
    whole = plan.field.finite and plan.recipe.stride[1] == 1
    return alone and whole and not mixed and serves(plan.stencils[0])


def _copy_alpha(plan: Plan, ready: Ready, patch: Patch, of_alpha: Fit, out: NDArray[Any]) -> None:
    down, across = plan.recipe.stride
    start, phases, count, step = patch.strip
    first, last = patch.columns
    columns = slice(first * across, (last - 1) * across + 1, across)
    for phase in range(phases):
        row = (start + phase) * down
        rows = ready.window.places(slice(row, row + (count - 1) * step * down + 1, step * down))
        kept = ready.window.pixels[rows, columns, -1:]
        to_samples(kept.astype(plan.field.fill.dtype), of_alpha, out[phase])


def _bounds(recipe: Recipe, source: np.dtype[Any], output: np.dtype[Any]) -> tuple[float, float]:
    """Bound the responses to any picture of a sample type; floats are taken in output units."""
    low, high = _span(source if source.kind in "ui" else output)
    fill = _outside(recipe, source)
    return response_bounds(
        recipe.kernel,
        low,
        high,
        fill=fill if isfinite(fill) else None,
        runs=len(recipe.dilations),
        combine=recipe.combine,
    )


def _doubt(plan: Plan, gain: float) -> float:
    """Bound the rounding errors of responses, for weights whose absolute values sum to `gain`.

    A sum of n products is wrong by less than n roundings of the sum of their absolute values
    (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, (3.5)).
    """
    source, weighed = plan.source, plan.alpha == "premultiply"
    # A weighted mean is bounded by what it is taken of while no weight is below 0.
    if not plan.field.finite or (weighed and source.kind == "i"):
        return inf
    recipe, runs = plan.recipe, len(plan.recipe.dilations)
    largest = max(map(abs, (*_span(source), _outside(recipe, source))))
    growth = prod([gain] * runs) if recipe.combine == "cascade" else gain
    rounding = float(np.finfo(plan.field.fill.dtype).eps) / 2
    roundings = runs * (len(recipe.kernel.taps()) + 8) * (2 if weighed else 1)
    # Where it is steepest, the sRGB curve makes an error 12.92 times as large.
    return roundings * rounding * max(gain, growth) * largest * (12.92 if recipe.linear else 1)


def _span(samples: np.dtype[Any]) -> tuple[float, float]:
    high = full_scale(samples)
    return (-high - 1 if samples.kind == "i" else 0.0), high


def _outside(recipe: Recipe, source: np.dtype[Any]) -> float:
    """Give the colour outside, in the light that is filtered; 0 where the picture stands there."""
    if recipe.boundary != "constant":
        return 0.0
    if not recipe.linear:
        return recipe.fill
    whole = full_scale(source)
    return float(srgb_to_linear(np.array([recipe.fill / whole]))[0]) * whole
