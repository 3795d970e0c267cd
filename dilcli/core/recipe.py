"""What is asked of a picture: settings, their check, and the layout that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from dilcli.core.response import COMBINATIONS, DEPTHS, RESPONSES, choose_response, output_dtype
from dilcli.core.treatment import Layout
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from dilcli.core.boundary import Boundary
    from dilcli.core.kernels import Kernel
    from dilcli.core.response import Combination, Depth, Response
    from dilcli.core.treatment import Frame

__all__ = ["Alpha", "Recipe", "check_recipe", "output_layout", "settled_alpha"]

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

    @property
    def weighs_alpha(self) -> bool:
        """Whether alpha weighs colours and is filtered itself."""
        return settled_alpha(self) == "premultiply"

    def layout(self, shape: tuple[int, ...], dtype: DTypeLike, *, alpha: bool) -> Layout:
        """Say what becomes of a frame; see `output_layout`."""
        return output_layout(shape, dtype, self, alpha=alpha)

    def lay_out(self, shape: tuple[int, ...], dtype: DTypeLike, *, alpha: bool) -> Frame:
        """Lay out the filter for a frame; errors as for `dilcli.core.plan.plan_frame`."""
        # That module lays out recipes, and so needs them.
        from dilcli.core.filter_frame import FilterFrame
        from dilcli.core.plan import plan_frame

        return FilterFrame(plan_frame(shape, dtype, self, alpha=alpha))

    def held(self, dtype: DTypeLike) -> int:
        """Give the bytes held for each sample in memory: a cascade has two planes of reals."""
        real = 8 if np.dtype(dtype).itemsize > 2 else 4
        return 2 * real if self.combine == "cascade" else 0

    def remarks(self, shape: tuple[int, ...]) -> tuple[str, ...]:  # noqa: ARG002
        """Say nothing: all that is worth knowing shows when frames are filtered."""
        return ()


def output_layout(
    shape: tuple[int, ...], dtype: DTypeLike, recipe: Recipe, *, alpha: bool
) -> Layout:
    """Say what a recipe makes of a frame, before anything is computed.

    Parameters
    ----------
    shape, dtype, alpha
        Of the input frame, as in `dilcli.core.filtering.filter_frame`.
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
