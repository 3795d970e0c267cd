"""A filter laid out for a frame does to strips what it does to the whole, and counts its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dilcli.core.filter_frame import FilterFrame, array_bytes
from dilcli.core.filtering import filter_frame
from dilcli.core.kernels import Kernel, parse_kernel
from dilcli.core.plan import plan_frame
from dilcli.core.recipe import Recipe
from dilcli.core.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

PIXELS = np.random.default_rng(0).integers(0, 256, (61, 13, 3), np.uint8)


def _strip(frame: FilterFrame, order: Any, strip: tuple[int, int]) -> Any:
    runs = frame.reads(strip, order)
    window = Window(np.concatenate([PIXELS[a:b] for a, b in runs]), 61, runs)
    return frame.carry_out(order, window, strip, 1)


@pytest.mark.parametrize("response", ["clip", "minmax"])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
def test_strips_are_rows_of_the_whole(response: Any, stride: tuple[int, int]) -> None:
    recipe = Recipe(parse_kernel("sobel-y"), ((5, 2),), response=response, stride=stride)
    frame = FilterFrame(plan_frame(PIXELS.shape, "uint8", recipe))
    strips = [(first, min(first + 7, frame.rows)) for first in range(0, frame.rows, 7)]
    asked: list[Any] = []

    def ask(order: Any) -> Iterator[Any]:
        asked.append(order)
        return (_strip(frame, order, strip) for strip in strips)

    order = frame.settle(ask)
    assert len(asked) == (response == "minmax")
    parts = [_strip(frame, order, strip) for strip in strips]
    whole, settled = frame.whole(PIXELS, 2)
    assert settled == order
    np.testing.assert_array_equal(np.concatenate([part.samples for part in parts]), whole.samples)
    assert sum(part.clipped for part in parts) == whole.clipped
    alone = filter_frame(PIXELS, recipe)
    np.testing.assert_array_equal(whole.samples, alone.samples)
    assert whole.kept is None


def test_a_cascade_holds_planes_and_nothing_else_does() -> None:
    rates = ((1, 1), (2, 2))
    for combine, planes in (("sum", 0), ("cascade", 1)):
        recipe = Recipe(parse_kernel("b3"), rates, combine)  # type: ignore[arg-type]
        frame = FilterFrame(plan_frame((500, 40, 3), "uint8", recipe))
        rows = 100 + 2 * 4
        assert frame.held((200, 300)) == planes * rows * 40 * 3 * 4
        assert recipe.held("uint8") == planes * 8
        assert recipe.held("uint32") == planes * 16


def test_colours_that_are_weighed_or_mixed_take_more_arrays() -> None:
    def scratch(shape: tuple[int, ...] = (90, 90, 4), **settings: Any) -> int:
        recipe = Recipe(parse_kernel("box"), **settings)
        alpha = "alpha" in settings
        return FilterFrame(plan_frame(shape, "uint8", recipe, alpha=alpha)).scratch()

    plain = scratch()
    assert plain == array_bytes(
        plan_frame((90, 90, 4), "uint8", Recipe(parse_kernel("box"))).stencils, 360
    )
    assert scratch(alpha="premultiply") == 4 * plain
    assert scratch(linear=True) == 2 * plain


def test_transforms_take_their_own() -> None:
    weights = np.random.default_rng(1).normal(size=(45, 45))
    kernel = Kernel(tuple(map(tuple, weights.tolist())))
    plan = plan_frame((900, 900), "uint8", Recipe(kernel))
    assert plan.stencils[0].method == "fourier"
    assert array_bytes(plan.stencils, 900) == 96 << 20
    small = plan_frame((900, 900), "uint8", Recipe(parse_kernel("box")))
    assert 0 < array_bytes(small.stencils, 900) < 16 << 20
