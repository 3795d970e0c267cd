"""All that happens to the samples of a picture between reading and writing.

Rows in, samples out, strip by strip: a picture is never padded or turned into real numbers whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, prod
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np

from dilcli.core.colour import colour_field, full_scale, linear_to_srgb, srgb_to_linear
from dilcli.core.combine import combined_patches, combined_total, responder
from dilcli.core.correlate import response_dtype, threads_for
from dilcli.core.response import (
    COMBINATIONS,
    DEPTHS,
    RESPONSES,
    choose_response,
    fit,
    output_dtype,
    response_bounds,
    stretched,
    to_samples,
)
from dilcli.core.stencil import place
from dilcli.core.strips import rows_of
from dilcli.core.threads import Scratch, spread
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from dilcli.core.boundary import Boundary
    from dilcli.core.combine import Responder
    from dilcli.core.kernels import Kernel
    from dilcli.core.response import Combination, Depth, Fit, Response
    from dilcli.core.strips import Field, Patch

__all__ = [
    "Filtered",
    "Layout",
    "Recipe",
    "check_recipe",
    "filter_frame",
    "output_layout",
    "settled_alpha",
]

Alpha = Literal["auto", "premultiply", "keep", "drop"]

#: The largest dilation and stride; positions beyond would not fit the machine's integers.
LARGEST_STEP = 10**9


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of one output.

    Attributes
    ----------
    kernel : Kernel
        Weights, normalised and scaled.
    dilations : tuple of (int, int)
        Rates, (rows, columns); several only with `combine`.
    combine : str or None
        How several rates become one response.
    boundary, fill, origin, convolve, stride
        As in `dilcli.correlate`; `stride` for both axes.
    bias : float
        Added to the response, in input units.
    response, depth
        As in `dilcli.core.response`.
    alpha : {"auto", "premultiply", "keep", "drop"}
        What happens to an alpha channel; see `settled_alpha`.
    luma, linear : bool
        Filter luma alone; filter linear light.
    """

    kernel: Kernel
    dilations: tuple[tuple[int, int], ...] = ((1, 1),)
    combine: Combination | None = None
    boundary: Boundary = "reflect"
    fill: float = 0.0
    origin: tuple[int, int] | None = None
    convolve: bool = False
    stride: tuple[int, int] = (1, 1)
    bias: float = 0.0
    response: Response = "auto"
    depth: Depth = "same"
    alpha: Alpha = "auto"
    luma: bool = False
    linear: bool = False


class Layout(NamedTuple):
    """What a filtered frame will be.

    Attributes
    ----------
    shape : tuple of int
        (N,), (H, W) or (H, W, C).
    dtype : dtype
        Of its samples.
    alpha : bool
        Whether the last channel is alpha.
    response : str
        How responses become samples, never ``"auto"``.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    alpha: bool
    response: Response


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


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """A recipe laid out for one frame."""

    recipe: Recipe
    pixels: NDArray[Any]
    colours: int
    alpha: Alpha
    field: Field
    respond: Responder
    respond_straight: Responder | None
    patches: tuple[Patch, ...]
    threads: int


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
    plan = _plan(pixels, recipe, settled_alpha(recipe) if alpha else "drop", alpha, threads)
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


def output_layout(
    shape: tuple[int, ...], dtype: DTypeLike, recipe: Recipe, *, alpha: bool
) -> Layout:
    """Say what a recipe makes of a frame, before anything is computed.

    Parameters
    ----------
    shape, dtype, alpha
        Of the input frame, as in `filter_frame`.
    recipe : Recipe
        What to do.

    Returns
    -------
    Layout

    Raises
    ------
    ArgumentError
        If the recipe has no meaning for such a frame.
    """
    source = np.dtype(dtype)
    if len(shape) not in (1, 2, 3) or 0 in shape:
        raise ArgumentError(
            f"picture of shape {shape} cannot be filtered; "
            "want (N,), (H, W) or (H, W, C) with no side 0"
        )
    channels = shape[2] if len(shape) == 3 else 1
    check_recipe(recipe)
    _check_frame(source, channels - alpha, recipe)
    if len(shape) == 1 and recipe.kernel.shape[0] > 1:
        raise ArgumentError(
            f"kernel of {recipe.kernel.shape[0]} rows cannot filter a row of samples; want 1 row"
        )
    output = output_dtype(source, recipe.depth)
    response = choose_response(recipe.response, recipe.kernel, output)
    kept_alpha = alpha and settled_alpha(recipe) != "drop"
    kept = (1 if recipe.luma else channels - alpha) + kept_alpha
    strides = recipe.stride[-1:] if len(shape) == 1 else recipe.stride
    sides = tuple(-(-n // s) for n, s in zip(shape, strides, strict=False))
    if len(shape) == 3 and (kept > 1 or channels == 1):
        sides += (kept,)
    return Layout(sides, output, kept_alpha, response)


def settled_alpha(recipe: Recipe) -> Alpha:
    """Settle what happens to an alpha channel.

    ``"premultiply"`` weights colours by alpha, so that hidden colours never bleed, and filters
    alpha too; it is the automatic choice for kernels of non-negative weights. ``"keep"`` copies
    alpha and is the choice for all other kernels, and for a lone centre tap, which mixes nothing.

    Returns
    -------
    str
        ``"premultiply"``, ``"keep"`` or ``"drop"``.

    Raises
    ------
    ArgumentError
        For ``"premultiply"`` with negative weights or none at all.
    """
    kernel = recipe.kernel
    weighable = kernel.is_non_negative and kernel.total > 0
    if recipe.alpha == "premultiply" and not weighable:
        raise ArgumentError(
            f"alpha 'premultiply' needs a kernel of non-negative weights, and {kernel.name!r} "
            "is none; use keep or drop"
        )
    if recipe.alpha != "auto":
        return recipe.alpha
    offsets = [tap[:2] for tap in kernel.taps((1, 1), recipe.origin, recipe.convolve)]
    return "premultiply" if weighable and offsets != [(0, 0)] else "keep"


def check_recipe(recipe: Recipe) -> None:
    """Refuse what has no meaning for any picture at all.

    Raises
    ------
    ArgumentError
        Names the setting and what would be right.
    """
    for name, word, words in (
        ("combine", recipe.combine, (None, *COMBINATIONS)),
        ("response", recipe.response, RESPONSES),
        ("depth", recipe.depth, DEPTHS),
        ("alpha", recipe.alpha, get_args(Alpha)),
    ):
        if word not in words:
            raise ArgumentError(f"{name} {word!r} is not one of {', '.join(map(str, words))}")
    rates = tuple(step for rate in recipe.dilations for step in rate)
    for name, values in (("dilation", rates), ("stride", recipe.stride)):
        for value in values:
            if not 1 <= value <= LARGEST_STEP:
                raise ArgumentError(f"{name} must be 1 to {LARGEST_STEP} (got {value})")
    if not isfinite(recipe.bias):
        raise ArgumentError(f"bias must be a finite number (got {recipe.bias})")
    if len(recipe.dilations) > 1 and recipe.combine is None:
        raise ArgumentError("several dilations make one output only with combine")
    recipe.kernel.origin(recipe.origin)
    settled_alpha(recipe)
    if recipe.depth != "same":
        choose_response(recipe.response, recipe.kernel, output_dtype(np.uint8, recipe.depth))


def _check_frame(source: np.dtype[Any], colours: int, recipe: Recipe) -> None:
    if recipe.luma and colours not in (1, 3):
        raise ArgumentError(f"luma needs 1 or 3 colour channels (got {colours}); use channels all")
    if recipe.linear and source.kind != "u":
        raise ArgumentError(
            f"linear light is defined for sRGB samples of unsigned integers (got {source}); "
            "float pictures are filtered in the light they are in"
        )


def _plan(
    pixels: NDArray[Any], recipe: Recipe, mode: Alpha, alpha: bool, threads: int | None
) -> _Plan:
    dtype = response_dtype(pixels)
    stencils = [
        place(
            recipe.kernel,
            width=pixels.shape[1],
            dtype=dtype,
            dilation=dilation,
            origin=recipe.origin,
            convolve=recipe.convolve,
            boundary=recipe.boundary,
        )
        for dilation in recipe.dilations
    ]

    def described(*, premultiply: bool) -> Field:
        return colour_field(
            pixels,
            dtype,
            boundary=recipe.boundary,
            fill=recipe.fill,
            alpha=alpha,
            premultiply=premultiply,
            luma=recipe.luma,
            linear=recipe.linear,
        )

    premultiply = mode == "premultiply"
    field = described(premultiply=premultiply)
    straight = None
    if premultiply and _may_vanish(pixels[..., -1], recipe):
        straight = responder(described(premultiply=False), stencils, recipe.combine, threads)
    return _Plan(
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


def _may_vanish(alpha: NDArray[Any], recipe: Recipe) -> bool:
    """Whether filtered alpha can be 0 anywhere."""
    outside = recipe.boundary == "constant" and recipe.fill == 0
    return outside or not bool(alpha.all())


def _colours(plan: _Plan, patch: Patch, scratch: Scratch) -> NDArray[np.floating]:
    """Responses of the colours of a patch, in input units, and of alpha if it is filtered."""
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


def _extremes(plan: _Plan) -> tuple[float, float]:
    """Find the smallest and the largest finite response of a frame."""
    found: list[tuple[float, float]] = []

    def look(patch: Patch, scratch: Scratch) -> None:
        values = _colours(plan, patch, scratch)[..., : plan.colours]
        finite = values[np.isfinite(values)]
        if finite.size:
            found.append((float(finite.min()), float(finite.max())))

    spread(look, plan.patches, plan.threads)
    return (min(low for low, _ in found), max(high for _, high in found)) if found else (0.0, 0.0)


def _fill(plan: _Plan, settled: Fit, samples: NDArray[Any]) -> int:
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
        values = _colours(plan, patch, scratch)
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


def _doubt(plan: _Plan, gain: float) -> float:
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
