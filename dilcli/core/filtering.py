"""All that happens to the samples of a picture between reading and writing.

Rows in, samples out, strip by strip: a picture is never padded or turned into real numbers whole.
"""

from __future__ import annotations

from math import inf, isfinite, prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dilcli.core.colour import full_scale, linear_to_srgb, srgb_to_linear
from dilcli.core.plan import plan_frame, responses_to
from dilcli.core.recipe import output_layout, settled_alpha
from dilcli.core.response import response_bounds
from dilcli.core.samples import fit, stretched, to_samples
from dilcli.core.strips import rows_of
from dilcli.core.threads import Scratch, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dilcli.core.plan import Plan
    from dilcli.core.recipe import Recipe
    from dilcli.core.response import Response
    from dilcli.core.samples import Fit
    from dilcli.core.strips import Patch

__all__ = ["Filtered", "filter_frame"]


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
    pixels = frame.reshape((1, -1, 1)) if frame.ndim == 1 else np.atleast_3d(frame)
    layout = output_layout(frame.shape, frame.dtype, recipe, alpha=alpha)
    plan = plan_frame(pixels, recipe, settled_alpha(recipe) if alpha else "drop", alpha, threads)
    output, response = layout.dtype, layout.response
    samples = np.empty(layout.shape, output)
    rows, columns = (-(-n // s) for n, s in zip(pixels.shape[:2], recipe.stride, strict=True))
    canvas = samples.reshape(rows, columns, -1)
    if response == "minmax":
        settled = stretched(output, *_extremes(plan))
    else:
        bounds = _bounds(recipe, pixels.dtype, output)
        doubt = _doubt(plan, recipe.kernel.l1)
        settled = fit(response, pixels.dtype, output, bounds, recipe.bias, doubt=doubt)
    return Filtered(samples, layout.alpha, response, _fill(plan, settled, canvas))


def _extremes(plan: Plan) -> tuple[float, float]:
    """Find the smallest and the largest finite response of a frame."""
    found: list[tuple[float, float]] = []

    def look(patch: Patch, scratch: Scratch) -> None:
        values = responses_to(plan, patch, scratch)[..., : plan.colours]
        finite = values[np.isfinite(values)]
        if finite.size:
            found.append((float(finite.min()), float(finite.max())))

    spread(look, plan.patches, plan.threads)
    return (min(low for low, _ in found), max(high for _, high in found)) if found else (0.0, 0.0)


def _fill(plan: Plan, settled: Fit, samples: NDArray[Any]) -> int:
    """Filter all patches into `samples`, and count what was clipped."""
    clipped: list[int] = []
    source = plan.pixels.dtype
    encode = plan.recipe.linear and settled.encodes
    whole = full_scale(source)
    doubt = _doubt(plan, 1.0)
    of_alpha = fit("clip", source, samples.dtype, _span(source), doubt=doubt)
    rows_in, columns_in = (slice(None, None, s) for s in plan.recipe.stride)
    kept = plan.pixels[rows_in, columns_in, -1:]

    def fill_patch(patch: Patch, scratch: Scratch) -> None:
        values = responses_to(plan, patch, scratch)
        colours = values[..., : plan.colours]
        if encode:
            if settled.absolute:
                np.abs(colours, out=colours)
            colours[...] = linear_to_srgb(colours / whole) * whole
        columns = slice(*patch.columns)
        out = rows_of(samples, patch.strip, columns)
        clipped.append(to_samples(colours, settled, out[..., : plan.colours]))
        if plan.alpha == "premultiply":
            to_samples(values[..., plan.colours :], of_alpha, out[..., plan.colours :])
        elif plan.alpha == "keep":
            start, phases, count, step = patch.strip
            for phase in range(phases):
                rows = slice(start + phase, start + phase + (count - 1) * step + 1, step)
                straight = kept[rows, columns].astype(plan.field.fill.dtype)
                to_samples(straight, of_alpha, out[phase, ..., plan.colours :])

    spread(fill_patch, plan.patches, plan.threads)
    return sum(clipped)


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
    source, weighed = plan.pixels.dtype, plan.alpha == "premultiply"
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
