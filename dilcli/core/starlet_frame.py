"""A change of planes laid out for one frame, as all treatments of pictures are."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dilcli.core.anscombe import anscombe
from dilcli.core.arguments import refuse_non_finite, response_dtype
from dilcli.core.colour import LUMA, full_scale
from dilcli.core.denoise_rows import (
    denoise_reads,
    denoise_rows,
    denoise_whole,
    detail_limits,
    finish_denoising,
    sigma_of_median,
)
from dilcli.core.denoising import Denoising, checked_sigmas
from dilcli.core.filter_frame import array_bytes
from dilcli.core.median import Digits, counts_of, median_magnitudes
from dilcli.core.noise_found import NoiseFound, as_tuples
from dilcli.core.row_blocks import by_rows
from dilcli.core.samples import fit, to_samples
from dilcli.core.starlet_plan import plan_starlet
from dilcli.core.starlet_recipe import Enhancing
from dilcli.core.starlet_rows import (
    plane_rows,
    rebuilt_reads,
    rebuilt_rows,
    rows_of,
    starlet_reads,
)
from dilcli.core.treatment import Treated
from dilcli.core.window import Window, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import DTypeLike, NDArray

    from dilcli.core.starlet_plan import StarletPlan
    from dilcli.core.starlet_recipe import StarletRecipe
    from dilcli.core.treatment import Layout
    from dilcli.core.window import Runs

    Reals = NDArray[np.float64]
    Kept = NDArray[np.int64] | None

__all__ = ["MakeRows", "StarletFrame", "lay_out_starlet"]


class MakeRows(NamedTuple):
    """Asks for rows of the output.

    Attributes
    ----------
    sigmas : tuple of float
        Deviation of the noise in each channel; none where none is removed.
    limits : ndarray of shape (J, C) or None
        Thresholds, where noise is removed.
    """

    sigmas: tuple[float, ...] = ()
    limits: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class StarletFrame:
    """A `dilcli.core.treatment.Frame` whose treatment is a recipe for planes.

    Orders are `dilcli.core.median.Digits` of the finest details, and `MakeRows`.

    Attributes
    ----------
    recipe : StarletRecipe
    shape : (int, int, int)
        Rows, columns and channels of the frame.
    source : dtype
        Of its samples.
    layout : Layout
        Of the frame that is made.
    has_alpha : bool
        Whether the last channel of the frame is alpha, of either kind.
    plan : StarletPlan
        Of the channels that are transformed.
    """

    recipe: StarletRecipe
    shape: tuple[int, int, int]
    source: np.dtype[Any]
    layout: Layout
    has_alpha: bool
    plan: StarletPlan

    @property
    def rows(self) -> int:
        """Rows of outputs."""
        return self.shape[0]

    @property
    def grid(self) -> int:
        """Output rows that are best asked for together: any."""
        return 1

    def reads(self, rows: tuple[int, int], order: Any = None) -> Runs:
        """Say which rows are read for an order about output rows."""
        if isinstance(order, Digits):
            return starlet_reads(self._finest, rows)
        if isinstance(self.recipe.change, Denoising):
            return denoise_reads(self.plan, rows, self.recipe.change.iterations)
        if isinstance(self.recipe.change, Enhancing):
            return rebuilt_reads(self.plan, rows)
        return starlet_reads(self.plan, rows)

    @property
    def _finest(self) -> StarletPlan:
        return replace(self.plan, stencils=self.plan.stencils[:1])

    def held(self, rows: tuple[int, int]) -> int:
        """Give the bytes of planes that are held while output rows are made."""
        read = sum(last - first for first, last in self.reads(rows))
        return read * self.plan.shape[1] * self.plan.shape[2] * 8 * self.recipe.planes

    def scratch(self) -> int:
        """Give the bytes of the arrays that a thread sums in."""
        return array_bytes(self.plan.stencils, self.plan.shape[1] * self.plan.shape[2])

    def settle(self, ask: Callable[[Any], Iterator[Any]]) -> MakeRows:
        """Settle the thresholds; noise that is not known is looked for in all strips."""
        change, channels = self.recipe.change, self.plan.shape[2]
        if not isinstance(change, Denoising):
            return MakeRows()
        if change.known is not None:
            return self._order(checked_sigmas(change.known, channels))
        medians = median_magnitudes(self.shape[0] * self.shape[1], channels, ask)
        return self._order(tuple(sigma_of_median(self.plan, median) for median in medians))

    def _order(self, sigmas: tuple[float, ...]) -> MakeRows:
        change = self.recipe.change
        assert isinstance(change, Denoising)
        return MakeRows(sigmas, detail_limits(self.plan, change.ksigma, sigmas))

    def carry_out(
        self, order: Any, window: Window, rows: tuple[int, int], threads: int | None
    ) -> Any:
        """Count digits of the finest details in some rows, or make the rows."""
        given = self._transformed(window)
        if isinstance(order, Digits):
            return counts_of(next(plane_rows(self._finest, given, rows, threads)), order)
        change, kept = self.recipe.change, None
        if isinstance(change, Denoising):
            values, kept = denoise_rows(
                self.plan,
                given,
                rows,
                order.limits,
                change.threshold,
                iterations=change.iterations,
                threads=threads,
            )
        elif isinstance(change, Enhancing):
            values = rebuilt_rows(self.plan, given, rows, _scaling(change, threads), threads)
        else:
            # The last one; unpacking would hold them all.
            values = deque(plane_rows(self.plan, given, rows, threads), maxlen=1)[0]
        return self._made(values, kept, window, given, rows, threads=threads)

    def whole(self, pixels: NDArray[Any], threads: int | None) -> tuple[Treated, MakeRows]:
        """Treat a frame in memory; noise is looked for in the details that are there anyway."""
        window, rows, change = whole(pixels), (0, self.rows), self.recipe.change
        if not isinstance(change, Denoising):
            return self.carry_out(MakeRows(), window, rows, threads), MakeRows()
        given, known = self._transformed(window), change.known
        sigmas = None if known is None else checked_sigmas(known, self.plan.shape[2])
        done = denoise_whole(self.plan, given.pixels, change, sigmas, threads=threads)
        made = self._made(done.pixels, done.kept, window, given, rows, threads=threads)
        return made, MakeRows(done.sigmas, done.limits)

    def noise(self, settled: MakeRows, kept: NDArray[np.int64] | None) -> NoiseFound | None:
        """Tell what was found of noise and done about it."""
        change = self.recipe.change
        if kept is None or settled.limits is None or not isinstance(change, Denoising):
            return None
        return NoiseFound(
            settled.sigmas,
            change.known is None,
            as_tuples(settled.limits),
            as_tuples(kept / (self.shape[0] * self.shape[1])),
        )

    def _transformed(self, window: Window) -> Window:
        """Give what is transformed of some rows: colours, their luma, or stable noise."""
        response_dtype(window.pixels)
        refuse_non_finite(window.pixels)
        colours = window.pixels[..., : self.shape[2] - self.has_alpha]
        change = self.recipe.change
        if isinstance(change, Denoising) and change.noise is not None:
            colours = anscombe(colours, change.noise)
        elif self.recipe.luma and colours.shape[2] == 3:
            colours = _luma(colours)
        return window._replace(pixels=colours)

    def _made(
        self,
        values: Reals,
        kept: Kept,
        window: Window,
        given: Window,
        rows: tuple[int, int],
        *,
        threads: int | None,
    ) -> Treated:
        """Turn what became of planes into samples, beside what is copied."""
        here: NDArray[Any] = rows_of(window, (rows,))
        colours, change = here[..., : self.shape[2] - self.has_alpha], self.recipe.change
        mixes = self.plan.shape[2] < colours.shape[2]
        before = rows_of(given, (rows,)) if mixes else colours
        if isinstance(change, Denoising):
            finish_denoising(values, before, change, threads)
        samples = np.empty(here.shape, self.layout.dtype)
        how = fit(self.layout.response, self.source, samples.dtype, (-np.inf, np.inf), doubt=np.inf)
        high = full_scale(self.source)
        low = -high - 1 if self.source.kind == "i" else 0.0
        of_alpha = fit("clip", self.source, samples.dtype, (low, high))
        clipped: list[int] = []

        def work(block: slice) -> None:
            part = values[block]
            if mixes:
                # The differences of colours from their luma stay.
                part = colours[block] + (part - before[block])
                if isinstance(change, Denoising) and change.positive:
                    np.maximum(part, 0.0, out=part)
            with np.errstate(over="ignore"):
                clipped.append(to_samples(part, how, samples[block][..., : colours.shape[2]]))
            if self.has_alpha:
                alpha = here[block][..., -1:].astype(np.float64)
                to_samples(alpha, of_alpha, samples[block][..., -1:])

        by_rows(work, here.shape, threads)
        return Treated(samples, sum(clipped), kept)


def _luma(colours: NDArray[Any]) -> Reals:
    total: Reals = np.multiply(colours[..., :1], LUMA[0], dtype=np.float64)
    for channel in (1, 2):
        total += np.multiply(colours[..., channel, np.newaxis], LUMA[channel], dtype=np.float64)
    return total


def _scaling(change: Enhancing, threads: int | None) -> Callable[[int, Window], None]:
    """Multiply planes by their gains."""
    gains = (*change.gains, change.residual_gain)

    def scale(number: int, plane: Window) -> None:
        pixels, gain = plane.pixels, gains[number - 1]
        if gain != 1:
            by_rows(lambda rows: _times(pixels[rows], gain), pixels.shape, threads)

    return scale


def _times(part: Reals, gain: float) -> None:
    part *= gain


def lay_out_starlet(
    shape: tuple[int, ...], source: DTypeLike, recipe: StarletRecipe, *, alpha: bool
) -> StarletFrame:
    """Lay out a recipe for planes for one frame.

    Parameters
    ----------
    shape : tuple of int
        (N,), (H, W) or (H, W, C).
    source : dtype
        Of the samples.
    recipe : StarletRecipe
    alpha : bool
        Whether the last channel is alpha, of either kind.

    Returns
    -------
    StarletFrame

    Raises
    ------
    ArgumentError
        If the recipe has no meaning for such a frame.
    KernelError
        If its kernel is no scaling function.
    """
    samples = np.dtype(source)
    layout = recipe.layout(shape, samples, alpha=alpha)
    flat = len(shape) == 1
    height, width, channels = (*((1, *shape) if flat else shape), 1)[:3]
    colours = channels - alpha
    mixes = recipe.luma and colours == 3
    noise = recipe.change.noise if isinstance(recipe.change, Denoising) else None
    real = mixes or noise is not None
    fill = recipe.fill if noise is None else float(anscombe(recipe.fill, noise))
    plan = plan_starlet(
        shape if flat else (height, width, 1 if mixes else colours),
        np.float64 if real else samples,
        recipe.levels,
        kernel=recipe.kernel,
        boundary=recipe.boundary,
        fill=fill,
        generation=recipe.generation,
    )
    return StarletFrame(recipe, (height, width, channels), samples, layout, alpha, plan)
