"""What is asked of a picture in terms of its planes: noise removed, gains, or the background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dilcli.core.denoising import Denoising, checked_sigmas
from dilcli.core.levels import checked_levels, level_values
from dilcli.core.response import DEPTHS, output_dtype
from dilcli.core.scaling import scaling_taps
from dilcli.core.starlet_plan import plan_starlet
from dilcli.core.treatment import Layout
from dilcli.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike

    from dilcli.core.boundary import Boundary
    from dilcli.core.kernels import Kernel
    from dilcli.core.response import Depth
    from dilcli.core.treatment import Frame

__all__ = [
    "Background",
    "Enhancing",
    "Planes",
    "StarletRecipe",
    "check_starlet",
    "deep_levels",
    "enhancing",
]

#: Larger numbers are said as powers.
_READABLE = 10**9


@dataclass(frozen=True, slots=True)
class Enhancing:
    """Factors of the planes; `enhancing` checks them.

    Attributes
    ----------
    gains : tuple of float
        Of each level, level 1 first.
    residual_gain : float
        0 removes the background.
    """

    gains: tuple[float, ...]
    residual_gain: float = 1.0


@dataclass(frozen=True, slots=True)
class Background:
    """The residual alone."""


@dataclass(frozen=True, slots=True)
class Planes:
    """All planes as they are, for files of their own.

    Attributes
    ----------
    samples : {"float32", "float64", "uint16"}
        Their type.
    """

    samples: str


@dataclass(frozen=True, slots=True)
class StarletRecipe:
    """Settings of one output.

    Attributes
    ----------
    change : Denoising or Enhancing or Background or Planes
        What happens to the planes.
    levels, boundary, fill, generation
        As in `dilcli.starlet`.
    kernel : Kernel
        The scaling function.
    luma : bool
        Change the luma of colours alone: their differences from it stay.
    depth : {"same", "8", "16", "float"}
        As in `dilcli.core.response`.
    """

    change: Denoising | Enhancing | Background | Planes
    kernel: Kernel
    levels: int = 4
    boundary: Boundary = "reflect"
    fill: float = 0.0
    generation: int = 1
    luma: bool = False
    depth: Depth = "same"

    @property
    def weighs_alpha(self) -> bool:
        """Whether alpha weighs colours: it is copied, like all that is no colour."""
        return False

    def layout(self, shape: tuple[int, ...], dtype: DTypeLike, *, alpha: bool) -> Layout:
        """Say what becomes of a frame: the same, of another depth at most.

        Raises
        ------
        ArgumentError
            If the recipe has no meaning for such a frame.
        KernelError
            If the kernel is no scaling function.
        """
        if len(shape) not in (1, 2, 3) or 0 in shape:
            raise ArgumentError(
                f"picture of shape {shape} cannot be transformed; "
                "want (N,), (H, W) or (H, W, C) with no side 0"
            )
        colours = (shape[2] if len(shape) == 3 else 1) - alpha
        self._check(colours)
        plan_starlet((1, 1, max(colours, 1)), dtype, 1, kernel=self.kernel, boundary=self.boundary)
        if isinstance(self.change, Planes):
            shape = shape if not alpha else (*shape[:2], colours) if colours > 1 else shape[:2]
            return Layout(shape, np.dtype(self.change.samples), False, "raw")
        output = output_dtype(dtype, self.depth)
        return Layout(shape, output, alpha, "raw" if output.kind == "f" else "clip")

    def _check(self, colours: int) -> None:
        if self.depth not in DEPTHS:
            raise ArgumentError(f"depth {self.depth!r} is not one of {', '.join(DEPTHS)}")
        if self.luma and colours not in (1, 3):
            raise ArgumentError(
                f"luma needs 1 or 3 colour channels (got {colours}); use channels all"
            )
        _check_luma(self)
        if isinstance(self.change, Denoising) and self.change.sigma is not None:
            checked_sigmas(self.change.sigma, 1 if self.luma else colours)

    def lay_out(self, shape: tuple[int, ...], dtype: DTypeLike, *, alpha: bool) -> Frame:
        """Lay out the transform for a frame; errors as for `layout`."""
        # That module lays out recipes, and so needs them.
        from dilcli.core.starlet_frame import lay_out_starlet

        return lay_out_starlet(shape, dtype, self, alpha=alpha)

    def held(self, dtype: DTypeLike) -> int:  # noqa: ARG002
        """Give the bytes held for each sample in memory, beside input and output."""
        return 8 * self.planes

    @property
    def planes(self) -> int:
        """How many planes of float64 are held at the most; measured."""
        count = 4 if self.generation == 1 else self.levels + 4
        if isinstance(self.change, Denoising):
            count += (self.change.noise is not None) + 2 * (self.change.iterations > 1)
        return count + self.luma

    def remarks(self, shape: tuple[int, ...]) -> tuple[str, ...]:
        """Say which levels are larger than a picture."""
        return tuple(deep_levels(self.levels, min(shape[:2])))


def enhancing(levels: int, gains: float | Sequence[float], residual_gain: float = 1.0) -> Enhancing:
    """Check factors of planes.

    Parameters
    ----------
    levels : int
    gains : float or sequence of float
        Level 1 first; the last one repeats over the levels that follow.
    residual_gain : float

    Returns
    -------
    Enhancing

    Raises
    ------
    ArgumentError
        If there are more than levels, or one is no finite number.
    """
    (residual,) = level_values("residual gain", residual_gain, 1)
    return Enhancing(level_values("gain", gains, checked_levels(levels)), residual)


def deep_levels(levels: int, side: int) -> list[str]:
    """Say that the coarsest levels are larger than a picture, if they are.

    Parameters
    ----------
    levels : int
    side : int
        The shorter side of the picture.

    Returns
    -------
    list of str
        One sentence or none.
    """
    spacing = 1 << levels
    if spacing <= side:
        return []
    power = f"2^{levels}" + (f" = {spacing}" if spacing < _READABLE else "")
    return [
        f"{power} exceeds the shorter side of {side}, so that the coarsest planes are made by the "
        "boundary for the most part"
    ]


def _check_luma(recipe: StarletRecipe) -> None:
    change = recipe.change
    if recipe.luma and isinstance(change, Denoising) and change.noise is not None:
        raise ArgumentError(
            "poisson noise is that of channels, not of their luma; use channels all"
        )


def check_starlet(recipe: StarletRecipe) -> None:
    """Refuse what has no meaning for any picture at all.

    Raises
    ------
    ArgumentError
        Names the setting and what would be right.
    KernelError
        If the kernel is no scaling function.
    """
    checked_levels(recipe.levels)
    scaling_taps(recipe.kernel)
    _check_luma(recipe)
    if not np.isfinite(recipe.fill):
        raise ArgumentError(f"fill must be finite (got {recipe.fill:g})")
